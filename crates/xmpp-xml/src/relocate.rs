//! Giving elements a text and a tape that live on their own.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::lexer::Lexer;
use crate::scope::Scope;
use crate::tape::{
    self, ATTR, ATTR_WORDS, CDATA, DIRTY, ELEMENT, FIRST, FIRST_DECL, FIRST_PLACE, LANG_OF_HEADER,
    NO_PREFIXES, Owner, SIDE, TEXT, URI,
};
use crate::{Element, ElementRef};

/// `element` on its own: without a copy if it is on its own already.
pub(crate) fn shared(element: ElementRef<'_>) -> Element {
    let Owner { lexer, element: owner } = element.view.owner;
    if let Some(owner) = owner {
        return owner.at(element.place);
    }
    let (side, scope) = lexer.map_or(("", None), |lexer| (&*lexer.side, lexer.scope.as_ref()));
    if lexer.is_some_and(Lexer::is_of_tokens) {
        inner(element, element.content(), side, scope)
    } else if element.place == FIRST {
        outermost(element, side, scope)
    } else {
        inner(element, element.next(), side, scope)
    }
}

/// `element` with nothing around it.
pub(crate) fn detached(element: &Element) -> Element {
    let inside = element.as_ref();
    match inside.place {
        FIRST => element.clone(),
        _ => inner(inside, inside.next(), "", element.shared_scope()),
    }
}

/// The elements of which a value keeps some, all within one: from an
/// [`Element`] they are shared as they are; from a buffer the outer one is
/// copied when the first of them is asked for, and they share that.
///
/// ```
/// use xmpp_xml::{Element, ElementRef, Sharing};
///
/// fn payloads(stanza: ElementRef<'_>) -> Vec<Element> {
///     let mut sharing = Sharing::new(stanza);
///     stanza.children().map(|child| sharing.share(child)).collect()
/// }
/// # let stanza = Element::parse("<a><b/><c/></a>")?;
/// # assert_eq!(payloads(stanza.as_ref()).len(), 2);
/// # Ok::<(), xmpp_xml::Error>(())
/// ```
#[derive(Debug)]
pub struct Sharing<'a> {
    outer: ElementRef<'a>,
    shared: Option<Element>,
}

impl<'a> Sharing<'a> {
    /// For elements within `outer`, at any depth.
    #[must_use]
    pub fn new(outer: ElementRef<'a>) -> Self {
        Self { outer, shared: None }
    }

    /// Shares an element as [`ElementRef::into_shared`] does, and is cheap from
    /// the second element on. One that is not within the outer element is copied by itself.
    #[must_use]
    pub fn share(&mut self, element: ElementRef<'a>) -> Element {
        let outer = self.outer;
        let is_within = core::ptr::eq(outer.view.tape, element.view.tape)
            && (outer.place..outer.next()).contains(&element.place);
        if element.view.owner.element.is_some() || !is_within {
            return element.into_shared();
        }
        let shared = self.shared.get_or_insert_with(|| outer.into_shared());
        // Entries stay as far from each other as they were.
        shared.at(FIRST + element.place - outer.place)
    }
}

/// The element that its tape is of: offsets and places stay as they are.
fn outermost(element: ElementRef<'_>, side: &str, scope: Option<&Arc<Scope>>) -> Element {
    let (source, tape) = (element.source(), element.view.tape);
    let tape = tape.get(..element.next()).unwrap_or_default();
    let scope = scope.cloned();
    if side.is_empty() {
        return Element::from_parts(source.into(), tape.into(), scope, FIRST);
    }
    let mut words = tape.to_vec();
    let mut at = FIRST;
    while at < words.len() {
        let meta = words[at];
        if tape::kind(meta) == URI
            && let Some(entry) = words.get_mut(at..at + ATTR_WORDS)
        {
            entry[0] = meta & !SIDE;
            entry[tape::VALUE] += source.len() as u32;
        }
        at += entry_words(meta);
    }
    let mut text = String::with_capacity(source.len() + side.len());
    text.push_str(source);
    text.push_str(side);
    Element::from_parts(text.into(), words.into(), scope, FIRST)
}

