//! Bits of binary: XEP-0231.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "hashes")]
use sha1::Digest as _;
use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Base64, Hex, Payload, Rest, payload::Value};

use crate::base::hashes::Algorithm;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:bob");

/// A few bytes; without them, asks for them (XEP-0231, 2.5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "data", section = "XEP-0231, 2.5")]
#[non_exhaustive]
pub struct Data<'a> {
    /// What they are called: see [`ContentId`].
    #[xml(attr)]
    pub cid: Cow<'a, str>,
    /// For how many seconds they are to be kept; not at all, if it is 0.
    #[xml(attr = "max-age")]
    pub max_age: Option<u32>,
    /// Their media type.
    #[xml(attr = "type")]
    pub kind: Option<Cow<'a, str>>,
    /// The bytes.
    #[xml(text)]
    pub data: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The name of some bytes: `algo+hash@bob.xmpp.org` (XEP-0231, 2.5).
///
/// ```
/// use xmpp_extensions::base::hashes::Algorithm;
/// use xmpp_extensions::files::bits_of_binary::ContentId;
///
/// let cid: ContentId<'_> = "sha1+8f35fef110ffc5df08d579a50083ff9308fb6242@bob.xmpp.org".parse()?;
/// assert_eq!((cid.algorithm, cid.digest.len()), (Algorithm::Sha1, 20));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ContentId<'a> {
    /// The hash function.
    pub algorithm: Algorithm<'a>,
    /// The hash of the bytes.
    pub digest: Vec<u8>,
}

impl<'a> ContentId<'a> {
    /// The name of the bytes whose hash that is.
    #[must_use]
    pub const fn new(algorithm: Algorithm<'a>, digest: Vec<u8>) -> Self {
        Self { algorithm, digest }
    }

    /// Whether it is the name of those bytes (feature `hashes`). `None` if the
    /// function is not known.
    #[cfg(feature = "hashes")]
    #[must_use]
    pub fn check(&self, data: &[u8]) -> Option<bool> {
        Some(self.algorithm.hash(data)?.digest.0 == self.digest)
    }
}

impl ContentId<'static> {
    /// The name of some bytes, by their SHA-1, as the XEP has it (feature `hashes`).
    #[cfg(feature = "hashes")]
    #[must_use]
    pub fn of(data: &[u8]) -> Self {
        let mut hasher = sha1::Sha1::new();
        hasher.update(data);
        Self::new(Algorithm::Sha1, hasher.finalize().to_vec())
    }
}

impl fmt::Display for ContentId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of SHA-1 alone the name is that of old (2.6).
        match &self.algorithm {
            Algorithm::Sha1 => f.write_str("sha1")?,
            algorithm => f.write_str(algorithm.as_str())?,
        }
        f.write_str("+")?;
        for byte in &self.digest {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("@bob.xmpp.org")
    }
}

/// It is no name of the form that XEP-0231 has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAContentId;

impl fmt::Display for NotAContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no Content-ID of the form algo+hash@bob.xmpp.org")
    }
}

impl core::error::Error for NotAContentId {}

impl core::str::FromStr for ContentId<'static> {
    type Err = NotAContentId;

    /// Reads a name, also one with `cid:` in front.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // RFC 3986, 3.1: capitals or not.
        let text = match text.split_at_checked(4) {
            Some((scheme, name)) if scheme.eq_ignore_ascii_case("cid:") => name,
            _ => text,
        };
        let (name, hash) = text
            .strip_suffix("@bob.xmpp.org")
            .and_then(|name| name.rsplit_once('+'))
            .filter(|(name, hash)| !name.is_empty() && !hash.is_empty())
            .ok_or(NotAContentId)?;
        let algorithm = match name {
            "sha1" => Algorithm::Sha1,
            name => Algorithm::read(Cow::Owned(name.into())).map_err(|_| NotAContentId)?,
        };
        let digest = Hex::read(hash.into()).map_err(|_| NotAContentId)?.0;
        Ok(Self::new(algorithm, digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_of_bytes() {
        for name in [
            "sha1+8f35fef110ffc5df08d579a50083ff9308fb6242@bob.xmpp.org",
            "sha-256+ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad@bob.xmpp.org",
            "new-one+00@bob.xmpp.org",
        ] {
            let cid: ContentId<'_> = name.parse().unwrap();
            assert_eq!(cid.to_string(), name);
            assert_eq!(alloc::format!("cid:{name}").parse(), Ok(cid));
        }
        for wrong in [
            "",
            "sha1+8f@example.org",
            "sha1+@bob.xmpp.org",
            "sha1+8@bob.xmpp.org",
            "+8f@bob.xmpp.org",
        ] {
            assert_eq!(wrong.parse::<ContentId<'_>>(), Err(NotAContentId), "{wrong}");
        }
    }

    #[cfg(feature = "hashes")]
    #[test]
    fn the_name_of_some_bytes() {
        // FIPS 180: the SHA-1 of "abc".
        let cid = ContentId::of(b"abc");
        assert_eq!(cid.to_string(), "sha1+a9993e364706816aba3e25717850c26c9cd0d89d@bob.xmpp.org");
        assert_eq!((cid.check(b"abc"), cid.check(b"abd")), (Some(true), Some(false)));
        assert_eq!("new-one+00@bob.xmpp.org".parse::<ContentId<'_>>().unwrap().check(b""), None);
    }
}
