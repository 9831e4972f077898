//! ASCII, which is most of what there is, sixteen bytes at a time.
//!
//! Each of the first 64 bytes becomes a bit of a few masks, and the rules
//! become arithmetic on the masks, with hardly a branch. What does not pass
//! here (because it is invalid, or not ASCII, or long) is looked at by the code
//! that knows all rules; what passes is exactly what passes there.

use crate::jid_ref::Spans;

/// What a look at the first 64 bytes of an address tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// It is valid; unless it has uppercase letters before its resourcepart,
    /// it is in canonical form.
    Valid { spans: Spans, has_uppercase: bool },
    /// That is not known, but where the first `/` and the first `@` are; the
    /// length stands for none.
    Split { at: usize, slash: usize },
    /// The separators are not all in the first 64 bytes.
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

/// One bit for each of up to 64 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Masks {
    /// No printable ASCII character, nor space.
    bad: u64,
    /// Allowed in no localpart, `@` and `/` aside.
    not_local: u64,
    /// No letter, digit, hyphen, dot or slash. (There is no slash in a
    /// domainpart, and to count it in saves work.)
    not_domain: u64,
    upper: u64,
    at: u64,
    slash: u64,
    dot: u64,
    hyphen: u64,
}

const MAX_PART_BYTES: usize = 1023;

