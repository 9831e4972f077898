use super::*;

#[test]
fn lengths_of_every_form_come_back() {
    for length in [0, 1, 127, 128, 255, 256, 65535, 65536, 1 << 20] {
        let contents = vec![7; length];
        let mut nested = Vec::new();
        nest(&mut nested, OCTET_STRING, |out| out.extend_from_slice(&contents));
        let mut flat = Vec::new();
        put(&mut flat, OCTET_STRING, &contents);
        assert_eq!(nested, flat);
        let mut fields = Fields::new(&nested);
        let element = fields.take(OCTET_STRING, "an OCTET STRING").unwrap();
        assert_eq!((element.value, element.whole), (&contents[..], &nested[..]));
        assert!(fields.is_empty());
    }
}

#[test]
fn the_offset_is_that_of_the_unexpected_element() {
    let der = [0x30, 0x06, 0x02, 0x01, 0x01, 0x04, 0x01, 0x00];
    let mut inner = Fields::new(&der).take(SEQUENCE, "x").unwrap().fields();
    inner.small_integer("version").unwrap();
    let found = inner.small_integer("a second INTEGER").unwrap_err();
    assert_eq!(found, Malformed { offset: 5, expected: "a second INTEGER" });
}

#[test]
fn lengths_that_are_not_der_are_refused() {
    for der in [
        &[0x04, 0x81, 0x01, 0x00][..],
        &[0x04, 0x82, 0x00, 0x80],
        &[0x04, 0x80, 0x00, 0x00],
        &[0x04, 0x02, 0x00],
        &[0x04, 0x85, 0, 0, 0, 0, 1, 0],
        &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff],
        &[0x1f, 0x01, 0x00],
        &[0x04, 0x82, 0x01],
        &[0x04],
        &[],
    ] {
        assert!(Fields::new(der).any("an element").is_err(), "{der:x?}");
    }
}

/// X.690, 8.3 and 10.1: an INTEGER in as few octets as it takes, and not negative.
#[test]
fn integers_at_the_ends_of_their_octets() {
    for (value, octets) in [
        (0_u16, &[0x00][..]),
        (1, &[0x01]),
        (0x7f, &[0x7f]),
        (0x80, &[0x00, 0x80]),
        (0xff, &[0x00, 0xff]),
        (0x100, &[0x01, 0x00]),
        (0x7fff, &[0x7f, 0xff]),
        (0x8000, &[0x00, 0x80, 0x00]),
        (0xffff, &[0x00, 0xff, 0xff]),
    ] {
        let mut der = Vec::new();
        put_unsigned(&mut der, value);
        assert_eq!(der, [&[INTEGER, octets.len() as u8], octets].concat(), "{value}");
        assert_eq!(Fields::new(&der).small_unsigned("a length"), Ok(value));
        let small = Fields::new(&der).small_integer("a version").ok();
        assert_eq!(small, u8::try_from(value).ok().filter(|value| *value < 0x80), "{value}");
    }
    for octets in [
        &[][..],
        &[0x80],
        &[0xff],
        &[0x00, 0x00],
        &[0x00, 0x7f],
        &[0x80, 0x00],
        &[0xff, 0xff],
        &[0x00, 0x00, 0x80],
        &[0x00, 0x7f, 0xff],
        &[0x01, 0x00, 0x00],
        &[0x00, 0x01, 0x00, 0x00],
    ] {
        let mut der = Vec::new();
        put(&mut der, INTEGER, octets);
        let malformed = Malformed { offset: 2, expected: "a length" };
        assert_eq!(Fields::new(&der).small_unsigned("a length"), Err(malformed), "{octets:x?}");
        assert!(Fields::new(&der).small_integer("a version").is_err(), "{octets:x?}");
    }
    let boolean = [BOOLEAN, 1, 1];
    assert!(Fields::new(&boolean).small_integer("a version").is_err());
    assert!(Fields::new(&boolean).small_unsigned("a length").is_err());
}

#[test]
fn elements_one_after_the_other() {
    // A SEQUENCE of a BOOLEAN, an empty [0] and a NULL; an OCTET STRING behind it.
    let der = [0x30, 0x07, 0x01, 0x01, 0xff, 0xa0, 0x00, 0x05, 0x00, 0x04, 0x01, 0x07];
    let mut outer = Fields::new(&der);
    assert!(!outer.is_empty());
    let sequence = outer.any("a SEQUENCE").unwrap();
    assert_eq!((sequence.tag, sequence.value, sequence.whole), (SEQUENCE, &der[2..9], &der[..9]));
    let at = |offset, expected| Malformed { offset, expected };
    assert_eq!(sequence.malformed("x"), at(2, "x"));
    assert_eq!((outer.malformed("x"), outer.end("an end")), (at(9, "x"), Err(at(9, "an end"))));
    let mut inner = sequence.fields();
    assert!(inner.optional(INTEGER, "an INTEGER").unwrap().is_none());
    assert_eq!(inner.optional(BOOLEAN, "a BOOLEAN").unwrap().unwrap().value, [0xff]);
    let empty = inner.take(explicit(0), "[0]").unwrap();
    assert_eq!((empty.value, empty.fields().is_empty()), (&[][..], true));
    assert_eq!(inner.take(INTEGER, "an INTEGER").unwrap_err(), at(7, "an INTEGER"));
    assert_eq!(inner.take(NULL, "NULL").unwrap().malformed("x"), at(9, "x"));
    assert!(inner.is_empty() && inner.end("an end").is_ok());
    assert_eq!(inner.take(NULL, "NULL").unwrap_err(), at(9, "NULL"));
    assert!(inner.optional(NULL, "NULL").unwrap().is_none());
    assert_eq!(inner.any("more").unwrap_err(), at(9, "more"));
    assert_eq!(outer.take(OCTET_STRING, "an OCTET STRING").unwrap().value, [7]);
    assert_eq!(at(9, "NULL").to_string(), "byte 9 of the DER: expected NULL");
    assert_eq!([implicit(0), implicit(6), explicit(0), explicit(3)], [0x80, 0x86, 0xa0, 0xa3]);
}

