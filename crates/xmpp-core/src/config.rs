//! What a connection needs to know before it begins.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use xmpp_jid::{BareJid, Domainpart, Resourcepart};
use xmpp_sasl::{client, server};
use xmpp_xml::{Element, Limits, Ns};

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
    /// The resource to ask for; `None` lets the server choose.
    pub resource: Option<Resourcepart>,
    /// The language of what people write and read on this stream, as `xml:lang`.
    pub lang: Option<String>,
    /// How TLS comes about.
    pub tls: TlsMode,
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
    /// and a whitespace keepalive goes out after five silent minutes.
    pub fn new(account: BareJid, credentials: client::Credentials) -> Self {
        Self {
            account,
            credentials,
            sasl: client::Policy::default(),
            resource: None,
            lang: None,
            tls: TlsMode::StartTls,
            limits: StreamLimits::default(),
            timeouts: Timeouts {
                negotiation: Duration::from_secs(60),
                keepalive: Some(Duration::from_secs(300)),
                idle: None,
                close: Duration::from_secs(5),
            },
            nonzas: Vec::new(),
        }
    }
}

/// A server's side of a client-to-server connection, before the host is known.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Whether the transport is TLS from its first byte (XEP-0368): the
    /// connection then waits for `tls_established` before it reads anything.
    pub direct_tls: bool,
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
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            direct_tls: false,
            limits: StreamLimits::default(),
            timeouts: Timeouts {
                negotiation: Duration::from_secs(60),
                keepalive: None,
                idle: Some(Duration::from_secs(30 * 60)),
                close: Duration::from_secs(5),
            },
            max_failed_logins: 3,
            nonzas: Vec::new(),
        }
    }
}

/// A host that a server serves: the answer to
/// [`Event::HostWanted`](crate::Event::HostWanted).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HostConfig {
    /// The domain, which is the `from` of the stream header and the domainpart
    /// of its accounts.
    pub domain: Domainpart,
    /// The language of the stream, as `xml:lang`; RFC 6120 section 4.7.4 wants one.
    pub lang: String,
    /// Whether clients may authenticate without TLS. Off by default; anybody on
    /// the way then reads everything.
    pub dangerous_plaintext: bool,
    /// Which SASL mechanisms to offer.
    pub policy: server::Policy,
    /// What the SASL exchanges need; of SCRAM, the mechanisms are offered that
    /// accounts have [keys](server::Config::account_keys) for.
    pub sasl: server::Config,
    /// Stream features for authenticated clients, beside resource binding: what
    /// the program above the stream can do (roster versions, say).
    pub features: Vec<Element>,
}

impl HostConfig {
    /// A host with STARTTLS required and the language `en`. An authorization
    /// identity has to be the account's own bare JID (RFC 6120 section 6.3.8);
    /// change [`sasl`](Self::sasl) afterwards for another rule.
    pub fn new(domain: Domainpart, sasl: server::Config) -> Self {
        let sasl = sasl.authorization(server::AuthcidAt::new(domain.as_str()));
        Self {
            domain,
            lang: String::from("en"),
            dangerous_plaintext: false,
            policy: server::Policy::default(),
            sasl,
            features: Vec::new(),
        }
    }
}

/// How TLS comes about on a client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TlsMode {
    /// Through STARTTLS, without which nothing else happens (RFC 6120 section 5).
    #[default]
    StartTls,
    /// From the transport's first byte (XEP-0368).
    Direct,
    /// Not at all: for tests, and for transports that are protected otherwise.
    /// Whoever can change the bytes on the way can do everything.
    DangerousPlaintext,
}

/// Limits of what the peer may send, before and after it has authenticated.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StreamLimits {
    /// Until authentication is through: stream headers, features and SASL only.
    pub unauthenticated: Limits,
    /// From then on.
    pub authenticated: Limits,
    /// The largest stanza, in bytes, that `send` writes.
    pub send: usize,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self {
            unauthenticated: Limits::unauthenticated(),
            authenticated: Limits::default(),
            send: 1 << 20,
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
    /// section 4.6.1); `None` for never.
    pub keepalive: Option<Duration>,
    /// End the stream after this long without having received anything
    /// (RFC 6120 section 4.6.4); `None` for never.
    pub idle: Option<Duration>,
    /// How long to wait for the peer's closing stream tag. 5 seconds by default.
    pub close: Duration,
}
