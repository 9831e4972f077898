//! To whom a stanza for a local user goes: RFC 6121 §8.5.
//!
//! Functions of the stanza's type, the form of its 'to' address, and the account's
//! resources with their presence priorities; they answer with a [`Delivery`]. Where the
//! RFC leaves a choice, it is made so that a stranger learns nothing (RFC 6120 §10.2,
//! RFC 6121 §8.1):
//!
//! - messages of type "normal" and "chat" for somebody who is not there are stored; those
//!   for an account that does not exist are silently ignored, which looks the same;
//! - where the choice is between silence and an error, the error is for senders who may
//!   know the user's presence anyway;
//! - of several resources with a non-negative priority, those with the highest are the
//!   "most available" (option M of table 1).
//!
//! ```
//! use xmpp_im::delivery::{self, Delivery, Recipients, Resource, To};
//! use xmpp_stanza::MessageType;
//!
//! let resources = [
//!     Resource { resourcepart: "balcony", priority: Some(5) },
//!     Resource { resourcepart: "chamber", priority: Some(-1) },
//! ];
//! let account = Some(resources.into_iter());
//! let chat = delivery::message(MessageType::Chat, To::Bare, account, false);
//! assert_eq!(chat, Delivery::Deliver(Recipients::Priority(5)));
//! assert!(Recipients::Priority(5).includes(resources[0]));
//! assert!(!Recipients::Priority(5).includes(resources[1]));
//! ```

use xmpp_stanza::{IqType, MessageType, PresenceType};

/// A connected resource, as far as delivery depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "made by callers, and complete for RFC 6121 §8.5")]
pub struct Resource<'a> {
    /// Its resourcepart, in canonical form.
    pub resourcepart: &'a str,
    /// The priority of its presence; `None` for one that is connected but not available.
    pub priority: Option<i8>,
}

/// The form of the 'to' address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an address of an account has these two forms")]
pub enum To<'a> {
    /// `localpart@domainpart` (RFC 6121 §8.5.2)
    Bare,
    /// `localpart@domainpart/resourcepart` (RFC 6121 §8.5.3); this resourcepart.
    Full(&'a str),
}

/// What the server does with a stanza.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a router must handle every outcome")]
pub enum Delivery<'a> {
    /// Deliver it to these resources, of which there is at least one, with the 'to'
    /// address as it is (RFC 6121 §8.5.2.1.1: "MUST NOT rewrite").
    Deliver(Recipients<'a>),
    /// Store it until the user is available with a non-negative priority; if that cannot
    /// be, answer with the stanza error `service-unavailable`.
    Store,
    /// The server processes it itself, on behalf of the user: an iq request, a
    /// subscription stanza (RFC 6121 §3), a presence probe (§4.3).
    OnBehalf,
    /// Answer with the stanza error `service-unavailable`.
    ServiceUnavailable,
    /// Do nothing, and say nothing.
    Ignore,
}

/// A selection of an account's resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the four selections of RFC 6121 §8.5")]
pub enum Recipients<'a> {
    /// The one with that resourcepart, be it available or merely connected.
    Resource(&'a str),
    /// The "most available": all that have this priority.
    Priority(i8),
    /// All available ones with a non-negative priority.
    NonNegative,
    /// All available ones, whatever their priority.
    Available,
}

impl Recipients<'_> {
    /// Whether `resource` is one of them.
    #[must_use]
    pub fn includes(self, resource: Resource<'_>) -> bool {
        match self {
            Self::Resource(resourcepart) => resource.resourcepart == resourcepart,
            Self::Priority(priority) => resource.priority == Some(priority),
            Self::NonNegative => resource.priority.is_some_and(|p| p >= 0),
            Self::Available => resource.priority.is_some(),
        }
    }
}

