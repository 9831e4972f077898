//! `im:` and `pres:` URIs (RFC 3860 and RFC 3859, appendices A) and what an
//! XMPP address is among them (RFC 3922 §3).

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use crate::message::is_uri_octet;
use xmpp_jid::{BareJid, BareJidRef, Domainpart, Localpart};

/// An `im:` or `pres:` URI: who can be written to, whose presence can be seen.
///
/// ```text
/// IM-URI   = "im:" [ to ] [ headers ]       PRES-URI likewise
/// to       =  mailbox
/// headers  =  "?" header *( "&" header )
/// ```
///
/// `to` has to be there and has to be `local@domain`: what is addressed without
/// it is in no namespace of ours.
///
/// ```
/// use xmpp_cpim::{Escaping, Scheme, Uri};
/// use xmpp_jid::BareJid;
///
/// let uri = Uri::parse("im:o%27hara@example.com")?;
/// assert_eq!(uri.scheme(), Scheme::Im);
/// let jid = uri.to_jid(Escaping::Rfc3922)?;
/// assert_eq!(jid.as_str(), "o#27;hara@example.com");
/// let back = Uri::from_jid(Scheme::Im, (&jid).into(), Escaping::Rfc3922)?;
/// assert_eq!(back, uri);
/// # Ok::<(), xmpp_cpim::UriError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Uri<'a> {
    scheme: Scheme,
    /// As it was written, percent-encoded.
    local: Cow<'a, str>,
    domain: Cow<'a, str>,
    /// After the `?`.
    headers: Option<Cow<'a, str>>,
}

/// What a URI is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 3859 and RFC 3860 define one each")]
pub enum Scheme {
    /// `im:`, an instant inbox (RFC 3860).
    Im,
    /// `pres:`, a presentity or watcher (RFC 3859).
    Pres,
}

impl Scheme {
    /// The scheme with its colon.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Im => "im:",
            Self::Pres => "pres:",
        }
    }
}

/// How characters that a localpart cannot have (RFC 7622 §3.3.1) are spelled
/// in one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Escaping {
    /// The table of RFC 3922 §3: `#26;` for `&`, `#27;` for `'`, `#2f;` for `/`.
    /// The other characters that are forbidden have no spelling and are refused.
    /// Each bare JID with a localpart comes back as it was.
    #[default]
    Rfc3922,
    /// XEP-0106: `\26`, `\40` and so on, for all of them, which other XMPP
    /// software understands. The table of RFC 3922 is still read.
    Xep0106,
}

impl<'a> Uri<'a> {
    /// Reads a URI. The scheme may be in capitals; nothing is decoded yet.
    ///
    /// `?` before the first `@` is part of the name, as RFC 3922 §3.2 writes
    /// it, unless it comes first: then it may as well begin the headers of a
    /// URI without `to`, and is refused.
    ///
    /// # Errors
    ///
    /// Where the text differs from the grammar.
    pub fn parse(text: &'a str) -> Result<Self, UriError> {
        let (scheme, at) = scheme(text).ok_or(UriError::new(UriErrorKind::Scheme, 0))?;
        let rest = text.get(at..).unwrap_or_default();
        check_characters(rest, at)?;
        if rest.starts_with('?') {
            return Err(UriError::new(UriErrorKind::NoAddress, at));
        }
        let Some((local, rest)) = rest.split_once('@') else {
            return Err(UriError::new(UriErrorKind::NoAddress, text.len()));
        };
        if local.is_empty() {
            return Err(UriError::new(UriErrorKind::EmptyLocalpart, at));
        }
        let domain_at = at + local.len() + 1;
        let (domain, headers) = match rest.split_once('?') {
            Some((domain, headers)) => (domain, Some(Cow::Borrowed(headers))),
            None => (rest, None),
        };
        if domain.is_empty() {
            return Err(UriError::new(UriErrorKind::EmptyDomain, domain_at));
        }
        if let Some(bad) = domain.find(['@', '%', '/']) {
            return Err(UriError::new(UriErrorKind::Character, domain_at + bad));
        }
        Ok(Self { scheme, local: Cow::Borrowed(local), domain: Cow::Borrowed(domain), headers })
    }

