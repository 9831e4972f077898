//! The derived properties of RFC 8264 §8 and RFC 5892 §3, clause by clause, and
//! what else the rules ask of a code point.

use icu_casemap::CaseMapper;
use icu_locale_core::LanguageIdentifier;
use icu_properties::props::{
    BidiClass, CanonicalCombiningClass, DefaultIgnorableCodePoint, EastAsianWidth,
    GeneralCategory as Gc, HangulSyllableType, JoinControl, JoiningType, NoncharacterCodePoint,
    Script, WhiteSpace,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc_quick};

/// Values of the derived properties, as the crate numbers them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Derived {
    PValid = 0,
    FreePVal = 1,
    ContextJ = 2,
    ContextO = 3,
    Disallowed = 4,
    Unassigned = 5,
}
use Derived::*;

/// The bits of a record; `src/properties.rs` of the crate reads them.
pub fn record(cp: u32) -> u32 {
    let c = char::from_u32(cp);
    let flag = |bit: u32, set: bool| u32::from(set) << bit;
    precis(cp) as u32
        | (idna(cp) as u32) << 3
        | bidi(cp) << 6
        | joining(cp) << 10
        | flag(13, ccc(cp) == CanonicalCombiningClass::Virama)
        | script(cp) << 14
        | flag(16, c.is_some_and(|c| lower(c) != c.to_string()))
        | flag(17, c.is_some_and(|c| width(c) != c))
        | flag(18, c.is_some_and(nfc_needs_a_look))
        | flag(19, c.is_some_and(|c| !stable(c, is_nfkc_quick([c].into_iter()))))
        | flag(20, gc(cp) == Gc::SpaceSeparator && cp != 0x20)
        | flag(21, matches!(gc(cp), Gc::NonspacingMark | Gc::SpacingMark | Gc::EnclosingMark))
        | flag(22, matches!(bidi(cp), 1..=3))
        // RFC 7622 §3.3.1
        | flag(23, c.is_some_and(|c| "\"&'/:<>@".contains(c)))
}

/// RFC 8264 §8.
fn precis(cp: u32) -> Derived {
    if let Some(value) = exceptions(cp) {
        value
    // BackwardCompatible (§9.7) is empty.
    } else if unassigned(cp) {
        Unassigned
    } else if (0x21..=0x7E).contains(&cp) {
        PValid // ASCII7 (§9.11)
    } else if CodePointSetData::new::<JoinControl>().contains32(cp) {
        ContextJ
    } else if old_hangul_jamo(cp) || default_ignorable(cp) || noncharacter(cp) {
        Disallowed // OldHangulJamo (§9.9), PrecisIgnorableProperties (§9.13)
    } else if gc(cp) == Gc::Control {
        Disallowed // Controls (§9.12)
    } else if has_compat(cp) {
        FreePVal
    } else if letter_digits(cp) {
        PValid
    } else if matches!(
        gc(cp),
        // OtherLetterDigits (§9.18)
        Gc::TitlecaseLetter | Gc::LetterNumber | Gc::OtherNumber | Gc::EnclosingMark
        // Spaces (§9.14)
        | Gc::SpaceSeparator
        // Symbols (§9.15)
        | Gc::MathSymbol | Gc::CurrencySymbol | Gc::ModifierSymbol | Gc::OtherSymbol
        // Punctuation (§9.16)
        | Gc::ConnectorPunctuation | Gc::DashPunctuation | Gc::OpenPunctuation
        | Gc::ClosePunctuation | Gc::InitialPunctuation | Gc::FinalPunctuation
        | Gc::OtherPunctuation
    ) {
        FreePVal
    } else {
        Disallowed
    }
}

/// RFC 5892 §3.
fn idna(cp: u32) -> Derived {
    if let Some(value) = exceptions(cp) {
        value
    } else if unassigned(cp) {
        Unassigned
    } else if matches!(cp, 0x2D | 0x30..=0x39 | 0x61..=0x7A) {
        PValid // LDH (§2.9)
    } else if CodePointSetData::new::<JoinControl>().contains32(cp) {
        ContextJ
    } else if unstable(cp)
        || default_ignorable(cp)
        || CodePointSetData::new::<WhiteSpace>().contains32(cp)
        || noncharacter(cp)
        // IgnorableBlocks (§2.4)
        || matches!(cp, 0x20D0..=0x20FF | 0x1D100..=0x1D1FF | 0x1D200..=0x1D24F)
        || old_hangul_jamo(cp)
    {
        Disallowed
    } else if letter_digits(cp) {
        PValid
    } else {
        Disallowed
    }
}

/// Exceptions: RFC 5892 §2.6, which RFC 8264 §9.6 takes over.
fn exceptions(cp: u32) -> Option<Derived> {
    Some(match cp {
        0xDF | 0x3C2 | 0x6FD | 0x6FE | 0xF0B | 0x3007 => PValid,
        0xB7 | 0x375 | 0x5F3 | 0x5F4 | 0x30FB | 0x660..=0x669 | 0x6F0..=0x6F9 => ContextO,
        0x640 | 0x7FA | 0x302E | 0x302F | 0x3031..=0x3035 | 0x303B => Disallowed,
        _ => return None,
    })
}

