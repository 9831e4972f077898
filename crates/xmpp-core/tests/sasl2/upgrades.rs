//! Tasks: upgrades to SCRAM with another hash (XEP-0480).

use core::num::NonZeroU32;

use xmpp_core::config::{KeyDerivation, ScramUpgrades};
use xmpp_core::sasl::client::{Credentials, Policy};
use xmpp_core::sasl::crypto::{self, Crypto, Digest, Hash};
use xmpp_core::sasl::sasl2::Upgrade;
use xmpp_core::sasl::server::{AccountKeys, Config, FakeSalt};
use xmpp_core::sasl::{Mechanism, ScramKeys, Secret};
use xmpp_core::{
    ClientConfig, ClientEvent, Error, Event, HostConfig, Misuse, PeerIncompatible, Phase,
    XmppPreparation,
};

use crate::common::{Pair, describe, facts, take};
use crate::setting::{carry, client, count, host, pair};

/// The real thing but for the rounds of PBKDF2.
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
        if rounds.get() == 4096 {
            return crypto::provider().pbkdf2(hash, password, salt, rounds);
        }
        self.hmac(hash, password, &[salt, &rounds.get().to_be_bytes()])
    }
}

pub(crate) fn upgrading_host() -> HostConfig {
    let mut host = host();
    let rounds = NonZeroU32::new(4096).unwrap();
    let keys = AccountKeys::new(FakeSalt::new([1; 32]), Hash::Sha256, rounds);
    host.sasl = Config::with_crypto(&Quick).account_keys(keys).preparation(&XmppPreparation);
    host.sasl2.upgrades = Upgrade::missing(&[Hash::Sha256]);
    host
}

pub(crate) fn upgrading_client() -> ClientConfig {
    let mut config = client();
    config.credentials = Credentials::new("juliet").with_password("r0m30");
    config.sasl = Policy::new(&Quick).preparation(&XmppPreparation);
    config
}

const UPGRADE: &str = "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>";

#[test]
fn keys_for_the_hashes_that_the_server_lacks() {
    let mut pair = pair(upgrading_client(), upgrading_host());
    let (sent, _) = carry(&mut pair);
    let all = sent.concat();
    // Section 2.1: in the feature, without -PLUS. Section 2.2: one <upgrade/> each.
    let both = format!("{UPGRADE}UPGR-SCRAM-SHA-1</upgrade>{UPGRADE}UPGR-SCRAM-SHA-512</upgrade>");
    assert_eq!(count(&all, &both), 2, "{all}");
    assert_eq!(pair.client.connection.phase(), Phase::Established);
    // "a <continue/> element, which MUST contain a single task"; the proof with the first.
    assert_eq!(count(&all, "<continue "), 2);
    assert!(
        all.contains("</additional-data><tasks><task>UPGR-SCRAM-SHA-1</task></tasks></continue>")
    );
    assert!(all.contains(
        "<continue xmlns='urn:xmpp:sasl:2'><tasks><task>UPGR-SCRAM-SHA-512</task></tasks></continue>"
    ), "{all}");
    assert!(all.contains("<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-1'/>"));
    // Section 3.
    assert!(all.contains(
        "<task-data xmlns='urn:xmpp:sasl:2'><salt xmlns='urn:xmpp:scram-upgrade:0' iterations='1300000'>"
    ), "{all}");
    assert_eq!(count(&all, "<hash xmlns='urn:xmpp:scram-upgrade:0'>"), 2);
    assert_eq!(count(&all, "<additional-data>"), 1);
    assert!(
        sent.last()
            .unwrap()
            .contains("<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>")
    );
    let gained: Vec<_> =
        pair.server.log.iter().filter(|event| event.contains("KeysUpgraded")).collect();
    assert_eq!(gained.len(), 2, "{:#?}", pair.server.log);
    assert!(gained[0].contains("juliet@example.com") && gained[0].contains("Sha1"), "{gained:?}");
    // Only after the tasks is anybody let in.
    let place = |what: &str| pair.server.log.iter().rposition(|event| event.starts_with(what));
    assert!(place("KeysUpgraded") < place("Authenticated "), "{:#?}", pair.server.log);
}

