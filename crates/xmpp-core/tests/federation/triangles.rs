//! Whole triangles: initiating, receiving, authoritative, in virtual time.

use xmpp_core::FederationConfig;
use xmpp_core::config::DialbackPolicy;
use xmpp_core::sasl::Secret;

use crate::ends::domain;
use crate::pipe::Loss;
use crate::world::{Authority, Server, World};

const HOUR: u64 = 3_600_000;

fn config(secret: &str, external: bool) -> FederationConfig {
    let mut config = FederationConfig::new(Secret::from(secret));
    config.external = external;
    config.dialback = DialbackPolicy::OverTls;
    config
}

/// `a.example` is served by 0, `b.example` by 1; 2 is the authority for `a.example` by
/// DNS, where `apart`; 3 is an attacker that claims `a.example`.
fn triangle(apart: bool) -> World {
    let servers = vec![
        Server::new(&["a.example"], config("a", false)),
        Server::new(&["b.example"], config("b", false)),
        Server::new(&["auth.example"], config("a", false)),
        Server::new(&["evil.example"], config("evil", false)),
    ];
    let mut world = World::new(servers, 1);
    if apart {
        world.dns.insert("a.example", 2);
        world.servers[2].domains.push("a.example");
    }
    world
}

#[test]
fn a_stanza_comes_through_three_servers() {
    for apart in [false, true] {
        let mut world = triangle(apart);
        world.send(0, "a.example", "b.example", 1);
        world.settle(HOUR);
        assert_eq!(world.outcome.delivered[&1], (1, "a.example".to_owned()));
        assert!(world.outcome.bounced.is_empty());
        // One to talk, one to verify.
        assert_eq!(world.outcome.dialled, 2);
    }
}

#[test]
fn the_secret_can_answer_by_itself() {
    let mut servers = config("a", false);
    servers.authoritative_for = vec![domain("a.example")];
    let mut world = triangle(true);
    world.servers[2].config = servers.into();
    world.servers[2].authority = Authority::Never;
    world.send(0, "a.example", "b.example", 1);
    world.settle(HOUR);
    assert!(world.outcome.delivered.contains_key(&1));
}

#[test]
fn certificates_make_the_triangle_a_line() {
    let mut world = triangle(false);
    world.certificates = true;
    for server in &mut world.servers {
        let mut with = FederationConfig::clone(&server.config);
        with.external = true;
        server.config = with.into();
    }
    world.send(0, "a.example", "b.example", 1);
    world.settle(HOUR);
    assert!(world.outcome.delivered.contains_key(&1));
    assert_eq!(world.outcome.dialled, 1);
    // A certificate of its own is worth nothing in another's name.
    world.send(3, "a.example", "b.example", 2);
    world.settle(HOUR);
    assert!(!world.outcome.delivered.contains_key(&2) && world.outcome.bounced.contains(&2));
}

#[test]
fn what_an_authority_says_late_wrongly_or_never() {
    for (authority, delivered) in [
        (Authority::Late(29_000), true),
        (Authority::Late(31_000), false),
        (Authority::Wrong, false),
        (Authority::Never, false),
        (Authority::Hijacked, true),
    ] {
        let mut world = triangle(true);
        world.servers[2].authority = authority;
        world.send(0, "a.example", "b.example", 1);
        world.settle(HOUR);
        world.check("authority");
        assert_eq!(world.outcome.delivered.contains_key(&1), delivered, "{authority:?}");
        assert_eq!(world.outcome.bounced.contains(&1), !delivered, "{authority:?}");
    }
}

/// Who does not know the secret is not let in, unless the authority itself says so.
#[test]
fn an_attacker_is_not_let_in() {
    for (authority, let_in) in [
        (Authority::Honest, false),
        (Authority::Late(1000), false),
        (Authority::Never, false),
        // DNS or the server is the attacker's: dialback proves no more than that.
        (Authority::Hijacked, true),
    ] {
        let mut world = triangle(true);
        world.servers[2].authority = authority;
        world.send(3, "a.example", "b.example", 1);
        world.settle(HOUR);
        assert_eq!(world.outcome.delivered.contains_key(&1), let_in, "{authority:?}");
        world.check("attacker");
    }
}

#[test]
fn both_sides_dial_at_once() {
    for bidi in [true, false] {
        let mut world = triangle(false);
        for server in &mut world.servers {
            let mut without = FederationConfig::clone(&server.config);
            without.bidi = bidi;
            server.config = without.into();
        }
        world.latency = 50;
        world.send(0, "a.example", "b.example", 1);
        world.send(1, "b.example", "a.example", 2);
        world.settle(HOUR);
        assert_eq!(world.outcome.delivered.len(), 2, "{:?}", world.outcome);
        assert!(world.outcome.bounced.is_empty());
    }
}

/// A domain that nobody has.
#[test]
fn what_dns_does_not_know_comes_back() {
    let mut world = triangle(false);
    world.send(0, "a.example", "nowhere.example", 1);
    assert!(world.outcome.bounced.contains(&1));
    // And who claims one is not verified.
    world.dns.remove("a.example");
    world.send(0, "a.example", "b.example", 2);
    world.settle(HOUR);
    assert!(world.outcome.bounced.contains(&2));
}

/// Each stream, in each direction, cut at each byte, with and without notice.
#[test]
fn loss_at_any_byte_is_delivery_or_a_bounce() {
    let mut runs = 0;
    for stream in 0..2 {
        for direction in 0..2 {
            for at in 0.. {
                let mut passed = true;
                for loss in [Loss::Reset, Loss::Silent] {
                    let mut world = triangle(true);
                    world.cuts.insert((stream, direction), (at, loss));
                    for id in 1..4 {
                        world.send(0, "a.example", "b.example", id);
                    }
                    world.settle(3 * HOUR);
                    world.check(&format!("{loss:?} of {stream}, {direction} at {at}"));
                    passed &= world.outcome.delivered.len() == 3;
                    runs += 1;
                }
                // Far enough behind the last byte.
                if passed && at > 2500 {
                    break;
                }
            }
        }
    }
    assert!(runs > 1000, "{runs}");
}
