//! What a connection has to tell.

mod peer;

use alloc::string::String;
use core::fmt;

use xmpp_jid::BareJid;
use xmpp_sasl::{Mechanism, StoredKeys};
use xmpp_stanza::StanzaRef;
use xmpp_stanza::sasl::{Failure, SaslCondition};
use xmpp_stanza::sm::Failed;
use xmpp_xml::{Element, ElementRef};

use crate::error::Error;
use crate::query::{
    BindQuery, ComponentQuery, CredentialsQuery, HostQuery, IssuedToken, KeysQuery, ResumeQuery,
    TaskDataQuery, TaskQuery, TasksQuery, TokenQuery, UpgradeQuery,
};
use crate::requests::RequestId;
use crate::role::Role;

pub use self::peer::{Direction, PeerEvent, ProvedBy, Refusal, VerificationId};

/// What a connection has to tell. Borrows from the receive buffer alone, so
/// the connection can be used while an event is looked at.
///
/// What any stream can tell is here; what only one role can tell is in
/// [`Role::Event`], so that a driver never matches what it can never get.
#[non_exhaustive]
pub enum Event<'b, R: Role> {
    /// The peer's stream header, one for each stream: after the start, after
    /// TLS, after authentication (RFC 6120 section 4.7).
    HeaderReceived(Received<'b>),
    /// Both sides have agreed on TLS: send what is in `tx`, shake hands, and call
    /// [`tls_established`](crate::Connection::tls_established). The packaged tier
    /// does it by itself.
    StartTls,
    /// The TLS handshake is through. From the packaged tier only.
    TlsEstablished,
    /// The stream is ready for stanzas.
    Established {
        /// The address that the stream is for: the full JID that the server
        /// bound for a client, the domain of a component.
        jid: R::Address,
        /// Whether an earlier stream goes on (XEP-0198).
        resumed: bool,
    },
    /// A message, presence or iq.
    Stanza(Received<'b>),
    /// The answer to a request of ours: an iq of type `result` or `error` whose `id` and
    /// `from` are right. See [`Connection::request`](crate::Connection::request).
    Answered {
        /// Which request.
        request: RequestId,
        /// The iq.
        answer: Received<'b>,
    },
    /// A request of ours got no answer in time. One that comes later is a stanza as others.
    Unanswered {
        /// Which request.
        request: RequestId,
    },
    /// Another first-level element, of a namespace that the configuration names.
    Nonza(Received<'b>),
    /// The server closes the stream and says where to connect instead (RFC 7395
    /// section 3.6.1). To a client over WebSocket only, before
    /// [`Closed`](Self::Closed).
    SeeOtherUri {
        /// A `wss:` or `https:` URI. A `ws:` or `http:` one only if this stream has
        /// no TLS either: the machine drops one that would lower the security.
        uri: String,
    },
    /// Nothing more will be received, and nothing can be sent from here on.
    /// Comes exactly once, after all that was received, as soon as it is known:
    /// a host ends the session that the stream carried, and requests that waited get no
    /// answer any more. The peer may still be owed bytes: go on until the loop ends.
    Closed {
        /// Why, if the streams were not closed in order.
        error: Option<Error>,
    },
    /// What this role alone can tell.
    Role(R::Event<'b>),
}

impl<R: Role> Event<'_, R> {
    /// Makes the event independent of the receive buffer. A stanza's bytes are copied
    /// into one shared allocation, and its tape into another.
    pub fn into_shared(self) -> Event<'static, R> {
        match self {
            Self::HeaderReceived(header) => Event::HeaderReceived(header.into_shared()),
            Self::StartTls => Event::StartTls,
            Self::TlsEstablished => Event::TlsEstablished,
            Self::Established { jid, resumed } => Event::Established { jid, resumed },
            Self::Stanza(stanza) => Event::Stanza(stanza.into_shared()),
            Self::Answered { request, answer } => {
                Event::Answered { request, answer: answer.into_shared() }
            }
            Self::Unanswered { request } => Event::Unanswered { request },
            Self::Nonza(nonza) => Event::Nonza(nonza.into_shared()),
            Self::SeeOtherUri { uri } => Event::SeeOtherUri { uri },
            Self::Closed { error } => Event::Closed { error },
            Self::Role(event) => Event::Role(R::share(event)),
        }
    }
}

impl<R: Role> Event<'static, R> {
    /// Shortens the lifetime of the event: the lifetime in an associated type does not
    /// shorten by itself.
    pub(crate) fn shorten<'b>(self) -> Event<'b, R> {
        match self {
            Self::HeaderReceived(header) => Event::HeaderReceived(header),
            Self::StartTls => Event::StartTls,
            Self::TlsEstablished => Event::TlsEstablished,
            Self::Established { jid, resumed } => Event::Established { jid, resumed },
            Self::Stanza(stanza) => Event::Stanza(stanza),
            Self::Answered { request, answer } => Event::Answered { request, answer },
            Self::Unanswered { request } => Event::Unanswered { request },
            Self::Nonza(nonza) => Event::Nonza(nonza),
            Self::SeeOtherUri { uri } => Event::SeeOtherUri { uri },
            Self::Closed { error } => Event::Closed { error },
            Self::Role(event) => Event::Role(R::shorten(event)),
        }
    }
}

