//! SASL by hand: what a client says, with each part at hand to be made wrong.

use core::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) use crate::scram::{Hash, base64, random};
use crate::verdict::{Fault, Outcome};

/// What base64 text stands for, with a failure where it is none.
pub(super) fn from_base64(text: &str) -> Outcome<Vec<u8>> {
    STANDARD.decode(text).map_err(|error| Fault::Failed(format!("no base64 ({error}): {text}")))
}

/// The message of PLAIN (RFC 4616).
pub(super) fn plain(authzid: &str, user: &str, password: &str) -> String {
    base64(format!("{authzid}\0{user}\0{password}"))
}

/// An exchange of SCRAM (RFC 5802), of the client's side.
#[derive(Clone, Debug)]
pub(super) struct Scram {
    pub(super) hash: Hash,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) nonce: String,
    /// What stands before the user's name: nothing, or an extension with a comma.
    pub(super) extension: String,
    /// `n,,`, `y,,` or `p=NAME,,`, with an authorization identity if wanted.
    pub(super) gs2: String,
    /// The channel binding's data.
    pub(super) binding: Vec<u8>,
}

/// What the server's first message says.
#[derive(Clone, Debug)]
pub(super) struct ServerFirst {
    pub(super) nonce: String,
    pub(super) salt: Vec<u8>,
    pub(super) iterations: u32,
}

/// The last message of the client in its parts, and what the server has to answer.
#[derive(Clone, Debug)]
pub(super) struct ClientFinal {
    pub(super) without_proof: String,
    pub(super) proof: Vec<u8>,
    /// `v=…`
    pub(super) verifier: String,
}

impl ClientFinal {
    /// As it goes over the wire.
    pub(super) fn message(&self) -> String {
        base64(format!("{},p={}", self.without_proof, base64(&self.proof)))
    }
}

impl Scram {
    pub(super) fn new(hash: Hash, user: &str, password: &str) -> Self {
        Self {
            hash,
            user: user.into(),
            password: password.into(),
            nonce: random(),
            extension: String::new(),
            gs2: "n,,".into(),
            binding: Vec::new(),
        }
    }

    fn first_bare(&self) -> String {
        let user = self.user.replace('=', "=3D").replace(',', "=2C");
        format!("{}n={user},r={}", self.extension, self.nonce)
    }

    /// The first message as it goes over the wire.
    pub(super) fn first(&self) -> String {
        base64(format!("{}{}", self.gs2, self.first_bare()))
    }

    /// The last message, in answer to the server's first.
    pub(super) fn last(&self, server_first: &str) -> Outcome<ClientFinal> {
        let server = ServerFirst::read(server_first)?;
        if !server.nonce.starts_with(&self.nonce) || server.nonce == self.nonce {
            return Err(Fault::Failed("the server's nonce does not extend the client's".into()));
        }
        let iterations = NonZeroU32::new(server.iterations)
            .ok_or_else(|| Fault::Failed("no iterations".into()))?;
        let channel = [self.gs2.as_bytes(), &self.binding].concat();
        let without_proof = format!("c={},r={}", base64(channel), server.nonce);
        let signed = format!("{},{server_first},{without_proof}", self.first_bare());
        let salted = self.hash.salted(self.password.as_bytes(), &server.salt, iterations);
        let client_key = self.hash.hmac(&salted, b"Client Key");
        let signature = self.hash.hmac(&self.hash.digest(&client_key), signed.as_bytes());
        let proof = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        let server_key = self.hash.hmac(&salted, b"Server Key");
        let verifier = format!("v={}", base64(self.hash.hmac(&server_key, signed.as_bytes())));
        Ok(ClientFinal { without_proof, proof, verifier })
    }
}

impl ServerFirst {
    pub(super) fn read(text: &str) -> Outcome<Self> {
        let broken = || Fault::Failed(format!("no first message of a server: {text}"));
        let mut parts = text.split(',');
        let mut part =
            |name: &str| parts.next().and_then(|part| part.strip_prefix(name)).ok_or_else(broken);
        let nonce = part("r=")?.to_owned();
        let salt = from_base64(part("s=")?)?;
        let iterations = part("i=")?.parse().map_err(|_| broken())?;
        Ok(Self { nonce, salt, iterations })
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, Scram, base64};

    /// RFC 5802 section 5, RFC 7677 section 3.
    #[test]
    fn the_rfcs_examples() {
        let mut scram = Scram::new(Hash::Sha1, "user", "pencil");
        scram.nonce = "fyko+d2lbbFgONRv9qkxdawL".into();
        let server = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
        let last = scram.last(server).unwrap();
        assert_eq!(base64(&last.proof), "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
        assert_eq!(last.verifier, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");

        let mut scram = Scram::new(Hash::Sha256, "user", "pencil");
        scram.nonce = "rOprNGfwEbeRWgbNEkqO".into();
        let server = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                      s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let last = scram.last(server).unwrap();
        assert_eq!(base64(&last.proof), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assert_eq!(last.verifier, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }
}
