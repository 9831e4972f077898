use super::*;
use crate::pidf::{Basic, Document};
use crate::{DateTime, UriErrorKind};
use alloc::format;
use alloc::vec;

fn document(object: &Message<'_>) -> Document {
    Document::parse(object.content().body(), &Limits::default()).unwrap()
}

fn wrap(document: &str) -> String {
    format!(
        "From: <im:romeo@example.net>\nTo: <im:juliet@example.com>\n\n\
        Content-Type: application/pidf+xml; charset=utf-8\n\n{document}"
    )
}

fn pidf(children: &str) -> String {
    format!(
        "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:romeo@example.net'>{children}</presence>"
    )
}

fn tuple(children: &str) -> String {
    pidf(&format!("<tuple id='orchard'><status><basic>open</basic></status>{children}</tuple>"))
}

fn back(text: &str) -> Mapped<Vec<Presence<'static>>> {
    presences(presence_from_cpim(&object(text), &Options::default()).unwrap())
}

fn refused(text: &str) -> MapError {
    presence_from_cpim(&object(text), &Options::default()).unwrap_err()
}

// 3922-5-01, 3922-5.1-01, 3922-5.1-02, 3922-5.1.1-01, -02, -03, 3922-5.1.2-01, -02
#[test]
fn a_presence_becomes_a_document_in_an_object() {
    let stanza = presence("from='juliet@example.com/balcony' to='romeo@example.net/orchard'", "");
    let options = Options::default().with_from_name("Juliet Capulet");
    let mapped = presence_to_cpim(&stanza, &options).unwrap();
    let lines: Vec<_> = mapped.value.headers().iter().map(|h| h.line()).collect();
    assert_eq!(
        lines,
        ["From: Juliet Capulet <im:juliet@example.com>", "To: <im:romeo@example.net>"]
    );
    let content_type = mapped.value.content().headers().content_type().unwrap().unwrap();
    assert!(content_type.is("application", "pidf+xml"));
    // 3863-3.1-01
    assert_eq!(content_type.parameter("charset"), Some("utf-8"));
    let document = document(&mapped.value);
    assert_eq!(document.entity(), "pres:juliet@example.com");
    assert_eq!(document.tuples()[0].id(), "balcony");
    assert_eq!(lost(&mapped), ["resourcepart to (RFC 3922 §5.1.2)"]);
    // 3922-5.1.9.2-01, 3863-4.1.2-05
    assert_eq!(document.tuples()[0].contact.as_ref().unwrap().uri, "im:juliet@example.com");
    let broadcast = presence("from='juliet@example.com/balcony'", "");
    let unaddressed = presence_to_cpim(&broadcast, &options).unwrap_err();
    assert_eq!(unaddressed, MapError::MissingAddress(Side::To));
    let without = Options::default().with_without_contact(true);
    let mapped = presence_to_pidf(&stanza, &without).unwrap();
    assert_eq!(mapped.value.tuples()[0].contact, None);
}

// 3922-5.1.3-01, 3922-5.1.3-02, 3922-5.2.8-01, 3922-5.2.8-02
#[test]
fn an_id_goes_and_comes_as_a_content_id() {
    let stanza = presence("from='a@b/c' to='d@e' id='1@x'", "");
    let mapped = presence_to_cpim(&stanza, &Options::default()).unwrap();
    assert_eq!(lost(&mapped), ["id (RFC 3922 §5.1.3)"]);
    let mapped = presence_to_cpim(&stanza, &Options::default().with_unique_ids(true)).unwrap();
    assert_eq!(mapped.value.content().headers().content_id(), Some("1@x"));
    let back = presence_from_cpim(&mapped.value, &Options::default()).unwrap();
    assert_eq!(back.value[0].id.as_deref(), Some("1@x"));
}

// 3922-5.1.4-01
#[test]
fn types_that_notify_and_types_that_do_not() {
    let map = |attributes: &str| {
        presence_to_pidf(&presence(&format!("from='a@b/c' {attributes}"), ""), &Options::default())
    };
    let basic = |attributes| map(attributes).unwrap().value.tuples()[0].status.basic();
    assert_eq!(basic(""), Some(Basic::Open));
    assert_eq!(basic("type='unavailable'"), Some(Basic::Closed));
    for name in ["subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe"] {
        let error = map(&format!("type='{name}'")).unwrap_err();
        assert_eq!(error, MapError::NotMapped(NotMapped::Subscription), "{name}");
    }
    let error = presence("from='a@b/c' type='error'", "<error type='cancel'/>");
    assert_eq!(
        presence_to_pidf(&error, &Options::default()).unwrap_err(),
        MapError::NotMapped(NotMapped::Error)
    );
}

