//! What a connection needs to know before it begins.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use xmpp_jid::{BareJid, Domainpart, Resourcepart};
use xmpp_sasl::{Secret, client, server};
use xmpp_xml::{Element, Limits, Ns};

pub use self::federation::{DialbackPolicy, FederationConfig};
pub use self::sasl2::{Bind2Client, Sasl2Client, Sasl2Host, ScramUpgrades, TaskLimits};
use crate::accounts::{OwnAccount, XmppPreparation};
use crate::stream_management::StreamManagement;

mod federation;
mod sasl2;

/// A client's side of a client-to-server connection.
///
/// Make one with [`new`](Self::new) and change the fields that do not suit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientConfig {
    /// The account: its domainpart is where the stream goes to and the only name
    /// that the server's certificate is checked against.
    pub account: BareJid,
    /// What proves that the account is ours.
    pub credentials: client::Credentials,
    /// Which SASL mechanisms are acceptable. By default those of the SCRAM family.
    pub sasl: client::Policy,
    /// What is done where the server offers the extensible SASL profile (XEP-0388):
    /// fewer round trips, tokens.
    pub sasl2: Sasl2Client,
    /// The resource to ask for; `None` lets the server choose.
    pub resource: Option<Resourcepart>,
    /// The language of what people write and read on this stream, as `xml:lang`.
    pub lang: Option<String>,
    /// How TLS comes about.
    pub tls: TlsMode,
    /// Where SCRAM's keys are derived from the password.
    pub key_derivation: KeyDerivation,
    /// How many attempts to authenticate may fail on one stream before the client
    /// gives up; RFC 6120 section 6.4.5 recommends two to five retries. 3 by default.
    pub max_failed_logins: u32,
    /// What is wanted of stream management (XEP-0198), where the server offers it:
    /// by default acknowledgements and resumption. `None`: nothing.
    pub stream_management: Option<StreamManagement>,
    /// What becomes of requests that the application leaves alone.
    pub unanswered: UnansweredRequests,
    /// What the server may send.
    pub limits: StreamLimits,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// Namespaces of first-level elements other than stanzas that the caller
    /// wants as [`Event::Nonza`](crate::Event::Nonza). Any other ends the stream.
    pub nonzas: Vec<Ns<'static>>,
}

impl ClientConfig {
    /// For an account and its credentials, with the defaults of each field:
    /// STARTTLS is required, the mechanism must prove the server's identity,
    /// a whitespace keepalive goes out after five silent minutes, and a ping after ten
    /// minutes in which nothing came.
    pub fn new(account: BareJid, credentials: client::Credentials) -> Self {
        Self {
            account,
            credentials,
            sasl: client::Policy::default().preparation(&XmppPreparation),
            sasl2: Sasl2Client::default(),
            resource: None,
            lang: None,
            tls: TlsMode::StartTls,
            key_derivation: KeyDerivation::InPlace,
            max_failed_logins: 3,
            stream_management: Some(StreamManagement::of_client()),
            unanswered: UnansweredRequests::Refuse,
            limits: StreamLimits::of_client(),
            timeouts: Timeouts::of_client(),
            nonzas: Vec::new(),
        }
    }
}

/// A server's side of a client-to-server connection, before the host is known.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// How TLS comes about. With [`TlsMode::StartTls`] it is required: nothing
    /// else is offered before it.
    pub tls: TlsMode,
    /// What clients may send.
    pub limits: StreamLimits,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// How many attempts to authenticate may fail on one stream before it is
    /// closed; RFC 6120 section 6.4.5 recommends two to five retries. 3 by default.
    pub max_failed_logins: u32,
    /// Namespaces of first-level elements other than stanzas that the caller
    /// wants as [`Event::Nonza`](crate::Event::Nonza). Any other ends the stream.
    pub nonzas: Vec<Ns<'static>>,
    /// Whether white space behind `<starttls/>` is dropped. RFC 6120 section 5.3.3 has
    /// none there, and by default it ends the stream as anything else does that is in
    /// the clear by then; dropped, it means nothing to anybody. go-xmpp, and with it
    /// go-sendxmpp, writes a line feed.
    pub space_behind_starttls: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            tls: TlsMode::StartTls,
            limits: StreamLimits::default(),
            timeouts: Timeouts::of_server(),
            max_failed_logins: 3,
            nonzas: Vec::new(),
            space_behind_starttls: false,
        }
    }
}

