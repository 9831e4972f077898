//! Whose turn it is, what goes on meanwhile, and what has no use any more.

use xmpp_core::federation::{Offers, Pool, PoolConfig};
use xmpp_core::xml::Element;

use crate::rig::{Numbered, Rig, config, domain, secs, stanza};

/// More than goes out before others have their turn.
#[test]
fn a_long_queue_goes_out_whole_and_in_order() {
    let mut rig = Rig::new(config());
    (1..=40).for_each(|number| rig.send(number));
    assert_eq!(rig.numbers(), [0; 0]);
    let dial = rig.open(true);
    rig.authorised(dial.link, "here.example");
    assert_eq!(rig.numbers(), (1..=40).collect::<Vec<_>>());
    assert_eq!(rig.pool.counters().stanzas, 0);
}

/// The stream is for the pair that has waited the longest.
#[test]
fn who_has_waited_longest_gets_the_stream() {
    for (first, second) in [("a.example", "b.example"), ("b.example", "a.example")] {
        let mut rig = Rig::new(config());
        let there = rig.there.clone();
        rig.pool.send(rig.now, &domain(first), &there, stanza(1));
        rig.now = rig.now.saturating_add(secs(1));
        rig.pool.send(rig.now, &domain(second), &there, stanza(2));
        assert_eq!(rig.dial().local, domain(first));
    }
}

/// The domains that are asked about, in order.
fn asked(rig: &mut Rig) -> Vec<String> {
    let names = rig.srv.drain(..).filter(|query| query.name().starts_with("_xmpp-server."));
    names.map(|query| query.name().rsplit_once("_tcp.").unwrap().1.to_owned()).collect()
}

/// A pool that connects to one domain at a time, which is there.example.
fn one_at_a_time() -> Rig {
    let mut config = config();
    config.max_searches = 1;
    let mut rig = Rig::new(config);
    rig.send(0);
    rig
}

/// Who wants more of what is waited for keeps the place in the line.
#[test]
fn a_place_in_the_line_is_kept() {
    let mut rig = one_at_a_time();
    let here = rig.here.clone();
    let dial = rig.connect();
    for (number, remote) in [(1, "one.example"), (2, "two.example"), (3, "one.example")] {
        rig.send_between(number, &here, &domain(remote));
    }
    assert_eq!(rig.srv.len(), 0);
    rig.pool.opened(rig.now, dial.link, Offers::with_dialback(true));
    rig.run();
    assert_eq!(asked(&mut rig), ["one.example."]);
}

/// A place that becomes free is for who waits, not for who comes just then.
#[test]
fn nobody_comes_before_the_line() {
    let mut rig = one_at_a_time();
    let here = rig.here.clone();
    let dial = rig.connect();
    rig.send_between(1, &here, &domain("one.example"));
    rig.pool.opened(rig.now, dial.link, Offers::with_dialback(true));
    rig.pool.send(rig.now, &here, &domain("two.example"), stanza(2));
    rig.run();
    assert_eq!(asked(&mut rig), ["one.example."]);
}

/// What is being negotiated is decided, though nobody wants it any more.
#[test]
fn a_stream_that_is_being_negotiated_keeps_its_place() {
    let mut rig = Rig::new(config());
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    let key = rig.pool.verify(rig.now, came_over, &here, &there).unwrap();
    let dial = rig.connect();
    rig.pool.verified(rig.now, key);
    rig.run();
    assert_eq!((rig.pool.counters().searches, rig.pool.counters().links), (1, 1));
    rig.pool.opened(rig.now, dial.link, Offers::with_dialback(true));
    rig.run();
    assert_eq!((rig.pool.counters().searches, rig.pool.counters().links), (0, 1));
}

/// Of what is of no interest any more nothing is told; of the rest it is.
#[test]
fn a_failure_that_nobody_waits_for() {
    let mut rig = Rig::new(config());
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    let keys = [0; 3].map(|_| rig.pool.verify(rig.now, came_over, &here, &there).unwrap());
    rig.pool.shut_down(rig.now);
    rig.pool.verified(rig.now, keys[1]);
    rig.run();
    let failed: Vec<_> = rig.failed.iter().map(|(verify, _)| *verify).collect();
    assert_eq!(failed, [keys[0], keys[2]]);
}

