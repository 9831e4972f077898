//! Where another domain's server is.

use xmpp_core::config::TlsMode;
use xmpp_core::federation::{AddressPolicy, Failure, LinkEnd, Network};
use xmpp_core::session::discovery::{LookupFailed, Place, Srv};

use crate::rig::{Rig, config, domain, secs};

/// RFC 6120 section 3.2.1 and XEP-0368: both services of servers are asked for.
#[test]
fn the_services_of_servers_are_asked_for() {
    let mut rig = Rig::new(config());
    rig.send(1);
    let names: Vec<&str> = rig.srv.iter().map(|query| query.name()).collect();
    assert_eq!(names, ["_xmpp-server._tcp.there.example.", "_xmpps-server._tcp.there.example."]);
}

/// 6120-3.2.1-01: a target of `.` ends it, and no address is asked for.
#[test]
fn a_domain_that_declines_is_left_alone() {
    let mut rig = Rig::new(config());
    rig.send(1);
    rig.answer_srv(vec![Srv::new(0, 0, 0, ".")], vec![Srv::new(0, 0, 0, ".")]);
    assert!(rig.addresses.is_empty() && rig.dials.is_empty());
    assert_eq!(rig.bounced, [(1, Failure::NotOffered)]);
}

/// 6120-3.2.1-02: no fallback because nobody answers at the places that there are.
#[test]
fn no_fallback_where_there_are_records() {
    let mut rig = Rig::new(config());
    rig.send(1);
    let dial = rig.dial();
    rig.pool.connect_failed(dial.link, "refused");
    rig.run();
    assert!(rig.dials.is_empty() && rig.srv.is_empty() && rig.addresses.is_empty());
}

/// 6120-3.2.1-03, 6120-3.2.2-01: without an answer, or with an empty one, the domain itself
/// is tried, at port 5269.
#[test]
fn fallback_where_there_are_none() {
    for answered in [true, false] {
        let mut rig = Rig::new(config());
        rig.send(1);
        while let Some(query) = rig.srv.pop_front() {
            let answer = if answered { Ok(Vec::new()) } else { Err(LookupFailed::new("no")) };
            rig.pool.provide_srv(query, answer);
        }
        rig.run();
        assert!(rig.addresses.iter().all(|query| query.name() == "there.example"));
        rig.answer_addresses(Some("192.0.2.7"));
        let dial = rig.dials.pop_front().unwrap();
        assert_eq!(dial.address, "192.0.2.7:5269".parse().unwrap());
        assert_eq!(dial.tls, TlsMode::StartTls);
    }
}

/// The fall-back is taken if DNS never says anything at all.
#[test]
fn fallback_after_silence() {
    let mut rig = Rig::new(config());
    rig.send(1);
    rig.pass(secs(10));
    assert_eq!(rig.addresses.len(), 2);
}

/// RFC 2782: a lower priority first; a record of direct TLS is one among the others
/// (XEP-0368 section 3).
#[test]
fn places_in_the_order_of_their_priorities() {
    let mut rig = Rig::new(config());
    rig.send(1);
    let plain = vec![Srv::new(20, 0, 5269, "192.0.2.2"), Srv::new(5, 0, 5269, "192.0.2.1")];
    rig.answer_srv(plain, vec![Srv::new(10, 0, 443, "192.0.2.3")]);
    let mut tried = Vec::new();
    while let Some(dial) = rig.dials.pop_front() {
        tried.push((dial.address.to_string(), dial.tls));
        rig.pool.connect_failed(dial.link, "refused");
        rig.run();
    }
    assert_eq!(
        tried,
        [
            ("192.0.2.1:5269".to_owned(), TlsMode::StartTls),
            ("192.0.2.3:443".to_owned(), TlsMode::Direct),
            ("192.0.2.2:5269".to_owned(), TlsMode::StartTls),
        ]
    );
}

/// A dead first target does not hold up the second, and a stream that cannot be negotiated
/// at one place is tried at the next.
#[test]
fn the_next_place_after_one_that_does_not_do() {
    let mut rig = Rig::new(config());
    rig.send(1);
    let plain = vec![Srv::new(0, 0, 5269, "192.0.2.1"), Srv::new(1, 0, 5269, "192.0.2.2")];
    rig.answer_srv(plain, Vec::new());
    let first = rig.dials.pop_front().unwrap();
    rig.pool.connected(rig.now, first.link);
    rig.run();
    assert!(rig.dials.is_empty());
    rig.pool.closed(rig.now, first.link, LinkEnd::Failed(Failure::Untrusted), Vec::new());
    rig.run();
    let second = rig.dials.pop_front().unwrap();
    assert_eq!(second.address, "192.0.2.2:5269".parse().unwrap());
    rig.pool.connected(rig.now, second.link);
    rig.authorised(second.link, "here.example");
    assert_eq!(rig.sent, [(second.link, 1)]);
}

