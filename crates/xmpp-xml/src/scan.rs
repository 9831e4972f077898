//! Finding the next byte that matters.
//!
//! The text is looked at 64 bytes at a time, ahead of the walk: a bit a byte
//! for each of three questions. After that a question costs a load, a shift
//! and a count of zeros, so that what a token costs hardly depends on its
//! length, and no branch on it.

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod avx2;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

/// Blocks of 64 bytes that are looked at in one go.
const BLOCKS: usize = 16;
/// The last bit of the marks with as many behind it as a look takes in.
const LAST: usize = (BLOCKS - 1) * 64;
/// How far a look reaches at least, wherever it begins.
pub(crate) const REACH: usize = 57;

/// What has been found out about a part of a text.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    /// The place in the text that the first bit stands for.
    base: usize,
    /// The place of the text among all that have been looked at, and that of
    /// its end.
    origin: usize,
    end: usize,
    /// How much of the text has not been there before.
    news: usize,
    level: Level,
    /// Nothing in a connection that is silent.
    masks: Option<Box<Masks>>,
}

/// Bit `i` of a mask stands for byte `i`. Behind the end of the text all are
/// set: it ends every search.
#[derive(Clone, Debug)]
struct Masks {
    /// Ends a name: everything but ASCII letters, digits, `.`, `-` and `_`.
    /// Other characters of names are rare and left to the caller.
    name: Mask,
    /// Needs attention in an attribute value: quotes, `<`, `&`, control
    /// characters, the first byte of U+F000 to U+FFFF.
    value: Mask,
    /// Needs attention in character data: `<`, `>`, `&`, control characters
    /// but tab and line feed, the first byte of U+F000 to U+FFFF.
    text: Mask,
}

/// Little-endian words.
type Mask = [[u8; 8]; BLOCKS];

const EMPTY: Mask = [[0; 8]; BLOCKS];
static NO_MASKS: Masks = Masks { name: EMPTY, value: EMPTY, text: EMPTY };
/// A base from which no place is near.
const NOWHERE: usize = usize::MAX / 2;

impl Marks {
    pub(crate) fn new() -> Self {
        #[cfg(feature = "std")]
        let level = Level::new();
        #[cfg(not(feature = "std"))]
        let level = Level::baseline();
        Self { base: NOWHERE, origin: 0, end: 0, news: 0, level, masks: None }
    }

    /// Gives memory back, and forgets what has been found out.
    pub(crate) fn release(&mut self) {
        self.base = NOWHERE.wrapping_sub(self.origin);
        self.masks = None;
    }

    /// Bytes of memory that it holds on the heap.
    pub(crate) fn held_bytes(&self) -> usize {
        self.masks.as_deref().map_or(0, size_of_val)
    }

    #[inline(always)]
    fn masks(&self) -> &Masks {
        self.masks.as_deref().unwrap_or(&NO_MASKS)
    }

    /// From now on the text is the one that begins `origin` bytes into what is
    /// being read, and has `len` of them. What is known stays, unless there
    /// is more of the text now.
    #[inline]
    pub(crate) fn enter(&mut self, origin: usize, len: usize) {
        let end = origin.wrapping_add(len);
        self.news = end.wrapping_sub(self.end);
        self.base = if self.end == end {
            self.base.wrapping_add(self.origin).wrapping_sub(origin)
        } else {
            NOWHERE.wrapping_sub(origin)
        };
        self.origin = origin;
        self.end = end;
    }

    /// Whether there is hardly more of the text than there was.
    #[inline]
    pub(crate) fn is_dripping(&self) -> bool {
        self.news.wrapping_sub(1) < SHORT
    }

    /// Where the bits are for `from` and what follows; to be asked before any
    /// of the looks from there.
    #[inline(always)]
    pub(crate) fn at(&mut self, bytes: &[u8], from: usize) -> At {
        let bit = from.wrapping_sub(self.base);
        if bit <= LAST {
            return At(bit);
        }
        self.look_ahead(bytes, from);
        At(0)
    }

    /// What ends a name, from there on.
    #[inline(always)]
    pub(crate) fn name(&self, at: At) -> u64 {
        look(&self.masks().name, at)
    }

