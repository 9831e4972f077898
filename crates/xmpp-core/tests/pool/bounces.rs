//! What comes back, when, and how.

use xmpp_core::federation::{DomainPolicy, Failure, LinkEnd, Parcel, Undelivered};
use xmpp_core::session::discovery::Srv;
use xmpp_core::stanza::{ErrorType, StanzaCondition, StanzaRef};
use xmpp_core::xml::Element;

use crate::rig::{Numbered, Rig, config, domain, secs, stanza};

/// 6120-10.4.3-02, 6120-8.3.3.16-01: a domain that cannot be resolved.
#[test]
fn a_domain_that_is_not_found() {
    let mut rig = Rig::new(config());
    rig.send(1);
    for _ in 0..2 {
        rig.answer_srv(Vec::new(), Vec::new());
        rig.answer_addresses(None);
        rig.pass(secs(10));
    }
    assert_eq!(rig.bounced, [(1, Failure::NotFound)]);
    assert_eq!(Failure::NotFound.condition(), StanzaCondition::RemoteServerNotFound);
    assert_eq!(Failure::NotOffered.error().error_type, ErrorType::Cancel);
}

/// 6120-10.4.3-03, 6120-8.3.3.17-01: one that can, but nobody is there. Two rounds are made,
/// then it counts as unreachable for a time, which is short.
#[test]
fn a_domain_that_cannot_be_reached() {
    let mut rig = Rig::new(config());
    rig.send(1);
    for round in 0..2 {
        assert_eq!(rig.bounced, [], "{round}");
        let dial = rig.dial();
        rig.pool.connect_failed(dial.link, "refused");
        if round == 0 {
            rig.pass(secs(5));
        }
    }
    rig.run();
    assert_eq!(rig.bounced, [(1, Failure::Unreachable)]);
    assert_eq!(Failure::Unreachable.condition(), StanzaCondition::RemoteServerTimeout);
    assert_eq!(Failure::Unreachable.error().error_type, ErrorType::Wait);

    // Remembered, ...
    rig.send(2);
    assert_eq!(rig.bounced[1], (2, Failure::Unreachable));
    assert!(rig.srv.is_empty());
    // ... but not for long.
    rig.pass(secs(10));
    rig.send(3);
    assert_eq!(rig.srv.len(), 2);
}

/// 6120-3.3-02: with each failure the domain is left alone for longer, on the whole.
#[test]
fn waits_grow() {
    let mut rig = Rig::new(config());
    let mut waits = Vec::new();
    for number in 0..16 {
        let begun = rig.now;
        loop {
            rig.send(number);
            if !rig.srv.is_empty() {
                break;
            }
            rig.pass(secs(1));
        }
        waits.push(rig.now.saturating_since(begun));
        for _ in 0..2 {
            while rig.srv.is_empty() {
                rig.pass(secs(1));
                if rig.bounced.iter().any(|(other, _)| *other == number) {
                    break;
                }
            }
            rig.answer_srv(Vec::new(), Vec::new());
            rig.answer_addresses(None);
        }
    }
    let (early, late) = waits.split_at(8);
    let sum = |waits: &[core::time::Duration]| waits.iter().sum::<core::time::Duration>();
    assert!(sum(late) > sum(early) * 2, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= secs(301)), "{waits:?}");
}

/// RFC 6120 section 8.3.3.17: where the same will happen the next time, the type is
/// `cancel`.
#[test]
fn a_server_that_cannot_be_trusted() {
    let mut rig = Rig::new(config());
    rig.send(1);
    for _ in 0..2 {
        let dial = rig.connect();
        let end = LinkEnd::Failed(Failure::Untrusted);
        rig.pool.closed(rig.now, dial.link, end, Vec::new());
        rig.pass(secs(10));
    }
    assert_eq!(rig.bounced, [(1, Failure::Untrusted)]);
    let error = Failure::Untrusted.error();
    assert_eq!(error.condition, StanzaCondition::RemoteServerTimeout);
    assert_eq!(error.error_type, ErrorType::Cancel);
}