// RFC 3922 §5.1.5, §5.1.6, 3922-5.1.7-01 to -03, 3922-5.1.8-01, 3863-4.1.6-03; D9
#[test]
fn children_of_a_presence() {
    let stanza = presence(
        "from='a@b/c' xml:lang='en' x:y='z' xmlns:x='urn:x'",
        "<show>away</show><status>x</status><status xml:lang='cs'>y</status>\
        <priority>-1</priority><c xmlns='http://jabber.org/protocol/caps'/>",
    );
    let mapped = presence_to_pidf(&stanza, &Options::default()).unwrap();
    assert_eq!(
        lost(&mapped),
        [
            "attribute y (RFC 3922 §5.1.8)",
            "show (RFC 3922 §5.1.5)",
            "negative-priority (RFC 3922 §5.1.7)",
            "payload c (RFC 3922 §5.1.8)",
        ]
    );
    let tuple = &mapped.value.tuples()[0];
    let notes: Vec<_> = tuple.notes.iter().map(|n| (n.lang.as_deref(), &*n.text)).collect();
    assert_eq!(notes, [(Some("en"), "x"), (Some("cs"), "y")]);
    assert_eq!(tuple.contact.as_ref().unwrap().priority, None);
    assert!(tuple.status.extensions().is_empty());
    let mapped = presence_to_pidf(&stanza, &Options::default().with_pidf_im(true)).unwrap();
    let extension = &mapped.value.tuples()[0].status.extensions()[0];
    assert_eq!((extension.ns(), extension.name()), ("urn:ietf:params:xml:ns:pidf:im", "im"));
    assert_eq!(extension.text(), "away");
}

// 3863-4.1.6-02: what a note says is for people, both ways.
#[test]
fn a_note_says_nothing_of_the_status() {
    for (kind, basic, words) in
        [("", Basic::Open, "closed"), ("type='unavailable'", Basic::Closed, "open")]
    {
        let stanza = presence(&format!("from='a@b/c' {kind}"), "<show>dnd</show>");
        let document = presence_to_pidf(&stanza, &Options::default()).unwrap().value;
        let tuple = &document.tuples()[0];
        assert_eq!((tuple.status.basic(), tuple.notes.len()), (Some(basic), 0));
        let stanza =
            presence(&format!("from='a@b/c' {kind}"), &format!("<status>{words}</status>"));
        let document = presence_to_pidf(&stanza, &Options::default()).unwrap().value;
        let tuple = &document.tuples()[0];
        assert_eq!((tuple.status.basic(), &*tuple.notes[0].text), (Some(basic), words));
        let from = "a@b".parse().unwrap();
        let back = presence_from_pidf(&document, &from, &Options::default()).unwrap();
        let back = &presences(back).value[0];
        assert_eq!((back.presence_type(), back.show()), (stanza.presence_type(), None));
    }
}

// 3922-5.1.9.1-01, 3922-5.1.9.2-02, 3863-4.1.7-03
#[test]
fn the_gateway_can_tell_when_it_received_the_stanza() {
    let at: DateTime = "2004-10-01T00:00:00Z".parse().unwrap();
    let options = Options::default().with_date_time(at);
    let mapped = presence_to_cpim(&presence("from='a@b/c' to='d@e'", ""), &options).unwrap();
    assert_eq!(mapped.value.date_time(), Some(at));
    assert_eq!(document(&mapped.value).tuples()[0].timestamp, Some(at));
}

const SECURED: &str = "<e2e xmlns='urn:ietf:params:xml:ns:xmpp-e2e'>\
    Content-Type: application/pkcs7-mime\n\nAQID\n</e2e>";

