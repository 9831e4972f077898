//! What must not work, and how it is refused.

mod messages;
mod names;
mod offers;
mod proofs;
mod words;

use crate::pair::{Failed, PASSWORD, Pair, account, client_offer, config, nonce, stored, tls};
use xmpp_sasl::FailureReason;
use xmpp_sasl::client::{self, Contradiction, Credentials, Error, Policy, Refusal, Start};
use xmpp_sasl::crypto::Hash;
use xmpp_sasl::server::{Answer, Cause, Exchange, Failure, Offer, Query, Step};
use xmpp_sasl::{ChannelBindingType, ChannelBindings, Mechanism};

/// The client after `client-first-message`; its nonce is `abc`.
fn client() -> Start {
    Policy::default()
        .choose(
            &client_offer(&["SCRAM-SHA-256"], &[]),
            &ChannelBindings::over_tls(),
            &Credentials::new("user").with_password(PASSWORD),
        )
        .unwrap()
        .start(nonce("abc"))
}

/// How the client takes a `server-first-message`.
fn first(message: &str) -> Result<(Vec<u8>, client::Exchange), Error> {
    client().exchange.challenge_in_place(message.as_bytes())
}

fn malformed_at(message: &str) -> usize {
    match first(message).unwrap_err() {
        Error::Message(error) => error.at,
        other => panic!("{other:?}"),
    }
}

/// A server of SCRAM-SHA-256 (with -PLUS over TLS with something to bind to),
/// after `client-first-message`; its nonce is `xyz`.
fn server(mechanism: &str, bindings: &ChannelBindings, message: &[u8]) -> Result<Step, Failure> {
    let offer = match bindings.types().next() {
        Some(_) => Offer::new(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], ["tls-exporter"]),
        None => Offer::new(["SCRAM-SHA-256"], []),
    };
    let config = config().confirm_offer(false);
    Exchange::start(mechanism, &config, &offer, bindings, nonce("xyz"))?.respond(Some(message))
}

/// The server after its `server-first-message`.
fn challenged() -> (Vec<u8>, Exchange) {
    let step = server("SCRAM-SHA-256", &ChannelBindings::over_tls(), b"n,,n=user,r=abc").unwrap();
    let Step::CredentialsWanted { pending, .. } = step else { panic!("{step:?}") };
    let step = pending.provide(Answer::keys(stored(Hash::Sha256))).unwrap();
    let Step::Challenge { data, exchange } = step else { panic!("{step:?}") };
    (data, exchange)
}

fn refused(result: Result<Step, Failure>) -> (FailureReason, Cause) {
    let failure = result.unwrap_err();
    (failure.reason(), failure.cause().clone())
}

const REJECTED: FailureReason = FailureReason::CredentialsRejected;
const MALFORMED: FailureReason = FailureReason::Malformed;
