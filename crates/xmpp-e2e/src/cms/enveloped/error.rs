//! Why nothing was encrypted or decrypted.

use crate::asn1::Malformed;

/// Why nothing was encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptError {
    /// No recipient, or more than [`MAX_ENTRIES`](crate::cms::MAX_ENTRIES).
    Recipients,
    /// One cannot encrypt to a recipient's key: Ed25519, a curve that is not
    /// ours, a point that is not on it, or RSA outside 2048 to 4096 bits.
    Key,
    /// A recipient's certificate does not allow it (RFC 8550 section 4.4.2).
    Usage,
    /// The system has no random octets to give.
    Randomness,
}

impl core::fmt::Display for EncryptError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Recipients => "there has to be at least one recipient, and at most 64",
            Self::Key => {
                "a recipient's key is not RSA of 2048 to 4096 bits, P-256, P-384, P-521 or X25519"
            }
            Self::Usage => {
                "the key usage of a recipient's certificate does not allow encryption (RFC 8550 section 4.4.2)"
            }
            Self::Randomness => "the system has no random octets to give",
        })
    }
}

impl core::error::Error for EncryptError {}

/// Why nothing was decrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecryptError {
    /// It is not what RFC 5652 or RFC 5083 says.
    Malformed(Malformed),
    /// It is encrypted to none of our keys.
    NotForUs,
    /// An algorithm that is not ours or not allowed, by its object identifier.
    Unsupported(String),
    /// It cannot be decrypted. There is deliberately no more to say: padding,
    /// key and tag fail alike.
    Failed,
}

impl From<Malformed> for DecryptError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl core::fmt::Display for DecryptError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Malformed(malformed) => {
                write!(f, "the encrypted object is malformed: {malformed}")
            }
            Self::NotForUs => f.write_str("the object is encrypted to none of the given keys"),
            Self::Unsupported(oid) => {
                write!(f, "the algorithm {oid} is not supported or not allowed by the policy")
            }
            Self::Failed => f.write_str("the object cannot be decrypted"),
        }
    }
}

impl core::error::Error for DecryptError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Malformed(malformed) => Some(malformed),
            Self::NotForUs | Self::Unsupported(_) | Self::Failed => None,
        }
    }
}
