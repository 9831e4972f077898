//! Where a stanza leads: RFC 6120 §10, and the rules for its addresses in §8.1.
//!
//! Functions of where a stanza comes from, its kind and its 'to'; they answer with a
//! [`Route`]. What an account's resources get of it is [`delivery`](crate::delivery)'s to
//! say (RFC 6121 §8), which takes the place of RFC 6120 §10.5.3 and §10.5.4.
//!
//! ```
//! use xmpp_im::delivery::To;
//! use xmpp_im::routing::{Domain, Kind, Origin, Route, route};
//! use xmpp_jid::JidRef;
//! use xmpp_stanza::StanzaRef;
//! use xmpp_xml::Element;
//!
//! let message = Element::parse(
//!     "<message xmlns='jabber:client' to='romeo@example.net/orchard'><body>hi</body></message>",
//! )?;
//! let message = StanzaRef::new(message.as_ref()).ok_or("no stanza")?;
//! let origin = Origin::Client(JidRef::new("juliet@example.com/balcony")?);
//! let domains = |domain: &str| match domain {
//!     "example.com" => Domain::Served,
//!     "rooms.example.com" => Domain::Service,
//!     _ => Domain::Remote,
//! };
//! let to = message.to();
//! assert!(matches!(
//!     route(origin, Kind::of(message), &to, domains),
//!     Route::Remote { to: To::Full("orchard"), .. }
//! ));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

use xmpp_jid::{BareJidRef, JidRef, ResourcepartRef};
use xmpp_stanza::{
    AddressRef, IqType, MessageType, PresenceType, StanzaCondition, StanzaKind, StanzaRef,
    StreamCondition,
};

use crate::delivery::To;

/// Where a stanza comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a router must know all of them")]
pub enum Origin<'a> {
    /// A client of this server, with the full JID that it is bound to.
    Client(JidRef<'a>),
    /// A component (XEP-0114): it may speak to other domains through this server.
    Component,
    /// Another server: it brings what is for this one, and nothing else
    /// (`6120-8.1.1.2-02`).
    Server,
}

/// What a domain is to this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a router must know all of them")]
pub enum Domain {
    /// One of its own, which it serves itself (RFC 6120 §10.5).
    Served,
    /// One of its own, which "a specialized local service" serves: a component, say.
    Service,
    /// Somebody else's (RFC 6120 §10.4).
    Remote,
}

/// A stanza's kind and type, as far as it is well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6120 §8.2 has these kinds")]
pub enum Kind {
    /// A message.
    Message(MessageType),
    /// A presence of one of RFC 6121's types.
    Presence(PresenceType),
    /// An iq that RFC 6120 §8.2.3 allows.
    Iq(IqType),
    /// A presence or an iq of a type that there is not, an iq without an id, or a request
    /// without exactly one payload.
    Invalid,
}

impl Kind {
    /// The kind of a stanza.
    #[must_use]
    pub fn of(stanza: StanzaRef<'_>) -> Self {
        let kind = match stanza.kind() {
            StanzaKind::Message => stanza.message_type().map(Self::Message),
            StanzaKind::Presence => stanza.presence_type().map(Self::Presence),
            // 6120-8.2.3-01 to -03, 6120-8.2.3-07: an id, a known type, and in a request
            // exactly one payload.
            StanzaKind::Iq => stanza
                .iq_type()
                .filter(|_| stanza.id().is_some())
                .filter(|kind| {
                    !kind.is_request() || stanza.element().children().take(2).count() == 1
                })
                .map(Self::Iq),
            _ => None,
        };
        kind.unwrap_or(Self::Invalid)
    }

    /// Whether it is of type "error" or an iq of type "result": nothing answers it
    /// (`6120-8.2.3-06`, `6120-8.3.1-11`).
    #[must_use]
    pub const fn is_answer(self) -> bool {
        matches!(
            self,
            Self::Message(MessageType::Error)
                | Self::Presence(PresenceType::Error)
                | Self::Iq(IqType::Result | IqType::Error)
        )
    }
}

/// What a server does with a stanza.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a router must handle every outcome")]
pub enum Route<'a> {
    /// Answer with that stanza error, from the address it was for.
    Refuse(StanzaCondition),
    /// Answer with `jid-malformed`, from the server's domain: "unless doing so would […]
    /// force the sender of the error stanza to include a malformed JID"
    /// (`6120-8.3.1-02`).
    RefuseMalformed,
    /// End the stream that it came on with that error.
    EndStream(StreamCondition),
    /// A presence without 'to': to whom the sender's presence concerns (`6120-10.3.2-01`).
    Broadcast(PresenceType),
    /// It is for an account of this server, whether or not that exists: by
    /// [`delivery`](crate::delivery).
    Account {
        /// The account.
        account: BareJidRef<'a>,
        /// What of it.
        to: To<'a>,
        /// Whether there was no 'to': an iq is the server's to process on behalf of the
        /// account (`6120-10.3.3-01`), a message as if for its bare JID
        /// (`6120-10.3.1-01`).
        implied: bool,
    },
    /// It is for the server itself, which processes it or refuses it (`6120-10.5.1-01`,
    /// `6120-10.5.2-01`).
    Server,
    /// It goes to the service that serves the domain (`6120-10.5-02`).
    Service {
        /// The entity there, without its resourcepart.
        bare: BareJidRef<'a>,
        /// What of it.
        to: To<'a>,
    },
    /// It goes to another domain. If it cannot, its sender is told `remote-server-not-found`
    /// or `remote-server-timeout` (`6120-10.4.3-01` to `-03`).
    Remote {
        /// The entity there, without its resourcepart.
        bare: BareJidRef<'a>,
        /// What of it.
        to: To<'a>,
    },
    /// Nothing happens, and nothing is said.
    Ignore,
}

