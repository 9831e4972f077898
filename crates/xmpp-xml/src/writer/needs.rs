//! What an element and all in it use and do not declare themselves.

use alloc::vec::Vec;

use crate::namespace::XML_ID;
use crate::tape::{
    self, ATTR, ATTR_WORDS, CDATA, DECL, DECLARES, ELEMENT, ELEMENT_WORDS, FIRST, FIRST_DECL,
    FIRST_PLACE, NO_PREFIXES, OUTER, TEXT,
};
use crate::{ElementRef, Ns};

/// The declarations around an element that it and its content depend on.
pub(super) struct Needs<'a> {
    /// Prefixes with their namespace words, each once.
    prefixes: Vec<(&'a str, u32)>,
    /// The namespace word of elements without a prefix, if there are some
    /// within an element that has one.
    pub(super) default: Option<u32>,
    /// The content namespaces that attributes are in, a bit each.
    attribute_content: u32,
}

impl<'a> Needs<'a> {
    pub(super) fn nothing() -> Self {
        Self { prefixes: Vec::new(), default: None, attribute_content: 0 }
    }

    /// One walk over the tape, without a look at a URI.
    pub(super) fn of(root: ElementRef<'a>) -> Self {
        let mut needs = Self::nothing();
        let view = root.view;
        if view.word(FIRST, 0) & NO_PREFIXES != 0 {
            return needs;
        }
        let (first, end) = (root.place, root.next());
        // How far a default namespace reaches that is declared within, or by
        // an element without a prefix for what inherits it.
        let mut defaulted = if tape::prefix_len(root.word(0)) == 0 { end } else { first };
        // The prefixes that are declared within, and how far they reach.
        let mut within: Vec<(&str, usize)> = Vec::new();
        let mut at = first;
        while at < end {
            let meta = view.word(at, 0);
            match tape::kind(meta) {
                ELEMENT => {
                    while within.last().is_some_and(|&(_, until)| until <= at) {
                        within.pop();
                    }
                    if meta & DECLARES != 0 {
                        let element = ElementRef::new(view, at);
                        for decl in (at + ELEMENT_WORDS..element.content()).step_by(ATTR_WORDS) {
                            let meta = view.word(decl, 0);
                            if tape::kind(meta) != DECL {
                                continue;
                            }
                            if tape::prefix_len(meta) == 0 {
                                defaulted = defaulted.max(element.next());
                            } else {
                                within.push((view.local(decl), element.next()));
                            }
                        }
                    }
                    let namespace = view.word(at, tape::NAMESPACE);
                    if tape::prefix_len(meta) != 0 {
                        needs.note(view.prefix(at), namespace, &within, first..end);
                    } else if at >= defaulted {
                        needs.default = Some(namespace);
                    }
                    at += ELEMENT_WORDS;
                }
                TEXT | CDATA => at += tape::TEXT_WORDS,
                kind => {
                    if kind == ATTR && tape::prefix_len(meta) != 0 {
                        let namespace = view.word(at, tape::NAMESPACE);
                        needs.note(view.prefix(at), namespace, &within, first..end);
                        needs.attribute_content |= content_bit(namespace & !OUTER);
                    }
                    at += ATTR_WORDS;
                }
            }
        }
        needs
    }

    /// The prefixes that have to be declared.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = (&'a str, u32)> {
        self.prefixes.iter().copied()
    }

    /// Whether attributes are in both of these content namespaces, so that
    /// two may come to have the same name if the one becomes the other.
    pub(super) fn has_attributes_in(&self, one: u32, other: u32) -> bool {
        let both = content_bit(one) | content_bit(other);
        one != other && self.attribute_content & both == both
    }

    fn note(
        &mut self,
        prefix: &'a str,
        namespace: u32,
        within: &[(&str, usize)],
        root: core::ops::Range<usize>,
    ) {
        if namespace == XML_ID {
            return;
        }
        // Where it is declared its word tells, but for the well-known ones.
        let is_within = match namespace.checked_sub(FIRST_PLACE) {
            Some(place) => root.contains(&(place as usize)),
            None if namespace >= FIRST_DECL => false,
            None => within.iter().any(|&(declared, _)| declared == prefix),
        };
        // Outside of the root a prefix has one meaning.
        if is_within || self.prefixes().any(|(noted, _)| noted == prefix) {
            return;
        }
        self.prefixes.push((prefix, namespace));
    }
}

fn content_bit(id: u32) -> u32 {
    if Ns::is_content(id) { 1 << (id % u32::BITS) } else { 0 }
}
