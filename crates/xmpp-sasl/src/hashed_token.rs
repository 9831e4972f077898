//! HT-SHA-256-… (XEP-0484, draft-ietf-kitten-sasl-ht-00): `authcid NUL
//! HMAC(token, "Initiator" || binding)`, answered by `HMAC(token, "Responder"
//! || binding)`.

use alloc::vec::Vec;

use crate::crypto::{Crypto, Digest, Hash};
use crate::grammar::MessageError;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message<'a> {
    pub(crate) authcid: &'a str,
    pub(crate) proof: Digest,
}

impl<'a> Message<'a> {
    pub(crate) fn write(&self) -> Vec<u8> {
        [self.authcid.as_bytes(), self.proof.as_ref()].join(&0)
    }

    pub(crate) fn read(message: &'a [u8]) -> Result<Self, MessageError> {
        let error = |at, expected| MessageError { at, expected };
        let nul = message.iter().position(|&byte| byte == 0);
        let nul = nul.ok_or_else(|| error(message.len(), "NUL after the identity"))?;
        let (authcid, proof) = (&message[..nul], &message[nul + 1..]);
        if authcid.is_empty() {
            return Err(error(0, "an identity of at least one character"));
        }
        let authcid =
            core::str::from_utf8(authcid).map_err(|utf8| error(utf8.valid_up_to(), "UTF-8"))?;
        let proof = Digest::new(proof)
            .filter(|_| proof.len() == Hash::Sha256.output_len())
            .ok_or_else(|| error(nul + 1, "32 bytes of HMAC-SHA-256"))?;
        Ok(Self { authcid, proof })
    }
}

/// Who proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prover {
    Initiator,
    Responder,
}

pub(crate) fn proof(crypto: &dyn Crypto, prover: Prover, token: &[u8], binding: &[u8]) -> Digest {
    let label: &[u8] = match prover {
        Prover::Initiator => b"Initiator",
        Prover::Responder => b"Responder",
    };
    crypto.hmac(Hash::Sha256, token, &[label, binding])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_where() {
        let at = |message: &[u8]| Message::read(message).map_err(|error| error.at).map(drop);
        let proof = [7; 32];
        let message = [b"user\0", &proof[..]].concat();
        let expected = Message { authcid: "user", proof: Digest::new(&proof).unwrap() };
        assert_eq!(Message::read(&message), Ok(expected));
        assert_eq!(at(b"user"), Err(4));
        assert_eq!(at(b"\0proof"), Err(0));
        assert_eq!(at(b"us\xffer\0proof"), Err(2));
        assert_eq!(at(b"user\0proof"), Err(5));
        assert_eq!(at(&[b"user\0", &proof[..], b"more"].concat()), Err(5));
    }
}
