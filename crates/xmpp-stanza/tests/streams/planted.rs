//! What the faults are: the bytes in their places, and what is said of them.

use std::collections::BTreeSet;

use xmpp_stanza::arbitrary::{Fault, Level, Stream, Unstructured};

use crate::decisions;

/// The bytes of the fault, in many streams; and what is before them.
fn planted(fault: Fault) -> Vec<(String, Vec<u8>)> {
    let one = |seed| {
        let bytes = decisions(seed, 500);
        let stream = Stream::faulty(fault, &mut Unstructured::new(&bytes)).unwrap();
        let (found, place) = stream.fault.expect("asked for");
        assert_eq!(found, fault);
        let before = String::from_utf8_lossy(&stream.bytes[..place.start]).into_owned();
        (before, stream.bytes[place].to_vec())
    };
    (0..120).map(one).collect()
}

/// The fault is always one of these, and each of them now and then.
#[track_caller]
fn one_of(fault: Fault, variants: &[&[u8]]) {
    let found: BTreeSet<Vec<u8>> = planted(fault).into_iter().map(|(_, bytes)| bytes).collect();
    let expected: BTreeSet<Vec<u8>> = variants.iter().map(|bytes| bytes.to_vec()).collect();
    assert_eq!(found, expected, "{fault}");
}

/// Each of them is such a text, and there are so many different ones at the least.
#[track_caller]
fn each(fault: Fault, different: usize, is: impl Fn(&str) -> bool) {
    let mut all = BTreeSet::new();
    for (_, bytes) in planted(fault) {
        let text = String::from_utf8(bytes).unwrap();
        assert!(is(&text), "{fault}: {text}");
        all.insert(text);
    }
    assert!(all.len() >= different, "{fault}: {all:?}");
}

/// RFC 6120, 11.1 and 11.3: well-formed, and not allowed.
#[test]
fn what_xmpp_does_not_allow() {
    let between =
        |text: &str, start: &str, end: &str| text.starts_with(start) && text.ends_with(end);
    each(Fault::Comment, 3, |text| between(text, "<!--", "-->"));
    each(Fault::ProcessingInstruction, 3, |text| {
        between(text, "<?", "?>") && !text.starts_with("<?xml ")
    });
    each(Fault::DocumentType, 3, |text| between(text, "<!DOCTYPE ", ">"));
    const PREDEFINED: [&str; 5] = ["&amp;", "&lt;", "&gt;", "&apos;", "&quot;"];
    each(Fault::EntityReference, 4, |text| {
        let name = text.strip_prefix('&').and_then(|text| text.strip_suffix(';'));
        name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric()))
            && !PREDEFINED.contains(&text)
    });
    each(Fault::Encoding, 3, |text| {
        between(text, "<?xml version='1.0' encoding='", "'?>") && !text.contains("UTF-8")
    });
    each(Fault::LateDeclaration, 1, |text| text == "<?xml version='1.0'?>");
}

/// XML 1.0 and Namespaces in XML 1.0: elements that cannot be.
#[test]
fn elements_that_are_ill_formed() {
    one_of(Fault::UndeclaredPrefix, &[b"<undeclared:element>"]);
    one_of(Fault::BadName, &[b"<1a/>", b"<-a/>", b"<.a/>", "<×/>".as_bytes()]);
    one_of(Fault::TwoColons, &[b"<a:b:c/>", b"<:a/>", b"<a:/>"]);
    one_of(Fault::SpaceBeforeName, &[b"< a/>"]);
    one_of(Fault::BadMarkup, &[b"<!a>", b"<!>", b"<![a[b]]>", b"<!-a->"]);
    for (before, bytes) in planted(Fault::MismatchedTag) {
        assert!(before.ends_with("<message></") && !bytes.starts_with(b"message>"));
        assert!(bytes.ends_with(b">"));
    }
}

/// XML 1.0, 2.2, 2.4 and 4.1; RFC 3629, 3: characters that cannot be.
#[test]
fn characters_that_are_ill_formed() {
    for (_, bytes) in planted(Fault::BadUtf8) {
        assert!(str::from_utf8(&bytes).is_err(), "{bytes:?}");
    }
    let different: BTreeSet<_> = planted(Fault::BadUtf8).into_iter().map(|(_, b)| b).collect();
    assert!(different.len() >= 8, "{different:?}");
    each(Fault::ForbiddenCharacter, 5, |text| {
        text.chars().count() == 1
            && text.chars().all(|c| c == '\u{FFFE}' || c < ' ' && !matches!(c, '\t' | '\n' | '\r'))
    });
    each(Fault::ForbiddenReference, 5, |text| {
        let number = text.strip_prefix("&#").and_then(|text| text.strip_suffix(';')).unwrap();
        let number = match number.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).unwrap(),
            None => number.parse().unwrap(),
        };
        char::from_u32(number).is_none_or(|c| c < ' ' || c == '\u{FFFF}')
    });
    one_of(Fault::CdataEndInText, &[b"]]>"]);
    one_of(Fault::BareAmpersand, &[b"& chips", b"&& ", b"&;"]);
    one_of(Fault::UnendedReference, &[b"&amp ", b"&#38 ", b"&#x26<"]);
}

