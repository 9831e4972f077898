//! What a session needs to know before it begins.

use alloc::string::String;
use core::time::Duration;

use xmpp_sasl::client::Pinning;

use super::Backoff;
use super::discovery::Place;
use crate::config::ClientConfig;

/// How a client stays online.
///
/// Make one with [`new`](Self::new) and change the fields that do not suit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionConfig {
    /// What each of the connections is made with. Of its [`tls`](ClientConfig::tls) it
    /// counts alone whether it is
    /// [`DangerousPlaintext`](crate::config::TlsMode::DangerousPlaintext): how TLS comes
    /// about otherwise depends on the place.
    pub client: ClientConfig,
    /// Where to connect to.
    pub destination: Destination,
    /// By what ways to connect, where discovery leaves a choice.
    pub methods: Methods,
    /// Whether to connect again after a loss, or where nobody could be reached.
    /// Without it, one round through the places is made, and what fails stops the
    /// session. `true` by default.
    pub reconnect: bool,
    /// How long to wait between tries.
    pub backoff: Backoff,
    /// How long the steps of connecting may take.
    pub timing: Timing,
    /// Which redirections to follow.
    pub redirects: Redirects,
    /// How many redirections to follow in a row; RFC 6120 section 4.9.3.19 recommends
    /// two to five. 3 by default.
    pub max_redirects: u8,
    /// How strictly to take what was used to authenticate before: less does not do for
    /// the connections that follow. [`Pinning::Class`] by default.
    pub pinning: Option<Pinning>,
    /// What becomes of stanzas that the server had not acknowledged when it lost the
    /// stream for good.
    pub undelivered: Undelivered,
    /// How much to keep of what is sent while offline. `None`, the default: nothing, and
    /// [`send`](super::Session::send) says so. What is true when it is written need not
    /// be when it is sent.
    pub offline_queue: Option<QueueLimits>,
}

impl SessionConfig {
    /// For a client, with the defaults of each field: to where DNS says, by STARTTLS or
    /// TLS from the first byte, again and again.
    pub fn new(client: ClientConfig) -> Self {
        Self {
            client,
            destination: Destination::Domain,
            methods: Methods::default(),
            reconnect: true,
            backoff: Backoff::default(),
            timing: Timing::default(),
            redirects: Redirects::Protected,
            max_redirects: 3,
            pinning: Some(Pinning::Class),
            undelivered: Undelivered::HandBack,
            offline_queue: None,
        }
    }
}

/// Where to connect to. The server's certificate has to be that of the account's domain
/// in any case, but for a WebSocket, whose certificate the driver checks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Destination {
    /// To where DNS says that the account's domain is.
    Domain,
    /// To this place: no SRV records are looked up (RFC 6120 section 3.2.3).
    Place(Place),
    /// To this `wss:` URL (RFC 7395).
    WebSocket(String),
}

/// By what ways to connect, where discovery leaves a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Methods {
    /// To places that SRV records of `_xmpp-client` name, and to the domain itself.
    /// `true` by default.
    pub start_tls: bool,
    /// To places that SRV records of `_xmpps-client` name (XEP-0368). `true` by default.
    pub direct_tls: bool,
    /// To WebSockets that the domain's host-meta file names, once the other ways are
    /// exhausted (XEP-0156). `false` by default: the driver has to know HTTPS and
    /// WebSockets.
    pub web_socket: bool,
}

impl Default for Methods {
    fn default() -> Self {
        Self { start_tls: true, direct_tls: true, web_socket: false }
    }
}

/// How long the steps of connecting may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// A question that is not answered within this time counts as failed. 10 seconds by
    /// default.
    pub lookup: Duration,
    /// How long to wait for IPv6 addresses after IPv4 addresses have come: 50 ms by
    /// default (RFC 8305 section 3).
    pub resolution_delay: Duration,
    /// How long to wait for an attempt before another is made beside it: 250 ms by
    /// default (RFC 8305 section 5).
    pub attempt_delay: Duration,
    /// How long to wait, after the last attempt at the addresses of one host, before the
    /// next host is tried beside it: 2 seconds by default. The order of SRV records is
    /// kept where hosts answer; one that says nothing does not hold up the others.
    pub next_host: Duration,
    /// An attempt that takes longer has failed. 15 seconds by default.
    pub connect: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lookup: Duration::from_secs(10),
            resolution_delay: Duration::from_millis(50),
            attempt_delay: Duration::from_millis(250),
            next_host: Duration::from_secs(2),
            connect: Duration::from_secs(15),
        }
    }
}

/// Which redirections (`see-other-host`) to follow. Wherever they lead, TLS is
/// required as before, and the certificate has to be that of the account's domain
/// (`6120-4.9.3.19-05`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Redirects {
    /// None.
    Never,
    /// Those that came over TLS: nobody else can have sent them.
    #[default]
    Protected,
    /// Also those that came before TLS. Whoever sits on the way can send a client
    /// through the world with them, but gets nothing else of it.
    Always,
}

/// What becomes of stanzas that were sent and not acknowledged, where the stream cannot be
/// resumed (XEP-0198).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Undelivered {
    /// They are handed back
    /// ([`SessionEvent::HandedBack`](super::SessionEvent::HandedBack)). The default:
    /// the server may have delivered them and lost its acknowledgement, and only the
    /// application knows whether saying it twice is better than not at all.
    #[default]
    HandBack,
    /// Messages are sent again, before anything else; the others are handed back, since
    /// presence and requests belong to the stream that is gone. None are sent again if
    /// the server ended the stream over something that it was sent.
    ResendMessages,
}

/// How much to keep of what is sent while offline. What does not fit is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueLimits {
    /// How many stanzas are kept at most.
    pub stanzas: usize,
    /// How many bytes of them are kept at most.
    pub bytes: usize,
}

impl Default for QueueLimits {
    /// 100 stanzas, 256 KiB.
    fn default() -> Self {
        Self { stanzas: 100, bytes: 256 << 10 }
    }
}
