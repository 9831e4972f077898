//! Tokens: XEP-0484.

use std::sync::Arc;

use xmpp_core::jid::BareJid;
use xmpp_core::sasl::client::Token;
use xmpp_core::sasl::sasl2::{Fast, UserAgent};
use xmpp_core::xml::Framing;
use xmpp_core::{ClientConfig, Connection, HostConfig, IssuedToken, Phase, ServerConfig};

use crate::common::tokens::{LIFETIME, Store};
use crate::common::{Pair, T0};
use crate::setting::{
    EXPORTER, ID, UNBOUND, asking_client, carry, client, count, host, pair, token_client,
};

/// One login; what was said, the token that came, and the server's tokens after it.
fn log_in(config: ClientConfig, store: &mut Store) -> (Pair, String, Option<IssuedToken>) {
    log_in_at(config, host(), store)
}

fn log_in_at(
    config: ClientConfig,
    host: HostConfig,
    store: &mut Store,
) -> (Pair, String, Option<IssuedToken>) {
    let mut pair = pair(config, host);
    // A seed is never used twice: tokens are made of it.
    store.logins += 1;
    let server = Arc::new(ServerConfig::default());
    pair.server.connection = Connection::accept(server, Framing::Stream, T0, [store.logins; 32]);
    pair.server.tokens = store.clone();
    let (sent, token) = carry(&mut pair);
    store.clone_from(&pair.server.tokens);
    (pair, sent.concat(), token)
}

fn is_in(pair: &Pair) -> bool {
    pair.client.connection.phase() == Phase::Established
        && pair.server.connection.phase() == Phase::Established
}

/// A first login by password that brings a token.
fn first(store: &mut Store) -> Token {
    let (pair, sent, token) = log_in(asking_client(), store);
    assert!(is_in(&pair), "{sent}");
    let token = token.expect("it was asked for");
    // Section 3.2: for "one of the FAST mechanisms advertised"; 7: bound if it can be.
    assert!(
        sent.contains("<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-EXPR'/>"),
        "{sent}"
    );
    assert_eq!(token.token.mechanism(), EXPORTER);
    assert_eq!(token.expiry, store.now + LIFETIME);
    // Section 3.3: in <success/>, with both attributes.
    let secret = String::from_utf8(token.token.secret().expose().into()).unwrap();
    assert_eq!(secret.len(), 52, "more than 256 bits in base 32");
    let element =
        format!("<token xmlns='urn:xmpp:fast:0' expiry='1970-01-01T00:05:00Z' token='{secret}'/>");
    assert!(store.now > 0 || sent.contains(&format!("{element}</success>")), "{sent}");
    // It is as good as a password, and shows nowhere.
    for log in [&pair.client.log, &pair.server.log] {
        assert!(!log.concat().contains(&secret));
    }
    token.token
}

#[test]
fn a_token_in_place_of_the_password() {
    let mut store = Store::default();
    let token = first(&mut store);
    let (pair, sent, new) = log_in(token_client(&token, false), &mut store);
    assert!(is_in(&pair), "{sent}");
    // Section 3.4; "MUST result in success or failure within a single round-trip".
    assert!(sent.contains("mechanism='HT-SHA-256-EXPR'><initial-response>"), "{sent}");
    assert!(sent.contains("<fast xmlns='urn:xmpp:fast:0'/></authenticate>"), "{sent}");
    assert_eq!(count(&sent, "<challenge"), 0);
    assert_eq!(new, None, "it is not due");
    assert!(is_in(&log_in(token_client(&token, false), &mut store).0), "and again");
}

#[test]
fn tokens_are_rotated_and_do_not_come_back() {
    let mut store = Store::default();
    let old = first(&mut store);
    // Section 3.5: "close to expiry", "even if the client did not explicitly request".
    store.now = LIFETIME - LIFETIME / 3 + 1;
    let (pair, _, new) = log_in(token_client(&old, false), &mut store);
    assert!(is_in(&pair));
    let lost = new.expect("it is due").token;
    // "MUST NOT invalidate the existing token until the new token is actually used"
    let (pair, _, new) = log_in(token_client(&old, false), &mut store);
    assert!(is_in(&pair));
    let new = new.expect("it is due").token;
    // "SHOULD invalidate any tokens previously generated that have not been used"
    assert!(!is_in(&log_in(token_client(&lost, false), &mut store).0));
    assert!(is_in(&log_in(token_client(&new, false), &mut store).0));
    // "Upon successful use of any token, the server MUST invalidate all tokens issued to
    // the same client with an earlier expiry"
    let (pair, sent, _) = log_in(token_client(&old, false), &mut store);
    assert!(!is_in(&pair));
    assert!(sent.contains("<not-authorized "), "{sent}");
}

#[test]
fn from_a_refused_token_to_the_password() {
    // Section 5.1: "SHOULD discard the token and automatically fall back".
    let mut store = Store::default();
    let token = first(&mut store);
    store.now = LIFETIME;
    let mut config = token_client(&token, true);
    config.sasl2.request_token = true;
    let (pair, sent, new) = log_in(config, &mut store);
    assert!(is_in(&pair), "{sent}");
    // Section 5.2: "returning the SASL 'credentials-expired' error condition".
    assert_eq!(count(&sent, "<credentials-expired "), 1, "{sent}");
    assert_eq!(count(&sent, "<authenticate "), 2, "in the same stream");
    assert_eq!(count(&sent, "<?xml"), 4);
    let told =
        |event: &String| event.contains("AuthenticationFailed { mechanism: HashedToken(Exporter)");
    assert!(pair.client.log.iter().any(told), "{:#?}", pair.client.log);
    let new = new.expect("a new one was asked for").token;
    assert!(is_in(&log_in(token_client(&new, false), &mut store).0));
}

