//! A client, and servers that say what they should not.

use xmpp_core::sasl::Mechanism;
use xmpp_core::sasl::client::{Credentials, Error as SaslError};
use xmpp_core::{ClientConfig, Error, PeerIncompatible, PeerMisbehaved, Phase};

use crate::common::ClientEnd;
use crate::setting::{client, client_with};

const SASL2: &str = "xmlns='urn:xmpp:sasl:2'";

/// A client that gives its password to whoever asks: the server proves nothing.
fn trusting() -> ClientConfig {
    let mut config = client();
    config.credentials = Credentials::new("juliet").with_password("r0m30");
    config.sasl = config.sasl.allow(Mechanism::Plain);
    config
}

fn offer(inline: &str) -> String {
    format!(
        "<authentication {SASL2}><mechanism>PLAIN</mechanism><inline>{inline}</inline>\
         </authentication>"
    )
}

const BIND: &str = "<bind xmlns='urn:xmpp:bind:0'/>";

/// What becomes of a client that has asked for a resource, or not, by this answer.
fn after(inline: &str, answer: &str) -> (Result<(), Error>, ClientEnd) {
    let mut client = client_with(trusting(), &offer(inline)).unwrap();
    assert!(client.sent().starts_with(&format!("<authenticate {SASL2} mechanism='PLAIN'>")));
    let result = client.receive(answer.as_bytes());
    (result, client)
}

fn success(identity: &str, more: &str) -> String {
    format!(
        "<success {SASL2}><authorization-identifier>{identity}</authorization-identifier>{more}\
         </success>"
    )
}

const BOUND: &str = "<bound xmlns='urn:xmpp:bind:0'/>";

#[test]
fn the_address_is_the_accounts() {
    let right = success("juliet@example.com/x", BOUND);
    let (result, mut client) = after(BIND, &right);
    result.unwrap();
    // XEP-0388, "Success": features follow.
    assert_eq!(client.connection.phase(), Phase::Negotiating);
    client.receive(b"<stream:features/>").unwrap();
    assert_eq!(client.connection.phase(), Phase::Established);
    assert_eq!(client.connection.bound().unwrap().as_str(), "juliet@example.com/x");

    let wrong_from = || Error::from(PeerMisbehaved::WrongFrom);
    for wrong in [
        success("romeo@example.com/x", BOUND),
        success("juliet@example.net/x", BOUND),
        success("romeo@example.com", ""),
        success("example.com", ""),
        // XEP-0386 section 3.2: "including the client's full JID"
        success("juliet@example.com", BOUND),
    ] {
        let (result, mut client) = after(BIND, &wrong);
        assert_eq!(result, Err(wrong_from()), "{wrong}");
        assert!(client.sent().contains("<invalid-from"), "{wrong}");
    }
    for wrong in [
        format!("<success {SASL2}/>"),
        success("@", ""),
        success("juliet@example.com", "<additional-data/><additional-data/>"),
    ] {
        let (result, _) = after(BIND, &wrong);
        assert!(matches!(result, Err(Error::Peer(PeerMisbehaved::Malformed(_)))), "{result:?}");
    }
    // A resource that was not asked for.
    let (result, _) = after("", &right);
    assert!(matches!(result, Err(Error::Peer(PeerMisbehaved::UnexpectedElement { .. }))));
}

#[test]
fn a_server_that_binds_nothing_is_asked_as_in_rfc_6120() {
    let (result, mut client) = after(BIND, &success("juliet@example.com", ""));
    result.unwrap();
    client
        .receive(
            b"<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
        )
        .unwrap();
    let sent = client.sent();
    assert!(sent.contains("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"), "{sent}");
    let (result, mut client) = after(BIND, &success("juliet@example.com", ""));
    result.unwrap();
    let error = client.receive(b"<stream:features/>").unwrap_err();
    assert_eq!(error, Error::Incompatible(PeerIncompatible::NoBind));
}

#[test]
fn success_is_nothing_without_proof() {
    // RFC 5802 section 3: the server has to sign. (XEP-0388, "additional-data")
    let features =
        format!("<authentication {SASL2}><mechanism>SCRAM-SHA-256</mechanism></authentication>");
    for (answer, expected) in [
        (success("juliet@example.com", ""), SaslError::SuccessWithoutProof),
        (
            format!("<continue {SASL2}><tasks><task>UPGR-SCRAM-SHA-512</task></tasks></continue>"),
            SaslError::SuccessWithoutProof,
        ),
    ] {
        let mut client = client_with(client(), &features).unwrap();
        assert!(client.sent().starts_with("<authenticate "));
        let error = client.receive(answer.as_bytes()).unwrap_err();
        assert_eq!(error, Error::ServerNotAuthenticated(expected));
        assert!(!client.log.iter().any(|event| event.starts_with("Authenticated ")));
    }
}

