//! From what is written to what it stands for.

use alloc::string::String;
use core::fmt;

use crate::lexer::reference;

/// The pieces that character data or a value consists of once line ends and
/// references are resolved; see [`Text::pieces`](crate::Text::pieces).
#[derive(Clone)]
pub struct Pieces<'a> {
    rest: &'a str,
    raw: Raw,
}

/// A piece of character data or of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "what is not written as it is, is one character")]
pub enum Piece<'a> {
    /// What stands so in the input.
    Str(&'a str),
    /// What a reference or a line end stands for, or white space in a value.
    Char(char),
}

/// How it is written what something stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    /// As it is.
    Plain,
    /// An attribute value: normalised (XML 1.0, section 3.3.3) after line ends
    /// (section 2.11), with references resolved.
    Value,
    /// Character data: line ends normalised, references resolved.
    Text,
    /// A CDATA section: line ends normalised.
    Cdata,
}

impl<'a> Pieces<'a> {
    #[inline]
    pub(crate) fn new(rest: &'a str, raw: Raw) -> Self {
        Self { rest, raw }
    }
}

impl Piece<'_> {
    /// Its length in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "none is")]
    pub fn len(self) -> usize {
        match self {
            Self::Str(piece) => piece.len(),
            Self::Char(c) => c.len_utf8(),
        }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    #[inline]
    fn next(&mut self) -> Option<Piece<'a>> {
        let bytes = self.rest.as_bytes();
        if bytes.is_empty() {
            return None;
        }
        let special = match self.raw {
            Raw::Plain => None,
            Raw::Value => bytes.iter().position(|b| matches!(b, b'&' | b'\r' | b'\n' | b'\t')),
            Raw::Text => memchr::memchr2(b'&', b'\r', bytes),
            Raw::Cdata => memchr::memchr(b'\r', bytes),
        };
        if special == Some(0) {
            return Some(self.special());
        }
        let (piece, rest) = self.rest.split_at_checked(special.unwrap_or(bytes.len()))?;
        self.rest = rest;
        Some(Piece::Str(piece))
    }
}

impl<'a> Pieces<'a> {
    /// What begins with something that is not what it stands for.
    fn special(&mut self) -> Piece<'a> {
        let bytes = self.rest.as_bytes();
        let line_end = if self.raw == Raw::Value { ' ' } else { '\n' };
        let (c, len) = match bytes {
            [b'&', ..] => reference::decode(self.rest),
            [b'\r', b'\n', ..] => (Some(line_end), 2),
            _ => (Some(line_end), 1),
        };
        self.rest = self.rest.get(len..).unwrap_or_default();
        // The lexer has let none through that stands for nothing.
        Piece::Char(c.unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

impl fmt::Debug for Pieces<'_> {
    /// The length only: the characters can be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pieces({} bytes)", self.rest.len())
    }
}

/// What `raw` stands for.
pub(crate) fn decode(raw: &str, how: Raw) -> String {
    // What a reference stands for is never longer than the reference.
    let mut out = String::with_capacity(raw.len());
    append(&mut out, raw, how);
    out
}

/// Whether the attribute value `raw` stands for `value`.
pub(crate) fn is_value(raw: &str, value: &str) -> bool {
    let mut rest = value;
    let mut character = [0; 4];
    Pieces::new(raw, Raw::Value).all(|piece| {
        let piece = match piece {
            Piece::Str(piece) => piece,
            Piece::Char(c) => c.encode_utf8(&mut character),
        };
        rest.strip_prefix(piece).is_some_and(|behind| {
            rest = behind;
            true
        })
    }) && rest.is_empty()
}

/// What the attribute value `raw` stands for.
pub(crate) fn value(raw: &str) -> String {
    decode(raw, Raw::Value)
}

pub(crate) fn append(out: &mut String, raw: &str, how: Raw) {
    for piece in Pieces::new(raw, how) {
        match piece {
            Piece::Str(piece) => out.push_str(piece),
            Piece::Char(c) => out.push(c),
        }
    }
}