/// Looks at a whole address.
#[inline]
pub(crate) fn scan(text: &str) -> Scanned {
    let bytes = text.as_bytes();
    let (head, tail) = bytes.split_at(bytes.len().min(64));
    let masks = masks(head);

    let slash = (masks.slash | bit(head.len())).trailing_zeros();
    if slash == 64 && !tail.is_empty() {
        return Scanned::Unknown;
    }
    let bare = below(slash);
    let first_at = masks.at & bare;
    // 0 where there is no localpart, as there cannot be an empty one.
    let at = if first_at == 0 { 0 } else { first_at.trailing_zeros() };
    let start = if first_at == 0 { 0 } else { at + 1 };
    let resource = below(head.len() as u32) & !below(slash + 1);
    let wrong = masks.not_local & below(at)
        | masks.wrong_domain(start, slash)
        | masks.bad & resource
        | masks.at & 1;
    let resource_len = (bytes.len() - slash as usize).wrapping_sub(1);
    let good_resource =
        masks.slash == 0 || (1..=MAX_PART_BYTES).contains(&resource_len) && is_printable(tail);
    if wrong == 0 && start < slash && good_resource {
        let spans = Spans { at: at as u16, bare_len: slash as u16 };
        return Scanned::Valid { spans, has_uppercase: masks.upper & bare != 0 };
    }
    let at = if first_at == 0 { bytes.len() } else { at as usize };
    Scanned::Split { at, slash: slash as usize }
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
    if text.is_empty() || text.len() > 64 {
        return Ascii::Unknown;
    }
    let masks = masks(text.as_bytes());
    if masks.wrong_domain(0, text.len() as u32) | masks.slash != 0 {
        Ascii::Unknown
    } else if masks.upper != 0 {
        Ascii::Uppercase
    } else {
        Ascii::Canonical
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
    /// What is wrong with the bytes from `start` to `end` as a domain name; to
    /// be empty is not among it.
    #[inline]
    const fn wrong_domain(&self, start: u32, end: u32) -> u64 {
        let domain = below(end) & !below(start);
        // A single label of 64 bytes is too long, and fewer bytes have no label
        // that is.
        let too_long = domain == u64::MAX && self.dot == 0;
        let starts = (self.dot << 1 | bit(start as usize)) & domain;
        let ends = (self.dot >> 1 | last(end)) & domain;
        too_long as u64
            | self.not_domain & domain
            // Labels that are empty, or begin or end with a hyphen.
            | (self.dot | self.hyphen) & (starts | ends)
            // A-labels and other labels with hyphens third and fourth.
            | (starts << 2) & self.hyphen & (self.hyphen >> 1) & domain
    }
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

/// The bits below `n`.
#[inline]
const fn below(n: u32) -> u64 {
    if n >= 64 { u64::MAX } else { (1 << n) - 1 }
}

/// Bit `n`, or none for 64.
#[inline]
const fn bit(n: usize) -> u64 {
    if n >= 64 { 0 } else { 1 << n }
}

/// Bit `n - 1`, or none for 0.
#[inline]
const fn last(n: u32) -> u64 {
    if n == 0 { 0 } else { 1 << (n - 1) }
}

/// Sixteen bytes at once: SSE2 is there on every x86-64.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
fn masks(head: &[u8]) -> Masks {
    let mut all = Masks::default();
    let (chunks, rest) = head.as_chunks::<16>();
    for (i, chunk) in chunks.iter().enumerate() {
        all.add(sse2::masks(u128::from_le_bytes(*chunk)), 16 * i as u32);
    }
    if !rest.is_empty() {
        let missing = 16 - rest.len() as u32;
        // The last sixteen, some of them for the second time, if there are so many.
        let last = match head.last_chunk::<16>() {
            Some(last) => u128::from_le_bytes(*last) >> (8 * missing),
            None => short(rest),
        };
        // The zeros that fill up are bad, so they have to go.
        let masks = sse2::masks(last).only(below(rest.len() as u32));
        all.add(masks, 16 * chunks.len() as u32);
    }
    all
}

/// Fewer than sixteen bytes, with zeros after them.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline]
fn short(bytes: &[u8]) -> u128 {
    let len = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        return u128::from(first) | u128::from(last) << (8 * (len - 8));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return u128::from(first) | u128::from(last) << (8 * (len - 4));
    }
    bytes.iter().rev().fold(0, |all, &b| all << 8 | u128::from(b))
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
fn masks(head: &[u8]) -> Masks {
    portable(head)
}

/// Byte by byte, for all other machines, and to check the above against.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
fn portable(head: &[u8]) -> Masks {
    let mut all = Masks::default();
    for (i, &b) in head.iter().enumerate() {
        let set = |yes: bool| u64::from(yes) << i;
        let bad = !matches!(b, b' '..=b'~');
        all.bad |= set(bad);
        all.not_local |= set(bad || b" \"&':<>".contains(&b));
        all.not_domain |= set(!b.is_ascii_alphanumeric() && !matches!(b, b'-'..=b'/'));
        all.upper |= set(b.is_ascii_uppercase());
        all.at |= set(b == b'@');
        all.slash |= set(b == b'/');
        all.dot |= set(b == b'.');
        all.hyphen |= set(b == b'-');
    }
    all
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
impl Masks {
    #[inline]
    const fn add(&mut self, other: Self, shift: u32) {
        self.bad |= other.bad << shift;
        self.not_local |= other.not_local << shift;
        self.not_domain |= other.not_domain << shift;
        self.upper |= other.upper << shift;
        self.at |= other.at << shift;
        self.slash |= other.slash << shift;
        self.dot |= other.dot << shift;
        self.hyphen |= other.hyphen << shift;
    }

    /// Only zeros are taken away, which set these bits alone.
    #[inline]
    const fn only(self, bits: u64) -> Self {
        Self {
            bad: self.bad & bits,
            not_local: self.not_local & bits,
            not_domain: self.not_domain & bits,
            ..self
        }
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2 {
    use safe_arch::{
        add_i8_m128i, bitor_m128i, cmp_eq_mask_i8_m128i, cmp_lt_mask_i8_m128i, m128i, min_u8_m128i,
        move_mask_i8_m128i, set_splat_i8_m128i, sub_i8_m128i,
    };

    use super::Masks;

    /// The masks of sixteen bytes, the first in the lowest bits.
    #[inline]
    pub(super) fn masks(bytes: u128) -> Masks {
        let v = m128i::from(bytes);
        let is = |b: u8| cmp_eq_mask_i8_m128i(v, set_splat_i8_m128i(b as i8));
        // Equal once these bits are set.
        let is_with = |bits: u8, b: u8| {
            cmp_eq_mask_i8_m128i(
                bitor_m128i(v, set_splat_i8_m128i(bits as i8)),
                set_splat_i8_m128i(b as i8),
            )
        };
        // Bytes from 127 on become negative, so less than all of ASCII.
        let next = add_i8_m128i(v, set_splat_i8_m128i(1));
        let less = |b: u8| cmp_lt_mask_i8_m128i(next, set_splat_i8_m128i(b as i8 + 1));
        let letter = range(or(v, set_splat_i8_m128i(0x20)), b'a', b'z');
        // From the hyphen to the nine there is only the slash that does not belong.
        let in_domain = or(letter, range(v, b'-', b'9'));
        // `"`, `&` and `'` differ in two bits, `<` and `>` in one.
        let quotes = or(is_with(4, b'&'), is_with(1, b'\''));
        let not_local = or(less(b' ' + 1), or(or(quotes, is_with(2, b'>')), is(b':')));
        Masks {
            bad: bits(less(b' ')),
            not_local: bits(not_local),
            not_domain: bits(in_domain) ^ 0xFFFF,
            upper: bits(range(v, b'A', b'Z')),
            at: bits(is(b'@')),
            slash: bits(is(b'/')),
            dot: bits(is(b'.')),
            hyphen: bits(is(b'-')),
        }
    }

    #[inline]
    fn or(a: m128i, b: m128i) -> m128i {
        bitor_m128i(a, b)
    }

    #[inline]
    fn range(v: m128i, first: u8, last: u8) -> m128i {
        let from_first = sub_i8_m128i(v, set_splat_i8_m128i(first as i8));
        let capped = min_u8_m128i(from_first, set_splat_i8_m128i((last - first) as i8));
        cmp_eq_mask_i8_m128i(from_first, capped)
    }

    #[inline]
    fn bits(v: m128i) -> u64 {
        u64::from(move_mask_i8_m128i(v) as u16)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn masks_are_what_they_say_for_every_byte_at_every_place() {
        for b in 0..=255 {
            for len in 1..=64 {
                for at in [0, len / 2, len - 1] {
                    let mut bytes = vec![b'a'; len];
                    bytes[at] = b;
                    assert_eq!(masks(&bytes), portable(&bytes), "{b} at {at} of {len}");
                }
            }
        }
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
        assert!(is_valid(&alloc::format!("{}.b/r", &label[3..])));
    }
}
