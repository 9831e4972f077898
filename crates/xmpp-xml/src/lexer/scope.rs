//! Namespaces in scope.

use alloc::borrow::Cow;

use super::start_tag::Tag;
use super::{Fault, Lexer, fault};
use crate::namespace::{self, UNKNOWN, XML_ID, XMLNS_ID};
use crate::tape::{self, ATTR, ATTR_WORDS, DIRTY, FIRST_PLACE, OUTER, SIDE, URI};
use crate::{ErrorKind, Limits, decode};

/// A namespace declaration in scope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding {
    /// The place of the declaration on the tape.
    pub(crate) decl: u32,
    /// The namespace word that it binds its prefix to.
    pub(crate) namespace: u32,
    /// The default namespace before it.
    pub(super) default_before: u32,
}

impl Lexer {
    /// How many declarations are in scope.
    pub(super) fn declarations(&self) -> usize {
        self.bindings.len() + self.outer.declarations as usize
    }

    /// Binds what the declaration at `decl`, the last entry of the tape, says.
    #[inline]
    pub(super) fn bind(&mut self, text: &str, decl: usize) -> Result<(), Fault> {
        let view = self.view(text);
        let meta = view.word(decl, 0);
        let raw = view.raw_value(decl);
        let is_default = tape::prefix_len(meta) == 0;
        let namespace = match namespace::look_up(raw.as_bytes()) {
            // The plain case: a default namespace that is not reserved.
            id if is_default && id != UNKNOWN && id != XML_ID && id != XMLNS_ID => id,
            id => self.bind_any(text, decl, id)?,
        };
        let outer = namespace < OUTER && self.open == 0;
        let namespace = if outer { namespace | OUTER } else { namespace };
        self.tape[decl + tape::NAMESPACE] = namespace;
        self.bindings.push(Binding {
            decl: decl as u32,
            namespace,
            default_before: self.default_ns,
        });
        if is_default {
            self.default_ns = namespace;
        }
        Ok(())
    }

    /// The namespace word for the declaration at `decl`, whose value as sent
    /// has that number.
    #[inline(never)]
    fn bind_any(&mut self, text: &str, decl: usize, id: u32) -> Result<u32, Fault> {
        let view = self.view(text);
        let meta = view.word(decl, 0);
        let prefix = if tape::prefix_len(meta) == 0 { "" } else { view.local(decl) };
        let raw = view.raw_value(decl);
        let (uri, id) = if meta & DIRTY == 0 {
            (Cow::Borrowed(raw), id)
        } else {
            let uri = decode::value(raw);
            let id = namespace::look_up(uri.as_bytes());
            (Cow::Owned(uri), id)
        };
        let (name, value) = (view.word(decl, tape::NAME), view.word(decl, tape::VALUE));
        // Namespaces in XML 1.0, section 3, "Reserved Prefixes and Namespace
        // Names".
        let reserved = match prefix {
            "xml" => id != XML_ID,
            "xmlns" => true,
            _ => id == XML_ID || id == XMLNS_ID,
        };
        if reserved {
            return fault(ErrorKind::ReservedPrefix, name as usize, value as usize);
        }
        if uri.is_empty() && !prefix.is_empty() {
            return fault(ErrorKind::EmptyPrefixDeclaration, name as usize, value as usize);
        }
        if id != UNKNOWN {
            return Ok(id);
        }
        Ok(FIRST_PLACE
            + match uri {
                Cow::Borrowed(_) => decl as u32,
                Cow::Owned(uri) => {
                    let at = self.side.len() as u32;
                    self.side.push_str(&uri);
                    let place = self.tape.len() as u32;
                    self.tape.push([URI | SIDE, 0, 0, at, uri.len() as u32]);
                    place
                }
            })
    }

    /// Unbinds what the element at `place` declared.
    #[inline(never)]
    pub(super) fn undeclare(&mut self, place: u32) {
        while let Some(binding) = self.bindings.last()
            && binding.decl > place
        {
            self.default_ns = binding.default_before;
            self.bindings.pop();
        }
    }

    /// The namespace word for a prefix that is not empty.
    pub(super) fn resolve(&self, text: &str, prefix: &str) -> Option<u32> {
        if prefix == "xml" {
            return Some(XML_ID);
        }
        let view = self.view(text);
        let binding = self.bindings.iter().rev().find(|binding| {
            let decl = binding.decl as usize;
            tape::prefix_len(view.word(decl, 0)) != 0 && view.local(decl) == prefix
        });
        match binding {
            Some(binding) => Some(binding.namespace),
            None => self.scope.as_deref()?.resolve(prefix),
        }
    }

    /// The namespaces of attributes with prefixes, and `xml:lang`.
    #[inline(never)]
    pub(super) fn resolve_attributes(
        &mut self,
        text: &str,
        limits: &Limits,
        tag: &Tag,
    ) -> Result<(), Fault> {
        let end = self.tape.len();
        let mut at = tag.place as usize + tape::ELEMENT_WORDS;
        while at < end {
            let meta = self.tape[at];
            if tape::kind(meta) == ATTR && tape::prefix_len(meta) != 0 {
                let name = self.tape[at + tape::NAME] as usize;
                let view = self.view(text);
                let Some(namespace) = self.resolve(text, view.prefix(at)) else {
                    return fault(ErrorKind::UnboundPrefix, name, name + tape::prefix_len(meta));
                };
                if namespace != XML_ID {
                    self.prefixes = true;
                } else if view.local(at) == "lang" {
                    if view.word(at, tape::LENGTH) > limits.max_lang_bytes {
                        let value = view.word(at, tape::VALUE) + limits.max_lang_bytes;
                        return fault(ErrorKind::LanguageTooLong, name, value as usize);
                    }
                    self.lang = at as u32;
                }
                self.tape[at + tape::NAMESPACE] = namespace;
            }
            at += ATTR_WORDS;
        }
        Ok(())
    }
}
