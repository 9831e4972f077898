//! XMPP URIs and IRIs (RFC 5122): `xmpp:romeo@montague.net?message;body=Hi`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::error::Error;
use crate::jid::{BareJid, Jid};
use crate::part::{Domainpart, DomainpartRef, Localpart, LocalpartRef, Resourcepart};

/// An XMPP URI or IRI, taken apart.
///
/// ```
/// use xmpp_jid::XmppUri;
///
/// let uri = XmppUri::new("xmpp:ji%C5%99i@%C4%8Dechy.example/v%20Praze?message;body=Ahoj")?;
/// assert_eq!(uri.jid().unwrap(), "jiři@čechy.example/v Praze");
/// let query = uri.query().unwrap();
/// assert_eq!((query.kind(), query.value("body")), ("message", Some("Ahoj")));
/// assert_eq!(uri.to_iri(), "xmpp:jiři@čechy.example/v%20Praze?message;body=Ahoj");
/// # Ok::<(), xmpp_jid::UriError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct XmppUri {
    authority: Option<BareJid>,
    jid: Option<Jid>,
    query: Option<Query>,
    fragment: Option<String>,
}

/// What to do with the address: a type and pairs of key and value
/// (RFC 5122 §2.5; the types are registered, XEP-0147).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    kind: String,
    pairs: Vec<(String, String)>,
}

/// Why a string is no XMPP URI or IRI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriError {
    /// It does not begin with `xmpp:`.
    Scheme,
    /// There is no address, neither after `//` nor else.
    NoAddress,
    /// The authority is not of the form `localpart@domainpart`.
    Authority,
    /// A `%` without two hexadecimal digits, or bytes that are no UTF-8, in
    /// what begins at this byte.
    Percent(usize),
    /// At this byte, a character that must be percent-encoded where it stands.
    Character(usize),
    /// A pair without `=`, which begins at this byte.
    Pair(usize),
    /// The address is none, once decoded; its position is that in the decoded
    /// part.
    Address(Error),
}

impl XmppUri {
    /// Parses a URI or an IRI.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn new(text: &str) -> Result<Self, UriError> {
        let (scheme, rest) = text.split_once(':').ok_or(UriError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("xmpp") {
            return Err(UriError::Scheme);
        }
        let (rest, fragment) = cut(rest, '#');
        let (path, query) = cut(rest, '?');
        let source = Source(text);
        let (authority, path) = match path.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = cut(rest, '/');
                (Some(authority), path)
            }
            None => (None, Some(path)),
        };
        if authority.is_none() && path.is_none_or(str::is_empty) {
            return Err(UriError::NoAddress);
        }
        Ok(Self {
            authority: authority.map(|authority| source.authority(authority)).transpose()?,
            jid: path
                .filter(|path| !path.is_empty())
                .map(|path| source.address(path))
                .transpose()?,
            query: query.map(|query| source.query(query)).transpose()?,
            fragment: fragment.map(|fragment| source.decode(fragment, is_fragment)).transpose()?,
        })
    }

    /// The URI of an address.
    #[must_use]
    pub fn of(jid: Jid) -> Self {
        Self { authority: None, jid: Some(jid), query: None, fragment: None }
    }

    /// The URI of an account to authenticate as, without an address to talk to:
    /// `xmpp://romeo@montague.net`.
    #[must_use]
    pub fn of_authority(local: LocalpartRef<'_>, domain: DomainpartRef<'_>) -> Self {
        let account = BareJid::from_parts(Some(local), domain);
        Self { authority: Some(account), jid: None, query: None, fragment: None }
    }

    /// Returns this URI with an account to authenticate as: `authxmpp` of RFC 5122, which
    /// has a localpart.
    #[must_use]
    pub fn with_authority(mut self, local: LocalpartRef<'_>, domain: DomainpartRef<'_>) -> Self {
        self.authority = Some(BareJid::from_parts(Some(local), domain));
        self
    }

    /// Returns this URI with that query.
    #[must_use]
    pub fn with_query(mut self, query: Query) -> Self {
        self.query = Some(query);
        self
    }

    /// Returns this URI with that fragment.
    #[must_use]
    pub fn with_fragment(mut self, fragment: &str) -> Self {
        self.fragment = Some(fragment.into());
        self
    }

    /// The account to authenticate as, if the URI says.
    #[must_use]
    pub const fn authority(&self) -> Option<&BareJid> {
        self.authority.as_ref()
    }

    /// The address. There is none only where there is an authority.
    #[must_use]
    pub const fn jid(&self) -> Option<&Jid> {
        self.jid.as_ref()
    }

    /// What to do with the address.
    #[must_use]
    pub const fn query(&self) -> Option<&Query> {
        self.query.as_ref()
    }

    /// What follows the `#`, decoded.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        self.fragment.as_deref()
    }

    /// As a URI: ASCII, everything else percent-encoded.
    #[must_use]
    pub fn to_uri(&self) -> String {
        self.build(false)
    }

    /// As an IRI: with the Unicode characters themselves.
    #[must_use]
    pub fn to_iri(&self) -> String {
        self.build(true)
    }

    fn build(&self, iri: bool) -> String {
        let mut out = Encoder { text: String::from("xmpp:"), iri };
        if let Some(account) = &self.authority {
            out.text.push_str("//");
            out.address(account.clone().into());
            if self.jid.is_some() {
                out.text.push('/');
            }
        }
        if let Some(jid) = &self.jid {
            out.address(jid.clone());
        }
        if let Some(query) = &self.query {
            out.text.push('?');
            out.encode(&query.kind, is_unreserved);
            for (key, value) in &query.pairs {
                out.text.push(';');
                out.encode(key, is_unreserved);
                out.text.push('=');
                out.encode(value, is_unreserved);
            }
        }
        if let Some(fragment) = &self.fragment {
            out.text.push('#');
            out.encode(fragment, is_fragment);
        }
        out.text
    }
}

