//! The server's half.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;

use super::keys::StoredKeys;
use super::message;
use crate::crypto::{Crypto, Digest, Hash};
use crate::server::{Cause, Failure};

/// `server-first-message` is about to be sent.
pub(crate) struct Challenge {
    pub(crate) hash: Hash,
    pub(crate) client_nonce: String,
    pub(crate) server_nonce: String,
    pub(crate) client_first_bare: String,
    /// What `c=` must decode to.
    pub(crate) channel_binding: Vec<u8>,
    /// XEP-0474, if it is on.
    pub(crate) offer_hash: Option<String>,
}

/// `server-first-message` has been sent.
pub(crate) struct FirstSent {
    keys: StoredKeys,
    /// False for an account that does not exist: no proof will do.
    known: bool,
    nonce: String,
    signed: String,
    channel_binding: Vec<u8>,
}

impl Challenge {
    pub(crate) fn send(self, keys: StoredKeys, known: bool) -> (Vec<u8>, FirstSent) {
        let nonce = self.client_nonce + &self.server_nonce;
        let mut first =
            alloc::format!("r={nonce},s={},i={}", STANDARD.encode(&keys.salt), keys.iterations);
        if let Some(hash) = self.offer_hash {
            first.push_str(",h=");
            first.push_str(&hash);
        }
        let signed = alloc::format!("{},{first},", self.client_first_bare);
        let channel_binding = self.channel_binding;
        (first.into_bytes(), FirstSent { keys, known, nonce, signed, channel_binding })
    }
}

impl FirstSent {
    /// Checks `client-final-message`; the answer to a right one is
    /// `server-final-message`.
    pub(crate) fn verify(self, crypto: &dyn Crypto, data: &[u8]) -> Result<Vec<u8>, Failure> {
        let last = message::client_final(data).map_err(|e| Failure::of(Cause::Message(e)))?;
        // 5802-5.1-10
        if last.nonce != self.nonce {
            return Err(Failure::of(Cause::Nonce));
        }
        // 5802-6-10: the header as it came first, and this connection's data.
        if last.channel_binding != self.channel_binding {
            return Err(Failure::of(Cause::ChannelBinding));
        }
        let hash = self.keys.hash;
        let signed: [&[u8]; 2] = [self.signed.as_bytes(), last.without_proof.as_bytes()];
        let signature = crypto.hmac(hash, self.keys.stored_key.as_ref(), &signed);
        let verifier = crypto.hmac(hash, self.keys.server_key.as_ref(), &signed);
        let proof = Digest::new(&last.proof)
            .filter(|proof| proof.as_ref().len() == hash.output_len())
            .ok_or_else(|| Failure::of(Cause::Proof))?;
        let client_key = proof.xor(&signature);
        let stored_key = crypto.digest(hash, &[client_key.as_ref()]);
        // One verdict at the very end, so that both kinds of failure take the
        // same time.
        let right = stored_key.as_ref().ct_eq(self.keys.stored_key.as_ref());
        if bool::from(right & subtle::Choice::from(u8::from(self.known))) {
            Ok(alloc::format!("v={}", STANDARD.encode(verifier)).into_bytes())
        } else {
            Err(Failure::of(Cause::Proof))
        }
    }
}
