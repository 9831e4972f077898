//! Privacy lists: XEP-0016. Blocking (XEP-0191) has taken their place.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Word};

/// The namespace of XEP-0016.
pub const NS: Ns<'static> = Ns::new("jabber:iq:privacy");

/// Asks for lists, sets one, or says which ones are used (XEP-0016, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "query", section = "XEP-0016, 2")]
#[non_exhaustive]
pub struct Privacy<'a> {
    /// The list that this session uses.
    #[xml(child)]
    pub active: Option<ActiveList<'a>>,
    /// The list that other sessions use.
    #[xml(child)]
    pub default: Option<DefaultList<'a>>,
    /// The lists.
    #[xml(child)]
    pub lists: Vec<PrivacyList<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The list that this session uses (XEP-0016, 2.4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "active", section = "XEP-0016, 2.4")]
#[non_exhaustive]
pub struct ActiveList<'a> {
    /// Its name; none, if there is none.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The list that other sessions use (XEP-0016, 2.5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "default", section = "XEP-0016, 2.5")]
#[non_exhaustive]
pub struct DefaultList<'a> {
    /// Its name; none, if there is none.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A list (XEP-0016, 2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "list", section = "XEP-0016, 2.2")]
#[non_exhaustive]
pub struct PrivacyList<'a> {
    /// Its name.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Its rules.
    #[xml(child)]
    pub items: Vec<PrivacyItem<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A rule (XEP-0016, 2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "item", section = "XEP-0016, 2.1")]
#[non_exhaustive]
pub struct PrivacyItem<'a> {
    /// Whom it is for; everybody, if it is not there.
    #[xml(attr = "type")]
    pub kind: Option<PrivacyKind>,
    /// The address, the group of the roster, or the state of the subscription.
    #[xml(attr)]
    pub value: Option<Cow<'a, str>>,
    /// What it says.
    #[xml(attr)]
    pub action: PrivacyAction,
    /// Its place: the first that fits counts.
    #[xml(attr)]
    pub order: u32,
    /// Whether it is for incoming messages. If none of the four is set, it is
    /// for everything.
    #[xml(flag)]
    pub message: bool,
    /// Whether it is for incoming iqs.
    #[xml(flag)]
    pub iq: bool,
    /// Whether it is for incoming presence.
    #[xml(flag)]
    pub presence_in: bool,
    /// Whether it is for outgoing presence.
    #[xml(flag)]
    pub presence_out: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Whom a rule is for (XEP-0016, 2.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0016 is deprecated")]
pub enum PrivacyKind {
    /// A group of the roster.
    Group,
    /// An address.
    Jid,
    /// A state of the subscription: `both`, `to`, `from` or `none`.
    Subscription,
}

/// What a rule says (XEP-0016, 2.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0016 is deprecated")]
pub enum PrivacyAction {
    /// It goes through.
    Allow,
    /// It does not.
    Deny,
}
