//! What a driver is to do next, and what a session has to tell.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::SocketAddr;

use xmpp_jid::FullJid;
use xmpp_xml::Element;

use super::Reason;
use super::discovery::{Family, HostMetaFormat};
use crate::config::TlsMode;
use crate::event::{ClientEvent, Received};
use crate::requests::RequestId;
use crate::time::{Deadline, Instant};

/// What a driver is to do next.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle all of them")]
pub enum SessionOutput<'a> {
    /// Something to tell.
    Event(SessionEvent),
    /// Ask DNS, or the web, and answer now or later.
    LookUp(Lookup),
    /// Open a transport, and say what came of it, now or later:
    /// [`connected`](super::Session::connected) or
    /// [`connect_failed`](super::Session::connect_failed). Several may be on their way.
    Connect(Attempt),
    /// Send of these bytes as many as the transport takes, and say how many
    /// ([`transmitted`](super::Session::transmitted)). On a WebSocket they are one
    /// message, which is sent whole.
    Transmit(AttemptId, &'a [u8]),
    /// All is sent, and nothing more will be: end the transport's writing side, if it has
    /// two.
    Shutdown(AttemptId),
    /// Close the transport, or give up opening it. Nothing it brings counts any more.
    CloseTransport(AttemptId),
    /// Nothing to do but to wait: for an answer, for something to read, and at most until
    /// then. Then poll again.
    Wait(Option<Deadline>),
    /// The session has stopped, and all is closed. It goes on with
    /// [`reconnect_now`](super::Session::reconnect_now) alone.
    Closed,
}

/// What a session has to tell.
#[derive(Debug)]
#[non_exhaustive]
pub enum SessionEvent {
    /// An attempt to connect or to log in at one place failed, and another place is tried.
    AttemptFailed {
        /// Where.
        target: Target,
        /// Why.
        why: Reason,
    },
    /// A stream header of the server's. See
    /// [`Event::HeaderReceived`](crate::Event::HeaderReceived).
    HeaderReceived(Received<'static>),
    /// The TLS handshake is through.
    TlsEstablished,
    /// What only a client is told: a question for SCRAM keys, the proof of
    /// authentication, the server's features.
    Client(ClientEvent<'static>),
    /// Stanzas flow, from here on until [`Offline`](Self::Offline) or
    /// [`Stopped`](Self::Stopped).
    Online {
        /// The address that the server bound.
        jid: FullJid,
        /// Whether the stream before goes on (XEP-0198): what was true of it (presence,
        /// rooms, requests under way) still is. Otherwise all of that is to be done anew.
        resumed: bool,
    },
    /// A message, presence or iq.
    Stanza(Received<'static>),
    /// The answer to a [`request`](super::Session::request), once.
    Answered {
        /// Which request.
        request: RequestId,
        /// The iq, of type `result` or `error`.
        answer: Received<'static>,
    },
    /// A request got no answer in time, or its stream is gone for good.
    Unanswered {
        /// Which request.
        request: RequestId,
    },
    /// Another first-level element, of a namespace that the configuration names.
    Nonza(Received<'static>),
    /// What was to be sent and is not known to have arrived, in the order of sending.
    /// The session has let go of it.
    HandedBack(Vec<Element>),
    /// Not online, and connecting again at that moment.
    Offline {
        /// Why.
        why: Reason,
        /// When.
        retry_at: Instant,
    },
    /// Not online, and not connecting again by itself.
    Stopped {
        /// Why.
        why: Reason,
    },
}

/// Which transport. A number is never used twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub(crate) u64);

/// A transport to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// What to call it by.
    pub id: AttemptId,
    /// Where to.
    pub target: Target,
    /// When it is given up, at the latest.
    pub deadline: Instant,
}

/// Where a transport leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle all of them")]
pub enum Target {
    /// A TCP connection. TLS on it is the session's affair.
    Tcp {
        /// The address.
        address: SocketAddr,
        /// How TLS comes about.
        tls: TlsMode,
    },
    /// A WebSocket with the subprotocol `xmpp` (RFC 7395). TLS below it is the driver's
    /// affair, and so is the certificate, which has to be for the host of the URL. Comes
    /// only if the configuration asks for it.
    WebSocket {
        /// The URL, `wss:`.
        url: String,
    },
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { address, .. } => write!(f, "{} port {}", address.ip(), address.port()),
            Self::WebSocket { url } => f.write_str(url),
        }
    }
}

/// A question. Each is answered by a call that takes it; one that is not counts as
/// failed after [`Timing::lookup`](super::Timing::lookup). An answer that comes too late
/// has no effect.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle all of them")]
pub enum Lookup {
    /// SRV records: [`provide_srv`](super::Session::provide_srv).
    Srv(SrvQuery),
    /// Addresses: [`provide_addresses`](super::Session::provide_addresses).
    Addresses(AddressQuery),
    /// A file of the web: [`provide_host_meta`](super::Session::provide_host_meta).
    /// Comes only if the configuration asks for it.
    HostMeta(HostMetaQuery),
}

/// Which SRV records does this name have?
#[must_use = "the session waits for the answer"]
#[derive(Debug)]
pub struct SrvQuery {
    pub(crate) serial: u64,
    pub(crate) name: String,
}

impl SrvQuery {
    /// The name, with a dot at the end: `_xmpp-client._tcp.example.com.`
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Which addresses of one family does this host have? The two families are asked for at
/// once, so that one that is slow does not hold up the other (RFC 8305 section 3).
#[must_use = "the session waits for the answer"]
#[derive(Debug)]
pub struct AddressQuery {
    pub(crate) serial: u64,
    pub(crate) name: String,
    pub(crate) family: Family,
}

impl AddressQuery {
    /// The name, without a dot at the end.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The family. Where the system gives both at once, both may be given as the answer
    /// to either question, and nothing as the answer to the other.
    pub const fn family(&self) -> Family {
        self.family
    }
}

/// What is in this file?
///
/// # Security
///
/// It is to be fetched over HTTPS, with the certificate of the host of the URL. The
/// session takes the answer's word for where the account's server is.
#[must_use = "the session waits for the answer"]
#[derive(Debug)]
pub struct HostMetaQuery {
    pub(crate) serial: u64,
    pub(super) url: String,
    pub(super) format: HostMetaFormat,
}

impl HostMetaQuery {
    /// Where it is. Fetch no more than
    /// [`HostMetaFormat::MAX_BYTES`](super::discovery::HostMetaFormat::MAX_BYTES).
    pub fn url(&self) -> &str {
        &self.url
    }
}
