//! Both ends against each other in a world with a clock of its own: latency, loss at any
//! byte, transports that take nothing, clocks that jump, answers in any order. A schedule
//! is a seed, which a failure prints.
//!
//! `SCHEDULES=100000 cargo test -p xmpp-core --test schedules` runs more of them,
//! `SCHEDULES_FROM=1234 SCHEDULES=1` one again.

#[path = "../common/mod.rs"]
mod common;
mod pipe;
mod side;

use std::sync::Arc;

use common::{T0, client_config, host_config};
use xmpp_core::jid::FullJid;
use xmpp_core::role::{ClientToServer, ServerFromClient};
use xmpp_core::{
    BindQuery, Client, ClientEvent, CredentialsQuery, Endpoint, HostQuery, Server, ServerConfig,
    ServerEvent,
};

use pipe::{Chance, Loss, Pipe};
use side::{End, Side};

impl End for ClientToServer {
    type Asked = core::convert::Infallible;

    fn asked(_: ClientEvent<'static>) -> Option<Self::Asked> {
        None
    }

    fn answer(_: &mut Endpoint<Self>, asked: Self::Asked) {
        match asked {}
    }
}

enum Asked {
    Host(HostQuery),
    Credentials(CredentialsQuery),
    Bind(BindQuery),
}

impl End for ServerFromClient {
    type Asked = Asked;

    fn asked(event: ServerEvent) -> Option<Asked> {
        match event {
            ServerEvent::HostWanted(query) => Some(Asked::Host(query)),
            ServerEvent::CredentialsWanted(query) => Some(Asked::Credentials(query)),
            ServerEvent::BindWanted(query) => Some(Asked::Bind(query)),
            _ => None,
        }
    }

    /// However late: nobody else answers, and an answer behind the end is of no account.
    fn answer(server: &mut Endpoint<Self>, asked: Asked) {
        let answered = match asked {
            Asked::Host(query) => server.choose_host(query, Arc::new(host_config())),
            Asked::Credentials(query) => {
                let answer = common::answer(query.query());
                server.provide_credentials(query, answer)
            }
            Asked::Bind(query) => {
                let jid = FullJid::new(&format!("{}/balcony", query.account())).unwrap();
                server.bind(query, jid)
            }
        };
        assert_eq!(answered, Ok(()));
    }
}

/// What happens at a certain time, to one of the two.
#[derive(Clone, Copy, Debug)]
enum Act {
    Send,
    Ask,
    /// Its clock goes on by so much at once.
    Jump(u64),
    /// What it sends is taken, or not.
    Stall(bool),
    Close,
}

/// What came of a schedule.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    established: u64,
    stanzas: u64,
    answered: u64,
    unanswered: u64,
    cut: u64,
}

struct Plan {
    acts: Vec<(u64, usize, Act)>,
    latency: u64,
    cut: [Option<(u64, Loss)>; 2],
}

impl Plan {
    fn new(chance: &mut Chance) -> Self {
        let latency = [0, 5, 80, 900][usize::try_from(chance.below(4)).unwrap_or(0)];
        let mut acts = Vec::new();
        for _ in 0..chance.below(24) {
            let act = match chance.below(16) {
                0..=7 => Act::Send,
                8..=12 => Act::Ask,
                13 => Act::Jump(1 << chance.below(24)),
                14 => Act::Stall(true),
                _ => Act::Stall(false),
            };
            let side = usize::try_from(chance.below(2)).unwrap_or(0);
            acts.push((chance.below(20_000), side, act));
        }
        // Somebody closes, mostly late.
        let end = if chance.one_in(5) { chance.below(6000) } else { 25_000 };
        acts.push((end, usize::try_from(chance.below(2)).unwrap_or(0), Act::Close));
        acts.sort_by_key(|(at, ..)| *at);
        let mut cut = [None; 2];
        if chance.one_in(2) {
            let loss = if chance.one_in(2) { Loss::Silent } else { Loss::Reset };
            // A login is about a kilobyte each way.
            cut[usize::try_from(chance.below(2)).unwrap_or(0)] = Some((chance.below(2800), loss));
        }
        Self { acts, latency, cut }
    }
}

/// Tells which schedule it was.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}: SCHEDULES_FROM={0} SCHEDULES=1", self.0);
        }
    }
}

