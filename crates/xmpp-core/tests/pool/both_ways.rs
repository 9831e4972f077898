//! Two pools, each of which dials the other.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use xmpp_core::federation::{LinkEnd, LinkId, Offers, Pool, PoolOutput, Undelivered};
use xmpp_core::jid::Domainpart;
use xmpp_core::session::discovery::Srv;
use xmpp_core::time::Instant;

use crate::rig::{Dice, Numbered, config, domain, stanza};

/// What is on its way.
enum Event {
    /// A transport of the side is connected.
    Connected {
        side: usize,
        link: LinkId,
    },
    /// The stream is through, on both sides.
    Established {
        stream: usize,
    },
    Ended {
        side: usize,
        link: LinkId,
    },
}

/// A stream: who opened it, and its numbers on both sides.
struct Stream {
    from: usize,
    links: [LinkId; 2],
}

struct Two {
    pools: [Pool<Numbered>; 2],
    domains: [Domainpart; 2],
    now: Instant,
    bidi: bool,
    events: Vec<(Instant, Event)>,
    streams: Vec<Stream>,
    /// By side and number: which stream.
    of: BTreeMap<(usize, LinkId), usize>,
    gone: BTreeSet<usize>,
    received: [Vec<u64>; 2],
    bounced: usize,
}

impl Two {
    fn new(bidi: bool, seed: u64) -> Self {
        let seed = |n: u8| {
            let mut bytes = [n; 32];
            bytes[..8].copy_from_slice(&seed.to_le_bytes());
            bytes
        };
        Self {
            pools: [Pool::new(config(), seed(1)), Pool::new(config(), seed(2))],
            domains: [domain("a.example"), domain("b.example")],
            now: Instant::default(),
            bidi,
            events: Vec::new(),
            streams: Vec::new(),
            of: BTreeMap::new(),
            gone: BTreeSet::new(),
            received: [Vec::new(), Vec::new()],
            bounced: 0,
        }
    }

    fn run(&mut self, dice: &mut Dice) {
        for side in [0, 1, 0, 1] {
            loop {
                let later = self.now.saturating_add(Duration::from_millis(dice.below(300)));
                match self.pools[side].poll(self.now) {
                    PoolOutput::LookUpSrv(query) => {
                        let found = vec![Srv::new(0, 0, 5269, "192.0.2.1")];
                        self.pools[side].provide_srv(query, Ok(found));
                    }
                    PoolOutput::LookUpAddresses(query) => {
                        self.pools[side].provide_addresses(query, Ok(Vec::new()));
                    }
                    PoolOutput::Connect(dial) => {
                        self.events.push((later, Event::Connected { side, link: dial.link }));
                    }
                    PoolOutput::Authorise { link, local, remote } => {
                        self.pools[side].authorised(self.now, link, &local, &remote);
                    }
                    PoolOutput::Send { link, local, remote, stanza } => {
                        let stream = self.of[&(side, link)];
                        assert!(self.bidi || self.streams[stream].from == side);
                        if self.gone.contains(&stream) {
                            let back = vec![Undelivered::unsent(local, remote, stanza)];
                            self.pools[side].give_back(self.now, back);
                        } else {
                            self.received[1 - side].push(stanza.number);
                        }
                    }
                    PoolOutput::Bounce { .. } => self.bounced += 1,
                    PoolOutput::Close(link) => {
                        self.events.push((later, Event::Ended { side, link }));
                    }
                    PoolOutput::Verify { .. } | PoolOutput::VerifyFailed { .. } => unreachable!(),
                    PoolOutput::Wait(_) => break,
                }
            }
        }
    }

    fn event(&mut self, event: Event, dice: &mut Dice) {
        match event {
            Event::Connected { side, link } => {
                let other = 1 - side;
                let theirs = self.pools[other].accepted(self.now, None).unwrap();
                self.pools[side].connected(self.now, link);
                let stream = self.streams.len();
                let mut links = [link, theirs];
                if side == 1 {
                    links.reverse();
                }
                self.of.insert((side, link), stream);
                self.of.insert((other, theirs), stream);
                self.streams.push(Stream { from: side, links });
                let later = self.now.saturating_add(Duration::from_millis(dice.below(500)));
                self.events.push((later, Event::Established { stream }));
            }
            Event::Established { stream } => {
                if self.gone.contains(&stream) {
                    return;
                }
                let Stream { from, links } = self.streams[stream];
                let (ours, theirs) = (self.domains[from].clone(), self.domains[1 - from].clone());
                let (now, bidi) = (self.now, self.bidi);
                self.pools[1 - from]
                    .peer_authorised(now, links[1 - from], &theirs, &ours, bidi)
                    .unwrap();
                self.pools[from].opened(now, links[from], Offers::with_dialback(true));
                self.pools[from].authorised(now, links[from], &ours, &theirs);
            }
            Event::Ended { side, link } => {
                let Some(&stream) = self.of.get(&(side, link)) else {
                    self.pools[side].closed(self.now, link, LinkEnd::Closed, Vec::new());
                    return;
                };
                if self.gone.insert(stream) {
                    let links = self.streams[stream].links;
                    for (pool, link) in self.pools.iter_mut().zip(links) {
                        pool.closed(self.now, link, LinkEnd::Closed, Vec::new());
                    }
                }
            }
        }
    }

    /// All that happens within this time.
    fn pass(&mut self, time: Duration, dice: &mut Dice) {
        let end = self.now.saturating_add(time);
        loop {
            self.run(dice);
            let event = (0..self.events.len()).min_by_key(|at| self.events[*at].0);
            let event = event.filter(|at| self.events[*at].0 <= end);
            let Some(event) = event.map(|at| self.events.swap_remove(at)) else { break };
            self.now = self.now.max(event.0);
            self.event(event.1, dice);
        }
        self.now = end;
        self.run(dice);
    }
}

/// Both dial at once, again and again: whatever comes first, all arrives, in order; with and
/// without bidi.
#[test]
fn both_dial_at_once() {
    for seed in 0..500 {
        for bidi in [false, true] {
            let mut dice = Dice::new(seed + 1);
            let mut two = Two::new(bidi, seed);
            let mut sent = [0_u64, 0];
            for _ in 0..12 {
                for _ in 0..=dice.below(3) {
                    let side = usize::try_from(dice.below(2)).unwrap();
                    let (from, to) = (two.domains[side].clone(), two.domains[1 - side].clone());
                    two.pools[side].send(two.now, &from, &to, stanza(sent[side]));
                    sent[side] += 1;
                }
                let wait = if dice.one_in(6) { 700_000 } else { 400 };
                two.pass(Duration::from_millis(dice.below(wait)), &mut dice);
            }
            two.pass(Duration::from_secs(20), &mut dice);
            assert_eq!(two.bounced, 0, "seed {seed}, bidi {bidi}");
            for (sent, received) in sent.iter().zip(two.received.iter().rev()) {
                let all: Vec<u64> = (0..*sent).collect();
                assert_eq!(*received, all, "seed {seed}, bidi {bidi}");
            }
        }
    }
}
