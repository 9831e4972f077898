//! RFC 3862, requirement by requirement.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::mime::Field;

/// RFC 3862 §5.1.
const EXAMPLE: &str = "Content-type: Message/CPIM\r\n\
    \r\n\
    From: MR SANDERS <im:piglet@100akerwood.com>\r\n\
    To: Depressed Donkey <im:eeyore@100akerwood.com>\r\n\
    DateTime: 2000-12-13T13:40:00-08:00\r\n\
    Subject: the weather will be fine today\r\n\
    Subject:;lang=fr beau temps prevu pour aujourd'hui\r\n\
    NS: MyFeatures <mid:MessageFeatures@id.foo.com>\r\n\
    Require: MyFeatures.VitalMessageOption\r\n\
    MyFeatures.VitalMessageOption: Confirmation-requested\r\n\
    MyFeatures.WackyMessageOption: Use-silly-font\r\n\
    \r\n\
    Content-type: text/xml; charset=utf-8\r\n\
    Content-ID: <1234567890@foo.com>\r\n\
    \r\n\
    <body>\r\n\
    Here is the text of my message.\r\n\
    </body>";

const PART: &str = "Content-Type: text/plain\r\n\r\nHi";

fn parse(octets: &[u8]) -> Result<Message<'_>, ParseError> {
    Message::parse(octets, &Limits::default())
}

/// The object with these message headers.
fn with(headers: &str) -> String {
    format!("Content-type: Message/CPIM\r\n\r\n{headers}\r\n\r\n{PART}")
}

fn headers_error(headers: &str) -> (ParseErrorKind, usize) {
    let object = with(headers);
    let error = parse(object.as_bytes()).expect_err(headers);
    (error.kind, error.at - 30)
}

#[test]
fn the_example_of_the_rfc() {
    let message = parse(EXAMPLE.as_bytes()).unwrap();
    let from = message.from().unwrap();
    assert_eq!(from.formal_name(), Some("MR SANDERS"));
    assert_eq!(from.uri(), "im:piglet@100akerwood.com");
    let to: Vec<_> = message.to().map(|address| address.uri().to_string()).collect();
    assert_eq!(to, ["im:eeyore@100akerwood.com"]);
    assert_eq!(message.cc().count(), 0);
    assert_eq!(message.date_time().unwrap().to_string(), "2000-12-13T13:40:00-08:00");
    let subjects: Vec<_> = message.subjects().map(|s| (s.lang(), s.value())).collect();
    assert_eq!(
        subjects,
        [
            (None, "the weather will be fine today".into()),
            (Some("fr"), "beau temps prevu pour aujourd'hui".into()),
        ]
    );
    let required: Vec<_> = message.required().collect();
    assert_eq!(required, [("mid:MessageFeatures@id.foo.com", "VitalMessageOption")]);
    let last = message.headers().last().unwrap();
    assert_eq!(message.namespace_of(last), "mid:MessageFeatures@id.foo.com");
    assert_eq!((last.prefix(), last.local_name()), (Some("MyFeatures"), "WackyMessageOption"));
    assert_eq!(message.content().headers().content_id(), Some("1234567890@foo.com"));
    assert!(message.content().body().starts_with(b"<body>\r\nHere"));
}

// 3862-2.2-01, 3862-2.2-12, 3862-2.2-13, 3862-6-01, 3862-7.1-01
#[test]
fn what_is_read_is_written_octet_for_octet() {
    let odd = "content-TYPE:message/cpim;\r\n x=\"y\"\r\nX: z\r\n\r\n\
        b: 1\r\na: 2\r\nSubject:;lang=en;x=\"\\\"\\u0041\" \\u0041\\x\\\r\nb: 1\r\nÜ\r\n"
        .replace("Ü\r\n", "\r\nCONTENT-type: a/b\r\n\r\n\0\n\r");
    for object in [EXAMPLE, &odd] {
        let message = parse(object.as_bytes()).unwrap();
        assert_eq!(message.to_vec(), object.as_bytes());
        assert_eq!(message.clone().into_owned().to_vec(), object.as_bytes());
        let mut body = Vec::new();
        message.write_body(&mut body);
        let again = Message::parse_body(&body, &Limits::default()).unwrap();
        assert_eq!(again.headers(), message.headers());
        assert_eq!(again.content(), message.content());
    }
}

