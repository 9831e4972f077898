//! Finding the next byte that matters, 64 bytes at a time.
//!
//! A block of 64 bytes is classified once, into a bit a byte for each of
//! three questions; after that each question costs a shift and a count of
//! zeros, so that what a token costs hardly depends on its length, and no
//! branch on it.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

/// Answers about a text from any place on.
#[derive(Debug)]
pub(crate) struct Scanner<'t> {
    bytes: &'t [u8],
    level: Level,
    tag: Tag,
    text: Text,
}

/// What of a block matters within tags. Bit `i` stands for byte `i`.
#[derive(Clone, Copy, Debug)]
struct Tag {
    /// Which block it is.
    block: usize,
    /// Ends a name: everything but ASCII letters, digits, `.`, `-` and `_`.
    /// Other characters of names are rare and left to the caller.
    name: u64,
    /// Needs attention in an attribute value: quotes, `<`, `&`, control
    /// characters, the first byte of U+F000 to U+FFFF.
    value: u64,
}

/// What of a block matters between tags.
#[derive(Clone, Copy, Debug)]
struct Text {
    block: usize,
    /// Needs attention in character data: `<`, `>`, `&`, control characters
    /// but tab and line feed, the first byte of U+F000 to U+FFFF.
    stop: u64,
}

/// What this processor can do.
pub(crate) fn level() -> Level {
    #[cfg(feature = "std")]
    let level = Level::new();
    #[cfg(not(feature = "std"))]
    let level = Level::baseline();
    level
}

impl<'t> Scanner<'t> {
    #[inline]
    pub(crate) fn new(bytes: &'t [u8], level: Level) -> Self {
        const NONE: usize = usize::MAX;
        Self {
            bytes,
            level,
            tag: Tag { block: NONE, name: 0, value: 0 },
            text: Text { block: NONE, stop: 0 },
        }
    }

    /// The first byte at or after `from` that ends a name; the length of the
    /// text if there is none.
    #[inline(always)]
    pub(crate) fn name_end(&mut self, mut from: usize) -> usize {
        loop {
            if from >> 6 != self.tag.block {
                if self.is_short(from) {
                    return self.short(from, NAME);
                }
                self.load_tag(from >> 6);
            }
            let ahead = self.tag.name >> (from & 63);
            if ahead != 0 {
                return from + ahead.trailing_zeros() as usize;
            }
            from = (from | 63) + 1;
        }
    }

    /// The first byte at or after `from` that needs attention in an attribute
    /// value; the length of the text if there is none.
    #[inline(always)]
    pub(crate) fn value_stop(&mut self, mut from: usize) -> usize {
        loop {
            if from >> 6 != self.tag.block {
                if self.is_short(from) {
                    return self.short(from, VALUE);
                }
                self.load_tag(from >> 6);
            }
            let ahead = self.tag.value >> (from & 63);
            if ahead != 0 {
                return from + ahead.trailing_zeros() as usize;
            }
            from = (from | 63) + 1;
        }
    }

    /// The first byte at or after `from` that needs attention in character
    /// data; the length of the text if there is none.
    #[inline(always)]
    pub(crate) fn text_stop(&mut self, from: usize) -> usize {
        if from >> 6 == self.text.block {
            let ahead = self.text.stop >> (from & 63);
            if ahead != 0 {
                return from + ahead.trailing_zeros() as usize;
            }
        }
        self.far_text_stop(from)
    }

    #[inline(never)]
    fn far_text_stop(&mut self, from: usize) -> usize {
        if self.is_short(from) {
            return self.short(from, TEXT);
        }
        let mut block = from >> 6;
        let mut hidden = !0 << (from & 63);
        if block == self.text.block {
            block += 1;
            hidden = !0;
        }
        let blocks = self.bytes.get(block << 6..).unwrap_or_default();
        let (skipped, stop) = first_stop(self.level, blocks, hidden);
        self.text = Text { block: block + skipped, stop };
        let hidden = if skipped == 0 { hidden } else { !0 };
        ((block + skipped) << 6) + (stop & hidden).trailing_zeros() as usize
    }

    /// Whether so little is left that looking at the bytes one by one is
    /// cheaper than preparing a block: so it is when bytes drip in.
    #[inline(always)]
    fn is_short(&self, from: usize) -> bool {
        self.bytes.len() - from < SHORT
    }

    #[cold]
    fn short(&self, from: usize, class: u8) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|&&byte| CLASSES[usize::from(byte)] & class == 0).count()
    }

    #[inline(never)]
    fn load_tag(&mut self, block: usize) {
        let (name, value) = with_block(self.bytes, block, |bytes| tag_masks(self.level, bytes));
        self.tag = Tag { block, name, value };
    }
}

/// Zeros stop every search: they stand behind the end of the text.
#[inline(always)]
fn with_block<T>(bytes: &[u8], block: usize, then: impl FnOnce(&[u8; 64]) -> T) -> T {
    let rest = bytes.get(block << 6..).unwrap_or_default();
    match rest.first_chunk::<64>() {
        Some(bytes) => then(bytes),
        None => {
            let mut padded = [0; 64];
            padded[..rest.len()].copy_from_slice(rest);
            then(&padded)
        }
    }
}