impl Query {
    /// A query of this type, such as `message` or `subscribe`, without pairs.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        Self { kind: kind.into(), pairs: Vec::new() }
    }

    /// Returns this query with one more pair.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.pairs.push((key.into(), value.into()));
        self
    }

    /// The type.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The pairs, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(key, value)| (&**key, &**value))
    }

    /// The value of the first pair with this key.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.pairs().find(|&(other, _)| other == key).map(|(_, value)| value)
    }
}

/// The whole text, so that parts of it know where they are.
struct Source<'a>(&'a str);

impl Source<'_> {
    fn at(&self, part: &str) -> usize {
        part.as_ptr().addr().saturating_sub(self.0.as_ptr().addr())
    }

    /// `authxmpp = nodeid "@" host`
    fn authority(&self, text: &str) -> Result<BareJid, UriError> {
        let (local, domain) = text.split_once('@').ok_or(UriError::Authority)?;
        Ok(BareJid::from_parts(
            Some(self.localpart(local)?.as_ref()),
            self.domainpart(domain)?.as_ref(),
        ))
    }

    /// `pathxmpp = [ nodeid "@" ] host [ "/" resid ]`
    fn address(&self, text: &str) -> Result<Jid, UriError> {
        let (bare, resource) = cut(text, '/');
        let (local, domain) = match bare.split_once('@') {
            Some((local, domain)) => (Some(self.localpart(local)?), domain),
            None => (None, bare),
        };
        let domain = self.domainpart(domain)?;
        let resource = match resource {
            Some(resource) => {
                let decoded = self.decode(resource, is_in_resid)?;
                Some(Resourcepart::new(&decoded).map_err(UriError::Address)?)
            }
            None => None,
        };
        Ok(Jid::from_parts(
            local.as_ref().map(Localpart::as_ref),
            domain.as_ref(),
            resource.as_ref().map(Resourcepart::as_ref),
        ))
    }

    fn localpart(&self, text: &str) -> Result<Localpart, UriError> {
        Localpart::new(&self.decode(text, is_in_nodeid)?).map_err(UriError::Address)
    }

    /// An address in brackets is the same in a URI, its `%25` included.
    fn domainpart(&self, text: &str) -> Result<Domainpart, UriError> {
        if text.starts_with('[') {
            Domainpart::new(text)
        } else {
            Domainpart::new(&self.decode(text, is_in_host)?)
        }
        .map_err(UriError::Address)
    }

    /// `querycomp = querytype [ *pair ]`, `pair = ";" key "=" value`
    fn query(&self, text: &str) -> Result<Query, UriError> {
        let (kind, pairs) = cut(text, ';');
        let pairs = pairs
            .into_iter()
            .flat_map(|pairs| pairs.split(';'))
            .map(|pair| {
                let (key, value) =
                    pair.split_once('=').ok_or_else(|| UriError::Pair(self.at(pair)))?;
                Ok((self.decode(key, is_in_query)?, self.decode(value, is_in_query)?))
            })
            .collect::<Result<_, _>>()?;
        Ok(Query { kind: self.decode(kind, is_in_query)?, pairs })
    }

    /// Decodes a component in which ASCII characters must be `allowed`.
    fn decode(&self, text: &str, allowed: fn(u8) -> bool) -> Result<String, UriError> {
        let mut out = Vec::with_capacity(text.len());
        let mut bytes = text.bytes().enumerate();
        while let Some((i, b)) = bytes.next() {
            if b == b'%' {
                let mut digit = || char::from(bytes.next()?.1).to_digit(16);
                let byte = digit().and_then(|high| Some((high << 4 | digit()?) as u8));
                out.push(byte.ok_or_else(|| UriError::Percent(self.at(text) + i))?);
            } else if b.is_ascii() && !allowed(b) {
                return Err(UriError::Character(self.at(text) + i));
            } else {
                out.push(b);
            }
        }
        String::from_utf8(out).map_err(|_| UriError::Percent(self.at(text)))
    }
}

