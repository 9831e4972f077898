//! The client's half.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::keys::ScramKeys;
use super::message::{self, MANDATORY_EXTENSION, ServerFinal};
use crate::client::{Error, KeysQuery};
use crate::crypto::{Crypto, Digest, Hash};
use crate::grammar;
use crate::nonce::Nonce;
use crate::secret::Secret;
use crate::shared::Shared;

/// What an exchange goes by, decided before it starts.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) crypto: Shared<dyn Crypto>,
    pub(crate) hash: Hash,
    /// Prepared, not escaped.
    pub(crate) username: String,
    /// Prepared.
    pub(crate) password: Option<Secret>,
    pub(crate) cached: Option<ScramKeys>,
    /// `n,,` or `p=tls-exporter,a=juliet,` and so on.
    pub(crate) gs2_header: String,
    /// What follows the header in `c=`; empty unless the flag is `p`.
    pub(crate) binding_data: Vec<u8>,
    pub(crate) iterations: core::ops::RangeInclusive<u32>,
    /// XEP-0474: the hash over the offer as this side received it.
    pub(crate) offer_hash: String,
    pub(crate) require_offer_hash: bool,
}

/// `client-first-message` has been sent.
pub(crate) struct FirstSent {
    setup: Box<Setup>,
    bare: String,
    nonce: String,
}

/// `server-first-message` is one this side accepts.
pub(crate) struct Challenged {
    setup: Box<Setup>,
    /// `client-first-message-bare,server-first-message,`.
    signed: String,
    /// Both sides' parts.
    nonce: String,
    salt: Vec<u8>,
    iterations: NonZeroU32,
    offer_confirmed: bool,
}

/// `client-final-message` has been sent.
pub(crate) struct FinalSent {
    server_signature: Digest,
    pub(crate) outcome: Outcome,
}

/// What is known once the server's signature is verified.
#[derive(Clone)]
pub(crate) struct Outcome {
    pub(crate) keys: ScramKeys,
    pub(crate) offer_confirmed: bool,
}

impl Setup {
    pub(crate) fn start(self: Box<Self>, nonce: Nonce) -> (Vec<u8>, FirstSent) {
        let nonce = nonce.into_text();
        let bare = alloc::format!("n={},r={nonce}", grammar::escape(&self.username));
        let message = alloc::format!("{}{bare}", self.gs2_header).into_bytes();
        (message, FirstSent { setup: self, bare, nonce })
    }
}

impl FirstSent {
    /// Takes `server-first-message`.
    pub(crate) fn challenge(self, data: &[u8]) -> Result<Challenged, Error> {
        let Self { setup, bare, nonce } = self;
        let first = message::server_first(data).map_err(|error| match error.expected {
            MANDATORY_EXTENSION => Error::MandatoryExtension,
            _ => Error::Message(error),
        })?;
        // 5802-5.1-09: ours, and something of the server's after it.
        if !first.nonce.starts_with(&nonce) || first.nonce.len() == nonce.len() {
            return Err(Error::NonceNotExtended);
        }
        let count = first.iterations.get();
        if count < *setup.iterations.start() {
            return Err(Error::TooFewIterations { count, least: *setup.iterations.start() });
        }
        if count > *setup.iterations.end() {
            return Err(Error::TooManyIterations { count, most: *setup.iterations.end() });
        }
        match first.downgrade_hash {
            Some(hash) if hash != setup.offer_hash => return Err(Error::OfferAltered),
            None if setup.require_offer_hash => return Err(Error::OfferNotConfirmed),
            _ => {}
        }
        let message = core::str::from_utf8(data).unwrap_or_default();
        Ok(Challenged {
            signed: alloc::format!("{bare},{message},"),
            nonce: first.nonce.into(),
            offer_confirmed: first.downgrade_hash.is_some(),
            salt: first.salt,
            iterations: first.iterations,
            setup,
        })
    }
}

impl Challenged {
    /// Whether these are the keys that the server's salt and count ask for.
    pub(crate) fn fits(&self, keys: &ScramKeys) -> bool {
        keys.hash == self.setup.hash && keys.salt == self.salt && keys.iterations == self.iterations
    }

    /// The keys of an earlier exchange, if they will do.
    pub(crate) fn cached(&mut self) -> Option<ScramKeys> {
        self.setup.cached.take().filter(|keys| self.fits(keys))
    }

    /// What has to be derived if they will not.
    pub(crate) fn query(&mut self) -> Result<KeysQuery, Error> {
        Ok(KeysQuery {
            crypto: self.setup.crypto.clone(),
            hash: self.setup.hash,
            password: self.setup.password.take().ok_or(Error::KeysOutdated)?,
            salt: self.salt.clone(),
            iterations: self.iterations,
        })
    }

    /// `client-final-message`.
    pub(crate) fn prove(self, keys: ScramKeys) -> (Vec<u8>, FinalSent) {
        let Setup { crypto, hash, gs2_header, binding_data, .. } = *self.setup;
        let mut binding = gs2_header.into_bytes();
        binding.extend_from_slice(&binding_data);
        let mut reply = alloc::format!("c={},r={}", STANDARD.encode(&binding), self.nonce);
        let signed: [&[u8]; 2] = [self.signed.as_bytes(), reply.as_bytes()];
        let signature = crypto.hmac(hash, keys.stored_key.as_ref(), &signed);
        let server_signature = crypto.hmac(hash, keys.server_key.as_ref(), &signed);
        reply.push_str(",p=");
        STANDARD.encode_string(keys.client_key.xor(&signature), &mut reply);
        let outcome = Outcome { keys, offer_confirmed: self.offer_confirmed };
        (reply.into_bytes(), FinalSent { server_signature, outcome })
    }
}

impl FinalSent {
    /// Verifies `server-final-message`.
    pub(crate) fn verify(self, data: &[u8]) -> Result<Outcome, Error> {
        match message::server_final(data).map_err(Error::Message)? {
            ServerFinal::Error(error) => Err(Error::Server(error.into())),
            // Two digests of the same length, compared in constant time.
            ServerFinal::Verifier(verifier) => match Digest::new(&verifier) {
                Some(verifier) if verifier == self.server_signature => Ok(self.outcome),
                _ => Err(Error::ServerSignature),
            },
        }
    }
}
