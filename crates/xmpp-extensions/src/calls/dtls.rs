//! The certificate of DTLS: XEP-0320.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Word};

use crate::base::hashes::Algorithm;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:apps:dtls:0");

/// The fingerprint of the certificate that DTLS shows (XEP-0320, 1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "fingerprint", section = "XEP-0320, 1")]
#[non_exhaustive]
pub struct Fingerprint<'a> {
    /// The hash function.
    #[xml(attr)]
    pub hash: Algorithm<'a>,
    /// Who begins. It has to be there; clients of old leave it out.
    #[xml(attr)]
    pub setup: Option<Setup>,
    /// The hash, as SDP has it: see [`digest`](Self::digest).
    #[xml(text)]
    pub fingerprint: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who begins with DTLS (RFC 4145).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Setup {
    /// The sender.
    Active,
    /// The other.
    Passive,
    /// Either: the other chooses.
    #[word("actpass")]
    ActPass,
    /// Nobody for now.
    #[word("holdconn")]
    HoldConn,
}

impl Fingerprint<'_> {
    /// The bytes of the hash: pairs of hexadecimal digits with colons between
    /// them (RFC 8122, 5). `None` if it is something else.
    #[must_use]
    pub fn digest(&self) -> Option<Vec<u8>> {
        let byte = |pair: &str| {
            let is_pair = pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit());
            is_pair.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
        };
        self.fingerprint.trim_ascii().split(':').map(byte).collect()
    }

    /// The fingerprint of a certificate whose hash that is.
    #[must_use]
    pub fn of_digest(hash: Algorithm<'static>, digest: &[u8]) -> Fingerprint<'static> {
        let mut fingerprint = String::with_capacity(digest.len() * 3);
        for (at, byte) in digest.iter().enumerate() {
            // Writing to a string does not fail.
            let colon = if at == 0 { "" } else { ":" };
            _ = write!(fingerprint, "{colon}{byte:02X}");
        }
        Fingerprint::new(hash, fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_of_the_example() {
        // XEP-0320, example 1.
        let text = "02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2";
        let read = Fingerprint::new(Algorithm::Sha256, alloc::format!("\n  {text}\n"));
        let digest = read.digest().unwrap();
        assert_eq!((digest.len(), digest[0], digest[31]), (32, 0x02, 0xb2));
        assert_eq!(Fingerprint::of_digest(Algorithm::Sha256, &digest).fingerprint, text);
        for wrong in ["", "02:", "+2:1A", "2:1A", "021A"] {
            assert_eq!(Fingerprint::new(Algorithm::Sha256, wrong).digest(), None, "{wrong}");
        }
    }
}