    /// The URI of an XMPP address: RFC 3922 §3.2. The domain is written in
    /// ASCII (A-labels).
    ///
    /// # Errors
    ///
    /// An address without a localpart, which has no URI, and a domain that is not
    /// in ASCII even as A-labels.
    pub fn from_jid(
        scheme: Scheme,
        jid: BareJidRef<'_>,
        escaping: Escaping,
    ) -> Result<Uri<'static>, UriError> {
        let Some(localpart) = jid.localpart() else {
            return Err(UriError::new(UriErrorKind::EmptyLocalpart, 0));
        };
        let domain = jid.domainpart().to_ascii();
        check_characters(&domain, 0)
            .map_err(|error| UriError::new(UriErrorKind::Character, error.at))?;
        let plain = unescape_localpart(localpart.as_str(), escaping);
        let mut local = String::with_capacity(plain.len());
        percent_encode(&plain, &mut local);
        Ok(Uri {
            scheme,
            local: Cow::Owned(local),
            domain: Cow::Owned(domain.into_owned()),
            headers: None,
        })
    }

    /// The XMPP address of the URI: RFC 3922 §3.3, prepared and checked by RFC
    /// 7622. It is bare, and what the URI has after `?` is not in it.
    ///
    /// # Errors
    ///
    /// Percent-encoding that does not decode, a NUL or text that is not UTF-8
    /// behind it, a character that `escaping` has no spelling for, and what RFC
    /// 7622 does not let an address be.
    pub fn to_jid(&self, escaping: Escaping) -> Result<BareJid, UriError> {
        let base = self.scheme.as_str().len();
        let plain = percent_decode(&self.local, base)?;
        let spelled =
            escape_localpart(&plain, escaping).map_err(|kind| UriError::new(kind, base))?;
        let part = |error| UriError::new(UriErrorKind::Jid(error), base);
        let localpart = Localpart::new(&spelled).map_err(part)?;
        let domainpart = Domainpart::new(&self.domain).map_err(|error| {
            UriError::new(UriErrorKind::Jid(error), base + self.local.len() + 1)
        })?;
        Ok(BareJid::from_parts(Some(localpart.as_ref()), domainpart.as_ref()))
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// What stands before the `@`, percent-encoded as it was written.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// What stands between the `@` and the `?`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What stands after the `?`, such as `subject=Hi`.
    #[must_use]
    pub fn headers(&self) -> Option<&str> {
        self.headers.as_deref()
    }

    /// Returns this address in another scheme.
    #[must_use]
    pub fn with_scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// The URI on its own, nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> Uri<'static> {
        Uri {
            scheme: self.scheme,
            local: crate::mime::owned(self.local),
            domain: crate::mime::owned(self.domain),
            headers: self.headers.map(crate::mime::owned),
        }
    }
}

impl fmt::Display for Uri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}@{}", self.scheme.as_str(), self.local, self.domain)?;
        match &self.headers {
            Some(headers) => write!(f, "?{headers}"),
            None => Ok(()),
        }
    }
}

/// Why a text is no `im:` or `pres:` URI, or why it is no XMPP address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriError {
    /// The rule that is broken.
    pub kind: UriErrorKind,
    /// Octets from the start of the URI to what breaks it.
    pub at: usize,
}

impl UriError {
    const fn new(kind: UriErrorKind, at: usize) -> Self {
        Self { kind, at }
    }
}

/// The rule that a URI breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriErrorKind {
    /// The scheme is neither `im` nor `pres`.
    Scheme,
    /// There is no `local@domain` in it.
    NoAddress,
    /// Nothing stands before the `@`.
    EmptyLocalpart,
    /// Nothing stands after the `@`.
    EmptyDomain,
    /// A character that cannot stand there.
    Character,
    /// `%` without two hexadecimal digits.
    PercentEncoding,
    /// `%00`, which no address has.
    Nul,
    /// The octets behind the percent-encoding are not UTF-8.
    NotUtf8,
    /// A character that a localpart cannot have and that the chosen
    /// [`Escaping`] cannot spell.
    NoSpelling(char),
    /// RFC 7622 does not allow the address.
    Jid(xmpp_jid::Error),
}

