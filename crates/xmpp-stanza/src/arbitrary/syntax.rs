//! Writes elements in the many ways that XML has for the same, and plants a fault.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use arbitrary::{Result, Unstructured};

use super::fault::Fault;
use super::plant;
use crate::xml::ns;

/// An element to be written: nested a few levels deep at most.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) ns: &'static str,
    pub(super) name: &'static str,
    pub(super) attrs: Vec<(&'static str, String)>,
    pub(super) content: Vec<Content>,
}

#[derive(Debug)]
pub(super) enum Content {
    Node(Node),
    Text(String),
}

impl Node {
    pub(super) fn new(ns: &'static str, name: &'static str) -> Self {
        Self { ns, name, attrs: Vec::new(), content: Vec::new() }
    }

    pub(super) fn attr(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attrs.push((name, value.into()));
        self
    }

    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.content.push(Content::Text(text.into()));
        self
    }

    pub(super) fn child(mut self, child: Self) -> Self {
        self.content.push(Content::Node(child));
        self
    }
}

/// What is declared where an element is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// The namespace of names without prefix.
    pub(super) default: &'static str,
    /// The prefix of the stream namespace; empty if it is the default one.
    pub(super) stream: &'static str,
    /// A further prefix and its namespace.
    pub(super) bound: Option<(&'static str, &'static str)>,
}

/// Where a fault can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Header,
    /// Behind the attributes of a start tag.
    Tag,
    /// Between first-level elements.
    Between,
    /// Within a first-level element.
    Content,
}

pub(super) struct Syntax<'u, 'a> {
    pub(super) u: &'u mut Unstructured<'a>,
    pub(super) out: Vec<u8>,
    /// To be planted, after that many other places for it.
    pub(super) fuse: Option<(Fault, u32)>,
    pub(super) planted: Option<(Fault, Range<usize>)>,
    /// First-level elements that have ended, until the fault.
    pub(super) whole: usize,
}

const PREFIXES: &[&str] = &["p", "x", "a-b.c", "_", "é", "ns1", "stanza"];

impl Syntax<'_, '_> {
    pub(super) fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Once in so many times; never when the input has run out, so that the stream
    /// is not larger than its input is worth.
    pub(super) fn one_of(&mut self, times: u8) -> Result<bool> {
        if self.u.is_empty() { Ok(false) } else { self.u.ratio(1, times) }
    }

    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> Result<T> {
        self.u.choose(of).copied()
    }

    /// The fault that is planted now, if one is and this is its place.
    pub(super) fn due(&mut self, place: Place) -> Option<Fault> {
        let (fault, left) = self.fuse?;
        if !plant::fits(fault, place) {
            return None;
        }
        self.fuse = left.checked_sub(1).map(|left| (fault, left));
        self.fuse.is_none().then_some(fault)
    }

    /// What was written from `start` on is the fault.
    pub(super) fn plant(&mut self, fault: Fault, start: usize) {
        self.planted = Some((fault, start..self.out.len()));
    }

    pub(super) fn element(&mut self, node: &Node, scope: Scope) -> Result<()> {
        let mut inner = scope;
        let mut attrs = Vec::with_capacity(node.attrs.len() + 1);
        let prefix = if node.ns == ns::STREAM.uri() && !scope.stream.is_empty() {
            scope.stream
        } else if node.ns == scope.default {
            ""
        } else if let Some((prefix, _)) = scope.bound.filter(|(_, bound)| *bound == node.ns) {
            prefix
        } else if may_be_prefixed(node.ns) && self.one_of(4)? {
            let prefix = self.pick(PREFIXES)?;
            inner.bound = Some((prefix, node.ns));
            attrs.push((format!("xmlns:{prefix}"), node.ns));
            prefix
        } else {
            inner.default = node.ns;
            attrs.push((String::from("xmlns"), node.ns));
            ""
        };
        attrs.extend(node.attrs.iter().map(|(name, value)| (String::from(*name), value.as_str())));
        if self.one_of(24)? {
            attrs.push(("xmlns:unused".into(), "urn:example:unused"));
        }
        if self.one_of(24)? {
            attrs.push(("xmlns:other".into(), "urn:example:attribute"));
            attrs.push(("other:attribute".into(), "unknown"));
        }
        let name = if prefix.is_empty() {
            String::from(node.name)
        } else {
            format!("{prefix}:{}", node.name)
        };
        let empty = node.content.is_empty() && self.fuse.is_none() && !self.one_of(4)?;
        self.start_tag(&name, attrs, empty)?;
        if empty {
            return Ok(());
        }
        for content in &node.content {
            self.within()?;
            match content {
                Content::Node(child) => self.element(child, inner)?,
                Content::Text(text) => self.text(text)?,
            }
        }
        self.within()?;
        self.push(&format!("</{name}"));
        if self.one_of(16)? {
            self.space()?;
        }
        self.push(">");
        Ok(())
    }

