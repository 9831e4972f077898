//! Escaping: as little as must be, and no character that XML does not allow.

use alloc::vec::Vec;

use crate::lexer::content::is_nonchar;

/// A character that XML does not allow.
#[derive(Debug)]
pub(super) struct InvalidCharacter;

/// What a byte is to be written as.
const PLAIN: u8 = 0;
const AMP: u8 = 1;
const LT: u8 = 2;
/// Only behind `]]`.
const GT: u8 = 3;
const APOS: u8 = 4;
/// Would become a space in an attribute value.
const TAB: u8 = 5;
const LF: u8 = 6;
/// Would become a line feed or a space.
const CR: u8 = 7;
const CONTROL: u8 = 8;
/// Could begin U+FFFE or U+FFFF.
const HIGH: u8 = 9;

const fn table(text: bool) -> [u8; 256] {
    let mut table = [PLAIN; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = CONTROL;
        byte += 1;
    }
    table[b'&' as usize] = AMP;
    table[b'<' as usize] = LT;
    table[b'\r' as usize] = CR;
    table[0xef] = HIGH;
    if text {
        table[b'>' as usize] = GT;
        table[b'\t' as usize] = PLAIN;
        table[b'\n' as usize] = PLAIN;
    } else {
        table[b'\'' as usize] = APOS;
        table[b'\t' as usize] = TAB;
        table[b'\n' as usize] = LF;
    }
    table
}

/// What is special where.
struct Special {
    table: [u8; 256],
    /// What else than references, control characters and `HIGH`.
    other: u8,
}

static TEXT: Special = Special { table: table(true), other: b'>' };
static ATTRIBUTE: Special = Special { table: table(false), other: b'\'' };

/// Appends character data.
pub(super) fn text(out: &mut Vec<u8>, text: &str) -> Result<(), InvalidCharacter> {
    append(out, text, &TEXT)
}

/// Appends an attribute value that will stand between apostrophes.
pub(super) fn attribute(out: &mut Vec<u8>, value: &str) -> Result<(), InvalidCharacter> {
    append(out, value, &ATTRIBUTE)
}

fn append(out: &mut Vec<u8>, text: &str, special: &Special) -> Result<(), InvalidCharacter> {
    let bytes = text.as_bytes();
    match special.position(bytes) {
        None => {
            out.extend_from_slice(bytes);
            Ok(())
        }
        Some(at) => escape(out, bytes, at, special),
    }
}