impl UriErrorKind {
    /// A short name that will not change, such as `percent-encoding`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::NoAddress => "no-address",
            Self::EmptyLocalpart => "empty-localpart",
            Self::EmptyDomain => "empty-domain",
            Self::Character => "character",
            Self::PercentEncoding => "percent-encoding",
            Self::Nul => "nul",
            Self::NotUtf8 => "not-utf-8",
            Self::NoSpelling(_) => "no-spelling",
            Self::Jid(_) => "jid-malformed",
        }
    }
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            UriErrorKind::Scheme => f.write_str("expected `im:` or `pres:` (RFC 3860 §A.2)"),
            UriErrorKind::NoAddress => f.write_str("expected `local@domain` (RFC 3860 §A.2)"),
            UriErrorKind::EmptyLocalpart => {
                f.write_str("an address without a localpart has no mapping (RFC 3922 §3)")
            }
            UriErrorKind::EmptyDomain => f.write_str("expected a domain after `@` (RFC 3922 §3.3)"),
            UriErrorKind::Character => {
                f.write_str("a character that cannot stand here (RFC 3986 §2)")
            }
            UriErrorKind::PercentEncoding => {
                f.write_str("expected two hexadecimal digits after `%` (RFC 3986 §2.1)")
            }
            UriErrorKind::Nul => f.write_str("`%00` cannot be in an address (RFC 7622 §3.3)"),
            UriErrorKind::NotUtf8 => {
                f.write_str("what is percent-encoded is not UTF-8 (RFC 3922 §3.3)")
            }
            UriErrorKind::NoSpelling(character) => write!(
                f,
                "{character:?} cannot be in a localpart and has no escape (RFC 3922 §3.1)"
            ),
            UriErrorKind::Jid(error) => write!(f, "no XMPP address: {error}"),
        }?;
        write!(f, " at octet {}", self.at)
    }
}

impl core::error::Error for UriError {}

fn scheme(text: &str) -> Option<(Scheme, usize)> {
    [Scheme::Im, Scheme::Pres].into_iter().find_map(|scheme| {
        let expected = scheme.as_str();
        let found = text.get(..expected.len())?;
        found.eq_ignore_ascii_case(expected).then_some((scheme, expected.len()))
    })
}

/// `uric` of RFC 2396, with the brackets of an IPv6 literal.
fn check_characters(text: &str, at: usize) -> Result<(), UriError> {
    let octets = text.as_bytes();
    for (index, &octet) in octets.iter().enumerate() {
        let kind = match octet {
            b'%' => {
                let hex = |at: usize| octets.get(at).is_some_and(u8::is_ascii_hexdigit);
                if hex(index + 1) && hex(index + 2) {
                    continue;
                }
                UriErrorKind::PercentEncoding
            }
            _ if is_uri_octet(octet) => continue,
            _ => UriErrorKind::Character,
        };
        return Err(UriError::new(kind, at + index));
    }
    Ok(())
}

/// Step 4 of RFC 3922 §3.2. Of its set, `?` is encoded all the same: a reader
/// of RFC 3860 would take it for the start of headers.
fn percent_encode(plain: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for octet in plain.bytes() {
        if octet.is_ascii_alphanumeric() || b"!$*._~+=".contains(&octet) {
            out.push(char::from(octet));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(octet >> 4)]));
            out.push(char::from(HEX[usize::from(octet & 15)]));
        }
    }
}

/// Steps 3 and 4 of RFC 3922 §3.3.
fn percent_decode(text: &str, base: usize) -> Result<Cow<'_, str>, UriError> {
    let Some(first) = text.find('%') else { return Ok(Cow::Borrowed(text)) };
    let octets = text.as_bytes();
    let mut out = alloc::vec::Vec::with_capacity(octets.len());
    out.extend_from_slice(&octets[..first]);
    let mut at = first;
    while let Some(&octet) = octets.get(at) {
        if octet != b'%' {
            out.push(octet);
            at += 1;
            continue;
        }
        let digit = |at: usize| octets.get(at).and_then(|&b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
            return Err(UriError::new(UriErrorKind::PercentEncoding, base + at));
        };
        let decoded = (high * 16 + low) as u8;
        if decoded == 0 {
            return Err(UriError::new(UriErrorKind::Nul, base + at));
        }
        out.push(decoded);
        at += 3;
    }
    String::from_utf8(out)
        .map(Cow::Owned)
        .map_err(|_| UriError::new(UriErrorKind::NotUtf8, base + first))
}

