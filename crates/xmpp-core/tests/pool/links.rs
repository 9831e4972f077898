//! Which stream a stanza goes out on.

use xmpp_core::federation::{Failure, LinkEnd, Multiplexing, Offers, PoolOutput};
use xmpp_core::session::discovery::Srv;

use crate::rig::{Rig, config, secs, stanza};

/// 6120-10.4.1-01: a stream that exists is used. 6120-10.1-04: a single one.
#[test]
fn a_stream_that_exists_is_used() {
    let mut rig = Rig::new(config());
    let link = rig.ready();
    for number in 1..=40 {
        rig.send(number);
    }
    assert!(rig.sent.iter().all(|(on, _)| *on == link));
    assert_eq!(rig.numbers(), (1..=40).collect::<Vec<_>>());
    assert!(rig.srv.is_empty() && rig.dials.is_empty());
}

/// Nothing goes out before the pair is authorised, however far the stream is.
#[test]
fn nothing_before_authorisation() {
    let mut rig = Rig::new(config());
    rig.send(1);
    let dial = rig.open(true);
    assert!(dial.authorise);
    assert_eq!((rig.numbers(), rig.authorise.len()), (vec![], 0));
    // For another pair, and on another stream.
    rig.authorised(dial.link, "other.example");
    let elsewhere = rig.pool.accepted(rig.now, None).unwrap();
    rig.authorised(elsewhere, "here.example");
    assert_eq!(rig.numbers(), [0; 0]);
    rig.authorised(dial.link, "here.example");
    assert_eq!(rig.numbers(), [1]);
    // Nobody had asked for that.
    rig.send_from(2, "other.example");
    assert_eq!((rig.numbers(), rig.authorise.len()), (vec![1], 1));
}

/// A stanza on a stream that is ready costs no memory.
#[test]
fn a_warm_pair_allocates_nothing() {
    let mut rig = Rig::new(config());
    rig.ready();
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let mut send = |number| {
        rig.pool.send(rig.now, &here, &there, stanza(number));
        assert!(matches!(rig.pool.poll(rig.now), PoolOutput::Send { .. }));
        assert!(matches!(rig.pool.poll(rig.now), PoolOutput::Wait(_)));
    };
    send(1);
    let used = allocation_counter::measure(|| (2..100).for_each(&mut send));
    assert_eq!(used.count_total, 0);
}

/// XEP-0220 section 2.7.1: another of our domains on the same stream, if the other side tells
/// errors of dialback in dialback.
#[test]
fn sender_multiplexing() {
    for (multiplexing, errors, shares) in [
        (Multiplexing::WithErrors, true, true),
        (Multiplexing::WithErrors, false, false),
        (Multiplexing::Always, false, true),
        (Multiplexing::Never, true, false),
    ] {
        let mut config = config();
        config.multiplexing = multiplexing;
        let mut rig = Rig::new(config);
        rig.send(1);
        let dial = rig.open(errors);
        rig.authorised(dial.link, "here.example");
        rig.send_from(2, "rooms.here.example");
        assert_eq!(rig.authorise.len(), usize::from(shares), "{multiplexing:?}");
        assert_eq!(rig.srv.len(), if shares { 0 } else { 2 }, "{multiplexing:?}");
        if shares {
            assert_eq!(rig.authorise[0], (dial.link, "rooms.here.example".to_owned()));
            assert_eq!(rig.numbers(), [1]);
            rig.authorised(dial.link, "rooms.here.example");
            assert_eq!(rig.sent[1], (dial.link, 2));
        }
    }
}

/// What is refused on a stream of another domain of ours is tried on its own stream, and
/// does not disturb the other pair.
#[test]
fn refused_on_a_shared_stream() {
    let mut rig = Rig::new(config());
    let link = rig.ready();
    rig.send_from(1, "rooms.here.example");
    let rooms = crate::rig::domain("rooms.here.example");
    let there = rig.there.clone();
    rig.pool.refused(rig.now, link, &rooms, &there, Failure::PairRefused);
    rig.run();
    assert_eq!((rig.bounced.len(), rig.srv.len()), (0, 2));
    rig.send(2);
    assert_eq!(rig.sent, [(link, 2)]);
    let own = rig.open(true);
    assert_eq!(own.local, rooms);
    rig.pool.refused(rig.now, own.link, &rooms, &there, Failure::PairRefused);
    rig.run();
    assert_eq!(rig.authorise.len(), 1, "not asked again at once");
    rig.pass(secs(10));
    assert!(rig.closed.is_empty());
    // Asked once more on its own stream, then given up.
    let again = rig.authorise.pop_back().unwrap();
    assert_eq!(again, (own.link, "rooms.here.example".to_owned()));
    rig.pool.refused(rig.now, own.link, &rooms, &there, Failure::PairRefused);
    rig.run();
    assert_eq!(rig.bounced, [(1, Failure::PairRefused)]);
    rig.send(3);
    assert_eq!(rig.sent[1], (link, 3));
}