// 3923-8-01, 3923-8-03, 3922-5.1.8-01
#[test]
fn of_a_secured_presence_the_object_goes_and_the_rest_is_told() {
    let children = format!(
        "<show>away</show><status>x</status><priority>5</priority>\
        <c xmlns='http://jabber.org/protocol/caps'/>{SECURED}{}",
        SECURED.replace("AQID", "BAUG")
    );
    let stanza = presence(
        "from='juliet@example.com/balcony' to='romeo@example.net/orchard' id='p@1' \
        x:y='z' xmlns:x='urn:x'",
        &children,
    );
    let mapped = presence_to_cpim(&stanza, &Options::default().with_unique_ids(true)).unwrap();
    let object = mapped.value.content().to_vec();
    assert_eq!(object, b"Content-Type: application/pkcs7-mime\r\n\r\nAQID\r\n");
    let lines: Vec<_> = mapped.value.headers().iter().map(|h| h.line()).collect();
    assert_eq!(lines, ["From: <im:juliet@example.com>", "To: <im:romeo@example.net>"]);
    assert_eq!(
        lost(&mapped),
        [
            "resourcepart from (RFC 3922 §5.1.1)",
            "resourcepart to (RFC 3922 §5.1.2)",
            "id (RFC 3922 §5.1.3)",
            "attribute y (RFC 3922 §5.1.8)",
            "show (RFC 3923 §8)",
            "status (RFC 3923 §8)",
            "priority (RFC 3923 §8)",
            "payload c (RFC 3922 §5.1.8)",
            "payload e2e (RFC 3922 §5.1.8)",
        ]
    );
    let bare = presence("from='a@b' to='c@d'", SECURED);
    assert_eq!(lost(&presence_to_cpim(&bare, &Options::default()).unwrap()), [""; 0]);
    assert_eq!(
        presence_to_pidf(&bare, &Options::default()),
        Err(MapError::NotMapped(NotMapped::Secured))
    );
}

// 3922-5.1.4-01: a payload makes no notification of what is none.
#[test]
fn secured_presence_of_any_type() {
    let map = |attributes: &str| {
        let stanza = presence(&format!("from='a@b' to='c@d' {attributes}"), SECURED);
        presence_to_cpim(&stanza, &Options::default()).map(|mapped| lost(&mapped))
    };
    assert_eq!(map("type='unavailable'").unwrap(), ["type unavailable (RFC 3923 §8)"]);
    for name in ["subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe"] {
        let error = map(&format!("type='{name}'")).unwrap_err();
        assert_eq!(error, MapError::NotMapped(NotMapped::Subscription), "{name}");
    }
    assert_eq!(map("type='error'").unwrap_err(), MapError::NotMapped(NotMapped::Error));
}

// 3922-5.2-01
#[test]
fn only_pidf_becomes_presence() {
    for (content_type, found) in
        [("text/plain", "text/plain"), ("application/xml", "application/xml")]
    {
        let text = wrap(&tuple("")).replace("application/pidf+xml", content_type);
        assert_eq!(refused(&text), MapError::ContentType(found.into()));
    }
    let text = wrap("--x").replace("application/pidf+xml", "multipart/signed; boundary=x");
    assert!(secured_object(back(&text).value[0].payloads().next().unwrap()).is_some());
    assert!(matches!(refused(&wrap("<presence/>")), MapError::Pidf(_)));
}

// 3922-5.2.1-01, 3922-5.2.2-01
#[test]
fn the_sender_is_the_address_and_the_id_of_the_tuple() {
    let mapped = back(&wrap(&tuple("")));
    assert_eq!(mapped.value[0].from().as_str(), Some("romeo@example.net/orchard"));
    assert_eq!(mapped.value[0].to().as_str(), Some("juliet@example.com"));
    let names = wrap(&tuple(""))
        .replace("<im:romeo", "Romeo Montague <im:romeo")
        .replace("<im:juliet", "Juliet Capulet <im:juliet");
    let named = back(&names);
    assert_eq!(
        lost(&named),
        ["formal-name from (RFC 3922 §5.2.1)", "formal-name to (RFC 3922 §5.2.2)"]
    );
    assert_eq!(named.value[0].from().as_str(), Some("romeo@example.net/orchard"));
    assert_eq!(named.value[0].to().as_str(), Some("juliet@example.com"));
    // What RFC 7622 does not let be a resourcepart.
    let text = pidf(
        "<tuple id='&#x200f;\u{5d0}'><status><basic>open</basic></status></tuple>\
        <tuple id='x'><status><basic>closed</basic></status></tuple>",
    );
    let mapped = back(&wrap(&text.replace("&#x200f;\u{5d0}", "&#x9;\u{e000}")));
    assert_eq!(mapped.value.len(), 1);
    assert!(lost(&mapped)[0].starts_with("tuple-id "));
}