/// A message for a local user: table 1 of RFC 6121 §8.5.4.
///
/// `account` is the account's connected resources, `None` if there is no such account.
/// `authorized` says that the sender may know the user's presence, by subscription or by
/// directed presence (RFC 6121 §8.1).
#[must_use]
pub fn message<'a, 'r, I>(
    kind: MessageType,
    to: To<'a>,
    account: Option<I>,
    authorized: bool,
) -> Delivery<'a>
where
    I: Iterator<Item = Resource<'r>> + Clone,
{
    let resources = account.clone().into_iter().flatten();
    let highest = resources.clone().filter_map(|r| r.priority).max().filter(|p| *p >= 0);
    let store = if account.is_some() { Delivery::Store } else { Delivery::Ignore };
    match (to, kind) {
        // §8.5.3.1 "For a message stanza, the server MUST deliver the stanza to the resource."
        (To::Full(resourcepart), _) if matches(&resources, resourcepart) => {
            Delivery::Deliver(Recipients::Resource(resourcepart))
        }
        (_, MessageType::Error) => Delivery::Ignore,
        (To::Bare, MessageType::Groupchat) => Delivery::ServiceUnavailable,
        (To::Bare, MessageType::Headline) => match highest {
            Some(_) => Delivery::Deliver(Recipients::NonNegative),
            None => Delivery::Ignore,
        },
        // §8.5.3.2.1: a chat goes on with another resource, the rest is for that one alone.
        (To::Full(_), MessageType::Normal | MessageType::Groupchat | MessageType::Headline) => {
            if authorized && account.is_some() {
                Delivery::ServiceUnavailable
            } else {
                Delivery::Ignore
            }
        }
        // "normal" and "chat", and what later standards may add, for the bare JID
        _ => highest.map_or(store, |p| Delivery::Deliver(Recipients::Priority(p))),
    }
}

/// A presence stanza for a local user: RFC 6121 §8.5.1, §8.5.2.1.2, §8.5.2.2.2, §8.5.3.
///
/// Subscription stanzas and probes are [`OnBehalf`](Delivery::OnBehalf): what the tables of
/// Appendix A do with them does not depend on resources, and they are for the bare JID
/// whatever the form of the address (RFC 6121 §3.1.3).
#[must_use]
pub fn presence<'a, 'r, I>(kind: PresenceType, to: To<'a>, account: Option<I>) -> Delivery<'a>
where
    I: Iterator<Item = Resource<'r>> + Clone,
{
    let Some(mut resources) = account else { return Delivery::Ignore };
    match (kind, to) {
        (PresenceType::Probe | PresenceType::Subscribe, _) => Delivery::OnBehalf,
        // §8.5.3.2.2: "subscribed", "unsubscribe", "unsubscribed" for a resource that is not
        // there: "the server MUST ignore the stanza".
        (kind, To::Full(resourcepart)) if kind.is_subscription() => {
            if matches(&resources, resourcepart) { Delivery::OnBehalf } else { Delivery::Ignore }
        }
        (kind, To::Bare) if kind.is_subscription() => Delivery::OnBehalf,
        (_, To::Full(resourcepart)) if matches(&resources, resourcepart) => {
            Delivery::Deliver(Recipients::Resource(resourcepart))
        }
        // An error answers what one resource sent (RFC 6120 §8.3.1); RFC 6121 has no rule
        // for one that comes to the bare JID.
        (PresenceType::Error, To::Bare) => Delivery::Ignore,
        (_, To::Bare) if resources.any(|r| r.priority.is_some()) => {
            Delivery::Deliver(Recipients::Available)
        }
        _ => Delivery::Ignore,
    }
}

/// An iq stanza for a local user: RFC 6121 §8.5.1, §8.5.2.1.3, §8.5.2.2.3, §8.5.3.
///
/// `authorized` says that the user shares presence with the requesting entity, by
/// subscription ("from" or "both") or by directed presence; without it a request to a full
/// JID gets the same answer as if there were no such resource.
#[must_use]
pub fn iq<'a, 'r, I>(kind: IqType, to: To<'a>, account: Option<I>, authorized: bool) -> Delivery<'a>
where
    I: Iterator<Item = Resource<'r>> + Clone,
{
    let request = matches!(kind, IqType::Get | IqType::Set);
    match (to, account) {
        (To::Full(resourcepart), Some(resources))
            if matches(&resources, resourcepart) && (authorized || !request) =>
        {
            Delivery::Deliver(Recipients::Resource(resourcepart))
        }
        // RFC 6120 §8.2.3: an answer is not answered.
        _ if !request => Delivery::Ignore,
        (To::Bare, Some(_)) => Delivery::OnBehalf,
        _ => Delivery::ServiceUnavailable,
    }
}

fn matches<'r>(
    resources: &(impl Iterator<Item = Resource<'r>> + Clone),
    resourcepart: &str,
) -> bool {
    resources.clone().any(|r| r.resourcepart == resourcepart)
}
