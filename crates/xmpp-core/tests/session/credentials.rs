//! What is kept from one login for the next.

use core::num::NonZeroU32;

use xmpp_core::config::KeyDerivation;
use xmpp_core::sasl::Mechanism;
use xmpp_core::sasl::client::{Credentials, Pinning};
use xmpp_core::sasl::crypto::Hash;
use xmpp_core::sasl::sasl2::UserAgent;
use xmpp_core::sasl::server::{AccountKeys, Config as SaslConfig, FakeSalt};
use xmpp_core::session::{Session, SessionConfig};

use crate::common::tls::Authority;
use crate::common::tokens::Store;
use crate::common::{T0, juliet_keys};
use crate::world::{Does, Host, World, client};

fn over_tls(config: SessionConfig) -> World {
    let authority = Authority::new();
    let session = Session::new(config, authority.initiator(), T0, [1; 32]);
    let mut world = World::with(session, 1);
    world.receiver = Some(authority.receiver_for("example.com"));
    world.dns.host("example.com", &["192.0.2.1"]);
    world.put("192.0.2.1:5222", Host::new(Does::Serve));
    world
}

fn log_in_again(world: &mut World) {
    world.session.reconnect_now(world.now);
    world.run_to("offline");
    world.run_to("online");
}

/// PBKDF2 is paid once.
#[test]
fn keys_are_kept() {
    let mut config = SessionConfig::new(client());
    config.client.credentials = Credentials::new("juliet").with_password("r0m30");
    config.client.key_derivation = KeyDerivation::Queried;
    let mut world = over_tls(config);
    world.run_to("online");
    log_in_again(&mut world);
    log_in_again(&mut world);
    assert_eq!(world.texts("keys wanted").len(), 1);
    assert_eq!(world.texts("authenticated"), ["authenticated SCRAM-SHA-256-PLUS"; 3]);
}

/// For each hash that a server has asked for: one that has changed its mind and changes it
/// back costs nothing more.
#[test]
fn keys_of_several_hashes_are_kept() {
    let mut config = SessionConfig::new(client());
    config.client.credentials = Credentials::new("juliet").with_password("r0m30");
    config.client.key_derivation = KeyDerivation::Queried;
    config.pinning = None;
    let mut world = over_tls(config);
    world.run_to("online");
    world.tune = |host| {
        let rounds = NonZeroU32::new(4096).unwrap();
        let keys = AccountKeys::new(FakeSalt::new([1; 32]), Hash::Sha1, rounds);
        host.sasl = SaslConfig::new().account_keys(keys);
        host.policy = host.policy.allow(Mechanism::from_name("SCRAM-SHA-1-PLUS").unwrap());
    };
    log_in_again(&mut world);
    world.tune = |_| {};
    log_in_again(&mut world);
    let [sha1, sha256] = ["authenticated SCRAM-SHA-1-PLUS", "authenticated SCRAM-SHA-256-PLUS"];
    assert_eq!(world.texts("authenticated"), [sha256, sha1, sha256]);
    assert_eq!(world.texts("keys wanted").len(), 2);
}

#[test]
fn debug_of_a_session_shows_how_it_is_and_no_secret() {
    let mut config = SessionConfig::new(client());
    config.client.credentials = Credentials::new("juliet").with_password("r0m30");
    let mut world = over_tls(config);
    let begun = format!("{:?}", world.session);
    world.run_to("online");
    let online = format!("{:?}", world.session);
    assert!(begun.contains("Waiting") && !begun.contains("Established"), "{begun}");
    assert!(online.contains("Established"), "{online}");
    assert!(!begun.contains("r0m30") && !online.contains("r0m30"), "{begun} {online}");
}

/// XEP-0474 section 4.2: what proves without revealing is not followed by what reveals.
#[test]
fn what_was_used_before_is_the_least_for_the_next_time() {
    for (pinning, stops) in [(Some(Pinning::Class), true), (None, false)] {
        let mut config = SessionConfig::new(client());
        config.client.credentials = Credentials::new("juliet").with_password("r0m30");
        config.client.sasl = config.client.sasl.allow(Mechanism::Plain);
        config.pinning = pinning;
        let mut world = over_tls(config);
        world.run_to("online");
        // Somebody who can make TLS end elsewhere would like to see the password.
        world.tune = |host| {
            for mechanism in Mechanism::ALL {
                host.policy = host.policy.forbid(mechanism);
            }
            host.policy = host.policy.allow(Mechanism::Plain);
        };
        world.session.reconnect_now(world.now);
        world.run_for(1_000_000.0);
        assert_eq!(world.texts("stopped").len(), usize::from(stops), "{:#?}", world.tail());
        let expected = if stops { 1 } else { 2 };
        assert_eq!(world.texts("authenticated").len(), expected, "{:#?}", world.tail());
    }
}

