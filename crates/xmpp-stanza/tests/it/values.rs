//! Values of attributes and character data, at the ends of what they can be; what is told of
//! those that are wrong.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Debug;

use xmpp_jid::{BareJid, FullJid, Jid};
use xmpp_stanza::payload::{
    AnyElement, Base64, Date, DateTime, Finding, FindingKind, Findings, Hex, IntoOwned, Secret,
    Value, ValueKind,
};
use xmpp_stanza::{Invalid, JidCow, Rule, StanzaCondition, StreamCondition};
use xmpp_xml::WriteXml;

use crate::harness::{element, text};

/// Each text is read as the value; the value is written as the first of them.
#[track_caller]
fn reads<'t, T: Value<'t> + Debug>(value: &T, texts: &[&'t str]) {
    for text in texts {
        for text in [Cow::Borrowed(*text), Cow::Owned((*text).to_owned())] {
            assert_eq!(T::read(text.clone()).as_ref(), Ok(value), "{text}");
        }
    }
    let mut written = Vec::new();
    value.write(&mut |text| written.push(text.to_owned()));
    assert_eq!(written, texts[..1]);
}

#[track_caller]
fn refuses<'t, T: Value<'t> + Debug>(rule: Rule, texts: &[&'t str]) {
    for text in texts {
        assert_eq!(T::read(Cow::Borrowed(*text)).as_ref().err(), Some(&rule), "{text}");
    }
}

#[test]
fn texts() {
    for text in ["", " a\n", "ü"] {
        reads(&Cow::Borrowed(text), &[text]);
        reads(&text.to_owned(), &[text]);
        reads(&Secret::from(text), &[text]);
    }
    assert!(<Cow<'_, str>>::VERBATIM && String::VERBATIM && Secret::VERBATIM);
    assert!(!bool::VERBATIM && !u8::VERBATIM && !<JidCow<'_>>::VERBATIM);
    let secret = Secret::from("R0m30".to_owned());
    assert_eq!((secret.as_str(), format!("{secret:?}")), ("R0m30", "Secret(…)".to_owned()));
    assert_eq!(secret, Secret::from(Cow::Borrowed("R0m30")).into_owned());
}

/// XML Schema, part 2, 3.2.2.
#[test]
fn truths() {
    reads(&true, &["true", "1"]);
    reads(&false, &["false", "0"]);
    refuses::<bool>(Rule::UnknownValue, &["", "True", "yes", "2", "00", " true"]);
}

macro_rules! integers {
    ($($integer:ident: $below:literal, $above:literal;)+) => {
        $({
            let (low, high) = ($integer::MIN.to_string(), $integer::MAX.to_string());
            reads(&$integer::MIN, &[low.as_str()]);
            reads(&$integer::MAX, &[high.as_str()]);
            reads(&(1 as $integer), &["1", "+1", "01"]);
            let most = i64::try_from($integer::MAX).unwrap_or(i64::MAX);
            let rule = Rule::NotInRange($integer::MIN as i64, most);
            refuses::<$integer>(rule, &["", "x", "1.0", "1e0", " 1", $below, $above]);
            assert_eq!($integer::KIND, ValueKind::Integer($integer::MIN as i64, $integer::MAX as u64));
        })+
    };
}

#[test]
fn numbers() {
    integers! {
        u8: "-1", "256";
        u16: "-1", "65536";
        u32: "-1", "4294967296";
        u64: "-1", "18446744073709551616";
        i8: "-129", "128";
        i16: "-32769", "32768";
        i32: "-2147483649", "2147483648";
        i64: "-9223372036854775809", "9223372036854775808";
    }
    reads(&1.5_f64, &["1.5", "+1.5", "15e-1", "0.15E1", "1.50"]);
    reads(&-7.25_f32, &["-7.25"]);
    reads(&0.0_f64, &["0", "0.0", "-0", "00"]);
    // A plain form, however long it is.
    let plain = format!("1{}", "0".repeat(300));
    reads(&1e300_f64, &[&plain[..], "1e300"]);
    let bad = ["", "x", "inf", "-inf", "NaN", "INF", "infinity", "1e999", "1,5", " 1", "1_0"];
    refuses::<f64>(Rule::UnknownValue, &bad);
    refuses::<f32>(Rule::UnknownValue, &bad);
    refuses::<f32>(Rule::UnknownValue, &["1e39"]);
}

#[test]
fn addresses() {
    let full: Jid = "juliet@im.example.com/balcony".parse().unwrap();
    reads(&full, &["juliet@im.example.com/balcony", "Juliet@IM.example.com/balcony"]);
    let bare: BareJid = "juliet@im.example.com".parse().unwrap();
    reads(&bare, &["juliet@im.example.com", "JULIET@im.example.com"]);
    let resource: FullJid = "juliet@im.example.com/balcony".parse().unwrap();
    reads(&resource, &["juliet@im.example.com/balcony"]);
    reads(&JidCow::Owned(full.clone()), &[full.as_str(), "Juliet@IM.example.com/balcony"]);
    // What is prepared already is not copied.
    let read = JidCow::read(Cow::Borrowed("juliet@im.example.com"));
    assert!(matches!(read, Ok(JidCow::Borrowed(_))));
    for bad in ["", "@", "a@", "a b@c", "a@b/"] {
        assert!(matches!(JidCow::read(bad.into()), Err(Rule::Jid(_))), "{bad}");
        assert!(matches!(Jid::read(bad.into()), Err(Rule::Jid(_))), "{bad}");
        assert!(matches!(BareJid::read(bad.into()), Err(Rule::Jid(_))), "{bad}");
        assert!(matches!(FullJid::read(bad.into()), Err(Rule::Jid(_))), "{bad}");
    }
    assert!(FullJid::read("a@b".into()).is_err() && BareJid::read("a@b/c".into()).is_err());
}

/// RFC 4648, 4 and 8; XML Schema, part 2, 3.2.16.
#[test]
fn bytes() {
    reads(&Base64(vec![]), &["", " \n"]);
    reads(&Base64(vec![0, 1, 2]), &["AAEC", "AA EC", "\nAAEC\n", "A\tA\rE C"]);
    reads(&Base64(vec![0xff]), &["/w=="]);
    refuses::<Base64>(Rule::Base64, &["A", "AA", "AA=", "A===", "AAE*", "AAEC=", "_w==", "AB=="]);
    reads(&Hex(vec![]), &[""]);
    reads(&Hex(vec![0x00, 0x0f, 0xf0, 0x9a]), &["000ff09a", "000FF09A"]);
    refuses::<Hex>(Rule::UnknownValue, &["0", "000", "0g", "g0", "+1", "0x", " 00", "é0"]);
    // They can be a secret.
    assert_eq!(format!("{:?}", Base64(vec![7; 3])), "Base64(3 bytes)");
    assert_eq!(format!("{:?}", Hex(vec![7; 4])), "Hex(4 bytes)");
    assert_eq!((Base64::from(vec![7]), Hex::from(vec![7])), (Base64(vec![7]), Hex(vec![7])));
    assert_eq!(Base64(vec![7]).into_owned(), Base64(vec![7]));
}

/// XEP-0082, 2: days of the calendar that there are.
#[test]
fn days() {
    for (year, month, day) in [
        (0, 1, 1),
        (1776, 7, 4),
        (2000, 2, 29),
        (2004, 2, 29),
        (1900, 2, 28),
        (2001, 2, 28),
        (2001, 4, 30),
        (2001, 6, 30),
        (2001, 9, 30),
        (2001, 11, 30),
        (2001, 1, 31),
        (2001, 3, 31),
        (2001, 5, 31),
        (2001, 7, 31),
        (2001, 8, 31),
        (2001, 10, 31),
        (9999, 12, 31),
    ] {
        let date = Date::new(year, month, day).unwrap();
        assert_eq!((date.year(), date.month(), date.day()), (year, month, day));
        let text = format!("{year:04}-{month:02}-{day:02}");
        assert_eq!((date.to_string(), text.parse()), (text.clone(), Ok(date)));
        // The day after the last one of a month, of which there are none.
        let is_last = !matches!(day, 1 | 4);
        assert_eq!(Date::new(year, month, day + 1).is_none(), is_last, "{text}");
    }
    for (year, month, day) in
        [(10_000, 1, 1), (2001, 0, 1), (2001, 13, 1), (2001, 1, 0), (2001, 1, 32)]
    {
        assert_eq!(Date::new(year, month, day), None, "{year} {month} {day}");
    }
    let none = [
        "",
        "1776-7-4",
        "1776-07-04Z",
        "1776-07-4",
        "1776/07/04",
        "1776-07/04",
        "17760704",
        "-776-07-04",
        "1776-07-0a",
    ];
    refuses::<Date>(Rule::UnknownValue, &none);
    reads(&Date::new(1776, 7, 4).unwrap(), &["1776-07-04"]);
    assert_eq!(Date::KIND, ValueKind::Other("1776-07-04"));
    assert_eq!(DateTime::KIND, ValueKind::DateTime);
}

/// XEP-0082, 3.2; the numbers are those of `date -u +%s`.
#[test]
fn moments() {
    for (text, seconds, nanoseconds) in [
        ("1970-01-01T00:00:00Z", 0, 0),
        ("1970-01-01T00:00:01Z", 1, 0),
        ("1969-12-31T23:59:59Z", -1, 0),
        ("1969-07-21T02:56:15Z", -14_159_025, 0),
        ("2000-02-29T12:34:56Z", 951_827_696, 0),
        ("2000-03-01T00:00:00Z", 951_868_800, 0),
        ("1900-03-01T00:00:00Z", -2_203_891_200, 0),
        ("2038-01-19T03:14:08Z", 2_147_483_648, 0),
        ("0000-01-01T00:00:00Z", -62_167_219_200, 0),
        ("0000-02-29T00:00:00Z", -62_162_121_600, 0),
        ("9999-12-31T23:59:59Z", 253_402_300_799, 0),
        ("1970-01-01T00:00:00.5Z", 0, 500_000_000),
        ("1970-01-01T00:00:00.000000001Z", 0, 1),
        ("1970-01-01T00:00:00.012Z", 0, 12_000_000),
        ("1970-01-01T00:00:00.999999999Z", 0, 999_999_999),
    ] {
        let moment = DateTime::from_unix(seconds, nanoseconds).unwrap();
        assert_eq!((moment.unix_seconds(), moment.nanoseconds()), (seconds, nanoseconds));
        reads(&moment, &[text]);
        assert_eq!(moment.to_string(), text);
        assert_eq!(moment.into_owned(), moment);
    }
    // Offsets; digits beyond nanoseconds; a leap second.
    for (text, seconds) in [
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T18:30:00-05:30", 0),
        ("1970-01-01T00:00:00+00:00", 0),
        ("1970-01-01T23:59:00+23:59", 0),
        ("1970-01-01T00:00:00-23:59", 86_340),
        ("1970-01-01T00:00:00.0000000009Z", 0),
        ("1970-01-01T00:00:60Z", 60),
        ("1970-01-01T23:59:60Z", 86_400),
    ] {
        let moment: DateTime = text.parse().unwrap();
        assert_eq!((moment.unix_seconds(), moment.nanoseconds()), (seconds, 0), "{text}");
    }
    refuses::<DateTime>(
        Rule::UnknownValue,
        &[
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:60:00Z",
            "1970-01-01T00:00:61Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00.5",
            "1970-01-01T00:00:00+24:00",
            "1970-01-01T00:00:00+00:60",
            "1970-01-01T00:00:00+0000",
            "1970-01-01T00:00:00ZZ",
            "1970-01-01T00:00:00+00:00Z",
            "1970-01-01 00:00:00Z",
            "1970-01-01T00-00-00Z",
            "9999-12-31T23:59:60Z",
            "9999-12-31T23:59:59-00:01",
            "0000-01-01T00:00:00+00:01",
        ],
    );
    for (seconds, nanoseconds) in [
        (-62_167_219_201, 0),
        (253_402_300_800, 0),
        (0, 1_000_000_000),
        (i64::MIN, 0),
        (i64::MAX, u32::MAX),
    ] {
        assert_eq!(DateTime::from_unix(seconds, nanoseconds), None);
    }
    let early = DateTime::from_unix(1, 999_999_999).unwrap();
    assert!(early < DateTime::from_unix(2, 0).unwrap());
    assert!(early > DateTime::from_unix(1, 999_999_998).unwrap());
}

/// Every day of four hundred years, and those around them, from the one before.
#[test]
fn days_follow_each_other() {
    let mut date = Date::new(1799, 12, 31).unwrap();
    for day in -62_091..=84_006_i64 {
        let moment = DateTime::from_unix(day * 86_400, 0).unwrap();
        let (year, month, last) = (date.year(), date.month(), date.day());
        date = Date::new(year, month, last + 1)
            .or_else(|| Date::new(year, month + 1, 1))
            .or_else(|| Date::new(year + 1, 1, 1))
            .unwrap();
        let text = format!("{date}T00:00:00Z");
        assert_eq!(moment.to_string(), text);
        assert_eq!(text.parse(), Ok(moment));
    }
    assert_eq!(date, Date::new(2200, 1, 1).unwrap());
}

#[test]
fn elements_of_any_kind() {
    let element = element("<a xmlns='urn:a' b='c'>d<e/></a>");
    let borrowed = AnyElement::from(element.as_ref());
    let shared = AnyElement::from(element.clone());
    assert_eq!(borrowed, shared);
    assert_eq!((borrowed.as_ref(), shared.as_ref()), (element.as_ref(), element.as_ref()));
    assert_eq!(borrowed.clone().into_element(), element);
    assert_eq!(borrowed.clone().into_owned(), shared);
    assert_eq!(text(&borrowed), text(&element.as_ref()));
    // It shows what the element shows.
    assert_eq!(format!("{borrowed:?}"), format!("{:?}", element.as_ref()));
    assert!(format!("{shared:?}").contains("urn:a"));
    assert_ne!(borrowed, AnyElement::from(crate::harness::element("<a xmlns='urn:a'/>")));
    let _: &dyn WriteXml = &borrowed;
}

/// RFC 6120, 4.9.3, 8.3.3 and 8.4: which condition answers what is wrong.
#[test]
fn what_is_wrong_and_what_answers_it() {
    let no_jid = Jid::new("@").unwrap_err();
    let rules = [
        (Rule::WrongElement, "another element was expected"),
        (Rule::WrongNamespace, "the namespace is not supported here"),
        (Rule::MissingAttribute, "the attribute is required"),
        (Rule::MissingChild("kid"), "a child <kid> is required"),
        (Rule::MissingPayload, "one child element, the payload, is required"),
        (Rule::UnexpectedChild("kid"), "there may be no child <kid> here"),
        (Rule::TooManyChildren(0), "there may be no child elements"),
        (Rule::TooManyChildren(1), "there may be only one child element"),
        (Rule::TooManyChildren(7), "there may be no more than 7 child elements"),
        (Rule::Repeated, "there may be only one of these"),
        (Rule::MixedContent, "there may be only character data, no elements"),
        (Rule::UnknownValue, "the value is none of those allowed"),
        (Rule::NotInRange(-1, 9), "the value must be a whole number from -1 to 9"),
        (Rule::Jid(no_jid), ""),
        (Rule::Undefined, "nothing of the kind is defined here"),
        (Rule::UnexpectedText, "there may be no character data here"),
        (Rule::Base64, "the character data is not base 64"),
    ];
    let mut told = BTreeSet::new();
    for (rule, says) in rules {
        let invalid = Invalid::new("item", rule, "RFC 6121, 2.1.2");
        assert_eq!((invalid.element(), invalid.attribute()), ("item", None));
        assert_eq!((invalid.rule(), invalid.section()), (rule, "RFC 6121, 2.1.2"));
        let says = if says.is_empty() { no_jid.to_string() } else { says.to_owned() };
        assert_eq!(invalid.to_string(), format!("<item>: {says} (RFC 6121, 2.1.2)"));
        let is_address = matches!(rule, Rule::Jid(_));
        let condition =
            if is_address { StanzaCondition::JidMalformed } else { StanzaCondition::BadRequest };
        assert_eq!(invalid.condition(), condition);
        let of_stream = match rule {
            Rule::WrongNamespace => StreamCondition::InvalidNamespace,
            Rule::WrongElement => StreamCondition::UnsupportedStanzaType,
            _ => StreamCondition::BadFormat,
        };
        assert_eq!(invalid.stream_condition(), of_stream);
        assert!(told.insert(invalid.to_string()));
    }
    let of = |element, attribute, rule| {
        Invalid::new(element, rule, "RFC 6120, 4.7").in_attribute(attribute)
    };
    // 4.9.3.25 is of a header whose version is not supported, 4.9.3.1 of what else is wrong in it.
    let version = of("stream", "version", Rule::UnknownValue);
    assert_eq!(version.stream_condition(), StreamCondition::UnsupportedVersion);
    assert_eq!(version.attribute(), Some("version"));
    let elsewhere = of("iq", "version", Rule::UnknownValue);
    assert_eq!(elsewhere.stream_condition(), StreamCondition::BadFormat);
    let other = of("stream", "to", Rule::WrongElement);
    assert_eq!(other.stream_condition(), StreamCondition::BadFormat);
    let ns = of("stream", "version", Rule::WrongNamespace);
    assert_eq!(ns.stream_condition(), StreamCondition::InvalidNamespace);
    let found = version.clone().found("x\"y");
    assert_eq!(
        found.to_string(),
        "attribute 'version' of <stream>: the value is none of those allowed, not \"x\\\"y\" (RFC 6120, 4.7)"
    );
    assert_eq!(found.without_found(), version);
    // Of what was found 64 bytes are kept, and whole characters.
    for (what, kept) in [
        ("x".repeat(64), "x".repeat(64)),
        ("x".repeat(65), "x".repeat(64)),
        ("ü".repeat(32), "ü".repeat(32)),
        (format!("{}ü", "x".repeat(63)), "x".repeat(63)),
        (String::new(), String::new()),
    ] {
        assert_eq!(version.clone().found(&what), version.clone().found(&kept));
        assert!(version.clone().found(&what).to_string().contains(&format!(", not \"{kept}\" (")));
    }
}

/// RFC 6120, 8.4: what is not known is passed over, noted, or refused.
#[test]
fn findings_are_passed_over_kept_or_refused() {
    let bad = || Invalid::new("order", Rule::UnknownValue, "Example, 2").in_attribute("kind");
    let name = "ü".repeat(65);
    let cases = [
        (FindingKind::UnknownAttribute, "<order>: unknown attribute 'x'", Rule::Undefined),
        (FindingKind::UnknownChild, "<order>: unknown child <x>", Rule::Undefined),
        (
            FindingKind::UnexpectedText,
            "<order>: character data where none is defined",
            Rule::UnexpectedText,
        ),
        (FindingKind::Repeated, "<order>: <x> more than once", Rule::Repeated),
        (FindingKind::Bad(bad()), "", Rule::UnknownValue),
    ];
    for (kind, says, rule) in cases {
        let finding = || Finding::new("order", "Example, 1", kind.clone(), "x");
        assert_eq!(
            (finding().element(), finding().name(), finding().kind()),
            ("order", "x", &kind)
        );
        let says = if says.is_empty() { bad().to_string() } else { says.to_owned() };
        assert_eq!(finding().to_string(), says);
        let mut findings = Findings::ignore();
        assert_eq!(findings.note(finding), Ok(()));
        assert!(findings.is_empty() && findings.iter().len() == 0);
        let mut findings = Findings::collect(2);
        for count in [1, 2, 2] {
            assert_eq!(findings.note(finding), Ok(()));
            assert_eq!((findings.iter().len(), findings.is_empty()), (count, false));
        }
        assert_eq!(findings.iter().next(), Some(&finding()));
        let mut findings = Findings::refuse();
        let refused = findings.note(finding).unwrap_err();
        assert_eq!(refused.rule(), rule);
        let expected = match kind {
            FindingKind::Bad(_) => bad(),
            _ => Invalid::new("order", rule, "Example, 1").found("x"),
        };
        assert_eq!(refused, expected);
        assert!(findings.is_empty());
    }
    // Of a name 64 characters are kept.
    let long = Finding::new("order", "Example, 1", FindingKind::UnknownChild, &name);
    assert_eq!(long.name(), "ü".repeat(64));
    let mut none = Findings::collect(0);
    assert_eq!(none.note(|| long), Ok(()));
    assert!(none.is_empty());
}
