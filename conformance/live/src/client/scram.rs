//! SCRAM (RFC 5802) of the server's side, by hand, with each part at hand to be made wrong.

use core::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::scram::Hash;
pub(super) use crate::scram::{base64, random};
use crate::verdict::{Fault, Outcome};

/// What base64 text stands for, as text.
pub(super) fn decoded(text: &str) -> Outcome<String> {
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|error| Fault::Failed(format!("no base64 ({error}): {text}")))?;
    String::from_utf8(bytes).map_err(|_| Fault::Failed("a message of SASL is no UTF-8".into()))
}

/// What a client began.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    hash: Hash,
    pub(super) user: String,
    pub(super) nonce: String,
    bare: String,
}

/// What the server says first.
#[derive(Clone, Debug)]
pub(super) struct ServerFirst {
    pub(super) nonce: String,
    pub(super) salt: Vec<u8>,
    pub(super) iterations: u32,
}

impl ServerFirst {
    /// A right one.
    pub(super) fn to(begun: &Begun) -> Self {
        Self {
            nonce: format!("{}{}", begun.nonce, random()),
            salt: b"sixteen of these".to_vec(),
            iterations: 4096,
        }
    }

    /// As it is signed.
    pub(super) fn message(&self) -> String {
        format!("r={},s={},i={}", self.nonce, base64(&self.salt), self.iterations)
    }
}

impl Begun {
    /// The first message of a client: of the mechanism, and in text.
    pub(super) fn read(mechanism: &str, message: &str) -> Outcome<Self> {
        let hash = match mechanism {
            "SCRAM-SHA-1" => Hash::Sha1,
            "SCRAM-SHA-256" => Hash::Sha256,
            other => return Err(Fault::Error(format!("{other} is none of the suite's"))),
        };
        let broken = || Fault::Failed(format!("no first message of SCRAM: {message}"));
        let mut parts = message.splitn(3, ',');
        let _flag = parts.next().ok_or_else(broken)?;
        let _identity = parts.next().ok_or_else(broken)?;
        let bare = parts.next().ok_or_else(broken)?;
        let mut parts = bare.split(',');
        let user = parts.next().and_then(|part| part.strip_prefix("n=")).ok_or_else(broken)?;
        let nonce = parts.next().and_then(|part| part.strip_prefix("r=")).ok_or_else(broken)?;
        Ok(Self {
            hash,
            user: user.replace("=2C", ",").replace("=3D", "="),
            nonce: nonce.into(),
            bare: bare.into(),
        })
    }

    /// Looks at the client's last message; gives the server's signature (`v=…`).
    pub(super) fn verify(
        &self,
        first: &ServerFirst,
        password: &str,
        last: &str,
    ) -> Outcome<String> {
        let (without_proof, proof) = last
            .rsplit_once(",p=")
            .ok_or_else(|| Fault::Failed(format!("no last message of SCRAM: {last}")))?;
        let nonce = without_proof.split(',').find_map(|part| part.strip_prefix("r="));
        if nonce != Some(first.nonce.as_str()) {
            return Err(Fault::Failed(format!("the nonce is not the server's: {last}")));
        }
        let iterations = NonZeroU32::new(first.iterations).unwrap_or(NonZeroU32::MIN);
        let salted = self.hash.salted(password.as_bytes(), &first.salt, iterations);
        let signed = format!("{},{},{without_proof}", self.bare, first.message());
        let client_key = self.hash.hmac(&salted, b"Client Key");
        let signature = self.hash.hmac(&self.hash.digest(&client_key), signed.as_bytes());
        let right: Vec<u8> = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        if proof != base64(right) {
            return Err(Fault::Failed("the proof is not that of the password".into()));
        }
        let server_key = self.hash.hmac(&salted, b"Server Key");
        Ok(format!("v={}", base64(self.hash.hmac(&server_key, signed.as_bytes()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5802 section 5 and RFC 7677 section 3, as the server sees them.
    #[test]
    fn the_rfcs_examples() {
        let begun = Begun::read("SCRAM-SHA-1", "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL").unwrap();
        let first = ServerFirst {
            nonce: "fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j".into(),
            salt: STANDARD.decode("QSXCR+Q6sek8bf92").unwrap(),
            iterations: 4096,
        };
        let last =
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
        assert_eq!(begun.user, "user");
        assert_eq!(begun.verify(&first, "pencil", last).unwrap(), "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
        assert!(begun.verify(&first, "pencils", last).is_err());
    }
}
