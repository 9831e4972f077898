//! The profiles of RFC 8265 and RFC 8266, rule by rule.

extern crate alloc;

use alloc::borrow::Cow;

use xmpp_jid::Rule;
use xmpp_jid::precis::Profile;

fn enforced(profile: Profile, text: &str) -> Result<String, (Rule, usize)> {
    profile.enforce(text).map(String::from).map_err(|error| (error.rule(), error.at()))
}

/// RFC 8265 §3.3.1, §3.4.1 and §4.2.1, RFC 8266 §2.2: what a client does.
#[test]
fn preparation_maps_widths_and_looks_at_the_class() {
    use Profile::{Nickname, OpaqueString, UsernameCaseMapped, UsernameCasePreserved};
    for (profile, text, prepared) in [
        (UsernameCaseMapped, "\u{FF2A}uliet", Ok("Juliet")),
        (UsernameCasePreserved, "\u{FF2A}uliet", Ok("Juliet")),
        // Neither case nor normalization nor direction yet.
        (UsernameCaseMapped, "E\u{301}", Ok("E\u{301}")),
        (UsernameCaseMapped, "\u{5D0}a", Ok("\u{5D0}a")),
        (UsernameCaseMapped, "a b", Err((Rule::Disallowed, 1))),
        (UsernameCasePreserved, "♚", Err((Rule::Disallowed, 0))),
        (OpaqueString, "a\u{3000}b", Ok("a\u{3000}b")),
        (OpaqueString, "\u{FF2A}E\u{301}", Ok("\u{FF2A}E\u{301}")),
        (OpaqueString, "a\u{1}", Err((Rule::Disallowed, 1))),
        (Nickname, "  Foo  ♚ ", Ok("  Foo  ♚ ")),
        (Nickname, "\u{378}", Err((Rule::Unassigned, 0))),
        (Nickname, "", Err((Rule::Empty, 0))),
        (UsernameCaseMapped, "", Err((Rule::Empty, 0))),
    ] {
        let result = profile.prepare(text);
        let result = result.map_err(|error| (error.rule(), error.at()));
        let result = result.map(String::from);
        assert_eq!(result, prepared.map(String::from), "{profile:?} {text:?}");
    }
}

/// RFC 8265 §3.3.1 and §3.4.1: width, case, NFC, direction.
#[test]
fn user_names() {
    for (text, mapped, preserved) in [
        ("juliet", Ok("juliet"), Ok("juliet")),
        ("Juliet", Ok("juliet"), Ok("Juliet")),
        ("\u{FF2A}uliet", Ok("juliet"), Ok("Juliet")),
        ("E\u{301}", Ok("\u{E9}"), Ok("\u{C9}")),
        ("e\u{301}", Ok("\u{E9}"), Ok("\u{E9}")),
        ("\u{3A3}", Ok("\u{3C3}"), Ok("\u{3A3}")),
        ("\u{130}", Ok("i\u{307}"), Ok("\u{130}")),
        ("\u{FF71}", Ok("\u{30A2}"), Ok("\u{30A2}")),
        ("\u{212B}", Ok("\u{E5}"), Ok("\u{C5}")),
        ("a'b", Ok("a'b"), Ok("a'b")),
        ("foo bar", Err((Rule::Disallowed, 3)), Err((Rule::Disallowed, 3))),
        ("Ab\u{2163}", Err((Rule::Disallowed, 2)), Err((Rule::Disallowed, 2))),
        ("\u{FF21}\u{FF21}\u{3000}", Err((Rule::Disallowed, 6)), Err((Rule::Disallowed, 6))),
        ("A\u{5D0}", Err((Rule::Bidi, 1)), Err((Rule::Bidi, 1))),
        ("", Err((Rule::Empty, 0)), Err((Rule::Empty, 0))),
    ] {
        for (profile, expected) in
            [(Profile::UsernameCaseMapped, mapped), (Profile::UsernameCasePreserved, preserved)]
        {
            let expected = expected.map(String::from);
            assert_eq!(enforced(profile, text), expected, "{profile:?} {text:?}");
        }
    }
    let equal = |profile: Profile| profile.equal("JULIET", "juliet").unwrap();
    assert!(equal(Profile::UsernameCaseMapped) && !equal(Profile::UsernameCasePreserved));
    assert!(Profile::UsernameCaseMapped.equal("a b", "a").is_err());
    assert!(Profile::UsernameCaseMapped.equal("a", "a b").is_err());
}

