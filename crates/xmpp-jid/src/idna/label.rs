//! One label of a domain name (RFC 5891 §4 and §5).

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc, is_nfc_quick};

use super::punycode;
use crate::error::{Rule, Violation};
use crate::precis::class::check;
use crate::precis::rules::relocate;
use crate::properties::{Record, decompose_width, lowercase, records};
use crate::sink::Sink;

pub(super) const A_LABEL_PREFIX: &str = "xn--";
const MAX_LABEL_BYTES: usize = 63;

/// What the whole name has to know of a label.
#[derive(Clone, Copy)]
pub(super) struct Label {
    pub(super) rtl: bool,
    /// Its length in bytes in the form the DNS sees, or somewhat more.
    pub(super) ascii_len: usize,
}

/// Whether a label is a U-label or an NR-LDH label in lowercase, as it stands.
/// `None` if not, or if it takes a closer look to tell.
#[inline]
pub(super) fn canonical(label: &str) -> Option<Label> {
    let all = records(label);
    let doubts = Record::CASE.and(Record::WIDTH).and(Record::NOT_IDNA);
    if label.is_empty() || all.has(doubts) || hyphens(label).is_err() {
        return None;
    }
    if all.has(Record::NFC) && is_nfc_quick(label.chars()) != IsNormalized::Yes {
        return None;
    }
    if all.has(Record::MARK) && begins_with_mark(label) {
        return None;
    }
    Some(Label { rtl: all.has(Record::RTL), ascii_len: ascii_len_at_most(label)? })
}

/// Writes the U-label or NR-LDH label that `label` is or stands for to `out`.
/// With `map`, code points are mapped as RFC 5895 has it; without, only ASCII
/// letters lose their case, which they never had (RFC 5890 §2.3.1).
pub(super) fn enforce(label: &str, map: bool, out: &mut impl Sink) -> Result<Label, Violation> {
    let start = out.len();
    if label.is_ascii() {
        label.chars().for_each(|c| out.push(c.to_ascii_lowercase()));
    } else if map {
        label.chars().flat_map(map_char).nfc().for_each(|c| out.push(c));
    } else {
        label.chars().for_each(|c| out.push(c.to_ascii_lowercase()));
    }
    let mapped = out.since(start);
    if mapped.starts_with(A_LABEL_PREFIX) {
        return decode(start, out).ok_or(Violation::new(Rule::ALabel, 0));
    }
    look(mapped).map_err(|violation| in_original(violation, mapped, label, map))
}

/// A violation in the mapped label, as one in the label as it was given.
pub(super) fn in_original(
    violation: Violation,
    mapped: &str,
    original: &str,
    map: bool,
) -> Violation {
    let prefix = original.get(..A_LABEL_PREFIX.len());
    if prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(A_LABEL_PREFIX)) {
        // The code point at fault is not there to be seen.
        return Violation::new(violation.rule(), 0);
    }
    relocate(violation, mapped, original, |c, image| {
        if map {
            map_char(c).nfc().for_each(|c| image.push(c));
        } else {
            image.push(c.to_ascii_lowercase());
        }
    })
}

/// Replaces the A-label that was pushed at `start` by its U-label.
fn decode(start: usize, out: &mut impl Sink) -> Option<Label> {
    let mut a_label = [0; MAX_LABEL_BYTES];
    let pushed = out.since(start);
    let len = pushed.len();
    let a_label = a_label.get_mut(..len)?;
    a_label.copy_from_slice(pushed.as_bytes());
    let a_label = core::str::from_utf8(a_label).ok()?;
    out.truncate(start);
    punycode::decode(a_label.strip_prefix(A_LABEL_PREFIX)?, out)?;
    // RFC 5891 §5.4: a U-label, and the one that this A-label stands for.
    let label = out.since(start);
    let found = look(label).ok()?;
    let mut rest = a_label.bytes().skip(A_LABEL_PREFIX.len());
    let mut same = true;
    punycode::encode(label, |b| same &= rest.next() == Some(b))?;
    (same && rest.next().is_none() && !label.is_ascii())
        .then_some(Label { ascii_len: len, ..found })
}

/// Checks a label that has been mapped.
fn look(label: &str) -> Result<Label, Violation> {
    let Some(first) = label.chars().next() else {
        return Err(Violation::new(Rule::EmptyLabel, 0));
    };
    let all = records(label);
    if all.has(Record::NOT_IDNA) {
        check(label, Record::idna)?;
    }
    hyphens(label)?;
    if begins_with_mark(label) {
        return Err(Violation::by(Rule::LeadingMark, 0, first));
    }
    if all.has(Record::NFC) && !is_nfc(label) {
        return Err(Violation::new(Rule::NotNormalized, 0));
    }
    Ok(Label { rtl: all.has(Record::RTL), ascii_len: ascii_len(label)? })
}

/// RFC 5891 §4.2.3.1.
#[inline]
fn hyphens(label: &str) -> Result<(), Violation> {
    if label.starts_with('-') {
        return Err(Violation::by(Rule::Hyphen, 0, '-'));
    }
    if label.ends_with('-') {
        return Err(Violation::by(Rule::Hyphen, label.len() - 1, '-'));
    }
    let mut from_third = label.char_indices().skip(2);
    match (from_third.next(), from_third.next()) {
        (Some((at, '-')), Some((_, '-'))) => {
            Err(Violation::by(Rule::HyphensInThirdAndFourth, at, '-'))
        }
        _ => Ok(()),
    }
}

/// RFC 5891 §4.2.3.2.
fn begins_with_mark(label: &str) -> bool {
    label.chars().next().is_some_and(|c| Record::of(c).has(Record::MARK))
}

/// The length of the label in the form the DNS sees.
pub(super) fn ascii_len(label: &str) -> Result<usize, Violation> {
    let mut len = label.len();
    if !label.is_ascii() {
        len = A_LABEL_PREFIX.len();
        punycode::encode(label, |_| len += 1).ok_or(Violation::new(Rule::LabelTooLong, 0))?;
    }
    if len > MAX_LABEL_BYTES { Err(Violation::new(Rule::LabelTooLong, 0)) } else { Ok(len) }
}

/// A length that the label in that form does not exceed, at most 63; to count
/// is cheaper than to encode.
fn ascii_len_at_most(label: &str) -> Option<usize> {
    // Even if each has the largest difference that 59 code points leave room
    // for, 0x10FFFF * 60, and the bias is at its worst.
    const MAX_DIGITS: usize = 8;
    let ascii = label.bytes().filter(u8::is_ascii).count();
    if ascii == label.len() {
        return (ascii <= MAX_LABEL_BYTES).then_some(ascii);
    }
    let digits = (label.chars().count() - ascii) * MAX_DIGITS;
    let most = A_LABEL_PREFIX.len() + ascii + 1 + digits;
    if most <= MAX_LABEL_BYTES { Some(most) } else { ascii_len(label).ok() }
}

/// RFC 5895 §2, rules 1 and 2, but for what is valid as it stands: Cherokee capital
/// letters are PVALID and their small ones are not, since case folding leads from the
/// small ones to them (RFC 5892 §2.2). A U-label is thus mapped to itself.
pub(super) fn map_char(c: char) -> impl Iterator<Item = char> {
    let c = decompose_width(c);
    let to_map = Record::of(c).has(Record::NOT_IDNA);
    let (c, second) = if to_map { lowercase(c) } else { (c, None) };
    core::iter::once(c).chain(second)
}
