//! RFC 3923 from stanza to stanza, requirement by requirement.

mod common;

use core::time::Duration;

use common::{Authority, NOW, seconds};
use xmpp_e2e::{
    AddressForm, BadTimestamp, Case, Certificate, CertificateStore, Certificates, Identity,
    KeyKind, Known, Layer, MemoryStore, Object, OpenError, Policy, Protection, Received, Receiver,
    Refused, SendError, Sender, Timestamp, TrustStore, Unverified, WrapError, certificate_request,
    secured_object, secured_payload, sign, wrap,
};
use xmpp_jid::BareJid;
use xmpp_stanza::{Iq, Message, MessageType, Presence, PresenceType, Stanza, StanzaRef};
use xmpp_xml::{Element, WriteXml, Writer, ns};

const JULIET: &str = "juliet@example.com";
const ROMEO: &str = "romeo@example.net";

fn jid(text: &str) -> BareJid {
    text.parse().unwrap()
}

/// Juliet sends, Romeo receives.
struct Pair {
    authority: Authority,
    trust: TrustStore,
    sender: Sender,
    receiver: Receiver<MemoryStore>,
    romeo: Vec<Known>,
}

impl Pair {
    fn new() -> Self {
        let authority = Authority::new();
        let trust = authority.trust();
        let romeo = authority.identity(ROMEO, KeyKind::P256);
        let known = |certificate: &Certificate| Known::new(certificate.clone());
        let certificates = vec![known(romeo.certificate()), known(&authority.intermediate)];
        Self {
            sender: Sender::new(authority.identity(JULIET, KeyKind::P256), Policy::modern()),
            receiver: Receiver::new(jid(ROMEO), vec![romeo], trust.clone(), MemoryStore::new()),
            trust,
            authority,
            romeo: certificates,
        }
    }

    fn object(&mut self, stanza: &Stanza<'_>, now: Timestamp) -> Object {
        Object::from_stanza(stanza, self.sender.timestamp(now).unwrap()).unwrap()
    }

    fn protect(&mut self, object: &Object, how: Protection, now: Timestamp) -> Element {
        let recipients = [(&jid(ROMEO), &self.romeo[..])];
        self.sender.protect(object, how, &recipients, &self.trust, now).unwrap()
    }

    /// The stanza on the wire.
    fn send(&mut self, stanza: &Stanza<'_>, how: Protection, now: Timestamp) -> String {
        let object = self.object(stanza, now);
        let payload = self.protect(&object, how, now);
        xml(&wrap(stanza, &payload).unwrap())
    }

    fn receive(&mut self, wire: &str, now: Timestamp) -> Result<Received, Refused> {
        let element = Element::parse(wire).unwrap();
        let stanza = StanzaRef::new(element.as_ref()).unwrap();
        self.receiver.open(stanza, now).expect("an <e2e/> payload")
    }
}

fn xml(value: &impl WriteXml) -> String {
    let mut out = Vec::new();
    let mut writer = Writer::document(&mut out);
    writer.write(value);
    writer.finish().unwrap();
    String::from_utf8(out).unwrap()
}

fn message() -> Stanza<'static> {
    let message = Message::builder(MessageType::Chat)
        .with_from(format!("{JULIET}/balcony").parse::<xmpp_jid::Jid>().unwrap())
        .with_to(format!("{ROMEO}/orchard").parse::<xmpp_jid::Jid>().unwrap())
        .with_id("m1")
        .with_body("Wherefore art thou,\nRomeo? ]]> & <3");
    message.build().unwrap().into()
}

fn presence() -> Stanza<'static> {
    let presence = Presence::builder(PresenceType::Available)
        .with_from(format!("{JULIET}/balcony").parse::<xmpp_jid::Jid>().unwrap())
        .with_to(ROMEO.parse::<xmpp_jid::Jid>().unwrap())
        .with_status("retired to the chamber");
    presence.build().unwrap().into()
}

fn iq() -> Stanza<'static> {
    let payload =
        Element::builder(xmpp_xml::Ns::new("jabber:iq:version"), "query").build().unwrap();
    let iq = Iq::get("v1", &payload)
        .with_from(format!("{JULIET}/balcony").parse::<xmpp_jid::Jid>().unwrap())
        .with_to(format!("{ROMEO}/orchard").parse::<xmpp_jid::Jid>().unwrap());
    iq.build().unwrap().into()
}

