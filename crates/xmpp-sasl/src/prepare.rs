//! Preparing user names and passwords, so that two ways to type the same
//! string come to the same bytes.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

/// What a prepared string is for (RFC 3454 section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "stringprep knows these two and no more")]
pub enum Purpose {
    /// To be compared or proved: code points that the profile's version of
    /// Unicode does not know may pass.
    Query,
    /// To be stored for later comparison: they may not.
    Stored,
}

/// A profile for user names and passwords.
///
/// [`Saslprep`] is what RFC 5802 prescribes and this crate's default. Another
/// can be put in its place in the policy of the client and the configuration
/// of the server; both sides must use the same, or non-ASCII passwords will
/// not match. The profiles UsernameCaseMapped and OpaqueString of RFC 8265 are
/// in the crate `xmpp-jid`; a few lines bring them here:
///
/// ```
/// use std::borrow::Cow;
/// use xmpp_sasl::prepare::{PrepareError, Preparation, Purpose};
///
/// #[derive(Debug)]
/// struct Lowercase;
///
/// impl Preparation for Lowercase {
///     fn username<'a>(&self, name: &'a str, _: Purpose) -> Result<Cow<'a, str>, PrepareError> {
///         Ok(Cow::Owned(name.to_lowercase()))
///     }
///     fn password<'a>(&self, word: &'a str, _: Purpose) -> Result<Cow<'a, str>, PrepareError> {
///         Ok(Cow::Borrowed(word))
///     }
/// }
/// ```
pub trait Preparation: fmt::Debug + Send + Sync {
    /// Prepares a user name.
    ///
    /// # Errors
    ///
    /// The profile does not allow the string.
    fn username<'a>(&self, name: &'a str, purpose: Purpose) -> Result<Cow<'a, str>, PrepareError>;

    /// Prepares a password.
    ///
    /// # Errors
    ///
    /// The profile does not allow the string.
    fn password<'a>(&self, word: &'a str, purpose: Purpose) -> Result<Cow<'a, str>, PrepareError>;
}

/// SASLprep (RFC 4013), for both user names and passwords.
///
/// Without the feature `saslprep` it refuses what is not ASCII (RFC 5802
/// section 2.2 allows that to implementations without the tables).
#[derive(Clone, Copy, Debug, Default)]
pub struct Saslprep;

impl Preparation for Saslprep {
    fn username<'a>(&self, name: &'a str, purpose: Purpose) -> Result<Cow<'a, str>, PrepareError> {
        saslprep(name, purpose)
    }

    fn password<'a>(&self, word: &'a str, purpose: Purpose) -> Result<Cow<'a, str>, PrepareError> {
        saslprep(word, purpose)
    }
}

/// No preparation: the strings have been prepared already.
#[derive(Clone, Copy, Debug, Default)]
pub struct AsGiven;

impl Preparation for AsGiven {
    fn username<'a>(&self, name: &'a str, _: Purpose) -> Result<Cow<'a, str>, PrepareError> {
        not_empty(Cow::Borrowed(name))
    }

    fn password<'a>(&self, word: &'a str, _: Purpose) -> Result<Cow<'a, str>, PrepareError> {
        not_empty(Cow::Borrowed(word))
    }
}

/// Why a string cannot be a user name or password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrepareError {
    /// Nothing is left of it (RFC 5802 section 5.1).
    Empty,
    /// This code point is prohibited (RFC 4013 section 2.3).
    Prohibited(char),
    /// This code point is unassigned in Unicode 3.2, in a string that is to be
    /// stored (RFC 4013 section 2.5).
    Unassigned(char),
    /// It mixes directions (RFC 3454 section 6).
    Bidirectional,
    /// It has other than ASCII characters, and the feature `saslprep` is off.
    NotAscii,
    /// A profile of the caller's own refused it.
    Refused,
}

impl fmt::Display for PrepareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("nothing is left after preparation (RFC 5802 section 5.1)"),
            Self::Prohibited(c) => {
                write!(f, "U+{:04X} is prohibited (RFC 4013 section 2.3)", u32::from(*c))
            }
            Self::Unassigned(c) => write!(
                f,
                "U+{:04X} is unassigned in Unicode 3.2 and cannot be stored (RFC 4013 section 2.5)",
                u32::from(*c)
            ),
            Self::Bidirectional => f.write_str(
                "right-to-left and left-to-right characters are mixed (RFC 3454 section 6)",
            ),
            Self::NotAscii => f.write_str(
                "only ASCII is supported without the feature `saslprep` (RFC 5802 section 2.2)",
            ),
            Self::Refused => f.write_str("the profile in use refuses it"),
        }
    }
}

impl core::error::Error for PrepareError {}

