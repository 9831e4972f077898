//! Fallback indication: XEP-0428, with the counting of XEP-0426.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:fallback:0");

/// Which part of a message is for those who do not know an extension
/// (XEP-0428, 2.2). A message may have several.
///
/// Without a range of body or subject the whole message is.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "fallback", section = "XEP-0428, 2.2")]
#[non_exhaustive]
pub struct Fallback<'a> {
    /// The extension, by its namespace.
    #[xml(attr = "for")]
    pub of: Option<Cow<'a, str>>,
    /// Parts of the subject.
    #[xml(child)]
    pub subject: Vec<SubjectPart<'a>>,
    /// Parts of the body.
    #[xml(child)]
    pub body: Vec<BodyPart<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A part of the subject: all of it, without a range.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "subject", section = "XEP-0428, 2.2")]
#[non_exhaustive]
pub struct SubjectPart<'a> {
    /// The first character, from 0; it counts Unicode code points.
    #[xml(attr)]
    pub start: Option<u32>,
    /// The character behind the last one.
    #[xml(attr)]
    pub end: Option<u32>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A part of the body: all of it, without a range.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "body", section = "XEP-0428, 2.2")]
#[non_exhaustive]
pub struct BodyPart<'a> {
    /// The first character, from 0; it counts Unicode code points.
    #[xml(attr)]
    pub start: Option<u32>,
    /// The character behind the last one.
    #[xml(attr)]
    pub end: Option<u32>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Fallback<'_> {
    /// The parts of the body, as characters from and to.
    pub fn body_ranges(&self) -> impl Iterator<Item = Range<u32>> {
        let parts = self.body.iter().map(|part| range(part.start, part.end));
        parts.chain(self.whole())
    }

    /// The parts of the subject, as characters from and to.
    pub fn subject_ranges(&self) -> impl Iterator<Item = Range<u32>> {
        let parts = self.subject.iter().map(|part| range(part.start, part.end));
        parts.chain(self.whole())
    }

    fn whole(&self) -> Option<Range<u32>> {
        (self.body.is_empty() && self.subject.is_empty()).then_some(0..u32::MAX)
    }
}

fn range(start: Option<u32>, end: Option<u32>) -> Range<u32> {
    start.unwrap_or(0)..end.unwrap_or(u32::MAX)
}

/// A text without those parts of it, which are given in characters: Unicode
/// code points, neither bytes nor the units of UTF-16 (XEP-0426).
///
/// They refer to the text as it was sent, so all fallbacks that are understood
/// are taken out at once. They may overlap, and reach beyond the end.
///
/// ```
/// use xmpp_extensions::messaging::fallback::without;
///
/// // XEP-0461, 3.1: one extension is known, and its fallback hidden.
/// let body = "> Anna wrote:\n> We should bake a cake\nGreat idea!";
/// assert_eq!(without(body, [0..38]), "Great idea!");
///
/// assert_eq!(without("👩‍🚀: hi", [0..5]), "hi");
/// ```
#[must_use]
pub fn without(text: &str, parts: impl IntoIterator<Item = Range<u32>>) -> Cow<'_, str> {
    let mut parts: Vec<Range<u32>> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return Cow::Borrowed(text);
    }
    parts.sort_unstable_by_key(|part| part.start);
    let mut kept = String::with_capacity(text.len());
    let mut parts = parts.into_iter().peekable();
    // Where the parts that have begun end.
    let mut until = 0;
    for (at, c) in (0_u32..).zip(text.chars()) {
        while let Some(part) = parts.next_if(|part| part.start <= at) {
            until = until.max(part.end);
        }
        if at >= until {
            kept.push(c);
        }
    }
    Cow::Owned(kept)
}

/// Part of a text by its characters (XEP-0426): what a reference, a mention or
/// a piece of markup is about. `None` if it begins or ends beyond the text, or
/// ends before it begins.
///
/// ```
/// use xmpp_extensions::messaging::fallback::characters;
///
/// assert_eq!(characters("Hello, Alice!", 7..12), Some("Alice"));
/// ```
#[must_use]
pub fn characters(text: &str, part: Range<u32>) -> Option<&str> {
    let start = usize::try_from(part.start).ok()?;
    let len = usize::try_from(part.end.checked_sub(part.start)?).ok()?;
    let from = offset(text, start)?;
    let text = text.get(from..)?;
    text.get(..offset(text, len)?)
}

/// Where a character begins, in bytes; the end of the text is behind its last.
fn offset(text: &str, character: usize) -> Option<usize> {
    let ends = text.char_indices().map(|(at, _)| at).chain(Some(text.len()));
    ends.into_iter().nth(character)
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of parts, of which there is one")]
mod tests {
    use super::*;

    #[test]
    fn characters_are_code_points() {
        // One character of four bytes, two units of UTF-16.
        assert_eq!(without("\u{1F600}ab", [0..1]), "ab");
        // A letter and an accent that joins it are two.
        assert_eq!(without("e\u{301}x", [1..2]), "ex");
        assert_eq!(characters("\u{1F600}ab", 1..2), Some("a"));
        assert_eq!(characters("\u{1F600}ab", 3..3), Some(""));
        assert_eq!(characters("\u{1F600}ab", 2..4), None);
        assert_eq!(characters("ab", Range { start: 2, end: 1 }), None);
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "what a stranger may send")]
    fn parts_overlap_and_reach_beyond() {
        assert_eq!(without("abcdef", [1..3, 2..4]), "aef");
        assert_eq!(without("abcdef", [4..u32::MAX, 0..1]), "bcd");
        assert_eq!(without("abcdef", [3..2, 9..10]), "abcdef");
        assert_eq!(without("abcdef", [0..6, 1..2]), "");
    }

    #[test]
    fn a_fallback_without_parts_is_the_whole() {
        let whole = Fallback::new().with_of("urn:xmpp:reactions:0");
        assert_eq!(without("👍", whole.body_ranges()), "");
        // With a part of the subject, it says nothing of the body.
        let subject = Fallback::new().with_subject([SubjectPart::new()]);
        assert_eq!(without("x", subject.body_ranges()), "x");
        assert_eq!(without("x", subject.subject_ranges()), "");
    }
}