// 3862-2.2-02, -05, -06, -07, -08, -10, 3862-3.2-01
#[test]
fn a_header_is_one_line_of_a_name_a_space_and_a_value() {
    use ParseErrorKind::*;
    for (headers, kind, at) in [
        (" From: <im:a@b>", OuterWhitespace, 0),
        ("Subject: folded\r\n here", OuterWhitespace, 17),
        ("Subject: x ", OuterWhitespace, 10),
        ("Subject:x", SingleSpace, 8),
        ("Subject:  x", SingleSpace, 9),
        ("Subject", HeaderName, 7),
        ("Subject x", HeaderName, 7),
        (": x", HeaderName, 0),
        ("Sub ject: x", HeaderName, 3),
        ("a.b.c: x", HeaderName, 3),
        (".a: x", HeaderName, 0),
        ("a.: x", HeaderName, 1),
        ("S\u{fc}: x", HeaderName, 1),
        ("Subject: a\tb", ControlCharacter, 10),
        ("Subject: a\0", ControlCharacter, 10),
        ("Subject: a\u{7f}", ControlCharacter, 10),
        ("Subject: a\nb", BareCrOrLf, 10),
        ("Subject: a\rb", BareCrOrLf, 10),
        ("Subject:;lang=en", SingleSpace, 16),
        ("Subject:; x", Parameter, 9),
        ("Subject:;lang x", Parameter, 13),
        ("Subject:;lang=en;x", Parameter, 18),
        ("Subject:;x=\"a x", Parameter, 11),
        ("Subject:;lang=1x a", LanguageTag, 8),
        ("Subject:;lang=en-toolongtag a", LanguageTag, 8),
        ("Subject:;lang=\"en\" a", LanguageTag, 8),
        ("Subject: \\ud83d", LoneSurrogate, 9),
    ] {
        assert_eq!(headers_error(headers), (kind, at), "{headers:?}");
    }
    let not_utf8 = [with("A: b").as_bytes(), b""].concat();
    let not_utf8: Vec<u8> =
        not_utf8.into_iter().map(|b| if b == b'b' { 0xFF } else { b }).collect();
    assert_eq!(parse(&not_utf8).unwrap_err(), ParseError::new(NotUtf8, 33));
    assert!(parse(with("Subject: ").as_bytes()).is_ok(), "an empty value");
}

// 3862-2.2-04
#[test]
fn a_line_can_be_as_long_as_the_object() {
    let long = with(&format!("Subject: {}", "x".repeat(500_000)));
    assert!(parse(long.as_bytes()).is_ok());
}

// 3862-2.2-03
#[test]
fn no_value_makes_a_second_header_on_the_line_or_below() {
    let header = Header::new("Subject", "a\r\nFrom: <im:a@b>").unwrap();
    assert_eq!(header.line(), r"Subject: a\r\nFrom: <im:a@b>");
    let object = with(header.line());
    let message = parse(object.as_bytes()).unwrap();
    assert_eq!(message.headers().len(), 1);
    assert!(message.from().is_none());
    // What stands behind the first value is part of it.
    let object = with("Subject: a From: <im:a@b>");
    let message = parse(object.as_bytes()).unwrap();
    assert_eq!(message.headers().len(), 1);
    assert_eq!(message.headers()[0].value(), "a From: <im:a@b>");
}

// 3862-2.2-09, 3862-2.3-01
#[test]
fn controls_come_and_go_escaped() {
    let header = Header::new("Subject", "a\0\tb\u{7f}").unwrap();
    assert_eq!(header.line(), r"Subject: a\u0000\tb\u007f");
    assert_eq!(header.value(), "a\0\tb\u{7f}");
}

// 3862-2.2-11, 3862-3-01, 3862-3.6-01, 3862-4-01
#[test]
fn the_case_of_a_name_counts() {
    let object = with("from: nobody\r\nFROM: x\r\nCc: y\r\nTo: <im:a@b>\r\nX:;LANG=1! z");
    let message = parse(object.as_bytes()).unwrap();
    assert!(message.from().is_none());
    assert_eq!(message.cc().count(), 0);
    assert_eq!(message.to().count(), 1);
    assert_eq!(message.headers()[4].lang(), None);
}

