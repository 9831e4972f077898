//! The vectors of `conformance/vectors/e2e`, which any implementation can run.

use std::fs;
use std::path::{Path, PathBuf};

use xmpp_e2e::{
    Case, Certificate, Identity, MemoryStore, Opener, Policy, PrivateKey, Receiver, Timestamp,
    TrustStore,
};
use xmpp_stanza::{Stanza, StanzaRef};
use xmpp_xml::Element;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/vectors/e2e")
}

fn read(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn word(case: Case) -> &'static str {
    match case {
        Case::BadTimestamp => "bad-timestamp",
        Case::UnverifiedSignature => "unverified-signature",
        Case::DecryptionFailed => "decryption-failed",
    }
}

#[test]
fn every_vector_gives_what_it_says() {
    let mut trust = TrustStore::new();
    trust.add_anchor(&Certificate::from_pem(&read("keys/root.pem")).unwrap()[0]).unwrap();
    let mut run = 0;
    for line in String::from_utf8(read("vectors.jsonl")).unwrap().lines() {
        let vector: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| vector[key].as_str().unwrap_or_else(|| panic!("{key}: {line}"));
        let policy = match text("policy") {
            "modern" => Policy::modern(),
            "legacy" => Policy::legacy(),
            other => panic!("{other}"),
        };
        let keys: Vec<Identity> = vector["key"].as_str().map_or_else(Vec::new, |name| {
            let key = PrivateKey::from_pem(&read(name)).unwrap();
            let certificates = Certificate::from_pem(&read(text("certificate"))).unwrap();
            vec![Identity::new(key, certificates).unwrap()]
        });
        let now = Timestamp::from_date_time(text("at").parse().unwrap()).unwrap();
        let found = if text("form") == "entity" {
            entity(&read(text("object")), &keys, &trust, &policy, now, text("object"))
        } else {
            stanza(&read(text("object")), keys, &trust, &policy, now, text("object"))
        };
        assert_eq!(found, vector["error"].as_str().unwrap_or("ok"), "{line}");
        assert_eq!(found == "ok", vector["ok"].as_bool().unwrap(), "{line}");
        run += 1;
    }
    assert!(run > 50, "{run}");
}

fn entity(
    octets: &[u8],
    keys: &[Identity],
    trust: &TrustStore,
    policy: &Policy,
    now: Timestamp,
    name: &str,
) -> &'static str {
    match Opener::new(keys, trust, policy).open(octets, now) {
        Ok(opened) => {
            let inside = if name.contains("presence") { "presence.pidf" } else { "message.cpim" };
            assert_eq!(opened.entity, read(inside), "{name}");
            "ok"
        }
        Err(error) => word(error.case()),
    }
}

fn stanza(
    octets: &[u8],
    keys: Vec<Identity>,
    trust: &TrustStore,
    policy: &Policy,
    now: Timestamp,
    name: &str,
) -> &'static str {
    let element = Element::parse(octets.trim_ascii()).unwrap();
    let stanza = StanzaRef::new(element.as_ref()).unwrap();
    let account = stanza.to().jid().unwrap().to_bare().into_owned();
    let mut receiver =
        Receiver::new(account, keys, trust.clone(), MemoryStore::new()).with_policy(policy.clone());
    match receiver.open(stanza, now).unwrap() {
        Ok(received) => {
            let outer = Stanza::parse(element.as_ref()).unwrap();
            let found = received.object.to_stanzas(&outer).unwrap().remove(0);
            let kind = ["message", "presence", "iq"].into_iter().find(|kind| name.contains(kind));
            let plain = Element::parse(read(&format!("{}.xml", kind.unwrap_or("message"))));
            let plain = Stanza::parse(plain.unwrap().as_ref()).unwrap();
            match (&found, &plain) {
                (Stanza::Message(found), Stanza::Message(plain)) => {
                    assert_eq!(found.body(), plain.body());
                    assert_eq!(found.subject(), plain.subject());
                }
                (Stanza::Presence(found), Stanza::Presence(plain)) => {
                    assert_eq!(found.status(), plain.status());
                }
                _ => assert_eq!(found, plain),
            }
            "ok"
        }
        Err(refused) => refused.case().map_or("bad-request", word),
    }
}