#[test]
fn nobody_sends_the_presence_of_another() {
    let text = wrap(&tuple("")).replace("pres:romeo", "pres:tybalt");
    assert_eq!(refused(&text), MapError::OtherEntity);
    let text = wrap(&tuple("")).replace("pres:romeo", "sip:romeo");
    assert!(matches!(
        refused(&text),
        MapError::Address(Side::From, error) if error.kind == UriErrorKind::Scheme
    ));
}

// 3922-5.2.3-01, 3922-5.2.4-01, 3922-5.2.5-01, 3922-5.2.6-01, 3922-5.2.6-02,
// 3922-5.2.7-01, 3922-5.2.7-02
#[test]
fn headers_without_counterpart_are_reported_and_not_passed_on() {
    let text = wrap(&tuple("")).replace(
        "\n\nContent",
        "\ncc: <im:tybalt@example.com>\nDateTime: 2004-10-01T00:00:00Z\nSubject: secret\n\
        NS: p <a:b>\np.x: secret\nRequire: p.x\n\nContent",
    );
    assert!(matches!(refused(&text), MapError::Required(_)));
    let options = Options::default().with_required(Required::Report);
    let mapped = presence_from_cpim(&object(&text), &options).unwrap();
    assert_eq!(
        lost(&mapped),
        [
            "header cc (RFC 3922 §5.2.3)",
            "header DateTime (RFC 3922 §5.2.4)",
            "header Subject (RFC 3922 §5.2.5)",
            "header NS (RFC 3922 §5.2.6)",
            "header p.x (RFC 3922 §5.2.6)",
            "header Require (RFC 3922 §5.2.7)",
        ]
    );
    assert_eq!(
        xml(&mapped.value[0])
            .replace("to='juliet@example.com' ", "")
            .replace(" to='juliet@example.com'", ""),
        "<presence from='romeo@example.net/orchard'/>"
    );
}

// RFC 3922 §5.2.9, 3922-5.2.12-01, 3922-5.2.13-01, -02, 3922-5.2.14-01
#[test]
fn children_of_a_tuple() {
    let text = wrap(&tuple(
        "<contact priority='0.102'>tel:+1</contact><note>Wooing Juliet</note>\
        <note xml:lang='cs'>x</note><note xml:lang='cs'>y</note>\
        <timestamp>2004-10-01T00:00:00Z</timestamp><x xmlns='a:b'/>",
    ));
    let mapped = back(&text);
    let stanza = &mapped.value[0];
    assert_eq!(stanza.priority(), 13);
    assert_eq!(stanza.status().as_deref(), Some("Wooing Juliet"));
    assert_eq!(stanza.statuses().count(), 2);
    assert_eq!(
        lost(&mapped),
        [
            "note cs (RFC 6121 §4.7.2.2)".replace(" cs", ""),
            "contact (RFC 3922 §5.2.12)".into(),
            "timestamp (RFC 3922 §5.2.14)".into(),
            "extension x (RFC 3922 §5.2.10)".into(),
        ]
    );
    let written = xml(stanza);
    assert!(!written.contains("tel:") && !written.contains("2004"), "{written}");
}

// 3922-5.2.10-01; D9
#[test]
fn extended_status_becomes_show_if_asked_for() {
    let show = |value: &str, options: &Options| {
        let text = wrap(&tuple("")).replace(
            "</status>",
            &format!("<im xmlns='urn:ietf:params:xml:ns:pidf:im'>{value}</im></status>"),
        );
        let mapped = presence_from_cpim(&object(&text), options).unwrap();
        (mapped.value[0].show.map(|show| show.as_str()), lost(&mapped).len())
    };
    let on = Options::default().with_pidf_im(true);
    for (value, expected) in
        [("away", "away"), ("busy", "dnd"), ("xa", "xa"), ("chat", "chat"), (" dnd ", "dnd")]
    {
        assert_eq!(show(value, &on), (Some(expected), 0));
        assert_eq!(show(value, &Options::default()), (None, 1));
    }
    assert_eq!(show("offline", &on), (None, 1));
    let must = "away<x xmlns='urn:y' p:mustUnderstand='1' xmlns:p='urn:ietf:params:xml:ns:pidf'/>";
    assert_eq!(show(must, &on), (None, 1));
}