    /// What needs attention in a value, from there on.
    #[inline(always)]
    pub(crate) fn value(&self, at: At) -> u64 {
        look(&self.masks().value, at)
    }

    /// The first byte at or after `from` that ends a name; the length of the
    /// text if there is none.
    pub(crate) fn name_end(&mut self, bytes: &[u8], mut from: usize) -> usize {
        if self.is_short(bytes, from) {
            return short(bytes, from, NAME);
        }
        loop {
            let at = self.at(bytes, from);
            match self.name(at) {
                0 => from += REACH,
                ahead => return from + ahead.trailing_zeros() as usize,
            }
        }
    }

    /// The first byte at or after `from` that needs attention in an attribute
    /// value; the length of the text if there is none.
    pub(crate) fn value_stop(&mut self, bytes: &[u8], mut from: usize) -> usize {
        if self.is_short(bytes, from) {
            return short(bytes, from, VALUE);
        }
        loop {
            let at = self.at(bytes, from);
            match self.value(at) {
                0 => from += REACH,
                ahead => return from + ahead.trailing_zeros() as usize,
            }
        }
    }

    /// The first byte at or after `from` that needs attention in character
    /// data; the length of the text if there is none.
    #[inline]
    pub(crate) fn text_stop(&mut self, bytes: &[u8], from: usize) -> usize {
        let bit = from.wrapping_sub(self.base);
        if bit > LAST {
            if self.is_short(bytes, from) {
                return short(bytes, from, TEXT);
            }
            return self.far_text_stop(bytes, from);
        }
        match look(&self.masks().text, At(bit)) {
            0 => self.far_text_stop(bytes, from + REACH),
            ahead => from + ahead.trailing_zeros() as usize,
        }
    }

    /// Whether so little is left that looking at the bytes one by one is
    /// cheaper than preparing marks: so it is when bytes drip in.
    #[inline(always)]
    fn is_short(&self, bytes: &[u8], from: usize) -> bool {
        bytes.len().saturating_sub(from) < SHORT && from.wrapping_sub(self.base) > LAST
    }

    /// Where a long text stops, without marks of what is skipped.
    #[inline(never)]
    fn far_text_stop(&self, bytes: &[u8], from: usize) -> usize {
        let rest = bytes.get(from..).unwrap_or_default();
        (from + first_stop(self.level, rest)).min(bytes.len())
    }

    /// Looks at the text from `from` on.
    #[inline(never)]
    fn look_ahead(&mut self, bytes: &[u8], from: usize) {
        self.base = from;
        let rest = bytes.get(from..).unwrap_or_default();
        let masks = self
            .masks
            .get_or_insert_with(|| Box::new(Masks { name: EMPTY, value: EMPTY, text: EMPTY }));
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        if let Some(avx2) = self.level.as_avx2() {
            return avx2::look_ahead(avx2, rest, masks);
        }
        if self.level.is_fallback() {
            mark(rest, masks, portable::masks);
        } else {
            dispatch!(self.level, simd => mark(
                rest,
                masks,
                #[inline(always)] |block| vector_masks(simd, block),
            ));
        }
    }
}

fn short(bytes: &[u8], from: usize, class: u8) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|&&byte| CLASSES[usize::from(byte)] & class == 0).count()
}

/// A place among the marks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At(usize);

#[inline(always)]
fn look(mask: &Mask, at: At) -> u64 {
    let bytes = mask.as_flattened().get(at.0 / 8..at.0 / 8 + 8);
    let word = bytes.and_then(|bytes| bytes.first_chunk()).copied().unwrap_or_default();
    u64::from_le_bytes(word) >> (at.0 % 8)
}

#[inline(always)]
fn mark(rest: &[u8], masks: &mut Masks, of: impl Fn(&[u8; 64]) -> [u64; 3]) {
    let (blocks, tail) = rest.as_chunks::<64>();
    let mut set = |i: usize, [name, value, text]: [u64; 3]| {
        if i < BLOCKS {
            masks.name[i] = name.to_le_bytes();
            masks.value[i] = value.to_le_bytes();
            masks.text[i] = text.to_le_bytes();
        }
    };
    for (i, block) in blocks.iter().take(BLOCKS).enumerate() {
        set(i, of(block));
    }
    if blocks.len() < BLOCKS {
        // Zeros stop every search.
        let mut padded = [0; 64];
        padded[..tail.len()].copy_from_slice(tail);
        set(blocks.len(), of(&padded));
        set(blocks.len() + 1, [!0; 3]);
    }
}

