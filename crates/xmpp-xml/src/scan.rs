//! Finding the next byte that matters, 64 bytes at a time.
//!
//! A block of 64 bytes is classified once, into a bit a byte for each of
//! three questions; after that each question costs a shift and a count of
//! zeros, so that what a token costs hardly depends on its length, and no
//! branch on it.

use wide::u8x16;

/// Bit `i` stands for byte `i` of a block.
#[derive(Clone, Copy, Default)]
struct Masks {
    /// Ends a name: everything but ASCII letters, digits, `.`, `-` and `_`.
    /// Other characters of names are rare and left to the caller.
    name: u64,
    /// Needs attention in an attribute value: quotes, `<`, `&`, control
    /// characters, the first byte of U+F000 to U+FFFF.
    value: u64,
    /// Needs attention in character data: `<`, `>`, `&`, control characters
    /// but tab and line feed, the first byte of U+F000 to U+FFFF.
    text: u64,
}

/// Answers about a text from any place on.
pub(crate) struct Scanner<'t> {
    bytes: &'t [u8],
    /// Which block `masks` is of.
    block: usize,
    masks: Masks,
}

impl<'t> Scanner<'t> {
    #[inline]
    pub(crate) fn new(bytes: &'t [u8]) -> Self {
        Self { bytes, block: usize::MAX, masks: Masks::default() }
    }

    /// The first byte at or after `from` that ends a name; the length of the
    /// text if there is none.
    #[inline(always)]
    pub(crate) fn name_end(&mut self, from: usize) -> usize {
        self.next(from, |masks| masks.name)
    }

    /// The first byte at or after `from` that needs attention in an attribute
    /// value; the length of the text if there is none.
    #[inline(always)]
    pub(crate) fn value_stop(&mut self, from: usize) -> usize {
        self.next(from, |masks| masks.value)
    }

    /// The first byte at or after `from` that needs attention in character
    /// data; the length of the text if there is none.
    #[inline(always)]
    pub(crate) fn text_stop(&mut self, from: usize) -> usize {
        self.next(from, |masks| masks.text)
    }

    #[inline(always)]
    fn next(&mut self, mut from: usize, mask: impl Fn(&Masks) -> u64) -> usize {
        loop {
            if from >> 6 != self.block {
                self.load(from >> 6);
            }
            let ahead = mask(&self.masks) >> (from & 63);
            if ahead != 0 {
                return from + ahead.trailing_zeros() as usize;
            }
            from = (from | 63) + 1;
        }
    }

    #[inline(never)]
    fn load(&mut self, block: usize) {
        self.block = block;
        let rest = self.bytes.get(block << 6..).unwrap_or_default();
        self.masks = match rest.first_chunk::<64>() {
            Some(bytes) => classify(bytes),
            None => {
                // Zeros stop every search, at the end of the text.
                let mut padded = [0; 64];
                padded[..rest.len()].copy_from_slice(rest);
                classify(&padded)
            }
        };
    }
}

fn classify(bytes: &[u8; 64]) -> Masks {
    let mut masks = Masks::default();
    for (i, part) in bytes.chunks_exact(16).enumerate() {
        let mut lanes = [0; 16];
        lanes.copy_from_slice(part);
        let v = u8x16::new(lanes);
        let all = u8x16::splat;
        let eq = |byte: u8| v.cmp_eq(all(byte));
        let within = |low: u8, high: u8| {
            let shifted = v - all(low);
            shifted.min(all(high - low)).cmp_eq(shifted)
        };

        let control = v.min(all(0x1f)).cmp_eq(v);
        let angle = (v & all(0xfd)).cmp_eq(all(b'<'));
        let nonchar = eq(0xef);
        let line = eq(b'\t') | eq(b'\n');
        let text = ((control ^ line) & control) | angle | eq(b'&') | nonchar;
        let value = control | (v | all(1)).cmp_eq(all(b'\'')) | eq(b'"') | eq(b'<') | nonchar;
        let lower = v | all(0x20);
        let letter = {
            let shifted = lower - all(b'a');
            shifted.min(all(25)).cmp_eq(shifted)
        };
        // `-` to `9`, among them `/`.
        let name = letter | (within(b'-', b'9') ^ eq(b'/')) | eq(b'_');

        let shift = i * 16;
        masks.name |= u64::from(!(name.move_mask() as u16)) << shift;
        masks.value |= u64::from(value.move_mask() as u16) << shift;
        masks.text |= u64::from(text.move_mask() as u16) << shift;
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn stops(find: impl Fn(&mut Scanner<'_>, usize) -> usize) -> Vec<u8> {
        (0..=255u8)
            .filter(|&byte| {
                let mut text = [b'a'; 70];
                text[66] = byte;
                let at = find(&mut Scanner::new(&text), 3);
                assert!(at == 66 || at == 70, "{byte} at {at}");
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
    fn the_end_of_the_text_stops_every_search() {
        for length in 0..200 {
            let text = alloc::vec![b'a'; length];
            let mut scan = Scanner::new(&text);
            for from in 0..=length {
                assert_eq!(scan.text_stop(from), length);
                assert_eq!(scan.name_end(from), length);
            }
        }
    }
}
