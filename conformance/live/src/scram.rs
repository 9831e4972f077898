//! What both sides of SCRAM (RFC 5802) compute. It is not done by the blocks of this
//! project, so that a fault of theirs cannot hide itself.

use core::cell::RefCell;
use core::num::NonZeroU32;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};

/// Base64 with padding.
pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// Random characters that may stand in a nonce, an id or a resource.
pub(crate) fn random() -> String {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hashes of SCRAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

impl Hash {
    /// The strongest of the SCRAM mechanisms among those offered.
    pub(crate) fn of(mechanism: &str) -> Option<Self> {
        match mechanism.trim_end_matches("-PLUS") {
            "SCRAM-SHA-1" => Some(Self::Sha1),
            "SCRAM-SHA-256" => Some(Self::Sha256),
            "SCRAM-SHA-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    pub(crate) fn hmac(self, key: &[u8], text: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        };
        hmac::sign(&hmac::Key::new(algorithm, key), text).as_ref().to_vec()
    }

    pub(crate) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, bytes).as_ref().to_vec()
    }

    /// The salted password. A server asks for the same rounds in each login of an account,
    /// and there are hundreds of logins in a run: each is computed once.
    pub(crate) fn salted(self, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Vec<u8> {
        let asked = (self, password.to_vec(), salt.to_vec(), iterations);
        SALTED.with_borrow_mut(|known| {
            if known.len() >= MAX_SALTED {
                known.clear();
            }
            known.entry(asked).or_insert_with(|| self.derive(password, salt, iterations)).clone()
        })
    }

    fn derive(self, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Vec<u8> {
        let (algorithm, len) = match self {
            Self::Sha1 => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
            Self::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
            Self::Sha512 => (pbkdf2::PBKDF2_HMAC_SHA512, 64),
        };
        let mut out = vec![0; len];
        pbkdf2::derive(algorithm, iterations, salt, password, &mut out);
        out
    }
}

/// How many salted passwords are kept: a server may send another salt each time.
const MAX_SALTED: usize = 256;

/// A hash, a password, a salt and the number of rounds.
type Asked = (Hash, Vec<u8>, Vec<u8>, NonZeroU32);

thread_local! {
    static SALTED: RefCell<HashMap<Asked, Vec<u8>>> = RefCell::default();
}
