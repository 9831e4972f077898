//! What is bounded, and that others do not suffer.

use xmpp_core::federation::{Failure, LinkEnd};
use xmpp_core::session::discovery::Srv;

use crate::rig::{Rig, config, domain, queue_limits, secs};

/// A queue that is full says so to the sender, and other domains have theirs.
#[test]
fn queues_are_bounded() {
    for queue in [queue_limits(10, usize::MAX), queue_limits(99, 1700)] {
        let mut config = config();
        config.queue = queue;
        let mut rig = Rig::new(config);
        for number in 0..20 {
            rig.send(number);
        }
        assert_eq!(rig.bounced.first(), Some(&(10, Failure::Full)));
        assert_eq!((rig.bounced.len(), rig.pool.counters().stanzas), (10, 10));
        rig.there = domain("elsewhere.example");
        rig.send(20);
        assert_eq!((rig.bounced.len(), rig.pool.counters().stanzas), (10, 11));
    }
}

/// All of them together are bounded, too.
#[test]
fn all_queues_are_bounded() {
    let mut config = config();
    config.total_queue = queue_limits(25, usize::MAX);
    let mut rig = Rig::new(config);
    for number in 0..100 {
        rig.there = domain(&format!("n{number}.example"));
        rig.send(number);
    }
    assert_eq!(rig.pool.counters().stanzas, 25);
    assert_eq!(rig.bounced.len(), 75);
}

/// Domains that never answer take their places, for a time. The others have theirs, and
/// those that find no place get it in turn.
#[test]
fn domains_that_never_answer() {
    let mut config = config();
    config.max_searches = 4;
    let mut rig = Rig::new(config);
    for number in 0..3 {
        rig.there = domain(&format!("silent{number}.example"));
        rig.send(number);
    }
    rig.srv.clear();
    // There is a place: nothing is different.
    rig.there = domain("good.example");
    rig.send(10);
    let dial = rig.open(true);
    rig.authorised(dial.link, "here.example");
    assert_eq!(rig.numbers(), [10]);
    // There is none: it is waited for, and no longer than it takes to give one up.
    for number in 20..23 {
        rig.there = domain(&format!("silent{number}.example"));
        rig.send(number);
    }
    rig.srv.clear();
    rig.there = domain("better.example");
    rig.send(11);
    assert_eq!((rig.srv.len(), rig.pool.counters().searches), (0, 4));
    let mut waited = 0;
    while !rig.srv.iter().any(|query| query.name().contains("better")) {
        rig.pass(secs(1));
        waited += 1;
        assert!(waited < 60);
    }
    rig.srv.retain(|query| query.name().contains("better"));
    rig.addresses.clear();
    let dial = rig.open(true);
    rig.authorised(dial.link, "here.example");
    assert_eq!(rig.numbers(), [10, 11]);
    // Meanwhile the good one has been served all the time.
    rig.there = domain("good.example");
    rig.send(12);
    assert_eq!(rig.numbers(), [10, 11, 12]);
}

/// Streams are bounded, and the one that is used least makes room.
#[test]
fn streams_are_bounded() {
    let mut config = config();
    config.max_links = 3;
    let mut rig = Rig::new(config);
    let mut links = Vec::new();
    for number in 0..2 {
        rig.there = domain(&format!("n{number}.example"));
        rig.send(number);
        let dial = rig.open(true);
        rig.authorised(dial.link, "here.example");
        links.push(dial.link);
        rig.pass(secs(20));
    }
    // While being connected to, a domain counts twice.
    rig.there = domain("n2.example");
    rig.send(2);
    let dial = rig.open(true);
    rig.authorised(dial.link, "here.example");
    assert_eq!(rig.pool.counters().links, 3);
    rig.there = domain("n3.example");
    rig.send(3);
    assert_eq!((rig.closed.clone(), rig.srv.len()), (vec![links[0]], 0));
    rig.pool.closed(rig.now, links[0], LinkEnd::Closed, Vec::new());
    rig.run();
    assert_eq!(rig.srv.len(), 2);
}

