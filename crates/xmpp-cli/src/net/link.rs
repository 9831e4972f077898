//! A connection on a tokio socket. Nothing of XMPP is in here: the endpoint
//! says what to send, where to read to and how long to wait.

use core::time::Duration;
use std::io;

use tokio::net::TcpStream;
use tokio::time::sleep;
use xmpp_core::role::Role;
use xmpp_core::time::Clock;
use xmpp_core::{Endpoint, Error, Event};

/// An endpoint, its socket and its clock.
pub(crate) struct Link<R: Role> {
    pub(crate) endpoint: Endpoint<R>,
    socket: TcpStream,
    clock: Clock,
}

/// What ended a link before the stream was closed.
#[derive(Debug)]
pub(crate) enum LinkError {
    /// The stream.
    Stream(Error),
    /// The socket.
    Socket(io::Error),
}

impl<R: Role> Link<R> {
    pub(crate) fn new(endpoint: Endpoint<R>, socket: TcpStream, clock: Clock) -> Self {
        // Stanzas are written whole; waiting for more only delays them.
        let _ = socket.set_nodelay(true);
        Self { endpoint, socket, clock }
    }

    pub(crate) fn now(&self) -> xmpp_core::time::Instant {
        self.clock.now()
    }

    /// The next event; `None` once both sides have closed. Safe to drop and call
    /// again: nothing is lost between two awaits.
    pub(crate) async fn next(&mut self) -> Result<Option<Event<'static>>, LinkError> {
        loop {
            match self.endpoint.poll_event(self.clock.now()) {
                Ok(Some(event)) => return Ok(Some(event)),
                Ok(None) if self.endpoint.is_closed() => return Ok(None),
                Ok(None) => {}
                Err(error) => {
                    self.flush_before_the_end().await;
                    return Err(error.into());
                }
            }
            self.wait().await?;
        }
    }

    /// Sends what is to be sent, without waiting for anything to come.
    pub(crate) async fn flush(&mut self) -> Result<(), LinkError> {
        while !self.endpoint.transmit().is_empty() {
            self.socket.writable().await?;
            match self.socket.try_write(self.endpoint.transmit()) {
                Ok(n) => self.endpoint.transmitted(n),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Waits until something can be read or written or a deadline comes, and does it.
    async fn wait(&mut self) -> Result<(), LinkError> {
        let now = self.clock.now();
        let timeout = self.endpoint.poll_timeout().map(|deadline| deadline.after(now));
        let sends = !self.endpoint.transmit().is_empty();
        let reads = self.endpoint.recv_buf().is_some();
        let ready = match (reads, sends) {
            (true, true) => tokio::io::Interest::READABLE | tokio::io::Interest::WRITABLE,
            (true, false) => tokio::io::Interest::READABLE,
            _ => tokio::io::Interest::WRITABLE,
        };
        let ready = tokio::select! {
            ready = self.socket.ready(ready) => Some(ready?),
            () = sleep(timeout.unwrap_or(Duration::from_secs(86_400))) => None,
        };
        let Some(ready) = ready else {
            if timeout.is_some() {
                // Errors are sticky: the next poll tells.
                let _ = self.endpoint.handle_timeout(self.clock.now());
            }
            return Ok(());
        };
        if ready.is_writable() && sends {
            match self.socket.try_write(self.endpoint.transmit()) {
                Ok(n) => self.endpoint.transmitted(n),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        if let (true, Some(buffer)) = (ready.is_readable(), self.endpoint.recv_buf()) {
            match self.socket.try_read(buffer) {
                Ok(0) => drop(self.endpoint.handle_eof(self.clock.now())),
                Ok(n) => self.endpoint.handle_read(n),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The peer is owed a stream error; it has a second to take it, and another
    /// to hear the end of the connection after it: closing a socket with unread
    /// bytes in it would throw away what was just sent.
    async fn flush_before_the_end(&mut self) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let last_words = async {
            while !self.endpoint.transmit().is_empty() {
                let n = self.socket.write(self.endpoint.transmit()).await?;
                self.endpoint.transmitted(n);
            }
            self.socket.shutdown().await
        };
        let _ = tokio::time::timeout(Duration::from_secs(1), last_words).await;
        let drain = async {
            let mut left = [0; 4096];
            let mut budget = 64 << 20;
            while let Ok(n @ 1..) = self.socket.read(&mut left).await {
                if n > budget {
                    break;
                }
                budget -= n;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(1), drain).await;
    }
}

impl From<Error> for LinkError {
    fn from(error: Error) -> Self {
        Self::Stream(error)
    }
}

impl From<io::Error> for LinkError {
    fn from(error: io::Error) -> Self {
        Self::Socket(error)
    }
}

impl core::fmt::Display for LinkError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Stream(error) => error.fmt(f),
            Self::Socket(error) => write!(f, "the connection broke: {error}"),
        }
    }
}
