//! In which order results are wanted: XEP-0413.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Word};

/// The namespace of XEP-0413.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:order-by:1");

/// In which order results are wanted (XEP-0413, 4). A second one decides where
/// the first one does not.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "order", section = "XEP-0413, 4")]
#[non_exhaustive]
pub struct Order<'a> {
    /// By what.
    #[xml(attr)]
    pub by: OrderBy<'a>,
    /// Whether the greatest comes first; if it is not there, the smallest does.
    #[xml(attr)]
    pub desc: Option<bool>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an order is by (XEP-0413, 4).
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderBy<'a> {
    /// When it was made.
    Creation,
    /// When it was last changed.
    Modification,
    /// Something else, in Clark notation: `{some:namespace}field`.
    #[word(other)]
    Other(Cow<'a, str>),
}
