//! Presence subscriptions: RFC 6121 §3 and Appendix A.
//!
//! A server keeps one [`Subscription`] for every pair of a user and a contact, seen from
//! the user's side. Stanzas of the user's clients are *outbound*, those of the contact
//! are *inbound*; each is looked up in the tables of Appendix A and yields the new state
//! and what the server must do.
//!
//! The nine states are the product of two directions that do not touch each other: what
//! the user asked of the contact (nothing, pending, granted) and what the contact asked of
//! the user (likewise). `subscribe` and `unsubscribe` from the user, and the contact's
//! answers to them, move the first; the other four move the second. The code says it that
//! way, and the tests hold it against every row of the tables.
//!
//! ```
//! use xmpp_im::subscription::{Subscription, SubscriptionState, SubscriptionType};
//!
//! let mut romeo = Subscription::default();    // what Romeo's server knows of Juliet
//! let sent = romeo.outbound(SubscriptionType::Subscribe);
//! assert!(sent.route && sent.push);
//! romeo = sent.next;
//! assert_eq!(romeo.state, SubscriptionState::NonePendingOut);
//!
//! let answer = romeo.inbound(SubscriptionType::Subscribed);
//! assert!(answer.deliver && answer.push);
//! assert_eq!(answer.next.state, SubscriptionState::To);
//! ```

use core::fmt;

/// The four types of presence stanza that manage a subscription (RFC 6121 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6121 §3 has these four")]
pub enum SubscriptionType {
    /// The sender asks for the recipient's presence.
    Subscribe,
    /// The sender grants its presence to the recipient.
    Subscribed,
    /// The sender gives up the recipient's presence.
    Unsubscribe,
    /// The sender denies or withdraws its presence.
    Unsubscribed,
}

impl SubscriptionType {
    /// All four, in the order of the tables' sections in Appendix A.
    pub const ALL: [Self; 4] =
        [Self::Subscribe, Self::Unsubscribe, Self::Subscribed, Self::Unsubscribed];

    /// The value of the stanza's 'type' attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Subscribed => "subscribed",
            Self::Unsubscribe => "unsubscribe",
            Self::Unsubscribed => "unsubscribed",
        }
    }

    /// The type that a 'type' attribute names, if it is one of the four.
    pub fn from_attr(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == value)
    }
}

impl fmt::Display for SubscriptionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One of the nine states of RFC 6121 Appendix A.1, described from the user's side.
///
/// [`SubscriptionState::None`] stands also for a contact that is in no roster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "Appendix A.1 has these nine, and a match wants all")]
pub enum SubscriptionState {
    /// "None"
    #[default]
    None,
    /// "None + Pending Out"
    NonePendingOut,
    /// "None + Pending In"
    NonePendingIn,
    /// "None + Pending Out+In"
    NonePendingOutIn,
    /// "To"
    To,
    /// "To + Pending In"
    ToPendingIn,
    /// "From"
    From,
    /// "From + Pending Out"
    FromPendingOut,
    /// "Both"
    Both,
}

