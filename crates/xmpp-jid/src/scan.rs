//! ASCII, which is most of what there is, sixteen bytes at a time.
//!
//! Each of the first 63 bytes becomes a bit of a few masks, and the rules
//! become arithmetic on the masks, with hardly a branch. What does not pass
//! here (because it is invalid, or not ASCII, or long) is looked at by the code
//! that knows all rules; what passes is exactly what passes there.

use crate::jid_ref::Spans;

/// What a look at the first 63 bytes of an address tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// It is valid; unless it has uppercase letters before its resourcepart,
    /// it is in canonical form.
    Valid { spans: Spans, has_uppercase: bool },
    /// That is not known, but where the first `/` and the first `@` are; the
    /// length stands for none.
    Split { at: usize, slash: usize },
    /// The separators are not all in the first 63 bytes.
    Unknown,
}

/// What is known of a part that may be ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ascii {
    Canonical,
    /// Canonical once it is in lowercase.
    Uppercase,
    /// Not ASCII, or not valid, or not as simple.
    Unknown,
}

/// What most addresses can be judged by: one bit for each of up to 63 bytes.
/// What bits beyond the last byte say, means nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Masks {
    /// No printable ASCII character, nor space.
    bad: u64,
    /// No lowercase letter, digit, hyphen, dot or slash. (There is no slash in
    /// a domainpart, and to count it in saves work.)
    not_plain: u64,
    at: u64,
    slash: u64,
    dot: u64,
    hyphen: u64,
}

/// What the others take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct MoreMasks {
    /// Allowed in no localpart, `@` and `/` aside.
    not_local: u64,
    upper: u64,
}

const MAX_PART_BYTES: usize = 1023;

/// One less than a mask has bits, so that there is a bit for the end, too, and
/// no label can be too long.
const MAX_SCANNED_BYTES: usize = 63;

/// Looks at a whole address.
#[inline]
pub(crate) fn scan(text: &str) -> Scanned {
    let bytes = text.as_bytes();
    let (head, tail) = bytes.split_at(bytes.len().min(MAX_SCANNED_BYTES));
    let masks = masks(head);

    let len = 1 << head.len();
    if masks.slash == 0 && !tail.is_empty() {
        return Scanned::Unknown;
    }
    let slash = lowest(masks.slash | len);
    let at = lowest(masks.at & (slash - 1));
    // 0 where there is no localpart, as there cannot be an empty one.
    let at_len = if at == 0 { 0 } else { at.trailing_zeros() };
    let bare_len = slash.trailing_zeros();
    let split = || Scanned::Split {
        at: if at == 0 { bytes.len() } else { at_len as usize },
        slash: bare_len as usize,
    };
    if masks.bad & (len - 1) != 0 {
        return split();
    }
    let local = at.saturating_sub(1);
    let start = (at << 1).max(1);
    let mut wrong = masks.wrong_labels(start, slash)
        // An empty localpart, an empty domainpart.
        | at & 1
        | start & slash;
    let mut has_uppercase = false;
    let not_plain = masks.not_plain & (slash - 1) & !at;
    if not_plain != 0 {
        let more = more_masks(head);
        has_uppercase = more.upper & (slash - 1) != 0;
        wrong |= if not_plain & local == 0 { 0 } else { more.not_local & local }
            | not_plain & !local & !more.upper;
    }
    let good_resource = slash == len
        || (2..=MAX_PART_BYTES + 1).contains(&(bytes.len() - bare_len as usize))
            && (tail.is_empty() || is_printable(tail));
    if wrong != 0 || !good_resource {
        return split();
    }
    let spans = Spans { at: at_len as u16, bare_len: bare_len as u16 };
    Scanned::Valid { spans, has_uppercase }
}

/// Looks at a localpart.
pub(crate) fn localpart(text: &str) -> Ascii {
    let wrong = |b: u8| {
        !(0x21..=0x7E).contains(&b)
            | (b | 4 == b'&')
            | (b | 1 == b'\'')
            | (b | 2 == b'>')
            | (b == b':')
            | (b == b'@')
            | (b == b'/')
    };
    if text.is_empty() || text.len() > MAX_PART_BYTES || any(text.as_bytes(), wrong) {
        Ascii::Unknown
    } else if any(text.as_bytes(), |b| b.is_ascii_uppercase()) {
        Ascii::Uppercase
    } else {
        Ascii::Canonical
    }
}

/// Looks at a domain name.
pub(crate) fn domainpart(text: &str) -> Ascii {
    if text.is_empty() || text.len() > MAX_SCANNED_BYTES {
        return Ascii::Unknown;
    }
    let end = 1 << text.len();
    let masks = masks(text.as_bytes());
    if masks.wrong_labels(1, end) | masks.slash != 0 {
        return Ascii::Unknown;
    }
    let not_plain = masks.not_plain & (end - 1);
    if not_plain == 0 {
        Ascii::Canonical
    } else if not_plain & !more_masks(text.as_bytes()).upper == 0 {
        Ascii::Uppercase
    } else {
        Ascii::Unknown
    }
}