/// Whether the tag that the text ends within has that attribute.
fn has_attribute(before: &str, name: &str) -> bool {
    let tag = &before[before.rfind('<').unwrap()..];
    tag.match_indices(name).any(|(at, _)| {
        tag[..at].ends_with(char::is_whitespace)
            && tag[at + name.len()..].trim_start().starts_with('=')
    })
}

/// XML 1.0, 3.1, and Namespaces in XML 1.0, 2.2, 3 and 6.3: attributes that cannot be. Each
/// fault goes on to the end of its tag.
#[test]
fn attributes_that_are_ill_formed() {
    let attributes = |fault| {
        planted(fault).into_iter().map(move |(before, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            let tag = text.strip_suffix('>').unwrap_or_else(|| panic!("{fault}: {text}"));
            (before, tag.strip_suffix('/').unwrap_or(tag).trim_end().to_owned())
        })
    };
    let all = |fault, behind: &str, variants: &[&str]| {
        let mut found = BTreeSet::new();
        for (before, attribute) in attributes(fault) {
            assert!(before.ends_with(behind), "{fault}: …{before}");
            found.insert(attribute);
        }
        assert_eq!(found, variants.iter().map(|text| (*text).to_owned()).collect(), "{fault}");
    };
    all(Fault::UndeclaredAttributePrefix, " ", &["undeclared:a='1'"]);
    all(
        Fault::DuplicateExpandedName,
        " xmlns:d1='urn:example:d' xmlns:d2='urn:example:d' d1:a='1' ",
        &["d2:a='2'"],
    );
    all(Fault::LessThanInAttribute, " bad='1 ", &["< 2'"]);
    all(Fault::UnquotedAttribute, " bad=", &["1", "bad", "`1`"]);
    all(Fault::AttributeWithoutValue, " bad", &["", " b='1'", "'1'"]);
    all(Fault::MissingSpace, " bad='1'", &["worse='2'"]);
    all(Fault::EmptyPrefixDeclaration, " xmlns:bad='", &["'"]);
    all(
        Fault::ReservedPrefix,
        " ",
        &[
            "xmlns:xml='urn:example:not-xml'",
            "xmlns:xmlns='urn:example:xmlns'",
            "xmlns:bad='http://www.w3.org/2000/xmlns/'",
            "xmlns:bad='http://www.w3.org/XML/1998/namespace'",
        ],
    );
    // An attribute of the tag is there again.
    let mut names = BTreeSet::new();
    for (before, attribute) in attributes(Fault::DuplicateAttribute) {
        let (name, _) = attribute.split_once('=').unwrap();
        assert!(has_attribute(&before, name), "…{before}|{attribute}");
        names.insert(name.to_owned());
    }
    assert!(names.len() > 3 && names.contains("a"), "{names:?}");
}

/// Without references by number, and white space around `=`.
fn decoded(text: &str) -> String {
    let mut pieces = text.split("&#");
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (number, behind) = piece.split_once(';').unwrap();
        let number = match number.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        out.push(char::from_u32(number.unwrap()).unwrap());
        out.push_str(behind);
    }
    let parts: Vec<&str> = out.split('=').map(str::trim).collect();
    parts.join("=")
}

/// RFC 6120, 4.2, 4.8 and 11.7: well-formed, and no stream.
#[test]
fn what_does_not_stand_in_a_stream() {
    let header =
        |text: &str| text.starts_with('<') && text.contains("xmlns") && text.ends_with('>');
    let has = |text: &str, value: &str| {
        let text = decoded(text);
        ['"', '\''].into_iter().any(|quote| text.contains(&format!("={quote}{value}{quote}")))
    };
    each(Fault::HeaderNamespace, 20, |text| {
        header(text)
            && (has(text, "http://wrong.namespace.example.org/")
                || has(text, "http://etherx.jabber.org/stream"))
    });
    each(Fault::ContentNamespace, 20, |text| {
        header(text)
            && has(text, "http://etherx.jabber.org/streams")
            && (has(text, "urn:example:content") || has(text, "jabber:clients"))
    });
    each(Fault::SecondHeader, 1, |text| header(text) && text.starts_with("<stream:stream "));
    one_of(Fault::TextBetweenElements, &[b"text", "é".as_bytes(), b"&lt;", b"x"]);
    each(Fault::UnknownStanza, 8, |text| {
        let name = &text[1..text.find(' ').unwrap()];
        let content = text.strip_prefix(&format!("<{name} xmlns='jabber:")).is_some();
        content && text.ends_with("'/>") && !["message", "presence", "iq"].contains(&name)
    });
}

