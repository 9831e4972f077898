use super::*;
use crate::mime::Entity;
use crate::{Escaping, UriErrorKind};
use alloc::vec;
use xmpp_stanza::MessageType;

fn map(message: &MessageStanza<'_>, options: &Options) -> Mapped<Message<'static>> {
    message_to_cpim(message, options).unwrap()
}

fn back(text: &str) -> Mapped<Vec<MessageStanza<'static>>> {
    messages(message_from_cpim(&object(text), &Options::default()).unwrap())
}

fn refused(text: &str) -> MapError {
    message_from_cpim(&object(text), &Options::default()).unwrap_err()
}

const HEADERS: &str = "From: <im:romeo@example.net>\nTo: <im:juliet@example.com>\n";
const PART: &str = "\nContent-Type: text/plain; charset=utf-8\n\nHi!";

fn with(headers: &str, part: &str) -> String {
    alloc::format!("{HEADERS}{headers}{part}")
}

// 3922-4-01, 3922-4.1-01
#[test]
fn a_body_becomes_text_in_utf_8() {
    let mapped = map(&message(FROM_TO, "<body>Ahoj, Žofie\nlásko</body>"), &Options::default());
    let content_type = mapped.value.content().headers().content_type().unwrap().unwrap();
    assert!(content_type.is("text", "plain"));
    assert_eq!(content_type.parameter("charset"), Some("utf-8"));
    assert_eq!(body(&mapped.value), "Ahoj, Žofie\r\nlásko");
}

// 3922-4.1.1-01, 3922-4.1.2-02
#[test]
fn addresses_lose_their_resource_and_gain_a_scheme() {
    let stanza = message("from='a-b@example.com/x' to='c@example.net/y'", "<body/>");
    let options = Options::default().with_from_name("A, B").with_to_name("C D");
    let mapped = map(&stanza, &options);
    let lines: Vec<_> = mapped.value.headers().iter().map(|h| h.line()).collect();
    assert_eq!(lines, ["From: \"A, B\"<im:a%2Db@example.com>", "To: C D <im:c@example.net>"]);
    assert_eq!(
        lost(&mapped),
        ["resourcepart from (RFC 3922 §4.1.1)", "resourcepart to (RFC 3922 §4.1.2)"]
    );
}

// 3922-4.1.2-01
#[test]
fn addresses_that_are_not_there_or_none() {
    let fails = |attributes| {
        message_to_cpim(&message(attributes, "<body/>"), &Options::default()).unwrap_err()
    };
    assert_eq!(fails("from='a@b'"), MapError::MissingAddress(Side::To));
    assert_eq!(fails("to='a@b'"), MapError::MissingAddress(Side::From));
    assert!(matches!(fails("from='a@b' to='@'"), MapError::MalformedAddress(Side::To, _)));
    assert!(matches!(
        fails("from='a@b' to='example.com'"),
        MapError::Address(Side::To, error) if error.kind == UriErrorKind::EmptyLocalpart
    ));
}

// 3922-4.1.3-01, 3922-4.1.3-02
#[test]
fn an_id_becomes_a_content_id_if_it_is_unique() {
    let stanza = message(&alloc::format!("{FROM_TO} id='123456789@example.net'"), "<body/>");
    let mapped = map(&stanza, &Options::default());
    assert_eq!(mapped.value.content().headers().content_id(), None);
    assert_eq!(lost(&mapped)[1], "id (RFC 3922 §4.1.3)");
    let options = Options::default().with_unique_ids(true);
    let mapped = map(&stanza, &options);
    let headers = mapped.value.content().headers();
    assert_eq!(headers.content_id(), Some("123456789@example.net"));
    assert_eq!(mapped.lost.len(), 1);
    for none in ["no-at", "a b@c", "a@", "a&gt;@b", "a@b@c", "ä@b"] {
        let stanza = message(&alloc::format!("{FROM_TO} id='{none}'"), "<body/>");
        let mapped = map(&stanza, &options);
        assert_eq!(mapped.value.content().headers().content_id(), None, "{none}");
        assert_eq!(lost(&mapped)[1], "id (RFC 3922 §4.1.3)");
    }
}

