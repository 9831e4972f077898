//! Whatever the bytes: reading them as a serialised resumption does not panic, takes memory
//! in proportion to them, and what was read is written as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_core::stream_management::Resumption;

fuzz_target!(|data: &[u8]| {
    match Resumption::from_bytes(data) {
        Ok(resumption) => {
            assert_eq!(resumption.to_bytes(), data);
            assert!(resumption.held_bytes() <= 8 * data.len() + (64 << 10));
            let stanzas = resumption.unacknowledged();
            assert_eq!(stanzas.elements().count(), stanzas.len());
            assert!(
                !format!("{resumption:?}").contains(resumption.id().expose()) || data.len() < 64
            );
        }
        Err(error) => assert!(error.offset <= data.len()),
    }
});
