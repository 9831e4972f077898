//! Properties that hold for any text and any octets.

mod common;

use std::sync::LazyLock;

use common::{Authority, NOW};
use proptest::prelude::*;
use xmpp_e2e::{
    Certificates, Identity, KeyKind, Object, Opener, Policy, TrustStore, encrypt, secured_object,
    secured_payload, sign,
};
use xmpp_stanza::{Message, MessageType, Stanza};

struct People {
    trust: TrustStore,
    juliet: Identity,
    romeo: [Identity; 1],
}

static PEOPLE: LazyLock<People> = LazyLock::new(|| {
    let authority = Authority::new();
    People {
        trust: authority.trust(),
        juliet: authority.identity("juliet@example.com", KeyKind::Ed25519),
        romeo: [authority.identity("romeo@example.net", KeyKind::X25519)],
    }
});

fn open(text: &[u8]) -> Vec<u8> {
    let policy = Policy::modern();
    let opener = Opener::new(&PEOPLE.romeo, &PEOPLE.trust, &policy);
    opener.open(text, NOW).unwrap().entity
}

/// Text that XML can carry, with line ends of every kind and the end of CDATA.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,20}",
        "[\u{e000}-\u{fffd}\u{10000}-\u{1f64f}]{0,4}",
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("--e2e-0".to_owned()),
        Just("]]>".to_owned()),
        Just("<![CDATA[&amp;".to_owned()),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// What is signed comes through XML as it was, but for its line ends.
    #[test]
    fn signed_text_survives_xml(text in text()) {
        let entity = format!("Content-Type: text/plain; charset=utf-8\n\n{text}");
        let entity = xmpp_cpim::mime::canonical_crlf(entity.as_bytes()).into_owned();
        let signed = sign(&entity, &PEOPLE.juliet, &Policy::modern(), NOW, Certificates::SentAlong).unwrap();
        let payload = secured_payload(&signed).unwrap();
        prop_assert_eq!(&*secured_object(payload.as_ref()).unwrap(), &signed[..]);
        let text = payload.as_ref().text().replace("\r\n", "\n");
        prop_assert_eq!(open(text.as_bytes()), entity);
    }

    /// What is encrypted comes back to the octet, whatever it is.
    #[test]
    fn any_octets_survive_encryption(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut entity = b"Content-Type: application/octet-stream\r\n\r\n".to_vec();
        entity.extend_from_slice(&body);
        let policy = Policy::modern();
        let mut unsigned = Policy::modern();
        unsigned.accept_unsigned = true;
        let to = [(PEOPLE.romeo[0].certificate(), &[][..])];
        let sealed = encrypt(&entity, &to, &policy, NOW).unwrap();
        let opener = Opener::new(&PEOPLE.romeo, &PEOPLE.trust, &unsigned);
        prop_assert_eq!(&opener.open(&sealed, NOW).unwrap().entity, &entity);
        let signed = sign(&entity, &PEOPLE.juliet, &policy, NOW, Certificates::SentAlong).unwrap();
        let sealed = encrypt(&signed, &to, &policy, NOW).unwrap();
        prop_assert_eq!(open(&sealed), entity);
    }

    /// A message as an object and back keeps its text.
    #[test]
    fn messages_survive(body in "[ -~\u{a1}-\u{d7ff}\n]{1,60}") {
        let message = Message::builder(MessageType::Chat)
            .with_from("juliet@example.com".parse::<xmpp_jid::Jid>().unwrap())
            .with_to("romeo@example.net".parse::<xmpp_jid::Jid>().unwrap())
            .with_body(body.as_str());
        let message = Stanza::Message(message.build().unwrap());
        let object = Object::from_stanza(&message, NOW.to_date_time().unwrap()).unwrap();
        let entity = object.to_entity().unwrap();
        let again = Object::parse(&entity, &xmpp_e2e::Limits::DEFAULT).unwrap();
        prop_assert_eq!(&again.to_entity().unwrap(), &entity);
        let stanzas = again.to_stanzas(&message).unwrap();
        let Stanza::Message(found) = &stanzas[0] else { panic!() };
        let found = found.body();
        prop_assert_eq!(found.as_deref(), Some(&body[..]));
    }

    /// Nothing that is not protected is opened, and nothing panics.
    #[test]
    fn other_octets_are_refused(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
        let policy = Policy::legacy();
        let opener = Opener::new(&PEOPLE.romeo, &PEOPLE.trust, &policy);
        prop_assert!(opener.open(&octets, NOW).is_err());
    }
}
