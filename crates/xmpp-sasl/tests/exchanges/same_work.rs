//! What a server computes for an account with a wrong secret and for one that
//! does not exist is the same, operation by operation. Times follow from that;
//! the bench measures them.

use core::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use crate::pair::{account_keys, keys, nonce, tls};
use xmpp_sasl::crypto::{self, Crypto, Digest, Hash};
use xmpp_sasl::server::{Answer, Cause, Config, Exchange, Offer, Query, Step};
use xmpp_sasl::{FailureReason, Mechanism, Secret};

/// Writes down what it is asked to compute.
#[derive(Debug, Default)]
struct Recorder {
    work: Mutex<Vec<(&'static str, Hash, u32)>>,
}

impl Recorder {
    fn note(&self, what: &'static str, hash: Hash, rounds: u32) {
        self.work.lock().unwrap().push((what, hash, rounds));
    }
}

impl Crypto for Recorder {
    fn digest(&self, hash: Hash, parts: &[&[u8]]) -> Digest {
        self.note("digest", hash, 1);
        crypto::provider().digest(hash, parts)
    }
    fn hmac(&self, hash: Hash, key: &[u8], parts: &[&[u8]]) -> Digest {
        self.note("hmac", hash, 1);
        crypto::provider().hmac(hash, key, parts)
    }
    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], rounds: NonZeroU32) -> Digest {
        self.note("pbkdf2", hash, rounds.get());
        crypto::provider().pbkdf2(hash, password, salt, rounds)
    }
}

/// The work that an exchange takes which fails with its last message.
fn work(
    mechanism: &str,
    hashes: &[Hash],
    messages: [&[u8]; 2],
    answer: impl Fn(&Query) -> Answer,
) -> Vec<(&'static str, Hash, u32)> {
    let recorder = Arc::new(Recorder::default());
    // An `Arc` of the caller's own type: providers need not be static.
    let config = Config::with_crypto(Arc::clone(&recorder)).account_keys(account_keys(hashes));
    let offer = Offer::new([mechanism], []);
    let exchange = Exchange::start(mechanism, &config, &offer, &tls(), nonce("xyz")).unwrap();
    let Ok(Step::CredentialsWanted { query, pending }) = exchange.respond(Some(messages[0])) else {
        panic!("no query")
    };
    let failure = match pending.provide(answer(&query)) {
        Ok(Step::Challenge { exchange, .. }) => exchange.respond(Some(messages[1])).unwrap_err(),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => failure,
    };
    assert_eq!(failure.reason(), FailureReason::CredentialsRejected);
    assert!(matches!(failure.cause(), Cause::Proof | Cause::UnknownUser));
    core::mem::take(&mut *recorder.work.lock().unwrap())
}

/// PLAIN, whichever hash accounts have keys for.
#[test]
fn plain_takes_the_hash_that_accounts_have() {
    for hashes in [
        &[Hash::Sha1][..],
        &[Hash::Sha256],
        &[Hash::Sha512],
        &[Hash::Sha512, Hash::Sha1],
        &[Hash::Sha1, Hash::Sha256, Hash::Sha512],
    ] {
        let messages = [&b"\0user\0wrong"[..], b""];
        let known = work("PLAIN", hashes, messages, |query| match query {
            Query::Password { hash: Some(hash), .. } => {
                Answer::keys(keys(*hash, b"sixteen bytes...", 4096).to_stored())
            }
            other => panic!("{other:?}"),
        });
        let unknown = work("PLAIN", hashes, messages, |_| Answer::unknown_user());
        assert_eq!(known, unknown, "{hashes:?}");
        assert!(known.contains(&("pbkdf2", hashes[0], 4096)), "{known:?}");
    }
}

#[test]
fn scram_takes_the_same_steps() {
    for hash in Hash::ALL {
        let name = Mechanism::Scram { hash, plus: false }.name();
        let messages = [&b"n,,n=user,r=abc"[..], b"c=biws,r=abcxyz,p=AAAA"];
        let known = work(name, &[hash], messages, |_| {
            Answer::keys(keys(hash, b"sixteen bytes...", 4096).to_stored())
        });
        let unknown = work(name, &[hash], messages, |_| Answer::unknown_user());
        assert_eq!(known, unknown, "{name}");
        assert!(known.iter().all(|(what, ..)| *what != "pbkdf2"));
    }
}

/// However many tokens an account has.
#[test]
fn tokens_take_the_same_steps() {
    let message = [&b"user\0"[..], &[1; 32]].concat();
    let messages = [&message[..], b""];
    let with = |tokens: &[&str]| {
        let tokens: Vec<Secret> = tokens.iter().map(|token| Secret::from(*token)).collect();
        work("HT-SHA-256-NONE", &[Hash::Sha256], messages, |_| Answer::tokens(tokens.clone()))
    };
    let unknown = work("HT-SHA-256-NONE", &[Hash::Sha256], messages, |_| Answer::unknown_user());
    assert_eq!(unknown.len(), 4, "two slots, both proofs of each");
    assert_eq!(with(&[]), unknown);
    assert_eq!(with(&["one"]), unknown);
    assert_eq!(with(&["one", "two"]), unknown);
}

/// The tokens that are made up are nobody's.
#[test]
fn a_made_up_token_does_not_do() {
    let tls = xmpp_sasl::ChannelBindings::over_tls();
    let proof = crypto::provider().hmac(Hash::Sha256, &[0; 32], &[b"Initiator", b""]);
    let message = [&b"user\0"[..], proof.as_ref()].concat();
    for answer in [Answer::unknown_user(), Answer::tokens(vec![Secret::from("token")])] {
        let offer = Offer::new(["HT-SHA-256-NONE"], []);
        let step = Exchange::start("HT-SHA-256-NONE", &Config::new(), &offer, &tls, nonce("xyz"))
            .and_then(|exchange| exchange.respond(Some(&message)));
        let Ok(Step::CredentialsWanted { pending, .. }) = step else { panic!("{step:?}") };
        assert_eq!(pending.provide(answer).unwrap_err().cause(), &Cause::Proof);
    }
}
