//! RFC 8305: attempts beside each other.

use core::time::Duration;

use xmpp_core::session::SessionConfig;

use crate::world::{Does, Host, Reached, World, client, ms};

fn dual_stack(six: Reached, four: Reached) -> World {
    let mut world = World::new(SessionConfig::new(client()), 1);
    world.dns.host("example.com", &["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"]);
    for address in ["192.0.2.1:5222", "192.0.2.2:5222"] {
        world.put(address, Host { reached: four, ..Host::new(Does::Serve) });
    }
    for address in ["[2001:db8::1]:5222", "[2001:db8::2]:5222"] {
        world.put(address, Host { reached: six, ..Host::new(Does::Serve) });
    }
    world
}

#[test]
fn ipv6_is_preferred_where_it_works() {
    let mut world = dual_stack(Reached::After(200), Reached::After(1));
    world.run_to("online");
    assert_eq!(world.texts("connect "), ["connect [2001:db8::1]:5222"]);
}

/// Section 5: a black hole costs 250 ms, not the patience of a TCP stack; the attempt in it
/// is given up once another has led to a connection.
#[test]
fn a_black_hole_costs_a_quarter_of_a_second() {
    let mut world = dual_stack(Reached::Never, Reached::After(10));
    let online = world.run_to("online");
    let begun = world.told("connect ");
    assert_eq!(begun[0].1, "connect [2001:db8::1]:5222");
    assert_eq!(begun[1].1, "connect 192.0.2.1:5222");
    assert_eq!(begun[1].0.saturating_since(begun[0].0), ms(250));
    assert!(online.saturating_since(begun[0].0) < ms(300), "{online:?}");
    assert_eq!(world.texts("give up").len(), 1);
}

/// Section 4: families take turns; section 5: each attempt has its 250 ms.
#[test]
fn families_take_turns() {
    let mut world = dual_stack(Reached::Never, Reached::Never);
    world.run_for(1.5);
    let begun = world.told("connect ");
    let texts: Vec<&str> = begun.iter().map(|(_, text)| *text).collect();
    assert_eq!(
        texts,
        [
            "connect [2001:db8::1]:5222",
            "connect 192.0.2.1:5222",
            "connect [2001:db8::2]:5222",
            "connect 192.0.2.2:5222"
        ]
    );
    for pair in begun.windows(2) {
        assert_eq!(pair[1].0.saturating_since(pair[0].0), ms(250));
    }
}

/// Section 5: one that fails is followed at once.
#[test]
fn a_refusal_is_followed_at_once() {
    let mut world = dual_stack(Reached::Refuses(20), Reached::After(10));
    world.run_to("online");
    let begun = world.told("connect ");
    assert_eq!(begun[1].0.saturating_since(begun[0].0), ms(20));
}

/// Section 3: IPv4 addresses that come first wait 50 ms for IPv6 addresses, no longer.
#[test]
fn the_resolution_delay_is_kept() {
    for (delay, first, waits) in
        [(30, "connect [2001:db8::1]:5222", 30), (500, "connect 192.0.2.1:5222", 51)]
    {
        let mut world = dual_stack(Reached::Never, Reached::Never);
        world.dns.delays.insert("AAAA example.com".into(), ms(delay));
        let begun = world.run_to("connect ");
        let asked = world.told("look up A").last().unwrap().0;
        assert_eq!(world.texts("connect ")[0], first);
        assert_eq!(begun.saturating_since(asked), ms(waits), "{delay}");
        // Those that come later still take part.
        world.run_for(1.0);
        assert!(
            world.texts("connect ").contains(&"connect [2001:db8::1]:5222"),
            "{:#?}",
            world.log
        );
    }
}

