//! What a writer has open and what it has declared.

use alloc::vec::Vec;
use core::fmt::Write as _;
use core::ops::Range;

use super::{WriteError, Writer, escape};
use crate::namespace::UNKNOWN;
use crate::{Ns, decode, ns};

/// A namespace that has been written: its number, or where its URI stands,
/// seen from where the writer began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    id: u32,
    at: u32,
    len: u32,
    /// Whether it stands there with references in it.
    escaped: bool,
}

/// An open element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) name: u32,
    pub(super) name_len: u32,
    /// The default namespace within it; `None` is the one outside everything.
    default: Option<Written>,
    /// Where the language in scope stands, if one has been written.
    lang: Option<(u32, u32)>,
}

/// The open elements; as many as stanzas commonly nest need no allocation.
#[derive(Debug)]
pub(super) struct Frames {
    first: [Frame; FRAMES],
    more: Vec<Frame>,
    len: usize,
}

const FRAMES: usize = 6;

impl Frames {
    pub(super) fn new() -> Self {
        const EMPTY: Frame = Frame { name: 0, name_len: 0, default: None, lang: None };
        Self { first: [EMPTY; FRAMES], more: Vec::new(), len: 0 }
    }

    /// One that is open already, with that default namespace within it.
    pub(super) fn within(default: Ns<'_>) -> Self {
        let written = Written { id: default.id(), at: 0, len: 0, escaped: false };
        let mut frames = Self::new();
        frames.push(0, 0, Some(written));
        frames
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, name: usize, name_len: usize, default: Option<Written>) {
        let lang = self.last().and_then(|frame| frame.lang);
        let frame = Frame { name: name as u32, name_len: name_len as u32, default, lang };
        match self.first.get_mut(self.len) {
            Some(place) => *place = frame,
            None => self.more.push(frame),
        }
        self.len += 1;
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        let last = *self.last()?;
        self.len -= 1;
        self.more.truncate(self.len.saturating_sub(FRAMES));
        Some(last)
    }

    fn last(&self) -> Option<&Frame> {
        let last = self.len.checked_sub(1)?;
        self.first.get(last).or_else(|| self.more.last())
    }

    fn last_mut(&mut self) -> Option<&mut Frame> {
        let last = self.len.checked_sub(1)?;
        match self.first.get_mut(last) {
            Some(frame) => Some(frame),
            None => self.more.last_mut(),
        }
    }
}

/// Prefixes in scope, and the attributes of the tag at hand.
#[derive(Debug)]
pub(super) struct Scope {
    prefixes: Vec<Prefix>,
    attributes: Names,
}

#[derive(Clone, Copy, Debug)]
struct Prefix {
    at: u32,
    len: u32,
    namespace: Written,
    /// How many elements were open where it was declared.
    depth: usize,
}

/// Names of attributes, as places in the output.
#[derive(Debug)]
struct Names {
    /// The [`mark`]s of all of them.
    marks: u64,
    first: [(u32, u32); NAMES],
    more: Vec<(u32, u32)>,
    len: usize,
}

const NAMES: usize = 8;

/// A prefix that is a copy, so that it can be written where it comes from.
pub(super) struct PrefixName {
    bytes: [u8; 16],
    len: usize,
    long: Option<alloc::string::String>,
}

impl PrefixName {
    fn new(name: &str) -> Self {
        let mut bytes = [0; 16];
        match bytes.get_mut(..name.len()) {
            Some(place) => {
                place.copy_from_slice(name.as_bytes());
                Self { bytes, len: name.len(), long: None }
            }
            None => Self { bytes, len: 0, long: Some(name.into()) },
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match &self.long {
            Some(long) => long,
            None => str::from_utf8(&self.bytes[..self.len]).unwrap_or_default(),
        }
    }
}

impl Scope {
    pub(super) fn new() -> Self {
        Self {
            prefixes: Vec::new(),
            attributes: Names { marks: 0, first: [(0, 0); NAMES], more: Vec::new(), len: 0 },
        }
    }