// 3922-4.1.4-01, -02, 3922-4.1.5-01, -02, 3922-4.1.8-01
#[test]
fn what_has_no_counterpart_is_reported() {
    let stanza = message(
        "from='a@b' to='c@d' type='chat' xml:lang='en' x:y='z' xmlns:x='urn:x'",
        "<thread>t</thread><body>a</body><active xmlns='http://jabber.org/protocol/chatstates'/>\
        <body xml:lang='cs'>b</body><c xmlns='urn:c'>c</c>",
    );
    let mapped = map(&stanza, &Options::default());
    assert_eq!(
        lost(&mapped),
        [
            "type chat (RFC 3922 §4.1.4)",
            "attribute y (RFC 3922 §4.1.8)",
            "thread (RFC 3922 §4.1.5)",
            "payload active (RFC 3922 §4.1.8)",
            "body cs (RFC 3922 §4.1.7)",
            "payload c (RFC 3922 §4.1.8)",
        ]
    );
    assert_eq!(
        mapped.value.to_vec(),
        b"Content-Type: Message/CPIM\r\n\r\nFrom: <im:a@b>\r\nTo: <im:c@d>\r\n\r\n\
        Content-Type: text/plain; charset=utf-8\r\nContent-Language: en\r\n\r\na"
    );
}

// 3922-4.1.6-01, -02, -03, -04
#[test]
fn subjects_keep_their_languages() {
    for (scope, subject, lines, losses) in [
        ("", "<subject>Hi!</subject>", vec!["Subject: Hi!"], vec![]),
        ("", "<subject xml:lang='cs'>Ahoj!</subject>", vec!["Subject:;lang=cs Ahoj!"], vec![]),
        ("xml:lang='en'", "<subject>Hi!</subject>", vec!["Subject:;lang=en Hi!"], vec![]),
        (
            "xml:lang='en'",
            "<subject>Hi!</subject><subject xml:lang='cs'>Ahoj!</subject>",
            vec!["Subject:;lang=en Hi!", "Subject:;lang=cs Ahoj!"],
            vec![],
        ),
        ("", "<subject>a\nb\\c</subject>", vec![r"Subject: a\nb\\c"], vec![]),
        ("", "<subject/>", vec!["Subject: "], vec![]),
        (
            "",
            "<subject>  Hi </subject>",
            vec!["Subject: Hi"],
            vec!["outer-whitespace (RFC 3862 §2.2)"],
        ),
        (
            "",
            "<subject xml:lang='not a tag'>Hi</subject>",
            vec!["Subject: Hi"],
            vec!["language not a tag (RFC 3066 §2.1)"],
        ),
    ] {
        let attributes = alloc::format!("from='a@b' to='c@d' {scope}");
        let stanza = message(&attributes, &alloc::format!("{subject}<body/>"));
        let mapped = map(&stanza, &Options::default());
        let found: Vec<_> = mapped.value.subjects().map(|s| s.line()).collect();
        assert_eq!(found, lines);
        assert_eq!(lost(&mapped), losses);
    }
}

// D6
#[test]
fn of_several_bodies_the_one_in_the_language_of_the_stanza_goes() {
    for (scope, bodies, text, tag) in [
        ("", "<body xml:lang='cs'>b</body><body>a</body>", "a", None),
        ("xml:lang='en'", "<body xml:lang='cs'>b</body><body>a</body>", "a", Some("en")),
        (
            "xml:lang='en'",
            "<body xml:lang='cs'>b</body><body xml:lang='EN'>a</body>",
            "a",
            Some("EN"),
        ),
        ("", "<body xml:lang='cs'>b</body><body xml:lang='de'>a</body>", "b", Some("cs")),
    ] {
        let attributes = alloc::format!("from='a@b' to='c@d' {scope}");
        let mapped = map(&message(&attributes, bodies), &Options::default());
        assert_eq!(body(&mapped.value), text);
        let language = mapped.value.content().headers().value("Content-Language");
        assert_eq!(language.as_deref(), tag);
        assert_eq!(mapped.lost.len(), 1);
    }
}

// 3922-4.1.9-01
#[test]
fn the_gateway_can_tell_when_it_received_the_stanza() {
    let options = Options::default().with_date_time("2004-10-01T00:00:00Z".parse().unwrap());
    let mapped = map(&message(FROM_TO, "<body/>"), &options);
    assert_eq!(mapped.value.date_time(), options.date_time);
}

