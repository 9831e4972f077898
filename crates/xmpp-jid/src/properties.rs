//! What the tables know of a code point.

use crate::tables::{HIGH, HIGH_SHIFT, LEAVES, LOW_SHIFT, LOWER, MIDDLE, RECORDS, WIDTH};

/// The derived property of RFC 8264 §8 or RFC 5892 §3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the values of RFC 8264 §8")]
pub enum DerivedProperty {
    /// Allowed.
    PValid,
    /// Allowed in the FreeformClass, disallowed in the IdentifierClass
    /// (`FREE_PVAL` or `ID_DIS`). IDNA2008 has no such value.
    FreePVal,
    /// A joiner, which is allowed in some contexts.
    ContextJ,
    /// Allowed in some contexts.
    ContextO,
    /// Never allowed.
    Disallowed,
    /// Not assigned in the Unicode version of this crate, so disallowed until
    /// it is.
    Unassigned,
}

impl DerivedProperty {
    /// The name in the specifications: `PVALID`, `FREE_PVAL`, `CONTEXTJ`,
    /// `CONTEXTO`, `DISALLOWED` or `UNASSIGNED`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PValid => "PVALID",
            Self::FreePVal => "FREE_PVAL",
            Self::ContextJ => "CONTEXTJ",
            Self::ContextO => "CONTEXTO",
            Self::Disallowed => "DISALLOWED",
            Self::Unassigned => "UNASSIGNED",
        }
    }

    const fn from_bits(bits: u32) -> Self {
        match bits & 7 {
            0 => Self::PValid,
            1 => Self::FreePVal,
            2 => Self::ContextJ,
            3 => Self::ContextO,
            4 => Self::Disallowed,
            _ => Self::Unassigned,
        }
    }
}

/// The bidirectional classes that RFC 5893 §2 distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bidi {
    L,
    R,
    Al,
    An,
    En,
    Es,
    Cs,
    Et,
    On,
    Bn,
    Nsm,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joining {
    None,
    Transparent,
    Left,
    Right,
    Dual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    Other,
    Greek,
    Hebrew,
    /// Hiragana, Katakana or Han.
    Japanese,
}

/// All that the rules ask of a code point, in the bits that the generator of
/// the tables sets. Records of a string, or-ed together, tell what the string
/// holds at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record(pub(crate) u32);

impl Record {
    pub(crate) const NONE: Self = Self(0);
    /// Any value but PVALID of RFC 8264.
    pub(crate) const NOT_IDENTIFIER: Self = Self(0b111);
    /// Any value but PVALID and FREE_PVAL of RFC 8264.
    pub(crate) const NOT_FREEFORM: Self = Self(0b110);
    /// Any value but PVALID of RFC 5892.
    pub(crate) const NOT_IDNA: Self = Self(0b111 << 3);
    /// Has a lowercase other than itself.
    pub(crate) const CASE: Self = Self(1 << 16);
    /// Is a fullwidth or halfwidth form with a decomposition.
    pub(crate) const WIDTH: Self = Self(1 << 17);
    /// A string with it (or with what it maps to) may not be in NFC.
    pub(crate) const NFC: Self = Self(1 << 18);
    /// A string with it may not be in NFKC.
    pub(crate) const NFKC: Self = Self(1 << 19);
    /// A space other than U+0020.
    pub(crate) const SPACE: Self = Self(1 << 20);
    /// A combining mark, general category M.
    pub(crate) const MARK: Self = Self(1 << 21);
    /// Right to left: bidirectional class R, AL or AN.
    pub(crate) const RTL: Self = Self(1 << 22);
    /// One of those that RFC 7622 §3.3.1 excludes from localparts.
    pub(crate) const EXCLUDED: Self = Self(1 << 23);

    #[inline]
    pub(crate) fn of(c: char) -> Self {
        let cp = c as usize;
        // All blocks are there for every code point; a default costs less than a panic.
        let at = if cp < 0x1_0000 {
            cp >> LOW_SHIFT
        } else {
            let high = HIGH.get((cp - 0x1_0000) >> HIGH_SHIFT).copied().unwrap_or_default();
            (0x1_0000 >> LOW_SHIFT)
                + (usize::from(high) << (HIGH_SHIFT - LOW_SHIFT))
                + ((cp >> LOW_SHIFT) & ((1 << (HIGH_SHIFT - LOW_SHIFT)) - 1))
        };
        let middle = MIDDLE.get(at).copied().unwrap_or_default();
        let at = (usize::from(middle) << LOW_SHIFT) + (cp & ((1 << LOW_SHIFT) - 1));
        let leaf = LEAVES.get(at).copied().unwrap_or_default();
        Self(RECORDS.get(usize::from(leaf)).copied().unwrap_or_default())
    }