fn unassigned(cp: u32) -> bool {
    gc(cp) == Gc::Unassigned && !noncharacter(cp)
}

fn letter_digits(cp: u32) -> bool {
    matches!(
        gc(cp),
        Gc::LowercaseLetter
            | Gc::UppercaseLetter
            | Gc::OtherLetter
            | Gc::DecimalNumber
            | Gc::ModifierLetter
            | Gc::NonspacingMark
            | Gc::SpacingMark
    )
}

fn old_hangul_jamo(cp: u32) -> bool {
    matches!(
        CodePointMapData::<HangulSyllableType>::new().get32(cp),
        HangulSyllableType::LeadingJamo
            | HangulSyllableType::VowelJamo
            | HangulSyllableType::TrailingJamo
    )
}

fn default_ignorable(cp: u32) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains32(cp)
}

fn noncharacter(cp: u32) -> bool {
    CodePointSetData::new::<NoncharacterCodePoint>().contains32(cp)
}

/// HasCompat (RFC 8264 §9.17): `toNFKC(cp) != cp`.
fn has_compat(cp: u32) -> bool {
    char::from_u32(cp).is_some_and(|c| !c.nfkc().eq([c]))
}

/// Unstable (RFC 5892 §2.2): `cp != NFKC(casefold(NFKC(cp)))`.
fn unstable(cp: u32) -> bool {
    char::from_u32(cp).is_some_and(|c| {
        let nfkc: String = c.nfkc().collect();
        !CaseMapper::new().fold_string(&nfkc).nfkc().eq([c])
    })
}

/// toLowerCase of the code point alone: SpecialCasing's unconditional
/// mappings included, its contexts (the final sigma) and languages not.
pub fn lower(c: char) -> String {
    CaseMapper::new().lowercase_to_string(&c.to_string(), &LanguageIdentifier::UNKNOWN).into_owned()
}

/// The decomposition of a fullwidth or halfwidth form. Where that is no single
/// code point, or is a Hangul letter with a decomposition of its own, the
/// result differs from one step of decomposition; neither is allowed in any
/// string that is width-mapped, so nobody can tell.
pub fn width(c: char) -> char {
    let width = CodePointMapData::<EastAsianWidth>::new().get(c);
    let mut nfkc = c.nfkc();
    match (width, nfkc.next(), nfkc.next()) {
        (EastAsianWidth::Fullwidth | EastAsianWidth::Halfwidth, Some(mapped), None) => mapped,
        _ => c,
    }
}

/// Whether a string with this code point in it, or with what the code point is
/// mapped to, may not be in NFC.
fn nfc_needs_a_look(c: char) -> bool {
    lower(width(c)).chars().chain([c, width(c)]).any(|c| !stable(c, is_nfc_quick([c].into_iter())))
}

/// Whether a string of such code points is normalized without a look at it.
fn stable(c: char, quick: IsNormalized) -> bool {
    quick == IsNormalized::Yes && ccc(c as u32) == CanonicalCombiningClass::NotReordered
}

/// The classes that RFC 5893 §2 distinguishes.
fn bidi(cp: u32) -> u32 {
    match CodePointMapData::<BidiClass>::new().get32(cp) {
        BidiClass::LeftToRight => 0,
        BidiClass::RightToLeft => 1,
        BidiClass::ArabicLetter => 2,
        BidiClass::ArabicNumber => 3,
        BidiClass::EuropeanNumber => 4,
        BidiClass::EuropeanSeparator => 5,
        BidiClass::CommonSeparator => 6,
        BidiClass::EuropeanTerminator => 7,
        BidiClass::OtherNeutral => 8,
        BidiClass::BoundaryNeutral => 9,
        BidiClass::NonspacingMark => 10,
        _ => 11,
    }
}

fn joining(cp: u32) -> u32 {
    match CodePointMapData::<JoiningType>::new().get32(cp) {
        JoiningType::Transparent => 1,
        JoiningType::LeftJoining => 2,
        JoiningType::RightJoining => 3,
        JoiningType::DualJoining => 4,
        _ => 0,
    }
}

fn script(cp: u32) -> u32 {
    match CodePointMapData::<Script>::new().get32(cp) {
        Script::Greek => 1,
        Script::Hebrew => 2,
        Script::Hiragana | Script::Katakana | Script::Han => 3,
        _ => 0,
    }
}

fn gc(cp: u32) -> Gc {
    CodePointMapData::<Gc>::new().get32(cp)
}

fn ccc(cp: u32) -> CanonicalCombiningClass {
    CodePointMapData::<CanonicalCombiningClass>::new().get32(cp)
}
