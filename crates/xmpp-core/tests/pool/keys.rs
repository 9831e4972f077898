//! Questions about dialback keys: XEP-0220 section 2.1.2.

use xmpp_core::federation::{Failure, LinkEnd, LinkId, Offers, VerifyId};
use xmpp_core::session::discovery::Srv;

use crate::rig::{Rig, config, secs};

fn verify(rig: &mut Rig, came_over: LinkId) -> Result<VerifyId, Failure> {
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let verify = rig.pool.verify(rig.now, came_over, &here, &there);
    rig.run();
    verify
}

/// The authoritative server is found as any other, and the pair need not be authorised.
#[test]
fn a_stream_for_asking_alone() {
    let mut rig = Rig::new(config());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    let key = verify(&mut rig, came_over).unwrap();
    let dial = rig.open(true);
    assert!(!dial.authorise);
    assert_eq!(rig.verify, [(dial.link, key)]);
    rig.pool.verified(rig.now, key);
    rig.run();
    assert_eq!(rig.pool.counters().verifications, 0);
    // A stanza that comes now has its pair authorised on the same stream.
    rig.send(1);
    assert_eq!(rig.authorise[0], (dial.link, "here.example".to_owned()));
    rig.authorised(dial.link, "here.example");
    assert_eq!(rig.sent, [(dial.link, 1)]);
}

/// XEP-0288 section 2: not on the stream that the key came over, and never on one that the
/// peer has opened.
#[test]
fn not_on_the_stream_that_the_key_came_over() {
    let mut rig = Rig::new(config());
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    rig.pool.peer_authorised(rig.now, came_over, &here, &there, true).unwrap();
    verify(&mut rig, came_over).unwrap();
    assert_eq!((rig.verify.len(), rig.srv.len()), (0, 2));

    let mut rig = Rig::new(config());
    let ours = rig.ready();
    let key = verify(&mut rig, ours).unwrap();
    assert_eq!((rig.verify.len(), rig.srv.len()), (0, 2));
    let dial = rig.open(true);
    assert_eq!(rig.verify, [(dial.link, key)]);
}

/// Each way in which there is no answer.
#[test]
fn keys_that_cannot_be_asked_about() {
    let declined = || vec![Srv::new(0, 0, 0, ".")];
    let mut rig = Rig::new(config());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    let key = verify(&mut rig, came_over).unwrap();
    rig.answer_srv(declined(), declined());
    assert_eq!(rig.failed, [(key, Failure::NotOffered)]);

    // Never an answer.
    let mut rig = Rig::new(config());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    let key = verify(&mut rig, came_over).unwrap();
    rig.open(true);
    rig.pass(secs(30));
    assert_eq!(rig.failed, [(key, Failure::TimedOut)]);

    // The stream ends before it.
    let mut rig = Rig::new(config());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    let key = verify(&mut rig, came_over).unwrap();
    let dial = rig.open(true);
    rig.pool.closed(rig.now, dial.link, LinkEnd::Lost, Vec::new());
    rig.run();
    assert_eq!(rig.failed, [(key, Failure::Lost)]);

    // The other side knows no dialback.
    let mut rig = Rig::new(config());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    let key = verify(&mut rig, came_over).unwrap();
    let dial = rig.connect();
    rig.pool.opened(rig.now, dial.link, Offers::none());
    rig.run();
    assert_eq!(rig.failed, [(key, Failure::NotNegotiated)]);

    // Nobody is left to be told.
    let mut rig = Rig::new(config());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    verify(&mut rig, came_over).unwrap();
    rig.pool.closed(rig.now, came_over, LinkEnd::Lost, Vec::new());
    rig.run();
    assert_eq!(rig.failed, []);
    assert_eq!(rig.pool.counters().verifications, 0);
    assert_eq!(rig.pool.counters().searches, 0);
}

/// A flood of keys over one stream is that stream's: others go on, also for the domain that
/// the flood claims to be.
#[test]
fn a_flood_of_keys() {
    let mut rig = Rig::new(config());
    let attacker = rig.pool.accepted(rig.now, None).unwrap();
    let taken = (0..1000).filter(|_| verify(&mut rig, attacker).is_ok()).count();
    assert_eq!(taken, 8);
    let honest = rig.pool.accepted(rig.now, None).unwrap();
    let key = verify(&mut rig, honest).unwrap();
    // One search, whoever asks.
    assert_eq!((rig.srv.len(), rig.pool.counters().searches), (2, 1));
    let dial = rig.open(true);
    assert!(rig.verify.contains(&(dial.link, key)));
    assert_eq!(rig.verify.len(), 9);
}

/// A domain that cannot be reached is not dialled again for each key that claims to be its.
#[test]
fn keys_of_a_domain_that_is_not_there() {
    let mut rig = Rig::new(config());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    let mut rounds = 0;
    for _ in 0..600 {
        let _ = verify(&mut rig, came_over);
        if !rig.srv.is_empty() {
            rounds += 1;
            rig.answer_srv(Vec::new(), Vec::new());
            rig.answer_addresses(None);
        }
        rig.pass(core::time::Duration::from_millis(100));
    }
    assert!((2..=30).contains(&rounds), "{rounds} rounds in a minute");
}

/// A key is refused as long as the first wait of a domain lasts, and not at its end.
#[test]
fn a_key_is_tried_again_when_the_wait_is_over() {
    let mut config = config();
    config.backoff.least = config.backoff.first;
    let wait = config.backoff.first;
    let step = core::time::Duration::from_millis(1);
    let mut rig = Rig::new(config);
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    verify(&mut rig, came_over).unwrap();
    let declined = || vec![Srv::new(0, 0, 0, ".")];
    rig.answer_srv(declined(), declined());
    assert_eq!(rig.failed.len(), 1);
    for (passes, searches) in [(wait - step, 0), (step, 2)] {
        rig.pass(passes);
        let _ = verify(&mut rig, came_over);
        assert_eq!(rig.srv.len(), searches, "{passes:?}");
    }
}

/// What fails for one domain of ours need not fail for another one.
#[test]
fn a_key_for_another_domain_of_ours_is_tried_by_itself() {
    let mut rig = Rig::new(config());
    let came_over = rig.pool.accepted(rig.now, None).unwrap();
    let key = verify(&mut rig, came_over).unwrap();
    let (rooms, there) = (crate::rig::domain("rooms.here.example"), rig.there.clone());
    rig.pool.verify(rig.now, came_over, &rooms, &there).unwrap();
    let dial = rig.connect();
    assert_eq!(dial.local, rig.here);
    rig.pool.closed(rig.now, dial.link, LinkEnd::Failed(Failure::Untrusted), Vec::new());
    rig.run();
    assert_eq!(rig.failed, [(key, Failure::Untrusted)]);
    assert_eq!(rig.pool.counters().verifications, 1);
    assert_eq!(rig.connect().local, rooms);
}