// 3862-2.4-01
#[test]
fn the_content_needs_a_type() {
    use ParseErrorKind::*;
    let object = |part: &str| format!("Content-type: Message/CPIM\r\n\r\nA: b\r\n\r\n{part}");
    for (part, kind) in [
        ("Content-ID: <x>\r\n\r\nHi", MissingContentType),
        ("\r\nHi", MissingContentType),
        ("Content-Type: text\r\n\r\nHi", ContentType),
        ("Content-Type: a/b\r\nContent-type: a/b\r\n\r\nHi", RepeatedField),
        ("Content-Type: text/plain\r\n", UnexpectedEnd),
        ("Content-Type: text/plain", UnexpectedEnd),
        ("", UnexpectedEnd),
    ] {
        assert_eq!(parse(object(part).as_bytes()).unwrap_err().kind, kind, "{part:?}");
    }
}

// RFC 3862 §2.1
#[test]
fn the_object_says_what_it_is() {
    for object in [
        "Content-type: text/plain\r\n\r\n\r\n",
        "X: y\r\n\r\n\r\n",
        "\r\n\r\n",
        "Content-type: Message/CPIM\r\nContent-type: Message/CPIM\r\n\r\n",
    ] {
        assert_eq!(parse(object.as_bytes()).unwrap_err().kind, ParseErrorKind::NotMessageCpim);
    }
}

// 3862-3.5-02
#[test]
fn what_is_required_need_not_be_a_header() {
    let object = with("NS: Locale <urn:locale>\r\nRequire: Locale.MustRenderKanji");
    let message = parse(object.as_bytes()).unwrap();
    assert_eq!(message.required().collect::<Vec<_>>(), [("urn:locale", "MustRenderKanji")]);
    assert_eq!(message.headers().len(), 2);
}

// 3862-3.4-02, 3862-3.4-03, 3862-3.4-04
#[test]
fn prefixes_are_declared_before_use() {
    use ParseErrorKind::*;
    for (headers, kind, at) in [
        ("p.x: y", UndeclaredPrefix, 0),
        ("p.x: y\r\nNS: p <a:b>", UndeclaredPrefix, 0),
        ("Require: Locale.MustRenderKanji", UndeclaredPrefix, 9),
        ("NS: p <a:b>\r\nRequire: p.x,q.y", UndeclaredPrefix, 26),
        ("NS: p a:b", NamespaceDeclaration, 6),
        ("NS: p <relative>", NamespaceDeclaration, 15),
        ("NS: p <http://x/#y>", NamespaceDeclaration, 16),
        ("Require: ", Require, 9),
        ("Require: a,,b", Require, 11),
        ("Require: a;b", Require, 9),
    ] {
        assert_eq!(headers_error(headers), (kind, at), "{headers:?}");
    }
}

// RFC 3862 §3.4
#[test]
fn a_declaration_without_a_prefix_changes_what_names_mean() {
    let object = with(
        "Subject: ours\r\n\
        NS: c <urn:ietf:params:cpim-headers:>\r\n\
        NS: <http://id.acme.widgets/wily-headers/>\r\n\
        runner-trap: set\r\n\
        Subject: theirs\r\n\
        From: no address\r\n\
        NS: nothing to declare\r\n\
        c.Subject: ours again\r\n\
        c.NS: <urn:ietf:params:cpim-headers:>\r\n\
        Subject: and back",
    );
    let message = parse(object.as_bytes()).unwrap();
    let subjects: Vec<_> = message.subjects().map(Header::value).collect();
    assert_eq!(subjects, ["ours", "ours again", "and back"]);
    assert!(message.from().is_none());
    let namespaces: Vec<_> =
        message.headers().iter().map(|header| message.namespace_of(header)).collect();
    let theirs = "http://id.acme.widgets/wily-headers/";
    assert_eq!(&namespaces[2..5], [CPIM_HEADERS, theirs, theirs]);
}

