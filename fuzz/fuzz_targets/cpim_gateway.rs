//! Whatever comes from either side of a gateway: nothing panics, each input gives
//! a bounded number of outputs, and what is secured leaves as it came.
#![no_main]

use core::time::Duration;

use libfuzzer_sys::fuzz_target;
use xmpp_cpim::Limits;
use xmpp_cpim::gateway::{Config, Gateway, Operation, Output};
use xmpp_cpim::mapping::{secured_object, secured_payload};
use xmpp_cpim::message::Message;
use xmpp_stanza::{Stanza, StanzaBuilder};
use xmpp_xml::Element;

fuzz_target!(|data: &[u8]| {
    let mut gateway = Gateway::new("fuzz", Config::default());
    let mut out = Vec::new();
    // Stanzas, one after the other, separated by a NUL.
    for (number, piece) in data.split(|octet| *octet == 0).take(16).enumerate() {
        let now = Duration::from_secs(number as u64);
        if let Ok(element) = Element::parse(piece)
            && let Ok(stanza) = Stanza::parse(element.as_ref())
        {
            gateway.handle_stanza(now, &stanza, &mut out);
        }
        if let Ok(object) = Message::parse(piece, &Limits::default()) {
            let object = object.into_owned();
            gateway.handle_operation(now, &Operation::SecuredPresence(object), &mut out);
        }
        gateway.handle_timeout(now, &mut out);
        assert!(out.len() <= 4096, "{} outputs", out.len());
        for output in out.drain(..) {
            // What the far side gets is read by it.
            match output {
                Output::Operation(Operation::Message { object, .. }) => {
                    let octets = object.to_vec();
                    let read = Message::parse(&octets, &Limits::default()).expect("was written");
                    assert_eq!(read.to_vec(), octets);
                }
                Output::Stanza(StanzaBuilder::Message(message)) => {
                    let message = message.build().expect("a message that can be sent");
                    for object in message.payloads().filter_map(secured_object) {
                        let again = secured_payload(&object).expect("it was one");
                        assert_eq!(secured_object(again.as_ref()), Some(object.clone()));
                    }
                }
                _ => {}
            }
        }
    }
});
