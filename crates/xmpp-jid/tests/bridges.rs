//! The features: RFC 6122 and serde.

#[cfg(feature = "legacy")]
mod legacy {
    use xmpp_jid::legacy::{LegacyJid, is_same};
    use xmpp_jid::{Jid, Part};

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

    #[test]
    fn one_address_by_either_rule_set() {
        assert!(is_same("fußball@b", "fussball@b"));
        assert!(is_same("K@b/🚀", "k@b/🚀"));
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
