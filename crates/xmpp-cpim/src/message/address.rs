use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use nom::Parser;
use nom::bytes::complete::{tag, take_while, take_while_m_n, take_while1};
use nom::sequence::terminated;

use super::escape;
use super::header::{Parsed, left, name, spaces, string, token};
use crate::mime::owned;

/// Who sends or receives: the value of `From`, `To` and `cc`.
///
/// ```text
/// [ Formal-name ] "<" URI ">"
/// Formal-name  = 1*( Token SP ) / String
/// ```
///
/// The URI is any absolute one; [`Uri`](crate::Uri) reads those of the schemes
/// `im` and `pres`.
///
/// ```
/// use xmpp_cpim::message::Address;
///
/// let piglet = Address::parse("MR SANDERS <im:piglet@100akerwood.com>")?;
/// assert_eq!(piglet.formal_name(), Some("MR SANDERS"));
/// assert_eq!(piglet.uri(), "im:piglet@100akerwood.com");
/// let quoted = Address::new("im:eeyore@100akerwood.com")?.with_formal_name("Donkey (sad)");
/// assert_eq!(quoted.to_string(), r#""Donkey (sad)"<im:eeyore@100akerwood.com>"#);
/// # Ok::<(), xmpp_cpim::message::AddressError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address<'a> {
    formal_name: Option<Cow<'a, str>>,
    uri: Cow<'a, str>,
}

impl<'a> Address<'a> {
    /// The address that is this absolute URI.
    ///
    /// # Errors
    ///
    /// A text that is no absolute URI.
    pub fn new(uri: impl Into<Cow<'a, str>>) -> Result<Self, AddressError> {
        let uri = uri.into();
        match absolute_uri(uri.as_bytes()) {
            Ok(([], _)) => Ok(Self { formal_name: None, uri }),
            Ok((rest, _)) => Err(AddressError { at: uri.len() - rest.len() }),
            Err(error) => Err(AddressError { at: uri.len() - left(error).len() }),
        }
    }

    /// The address that is this URI, which is known to be one.
    pub(crate) fn of_uri(uri: String) -> Address<'static> {
        Address { formal_name: None, uri: Cow::Owned(uri) }
    }

    /// With the name of the person or thing. An empty one is none.
    #[must_use]
    pub fn with_formal_name(mut self, name: impl Into<Cow<'a, str>>) -> Self {
        let name = name.into();
        self.formal_name = (!name.is_empty()).then_some(name);
        self
    }

    /// Reads the value of a header as it was written. One space between a
    /// quoted formal name and the URI, which the grammar does not have, is let
    /// pass.
    ///
    /// # Errors
    ///
    /// Where the value differs from the grammar.
    pub fn parse(raw: &'a str) -> Result<Self, AddressError> {
        let octets = raw.as_bytes();
        let fail = |rest: &[u8]| AddressError { at: octets.len() - rest.len() };
        let (rest, formal_name) = match octets.first() {
            Some(b'<') => (octets, None),
            Some(b'"') => {
                let (rest, quoted) = string(octets).map_err(|e| fail(left(e)))?;
                let inner = raw.get(1..quoted.len() - 1).unwrap_or_default();
                let inner =
                    escape::unescape(inner).map_err(|lone| AddressError { at: 1 + lone.at })?;
                (rest.strip_prefix(b" ").unwrap_or(rest), Some(inner))
            }
            _ => {
                let mut rest = octets;
                while rest.first() != Some(&b'<') {
                    (rest, _) =
                        terminated(token, tag(&b" "[..])).parse(rest).map_err(|e| fail(left(e)))?;
                }
                let name = raw.get(..octets.len() - rest.len() - 1).unwrap_or_default();
                (rest, Some(Cow::Borrowed(name)))
            }
        };
        let (rest, uri) = bracketed(rest).map_err(|e| fail(left(e)))?;
        if !rest.is_empty() {
            return Err(fail(rest));
        }
        let at = octets.len() - uri.len() - 1;
        let uri = Cow::Borrowed(raw.get(at..octets.len() - 1).unwrap_or_default());
        Ok(Self { formal_name: formal_name.filter(|name| !name.is_empty()), uri })
    }

    /// The name of the person or thing, if it is given.
    #[must_use]
    pub fn formal_name(&self) -> Option<&str> {
        self.formal_name.as_deref()
    }

    /// The URI.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The address on its own, nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> Address<'static> {
        Address { formal_name: self.formal_name.map(owned), uri: owned(self.uri) }
    }
}