impl SubscriptionState {
    /// All nine, in the order of the tables in Appendix A.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::NonePendingOut,
        Self::NonePendingIn,
        Self::NonePendingOutIn,
        Self::To,
        Self::ToPendingIn,
        Self::From,
        Self::FromPendingOut,
        Self::Both,
    ];

    /// The state's name as Appendix A writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::NonePendingOut => "None + Pending Out",
            Self::NonePendingIn => "None + Pending In",
            Self::NonePendingOutIn => "None + Pending Out+In",
            Self::To => "To",
            Self::ToPendingIn => "To + Pending In",
            Self::From => "From",
            Self::FromPendingOut => "From + Pending Out",
            Self::Both => "Both",
        }
    }

    /// The value of the roster item's 'subscription' attribute (RFC 6121 §2.1.2.5).
    pub const fn attr(self) -> &'static str {
        match (self.has_to(), self.has_from()) {
            (false, false) => "none",
            (true, false) => "to",
            (false, true) => "from",
            (true, true) => "both",
        }
    }

    /// The user is subscribed to the contact's presence.
    pub const fn has_to(self) -> bool {
        matches!(self.user(), Half::Granted)
    }

    /// The contact is subscribed to the user's presence, and may see it.
    pub const fn has_from(self) -> bool {
        matches!(self.contact(), Half::Granted)
    }

    /// The user's request waits for the contact: `ask='subscribe'` (RFC 6121 §2.1.2.2).
    pub const fn is_pending_out(self) -> bool {
        matches!(self.user(), Half::Pending)
    }

    /// The contact's request waits for the user. No roster item shows it.
    pub const fn is_pending_in(self) -> bool {
        matches!(self.contact(), Half::Pending)
    }

    /// What the user asked of the contact.
    const fn user(self) -> Half {
        match self {
            Self::None | Self::NonePendingIn | Self::From => Half::Absent,
            Self::NonePendingOut | Self::NonePendingOutIn | Self::FromPendingOut => Half::Pending,
            Self::To | Self::ToPendingIn | Self::Both => Half::Granted,
        }
    }

    /// What the contact asked of the user.
    const fn contact(self) -> Half {
        match self {
            Self::None | Self::NonePendingOut | Self::To => Half::Absent,
            Self::NonePendingIn | Self::NonePendingOutIn | Self::ToPendingIn => Half::Pending,
            Self::From | Self::FromPendingOut | Self::Both => Half::Granted,
        }
    }

    const fn new(user: Half, contact: Half) -> Self {
        match (user, contact) {
            (Half::Absent, Half::Absent) => Self::None,
            (Half::Pending, Half::Absent) => Self::NonePendingOut,
            (Half::Absent, Half::Pending) => Self::NonePendingIn,
            (Half::Pending, Half::Pending) => Self::NonePendingOutIn,
            (Half::Granted, Half::Absent) => Self::To,
            (Half::Granted, Half::Pending) => Self::ToPendingIn,
            (Half::Absent, Half::Granted) => Self::From,
            (Half::Pending, Half::Granted) => Self::FromPendingOut,
            (Half::Granted, Half::Granted) => Self::Both,
        }
    }
}

impl fmt::Display for SubscriptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a server keeps of a user's subscription with one contact: the state, and whether
/// the user approved the contact's request before it came (RFC 6121 §3.4).
///
/// An approval is used up by the request that it answers: it never stands beside a state in
/// which the contact is subscribed or its request is pending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Subscription {
    /// The state of Appendix A.1.
    pub state: SubscriptionState,
    /// The roster item's 'approved' attribute (RFC 6121 §2.1.2.1).
    pub approved: bool,
}

impl Subscription {
    /// A state without pre-approval.
    pub const fn new(state: SubscriptionState) -> Self {
        Self { state, approved: false }
    }

    /// The user sends `stanza` to the contact: tables 2 to 5 (Appendix A.2).
    ///
    /// A server that does not support pre-approval clears [`approved`](Self::approved) of
    /// the outcome (and then need not push it).
    pub const fn outbound(self, stanza: SubscriptionType) -> Outbound {
        let (user, contact) = (self.state.user(), self.state.contact());
        let mut approved = self.approved;
        let (state, route) = match (stanza, contact) {
            // Table 2
            (SubscriptionType::Subscribe, _) => {
                let asked = if matches!(user, Half::Granted) { user } else { Half::Pending };
                (SubscriptionState::new(asked, contact), true)
            }
            // Table 3
            (SubscriptionType::Unsubscribe, _) => {
                (SubscriptionState::new(Half::Absent, contact), true)
            }
            // Table 4
            (SubscriptionType::Subscribed, Half::Pending) => {
                (SubscriptionState::new(user, Half::Granted), true)
            }
            (SubscriptionType::Subscribed, Half::Absent) => {
                approved = true;
                (self.state, false)
            }
            (SubscriptionType::Subscribed, Half::Granted) => (self.state, false),
            // Table 5
            (SubscriptionType::Unsubscribed, Half::Absent) => {
                // RFC 6121 §3.2.2: "MUST remove the pre-approval and MUST NOT route".
                approved = false;
                (self.state, false)
            }
            (SubscriptionType::Unsubscribed, _) => {
                (SubscriptionState::new(user, Half::Absent), true)
            }
        };
        let next = Self { state, approved };
        Outbound { next, route, push: self.shows_otherwise(next) }
    }