    #[inline]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    pub(crate) const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub(crate) const fn precis(self) -> DerivedProperty {
        DerivedProperty::from_bits(self.0)
    }

    pub(crate) const fn idna(self) -> DerivedProperty {
        DerivedProperty::from_bits(self.0 >> 3)
    }

    pub(crate) const fn bidi(self) -> Bidi {
        match (self.0 >> 6) & 15 {
            0 => Bidi::L,
            1 => Bidi::R,
            2 => Bidi::Al,
            3 => Bidi::An,
            4 => Bidi::En,
            5 => Bidi::Es,
            6 => Bidi::Cs,
            7 => Bidi::Et,
            8 => Bidi::On,
            9 => Bidi::Bn,
            10 => Bidi::Nsm,
            _ => Bidi::Other,
        }
    }

    pub(crate) const fn joining(self) -> Joining {
        match (self.0 >> 10) & 7 {
            1 => Joining::Transparent,
            2 => Joining::Left,
            3 => Joining::Right,
            4 => Joining::Dual,
            _ => Joining::None,
        }
    }

    /// Whether it is a virama: canonical combining class 9.
    pub(crate) const fn is_virama(self) -> bool {
        self.0 & (1 << 13) != 0
    }

    pub(crate) const fn script(self) -> Script {
        match (self.0 >> 14) & 3 {
            1 => Script::Greek,
            2 => Script::Hebrew,
            3 => Script::Japanese,
            _ => Script::Other,
        }
    }
}

/// The records of all code points of `text` together.
#[inline]
pub(crate) fn records(text: &str) -> Record {
    text.chars().fold(Record::NONE, |all, c| all.and(Record::of(c)))
}

/// toLowerCase of one code point: at most two code points.
#[inline]
pub(crate) fn lowercase(c: char) -> (char, Option<char>) {
    if c.is_ascii() {
        return (c.to_ascii_lowercase(), None);
    }
    if c == '\u{130}' {
        return ('i', Some('\u{307}'));
    }
    (mapped(&LOWER, c), None)
}

/// A fullwidth or halfwidth form's decomposition.
#[inline]
pub(crate) fn decompose_width(c: char) -> char {
    if c < '\u{2000}' { c } else { mapped(&WIDTH, c) }
}

fn mapped(ranges: &[(u32, u32, i32)], c: char) -> char {
    // A range of every second code point has bit 31 of its first set.
    let cp = c as u32;
    let after = ranges.partition_point(|&(first, ..)| first & !(1 << 31) <= cp);
    match after.checked_sub(1).and_then(|at| ranges.get(at)) {
        Some(&(first, last, add)) if cp <= last && (first >> 31 == 0 || (cp ^ first) & 1 == 0) => {
            char::from_u32(cp.wrapping_add_signed(add)).unwrap_or(c)
        }
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalization_is_of_the_same_unicode_version() {
        assert_eq!(unicode_normalization::UNICODE_VERSION.0, crate::tables::UNICODE_VERSION);
    }

    #[test]
    fn a_range_of_every_second_code_point_leaves_the_others_alone() {
        assert_eq!(lowercase('Ā'), ('ā', None));
        assert_eq!(lowercase('ā'), ('ā', None));
        assert_eq!(lowercase('Ă'), ('ă', None));
        assert_eq!(lowercase('İ'), ('i', Some('\u{307}')));
        assert_eq!(lowercase('Σ'), ('σ', None));
        assert_eq!(decompose_width('Ａ'), 'A');
        assert_eq!(decompose_width('ｱ'), 'ア');
    }

    #[test]
    fn all_tables_together_are_small() {
        let bytes = size_of_val(&HIGH)
            + size_of_val(&MIDDLE)
            + size_of_val(&LEAVES)
            + size_of_val(&RECORDS)
            + size_of_val(&LOWER)
            + size_of_val(&WIDTH);
        assert!(bytes <= 36 << 10, "{bytes}");
    }
}
