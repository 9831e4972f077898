//! Whatever the text: reading it as a URI, an address, a date-time or a
//! priority does not panic, and what was read is written as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_cpim::message::Address;
use xmpp_cpim::pidf::Priority;
use xmpp_cpim::{DateTime, Escaping, Scheme, Uri};
use xmpp_jid::BareJid;

fuzz_target!(|text: &str| {
    if let Ok(uri) = Uri::parse(text) {
        assert!(uri.to_string().eq_ignore_ascii_case(text));
        for escaping in [Escaping::Rfc3922, Escaping::Xep0106] {
            if let Ok(jid) = uri.to_jid(escaping) {
                let again =
                    Uri::from_jid(uri.scheme(), (&jid).into(), escaping).expect("it has one");
                let again = Uri::parse(&again.to_string()).expect("it was written").into_owned();
                assert_eq!(again.to_jid(escaping), Ok(jid));
            }
        }
    }
    if let Ok(jid) = BareJid::new(text)
        && jid.localpart().is_some()
    {
        let uri =
            Uri::from_jid(Scheme::Pres, (&jid).into(), Escaping::Rfc3922).expect("it has one");
        let written = uri.to_string();
        let read = Uri::parse(&written).expect("it was written");
        assert_eq!(read.to_jid(Escaping::Rfc3922), Ok(jid));
    }
    if let Ok(address) = Address::parse(text) {
        assert_eq!(Address::parse(&address.to_string()), Ok(address.clone()));
    }
    if let Ok(at) = text.parse::<DateTime>() {
        assert_eq!(at.to_string().parse(), Ok(at));
        assert_eq!(at.to_utc().since_unix_epoch(), at.since_unix_epoch());
    }
    if let Ok(priority) = text.parse::<Priority>() {
        assert_eq!(priority.to_string().parse(), Ok(priority));
    }
});
