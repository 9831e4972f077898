//! Cryptographic hash functions: XEP-0300.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Base64, Payload, Rest, Word};

/// The namespace of XEP-0300.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:hashes:2");
/// What a feature begins with that says which function is supported
/// (XEP-0300, 5); its name follows.
pub const FEATURE: &str = "urn:xmpp:hash-function-text-names:";

/// The hash of something (XEP-0300, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "hash", section = "XEP-0300, 3")]
#[non_exhaustive]
pub struct Hash<'a> {
    /// The function.
    #[xml(attr = "algo")]
    pub algorithm: Algorithm<'a>,
    /// What it gives.
    #[xml(text)]
    pub digest: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The function of a hash that comes later (XEP-0300, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "hash-used", section = "XEP-0300, 3")]
#[non_exhaustive]
pub struct HashUsed<'a> {
    /// The function.
    #[xml(attr = "algo")]
    pub algorithm: Algorithm<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A hash function, by its IANA name or that of XEP-0300, 3.
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm<'a> {
    /// SHA-1: not to be trusted any more.
    #[word("sha-1")]
    Sha1,
    /// SHA-224.
    #[word("sha-224")]
    Sha224,
    /// SHA-256.
    #[word("sha-256")]
    Sha256,
    /// SHA-384.
    #[word("sha-384")]
    Sha384,
    /// SHA-512.
    #[word("sha-512")]
    Sha512,
    /// SHA3-256.
    #[word("sha3-256")]
    Sha3_256,
    /// SHA3-512.
    #[word("sha3-512")]
    Sha3_512,
    /// BLAKE2b with 256 bits.
    #[word("blake2b-256")]
    Blake2b256,
    /// BLAKE2b with 512 bits.
    #[word("blake2b-512")]
    Blake2b512,
    /// Another one.
    #[word(other)]
    Other(Cow<'a, str>),
}

#[cfg(feature = "hashes")]
pub use compute::Hasher;

#[cfg(feature = "hashes")]
mod compute {
    use core::fmt;

    use sha1::Digest as _;

    use super::{Algorithm, Hash};

    /// Computes a hash piece by piece (feature `hashes`).
    ///
    /// ```
    /// use xmpp_extensions::base::hashes::{Algorithm, Hasher};
    ///
    /// let mut hasher = Hasher::new(&Algorithm::Sha256).ok_or("unknown")?;
    /// hasher.update(b"Hello ");
    /// hasher.update(b"World!");
    /// let hash = hasher.finish();
    /// assert_eq!(hash.check(b"Hello World!"), Some(true));
    /// # Ok::<(), &str>(())
    /// ```
    #[derive(Clone)]
    pub struct Hasher(State);

    #[derive(Clone)]
    enum State {
        Sha1(sha1::Sha1),
        Sha224(sha2::Sha224),
        Sha256(sha2::Sha256),
        Sha384(sha2::Sha384),
        Sha512(sha2::Sha512),
        Sha3_256(sha3::Sha3_256),
        Sha3_512(sha3::Sha3_512),
        Blake2b256(blake2::Blake2b256),
        Blake2b512(blake2::Blake2b512),
    }

    impl Hasher {
        /// Begins. `None` if the function is not known.
        #[must_use]
        pub fn new(algorithm: &Algorithm<'_>) -> Option<Self> {
            Some(Self(match algorithm {
                Algorithm::Sha1 => State::Sha1(sha1::Sha1::new()),
                Algorithm::Sha224 => State::Sha224(sha2::Sha224::new()),
                Algorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
                Algorithm::Sha384 => State::Sha384(sha2::Sha384::new()),
                Algorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
                Algorithm::Sha3_256 => State::Sha3_256(sha3::Sha3_256::new()),
                Algorithm::Sha3_512 => State::Sha3_512(sha3::Sha3_512::new()),
                Algorithm::Blake2b256 => State::Blake2b256(blake2::Blake2b256::new()),
                Algorithm::Blake2b512 => State::Blake2b512(blake2::Blake2b512::new()),
                Algorithm::Other(_) => return None,
            }))
        }

