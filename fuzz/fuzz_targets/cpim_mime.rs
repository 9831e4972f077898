//! Whatever the octets: reading them as a MIME entity does not panic, and what
//! was read is written octet for octet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_cpim::Limits;
use xmpp_cpim::mime::{ContentType, Entity, canonical_crlf};

fuzz_target!(|data: &[u8]| {
    if let Ok(entity) = Entity::parse(data, &Limits::default()) {
        assert_eq!(entity.to_vec(), data);
        let _ = entity.headers().content_type();
        let _ = entity.headers().content_id();
        let _ = entity.decoded();
        for field in entity.headers().iter() {
            let _ = field.value();
        }
    }
    let canonical = canonical_crlf(data);
    assert_eq!(canonical_crlf(&canonical), canonical);
    if let Ok(text) = str::from_utf8(data) {
        let _ = ContentType::parse(text);
    }
});