/// Looks at a resourcepart.
pub(crate) fn resourcepart(text: &str) -> Ascii {
    if (1..=MAX_PART_BYTES).contains(&text.len()) && is_printable(text.as_bytes()) {
        Ascii::Canonical
    } else {
        Ascii::Unknown
    }
}

impl Masks {
    /// What is wrong with the labels of the domain name from the bit `start` to
    /// that before `end`, as long as all characters are right.
    #[inline]
    const fn wrong_labels(&self, start: u64, end: u64) -> u64 {
        let domain = (end - 1) & !(start - 1);
        let starts = self.dot << 1 | start;
        let ends = (self.dot | end) >> 1;
        // Labels that are empty, or begin or end with a hyphen.
        let edges = (self.dot | self.hyphen) & (starts | ends);
        // A-labels and other labels with hyphens third and fourth.
        let hyphens = (starts << 2) & self.hyphen & (self.hyphen >> 1);
        domain & (edges | hyphens)
    }
}

/// Where the byte is for the first time.
pub(crate) fn position(text: &str, byte: u8) -> Option<usize> {
    let mut at = 0;
    for chunk in text.as_bytes().chunks(16) {
        if any(chunk, |b| b == byte) {
            return chunk.iter().position(|&b| b == byte).map(|inside| at + inside);
        }
        at += chunk.len();
    }
    None
}

#[inline]
fn is_printable(bytes: &[u8]) -> bool {
    !any(bytes, |b| !(b' '..=b'~').contains(&b))
}

/// Whether the test holds for any byte. Whole chunks are tested without a
/// branch, which compilers make vector instructions of.
#[inline]
fn any(bytes: &[u8], test: impl Fn(u8) -> bool) -> bool {
    let of = |chunk: &[u8; 16]| chunk.iter().fold(false, |any, &b| any | test(b));
    match bytes.last_chunk::<16>() {
        // Some of the last are tested twice.
        Some(last) => of(last) || bytes.as_chunks::<16>().0.iter().any(of),
        None => bytes.iter().fold(false, |any, &b| any | test(b)),
    }
}

/// The lowest bit that is set, if any.
#[inline]
const fn lowest(mask: u64) -> u64 {
    mask & mask.wrapping_neg()
}