/// A pair whose verdict has not come when its stream makes room for another one has not been
/// refused: it is asked for on the next stream.
#[test]
fn a_stream_that_makes_room_refuses_nobody() {
    let mut config = config();
    config.multiplexing = Multiplexing::Never;
    config.links_per_remote = 1;
    config.rounds = 1;
    let mut rig = Rig::new(config);
    rig.send(1);
    let dial = rig.open(true);
    rig.send_from(2, "rooms.here.example");
    rig.pass(secs(10));
    assert_eq!(rig.closed, [dial.link]);
    rig.pool.closed(rig.now, dial.link, LinkEnd::Closed, Vec::new());
    let next = rig.open(true);
    assert_eq!((next.local.as_str(), next.authorise), ("here.example", true));
    rig.authorised(next.link, "here.example");
    assert_eq!((&rig.sent[..], &rig.bounced[..]), (&[(next.link, 1)][..], &[][..]));
}

/// A verdict that never comes.
#[test]
fn authorisation_has_an_end() {
    let mut rig = Rig::new(config());
    rig.send(1);
    rig.open(true);
    rig.pass(secs(100));
    assert_eq!(rig.bounced.len(), 1);
    assert_eq!(rig.pool.counters().stanzas, 0);
}

/// A stream that is never open.
#[test]
fn negotiation_has_an_end() {
    let mut rig = Rig::new(config());
    rig.send(1);
    let dial = rig.connect();
    rig.pass(secs(30));
    assert_eq!(rig.closed, [dial.link]);
    // What it says now is late.
    rig.pool.opened(rig.now, dial.link, Offers::with_dialback(true));
    rig.authorised(dial.link, "here.example");
    assert_eq!(rig.numbers(), [0; 0]);
    rig.pool.closed(rig.now, dial.link, LinkEnd::Closed, Vec::new());
    rig.run();
    assert_eq!(rig.pool.counters().links, 0);
}

/// Idle streams are closed, and then a stanza opens another.
#[test]
fn idle_streams_are_closed() {
    let mut rig = Rig::new(config());
    let link = rig.ready();
    rig.pass(secs(500));
    rig.pool.active(rig.now, link);
    rig.pass(secs(599));
    assert_eq!(rig.closed, []);
    rig.pass(secs(1));
    assert_eq!(rig.closed, [link]);
    rig.send(1);
    assert_eq!((rig.numbers(), rig.srv.len()), (vec![], 2));
    rig.pool.closed(rig.now, link, LinkEnd::Closed, Vec::new());
    let dial = rig.open(true);
    rig.authorised(dial.link, "here.example");
    assert_eq!(rig.sent, [(dial.link, 1)]);
}

/// XEP-0288: a stream that the peer opened, for exactly the pair that it has proved, and
/// only with bidi.
#[test]
fn streams_of_the_peer() {
    let mut rig = Rig::new(config());
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let plain = rig.pool.accepted(rig.now, None).unwrap();
    rig.pool.peer_authorised(rig.now, plain, &here, &there, false).unwrap();
    rig.send(1);
    assert_eq!((rig.numbers(), rig.srv.len()), (vec![], 2));

    let both = rig.pool.accepted(rig.now, None).unwrap();
    rig.pool.peer_authorised(rig.now, both, &here, &there, true).unwrap();
    rig.run();
    assert_eq!(rig.sent, [(both, 1)]);
    // The search had no transport yet, and is over.
    rig.answer_srv(Vec::new(), Vec::new());
    assert!(rig.addresses.is_empty() && rig.dials.is_empty());
    // Not for another pair.
    rig.send_from(2, "rooms.here.example");
    assert_eq!((rig.sent.len(), rig.srv.len()), (1, 2));
}

/// What is said to be proved on a stream of ours, where that means nothing, is forgotten
/// with it.
#[test]
fn nothing_is_left_of_a_stream() {
    let mut rig = Rig::new(config());
    let link = rig.ready();
    let (here, other) = (rig.here.clone(), crate::rig::domain("other.example"));
    rig.pool.peer_authorised(rig.now, link, &here, &other, true).unwrap();
    rig.send_between(1, &here, &other);
    assert!(rig.sent.is_empty(), "over a stream to another domain");
    rig.pool.closed(rig.now, link, LinkEnd::Closed, Vec::new());
    rig.pass(secs(10_000));
    assert_eq!(rig.bounced.len(), 1);
    assert_eq!(rig.pool.counters(), Default::default());
}

