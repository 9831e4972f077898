//! Any string: each profile is idempotent and keeps to its class; both forms of
//! a domain name are one name.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_jid::idna;
use xmpp_jid::precis::Profile;

fuzz_target!(|text: &str| {
    for profile in Profile::ALL {
        let _ = profile.prepare(text);
        match profile.enforce(text) {
            Ok(enforced) => {
                assert_eq!(profile.enforce(&enforced).unwrap(), enforced);
                profile.class().check(&enforced).unwrap();
                assert!(profile.equal(text, &enforced).unwrap());
            }
            Err(violation) => assert!(text.is_char_boundary(violation.at()), "{violation}"),
        }
        if let Ok(comparable) = profile.comparable(text) {
            assert_eq!(profile.comparable(&comparable).unwrap(), comparable);
        }
    }
    for name in [text, &idna::map(text)] {
        match idna::to_unicode(name) {
            Ok(unicode) => {
                let ascii = idna::to_ascii(name).unwrap();
                assert!(ascii.is_ascii() && ascii.len() <= 254);
                assert_eq!(idna::to_unicode(&ascii).unwrap(), unicode);
                assert_eq!(idna::map(&unicode), unicode);
            }
            Err(violation) => assert!(name.is_char_boundary(violation.at()), "{violation}"),
        }
    }
});