/// X.690, 10.1, at both ends of each number of octets.
#[test]
fn lengths_have_as_few_octets_as_can_be() {
    let length = |octets: &[u8]| header(&[&[OCTET_STRING], octets].concat());
    for (octets, value) in [
        (&[0x00][..], 0),
        (&[0x7f], 0x7f),
        (&[0x81, 0x80], 0x80),
        (&[0x81, 0xff], 0xff),
        (&[0x82, 0x01, 0x00], 0x100),
        (&[0x83, 0x01, 0x00, 0x00], 0x1_0000),
        (&[0x84, 0x01, 0x00, 0x00, 0x00], 0x100_0000),
        (&[0x84, 0x12, 0x34, 0x56, 0x78], 0x1234_5678),
    ] {
        assert_eq!(length(octets), Some((OCTET_STRING, 1 + octets.len(), value)));
    }
    for octets in [
        &[][..],
        &[0x80],
        &[0x81],
        &[0x81, 0x7f],
        &[0x81, 0x00],
        &[0x82, 0x00, 0xff],
        &[0x82, 0x01],
        &[0x83, 0x00, 0xff, 0xff],
        &[0x85, 0x01, 0x00, 0x00, 0x00, 0x00],
        &[0xff, 0x01],
    ] {
        assert_eq!(length(octets), None, "{octets:x?}");
    }
    // Tags of 31 and above.
    assert_eq!(header(&[0x3f, 0x00]), None);
    assert_eq!(header(&[0x3e, 0x00]), Some((0x3e, 2, 0)));
    assert_eq!(header(&[0x1e, 0x00]), Some((0x1e, 2, 0)));
}

/// RFC 5280, 4.1.1.2; RFC 5754, 2: parameters that are absent or NULL.
#[test]
fn algorithms() {
    let parse =
        |der: &[u8]| Algorithm::parse(&mut Fields::new(der), "x").map(|a| a.no_parameters());
    let (mut bare, mut null) = (Vec::new(), Vec::new());
    put_algorithm(&mut bare, oid::SHA256);
    put_algorithm_null(&mut null, oid::SHA256);
    assert_eq!(bare, [&[0x30, 0x0b, 0x06, 0x09][..], oid::SHA256].concat());
    assert_eq!(null, [&[0x30, 0x0d, 0x06, 0x09][..], oid::SHA256, &[0x05, 0x00]].concat());
    assert_eq!((parse(&bare), parse(&null)), (Ok(true), Ok(true)));
    let read = Algorithm::parse(&mut Fields::new(&null), "x").unwrap();
    assert_eq!((read.oid, read.whole), (oid::SHA256, &null[..]));
    assert_eq!(dotted(read.oid), "2.16.840.1.101.3.4.2.1");
    assert_eq!(dotted(&[0x80]), "?");
    for (parameters, none) in
        [(&[0x05, 0x01, 0x00][..], false), (&[0x04, 0x00], false), (&[0x05, 0x00], true)]
    {
        let mut der = Vec::new();
        nest(&mut der, SEQUENCE, |out| {
            put(out, OID, oid::SHA256);
            out.extend_from_slice(parameters);
        });
        assert_eq!(parse(&der), Ok(none), "{parameters:x?}");
        let mut twice = Vec::new();
        nest(&mut twice, SEQUENCE, |out| {
            put(out, OID, oid::SHA256);
            out.extend_from_slice(&parameters.repeat(2));
        });
        assert!(parse(&twice).is_err());
    }
    assert!(parse(&[0x31, 0x02, 0x06, 0x00]).is_err() && parse(&[0x30, 0x02, 0x05, 0x00]).is_err());
    let set = Fields::new(&[0x31, 0x02, 0x06, 0x00]).any("x").unwrap();
    assert!(Algorithm::of(set, "x").is_err());
}

/// RFC 5280, 4.1.2.5: UTCTime up to 2049.
#[test]
fn times() {
    use crate::time::Timestamp;
    use core::time::Duration;

    let at = |seconds| Timestamp::from_unix(Duration::from_secs(seconds));
    for (seconds, der) in [
        (0, &b"\x17\x0d700101000000Z"[..]),
        (2_524_607_999, b"\x17\x0d491231235959Z"),
        (2_524_608_000, b"\x18\x0f20500101000000Z"),
        (253_402_300_799, b"\x18\x0f99991231235959Z"),
    ] {
        let mut out = Vec::new();
        assert_eq!(write_time(&mut out, at(seconds)), Some(()));
        assert_eq!(out, der);
        let read = read_time(Fields::new(der).any("a Time").unwrap());
        assert_eq!(read, Some(at(seconds)));
    }
    assert_eq!(write_time(&mut Vec::new(), at(253_402_300_800)), None);
    for bad in [&b"\x04\x0d700101000000Z"[..], b"\x17\x0c70010100000Z", b"\x17\x0d701301000000Z"] {
        assert_eq!(read_time(Fields::new(bad).any("a Time").unwrap()), None);
    }
}