/// RFC 6120, 4.9.3: what may answer each, and where it stands that it is wrong.
#[test]
fn what_is_said_of_faults() {
    const RESTRICTED: &[&str] = &["restricted-xml", "bad-format"];
    const ILL_FORMED: &[&str] = &["not-well-formed", "bad-format"];
    for fault in Fault::ALL {
        use Fault as F;
        let (conditions, section): (&[&str], &str) = match fault {
            F::Comment | F::ProcessingInstruction | F::DocumentType | F::EntityReference => {
                (RESTRICTED, "RFC 6120, 11.1")
            }
            F::UndeclaredPrefix | F::UndeclaredAttributePrefix => {
                (&["bad-namespace-prefix", "not-well-formed", "bad-format"], "RFC 6120, 4.9.3.2")
            }
            F::BadUtf8 => {
                (&["not-well-formed", "unsupported-encoding", "bad-format"], "RFC 6120, 11.6")
            }
            F::Encoding => (&["unsupported-encoding", "bad-format"], "RFC 6120, 11.6"),
            F::LateDeclaration => {
                (&["not-well-formed", "restricted-xml", "bad-format"], "XML 1.0, 2.8")
            }
            F::BadMarkup => (&["not-well-formed", "restricted-xml", "bad-format"], "XML 1.0, 3.1"),
            F::HeaderNamespace => (&["invalid-namespace", "bad-format"], "RFC 6120, 4.8.1"),
            F::ContentNamespace => (&["invalid-namespace", "bad-format"], "RFC 6120, 4.8.3"),
            F::SecondHeader => (
                &["bad-format", "unsupported-stanza-type", "invalid-xml", "policy-violation"],
                "RFC 6120, 4.2",
            ),
            F::TextBetweenElements => {
                (&["bad-format", "not-well-formed", "invalid-xml"], "RFC 6120, 11.7")
            }
            F::UnknownStanza => (&["unsupported-stanza-type", "bad-format"], "RFC 6120, 4.9.3.24"),
            F::DuplicateAttribute
            | F::LessThanInAttribute
            | F::UnquotedAttribute
            | F::AttributeWithoutValue
            | F::MissingSpace
            | F::SpaceBeforeName => (ILL_FORMED, "XML 1.0, 3.1"),
            F::DuplicateExpandedName => (ILL_FORMED, "Namespaces in XML 1.0, 6.3"),
            F::MismatchedTag => (ILL_FORMED, "XML 1.0, 3"),
            F::ForbiddenCharacter => (ILL_FORMED, "XML 1.0, 2.2"),
            F::ForbiddenReference | F::BareAmpersand | F::UnendedReference => {
                (ILL_FORMED, "XML 1.0, 4.1")
            }
            F::CdataEndInText => (ILL_FORMED, "XML 1.0, 2.4"),
            F::BadName => (ILL_FORMED, "XML 1.0, 2.3"),
            F::TwoColons => (ILL_FORMED, "Namespaces in XML 1.0, 4"),
            F::EmptyPrefixDeclaration => (ILL_FORMED, "Namespaces in XML 1.0, 2.2"),
            F::ReservedPrefix => (ILL_FORMED, "Namespaces in XML 1.0, 3"),
            other => panic!("{other}: a new one"),
        };
        assert_eq!((fault.conditions(), fault.section()), (conditions, section), "{fault}");
        let is_xml = !matches!(
            fault,
            F::HeaderNamespace
                | F::ContentNamespace
                | F::SecondHeader
                | F::TextBetweenElements
                | F::UnknownStanza
        );
        assert_eq!(fault.level() == Level::Xml, is_xml, "{fault}");
        // In kebab case, as the variants are called.
        let mut name = String::new();
        for c in format!("{fault:?}").replace("Utf8", "Utf-8").chars() {
            if c.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(c.to_ascii_lowercase());
        }
        assert_eq!((fault.as_str(), fault.to_string()), (&*name, name.clone()));
    }
}