/// The next host is not tried beside one whose addresses have just been tried; nor does
/// one that says nothing hold it up for long.
#[test]
fn hosts_keep_their_order_and_their_patience() {
    let mut world = World::new(SessionConfig::new(client()), 1);
    world.dns.srv("_xmpp-client", &[(1, 0, 5222, "first."), (2, 0, 5222, "second.")]);
    world.dns.host("first", &["192.0.2.1"]).host("second", &["192.0.2.2"]);
    world.put("192.0.2.1:5222", Host { reached: Reached::After(1900), ..Host::new(Does::Serve) });
    world.put("192.0.2.2:5222", Host { reached: Reached::After(1), ..Host::new(Does::Serve) });
    world.run_to("online");
    assert_eq!(world.texts("connect "), ["connect 192.0.2.1:5222"], "slow, but it comes first");

    world.put("192.0.2.1:5222", Host::unreachable(Reached::Never));
    world.session.reconnect_now(world.now);
    let from = world.log.len();
    world.run_to("online");
    let begun: Vec<_> =
        world.log[from..].iter().filter(|(_, t)| t.starts_with("connect ")).collect();
    let wait = begun[1].0.saturating_since(begun[0].0);
    assert!(wait >= Duration::from_secs(2) && wait < ms(2100), "{wait:?}");
}

/// However many addresses DNS gives, a round has an end.
#[test]
fn attempts_are_bounded() {
    let mut world = World::new(SessionConfig::new(client()), 1);
    let names: Vec<String> = (0..100).map(|n| format!("host{n}")).collect();
    let records: Vec<_> = names.iter().map(|name| (1, 1, 5222, name.as_str())).collect();
    world.dns.srv("_xmpp-client", &records);
    for (n, name) in names.iter().enumerate() {
        let addresses: Vec<String> = (0..100).map(|m| format!("10.0.{n}.{m}")).collect();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        world.dns.host(name, &addresses);
        for address in addresses {
            world.put(&format!("{address}:5222"), Host::unreachable(Reached::Never));
        }
    }
    let mut at_once = 0;
    world.run(crate::world::at(3600.0), |world| {
        let open = world.texts("connect ").len() - world.texts("give up").len();
        at_once = at_once.max(open);
        !world.told("offline").is_empty()
    });
    assert_eq!(world.texts("offline").len(), 1, "{:#?}", world.tail());
    assert_eq!(world.texts("connect ").len(), 24);
    assert!(at_once <= 8, "{at_once}");
    assert!(world.texts("look up").len() <= 2 + 2 * 16);
    let offline = world.texts("offline")[0];
    assert!(offline.len() < 4096, "{}", offline.len());
}

/// A driver that reports what was given up already does no harm.
#[test]
fn late_news_of_attempts_has_no_effect() {
    use xmpp_core::session::{Lookup, Session, SessionOutput};
    let mut session =
        Session::new_dangerous_plaintext(SessionConfig::new(client()), crate::common::T0, [1; 32]);
    let mut ids = Vec::new();
    let mut now = crate::common::T0;
    while ids.len() < 2 {
        match session.poll(now) {
            SessionOutput::LookUp(Lookup::Srv(query)) => session.provide_srv(query, Ok(Vec::new())),
            SessionOutput::LookUp(Lookup::Addresses(query)) => {
                let both = ["2001:db8::1".parse().unwrap(), "192.0.2.1".parse().unwrap()];
                session.provide_addresses(query, Ok(both.to_vec()));
            }
            SessionOutput::Connect(attempt) => ids.push(attempt.id),
            SessionOutput::Wait(Some(deadline)) => now = deadline.at,
            other => panic!("{other:?}"),
        }
    }
    session.connected(now, ids[1]);
    assert_eq!(session.transport(), Some(ids[1]));
    // The other comes through all the same.
    session.connected(now, ids[0]);
    assert_eq!(session.transport(), Some(ids[1]));
    let mut closed = Vec::new();
    loop {
        match session.poll(now) {
            SessionOutput::CloseTransport(id) => closed.push(id),
            SessionOutput::Transmit(id, bytes) => {
                assert_eq!(id, ids[1]);
                let bytes = bytes.to_vec();
                // Once more for who asks, and of that transport alone.
                assert!(!bytes.is_empty() && session.transmit(id) == bytes);
                assert_eq!(session.transmit(ids[0]), b"");
                session.transmitted(id, bytes.len());
                assert_eq!(session.transmit(id), b"");
            }
            SessionOutput::Wait(_) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(closed, [ids[0], ids[0]], "as often as it is said to be open");
    assert!(session.recv_buf(ids[0]).is_none());
    session.handle_eof(ids[0]);
    session.handle_broken_transport(ids[0], "gone");
    session.connect_failed(ids[0], "late");
    assert!(matches!(session.poll(now), SessionOutput::Wait(_)));
}
