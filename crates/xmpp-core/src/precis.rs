//! User names and passwords by RFC 8265 instead of SASLprep.

use alloc::borrow::Cow;

use xmpp_jid::precis::Profile;
use xmpp_sasl::prepare::{Preparation, PrepareError, Purpose};

/// Prepares user names by UsernameCaseMapped and passwords by OpaqueString
/// (RFC 8265 sections 3.3 and 4.2), for SASL on both sides.
///
/// RFC 5802 asks for SASLprep, which is therefore the default; most passwords
/// are the same under both. Use this one where all accounts were made with it,
/// or to go beyond the Unicode of 2002; it needs no `std`.
///
/// ```
/// use xmpp_core::Precis;
/// use xmpp_core::sasl::client::Policy;
///
/// let policy = Policy::default().preparation(&Precis);
/// # let _ = policy;
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a name for two profiles, without state")]
pub struct Precis;

impl Preparation for Precis {
    fn username<'a>(&self, name: &'a str, _: Purpose) -> Result<Cow<'a, str>, PrepareError> {
        Profile::UsernameCaseMapped.enforce(name).map_err(|_| PrepareError::Refused)
    }

    fn password<'a>(&self, word: &'a str, _: Purpose) -> Result<Cow<'a, str>, PrepareError> {
        Profile::OpaqueString.enforce(word).map_err(|_| PrepareError::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_case_mapped_and_passwords_are_not() {
        // RFC 8265 sections 3.3.2 and 4.2.2: width and case for names, spaces for passwords.
        let stored = Purpose::Stored;
        assert_eq!(Precis.username("Jul\u{FF29}et", stored).unwrap(), "juliet");
        assert_eq!(Precis.password("R0m\u{3000}30", stored).unwrap(), "R0m 30");
        assert_eq!(Precis.username("a b", stored), Err(PrepareError::Refused));
        assert_eq!(Precis.password("", stored), Err(PrepareError::Refused));
        // Newer than SASLprep's Unicode.
        assert_eq!(Precis.password("\u{1F339}", stored).unwrap(), "\u{1F339}");
    }
}
