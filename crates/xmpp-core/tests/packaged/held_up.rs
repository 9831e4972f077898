//! Transports that take nothing, and TLS engines that take nothing any more.

use core::time::Duration;
use std::sync::Arc;

use xmpp_core::config::TlsMode;
use xmpp_core::{Client, Error, Event, Output};

use crate::common::{T0, client_config};
use crate::engine::{Engine, Input};

/// A driver whose transport takes nothing waits until the deadline or until there is room
/// again. A deadline that has passed would be no wait at all.
#[test]
fn no_deadline_has_passed_while_nothing_can_be_sent() {
    let config = Arc::new(client_config());
    let mut client = Client::connect_dangerous_plaintext(config, T0, [1; 32]);
    let mut now = T0;
    for _ in 0..40 {
        match client.poll(now) {
            Ok(Output::Transmit(bytes)) => assert!(!bytes.is_empty()),
            Ok(Output::Event(Event::Closed { error: Some(Error::TimedOut(_)) })) => return,
            other => panic!("{other:?}"),
        }
        let deadline = client.poll_timeout().expect("a negotiation has one");
        assert!(deadline.at > now, "{deadline:?} at {now:?}");
        now = now.saturating_add(Duration::from_secs(5));
    }
    panic!("no end");
}

/// What comes behind an error of TLS is thrown away, whatever the engine makes of it.
#[test]
fn what_comes_behind_an_error_of_tls_is_not_looked_at() {
    let mut config = client_config();
    config.tls = TlsMode::Direct;
    let engine = Arc::new(Engine { says: b"", input: Input::Refused });
    let mut client = Client::connect(Arc::new(config), engine, T0, [1; 32]).unwrap();
    let mut told = 0;
    for _ in 0..3 {
        if let Some(room) = client.recv_buf() {
            room[..3].copy_from_slice(b"abc");
            client.handle_read(3);
        }
        for _ in 0..10 {
            match client.poll(T0) {
                Ok(Output::Event(Event::Closed { error })) => {
                    assert!(matches!(error, Some(Error::Tls(_))), "{error:?}");
                    told += 1;
                }
                Ok(Output::Shutdown) => {}
                _ => break,
            }
        }
    }
    assert_eq!(told, 1);
}

/// A stream that has ended in the middle of the handshake waits for the peer's end. What
/// comes may end the handshake first, of which nothing is told; a poll that says to wait has
/// read all that came behind it.
#[test]
fn the_end_of_tls_behind_a_late_handshake_is_seen_at_once() {
    let mut config = client_config();
    config.tls = TlsMode::Direct;
    let engine = Arc::new(Engine { says: b"", input: Input::Ends });
    let mut client = Client::connect(Arc::new(config), engine, T0, [1; 32]).unwrap();
    let Ok(Output::Wait(Some(deadline))) = client.poll(T0.saturating_add(Duration::from_secs(30)))
    else {
        panic!("no deadline")
    };
    let late = deadline.at;
    loop {
        match client.poll(late) {
            Ok(Output::Wait(_)) => break,
            Ok(Output::Event(_) | Output::Shutdown) => {}
            other => panic!("{other:?}"),
        }
    }
    client.recv_buf().unwrap()[..2].copy_from_slice(b"ab");
    client.handle_read(2);
    assert!(matches!(client.poll(late), Err(Error::TimedOut(_))));
}
