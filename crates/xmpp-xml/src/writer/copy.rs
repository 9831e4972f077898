//! Writing elements that have been read: the bytes that they came in as,
//! wherever what is in scope allows it.

use super::{WriteError, Writer, is_name};
use crate::nodes::Attr;
use crate::tape::{self, ATTR_WORDS, ELEMENT, ELEMENT_WORDS, FIRST_PLACE, SIDE};
use crate::walk::{Visit, Walk};
use crate::{ElementRef, Node, Ns, Text, namespace};

/// Attributes to set, or to remove.
type Changes<'c> = &'c [(&'c str, Option<&'c str>)];

impl Writer<'_> {
    /// Writes an element that has been read, with all in it. Prefixes stay as
    /// they are; what it uses and does not declare itself is declared on it.
    /// So is the language that it inherits, unless it does so here too.
    pub fn element(&mut self, element: ElementRef<'_>) -> &mut Self {
        self.forward(element, &[])
    }

    /// The same with some of its own attributes changed: those in no
    /// namespace that `attrs` names are set to the value, or removed. The
    /// rest is written byte for byte where what is in scope allows it: this
    /// is how a server passes a stanza on with another `from`.
    ///
    /// ```
    /// use xmpp_xml::{Element, Writer, ns};
    ///
    /// let stanza = Element::parse("<message xmlns='jabber:client' to='b@example'><body>&lt;3</body></message>")?;
    /// let mut tx = Vec::new();
    /// let mut w = Writer::in_stream(&mut tx, ns::CLIENT);
    /// w.forward(stanza.as_ref(), &[("from", Some("a@example/x")), ("to", None)]);
    /// w.finish()?;
    /// assert_eq!(tx, b"<message from='a@example/x'><body>&lt;3</body></message>");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn forward(
        &mut self,
        element: ElementRef<'_>,
        attrs: &[(&str, Option<&str>)],
    ) -> &mut Self {
        if !self.may_start() {
            return self;
        }
        if attrs.iter().any(|(name, _)| !is_name(name) || *name == "xmlns") {
            return self.fail(WriteError::InvalidName);
        }
        let alone = stands_alone(element);
        if alone == Alone::ByteForByte
            && attrs.is_empty()
            && self.is_default(ns_of(element))
            && (has_own_lang(element) || element.word(tape::LANGUAGE) == 0)
        {
            self.out.extend_from_slice(element.source().as_bytes());
        } else if alone != Alone::No {
            self.root_tag(element, attrs);
            self.rest_as_it_is(element);
        } else {
            self.node_by_node(element, attrs);
        }
        self
    }

    /// Begins an element with the name, attributes and declarations of one
    /// that has been read.
    pub fn start_like(&mut self, element: ElementRef<'_>) -> &mut Self {
        if self.may_start() {
            self.root_tag(element, &[]);
        }
        self
    }

    /// Writes a child of an element that has been read.
    pub fn node(&mut self, node: Node<'_>) {
        match node {
            Node::Element(element) => {
                self.element(element);
            }
            Node::Text(text) => self.copied_text(text),
        }
    }

    fn copied_text(&mut self, text: Text<'_>) {
        if self.state.error.is_some() {
            return;
        }
        if self.state.open.len() == 0 {
            self.fail(WriteError::TextOutOfPlace);
            return;
        }
        self.close_tag();
        if text.is_cdata() {
            self.out.extend_from_slice(b"<![CDATA[");
            self.out.extend_from_slice(text.raw().as_bytes());
            self.out.extend_from_slice(b"]]>");
        } else if self.out.ends_with(b"]") {
            // `]]>` may come about where two pieces meet.
            self.text(&text.value());
        } else {
            self.out.extend_from_slice(text.raw().as_bytes());
        }
    }

    /// Writes the start tag of `element`, up to where its `>` comes.
    fn root_tag(&mut self, element: ElementRef<'_>, changes: Changes<'_>) {
        self.copied_tag(element, changes);
        let lang = element.lang().filter(|_| !has_own_lang(element));
        if let Some(lang) = lang
            && !self.is_lang(&lang)
        {
            self.attribute("xml", "lang", &lang);
        }
    }

    /// Behind the start tag of `element`: writes the rest of it as it came.
    fn rest_as_it_is(&mut self, element: ElementRef<'_>) {
        let behind = behind_attributes(element) - element.word(tape::START) as usize;
        let rest = element.source().get(behind..).unwrap_or_default();
        // White space before the end of the tag is of no use.
        self.out.extend_from_slice(rest.trim_start_matches([' ', '\t', '\r', '\n']).as_bytes());
        self.state.in_tag = false;
        self.state.open.pop();
        self.state.scope.leave(self.state.open.len());
    }

    fn node_by_node(&mut self, root: ElementRef<'_>, changes: Changes<'_>) {
        for visit in Walk::new(root) {
            match visit {
                Visit::Start(element) if element.place == root.place => {
                    self.root_tag(element, changes);
                }
                Visit::Start(element) => {
                    self.close_tag();
                    self.copied_tag(element, &[]);
                }
                Visit::Text(text) => self.copied_text(text),
                Visit::End(_) => {
                    self.end();
                }
            }
            if self.state.error.is_some() {
                return;
            }
        }
    }

    fn copied_tag(&mut self, element: ElementRef<'_>, changes: Changes<'_>) {
        let own_ns = ns_of(element);
        let prefix = element.prefix();
        // Asked before this element is open: what it inherits.
        let inherits_default = self.is_default(own_ns);
        self.open_tag(prefix, element.name());
        if prefix.is_empty() {
            if !inherits_default {
                self.declare_default(own_ns);
            }
        } else if !self.is_bound(prefix, own_ns) {
            self.declare_prefix(prefix, own_ns);
        }
        for decl in element.declarations() {
            let uri = Ns::new(decl.uri());
            if decl.prefix().is_empty() {
                // An element with a prefix may set the default for others.
                if !prefix.is_empty() && !self.is_default(uri) {
                    self.declare_default(uri);
                }
            } else if !self.is_bound(decl.prefix(), uri) {
                self.declare_prefix(decl.prefix(), uri);
            }
        }
        for attr in element.attrs() {
            match changes.iter().find(|(name, _)| attr.is_plain(name)) {
                None => self.copied_attribute(attr),
                Some((name, Some(value))) => {
                    self.attribute("", name, value);
                }
                Some((_, None)) => {}
            }
        }
        for &(name, value) in changes {
            if let Some(value) = value
                && !element.attrs().any(|attr| attr.is_plain(name))
            {
                self.attribute("", name, value);
            }
        }
    }

    fn copied_attribute(&mut self, attr: Attr<'_>) {
        let prefix = attr.prefix();
        let ns = attr.written_ns();
        if !prefix.is_empty() && !self.is_bound(prefix, ns) {
            if self.declares(prefix) {
                // This element needs the prefix for something else.
                self.attr_ns(ns, attr.name(), &attr.value());
                return;
            }
            self.declare_prefix(prefix, ns);
        }
        let raw = attr.raw_value();
        let quote = if raw.contains('\'') { b'"' } else { b'\'' };
        self.out.push(b' ');
        let at = self.out.len();
        self.qualified(prefix, attr.name());
        if !self.state.scope.attribute_is_new(self.out, self.state.base, at) {
            self.fail(WriteError::DuplicateAttribute);
        }
        self.out.extend_from_slice(&[b'=', quote]);
        let value = self.out.len();
        self.out.extend_from_slice(raw.as_bytes());
        if prefix == "xml" && attr.name() == "lang" {
            self.note_lang(value);
        }
        self.out.push(quote);
    }
}