#[test]
fn only_who_wants_and_may() {
    let mut never = upgrading_client();
    never.sasl2.upgrades = ScramUpgrades::Never;
    // Security considerations: "SHOULD use channel-binding".
    let mut unbound = upgrading_client();
    let plus = Mechanism::from_name("SCRAM-SHA-256-PLUS").unwrap();
    unbound.sasl = unbound.sasl.forbid(plus);
    // There are keys, and no password.
    let mut keys = upgrading_client();
    keys.credentials = client().credentials;
    for config in [never, unbound.clone(), keys] {
        let mut pair = pair(config, upgrading_host());
        let all = carry(&mut pair).0.concat();
        assert_eq!(count(&all, "<continue "), 0);
        assert_eq!(pair.client.connection.phase(), Phase::Established);
    }
    unbound.sasl2.upgrades = ScramUpgrades::Always;
    let mut pair = pair(unbound, upgrading_host());
    assert_eq!(count(&carry(&mut pair).0.concat(), "<continue "), 2);
}

/// A client that asks its driver, up to the question.
fn asked(answer: impl Fn(&mut Pair, xmpp_core::UpgradeQuery)) -> Pair {
    let mut config = upgrading_client();
    config.key_derivation = KeyDerivation::Queried;
    let mut pair = pair(config, upgrading_host());
    loop {
        let to_server = take(&mut pair.client.tx);
        let _ = pair.server.receive(&to_server);
        let to_client = take(&mut pair.server.tx);
        if to_server.is_empty() && to_client.is_empty() {
            return pair;
        }
        let now = pair.client.now;
        pair.client.rx.push(&to_client);
        loop {
            let client = &mut pair.client;
            let Ok(Some(event)) = client.connection.poll_event(now, &mut client.rx, &mut client.tx)
            else {
                break;
            };
            client.log.push(describe(&event));
            match event {
                Event::StartTls => {
                    let (rx, tx) = (&mut client.rx, &mut client.tx);
                    client.connection.tls_established(now, facts(), rx, tx).unwrap();
                }
                Event::Role(ClientEvent::KeysWanted(query)) => {
                    let keys = query.derive();
                    client.connection.provide_keys(query, keys, &mut client.tx).unwrap();
                }
                Event::Role(ClientEvent::UpgradeWanted(query)) => answer(&mut pair, query),
                _ => {}
            }
        }
    }
}

#[test]
fn the_driver_may_hash_elsewhere() {
    let pair = asked(|pair, query| {
        let salted = query.derive();
        let client = &mut pair.client;
        client.connection.provide_salted_password(query, salted, &mut client.tx).unwrap();
    });
    assert_eq!(pair.client.connection.phase(), Phase::Established);
    // An answer of another length is a mistake of the driver's, and harms nothing.
    let pair = asked(|pair, query| {
        let client = &mut pair.client;
        let wrong = Secret::from("short");
        let error = client.connection.provide_salted_password(query, wrong, &mut client.tx);
        assert_eq!(error, Err(Misuse::WrongKeys));
    });
    assert_eq!(pair.client.connection.phase(), Phase::Negotiating);
    assert_eq!(pair.server.connection.phase(), Phase::Negotiating);
}

#[test]
fn the_keys_are_those_of_the_password() {
    let task = Upgrade::to(Hash::Sha512);
    let rounds = NonZeroU32::new(4096).unwrap();
    let policy = Policy::default().preparation(&XmppPreparation);
    let credentials = Credentials::new("juliet").with_password("r0m30");
    let query = task.query(&policy, &credentials, b"salt", rounds).unwrap();
    let config = Config::new();
    let keys = task.keys_by(&config, query.derive().expose(), b"salt", rounds).unwrap();
    assert!(keys.verify_password(crypto::provider(), b"r0m30"));
    let direct = ScramKeys::derive(crypto::provider(), Hash::Sha512, b"r0m30", b"salt", rounds);
    assert_eq!(keys, direct.to_stored());
}

