//! What a connection has to tell.

use core::fmt;

use xmpp_jid::{BareJid, FullJid, Resourcepart};
use xmpp_stanza::StanzaRef;
use xmpp_stanza::sasl::SaslCondition;
use xmpp_xml::{Element, ElementRef};

/// What a connection has to tell. Borrows from the receive buffer alone, so
/// the connection can be used while an event is looked at.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'b> {
    /// The peer's stream header, one for each stream: after the start, after
    /// TLS, after authentication (RFC 6120 section 4.7).
    HeaderReceived(Received<'b>),
    /// The receiving entity's stream features (RFC 6120 section 4.3.2). The
    /// connection has already acted on them.
    FeaturesReceived(Received<'b>),
    /// The client's header names a host: answer with
    /// [`choose_host`](crate::Connection::choose_host) or
    /// [`refuse_host`](crate::Connection::refuse_host).
    HostWanted(HostQuery),
    /// Both sides have agreed on TLS: send what is in `tx`, shake hands, and call
    /// [`tls_established`](crate::Connection::tls_established).
    StartTls,
    /// The TLS handshake is through. From the packaged tier only.
    TlsEstablished,
    /// An account is asked for: answer with
    /// [`provide_credentials`](crate::Connection::provide_credentials).
    CredentialsWanted(CredentialsQuery),
    /// An attempt to authenticate failed. The stream goes on.
    AuthenticationFailed {
        /// What the client was told.
        condition: SaslCondition,
    },
    /// Authentication has succeeded, and both sides have proved what the
    /// mechanism lets them prove.
    Authenticated {
        /// The account that was authenticated.
        account: BareJid,
        /// The mechanism that did it.
        mechanism: xmpp_sasl::Mechanism,
    },
    /// The client asks for a resource: answer with
    /// [`bind`](crate::Connection::bind) or
    /// [`refuse_bind`](crate::Connection::refuse_bind).
    BindWanted(BindQuery),
    /// The stream is ready for stanzas.
    Established {
        /// The address that the server bound.
        jid: FullJid,
        /// Whether an earlier stream goes on (XEP-0198).
        resumed: bool,
    },
    /// A message, presence or iq.
    Stanza(Received<'b>),
    /// Another first-level element, of a namespace that the configuration names.
    Nonza(Received<'b>),
    /// The peer has closed its stream, and so have we. Nothing comes after it.
    PeerClosed,
}

impl Event<'_> {
    /// The same event, free of the receive buffer. Copies a stanza's bytes into
    /// one shared allocation and its tape into another.
    pub fn into_shared(self) -> Event<'static> {
        match self {
            Self::HeaderReceived(header) => Event::HeaderReceived(header.into_shared()),
            Self::FeaturesReceived(features) => Event::FeaturesReceived(features.into_shared()),
            Self::HostWanted(query) => Event::HostWanted(query),
            Self::StartTls => Event::StartTls,
            Self::TlsEstablished => Event::TlsEstablished,
            Self::CredentialsWanted(query) => Event::CredentialsWanted(query),
            Self::AuthenticationFailed { condition } => Event::AuthenticationFailed { condition },
            Self::Authenticated { account, mechanism } => {
                Event::Authenticated { account, mechanism }
            }
            Self::BindWanted(query) => Event::BindWanted(query),
            Self::Established { jid, resumed } => Event::Established { jid, resumed },
            Self::Stanza(stanza) => Event::Stanza(stanza.into_shared()),
            Self::Nonza(nonza) => Event::Nonza(nonza.into_shared()),
            Self::PeerClosed => Event::PeerClosed,
        }
    }
}

/// A received first-level element or stream header: borrowed from the receive
/// buffer, or shared.
#[derive(Clone)]
pub struct Received<'b>(Storage<'b>);

#[derive(Clone)]
enum Storage<'b> {
    Borrowed(ElementRef<'b>),
    Shared(Element),
}

impl<'b> Received<'b> {
    pub(crate) const fn borrowed(element: ElementRef<'b>) -> Self {
        Self(Storage::Borrowed(element))
    }

    /// The element.
    pub fn element(&self) -> ElementRef<'_> {
        match &self.0 {
            Storage::Borrowed(element) => *element,
            Storage::Shared(element) => element.as_ref(),
        }
    }

    /// A view for routing, without a copy: which stanza it is, of which type,
    /// to and from whom. `None` if it is no stanza but a header or a nonza.
    pub fn stanza(&self) -> Option<StanzaRef<'_>> {
        StanzaRef::new(self.element())
    }

    /// The same, free of the receive buffer.
    pub fn into_shared(self) -> Received<'static> {
        Received(Storage::Shared(self.into_element()))
    }

    /// The element as a value of its own. A shared one costs nothing more.
    pub fn into_element(self) -> Element {
        match self.0 {
            Storage::Borrowed(element) => element.into_shared(),
            Storage::Shared(element) => element,
        }
    }
}

impl fmt::Debug for Received<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What people write to each other is not for logs; the names suffice.
        let element = self.element();
        f.debug_struct("Received")
            .field("name", &element.name())
            .field("ns", &element.ns())
            .finish_non_exhaustive()
    }
}

/// Which host shall serve this stream?
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct HostQuery {
    pub(crate) serial: u32,
    pub(crate) to: Option<xmpp_jid::Domainpart>,
    pub(crate) from: Option<BareJid>,
}

impl HostQuery {
    /// The `to` of the stream header; `None` if the client left it out
    /// (`6120-4.7.2-01` says that it must not). A malformed one never gets here:
    /// it is answered with `host-unknown`.
    pub const fn to(&self) -> Option<&xmpp_jid::Domainpart> {
        self.to.as_ref()
    }

    /// Who the client says it is. Nothing has been proved yet.
    pub const fn from(&self) -> Option<&BareJid> {
        self.from.as_ref()
    }
}

/// What does the server know of this account?
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct CredentialsQuery {
    pub(crate) serial: u32,
    pub(crate) query: xmpp_sasl::server::Query,
}

impl CredentialsQuery {
    /// The mechanism's own question: whose credentials, for which hash.
    pub const fn query(&self) -> &xmpp_sasl::server::Query {
        &self.query
    }
}

/// Which resource shall this client have?
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct BindQuery {
    pub(crate) serial: u32,
    pub(crate) account: BareJid,
    pub(crate) resource: Option<Resourcepart>,
}

impl BindQuery {
    /// The authenticated account.
    pub const fn account(&self) -> &BareJid {
        &self.account
    }

    /// The resource that the client would like; `None` leaves it to the server.
    pub const fn resource(&self) -> Option<&Resourcepart> {
        self.resource.as_ref()
    }
}