fn not_empty(text: Cow<'_, str>) -> Result<Cow<'_, str>, PrepareError> {
    if text.is_empty() { Err(PrepareError::Empty) } else { Ok(text) }
}

fn saslprep(text: &str, purpose: Purpose) -> Result<Cow<'_, str>, PrepareError> {
    if text.is_ascii() {
        return match text.chars().find(char::is_ascii_control) {
            Some(c) => Err(PrepareError::Prohibited(c)),
            None => not_empty(Cow::Borrowed(text)),
        };
    }
    not_empty(Cow::Owned(beyond_ascii(text, purpose)?))
}

#[cfg(not(feature = "saslprep"))]
fn beyond_ascii(_: &str, _: Purpose) -> Result<String, PrepareError> {
    Err(PrepareError::NotAscii)
}

/// RFC 4013, step by step. The crate `stringprep` has this too, for stored
/// strings only; its tables serve both purposes.
#[cfg(feature = "saslprep")]
fn beyond_ascii(text: &str, purpose: Purpose) -> Result<String, PrepareError> {
    use stringprep::tables;
    use unicode_normalization::UnicodeNormalization as _;

    // 2.1, 2.2
    let prepared: String = text
        .chars()
        .map(|c| if tables::non_ascii_space_character(c) { ' ' } else { c })
        .filter(|&c| !tables::commonly_mapped_to_nothing(c))
        .nfkc()
        .collect();
    // 2.3
    let prohibited = |&c: &char| {
        tables::non_ascii_space_character(c)
            || tables::ascii_control_character(c)
            || tables::non_ascii_control_character(c)
            || tables::private_use(c)
            || tables::non_character_code_point(c)
            || tables::inappropriate_for_plain_text(c)
            || tables::inappropriate_for_canonical_representation(c)
            || tables::change_display_properties_or_deprecated(c)
            || tables::tagging_character(c)
    };
    if let Some(c) = prepared.chars().find(prohibited) {
        return Err(PrepareError::Prohibited(c));
    }
    // 2.4
    if prepared.contains(tables::bidi_r_or_al) {
        let whole =
            prepared.starts_with(tables::bidi_r_or_al) && prepared.ends_with(tables::bidi_r_or_al);
        if !whole || prepared.contains(tables::bidi_l) {
            return Err(PrepareError::Bidirectional);
        }
    }
    // 2.5
    if purpose == Purpose::Stored
        && let Some(c) = prepared.chars().find(|&c| tables::unassigned_code_point(c))
    {
        return Err(PrepareError::Unassigned(c));
    }
    Ok(prepared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "saslprep")]
    #[test]
    fn rfc_4013_section_3() {
        let saslprep = |text| saslprep(text, Purpose::Stored);
        assert_eq!(saslprep("I\u{AD}X").unwrap(), "IX");
        assert_eq!(saslprep("user").unwrap(), "user");
        assert_eq!(saslprep("USER").unwrap(), "USER");
        assert_eq!(saslprep("\u{AA}").unwrap(), "a");
        assert_eq!(saslprep("\u{2168}").unwrap(), "IX");
        assert_eq!(saslprep("\u{7}"), Err(PrepareError::Prohibited('\u{7}')));
        assert_eq!(saslprep("\u{627}1"), Err(PrepareError::Bidirectional));
    }

    #[cfg(feature = "saslprep")]
    #[test]
    fn unassigned_code_points_may_be_asked_for_but_not_stored() {
        // U+0221 was unassigned in Unicode 3.2.
        assert_eq!(saslprep("\u{221}", Purpose::Query).unwrap(), "\u{221}");
        assert_eq!(saslprep("\u{221}", Purpose::Stored), Err(PrepareError::Unassigned('\u{221}')));
    }

    /// RFC 4013 section 2.3, a code point of each table, beside one that is not ASCII.
    #[cfg(feature = "saslprep")]
    #[test]
    fn each_kind_of_prohibited_output() {
        for c in [
            '\u{7}',
            '\u{80}',
            '\u{e000}',
            '\u{fdd0}',
            '\u{fffd}',
            '\u{2ff0}',
            '\u{200e}',
            '\u{e0001}',
        ] {
            let text = alloc::format!("\u{e9}{c}");
            assert_eq!(saslprep(&text, Purpose::Query), Err(PrepareError::Prohibited(c)), "{c:?}");
        }
    }

    #[test]
    fn nothing_left_is_an_error() {
        assert_eq!(saslprep("", Purpose::Query), Err(PrepareError::Empty));
        #[cfg(feature = "saslprep")]
        assert_eq!(saslprep("\u{AD}", Purpose::Query), Err(PrepareError::Empty));
    }
}