/// A component's side of its connection to a server (XEP-0114).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ComponentConfig {
    /// The domain that the component is.
    pub domain: Domainpart,
    /// What server and component both know.
    pub secret: Secret,
    /// What becomes of requests that the application leaves alone.
    pub unanswered: UnansweredRequests,
    /// What the server may send.
    pub limits: StreamLimits,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// Namespaces of first-level elements other than stanzas that the caller
    /// wants as [`Event::Nonza`](crate::Event::Nonza). Any other ends the stream.
    pub nonzas: Vec<Ns<'static>>,
}

impl ComponentConfig {
    /// For a domain and its secret, with the defaults of each field.
    pub fn new(domain: Domainpart, secret: Secret) -> Self {
        Self {
            domain,
            secret,
            unanswered: UnansweredRequests::Refuse,
            limits: StreamLimits::of_client(),
            timeouts: Timeouts::of_client(),
            nonzas: Vec::new(),
        }
    }
}

/// A server's side of a component's connection (XEP-0114), before the component
/// is known.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ComponentServerConfig {
    /// What components may send.
    pub limits: StreamLimits,
    /// How long things may take. A component may be silent for as long as it
    /// likes: by default there is no idle deadline but a keepalive.
    pub timeouts: Timeouts,
    /// Namespaces of first-level elements other than stanzas that the caller
    /// wants as [`Event::Nonza`](crate::Event::Nonza). Any other ends the stream.
    pub nonzas: Vec<Ns<'static>>,
}

impl Default for ComponentServerConfig {
    fn default() -> Self {
        Self {
            limits: StreamLimits::default(),
            timeouts: Timeouts::of_client(),
            nonzas: Vec::new(),
        }
    }
}

/// A host that a server serves: the answer to
/// [`ServerEvent::HostWanted`](crate::ServerEvent::HostWanted).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HostConfig {
    /// The domain, which is the `from` of the stream header and the domainpart
    /// of its accounts.
    pub domain: Domainpart,
    /// The language of the stream, as `xml:lang`; RFC 6120 section 4.7.4 wants one.
    pub lang: String,
    /// Which SASL mechanisms to offer.
    pub policy: server::Policy,
    /// What the SASL exchanges need; of SCRAM, the mechanisms are offered that
    /// accounts have [keys](server::Config::account_keys) for.
    pub sasl: server::Config,
    /// What is offered of the extensible SASL profile (XEP-0388).
    pub sasl2: Sasl2Host,
    /// Which stream management (XEP-0198) clients are offered; `None`, which is the
    /// default, for none. With [resumption](StreamManagement::resume) the driver is
    /// asked for sessions by
    /// [`ResumeWanted`](crate::ServerEvent::ResumeWanted).
    pub stream_management: Option<StreamManagement>,
    /// Stream features for authenticated clients, beside resource binding: what
    /// the program above the stream can do (roster versions, say).
    pub features: Vec<Element>,
}

impl HostConfig {
    /// A host with STARTTLS required and the language `en`. An authorization
    /// identity has to be the account's own bare JID (RFC 6120 section 6.3.8);
    /// change [`sasl`](Self::sasl) afterwards for another rule.
    pub fn new(domain: Domainpart, sasl: server::Config) -> Self {
        let sasl =
            sasl.authorization(OwnAccount::new(domain.clone())).preparation(&XmppPreparation);
        Self {
            domain,
            lang: String::from("en"),
            policy: server::Policy::default(),
            sasl,
            sasl2: Sasl2Host::default(),
            stream_management: None,
            features: Vec::new(),
        }
    }
}

/// How TLS comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TlsMode {
    /// Through STARTTLS, without which nothing else happens (RFC 6120 section 5).
    #[default]
    StartTls,
    /// From the transport's first byte (XEP-0368): the connection waits for
    /// `tls_established` before anything else.
    Direct,
    /// Not at all: for tests, and for transports that are protected otherwise.
    /// Whoever can read the bytes on the way reads everything, and whoever can
    /// change them can do everything. The SASL policies are taken to [allow
    /// it](client::Policy::allow_without_tls).
    DangerousPlaintext,
}

/// Where SCRAM's keys are derived from the password. PBKDF2 is slow on purpose:
/// tens of milliseconds, up to seconds on a small machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KeyDerivation {
    /// Within the call that finds that they are needed: for threads that may
    /// block, and for tests.
    #[default]
    InPlace,
    /// By the driver: [`ClientEvent::KeysWanted`](crate::ClientEvent::KeysWanted)
    /// asks for them. For event loops and browsers.
    Queried,
}

/// What becomes of an iq request that the application leaves alone: neither answers
/// before it polls again, nor [claims](crate::Connection::claim) to answer it later.
/// RFC 6120 section 8.2.3 has each request answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UnansweredRequests {
    /// The connection answers it with `service-unavailable` (`6120-8.4-12`), and one that
    /// is malformed with `bad-request`, which the application does not get to see
    /// (`6120-8.2.3-03`). What the application sends with the `id` of the request, to who
    /// sent it, is its answer.
    #[default]
    Refuse,
    /// Nothing: the application sees to all of them itself. So it is in a server's end of
    /// a stream, whose requests are for the router.
    Leave,
}