// 3923-8-01, 3923-8-03, 3922-4.1.8-01
#[test]
fn of_several_secured_objects_one_goes() {
    let e2e = |octets: &str| {
        alloc::format!(
            "<e2e xmlns='urn:ietf:params:xml:ns:xmpp-e2e'>\
            Content-Type: application/pkcs7-mime\n\n{octets}</e2e>"
        )
    };
    let children = alloc::format!("<body>x</body>{}{}", e2e("AQID"), e2e("BAUG"));
    let stanza = message("from='a@b' to='c@d' id='1@x'", &children);
    let mapped = map(&stanza, &Options::default().with_unique_ids(true));
    assert_eq!(
        mapped.value.content().to_vec(),
        b"Content-Type: application/pkcs7-mime\r\n\r\nAQID"
    );
    assert_eq!(
        lost(&mapped),
        ["body (RFC 3922 §4.1.7)", "payload e2e (RFC 3922 §4.1.8)", "id (RFC 3922 §4.1.3)"]
    );
}

// D8
#[test]
fn what_is_no_instant_message_is_not_mapped() {
    for (kind, children, what) in [
        ("type='error'", "<body>x</body><error type='cancel'/>", NotMapped::Error),
        ("type='groupchat'", "<body>x</body>", NotMapped::Groupchat),
        ("type='chat'", "<subject>x</subject>", NotMapped::NoBody),
    ] {
        let stanza = message(&alloc::format!("{FROM_TO} {kind}"), children);
        let error = message_to_cpim(&stanza, &Options::default()).unwrap_err();
        assert_eq!(error, MapError::NotMapped(what));
    }
}

// 3922-4.2.1-01, 3922-4.2.2-01
#[test]
fn addresses_lose_their_scheme_and_name() {
    let mapped = back(
        "From: Romeo <im:romeo@example.net>\nTo: \"J\"<PRES:a%26b@example.com?subject=x>\n\nContent-Type: text/plain\n\nHi",
    );
    let stanza = &mapped.value[0];
    assert_eq!(stanza.from().as_str(), Some("romeo@example.net"));
    assert_eq!(stanza.to().as_str(), Some("a#26;b@example.com"));
    assert_eq!(
        lost(&mapped),
        [
            "formal-name from (RFC 3922 §4.2.1)",
            "formal-name to (RFC 3922 §4.2.2)",
            "uri-headers to (RFC 3860 §A.2)",
        ]
    );
}

#[test]
fn a_sender_and_recipients() {
    use MapError::{MissingAddress, RepeatedFrom};
    let part = PART;
    for (headers, error) in [
        ("To: <im:a@b>", MissingAddress(Side::From)),
        ("From: <im:a@b>", MissingAddress(Side::To)),
        ("From: <im:a@b>\nFrom: <im:a@b>\nTo: <im:a@b>", RepeatedFrom),
    ] {
        assert_eq!(refused(&alloc::format!("{headers}\n{part}")), error);
    }
    let kind = |headers: &str| match refused(&alloc::format!("{headers}\n{part}")) {
        MapError::Address(side, error) => (side, error.kind),
        other => panic!("{other}"),
    };
    assert_eq!(kind("From: <sip:a@b>\nTo: <im:a@b>"), (Side::From, UriErrorKind::Scheme));
    assert_eq!(kind("From: <im:a@b>\nTo: <im:%00@b>"), (Side::To, UriErrorKind::Nul));
    let several = "From: <im:a@b>\nTo: <im:c@d>\nTo: <im:e@f>\nTo: <im:C@d>\n";
    let mapped = back(&alloc::format!("{several}{part}"));
    let to: Vec<_> = mapped.value.iter().map(|m| m.to().as_str().unwrap().to_string()).collect();
    assert_eq!(to, ["c@d", "e@f"]);
}

// D3
#[test]
fn with_xep_0106_more_addresses_have_a_counterpart() {
    let text = "From: <im:a%20b%40c@example.net>\nTo: <im:c@d>\n\nContent-Type: text/plain\n\nHi";
    assert!(matches!(refused(text), MapError::Address(Side::From, _)));
    let options = Options::default().with_escaping(Escaping::Xep0106);
    let mapped = message_from_cpim(&object(text), &options).unwrap();
    assert_eq!(mapped.value[0].from.as_str(), Some(r"a\20b\40c@example.net"));
    let again = map(&mapped.value[0].build().unwrap(), &options);
    assert_eq!(again.value.from().unwrap().uri(), "im:a%20b%40c@example.net");
}

