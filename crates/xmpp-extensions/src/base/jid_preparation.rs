//! Preparation and validation of addresses for others: XEP-0328.

use alloc::borrow::Cow;
use alloc::string::String;

use xmpp_jid::Jid;
use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Base64, Payload, Rest};

/// The namespace of XEP-0328.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jidprep:1");
/// The feature of those who read base 64 as well (XEP-0328, 4).
pub const BASE64_FEATURE: &str = "urn:xmpp:jidprep:base64:1";

/// Asks whether a text is an address (XEP-0328, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "jid-validate-request", section = "XEP-0328, 3")]
#[non_exhaustive]
pub struct ValidateRequest<'a> {
    /// The text.
    #[xml(leaf)]
    pub maybe_jid: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Asks whether a text is an address that XML cannot hold (XEP-0328, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "jid-validate-base64-request", section = "XEP-0328, 4")]
#[non_exhaustive]
pub struct ValidateBase64Request<'a> {
    /// The text, in UTF-8.
    #[xml(leaf)]
    pub base64_maybe_jid: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The answer (XEP-0328, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "jid-validate-result", section = "XEP-0328, 3")]
#[non_exhaustive]
pub struct ValidateResult<'a> {
    /// Whether it is one.
    #[xml(child)]
    pub verdict: Verdict<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Whether a text is an address (XEP-0328, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0328, 3")]
#[expect(clippy::exhaustive_enums, reason = "it is, or it is not")]
pub enum Verdict<'a> {
    /// It is.
    Valid(ValidJid<'a>),
    /// It is not.
    Invalid(InvalidJid<'a>),
}

/// The parts of an address, as they are once prepared and enforced (XEP-0328, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "valid-jid", section = "XEP-0328, 3")]
#[non_exhaustive]
pub struct ValidJid<'a> {
    /// The localpart.
    #[xml(leaf)]
    pub localpart: Option<Cow<'a, str>>,
    /// The domainpart.
    #[xml(leaf)]
    pub domainpart: Cow<'a, str>,
    /// The resourcepart.
    #[xml(leaf)]
    pub resourcepart: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Why a text is no address (XEP-0328, 3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "invalid-jid", section = "XEP-0328, 3")]
#[non_exhaustive]
pub struct InvalidJid<'a> {
    /// Why, for people.
    #[xml(leaf)]
    pub reason: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl ValidateResult<'static> {
    /// The answer for a text, by RFC 7622.
    ///
    /// ```
    /// use xmpp_extensions::base::jid_preparation::{ValidateResult, Verdict};
    ///
    /// let Verdict::Valid(jid) = ValidateResult::of("Σ@example.com/resource").verdict else {
    ///     return Err("invalid");
    /// };
    /// assert_eq!(jid.localpart.as_deref(), Some("σ"));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Self {
        let verdict = match Jid::new(text) {
            Ok(jid) => {
                let mut valid = ValidJid::new(String::from(jid.domainpart().as_str()));
                valid.localpart = jid.localpart().map(|part| String::from(part.as_str()).into());
                valid.resourcepart =
                    jid.resourcepart().map(|part| String::from(part.as_str()).into());
                Verdict::Valid(valid)
            }
            Err(error) => {
                Verdict::Invalid(InvalidJid::new().with_reason(alloc::format!("{error}")))
            }
        };
        Self::new(verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_invalid_example() {
        // XEP-0328, examples 4 and 5: U+2163 is not allowed in a localpart.
        let answer = ValidateResult::of("henry\u{2163}@example.com");
        assert!(matches!(answer.verdict, Verdict::Invalid(_)));
    }
}
