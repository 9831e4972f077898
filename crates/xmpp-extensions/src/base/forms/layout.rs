//! How to lay a form out: XEP-0141.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/xdata-layout");

/// A page of a form (XEP-0141, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "page", section = "XEP-0141, 3.1")]
#[non_exhaustive]
pub struct Page<'a> {
    /// A label, for people.
    #[xml(attr)]
    pub label: Option<Cow<'a, str>>,
    /// What is on it, in this order.
    #[xml(child)]
    pub parts: Vec<LayoutPart<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A section of a page, or of another section (XEP-0141, 3.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "section", section = "XEP-0141, 3.2")]
#[non_exhaustive]
pub struct Section<'a> {
    /// A label, for people.
    #[xml(attr)]
    pub label: Option<Cow<'a, str>>,
    /// What is in it, in this order.
    #[xml(child)]
    pub parts: Vec<LayoutPart<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Something on a page or in a section (XEP-0141, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0141, 3")]
#[non_exhaustive]
pub enum LayoutPart<'a> {
    /// A text, for people.
    Text(LayoutText<'a>),
    /// A section.
    Section(Section<'a>),
    /// The place of a field.
    Field(FieldRef<'a>),
    /// The place of the table of results.
    Reported(ReportedRef),
}

/// A text on a page (XEP-0141, 3.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "text", section = "XEP-0141, 3.4")]
#[non_exhaustive]
pub struct LayoutText<'a> {
    /// The text.
    #[xml(text)]
    pub text: Cow<'a, str>,
}

/// The place of a field (XEP-0141, 3.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "fieldref", section = "XEP-0141, 3.3")]
#[non_exhaustive]
pub struct FieldRef<'a> {
    /// The name of the field.
    #[xml(attr)]
    pub var: Cow<'a, str>,
}

/// The place of the table of results (XEP-0141, 3.5).
#[derive(Payload, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[xml(ns = NS, name = "reportedref", section = "XEP-0141, 3.5")]
#[non_exhaustive]
pub struct ReportedRef {}
