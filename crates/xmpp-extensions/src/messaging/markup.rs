//! Message markup: XEP-0394.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:markup:0");

/// How a body is to be shown (XEP-0394, 4).
///
/// All positions count characters (Unicode code points) of the body, from 0.
/// [`characters`](super::fallback::characters) finds them.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "markup", section = "XEP-0394, 4")]
#[non_exhaustive]
pub struct Markup<'a> {
    /// The language of the body that it is for, if there are several.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// What is said of parts of the body.
    #[xml(child)]
    pub marks: Vec<Mark<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is said of a part of the body.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0394, 4")]
#[non_exhaustive]
pub enum Mark<'a> {
    /// Some characters have a style.
    Span(Span<'a>),
    /// Lines are code.
    Code(CodeBlock<'a>),
    /// Lines are a list.
    List(List<'a>),
    /// Lines are a quotation.
    Quotation(Quotation<'a>),
}

/// Some characters have a style (XEP-0394, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "span", section = "XEP-0394, 4.1")]
#[non_exhaustive]
pub struct Span<'a> {
    /// The first character.
    #[xml(attr)]
    pub start: u32,
    /// The character behind the last one.
    #[xml(attr)]
    pub end: u32,
    /// The styles.
    #[xml(child)]
    pub styles: Vec<Style>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A style of characters (XEP-0394, 4.1).
#[derive(Payload, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[xml(ns = NS, section = "XEP-0394, 4.1")]
#[non_exhaustive]
pub enum Style {
    /// Emphasis: italics.
    #[xml(name = "emphasis")]
    Emphasis,
    /// Strong emphasis: bold.
    #[xml(name = "strong")]
    Strong,
    /// Code: monospaced.
    #[xml(name = "code")]
    Code,
    /// Deleted: struck through.
    #[xml(name = "deleted")]
    Deleted,
}

/// Lines are code (XEP-0394, 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "bcode", section = "XEP-0394, 4.2")]
#[non_exhaustive]
pub struct CodeBlock<'a> {
    /// The first character.
    #[xml(attr)]
    pub start: u32,
    /// The character behind the last one.
    #[xml(attr)]
    pub end: u32,
    /// The programming language.
    #[xml(attr)]
    pub language: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Lines are a list (XEP-0394, 4.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "list", section = "XEP-0394, 4.3")]
#[non_exhaustive]
pub struct List<'a> {
    /// The first character.
    #[xml(attr)]
    pub start: u32,
    /// The character behind the last one.
    #[xml(attr)]
    pub end: u32,
    /// Whether it is numbered.
    #[xml(attr, default)]
    pub ordered: bool,
    /// Where its items begin. An item ends where the next one begins.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Where an item of a list begins (XEP-0394, 4.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "li", section = "XEP-0394, 4.3")]
#[non_exhaustive]
pub struct Item<'a> {
    /// Its first character.
    #[xml(attr)]
    pub start: u32,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Lines are a quotation (XEP-0394, 4.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "bquote", section = "XEP-0394, 4.4")]
#[non_exhaustive]
pub struct Quotation<'a> {
    /// The first character.
    #[xml(attr)]
    pub start: u32,
    /// The character behind the last one.
    #[xml(attr)]
    pub end: u32,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