#[test]
fn the_same_name_under_another_prefix_is_the_same() {
    let read = |prefix| {
        let object = with(&format!("NS: {prefix} <http://x/>\r\n{prefix}.runner-trap: set"));
        let message = parse(object.as_bytes()).unwrap().into_owned();
        let header = &message.headers()[1];
        (message.namespace_of(header).to_string(), header.local_name().to_string())
    };
    assert_eq!(read("acme"), read("widget"));
}

// RFC 3862 §4
#[test]
fn headers_of_the_rfc_have_their_grammar() {
    use ParseErrorKind::{Address, DateTime};
    for (headers, kind, at) in [
        ("From: im:a@b", Address, 8),
        ("To: <im:a@b", Address, 11),
        ("cc: <>", Address, 5),
        ("DateTime: today", DateTime, 10),
        ("DateTime: 2001-02-01T12:16:49", DateTime, 29),
    ] {
        assert_eq!(headers_error(headers), (kind, at), "{headers:?}");
    }
}

#[test]
fn several_required_names_in_several_headers() {
    let object = with("NS: p <a:b>\r\nRequire: p.x,Subject\r\nNS: p <c:d>\r\nRequire: p.y, p.z");
    let message = parse(object.as_bytes()).unwrap();
    let required: Vec<_> = message.required().collect();
    assert_eq!(required, [("a:b", "x"), (CPIM_HEADERS, "Subject"), ("c:d", "y"), ("c:d", "z")]);
}

#[test]
fn limits_hold_at_their_edges() {
    let headers = |count: usize| vec!["A: b"; count].join("\r\n");
    let limits = Limits::default().with_max_headers(3);
    assert!(Message::parse(with(&headers(3)).as_bytes(), &limits).is_ok());
    assert_eq!(
        Message::parse(with(&headers(4)).as_bytes(), &limits).unwrap_err(),
        ParseError::new(ParseErrorKind::TooManyHeaders, 30 + 18)
    );
    // Each name that is required is looked up among the prefixes.
    let require = |count: usize| format!("Require: {}", vec!["ab"; count].join(","));
    assert!(parse(with(&require(MAX_REQUIRED)).as_bytes()).is_ok());
    assert_eq!(
        headers_error(&require(MAX_REQUIRED + 1)),
        (ParseErrorKind::TooManyParameters, 9 + 3 * MAX_REQUIRED)
    );
    let object = with("A: b");
    let limits = Limits::default().with_max_object_bytes(object.len());
    assert!(Message::parse(object.as_bytes(), &limits).is_ok());
    let longer = object + "!";
    let too_long = ParseError::new(ParseErrorKind::TooLong, limits.max_object_bytes);
    assert_eq!(Message::parse(longer.as_bytes(), &limits), Err(too_long));
    assert_eq!(Message::parse_body(longer.as_bytes(), &limits), Err(too_long));
    // MIME headers of the object and of its content.
    let limits = Limits::default().with_max_mime_headers(2);
    let object = |outer: usize, inner: usize| {
        let (outer, inner) = ("X: y\r\n".repeat(outer), "X: y\r\n".repeat(inner));
        format!(
            "Content-type: Message/CPIM\r\n{outer}\r\nA: b\r\n\r\nContent-Type: a/b\r\n{inner}\r\n"
        )
    };
    let kind = |object: String| Message::parse(object.as_bytes(), &limits).err().map(|e| e.kind);
    assert_eq!(kind(object(1, 1)), None);
    assert_eq!(kind(object(2, 1)), Some(ParseErrorKind::TooManyHeaders));
    assert_eq!(kind(object(1, 2)), Some(ParseErrorKind::TooManyHeaders));
}

