//! The features: RFC 6122 and serde.

#[cfg(feature = "legacy")]
mod legacy {
    use xmpp_jid::legacy::{LegacyJid, is_same};
    use xmpp_jid::{Jid, Part, Rule};

    /// RFC 6122 §2: what RFC 7622 has otherwise.
    #[test]
    fn rules_that_were_replaced() {
        for (input, old, new) in [
            ("Fußball@example.com", Some("fussball@example.com"), Some("fußball@example.com")),
            ("henry\u{2163}@example.com", Some("henryiv@example.com"), None),
            ("♚@example.com", Some("♚@example.com"), None),
            ("a@example.com/🚀", None, Some("a@example.com/🚀")),
            ("a@example.com/Ｆ", Some("a@example.com/F"), Some("a@example.com/Ｆ")),
            ("a@BÜCHER.example", Some("a@bücher.example"), Some("a@bücher.example")),
            ("a@xn--bcher-kva.example", Some("a@bücher.example"), Some("a@bücher.example")),
            ("a@faß.example", Some("a@fass.example"), Some("a@faß.example")),
            ("a@☃.example", Some("a@☃.example"), None),
            ("a@example.com.", Some("a@example.com"), Some("a@example.com")),
            ("a@b。c．d｡e", Some("a@b.c.d.e"), Some("a@b.c.d.e")),
            ("a@[0:0::1]", Some("a@[::1]"), Some("a@[::1]")),
            ("a@XN--BCHER-KVA", Some("a@bücher"), Some("a@bücher")),
            ("a@b-c", Some("a@b-c"), Some("a@b-c")),
            ("a b@example.com", None, None),
            ("a@exa_mple", None, None),
            ("@b", None, None),
        ] {
            assert_eq!(LegacyJid::new(input).ok().as_ref().map(LegacyJid::as_str), old, "{input}");
            assert_eq!(Jid::new(input).ok().as_ref().map(Jid::as_str), new, "{input}");
        }
    }

    #[test]
    fn parts() {
        let jid = LegacyJid::new("A@B/C@d/e").unwrap();
        assert_eq!(jid.localpart(), Some("a"));
        assert_eq!(jid.domainpart(), "b");
        assert_eq!(jid.resourcepart(), Some("C@d/e"));
        let jid = LegacyJid::new("b").unwrap();
        assert_eq!((jid.localpart(), jid.domainpart(), jid.resourcepart()), (None, "b", None));
        assert_eq!(LegacyJid::new("a@b/\u{7}").unwrap_err().part(), Part::Resource);
    }

    /// RFC 6122 §2.2 to §2.4; RFC 3490 §4.1, with UseSTD3ASCIIRules.
    #[test]
    fn what_is_no_address_says_which_part_is_none() {
        for (input, part, rule, at) in [
            ("", Part::Jid, Rule::Empty, 0),
            ("@b", Part::Local, Rule::Empty, 0),
            ("a b@c", Part::Local, Rule::Disallowed, 0),
            ("a@b/", Part::Resource, Rule::Empty, 4),
            ("bc/\u{7}", Part::Resource, Rule::Disallowed, 3),
            ("a@bc/\u{7}", Part::Resource, Rule::Disallowed, 5),
            ("-b", Part::Domain, Rule::Hyphen, 0),
            ("a@-b", Part::Domain, Rule::Hyphen, 2),
            ("a@b-", Part::Domain, Rule::Hyphen, 2),
            ("a@b.-", Part::Domain, Rule::Hyphen, 2),
            ("a@b.c-.d/e", Part::Domain, Rule::Hyphen, 2),
            ("a@b..c", Part::Domain, Rule::EmptyLabel, 2),
            ("a@.b", Part::Domain, Rule::EmptyLabel, 2),
            ("a@b_c", Part::Domain, Rule::Disallowed, 2),
            ("a@b c", Part::Domain, Rule::Disallowed, 2),
            ("a@[::1", Part::Domain, Rule::IpLiteral, 2),
            ("a@[b]", Part::Domain, Rule::IpLiteral, 2),
            // U+0080, which Nameprep prohibits; ß, which it maps; ASCII; no Punycode.
            ("a@xn--a", Part::Domain, Rule::ALabel, 2),
            ("a@xn--zca", Part::Domain, Rule::ALabel, 2),
            ("a@xn--abc-", Part::Domain, Rule::ALabel, 2),
            ("a@xn--9", Part::Domain, Rule::ALabel, 2),
        ] {
            let error = LegacyJid::new(input).unwrap_err();
            assert_eq!((error.part(), error.rule(), error.at()), (part, rule, at), "{input}");
        }
        assert_eq!(LegacyJid::new("a@").unwrap_err().part(), Part::Domain);
    }

    /// RFC 6122 §2.2 to §2.4: 1023 bytes; RFC 1034 §3.1: 63 of a label.
    #[test]
    fn each_part_has_its_length() {
        let a = |len: usize| "a".repeat(len);
        let rule = |text: String| LegacyJid::new(&text).err().map(|error| error.rule());
        assert_eq!(rule(a(1023) + "@b"), None);
        assert_eq!(rule(a(1024) + "@b"), Some(Rule::TooLong));
        assert_eq!(rule("b/".to_owned() + &a(1023)), None);
        assert_eq!(rule("b/".to_owned() + &a(1024)), Some(Rule::TooLong));
        assert_eq!(rule(a(63)), None);
        assert_eq!(rule(a(64)), Some(Rule::LabelTooLong));
        let labels = (a(63) + ".").repeat(15);
        assert_eq!(rule(labels.clone() + &a(63)), None);
        assert_eq!(rule(labels + &a(62) + ".a"), Some(Rule::TooLong));
        let whole = a(1023) + "@b/" + &a(1023);
        assert_eq!(String::from(LegacyJid::new(&whole).unwrap()), whole);
    }

    #[test]
    fn one_address_by_either_rule_set() {
        assert!(is_same("fußball@b", "fussball@b"));
        assert!(is_same("K@b/🚀", "k@b/🚀"));
        assert!(is_same("♚@B", "♚@b"));
        assert!(!is_same("♚@b", "♛@b"));
        assert!(!is_same("a@b/🚀", "a@b/🚁"));
        assert!(!is_same("a@b", "a@c"));
        assert!(!is_same("@", "@"));
    }
}

#[cfg(feature = "serde")]
mod serde {
    use xmpp_jid::{BareJid, FullJid, Jid, JidRef, Resourcepart};

    #[test]
    fn strings_are_prepared_and_borrowed_ones_must_be() {
        let jid: Jid = serde_json::from_str(r#""A@b/C""#).unwrap();
        assert_eq!(jid, "a@b/C");
        assert_eq!(serde_json::to_string(&jid).unwrap(), r#""a@b/C""#);
        assert!(serde_json::from_str::<BareJid>(r#""a@b/c""#).is_err());
        assert!(serde_json::from_str::<FullJid>(r#""a@b""#).is_err());
        assert_eq!(serde_json::from_str::<JidRef<'_>>(r#""a@b""#).unwrap(), jid.to_bare().as_str());
        assert!(serde_json::from_str::<JidRef<'_>>(r#""A@b""#).is_err());
        let error = serde_json::from_str::<Resourcepart>(r#""""#).unwrap_err();
        assert!(
            error.to_string().starts_with("resourcepart: at byte 0: must not be empty"),
            "{error}"
        );
    }
}
