//! Schedules that nobody thought of. The seed of one that fails is printed.

use core::time::Duration;

use xmpp_core::SendError;
use xmpp_core::session::{QueueLimits, Session, SessionConfig};
use xmpp_core::stanza::{StreamCondition, StreamError};

use crate::common::T0;
use crate::resumption::{body, message};
use crate::world::{Does, Host, Reached, World, client, seed_bytes};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

fn any_host(dice: &mut Dice, forgets: bool) -> Host {
    let errors = [
        StreamCondition::SystemShutdown,
        StreamCondition::Reset,
        StreamCondition::ResourceConstraint,
    ];
    let error = StreamError::new(errors[dice.roll(3) as usize]);
    let does = match dice.roll(12) {
        0 => Does::Nothing,
        1 => Does::Refuse(error),
        2 if forgets => Does::Fail(error),
        3 if forgets => Does::Close,
        4..=6 => Does::CutAfter(dice.roll(6000) as usize),
        7 => Does::CutAt(Duration::from_millis(dice.roll(20_000))),
        _ => Does::Serve,
    };
    let reached = match dice.roll(6) {
        0 => Reached::Never,
        1 => Reached::Refuses(dice.roll(500)),
        _ => Reached::After(dice.roll(500)),
    };
    Host { reached, does, latency: Duration::from_millis(dice.roll(80)) }
}

/// One run of some minutes with losses; then all is well for a while, and it is closed.
fn run(seed: u64, forgets: bool) {
    let mut dice = Dice(seed);
    let mut config = SessionConfig::new(client());
    config.client.timeouts.negotiation = Duration::from_secs(20);
    if dice.roll(2) == 0 {
        config.offline_queue = Some(QueueLimits::default());
    }
    let mut world = World::new(config.clone(), seed);
    world.session = Session::new_dangerous_plaintext(config, T0, seed_bytes(seed));
    world.management = true;
    let addresses = ["2001:db8::1", "192.0.2.1", "192.0.2.2"];
    world.dns.host("example.com", &addresses);
    let ports = ["[2001:db8::1]:5222", "192.0.2.1:5222", "192.0.2.2:5222"];
    let (mut sent, mut accepted, mut said) = (0_u32, Vec::new(), 0_u32);
    for _ in 0..40 {
        for port in ports {
            if dice.roll(3) == 0 {
                let host = any_host(&mut dice, forgets);
                world.put(port, host);
            }
        }
        match dice.roll(12) {
            0..=4 => {
                let text = sent.to_string();
                match world.session.send(&message(&text)) {
                    Ok(()) => {
                        sent += 1;
                        accepted.push(text);
                    }
                    Err(
                        SendError::NotEstablished | SendError::Closed | SendError::QueueFull { .. },
                    ) => {}
                    Err(error) => panic!("seed {seed}: {error}"),
                }
            }
            5..=7 => {
                world.outbox.push_back(format!(
                    "<message from='romeo@example.net'><body>{said}</body></message>"
                ));
                said += 1;
            }
            8 => world.session.reconnect_now(world.now),
            9 => {
                if let Some(id) = world.session.transport() {
                    world.session.handle_broken_transport(id, "cut");
                }
            }
            10 if forgets => world.sessions.clear(),
            11 => world.now = world.now.saturating_add(Duration::from_millis(dice.roll(100_000))),
            _ => {}
        }
        let pause = [1, 30, 500, 5000, 40_000][dice.roll(5) as usize];
        world.run_for(dice.roll(pause) as f64 / 1000.0);
        assert!(!world.session.is_stopped(), "seed {seed}: {:#?}", world.tail());
    }
    for port in ports {
        world.put(port, Host::new(Does::Serve));
    }
    world.session.reconnect_now(world.now);
    world.run_for(2000.0);
    assert!(world.session.is_online(), "seed {seed}: {:#?}", world.tail());
    let now = world.now;
    world.session.close(now, None);
    world.run_for(100.0);
    assert!(world.closed, "seed {seed}");

    let received: Vec<&str> = world.received.iter().filter_map(|source| body(source)).collect();
    let returned: Vec<&str> = world.returned.iter().filter_map(|source| body(source)).collect();
    for text in &accepted {
        let times = received.iter().filter(|other| *other == text).count();
        let back = returned.iter().filter(|other| *other == text).count();
        assert!(times <= 1, "seed {seed}: {text} came {times} times");
        assert!(back <= 1, "seed {seed}: {text} was handed back {back} times");
        assert!(times + back >= 1, "seed {seed}: {text} is lost: {:#?}", world.tail());
    }
    assert!(
        received.is_sorted_by_key(|text| text.parse::<u32>().unwrap()),
        "seed {seed}: {received:?}"
    );
    if !forgets {
        // A stream that is cut before the server has said that it can be resumed is not:
        // that alone is handed back.
        for text in &returned {
            let times = received.iter().filter(|other| *other == text).count();
            assert!(times <= 1, "seed {seed}: {text}");
        }
        // So does the server with what it sent on such a stream.
        let stanzas: Vec<&str> = world.texts("stanza").into_iter().filter_map(body).collect();
        let kept: Vec<String> = world
            .sessions
            .values()
            .flat_map(|session| session.unacknowledged().elements())
            .filter_map(|stanza| body(stanza.source()).map(str::to_owned))
            .collect();
        for n in 0..said {
            let times = stanzas.iter().filter(|text| **text == n.to_string()).count();
            let is_kept = kept.contains(&n.to_string());
            assert!(times == 1 || (times == 0 && is_kept), "seed {seed}: {n} came {times} times");
        }
        assert!(stanzas.is_sorted_by_key(|text| text.parse::<u32>().unwrap()), "seed {seed}");
    }
    // Bounded questions and attempts, with waits between the rounds.
    let rounds = world.texts("offline").len() + world.texts("online").len() + 10;
    let lookups = world.texts("look up").len();
    assert!(lookups <= 40 * 3 + rounds * 3, "seed {seed}: {lookups} lookups in {rounds} rounds");
}

#[test]
fn a_server_that_forgets_nothing_gets_and_gives_everything_once() {
    for seed in 0..seeds() {
        run(seed, false);
    }
}

#[test]
fn a_server_that_forgets_loses_nothing_that_is_not_handed_back() {
    for seed in 0..seeds() {
        run(seed ^ 0xdead_beef, true);
    }
}

/// More by the environment variable `SESSION_SEEDS`.
fn seeds() -> u64 {
    std::env::var("SESSION_SEEDS").ok().and_then(|number| number.parse().ok()).unwrap_or(150)
}
