//! What is carried in `<e2e/>` (RFC 3923 §3.1, §8) and what XML can carry (XML
//! 1.0 §2.2).

use super::*;

const REGISTERED: &str = "urn:ietf:params:xml:ns:xmpp-e2e";

fn element(ns: &str, name: &str, text: &str) -> Element {
    Element::parse(alloc::format!("<{name} xmlns='{ns}'>{text}</{name}>")).unwrap()
}

/// RFC 3923 §12 registers the one name, most of its examples have the other.
#[test]
fn payloads_of_either_namespace() {
    for (ns, name, is_ns, is_payload) in [
        (REGISTERED, "e2e", true, true),
        ("urn:ietf:params:xml:xmpp-e2e", "e2e", true, true),
        (REGISTERED, "e2f", true, false),
        ("urn:ietf:params:xml:ns:e2e", "e2e", false, false),
    ] {
        let element = element(ns, name, "A: b\n\nc");
        let element = element.as_ref();
        assert_eq!(is_secured_ns(element), is_ns, "{ns} {name}");
        assert_eq!(is_secured_payload(element), is_payload, "{ns} {name}");
        let object = secured_object(element);
        assert_eq!(object.as_deref(), is_payload.then_some(&b"A: b\r\n\r\nc"[..]), "{ns} {name}");
    }
}

// RFC 3923 §3.1, 3923-8-03
#[test]
fn an_object_comes_out_as_it_goes_in() {
    for object in [
        "A: b\r\n\r\n",
        "A: b\r\n\r\nc ]]> & < > ' \" \r\n ",
        "A: b\r\n\r\n]]]]>]]>",
        "A: \u{e4}\r\n\r\n\u{1f6a9}\u{FFFD}\t",
        "",
    ] {
        let payload = secured_payload(object.as_bytes()).unwrap();
        let read = secured_object(payload.as_ref()).unwrap();
        assert_eq!(core::str::from_utf8(&read), Ok(object));
    }
    // White space before the first field is no part of it.
    let read = element(REGISTERED, "e2e", " \t\n A: b\n\nc &amp; d\n");
    assert_eq!(secured_object(read.as_ref()).as_deref(), Some(&b"A: b\r\n\r\nc & d\r\n"[..]));
    let long = "A: b\r\n\r\n".to_string() + &"x".repeat(300_000);
    let payload = secured_payload(long.as_bytes()).unwrap();
    assert_eq!(secured_object(payload.as_ref()).as_deref(), Some(long.as_bytes()));
}

#[test]
fn an_object_that_would_come_out_otherwise_is_refused() {
    for object in [
        &b"A: b\n\nc"[..],
        b"A: b\r\n\r\nc\r",
        b"A: b\r\n\r\n\0",
        b"A: b\r\n\r\n\x0B",
        b"A: b\r\n\r\n\xFF",
        b"A: b\r\n\r\n\xEF\xBF\xBF",
        b" A: b\r\n\r\n",
        b"\tA: b\r\n\r\n",
        b"\r\nA",
    ] {
        assert!(secured_payload(object).is_err(), "{object:?}");
    }
}

/// `Char`: #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]
#[test]
fn each_character_that_xml_cannot_have() {
    let options = Options::default().with_illegal_characters(IllegalCharacters::Replace);
    for (c, is_xml) in [
        ('\0', false),
        ('\u{8}', false),
        ('\t', true),
        ('\n', true),
        ('\u{B}', false),
        ('\u{C}', false),
        ('\u{E}', false),
        ('\u{1F}', false),
        (' ', true),
        ('\u{7F}', true),
        ('\u{85}', true),
        ('\u{D7FF}', true),
        ('\u{E000}', true),
        ('\u{FFFD}', true),
        ('\u{FFFE}', false),
        ('\u{FFFF}', false),
        ('\u{10000}', true),
        ('\u{10FFFF}', true),
    ] {
        let object = Message::builder()
            .from(&crate::message::Address::new("im:a@b").unwrap())
            .to(&crate::message::Address::new("im:c@d").unwrap())
            .content(crate::mime::Entity::text(&alloc::format!("x{c}x")).into_owned())
            .build()
            .unwrap();
        let refused = message_from_cpim(&object, &Options::default()).err();
        let expected = (!is_xml).then_some(MapError::IllegalCharacter(c));
        assert_eq!(refused, expected, "{c:?}");
        let mapped = messages(message_from_cpim(&object, &options).unwrap());
        let kept = if is_xml { c } else { '\u{FFFD}' };
        assert_eq!(mapped.value[0].body().unwrap(), alloc::format!("x{kept}x"), "{c:?}");
        assert_eq!(mapped.lost.len(), usize::from(!is_xml), "{c:?}");
    }
}

// RFC 6121 §5.2.4
#[test]
fn of_two_subjects_of_one_language_the_first_goes() {
    let subjects = |tags: &[Option<&str>]| {
        let lines: String = tags
            .iter()
            .enumerate()
            .map(|(n, tag)| match tag {
                Some(tag) => alloc::format!("Subject:;lang={tag} {n}\n"),
                None => alloc::format!("Subject: {n}\n"),
            })
            .collect();
        let text =
            alloc::format!("From: <im:a@b>\nTo: <im:c@d>\n{lines}\nContent-Type: text/plain\n\nHi");
        let mapped = messages(message_from_cpim(&object(&text), &Options::default()).unwrap());
        let read: Vec<String> =
            mapped.value[0].subjects().map(|subject| subject.text.to_string()).collect();
        (read.concat(), lost(&mapped))
    };
    let told = |tag: &str| alloc::format!("subject{tag} (RFC 6121 §5.2.4)");
    assert_eq!(subjects(&[]), ("".into(), [].into()));
    assert_eq!(subjects(&[None, Some("en"), Some("cs"), Some("de")]), ("0123".into(), [].into()));
    assert_eq!(subjects(&[None, None]), ("0".into(), [told("")].into()));
    assert_eq!(subjects(&[Some("en"), Some("EN")]), ("0".into(), [told(" en")].into()));
    assert_eq!(
        subjects(&[Some("en"), None, Some("cs"), Some("CS"), None]),
        ("012".into(), [told(" cs"), told("")].into())
    );
}
