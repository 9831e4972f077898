//! The straight path: whole tokens without anything unusual in them, which is
//! what XMPP consists of, in one loop with all of its state at hand.
//!
//! It finds no faults. Whatever is incomplete, unusual or wrong it leaves,
//! from the beginning of the token on, to [`Lexer::step`], which knows all
//! of the grammar; what it does accept that would accept in the same way.

use alloc::vec::Vec;

use super::start_tag::Tag;
use super::{Binding, Fault, Lexer, State, fault};
use crate::chars::is_space;
use crate::namespace::{self, UNKNOWN, XML_ID, XMLNS_ID};
use crate::scan::Marks;
use crate::tape::{
    self, ATTR, ATTR_WORDS, DECL, DECLARES, ELEMENT, ELEMENT_WORDS, END_OF, END_SHIFT, FIRST_PLACE,
    TEXT, TEXT_WORDS,
};
use crate::{ErrorKind, Limits};

/// Why it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// The outermost element is complete.
    Closed,
    /// The next token is for the other path.
    Odd,
    /// A start tag is on the tape, but its prefixes are to be resolved, or
    /// there may be an attribute twice.
    Special(Unresolved),
    /// The tape has no room for the next token.
    Full,
    /// As much is on the tape as was asked for.
    Enough,
}

/// A start tag that is not done yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unresolved {
    /// The place on the tape behind its attributes.
    behind: u32,
    /// The offset behind it.
    end: usize,
    is_empty: bool,
}

/// Longer names are for the other path, whatever the limit.
const MOST_NAME: usize = 57;

/// Where it is.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// In the text.
    at: usize,
    /// On the tape.
    top: usize,
    open: u32,
    depth: u32,
    default_ns: u32,
    lang: u32,
}

/// What it reads and what holds there.
struct Road<'a> {
    bytes: &'a [u8],
    limits: &'a Limits,
    /// The language in scope outside the outermost element.
    lang: u32,
    /// When there is enough on the tape.
    enough: Enough,
}

/// When there are enough tokens on the tape to hand out: once there are so
/// many words and all elements that began behind them have ended, so that
/// nothing of them needs to be kept; at the latest with eight times as many
/// words, or at the end of the element that was open first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Enough {
    pub(super) open: u32,
    pub(super) words: usize,
    pub(super) at_most: usize,
}

impl Enough {
    /// Whether there are, with no more open than at first.
    #[inline(always)]
    fn is_it(&self, top: usize, open: u32) -> bool {
        // None is open before the first begins.
        top >= self.words || (open < self.open && open != 0)
    }
}

impl Lexer {
    /// Reads tokens, from the beginning of one on.
    #[inline]
    pub(super) fn express<const TOKENS: bool>(
        &mut self,
        text: &str,
        limits: &Limits,
        enough: Enough,
    ) -> Halt {
        let mut place = Place {
            at: self.at,
            top: self.tape.len(),
            open: self.open,
            depth: self.depth,
            default_ns: self.default_ns,
            lang: self.lang,
        };
        if (limits.max_name_bytes as usize) < MOST_NAME {
            return Halt::Odd;
        }
        let road = Road { bytes: text.as_bytes(), limits, lang: self.kept.lang, enough };
        let (bindings, marks) = (&mut self.bindings, &mut self.marks);
        let halt = go::<TOKENS>(&road, &mut place, self.tape.room(), bindings, marks);
        self.at = place.at;
        self.tape.set_len(place.top);
        self.open = place.open;
        self.depth = place.depth;
        self.default_ns = place.default_ns;
        self.lang = place.lang;
        self.mark = place.at;
        self.state = State::Content;
        halt
    }
}