impl fmt::Display for Address<'_> {
    /// The value of a header: tokens without quotes where they will do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.formal_name {
            let tokens = name.split(' ').all(|word| matches!(token(word.as_bytes()), Ok(([], _))));
            if tokens {
                write!(f, "{name} ")?;
            } else {
                let mut quoted = String::with_capacity(name.len() + 8);
                escape::quote(name, &mut quoted);
                f.write_str(&quoted)?;
            }
        }
        write!(f, "<{}>", self.uri)
    }
}

/// Why a text is not `[Formal-name] <URI>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressError {
    /// Octets from the start of the text to what is wrong.
    pub at: usize,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected `[Formal-name] <URI>` (RFC 3862 §4.1) at octet {}", self.at)
    }
}

impl core::error::Error for AddressError {}

/// `[ Name-prefix ] "<" URI ">"`, the value of `NS`: the prefix, if there is
/// one, and the URI. A space may follow the prefix, as in all examples: the
/// grammar forgets it.
pub(super) fn declaration(raw: &str) -> Result<(Option<&str>, &str), usize> {
    let octets = raw.as_bytes();
    let at = |rest: &[u8]| octets.len() - rest.len();
    let (rest, prefix) = match name(octets) {
        Ok((rest, prefix)) => {
            let (rest, _) = spaces(rest).map_err(|e| at(left(e)))?;
            (rest, raw.get(..prefix.len()))
        }
        Err(_) => (octets, None),
    };
    let (rest, uri) = bracketed(rest).map_err(|e| at(left(e)))?;
    if !rest.is_empty() {
        return Err(at(rest));
    }
    let start = octets.len() - 1 - uri.len();
    Ok((prefix, raw.get(start..octets.len() - 1).unwrap_or_default()))
}

/// Whether a text is an absolute URI without a fragment.
pub(crate) fn is_absolute_uri(text: &str) -> bool {
    matches!(absolute_uri(text.as_bytes()), Ok(([], _)))
}

fn bracketed(octets: &[u8]) -> Parsed<'_> {
    let (rest, _) = tag(&b"<"[..]).parse(octets)?;
    terminated(absolute_uri, tag(&b">"[..])).parse(rest)
}

/// `absolute-URI` of RFC 3986 §4.3: a scheme, a colon and what may follow, no
/// fragment (`3862-3.4-02`, `3862-3.4-03`).
fn absolute_uri(octets: &[u8]) -> Parsed<'_> {
    let first = take_while1(|b: u8| b.is_ascii_alphabetic());
    let scheme = take_while(|b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let (rest, _) = (first, scheme, tag(&b":"[..])).parse(octets)?;
    let start = rest;
    let (mut rest, _) = take_while(is_uri_octet).parse(rest)?;
    while let Some(escaped) = rest.strip_prefix(b"%") {
        let (after, _) = take_while_m_n(2, 2, |b: u8| b.is_ascii_hexdigit()).parse(escaped)?;
        (rest, _) = take_while(is_uri_octet).parse(after)?;
    }
    if rest.len() == start.len() {
        // Something has to follow the colon.
        return take_while1(is_uri_octet).parse(start);
    }
    Ok((rest, &octets[..octets.len() - rest.len()]))
}