// 3923-3.1-01, 3923-4.1-01, 3923-2-12, 3923-2-13, 3923-10-01; signed first, then encrypted:
// 3923-6.5-01, 3923-6.7-01; how the signature is to be handled: 3923-6.7-02
#[test]
fn every_kind_of_stanza_in_every_protection() {
    for stanza in [message(), presence(), iq()] {
        for how in [Protection::Sign, Protection::SignAndEncrypt] {
            let mut pair = Pair::new();
            let wire = pair.send(&stanza, how, NOW);
            assert!(wire.contains("<![CDATA["), "{wire}");
            let media_type = match stanza {
                Stanza::Message(_) => "Message/CPIM",
                Stanza::Presence(_) => "application/pidf+xml",
                Stanza::Iq(_) => "application/xmpp+xml",
            };
            let clear = how == Protection::Sign;
            assert_eq!(wire.contains(media_type), clear, "{wire}");
            assert_eq!(wire.contains("Romeo?"), clear && matches!(stanza, Stanza::Message(_)));

            let received = pair.receive(&wire, seconds(1)).unwrap();
            assert_eq!(received.author, Some(jid(JULIET)));
            assert_eq!(received.opened.is_encrypted(), !clear);
            let mut layers = received.opened.layers.iter();
            let encrypted = |layer: &Layer| matches!(layer, Layer::Encrypted { .. });
            assert_eq!(layers.next().is_some_and(encrypted), !clear);
            assert!(!layers.any(encrypted));
            assert!(received.opened.signature().is_some());
            assert!(wire.contains("\nContent-Disposition: attachment; handling=required; "));
            assert_eq!(received.time, Some(NOW));
            let element = Element::parse(&wire).unwrap();
            let outer = Stanza::parse(element.as_ref()).unwrap();
            let plain = received.object.to_stanzas(&outer).unwrap();
            assert_eq!(plain.len(), 1);
            match (&plain[0], &stanza) {
                (Stanza::Message(found), Stanza::Message(sent)) => {
                    assert_eq!(found.body(), sent.body());
                    assert_eq!((found.from(), found.to()), (sent.from(), sent.to()));
                    assert_eq!(found.id(), sent.id());
                    assert_eq!(found.message_type(), MessageType::Chat);
                }
                (Stanza::Presence(found), Stanza::Presence(sent)) => {
                    assert_eq!(found.status(), sent.status());
                    assert_eq!(found.from(), sent.from());
                }
                (found, sent) => assert_eq!(xml(found), xml(sent)),
            }
        }
    }
}

/// What servers do to stanzas on the way: CDATA becomes text, quotes and
/// prefixes change, CR LF becomes LF, blanks come around.
#[test]
fn a_server_may_write_the_xml_its_own_way() {
    for how in [Protection::Sign, Protection::SignAndEncrypt] {
        let mut pair = Pair::new();
        let wire = pair.send(&message(), how, NOW);
        let element = Element::parse(&wire).unwrap();
        let payload = element.child(ns::E2E, "e2e").unwrap();
        let object = secured_object(payload).unwrap();
        let text = String::from_utf8(object.into_owned()).unwrap();
        let escaped = text
            .replace("\r\n", "\n")
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let rewritten = format!(
            "<message xmlns=\"jabber:client\" type=\"chat\" from=\"{JULIET}/balcony\" \
             to=\"{ROMEO}/orchard\"><x:e2e xmlns:x=\"urn:ietf:params:xml:ns:xmpp-e2e\">\n \
             {escaped} \n</x:e2e></message>"
        );
        let received = pair.receive(&rewritten, NOW).unwrap();
        assert_eq!(received.author, Some(jid(JULIET)));
    }
}

// RFC 3923 section 9 and its examples spell the namespace in two ways.
#[test]
fn the_other_spelling_of_the_namespace_is_read() {
    let mut pair = Pair::new();
    let wire = pair.send(&message(), Protection::Sign, NOW);
    let other = wire.replace("urn:ietf:params:xml:ns:xmpp-e2e", "urn:ietf:params:xml:xmpp-e2e");
    assert_ne!(wire, other);
    assert!(pair.receive(&other, NOW).is_ok());
}