/// Appends text whose first special byte is at `at`.
#[inline(never)]
fn escape(
    out: &mut Vec<u8>,
    bytes: &[u8],
    mut at: usize,
    special: &Special,
) -> Result<(), InvalidCharacter> {
    let mut copied = 0;
    loop {
        let replacement: &[u8] = match special.table[usize::from(bytes[at])] {
            AMP => b"&amp;",
            LT => b"&lt;",
            APOS => b"&apos;",
            TAB => b"&#9;",
            LF => b"&#10;",
            CR => b"&#13;",
            GT => {
                out.extend_from_slice(&bytes[copied..at]);
                copied = at;
                // `]]` may have been written by the call before.
                if out.ends_with(b"]]") { b"&gt;" } else { b"" }
            }
            HIGH if !is_nonchar(bytes, at) => b"",
            _ => return Err(InvalidCharacter),
        };
        if !replacement.is_empty() {
            out.extend_from_slice(&bytes[copied..at]);
            out.extend_from_slice(replacement);
            copied = at + 1;
        }
        at += 1;
        match bytes.get(at..).and_then(|rest| special.position(rest)) {
            Some(ahead) => at += ahead,
            None => break,
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    Ok(())
}

impl Special {
    /// The first byte that is not plain.
    #[inline]
    fn position(&self, bytes: &[u8]) -> Option<usize> {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        for (number, block) in blocks.iter().enumerate() {
            if self.may_be_in(block)
                && let Some(at) = self.first_of(block)
            {
                return Some(number * BLOCK + at);
            }
        }
        if rest.is_empty() || !self.may_be_in(&last_block(bytes)) {
            return None;
        }
        self.first_of(rest).map(|at| blocks.len() * BLOCK + at)
    }

    fn first_of(&self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().position(|&b| self.table[usize::from(b)] != PLAIN)
    }

    /// Whether some byte is special, or a tab or a line feed.
    #[inline]
    fn may_be_in(&self, block: &[u8; BLOCK]) -> bool {
        u128::from_ne_bytes(marked(block, self.other)) != 0
    }
}

/// Marks the bytes that may be special, without a branch, so that compilers make it a few
/// instructions on all bytes at once. On its own they do; within a loop they may not.
#[inline(never)]
fn marked(block: &[u8; BLOCK], other: u8) -> [u8; BLOCK] {
    block.map(|b| {
        u8::from(b < 0x20)
            | u8::from(b == b'&')
            | u8::from(b == b'<')
            | u8::from(b == other)
            | u8::from(b == 0xef)
    })
}

/// How many bytes are looked at together.
const BLOCK: usize = 16;

/// The first and the last bytes of text that has as many.
#[inline]
fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    Some((bytes.first_chunk()?, bytes.last_chunk()?))
}

/// The last bytes; of fewer than a block all, some of them twice, and spaces.
#[inline]
fn last_block(bytes: &[u8]) -> [u8; BLOCK] {
    if let Some(last) = bytes.last_chunk() {
        return *last;
    }
    let mut block = [b' '; BLOCK];
    if let Some((first, last)) = ends::<8>(bytes) {
        block[..8].copy_from_slice(first);
        block[8..].copy_from_slice(last);
    } else if let Some((first, last)) = ends::<4>(bytes) {
        block[..4].copy_from_slice(first);
        block[4..8].copy_from_slice(last);
    } else {
        block.iter_mut().zip(bytes).for_each(|(place, &b)| *place = b);
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    /// What is special is found wherever it stands, in text of any length.
    #[test]
    fn only_blocks_with_a_special_byte_are_looked_at_closely() {
        for (special, byte) in
            [&TEXT, &ATTRIBUTE].into_iter().flat_map(|s| (0..=255u8).map(move |b| (s, b)))
        {
            let expected = byte < 0x20 || [b'&', b'<', special.other, 0xef].contains(&byte);
            for at in 0..BLOCK {
                let mut block = [b'a'; BLOCK];
                block[at] = byte;
                assert_eq!(special.may_be_in(&block), expected, "{byte} at {at}");
                assert_eq!(special.may_be_in(&[byte; BLOCK]), expected, "{byte}");
            }
            // Of fewer bytes than a block has: each of them, and nothing special.
            for len in 0..BLOCK {
                let text = [byte; BLOCK];
                let block = last_block(&text[..len]);
                assert_eq!(special.may_be_in(&block), expected && len != 0, "{byte} {len} times");
            }
        }
        let text: [u8; 40] = core::array::from_fn(|i| b'a' + i as u8);
        for len in 1..40 {
            let block = last_block(&text[..len]);
            let of_rest = &text[len - len.min(BLOCK)..len];
            assert!(of_rest.iter().all(|byte| block.contains(byte)), "{len}");
        }
    }

    #[test]
    fn a_special_byte_is_found_at_every_place() {
        let found = |special: &Special, text: &str| special.position(text.as_bytes());
        for c in ['&', '<', '\r', '\0', '\u{1f}', '\u{ffff}'] {
            for len in 1..40 {
                let text: String = core::iter::repeat_n(c, len).collect();
                assert_eq!(found(&TEXT, &text), Some(0), "{len} of {c:?}");
                assert_eq!(found(&ATTRIBUTE, &text), Some(0), "{len} of {c:?}");
                assert_eq!(found(&TEXT, &">".repeat(len)), Some(0));
                assert_eq!(found(&ATTRIBUTE, &"'".repeat(len)), Some(0));
            }
        }
        for len in 0..70 {
            let plain = "x".repeat(len);
            let alphabet: String =
                ('0'..='z').filter(|&c| c != '<' && c != '>').cycle().take(len).collect();
            let mut out = Vec::from(*b"before ");
            attribute(&mut out, &alphabet).unwrap();
            assert_eq!(out, alloc::format!("before {alphabet}").into_bytes());
            assert_eq!(found(&TEXT, &plain), None);
            assert_eq!(found(&ATTRIBUTE, &plain), None);
            for at in 0..len {
                let with = |c: char| -> String {
                    plain.char_indices().map(|(i, x)| if i == at { c } else { x }).collect()
                };
                for c in ['&', '<', '\r', '\0', '\u{1f}', '\u{ffff}'] {
                    assert_eq!(found(&TEXT, &with(c)), Some(at), "{c:?} at {at} of {len}");
                    assert_eq!(found(&ATTRIBUTE, &with(c)), Some(at), "{c:?} at {at} of {len}");
                }
                for c in ['\t', '\n', '\''] {
                    assert_eq!(found(&TEXT, &with(c)), None, "{c:?} at {at} of {len}");
                    assert_eq!(found(&ATTRIBUTE, &with(c)), Some(at), "{c:?} at {at} of {len}");
                }
                for c in ['"', '\u{7f}', '\u{e9}', '\u{1f600}'] {
                    assert_eq!(found(&TEXT, &with(c)), None, "{c:?} at {at} of {len}");
                    assert_eq!(found(&ATTRIBUTE, &with(c)), None, "{c:?} at {at} of {len}");
                }
                assert_eq!(found(&TEXT, &with('>')), Some(at));
                assert_eq!(found(&ATTRIBUTE, &with('>')), None);
            }
        }
    }
}