// 3922-4.2.3-01, 3922-4.2.4-01, 3922-4.2.6-01, 3922-4.2.6-02
#[test]
fn headers_without_counterpart_are_reported_and_not_passed_on() {
    let mapped = back(&with(
        "cc: <im:tybalt@example.com>\nDateTime: 2004-10-01T00:00:00Z\nNS: p <a:b>\np.x: secret\nX: secret\n",
        "\nContent-Type: text/plain\nContent-Disposition: inline\n\nHi!",
    ));
    assert_eq!(
        lost(&mapped),
        [
            "header cc (RFC 3922 §4.2.3)",
            "header DateTime (RFC 3922 §4.2.4)",
            "header NS (RFC 3922 §4.2.6)",
            "header p.x (RFC 3922 §4.2.6)",
            "header X (RFC 3922 §4.2.6)",
            "mime-field Content-Disposition (RFC 3922 §4.2)",
        ]
    );
    let stanza = xml(&mapped.value[0]);
    assert!(!stanza.contains("secret") && !stanza.contains("tybalt") && !stanza.contains("2004"));
}

// 3922-4.2.5-01, -02, -03
#[test]
fn subjects_come_back_with_their_languages() {
    let mapped = back(&with("Subject: a\\nb\nSubject:;lang=cs Ahoj!\n", PART));
    assert_eq!(mapped.value[0].subject().as_deref(), Some("a\nb"));
    assert_eq!(mapped.value[0].subject_for("cs").unwrap().text, "Ahoj!");
    assert_eq!(lost(&mapped), [""; 0]);
}

// 3922-4.2.7-01, 3922-4.2.7-02, 3862-3.5-01
#[test]
fn what_is_required_is_for_the_sender_to_hear() {
    let text = with("NS: p <a:b>\nRequire: p.Vital,Subject\n", PART);
    let names = vec![
        ("a:b".to_string(), "Vital".to_string()),
        (crate::message::CPIM_HEADERS.to_string(), "Subject".to_string()),
    ];
    assert_eq!(refused(&text), MapError::Required(names));
    let options = Options::default().with_required(Required::Report);
    let mapped = message_from_cpim(&object(&text), &options).unwrap();
    assert_eq!(lost(&mapped), ["header NS (RFC 3922 §4.2.6)", "header Require (RFC 3922 §4.2.7)"]);
}

// 3922-4.2.8-01, 3922-4.2.8-02
#[test]
fn a_content_id_becomes_the_id() {
    let part = "\nContent-Type: text/plain\nContent-ID: <123456789@example.net>\n\nHi!";
    let mapped = back(&with("", part));
    assert_eq!(mapped.value[0].id().as_deref(), Some("123456789@example.net"));
    assert_eq!(lost(&mapped), [""; 0]);
    let mapped = back(&with("", &part.replace(['<', '>'], "")));
    assert_eq!(mapped.value[0].id(), None);
    assert_eq!(lost(&mapped), ["mime-field Content-ID (RFC 3922 §4.2)"]);
}

// 3922-4.2.9-01
#[test]
fn only_plain_text_becomes_a_body() {
    for (content_type, found) in [
        ("text/html", "text/html"),
        ("Text/XML; charset=utf-8", "text/xml"),
        ("multipart/mixed; boundary=x", "multipart/mixed"),
        ("multipart/pkcs7-mime; boundary=x", "multipart/pkcs7-mime"),
        ("application/signed", "application/signed"),
        ("application/encrypted", "application/encrypted"),
    ] {
        let part = alloc::format!("\nContent-Type: {content_type}\n\nHi!");
        assert_eq!(refused(&with("", &part)), MapError::ContentType(found.to_string()));
    }
    for content_type in [
        "multipart/signed; boundary=next; micalg=sha1; protocol=application/pkcs7-signature",
        "multipart/encrypted; boundary=x",
        "application/pkcs7-mime; smime-type=enveloped-data",
        "Application/X-PKCS7-mime",
    ] {
        let part = alloc::format!("\nContent-Type: {content_type}\n\n--next\n]]>&<");
        let mapped = back(&with("", &part));
        assert_eq!(mapped.value[0].body(), None);
        let payload = mapped.value[0].payloads().next().unwrap();
        let secured = secured_object(payload).unwrap();
        let expected = part.trim_start().replace('\n', "\r\n");
        assert_eq!(core::str::from_utf8(&secured), Ok(expected.as_str()));
    }
}

