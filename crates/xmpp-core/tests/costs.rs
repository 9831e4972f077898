//! What iq stanzas cost the engine, and that they cost the others nothing.

mod common;

use core::time::Duration;

use allocation_counter::measure;
use common::{ClientEnd, Pair, client_config};
use xmpp_core::stanza::Iq;
use xmpp_core::stanza::ping::Ping;
use xmpp_core::{Event, ServerConfig};

/// A client on a stream without acknowledgements, which keep what they have to.
fn established() -> ClientEnd {
    let mut config = client_config();
    config.stream_management = None;
    let mut pair = Pair::with(config, ServerConfig::default());
    pair.drive().unwrap();
    pair.client
}

/// Allocations for what comes, `times` over, once the buffers have their size.
fn allocations(client: &mut ClientEnd, stanza: &str, answers: bool, times: usize) -> u64 {
    let mut all = 0;
    for n in 0..times + 20 {
        client.rx.push(stanza.as_bytes());
        let cost = measure(|| {
            let (now, rx) = (client.now, &mut client.rx);
            let event = client.connection.poll_event(now, rx, &mut client.tx).unwrap();
            let Some(Event::Stanza(received)) = event else { panic!("no stanza") };
            if answers && let Some(stanza) = received.stanza() {
                client.connection.send(&stanza.empty_result().unwrap(), &mut client.tx).unwrap();
            }
            assert!(
                client
                    .connection
                    .poll_event(now, &mut client.rx, &mut client.tx)
                    .unwrap()
                    .is_none()
            );
        });
        client.tx.sent(usize::MAX);
        if n >= 20 {
            all += cost.count_total;
        }
    }
    all
}

const MESSAGE: &str = "<message from='romeo@example.net/orchard' to='juliet@example.com/balcony' \
    id='1' type='chat'><body>Wherefore art thou?</body></message>";
const PRESENCE: &str = "<presence from='romeo@example.net/orchard'><show>away</show></presence>";
const REQUEST: &str = "<iq from='romeo@example.net/orchard' to='juliet@example.com/balcony' \
    id='request' type='get'><ping xmlns='urn:xmpp:ping'/></iq>";

#[test]
fn messages_and_presences_cost_no_allocation_whatever_waits() {
    let mut client = established();
    assert_eq!(allocations(&mut client, MESSAGE, false, 100), 0);
    for _ in 0..200 {
        let timeout = Duration::from_secs(60);
        client.connection.request(client.now, Iq::get("", &Ping), timeout, &mut client.tx).unwrap();
    }
    client.tx.sent(usize::MAX);
    assert_eq!(allocations(&mut client, MESSAGE, false, 100), 0);
    assert_eq!(allocations(&mut client, PRESENCE, false, 100), 0);
}

#[test]
fn a_request_costs_the_two_addresses() {
    // They are kept until it is answered; the memory of the id is used again.
    let mut client = established();
    assert_eq!(allocations(&mut client, REQUEST, true, 100), 200);
    // Refused, no more.
    assert_eq!(allocations(&mut client, REQUEST, false, 100), 200);
}
