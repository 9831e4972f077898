//! What is inside: an object that was read is written so that it is read again
//! as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_e2e::{Limits, Object};

fuzz_target!(|data: &[u8]| {
    let Ok(object) = Object::parse(data, &Limits::DEFAULT) else { return };
    let _ = (object.from(), object.to(), object.date_time());
    let written = object.to_entity().expect("what was read can be written");
    let again = Object::parse(&written, &Limits::DEFAULT).expect("what was written can be read");
    let twice = again.to_entity().expect("what was read can be written");
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&twice));
});
