//! Structure-aware: whole streams of `xmpp_stanza::arbitrary`. A good one is read to
//! its end however it is cut; a faulty one is refused in its place, by its condition.
#![no_main]

#[path = "../../crates/xmpp-stanza/tests/streams/check.rs"]
mod check;

use libfuzzer_sys::fuzz_target;
use xmpp_stanza::arbitrary::Stream;

fuzz_target!(|stream: Stream| {
    check::check(&stream);
});
