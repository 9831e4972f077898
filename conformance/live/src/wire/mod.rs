//! A stream's bytes, over TCP or TLS, on either side.
//!
//! What is sent is sent as it is, right or wrong. What is received is split into stream
//! headers, first-level elements and the end by `xmpp-xml`, and goes into the transcript as
//! the bytes that came.

mod expect;
pub mod tls;

use core::future::Future as _;
use core::pin::pin;
use core::task::{Context, Waker};
use core::time::Duration;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};
use xmpp_xml::{Element, ElementRef, Error, Limits, RecvBuffer, StreamReader};

use crate::record::Direction;
use crate::transcript::Transcript;
use crate::verdict::{Fault, Outcome};

pub use expect::{StanzaError, StreamError};

/// How long is waited for what has to come, unless the wire is told otherwise.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What comes in on a wire.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "nothing else can happen on a wire")]
pub enum Item {
    /// A stream header: its attributes and declarations.
    Header(Element),
    /// A first-level element.
    Element(Element),
    /// The stream's closing tag.
    Closed,
    /// The transport's end: `Err` if it was cut off (a reset, or no `close_notify`).
    End(Result<(), String>),
    /// What is no XML, or not what a stream may have.
    Malformed(Error),
    /// Nothing, for as long as was waited.
    Silence,
}

/// One connection.
pub struct Wire {
    transport: Transport,
    who: String,
    transcript: Transcript,
    rx: RecvBuffer,
    reader: StreamReader,
    /// What has been received and is no part of an item yet.
    raw: Vec<u8>,
    ended: Option<Result<(), String>>,
    /// How long is waited for what has to come.
    pub patience: Duration,
    /// Whether the stream is closed when the case is done with it. Else a session that can
    /// be resumed stays, and gets what the cases behind it send.
    pub farewell: bool,
}

enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Gone,
}

const FAREWELL: &[u8] = b"</stream:stream>";

/// The most that is held of what is not complete.
const ROOM: usize = 4 << 20;

