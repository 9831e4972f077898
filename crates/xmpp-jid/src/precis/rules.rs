//! The rules of a profile, applied in the order of RFC 8264 §7.

use alloc::borrow::Cow;
use alloc::string::String;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::error::{Rule, Violation};
use crate::precis::{Class, bidi};
use crate::properties::{Record, decompose_width, lowercase, records};
use crate::sink::Sink;

/// Which of the rules apply.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    class: Class,
    width: bool,
    spaces: bool,
    case: bool,
    nfc: bool,
    bidi: bool,
    /// RFC 7622 §3.3.1 applies.
    excluded: bool,
}

impl Rules {
    /// RFC 8265 §3.3.1.
    pub(crate) const USERNAME_CASE_MAPPED: Self = Self {
        class: Class::Identifier,
        width: true,
        spaces: false,
        case: true,
        nfc: true,
        bidi: true,
        excluded: false,
    };
    /// RFC 7622 §3.3.
    pub(crate) const LOCALPART: Self = Self { excluded: true, ..Self::USERNAME_CASE_MAPPED };
    /// RFC 8265 §3.4.1.
    pub(crate) const USERNAME_CASE_PRESERVED: Self =
        Self { case: false, ..Self::USERNAME_CASE_MAPPED };
    /// RFC 8265 §4.2.2.
    pub(crate) const OPAQUE_STRING: Self = Self {
        class: Class::Freeform,
        width: false,
        spaces: true,
        case: false,
        nfc: true,
        bidi: false,
        excluded: false,
    };
    /// RFC 8265 §3.3.2.
    pub(crate) const WIDTH_ONLY: Self =
        Self { nfc: false, bidi: false, ..Self::USERNAME_CASE_PRESERVED };
    /// RFC 8265 §4.2.1, RFC 8266 §2.2.
    pub(crate) const CLASS_ONLY_FREEFORM: Self =
        Self { spaces: false, nfc: false, ..Self::OPAQUE_STRING };

    /// The text as the profile wants it: itself, if that is how it is.
    pub(crate) fn enforce(self, text: &str) -> Result<Cow<'_, str>, Violation> {
        if text.is_empty() {
            return Err(Violation::new(Rule::Empty, 0));
        }
        if self.is_enforced(text)? {
            return Ok(Cow::Borrowed(text));
        }
        let mut out = String::with_capacity(text.len() + text.len() / 2);
        self.write(text, &mut out)?;
        Ok(if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) })
    }

    /// Whether no mapping would change `text`. False also where only the
    /// mapping itself can tell.
    #[inline]
    pub(crate) fn is_enforced(self, text: &str) -> Result<bool, Violation> {
        let all = records(text);
        if all.has(self.changing()) {
            return Ok(false);
        }
        if self.nfc && all.has(Record::NFC) && is_nfc_quick(text.chars()) != IsNormalized::Yes {
            return Ok(false);
        }
        if all.has(self.doubtful()) {
            self.check(text, all)?;
        }
        Ok(true)
    }

    /// The records of what the mappings (but normalization) change.
    const fn changing(self) -> Record {
        let width = if self.width { Record::WIDTH } else { Record::NONE };
        let spaces = if self.spaces { Record::SPACE } else { Record::NONE };
        let case = if self.case { Record::CASE } else { Record::NONE };
        width.and(spaces).and(case)
    }

    fn map_char(self, c: char) -> impl Iterator<Item = char> {
        let c = if self.width { decompose_width(c) } else { c };
        let c = if self.spaces && Record::of(c).has(Record::SPACE) { ' ' } else { c };
        let (c, second) = if self.case { lowercase(c) } else { (c, None) };
        core::iter::once(c).chain(second)
    }

    /// Writes the text as the profile wants it to `out`.
    pub(crate) fn write(self, text: &str, out: &mut impl Sink) -> Result<(), Violation> {
        let start = out.len();
        let all = self.map(text, out);
        if !all.has(self.doubtful()) {
            return Ok(());
        }
        let mapped = out.since(start);
        self.check(mapped, all).map_err(|violation| self.relocate(violation, mapped, text))
    }

    /// Applies the mappings; returns the records of what it wrote.
    fn map(self, text: &str, out: &mut impl Sink) -> Record {
        let mut all = Record::NONE;
        if self.nfc && records(text).has(Record::NFC) {
            for c in text.chars().flat_map(|c| self.map_char(c)).nfc() {
                all = all.and(Record::of(c));
                out.push(c);
            }
            return all;
        }
        let changing = self.changing();
        for c in text.chars() {
            let record = Record::of(c);
            if record.has(changing) {
                for c in self.map_char(c) {
                    all = all.and(Record::of(c));
                    out.push(c);
                }
            } else {
                all = all.and(record);
                out.push(c);
            }
        }
        all
    }

    /// The records that need a closer look.
    const fn doubtful(self) -> Record {
        let excluded = if self.excluded { Record::EXCLUDED } else { Record::NONE };
        let rtl = if self.bidi { Record::RTL } else { Record::NONE };
        self.class.doubtful().and(excluded).and(rtl)
    }

    /// Checks text that has been mapped, of which `all` are the records.
    fn check(self, mapped: &str, all: Record) -> Result<(), Violation> {
        if all.has(self.class.doubtful()) {
            self.class.check(mapped)?;
        }
        if self.excluded && all.has(Record::EXCLUDED) {
            let excluded =
                mapped.char_indices().find(|&(_, c)| Record::of(c).has(Record::EXCLUDED));
            if let Some((at, c)) = excluded {
                return Err(Violation::by(Rule::Excluded, at, c));
            }
        }
        if self.bidi && all.has(Record::RTL) {
            bidi::broken_at(mapped)
                .map_or(Ok(()), |(at, c)| Err(Violation::by(Rule::Bidi, at, c)))?;
        }
        Ok(())
    }

    /// A violation in the mapped text, as one of the code point of `text` that was mapped.
    fn relocate(self, violation: Violation, mapped: &str, text: &str) -> Violation {
        relocate(violation, mapped, text, |c, sink| {
            self.map_char(c).nfc().for_each(|c| sink.push(c));
        })
    }
}

/// The code point of `text` of which mapping made the one at fault in
/// `mapped`. They are found by counting: the mappings do not reorder letters.
pub(crate) fn relocate(
    violation: Violation,
    mapped: &str,
    text: &str,
    map: impl Fn(char, &mut String),
) -> Violation {
    let Some(fault) = violation.code_point() else { return violation };
    let before = mapped.get(..violation.at()).unwrap_or_default();
    // A composed code point is looked for by what it was composed of.
    let first = core::iter::once(fault).nfd().next().unwrap_or(fault);
    for wanted in [fault, first] {
        let earlier = before.chars().filter(|&c| c == wanted).count();
        let mut seen = 0;
        let mut image = String::new();
        for (at, c) in text.char_indices() {
            image.clear();
            map(c, &mut image);
            seen += image.chars().filter(|&c| c == wanted).count();
            if seen > earlier {
                return Violation::by(violation.rule(), at, c);
            }
        }
    }
    Violation::by(violation.rule(), 0, fault)
}

/// What toLowerCase makes of a code point.
pub(crate) fn lowercase_chars(c: char) -> impl Iterator<Item = char> {
    let (c, second) = lowercase(c);
    core::iter::once(c).chain(second)
}

/// A space of any kind: general category Zs.
pub(crate) fn is_space(c: char) -> bool {
    c == ' ' || !c.is_ascii() && Record::of(c).has(Record::SPACE)
}
