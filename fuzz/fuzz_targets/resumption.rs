//! Whatever the bytes: reading them as a serialised resumption does not panic, takes memory
//! in proportion to them, what was read is written as it was, and shown without its identifier.
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
            // It is shown without the identifier: another one makes no difference.
            let id = 24 + resumption.jid().as_str().len();
            let mut other = data.to_vec();
            other[id..][..resumption.id().expose().len()].fill(b'a');
            let other = Resumption::from_bytes(&other).expect("another identifier");
            assert_eq!(format!("{other:?}"), format!("{resumption:?}"));
        }
        Err(error) => assert!(error.offset <= data.len()),
    }
});
