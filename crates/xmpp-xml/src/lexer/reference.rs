//! References (XML 1.0, section 4.1): numeric ones and the five predefined
//! entities (section 4.6); RFC 6120, section 11.1, forbids the others.

use super::{Fault, fault};
use crate::ErrorKind;
use crate::chars;

/// Checks the reference whose `&` stands at `at` and gives the offset behind
/// its `;`; `None` if more text is needed. `looked` remembers how far an
/// incomplete one has been looked at: leading zeros can go on for ever.
#[inline(never)]
pub(crate) fn check(text: &str, at: usize, looked: &mut usize) -> Result<Option<usize>, Fault> {
    let bytes = text.as_bytes();
    let rest = bytes.get(at + 1..).unwrap_or_default();
    for (name, _) in PREDEFINED {
        if rest.starts_with(name) {
            *looked = 0;
            return Ok(Some(at + 1 + name.len()));
        }
    }
    let end = match rest.first() {
        None => return Ok(None),
        Some(b'#') => numeric(text, at, looked)?,
        Some(_) => named(text, at, looked)?,
    };
    if end.is_some() {
        *looked = 0;
    }
    Ok(end)
}

/// What the well-formed reference at the beginning of `text` stands for, and
/// its length.
pub(crate) fn decode(text: &str) -> (Option<char>, usize) {
    let bytes = text.as_bytes();
    for (name, c) in PREDEFINED {
        if bytes.get(1..).is_some_and(|rest| rest.starts_with(name)) {
            return (Some(c), 1 + name.len());
        }
    }
    let end =
        bytes.iter().position(|&b| b == b';').unwrap_or_else(|| bytes.len().saturating_sub(1));
    let (digits, radix) = digits(text.get(..end).unwrap_or_default());
    (value(digits, radix), end + 1)
}

static PREDEFINED: [(&[u8], char); 5] =
    [(b"amp;", '&'), (b"lt;", '<'), (b"gt;", '>'), (b"apos;", '\''), (b"quot;", '"')];

/// The digits of a numeric reference without its `;`, and their radix.
fn digits(reference: &str) -> (&str, u32) {
    match reference.get(2..) {
        Some(rest) if rest.starts_with('x') => (&rest[1..], 16),
        Some(rest) => (rest, 10),
        None => ("", 10),
    }
}

fn value(digits: &str, radix: u32) -> Option<char> {
    let number = digits
        .chars()
        .filter_map(|c| c.to_digit(radix))
        .fold(0u32, |number, digit| number.saturating_mul(radix).saturating_add(digit));
    char::from_u32(number).filter(|&c| chars::is_char(c))
}

fn numeric(text: &str, at: usize, looked: &mut usize) -> Result<Option<usize>, Fault> {
    let bytes = text.as_bytes();
    let (first, hexadecimal) = match bytes.get(at + 2) {
        None => return Ok(None),
        Some(b'x') => (at + 3, true),
        Some(_) => (at + 2, false),
    };
    let mut p = first.max(*looked);
    loop {
        match bytes.get(p) {
            None => {
                *looked = p;
                return Ok(None);
            }
            Some(b) if b.is_ascii_digit() || (hexadecimal && b.is_ascii_hexdigit()) => p += 1,
            Some(b';') if p > first => break,
            Some(_) => return fault(ErrorKind::InvalidReference, at, p),
        }
    }
    let (digits, radix) = digits(&text[at..p]);
    match value(digits, radix) {
        Some(_) => Ok(Some(p + 1)),
        None => fault(ErrorKind::InvalidCharacter, at, p),
    }
}

fn named(text: &str, at: usize, looked: &mut usize) -> Result<Option<usize>, Fault> {
    let mut p = (at + 1).max(*looked);
    for c in text.get(p..).unwrap_or_default().chars() {
        let fits = if p == at + 1 { chars::is_name_start(c) } else { chars::is_name_char(c) };
        if fits {
            p += c.len_utf8();
        } else if c == ';' && p > at + 1 {
            return fault(ErrorKind::EntityReference, at, p);
        } else {
            return fault(ErrorKind::InvalidReference, at, p);
        }
    }
    *looked = p;
    Ok(None)
}
