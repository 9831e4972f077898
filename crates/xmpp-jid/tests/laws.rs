//! What holds for every string.

use core::hash::{Hash, Hasher};
use std::collections::hash_map::DefaultHasher;

use proptest::prelude::*;
use xmpp_jid::precis::Profile;
use xmpp_jid::{Jid, JidRef, Rule, XmppUri, escape, idna, unescape};

/// Text that has a chance: separators, letters of several scripts and both
/// directions, marks, forms that are mapped, and anything.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        6 => "[a-zA-Z0-9._+-]{1,8}",
        2 => "[@/.]",
        2 => "[à-ÿЀ-ӿ]{1,6}",
        1 => "[א-תء-ي٠-٩۰-۹]{1,4}",
        1 => "[ａ-ｚＡ-Ｚｦ-ﾟ　．。｡＠／]{1,3}",
        1 => "[\u{300}-\u{345}ᄀ-하-ᅵᆨ-ᇂ]{1,3}",
        1 => "[\u{200C}\u{200D}·\u{375}\u{5F3}・\u{94D}क-ह]{1,3}",
        1 => "(xn--|--|\\[::1\\]|127\\.0\\.0\\.1|\\\\20|\\\\5c)",
        1 => "[😀-😎♔-♟ \"&':<>]",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat())
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(text in text()) {
        if let Ok(jid) = Jid::new(&text) {
            prop_assert_eq!(&Jid::new(jid.as_str()).unwrap(), &jid);
            let parts = Jid::from_parts(jid.localpart(), jid.domainpart(), jid.resourcepart());
            prop_assert_eq!(&parts, &jid);
            let uri = XmppUri::of(jid.clone());
            prop_assert_eq!(&XmppUri::new(&uri.to_uri()).unwrap(), &uri);
            prop_assert_eq!(&XmppUri::new(&uri.to_iri()).unwrap(), &uri);
            let ascii = jid.domainpart().to_ascii().into_owned();
            prop_assert!(ascii.is_ascii());
            let again = Jid::new(&ascii).unwrap();
            prop_assert_eq!(again.domainpart(), jid.domainpart());
        }
    }

    #[test]
    fn borrowed_and_owned_agree(text in text()) {
        match (Jid::new(&text), JidRef::new(&text)) {
            (Ok(owned), Ok(borrowed)) => {
                prop_assert_eq!(owned.as_str(), &text);
                prop_assert_eq!(&owned, &borrowed);
                prop_assert_eq!(owned.localpart(), borrowed.localpart());
                prop_assert_eq!(owned.domainpart(), borrowed.domainpart());
                prop_assert_eq!(owned.resourcepart(), borrowed.resourcepart());
            }
            (Ok(owned), Err(error)) => {
                prop_assert_eq!(error.rule(), Rule::NotCanonical);
                prop_assert_ne!(owned.as_str(), &text);
            }
            (Err(owned), Err(borrowed)) => {
                prop_assert_eq!(owned, borrowed);
                prop_assert!(text.is_char_boundary(owned.at()), "{}", owned);
                if let Some(c) = owned.code_point() {
                    prop_assert_eq!(text[owned.at()..].chars().next(), Some(c), "{}", owned);
                }
            }
            (Err(error), Ok(_)) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn order_and_hash_are_those_of_the_text(a in text(), b in text()) {
        if let (Ok(a), Ok(b)) = (Jid::new(&a), Jid::new(&b)) {
            prop_assert_eq!(a.cmp(&b), a.as_str().cmp(b.as_str()));
            prop_assert_eq!(a == b, a.as_str() == b.as_str());
            prop_assert_eq!(hash(&a), hash(a.as_str()));
            prop_assert_eq!(hash(a.to_bare()), hash(a.as_ref().to_bare()));
            prop_assert_eq!(a.to_bare() == b.to_bare(), a.as_ref().to_bare() == b.as_ref().to_bare());
        }
    }

    /// 8264-7-02, 8265-5-01: applying the rules again changes nothing.
    #[test]
    fn enforced_text_stays_as_it_is(text in text()) {
        for profile in Profile::ALL {
            if let Ok(enforced) = profile.enforce(&text) {
                prop_assert_eq!(profile.enforce(&enforced).unwrap(), &*enforced);
                prop_assert!(profile.class().check(&enforced).is_ok());
                prop_assert!(profile.equal(&text, &enforced).unwrap());
            }
        }
    }

    #[test]
    fn both_forms_of_a_name_are_one_name(text in text()) {
        if let Ok(unicode) = idna::to_unicode(&text) {
            let ascii = idna::to_ascii(&text).unwrap();
            prop_assert!(ascii.is_ascii() && ascii.len() <= 254);
            prop_assert_eq!(idna::to_unicode(&ascii).unwrap(), &*unicode);
            prop_assert_eq!(idna::to_ascii(&unicode).unwrap(), &*ascii);
            // What is valid as it stands is not mapped to anything else, case aside.
            prop_assert_eq!(idna::map(&unicode), &*unicode);
        }
    }

    /// XEP-0106: whatever can be escaped comes back.
    #[test]
    fn escaped_text_comes_back(text in "[a-c0-9 \"&'/:<>@\\\\f]{0,12}") {
        if let Ok(escaped) = escape(&text) {
            prop_assert!(!escaped.contains(|c| " \"&'/:<>@".contains(c)));
            prop_assert_eq!(unescape(&escaped), &*text);
        }
    }

    #[test]
    fn uris_are_read_or_refused(text in "(xmpp:)?(//)?[a-z@/?#;=%0-9:é\\[\\]]{0,20}") {
        if let Ok(uri) = XmppUri::new(&text) {
            prop_assert_eq!(XmppUri::new(&uri.to_uri()).unwrap(), uri);
        }
    }
}