/// An element within another one: moved to the beginning of a new text and
/// tape, with what it inherits from elements around it behind it. Without its
/// content, if `end` is before that.
fn inner(element: ElementRef<'_>, end: usize, side: &str, scope: Option<&Arc<Scope>>) -> Element {
    let view = element.view;
    let first = element.place;
    let base = element.offset() as u32;
    let mut copy =
        Copy { first, behind: FIRST + end - first, end, inherited: Vec::new(), needs_scope: false };
    let is_tag = end < element.next();
    let until = if is_tag { element.end_of_tag() } else { base as usize + element.source().len() };
    let source = view.text.get(base as usize..until).unwrap_or_default();
    let mut text = String::with_capacity(source.len());
    text.push_str(source);
    let mut words: Vec<u32> = Vec::with_capacity(copy.behind);
    words.extend_from_slice(&[0; FIRST]);
    let mut at = first;
    while at < end {
        let meta = view.word(at, 0);
        match tape::kind(meta) {
            ELEMENT => words.extend_from_slice(&[
                meta & !NO_PREFIXES,
                view.word(at, tape::START) - base,
                copy.namespace(view.word(at, tape::NAMESPACE)),
                copy.lang(view.word(at, tape::LANGUAGE)),
                copy.moved(view.word(at, tape::NEXT)),
                view.word(at, tape::END).saturating_sub(base),
                copy.moved(view.word(at, tape::CONTENT)),
            ]),
            TEXT | CDATA => {
                words.extend_from_slice(&[meta, view.word(at, 1) - base, view.word(at, 2)]);
            }
            URI => {
                let uri = match meta & SIDE {
                    0 => view.raw_value(at),
                    _ => tape::piece(side, view.word(at, tape::VALUE), view.word(at, tape::LENGTH)),
                };
                words.extend_from_slice(&beside(&mut text, meta & !SIDE, uri));
            }
            _ => words.extend_from_slice(&[
                meta,
                view.word(at, tape::NAME) - base,
                copy.namespace(view.word(at, tape::NAMESPACE)),
                view.word(at, tape::VALUE) - base,
                view.word(at, tape::LENGTH),
            ]),
        }
        at += entry_words(meta);
    }
    if let Some([meta, _, _, _, next, ..]) = words.get_mut(FIRST..) {
        *meta |= view.word(FIRST, 0) & NO_PREFIXES;
        if is_tag {
            *next = 0;
        }
    }
    // Each as what it was sent as, then as what that stands for.
    for inherited in &copy.inherited {
        match *inherited {
            Inherited::Namespace(place) => {
                let namespace = FIRST_PLACE + place;
                words.extend_from_slice(&beside(&mut text, URI, view.raw_uri(namespace)));
                words.extend_from_slice(&beside(&mut text, URI, view.uri(namespace)));
            }
            Inherited::Lang(place) => {
                let dirty = view.word(place as usize, 0) & DIRTY;
                let raw = view.raw_value(place as usize);
                words.extend_from_slice(&beside(&mut text, ATTR | dirty, raw));
                words.extend_from_slice(&[URI, 0, 0, 0, 0]);
            }
        }
    }
    let scope = scope.filter(|_| copy.needs_scope).cloned();
    Element::from_parts(text.into(), words.into(), scope, FIRST)
}

/// Where things go.
struct Copy {
    first: usize,
    end: usize,
    /// Where `end` is on the new tape.
    behind: usize,
    inherited: Vec<Inherited>,
    needs_scope: bool,
}

/// The place of what an element around the copied one has declared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inherited {
    Namespace(u32),
    Lang(u32),
}

impl Copy {
    /// A place in the element or behind it. One before it is that of the parent
    /// of an element whose end is not known.
    fn moved(&self, place: u32) -> u32 {
        match (place as usize).checked_sub(self.first) {
            Some(ahead) => (FIRST + ahead) as u32,
            None => 0,
        }
    }

    fn namespace(&mut self, namespace: u32) -> u32 {
        match namespace.checked_sub(FIRST_PLACE) {
            Some(place) if (self.first..self.end).contains(&(place as usize)) => {
                FIRST_PLACE + self.moved(place)
            }
            Some(place) => {
                FIRST_PLACE + self.outside(Inherited::Namespace(place)) + ATTR_WORDS as u32
            }
            None => {
                self.needs_scope |= namespace >= FIRST_DECL;
                namespace
            }
        }
    }

    fn lang(&mut self, lang: u32) -> u32 {
        match lang {
            0 => 0,
            LANG_OF_HEADER => {
                self.needs_scope = true;
                lang
            }
            place if (self.first..self.end).contains(&(place as usize)) => self.moved(place),
            place => self.outside(Inherited::Lang(place)),
        }
    }

    /// The place of what is inherited on the new tape: two entries for each.
    fn outside(&mut self, what: Inherited) -> u32 {
        let known = self.inherited.iter().position(|&other| other == what);
        let i = known.unwrap_or_else(|| {
            self.inherited.push(what);
            self.inherited.len() - 1
        });
        (self.behind + i * 2 * ATTR_WORDS) as u32
    }
}

/// An entry whose value is put at the end of the text.
fn beside(text: &mut String, meta: u32, value: &str) -> [u32; ATTR_WORDS] {
    let at = text.len() as u32;
    text.push_str(value);
    [meta, 0, 0, at, value.len() as u32]
}

/// How many words an entry has, without the content of an element.
fn entry_words(meta: u32) -> usize {
    match tape::kind(meta) {
        ELEMENT => tape::ELEMENT_WORDS,
        TEXT | CDATA => tape::TEXT_WORDS,
        _ => ATTR_WORDS,
    }
}