/// A stanza waits for a minute at most, whatever is being tried.
#[test]
fn waiting_has_an_end() {
    let mut rig = Rig::new(config());
    rig.send(1);
    rig.pass(secs(30));
    rig.send(2);
    rig.pass(secs(30));
    assert_eq!(rig.bounced.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(rig.pool.counters().stanzas, 0);
}

/// What stands still on a stream that takes no more does not wait for ever, either.
#[test]
fn a_stream_that_takes_nothing() {
    let mut rig = Rig::new(config());
    let link = rig.ready();
    rig.pool.congested(rig.now, link, true);
    rig.send(1);
    rig.pass(secs(59));
    assert_eq!((rig.numbers(), rig.bounced.len()), (vec![], 0));
    rig.send(2);
    rig.pass(secs(1));
    assert_eq!(rig.bounced, [(1, Failure::TimedOut)]);
    rig.pool.congested(rig.now, link, false);
    rig.run();
    assert_eq!(rig.numbers(), [2]);
}

/// Section 8.3.3.10: "sending to entities at a blacklisted domain".
#[test]
fn domains_that_one_does_not_speak_with() {
    let there = [domain("there.example")];
    for policy in
        [DomainPolicy::AllBut(there.into()), DomainPolicy::Only([domain("other.example")].into())]
    {
        let mut config = config();
        config.domains = policy;
        let mut rig = Rig::new(config);
        rig.send(1);
        assert_eq!(rig.bounced, [(1, Failure::NotAllowed)]);
        assert_eq!(Failure::NotAllowed.condition(), StanzaCondition::NotAllowed);
        assert!(rig.srv.is_empty());
        let link = rig.pool.accepted(rig.now, None).unwrap();
        let (here, there) = (rig.here.clone(), rig.there.clone());
        let proved = rig.pool.peer_authorised(rig.now, link, &here, &there, true);
        assert_eq!(proved, Err(Failure::NotAllowed));
        assert_eq!(rig.pool.verify(rig.now, link, &here, &there), Err(Failure::NotAllowed));
    }
}

/// 6120-8.3.1-11, 6120-8.2.3-06: errors and results are dropped in silence.
#[test]
fn what_may_not_be_bounced_is_dropped() {
    let mut rig = Rig::new(config());
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let answer = Numbered { size: 1, answerable: false, ..stanza(9) };
    rig.pool.send(rig.now, &here, &there, answer);
    rig.answer_srv(vec![Srv::new(0, 0, 0, ".")], vec![Srv::new(0, 0, 0, ".")]);
    assert_eq!((rig.bounced.len(), rig.pool.counters().dropped), (0, 1));

    for (xml, answerable) in [
        ("<message xmlns='jabber:server' from='a@b' to='c@d'/>", true),
        ("<message xmlns='jabber:server' from='a@b' to='c@d' type='error'/>", false),
        ("<presence xmlns='jabber:server' from='a@b' to='c@d' type='error'/>", false),
        ("<iq xmlns='jabber:server' from='a@b' to='c@d' type='set' id='1'/>", true),
        ("<iq xmlns='jabber:server' from='a@b' to='c@d' type='result' id='1'/>", false),
        ("<other xmlns='jabber:server'/>", false),
    ] {
        let element = Element::parse(xml).unwrap();
        assert_eq!(element.may_be_bounced(), answerable, "{xml}");
        assert_eq!(element.bytes(), xml.len());
        let stanza = StanzaRef::new(element.as_ref());
        let reply = stanza.and_then(|stanza| stanza.error_reply(Failure::NotFound.error()));
        assert_eq!(reply.is_some(), answerable, "{xml}");
    }
}

/// What a stream had not begun to send goes out on the next one, in order and before what
/// came later; what may have been sent is told to its sender.
#[test]
fn what_a_stream_gives_back() {
    let mut rig = Rig::new(config());
    let link = rig.ready();
    for number in 1..=3 {
        rig.send(number);
    }
    rig.sent.clear();
    let (here, there) = (rig.here.clone(), rig.there.clone());
    let undelivered = vec![
        Undelivered::uncertain(here.clone(), there.clone(), stanza(1)),
        Undelivered::unsent(here.clone(), there.clone(), stanza(2)),
        Undelivered::unsent(here, there, stanza(3)),
    ];
    rig.pool.closed(rig.now, link, LinkEnd::Lost, undelivered);
    rig.send(4);
    assert_eq!(rig.bounced, [(1, Failure::Lost)]);
    // A stream that was lost early is not opened again at once.
    assert!(rig.srv.is_empty());
    rig.pass(secs(5));
    let dial = rig.open(true);
    rig.authorised(dial.link, "here.example");
    assert_eq!(rig.numbers(), [2, 3, 4]);
}

/// A server that accepts each stream and ends it at once does not get the same stanza for
/// ever.
#[test]
fn giving_back_has_an_end() {
    let mut rig = Rig::new(config());
    let (here, there) = (rig.here.clone(), rig.there.clone());
    rig.send(1);
    let mut streams = 0;
    while rig.bounced.is_empty() {
        streams += 1;
        assert!(streams < 100);
        while rig.srv.is_empty() && rig.bounced.is_empty() {
            rig.pass(secs(1));
        }
        if !rig.bounced.is_empty() {
            break;
        }
        let dial = rig.open(true);
        rig.authorised(dial.link, "here.example");
        let back = if rig.numbers().is_empty() {
            Vec::new()
        } else {
            rig.sent.clear();
            vec![Undelivered::unsent(here.clone(), there.clone(), stanza(1))]
        };
        rig.pool.closed(rig.now, dial.link, LinkEnd::Lost, back);
        rig.run();
    }
    assert!(rig.now <= xmpp_core::time::Instant::from_origin(secs(120)));
}

/// One test prints every failure, to be read for grammar.
#[test]
fn failures_say_what_they_are() {
    use Failure as F;
    for failure in [
        F::NotOffered,
        F::NotFound,
        F::AddressRefused,
        F::Unreachable,
        F::NotNegotiated,
        F::Untrusted,
        F::PairRefused,
        F::TimedOut,
        F::Lost,
        F::NotAllowed,
        F::Full,
    ] {
        println!("{}: {failure}", failure.condition().as_str());
        assert!(failure.to_string().len() > 10);
    }
}

/// A server that ends: what waits comes back at once, what is sent afterwards does as well,
/// and no stream is begun or taken any more.
#[test]
fn a_server_that_ends() {
    let mut rig = Rig::new(config());
    let (here, there) = (rig.here.clone(), rig.there.clone());
    rig.send(1);
    let on_its_way = rig.dial();
    rig.pool.shut_down(rig.now);
    rig.run();
    assert_eq!(rig.bounced, [(1, Failure::ShutDown)]);
    assert_eq!(Failure::ShutDown.condition(), StanzaCondition::RemoteServerTimeout);
    assert_eq!(rig.closed, [on_its_way.link]);
    rig.send(2);
    rig.send_between(3, &here, &domain("third.example"));
    assert_eq!(rig.bounced[1..], [(2, Failure::ShutDown), (3, Failure::ShutDown)]);
    assert_eq!(rig.pool.accepted(rig.now, None), Err(Failure::ShutDown));
    assert!(rig.srv.is_empty() && rig.dials.is_empty());

    // A stream that is open takes nothing more, gives back what it has not sent, and has no
    // successor.
    let mut rig = Rig::new(config());
    rig.send(1);
    let dial = rig.connect();
    rig.pool.authorised(rig.now, dial.link, &here, &there);
    rig.run();
    assert_eq!(rig.sent, [(dial.link, 1)]);
    rig.pool.shut_down(rig.now);
    rig.send(2);
    let unsent = Undelivered::unsent(here, there, stanza(1));
    rig.pool.closed(rig.now, dial.link, LinkEnd::Closed, vec![unsent]);
    rig.run();
    assert_eq!(rig.bounced, [(2, Failure::ShutDown), (1, Failure::ShutDown)]);
    assert_eq!(rig.sent.len(), 1);
    assert!(rig.srv.is_empty() && rig.dials.is_empty());
    assert_eq!(rig.pool.counters().stanzas, 0);
}
