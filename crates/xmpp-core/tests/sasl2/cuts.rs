//! However the bytes of an exchange are cut, its events are the same.

use xmpp_core::ClientConfig;
use xmpp_core::sasl::sasl2::Fast;

use crate::common::tokens::Store;
use crate::common::{Cut, Pair, T0};
use crate::setting::{asking_client, carry, client, host, pair, token_client};

fn session(config: &ClientConfig, store: &Store, cut: [Cut; 2]) -> Pair {
    let mut host = host();
    host.sasl2.inline = vec!["urn:xmpp:carbons:2".into()];
    let mut pair = pair(config.clone(), host);
    pair.server.tokens = store.clone();
    pair.cut = cut;
    pair.drive().unwrap();
    pair.client.connection.close(T0, None, &mut pair.client.tx);
    pair.drive().unwrap();
    pair
}

#[test]
fn every_split_gives_the_same_events() {
    let mut first = pair(asking_client(), host());
    let token = carry(&mut first).1.unwrap().token;
    let store = first.server.tokens;
    let mut by_password = client();
    by_password.sasl2.request_token = true;
    by_password.sasl2.bind.as_mut().unwrap().carbons = true;
    let mut by_token = token_client(&token, false);
    by_token.sasl2.token_use = Fast { count: Some(1), invalidate: false };
    let wrong = xmpp_core::sasl::client::Token::new(token.mechanism(), "wrong");
    let falls_back = token_client(&wrong, true);
    for config in [by_password, by_token, falls_back] {
        let whole = session(&config, &store, [Cut::Whole; 2]);
        assert!(whole.client.log.iter().any(|event| event.contains("Established")));
        assert_eq!(whole.client.log.last().unwrap(), "Closed { error: None }");
        let same = |cut: [Cut; 2]| {
            let cut_pair = session(&config, &store, cut);
            assert_eq!(cut_pair.client.log, whole.client.log, "{cut:?}");
            assert_eq!(cut_pair.server.log, whole.server.log, "{cut:?}");
        };
        for at in 1..whole.sent[0].max(whole.sent[1]) {
            same([Cut::At(at); 2]);
        }
        same([Cut::EachByte; 2]);
    }
}
