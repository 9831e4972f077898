//! What may come, a few bytes at a time, without another look at it.
//!
//! Where the walk waits for more, most bytes decide nothing: a letter more of
//! a name, a value, a text, the `=` between name and value. They are followed
//! in a table; the walk goes over them when one comes that may decide
//! something, as each does that ends an attribute, a tag or a text, or that
//! is not as expected.

use super::{Lexer, State};
use crate::scan::{CLASSES, NAME, TEXT, VALUE};
use crate::{Limits, chars};

/// What the walk waits for, and how long the text may get meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Drip {
    pub(crate) at: Waiting,
    pub(crate) most: usize,
}

/// Where the text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Waiting {
    /// Where every byte is to be looked at.
    Look,
    /// In character data.
    Text,
    /// In the name of a start or end tag.
    TagName,
    /// Behind white space in a start tag.
    BeforeAttribute,
    /// In the name of an attribute.
    AttributeName,
    /// Behind its `=`.
    Equals,
    /// In its value.
    Value,
    /// Behind its value.
    AfterValue,
}

pub(crate) const EVERY_BYTE: Drip = Drip { at: Waiting::Look, most: 0 };

impl Waiting {
    /// Where the text ends with that byte more.
    #[inline(always)]
    pub(crate) fn then(self, byte: u8) -> Self {
        TABLE[self as usize][usize::from(byte)]
    }

    /// Whether the text ends at the same place with those bytes more, parts of
    /// characters beyond ASCII that need no attention.
    pub(crate) fn goes_on(self, bytes: &[u8]) -> bool {
        matches!(self, Self::Text | Self::Value)
            && bytes.iter().all(|&byte| !byte.is_ascii() && byte != 0xef)
    }

    const fn next(self, byte: u8) -> Self {
        const fn is_in(byte: u8, class: u8) -> bool {
            byte.is_ascii() && CLASSES[byte as usize] & class == 0
        }
        match (self, byte) {
            (Self::Text, _) if is_in(byte, TEXT) => Self::Text,
            (Self::TagName, _) if is_in(byte, NAME) => Self::TagName,
            (Self::BeforeAttribute | Self::AfterValue, b' ' | b'\t' | b'\n' | b'\r') => {
                Self::BeforeAttribute
            }
            (Self::BeforeAttribute, _) if chars::is_ascii_name_start(byte) => Self::AttributeName,
            (Self::AttributeName, b'=') => Self::Equals,
            (Self::AttributeName, _) if is_in(byte, NAME) => Self::AttributeName,
            (Self::Equals, b'\'' | b'"') => Self::Value,
            (Self::Value, _) if is_in(byte, VALUE) => Self::Value,
            _ => Self::Look,
        }
    }

    const ALL: [Self; 8] = [
        Self::Look,
        Self::Text,
        Self::TagName,
        Self::BeforeAttribute,
        Self::AttributeName,
        Self::Equals,
        Self::Value,
        Self::AfterValue,
    ];
}

static TABLE: [[Waiting; 256]; Waiting::ALL.len()] = {
    let mut table = [[Waiting::Look; 256]; Waiting::ALL.len()];
    let mut i = 0;
    while i < table.len() {
        let mut byte = 0;
        while byte < 256 {
            table[i][byte] = Waiting::ALL[i].next(byte as u8);
            byte += 1;
        }
        i += 1;
    }
    table
};

impl Lexer {
    /// The walk waits for more: for what?
    pub(super) fn expect_drip(&mut self, text: &str, limits: &Limits) {
        let len = text.len();
        let begun = text.as_bytes().get(self.at + 1..).unwrap_or_default();
        let at = match (self.state, &self.partial) {
            // Behind the `&` or the `]]` of something, every byte counts.
            (State::Content, _) if self.at == len => Waiting::Text,
            (State::StartTag, Some(partial)) if partial.is_in_value(len) => Waiting::Value,
            (State::StartTag, Some(partial)) if partial.is_before_quote(len) => Waiting::Equals,
            (State::StartTag, None) if self.at == len => Waiting::AfterValue,
            // Not behind a `/`.
            (State::StartTag, None)
                if !text.as_bytes().get(self.at).is_some_and(|&b| chars::is_space(b)) =>
            {
                Waiting::Look
            }
            (State::StartTag, None) if begun.is_empty() => Waiting::BeforeAttribute,
            (State::StartTag, None) if is_name(begun) => Waiting::AttributeName,
            (State::Markup, _) if is_name(begun.strip_prefix(b"/").unwrap_or(begun)) => {
                Waiting::TagName
            }
            _ => Waiting::Look,
        };
        // Names can become too long.
        let most = match at {
            Waiting::Text | Waiting::Value => usize::MAX,
            _ => self.at + 1 + limits.max_name_bytes as usize,
        };
        self.drip = Drip { at, most };
    }
}

fn is_name(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|&b| chars::is_ascii_name_start(b))
        && bytes.iter().all(|&b| CLASSES[usize::from(b)] & NAME == 0)
}
