//! A server that another one has opened a stream to: any sequence of
//! operations, with an honest peer and an attacker between
//! the two. The harness says what has to hold, and a property test of xmpp-core
//! runs it as well.
#![no_main]

#[path = "../../crates/xmpp-core/tests/operations/harness/mod.rs"]
mod harness;

use libfuzzer_sys::fuzz_target;
use xmpp_core::role::ServerFromServer;

// The first byte says whether operations are run or bytes are cut.
fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((0..=191, tape)) => drop(harness::operate::<ServerFromServer>(tape)),
        Some((_, tape)) => harness::same_however_cut::<ServerFromServer>(tape),
        None => {}
    }
});
