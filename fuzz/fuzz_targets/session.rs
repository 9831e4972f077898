//! A client's session: any sequence of answers of DNS, transports that open, take little and
//! break, an honest server at each of them, an attacker's bytes on the way, calls of the
//! application, and time. The harness says what has to hold, and a test of xmpp-core runs it
//! as well.
#![no_main]

#[path = "../../crates/xmpp-core/tests/session/harness/mod.rs"]
mod harness;

use libfuzzer_sys::fuzz_target;

// The first byte says whether anything happens or bytes are cut.
fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((0..=223, tape)) => drop(harness::operate(tape)),
        Some((_, tape)) => harness::same_however_cut(tape),
        None => {}
    }
});