#[test]
fn cdata_is_cut_where_it_would_end() {
    for text in ["a]]>b", "]]>", "]]]>]]>", "a]]", "&amp;<x/>"] {
        let payload = secured_payload(text.as_bytes()).unwrap();
        assert_eq!(*secured_object(payload.as_ref()).unwrap(), *text.as_bytes());
    }
    assert!(secured_payload(b"\xff").is_err());
    assert!(secured_payload(b"a\0").is_err());
}

// 3923-6.3-01, 3923-6.3-02, 3923-6.3-09; the subject's name says nothing: 3923-6.3-03
#[test]
fn a_certificate_has_its_address_in_three_forms() {
    let authority = Authority::new();
    let builder = common::builder().with_name("tybalt@example.com").with_address(jid(JULIET));
    let identity = authority.issue(&builder, common::key(KeyKind::P256));
    let certificate = identity.certificate();
    let found: Vec<_> = certificate.addresses().iter().map(|a| (a.form, &*a.text)).collect();
    assert_eq!(
        found,
        [
            (AddressForm::XmppAddr, JULIET),
            (AddressForm::Im, "im:juliet@example.com"),
            (AddressForm::Pres, "pres:juliet@example.com"),
        ]
    );
    // id-on-xmppAddr, 1.3.6.1.5.5.7.8.5
    let oid = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x08, 0x05];
    assert!(certificate.der().windows(oid.len()).any(|octets| octets == oid));
    assert!(certificate.is_for(&jid(JULIET)));
    assert!(!certificate.is_for(&jid("tybalt@example.com")));
}

// 3923-4.1-02, 3923-2 (scope)
#[test]
fn groupchat_broadcast_presence_and_errors_are_not_protected() {
    let payload = || Element::builder(ns::E2E, "e2e").build().unwrap();
    let groupchat = Message::builder(MessageType::Groupchat).build().unwrap().into();
    assert_eq!(wrap(&groupchat, &payload()).unwrap_err(), WrapError::Groupchat);
    let broadcast = Presence::builder(PresenceType::Available).build().unwrap().into();
    assert_eq!(wrap(&broadcast, &payload()).unwrap_err(), WrapError::Broadcast);
    let of = |kind: &str| {
        let xml = format!(
            "<{kind} xmlns='jabber:client' type='error' id='1' to='{ROMEO}'>\
             <error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></{kind}>"
        );
        let element = Element::parse(xml).unwrap();
        wrap(&Stanza::parse(element.as_ref()).unwrap(), &payload()).unwrap_err()
    };
    for kind in ["message", "presence", "iq"] {
        assert_eq!(of(kind), WrapError::Error, "{kind}");
    }
}

// 3923-3.1-01, 3923-4.1-01: the payload stands in the stanza, which is otherwise the same.
#[test]
fn what_is_wrapped_keeps_its_kind_type_and_addresses() {
    let e2e = Element::builder(ns::E2E, "e2e").build().unwrap();
    let wrapped = |start: &str, kind: &str, inside: &str| {
        let given = format!("<{kind} xmlns='jabber:client' {start}>{inside}</{kind}>");
        let element = Element::parse(given).unwrap();
        let stanza = Stanza::parse(element.as_ref()).unwrap();
        let out = Element::parse(xml(&wrap(&stanza, &e2e).unwrap())).unwrap();
        let expected = format!(
            "<{kind} xmlns='jabber:client' {start}><e2e xmlns='urn:ietf:params:xml:ns:xmpp-e2e'/></{kind}>"
        );
        assert_eq!(out, Element::parse(expected).unwrap());
    };
    let envelope = format!("from='{JULIET}/balcony' to='{ROMEO}/orchard' id='x1'");
    for kind in ["chat", "headline"] {
        wrapped(
            &format!("{envelope} type='{kind}'"),
            "message",
            "<body>x</body><thread>1</thread>",
        );
    }
    wrapped(&envelope, "message", "<body>x</body>");
    wrapped(&envelope, "presence", "<show>away</show>");
    for kind in ["unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe"] {
        wrapped(&format!("{envelope} type='{kind}'"), "presence", "<status>x</status>");
    }
    for kind in ["get", "set", "result"] {
        wrapped(&format!("{envelope} type='{kind}'"), "iq", "<query xmlns='jabber:iq:version'/>");
    }
    wrapped(&format!("to='{ROMEO}'"), "message", "");
    wrapped("id='x1' type='result'", "iq", "");
}

