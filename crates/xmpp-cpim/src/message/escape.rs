//! The escapes of header values: RFC 3862 §2.3.
//!
//! They came from Java, and so did their unit: `\uxxxx` is a UCS-2 code unit.
//! A character beyond the Basic Multilingual Plane is a surrogate pair of two
//! escapes. Half a pair is no character and is refused.

use alloc::borrow::Cow;
use alloc::string::String;

/// Whether the escape at the head of a value makes half a surrogate pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LoneSurrogate {
    /// Byte position of its backslash in the value.
    pub(super) at: usize,
}

/// Undoes the escapes of `raw`. Borrows unless there is a backslash.
///
/// Reads more than a generator may write (`3862-2.3.1-08` to `-11`): any
/// character may be escaped, an escape that is not known stands for the
/// character after the backslash, a backslash at the very end for nothing.
pub(super) fn unescape(raw: &str) -> Result<Cow<'_, str>, LoneSurrogate> {
    let Some(first) = memchr::memchr(b'\\', raw.as_bytes()) else {
        return Ok(Cow::Borrowed(raw));
    };
    let mut out = String::with_capacity(raw.len());
    let (plain, mut rest) = raw.split_at(first);
    out.push_str(plain);
    while let Some(escaped) = rest.strip_prefix('\\') {
        let at = raw.len() - rest.len();
        let mut after = escaped.chars();
        match after.next() {
            None => break,
            Some('b') => out.push('\u{8}'),
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('u') => {
                if let Some((character, tail)) = code_units(after.as_str(), at)? {
                    out.push(character);
                    after = tail.chars();
                } else {
                    out.push('u');
                }
            }
            Some(other) => out.push(other),
        }
        rest = after.as_str();
        let plain = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        out.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    Ok(Cow::Owned(out))
}

/// The character made by the one or two `\u` escapes whose first has its
/// digits at the head of `digits`, and what follows them; `None` where there
/// are not four hexadecimal digits.
fn code_units(digits: &str, at: usize) -> Result<Option<(char, &str)>, LoneSurrogate> {
    let Some((first, tail)) = code_unit(digits) else { return Ok(None) };
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Ok(Some((character, tail)));
    }
    let second = tail.strip_prefix("\\u").and_then(code_unit);
    if let Some((second, tail)) = second
        && let Some(Ok(character)) = char::decode_utf16([first, second]).next()
    {
        return Ok(Some((character, tail)));
    }
    Err(LoneSurrogate { at })
}

fn code_unit(digits: &str) -> Option<(u16, &str)> {
    let (digits, tail) = digits.split_at_checked(4)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok().map(|unit| (unit, tail))
}

/// Appends `text` as a header value: the characters that RFC 3862 §2.3.1 wants
/// escaped, and no others (`3862-2.3.1-06`).
pub(super) fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| b < 0x20 || b == 0x7F || b == b'\\') {
        out.push_str(&rest[..at]);
        escape_byte(rest.as_bytes()[at], out);
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Appends `text` as a `String` of the grammar, with its double quotes.
pub(super) fn quote(text: &str, out: &mut String) {
    out.push('"');
    let mut pieces = text.split('"');
    if let Some(first) = pieces.next() {
        escape(first, out);
    }
    for piece in pieces {
        out.push_str("\\\"");
        escape(piece, out);
    }
    out.push('"');
}

fn escape_byte(byte: u8, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'\\' => out.push_str("\\\\"),
        0x08 => out.push_str("\\b"),
        b'\t' => out.push_str("\\t"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        _ => {
            out.push_str("\\u00");
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(text, &mut out);
        out
    }

    // 3862-2.3-01, 3862-2.3.1-01, 3862-2.3.1-05
    #[test]
    fn the_generator_escapes_controls_and_the_backslash() {
        assert_eq!(escaped("\\\u{8}\t\n\r"), r"\\\b\t\n\r");
        assert_eq!(
            escaped("\0\u{7}\u{b}\u{c}\u{e}\u{1f}\u{7f}"),
            r"\u0000\u0007\u000b\u000c\u000e\u001f\u007f"
        );
    }

    // 3862-2.3.1-06
    #[test]
    fn the_generator_escapes_nothing_else() {
        let plain: String = (' '..='\u{2fff}').filter(|&c| c != '\\' && c != '\u{7f}').collect();
        assert_eq!(escaped(&plain), plain);
        assert_eq!(escaped("\u{1f6a9}\u{85}"), "\u{1f6a9}\u{85}");
    }

    // 3862-2.3.1-02, -03, -04: we delimit with double quotes alone.
    #[test]
    fn quotes_are_escaped_inside_a_string_and_not_around_it() {
        let mut out = String::new();
        quote(r#"Juliet "Jule" O'C\"#, &mut out);
        assert_eq!(out, r#""Juliet \"Jule\" O'C\\""#);
    }

    // 3862-2.3.1-07, -08, -09, -10, -11
    #[test]
    fn the_reader_knows_more_than_the_generator_writes() {
        for (raw, text) in [
            (r"plain", "plain"),
            (r#"\\\"\'\b\t\n\r"#, "\\\"'\u{8}\t\n\r"),
            (r"\u0041\u00e9\u00E9", "Aéé"),
            (r"\x\ä\u12\u12g4", "xäu12u12g4"),
            (r"end\", "end"),
            (r"end\\", "end\\"),
            (r"\u0000", "\0"),
            (r"\ud83d\udea9!", "\u{1f6a9}!"),
            (r"\", ""),
        ] {
            assert_eq!(unescape(raw).as_deref(), Ok(text), "{raw}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_no_character() {
        for (raw, at) in [
            (r"a\ud83d", 1),
            (r"\udea9", 0),
            (r"\ud83dx\udea9", 0),
            (r"\ud83d\ud83d\udea9", 0),
            (r"\n\ud83d\n", 2),
        ] {
            assert_eq!(unescape(raw), Err(LoneSurrogate { at }), "{raw}");
        }
    }

    #[test]
    fn nothing_escaped_nothing_copied() {
        assert!(matches!(unescape("a'b\"c"), Ok(Cow::Borrowed(_))));
    }

    proptest::proptest! {
        #[test]
        fn what_is_escaped_comes_back(text in ".*|[\\x00-\\x7f]*") {
            let raw = escaped(&text);
            proptest::prop_assert!(!raw.bytes().any(|b| b < 0x20 || b == 0x7f));
            proptest::prop_assert_eq!(unescape(&raw).unwrap().to_string(), text);
        }
    }
}
