//! The pool of streams between servers: any schedule of stanzas, answers of DNS, transports,
//! streams, dialback keys, time and the end, by a driver that may be late or wrong. The
//! harness says what has to hold, and a test of xmpp-core runs it as well.
#![no_main]

#[path = "../../crates/xmpp-core/tests/pool/harness/mod.rs"]
mod harness;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    harness::schedule(data);
});
