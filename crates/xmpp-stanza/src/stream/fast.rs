//! Tokens in place of the password: FAST, XEP-0484.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use xmpp_xml::{ElementRef, Ns, WriteXml, Writer, ns};
use zeroize::Zeroizing;

use crate::invalid::Rule;
use crate::{DateTime, Invalid, Payload, envelope};

const NS: Ns<'static> = ns::FAST;
const SECTION: &str = "XEP-0484";

/// `<fast/>` among the inline features of SASL2: mechanisms that take a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FastFeature {
    /// Their names.
    pub mechanisms: Vec<String>,
    /// Whether the server takes `<authenticate/>` in TLS 0-RTT data.
    pub tls_0rtt: bool,
}

impl FastFeature {
    /// An offer of these mechanisms.
    pub fn new<S: Into<String>>(mechanisms: impl IntoIterator<Item = S>) -> Self {
        let mechanisms = mechanisms.into_iter().map(Into::into).collect();
        Self { mechanisms, tls_0rtt: false }
    }
}

impl Payload<'_> for FastFeature {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "fast";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let names = element.children().filter(|child| child.is(NS, "mechanism"));
        Ok(Self {
            mechanisms: names.map(|name| envelope::trimmed(&name.text()).into()).collect(),
            tls_0rtt: boolean(element, Self::NAME, "tls-0rtt")?,
        })
    }
}

impl WriteXml for FastFeature {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME).attr_opt("tls-0rtt", self.tls_0rtt.then_some("true"));
        for name in &self.mechanisms {
            w.leaf(NS, "mechanism", name);
        }
        w.end();
    }
}

/// `<fast/>` in `<authenticate/>`: a token is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FastRequest {
    /// How often the client has tried with this token.
    pub count: Option<u32>,
    /// The client is done with the token.
    pub invalidate: bool,
}

impl Payload<'_> for FastRequest {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "fast";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let count = element.attr("count").map(|count| envelope::trimmed(&count).parse());
        let count = count.transpose().map_err(|_| {
            Invalid::new(Self::NAME, Rule::NotInRange(0, u32::MAX.into()), SECTION)
                .in_attribute("count")
        })?;
        Ok(Self { count, invalidate: boolean(element, Self::NAME, "invalidate")? })
    }
}

impl WriteXml for FastRequest {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let count = self.count.map(|count| format!("{count}"));
        w.start(NS, Self::NAME).attr_opt("count", count.as_deref());
        w.attr_opt("invalidate", self.invalidate.then_some("true")).end();
    }
}

impl FastRequest {
    /// With this count.
    #[must_use]
    pub const fn new(count: Option<u32>, invalidate: bool) -> Self {
        Self { count, invalidate }
    }
}

/// `<request-token/>` in `<authenticate/>`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestToken {
    /// The mechanism that the token is to be for.
    pub mechanism: String,
}

impl RequestToken {
    /// A token for this mechanism.
    pub fn new(mechanism: impl Into<String>) -> Self {
        Self { mechanism: mechanism.into() }
    }
}

impl Payload<'_> for RequestToken {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "request-token";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let mechanism = element.attr("mechanism").ok_or_else(|| {
            Invalid::new(Self::NAME, Rule::MissingAttribute, SECTION).in_attribute("mechanism")
        })?;
        Ok(Self { mechanism: mechanism.into_owned() })
    }
}

impl WriteXml for RequestToken {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME).attr("mechanism", &self.mechanism).end();
    }
}

/// `<token/>` in `<success/>`. It is as good as a password: it never shows in
/// `Debug`, and is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// The token.
    pub token: Zeroizing<String>,
    /// When it expires: seconds since 1970-01-01T00:00:00Z.
    pub expiry: u64,
}

impl Token {
    /// A token that is good until then.
    pub fn new(token: impl Into<String>, expiry: u64) -> Self {
        Self { token: Zeroizing::new(token.into()), expiry }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expiry", &self.expiry).finish_non_exhaustive()
    }
}

impl Payload<'_> for Token {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "token";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let missing =
            |name| Invalid::new(Self::NAME, Rule::MissingAttribute, SECTION).in_attribute(name);
        let token = element.attr("token").ok_or_else(|| missing("token"))?;
        let expiry = element.attr("expiry").ok_or_else(|| missing("expiry"))?;
        let unknown = || {
            let invalid = Invalid::new(Self::NAME, Rule::UnknownValue, SECTION);
            invalid.in_attribute("expiry").found(&expiry)
        };
        Ok(Self {
            token: Zeroizing::new(token.into_owned()),
            expiry: unix(envelope::trimmed(&expiry)).ok_or_else(unknown)?,
        })
    }
}

impl WriteXml for Token {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME);
        w.attr("expiry", &date_time(self.expiry).to_string()).attr("token", &self.token).end();
    }
}

fn boolean(
    element: ElementRef<'_>,
    name: &'static str,
    attribute: &'static str,
) -> Result<bool, Invalid> {
    let Some(value) = element.attr(attribute) else { return Ok(false) };
    envelope::boolean(&value).ok_or_else(|| {
        Invalid::new(name, Rule::UnknownValue, SECTION).in_attribute(attribute).found(&value)
    })
}

/// The last second of the year 9999: a DateTime has four digits for years.
const LAST: i64 = 253_402_300_799;

/// The DateTime of XEP-0082.
fn date_time(unix: u64) -> DateTime {
    let seconds = i64::try_from(unix).map_or(LAST, |seconds| seconds.min(LAST));
    DateTime::from_unix(seconds, 0).unwrap_or_default()
}

/// The seconds since 1970 of a DateTime of XEP-0082; fractions are cut off.
fn unix(text: &str) -> Option<u64> {
    let moment: DateTime = text.parse().ok()?;
    u64::try_from(moment.unix_seconds()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_xep_0082() {
        // `date -u -d @N +%FT%TZ`
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_584_023_775, "2020-03-12T14:36:15Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (LAST as u64, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(date_time(seconds).to_string(), text);
            assert_eq!(unix(text), Some(seconds), "{text}");
        }
        // What is later than can be written is as late as can be.
        for later in [LAST as u64 + 1, u64::MAX] {
            assert_eq!(date_time(later).to_string(), "9999-12-31T23:59:59Z");
        }
        assert_eq!(unix("1969-12-31T23:59:59Z"), None, "before 1970");
        assert_eq!(unix("2020-03-12T09:36:15.25-05:00"), Some(1_584_023_775));
        assert_eq!(unix("2020-03-12T15:36:15+01:00"), Some(1_584_023_775));
        for text in [
            "",
            "T",
            "2020-03-12",
            "2020-02-30T00:00:00Z",
            "2021-02-29T00:00:00Z",
            "2020-13-01T00:00:00Z",
            "2020-03-12T24:00:00Z",
            "2020-03-12T14:36:15",
            "2020-03-12T14:36Z",
            "2020-03-12T14:36:15.Z",
            "2020-3-12T14:36:15Z",
            "+020-03-12T14:36:15Z",
        ] {
            assert_eq!(unix(text), None, "{text}");
        }
    }
}