impl Wire {
    /// A connection to a peer. `who` names it in the transcript.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub async fn connect(
        address: impl ToSocketAddrs,
        who: &str,
        transcript: &Transcript,
    ) -> Outcome<Self> {
        let until = Instant::now() + PATIENCE;
        match timeout_at(until, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => Ok(Self::of(stream, who, transcript)),
            Ok(Err(error)) => Err(Fault::Error(format!("no connection: {error}"))),
            Err(_) => Err(Fault::Error("no connection: no answer".into())),
        }
    }

    /// A connection that is there.
    #[must_use]
    pub fn of(stream: TcpStream, who: &str, transcript: &Transcript) -> Self {
        // What is sent is to arrive as it was cut.
        let _ = stream.set_nodelay(true);
        Self {
            transport: Transport::Plain(stream),
            who: who.into(),
            transcript: transcript.clone(),
            rx: RecvBuffer::new(ROOM),
            reader: StreamReader::new(limits()),
            raw: Vec::new(),
            ended: None,
            patience: transcript.patience(),
            farewell: false,
        }
    }

    /// Its name in the transcript.
    #[must_use]
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Another name, once it is known whose it is.
    pub fn rename(&mut self, who: &str) {
        self.who = who.into();
    }

    /// Where it is written down.
    #[must_use]
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Sends bytes as they are. If the peer has gone, that shows in what is read.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.write(bytes.as_ref(), false).await;
    }

    /// The same for the bytes that the case is about.
    pub async fn send_marked(&mut self, bytes: impl AsRef<[u8]>) {
        self.write(bytes.as_ref(), true).await;
    }

    async fn write(&mut self, bytes: &[u8], marked: bool) {
        self.transcript.add(&self.who, Direction::Sent, bytes, marked);
        let written = match &mut self.transport {
            Transport::Plain(stream) => stream.write_all(bytes).await,
            Transport::Tls(stream) => match stream.write_all(bytes).await {
                Ok(()) => stream.flush().await,
                Err(error) => Err(error),
            },
            Transport::Gone => Ok(()),
        };
        if let Err(error) = written {
            self.transcript.note(&self.who, &format!("cannot be sent: {error}"));
        }
    }

    /// Ends the sending side: TLS's `close_notify`, then TCP's.
    pub async fn end(&mut self) {
        self.transcript.note(&self.who, "we end the transport");
        let _ = match &mut self.transport {
            Transport::Plain(stream) => stream.shutdown().await,
            Transport::Tls(stream) => stream.shutdown().await,
            Transport::Gone => Ok(()),
        };
    }

    /// Cuts the connection off, without any farewell.
    pub fn cut(&mut self) {
        self.transcript.note(&self.who, "we cut the connection");
        self.transport = Transport::Gone;
        self.ended = Some(Ok(()));
    }

    /// What comes next, waited for with patience.
    pub async fn item(&mut self) -> Item {
        self.item_until(Instant::now() + self.patience).await
    }

    /// What comes next until then.
    pub async fn item_until(&mut self, until: Instant) -> Item {
        loop {
            match self.take_item() {
                Ok(Some(item)) => return item,
                Ok(None) => {}
                Err(error) => {
                    self.write_down_rest();
                    return Item::Malformed(error);
                }
            }
            match self.read(until).await {
                Some(0) => {
                    self.write_down_rest();
                    return Item::End(self.ended.clone().unwrap_or(Ok(())));
                }
                Some(_) => {}
                None => return Item::Silence,
            }
        }
    }

    /// Whether anything has come that is no part of an item yet.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        !self.rx.unread_is_space()
    }

    /// Reads to the transport's end and throws away what comes; what is no XML as well.
    /// `None` if the end does not come while there is patience.
    pub async fn drain(&mut self) -> Option<Result<(), String>> {
        let until = Instant::now() + self.patience;
        loop {
            match self.read(until).await {
                Some(0) => {
                    self.write_down_rest();
                    return self.ended.clone();
                }
                Some(_) => {
                    self.write_down_rest();
                    self.rx.clear();
                }
                None => return None,
            }
        }
    }

    fn take_item(&mut self) -> Result<Option<Item>, Error> {
        use xmpp_xml::Item as Read;

        let item = match self.reader.poll(&mut self.rx)? {
            Some(Read::Header(header)) => Item::Header(ElementRef::to_owned(header)),
            Some(Read::Element(element)) => Item::Element(ElementRef::to_owned(element)),
            Some(Read::Closed) => Item::Closed,
            Some(_) | None => return Ok(None),
        };
        let rest = self.rx.unread().min(self.raw.len());
        let behind = self.raw.split_off(self.raw.len() - rest);
        let consumed = core::mem::replace(&mut self.raw, behind);
        self.transcript.add(&self.who, Direction::Received, &consumed, false);
        Ok(Some(item))
    }

    /// Some bytes more; `Some(0)` at the end, `None` if nothing came until then.
    async fn read(&mut self, until: Instant) -> Option<usize> {
        if self.ended.is_some() {
            return Some(0);
        }
        let mut bytes = vec![0; 16 * 1024];
        let read = match &mut self.transport {
            Transport::Plain(stream) => timeout_at(until, stream.read(&mut bytes)).await,
            Transport::Tls(stream) => timeout_at(until, stream.read(&mut bytes)).await,
            Transport::Gone => Ok(Ok(0)),
        };
        match read.ok()? {
            Ok(0) => {
                self.transcript.note(&self.who, "the transport has ended");
                self.ended = Some(Ok(()));
                Some(0)
            }
            Ok(n) => {
                self.raw.extend_from_slice(&bytes[..n]);
                // What does not fit is a violation that the reader reports.
                self.rx.push(&bytes[..n]);
                Some(n)
            }
            Err(error) => {
                self.transcript.note(&self.who, &format!("the transport has ended: {error}"));
                self.ended = Some(Err(error.to_string()));
                Some(0)
            }
        }
    }

    fn write_down_rest(&mut self) {
        let rest = core::mem::take(&mut self.raw);
        if !rest.is_empty() {
            self.transcript.add(&self.who, Direction::Received, &rest, false);
        }
    }

    /// The next thing is a new stream header: after SASL.
    pub fn restart(&mut self) {
        self.reader.restart();
    }

    /// Begins TLS as the one that connects. What stands in the clear behind the last item
    /// is a failure.
    ///
    /// # Errors
    ///
    /// There are bytes in the clear, or the handshake fails.
    pub async fn connect_tls(&mut self, how: &tls::Connect, name: &str) -> Outcome {
        let stream = self.plain_for_tls()?;
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| Fault::Error(format!("{name} is no name for TLS")))?;
        let connector = TlsConnector::from(Arc::clone(&how.config));
        let until = Instant::now() + self.patience;
        match timeout_at(until, connector.connect(name, stream)).await {
            Ok(Ok(stream)) => {
                self.under_tls(TlsStream::Client(stream));
                Ok(())
            }
            Ok(Err(error)) => Err(self.no_tls(&error.to_string())),
            Err(_) => Err(self.no_tls("no answer")),
        }
    }

    /// Begins TLS as the one that was connected to.
    ///
    /// # Errors
    ///
    /// There are bytes in the clear, or the handshake fails.
    pub async fn accept_tls(&mut self, how: &tls::Accept) -> Outcome {
        let stream = self.plain_for_tls()?;
        let acceptor = TlsAcceptor::from(Arc::clone(&how.config));
        let until = Instant::now() + self.patience;
        match timeout_at(until, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                self.under_tls(TlsStream::Server(stream));
                Ok(())
            }
            Ok(Err(error)) => Err(self.no_tls(&error.to_string())),
            Err(_) => Err(self.no_tls("no answer")),
        }
    }

    fn plain_for_tls(&mut self) -> Outcome<TcpStream> {
        if self.has_unread() {
            self.write_down_rest();
            return Err(Fault::Failed("there are bytes in the clear before TLS".into()));
        }
        match core::mem::replace(&mut self.transport, Transport::Gone) {
            Transport::Plain(stream) => Ok(stream),
            Transport::Tls(_) | Transport::Gone => {
                Err(Fault::Error("TLS begins in the clear".into()))
            }
        }
    }

    fn under_tls(&mut self, stream: TlsStream<TcpStream>) {
        let version = stream.get_ref().1.protocol_version();
        let version = version.map(|version| format!("{version:?}")).unwrap_or_default();
        self.transcript.note(&self.who, &format!("TLS is up: {version}"));
        self.transport = Transport::Tls(Box::new(stream));
        self.rx = RecvBuffer::new(ROOM);
        self.reader = StreamReader::new(limits());
        self.raw.clear();
    }

    fn no_tls(&mut self, why: &str) -> Fault {
        self.ended = Some(Err(why.into()));
        self.transcript.note(&self.who, &format!("no TLS: {why}"));
        Fault::Failed(format!("the handshake of TLS fails: {why}"))
    }

    /// What of TLS a channel binding or a check of certificates needs; none in the clear.
    #[must_use]
    pub fn tls_facts(&self) -> Option<tls::Facts> {
        match &self.transport {
            Transport::Tls(stream) => Some(tls::Facts::of(stream)),
            Transport::Plain(_) | Transport::Gone => None,
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.write_down_rest();
        if self.farewell && self.ended.is_none() {
            // At once or not at all: nobody waits any more.
            let transport = &mut self.transport;
            let farewell = pin!(async {
                match transport {
                    Transport::Plain(stream) => stream.write_all(FAREWELL).await,
                    Transport::Tls(stream) => match stream.write_all(FAREWELL).await {
                        Ok(()) => stream.flush().await,
                        Err(error) => Err(error),
                    },
                    Transport::Gone => Ok(()),
                }
            });
            let _ = farewell.poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

/// Wide ones: it is not the suite that is attacked.
fn limits() -> Limits {
    Limits::trusted().max_header_bytes(64 * 1024).max_header_namespaces(64)
}