impl<R: Role> fmt::Debug for Event<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeaderReceived(header) => f.debug_tuple("HeaderReceived").field(header).finish(),
            Self::StartTls => f.write_str("StartTls"),
            Self::TlsEstablished => f.write_str("TlsEstablished"),
            Self::Established { jid, resumed } => {
                f.debug_struct("Established").field("jid", jid).field("resumed", resumed).finish()
            }
            Self::Stanza(stanza) => f.debug_tuple("Stanza").field(stanza).finish(),
            Self::Answered { request, answer } => {
                let mut told = f.debug_struct("Answered");
                told.field("request", request).field("answer", answer).finish()
            }
            Self::Unanswered { request } => {
                f.debug_struct("Unanswered").field("request", request).finish()
            }
            Self::Nonza(nonza) => f.debug_tuple("Nonza").field(nonza).finish(),
            Self::SeeOtherUri { uri } => f.debug_struct("SeeOtherUri").field("uri", uri).finish(),
            Self::Closed { error } => f.debug_struct("Closed").field("error", error).finish(),
            Self::Role(event) => event.fmt(f),
        }
    }
}

/// What only a client can be told ([`ClientToServer`](crate::role::ClientToServer)).
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientEvent<'b> {
    /// The server's stream features (RFC 6120 section 4.3.2). The connection has
    /// already acted on them.
    FeaturesReceived(Received<'b>),
    /// SCRAM needs keys of the password: answer with
    /// [`provide_keys`](crate::Connection::provide_keys). Comes only if
    /// [`ClientConfig::key_derivation`](crate::ClientConfig::key_derivation) asks for it.
    KeysWanted(KeysQuery),
    /// The server has to be given the salted password for another hash (XEP-0480):
    /// answer with
    /// [`provide_salted_password`](crate::Connection::provide_salted_password). Comes
    /// only if [`ClientConfig::key_derivation`](crate::ClientConfig::key_derivation)
    /// asks for it, and [`Sasl2Client::upgrades`](crate::config::Sasl2Client::upgrades)
    /// allows it.
    UpgradeWanted(UpgradeQuery),
    /// The server, which has proved who it is, demands a task before success
    /// (XEP-0388), such as a second factor: answer with
    /// [`begin_task`](crate::Connection::begin_task). Comes only for those that
    /// [`Sasl2Client::tasks`](crate::config::Sasl2Client::tasks) names.
    TaskWanted(TaskQuery),
    /// The server has sent something in the task that was begun: answer with
    /// [`reply_in_task`](crate::Connection::reply_in_task).
    TaskDataReceived(TaskDataQuery),
    /// The server refused an attempt to authenticate, and the client makes
    /// another with what else it has (RFC 6120 section 6.4.5). A token that was
    /// refused ([`Mechanism::HashedToken`]) is to be thrown away (XEP-0484 section
    /// 5.1), unless the condition is `temporary-auth-failure`.
    AuthenticationFailed {
        /// What was tried.
        mechanism: Mechanism,
        /// What the server said.
        failure: Failure,
    },
    /// The server's `<success/>` of the extensible SASL profile (XEP-0388), with the
    /// results of what was asked for inline: `<bound/>` (XEP-0386) tells about the
    /// archive. The connection has already acted on it.
    SuccessReceived(Received<'b>),
    /// Authentication has succeeded, and the server has proved what the
    /// mechanism lets it prove.
    Authenticated {
        /// The account that this client acts as.
        account: BareJid,
        /// The proof: the mechanism, the channel binding, keys to cache in place of
        /// the password, the pin to keep for the next time.
        proof: xmpp_sasl::client::Authenticated,
        /// A token for the next time (XEP-0484), in place of the one before it.
        token: Option<IssuedToken>,
    },
    /// Stream management is on (XEP-0198): after the stream was established, or
    /// before that where the client has asked for it as it authenticated (Bind 2).
    /// [`stream_management`](crate::Connection::stream_management) tells more.
    StreamManagementEnabled {
        /// Whether the stream can be resumed.
        resumable: bool,
    },
    /// The server offered stream management and then refused it. The stream goes on
    /// without it.
    StreamManagementRefused {
        /// What the server said.
        failed: Failed,
    },
    /// The earlier stream is not resumed: the connection goes on to bind a resource.
    /// What the server has not acknowledged is handed back by
    /// [`take_unacknowledged`](crate::Connection::take_unacknowledged).
    ResumptionFailed {
        /// What the server said; `None` if it does not offer stream management now.
        failed: Option<Failed>,
    },
}

/// What only a server can be told of a client
/// ([`ServerFromClient`](crate::role::ServerFromClient)).
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerEvent {
    /// The client's header names a host: answer with
    /// [`choose_host`](crate::Connection::choose_host) or
    /// [`refuse_host`](crate::Connection::refuse_host).
    HostWanted(HostQuery),
    /// An account is asked for: answer with
    /// [`provide_credentials`](crate::Connection::provide_credentials).
    CredentialsWanted(CredentialsQuery),
    /// An attempt to authenticate failed. The stream goes on.
    AuthenticationFailed {
        /// What the client was told.
        condition: SaslCondition,
        /// Why, for a log: it tells more than a client should know. `None` if the
        /// client broke off, its element could not be read, or a task failed.
        cause: Option<xmpp_sasl::server::Failure>,
    },
    /// Authentication has succeeded.
    Authenticated {
        /// The account that the client acts as (the authorization identity, RFC
        /// 6120 section 6.3.8): the one that a resource will be bound to.
        account: BareJid,
        /// The proof: the mechanism, the channel binding, and who the client is
        /// (the authentication identity).
        proof: xmpp_sasl::server::Authenticated,
    },
    /// The client has proved who it is: has it something to do before it is let in
    /// (XEP-0388, "Continue")? Answer with
    /// [`demand_tasks`](crate::Connection::demand_tasks). Comes only if
    /// [`Sasl2Host::tasks`](crate::config::Sasl2Host::tasks) allows tasks.
    TasksWanted(TasksQuery),
    /// The client begins a task that was demanded, or goes on with it: answer with
    /// [`answer_task`](crate::Connection::answer_task).
    TaskDataReceived(TaskDataQuery),
    /// The client has proved who it is, by a token or with the wish for one
    /// (XEP-0484): answer with
    /// [`provide_token`](crate::Connection::provide_token). Comes only if the
    /// [policy](crate::HostConfig::policy) allows `HT-` mechanisms.
    TokenWanted(TokenQuery),
    /// The client, which has proved who it is, gives keys for a further hash
    /// (XEP-0480), to be kept beside the others. Comes only if
    /// [`Sasl2Host::upgrades`](crate::config::Sasl2Host::upgrades) asks for them.
    KeysUpgraded {
        /// The account whose keys they are.
        account: BareJid,
        /// The keys.
        keys: StoredKeys,
    },
    /// The client asks for a resource: answer with
    /// [`bind`](crate::Connection::bind) or
    /// [`refuse_bind`](crate::Connection::refuse_bind).
    BindWanted(BindQuery),
    /// The client wants an earlier stream to go on (XEP-0198): answer with
    /// [`accept_resumption`](crate::Connection::accept_resumption) or
    /// [`refuse_resumption`](crate::Connection::refuse_resumption). If the earlier
    /// stream is still open, take the resumption from its connection and close
    /// that with `conflict`.
    ResumeWanted(ResumeQuery),
    /// Stream management is on, as the client has asked for:
    /// [`stream_management`](crate::Connection::stream_management) tells more.
    StreamManagementEnabled {
        /// Whether the stream can be resumed.
        resumable: bool,
    },
}

/// What only a server can be told of a component
/// ([`ServerFromComponent`](crate::role::ServerFromComponent)).
#[derive(Debug)]
#[non_exhaustive]
pub enum ComponentServerEvent {
    /// A component says which domain it is: answer with
    /// [`provide_secret`](crate::Connection::provide_secret) or
    /// [`refuse_component`](crate::Connection::refuse_component).
    ComponentWanted(ComponentQuery),
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

    /// Makes the element independent of the receive buffer.
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
