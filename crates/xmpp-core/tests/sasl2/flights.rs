//! How many flights and bytes a login takes, from the stream behind TLS to the bound
//! resource.

use xmpp_core::ClientConfig;
use xmpp_core::sasl::client::Token;

use crate::common::tokens::Store;
use crate::resuming::{lose, managed_host, resuming_pair};
use crate::setting::{asking_client, carry, client, host, pair, token_client};

#[derive(Debug, PartialEq)]
struct Cost {
    /// Changes of who speaks; the first is the client's header.
    flights: usize,
    bytes: usize,
}

/// What a login costs behind TLS.
fn cost(config: ClientConfig, store: &Store) -> Cost {
    let mut pair = pair(config, host());
    pair.server.tokens = store.clone();
    let (sent, _) = carry(&mut pair);
    assert!(pair.client.connection.bound().is_some() && pair.server.connection.bound().is_some());
    cost_of(&sent)
}

#[test]
fn fewer_flights_by_profile() {
    let mut store = Store::default();
    let mut first = pair(asking_client(), host());
    let token = carry(&mut first).1.unwrap().token;
    store.clone_from(&first.server.tokens);

    let mut old = client();
    old.sasl2.enabled = false;
    let mut unbound = client();
    unbound.sasl2.bind = None;
    let rfc_6120 = cost(old, &store);
    let sasl2 = cost(unbound, &store);
    let bind2 = cost(client(), &store);
    let fast = cost(token_client(&token, false), &store);
    let resumed = resumed_by_token(&token, &store);
    println!(
        "RFC 6120 {rfc_6120:?}, SASL2 {sasl2:?}, Bind 2 {bind2:?}, FAST {fast:?}, \
         FAST that resumes {resumed:?}"
    );
    // Header, features; auth, challenge; response, success; header, features; bind, result.
    assert_eq!(rfc_6120.flights, 10);
    // Without the second header.
    assert_eq!(sasl2.flights, 8);
    // Without the request to bind.
    assert_eq!(bind2.flights, 6);
    // Without the challenge.
    assert_eq!(fast.flights, 4);
    // And an earlier stream goes on, without features behind success.
    assert_eq!(resumed.flights, 4);
    let bytes = [rfc_6120.bytes, sasl2.bytes, bind2.bytes, fast.bytes];
    assert!(bytes.is_sorted_by(|more, less| more > less), "{bytes:?}");
}

/// A stream is lost, and goes on by a token.
fn resumed_by_token(token: &Token, store: &Store) -> Cost {
    let mut lost = pair(token_client(token, false), managed_host());
    lost.server.tokens = store.clone();
    carry(&mut lost);
    let (from, kept) = lose(&mut lost);
    let mut again = resuming_pair(token_client(token, false), managed_host(), from);
    again.server.tokens = lost.server.tokens.clone();
    again.server.kept = Some(kept);
    let (sent, _) = carry(&mut again);
    assert!(sent.concat().contains("<resumed "), "{sent:#?}");
    cost_of(&sent)
}

fn cost_of(sent: &[String]) -> Cost {
    // Behind <proceed/> the client begins anew.
    let start = sent.iter().position(|line| line.contains("<proceed")).unwrap() + 1;
    let behind = &sent[start..];
    assert!(behind[0].starts_with("C: <?xml"));
    Cost { flights: behind.len(), bytes: behind.iter().map(|line| line.len() - 3).sum() }
}