/// A pair that was refused on one of two streams does not go out on it once the other one is
/// gone; and what is said of another domain is not about this one.
#[test]
fn refused_where_it_does_not_go_out() {
    let mut rig = Rig::new(config());
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let link = rig.ready();
    let both = rig.pool.accepted(rig.now, None).unwrap();
    rig.pool.peer_authorised(rig.now, both, &here, &there, true).unwrap();
    rig.pool.refused(rig.now, both, &here, &there, Failure::PairRefused);
    rig.pool.closed(rig.now, link, LinkEnd::Closed, Vec::new());
    rig.send(1);
    assert!(rig.sent.is_empty());

    let mut rig = Rig::new(config());
    let link = rig.ready();
    rig.send_from(1, "rooms.here.example");
    let rooms = crate::rig::domain("rooms.here.example");
    let other = crate::rig::domain("other.example");
    rig.pool.refused(rig.now, link, &rooms, &other, Failure::PairRefused);
    rig.authorised(link, "rooms.here.example");
    assert_eq!(rig.sent, [(link, 1)]);
}

/// A stream of ours that is being negotiated is not given up for one of the peer's: the
/// peer may have chosen it.
#[test]
fn a_stream_that_is_being_negotiated_stays() {
    let mut rig = Rig::new(config());
    rig.send(1);
    let dial = rig.connect();
    let both = rig.pool.accepted(rig.now, None).unwrap();
    let (here, there) = (rig.here.clone(), rig.there.clone());
    rig.pool.peer_authorised(rig.now, both, &here, &there, true).unwrap();
    rig.run();
    assert_eq!(rig.sent, [(both, 1)]);
    assert_eq!(rig.closed, []);
    // Once it is there, the stream in use stays in use.
    rig.pool.opened(rig.now, dial.link, Offers::with_dialback(true));
    rig.authorised(dial.link, "here.example");
    rig.send(2);
    assert_eq!(rig.sent[1], (both, 2));
    // When that one ends, the other is there.
    rig.pool.closed(rig.now, both, LinkEnd::Closed, Vec::new());
    rig.send(3);
    rig.run();
    if let Some((link, local)) = rig.authorise.pop_front() {
        rig.authorised(link, &local);
    }
    assert_eq!(rig.sent[2], (dial.link, 3));
}

/// A pair of domains of which the stream ends before it was authorised.
#[test]
fn the_end_of_a_stream_that_was_to_authorise() {
    let mut rig = Rig::new(config());
    rig.send(1);
    for _ in 0..2 {
        let dial = rig.open(true);
        rig.pool.closed(rig.now, dial.link, LinkEnd::Lost, Vec::new());
        rig.pass(secs(10));
    }
    assert_eq!(rig.bounced, [(1, Failure::NotNegotiated)]);
}

/// Stanzas wait while a stream is full, and a flood does not go around the queue.
#[test]
fn a_stream_that_is_full() {
    let mut rig = Rig::new(config());
    let link = rig.ready();
    rig.pool.congested(rig.now, link, true);
    rig.send(1);
    rig.send(2);
    assert_eq!(rig.numbers(), [0; 0]);
    rig.pool.congested(rig.now, link, false);
    let (here, there) = (rig.here.clone(), rig.there.clone());
    rig.pool.send(rig.now, &here, &there, stanza(3));
    rig.run();
    assert_eq!(rig.numbers(), [1, 2, 3]);
}

/// A stream on which a pair is being authorised is in use, and one that nobody is asked on
/// is not.
#[test]
fn what_keeps_a_stream_from_being_idle() {
    let mut rig = Rig::new(config());
    let link = rig.ready();
    rig.pass(secs(590));
    rig.send_from(1, "rooms.here.example");
    assert_eq!(rig.authorise, [(link, "rooms.here.example".to_owned())]);
    rig.pass(secs(11));
    assert_eq!(rig.closed, []);
    rig.authorised(link, "rooms.here.example");
    assert_eq!(rig.sent, [(link, 1)]);

    // A key that came over it is to be asked about elsewhere.
    let mut rig = Rig::new(config());
    let link = rig.ready();
    rig.pass(secs(598));
    let (here, there) = (rig.here.clone(), rig.there.clone());
    rig.pool.verify(rig.now, link, &here, &there).unwrap();
    rig.pass(secs(1));
    assert_eq!(rig.closed, []);
    rig.pass(secs(1));
    assert_eq!((rig.closed, rig.pool.counters().verifications), (vec![link], 1));
}

/// 6120-3.3-02: what failed before a stream was stable does not count after it.
#[test]
fn a_stable_stream_makes_up_for_what_failed() {
    let mut rig = Rig::new(config());
    rig.send(7);
    let declined = || vec![Srv::new(0, 0, 0, ".")];
    rig.answer_srv(declined(), declined());
    assert_eq!(rig.bounced, [(7, Failure::NotOffered)]);
    rig.pass(config().backoff.first);
    assert_eq!(rig.pool.counters().remotes, 1, "it is remembered");
    let link = rig.ready();
    rig.pass(config().backoff.stable);
    rig.pool.closed(rig.now, link, LinkEnd::Closed, Vec::new());
    rig.run();
    assert_eq!(rig.pool.counters(), Default::default());
}
