//! Both sides, and an attacker between them who changes, drops and repeats
//! what goes over. No panic, no success without proof: a client succeeds only
//! if its server did, and a server only if nobody touched what is signed.
#![no_main]

use core::cell::Cell;
use core::num::NonZeroU32;

use libfuzzer_sys::fuzz_target;
use xmpp_sasl::client::{self, Credentials, Token};
use xmpp_sasl::crypto::{self, Crypto, Digest, Hash};
use xmpp_sasl::server::{self, AccountKeys, Answer, Config, FakeSalt, Query, Step};
use xmpp_sasl::{ChannelBindings, Mechanism, Nonce, ScramKeys, Secret};

/// The real thing but for PBKDF2's rounds.
#[derive(Debug)]
struct Quick;

impl Crypto for Quick {
    fn digest(&self, hash: Hash, parts: &[&[u8]]) -> Digest {
        crypto::provider().digest(hash, parts)
    }
    fn hmac(&self, hash: Hash, key: &[u8], parts: &[&[u8]]) -> Digest {
        crypto::provider().hmac(hash, key, parts)
    }
    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], rounds: NonZeroU32) -> Digest {
        self.hmac(hash, password, &[salt, &rounds.get().to_be_bytes()])
    }
}

/// The attacker's decisions, a byte at a time; honest when it has run out.
struct Attacker<'a> {
    tape: &'a [u8],
}

impl Attacker<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.tape.split_first() else { return 0 };
        self.tape = rest;
        first
    }

    /// What arrives of a message.
    fn pass(&mut self, message: &[u8]) -> Vec<u8> {
        let mut out = message.to_vec();
        match self.byte() % 8 {
            1 if !out.is_empty() => {
                let at = usize::from(self.byte()) % out.len();
                out[at] = self.byte();
            }
            2 => {
                let at = usize::from(self.byte()) % (out.len() + 1);
                out.truncate(at);
            }
            3 => {
                let at = usize::from(self.byte()) % (out.len() + 1);
                let len = usize::from(self.byte() % 16).min(self.tape.len());
                let (insert, rest) = self.tape.split_at(len);
                self.tape = rest;
                out.splice(at..at, insert.iter().copied());
            }
            4 => out.extend_from_slice(b",x=y"),
            5 => out = self.tape.to_vec(),
            _ => {}
        }
        out
    }
}

fuzz_target!(|data: &[u8]| {
    let mut attacker = Attacker { tape: data };
    let mechanism = Mechanism::ALL[usize::from(attacker.byte()) % Mechanism::ALL.len()];
    let flags = attacker.byte();
    let wrong = flags & 1 != 0;
    let tls = ChannelBindings::over_tls()
        .with_tls_exporter([1; 32])
        .with_tls_unique([2; 12])
        .with_tls_server_end_point([3; 32]);
    let rounds = NonZeroU32::new(4096).unwrap();
    let keys = AccountKeys::new(FakeSalt::new([9; 32]), Hash::Sha256, rounds)
        .and(Hash::Sha1, rounds)
        .and(Hash::Sha512, rounds);
    let config = Config::with_crypto(&Quick).account_keys(keys);
    let policy = client::Policy::new(&Quick).allow(mechanism);
    let secret = if wrong { "guess" } else { "secret" };
    let credentials = match mechanism {
        Mechanism::External => Credentials::new("").with_certificate(),
        Mechanism::Anonymous => Credentials::new("").with_anonymity("trace"),
        Mechanism::OauthBearer => Credentials::new("").with_bearer_token(secret, None, None),
        Mechanism::HashedToken(_) => {
            Credentials::new("user").with_token(Token::new(mechanism, secret))
        }
        _ => Credentials::new("user").with_password(secret),
    };
    let offer = server::Policy::default().allow(mechanism).offer(&config, &tls);
    let types: Vec<&str> = offer.channel_bindings().iter().map(String::as_str).collect();
    let names: Vec<&str> = match mechanism {
        Mechanism::HashedToken(_) => Vec::new(),
        // The whole of the offer, so that its confirmation agrees.
        _ => offer.mechanisms().iter().map(String::as_str).collect(),
    };
    let mut policy = policy;
    for other in Mechanism::ALL {
        if other != mechanism {
            policy = policy.forbid(other);
        }
    }
    let tokens = [mechanism.name()];
    let tokens: &[&str] = if names.is_empty() { &tokens } else { &[] };
    let seen =
        client::Offer::new(&names).with_channel_bindings(&types).with_token_mechanisms(tokens);
    let Ok(choice) = policy.choose(&seen, &tls, &credentials) else { return };
    let start = choice.start(Nonce::from_text("client").unwrap());
    let mut client = Some(start.exchange);
    let touched = Cell::new(false);
    let pass = |attacker: &mut Attacker<'_>, message: &[u8]| {
        let out = attacker.pass(message);
        touched.set(touched.get() || out != message);
        out
    };
    let nonce = Nonce::from_text("server").unwrap();
    let server = server::Exchange::start(mechanism.name(), &config, &offer, &tls, nonce).unwrap();
    let mut message = pass(&mut attacker, &start.initial_response.unwrap_or_default());
    let mut server = Some(server);
    for _ in 0..6 {
        let Some(exchange) = server.take() else { return };
        let mut step = exchange.respond(Some(&message));
        if let Ok(Step::CredentialsWanted { query, pending }) = step {
            step = pending.provide(answer(&query, attacker.byte()));
        }
        match step {
            Err(_) => {
                // The attacker pretends that it went well.
                let data = pass(&mut attacker, b"v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
                if let Some(Ok(_)) = client.take().map(|client| client.success(Some(&data))) {
                    assert!(!mechanism.is_mutual(), "success without proof");
                }
                return;
            }
            Ok(Step::Challenge { data, exchange }) => {
                server = Some(exchange);
                let data = pass(&mut attacker, &data);
                let Some(Ok((response, next))) =
                    client.take().map(|client| client.challenge_in_place(&data))
                else {
                    return;
                };
                client = Some(next);
                message = pass(&mut attacker, &response);
            }
            Ok(Step::Success { additional_data, authenticated }) => {
                if mechanism.is_mutual() {
                    assert!(!wrong, "a wrong secret was taken");
                    assert!(!touched.get(), "a changed exchange was taken");
                    assert_eq!(authenticated.authcid(), "user");
                }
                let data = additional_data.map(|data| pass(&mut attacker, &data));
                if let Some(client) = client.take() {
                    let done = client.success(data.as_deref());
                    assert!(done.is_ok() || touched.get());
                }
                return;
            }
            Ok(Step::CredentialsWanted { .. }) => unreachable!("asked twice"),
        }
    }
});

fn answer(query: &Query, choice: u8) -> Answer {
    let rounds = NonZeroU32::new(4096).unwrap();
    match (choice % 8, query) {
        (7, _) => Answer::unknown_user(),
        (6, _) => Answer::temporary_failure(),
        (_, Query::ScramKeys { username, hash, .. }) if username == "user" => {
            Answer::keys(ScramKeys::derive(&Quick, *hash, b"secret", b"salt", rounds).to_stored())
        }
        (_, Query::Password { password, .. }) => {
            Answer::password_checked(password.expose() == b"secret")
        }
        (_, Query::Tokens { username, .. }) if username == "user" => {
            Answer::tokens(vec![Secret::from("secret")])
        }
        (_, Query::BearerToken { token, .. }) if token.expose() == b"secret" => {
            Answer::identity("user")
        }
        (_, Query::Certificate { .. } | Query::Anonymous { .. }) => Answer::identity("user"),
        _ => Answer::unknown_user(),
    }
}