impl Attr<'_> {
    fn written_ns(&self) -> Ns<'_> {
        match namespace::well_known_uri(self.namespace()) {
            Some(uri) => Ns::with_id(uri, self.namespace()),
            None => Ns::with_id(self.ns(), namespace::UNKNOWN),
        }
    }
}

fn ns_of(element: ElementRef<'_>) -> Ns<'_> {
    let id = element.word(tape::NAMESPACE);
    match namespace::well_known_uri(id) {
        Some(uri) => Ns::with_id(uri, id),
        None => Ns::with_id(element.ns(), namespace::UNKNOWN),
    }
}

fn has_own_lang(element: ElementRef<'_>) -> bool {
    element.word(tape::LANGUAGE) as usize > element.place
}

/// The offset behind the last attribute, or the name.
fn behind_attributes(element: ElementRef<'_>) -> usize {
    let mut behind = element.word(tape::START) as usize + 1 + tape::name_len(element.word(0));
    let mut at = element.place + ELEMENT_WORDS;
    let end = element.content();
    while at < end {
        let meta = element.view.word(at, 0);
        if meta & SIDE == 0 {
            let value = element.view.word(at, tape::VALUE) + element.view.word(at, tape::LENGTH);
            behind = value as usize + 1;
        }
        at += ATTR_WORDS;
    }
    behind
}

/// How much of an element depends on what is declared around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// Prefixes do, or it has one itself.
    No,
    /// Nothing but the default namespace of its start tag, perhaps.
    ButForItsTag,
    /// The same, and its start tag declares nothing and has no prefixes.
    ByteForByte,
}

fn stands_alone(element: ElementRef<'_>) -> Alone {
    let tape = element.view.tape.get(..element.next()).unwrap_or_default();
    let meta = element.word(0);
    if tape::prefix_len(meta) != 0 {
        return Alone::No;
    }
    let mut alone =
        if meta & tape::DECLARES == 0 { Alone::ByteForByte } else { Alone::ButForItsTag };
    if meta & tape::NO_PREFIXES != 0 {
        return alone;
    }
    let mut at = element.place + ELEMENT_WORDS;
    while let Some(&[meta, _, namespace]) = tape.get(at..).and_then(|rest| rest.first_chunk()) {
        let kind = tape::kind(meta);
        if matches!(kind, tape::TEXT | tape::CDATA) {
            at += tape::TEXT_WORDS;
            continue;
        }
        if tape::prefix_len(meta) != 0 && kind != tape::DECL && namespace != namespace::XML_ID {
            let within = namespace
                .checked_sub(FIRST_PLACE)
                .is_some_and(|decl| decl as usize > element.place);
            if !within {
                return Alone::No;
            }
            alone = Alone::ButForItsTag;
        }
        at += if kind == ELEMENT { ELEMENT_WORDS } else { ATTR_WORDS };
    }
    alone
}
