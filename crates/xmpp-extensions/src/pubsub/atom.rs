//! Atom entries, as they are published: RFC 4287, RFC 4685, XEP-0277, XEP-0472.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, DateTime, Payload, Rest, Word};

/// The namespace of Atom.
pub const NS: Ns<'static> = Ns::new("http://www.w3.org/2005/Atom");
/// The namespace of Atom threading (RFC 4685).
pub const THREAD_NS: Ns<'static> = Ns::new("http://purl.org/syndication/thread/1.0");

/// An entry (RFC 4287, 4.1.2). A complete one has an id, a title and a date of
/// its last change; what is published lacks them now and then.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "entry", section = "XEP-0277, 2 (RFC 4287, 4.1.2)")]
#[non_exhaustive]
pub struct Entry<'a> {
    /// The language.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// Who has written it.
    #[xml(child)]
    pub authors: Vec<Author<'a>>,
    /// The title; for short posts, all there is. Once a format (XEP-0277, 2).
    #[xml(child)]
    pub titles: Vec<Title<'a>>,
    /// What it is about.
    #[xml(child)]
    pub summaries: Vec<Summary<'a>>,
    /// The post. Once a format (XEP-0277, 2).
    #[xml(child)]
    pub contents: Vec<Content<'a>>,
    /// Links: other versions, enclosures, comments.
    #[xml(child)]
    pub links: Vec<Link<'a>>,
    /// The id, a URI.
    #[xml(leaf)]
    pub id: Option<Cow<'a, str>>,
    /// When it was published.
    #[xml(leaf)]
    pub published: Option<DateTime>,
    /// When it was last changed.
    #[xml(leaf)]
    pub updated: Option<DateTime>,
    /// Its categories.
    #[xml(child)]
    pub categories: Vec<Category<'a>>,
    /// Who has written in it.
    #[xml(child)]
    pub contributors: Vec<Contributor<'a>>,
    /// What it was written with.
    #[xml(child)]
    pub generator: Option<Generator<'a>>,
    /// The rights in it.
    #[xml(leaf)]
    pub rights: Option<Cow<'a, str>>,
    /// What it answers to.
    #[xml(child)]
    pub in_reply_to: Vec<InReplyTo<'a>>,
    /// Extensions: where it was written, whence it comes.
    #[xml(any)]
    pub extensions: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The format of a text (RFC 4287, 3.1.1).
#[derive(Word, Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextKind<'a> {
    /// Plain text.
    #[default]
    Text,
    /// HTML, escaped.
    Html,
    /// XHTML, as an element.
    Xhtml,
    /// Another media type, in `content` alone.
    #[word(other)]
    Other(Cow<'a, str>),
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $element:literal, $section:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Payload, Clone, Debug, Default, PartialEq)]
        #[xml(ns = NS, name = $element, section = $section)]
        #[non_exhaustive]
        pub struct $name<'a> {
            /// The format.
            #[xml(attr = "type", default)]
            pub kind: TextKind<'a>,
            /// Where it is, if it is not here.
            #[xml(attr)]
            pub src: Option<Cow<'a, str>>,
            /// The language.
            #[xml(lang)]
            pub lang: Option<Cow<'a, str>>,
            /// The text, if it is plain or HTML.
            #[xml(text)]
            pub text: Option<Cow<'a, str>>,
            /// The `<div/>`, if it is XHTML.
            #[xml(any)]
            pub xhtml: Option<AnyElement<'a>>,
            /// What else is in it.
            #[xml(rest)]
            pub rest: Rest<'a>,
        }
    )*};
}
texts! {
    /// A title (RFC 4287, 4.2.14).
    Title = "title", "RFC 4287, 4.2.14";
    /// What an entry is about (RFC 4287, 4.2.13).
    Summary = "summary", "RFC 4287, 4.2.13";
    /// What an entry says (RFC 4287, 4.1.3).
    Content = "content", "RFC 4287, 4.1.3";
}

macro_rules! persons {
    ($($(#[$doc:meta])* $name:ident = $element:literal, $section:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Payload, Clone, Debug, Default, PartialEq)]
        #[xml(ns = NS, name = $element, section = $section)]
        #[non_exhaustive]
        pub struct $name<'a> {
            /// The name.
            #[xml(leaf)]
            pub name: Option<Cow<'a, str>>,
            /// A URI: `xmpp:…`, where it is an address.
            #[xml(leaf)]
            pub uri: Option<Cow<'a, str>>,
            /// The mail address.
            #[xml(leaf)]
            pub email: Option<Cow<'a, str>>,
            /// What else is in it.
            #[xml(rest)]
            pub rest: Rest<'a>,
        }
    )*};
}
persons! {
    /// Who has written an entry (RFC 4287, 4.2.1).
    Author = "author", "RFC 4287, 4.2.1";
    /// Who has written in an entry (RFC 4287, 4.2.3).
    Contributor = "contributor", "RFC 4287, 4.2.3";
}

/// A link (RFC 4287, 4.2.7).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "link", section = "RFC 4287, 4.2.7")]
#[non_exhaustive]
pub struct Link<'a> {
    /// Where it leads to.
    #[xml(attr)]
    pub href: Cow<'a, str>,
    /// What is there: `alternate` (if it is not said), `enclosure`, `related`,
    /// `replies`, `via`.
    #[xml(attr)]
    pub rel: Option<Cow<'a, str>>,
    /// Its media type.
    #[xml(attr = "type")]
    pub kind: Option<Cow<'a, str>>,
    /// Its language.
    #[xml(attr)]
    pub hreflang: Option<Cow<'a, str>>,
    /// Its title.
    #[xml(attr)]
    pub title: Option<Cow<'a, str>>,
    /// Its length in bytes.
    #[xml(attr)]
    pub length: Option<u64>,
    /// The id of the entry that is there (RFC 4685, 3).
    #[xml(attr = "ref")]
    pub reference: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A category (RFC 4287, 4.2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "category", section = "RFC 4287, 4.2.2")]
#[non_exhaustive]
pub struct Category<'a> {
    /// Its name.
    #[xml(attr)]
    pub term: Cow<'a, str>,
    /// Whose categories they are, as a URI.
    #[xml(attr)]
    pub scheme: Option<Cow<'a, str>>,
    /// A name for people.
    #[xml(attr)]
    pub label: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an entry was written with (RFC 4287, 4.2.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "generator", section = "RFC 4287, 4.2.4")]
#[non_exhaustive]
pub struct Generator<'a> {
    /// Its URI.
    #[xml(attr)]
    pub uri: Option<Cow<'a, str>>,
    /// Its version.
    #[xml(attr)]
    pub version: Option<Cow<'a, str>>,
    /// Its name.
    #[xml(text)]
    pub name: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an entry answers to (RFC 4685, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = THREAD_NS, name = "in-reply-to", section = "RFC 4685, 3")]
#[non_exhaustive]
pub struct InReplyTo<'a> {
    /// The id of the other entry.
    #[xml(attr = "ref")]
    pub reference: Cow<'a, str>,
    /// Where it is.
    #[xml(attr)]
    pub href: Option<Cow<'a, str>>,
    /// Its media type.
    #[xml(attr = "type")]
    pub kind: Option<Cow<'a, str>>,
    /// The feed that it is from.
    #[xml(attr)]
    pub source: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl<'a> Entry<'a> {
    /// The links of that relation; `alternate` is meant where none is said.
    pub fn links_to<'s>(&'s self, rel: &'s str) -> impl Iterator<Item = &'s Link<'a>> {
        self.links.iter().filter(move |link| link.rel.as_deref().unwrap_or("alternate") == rel)
    }
}