/// Sixteen bytes at once: SSE2 is there on every x86-64.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline(always)]
fn masks(head: &[u8]) -> Masks {
    let len = head.len() as u32;
    match len {
        0..16 => sse2::masks(&[short(head)], 0),
        16..=32 => sse2::masks(&[block(head, 0), last(head)], 32 - len),
        33..=48 => sse2::masks(&[block(head, 0), block(head, 16), last(head)], 48 - len),
        _ => sse2::masks(&[block(head, 0), block(head, 16), block(head, 32), last(head)], 64 - len),
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline(never)]
fn more_masks(head: &[u8]) -> MoreMasks {
    let len = head.len() as u32;
    match len {
        0..16 => sse2::more_masks(&[short(head)], 0),
        16..=32 => sse2::more_masks(&[block(head, 0), last(head)], 32 - len),
        33..=48 => sse2::more_masks(&[block(head, 0), block(head, 16), last(head)], 48 - len),
        _ => sse2::more_masks(
            &[block(head, 0), block(head, 16), block(head, 32), last(head)],
            64 - len,
        ),
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline]
fn block(bytes: &[u8], at: usize) -> u128 {
    let block = bytes.get(at..at + 16).and_then(<[u8]>::first_chunk);
    block.map_or(0, |block| u128::from_le_bytes(*block))
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline]
fn last(bytes: &[u8]) -> u128 {
    bytes.last_chunk().map_or(0, |last| u128::from_le_bytes(*last))
}

/// Fewer than sixteen bytes, with zeros after them.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
fn short(bytes: &[u8]) -> u128 {
    let len = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        return u128::from(first) | u128::from(last) << (8 * (len - 8));
    }
    bytes.iter().rev().fold(0, |all, &b| all << 8 | u128::from(b))
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
use portable::{masks, more_masks};

/// Byte by byte, for all other machines, and to check the above against.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
mod portable {
    use super::{Masks, MoreMasks};

    pub(super) fn masks(head: &[u8]) -> Masks {
        let mut all = Masks::default();
        for (i, &b) in head.iter().enumerate() {
            let set = |yes: bool| u64::from(yes) << i;
            all.bad |= set(!matches!(b, b' '..=b'~'));
            all.not_plain |= set(!matches!(b, b'a'..=b'z' | b'-'..=b'9'));
            all.at |= set(b == b'@');
            all.slash |= set(b == b'/');
            all.dot |= set(b == b'.');
            all.hyphen |= set(b == b'-');
        }
        all
    }

    pub(super) fn more_masks(head: &[u8]) -> MoreMasks {
        let mut all = MoreMasks::default();
        for (i, &b) in head.iter().enumerate() {
            let set = |yes: bool| u64::from(yes) << i;
            all.not_local |= set(!matches!(b, b'!'..=b'~') || b"\"&':<>".contains(&b));
            all.upper |= set(b.is_ascii_uppercase());
        }
        all
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2 {
    use safe_arch::{
        add_i8_m128i, bitor_m128i as or, cmp_eq_mask_i8_m128i, cmp_lt_mask_i8_m128i, m128i,
        min_u8_m128i, move_mask_i8_m128i, set_splat_i8_m128i, sub_i8_m128i,
    };

    use super::{Masks, MoreMasks};

    /// The masks of blocks of sixteen bytes, the first in the lowest bits;
    /// `again` of the last block are in the one before, too.
    #[inline]
    pub(super) fn masks<const N: usize>(blocks: &[u128; N], again: u32) -> Masks {
        let v = blocks.map(m128i::from);
        Masks {
            bad: each(&v, again, |v| next_is_less(v, b' ')),
            not_plain: !each(&v, again, |v| or(range(v, b'a', b'z'), range(v, b'-', b'9'))),
            at: each(&v, again, |v| is(v, b'@')),
            slash: each(&v, again, |v| is(v, b'/')),
            dot: each(&v, again, |v| is(v, b'.')),
            hyphen: each(&v, again, |v| is(v, b'-')),
        }
    }

    #[inline]
    pub(super) fn more_masks<const N: usize>(blocks: &[u128; N], again: u32) -> MoreMasks {
        let v = blocks.map(m128i::from);
        MoreMasks {
            not_local: each(&v, again, |v| {
                // `"`, `&` and `'` differ in two bits, `<` and `>` in one.
                let quotes = or(is_with(v, 4, b'&'), is_with(v, 1, b'\''));
                let others = or(is_with(v, 2, b'>'), is(v, b':'));
                or(next_is_less(v, b' ' + 1), or(quotes, others))
            }),
            upper: each(&v, again, |v| range(v, b'A', b'Z')),
        }
    }

    #[inline]
    fn each<const N: usize>(v: &[m128i; N], again: u32, test: impl Fn(m128i) -> m128i) -> u64 {
        v.iter().enumerate().fold(0, |all, (i, &v)| {
            let bits = u64::from(move_mask_i8_m128i(test(v)) as u16);
            all | if i + 1 == N { bits >> again << (16 * i) } else { bits << (16 * i) }
        })
    }

    #[inline]
    fn is(v: m128i, b: u8) -> m128i {
        cmp_eq_mask_i8_m128i(v, set_splat_i8_m128i(b as i8))
    }

    /// Equal once these bits are set.
    #[inline]
    fn is_with(v: m128i, bits: u8, b: u8) -> m128i {
        is(or(v, set_splat_i8_m128i(bits as i8)), b)
    }

    /// Less than `b`, or more than `~`: one added, the bytes from 127 on are
    /// negative.
    #[inline]
    fn next_is_less(v: m128i, b: u8) -> m128i {
        let next = add_i8_m128i(v, set_splat_i8_m128i(1));
        cmp_lt_mask_i8_m128i(next, set_splat_i8_m128i(b as i8 + 1))
    }

    #[inline]
    fn range(v: m128i, first: u8, last: u8) -> m128i {
        let from_first = sub_i8_m128i(v, set_splat_i8_m128i(first as i8));
        let capped = min_u8_m128i(from_first, set_splat_i8_m128i((last - first) as i8));
        cmp_eq_mask_i8_m128i(from_first, capped)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn masks_are_what_they_say_for_every_byte_at_every_place() {
        for b in 0..=255 {
            for len in 1..=63 {
                for at in [0, len / 2, len - 1] {
                    let mut bytes = vec![b'a'; len];
                    bytes[at] = b;
                    let quick = (masks(&bytes), more_masks(&bytes));
                    let slow = (portable::masks(&bytes), portable::more_masks(&bytes));
                    assert_eq!(bits(quick, len), bits(slow, len), "{b} at {at} of {len}");
                }
            }
        }
    }

    /// All masks, of so many bytes.
    fn bits((m, n): (Masks, MoreMasks), len: usize) -> [u64; 8] {
        [m.bad, m.not_plain, m.at, m.slash, m.dot, m.hyphen, n.not_local, n.upper]
            .map(|mask| mask & ((1 << len) - 1))
    }

    fn is_valid(text: &str) -> bool {
        matches!(scan(text), Scanned::Valid { .. })
    }

    #[test]
    fn a_label_of_64_bytes_is_left_to_the_others() {
        let label = "a".repeat(64);
        assert!(!is_valid(&label));
        assert_eq!(domainpart(&label), Ascii::Unknown);
        assert!(is_valid(&label[1..]));
        assert_eq!(domainpart(&label[1..]), Ascii::Canonical);
        assert!(!is_valid(&alloc::format!("{label}/r")));
        assert!(is_valid(&alloc::format!("{}.b/r", &label[4..])));
    }
}