// 3923-6.9-01, 3923-6.9-02
#[test]
fn timestamps_increase_in_utc_even_if_the_clock_stands() {
    let mut pair = Pair::new();
    let stamps: Vec<_> = [NOW, NOW, seconds(-5), seconds(1)]
        .into_iter()
        .map(|now| pair.sender.timestamp(now).unwrap())
        .collect();
    assert_eq!(
        stamps.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.001Z",
            "2026-01-01T00:00:00.002Z",
            "2026-01-01T00:00:01Z"
        ]
    );
    pair.sender.clock_adjusted();
    assert_eq!(pair.sender.timestamp(seconds(-60)).unwrap().to_string(), "2025-12-31T23:59:00Z");
}

// 3923-6.9-03, 3923-6.9-04, 3923-6.9-05, 3923-2-04
#[test]
fn what_is_old_early_or_played_back_is_marked() {
    let mut pair = Pair::new();
    let why = |result: Result<Received, Refused>| match result {
        Err(refused @ Refused::Time { .. }) => {
            assert_eq!(refused.case(), Some(Case::BadTimestamp));
            let Refused::Time { why, received, .. } = refused else { unreachable!() };
            assert_eq!(received.author, Some(jid(JULIET)));
            why
        }
        other => panic!("{other:?}"),
    };
    for stanza in [message(), presence(), iq()] {
        let wire = pair.send(&stanza, Protection::SignAndEncrypt, NOW);
        let millis = Timestamp::from_unix(NOW.since_unix() + Duration::from_millis(300_500));
        assert_eq!(why(pair.receive(&wire, millis)), BadTimestamp::Old);
        assert_eq!(why(pair.receive(&wire, seconds(-301))), BadTimestamp::Future);
        assert!(pair.receive(&wire, NOW).is_ok());
        assert_eq!(why(pair.receive(&wire, seconds(1))), BadTimestamp::Decreasing);
        pair = Pair::new();
    }
}

// 3923-6.3-06, 3923-6.3-07, 3923-6.3-08, 3923-7-04
#[test]
fn the_sender_is_the_one_in_the_certificate() {
    let mut pair = Pair::new();
    let wire = pair.send(&message(), Protection::Sign, NOW);
    let forged = wire.replacen("juliet@example.com/balcony", "tybalt@example.com/street", 1);
    let refused = pair.receive(&forged, NOW).unwrap_err();
    assert_eq!(refused, Refused::Open(OpenError::Signature(Unverified::OtherSender)));
    assert_eq!(refused.case(), Some(Case::UnverifiedSignature));
    let other_resource = wire.replacen("/balcony", "/chamber", 1);
    assert!(pair.receive(&other_resource, NOW).is_ok());
}

/// Decision D13.
#[test]
fn a_valid_object_cannot_be_sent_on_or_adopted() {
    let mut pair = Pair::new();
    let refused = Refused::Open(OpenError::Signature(Unverified::OtherAddresses));

    // Juliet wrote to Romeo; somebody sends it to Paris.
    let wire = pair.send(&message(), Protection::Sign, NOW);
    let paris = wire.replacen("romeo@example.net/orchard", "paris@example.net", 1);
    assert_eq!(pair.receive(&paris, NOW).unwrap_err(), refused);

    // Tybalt signs what Juliet wrote, and sends it as his own.
    let object = pair.object(&message(), NOW);
    let tybalt = pair.authority.identity("tybalt@example.com", KeyKind::P256);
    let entity = object.to_entity().unwrap();
    let adopted = sign(&entity, &tybalt, &Policy::modern(), NOW, Certificates::SentAlong).unwrap();
    let from: BareJid = jid("tybalt@example.com");
    let found = pair.receiver.open_object(&from, &jid(ROMEO), &adopted, NOW).unwrap_err();
    assert_eq!(found, refused);
}