/// A server in the middle of a task.
fn in_a_task(elements: &[&str]) -> (Result<(), Error>, String, Vec<String>) {
    let mut pair = pair(upgrading_client(), upgrading_host());
    // Up to <continue/>.
    loop {
        let to_server = take(&mut pair.client.tx);
        pair.server.receive(&to_server).unwrap();
        let to_client = take(&mut pair.server.tx);
        if String::from_utf8_lossy(&to_client).contains("<continue ") {
            break;
        }
        pair.client.receive(&to_client).unwrap();
    }
    let mut result = Ok(());
    for element in elements {
        result = result.and_then(|()| pair.server.receive(element.as_bytes()));
    }
    (result, pair.server.sent(), pair.server.log.clone())
}

#[test]
fn a_task_is_done_as_it_is_to_be_done() {
    let next = "<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-1'/>";
    let hash = |hash: &str| {
        format!(
            "<task-data xmlns='urn:xmpp:sasl:2'><hash xmlns='urn:xmpp:scram-upgrade:0'>{hash}</hash>\
             </task-data>"
        )
    };
    let (empty, short, bad) = (hash(""), hash("AAAA"), hash("!"));
    let right = hash("AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    for (elements, condition) in [
        // "The <hash/> element MUST NOT be empty".
        (vec![next, &empty], "malformed-request"),
        (vec![next, &short], "malformed-request"),
        (vec![next, &bad], "incorrect-encoding"),
        (vec!["<next xmlns='urn:xmpp:sasl:2' task='TOTP'/>"], "malformed-request"),
        // On the list of another round.
        (vec!["<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-512'/>"], "malformed-request"),
        (vec!["<next xmlns='urn:xmpp:sasl:2'/>"], "malformed-request"),
        (vec!["<abort xmlns='urn:xmpp:sasl:2'/>"], "aborted"),
        (vec![next, "<abort xmlns='urn:xmpp:sasl:2'/>"], "aborted"),
    ] {
        let (result, sent, log) = in_a_task(&elements);
        result.unwrap();
        assert!(sent.contains(&format!("<{condition} ")), "{elements:?}: {sent}");
        assert!(!log.iter().any(|event| event.starts_with("Authenticated ")));
    }
    for elements in [
        vec![right.as_str()],
        vec![next, next],
        vec!["<response xmlns='urn:xmpp:sasl:2'/>"],
        // XEP-0388, "Multiple Authentication".
        vec!["<authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-256'/>"],
        vec!["<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'/>"],
        vec!["<message/>"],
    ] {
        let (result, sent, _) = in_a_task(&elements);
        assert!(result.is_err(), "{elements:?}");
        assert!(sent.contains("<stream:error>"), "{elements:?}: {sent}");
    }
    let (result, sent, log) = in_a_task(&[next, &right]);
    result.unwrap();
    assert!(sent.contains("<task>UPGR-SCRAM-SHA-512</task>"), "{sent}");
    assert!(log.iter().any(|event| event.contains("KeysUpgraded")));
}

#[test]
fn a_count_beyond_the_policy_is_not_hashed() {
    let mut config = upgrading_client();
    config.sasl = config.sasl.iterations(4096..=100_000);
    let mut pair = pair(config, upgrading_host());
    let all = carry(&mut pair).0.concat();
    assert!(all.contains("<abort xmlns='urn:xmpp:sasl:2'/>"), "{all}");
    let error = pair.client.connection.poll_event(
        pair.client.now,
        &mut pair.client.rx,
        &mut pair.client.tx,
    );
    let Err(Error::Incompatible(PeerIncompatible::Upgrade(why))) = error else { panic!() };
    assert_eq!(why.to_string(), "1300000 iterations are out of bounds");
}