const TABLE: [(&str, char); 3] = [("#26;", '&'), ("#27;", '\''), ("#2f;", '/')];

/// Step 3 of RFC 3922 §3.2.
fn unescape_localpart(localpart: &str, escaping: Escaping) -> Cow<'_, str> {
    let plain = match escaping {
        Escaping::Rfc3922 => Cow::Borrowed(localpart),
        Escaping::Xep0106 => xmpp_jid::unescape(localpart),
    };
    if !plain.contains("#2") {
        return plain;
    }
    let mut out = String::with_capacity(plain.len());
    let mut rest = &*plain;
    while let Some(at) = rest.find("#2") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let spelled = rest.get(..4).and_then(|head| {
            TABLE.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(head))
        });
        match spelled {
            Some((_, character)) => {
                out.push(*character);
                rest = &rest[4..];
            }
            None => {
                out.push('#');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Step 5 of RFC 3922 §3.3.
fn escape_localpart(plain: &str, escaping: Escaping) -> Result<Cow<'_, str>, UriErrorKind> {
    if escaping == Escaping::Xep0106 {
        return xmpp_jid::escape(plain).map_err(UriErrorKind::Jid);
    }
    // RFC 7622 §3.3.1 forbids eight characters; the table spells three. A space
    // is forbidden like all of its class; controls and their like are left to
    // the preparation of the localpart.
    if let Some(character) = plain.chars().find(|c| "\":<>@ ".contains(*c)) {
        return Err(UriErrorKind::NoSpelling(character));
    }
    if !plain.contains(['&', '\'', '/']) {
        return Ok(Cow::Borrowed(plain));
    }
    let mut out = String::with_capacity(plain.len());
    for character in plain.chars() {
        match TABLE.iter().find(|(_, known)| *known == character) {
            Some((spelling, _)) => out.push_str(spelling),
            None => out.push(character),
        }
    }
    Ok(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn jid(uri: &str) -> Result<String, UriErrorKind> {
        let uri = Uri::parse(uri).map_err(|error| error.kind)?;
        uri.to_jid(Escaping::Rfc3922).map(|jid| jid.to_string()).map_err(|error| error.kind)
    }

    fn uri(jid: &str) -> Result<String, UriErrorKind> {
        let jid = BareJid::new(jid).unwrap();
        Uri::from_jid(Scheme::Im, (&jid).into(), Escaping::Rfc3922)
            .map(|uri| uri.to_string())
            .map_err(|error| error.kind)
    }

    // 3922-3.2-01
    #[test]
    fn an_address_to_a_uri() {
        for (address, written) in [
            ("juliet@example.com", "im:juliet@example.com"),
            ("a-b@example.com", "im:a%2Db@example.com"),
            ("a#26;b#27;c#2f;d@e", "im:a%26b%27c%2Fd@e"),
            ("a!$*.?_~+=z@e", "im:a!$*.%3F_~+=z@e"),
            ("a#25;#26@e", "im:a%2325%3B%2326@e"),
            ("100%@e", "im:100%25@e"),
            ("a\\26b@e", "im:a%5C26b@e"),
            ("j@[::1]", "im:j@[::1]"),
        ] {
            assert_eq!(uri(address).as_deref(), Ok(written), "{address}");
            assert_eq!(jid(written).as_deref(), Ok(address), "{written}");
        }
        assert_eq!(uri("Juliet@Example.com").as_deref(), Ok("im:juliet@example.com"));
        assert_eq!(uri("example.com"), Err(UriErrorKind::EmptyLocalpart));
    }

    // 3922-3.3-01
    #[test]
    fn a_uri_to_an_address() {
        for (written, address) in [
            ("IM:Juliet@Example.com", "juliet@example.com"),
            ("pres:juliet@example.com", "juliet@example.com"),
            ("im:a-b/c'd&e@f", "a-b#2f;c#27;d#26;e@f"),
            ("im:a%2fb@c", "a#2f;b@c"),
            ("im:a?b@c", "a?b@c"),
            ("im:juliet@example.com?subject=Hi", "juliet@example.com"),
        ] {
            assert_eq!(jid(written).as_deref(), Ok(address), "{written}");
        }
    }

    #[test]
    fn what_has_no_mapping() {
        use UriErrorKind::*;
        for (written, kind) in [
            ("sip:a@b", Scheme),
            ("im", Scheme),
            ("im:", NoAddress),
            ("im:juliet", NoAddress),
            ("im:?to=a@b", NoAddress),
            ("im:@b", EmptyLocalpart),
            ("im:a@", EmptyDomain),
            ("im:a@?x=y", EmptyDomain),
            ("im:a@b@c", Character),
            ("im:a@b/c", Character),
            ("im:a@%62", Character),
            ("im:a b@c", Character),
            ("im:\u{e4}@c", Character),
            ("im:a#b@c", Character),
            ("im:<a@c>", Character),
            ("im:%4@c", PercentEncoding),
            ("im:%zz@c", PercentEncoding),
            ("im:%00@c", Nul),
            ("im:%ff@c", NotUtf8),
            ("im:%e4%b8@c", NotUtf8),
            ("im:a%40b@c", NoSpelling('@')),
            ("im:a%22b@c", NoSpelling('"')),
            ("im:a:b@c", NoSpelling(':')),
            ("im:a%3Cb@c", NoSpelling('<')),
            ("im:a%3Eb@c", NoSpelling('>')),
            ("im:a%20b@c", NoSpelling(' ')),
        ] {
            assert_eq!(jid(written), Err(kind), "{written}");
        }
        assert!(matches!(jid("im:a%01b@c"), Err(Jid(_))));
        assert!(matches!(jid("im:a@b:80"), Err(Jid(_))));
    }

    // D1
    #[test]
    fn domains_are_a_labels_here_and_u_labels_there() {
        assert_eq!(uri("a@bücher.example").as_deref(), Ok("im:a@xn--bcher-kva.example"));
        assert_eq!(jid("im:a@xn--bcher-kva.example").as_deref(), Ok("a@bücher.example"));
        assert_eq!(jid("im:a@[2001:db8::1]").as_deref(), Ok("a@[2001:db8::1]"));
    }

    #[test]
    fn with_xep_0106_both_tables_are_read() {
        let written = |jid: &str| {
            let jid = BareJid::new(jid).unwrap();
            Uri::from_jid(Scheme::Im, (&jid).into(), Escaping::Xep0106).unwrap().to_string()
        };
        assert_eq!(written(r"a\26b@c"), "im:a%26b@c");
        assert_eq!(written("a#26;b@c"), "im:a%26b@c");
        assert_eq!(written(r"a\40b\20c@d"), "im:a%40b%20c@d");
        let read = Uri::parse("im:a%26b%40c@d").unwrap().to_jid(Escaping::Xep0106);
        assert_eq!(read.unwrap().as_str(), r"a\26b\40c@d");
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(Uri::parse("pres:ab c@d").unwrap_err().at, 7);
        assert_eq!(Uri::parse("im:ab@c/d").unwrap_err().at, 7);
        assert_eq!(Uri::parse("im:ab").unwrap_err().at, 5);
    }

    proptest::proptest! {
        #[test]
        fn any_address_with_a_localpart_survives_both_ways(local in "[!-~]{1,12}|#2[67f];[#;2f67]*|\\PC{1,8}") {
            let text = alloc::format!("{local}@example.com");
            if let Ok(address) = BareJid::new(&text)
                && address.localpart().is_some()
            {
                for scheme in [Scheme::Im, Scheme::Pres] {
                    let uri = Uri::from_jid(scheme, (&address).into(), Escaping::Rfc3922).unwrap();
                    let written = uri.to_string();
                    let read = Uri::parse(&written).unwrap();
                    proptest::prop_assert_eq!(read.to_jid(Escaping::Rfc3922), Ok(address.clone()));
                    proptest::prop_assert_eq!(read, uri);
                }
            }
        }

        #[test]
        fn what_is_read_writes_the_same(text in "(im|pres):[!-~]{0,20}|.*") {
            if let Ok(uri) = Uri::parse(&text) {
                proptest::prop_assert!(uri.to_string().eq_ignore_ascii_case(&text));
                let _ = uri.to_jid(Escaping::Rfc3922);
                let _ = uri.to_jid(Escaping::Xep0106);
            }
        }
    }
}
