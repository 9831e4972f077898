//! Whatever the octets: reading them as PIDF does not panic, and what was read
//! is written, and read again as the same document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_cpim::mapping::{Options, Watched, presence_from_pidf, presence_to_pidf};
use xmpp_cpim::pidf::Document;
use xmpp_cpim::{Escaping, Limits, Uri};

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let _ = Document::parse_utf8(data, &limits);
    let Ok(document) = Document::parse(data, &limits) else { return };
    let written = document.to_vec().expect("what was read can be written");
    // Prefixes and declarations may take more room than they did.
    if written.len() <= 256 * 1024 {
        assert_eq!(Document::parse(&written, &limits).as_ref(), Ok(&document));
    }
    let options = Options::default().with_pidf_im(true);
    let Ok(entity) = Uri::parse(document.entity()) else { return };
    let Ok(jid) = entity.to_jid(Escaping::Rfc3922) else { return };
    let Ok(mapped) = presence_from_pidf(&document, &jid, &options) else { return };
    for presence in &mapped.value {
        let presence = presence.build().expect("what is mapped is a presence");
        let back = presence_to_pidf(&presence, &options).expect("it came from there");
        assert_eq!(back.value.tuples().len(), 1);
    }
    let mut watched = Watched::new(jid);
    watched.update(&document, &options).expect("it mapped");
    assert!(watched.update(&document, &options).expect("again").value.is_empty());
});