/// So are those to one domain,
#[test]
fn streams_to_one_domain_are_bounded() {
    let mut rig = Rig::new(config());
    for number in 0..10 {
        rig.send_from(number, &format!("n{number}.here.example"));
        rig.run();
        if !rig.srv.is_empty() {
            let dial = rig.open(false);
            rig.authorised(dial.link, &format!("n{number}.here.example"));
        }
    }
    assert_eq!(rig.pool.counters().links, 4);
    assert_eq!(rig.numbers(), [0, 1, 2, 3]);
    // They get their turn once the others are not in use, whether anything else happens
    // then or not.
    let unused_at = rig.now.saturating_add(secs(10));
    assert!(rig.run().is_some_and(|at| at <= unused_at));
    rig.pass(secs(10));
    assert_eq!(rig.closed.len(), 1);
    // One after the other.
    let first = rig.closed[0];
    rig.pool.closed(rig.now, first, LinkEnd::Closed, Vec::new());
    let dial = rig.open(false);
    rig.authorised(dial.link, "n4.here.example");
    assert_eq!((rig.numbers(), rig.closed.len()), (vec![0, 1, 2, 3, 4], 2));
}

/// Whoever waits until a stream makes room gets the first that is without use, whether
/// anything else happens then or not; and so does the next one in the line.
#[test]
fn room_is_made_as_soon_as_there_is_some() {
    let mut config = config();
    config.max_links = 3;
    let mut rig = Rig::new(config);
    let mut links = Vec::new();
    for (number, wait) in [(0, 1), (1, 1), (2, 0)] {
        rig.there = domain(&format!("n{number}.example"));
        rig.send(number);
        let dial = rig.open(true);
        rig.authorised(dial.link, "here.example");
        links.push(dial.link);
        rig.pass(secs(wait));
    }
    for number in 3..5 {
        rig.there = domain(&format!("n{number}.example"));
        rig.send(number);
    }
    assert_eq!((rig.closed.len(), rig.srv.len()), (0, 0));
    // The second one is in use again, and the third is full.
    rig.pool.active(rig.now, links[1]);
    rig.pool.congested(rig.now, links[2], true);
    rig.pass(secs(7));
    assert_eq!(rig.closed.len(), 0);
    rig.pass(secs(1));
    assert_eq!(rig.closed, [links[0]]);
    rig.pool.closed(rig.now, links[0], LinkEnd::Closed, Vec::new());
    rig.there = domain("n3.example");
    rig.open(true);
    // It has taken no more for long enough.
    rig.pass(secs(1));
    assert_eq!(rig.closed, [links[0]]);
    rig.pool.congested(rig.now, links[2], false);
    rig.pass(secs(1));
    assert_eq!(rig.closed[1..].len(), 1);
    assert!(links[1..].contains(&rig.closed[1]));
}

/// One stream carries so many pairs, also if it is asked for several at once.
#[test]
fn pairs_of_a_stream_are_bounded() {
    let mut config = config();
    config.pairs_per_link = 3;
    let mut rig = Rig::new(config);
    let link = rig.ready();
    for number in 1..6 {
        rig.send_from(number, &format!("n{number}.here.example"));
    }
    let asked: Vec<String> = rig.authorise.drain(..).map(|(_, local)| local).collect();
    assert_eq!(asked, ["n1.here.example", "n2.here.example"]);
    asked.iter().for_each(|local| rig.authorised(link, local));
    assert_eq!(rig.sent, [(link, 1), (link, 2)]);
    // The others get a stream of their own.
    assert_eq!((rig.authorise.len(), rig.srv.len()), (0, 2));
}

/// and those that peers open: of all, and of one domain that has proved to be itself.
#[test]
fn streams_of_peers_are_bounded() {
    let mut config = config();
    config.max_incoming = 20;
    let mut rig = Rig::new(config);
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let links: Vec<_> = (0..30).map_while(|_| rig.pool.accepted(rig.now, None).ok()).collect();
    assert_eq!(links.len(), 20);
    let proved = |rig: &mut Rig, at: usize| {
        rig.pool.peer_authorised(rig.now, links[at], &here, &there, false)
    };
    let taken = (0..20).filter(|at| proved(&mut rig, *at).is_ok()).count();
    assert_eq!(taken, 8);
    // Another domain is not disturbed, and a place that is free again can be taken.
    let other = domain("other.example");
    rig.pool.peer_authorised(rig.now, links[19], &here, &other, false).unwrap();
    rig.pool.closed(rig.now, links[0], LinkEnd::Lost, Vec::new());
    assert_eq!(rig.pool.peer_authorised(rig.now, links[9], &here, &there, false), Ok(()));
}

