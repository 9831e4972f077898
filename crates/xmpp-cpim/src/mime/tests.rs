//! Entities: RFC 2045 §2 and §5.2, and their canonical form (RFC 8551 §3.1.1).

use super::*;

fn parse_lf(octets: &str) -> Result<Entity<'_>, ParseError> {
    Entity::parse_lf(octets.as_bytes(), &Limits::default())
}

fn canonical(octets: &str) -> Cow<'_, [u8]> {
    canonical_entity(octets.as_bytes(), &Limits::default()).unwrap()
}

#[test]
fn an_entity_from_a_disk_keeps_its_body() {
    for (octets, raw, body) in [
        ("A: b\n\nc\nd", "A: b", "c\nd"),
        ("A: b\n c\n\n\n", "A: b\r\n c", "\n"),
        ("A: b\r\n\r\nc\nd\r", "A: b", "c\nd\r"),
        // Both kinds of line ends in one head.
        ("A: b\n\r\nc", "A: b", "c"),
        ("A: b\r\n\nc", "A: b", "c"),
    ] {
        let entity = parse_lf(octets).unwrap();
        assert_eq!(entity.headers().field("a").unwrap().raw(), raw, "{octets:?}");
        assert_eq!(entity.headers().iter().count(), 1, "{octets:?}");
        assert_eq!(entity.body(), body.as_bytes(), "{octets:?}");
    }
    for octets in ["\nbody\n\n", "\r\nbody\n\n"] {
        let entity = parse_lf(octets).unwrap();
        assert!(entity.headers().is_empty());
        assert_eq!(entity.body(), b"body\n\n");
    }
    for (octets, kind, at) in [
        ("", ParseErrorKind::UnexpectedEnd, 0),
        ("A: b\r\n", ParseErrorKind::UnexpectedEnd, 6),
        ("A: b\n", ParseErrorKind::BareCrOrLf, 4),
        // As the line ends would be with CR LF.
        ("A: b\nC\n\n", ParseErrorKind::MimeFieldName, 7),
    ] {
        assert_eq!(parse_lf(octets), Err(ParseError::new(kind, at)), "{octets:?}");
    }
}

#[test]
fn an_entity_is_as_long_as_the_limit_says() {
    for octets in ["A: b\r\n\r\nc", "A: b\n\nc"] {
        let limits = |bytes| Limits::default().with_max_object_bytes(bytes);
        let too_long = |bytes| Err(ParseError::new(ParseErrorKind::TooLong, bytes));
        let (octets, len) = (octets.as_bytes(), octets.len());
        assert_eq!(Entity::parse_lf(octets, &limits(len)).unwrap().body(), b"c");
        assert_eq!(Entity::parse_lf(octets, &limits(len - 1)), too_long(len - 1));
        assert_eq!(Entity::parse(octets, &limits(len - 1)), too_long(len - 1));
    }
    let octets = b"A: b\r\n\r\nc";
    let limits = Limits::default().with_max_object_bytes(octets.len());
    assert!(Entity::parse(octets, &limits).is_ok());
}

// RFC 2045 §2.7 to §2.9, §5.2; RFC 8551 §3.1.1
#[test]
fn bodies_of_lines_and_bodies_of_octets() {
    for (headers, is_text) in [
        ("", true),
        ("Content-Type: text/plain\n", true),
        ("Content-Type: TEXT/html\n", true),
        ("Content-Type: message/cpim\n", true),
        ("Content-Type: multipart/signed; boundary=x\n", true),
        ("Content-Type: application/pidf+xml\n", true),
        ("Content-Type: application/XML\n", true),
        ("Content-Type: application/pkcs7-mime\n", false),
        ("Content-Type: application/ml\n", false),
        ("Content-Type: image/png\n", false),
        // Nobody can say what it is.
        ("Content-Type: text\n", false),
        ("Content-Type: text/plain\nContent-Type: text/plain\n", false),
        ("Content-Type: text/plain\nContent-Transfer-Encoding: Binary\n", false),
        ("Content-Type: image/png\nContent-Transfer-Encoding: base64\n", true),
        ("Content-Type: image/png\nContent-Transfer-Encoding: 8bit\n", true),
    ] {
        let octets = alloc::format!("{headers}\na\nb");
        assert_eq!(parse_lf(&octets).unwrap().is_text(), is_text, "{headers}");
        let body = if is_text { "\r\na\r\nb" } else { "\r\na\nb" };
        let expected = headers.replace('\n', "\r\n") + body;
        assert_eq!(&*canonical(&octets), expected.as_bytes(), "{headers}");
        assert!(matches!(canonical(&expected), Cow::Borrowed(same) if same == expected.as_bytes()));
    }
}

// 3922-4.1-01, 3922-5.1-02
#[test]
fn what_a_gateway_makes() {
    let text = Entity::text("a\nb");
    let expected = b"Content-Type: text/plain; charset=utf-8\r\n\r\na\r\nb";
    assert_eq!(text.to_vec(), expected);
    assert_eq!(text.decoded().as_deref(), Ok(&b"a\r\nb"[..]));
    let pidf = Entity::pidf(&b"<presence/>"[..]);
    let expected = b"Content-Type: application/pidf+xml; charset=utf-8\r\n\r\n<presence/>";
    assert_eq!(pidf.clone().into_owned().to_vec(), expected);
    assert!(pidf.is_text());
}

// 3862-7.1-02
#[test]
fn the_transfer_encoding_that_is_named_is_undone() {
    for (encoding, decoded) in [
        ("", Ok("=41")),
        ("Content-Transfer-Encoding: 7bit\n", Ok("=41")),
        ("Content-Transfer-Encoding:\n quoted-printable\n", Ok("A")),
        ("Content-Transfer-Encoding: base64\n", Err(TransferError::Base64)),
        ("Content-Transfer-Encoding: uuencode\n", Err(TransferError::UnknownEncoding)),
    ] {
        let octets = alloc::format!("Content-Type: text/plain\n{encoding}\n=41");
        let entity = parse_lf(&octets).unwrap();
        let found = entity.decoded().map(Cow::into_owned);
        assert_eq!(found, decoded.map(|text| text.as_bytes().to_vec()), "{encoding}");
    }
}

// RFC 3066 §2.1: subtags of one to eight letters, digits in all but the first
#[test]
fn language_tags_have_their_form() {
    for tag in ["a", "en", "abcdefgh", "pt-BR", "i-default", "x-1", "en-a1234567-1"] {
        assert!(is_language_tag(tag), "{tag}");
    }
    for tag in
        ["", "-", "e1", "en-", "-en", "abcdefghi", "en-abcdefghi", "en--us", "e_n", "en-\u{e4}"]
    {
        assert!(!is_language_tag(tag), "{tag}");
    }
}
