//! XEP-0198 section 4: counts, requests, answers.

use core::time::Duration;

use xmpp_core::stream_management::StreamManagement;
use xmpp_core::time::TimerReason;
use xmpp_core::{Error, PeerMisbehaved, SendError};

use crate::harness::{Pair, Setup, message};

const R: &str = "<r xmlns='urn:xmpp:sm:3'/>";

fn ack(h: u32) -> String {
    format!("<a xmlns='urn:xmpp:sm:3' h='{h}'/>")
}

/// "Simple stanza acking".
#[test]
fn a_request_is_answered_with_the_number_of_stanzas_handled() {
    let mut pair = Pair::open(&Setup::new());
    pair.give_server(R.as_bytes());
    assert_eq!(pair.server.sent(), ack(0));
    pair.client.send("1").unwrap();
    let sent = pair.client.sent() + R;
    pair.give_server(sent.as_bytes());
    assert_eq!(pair.server.sent(), ack(1));
    pair.give_client(ack(1).as_bytes());
    let counters = pair.client.connection.stream_management().unwrap();
    assert_eq!(counters.acknowledged().get(), 1);
    assert!(counters.unacknowledged().is_empty());
}

#[test]
fn every_stanza_counts_whatever_is_wrong_with_its_addresses_and_nothing_else_does() {
    let mut pair = Pair::open(&Setup::new());
    let stanzas = "<message id='1' to='@@'/> <presence id='2' from='a b@/'/>\
                   <iq id='3' type='get' to='\u{e9}\u{fffd}@x@y'/>";
    pair.give_server(format!("{stanzas}{R}{}{R}", ack(0)).as_bytes());
    assert_eq!(pair.server.got, ["1", "2", "3"]);
    assert_eq!(pair.server.sent(), ack(3));
    assert!(pair.server.closed.is_none());
}

#[test]
fn requests_are_made_after_some_stanzas_some_bytes_or_some_time_and_one_at_a_time() {
    let mut setup = Setup::new();
    let mut config = StreamManagement::of_client();
    config.request_after_stanzas = 3;
    config.request_after_bytes = 1000;
    config.request_after = Duration::from_secs(2);
    setup.client.stream_management = Some(config);
    let mut pair = Pair::open(&setup);
    for id in ["1", "2", "3", "4", "5", "6", "7"] {
        pair.client.send(id).unwrap();
    }
    let sent = pair.client.sent();
    assert_eq!(sent.matches(R).count(), 1, "{sent}");
    assert!(sent.contains(&format!("<message id='3'/>{R}<message id='4'/>")), "{sent}");
    // The answer brings the next request, since enough has been sent meanwhile.
    pair.give_client(ack(3).as_bytes());
    let due = pair.client.connection.poll_timeout().unwrap();
    assert_eq!(due.reason, TimerReason::AcknowledgementRequest);
    pair.wait(Duration::from_secs(2));
    assert_eq!(pair.client.sent(), R);
    pair.give_client(ack(7).as_bytes());
    // Bytes.
    let large = message(&"x".repeat(1000));
    pair.client.connection.send(&large, &mut pair.client.tx).unwrap();
    assert!(pair.client.sent().ends_with(R));
    pair.give_client(ack(8).as_bytes());
    assert_ne!(
        pair.client.connection.poll_timeout().map(|deadline| deadline.reason),
        Some(TimerReason::AcknowledgementRequest)
    );
}

#[test]
fn a_peer_that_answers_nothing_is_gone_after_a_while_and_the_stream_can_be_resumed() {
    let mut pair = Pair::open(&Setup::new());
    pair.client.send("1").unwrap();
    pair.wait(Duration::from_secs(1));
    assert!(pair.client.sent().ends_with(R));
    // A peer that sends anything is there.
    pair.wait(Duration::from_secs(50));
    pair.give_client(b" ");
    pair.wait(Duration::from_secs(50));
    assert!(pair.client.closed.is_none());
    pair.client.sent();
    pair.wait(Duration::from_secs(10));
    assert_eq!(pair.client.closed, Some(Some(Error::TimedOut(TimerReason::Acknowledgement))));
    // XEP-0198 section 7: a stream that was closed is not resumed, so that this is not.
    assert_eq!(pair.client.sent(), "");
    let resumption = pair.client.connection.take_resumption().unwrap();
    assert_eq!(resumption.unacknowledged().len(), 1);
}

/// Nothing is lost in silence: it is refused, after an acknowledgement has been
/// asked for.
#[test]
fn a_full_queue_refuses_until_some_are_acknowledged() {
    let mut setup = Setup::new();
    let mut config = StreamManagement::of_client();
    config.max_stanzas = 2;
    config.request_after_stanzas = 100;
    setup.client.stream_management = Some(config);
    let mut pair = Pair::open(&setup);
    pair.client.send("1").unwrap();
    pair.client.send("2").unwrap();
    let full = SendError::QueueFull { stanzas: 2, bytes: 34 };
    assert_eq!(pair.client.send("3"), Err(full.clone()));
    let bytes = b"<message id='3'/>";
    let serialized = pair.client.connection.send_serialized(bytes, &mut pair.client.tx);
    assert_eq!(serialized, Err(full.clone()));
    let forwarded = pair.client.connection.forward(message("3").as_ref(), &[], &mut pair.client.tx);
    assert_eq!(forwarded, Err(full));
    let sent = pair.client.sent();
    assert_eq!(sent, format!("<message id='1'/>{R}<message id='2'/>"));
    pair.give_client(ack(1).as_bytes());
    pair.client.send("3").unwrap();
    // In bytes: one alone may be longer.
    let mut config = StreamManagement::of_client();
    config.max_bytes = 50;
    setup.client.stream_management = Some(config);
    let mut pair = Pair::open(&setup);
    pair.client.send(&"x".repeat(100)).unwrap();
    assert!(matches!(pair.client.send("2"), Err(SendError::QueueFull { stanzas: 1, .. })));
}