    /// `<name a='b'>` or `<name a='b'/>`, with the attributes in any order.
    pub(super) fn start_tag(
        &mut self,
        name: &str,
        mut attrs: Vec<(String, &str)>,
        empty: bool,
    ) -> Result<()> {
        self.push(&format!("<{name}"));
        let first = attrs.first().map(|(name, _)| name.clone());
        while !attrs.is_empty() {
            let at = if self.one_of(3)? { self.u.choose_index(attrs.len())? } else { 0 };
            let (name, value) = attrs.remove(at);
            self.space()?;
            self.push(&name);
            if self.one_of(16)? {
                self.space()?;
            }
            self.push("=");
            if self.one_of(16)? {
                self.space()?;
            }
            let quote = if self.one_of(2)? { '"' } else { '\'' };
            self.out.push(quote as u8);
            self.characters(value, Some(quote))?;
            self.out.push(quote as u8);
        }
        let fault = self.due(Place::Tag);
        let planted = match fault {
            Some(fault) => Some(plant::in_tag(self, fault, first.as_deref())?),
            None => None,
        };
        if self.one_of(8)? {
            self.space()?;
        }
        self.push(if empty { "/>" } else { ">" });
        if let (Some(fault), Some(start)) = (fault, planted) {
            self.plant(fault, start);
        }
        Ok(())
    }

    /// A place within an element, between its tags.
    fn within(&mut self) -> Result<()> {
        if let Some(fault) = self.due(Place::Content) {
            plant::in_content(self, fault)?;
        }
        Ok(())
    }

    /// White space of a tag.
    fn space(&mut self) -> Result<()> {
        let space =
            if self.one_of(8)? { self.pick(&["\n", "  ", "\t", "\r\n  ", " \n\t"])? } else { " " };
        self.push(space);
        Ok(())
    }

    /// Character data, with CDATA sections here and there.
    fn text(&mut self, text: &str) -> Result<()> {
        if self.one_of(6)? {
            // `]]>` has to go over two sections.
            self.push("<![CDATA[");
            self.push(&text.replace("]]>", "]]]]><![CDATA[>"));
            self.push("]]>");
            return Ok(());
        }
        self.characters(text, None)
    }

    /// Characters, some of them as references; in an attribute value if there is a quote.
    fn characters(&mut self, text: &str, quote: Option<char>) -> Result<()> {
        for c in text.chars() {
            let named = match c {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '\'' => "&apos;",
                '"' => "&quot;",
                _ => "",
            };
            // In text `>` must not follow `]]`.
            let must =
                matches!(c, '&' | '<' | '\r') || Some(c) == quote || (c == '>' && quote.is_none());
            if !must && !self.one_of(24)? {
                self.push(c.encode_utf8(&mut [0; 4]));
                continue;
            }
            let number = u32::from(c);
            match self.u.int_in_range(0..=3)? {
                0 | 1 if !named.is_empty() => self.push(named),
                0 | 2 => self.push(&format!("&#x{number:X};")),
                1 => self.push(&format!("&#{number};")),
                _ => self.push(&format!("&#x000{number:x};")),
            }
        }
        Ok(())
    }
}

/// RFC 6120, section 4.8.5: no prefix for what is in a content namespace.
fn may_be_prefixed(namespace: &str) -> bool {
    !super::CONTENT.contains(&namespace) && namespace != ns::STREAM.uri()
}