impl Lexer {
    /// Completes a start tag that has been read but for its prefixes; `false`
    /// if there is something wrong with it, which the other path can tell
    /// better.
    pub(super) fn resolve_tag(&mut self, text: &str, limits: &Limits, tag: Unresolved) -> bool {
        let before = (self.tape.len(), self.side.len(), self.bindings.len());
        let scope = (self.default_ns, self.lang);
        if self.try_resolve(text, limits, tag).is_ok() {
            return true;
        }
        self.tape.set_len(before.0);
        self.side.truncate(before.1);
        self.bindings.truncate(before.2);
        (self.default_ns, self.lang) = scope;
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
        self.tape.set_len(behind as usize);
        let mut tag = Tag::new(place as u32);
        let bytes = text.as_bytes();
        for at in (place + ELEMENT_WORDS..behind as usize).step_by(ATTR_WORDS) {
            let meta = self.tape[at];
            if tape::kind(meta) == DECL {
                if self.declarations() >= limits.max_namespaces as usize {
                    return fault(ErrorKind::TooManyNamespaces, end, end);
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
        self.tag_complete(text, end, is_empty)?;
        if around != 0 {
            self.tape[around + tape::END] += 1;
        }
        Ok(())
    }
}

/// A `break` with a reason, or the value of an option.
macro_rules! or_leave {
    ($label:lifetime, $value:expr, $halt:expr) => {
        match $value {
            Some(value) => value,
            None => break $label $halt,
        }
    };
}

#[inline(never)]
fn go<const TOKENS: bool>(
    road: &Road<'_>,
    place: &mut Place,
    tape: &mut [u32],
    bindings: &mut Vec<Binding>,
    marks: &mut Marks,
) -> Halt {
    let Road { bytes, limits, .. } = *road;
    let most_words = ELEMENT_WORDS + limits.max_attributes as usize * ATTR_WORDS;
    let Place { mut at, mut top, mut open, mut depth, mut default_ns, mut lang } = *place;
    let halt = 'walk: loop {
        if TOKENS && open <= road.enough.open && road.enough.is_it(top, open) {
            break Halt::Enough;
        }
        if bytes.get(at) != Some(&b'<') {
            let stop = marks.text_stop(bytes, at);
            if bytes.get(stop) != Some(&b'<') || open == 0 {
                break Halt::Odd;
            }
            *or_leave!('walk, entry(tape, top), Halt::Full) =
                [TEXT, at as u32, (stop - at) as u32];
            top += TEXT_WORDS;
            at = stop;
        }
        let Some(&second) = bytes.get(at + 1) else { break Halt::Odd };
        if second == b'/' {
            let around = open as usize;
            let Some(&[meta, start, _, _, parent, ..]) =
                tape.get(around..).and_then(<[u32]>::first_chunk::<ELEMENT_WORDS>)
            else {
                break Halt::Odd;
            };
            let name = at + 2;
            let len = tape::name_len(meta);
            if open == 0
                || bytes.get(name + len) != Some(&b'>')
                || !same(bytes, start as usize + 1, name, len)
            {
                break Halt::Odd;
            }
            if TOKENS {
                *or_leave!('walk, entry(tape, top), Halt::Full) = [END_OF | open << END_SHIFT];
                top += 1;
            }
            at = name + len + 1;
            if meta & DECLARES != 0 {
                while let Some(binding) = bindings.last()
                    && binding.decl > open
                {
                    default_ns = binding.default_before;
                    bindings.pop();
                }
            }
            if let Some([_, _, _, _, next, end, _]) = entry(tape, around) {
                *next = top as u32;
                *end = at as u32;
            }
            depth -= 1;
            open = parent;
            if parent == 0 {
                lang = road.lang;
                break Halt::Closed;
            }
            lang = tape.get(parent as usize + tape::LANGUAGE).copied().unwrap_or_default();
            continue;
        }

        // A start tag. Of what a name consists of, only letters and `_`, with
        // which it may begin, are above `@`.
        let from = marks.at(bytes, at + 1);
        let len = marks.name(from).trailing_zeros() as usize;
        if second < b'A' || len.wrapping_sub(1) >= MOST_NAME {
            break Halt::Odd;
        }
        let mut meta = tape::meta(ELEMENT, 0, len);
        let mut p = at + 1 + len;
        let mut behind = top + ELEMENT_WORDS;
        // The place of a declaration of a default namespace.
        let mut declared = 0;
        let mut seen = 0u64;
        // Whether there are prefixes or perhaps a name twice.
        let mut special = false;
        let (end, is_empty) = loop {
            let Some(&next) = bytes.get(p) else { break 'walk Halt::Odd };
            if next == b'>' {
                break (p + 1, false);
            }
            if next == b'/' && bytes.get(p + 1) == Some(&b'>') {
                break (p + 2, true);
            }
            if next != b' ' && !is_space(next) {
                if next != b':' || p != at + 1 + len {
                    break 'walk Halt::Odd;
                }
                let local = or_leave!('walk, local_name(bytes, marks, p + 1), Halt::Odd);
                meta = tape::meta(ELEMENT, len, local);
                p += 1 + local;
                special = true;
                continue;
            }
            p += 1;
            let from = marks.at(bytes, p);
            let mut name = marks.name(from);
            let mut value = marks.value(from);
            if name & 1 != 0 {
                let more = (!name).trailing_zeros();
                if more > 63 || !are_spaces(bytes, p, more as usize) {
                    p = or_leave!('walk, end_behind_spaces(bytes, p), Halt::Odd);
                    continue;
                }
                name >>= more;
                value >>= more;
                p += more as usize;
            }
            // Up to the opening quote nothing needs attention that a value
            // may not have.
            let len = name.trailing_zeros() as usize;
            let (Some(&begin), Some(&open)) = (
                bytes.get(p..).and_then(<[u8]>::first_chunk::<2>),
                bytes.get(p + len..).and_then(<[u8]>::first_chunk::<2>),
            ) else {
                break 'walk Halt::Odd;
            };
            let quote = open[1];
            if open != *b"='" && open != *b"=\"" {
                if open[0] != b':' {
                    break 'walk Halt::Odd;
                }
                let words = or_leave!('walk, entry(tape, behind), Halt::Full);
                *words = or_leave!('walk, prefixed_attribute(bytes, marks, p), Halt::Odd);
                let [.., from, len] = *words;
                p = (from + len) as usize + 1;
                behind += ATTR_WORDS;
                special = true;
                continue;
            }
            let stops = value & value.wrapping_sub(1);
            let stop = match stops {
                0 => marks.value_stop(bytes, p + len + 2),
                _ => p + stops.trailing_zeros() as usize,
            };
            if len + 1 != value.trailing_zeros() as usize
                || begin[0] < b'A'
                || bytes.get(stop) != Some(&quote)
            {
                break 'walk Halt::Odd;
            }
            // Names whose bits differ differ themselves.
            let begin = u32::from(u16::from_le_bytes(begin)) ^ (len as u32) << 16;
            let bit = begin.wrapping_mul(0x9e37_79b1) >> 26;
            special |= seen >> bit & 1 != 0;
            seen |= 1 << bit;
            let from = p + len + 2;
            let mut kind = ATTR;
            let mut namespace = 0;
            if len == 5 && bytes.get(p..p + 5) == Some(b"xmlns") {
                kind = DECL;
                declared = behind as u32;
                namespace = match namespace::look_up(bytes.get(from..stop).unwrap_or_default()) {
                    XML_ID | XMLNS_ID => break 'walk Halt::Odd,
                    UNKNOWN => FIRST_PLACE + declared,
                    known => known,
                };
            }
            *or_leave!('walk, entry(tape, behind), Halt::Full) = [
                tape::meta(kind, 0, len),
                p as u32,
                namespace,
                from as u32,
                (stop - from) as u32,
            ];
            behind += ATTR_WORDS;
            p = stop + 1;
        };
        if TOKENS && top >= road.enough.at_most {
            break Halt::Enough;
        }
        // Limits, in so far as the other path need not be asked.
        if depth >= limits.max_depth
            || behind - top > most_words
            || (declared != 0 && bindings.len() >= limits.max_namespaces as usize)
        {
            break Halt::Odd;
        }
        if special && is_special(bytes, meta, tape.get(top + ELEMENT_WORDS..behind)) {
            *or_leave!('walk, entry(tape, top), Halt::Full) =
                [meta, at as u32, 0, 0, open, 0, 0];
            break Halt::Special(Unresolved { behind: behind as u32, end, is_empty });
        }
        let this = top as u32;
        let content = behind as u32;
        let mut namespace = default_ns;
        if declared != 0 {
            meta |= DECLARES;
            let word = tape.get(declared as usize + tape::NAMESPACE);
            namespace = word.copied().unwrap_or_default();
        }
        let (mut next, mut until) = (open, 0);
        if is_empty {
            if TOKENS {
                *or_leave!('walk, entry(tape, behind), Halt::Full) = [END_OF | this << END_SHIFT];
                behind += 1;
            }
            (next, until) = (behind as u32, end as u32);
        }
        *or_leave!('walk, entry(tape, top), Halt::Full) =
            [meta, at as u32, namespace, lang, next, until, content];
        if open != 0 {
            match tape.get_mut(open as usize + tape::END) {
                Some(children) if *children < limits.max_children => *children += 1,
                _ => break Halt::Odd,
            }
        }
        top = behind;
        at = end;
        if is_empty {
            if open == 0 {
                break Halt::Closed;
            }
            continue;
        }
        if declared != 0 {
            bindings.push(Binding { decl: declared, namespace, default_before: default_ns });
            default_ns = namespace;
        }
        open = this;
        depth += 1;
    };
    *place = Place { at, top, open, depth, default_ns, lang };
    halt
}

/// The words of an entry on the tape.
#[inline(always)]
fn entry<const WORDS: usize>(tape: &mut [u32], at: usize) -> Option<&mut [u32; WORDS]> {
    tape.get_mut(at..)?.first_chunk_mut()
}

/// Whether the `len` bytes at `a` are there again at `b`.
#[inline(always)]
fn same(bytes: &[u8], a: usize, b: usize, len: usize) -> bool {
    let eight = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk::<8>()?));
    if len <= 8
        && let (Some(a), Some(b)) = (eight(a), eight(b))
    {
        // The first byte is the lowest: shift those behind the name out.
        return len != 0 && (a ^ b) << (64 - 8 * len) == 0;
    }
    matches!((bytes.get(a..a + len), bytes.get(b..b + len)), (Some(a), Some(b)) if a == b)
}

/// The length of the local name at `at`.
#[inline(never)]
fn local_name(bytes: &[u8], marks: &mut Marks, at: usize) -> Option<usize> {
    let from = marks.at(bytes, at);
    let len = marks.name(from).trailing_zeros() as usize;
    ((1..=MOST_NAME).contains(&len) && *bytes.get(at)? >= b'A').then_some(len)
}

/// The attribute or declaration with a prefix at `at`.
#[inline(never)]
fn prefixed_attribute(bytes: &[u8], marks: &mut Marks, at: usize) -> Option<[u32; ATTR_WORDS]> {
    let prefix = local_name(bytes, marks, at)?;
    let local = local_name(bytes, marks, at + prefix + 1)?;
    let from = at + prefix + 1 + local + 2;
    let stop = marks.value_stop(bytes, from);
    match *bytes.get(from - 2..from)? {
        [b'=', quote @ (b'\'' | b'"')] if bytes.get(stop) == Some(&quote) => {
            let declares = bytes.get(at..at + prefix) == Some(b"xmlns");
            let meta = tape::meta(if declares { DECL } else { ATTR }, prefix, local);
            Some([meta, at as u32, 0, from as u32, (stop - from) as u32])
        }
        _ => None,
    }
}

/// Where the `>` or `/` stands behind the white space at `at`, if it does.
#[inline(never)]
fn end_behind_spaces(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let spaces = rest.iter().take_while(|&&b| is_space(b)).count();
    matches!(rest.get(spaces), Some(b'>' | b'/')).then_some(at + spaces)
}

/// Whether an element or its attributes have prefixes, or two attributes the
/// same name.
#[cold]
fn is_special(bytes: &[u8], meta: u32, attributes: Option<&[u32]>) -> bool {
    let (attributes, _) = attributes.unwrap_or_default().as_chunks::<ATTR_WORDS>();
    let name = |&[meta, name, ..]: &[u32; ATTR_WORDS]| {
        bytes.get(name as usize..)?.get(..tape::local_len(meta))
    };
    tape::prefix_len(meta) != 0
        || attributes.iter().any(|&[meta, ..]| tape::prefix_len(meta) != 0)
        || (1..attributes.len())
            .any(|i| attributes[..i].iter().any(|before| name(before) == name(&attributes[i])))
}

/// Whether the `len` bytes at `at` are white space.
#[inline(always)]
fn are_spaces(bytes: &[u8], at: usize, len: usize) -> bool {
    const SPACES: u64 = u64::from_le_bytes([b' '; 8]);
    let eight = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?) ^ SPACES);
    let are = if len <= 8 {
        eight(at).is_some_and(|eight| eight << (64 - 8 * len) == 0)
    } else {
        len <= 16 && eight(at) == Some(0) && eight(at + len - 8) == Some(0)
    };
    are || bytes.get(at..at + len).is_some_and(|bytes| bytes.iter().all(|&b| is_space(b)))
}