fn with_tokens() -> World {
    let mut config = SessionConfig::new(client());
    config.client.resource = None;
    config.client.credentials = Credentials::new("juliet").with_scram_keys(juliet_keys().clone());
    let id = "d4565fa7-4d72-4749-b3d3-740edbf87770";
    config.client.sasl2.user_agent = UserAgent::with_id(id).unwrap();
    config.client.sasl2.enabled = true;
    config.client.sasl2.request_token = true;
    let mut world = over_tls(config);
    world.tokens = Some(Store::default());
    world
}

/// XEP-0484: the token first, where there is one.
#[test]
fn a_token_takes_the_place_of_the_password() {
    let mut world = with_tokens();
    world.run_to("online");
    log_in_again(&mut world);
    log_in_again(&mut world);
    assert_eq!(
        world.texts("authenticated"),
        [
            "authenticated SCRAM-SHA-256-PLUS",
            "authenticated HT-SHA-256-EXPR",
            "authenticated HT-SHA-256-EXPR"
        ]
    );
}

/// Then the password, on the same stream; and what was refused is not tried again.
#[test]
fn a_token_that_is_refused_is_thrown_away() {
    let mut world = with_tokens();
    world.run_to("online");
    world.tokens = Some(Store::default());
    log_in_again(&mut world);
    assert_eq!(world.texts("refused"), ["refused HT-SHA-256-EXPR"]);
    assert_eq!(world.texts("connected").len(), 2, "on the same connection");
    assert_eq!(world.texts("authenticated"), ["authenticated SCRAM-SHA-256-PLUS"; 2]);
    // Without another token the password is used at once.
    world.tokens = None;
    log_in_again(&mut world);
    world.tokens = Some(Store::default());
    log_in_again(&mut world);
    log_in_again(&mut world);
    let last = world.texts("authenticated").pop();
    assert_eq!(last, Some("authenticated HT-SHA-256-EXPR"), "{:#?}", world.texts("authenticated"));
}

/// A token alone, which the server does not take any more: nothing else is left, and it
/// is not tried for ever.
#[test]
fn without_a_password_a_refused_token_stops() {
    let mut world = with_tokens();
    world.run_to("online");
    world.tune = |host| {
        let hashes =
            [Mechanism::from_name("SCRAM-SHA-256"), Mechanism::from_name("SCRAM-SHA-256-PLUS")];
        for mechanism in hashes.into_iter().flatten() {
            host.policy = host.policy.forbid(mechanism);
        }
    };
    world.tokens = Some(Store::default());
    world.session.reconnect_now(world.now);
    world.run_for(1_000_000.0);
    assert_eq!(world.texts("connected").len(), 2);
    assert_eq!(world.texts("stopped").len(), 1, "{:#?}", world.tail());
}

/// XEP-0484 section 5.1: a token that was refused is thrown away, also where no other came
/// in its place.
#[test]
fn a_token_that_was_refused_is_not_shown_again() {
    use xmpp_core::sasl::TokenBinding;
    use xmpp_core::sasl::client::Token;

    let mut config = SessionConfig::new(client());
    let token = Token::new(Mechanism::HashedToken(TokenBinding::Exporter), "forgotten");
    let credentials = Credentials::new("juliet").with_token(token);
    config.client.credentials = credentials.with_scram_keys(juliet_keys().clone());
    let id = "d4565fa7-4d72-4749-b3d3-740edbf87770";
    config.client.sasl2.user_agent = UserAgent::with_id(id).unwrap();
    config.client.sasl2.enabled = true;
    let mut world = over_tls(config);
    world.tokens = Some(Store::default());
    world.run_to("online");
    log_in_again(&mut world);
    log_in_again(&mut world);
    assert_eq!(world.texts("refused"), ["refused HT-SHA-256-EXPR"]);
    assert_eq!(world.texts("authenticated"), ["authenticated SCRAM-SHA-256-PLUS"; 3]);
    // What the handshake proved can be asked for.
    let facts = world.session.tls_facts().unwrap();
    assert_eq!(facts.version, Some(xmpp_core::tls::TlsVersion::Tls13));
    assert!(facts.is_peer_proved && facts.exporter.is_some());
}
