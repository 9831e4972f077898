//! RFC 6120 section 3.3 (6120-stream-reconnect).

use core::time::Duration;

use xmpp_core::session::{Backoff, SessionConfig};

use crate::common::T0;
use crate::world::{Does, Host, Reached, World, client};

/// 6120-3.3-02: "SHOULD back off increasingly": the ceiling doubles, and has an end.
#[test]
fn ceilings_double_up_to_the_longest() {
    let backoff = Backoff::default();
    let seconds: Vec<u64> = (0..8).map(|n| backoff.ceiling(n).as_secs()).collect();
    assert_eq!(seconds, [60, 60, 120, 240, 480, 600, 600, 600]);
    assert_eq!(backoff.ceiling(u32::MAX), Duration::from_secs(600));
}

/// The waits of many sessions that lost the same server.
fn waits(number: usize) -> Vec<Vec<f64>> {
    let seeds = 0..200;
    seeds
        .map(|seed| {
            let mut world = World::new(SessionConfig::new(client()), seed);
            world.dns.host("example.com", &["192.0.2.1"]);
            world.put("192.0.2.1:5222", Host::unreachable(Reached::Refuses(1)));
            (0..number)
                .map(|_| {
                    let offline = world.run_to("offline");
                    world.run_to("look up").saturating_since(offline).as_secs_f64()
                })
                .collect()
        })
        .collect()
}

/// 6120-3.3-01: "an unpredictable number between 0 and 60".
#[test]
fn the_first_wait_is_up_to_a_minute_and_unpredictable() {
    let first: Vec<f64> = waits(1).into_iter().map(|waits| waits[0]).collect();
    assert!(first.iter().all(|wait| (0.5..=60.0).contains(wait)), "{first:?}");
    for quarter in 0..4 {
        let (low, high) = (f64::from(quarter) * 15.0, f64::from(quarter + 1) * 15.0);
        let share = first.iter().filter(|wait| (low..high).contains(*wait)).count();
        assert!((25..=75).contains(&share), "{share} of 200 from {low} to {high}");
    }
}

#[test]
fn later_waits_are_longer_within_bounds() {
    let all = waits(7);
    let mean = |n: usize| all.iter().map(|waits| waits[n]).sum::<f64>() / all.len() as f64;
    for (n, ceiling) in [60.0, 120.0, 240.0, 480.0, 600.0, 600.0, 600.0].into_iter().enumerate() {
        assert!(all.iter().all(|waits| waits[n] <= ceiling), "{n}");
        // Full jitter: half the ceiling on average.
        assert!((mean(n) / ceiling - 0.5).abs() < 0.08, "{n}: {}", mean(n));
    }
}

/// A server that lets in and throws out is not tried as if it were well; after a minute
/// online the next loss is a first one.
#[test]
fn only_a_stable_time_online_resets_the_wait() {
    let longest = |lives: u64| {
        let mut world = World::of_one(Does::CutAt(Duration::from_secs(lives)));
        let waits = (0..40).map(|_| {
            let offline = world.run_to("offline");
            world.run_to("look up").saturating_since(offline).as_secs()
        });
        waits.max().unwrap()
    };
    assert!(longest(5) > 120);
    assert!(longest(70) <= 60);
}

#[test]
fn a_clock_that_jumps_harms_nothing() {
    // Back: time stands still.
    let mut world = World::of_one(Does::Serve);
    world.run_to("online");
    world.now = T0;
    world.run_for(10.0);
    assert_eq!(world.texts("offline"), [""; 0]);
    // Forward by a month, in each phase: at the latest after one more wait all is well.
    for after in [0.0, 0.001, 0.0015, 0.0025, 0.005, 0.012, 0.5, 30.0] {
        let mut world = World::of_one(Does::Serve);
        if let Some(host) = world.hosts.values_mut().next() {
            host.latency = Duration::from_millis(1);
        }
        world.run(crate::world::at(after), |_| false);
        world.now = world.now.saturating_add(Duration::from_secs(30 * 86_400));
        world.run_for(3000.0);
        assert!(world.session.is_online(), "{after}: {:#?}", world.tail());
    }
    let mut world = World::of_one(Does::CutAt(Duration::from_secs(5)));
    world.run_to("offline");
    world.now = crate::world::at(1e15);
    world.run_for(0.0);
    assert!(world.texts("offline").len() < 100);
}