/// RFC 8265 §4.2.1 and §4.3: spaces and NFC, and nothing else.
#[test]
fn opaque_strings() {
    for (text, expected) in [
        ("correct horse battery staple", Ok("correct horse battery staple")),
        ("Correct Horse Battery Staple", Ok("Correct Horse Battery Staple")),
        ("\u{3C0}\u{DF}\u{E5}", Ok("\u{3C0}\u{DF}\u{E5}")),
        ("Jack of \u{2666}s", Ok("Jack of \u{2666}s")),
        ("foo\u{1680}bar", Ok("foo bar")),
        (" a\u{A0}\u{3000} ", Ok(" a   ")),
        ("e\u{301}\u{3000}", Ok("\u{E9} ")),
        ("\u{FF21}\u{5D0}a", Ok("\u{FF21}\u{5D0}a")),
        ("my cat is a \u{9}by", Err((Rule::Disallowed, 12))),
        ("", Err((Rule::Empty, 0))),
    ] {
        let expected = expected.map(String::from);
        assert_eq!(enforced(Profile::OpaqueString, text), expected, "{text:?}");
    }
}

/// RFC 8266 §2.1, §2.4 and §3: no spaces around, one between, NFKC; and for
/// comparison, no case.
#[test]
fn nicknames() {
    for (text, shown, compared) in [
        ("Foo", "Foo", "foo"),
        ("foo", "foo", "foo"),
        ("Foo Bar", "Foo Bar", "foo bar"),
        ("foo bar", "foo bar", "foo bar"),
        (" foo", "foo", "foo"),
        ("foo ", "foo", "foo"),
        ("foo  bar", "foo bar", "foo bar"),
        ("foo\u{A0}\u{3000} bar", "foo bar", "foo bar"),
        ("\u{3A3}", "\u{3A3}", "\u{3C3}"),
        ("\u{3C3}", "\u{3C3}", "\u{3C3}"),
        ("\u{3C2}", "\u{3C2}", "\u{3C2}"),
        ("\u{265A}", "\u{265A}", "\u{265A}"),
        ("Richard \u{2163}", "Richard IV", "richard iv"),
        ("\u{FB01}", "fi", "fi"),
        ("\u{FF21}", "A", "a"),
        ("e\u{301}", "\u{E9}", "\u{E9}"),
        ("\u{130}", "\u{130}", "i\u{307}"),
        // NFKC of one makes a space and a mark: applied again until nothing changes.
        ("a\u{B4}", "a \u{301}", "a \u{301}"),
        ("\u{B4}a", "\u{301}a", "\u{301}a"),
    ] {
        assert_eq!(Profile::Nickname.enforce(text).unwrap(), shown, "{text:?}");
        assert_eq!(Profile::Nickname.comparable(text).unwrap(), compared, "{text:?}");
        assert!(Profile::Nickname.equal(text, compared).unwrap(), "{text:?}");
    }
    for (text, error) in [
        ("", (Rule::Empty, 0)),
        (" ", (Rule::Empty, 0)),
        ("\u{3000}\u{A0}", (Rule::Empty, 0)),
        ("a\u{1}", (Rule::Disallowed, 1)),
        (" \u{FB01}\u{1}b", (Rule::Disallowed, 4)),
        ("A  \u{378}", (Rule::Unassigned, 3)),
    ] {
        assert_eq!(enforced(Profile::Nickname, text), Err(error), "{text:?}");
    }
    assert!(!Profile::Nickname.equal("\u{3C2}", "\u{3C3}").unwrap());
}

/// What is as it should be is not copied.
#[test]
fn what_need_not_change_is_lent() {
    for profile in Profile::ALL {
        for text in ["juliet", "žofie", "l·l", "\u{5D0}"] {
            assert!(matches!(profile.enforce(text), Ok(Cow::Borrowed(same)) if same == text));
            assert!(matches!(profile.prepare(text), Ok(Cow::Borrowed(same)) if same == text));
            assert!(matches!(profile.comparable(text), Ok(Cow::Borrowed(same)) if same == text));
        }
    }
}
