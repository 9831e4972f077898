//! The Bidi Rule (RFC 5893 §2).

use crate::properties::{Bidi, Record};

/// Where `text` (a label of a domain name, or a whole localpart) breaks the
/// Bidi Rule: the byte position and the code point.
pub(crate) fn broken_at(text: &str) -> Option<(usize, char)> {
    let mut chars = text.char_indices().map(|(at, c)| (at, c, Record::of(c).bidi()));
    let first = chars.clone().next()?;
    // 1. The first character is L, R or AL.
    let rtl = match first.2 {
        Bidi::L => false,
        Bidi::R | Bidi::Al => true,
        _ => return Some((first.0, first.1)),
    };
    // The last character that is not NSM, and the first digit's kind.
    let mut last = first;
    let mut digits = None;
    for (at, c, class) in &mut chars {
        let allowed = match class {
            Bidi::En | Bidi::An if rtl => {
                // 4. Not both EN and AN in a right-to-left label.
                *digits.get_or_insert(class) == class
            }
            Bidi::En | Bidi::Es | Bidi::Cs | Bidi::Et | Bidi::On | Bidi::Bn | Bidi::Nsm => true,
            // 2. What a right-to-left label may hold.
            Bidi::R | Bidi::Al => rtl,
            // 5. What a left-to-right label may hold.
            Bidi::L => !rtl,
            Bidi::An | Bidi::Other => false,
        };
        if !allowed {
            return Some((at, c));
        }
        if class != Bidi::Nsm {
            last = (at, c, class);
        }
    }
    // 3. and 6. The end, before any NSM.
    let ends_well = match last.2 {
        Bidi::En => true,
        Bidi::R | Bidi::Al | Bidi::An => rtl,
        Bidi::L => !rtl,
        _ => false,
    };
    (!ends_well).then_some((last.0, last.1))
}