// 3923-6.7-03, 3923-6.8-01, 3923-7-03, 3923-7-04, 3923-7-05: what is refused gives no object
// and an error in the words of section 7
#[test]
fn errors_are_those_of_section_7() {
    let mut pair = Pair::new();
    let wire = pair.send(&message(), Protection::Sign, NOW);
    let changed = wire.replacen("Wherefore", "Therefore", 1);
    let refused = pair.receive(&changed, NOW).unwrap_err();
    let error = refused.to_stanza_error();
    assert_eq!(Case::from_stanza_error(&error), Some(Case::UnverifiedSignature));
    assert_eq!(
        xml(&error),
        "<error xmlns='jabber:client' type='modify'>\
         <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
         <unverified-signature xmlns='urn:ietf:params:xml:ns:xmpp-e2e'/></error>"
    );

    // The refused one brought the certificates; they are sent again on request.
    pair.sender.repeat_certificates(&jid(ROMEO));
    let wire = pair.send(&message(), Protection::SignAndEncrypt, NOW);
    let stranger = pair.authority.identity(ROMEO, KeyKind::P256);
    let mut other =
        Receiver::new(jid(ROMEO), vec![stranger], pair.trust.clone(), MemoryStore::new());
    let element = Element::parse(&wire).unwrap();
    let stanza = StanzaRef::new(element.as_ref()).unwrap();
    let refused = other.open(stanza, NOW).unwrap().unwrap_err();
    assert_eq!(
        xml(&refused.to_stanza_error()),
        "<error xmlns='jabber:client' type='modify'>\
         <bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
         <decryption-failed xmlns='urn:ietf:params:xml:ns:xmpp-e2e'/></error>"
    );
    let late = pair.receive(&wire, seconds(301)).unwrap_err();
    assert_eq!(
        xml(&late.to_stanza_error()),
        "<error xmlns='jabber:client' type='modify'>\
         <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
         <bad-timestamp xmlns='urn:ietf:params:xml:ns:xmpp-e2e'/></error>"
    );

    // A reply that repeats the request is not opened.
    let answered = wire.replacen("type='chat'", "type='error'", 1);
    let element = Element::parse(&answered).unwrap();
    assert!(pair.receiver.open(StanzaRef::new(element.as_ref()).unwrap(), NOW).is_none());
}

// RFC 3923 section 7 and appendix A name one condition in two ways.
#[test]
fn every_spelling_of_the_conditions_is_understood() {
    for (namespace, name, case) in [
        ("urn:ietf:params:xml:ns:xmpp-e2e", "signature-unverified", Case::UnverifiedSignature),
        ("urn:ietf:params:xml:xmpp-e2e", "unverified-signature", Case::UnverifiedSignature),
        ("urn:ietf:params:xml:xmpp-e2e", "bad-timestamp", Case::BadTimestamp),
        ("urn:ietf:params:xml:xmpp-e2e", "decryption-failed", Case::DecryptionFailed),
    ] {
        let condition = Element::builder(xmpp_xml::Ns::new(namespace), name).build().unwrap();
        let error = xmpp_stanza::StanzaError::new(xmpp_stanza::StanzaCondition::NotAcceptable)
            .with_extension(condition);
        assert_eq!(Case::from_stanza_error(&error), Some(case));
    }
}

// 3923-6.6-01, 3923-6.6-02, 3923-6.6-04, 3923-6.2-03
#[test]
fn certificates_go_along_every_five_minutes_and_are_kept() {
    let mut pair = Pair::new();
    let mut lengths = Vec::new();
    for offset in [0, 1, 299, 300, 301] {
        let now = seconds(offset);
        let wire = pair.send(&message(), Protection::SignAndEncrypt, now);
        lengths.push(wire.len());
        assert!(pair.receive(&wire, now).is_ok(), "{offset}");
    }
    let with = |i: usize| lengths[i] > lengths[1] + 1000;
    assert_eq!([0, 1, 2, 3, 4].map(with), [true, false, false, true, false], "{lengths:?}");
    let kept = pair.receiver.store().find(&jid(JULIET));
    assert!(kept.iter().any(|known| known.certificate.is_for(&jid(JULIET))));

    let own: Vec<Known> = kept;
    assert!(!own[0].capabilities.is_empty());
}

