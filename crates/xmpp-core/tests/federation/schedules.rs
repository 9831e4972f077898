//! Ten thousand random schedules of five servers: who sends when, what is lost where, what
//! authorities say. No stanza is delivered from a domain that was not proved, none is lost
//! without a bounce, none comes twice.

use xmpp_core::FederationConfig;
use xmpp_core::sasl::Secret;

use crate::ends::domain;
use crate::pipe::{Chance, Loss};
use crate::world::{Authority, Server, World};

const HOUR: u64 = 3_600_000;
/// A quarter of all.
const SEEDS: u64 = 2_500;

fn run(seed: u64) -> (usize, usize, usize) {
    let mut chance = Chance::new(seed);
    let domains: [&[&'static str]; 5] = [
        &["a.example", "rooms.a.example"],
        &["b.example"],
        &["c.example", "chat.c.example"],
        // The authority of `d.example` is another machine than the one that speaks.
        &["auth.example", "d.example"],
        &["evil.example"],
    ];
    let certificates = chance.one_in(3);
    let mut servers = Vec::new();
    for (at, names) in domains.iter().enumerate() {
        let mut config = FederationConfig::new(Secret::from(format!("secret {at}").as_str()));
        config.external = certificates && chance.one_in(2);
        config.bidi = !chance.one_in(3);
        config.domains = names.iter().map(|name| domain(name)).collect();
        if chance.one_in(2) {
            config.authoritative_for = names.iter().map(|name| domain(name)).collect();
        }
        let mut server = Server::new(names, config);
        server.authority = match chance.below(8) {
            0 => Authority::Late(chance.below(60_000)),
            1 => Authority::Never,
            2 => Authority::Wrong,
            _ => Authority::Honest,
        };
        servers.push(server);
    }
    let mut world = World::new(servers, seed);
    world.certificates = certificates;
    world.latency = [0, 5, 200][chance.below(3) as usize];
    for _ in 0..chance.below(4) {
        let place = (chance.below(6) as usize, chance.below(2) as usize);
        let loss = if chance.one_in(2) { Loss::Silent } else { Loss::Reset };
        world.cuts.insert(place, (chance.below(2500), loss));
    }
    let mut forged = Vec::new();
    for id in 0..2 + chance.below(8) as u32 {
        let from = chance.below(5) as usize;
        let to = chance.below(4) as usize;
        if to == from {
            continue;
        }
        let pick = |chance: &mut Chance, names: &[&'static str]| {
            names[chance.below(names.len() as u64) as usize]
        };
        let target = pick(&mut chance, domains[to]);
        let mut source = pick(&mut chance, domains[from]);
        // The attacker speaks for others.
        if from == 4 && chance.one_in(2) {
            let whom = chance.below(4) as usize;
            source = pick(&mut chance, domains[whom]);
            if whom == to {
                continue;
            }
            forged.push(id);
        }
        world.send(from, source, target, id);
        match chance.below(6) {
            0 => {}
            1 => world.run_until(world.now + chance.below(40_000)),
            2 => {
                let streams = world.streams() as u64;
                world.close(chance.below(streams.max(1)) as usize, chance.below(2) as usize);
            }
            _ => world.run_until(world.now + chance.below(500)),
        }
    }
    world.settle(3 * HOUR);
    world.check(&format!("seed {seed}"));
    for id in &forged {
        assert!(!world.outcome.delivered.contains_key(id), "seed {seed}: forged {id}");
    }
    (world.outcome.delivered.len(), world.outcome.bounced.len(), forged.len())
}

fn quarter(first: u64) {
    let mut all = (0, 0, 0);
    for seed in first..first + SEEDS {
        let (delivered, bounced, forged) = run(seed);
        all = (all.0 + delivered, all.1 + bounced, all.2 + forged);
    }
    // It was not for nothing.
    assert!(all.0 > 3_500 && all.1 > 1_500 && all.2 > 300, "{all:?}");
}

// Four tests, so that they run beside each other.
#[test]
fn nothing_is_forged_and_nothing_is_lost() {
    quarter(0);
}

#[test]
fn nothing_is_forged_and_nothing_is_lost_2() {
    quarter(SEEDS);
}

#[test]
fn nothing_is_forged_and_nothing_is_lost_3() {
    quarter(2 * SEEDS);
}

#[test]
fn nothing_is_forged_and_nothing_is_lost_4() {
    quarter(3 * SEEDS);
}