    pub(super) fn tag_begins(&mut self) {
        self.attributes.len = 0;
        self.attributes.marks = 0;
        self.attributes.more.clear();
    }

    /// Elements beyond `depth` are closed.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.prefixes.last().is_some_and(|prefix| prefix.depth > depth) {
            self.prefixes.pop();
        }
    }

    /// Notes the name that stands in `out` from `at` to `end`, and says whether the tag
    /// has none like it.
    #[inline]
    pub(super) fn attribute_is_new(
        &mut self,
        out: &[u8],
        base: usize,
        (at, end): (usize, usize),
        mark: u64,
    ) -> bool {
        let names = &mut self.attributes;
        if names.marks & mark != 0 && names.contain(out, base, at..end) {
            return false;
        }
        names.marks |= mark;
        let entry = ((at - base) as u32, (end - at) as u32);
        match names.first.get_mut(names.len) {
            Some(place) => *place = entry,
            None => names.more.push(entry),
        }
        names.len += 1;
        true
    }
}

impl Names {
    #[inline(never)]
    fn contain(&self, out: &[u8], base: usize, name: Range<usize>) -> bool {
        let name = out.get(name).unwrap_or_default();
        let same = |&(at, len): &(u32, u32)| {
            len as usize == name.len()
                && out.get(base + at as usize..base + (at + len) as usize) == Some(name)
        };
        self.first.iter().take(self.len).chain(&self.more).any(same)
    }
}

/// A bit that is the same for names that are the same, and seldom for others.
#[inline]
pub(super) const fn mark(name: &[u8]) -> u64 {
    let ends = match name {
        [first, .., last] => first.wrapping_mul(5) ^ *last,
        [one] => *one,
        [] => 0,
    };
    1 << (ends.wrapping_add(name.len() as u8) % 64)
}

/// The quote that a value as it was sent can stand between.
pub(super) fn quote(raw: &str) -> u8 {
    if raw.contains('\'') { b'"' } else { b'\'' }
}