// 3923-6.2-01, 3923-6.2-02
#[test]
fn a_certificate_is_asked_for_and_comes_with_the_answer() {
    let mut pair = Pair::new();
    let object = pair.object(&message(), NOW);
    let recipients = [(&jid(ROMEO), &[][..])];
    let missing =
        pair.sender.protect(&object, Protection::SignAndEncrypt, &recipients, &pair.trust, NOW);
    assert_eq!(missing.unwrap_err(), SendError::NoCertificate(jid(ROMEO)));

    let time = pair.sender.timestamp(NOW).unwrap();
    let request = certificate_request(&jid(JULIET), &jid(ROMEO), time).unwrap();
    let payload = pair.protect(&request, Protection::Sign, NOW);
    let asked = pair.receiver.open_object(
        &jid(JULIET),
        &jid(ROMEO),
        &secured_object(payload.as_ref()).unwrap(),
        NOW,
    );
    assert_eq!(asked.unwrap().object, request);
    assert!(!pair.receiver.store().find(&jid(JULIET)).is_empty(), "it brought ours");
}

#[test]
fn certificates_for_others_or_not_trusted_are_not_encrypted_to() {
    let mut pair = Pair::new();
    let object = pair.object(&message(), NOW);
    let other: Identity = Authority::named("other").identity(ROMEO, KeyKind::P256);
    let wrong_name = pair.authority.identity("paris@example.net", KeyKind::P256);
    let signs_only = pair.authority.identity(ROMEO, KeyKind::Ed25519);
    for identity in [&other, &wrong_name, &signs_only] {
        let known: Vec<Known> = [identity.certificate(), &pair.authority.intermediate]
            .map(|c| Known::new(c.clone()))
            .to_vec();
        let recipients = [(&jid(ROMEO), &known[..])];
        let how = Protection::SignAndEncrypt;
        let refused = pair.sender.protect(&object, how, &recipients, &pair.trust, NOW);
        assert_eq!(refused.unwrap_err(), SendError::NoCertificate(jid(ROMEO)));
    }
}

/// An Ed25519 key signs, an X25519 key of the same person decrypts.
#[test]
fn keys_to_sign_and_to_decrypt_may_be_two() {
    let mut pair = Pair::new();
    pair.sender = Sender::new(pair.authority.identity(JULIET, KeyKind::Ed25519), Policy::modern())
        .with_encryption_identity(pair.authority.identity(JULIET, KeyKind::X25519));
    let wire = pair.send(&message(), Protection::Sign, NOW);
    pair.receive(&wire, NOW).unwrap();
    let kept = pair.receiver.store().find(&jid(JULIET));
    assert!(kept.iter().any(|known| known.certificate.may_encrypt()
        && known.certificate.key_kind() == Some(KeyKind::X25519)));
}

// 3923-10-01, 3923-10-02
#[test]
fn application_xmpp_xml_holds_exactly_one_stanza() {
    let limits = xmpp_e2e::Limits::DEFAULT;
    let parse = |xml: &str| {
        let entity = format!("Content-Type: application/xmpp+xml\r\n\r\n{xml}");
        Object::parse(entity.as_bytes(), &limits)
    };
    // RFC 3923 examples 13 to 15
    assert!(
        parse(
            "<?xml version='1.0' encoding='UTF-8'?>\r\n<xmpp xmlns='jabber:client'>\r\n \
         <presence from='iago@example.com/pda'>\r\n <show>dnd</show>\r\n \
         <evil xmlns='http://jabber.org/protocol/evil'/></presence>\r\n</xmpp>\r\n"
        )
        .is_ok()
    );
    assert!(parse("<xmpp xmlns='jabber:server'><message from='a@b' to='c@d'/></xmpp>").is_ok());
    for wrong in [
        "<xmpp xmlns='jabber:client'/>",
        "<xmpp xmlns='jabber:client'><message/><message/></xmpp>",
        "<xmpp xmlns='jabber:client'><message xmlns='jabber:server'/></xmpp>",
        "<xmpp xmlns='jabber:client'><query/></xmpp>",
        "<xmpp><message/></xmpp>",
        "<message xmlns='jabber:client'/>",
        "<xmpp xmlns='jabber:client'>",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
    let latin = b"Content-Type: application/xmpp+xml; charset=iso-8859-1\r\n\r\n<xmpp/>";
    assert_eq!(Object::parse(latin, &limits), Err(xmpp_e2e::ObjectError::Charset));
}
