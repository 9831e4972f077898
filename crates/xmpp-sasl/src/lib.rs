//! SASL (RFC 4422) for XMPP, IMAP, SMTP, LDAP and all others: the mechanisms in
//! use as state machines of both sides, without IO, and room for the caller's
//! [own](Own).
//!
//! Bytes of SASL messages and answers go in; bytes, queries and proofs come
//! out. Nothing here opens a socket, reads a clock, draws a random number or
//! knows how a protocol frames the messages: that is the caller's (lines of
//! base64, XML, BER), who also brings the randomness ([`Nonce`]). Failures are
//! told apart as far as any protocol does ([`FailureReason`]). What XMPP has
//! beside, tasks and tokens, is in [`sasl2`]. The example `scram_outside_xmpp`
//! is a client and a server of a line protocol.
//!
//! ```text
//!        client                                             server
//!  Policy + Credentials                                 Policy + Config
//!        │                    ◄── mechanisms ──              │ offer
//!        │ choose: a Choice, or why not                      │
//!        │ start                                             │
//!     Exchange                ── initial response ──►     Exchange
//!        │                                                   │ respond: a Query,
//!        │                                                   │ answered when it is
//!        │ challenge: a query ◄── challenge ──               │ provide
//!        │ for keys, unless                                  │
//!        │ they are cached                                   │
//!        │ provide            ── response ──►                │ respond
//!        │ success            ◄── success, data ──           │
//!   Authenticated                                       Authenticated
//! ```
//!
//! # A whole exchange
//!
//! ```
//! # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
//! use core::num::NonZeroU32;
//! use xmpp_sasl::client::{Credentials, Offer, Policy};
//! use xmpp_sasl::crypto::{self, Hash};
//! use xmpp_sasl::server::{self, AccountKeys, Answer, Config, FakeSalt, Step};
//! use xmpp_sasl::{ChannelBindings, Nonce, ScramKeys};
//!
//! # fn random<const N: usize>() -> [u8; N] { [5; N] }
//! // The server's database has keys for juliet, made when she registered.
//! let rounds = NonZeroU32::new(4096).unwrap(); // server::default_iterations in earnest
//! let stored =
//!     ScramKeys::derive(crypto::provider(), Hash::Sha256, b"r0m30", &random::<16>(), rounds)
//!         .to_stored();
//! let salt = FakeSalt::new(random());
//! let config = Config::new().account_keys(AccountKeys::new(salt, Hash::Sha256, rounds));
//!
//! // Both sides have the same TLS connection.
//! let tls = ChannelBindings::over_tls().with_tls_exporter(random::<32>());
//!
//! // The server offers, the client chooses.
//! let offer = server::Policy::default().offer(&config, &tls);
//! let names: Vec<&str> = offer.mechanisms().iter().map(String::as_str).collect();
//! let types: Vec<&str> = offer.channel_bindings().iter().map(String::as_str).collect();
//! let choice = Policy::default()
//!     .choose(
//!         &Offer::new(&names).with_channel_bindings(&types),
//!         &tls,
//!         &Credentials::new("juliet").with_password("r0m30"),
//!     )
//!     .expect("one of the mechanisms is good");
//! let start = choice.start(Nonce::from_random(random()));
//! assert_eq!(start.mechanism.name(), "SCRAM-SHA-256-PLUS");
//!
//! // The initial response arrives; the server looks juliet up and answers.
//! let nonce = Nonce::from_random(random());
//! let exchange =
//!     server::Exchange::start("SCRAM-SHA-256-PLUS", &config, &offer, &tls, nonce).unwrap();
//! let Step::CredentialsWanted { query, pending } =
//!     exchange.respond(start.initial_response.as_deref()).unwrap()
//! else { panic!() };
//! println!("{query:?}");
//! let Step::Challenge { data, exchange } = pending.provide(Answer::keys(stored)).unwrap()
//! else { panic!() };
//!
//! // Challenge, response, success.
//! // The client derives keys from the password; `challenge` would hand out a
//! // query for them, to be answered from another thread.
//! let (response, client) = start.exchange.challenge_in_place(&data).unwrap();
//! let Step::Success { additional_data, authenticated } =
//!     exchange.respond(Some(&response)).unwrap()
//! else { panic!() };
//! assert_eq!(authenticated.authcid(), "juliet");
//! let proof = client.success(additional_data.as_deref()).unwrap();
//! assert!(proof.is_mutual());
//! # }
//! ```
//!
//! # Proofs
//!
//! A [`client::Authenticated`] exists only if the server has proved all that
//! the mechanism makes it prove; a [`server::Authenticated`] only if the client
//! has, and may act as whom it asked for. Each step uses the exchange up, so
//! that a finished one cannot be handed more data:
//!
//! ```compile_fail,E0382
//! # fn step(exchange: xmpp_sasl::client::Exchange) {
//! let done = exchange.success(None);
//! let more = exchange.challenge(b"more"); // borrow of moved value
//! # }
//! ```
//!
//! To keep an exchange in a field, keep an `Option` and `take` it.
//!
//! # Providers
//!
//! Cryptography and preparation are [`Shared`]: a static or an `Arc`.
//!
//! # Features
//!
//! | feature | default | |
//! |---|---|---|
//! | `ring` | yes | digests and HMACs by ring |
//! | `rustcrypto` | no | everything in pure Rust, where ring does not build |
//! | `saslprep` | yes | non-ASCII user names and passwords; needs `std` |
//! | `std` | yes | nothing beside what `saslprep` needs |
//!
//! Without `ring` and `rustcrypto` a [`crypto::Crypto`] of the caller's own has
//! to be given to [`client::Policy::new`] and [`server::Config::with_crypto`].
//!
//! Nothing panics, whatever the peer sends.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod anonymous;
mod channel_binding;
pub mod client;
pub mod crypto;
mod grammar;
mod hashed_token;
mod mechanism;
mod nonce;
mod oauthbearer;
mod own;
mod plain;
pub mod prepare;
mod reason;
pub mod sasl2;
pub mod scram;
mod secret;
pub mod server;
mod shared;
#[cfg(test)]
mod words;

pub use channel_binding::{ChannelBindingType, ChannelBindings};
pub use grammar::MessageError;
pub use mechanism::{Mechanism, Strength, TokenBinding};
pub use nonce::Nonce;
pub use own::Own;
pub use reason::FailureReason;
pub use scram::keys::{ScramKeys, StoredKeys};
pub use secret::Secret;
pub use shared::Shared;