impl Writer<'_> {
    fn is_written(&self, written: Written, ns: Ns<'_>) -> bool {
        if ns.id() != UNKNOWN || written.id != UNKNOWN {
            return ns.id() == written.id;
        }
        let at = self.state.base + written.at as usize;
        let there = self.out.get(at..at + written.len as usize).unwrap_or_default();
        if written.escaped {
            str::from_utf8(there).is_ok_and(|there| decode::is_value(there, ns.uri()))
        } else {
            there == ns.uri().as_bytes()
        }
    }

    pub(super) fn default_in_scope(&self) -> Option<Written> {
        self.state.open.last().and_then(|frame| frame.default)
    }

    /// The language of the tag at hand stands from `at` on to the end.
    pub(super) fn note_lang(&mut self, at: usize) {
        if self.is_too_large() {
            return;
        }
        let place = ((at - self.state.base) as u32, (self.out.len() - at) as u32);
        if let Some(frame) = self.state.open.last_mut() {
            frame.lang = Some(place);
        }
    }

    /// Whether that language is in scope because it has been written.
    pub(super) fn is_lang(&self, tag: &str) -> bool {
        self.state.open.last().and_then(|frame| frame.lang).is_some_and(|(at, len)| {
            let at = self.state.base + at as usize;
            let there = self.out.get(at..at + len as usize).unwrap_or_default();
            there == tag.as_bytes()
                || str::from_utf8(there).is_ok_and(|there| decode::is_value(there, tag))
        })
    }

    /// Whether elements without a prefix are in that namespace here.
    pub(super) fn is_default(&self, ns: Ns<'_>) -> bool {
        match self.default_in_scope() {
            Some(written) => self.is_written(written, ns),
            None => ns == self.state.outer_default(),
        }
    }

    /// Declares the default namespace on the tag at hand.
    pub(super) fn declare_default(&mut self, ns: Ns<'_>) {
        self.declare("", ns, None);
    }

    /// Declares a prefix on the tag at hand.
    pub(super) fn declare_prefix(&mut self, prefix: &str, ns: Ns<'_>) {
        self.declare(prefix, ns, None);
    }

    /// Declares a prefix, or the default namespace if it is empty, on the tag
    /// at hand; `raw` is the URI as it was sent.
    pub(super) fn declare(&mut self, prefix: &str, ns: Ns<'_>, raw: Option<&str>) {
        self.out.extend_from_slice(b" xmlns");
        let mut at = self.out.len();
        if !prefix.is_empty() {
            self.out.push(b':');
            at += 1;
            self.out.extend_from_slice(prefix.as_bytes());
        }
        let quote = raw.map_or(b'\'', quote);
        self.out.extend_from_slice(&[b'=', quote]);
        let from = self.out.len();
        match raw {
            Some(raw) => self.out.extend_from_slice(raw.as_bytes()),
            None => {
                if escape::attribute(self.out, ns.uri()).is_err() {
                    self.fail(WriteError::InvalidCharacter);
                }
            }
        }
        let there = self.out.get(from..).unwrap_or_default();
        let namespace = Written {
            id: ns.id(),
            at: (from - self.state.base) as u32,
            len: there.len() as u32,
            escaped: there != ns.uri().as_bytes(),
        };
        self.out.push(quote);
        if self.is_too_large() {
            return;
        }
        if !prefix.is_empty() {
            let (at, len) = ((at - self.state.base) as u32, prefix.len() as u32);
            let depth = self.state.open.len();
            self.state.scope.prefixes.push(Prefix { at, len, namespace, depth });
        } else if let Some(frame) = self.state.open.last_mut() {
            frame.default = Some(namespace);
        }
    }

    fn prefix_bytes(&self, prefix: &Prefix) -> &[u8] {
        let at = self.state.base + prefix.at as usize;
        self.out.get(at..at + prefix.len as usize).unwrap_or_default()
    }

    fn innermost(&self, name: &str) -> Option<&Prefix> {
        let prefixes = self.state.scope.prefixes.iter().rev();
        prefixes.into_iter().find(|prefix| self.prefix_bytes(prefix) == name.as_bytes())
    }

    /// Whether that prefix, which is not `xml`, is bound to anything here.
    pub(super) fn is_bound_to_any(&self, name: &str) -> bool {
        self.innermost(name).is_some() || (name == "stream" && self.state.binds_stream())
    }

    /// Whether that prefix is bound to that namespace here.
    pub(super) fn is_bound(&self, name: &str, ns: Ns<'_>) -> bool {
        if name == "xml" {
            return ns == ns::XML;
        }
        match self.innermost(name) {
            Some(prefix) => self.is_written(prefix.namespace, ns),
            None => name == "stream" && self.state.binds_stream() && ns == ns::STREAM,
        }
    }

    /// Whether the tag at hand declares that prefix.
    pub(super) fn declares(&self, name: &str) -> bool {
        self.innermost(name).is_some_and(|prefix| prefix.depth == self.state.open.len())
    }

    /// A prefix for an attribute in that namespace, declared if need be.
    pub(super) fn prefix_for(&mut self, ns: Ns<'_>) -> PrefixName {
        let bound = self.state.scope.prefixes.iter().rev().find(|prefix| {
            self.is_written(prefix.namespace, ns)
                && str::from_utf8(self.prefix_bytes(prefix))
                    .is_ok_and(|name| self.is_bound(name, ns))
        });
        if let Some(prefix) = bound {
            return PrefixName::new(str::from_utf8(self.prefix_bytes(prefix)).unwrap_or_default());
        }
        if self.is_bound("stream", ns) {
            return PrefixName::new("stream");
        }
        let mut name = alloc::string::String::new();
        let mut number = 0u32;
        loop {
            name.clear();
            // Writing to a string cannot fail.
            let _ = write!(name, "ns{number}");
            if self.innermost(&name).is_none() {
                break;
            }
            number += 1;
        }
        self.declare_prefix(&name, ns);
        PrefixName::new(&name)
    }
}
