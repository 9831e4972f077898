//! Randomness comes in from outside.

use alloc::string::String;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One side's part of the nonce of an exchange. It is used up by the exchange
/// that it starts.
///
/// ```
/// use xmpp_sasl::Nonce;
///
/// # fn random() -> [u8; Nonce::RANDOM_BYTES] { [4; 18] }
/// let nonce = Nonce::from_random(random()); // from the system's generator
/// ```
pub struct Nonce(String);

impl Nonce {
    /// How many random bytes make a nonce: 144 bits, 24 characters.
    ///
    /// RFC 5802 asks for a nonce that is different for each authentication; at
    /// this length a repeat is beyond any number of connections.
    pub const RANDOM_BYTES: usize = 18;

    /// A nonce out of bytes of a cryptographically secure generator.
    ///
    /// # Security
    ///
    /// Bytes that come twice make a replay of the other side's messages
    /// possible.
    pub fn from_random(bytes: [u8; Self::RANDOM_BYTES]) -> Self {
        Self(STANDARD.encode(bytes))
    }

    /// A nonce as it is to stand in the message, for transcripts and tests.
    /// `None` if it is empty, over 256 bytes, or has other than the printable
    /// ASCII characters without the comma that RFC 5802 section 7 allows.
    pub fn from_text(text: &str) -> Option<Self> {
        let printable = |byte| matches!(byte, b'!'..=b'~') && byte != b',';
        (!text.is_empty() && text.len() <= 256 && text.bytes().all(printable))
            .then(|| Self(text.into()))
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce")
    }
}
