//! What errors say: names for programs, which do not change, and for people
//! which part, where, what is wrong and which specification has the rule.

use core::error::Error as _;
use std::collections::BTreeSet;

use xmpp_jid::precis::{Class, DerivedProperty, Profile};
use xmpp_jid::{
    BareJid, Error, FullJid, Jid, JidRef, Localpart, Part, Rule, UriError, Violation, XmppUri,
    escape, idna,
};

fn error(text: &str) -> Error {
    Jid::new(text).unwrap_err()
}

/// Errors of every rule that addresses have, in every part that has a section
/// of its own: the rule, its name, the code point at fault and the section.
#[test]
fn of_addresses() {
    use Part::{Domain, Jid, Local, Resource};
    let a = |len: usize| "a".repeat(len);
    let name = [a(63), a(63), a(63), a(62)].join(".");
    let mut words = BTreeSet::new();
    for (error, part, rule, c, at, section) in [
        (error(""), Jid, "empty", None, 0, "RFC 7622 §3.1"),
        (error("@b"), Local, "empty", None, 0, "RFC 7622 §3.3"),
        (error("a@"), Domain, "empty", None, 2, "RFC 7622 §3.2"),
        (error("b/"), Resource, "empty", None, 2, "RFC 7622 §3.4"),
        (error(&(a(1024) + "@b")), Local, "too-long", None, 0, "RFC 7622 §3.3"),
        (error(&name), Domain, "too-long", None, 0, "RFC 7622 §3.2"),
        (error(&("b/".to_owned() + &a(1024))), Resource, "too-long", None, 2, "RFC 7622 §3.4"),
        (error("a b@c"), Local, "disallowed", Some(' '), 1, "RFC 8264 §4.2"),
        (error("a@b_"), Domain, "disallowed", Some('_'), 3, "RFC 5892 §3"),
        (error("a@b/\0"), Resource, "disallowed", Some('\0'), 4, "RFC 8264 §4.3"),
        (error("\u{378}@b"), Local, "unassigned", Some('\u{378}'), 0, "RFC 8264 §4.2"),
        (error("\u{378}"), Domain, "unassigned", Some('\u{378}'), 0, "RFC 5892 §3"),
        (error("b/\u{378}"), Resource, "unassigned", Some('\u{378}'), 2, "RFC 8264 §4.3"),
        (error("a'@b"), Local, "excluded", Some('\''), 1, "RFC 7622 §3.3.1"),
        (error("a\u{200D}@b"), Local, "context-j", Some('\u{200D}'), 1, "RFC 5892 appendix A"),
        (error("b/a·"), Resource, "context-o", Some('·'), 3, "RFC 5892 appendix A"),
        (error("\u{5D0}a@b"), Local, "bidi", Some('a'), 2, "RFC 5893 §2"),
        (error("a@b..c"), Domain, "empty-label", None, 4, "RFC 1035 §2.3.4"),
        (error(&a(64)), Domain, "label-too-long", None, 0, "RFC 1035 §2.3.4"),
        (error("a@b-"), Domain, "hyphen", Some('-'), 3, "RFC 5891 §4.2.3.1"),
        (error("ab--c"), Domain, "hyphens-3-4", Some('-'), 2, "RFC 5891 §4.2.3.1"),
        (error("a@b.\u{302}"), Domain, "leading-mark", Some('\u{302}'), 4, "RFC 5891 §4.2.3.2"),
        (error("xn--a"), Domain, "a-label", None, 0, "RFC 5891 §5.3"),
        (error("a@[b]"), Domain, "ip-literal", None, 2, "RFC 6874 §2"),
        (escape(" a").unwrap_err(), Local, "escaped-space", None, 0, "XEP-0106 §4"),
        (escape("ab ").unwrap_err(), Local, "escaped-space", None, 2, "XEP-0106 §4"),
        (FullJid::new("a@b").unwrap_err(), Jid, "resourcepart-missing", None, 3, "RFC 7622 §3.1"),
        (BareJid::new("a@b/c").unwrap_err(), Jid, "resourcepart-present", None, 3, "RFC 7622 §3.1"),
        (JidRef::new("a@bC").unwrap_err(), Jid, "not-canonical", None, 3, "RFC 7622 §3.1"),
    ] {
        assert_eq!((error.part(), error.as_str(), error.at()), (part, rule, at), "{error}");
        assert_eq!((error.code_point(), error.section()), (c, section), "{error}");
        assert_eq!(error.rule().as_str(), rule);
        let text = error.to_string();
        let what = match c {
            Some(c) => format!(": U+{:04X} at byte {at}: ", c as u32),
            None => format!(": at byte {at}: "),
        };
        let (named, rest) = text.split_once(&what).unwrap_or_else(|| panic!("{text}"));
        let expected = if part == Jid { "address".to_owned() } else { format!("{part}part") };
        assert_eq!(named, expected);
        let says = rest.strip_suffix(&format!(" ({section})")).unwrap_or_else(|| panic!("{text}"));
        assert!(!says.is_empty());
        words.insert((says.to_owned(), rule));
    }
    // One sentence for each rule.
    let sentences: BTreeSet<_> = words.iter().map(|(says, _)| says).collect();
    assert_eq!(sentences.len(), words.len());
    assert_eq!(Localpart::new("a'").unwrap_err().to_string(), error("a'@b").to_string());
    assert_eq!(
        error("a'@b").to_string(),
        "localpart: U+0027 at byte 1: is excluded from localparts, though it can be escaped \
        (XEP-0106) (RFC 7622 §3.3.1)"
    );
    for (part, name) in [(Jid, "jid"), (Local, "local"), (Domain, "domain"), (Resource, "resource")]
    {
        assert_eq!((part.as_str(), part.to_string().as_str()), (name, name));
    }
}

