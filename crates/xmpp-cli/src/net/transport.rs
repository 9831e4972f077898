//! What a link stands on: a socket, or a WebSocket.

use std::io::{self, Read, Write};

use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use xmpp_core::role::Role;
use xmpp_core::{Endpoint, MessageFault};

use super::websocket::WebSocket;

/// What stands on a transport: an endpoint, or the stream of a session.
pub(super) trait Machine {
    fn transmit(&self) -> &[u8];
    fn transmitted(&mut self, n: usize);
    fn wants_read(&self) -> bool;
    fn write_to(&mut self, transport: &mut impl Write) -> io::Result<()>;
    fn read_from(&mut self, transport: &mut impl Read) -> io::Result<()>;
    fn handle_message(&mut self, message: &[u8]) -> bool;
    fn handle_bad_message(&mut self, fault: MessageFault);
    fn handle_eof(&mut self);
}

impl<R: Role> Machine for Endpoint<R> {
    fn transmit(&self) -> &[u8] {
        self.transmit()
    }

    fn transmitted(&mut self, n: usize) {
        self.transmitted(n);
    }

    fn wants_read(&self) -> bool {
        self.wants_read()
    }

    fn write_to(&mut self, transport: &mut impl Write) -> io::Result<()> {
        self.write_to(transport)
    }

    fn read_from(&mut self, transport: &mut impl Read) -> io::Result<()> {
        self.read_from(transport)
    }

    fn handle_message(&mut self, message: &[u8]) -> bool {
        self.handle_message(message)
    }

    fn handle_bad_message(&mut self, fault: MessageFault) {
        self.handle_bad_message(fault);
    }

    fn handle_eof(&mut self) {
        self.handle_eof();
    }
}

pub(crate) enum Transport {
    Tcp(TcpStream),
    WebSocket(Box<WebSocket>),
}

impl From<TcpStream> for Transport {
    fn from(socket: TcpStream) -> Self {
        // Stanzas are written whole; waiting for more only delays them.
        let _ = socket.set_nodelay(true);
        Self::Tcp(socket)
    }
}

impl From<WebSocket> for Transport {
    fn from(socket: WebSocket) -> Self {
        Self::WebSocket(Box::new(socket))
    }
}

impl Transport {
    /// Waits until something can be done, and does it: sends if there is something to
    /// send, and reads if told so. Says how many bytes were read. Nothing is lost if it
    /// is dropped meanwhile.
    pub(super) async fn turn(
        &mut self,
        endpoint: &mut impl Machine,
        reads: bool,
    ) -> io::Result<u64> {
        let socket = match self {
            Self::Tcp(socket) => socket,
            Self::WebSocket(socket) => return socket.turn(endpoint, reads).await,
        };
        let sends = !endpoint.transmit().is_empty();
        let interest = match (reads, sends) {
            (true, true) => Interest::READABLE | Interest::WRITABLE,
            (true, false) => Interest::READABLE,
            (false, true) => Interest::WRITABLE,
            (false, false) => return core::future::pending().await,
        };
        let ready = socket.ready(interest).await?;
        if sends && ready.is_writable() {
            endpoint.write_to(&mut Ready(socket))?;
        }
        let mut counted = Counted { socket: Ready(socket), read: 0 };
        if reads && ready.is_readable() {
            endpoint.read_from(&mut counted)?;
        }
        Ok(counted.read)
    }

    /// All is sent: ends the writing side.
    pub(super) async fn shutdown(&mut self) {
        match self {
            // If the socket is broken, reading tells.
            Self::Tcp(socket) => _ = socket.shutdown().await,
            Self::WebSocket(socket) => socket.shutdown(),
        }
    }

    /// The streams are over.
    pub(super) async fn finish(&mut self) {
        if let Self::WebSocket(socket) = self {
            socket.finish().await;
        }
    }
}

/// A socket that does not wait, as `std` reads and writes.
struct Ready<'a>(&'a TcpStream);

impl Read for Ready<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for Ready<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Counts what it reads.
struct Counted<'a> {
    socket: Ready<'a>,
    read: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.socket.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}
