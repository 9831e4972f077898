//! What many addresses want at once is shared between them: whoever asks for much waits for
//! himself.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use xmpp_core::federation::{Failure, LinkId, Parcel as _, VerifyId};
use xmpp_core::session::discovery::Srv;
use xmpp_core::xml::Element;

use crate::rig::{Numbered, Rig, config, domain, secs, stanza};

fn address(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, last))
}

/// A stream from there, over which keys of that many domains come. Those that were taken.
fn claims(rig: &mut Rig, from: IpAddr, of: &str, count: usize) -> Vec<VerifyId> {
    let link = rig.pool.accepted(rig.now, Some(from)).unwrap();
    (0..count)
        .filter_map(|number| claim(rig, link, &format!("{of}{number}.example")).ok())
        .collect()
}

fn claim(rig: &mut Rig, link: LinkId, of: &str) -> Result<VerifyId, Failure> {
    let (here, there) = (rig.here.clone(), domain(of));
    let verify = rig.pool.verify(rig.now, link, &here, &there);
    rig.run();
    verify
}

/// With all places for keys taken, an address that has none gets one, at the expense of the
/// one that has the most; and that one gets none from others.
#[test]
fn keys_of_many_addresses() {
    let mut config = config();
    config.max_verifications = 8;
    let mut rig = Rig::new(config);
    let first = claims(&mut rig, address(1), "a", 5);
    let second = claims(&mut rig, address(2), "b", 8);
    // The second came to have four: until then it had fewer than the first, which is left
    // with as many.
    assert_eq!((first.len(), second.len()), (5, 4));
    assert_eq!(rig.failed, [(first[4], Failure::Full)]);
    rig.failed.clear();
    let honest = claims(&mut rig, address(3), "c", 1);
    assert_eq!(honest.len(), 1);
    assert_eq!(rig.failed.len(), 1);
    assert!(first.contains(&rig.failed[0].0) || second.contains(&rig.failed[0].0));
    assert_eq!(rig.pool.counters().verifications, 8);
    // Many streams of one address are one.
    for _ in 0..20 {
        claims(&mut rig, address(1), "d", 8);
    }
    assert!(!rig.failed.iter().any(|(key, _)| *key == honest[0]));
    // Of an IPv6 address the lower half is the peer's to choose.
    let v6 = |low| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, low));
    let taken: usize = (0..20).map(|low| claims(&mut rig, v6(low), "e", 8).len()).sum();
    assert!(taken <= 3, "{taken}");
}

/// Where a place is to be waited for, the next is a domain of an address for which the
/// fewest are being connected to, however many wait.
#[test]
fn the_line_is_shared() {
    let mut config = config();
    config.max_searches = 2;
    let mut rig = Rig::new(config);
    for _ in 0..5 {
        claims(&mut rig, address(1), "silent", 8);
    }
    claims(&mut rig, address(1), "more", 8);
    assert_eq!(rig.pool.counters().searches, 2);
    rig.srv.clear();
    claims(&mut rig, address(2), "honest", 1);
    rig.send(1);
    assert!(rig.srv.is_empty());
    // Those that never answer are given up as soon as somebody waits, after five seconds.
    rig.pass(secs(4));
    assert!(rig.srv.is_empty());
    rig.pass(secs(1));
    let asked = |rig: &Rig, of: &str| rig.srv.iter().any(|query| query.name().contains(of));
    assert!(asked(&rig, "honest0.example"));
    assert!(asked(&rig, "there.example"));
    assert!(!asked(&rig, "silent") && !asked(&rig, "more"));
}

/// A domain that waits on behalf of somebody who wants much does not do so on behalf of
/// others: who claims their domains first takes nothing from them.
#[test]
fn a_domain_that_somebody_else_has_claimed() {
    let mut config = config();
    config.max_searches = 2;
    let mut rig = Rig::new(config);
    claims(&mut rig, address(1), "silent", 8);
    claims(&mut rig, address(1), "honest", 8);
    rig.srv.clear();
    claims(&mut rig, address(2), "honest", 1);
    rig.pass(secs(5));
    assert!(rig.srv.iter().any(|query| query.name().contains("honest0.example")));
}

/// A user of ours sends something to that domain.
fn send(rig: &mut Rig, sender: &'static str, to: &str) {
    let here = rig.here.clone();
    let stanza = Numbered { sender, ..stanza(0) };
    rig.pool.send(rig.now, &here, &domain(to), stanza);
    rig.run();
}

const TYBALT: &str = "tybalt@here.example";
const JULIET: &str = "juliet@here.example";

