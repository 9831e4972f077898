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

static TEXT: [u8; 256] = table(true);
static ATTRIBUTE: [u8; 256] = table(false);

/// Appends character data.
pub(super) fn text(out: &mut Vec<u8>, text: &str) -> Result<(), InvalidCharacter> {
    append(out, text, &TEXT)
}

/// Appends an attribute value that will stand between apostrophes.
pub(super) fn attribute(out: &mut Vec<u8>, value: &str) -> Result<(), InvalidCharacter> {
    append(out, value, &ATTRIBUTE)
}

fn append(out: &mut Vec<u8>, text: &str, table: &[u8; 256]) -> Result<(), InvalidCharacter> {
    let bytes = text.as_bytes();
    let mut copied = 0;
    let mut at = 0;
    while let Some(ahead) = position(&bytes[at..], table) {
        at += ahead;
        let replacement: &[u8] = match table[usize::from(bytes[at])] {
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
                if out.ends_with(b"]]") {
                    b"&gt;"
                } else {
                    at += 1;
                    continue;
                }
            }
            HIGH if !is_nonchar(bytes, at) => {
                at += 3;
                continue;
            }
            _ => return Err(InvalidCharacter),
        };
        out.extend_from_slice(&bytes[copied..at]);
        out.extend_from_slice(replacement);
        at += 1;
        copied = at;
    }
    out.extend_from_slice(&bytes[copied..]);
    Ok(())
}

/// The first byte that is not plain.
#[inline]
fn position(bytes: &[u8], table: &[u8; 256]) -> Option<usize> {
    let mut at = 0;
    // Eight at a time without a branch between them.
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let any = eight.iter().fold(0, |any, &b| any | table[usize::from(b)]);
        if any != PLAIN {
            break;
        }
        at += 8;
    }
    bytes[at..].iter().position(|&b| table[usize::from(b)] != PLAIN).map(|more| at + more)
}