#[test]
fn what_the_builder_makes_has_all_headers_in_order() {
    let address = |uri| Address::new(uri).unwrap();
    let built = Message::builder()
        .mime_header(Field::new("X-Hops", "3").unwrap())
        .from(&address("im:a@b"))
        .to(&address("im:c@d"))
        .to(&address("im:e@f"))
        .cc(&address("sip:g@h"))
        .namespace(Some("p"), "a:b")
        .require(["p.x", "Subject"])
        .namespace(None, "c:d")
        .content(Entity::text("Hi"))
        .build()
        .unwrap();
    let octets = "Content-Type: Message/CPIM\r\nX-Hops: 3\r\n\r\n\
        From: <im:a@b>\r\nTo: <im:c@d>\r\nTo: <im:e@f>\r\ncc: <sip:g@h>\r\nNS: p <a:b>\r\n\
        Require: p.x,Subject\r\nNS: <c:d>\r\n\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\r\nHi";
    assert_eq!(core::str::from_utf8(&built.to_vec()), Ok(octets));
    let hops = built.mime_headers().value("x-hops");
    assert_eq!(hops.as_deref(), Some("3"));
    let cc: Vec<_> = built.cc().map(|address| address.uri().to_string()).collect();
    assert_eq!(cc, ["sip:g@h"]);
    let required: Vec<_> = built.required().collect();
    assert_eq!(required, [("a:b", "x"), (CPIM_HEADERS, "Subject")]);
    assert_eq!(Cow::<[u8]>::from(built.clone()), octets.as_bytes());
    let from = Address::parse("\"A, B\"<im:a@b>").unwrap().into_owned();
    assert_eq!((from.formal_name(), from.uri()), (Some("A, B"), "im:a@b"));
    assert_eq!(from.with_formal_name("").formal_name(), None);
}

/// A line ends in CR LF (RFC 3862 §2.2), and what is wrong first is told.
#[test]
fn lines_say_where_they_are_none() {
    use ParseErrorKind::{BareCrOrLf, ControlCharacter, UnexpectedEnd};
    for (body, kind, at) in [
        ("", UnexpectedEnd, 0),
        ("A: b", UnexpectedEnd, 4),
        ("A: b\r", UnexpectedEnd, 5),
        ("A: b\r\n", UnexpectedEnd, 6),
        ("A: b\n", BareCrOrLf, 4),
        ("A: b\rc", BareCrOrLf, 4),
        ("A: b\r\r\n", BareCrOrLf, 4),
        ("A: \u{1}\n", ControlCharacter, 3),
        ("A: \u{1}\u{1}\r\n", ControlCharacter, 3),
        ("A: \u{7f}\u{7f}\r\n", ControlCharacter, 3),
        ("A: b\r\nB: \u{1f}c\r\n", ControlCharacter, 9),
    ] {
        let error = Message::parse_body(body.as_bytes(), &Limits::default()).unwrap_err();
        assert_eq!(error, ParseError::new(kind, at), "{body:?}");
    }
}

#[test]
fn every_prefix_of_an_object_is_an_error_or_an_object() {
    let body_at = EXAMPLE.find("<body>").unwrap();
    for end in 0..EXAMPLE.len() {
        match parse(&EXAMPLE.as_bytes()[..end]) {
            Ok(_) => assert!(end >= body_at),
            Err(error) => {
                assert!(end < body_at);
                assert!(error.at <= end, "{error} of {end}");
            }
        }
    }
}

#[test]
fn the_builder_makes_the_example() {
    let name = |uri, name| Address::new(uri).unwrap().with_formal_name(name);
    let mut content =
        Entity::new(Headers::new(), &b"<body>\r\nHere is the text of my message.\r\n</body>"[..]);
    content.headers_mut().push(Field::new("Content-type", "text/xml; charset=utf-8").unwrap());
    content.headers_mut().push(Field::new("Content-ID", "<1234567890@foo.com>").unwrap());
    let built = Message::builder()
        .from(&name("im:piglet@100akerwood.com", "MR SANDERS"))
        .to(&name("im:eeyore@100akerwood.com", "Depressed Donkey"))
        .date_time("2000-12-13T13:40:00-08:00".parse().unwrap())
        .subject(None, "the weather will be fine today")
        .subject(Some("fr"), "beau temps prevu pour aujourd'hui")
        .namespace(Some("MyFeatures"), "mid:MessageFeatures@id.foo.com")
        .require(["MyFeatures.VitalMessageOption"])
        .header(Header::new("MyFeatures.VitalMessageOption", "Confirmation-requested").unwrap())
        .header(Header::new("MyFeatures.WackyMessageOption", "Use-silly-font").unwrap())
        .content(content)
        .build()
        .unwrap();
    assert_eq!(built.to_vec(), EXAMPLE.replacen("-type", "-Type", 1).as_bytes());
}

