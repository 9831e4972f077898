//! Canonical XML 2.0 (W3C Note, 11 April 2013) with its default parameters:
//! what means the same is the same, byte for byte.

use alloc::string::String;
use alloc::vec::Vec;

use crate::walk::{Visit, Walk};
use crate::{Attr, Element, ElementRef};

impl ElementRef<'_> {
    /// The canonical form (Canonical XML 2.0, default parameters), for
    /// comparing and hashing: double quotes, no empty-element tags, no CDATA
    /// sections, attributes in the order of their expanded names, a namespace
    /// declared only where a prefix is used. Prefixes and white space stay.
    ///
    /// ```
    /// let element = xmpp_xml::Element::parse("<p:a xmlns:q='urn:q' xmlns:p='urn:p' b='1' a='2'><![CDATA[<]]></p:a>")?;
    /// assert_eq!(element.canonical(), r#"<p:a xmlns:p="urn:p" a="2" b="1">&lt;</p:a>"#);
    /// # Ok::<(), xmpp_xml::Error>(())
    /// ```
    #[must_use]
    pub fn canonical(self) -> String {
        let mut out = String::with_capacity(self.source().len() + self.source().len() / 8);
        let mut scope = Scope::default();
        for visit in Walk::new(self) {
            match visit {
                Visit::Start(element) => start_tag(&mut out, element, &mut scope),
                Visit::Text(text) => escape(&mut out, &text.value(), |c| match c {
                    '&' => Some("&amp;"),
                    '<' => Some("&lt;"),
                    '>' => Some("&gt;"),
                    '\r' => Some("&#xD;"),
                    _ => None,
                }),
                Visit::End(element) => {
                    out.push_str("</");
                    qualified(&mut out, element.prefix(), element.name());
                    out.push('>');
                    scope.leave();
                }
            }
        }
        out
    }
}

impl Element {
    /// See [`ElementRef::canonical`].
    #[must_use]
    pub fn canonical(&self) -> String {
        self.as_ref().canonical()
    }
}

/// Declarations that have been written.
#[derive(Default)]
struct Scope<'a> {
    written: Vec<(&'a str, &'a str)>,
    /// How many there were when each open element began.
    marks: Vec<usize>,
}

impl<'a> Scope<'a> {
    fn uri(&self, prefix: &str) -> &'a str {
        self.written.iter().rev().find(|(known, _)| *known == prefix).map_or("", |(_, uri)| uri)
    }

    fn leave(&mut self) {
        if let Some(mark) = self.marks.pop() {
            self.written.truncate(mark);
        }
    }
}

fn start_tag<'a>(out: &mut String, element: ElementRef<'a>, scope: &mut Scope<'a>) {
    out.push('<');
    qualified(out, element.prefix(), element.name());
    let mark = scope.written.len();
    scope.marks.push(mark);
    // Only what is visibly utilized: by the element and by attributes with a
    // prefix.
    let own = (element.prefix(), element.ns());
    let of_attrs = element.attrs().map(|attr| (attr.prefix(), attr.ns()));
    for (prefix, uri) in of_attrs.filter(|(prefix, _)| !prefix.is_empty()).chain([own]) {
        if prefix != "xml" && scope.uri(prefix) != uri {
            scope.written.push((prefix, uri));
        }
    }
    scope.written[mark..].sort_unstable();
    for (prefix, uri) in &scope.written[mark..] {
        out.push_str(" xmlns");
        if !prefix.is_empty() {
            out.push(':');
        }
        out.push_str(prefix);
        value(out, uri);
    }
    let mut attrs: Vec<Attr<'_>> = element.attrs().collect();
    attrs.sort_unstable_by_key(|attr| (attr.ns(), attr.name()));
    for attr in attrs {
        out.push(' ');
        qualified(out, attr.prefix(), attr.name());
        value(out, &attr.value());
    }
    out.push('>');
}

fn qualified(out: &mut String, prefix: &str, name: &str) {
    if !prefix.is_empty() {
        out.push_str(prefix);
        out.push(':');
    }
    out.push_str(name);
}

fn value(out: &mut String, value: &str) {
    out.push_str("=\"");
    escape(out, value, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#x9;"),
        '\n' => Some("&#xA;"),
        '\r' => Some("&#xD;"),
        _ => None,
    });
    out.push('"');
}

fn escape(out: &mut String, text: &str, replacement: impl Fn(char) -> Option<&'static str>) {
    let mut copied = 0;
    for (at, c) in text.char_indices() {
        if let Some(replacement) = replacement(c) {
            out.push_str(&text[copied..at]);
            out.push_str(replacement);
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}