/// A string that is no part of an address has sections of its own.
#[test]
fn of_strings_and_names() {
    let label = "a".repeat(63);
    let name = [&*label, &*label, &*label, &*label].join(".");
    let nickname = |text| Profile::Nickname.enforce(text).unwrap_err();
    let unicode = |text| idna::to_unicode(text).unwrap_err();
    for (violation, rule, at, section) in [
        (nickname(" "), Rule::Empty, 0, "RFC 8265 §3.1 and §4.1, RFC 8266 §2.3"),
        (nickname("a\u{1}"), Rule::Disallowed, 1, "RFC 8264 §8, RFC 5892 §3"),
        (nickname("\u{378}"), Rule::Unassigned, 0, "RFC 8264 §8, RFC 5892 §3"),
        (unicode(""), Rule::Empty, 0, "RFC 8265 §3.1 and §4.1, RFC 8266 §2.3"),
        (unicode(&name), Rule::TooLong, 0, "RFC 1035 §2.3.4"),
        (unicode("a.bu\u{308}"), Rule::NotNormalized, 2, "RFC 5891 §4.1"),
    ] {
        let violation: Violation = violation;
        assert_eq!((violation.rule(), violation.at()), (rule, at), "{violation}");
        assert_eq!((violation.as_str(), violation.section()), (rule.as_str(), section));
        assert!(violation.to_string().ends_with(&format!(" ({section})")), "{violation}");
    }
    assert_eq!(
        nickname("a\u{1}").to_string(),
        "U+0001 at byte 1: is not allowed here (RFC 8264 §8, RFC 5892 §3)"
    );
    assert_eq!(Rule::Unstable.as_str(), "unstable");
}

#[test]
fn of_uris() {
    let error = |text| XmppUri::new(text).unwrap_err();
    let address = Localpart::new("").unwrap_err();
    for (text, expected, says) in [
        ("mailto:a@b", UriError::Scheme, "begins with \"xmpp:\" (RFC 5122 §2.2)"),
        ("xmpp", UriError::Scheme, "begins with \"xmpp:\" (RFC 5122 §2.2)"),
        ("xmpp:", UriError::NoAddress, "expected an address after \"xmpp:\""),
        ("xmpp:?x", UriError::NoAddress, "expected an address after \"xmpp:\""),
        ("xmpp://b", UriError::Authority, "localpart@domainpart after \"//\""),
        ("xmpp:a%4@b", UriError::Percent(6), "at byte 6: expected UTF-8"),
        ("xmpp:a%zz@b", UriError::Percent(6), "at byte 6: expected UTF-8"),
        ("xmpp:a@b/%ff", UriError::Percent(9), "at byte 9: expected UTF-8"),
        ("xmpp:a b@c", UriError::Character(6), "at byte 6: this character must be"),
        ("xmpp:b?q;a", UriError::Pair(9), "at byte 9: expected key=value"),
        ("xmpp:@b", UriError::Address(address), "localpart: at byte 0: must not be empty"),
    ] {
        assert_eq!(error(text), expected, "{text}");
        assert!(expected.to_string().contains(says), "{expected}");
        let source = expected.source().map(ToString::to_string);
        let inner = matches!(expected, UriError::Address(_)).then(|| address.to_string());
        assert_eq!(source, inner, "{text}");
    }
}

/// RFC 8264 §8, §4, and the registry of profiles.
#[test]
fn names_of_the_specifications() {
    use DerivedProperty::{ContextJ, ContextO, Disallowed, FreePVal, PValid, Unassigned};
    let properties = [PValid, FreePVal, ContextJ, ContextO, Disallowed, Unassigned];
    assert_eq!(
        properties.map(DerivedProperty::as_str),
        ["PVALID", "FREE_PVAL", "CONTEXTJ", "CONTEXTO", "DISALLOWED", "UNASSIGNED"]
    );
    let classes = [Class::Identifier, Class::Freeform].map(Class::as_str);
    assert_eq!(classes, ["IdentifierClass", "FreeformClass"]);
    assert_eq!(
        Profile::ALL.map(|profile| (profile.as_str(), profile.class())),
        [
            ("UsernameCaseMapped", Class::Identifier),
            ("UsernameCasePreserved", Class::Identifier),
            ("OpaqueString", Class::Freeform),
            ("Nickname", Class::Freeform),
        ]
    );
}