#[test]
fn unknown_tasks_end_the_attempt() {
    // XEP-0388, "Aborting": by <abort/>.
    for (tasks, told) in [
        ("<task>TOTP-EXAMPLE</task>", vec!["TOTP-EXAMPLE".to_owned()]),
        // One that could be done, and was not asked for.
        ("<task>UPGR-SCRAM-SHA-512</task>", vec!["UPGR-SCRAM-SHA-512".to_owned()]),
        ("", vec![]),
    ] {
        let answer = format!("<continue {SASL2}><tasks>{tasks}</tasks></continue>");
        let (result, mut client) = after(BIND, &answer);
        let sent = client.sent();
        if !told.is_empty() {
            assert!(sent.starts_with(&format!("<abort {SASL2}/>")), "{sent}");
        }
        let expected = PeerIncompatible::UnknownTasks(told);
        assert_eq!(result, Err(Error::Incompatible(expected)));
        assert!(!client.log.iter().any(|event| event.starts_with("Authenticated ")));
    }
    let (result, _) = after(BIND, &format!("<continue {SASL2}/>"));
    assert!(matches!(result, Err(Error::Peer(PeerMisbehaved::Malformed(_)))));
}

#[test]
fn an_offer_that_contradicts_itself() {
    // XEP-0440 section 3, rule 4: -PLUS and no types in this profile; rule 5: types
    // and no -PLUS.
    let plus = "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-256-PLUS</mechanism>";
    let bare = "<mechanism>SCRAM-SHA-256</mechanism>";
    let types = "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>\
        <channel-binding type='tls-exporter'/></sasl-channel-binding>";
    for (names, types) in [(plus, ""), (bare, types)] {
        let features = format!("<authentication {SASL2}>{names}</authentication>{types}");
        let error = client_with(client(), &features).err();
        assert!(
            matches!(error, Some(Error::Incompatible(PeerIncompatible::NoMechanism(_)))),
            "{error:?}"
        );
        // Nor is the other profile a way around it.
        let both = format!(
            "{features}<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{bare}</mechanisms>"
        );
        assert!(client_with(client(), &both).is_err());
    }
    let features = format!("<authentication {SASL2}>{plus}</authentication>{types}");
    let mut client = client_with(client(), &features).unwrap();
    assert!(client.sent().contains("mechanism='SCRAM-SHA-256-PLUS'"));
}

#[test]
fn the_list_of_the_profile_in_use_is_the_one_that_counts() {
    // XEP-0474: "only the mechanism list of the SASL protocol the client uses". What
    // only the other profile offers is not taken.
    let features = format!(
        "<authentication {SASL2}><mechanism>SCRAM-SHA-256</mechanism></authentication>\
         <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>\
         <mechanism>SCRAM-SHA-512</mechanism></mechanisms>"
    );
    let mut client = client_with(trusting(), &features).unwrap();
    let sent = client.sent();
    assert!(
        sent.starts_with(&format!("<authenticate {SASL2} mechanism='SCRAM-SHA-256'>")),
        "{sent}"
    );
}

#[test]
fn what_is_out_of_order_ends_the_stream() {
    for answer in [
        "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<task-data xmlns='urn:xmpp:sasl:2'/>",
        "<next xmlns='urn:xmpp:sasl:2' task='x'/>",
        "<message/>",
        "<stream:features/>",
    ] {
        let (result, client) = after(BIND, answer);
        let Err(error) = result else { panic!("{answer}") };
        // None of them is taken for another one that is malformed.
        let unexpected = matches!(error, Error::Peer(PeerMisbehaved::UnexpectedElement { .. }));
        assert!(unexpected || !answer.contains("urn:xmpp:sasl:2"), "{answer}: {error}");
        assert_eq!(client.connection.phase(), Phase::Closed);
    }
    // A server has to send features behind success, not stanzas.
    let (result, mut client) = after(BIND, &success("juliet@example.com/x", BOUND));
    result.unwrap();
    client.receive(b"<message/>").unwrap_err();
}

#[test]
fn a_failure_leaves_what_it_leaves() {
    let failure = |condition: &str| {
        format!(
            "<failure {SASL2}><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>\
             <x xmlns='urn:x'/><text>a terrible example</text></failure>"
        )
    };
    let (result, _) = after(BIND, &failure("not-authorized"));
    let Err(Error::NotAuthenticated(told)) = result else { panic!("{result:?}") };
    assert_eq!(told.text(), Some("a terrible example"));
    assert_eq!(told.extensions.len(), 1);
    // Another mechanism, where the mechanism was at fault.
    let features = format!(
        "<authentication {SASL2}><mechanism>SCRAM-SHA-256</mechanism>\
         <mechanism>PLAIN</mechanism></authentication>"
    );
    let mut client = client_with(trusting(), &features).unwrap();
    assert!(client.sent().contains("mechanism='SCRAM-SHA-256'"));
    client.receive(failure("temporary-auth-failure").as_bytes()).unwrap();
    assert!(client.sent().contains("mechanism='PLAIN'"));
}
