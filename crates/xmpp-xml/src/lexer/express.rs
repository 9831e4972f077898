//! The straight path: whole tokens without anything unusual in them, which is
//! what XMPP consists of, in one loop with all of its state at hand.
//!
//! It finds no faults. Whatever is incomplete, unusual or wrong it leaves,
//! from the beginning of the token on, to [`Lexer::step`], which knows all
//! of the grammar; what it does accept that would accept in the same way.

mod special;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use special::{Unresolved, is_special, local_name, prefixed_attribute};

use super::{Binding, Lexer, State};
use crate::Limits;
use crate::chars::is_space;
use crate::namespace::{self, UNKNOWN, XML_ID, XMLNS_ID};
use crate::scan::{Marks, REACH};
use crate::tape::{
    self, ATTR, ATTR_WORDS, DECL, DECLARES, ELEMENT, ELEMENT_WORDS, END_OF, END_SHIFT, FIRST_PLACE,
    OUTER, TEXT, TEXT_WORDS,
};

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

/// Longer names of elements and longer prefixes are for the other path,
/// whatever the limit.
const MOST_NAME: u32 = REACH as u32;
/// No name is longer here: that of an attribute has its end among the marks.
const LONGEST: u32 = u64::BITS - 1;

/// Where it is.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// In the text.
    at: u32,
    /// On the tape.
    top: u32,
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
    /// How many declarations of the item may be in scope.
    declarations: u32,
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
    pub(super) words: u32,
    pub(super) at_most: u32,
}