/// Nothing passes over a stream while a pair is being authorised on it or a key asked
/// about; it is in use all the same.
#[test]
fn a_stream_that_waits_for_an_answer_is_not_idle() {
    let mut config = config();
    config.idle = secs(5);
    let mut rig = Rig::new(config.clone());
    rig.send(1);
    let dial = rig.open(true);
    rig.pass(secs(8));
    assert_eq!(rig.closed, []);
    rig.authorised(dial.link, "here.example");
    assert_eq!(rig.numbers(), [1]);
    // Then it is.
    rig.pass(secs(8));
    assert_eq!(rig.closed, [dial.link]);

    let mut rig = Rig::new(config);
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    let key = rig.pool.verify(rig.now, came_over, &here, &there).unwrap();
    let dial = rig.open(true);
    rig.pass(secs(8));
    assert_eq!(rig.closed, []);
    rig.pool.verified(rig.now, key);
    rig.pass(secs(8));
    assert_eq!(rig.closed, [dial.link]);
}

/// A key waits for the next try, and for no longer.
#[test]
fn a_key_has_its_own_try() {
    let mut rig = Rig::new(config());
    let link = rig.ready();
    rig.pool.closed(rig.now, link, xmpp_core::federation::LinkEnd::Lost, Vec::new());
    rig.run();
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    rig.pool.verify(rig.now, came_over, &here, &there).unwrap();
    rig.run();
    assert_eq!(rig.srv.len(), 0, "not at once");
    let tried = (0..25).any(|_| {
        rig.pass(secs(1));
        !rig.srv.is_empty()
    });
    assert!(tried && rig.failed.is_empty(), "{:?}", rig.failed);
}

/// Who has much being asked about makes room for who has nothing, also after some of it
/// was answered.
#[test]
fn the_share_of_an_address_is_counted_down() {
    let mut config = config();
    config.max_verifications = 4;
    let mut rig = Rig::new(config);
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let stream = |last: u8, rig: &mut Rig| {
        rig.pool.accepted(rig.now, Some([192, 0, 2, last].into())).unwrap()
    };
    let greedy = stream(1, &mut rig);
    let others = [stream(2, &mut rig), stream(3, &mut rig)];
    let ask = |rig: &mut Rig, link| rig.pool.verify(rig.now, link, &here, &there);
    let keys = [0; 4].map(|_| ask(&mut rig, greedy).unwrap());
    rig.pool.verified(rig.now, keys[0]);
    ask(&mut rig, others[0]).unwrap();
    ask(&mut rig, others[1]).unwrap();
    rig.run();
    assert_eq!(rig.failed.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [keys[3]]);
    assert_eq!(rig.pool.counters().verifications, 4);
}

/// What is told of a pool in a log.
#[test]
fn a_pool_in_words() {
    let mut pool = Pool::<Element>::new(PoolConfig::default(), [1; 32]);
    assert!(format!("{pool:?}").contains("remotes: 0"));
    let link = pool.accepted(xmpp_core::time::Instant::default(), None).unwrap();
    assert!(link.to_string().parse::<u64>().is_ok(), "{link}");
}

/// A stream for which more waits than goes out at once is not idle, however late the driver
/// comes to look.
#[test]
fn a_stream_that_has_more_to_send_is_not_idle() {
    let mut config = config();
    config.idle = secs(5);
    let mut rig = Rig::new(config);
    rig.ready();
    let (here, there) = (rig.here.clone(), rig.there.clone());
    for number in 1..=400 {
        rig.pool.send(rig.now, &here, &there, stanza(number));
    }
    assert!(rig.pool.counters().stanzas > 0, "some of it waits");
    rig.now = rig.now.saturating_add(secs(6));
    rig.run();
    assert_eq!(rig.closed, []);
    assert_eq!(rig.numbers(), (1..=400).collect::<Vec<_>>());
}

/// Of two who want as much, the first keeps the place that is waited for on their behalf.
#[test]
fn who_came_first_counts_among_equals() {
    let mut rig = one_at_a_time();
    let dial = rig.connect();
    let here = rig.here.clone();
    let from = |sender, number| Numbered { sender, ..stanza(number) };
    let mut send = |sender, number, remote: &str| {
        rig.pool.send(rig.now, &here, &domain(remote), from(sender, number));
        rig.run();
    };
    // Each wants one thing; then one.example is wanted by the other as well.
    send("nurse@here.example", 1, "one.example");
    send("romeo@here.example", 2, "two.example");
    send("romeo@here.example", 3, "one.example");
    rig.pool.opened(rig.now, dial.link, Offers::with_dialback(true));
    rig.run();
    assert_eq!(asked(&mut rig), ["one.example."]);
}
