//! A tap sees all that is sent, as XML, once.

use std::sync::{Arc, Mutex};

use xmpp_core::role::Role;
use xmpp_core::stanza::{Message, MessageType};
use xmpp_core::{Endpoint, Output};

use crate::common::tls::{Authority, Ends as UnderTls};
use crate::common::{DOMAIN, T0, client_config};
use crate::plain::Ends;

/// What it has seen so far.
fn tap<R: Role>(end: &mut Endpoint<R>) -> Arc<Mutex<Vec<u8>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&seen);
    end.tap_sent(move |bytes| into.lock().unwrap().extend_from_slice(bytes));
    seen
}

fn text(seen: &Mutex<Vec<u8>>) -> String {
    String::from_utf8(seen.lock().unwrap().clone()).unwrap()
}

#[test]
fn in_the_clear_it_is_what_is_on_the_wire() {
    let mut ends = Ends::new();
    let seen = tap(&mut ends.client);
    let mut wire = String::new();
    // The transport takes seven bytes at a time.
    for _ in 0..1000 {
        let sent = match ends.client.poll(T0) {
            Ok(Output::Transmit(bytes)) => bytes[..bytes.len().min(7)].to_vec(),
            Ok(_) => Vec::new(),
            Err(error) => panic!("{error}"),
        };
        ends.client.transmitted(sent.len());
        let sent = String::from_utf8(sent).unwrap();
        ends.give_server(&sent);
        wire += &sent;
        let back = ends.server_sends();
        ends.give_client(&back);
    }
    assert!(ends.client.bound().is_some());
    assert_eq!(text(&seen), wire, "the header that was made before, and all of the rest, once");
    assert!(wire.contains("<stream:stream") && wire.contains("<auth "), "{wire}");
}

#[test]
fn under_tls_it_is_what_was_encrypted() {
    let authority = Authority::new();
    let receiver = authority.receiver_for(DOMAIN);
    let server = xmpp_core::ServerConfig::default();
    let mut ends = UnderTls::new(client_config(), server, authority.initiator(), receiver);
    let seen = [tap(&mut ends.client), tap(&mut ends.server)];
    ends.drive();
    ends.client.send(&Message::builder(MessageType::Chat).with_body("But soft")).unwrap();
    ends.drive();
    let client = text(&seen[0]);
    for part in ["<starttls ", "<auth ", "<response ", "<iq ", "<body>But soft</body></message>"] {
        assert_eq!(client.matches(part).count(), 1, "{part} in {client}");
    }
    // Before TLS, before SASL, and behind it.
    assert_eq!(client.matches("<stream:stream ").count(), 3, "{client}");
    let server = text(&seen[1]);
    for part in ["<proceed ", "<challenge ", "<success "] {
        assert_eq!(server.matches(part).count(), 1, "{part} in {server}");
    }
    assert_eq!(server.matches("<stream:features>").count(), 3, "{server}");
}