/// Limits of what the peer may send, before and after it has authenticated.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StreamLimits {
    /// Until authentication is through: stream headers, features and SASL only.
    pub unauthenticated: Limits,
    /// From then on.
    pub authenticated: Limits,
    /// The largest stanza, in bytes, that `send` writes. A client lowers it to what
    /// the server announces (XEP-0478).
    pub send: usize,
    /// How many of our own requests may wait for an answer at a time. 256 by default.
    pub requests: usize,
    /// While more than this many bytes wait to be sent, the packaged tier reads
    /// no more: a peer that does not read is not answered without end. 256 KiB by
    /// default.
    pub backlog: usize,
}

/// What a server adds to a stanza that it took from a client before it passes
/// it on: a `from` (at most 3071 bytes, RFC 7622 section 3), the declarations of
/// the stream header (4 KiB), a delay stamp. A client takes as much more than a
/// server does, so that nobody can end another's session with a stanza that was
/// just within the server's limit.
const ADDED_BYTES: u32 = 16 << 10;

impl StreamLimits {
    /// The limits of a client and a component. What a server with the default
    /// limits may pass on to it fits, and what it sends fits those of the server.
    pub fn of_client() -> Self {
        let server = Self::default();
        let taken = server.authenticated.max_element_bytes;
        Self {
            authenticated: server.authenticated.max_element_bytes(taken + ADDED_BYTES),
            send: taken as usize,
            ..server
        }
    }

    /// What the packaged tier holds of received bytes at most: room for the largest
    /// element, and for the beginning of the next. A codec for WebSockets needs to
    /// take no larger message.
    pub fn max_message_bytes(&self) -> usize {
        let bytes = usize::try_from(self.authenticated.max_element_bytes);
        bytes.map_or(usize::MAX, |bytes| bytes.saturating_add(16 << 10))
    }
}

impl Default for StreamLimits {
    /// The limits of a server: 256 KiB a stanza, and 16 KiB more of what it sends,
    /// which it took from elsewhere and added to. It announces them (XEP-0478).
    fn default() -> Self {
        let authenticated = Limits::default();
        Self {
            unauthenticated: Limits::unauthenticated(),
            authenticated,
            send: (authenticated.max_element_bytes + ADDED_BYTES) as usize,
            requests: 256,
            backlog: 256 << 10,
        }
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// From the first byte to the bound resource, answers to queries included.
    /// 60 seconds by default.
    pub negotiation: Duration,
    /// Send a space after this long without having sent anything (RFC 6120
    /// section 4.6.1); `None` for never. A client that sends them does so within half of
    /// the time that the server announces (XEP-0478), if that is sooner.
    pub keepalive: Option<Duration>,
    /// Ask the peer whether it is there (XEP-0199) after this long without having received
    /// anything (RFC 6120 section 4.6.4: not more often than every five minutes, and
    /// rather by clients); `None` for never. Whatever comes then is a sign of life, an
    /// error as well. Components and their servers do not ask.
    pub ping: Option<Duration>,
    /// End the stream, with `connection-timeout`, if nothing comes for this long after the
    /// ping. 60 seconds by default.
    pub pong: Duration,
    /// End the stream after this long without having received anything
    /// (RFC 6120 section 4.6.4); `None` for never.
    pub idle: Option<Duration>,
    /// How long to wait for the peer's closing stream tag; and once the streams
    /// are over, how long to try to send what the peer is still owed. 5 seconds by
    /// default.
    pub close: Duration,
    /// After this long without a byte either way the packaged tier gives the
    /// memory of its buffers back. 10 seconds by default.
    pub quiet: Duration,
}

impl Timeouts {
    /// The timeouts of who opens the connection: a keepalive after five silent minutes, a ping
    /// after ten in which nothing came.
    pub const fn of_client() -> Self {
        Self {
            negotiation: Duration::from_secs(60),
            keepalive: Some(Duration::from_secs(300)),
            ping: Some(Duration::from_secs(600)),
            pong: Duration::from_secs(60),
            idle: None,
            close: Duration::from_secs(5),
            quiet: Duration::from_secs(10),
        }
    }

    /// The timeouts of a server: a client that is silent for half an hour is gone.
    pub const fn of_server() -> Self {
        Self {
            keepalive: None,
            ping: None,
            idle: Some(Duration::from_secs(30 * 60)),
            ..Self::of_client()
        }
    }
}