/// Section 6. 6120-4.9.3.21-01, 6120-4.9.4-02: the defined condition beside that of XEP-0198.
#[test]
fn an_acknowledgement_of_more_than_was_sent_ends_the_stream() {
    let mut pair = Pair::open(&Setup::new());
    for id in 0..8 {
        pair.client.send(&id.to_string()).unwrap();
    }
    pair.client.sent();
    pair.give_client(ack(10).as_bytes());
    let sent = pair.client.sent();
    for part in [
        "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>",
        "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='8'/>",
        "You acknowledged 10 stanzas, but I only sent you 8 so far.",
        "</stream:error></stream:stream>",
    ] {
        assert!(sent.contains(part), "{part} in {sent}");
    }
    let fault = PeerMisbehaved::HandledCountTooHigh { h: 10, send_count: 8 };
    assert_eq!(pair.client.closed, Some(Some(Error::Peer(fault))));
    // No resumption would end otherwise; what was sent is not lost.
    assert!(pair.client.connection.take_resumption().is_none());
    assert_eq!(pair.client.connection.take_unacknowledged().len(), 8);
}

/// Section 6, with nothing sent at all: no count is so high that it passes for an old one.
#[test]
fn no_count_is_too_high_to_be_too_high() {
    for h in [1, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, u32::MAX] {
        let mut pair = Pair::open(&Setup::new());
        pair.give_server(ack(h).as_bytes());
        let fault = PeerMisbehaved::HandledCountTooHigh { h, send_count: 0 };
        assert_eq!(pair.server.closed, Some(Some(Error::Peer(fault))), "{h}");
        let sent = pair.server.sent();
        let told =
            format!("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='{h}' send-count='0'/>");
        assert!(sent.contains(&told), "{sent}");
    }
}

#[test]
fn an_acknowledgement_of_less_than_before_tells_nothing_new() {
    let mut pair = Pair::open(&Setup::new());
    for id in 0..8 {
        pair.client.send(&id.to_string()).unwrap();
    }
    for (h, left) in [(5, 3), (3, 3), (0, 3), (5, 3), (8, 0), (7, 0)] {
        pair.give_client(ack(h).as_bytes());
        let counters = pair.client.connection.stream_management().unwrap();
        assert_eq!(counters.unacknowledged().len(), left, "{h}");
    }
    assert!(pair.client.closed.is_none());
}

#[test]
fn an_acknowledgement_without_a_count_ends_the_stream() {
    for wrong in ["", "h=''", "h='-1'", "h='4294967296'", "h='one'"] {
        let mut pair = Pair::open(&Setup::new());
        pair.give_server(format!("<a xmlns='urn:xmpp:sm:3' {wrong}/>").as_bytes());
        assert!(
            matches!(pair.server.closed, Some(Some(Error::Peer(PeerMisbehaved::Malformed(_))))),
            "{wrong}"
        );
    }
}

/// A flood of requests is answered once for all that came at once, and not at all
/// while more than 64 KiB wait to be sent.
#[test]
fn a_flood_of_requests_has_a_bounded_answer() {
    let mut pair = Pair::open(&Setup::new());
    pair.give_server(R.repeat(10_000).as_bytes());
    assert_eq!(pair.server.sent(), ack(0));
    // One that does not read.
    for _ in 0..100_000 {
        pair.give_server(R.as_bytes());
    }
    let waits = pair.server.tx.len();
    assert!((64 << 10..(64 << 10) + 64).contains(&waits), "{waits}");
    pair.server.sent();
    pair.poll_server();
    assert_eq!(pair.server.sent(), ack(0));
}

/// "It is RECOMMENDED that initiating entities (usually clients) send an <a/> element
/// right before they gracefully close the stream".
#[test]
fn who_closes_says_what_was_handled_and_the_session_is_over() {
    let mut pair = Pair::open(&Setup::new());
    pair.server.send("1").unwrap();
    pair.server.send("2").unwrap();
    let sent = pair.server.sent();
    pair.give_client(sent.as_bytes());
    pair.client.send("3").unwrap();
    pair.client.connection.close(pair.now, None, &mut pair.client.tx);
    let sent = pair.client.sent();
    assert_eq!(sent, format!("<message id='3'/>{}</stream:stream>", ack(2)));
    pair.give_server(sent.as_bytes());
    assert!(pair.server.connection.take_resumption().is_none());
    assert!(pair.server.connection.take_unacknowledged().is_empty());
    // An acknowledgement counts while the stream closes.
    pair.give_client(format!("{}</stream:stream>", ack(1)).as_bytes());
    assert_eq!(pair.client.closed, Some(None));
    assert!(pair.client.connection.take_resumption().is_none());
    assert!(pair.client.connection.take_unacknowledged().is_empty());
}