#[inline]
fn first_stop(level: Level, bytes: &[u8]) -> usize {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let Some(avx2) = level.as_avx2() {
        return avx2::first_stop(avx2, bytes);
    }
    if level.is_fallback() {
        return first_stop_with(bytes, |block| portable::masks(block)[2]);
    }
    dispatch!(level, simd => first_stop_with(bytes, #[inline(always)] |block| vector_text_mask(simd, block)))
}

#[inline(always)]
fn first_stop_with(bytes: &[u8], mask: impl Fn(&[u8; 64]) -> u64) -> usize {
    let (blocks, rest) = bytes.as_chunks::<64>();
    for (skipped, block) in blocks.iter().enumerate() {
        let stop = mask(block);
        if stop != 0 {
            return skipped * 64 + stop.trailing_zeros() as usize;
        }
    }
    let mut padded = [0; 64];
    padded[..rest.len()].copy_from_slice(rest);
    blocks.len() * 64 + mask(&padded).trailing_zeros() as usize
}

#[inline(always)]
fn vector_masks<S: Simd>(simd: S, bytes: &[u8; 64]) -> [u64; 3] {
    let v = u8x64::simd_from(simd, *bytes);
    let all = |byte: u8| u8x64::splat(simd, byte);
    let control = v.simd_le(all(0x1f));
    let both = control | v.simd_eq(all(0xef));
    let value =
        both | (v | all(1)).simd_eq(all(b'\'')) | v.simd_eq(all(b'"')) | v.simd_eq(all(b'<'));
    let letter = ((v | all(0x20)) - all(b'a')).simd_le(all(25));
    // `-` to `9`, among them `/`.
    let digit = (v - all(b'-')).simd_le(all(b'9' - b'-')) ^ v.simd_eq(all(b'/'));
    let name = letter | digit | v.simd_eq(all(b'_'));
    let line = v.simd_eq(all(b'\t')) | v.simd_eq(all(b'\n'));
    let text = (both ^ line) | (v & all(0xfd)).simd_eq(all(b'<')) | v.simd_eq(all(b'&'));
    [!name.to_bitmask(), value.to_bitmask(), text.to_bitmask()]
}

#[inline(always)]
fn vector_text_mask<S: Simd>(simd: S, bytes: &[u8; 64]) -> u64 {
    let v = u8x64::simd_from(simd, *bytes);
    let all = |byte: u8| u8x64::splat(simd, byte);
    let line = v.simd_eq(all(b'\t')) | v.simd_eq(all(b'\n'));
    let stop = (v.simd_le(all(0x1f)) ^ line)
        | (v & all(0xfd)).simd_eq(all(b'<'))
        | v.simd_eq(all(b'&'))
        | v.simd_eq(all(0xef));
    stop.to_bitmask()
}

/// Fewer bytes than this are looked at one by one.
const SHORT: usize = 12;

/// Classes of bytes: what matters in names, attribute values and character
/// data, as above.
pub(crate) const NAME: u8 = 1;
pub(crate) const VALUE: u8 = 2;
pub(crate) const TEXT: u8 = 4;

pub(crate) static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut i = 0;
    while i < 256 {
        let byte = i as u8;
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')) {
            classes[i] |= NAME;
        }
        if matches!(byte, 0..0x20 | b'\'' | b'"' | b'<' | b'&' | 0xef) {
            classes[i] |= VALUE;
        }
        if matches!(byte, 0..9 | 11..0x20 | b'<' | b'>' | b'&' | 0xef) {
            classes[i] |= TEXT;
        }
        i += 1;
    }
    classes
};

/// For processors without vectors that are known of.
mod portable {
    use super::{CLASSES, NAME, TEXT, VALUE};

    pub(super) fn masks(bytes: &[u8; 64]) -> [u64; 3] {
        [NAME, VALUE, TEXT].map(|class| {
            bytes.iter().rev().fold(0, |mask, &byte| {
                mask << 1 | u64::from(CLASSES[usize::from(byte)] & class != 0)
            })
        })
    }
}