#[test]
fn a_count_is_not_seen_twice() {
    // Section 3.4: "less than or equal to a count that has already been processed".
    let mut store = Store::default();
    let token = first(&mut store);
    let mut with_count = |count| {
        let mut config = token_client(&token, false);
        config.sasl2.token_use = Fast { count: Some(count), invalidate: false };
        let (pair, sent, _) = log_in(config, &mut store);
        assert!(sent.contains(&format!("<fast xmlns='urn:xmpp:fast:0' count='{count}'/>")));
        // Nobody is told of a login that was none.
        let told = pair.server.log.iter().any(|event| event.starts_with("Authenticated "));
        assert_eq!(told, is_in(&pair));
        is_in(&pair)
    };
    let seen = [1, 1, 3, 2, 3, 4].map(&mut with_count);
    assert_eq!(seen, [true, false, true, false, false, true]);
}

#[test]
fn a_token_that_is_given_up() {
    // Section 3.6: "MUST immediately invalidate the token", "MUST NOT include a new token".
    let mut store = Store::default();
    let token = first(&mut store);
    store.now = LIFETIME - 1;
    let mut config = token_client(&token, false);
    config.sasl2.token_use = Fast { count: None, invalidate: true };
    let (pair, sent, new) = log_in(config, &mut store);
    assert!(is_in(&pair));
    assert!(sent.contains("<fast xmlns='urn:xmpp:fast:0' invalidate='true'/>"), "{sent}");
    assert_eq!((new, count(&sent, "<token ")), (None, 0));
    assert!(!is_in(&log_in(token_client(&token, false), &mut store).0));
}

#[test]
fn a_token_is_good_for_one_mechanism_installation_and_account() {
    let mut store = Store::default();
    let token = first(&mut store);
    let secret = String::from_utf8(token.secret().expose().into()).unwrap();
    // "Servers MUST bind tokens to the mechanism selected by the client".
    let unbound = token_client(&Token::new(UNBOUND, &secret), false);
    assert!(!is_in(&log_in(unbound, &mut store).0));
    // "Tokens are issued on a per-client basis."
    let mut elsewhere = token_client(&token, false);
    elsewhere.sasl2.user_agent = UserAgent::with_id(&ID.replace('d', "e")).unwrap();
    assert!(!is_in(&log_in(elsewhere, &mut store).0));
    let mut romeo = token_client(&token, false);
    romeo.account = BareJid::new("romeo@example.com").unwrap();
    romeo.credentials =
        xmpp_core::sasl::client::Credentials::new("romeo").with_token(token.clone());
    assert!(!is_in(&log_in(romeo, &mut store).0));
    assert!(is_in(&log_in(token_client(&token, false), &mut store).0));
}

#[test]
fn no_token_without_a_name_or_an_offer() {
    // Section 5.1: "MUST also provide the […] <user-agent> element with an 'id'".
    let mut nameless = asking_client();
    nameless.sasl2.user_agent = UserAgent::default();
    let (pair, sent, token) = log_in(nameless, &mut Store::default());
    assert!(is_in(&pair));
    assert_eq!((count(&sent, "request-token"), token), (0, None));
    let (pair, sent, token) =
        log_in_at(asking_client(), crate::common::host_config(), &mut Store::default());
    assert!(is_in(&pair));
    assert_eq!((count(&sent, "urn:xmpp:fast:0"), token), (0, None));
    assert_eq!(log_in(client(), &mut Store::default()).2, None, "nor unasked");
}

/// What a listener has heard is of no use on another connection; and what has no
/// channel binding is of none where the client counts.
#[test]
fn replayed_bytes() {
    let mut store = Store::default();
    let bound = first(&mut store);
    let mut asks_unbound = asking_client();
    asks_unbound.sasl = asks_unbound.sasl.forbid(EXPORTER);
    let unbound = log_in(asks_unbound, &mut store).2.unwrap().token;
    assert_eq!(unbound.mechanism(), UNBOUND);
    let mut config = token_client(&unbound, false);
    config.sasl2.token_use = Fast { count: Some(1), invalidate: false };
    let (_, sent, _) = log_in(config, &mut store);
    let start = sent.find("<authenticate").unwrap();
    let heard = &sent[start..sent.find("</authenticate>").unwrap() + 15];
    let mut server = crate::setting::waiting_server(host());
    server.tokens = store.clone();
    server.sent();
    server.receive(heard.as_bytes()).unwrap();
    assert!(server.sent().contains("<not-authorized "));
    assert!(!server.log.iter().any(|event| event.starts_with("Authenticated ")));
    // The slots hold one installation's tokens: the newer has taken the older's place.
    assert!(!is_in(&log_in(token_client(&bound, false), &mut store).0));
}

/// With a token or without an account: the same elements.
#[test]
fn nobody_finds_out_who_has_a_token() {
    let mut store = Store::default();
    let token = first(&mut store);
    let wrong = Token::new(EXPORTER, "guess");
    let answer = |name: &str, store: &mut Store| {
        let mut config = token_client(&wrong, false);
        config.account = BareJid::new(&format!("{name}@example.com")).unwrap();
        config.credentials =
            xmpp_core::sasl::client::Credentials::new(name).with_token(wrong.clone());
        let (_, sent, _) = log_in(config, store);
        sent[sent.find("</authenticate>").unwrap()..].to_owned()
    };
    assert_eq!(answer("juliet", &mut store), answer("nurse", &mut store));
    assert!(is_in(&log_in(token_client(&token, false), &mut store).0), "no harm is done");
}