/// A domain that is an address has no SRV records, and a place of ours goes before DNS.
#[test]
fn what_is_not_asked() {
    let mut rig = Rig::new(config());
    rig.there = domain("192.0.2.9");
    rig.send(1);
    assert!(rig.srv.is_empty());
    assert_eq!(rig.dials[0].address, "192.0.2.9:5269".parse().unwrap());

    let mut config = config();
    config.addresses = AddressPolicy::public().into();
    let host = xmpp_core::session::discovery::Host::new("127.0.0.1");
    let place = Place::new(host, 15269, TlsMode::Direct);
    config.places.insert(domain("there.example"), vec![place]);
    let mut rig = Rig::new(config);
    rig.send(1);
    assert!(rig.srv.is_empty());
    assert_eq!(rig.dials[0].address, "127.0.0.1:15269".parse().unwrap());
    assert_eq!(rig.dials[0].tls, TlsMode::Direct);
}

/// Records that point home, or into the network behind the server, lead nowhere.
#[test]
fn addresses_that_are_not_public_are_not_connected_to() {
    for target in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1"] {
        let mut config = config();
        config.addresses = AddressPolicy::public().into();
        let mut rig = Rig::new(config);
        rig.send(1);
        rig.answer_srv(vec![Srv::new(0, 0, 22, "home.there.example.")], Vec::new());
        rig.answer_addresses(Some(target));
        assert!(rig.dials.is_empty(), "{target}");
        assert_eq!(rig.bounced, [(1, Failure::AddressRefused)]);

        // The same as the literal target of a record, and as the domain itself.
        rig.there = domain("literal.example");
        rig.send(2);
        rig.answer_srv(vec![Srv::new(0, 0, 22, target)], Vec::new());
        assert!(rig.dials.is_empty(), "{target}");
        if target.parse::<core::net::Ipv4Addr>().is_ok() {
            rig.there = domain(target);
            rig.send(3);
            assert!(rig.dials.is_empty(), "{target}");
        }
    }
}

/// Where some addresses are permitted, those are used; an opening is one by name.
#[test]
fn an_opening_in_the_policy() {
    let mut config = config();
    let open = Network::new("127.0.0.0".parse().unwrap(), 8);
    config.addresses = AddressPolicy::public().with_opening(open).into();
    let mut rig = Rig::new(config);
    rig.send(1);
    let records = vec![Srv::new(0, 0, 1, "10.0.0.1"), Srv::new(1, 0, 2, "127.0.0.2")];
    rig.answer_srv(records, Vec::new());
    assert_eq!(rig.dials.len(), 1);
    assert_eq!(rig.dials[0].address, "127.0.0.2:2".parse().unwrap());
}

/// Whatever DNS says, the work has an end: many records, long names, many addresses.
#[test]
fn answers_of_dns_are_bounded() {
    let mut rig = Rig::new(config());
    rig.send(1);
    let many = (0..20_000_u16).map(|n| Srv::new(n % 7, n, 1 + n, format!("h{n}.example.")));
    let long = Srv::new(0, u16::MAX, 5, "x".repeat(100_000));
    rig.answer_srv(many.chain([long]).collect(), Vec::new());
    let (mut asked, mut dialled) = (0, 0);
    for _ in 0..1000 {
        while let Some(query) = rig.addresses.pop_front() {
            asked += 1;
            assert!(query.name().len() < 254);
            let many = (0..10_000_u32).map(|n| core::net::Ipv4Addr::from_bits(0x0808_0000 + n));
            rig.pool.provide_addresses(query, Ok(many.map(Into::into).collect()));
            rig.run();
        }
        while let Some(dial) = rig.dials.pop_front() {
            dialled += 1;
            rig.pool.connect_failed(dial.link, "no");
            rig.run();
        }
    }
    assert!(asked <= 32 && dialled <= 24, "{asked} questions, {dialled} attempts");
}