struct Encoder {
    text: String,
    iri: bool,
}

impl Encoder {
    fn address(&mut self, jid: Jid) {
        if let Some(local) = jid.localpart() {
            self.encode(local.as_str(), is_in_nodeid);
            self.text.push('@');
        }
        let domain = jid.domainpart().as_str();
        if domain.starts_with('[') {
            self.text.push_str(domain);
        } else {
            self.encode(domain, is_in_host);
        }
        if let Some(resource) = jid.resourcepart() {
            self.text.push('/');
            self.encode(resource.as_str(), is_in_resid);
        }
    }

    fn encode(&mut self, text: &str, allowed: fn(u8) -> bool) {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
        for c in text.chars() {
            // RFC 3987 §2.2: an IRI has neither private use nor noncharacters.
            if c.is_ascii() && allowed(c as u8) || self.iri && is_ucschar(c) {
                self.text.push(c);
                continue;
            }
            for b in c.encode_utf8(&mut [0; 4]).bytes() {
                self.text.push('%');
                self.text.extend([DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]);
            }
        }
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// RFC 3986 §2.3.
fn is_unreserved(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~".contains(&b)
}

/// `nodeallow`, RFC 5122 §2.2.
fn is_in_nodeid(b: u8) -> bool {
    is_unreserved(b) || b"!$()*+,;=".contains(&b)
}

/// `resallow`, RFC 5122 §2.2.
fn is_in_resid(b: u8) -> bool {
    is_in_nodeid(b) || b"&':".contains(&b)
}

/// `reg-name`, RFC 3986 §3.2.2: of its sub-delims a domain name has none.
fn is_in_host(b: u8) -> bool {
    is_unreserved(b)
}

/// Read as RFC 3986 §3.4 has it, which is more than RFC 5122 does: `/`, `:` and
/// `@` are common in what is out there.
fn is_in_query(b: u8) -> bool {
    is_in_resid(b) && b != b';' || b"/?@".contains(&b)
}

fn is_fragment(b: u8) -> bool {
    is_in_resid(b) || b"/?@".contains(&b)
}

/// RFC 3987 §2.2.
fn is_ucschar(c: char) -> bool {
    matches!(c, '\u{A0}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFEF}')
        || ('\u{10000}'..='\u{EFFFD}').contains(&c)
            && c as u32 & 0xFFFF <= 0xFFFD
            && !('\u{E0000}'..='\u{E0FFF}').contains(&c)
}

impl fmt::Display for XmppUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_uri())
    }
}

impl FromStr for XmppUri {
    type Err = UriError;
    fn from_str(text: &str) -> Result<Self, UriError> {
        Self::new(text)
    }
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => {
                f.write_str("expected a URI that begins with \"xmpp:\" (RFC 5122 §2.2)")
            }
            Self::NoAddress => f.write_str("expected an address after \"xmpp:\" (RFC 5122 §2.2)"),
            Self::Authority => {
                f.write_str("expected localpart@domainpart after \"//\" (RFC 5122 §2.3)")
            }
            Self::Percent(at) => {
                write!(f, "at byte {at}: expected UTF-8, percent-encoded (RFC 3986 §2.1)")
            }
            Self::Character(at) => {
                write!(f, "at byte {at}: this character must be percent-encoded (RFC 5122 §2.7.2)")
            }
            Self::Pair(at) => write!(f, "at byte {at}: expected key=value (RFC 5122 §2.5)"),
            Self::Address(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for UriError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Address(error) => Some(error),
            _ => None,
        }
    }
}
