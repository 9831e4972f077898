//! Which addresses are tried, in which order, and what is told of them; and what errors
//! come to.

use xmpp_core::config::TlsMode;
use xmpp_core::jid::{Domainpart, DomainpartRef};
use xmpp_core::session::discovery::{Answers, Host as Name, Place, Plan, plan, plan_for_server};
use xmpp_core::session::{Reason, Session, SessionConfig, Verdict};
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::{Error, PeerIncompatible};

use crate::common::T0;
use crate::common::tls::Authority;
use crate::world::{Does, Host, Reached, World, client, ms};

fn refusing(addresses: &[&str]) -> World {
    let mut world = World::new(SessionConfig::new(client()), 1);
    world.dns.host("example.com", addresses);
    for address in addresses {
        world.put(&format!("{address}:5222"), Host::unreachable(Reached::Refuses(1)));
    }
    world
}

#[test]
fn a_host_has_eight_addresses_of_a_family_at_most() {
    let addresses: Vec<String> = (1..=10).map(|n| format!("192.0.2.{n}")).collect();
    for known in [7, 8, 9, 10] {
        let known: Vec<&str> = addresses[..known].iter().map(String::as_str).collect();
        let mut world = refusing(&known);
        world.run_to("offline");
        let tried: Vec<String> =
            known.iter().take(8).map(|it| format!("connect {it}:5222")).collect();
        assert_eq!(world.texts("connect "), tried);
    }
}

#[test]
fn an_address_that_is_told_twice_is_tried_once() {
    let mut world = refusing(&["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2"]);
    world.run_to("offline");
    assert_eq!(world.texts("connect "), ["connect 192.0.2.1:5222", "connect 192.0.2.2:5222"]);
}

/// What people read: all that was tried, and nothing that was not.
#[test]
fn what_went_wrong_is_told() {
    let told = |world: &mut World| {
        world.run_to("offline");
        world.texts("offline")[0].split_once("cannot connect to ").unwrap().1.to_owned()
    };
    // One family has addresses, the other has none.
    let refused = told(&mut refusing(&["192.0.2.1"]));
    assert_eq!(refused, "example.com (192.0.2.1 port 5222: refused)");
    assert_eq!(told(&mut refusing(&[])), "example.com (example.com: the name has no address)");
    let mut world = refusing(&[]);
    world.dns.broken.push("example.com".into());
    assert_eq!(told(&mut world), "example.com (example.com: SERVFAIL; example.com: SERVFAIL)");
    // Answers that come apart: the other family's is not there yet, or has been of no use.
    for (late, delay) in
        [("AAAA example.com", 40), ("A example.com", 40), ("AAAA example.com", 400)]
    {
        let mut world = refusing(&["192.0.2.1"]);
        world.dns.delays.insert(late.into(), ms(delay));
        assert_eq!(
            told(&mut world),
            "example.com (192.0.2.1 port 5222: refused)",
            "{late} {delay}"
        );
    }
}

/// RFC 8305 section 4: the families take turns, also where an attempt was given up because
/// another was faster, and that was of no use.
#[test]
fn what_was_given_up_is_tried_again_in_its_turn() {
    let mut world = World::new(SessionConfig::new(client()), 1);
    world.dns.host("example.com", &["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"]);
    let error = StreamError::new(StreamCondition::InternalServerError);
    let first = Host { reached: Reached::After(400), ..Host::new(Does::Refuse(error)) };
    world.put("[2001:db8::1]:5222", first);
    for address in ["192.0.2.1:5222", "192.0.2.2:5222", "[2001:db8::2]:5222"] {
        world.put(address, Host::unreachable(Reached::Never));
    }
    world.run_for(1.5);
    assert_eq!(
        world.texts("connect "),
        [
            "connect [2001:db8::1]:5222",
            "connect 192.0.2.1:5222",
            "connect [2001:db8::2]:5222",
            "connect 192.0.2.1:5222",
            "connect 192.0.2.2:5222"
        ]
    );
}

/// A question that is not answered within 10 seconds counts as failed: then, not later.
#[test]
fn a_file_is_waited_for_until_its_deadline() {
    let mut config = SessionConfig::new(client());
    (config.methods.start_tls, config.methods.direct_tls) = (false, false);
    config.methods.web_socket = true;
    let session = Session::new(config, Authority::new().initiator(), T0, [1; 32]);
    let mut world = World::with(session, 1);
    for form in ["host-meta", "host-meta.json"] {
        world.dns.silent.push(format!("https://example.com/.well-known/{form}"));
    }
    let offline = world.run_to("offline");
    let asked = world.told("look up");
    let waited = ms(10_000 * u64::try_from(asked.len()).unwrap());
    assert_eq!(offline.saturating_since(asked[0].0), waited);
    let told = world.texts("offline")[0];
    assert!(told.contains("host-meta: no answer in time"), "{told}");
}

/// Where there are no records, the domain itself is tried: by what was asked for.
#[test]
fn without_records_the_domain_is_tried_in_the_way_that_is_wanted() {
    let domain = DomainpartRef::new("example.com").unwrap();
    let none = || Some(Ok(Vec::new()));
    for (start_tls, direct_tls, tls, port, server_port) in [
        (none(), none(), TlsMode::StartTls, 5222, 5269),
        (none(), None, TlsMode::StartTls, 5222, 5269),
        (None, none(), TlsMode::Direct, 5223, 5270),
        (None, None, TlsMode::StartTls, 5222, 5269),
    ] {
        let mut answers = Answers::default();
        (answers.start_tls, answers.direct_tls) = (start_tls, direct_tls);
        let place = |port| Plan::Places(vec![Place::new(Name::new("example.com"), port, tls)]);
        assert_eq!(plan(domain, answers.clone(), [1; 32]), place(port), "{answers:?}");
        assert_eq!(plan_for_server(domain, answers, [1; 32]), place(server_port));
    }
}

#[test]
fn a_domain_that_is_an_address_needs_no_lookup() {
    for (domain, host) in [
        ("192.0.2.1", Name::Address("192.0.2.1".parse().unwrap())),
        ("[2001:db8::1]", Name::Address("2001:db8::1".parse().unwrap())),
        ("[fe80::1%25eth0]", Name::Address("fe80::1".parse().unwrap())),
        ("bücher.example", Name::Name("xn--bcher-kva.example".into())),
    ] {
        let domain = Domainpart::new(domain).unwrap();
        assert_eq!(Name::of_domain(domain.as_ref()), host);
    }
}

/// A server that offers no way to authenticate may be on its way up; one that lacks
/// something else will lack it again.
#[test]
fn what_is_missing_decides_whether_to_come_back() {
    let verdict = |missing| Verdict::of(&Error::Incompatible(missing));
    assert_eq!(verdict(PeerIncompatible::NoAuthentication), Verdict::RetryLater);
    assert_eq!(verdict(PeerIncompatible::NoStartTls), Verdict::Stop);
}

#[test]
fn a_reason_has_the_streams_error_if_that_is_it() {
    let error = Error::StreamError(StreamError::new(StreamCondition::Reset));
    assert_eq!(Reason::Stream(error.clone()).error(), Some(&error));
    for other in [
        Reason::ClosedByServer,
        Reason::Transport("cut".into()),
        Reason::Unreachable("nowhere".into()),
        Reason::NotOffered,
        Reason::TooManyRedirects,
        Reason::Reconnecting,
        Reason::Closed,
    ] {
        assert_eq!(other.error(), None);
    }
}
