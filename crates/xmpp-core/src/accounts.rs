//! User names as addresses: how they are prepared, and who may act as whom.

use alloc::borrow::Cow;

use xmpp_jid::precis::Profile;
use xmpp_jid::{BareJid, Domainpart, Localpart};
use xmpp_sasl::prepare::{Preparation, PrepareError, Purpose, Saslprep};
use xmpp_sasl::server::AuthorizationRule;

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

/// Prepares user names as localparts of addresses (RFC 7622 section 3.3) and
/// passwords by SASLprep (RFC 5802 section 5.1): what the configurations of this
/// crate begin with.
///
/// In XMPP a user name is a localpart (RFC 6120 section 6.3.7), and the lookup
/// for an account is by address. SASLprep would make other names of some: it
/// keeps upper case, and drops the joiners that some scripts need.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a name for two profiles, without state")]
pub struct XmppPreparation;

impl Preparation for XmppPreparation {
    fn username<'a>(&self, name: &'a str, _: Purpose) -> Result<Cow<'a, str>, PrepareError> {
        let local = Localpart::new(name).map_err(|_| PrepareError::Refused)?;
        Ok(if local.as_str() == name {
            Cow::Borrowed(name)
        } else {
            Cow::Owned(local.as_str().into())
        })
    }

    fn password<'a>(&self, word: &'a str, purpose: Purpose) -> Result<Cow<'a, str>, PrepareError> {
        Saslprep.password(word, purpose)
    }
}

/// The rule that an authorization identity is the account's own bare JID (RFC
/// 6120 section 6.3.8), compared as addresses are (RFC 7622): what
/// [`HostConfig::new`](crate::HostConfig::new) begins with.
#[derive(Clone, Debug)]
pub struct OwnAccount {
    domain: Domainpart,
}

impl OwnAccount {
    /// For the accounts of this host.
    pub const fn new(domain: Domainpart) -> Self {
        Self { domain }
    }
}

impl AuthorizationRule for OwnAccount {
    fn permits(&self, authcid: &str, authzid: &str) -> bool {
        let (Ok(local), Ok(wanted)) = (Localpart::new(authcid), BareJid::new(authzid)) else {
            return false;
        };
        BareJid::from_parts(Some(local.as_ref()), self.domain.as_ref()) == wanted
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

    #[test]
    fn user_names_are_localparts() {
        // RFC 7622 section 3.3, RFC 6120 section 6.3.7: that of an address, whatever was typed.
        let prepared = |name| XmppPreparation.username(name, Purpose::Query);
        for name in ["juliet", "Juliet", "\u{FF2A}uliet"] {
            assert_eq!(prepared(name).unwrap(), "juliet", "{name}");
        }
        // SASLprep would drop the joiner, without which it is another word.
        let joined = "\u{928}\u{94D}\u{200D}";
        assert_eq!(prepared(joined).unwrap(), joined);
        assert_eq!(prepared("a@b"), Err(PrepareError::Refused));
        assert_eq!(prepared(""), Err(PrepareError::Refused));
    }
}