// 3922-4.2.9-02
#[test]
fn us_ascii_and_utf_8_and_no_other_charset() {
    let entity = |content_type: &str, octets: &[u8]| {
        let head = alloc::format!("Content-Type: text/plain{content_type}\r\n\r\n");
        let octets = [head.as_bytes(), octets].concat();
        let content = Entity::parse(&octets, &Limits::default()).unwrap().into_owned();
        let object = Message::builder()
            .from(&crate::message::Address::new("im:a@b").unwrap())
            .to(&crate::message::Address::new("im:c@d").unwrap())
            .content(content)
            .build()
            .unwrap();
        message_from_cpim(&object, &Options::default())
            .map(|mapped| mapped.value[0].build().unwrap().body().unwrap().into_owned())
    };
    let text = |text: &str| Ok(text.to_string());
    assert_eq!(entity("", b"a"), text("a"));
    assert_eq!(entity("; charset=US-ASCII", b"a"), text("a"));
    assert_eq!(entity("; charset=\"UTF-8\"", "ä".as_bytes()), text("ä"));
    assert_eq!(entity("", "ä".as_bytes()), Err(MapError::NotInCharset));
    assert_eq!(entity("; charset=utf-8", b"\xE4"), Err(MapError::NotInCharset));
    assert_eq!(
        entity("; charset=ISO-8859-1", b"\xE4"),
        Err(MapError::Charset("ISO-8859-1".to_string()))
    );
    let encoded = "; charset=utf-8\r\nContent-Transfer-Encoding: ";
    assert_eq!(entity(&alloc::format!("{encoded}base64"), b"w6Q=\r\n"), text("ä"));
    assert_eq!(entity(&alloc::format!("{encoded}quoted-printable"), b"=C3=A4"), text("ä"));
    assert!(matches!(entity(&alloc::format!("{encoded}x"), b""), Err(MapError::Transfer(_))));
}

// D7
#[test]
fn line_ends_and_characters_that_xml_cannot_have() {
    let mapped = back(&with("", "\nContent-Type: text/plain\n\na\nb\n"));
    assert_eq!(mapped.value[0].body().as_deref(), Some("a\nb\n"));
    for text in
        [with("", "\nContent-Type: text/plain\n\na\u{1}b"), with("Subject: a\\u0001b\n", PART)]
    {
        assert_eq!(refused(&text), MapError::IllegalCharacter('\u{1}'));
        let options = Options::default().with_illegal_characters(IllegalCharacters::Replace);
        let mapped = message_from_cpim(&object(&text), &options).unwrap();
        assert!(xml(&mapped.value[0]).contains("a\u{FFFD}b"));
        assert_eq!(lost(&mapped), ["illegal-characters (XML 1.0 §2.2)"]);
    }
}

#[test]
fn the_language_of_the_content_is_that_of_the_body() {
    let part = "\nContent-Type: text/plain\nContent-Language: cs\n\nAhoj";
    let mapped = back(&with("", part));
    assert_eq!(mapped.value[0].bodies().next().unwrap().lang.as_deref(), Some("cs"));
    let mapped = back(&with("", &part.replace("cs", "cs, en")));
    assert_eq!(mapped.value[0].bodies().next().unwrap().lang, None);
    assert_eq!(lost(&mapped), ["language cs, en (RFC 3282 §2)"]);
}

// 3922-4.2.10-01
#[test]
fn the_gateway_can_make_up_a_type() {
    let options = Options::default().with_message_type(MessageType::Chat);
    let mapped = message_from_cpim(&object(&with("", PART)), &options).unwrap();
    assert_eq!(mapped.value[0].message_type(), MessageType::Chat);
    assert_eq!(back(&with("", PART)).value[0].message_type(), MessageType::Normal);
}