fn run(seed: u64) -> Told {
    let _told = Seed(seed);
    let mut chance = Chance::new(seed);
    let plan = Plan::new(&mut chance);
    let mut config = client_config();
    let mut server = ServerConfig::default();
    if chance.one_in(3) {
        let after = core::time::Duration::from_secs(1 + chance.below(10));
        config.timeouts.ping = Some(after);
        server.timeouts.ping = Some(after);
    }
    let (config, server) = (Arc::new(config), Arc::new(server));
    let seeds = [seed.to_le_bytes(); 4].concat();
    let [mut first, mut second] = [[0; 32]; 2];
    first.copy_from_slice(&seeds);
    second.copy_from_slice(&seeds);
    second[0] ^= 0xff;
    let mut client = Side::new("client", Client::connect_dangerous_plaintext(config, T0, first));
    let mut server = Side::new("server", Server::accept_dangerous_plaintext(server, T0, second));
    let mut up = Pipe::new(plan.latency, plan.cut[0]);
    let mut down = Pipe::new(plan.latency, plan.cut[1]);
    let (mut now, mut acts, mut reset) = (0, plan.acts.into_iter().peekable(), false);
    let mut steps = 0_u64;
    while !(client.done && server.done) {
        steps += 1;
        assert!(steps < 2_000_000, "no end");
        if let Some((_, side, act)) = acts.next_if(|(at, ..)| *at <= now) {
            match (act, side) {
                (Act::Send, 0) => client.send(&mut chance),
                (Act::Send, _) => server.send(&mut chance),
                (Act::Ask, 0) => client.ask(now),
                (Act::Ask, _) => server.ask(now),
                (Act::Jump(by), 0) => client.jump(by),
                (Act::Jump(by), _) => server.jump(by),
                (Act::Stall(stalled), 0) => up.stalled = stalled,
                (Act::Stall(stalled), _) => down.stalled = stalled,
                (Act::Close, 0) => client.close(now),
                (Act::Close, _) => server.close(now),
            }
            continue;
        }
        let lost = [&up, &down].into_iter().any(|pipe| pipe.is_cut() == Some(Loss::Reset));
        if lost && !core::mem::replace(&mut reset, true) {
            up.reset(now, &mut chance);
            down.reset(now, &mut chance);
        }
        let moved = if chance.one_in(2) {
            client.step(now, &mut down, &mut up, &mut chance)
        } else {
            server.step(now, &mut up, &mut down, &mut chance)
        };
        // Either may have had nothing to do; both, and time goes on.
        let moved = moved
            || client.step(now, &mut down, &mut up, &mut chance)
            || server.step(now, &mut up, &mut down, &mut chance);
        if moved {
            continue;
        }
        let next =
            [acts.peek().map(|(at, ..)| *at), client.next(now, &down), server.next(now, &up)];
        let next = next.into_iter().flatten().min().expect("somebody waits for ever");
        now = next.max(now + 1);
        // Half an hour of silence is what a server bears, and what it sends is asked after.
        assert!(now < 3 * 3_600_000, "three hours and no end");
    }
    for (received, sent, all) in [
        (client.received, server.sent, client.has_all()),
        (server.received, client.sent, server.has_all()),
    ] {
        assert!(received <= sent && (received == sent || !all), "{received} of {sent}");
    }
    let cut = up.is_cut().is_some() || down.is_cut().is_some();
    Told {
        established: u64::from(client.established && server.established),
        stanzas: client.received + server.received,
        answered: client.answered + server.answered,
        unanswered: client.unanswered + server.unanswered,
        cut: u64::from(cut),
    }
}

#[test]
fn whatever_happens_both_ends_end_and_nothing_is_lost_in_between() {
    let number = |name, default| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let (from, count) = (number("SCHEDULES_FROM", 0), number("SCHEDULES", 4000));
    let mut all = Told::default();
    for seed in from..from + count {
        let told = run(seed);
        all.established += told.established;
        all.stanzas += told.stanzas;
        all.answered += told.answered;
        all.unanswered += told.unanswered;
        all.cut += told.cut;
    }
    println!("{count} schedules: {all:?}");
    // Each thing that the schedules are for happens in a good part of them.
    if count >= 1000 {
        assert!(all.established > count / 2 && all.cut > count / 8, "{all:?}");
        assert!(all.stanzas > count && all.answered > count / 2, "{all:?}");
        assert!(all.unanswered > count / 50, "{all:?}");
    }
}
