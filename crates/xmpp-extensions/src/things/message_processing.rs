//! Rules for messages: XEP-0079.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest, Word};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/amp");

/// The namespace of its errors.
pub const ERRORS: Ns<'static> = Ns::new("http://jabber.org/protocol/amp#errors");

/// The namespace of its stream feature.
pub const FEATURE: Ns<'static> = Ns::new("http://jabber.org/features/amp");

/// What is to be done with the message (XEP-0079, 4.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "amp", section = "XEP-0079, 4.1")]
#[non_exhaustive]
pub struct Amp<'a> {
    /// Who has sent the message that this is about.
    #[xml(attr)]
    pub from: Option<JidCow<'a>>,
    /// Whether all servers on the way look at it.
    #[xml(attr = "per-hop", default)]
    pub per_hop: bool,
    /// What has been done.
    #[xml(attr)]
    pub status: Option<AmpAction<'a>>,
    /// For whom the message that this is about was.
    #[xml(attr)]
    pub to: Option<JidCow<'a>>,
    /// The rules: the first one that is met is followed.
    #[xml(child)]
    pub rules: Vec<Rule<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A rule (XEP-0079, 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "rule", section = "XEP-0079, 4.2")]
#[non_exhaustive]
pub struct Rule<'a> {
    /// What is to be done.
    #[xml(attr)]
    pub action: AmpAction<'a>,
    /// If what: `deliver`, `expire-at`, `match-resource`.
    #[xml(attr)]
    pub condition: Cow<'a, str>,
    /// What the condition is compared with.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The server does not do that, beside the condition of an error (XEP-0079, 6.2.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "unsupported-actions", section = "XEP-0079, 6.2.1")]
#[non_exhaustive]
pub struct UnsupportedActions<'a> {
    /// The rules.
    #[xml(child)]
    pub rules: Vec<Rule<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The server does not know the conditions, beside the condition of an error (XEP-0079,
/// 6.2.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "unsupported-conditions", section = "XEP-0079, 6.2.2")]
#[non_exhaustive]
pub struct UnsupportedConditions<'a> {
    /// The rules.
    #[xml(child)]
    pub rules: Vec<Rule<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The rules are not accepted, beside the condition of an error (XEP-0079, 6.2.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "invalid-rules", section = "XEP-0079, 6.2.3")]
#[non_exhaustive]
pub struct InvalidRules<'a> {
    /// The rules.
    #[xml(child)]
    pub rules: Vec<Rule<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a message was refused for, beside the condition of an error (XEP-0079, 6.2.5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ERRORS, name = "failed-rules", section = "XEP-0079, 6.2.5")]
#[non_exhaustive]
pub struct FailedRules<'a> {
    /// The rules.
    #[xml(child)]
    pub rules: Vec<FailedRule<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A rule that a message was refused for (XEP-0079, 6.2.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ERRORS, name = "rule", section = "XEP-0079, 6.2.5")]
#[non_exhaustive]
pub struct FailedRule<'a> {
    /// What is to be done.
    #[xml(attr)]
    pub action: AmpAction<'a>,
    /// If what: `deliver`, `expire-at`, `match-resource`.
    #[xml(attr)]
    pub condition: Cow<'a, str>,
    /// What the condition is compared with.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The server follows rules: a stream feature (XEP-0079, 8).
#[derive(Payload, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[xml(ns = FEATURE, name = "amp", section = "XEP-0079, 8")]
#[non_exhaustive]
pub struct Feature;

/// What is done with a message (XEP-0079, 3.4).
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AmpAction<'a> {
    /// The sender hears of it, and it is dropped.
    Alert,
    /// It is dropped.
    Drop,
    /// It comes back as an error.
    Error,
    /// The sender hears of it, and it goes on.
    Notify,
    /// Something else.
    #[word(other)]
    Other(Cow<'a, str>),
}
