//! What a gateway can choose, one after the other, and what is bounded.

use super::*;
use crate::message::Address;
use crate::mime::Entity;
use crate::pidf::{Basic, Document, Status, Tuple};
use alloc::format;
use alloc::vec;
use xmpp_jid::BareJid;

fn jid(text: &str) -> BareJid {
    text.parse().unwrap()
}

/// An object from Romeo to so many, around a document or a text.
fn to_many(count: usize, content: Entity<'static>) -> Message<'static> {
    let mut builder = Message::builder().from(&Address::new("im:romeo@example.net").unwrap());
    for n in 0..count {
        builder = builder.to(&Address::new(format!("im:r{n}@example.com")).unwrap());
    }
    builder.content(content).build().unwrap()
}

fn with_tuples(ids: &[&str]) -> Document {
    let mut document = Document::new("pres:romeo@example.net");
    for id in ids {
        document.push(Tuple::new(*id, Status::basic_only(Basic::Open))).unwrap();
    }
    document
}

/// What is written is in proportion to what was read.
#[test]
fn one_object_becomes_so_many_stanzas() {
    let options = Options::default().with_limits(Limits::default().with_max_stanzas(6));
    let text = |count| message_from_cpim(&to_many(count, Entity::text("Hi")), &options);
    assert_eq!(text(6).unwrap().value.len(), 6);
    assert_eq!(text(7).unwrap_err(), MapError::TooManyStanzas);
    let presence = |recipients, ids: &[&str]| {
        let document = Entity::pidf(with_tuples(ids).to_vec().unwrap());
        presence_from_cpim(&to_many(recipients, document), &options)
    };
    assert_eq!(presence(3, &["a", "b"]).unwrap().value.len(), 6);
    assert_eq!(presence(2, &["a", "b", "c"]).unwrap().value.len(), 6);
    assert_eq!(presence(7, &["a"]).unwrap_err(), MapError::TooManyStanzas);
    assert_eq!(presence(1, &["a", "b", "c", "d", "e", "f", "g"]), Err(MapError::TooManyStanzas));
    assert_eq!(presence(4, &["a", "b"]).unwrap_err(), MapError::TooManyStanzas);
}

// 3922-5.2.1-01
#[test]
fn ids_of_tuples_are_taken_as_they_are_or_decoded() {
    let ids = ["balcony", "r-612062", "r-"];
    let from = |options: &Options| -> Vec<String> {
        let mapped = presence_from_pidf(&with_tuples(&ids), &jid("romeo@example.net"), options);
        let mapped = mapped.unwrap();
        assert!(mapped.lost.is_empty());
        mapped.value.iter().map(|p| p.from.as_str().unwrap().to_string()).collect()
    };
    assert_eq!(
        from(&Options::default()),
        ["romeo@example.net/balcony", "romeo@example.net/r-612062", "romeo@example.net/r-"]
    );
    assert_eq!(
        from(&Options::default().with_tuple_ids(TupleIds::Decoded)),
        ["romeo@example.net/balcony", "romeo@example.net/a b", "romeo@example.net"]
    );
}

// 3922-5.1.9.2-01, 3922-5.1.7-01
#[test]
fn without_a_contact_there_is_no_place_for_a_priority() {
    let options = Options::default().with_without_contact(true);
    let map = |children: &str| {
        let mapped = presence_to_pidf(&presence("from='a@b/c'", children), &options).unwrap();
        assert_eq!(mapped.value.tuples()[0].contact, None);
        lost(&mapped)
    };
    assert_eq!(map("<priority>5</priority>"), ["priority (RFC 3922 §5.1.9.2)"]);
    assert_eq!(map("<priority>-5</priority>"), ["negative-priority (RFC 3922 §5.1.7)"]);
    assert_eq!(map(""), [""; 0]);
}

/// RFC 3922 §3 maps `im:` and `pres:` URIs alone; RFC 3862 §4.1 and RFC 3863
/// §4.1.5 have any.
#[test]
fn addresses_of_other_kinds_are_those_of_the_table() {
    let mut table = AddressTable::new();
    assert_eq!((table.jid("tel:+1"), table.uri(jid("nurse@b").as_ref())), (None, None));
    table.insert("tel:+44-20-7946-0123", jid("nurse@example.com")).unwrap();
    table.insert("sip:Romeo@Example.NET", jid("romeo@example.net")).unwrap();
    table.insert("urn:x:Y", jid("x@y")).unwrap();
    for (uri, found) in [
        ("tel:+442079460123", Some("nurse@example.com")),
        ("TEL:+44(20)7946.0123", Some("nurse@example.com")),
        ("tel:+442079460124", None),
        // RFC 3986 §6.2.2.1: the scheme and the host without regard to case.
        ("SIP:Romeo@example.net", Some("romeo@example.net")),
        ("sip:romeo@example.net", None),
        ("sip:Rom-eo@example.net", None),
        ("sips:Romeo@example.net", None),
        ("URN:x:Y", Some("x@y")),
        ("urn:x:y", None),
        ("im:romeo@example.net", None),
    ] {
        assert_eq!(table.jid(uri).map(BareJid::as_str), found, "{uri}");
    }
    assert_eq!(table.uri(jid("nurse@example.com").as_ref()), Some("tel:+44-20-7946-0123"));
    assert_eq!(table.uri(jid("juliet@example.com").as_ref()), None);
    for none in ["", "no uri", "a@b", "http://x#y"] {
        assert_eq!(table.insert(none, jid("x@y")), Err(NotUri), "{none}");
    }
    let options = Options::default().with_addresses(table);
    assert_eq!(options.jid("tel:+442079460123").unwrap(), "nurse@example.com");
    assert_eq!(options.jid("im:juliet@example.com").unwrap(), "juliet@example.com");
    assert!(options.jid("tel:+1").is_err());
    let uri = |text: &str, scheme| options.uri(scheme, jid(text).as_ref());
    assert_eq!(uri("romeo@example.net", Scheme::Pres).unwrap(), "sip:Romeo@Example.NET");
    assert_eq!(uri("juliet@example.com", Scheme::Pres).unwrap(), "pres:juliet@example.com");
    assert!(uri("example.com", Scheme::Im).is_err());

    // Through objects, both ways.
    let stanza = message("from='nurse@example.com' to='romeo@example.net'", "<body>Hi</body>");
    let mapped = message_to_cpim(&stanza, &options).unwrap();
    let lines: Vec<_> = mapped.value.headers().iter().map(|h| h.line()).collect();
    assert_eq!(lines, ["From: <tel:+44-20-7946-0123>", "To: <sip:Romeo@Example.NET>"]);
    let back = messages(message_from_cpim(&mapped.value, &options).unwrap());
    assert_eq!(back.value, [stanza]);
    // And documents.
    let stanza = presence("from='romeo@example.net/orchard' to='nurse@example.com'", "");
    let mapped = presence_to_cpim(&stanza, &options).unwrap();
    let document = Document::parse(mapped.value.content().body(), &Limits::default()).unwrap();
    assert_eq!(document.entity(), "sip:Romeo@Example.NET");
    assert_eq!(document.tuples()[0].contact.as_ref().unwrap().uri, "sip:Romeo@Example.NET");
    let back = presences(presence_from_cpim(&mapped.value, &options).unwrap());
    assert_eq!(back.value, [stanza]);
}

/// RFC 3066 §2.1, RFC 5322 §3.6.4
#[test]
fn languages_and_ids_that_have_no_place_are_told() {
    let map = |attributes: &str, body: &str| {
        let attributes = format!("from='a@b' to='c@d' {attributes}");
        let mapped =
            message_to_cpim(&message(&attributes, body), &Options::default().with_unique_ids(true));
        let mapped = mapped.unwrap();
        let content = mapped.value.content().headers();
        let language = content.value("Content-Language").map(|tag| tag.to_string());
        (language, content.content_id().map(String::from), lost(&mapped))
    };
    assert_eq!(
        map("", "<body xml:lang='not a tag'>x</body>"),
        (None, None, vec!["language not a tag (RFC 3066 §2.1)".into()])
    );
    assert_eq!(map("", "<body xml:lang='cs'>x</body>"), (Some("cs".into()), None, vec![]));
    for id in ["a@b", "a.b@c.d", "!#$%*+-/=?^_`{|}~@0"] {
        assert_eq!(map(&format!("id='{id}'"), "<body/>"), (None, Some(id.into()), vec![]));
    }
    for id in
        [".a@b", "a.@b", "a..b@c", "a@.b", "a@b.", "@b", "(a@b", "a,@b", "a:@b", "a;@b", "a[@b"]
    {
        assert_eq!(
            map(&format!("id='{id}'"), "<body/>"),
            (None, None, vec!["id (RFC 3922 §4.1.3)".into()]),
            "{id}"
        );
    }
}

#[test]
fn whichever_stanza_it_is() {
    let options = Options::default();
    let stanza = |text: &str| {
        let text = text.replacen(' ', " xmlns='jabber:client' from='a@b/c' to='d@e' ", 1);
        Stanza::try_from(Element::parse(&text).unwrap()).unwrap()
    };
    let back = |text: &str| {
        let object = to_cpim(&stanza(text), &options).unwrap().value;
        let found = object.content().headers().content_type().unwrap().unwrap();
        let stanzas = from_cpim(&object, &options).unwrap().value;
        let [stanza] = &stanzas[..] else { panic!("{stanzas:?}") };
        (found.subtype().to_string(), stanza.clone())
    };
    let (found, stanza_back) = back("<message ><body>x</body></message>");
    assert_eq!(found, "plain");
    assert!(matches!(stanza_back, StanzaBuilder::Message(_)));
    let (found, stanza_back) = back("<presence />");
    assert_eq!(found, "pidf+xml");
    assert!(matches!(stanza_back, StanzaBuilder::Presence(_)));
    let iq = stanza("<iq type='get' id='x'><q xmlns='urn:q'/></iq>");
    assert_eq!(to_cpim(&iq, &options).unwrap_err(), MapError::NotMapped(NotMapped::Iq));
    let whole = Mapped::whole(3).map(|three| three + 1);
    assert_eq!((whole.value, whole.lost), (4, vec![]));
}

/// RFC 3922 §6.3: whose state it is, and what is known.
#[test]
fn state_knows_whose_it_is() {
    let mut presentity = Presentity::new(jid("juliet@example.com"));
    assert_eq!(presentity.jid(), &jid("juliet@example.com"));
    assert!(!presentity.is_available());
    assert!(presentity.document(&Options::default()).unwrap().tuples().is_empty());
    presentity.update(&presence("from='juliet@example.com/a'", ""), &Options::default()).unwrap();
    assert!(presentity.is_available());
    let watched = Watched::new(jid("romeo@example.net"));
    assert_eq!(watched.jid(), &jid("romeo@example.net"));
    assert_eq!(watched.presences().count(), 0);
}
