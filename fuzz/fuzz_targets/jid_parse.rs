//! Any string: no panic, and the laws of addresses, URIs and escaping hold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_jid::legacy::LegacyJid;
use xmpp_jid::{Jid, JidRef, Rule, XmppUri, escape, unescape};

fuzz_target!(|text: &str| {
    match (Jid::new(text), JidRef::new(text)) {
        (Ok(owned), Ok(borrowed)) => assert!(owned == borrowed && owned == text),
        (Ok(owned), Err(error)) => {
            assert_eq!(error.rule(), Rule::NotCanonical);
            assert_eq!(JidRef::new(owned.as_str()).unwrap(), owned);
        }
        (owned, borrowed) => {
            let error = owned.unwrap_err();
            assert_eq!(borrowed.unwrap_err(), error);
            assert!(text.is_char_boundary(error.at()), "{error}");
            if let Some(c) = error.code_point() {
                assert!(text[error.at()..].starts_with(c), "{error}");
            }
        }
    }
    if let Ok(jid) = Jid::new(text) {
        assert_eq!(Jid::from_parts(jid.localpart(), jid.domainpart(), jid.resourcepart()), jid);
        let uri = XmppUri::of(jid);
        assert_eq!(XmppUri::new(&uri.to_uri()).unwrap(), uri);
    }
    if let Ok(jid) = LegacyJid::new(text) {
        assert!(jid.as_str().len() <= 3071);
    }
    if let Ok(uri) = XmppUri::new(text) {
        assert_eq!(XmppUri::new(&uri.to_iri()).unwrap(), uri);
    }
    if let Ok(escaped) = escape(text) {
        assert_eq!(unescape(&escaped), text);
    }
});
