//! What a peer sent, as text that can be shown.
//!
//! A report shows bytes of peers that may be hostile. Nothing of them reaches the page
//! but as values of the two types here. Both are plain text that the template escapes, and
//! neither has a character in it that hides itself or turns text around: control
//! characters, bytes that are not UTF-8 and characters of format are spelled out.

use core::fmt;
use core::ops::Range;

/// The longest message that is shown as a whole, in bytes.
const LONGEST: usize = 4096;
/// How much of a longer one is shown, from its beginning and from its end.
const BEGINNING: usize = 3072;
const END: usize = 512;

/// One line of text: an identifier, a label, a sentence of the suite's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Plain(String);

impl Plain {
    pub(crate) fn new(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\n' | '\r' | '\t' => out.push(' '),
                _ if hides(c) => out.push_str(&spelled(c)),
                _ => out.push(c),
            }
        }
        Self(out)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of a [`Text`] that is shown in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text as it came.
    Text(String),
    /// A character or byte that cannot be shown, spelled out; and how often it stands here.
    Spelled(String, usize),
    /// So many bytes are left out here.
    Cut(usize),
}

/// Bytes that went over the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) pieces: Vec<Piece>,
}

impl Text {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut text = Self::default();
        if bytes.len() <= LONGEST {
            text.append(bytes, 0..bytes.len());
        } else {
            let first = boundary(bytes, BEGINNING);
            let last = boundary(bytes, bytes.len() - END);
            text.append(bytes, 0..first);
            text.pieces.push(Piece::Cut(last - first));
            text.append(bytes, last..bytes.len());
        }
        text
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    fn append(&mut self, bytes: &[u8], part: Range<usize>) {
        for chunk in bytes[part].utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\n' => {
                        self.spell("LF".into());
                        self.push('\n');
                    }
                    _ if hides(c) => self.spell(spelled(c)),
                    _ => self.push(c),
                }
            }
            for byte in chunk.invalid() {
                self.spell(format!("\\x{byte:02X}"));
            }
        }
    }

    fn push(&mut self, c: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => self.pieces.push(Piece::Text(c.into())),
        }
    }

    fn spell(&mut self, name: String) {
        match self.pieces.last_mut() {
            Some(Piece::Spelled(last, times)) if *last == name => *times += 1,
            _ => self.pieces.push(Piece::Spelled(name, 1)),
        }
    }
}

/// The next place at or behind `at` where no character is cut.
fn boundary(bytes: &[u8], at: usize) -> usize {
    (at..bytes.len().min(at + 4)).find(|&n| bytes[n] & 0xC0 != 0x80).unwrap_or(at)
}

/// Whether `c` shows nothing of itself, or changes how others are shown.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202F}'
            | '\u{205F}'..='\u{206F}' | '\u{3164}' | '\u{E000}'..='\u{F8FF}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{10FFFF}')
}

/// The control characters by their names, others by their number.
fn spelled(c: char) -> String {
    const NAMES: [&str; 32] = [
        "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF",
        "CR", "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM",
        "SUB", "ESC", "FS", "GS", "RS", "US",
    ];
    match (NAMES.get(c as usize), c) {
        (Some(name), _) => (*name).to_owned(),
        (None, '\u{7F}') => "DEL".to_owned(),
        (None, c) => format!("U+{:04X}", c as u32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &Text) -> String {
        let each = text.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Spelled(name, times) => format!("[{name}{times}]"),
            Piece::Cut(bytes) => format!("[{bytes} bytes]"),
        });
        each.collect()
    }

    #[test]
    fn each_byte_is_shown_or_spelled_out() {
        for byte in 0..=255_u8 {
            let text = shown(&Text::new(&[b'a', byte, b'z']));
            assert!(text.chars().all(|c| c == '\n' || !hides(c)), "{byte}");
            assert!(text.chars().count() > 2, "{byte}");
        }
        assert_eq!(shown(&Text::new(b"\0\0\x1b\x7f\xff")), "[NUL2][ESC1][DEL1][\\xFF1]");
        assert_eq!(shown(&Text::new(b"a\r\nb")), "a[CR1][LF1]\nb");
    }

    #[test]
    fn each_character_is_shown_or_spelled_out() {
        for c in ('\0'..=char::MAX).filter(|&c| c != '\n') {
            let plain = Plain::new(c.encode_utf8(&mut [0; 4]));
            assert!(!plain.is_empty() && plain.0.chars().all(|c| !hides(c)), "{c:?}");
        }
    }

    #[test]
    fn text_that_turns_around_is_spelled_out() {
        assert_eq!(Plain::new("a\u{202E}b\u{200B}c\nd").0, "aU+202EbU+200Bc d");
        assert_eq!(shown(&Text::new("a\u{2066}b".as_bytes())), "a[U+20661]b");
    }

    #[test]
    fn a_long_message_is_cut_between_characters_and_says_so() {
        for before in ["", "a", "ab"] {
            let bytes = format!("{before}{}", "€".repeat(50_000)).into_bytes();
            let text = Text::new(&bytes);
            let [Piece::Text(first), Piece::Cut(cut), Piece::Text(last)] = &text.pieces[..] else {
                panic!("{:?}", text.pieces)
            };
            assert_eq!(first.len() + cut + last.len(), bytes.len());
        }
        // Nor does it matter where there are no characters.
        assert_eq!(Text::new(&[0x80; 9000]).pieces.len(), 3);
    }
}