        /// Takes the next piece.
        pub fn update(&mut self, data: &[u8]) {
            match &mut self.0 {
                State::Sha1(state) => state.update(data),
                State::Sha224(state) => state.update(data),
                State::Sha256(state) => state.update(data),
                State::Sha384(state) => state.update(data),
                State::Sha512(state) => state.update(data),
                State::Sha3_256(state) => state.update(data),
                State::Sha3_512(state) => state.update(data),
                State::Blake2b256(state) => state.update(data),
                State::Blake2b512(state) => state.update(data),
            }
        }

        /// The hash of all pieces.
        #[must_use]
        pub fn finish(self) -> Hash<'static> {
            let (algorithm, digest) = match self.0 {
                State::Sha1(state) => (Algorithm::Sha1, state.finalize().to_vec()),
                State::Sha224(state) => (Algorithm::Sha224, state.finalize().to_vec()),
                State::Sha256(state) => (Algorithm::Sha256, state.finalize().to_vec()),
                State::Sha384(state) => (Algorithm::Sha384, state.finalize().to_vec()),
                State::Sha512(state) => (Algorithm::Sha512, state.finalize().to_vec()),
                State::Sha3_256(state) => (Algorithm::Sha3_256, state.finalize().to_vec()),
                State::Sha3_512(state) => (Algorithm::Sha3_512, state.finalize().to_vec()),
                State::Blake2b256(state) => (Algorithm::Blake2b256, state.finalize().to_vec()),
                State::Blake2b512(state) => (Algorithm::Blake2b512, state.finalize().to_vec()),
            };
            Hash::new(algorithm, digest)
        }
    }

    impl fmt::Debug for Hasher {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Hasher(…)")
        }
    }

    impl Algorithm<'_> {
        /// The hash of some bytes (feature `hashes`). `None` if the function is
        /// not known.
        #[must_use]
        pub fn hash(&self, data: &[u8]) -> Option<Hash<'static>> {
            let mut hasher = Hasher::new(self)?;
            hasher.update(data);
            Some(hasher.finish())
        }
    }

    impl Hash<'_> {
        /// Whether it is the hash of those bytes (feature `hashes`). `None` if
        /// the function is not known.
        #[must_use]
        pub fn check(&self, data: &[u8]) -> Option<bool> {
            Some(self.algorithm.hash(data)?.digest == self.digest)
        }
    }
}

#[cfg(all(test, feature = "hashes"))]
mod tests {
    use super::*;
    use alloc::string::String;

    fn hex(algorithm: &Algorithm<'_>, data: &[u8]) -> String {
        let digest = algorithm.hash(data).unwrap().digest.0;
        digest.iter().map(|byte| alloc::format!("{byte:02x}")).collect()
    }

    #[test]
    fn vectors_of_the_functions() {
        // FIPS 180 and FIPS 202 example values, RFC 7693, appendix A: "abc".
        for (algorithm, begins) in [
            (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Algorithm::Sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (Algorithm::Sha384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"),
            (Algorithm::Sha512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"),
            (
                Algorithm::Sha3_256,
                "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
            ),
            (Algorithm::Sha3_512, "b751850b1a57168a5693cd924b6b096e08f621827444f70d"),
            (Algorithm::Blake2b256, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e42"),
            (Algorithm::Blake2b512, "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b7"),
        ] {
            let hex = hex(&algorithm, b"abc");
            assert!(hex.starts_with(begins), "{algorithm}: {hex}");
            let hash = algorithm.hash(b"abc").unwrap();
            assert_eq!((hash.check(b"abc"), hash.check(b"abd")), (Some(true), Some(false)));
        }
        let other = Algorithm::Other("md5".into());
        assert_eq!(other.hash(b"abc"), None);
        assert_eq!(Hash::new(other, alloc::vec![0]).check(b"abc"), None);
    }
}