/// A user of ours who sends to many domains that do not answer waits for himself, not the
/// others for him.
#[test]
fn users_share_the_line() {
    let mut config = config();
    config.max_searches = 2;
    let mut rig = Rig::new(config);
    (0..40).for_each(|number| send(&mut rig, TYBALT, &format!("silent{number}.example")));
    assert_eq!(rig.pool.counters().searches, 2);
    rig.srv.clear();
    send(&mut rig, JULIET, "there.example");
    rig.pass(secs(5));
    assert!(rig.srv.iter().any(|query| query.name().contains("there.example")));
}

/// Nor does it help him to send to a domain that another will want before she does.
#[test]
fn a_domain_that_another_user_wants_as_well() {
    for before in [0, 2] {
        let mut config = config();
        config.max_searches = 2;
        let mut rig = Rig::new(config);
        claims(&mut rig, address(1), "slow", 2 - before);
        (0..before).for_each(|n| send(&mut rig, TYBALT, &format!("slow{n}.example")));
        (0..40).for_each(|number| send(&mut rig, TYBALT, &format!("silent{number}.example")));
        send(&mut rig, TYBALT, "there.example");
        rig.srv.clear();
        send(&mut rig, JULIET, "there.example");
        rig.pass(secs(5));
        let asked = |of: &str| rig.srv.iter().any(|query| query.name().contains(of));
        assert!(asked("there.example"), "{before}");
    }
}

/// A place that was given back counts no more: who has had many has as good a turn as
/// anybody, and a better one than who has a place now.
#[test]
fn a_place_that_was_given_back_does_not_count() {
    let mut config = config();
    config.max_searches = 2;
    let mut rig = Rig::new(config);
    for number in 0..4 {
        claims(&mut rig, address(1), &format!("gone{number}-"), 1);
        let nowhere = || vec![Srv::new(0, 0, 0, ".")];
        rig.answer_srv(nowhere(), nowhere());
    }
    assert_eq!((rig.failed.len(), rig.pool.counters().searches), (4, 0));
    claims(&mut rig, address(3), "silent", 1);
    rig.pass(secs(1));
    claims(&mut rig, address(2), "slow", 1);
    rig.srv.clear();
    claims(&mut rig, address(2), "second", 1);
    claims(&mut rig, address(1), "first", 1);
    // The one that never answers makes room for one of those that wait.
    rig.pass(secs(4));
    let asked: Vec<&str> = rig.srv.iter().map(|query| query.name()).collect();
    assert!(asked.iter().all(|name| name.contains("first0.example")), "{asked:?}");
    assert_eq!(asked.len(), 2);
}

/// On whose behalf a stanza waits: of the account that it is from, whichever of its clients
/// sends it.
#[test]
fn the_sender_of_a_stanza() {
    for (attributes, sender) in [
        ("from='juliet@here.example/balcony' to='a@there.example'", Some(JULIET)),
        ("from='Juliet@here.example'", Some(JULIET)),
        ("from='rooms.here.example'", Some("rooms.here.example")),
        ("to='a@there.example'", None),
        ("from='@'", None),
    ] {
        for name in ["message", "presence", "iq"] {
            let xml = format!("<{name} xmlns='jabber:server' {attributes}/>");
            let found = Element::parse(&*xml).unwrap().sender();
            assert_eq!(found.as_ref().map(|jid| jid.as_str()), sender, "{xml}");
        }
    }
}

/// Where nobody waits, there is as much time as ever.
#[test]
fn nobody_is_hurried_where_nobody_waits() {
    let mut config = config();
    config.max_searches = 1;
    let mut rig = Rig::new(config);
    let keys = claims(&mut rig, address(1), "slow", 1);
    rig.connect();
    rig.pass(secs(20));
    assert_eq!((keys.len(), rig.failed.len(), rig.closed.len()), (1, 0, 0));
}

/// Also a stream that is being negotiated gives way, and its keys are not asked about.
#[test]
fn a_stream_that_does_not_come_to_be_gives_way() {
    let mut config = config();
    config.max_searches = 1;
    let mut rig = Rig::new(config);
    let keys = claims(&mut rig, address(1), "slow", 1);
    let dial = rig.connect();
    claims(&mut rig, address(2), "honest", 1);
    rig.pass(secs(5));
    assert_eq!(rig.closed, [dial.link]);
    assert_eq!(rig.failed, [(keys[0], Failure::TimedOut)]);
    assert!(rig.srv.iter().any(|query| query.name().contains("honest0.example")));
}
