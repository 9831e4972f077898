//! What is sent is all that was said, and what is received is told apart.

mod common;

use common::{Authority, NOW, seconds};
use xmpp_cpim::mapping::Lost;
use xmpp_e2e::{
    Case, Certificate, Certificates, ContentEncryption, DateTime, KeyKind, Limits, MemoryStore,
    MimeError, Object, OpenError, Opener, Policy, Protection, Receiver, SendError, Sender,
    SignedForm, Unverified, encrypt, secured_payload, sign,
};
use xmpp_jid::{BareJid, Jid};
use xmpp_stanza::{
    LangText, Message, MessageBuilder, MessageType, Presence, PresenceType, Show, Stanza,
    StanzaBuilder, StanzaRef, Thread,
};
use xmpp_xml::{Element, Ns};

fn time() -> DateTime {
    NOW.to_date_time().unwrap()
}

fn message() -> MessageBuilder {
    Message::builder(MessageType::Chat)
        .with_from("juliet@example.com/balcony".parse::<Jid>().unwrap())
        .with_to("romeo@example.net/orchard".parse::<Jid>().unwrap())
        .with_id("m1")
        .with_body("Wherefore art thou, Romeo?")
}

/// What Message/CPIM and PIDF have no place for is not dropped: the stanza goes
/// whole, or the caller is told.
#[test]
fn nothing_is_dropped_unless_asked_and_told() {
    let receipt = Element::builder(Ns::new("urn:xmpp:receipts"), "request").build().unwrap();
    let presence = || {
        Presence::builder(PresenceType::Available)
            .with_from("juliet@example.com/balcony".parse::<Jid>().unwrap())
            .with_to("romeo@example.net".parse::<Jid>().unwrap())
    };
    let cases: [(StanzaBuilder, Option<Lost>); 7] = [
        (message().into(), None),
        (message().with_subject("Imploring").into(), None),
        (message().with_thread(Thread::new("t")).into(), Some(Lost::Thread)),
        (
            message().with_body(LangText::in_lang("cs", "Proč")).into(),
            Some(Lost::Body { lang: Some("cs".into()) }),
        ),
        (
            message().with(&receipt).into(),
            Some(Lost::Payload { ns: "urn:xmpp:receipts".into(), name: "request".into() }),
        ),
        (presence().with_status("here").into(), None),
        (presence().with_show(Show::Away).into(), Some(Lost::Show)),
    ];
    for (stanza, expected) in cases {
        let stanza = stanza.build().unwrap();
        let object = Object::from_stanza(&stanza, time()).unwrap();
        assert_eq!(matches!(object, Object::Stanza(_)), expected.is_some(), "{object:?}");
        if let Object::Stanza(whole) = &object {
            assert_eq!(**whole, stanza);
        }
        let mapped = Object::from_stanza_for_gateway(&stanza, time()).unwrap();
        assert!(!matches!(mapped.value, Object::Stanza(_)));
        let lost: Vec<_> = mapped.lost.into_iter().map(|loss| loss.what).collect();
        assert_eq!(lost, expected.into_iter().collect::<Vec<_>>());
    }
}

