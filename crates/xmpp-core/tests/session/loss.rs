//! A transport that ends anywhere.

use core::time::Duration;

use xmpp_core::session::SessionConfig;

use crate::world::{Does, Host, World, client};

/// At each byte of the negotiation, both ways: the session never stops, never makes two
/// streams, never tries without a wait, and comes online once the network is well.
#[test]
fn a_cut_at_any_byte_is_got_over() {
    let whole = {
        let mut world = World::of_one(Does::CutAfter(usize::MAX));
        world.run_to("online");
        world.run_for(1.0);
        assert!(world.session.is_online());
        // No more than this goes over the wire.
        4000
    };
    let mut online = 0;
    for cut in 0..whole {
        let mut world = World::of_one(Does::CutAfter(cut));
        world.run(crate::world::at(5.0), |world| !world.told("offline").is_empty());
        if world.told("offline").is_empty() {
            // The cut lies behind the negotiation.
            online += 1;
            assert!(world.session.is_online(), "{cut}");
            if online > 3 {
                return;
            }
            continue;
        }
        assert_eq!(world.texts("stopped"), [""; 0], "{cut}: {:#?}", world.tail());
        world.put("192.0.2.1:5222", Host::new(Does::Serve));
        let offline = world.now;
        let again = world.run_to("connect ");
        let wait = again.saturating_since(offline);
        assert!(wait >= Duration::from_millis(500) && wait <= Duration::from_secs(61), "{wait:?}");
        world.run_to("online");
    }
    panic!("the negotiation is longer than {whole} bytes");
}

#[test]
fn a_keepalive_finds_a_dead_server() {
    // The server vanishes without a word: the driver's TCP stack tells in the end.
    let mut world = World::new(SessionConfig::new(client()), 1);
    world.dns.host("example.com", &["192.0.2.1"]);
    world.put("192.0.2.1:5222", Host::new(Does::CutAt(Duration::from_secs(3600))));
    world.run_to("online");
    let lost = world.run_to("offline");
    assert!(lost.since_origin() >= Duration::from_secs(3600));
    world.run_to("online");
}