/// Where the stanza leads. `domains` says what a domainpart, in canonical form, is to this
/// server.
#[must_use]
pub fn route<'a>(
    origin: Origin<'a>,
    kind: Kind,
    to: &'a AddressRef<'_>,
    domains: impl FnOnce(&str) -> Domain,
) -> Route<'a> {
    let jid = match (to, origin) {
        (AddressRef::Absent, Origin::Client(sender)) => return without_to(sender, kind),
        // 6120-8.1.1.2-01
        (AddressRef::Absent, Origin::Server | Origin::Component) => {
            return Route::EndStream(StreamCondition::ImproperAddressing);
        }
        // The same sentence would end the stream here, for one bad address among others'
        // good ones. It is that stanza's fault alone, as §8.3.3.8 has it.
        (AddressRef::Malformed { .. }, _) if kind.is_answer() => return Route::Ignore,
        (AddressRef::Malformed { .. }, _) => return Route::RefuseMalformed,
        (AddressRef::Jid(jid), _) => jid.as_ref(),
    };
    let domain = domains(jid.domainpart().as_str());
    // 6120-8.1.1.2-02, 6120-10.4-02
    if domain == Domain::Remote && origin == Origin::Server {
        return Route::EndStream(StreamCondition::HostUnknown);
    }
    // 6120-8.2.3-03: "the recipient or an intermediate router MUST".
    if kind == Kind::Invalid {
        return Route::Refuse(StanzaCondition::BadRequest);
    }
    let bare = jid.to_bare();
    let to = jid.resourcepart().map(ResourcepartRef::as_str).map_or(To::Bare, To::Full);
    match domain {
        Domain::Remote => Route::Remote { bare, to },
        Domain::Service => Route::Service { bare, to },
        Domain::Served if jid.localpart().is_none() => for_server(kind),
        Domain::Served => Route::Account { account: bare, to, implied: false },
    }
}

/// RFC 6120 §10.3
fn without_to(sender: JidRef<'_>, kind: Kind) -> Route<'_> {
    let account = sender.to_bare();
    match kind {
        Kind::Invalid => Route::Refuse(StanzaCondition::BadRequest),
        Kind::Message(_) | Kind::Iq(_) => Route::Account { account, to: To::Bare, implied: true },
        // An error that answers nobody's presence.
        Kind::Presence(PresenceType::Error) => Route::Ignore,
        // For nobody: what RFC 6121 §3 needs is the contact's address.
        Kind::Presence(kind) if kind.is_subscription() => {
            Route::Refuse(StanzaCondition::BadRequest)
        }
        Kind::Presence(kind) => Route::Broadcast(kind),
    }
}

/// RFC 6120 §10.5.1, §10.5.2
fn for_server(kind: Kind) -> Route<'static> {
    match kind {
        Kind::Iq(_) => Route::Server,
        // The server has no use for availability, and needs no probe answered.
        Kind::Presence(
            PresenceType::Available | PresenceType::Unavailable | PresenceType::Probe,
        ) => Route::Ignore,
        kind if kind.is_answer() => Route::Ignore,
        _ => Route::Refuse(StanzaCondition::ServiceUnavailable),
    }
}

/// What the server writes as the 'from' of a stanza that came from its client, whatever
/// stands there: the full JID, of a subscription stanza the bare one (`6120-8.1.2.1-01`).
#[must_use]
pub fn stamp(kind: Kind, sender: JidRef<'_>) -> JidRef<'_> {
    match kind {
        Kind::Presence(kind) if kind.is_subscription() => sender.to_bare().into(),
        _ => sender,
    }
}

/// Whether the 'from' of a stanza from another domain is one that its stream may speak for.
/// `is_theirs` says so of a domainpart, in canonical form.
///
/// # Errors
///
/// The condition of the stream error: `improper-addressing` if there is no address
/// (`6120-8.1.2.2-01`), `invalid-from` if it is of another domain (`6120-8.1.2.2-02`).
pub fn judge_sender<'a>(
    from: &'a AddressRef<'_>,
    is_theirs: impl FnOnce(&str) -> bool,
) -> Result<JidRef<'a>, StreamCondition> {
    let AddressRef::Jid(from) = from else { return Err(StreamCondition::ImproperAddressing) };
    let from = from.as_ref();
    if is_theirs(from.domainpart().as_str()) { Ok(from) } else { Err(StreamCondition::InvalidFrom) }
}
