//! IDNA2008: internationalized domain names (RFC 5890 to 5893).
//!
//! Names here are checked as they stand: RFC 5891 has no mappings, and `É` is
//! not allowed. Where people type names, [`map`] them first; a domainpart of an
//! address is mapped by itself.

mod label;
mod name;
mod punycode;

use alloc::borrow::Cow;
use alloc::string::String;

pub(crate) use name::{Form, enforce, is_canonical, is_separator};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Rule, Violation};
pub use crate::properties::DerivedProperty;
use crate::properties::Record;

/// The derived property of a code point (RFC 5892 §3).
#[must_use]
pub fn derived_property(c: char) -> DerivedProperty {
    Record::of(c).idna()
}

/// The name with U-labels. A dot at its end stays.
///
/// ```
/// # use xmpp_jid::idna;
/// assert_eq!(idna::to_unicode("xn--bcher-kva.example")?, "bücher.example");
/// assert_eq!(idna::to_unicode("bücher.example")?, "bücher.example");
/// assert!(idna::to_unicode("☃.example").is_err());
/// # Ok::<(), xmpp_jid::Violation>(())
/// ```
///
/// # Errors
///
/// The first rule that the name breaks.
pub fn to_unicode(name: &str) -> Result<Cow<'_, str>, Violation> {
    let relative = name.strip_suffix('.').unwrap_or(name);
    if relative.is_empty() {
        return Err(Violation::new(Rule::Empty, 0));
    }
    if is_canonical(relative) {
        return Ok(Cow::Borrowed(name));
    }
    let mut out = String::with_capacity(name.len() * 2);
    enforce(relative, Form::Strict, &mut out)?;
    out.push_str(name.get(relative.len()..).unwrap_or_default());
    Ok(if out == name { Cow::Borrowed(name) } else { Cow::Owned(out) })
}

/// The name with A-labels, as the DNS sees it. A dot at its end stays.
///
/// ```
/// # use xmpp_jid::idna;
/// assert_eq!(idna::to_ascii("bücher.example")?, "xn--bcher-kva.example");
/// # Ok::<(), xmpp_jid::Violation>(())
/// ```
///
/// # Errors
///
/// As for [`to_unicode`].
pub fn to_ascii(name: &str) -> Result<Cow<'_, str>, Violation> {
    Ok(match to_unicode(name)? {
        Cow::Borrowed(name) => encode(name),
        Cow::Owned(name) => Cow::Owned(encode(&name).into_owned()),
    })
}

/// The mapping of RFC 5895 §2 for what people type: lowercase, no fullwidth or
/// halfwidth forms, NFC, and U+3002 (which the fullwidth and halfwidth dots
/// become) as a dot.
#[must_use]
pub fn map(name: &str) -> Cow<'_, str> {
    let mapped = || {
        name.chars().flat_map(label::map_char).nfc().map(|c| if is_separator(c) { '.' } else { c })
    };
    if mapped().eq(name.chars()) { Cow::Borrowed(name) } else { Cow::Owned(mapped().collect()) }
}

/// What IDNA2003 and IDNA2008 have in common.
#[cfg(feature = "legacy")]
pub(crate) struct ALabels;

#[cfg(feature = "legacy")]
impl ALabels {
    /// Decodes a label in lowercase that begins with `xn--`; `None` inside if
    /// it is not the encoding of what it decodes to.
    pub(crate) fn decode(label: &str) -> Option<Option<String>> {
        let encoded = label.strip_prefix(label::A_LABEL_PREFIX)?;
        let mut decoded = String::new();
        let mut again = String::new();
        let good = punycode::decode(encoded, &mut decoded)
            .and_then(|()| punycode::encode(&decoded, |b| again.push(char::from(b))))
            .is_some_and(|()| again == encoded && !decoded.is_ascii());
        Some(good.then_some(decoded))
    }

    /// The length of a label in the form the DNS sees, at most 63.
    pub(crate) fn ascii_len(label: &str) -> Result<usize, Violation> {
        label::ascii_len(label)
    }
}

/// Each U-label of a valid name as its A-label.
pub(crate) fn encode(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 16);
    for (i, label) in name.split('.').enumerate() {
        if i > 0 {
            out.push('.');
        }
        if label.is_ascii() {
            out.push_str(label);
        } else {
            out.push_str(label::A_LABEL_PREFIX);
            // A valid label is short enough, so this cannot fail.
            let _ = punycode::encode(label, |b| out.push(char::from(b)));
        }
    }
    Cow::Owned(out)
}