#[test]
fn the_builder_refuses_what_could_not_be_read() {
    use ParseErrorKind::*;
    let fails = |builder: Builder<'static>| builder.content(Entity::text("")).build().unwrap_err();
    for (builder, header, kind) in [
        (Message::builder().subject(None, " x"), "Subject", SingleSpace),
        (Message::builder().subject(None, "x "), "Subject", OuterWhitespace),
        (Message::builder().subject(Some("e n"), "x"), "Subject", LanguageTag),
        (Message::builder().subject(Some("1"), "x"), "Subject", LanguageTag),
        (Message::builder().namespace(Some("p.q"), "a:b"), "NS", NamespaceDeclaration),
        (Message::builder().namespace(None, "a b"), "NS", NamespaceDeclaration),
        (Message::builder().require(["p.x"]), "Require", UndeclaredPrefix),
        (Message::builder().require(["x\r\nTo: y"]), "Require", ControlCharacter),
        (Message::builder().header(Header::new("p.x", "y").unwrap()), "p.x", UndeclaredPrefix),
        (
            Message::builder().require(["x"]).require(["p.x"]).require([""]),
            "Require",
            UndeclaredPrefix,
        ),
    ] {
        let error = fails(builder);
        assert_eq!((error.header.as_str(), error.kind), (header, kind));
    }
    assert_eq!(Header::new("a b", "x").unwrap_err().kind, HeaderName);
    assert_eq!(Header::new("a: b", "x").unwrap_err().kind, HeaderName);
    assert!(Header::new("a:;lang=x", "x").is_err());
    assert_eq!(Header::structured("a", "x\r\nb: y").unwrap_err().kind, ControlCharacter);
    let untyped = Entity::new(Headers::new(), &b""[..]);
    assert_eq!(Message::builder().content(untyped).build().unwrap_err().kind, MissingContentType);
}

/// For a person to read: is each one a sentence that says what to do?
#[test]
fn errors_in_words() {
    let error = parse(with("Subject:x").as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected exactly one space before the header value (RFC 3862 §2.2) at octet 38"
    );
}

proptest::proptest! {
    #[test]
    fn whatever_is_built_reads_back(
        formal in ".{0,12}",
        subjects in proptest::collection::vec((proptest::option::of("[a-z]{1,8}(-[a-z0-9]{1,8})?"), "\\S(.*\\S)?"), 0..4),
        body in ".*",
        value in "[!-~]([ -~]*[!-~])?",
    ) {
        let address = Address::new("im:a@b").unwrap().with_formal_name(formal.as_str());
        let mut builder = Message::builder().from(&address).to(&address);
        for (lang, text) in &subjects {
            builder = builder.subject(lang.as_deref(), text);
        }
        let built = builder
            .header(Header::new("X-Any", &value).unwrap())
            .content(Entity::text(&body))
            .build()
            .unwrap();
        let octets = built.to_vec();
        let read = parse(&octets).unwrap();
        proptest::prop_assert_eq!(&read, &built);
        proptest::prop_assert_eq!(read.from(), Some(address));
        let back: Vec<_> = read
            .subjects()
            .map(|s| (s.lang().map(String::from), s.value().into_owned()))
            .collect();
        proptest::prop_assert_eq!(back, subjects);
    }

    #[test]
    fn no_octets_make_it_panic(octets in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = parse(&octets);
        let _ = Message::parse_body(&octets, &Limits::default());
    }

    #[test]
    fn nearly_objects_do_not_make_it_panic(
        at in 0..EXAMPLE.len(),
        octet in proptest::num::u8::ANY,
        cut in 0..20_usize,
    ) {
        let mut octets = EXAMPLE.as_bytes().to_vec();
        octets[at] = octet;
        octets.drain(at..(at + cut).min(octets.len()));
        if let Ok(message) = parse(&octets) {
            proptest::prop_assert_eq!(message.to_vec(), octets);
        }
    }
}