#[inline]
fn tag_masks(level: Level, bytes: &[u8; 64]) -> (u64, u64) {
    if level.is_fallback() {
        return portable::tag_masks(bytes);
    }
    dispatch!(level, simd => vector_tag_masks(simd, bytes))
}

/// The first block with a bit that `hidden` does not hide in the first one.
#[inline]
fn first_stop(level: Level, bytes: &[u8], hidden: u64) -> (usize, u64) {
    if level.is_fallback() {
        return first_stop_with(bytes, hidden, portable::text_mask);
    }
    dispatch!(level, simd => first_stop_with(bytes, hidden, #[inline(always)] |block| vector_text_mask(simd, block)))
}

#[inline(always)]
fn first_stop_with(bytes: &[u8], hidden: u64, mask: impl Fn(&[u8; 64]) -> u64) -> (usize, u64) {
    let mut seen = hidden;
    let (blocks, rest) = bytes.as_chunks::<64>();
    for (skipped, block) in blocks.iter().enumerate() {
        let stop = mask(block);
        if stop & seen != 0 {
            return (skipped, stop);
        }
        seen = !0;
    }
    let mut padded = [0; 64];
    padded[..rest.len()].copy_from_slice(rest);
    (blocks.len(), mask(&padded))
}

#[inline(always)]
fn vector_tag_masks<S: Simd>(simd: S, bytes: &[u8; 64]) -> (u64, u64) {
    let v = u8x64::simd_from(simd, *bytes);
    let all = |byte: u8| u8x64::splat(simd, byte);
    let control = v.simd_le(all(0x1f));
    let value = control
        | (v | all(1)).simd_eq(all(b'\''))
        | v.simd_eq(all(b'"'))
        | v.simd_eq(all(b'<'))
        | v.simd_eq(all(0xef));
    let letter = ((v | all(0x20)) - all(b'a')).simd_le(all(25));
    // `-` to `9`, among them `/`.
    let digit = (v - all(b'-')).simd_le(all(b'9' - b'-')) ^ v.simd_eq(all(b'/'));
    let name = letter | digit | v.simd_eq(all(b'_'));
    (!name.to_bitmask(), value.to_bitmask())
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

    pub(super) fn tag_masks(bytes: &[u8; 64]) -> (u64, u64) {
        (mask(bytes, NAME), mask(bytes, VALUE))
    }

    pub(super) fn text_mask(bytes: &[u8; 64]) -> u64 {
        mask(bytes, TEXT)
    }

    fn mask(bytes: &[u8; 64], class: u8) -> u64 {
        bytes
            .iter()
            .rev()
            .fold(0, |mask, &byte| mask << 1 | u64::from(CLASSES[usize::from(byte)] & class != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn stops(find: impl Fn(&mut Scanner<'_>, usize) -> usize) -> Vec<u8> {
        (0..=255u8)
            .filter(|&byte| {
                let mut text = [b'a'; 90];
                text[66] = byte;
                let at = find(&mut Scanner::new(&text, level()), 3);
                assert!(at == 66 || at == 90, "{byte} at {at}");
                let short = find(&mut Scanner::new(&text[..68], level()), 65);
                assert_eq!(short == 66, at == 66);
                at == 66
            })
            .collect()
    }

    #[test]
    fn each_question_stops_at_its_bytes() {
        let name = stops(|scan, from| scan.name_end(from));
        let name_byte = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        assert_eq!(name, (0..=255).filter(|&b| !name_byte(b)).collect::<Vec<u8>>());
        let value = stops(|scan, from| scan.value_stop(from));
        let value_byte = |b: u8| b < 0x20 || b"'\"<&\xef".contains(&b);
        assert_eq!(value, (0..=255).filter(|&b| value_byte(b)).collect::<Vec<u8>>());
        let text = stops(|scan, from| scan.text_stop(from));
        let text_byte = |b: u8| (b < 0x20 && b != 9 && b != 10) || b"<>&\xef".contains(&b);
        assert_eq!(text, (0..=255).filter(|&b| text_byte(b)).collect::<Vec<u8>>());
    }

    #[test]
    fn vectors_and_the_table_agree() {
        let mut state = 1u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for _ in 0..200 {
            let block: [u8; 64] = core::array::from_fn(|_| random());
            assert_eq!(tag_masks(level(), &block), portable::tag_masks(&block));
            let (_, stop) = first_stop(level(), &block, !0);
            assert_eq!(stop, portable::text_mask(&block));
        }
    }

    #[test]
    fn the_end_of_the_text_stops_every_search() {
        for length in 0..200 {
            let text = alloc::vec![b'a'; length];
            let mut scan = Scanner::new(&text, level());
            for from in 0..=length {
                assert_eq!(scan.text_stop(from), length);
                assert_eq!(scan.name_end(from), length);
            }
        }
    }
}