/// Octets that are no text come back as they were, signed, encrypted, or both.
#[test]
fn binary_entities_keep_their_octets() {
    let authority = Authority::new();
    let trust = authority.trust();
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let romeo = [authority.identity("romeo@example.net", KeyKind::P256)];
    let to: [(&Certificate, &[ContentEncryption]); 1] = [(romeo[0].certificate(), &[])];
    for fields in [
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary",
        "Content-Type: application/octet-stream",
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: binary",
    ] {
        let mut entity = format!("{fields}\r\n\r\n").into_bytes();
        entity.extend_from_slice(b"\x00\x01\x0a\xff\x0d");
        for form in [SignedForm::Detached, SignedForm::Opaque] {
            let policy = Policy::modern().with_form(form);
            let signed = sign(&entity, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
            let sealed = encrypt(&signed, &to, &policy, NOW).unwrap();
            for protected in [signed, sealed] {
                let opened = Opener::new(&romeo, &trust, &policy).open(&protected, NOW).unwrap();
                assert_eq!(opened.entity, entity, "{fields}");
            }
        }
        // XML would change them: they are refused, not rewritten.
        let policy = Policy::modern();
        let signed = sign(&entity, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
        assert!(secured_payload(&signed).is_err());
    }
}

/// What is too long to be received is not sent.
#[test]
fn the_limit_on_sending_is_that_on_receiving() {
    let authority = Authority::new();
    let trust = authority.trust();
    let mut sender =
        Sender::new(authority.identity("juliet@example.com", KeyKind::P256), Policy::modern());
    let (from, to): (BareJid, BareJid) =
        ("juliet@example.com".parse().unwrap(), "romeo@example.net".parse().unwrap());
    let mut receiver = Receiver::new(to.clone(), Vec::new(), trust.clone(), MemoryStore::new());
    let object = |body: &str| {
        let message = Message::builder(MessageType::Chat)
            .with_from(from.clone())
            .with_to(to.clone())
            .with_body(body);
        let message = Stanza::Message(message.build().unwrap());
        Object::from_stanza(&message, time()).unwrap()
    };
    let too_long = object(&"x".repeat(512 << 10));
    let refused = sender.protect(&too_long, Protection::Sign, &[(&to, &[])], &trust, NOW);
    assert!(matches!(refused, Err(SendError::TooLong { limit: 524_288, .. })), "{refused:?}");
    let longest = object(&"x".repeat(500 << 10));
    let sent = sender.protect(&longest, Protection::Sign, &[(&to, &[])], &trust, NOW).unwrap();
    let sent = xmpp_e2e::secured_object(sent.as_ref()).unwrap();
    assert!(receiver.open_object(&from, &to, &sent, NOW).is_ok());
    let mut sender =
        Sender::new(authority.identity("juliet@example.com", KeyKind::P256), Policy::modern())
            .with_limits(Limits::DEFAULT.with_max_object_bytes(100));
    let refused = sender.protect(&object("x"), Protection::Sign, &[(&to, &[])], &trust, NOW);
    assert!(matches!(refused, Err(SendError::TooLong { limit: 100, .. })));
}

/// Errors name what is wrong, and a signature that is not read is case 4 of
/// RFC 3923 section 7, not case 5.
#[test]
fn errors_name_what_is_wrong() {
    let authority = Authority::new();
    let trust = authority.trust();
    let policy = Policy::modern();
    let open =
        |text: &str| Opener::new(&[], &trust, &policy).open(text.as_bytes(), NOW).unwrap_err();
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let entity = b"Content-Type: text/plain\r\n\r\nGood night";
    let sign = |form| {
        let policy = Policy::modern().with_form(form);
        let signed = sign(entity, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
        String::from_utf8(signed).unwrap()
    };
    let opaque = sign(SignedForm::Opaque);
    let (head, body) = opaque.split_once("\r\n\r\n").unwrap();
    let cut = format!("{head}\r\n\r\n{}", &body[..body.len() / 2 / 4 * 4]);
    let error = open(&cut);
    let OpenError::Signature(Unverified::Mime(MimeError::Cms(_))) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(error.case(), Case::UnverifiedSignature);
    let error = open(&opaque.replace("signed-data", "enveloped-data"));
    assert_eq!(error, OpenError::Mime(MimeError::SmimeType));

    let detached = sign(SignedForm::Detached);
    for (broken, why) in [
        (detached.replace("/pkcs7-signature\";", "/x\";"), MimeError::Parameters),
        (detached.replace("boundary=", "bound="), MimeError::Parameters),
        (detached[..detached.len() - 10].to_owned(), MimeError::Parts),
        (
            detached.replace("Content-Type: application/pkcs7-s", "Content-Type: application/s"),
            MimeError::SignaturePart,
        ),
    ] {
        let error = open(&broken);
        assert_eq!(error.case(), Case::UnverifiedSignature, "{error}");
        assert_eq!(error, OpenError::Signature(Unverified::Mime(why)));
    }
    // Each has its source, down to the octet.
    let error = open(&cut);
    let (mut source, mut depth): (&dyn core::error::Error, _) = (&error, 0);
    while let Some(next) = source.source() {
        source = next;
        depth += 1;
    }
    assert_eq!(depth, 3, "{source}");
}

// A stanza that has none of it is none of ours. 3923-7-02: what is good gives no
// error to send.
#[test]
fn success_and_other_stanzas_give_no_error() {
    let authority = Authority::new();
    let trust = authority.trust();
    let to: BareJid = "romeo@example.net".parse().unwrap();
    let mut receiver = Receiver::new(to.clone(), Vec::new(), trust.clone(), MemoryStore::new());
    let mut open = |xml: &str, now| {
        let element = Element::parse(xml).unwrap();
        receiver.open(StanzaRef::new(element.as_ref()).unwrap(), now)
    };
    for other in [
        "<message xmlns='jabber:client' to='romeo@example.net'><body>Hi</body></message>",
        "<message xmlns='jabber:client' to='romeo@example.net'><e2e xmlns='urn:other'/></message>",
        "<presence xmlns='jabber:client' to='romeo@example.net'/>",
    ] {
        assert!(open(other, NOW).is_none(), "{other}");
    }
    let mut sender =
        Sender::new(authority.identity("juliet@example.com", KeyKind::P256), Policy::modern());
    let stanza: Stanza<'_> = message().build().unwrap().into();
    let object = Object::from_stanza(&stanza, sender.timestamp(NOW).unwrap()).unwrap();
    let payload = sender.protect(&object, Protection::Sign, &[(&to, &[])], &trust, NOW).unwrap();
    let wrapped = xmpp_e2e::wrap(&stanza, &payload).unwrap();
    let mut xml = Vec::new();
    let mut writer = xmpp_xml::Writer::document(&mut xml);
    writer.write(&wrapped);
    writer.finish().unwrap();
    let verdict = open(core::str::from_utf8(&xml).unwrap(), seconds(1)).unwrap();
    assert!(verdict.is_ok(), "an error is to be had of a refusal alone");
}