// 3922-5.2.11-01, 3922-5.2.11-02, 3922-6.3.2-01; D10
#[test]
fn a_document_without_tuples() {
    let mapped = back(&wrap(&pidf("")));
    assert_eq!(mapped.value.len(), 1);
    assert_eq!(mapped.value[0].from().as_str(), Some("romeo@example.net"));
    assert_eq!(mapped.value[0].presence_type().as_str(), "unavailable");
    assert_eq!(refused(&wrap(&pidf("<note>x</note>"))), MapError::NotMapped(NotMapped::NotesAlone));
    let nothing = "<tuple id='a'><status><x xmlns='urn:y'/></status></tuple>";
    assert_eq!(refused(&wrap(&pidf(nothing))), MapError::NotMapped(NotMapped::NoBasicStatus));
}

// 3922-5.2.15-01, 3922-5.2.15-02
#[test]
fn the_whole_document_can_be_embedded() {
    let text =
        wrap(&format!("<?xml version='1.0' encoding='UTF-8'?>\n{}", tuple("<note>n</note>")));
    let options = Options::default().with_embed_pidf(true);
    let mapped = presence_from_cpim(&object(&text), &options).unwrap();
    let presence = mapped.value[0].build().unwrap();
    let payload = presence.payloads().next().unwrap();
    let embedded = Document::from_element(payload, &Limits::default()).unwrap();
    assert_eq!(embedded.tuples()[0].notes[0].text, "n");
    // Who does not know it reads what stands beside it.
    let plain = presence_from_cpim(&object(&text), &Options::default()).unwrap();
    let beside = plain.value[0].build().unwrap();
    assert_eq!(beside.payloads().count(), 0);
    assert_eq!(
        (presence.presence_type(), presence.show(), presence.status(), presence.priority()),
        (beside.presence_type(), beside.show(), beside.status(), beside.priority())
    );
    assert_eq!(presence.status().as_deref(), Some("n"));
    // It is part of the stanza: no XML declaration, and it can be sent.
    let written = xml(&mapped.value[0]);
    assert!(!written.contains("<?xml"));
    assert!(
        Element::parse(written.replacen("<presence", "<presence xmlns='jabber:client'", 1)).is_ok()
    );
}

// 3922-6.3.1-01, 3922-6.3.1-02
#[test]
fn several_tuples_are_several_stanzas() {
    let text = pidf(
        "<tuple id='a'><status><basic>open</basic></status></tuple>\
        <tuple id='b'><status><x xmlns='urn:y'/></status></tuple>\
        <tuple id='c'><status><basic>closed</basic></status></tuple><note>n</note>",
    );
    let text = wrap(&text).replace("\n\n", "\nTo: <im:nurse@example.com>\n\n").replacen(
        "\nTo: <im:nurse@example.com>\n\n<pres",
        "\n\n<pres",
        1,
    );
    let mapped = back(&text);
    let sent: Vec<_> = mapped
        .value
        .iter()
        .map(|p| {
            let (from, to) = (p.from(), p.to());
            format!("{} {} {}", from.as_str().unwrap(), to.as_str().unwrap(), p.presence_type())
        })
        .collect();
    assert_eq!(
        sent,
        vec![
            "romeo@example.net/a juliet@example.com available",
            "romeo@example.net/c juliet@example.com unavailable",
            "romeo@example.net/a nurse@example.com available",
            "romeo@example.net/c nurse@example.com unavailable",
        ]
    );
    assert_eq!(
        lost(&mapped),
        ["tuple-without-basic b (RFC 3922 §5.2.9)", "note (RFC 3922 §5.2.11)"]
    );
}

#[test]
fn the_charset_of_the_content() {
    let latin = wrap(&tuple("")).replace("charset=utf-8", "charset=iso-8859-1");
    assert_eq!(refused(&latin), MapError::Charset("iso-8859-1".into()));
    let declared =
        format!("<?xml version='1.0' encoding='ISO-8859-1'?>{}", tuple("<note>ō</note>"));
    assert_eq!(
        back(&wrap(&declared)).value[0].status().as_deref(),
        Some("ō"),
        "the charset counts"
    );
    let unsaid = wrap(&declared).replace("; charset=utf-8", "");
    assert!(matches!(refused(&unsaid), MapError::Pidf(_)));
}
