//! Start tags with prefixes, or with attributes that may be there twice: read
//! in the straight path, completed here.

use super::{MOST_NAME, byte, two};
use crate::lexer::start_tag::Tag;
use crate::lexer::{Fault, Lexer, State, fault};
use crate::scan::Marks;
use crate::tape::{self, ATTR, ATTR_WORDS, DECL, ELEMENT_WORDS};
use crate::{ErrorKind, Limits};

/// A start tag that is not done yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lexer) struct Unresolved {
    /// The place on the tape behind its attributes.
    pub(super) behind: u32,
    /// The offset behind it.
    pub(super) end: u32,
    pub(super) is_empty: bool,
}

impl Lexer {
    /// Completes a start tag that has been read but for its prefixes; `false`
    /// if there is something wrong with it, which the other path can tell
    /// better.
    pub(in crate::lexer) fn resolve_tag(
        &mut self,
        text: &str,
        limits: &Limits,
        tag: Unresolved,
    ) -> bool {
        let before = (self.tape.len(), self.side.len(), self.bindings.len());
        let scope = (self.default_ns, self.lang, self.prefixes);
        if self.try_resolve(text, limits, tag).is_ok() {
            return true;
        }
        self.tape.set_len(before.0);
        self.side.truncate(before.1);
        self.bindings.truncate(before.2);
        (self.default_ns, self.lang, self.prefixes) = scope;
        self.state = State::Content;
        false
    }

    fn try_resolve(
        &mut self,
        text: &str,
        limits: &Limits,
        unresolved: Unresolved,
    ) -> Result<(), Fault> {
        let place = self.tape.len();
        let around = self.open as usize;
        let Unresolved { behind, end, is_empty } = unresolved;
        let end = end as usize;
        self.tape.set_len(behind as usize);
        let mut tag = Tag::new(place as u32);
        let bytes = text.as_bytes();
        for at in (place + ELEMENT_WORDS..behind as usize).step_by(ATTR_WORDS) {
            let meta = self.tape[at];
            if tape::kind(meta) == DECL {
                if self.declarations() >= limits.max_namespaces as usize {
                    return fault(ErrorKind::TooManyNamespaces, end, end);
                }
                if self.tape[at + tape::LENGTH] > limits.max_uri_bytes {
                    return fault(ErrorKind::UriTooLong, end, end);
                }
                tag.has_declaration();
                self.bind(text, at)?;
            } else if tape::prefix_len(meta) != 0 {
                tag.has_prefix();
            }
            tag.note(bytes, meta, self.tape[at + tape::NAME] as usize);
        }
        self.tag = tag;
        if around != 0 && self.tape[around + tape::END] >= limits.max_children {
            return fault(ErrorKind::TooManyChildren, end, end);
        }
        self.tag_complete(text, limits, end, is_empty)?;
        if around != 0 {
            self.tape[around + tape::END] += 1;
        }
        Ok(())
    }
}

/// The length of the local name at `at`.
#[inline(never)]
pub(super) fn local_name(bytes: &[u8], marks: &mut Marks, at: u32) -> Option<u32> {
    let from = marks.at(bytes, at as usize);
    let len = marks.name(from).trailing_zeros();
    ((1..=MOST_NAME).contains(&len) && byte(bytes, at)? >= b'A').then_some(len)
}

/// The attribute or declaration with a prefix at `at`.
#[inline(never)]
pub(super) fn prefixed_attribute(
    bytes: &[u8],
    marks: &mut Marks,
    at: u32,
) -> Option<[u32; ATTR_WORDS]> {
    let prefix = local_name(bytes, marks, at)?;
    let local = local_name(bytes, marks, at + prefix + 1)?;
    let from = at + prefix + 1 + local + 2;
    let stop = marks.value_stop(bytes, from as usize) as u32;
    match two(bytes, from - 2)?.to_le_bytes() {
        [b'=', quote @ (b'\'' | b'"')] if byte(bytes, stop) == Some(quote) => {
            let declares = bytes.get(at as usize..(at + prefix) as usize) == Some(b"xmlns");
            let kind = if declares { DECL } else { ATTR };
            let meta = tape::meta(kind, prefix as usize, local as usize);
            Some([meta, at, 0, from, stop - from])
        }
        _ => None,
    }
}

/// Whether an element or its attributes have prefixes, or two attributes the
/// same name.
#[cold]
pub(super) fn is_special(bytes: &[u8], meta: u32, attributes: Option<&[u32]>) -> bool {
    let (attributes, _) = attributes.unwrap_or_default().as_chunks::<ATTR_WORDS>();
    let name = |&[meta, name, ..]: &[u32; ATTR_WORDS]| {
        bytes.get(name as usize..)?.get(..tape::local_len(meta))
    };
    tape::prefix_len(meta) != 0
        || attributes.iter().any(|&[meta, ..]| tape::prefix_len(meta) != 0)
        || (1..attributes.len())
            .any(|i| attributes[..i].iter().any(|before| name(before) == name(&attributes[i])))
}
