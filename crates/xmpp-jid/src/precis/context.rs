//! The contextual rules (RFC 5892 appendix A).

use crate::properties::{Joining, Record, Script};

/// A string whose code points are looked at in their context.
pub(crate) struct Context<'a> {
    text: &'a str,
    whole: Option<Whole>,
}

/// What the rules A.7 to A.9 ask of a whole string, found out once, so that a
/// string of nothing but such code points costs no more than another.
#[derive(Clone, Copy, Default)]
struct Whole {
    japanese: bool,
    arabic_indic: bool,
    extended_arabic_indic: bool,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, whole: None }
    }

    /// Whether the code point `c` at byte `at` is allowed there. False for a
    /// code point without a rule.
    pub(crate) fn allows(&mut self, at: usize, c: char) -> bool {
        match c {
            // A.7. KATAKANA MIDDLE DOT
            '\u{30FB}' => self.whole().japanese,
            // A.8. ARABIC-INDIC DIGITS
            '\u{660}'..='\u{669}' => !self.whole().extended_arabic_indic,
            // A.9. EXTENDED ARABIC-INDIC DIGITS
            '\u{6F0}'..='\u{6F9}' => !self.whole().arabic_indic,
            _ => neighbours_allow(self.text, at, c),
        }
    }

    fn whole(&mut self) -> Whole {
        *self.whole.get_or_insert_with(|| {
            self.text.chars().fold(Whole::default(), |whole, c| Whole {
                japanese: whole.japanese || script(c) == Script::Japanese,
                arabic_indic: whole.arabic_indic || matches!(c, '\u{660}'..='\u{669}'),
                extended_arabic_indic: whole.extended_arabic_indic
                    || matches!(c, '\u{6F0}'..='\u{6F9}'),
            })
        })
    }
}

fn neighbours_allow(text: &str, at: usize, c: char) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at + c.len_utf8()..).unwrap_or_default();
    let previous = before.chars().next_back();
    match c {
        // A.1. ZERO WIDTH NON-JOINER
        '\u{200C}' => {
            previous.is_some_and(|c| Record::of(c).is_virama())
                || joins(before.chars().rev(), Joining::Left)
                    && joins(after.chars(), Joining::Right)
        }
        // A.2. ZERO WIDTH JOINER
        '\u{200D}' => previous.is_some_and(|c| Record::of(c).is_virama()),
        // A.3. MIDDLE DOT
        '\u{B7}' => previous == Some('l') && after.starts_with('l'),
        // A.4. GREEK LOWER NUMERAL SIGN (KERAIA)
        '\u{375}' => after.chars().next().is_some_and(|c| script(c) == Script::Greek),
        // A.5. and A.6. HEBREW PUNCTUATION GERESH and GERSHAYIM
        '\u{5F3}' | '\u{5F4}' => previous.is_some_and(|c| script(c) == Script::Hebrew),
        _ => false,
    }
}

/// Whether the next code point that is not transparent joins to this side.
fn joins(mut chars: impl Iterator<Item = char>, side: Joining) -> bool {
    chars
        .find_map(|c| match Record::of(c).joining() {
            Joining::Transparent => None,
            joining => Some(joining == side || joining == Joining::Dual),
        })
        .unwrap_or(false)
}

fn script(c: char) -> Script {
    Record::of(c).script()
}