impl Enough {
    /// Whether there are, with no more open than at first.
    #[inline(always)]
    fn is_it(&self, top: u32, open: u32) -> bool {
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
            at: self.at as u32,
            top: self.tape.len() as u32,
            open: self.open,
            depth: self.depth,
            default_ns: self.default_ns,
            lang: self.lang,
        };
        // Offsets have 32 bits here: that is why no limit is higher than a
        // gibibyte, and no text longer.
        if limits.max_name_bytes < LONGEST {
            return Halt::Odd;
        }
        let declarations = limits.max_namespaces.saturating_sub(self.outer.declarations);
        let lang = self.outer.lang;
        let road = Road { bytes: text.as_bytes(), limits, lang, declarations, enough };
        let (bindings, marks) = (&mut self.bindings, &mut self.marks);
        let halt = go::<TOKENS>(&road, &mut place, self.tape.room(), bindings, marks);
        self.at = place.at as usize;
        self.tape.set_len(place.top as usize);
        self.open = place.open;
        self.depth = place.depth;
        self.default_ns = place.default_ns;
        self.lang = place.lang;
        self.mark = place.at as usize;
        self.state = State::Content;
        halt
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
    let most_words = ELEMENT_WORDS as u32 + limits.max_attributes.saturating_mul(ATTR_WORDS as u32);
    let Place { mut at, mut top, mut open, mut depth, mut default_ns, mut lang } = *place;
    let halt = 'walk: loop {
        if TOKENS && open <= road.enough.open && road.enough.is_it(top, open) {
            break Halt::Enough;
        }
        if byte(bytes, at) != Some(b'<') {
            let stop = marks.text_stop(bytes, at as usize) as u32;
            if byte(bytes, stop) != Some(b'<') || open == 0 {
                break Halt::Odd;
            }
            *or_leave!('walk, entry(tape, top), Halt::Full) = [TEXT, at, stop - at];
            top += TEXT_WORDS as u32;
            at = stop;
        }
        let Some(second) = byte(bytes, at + 1) else { break Halt::Odd };
        if second == b'/' {
            let Some(&mut [meta, start, _, _, parent, ..]) = element(tape, open) else {
                break Halt::Odd;
            };
            let name = at + 2;
            let len = tape::name_len(meta) as u32;
            if open == 0
                || byte(bytes, name + len) != Some(b'>')
                || !same(bytes, start + 1, name, len)
            {
                break Halt::Odd;
            }
            let content_end = top;
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
            if let Some([_, _, _, _, next, end, _]) = element(tape, open) {
                *next = content_end;
                *end = at;
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
        let from = marks.at(bytes, at as usize + 1);
        let len = marks.name(from).trailing_zeros();
        if second < b'A' || len.wrapping_sub(1) >= MOST_NAME {
            break Halt::Odd;
        }
        let mut meta = tape::meta(ELEMENT, 0, len as usize);
        let mut p = at + 1 + len;
        let mut behind = top + ELEMENT_WORDS as u32;
        // The place of a declaration of a default namespace.
        let mut declared = 0;
        let mut seen = 0u64;
        // Whether there are prefixes or perhaps a name twice.
        let mut special = false;
        let (end, is_empty) = loop {
            let Some(next) = byte(bytes, p) else { break 'walk Halt::Odd };
            if next > b' ' {
                if next == b'>' {
                    break (p + 1, false);
                }
                if next == b'/' && byte(bytes, p + 1) == Some(b'>') {
                    break (p + 2, true);
                }
                if next != b':' || p != at + 1 + len {
                    break 'walk Halt::Odd;
                }
                let local = or_leave!('walk, local_name(bytes, marks, p + 1), Halt::Odd);
                meta = tape::meta(ELEMENT, len as usize, local as usize);
                p += 1 + local;
                special = true;
                continue;
            }
            p += 1;
            let from = marks.at(bytes, p as usize);
            let mut name = marks.name(from);
            let mut value = marks.value(from);
            if (name & 1) as u32 | u32::from(next ^ b' ') != 0 {
                // Something else than one space.
                let more = (!name).trailing_zeros();
                if more > 63 || !is_space(next) || !are_spaces(bytes, p, more) {
                    p = or_leave!('walk, behind_spaces(bytes, p - 1), Halt::Odd);
                    continue;
                }
                name >>= more;
                value >>= more;
                p += more;
            }
            // Up to the opening quote nothing needs attention that a value
            // may not have.
            let len = name.trailing_zeros();
            let stops = value & value.wrapping_sub(1);
            let (Some(begin), Some(middle)) = (two(bytes, p), two(bytes, p + len)) else {
                break 'walk Halt::Odd;
            };
            if middle != u16::from_le_bytes(*b"='") && middle != u16::from_le_bytes(*b"=\"") {
                if middle as u8 != b':' {
                    break 'walk Halt::Odd;
                }
                let words = or_leave!('walk, entry(tape, behind), Halt::Full);
                *words = or_leave!('walk, prefixed_attribute(bytes, marks, p), Halt::Odd);
                let [.., from, len] = *words;
                p = from + len + 1;
                behind += ATTR_WORDS as u32;
                special = true;
                continue;
            }
            let stop = match stops {
                0 => marks.value_stop(bytes, (p + len + 2) as usize) as u32,
                _ => p + stops.trailing_zeros(),
            };
            if len + 1 != value.trailing_zeros()
                || (begin as u8) < b'A'
                || byte(bytes, stop) != Some((middle >> 8) as u8)
            {
                break 'walk Halt::Odd;
            }
            // Names whose bits differ differ themselves.
            let bit = (u32::from(begin) ^ len << 16).wrapping_mul(0x9e37_79b1) >> 26;
            special |= seen >> bit & 1 != 0;
            seen |= 1 << bit;
            let from = p + len + 2;
            let mut kind = ATTR;
            let mut namespace = 0;
            if len == 5 && bytes.get(p as usize..p as usize + 5) == Some(b"xmlns") {
                kind = DECL;
                declared = behind;
                let uri = bytes.get(from as usize..stop as usize).unwrap_or_default();
                namespace = match namespace::look_up(uri) {
                    XML_ID | XMLNS_ID => break 'walk Halt::Odd,
                    UNKNOWN => FIRST_PLACE + declared,
                    known if open == 0 => known | OUTER,
                    known => known,
                };
                if stop - from > limits.max_uri_bytes {
                    break 'walk Halt::Odd;
                }
            }
            *or_leave!('walk, entry(tape, behind), Halt::Full) =
                [tape::meta(kind, 0, len as usize), p, namespace, from, stop - from];
            behind += ATTR_WORDS as u32;
            p = stop + 1;
        };
        if TOKENS && top >= road.enough.at_most {
            break Halt::Enough;
        }
        // Limits, in so far as the other path need not be asked.
        if depth >= limits.max_depth
            || behind - top > most_words
            || (declared != 0 && bindings.len() >= road.declarations as usize)
        {
            break Halt::Odd;
        }
        if special
            && is_special(bytes, meta, tape.get(top as usize + ELEMENT_WORDS..behind as usize))
        {
            *or_leave!('walk, entry(tape, top), Halt::Full) = [meta, at, 0, 0, open, 0, 0];
            break Halt::Special(Unresolved { behind, end, is_empty });
        }
        let this = top;
        let content = behind;
        let mut namespace = default_ns;
        if declared != 0 {
            meta |= DECLARES;
            let word = tape.get(declared as usize + tape::NAMESPACE);
            namespace = word.copied().unwrap_or_default();
        }
        let (mut next, mut until) = (open, 0);
        if is_empty {
            (next, until) = (behind, end);
            if TOKENS {
                *or_leave!('walk, entry(tape, behind), Halt::Full) = [END_OF | this << END_SHIFT];
                behind += 1;
            }
        }
        *or_leave!('walk, entry(tape, top), Halt::Full) =
            [meta, at, namespace, lang, next, until, content];
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
fn entry<const WORDS: usize>(tape: &mut [u32], at: u32) -> Option<&mut [u32; WORDS]> {
    // From 32 bits, so that no sum can overflow.
    tape.get_mut(at as usize..at as usize + WORDS)?.first_chunk_mut()
}

#[inline(always)]
fn element(tape: &mut [u32], at: u32) -> Option<&mut [u32; ELEMENT_WORDS]> {
    entry(tape, at)
}

#[inline(always)]
fn byte(bytes: &[u8], at: u32) -> Option<u8> {
    bytes.get(at as usize).copied()
}

/// Two bytes, the first one the lower.
#[inline(always)]
fn two(bytes: &[u8], at: u32) -> Option<u16> {
    let two = bytes.get(at as usize..at as usize + 2)?.first_chunk()?;
    Some(u16::from_le_bytes(*two))
}

/// Eight bytes, the first one the lowest.
#[inline(always)]
fn eight(bytes: &[u8], at: u32) -> Option<u64> {
    let eight = bytes.get(at as usize..at as usize + 8)?.first_chunk()?;
    Some(u64::from_le_bytes(*eight))
}

/// Whether the `len` bytes at `a` are there again at `b`.
#[inline(always)]
fn same(bytes: &[u8], a: u32, b: u32, len: u32) -> bool {
    if len <= 8
        && let (Some(a), Some(b)) = (eight(bytes, a), eight(bytes, b))
    {
        // The first byte is the lowest: shift those behind the name out.
        return len != 0 && (a ^ b) << (64 - 8 * len) == 0;
    }
    let part = |from: u32| bytes.get(from as usize..(from + len) as usize);
    part(a).is_some() && part(a) == part(b)
}

/// Whether the `len` bytes at `at` are white space.
#[inline(always)]
fn are_spaces(bytes: &[u8], at: u32, len: u32) -> bool {
    let part = || bytes.get(at as usize..(at + len) as usize);
    are_blanks(bytes, at, len) || part().is_some_and(|part| part.iter().all(|&b| is_space(b)))
}

/// Whether the `len` bytes at `at` are spaces: up to sixteen, and not the last
/// ones of the text.
#[inline(always)]
fn are_blanks(bytes: &[u8], at: u32, len: u32) -> bool {
    const BLANKS: u64 = u64::from_le_bytes([b' '; 8]);
    let blank = |at| eight(bytes, at) == Some(BLANKS);
    match len {
        0 => true,
        1..=8 => eight(bytes, at).is_some_and(|eight| (eight ^ BLANKS) << (64 - 8 * len) == 0),
        9..=16 => blank(at) && blank(at + len - 8),
        _ => false,
    }
}

/// The offset behind the white space at `at`, if there is some: what stands
/// there is the end of the tag, if it is usual.
#[inline(never)]
fn behind_spaces(bytes: &[u8], at: u32) -> Option<u32> {
    let rest = bytes.get(at as usize..)?;
    let spaces = rest.iter().take_while(|&&b| is_space(b)).count();
    (spaces != 0).then_some(at + spaces as u32)
}