    /// The contact sends `stanza` to the user: tables 6 to 9 (Appendix A.3).
    pub const fn inbound(self, stanza: SubscriptionType) -> Inbound {
        let (user, contact) = (self.state.user(), self.state.contact());
        let mut approved = self.approved;
        let (state, deliver, reply) = match (stanza, contact, user) {
            // Table 6
            (SubscriptionType::Subscribe, Half::Absent, _) if approved => {
                // Note 1: the approval that came before the request is the answer.
                approved = false;
                let state = SubscriptionState::new(user, Half::Granted);
                (state, false, Some(SubscriptionType::Subscribed))
            }
            (SubscriptionType::Subscribe, Half::Absent, _) => {
                (SubscriptionState::new(user, Half::Pending), true, None)
            }
            (SubscriptionType::Subscribe, Half::Pending, _) => (self.state, false, None),
            (SubscriptionType::Subscribe, Half::Granted, _) => {
                (self.state, false, Some(SubscriptionType::Subscribed))
            }
            // Table 7
            (SubscriptionType::Unsubscribe, Half::Absent, _) => (self.state, false, None),
            (SubscriptionType::Unsubscribe, _, _) => {
                let state = SubscriptionState::new(user, Half::Absent);
                (state, true, Some(SubscriptionType::Unsubscribed))
            }
            // Table 8
            (SubscriptionType::Subscribed, _, Half::Pending) => {
                (SubscriptionState::new(Half::Granted, contact), true, None)
            }
            (SubscriptionType::Subscribed, _, _) => (self.state, false, None),
            // Table 9
            (SubscriptionType::Unsubscribed, _, Half::Absent) => (self.state, false, None),
            (SubscriptionType::Unsubscribed, _, _) => {
                (SubscriptionState::new(Half::Absent, contact), true, None)
            }
        };
        let next = Self { state, approved };
        Inbound { next, deliver, push: self.shows_otherwise(next), reply }
    }

    /// An error comes back for a subscription stanza that the user sent.
    ///
    /// Appendix A has no table for it. A request that did not arrive waits for nobody: it is
    /// pending no more, as if it could not have been routed at all (RFC 6121 §3.1.2). Nothing
    /// else changes; the states of both sides are mended by the stanzas of §3, not by errors.
    pub const fn inbound_error(self) -> Inbound {
        let user = match self.state.user() {
            Half::Pending => Half::Absent,
            user => user,
        };
        let state = SubscriptionState::new(user, self.state.contact());
        let next = Self { state, approved: self.approved };
        Inbound { next, deliver: true, push: self.shows_otherwise(next), reply: None }
    }

    /// Whether the roster item of `next` differs from this one's. "Pending In" is no part
    /// of it (Appendix A.1), so a change of that alone is not pushed.
    const fn shows_otherwise(self, next: Self) -> bool {
        self.state.has_to() != next.state.has_to()
            || self.state.has_from() != next.state.has_from()
            || self.state.is_pending_out() != next.state.is_pending_out()
            || self.approved != next.approved
    }
}

/// What becomes of a subscription stanza sent by the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outbound {
    /// The subscription from now on.
    pub next: Subscription,
    /// Pass the stanza on to the contact, stamped with the user's bare JID.
    pub route: bool,
    /// The roster item changed: push it to the user's interested resources, after routing.
    pub push: bool,
}

/// What becomes of a subscription stanza sent by the contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inbound {
    /// The subscription from now on.
    pub next: Subscription,
    /// Deliver the stanza to the user: a request to the available resources, and kept until
    /// it is answered (RFC 6121 §3.1.3); the others to the interested ones, before the push.
    pub deliver: bool,
    /// The roster item changed: push it to the user's interested resources.
    pub push: bool,
    /// Answer the contact so on the user's behalf, from the user's bare JID.
    pub reply: Option<SubscriptionType>,
}

/// One direction of a subscription.
#[derive(Clone, Copy)]
enum Half {
    Absent,
    Pending,
    Granted,
}