/// What can stand in a URI, but for `%`.
pub(crate) fn is_uri_octet(octet: u8) -> bool {
    URI_OCTETS[usize::from(octet)]
}

/// `uric` of RFC 2396 but for `%`, with the brackets of an IPv6 literal.
static URI_OCTETS: [bool; 256] = {
    let mut octets = [false; 256];
    let marks = b"-._~:/?[]@!$&'()*+,;=";
    let mut mark = 0;
    while mark < marks.len() {
        octets[marks[mark] as usize] = true;
        mark += 1;
    }
    let mut octet = 0;
    while octet < 256 {
        octets[octet] |= (octet as u8).is_ascii_alphanumeric();
        octet += 1;
    }
    octets
};

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_and_uris() {
        for (raw, name, uri) in [
            ("<im:tigger@100akerwood.com>", None, "im:tigger@100akerwood.com"),
            ("Winnie the Pooh <im:p@a>", Some("Winnie the Pooh"), "im:p@a"),
            ("J.R. Łukasz <sip:x>", Some("J.R. Łukasz"), "sip:x"),
            (r#""Piglet (pink)"<im:a%20b@c>"#, Some("Piglet (pink)"), "im:a%20b@c"),
            (r#""say \"hi\"" <im:p@a>"#, Some("say \"hi\""), "im:p@a"),
            (r#""<im:x@y>"<im:p@a>"#, Some("<im:x@y>"), "im:p@a"),
            (r#"""<im:p@a>"#, None, "im:p@a"),
            ("<im:%61@[2001:db8::1]>", None, "im:%61@[2001:db8::1]"),
        ] {
            let parsed = Address::parse(raw).unwrap_or_else(|e| panic!("{raw}: {e}"));
            assert_eq!((parsed.formal_name(), parsed.uri()), (name, uri), "{raw}");
            let again = parsed.to_string();
            assert_eq!(Address::parse(&again), Ok(parsed.clone()), "{again}");
        }
    }

    #[test]
    fn what_is_no_address_says_where() {
        for (raw, at) in [
            ("", 0),
            ("im:a@b", 2),
            ("<>", 1),
            ("<im>", 3),
            ("<im:>", 4),
            ("<a@b>", 2),
            ("<im:a b>", 5),
            ("<im:a@b", 7),
            ("<im:a@b> ", 8),
            ("<im:a#b>", 5),
            ("<im:a%4>", 6),
            ("<im:ä@b>", 4),
            ("Pooh<im:a@b>", 4),
            ("Pooh  <im:a@b>", 5),
            ("Pooh (bear) <im:a@b>", 5),
            ("\"Pooh <im:a@b>", 14),
            (r#""\ud83d"<im:a@b>"#, 1),
        ] {
            assert_eq!(Address::parse(raw), Err(AddressError { at }), "{raw}");
        }
        assert_eq!(Address::new("im:a@b>"), Err(AddressError { at: 6 }));
    }

    #[test]
    fn namespace_declarations() {
        assert_eq!(
            declaration("MyFeatures <mid:MessageFeatures@id.foo.com>"),
            Ok((Some("MyFeatures"), "mid:MessageFeatures@id.foo.com"))
        );
        assert_eq!(declaration("p<a:b>"), Ok((Some("p"), "a:b")));
        assert_eq!(declaration("<http://x/>"), Ok((None, "http://x/")));
        // Any absolute URI (3862-3.4-01), and no other: 3862-3.4-02, 3862-3.4-03
        assert_eq!(declaration("p <relative>"), Err(11));
        assert_eq!(declaration("p <http://x/#y>"), Err(12));
        assert_eq!(declaration("p.q <a:b>"), Err(1));
    }

    proptest::proptest! {
        #[test]
        fn any_formal_name_comes_back(name in ".+") {
            let address = Address::new("im:a@b").unwrap().with_formal_name(name);
            let written = address.to_string();
            proptest::prop_assert_eq!(Address::parse(&written), Ok(address.clone()));
        }
    }
}
