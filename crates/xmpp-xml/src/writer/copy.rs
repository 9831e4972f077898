//! Writing elements that have been read: the bytes that they came in as,
//! wherever what is in scope allows it.

use super::needs::Needs;
use super::scope::quote;
use super::{WriteError, Writer, is_name};
use crate::nodes::Attr;
use crate::scope::Scope;
use crate::tape::{self, ATTR_WORDS, ELEMENT_WORDS, FIRST_DECL, OUTER};
use crate::{ElementRef, Node, Ns, Text, namespace};

/// Attributes to set, or to remove.
type Changes<'c> = &'c [(&'c str, Option<&'c str>)];

impl Writer<'_> {
    /// Writes an element that has been read, with all in it. Prefixes stay as
    /// they are; what it uses and does not declare itself is declared on it,
    /// once, however often it is used. So is the language that it inherits,
    /// unless it does so here too. What is written is no longer than the
    /// element and what is declared around it together.
    ///
    /// Into a stream, a first-level element of a content namespace (RFC 6120,
    /// section 4.8.3) is written in that of the stream, whether it inherits
    /// its own or declares it itself, and so is all in it that inherits from
    /// there. What declares its namespace further within keeps it. A child
    /// written into a stanza inherits the content namespace of the stream
    /// where it inherited that of its own.
    ///
    /// An element with a prefix whose content namespace would become another
    /// one that attributes in it are in already cannot be written:
    /// [`WriteError::DuplicateAttribute`].
    pub fn element(&mut self, element: ElementRef<'_>) -> &mut Self {
        self.forward(element, &[])
    }

    /// Writes an element that has been read, as [`element`](Self::element) does,
    /// with some of its own attributes changed: those in no namespace that
    /// `attrs` names are set to the value, or removed. The rest is written byte
    /// for byte where what is in scope allows it: this is how a server passes a
    /// stanza on with another `from`.
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
        let needs = Needs::of(element);
        let content = self.source_content(element, &needs);
        if content.own && !content.prefixes && tape::prefix_len(element.word(0)) != 0 {
            return self.fail(WriteError::DuplicateAttribute);
        }
        if attrs.is_empty() && self.is_as_it_is(element, &needs, content) {
            self.out.extend_from_slice(element.source().as_bytes());
            return self;
        }
        self.root_tag(element, attrs, &needs, content);
        if element.is_open() {
            return self.end();
        }
        self.rest_as_it_is(element);
        self
    }

    /// Begins an element with the name, attributes and declarations of one
    /// that has been read, and with the declarations and the language that it
    /// inherits, if something in it uses them.
    pub fn start_like(&mut self, element: ElementRef<'_>) -> &mut Self {
        if self.may_start() {
            let needs = Needs::of(element);
            let content = self.source_content(element, &needs);
            self.root_tag(element, &[], &needs, content);
        }
        self
    }

    /// Declares on the element just begun the prefixes that `child` uses and
    /// inherits, as far as they are not bound here: of several children that
    /// will be written into it none has to declare them then.
    ///
    /// ```
    /// use xmpp_xml::{Element, Writer, ns};
    ///
    /// let stanza = Element::parse("<iq xmlns='jabber:client' xmlns:x='urn:x'><x:a/><x:b/></iq>")?;
    /// let mut tx = Vec::new();
    /// let mut w = Writer::in_stream(&mut tx, ns::CLIENT);
    /// w.start(ns::CLIENT, "iq");
    /// for child in stanza.children() {
    ///     w.declare_for(child);
    /// }
    /// for child in stanza.children() {
    ///     w.element(child);
    /// }
    /// w.end();
    /// w.finish()?;
    /// assert_eq!(tx, b"<iq xmlns:x='urn:x'><x:a/><x:b/></iq>");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn declare_for(&mut self, child: ElementRef<'_>) -> &mut Self {
        if self.state.error.is_some() {
            return self;
        }
        if !self.state.in_tag {
            return self.fail(WriteError::AttributeOutOfPlace);
        }
        let needs = Needs::of(child);
        let content = self.source_content(child, &needs);
        for (prefix, namespace) in needs.prefixes() {
            // One that is bound may be that of this element or its attributes.
            if !self.is_bound_to_any(prefix) {
                self.declare_unless_known(prefix, child, namespace, content);
            }
        }
        self
    }

    /// Begins an element like one within the one that
    /// [`start_like`](Self::start_like) has begun, which declares what it needs.
    pub(crate) fn start_like_within(&mut self, element: ElementRef<'_>) {
        if self.may_start() {
            self.root_tag(element, &[], &Needs::nothing(), NO_CONTENT);
        }
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
        if self.is_outermost() {
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

    /// What of the source becomes the content namespace of the stream that is
    /// written to.
    ///
    /// RFC 6120, section 4.8.3: a stanza that goes on to another kind of stream
    /// is in the content namespace of that one.
    fn source_content(&self, element: ElementRef<'_>, needs: &Needs<'_>) -> SourceContent {
        let Some(target) = self.state.stream.map(|context| context.content) else {
            return NO_CONTENT;
        };
        if !Ns::is_content(target.id()) {
            return NO_CONTENT;
        }
        let own = element.word(tape::NAMESPACE);
        let becomes = |id: u32, own: bool| {
            let prefixes = !needs.has_attributes_in(id, target.id());
            if Ns::is_content(id) { SourceContent { id, own, prefixes } } else { NO_CONTENT }
        };
        match self.state.open.len() {
            // First-level: what it declares itself counts as well.
            0 if Ns::is_content(own & !OUTER) => becomes(own & !OUTER, true),
            0 => becomes(element.view.scope().map_or(0, Scope::default_ns) & !OUTER, false),
            // A child of a stanza: only what came from outside of a child.
            1 if self.is_default(target) => {
                let is_prefixed = tape::prefix_len(element.word(0)) != 0;
                let inherited = if is_prefixed { needs.default.unwrap_or(0) } else { own };
                if inherited & OUTER != 0 { becomes(inherited & !OUTER, false) } else { NO_CONTENT }
            }
            _ => NO_CONTENT,
        }
    }

    /// What is to be written where `prefix` is declared (nothing: the default
    /// namespace) with a namespace word, and how that was sent if it stays.
    fn target<'n>(
        &self,
        prefix: &str,
        element: ElementRef<'n>,
        namespace: u32,
        content: SourceContent,
    ) -> (Ns<'n>, Option<&'n str>)
    where
        Self: 'n,
    {
        let id = namespace & !OUTER;
        if id == content.id
            && (content.own || namespace & OUTER != 0)
            && (content.prefixes || prefix.is_empty())
        {
            return (self.content(), None);
        }
        let uri = element.view.uri(namespace);
        let id = if namespace < FIRST_DECL { id } else { namespace::UNKNOWN };
        (Ns::with_id(uri, id), Some(element.view.raw_uri(namespace)))
    }

    /// Whether the bytes of `element` mean here what they meant where they
    /// come from.
    fn is_as_it_is(
        &self,
        element: ElementRef<'_>,
        needs: &Needs<'_>,
        content: SourceContent,
    ) -> bool {
        let meta = element.word(0);
        let lang = element.word(tape::LANGUAGE);
        let default = match tape::prefix_len(meta) {
            0 => Some(element.word(tape::NAMESPACE)),
            _ => needs.default,
        };
        meta & tape::DECLARES == 0
            && !element.is_open()
            && default.is_none_or(|word| self.is_default(self.target("", element, word, content).0))
            && needs.prefixes().all(|(prefix, word)| {
                self.is_bound(prefix, self.target(prefix, element, word, content).0)
            })
            && (lang == 0
                || has_own_lang(element)
                || element.lang().is_none_or(|lang| self.is_lang(&lang)))
    }

    /// Writes the start tag of `element`, up to where its `>` comes.
    fn root_tag(
        &mut self,
        element: ElementRef<'_>,
        changes: Changes<'_>,
        needs: &Needs<'_>,
        content: SourceContent,
    ) {
        let view = element.view;
        let is_prefixed = tape::prefix_len(element.word(0)) != 0;
        self.open_tag(element.prefix(), element.name());
        if !is_prefixed {
            self.declare_unless_known("", element, element.word(tape::NAMESPACE), content);
        }
        for decl in (element.place + ELEMENT_WORDS..element.content()).step_by(ATTR_WORDS) {
            let meta = view.word(decl, 0);
            if tape::kind(meta) != tape::DECL {
                continue;
            }
            let prefix = if tape::prefix_len(meta) == 0 { "" } else { view.local(decl) };
            // An element with a prefix may set the default for others.
            if is_prefixed || !prefix.is_empty() {
                self.declare_unless_known(
                    prefix,
                    element,
                    view.word(decl, tape::NAMESPACE),
                    content,
                );
            }
        }
        if let Some(default) = needs.default {
            self.declare_unless_known("", element, default, content);
        }
        for (prefix, namespace) in needs.prefixes() {
            self.declare_unless_known(prefix, element, namespace, content);
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
        if !has_own_lang(element)
            && let Some(lang) = element.lang()
            && !self.is_lang(&lang)
        {
            self.attribute("xml", "lang", &lang);
        }
    }

    /// Declares a prefix, or the default namespace if it is empty, on the tag
    /// at hand, unless it is in scope with that meaning.
    fn declare_unless_known(
        &mut self,
        prefix: &str,
        element: ElementRef<'_>,
        namespace: u32,
        content: SourceContent,
    ) {
        let (ns, raw) = self.target(prefix, element, namespace, content);
        let known = if prefix.is_empty() { self.is_default(ns) } else { self.is_bound(prefix, ns) };
        if !known {
            self.declare(prefix, ns, raw);
        }
    }

    /// Behind the start tag of `element`: writes the rest of it as it came.
    fn rest_as_it_is(&mut self, element: ElementRef<'_>) {
        let behind = element.end_of_attributes() - element.offset();
        let rest = element.source().get(behind..).unwrap_or_default();
        // White space before the end of the tag is of no use.
        self.out.extend_from_slice(rest.trim_start_matches([' ', '\t', '\r', '\n']).as_bytes());
        self.state.in_tag = false;
        self.state.open.pop();
        self.state.scope.leave(self.state.open.len());
    }

    fn copied_attribute(&mut self, attr: Attr<'_>) {
        let (prefix, raw) = (attr.prefix(), attr.raw_value());
        if self.is_too_large() {
            return;
        }
        self.out.push(b' ');
        let at = self.out.len();
        self.qualified(prefix, attr.name());
        if !self.attribute_is_new(at) {
            self.fail(WriteError::DuplicateAttribute);
        }
        let quote = quote(raw);
        self.out.extend_from_slice(&[b'=', quote]);
        let value = self.out.len();
        self.out.extend_from_slice(raw.as_bytes());
        if prefix == "xml" && attr.name() == "lang" {
            self.note_lang(value);
        }
        self.out.push(quote);
    }
}

/// What of the source becomes the content namespace of the stream: namespaces
/// of that number that are declared outside of what is written, or, with
/// `own`, by it.
#[derive(Clone, Copy)]
struct SourceContent {
    id: u32,
    own: bool,
    /// Whether that holds for prefixes, not only for the default namespace:
    /// two attributes of one name must not come about.
    prefixes: bool,
}

const NO_CONTENT: SourceContent =
    SourceContent { id: namespace::UNKNOWN, own: false, prefixes: false };

fn has_own_lang(element: ElementRef<'_>) -> bool {
    (element.place..element.content()).contains(&(element.word(tape::LANGUAGE) as usize))
}