/// While something waits for each of the domains that may be known, there is no place for
/// another, and those that are known have theirs.
#[test]
fn a_domain_too_many_is_refused() {
    let mut config = config();
    config.max_remotes = 2;
    let mut rig = Rig::new(config);
    for (number, there) in [(0, "a.example"), (1, "b.example"), (2, "c.example"), (3, "b.example")]
    {
        rig.there = domain(there);
        rig.send(number);
    }
    assert_eq!(rig.bounced, [(2, Failure::Full)]);
    assert_eq!((rig.pool.counters().remotes, rig.pool.counters().stanzas), (2, 3));
}

/// What is remembered of domains is bounded, and goes.
#[test]
fn domains_that_are_remembered_are_bounded() {
    let mut config = config();
    config.max_remotes = 50;
    let mut rig = Rig::new(config);
    for number in 0..500 {
        rig.there = domain(&format!("n{number}.example"));
        rig.send(number);
        for _ in 0..2 {
            rig.answer_srv(Vec::new(), Vec::new());
            rig.answer_addresses(None);
            rig.pass(secs(6));
        }
        assert!(rig.pool.counters().remotes <= 50);
    }
    assert_eq!(rig.bounced.len(), 500);
    assert!(rig.bounced.iter().all(|(_, failure)| *failure == Failure::NotFound));
    rig.pass(secs(3600));
    assert_eq!(rig.pool.counters(), Default::default());
}

/// One that is only remembered makes room for another.
#[test]
fn a_new_domain_takes_the_place_of_one_that_is_only_remembered() {
    let mut config = config();
    config.max_remotes = 2;
    let mut rig = Rig::new(config);
    let declined = || vec![Srv::new(0, 0, 0, ".")];
    for number in 0..2 {
        rig.there = domain(&format!("n{number}.example"));
        rig.send(number);
        rig.answer_srv(declined(), declined());
    }
    assert_eq!((rig.bounced.len(), rig.pool.counters().remotes), (2, 2));
    rig.there = domain("n2.example");
    rig.send(2);
    assert_eq!((rig.bounced.len(), rig.srv.len()), (2, 2));
    assert_eq!(rig.pool.counters().remotes, 2);
    // One that is being looked for does not.
    rig.there = domain("n3.example");
    rig.send(3);
    rig.there = domain("n4.example");
    rig.send(4);
    assert_eq!(rig.bounced[2..], [(4, Failure::Full)]);
}

/// A stream that is being negotiated, and may be for longer, makes no room.
#[test]
fn room_is_made_by_streams_that_are_open() {
    let mut config = config();
    config.max_links = 3;
    config.search_while_others_wait = secs(60);
    let mut rig = Rig::new(config);
    rig.there = domain("n0.example");
    rig.send(0);
    rig.connect();
    rig.there = domain("n1.example");
    rig.send(1);
    let open = rig.open(true).link;
    rig.authorised(open, "here.example");
    rig.pass(secs(11));
    rig.there = domain("n2.example");
    rig.send(2);
    assert_eq!(rig.closed, [open]);
}

/// One stream makes room for one; the next only when that one is gone.
#[test]
fn room_is_made_one_stream_at_a_time() {
    let mut config = config();
    config.max_links = 2;
    let mut rig = Rig::new(config);
    for number in 0..2 {
        rig.there = domain(&format!("n{number}.example"));
        rig.send(number);
        let dial = rig.open(true);
        rig.authorised(dial.link, "here.example");
    }
    rig.pass(secs(11));
    assert_eq!(rig.closed, [], "nobody waits");
    for number in 2..4 {
        rig.there = domain(&format!("n{number}.example"));
        rig.send(number);
    }
    rig.pass(secs(30));
    assert_eq!(rig.closed.len(), 1);
    rig.pool.closed(rig.now, rig.closed[0], LinkEnd::Closed, Vec::new());
    rig.run();
    assert_eq!(rig.pool.counters().searches, 1);
}
