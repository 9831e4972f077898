//! Random schedules: whatever happens, and in whatever order, what the pool promises holds.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use xmpp_core::federation::{
    Dial, Failure, LinkEnd, LinkId, Multiplexing, Offers, Pool, PoolConfig, PoolOutput,
    Undelivered, VerifyId,
};
use xmpp_core::jid::Domainpart;
use xmpp_core::session::discovery::{LookupFailed, Srv};
use xmpp_core::session::{AddressQuery, SrvQuery};
use xmpp_core::time::Instant;

use crate::rig::{Dice, Numbered, config, domain, queue_limits};

type Pair = (usize, usize);

/// A stream as the world has it.
#[derive(Default)]
struct Link {
    /// For ours: of which pair.
    dial: Option<Dial>,
    open: bool,
    /// Those that may be sent.
    pairs: BTreeSet<Pair>,
    /// Those that are to be decided.
    asked: BTreeSet<Pair>,
    closing: bool,
    congested: bool,
    /// What was sent lately.
    recent: Vec<(Pair, Numbered)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Waiting,
    Sent,
    Bounced,
}

struct World {
    pool: Pool<Numbered>,
    config: PoolConfig,
    dice: Dice,
    now: Instant,
    local: Vec<Domainpart>,
    remote: Vec<Domainpart>,
    srv: Vec<SrvQuery>,
    addresses: Vec<AddressQuery>,
    dials: Vec<Dial>,
    links: BTreeMap<LinkId, Link>,
    keys: Vec<VerifyId>,
    open_keys: BTreeSet<VerifyId>,
    fates: Vec<(Fate, Numbered)>,
    /// By pair: the least that may go out.
    next: BTreeMap<Pair, u64>,
    wait: Option<Instant>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed + 77);
        let mut config = config();
        config.queue = queue_limits(6, 2000);
        config.total_queue = queue_limits(10, 3000);
        config.max_remotes = 4;
        config.max_searches = 2;
        config.max_links = 5;
        config.links_per_remote = 2;
        config.max_incoming = 5;
        config.incoming_per_remote = 2;
        config.max_verifications = 6;
        config.verifications_per_link = 2;
        config.pairs_per_link = 2;
        config.multiplexing = match dice.below(3) {
            0 => Multiplexing::Never,
            1 => Multiplexing::WithErrors,
            _ => Multiplexing::Always,
        };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self {
            pool: Pool::new(config.clone(), bytes),
            config,
            dice,
            now: Instant::default(),
            local: (0..3).map(|n| domain(&format!("l{n}.example"))).collect(),
            remote: (0..6).map(|n| domain(&format!("r{n}.example"))).collect(),
            srv: Vec::new(),
            addresses: Vec::new(),
            dials: Vec::new(),
            links: BTreeMap::new(),
            keys: Vec::new(),
            open_keys: BTreeSet::new(),
            fates: Vec::new(),
            next: BTreeMap::new(),
            wait: None,
        }
    }

    fn pair(&self, local: &Domainpart, remote: &Domainpart) -> Pair {
        let at = |of: &[Domainpart], domain| of.iter().position(|one| one == domain).unwrap();
        (at(&self.local, local), at(&self.remote, remote))
    }

    fn settle(&mut self, stanza: &Numbered, fate: Fate) {
        let entry = &mut self.fates[usize::try_from(stanza.number).unwrap()];
        assert_eq!(entry.0, Fate::Waiting, "{stanza:?} is {:?} and was {:?}", fate, entry.0);
        entry.0 = fate;
    }

    /// Takes all outputs, and holds them against what is promised.
    fn run(&mut self) {
        for round in 0.. {
            assert!(round < 10_000, "the pool does not come to rest");
            match self.pool.poll(self.now) {
                PoolOutput::LookUpSrv(query) => self.srv.push(query),
                PoolOutput::LookUpAddresses(query) => self.addresses.push(query),
                PoolOutput::Connect(dial) => self.dials.push(dial),
                PoolOutput::Authorise { link, local, remote } => {
                    let pair = self.pair(&local, &remote);
                    let link = self.links.get_mut(&link).expect("a stream that is there");
                    assert!(link.open && !link.closing && !link.pairs.contains(&pair));
                    assert!(link.asked.insert(pair), "asked once");
                    if link.dial.as_ref().is_some_and(|dial| dial.local != local) {
                        assert_ne!(self.config.multiplexing, Multiplexing::Never);
                    }
                }
                PoolOutput::Send { link, local, remote, stanza } => {
                    let pair = self.pair(&local, &remote);
                    let known = self.links.get_mut(&link).expect("a stream that is there");
                    assert!(known.pairs.contains(&pair), "not authorised: {pair:?} on {link}");
                    assert!(!known.closing);
                    known.recent.push((pair, stanza.clone()));
                    let next = self.next.insert(pair, stanza.number + 1);
                    assert!(next.is_none_or(|next| next <= stanza.number), "out of order");
                    self.settle(&stanza, Fate::Sent);
                }
                PoolOutput::Bounce { stanza, .. } => {
                    assert!(stanza.answerable);
                    self.settle(&stanza, Fate::Bounced);
                }
                PoolOutput::Verify { link, verify, .. } => {
                    let link = &self.links[&link];
                    assert!(link.open && !link.closing && link.dial.is_some());
                    assert!(self.open_keys.contains(&verify));
                    self.keys.push(verify);
                }
                PoolOutput::VerifyFailed { verify, .. } => {
                    assert!(self.open_keys.remove(&verify), "failed twice");
                }
                PoolOutput::Close(link) => match self.links.get_mut(&link) {
                    Some(link) => {
                        assert!(!link.closing, "closed twice");
                        link.closing = true;
                    }
                    None => self.dials.retain(|dial| dial.link != link),
                },
                PoolOutput::Wait(deadline) => {
                    self.wait = deadline.map(|deadline| deadline.at);
                    break;
                }
            }
        }
        let counters = self.pool.counters();
        let config = &self.config;
        assert!(counters.stanzas <= config.total_queue.stanzas);
        assert!(counters.bytes <= config.total_queue.bytes);
        assert!(counters.remotes <= config.max_remotes);
        assert!(counters.searches <= config.max_searches);
        assert!(counters.links <= config.max_links);
        assert!(counters.incoming <= config.max_incoming);
        assert!(counters.verifications <= config.max_verifications);
        let waiting =
            self.fates.iter().filter(|(fate, one)| *fate == Fate::Waiting && one.answerable);
        assert!(waiting.count() <= counters.stanzas, "a stanza is lost");
        for remote in &self.remote {
            let to = |link: &&Link| link.dial.as_ref().is_some_and(|dial| dial.remote == *remote);
            assert!(self.links.values().filter(to).count() <= config.links_per_remote);
        }
    }

    fn any_pair(&mut self) -> Pair {
        let pick = |dice: &mut Dice, end: usize| usize::try_from(dice.below(end as u64)).unwrap();
        (pick(&mut self.dice, 3), pick(&mut self.dice, 6))
    }

    fn any_link(&mut self, fits: impl Fn(&Link) -> bool) -> Option<LinkId> {
        let mut fitting: Vec<LinkId> =
            self.links.iter().filter(|(_, link)| fits(link)).map(|(id, _)| *id).collect();
        self.dice.pick(&mut fitting)
    }

    fn end(&mut self, id: LinkId) {
        let link = self.links.remove(&id).unwrap();
        let end = match self.dice.below(4) {
            0 => LinkEnd::Closed,
            1 => LinkEnd::Failed(Failure::Untrusted),
            2 => LinkEnd::Failed(Failure::NotNegotiated),
            _ => LinkEnd::Lost,
        };
        let count = usize::try_from(self.dice.below(4)).unwrap().min(link.recent.len());
        // A stream that was closed for want of use has sent all that it was given.
        let most = if link.closing { 0 } else { count };
        let unsent = usize::try_from(self.dice.below(most as u64 + 1)).unwrap();
        let tail = &link.recent[link.recent.len() - count..];
        let mut undelivered = Vec::new();
        for (at, ((local, remote), stanza)) in tail.iter().enumerate() {
            let (ours, theirs) = (self.local[*local].clone(), self.remote[*remote].clone());
            self.fates[usize::try_from(stanza.number).unwrap()].0 = Fate::Waiting;
            undelivered.push(if at >= count - unsent {
                // It goes out again, and so may what follows it.
                let next = self.next.entry((*local, *remote)).or_default();
                *next = (*next).min(stanza.number);
                Undelivered::unsent(ours, theirs, stanza.clone())
            } else {
                Undelivered::uncertain(ours, theirs, stanza.clone())
            });
        }
        self.pool.closed(self.now, id, end, undelivered);
    }

    fn step(&mut self, sending: bool) {
        let now = self.now;
        match self.dice.below(16) {
            0..=3 if sending => {
                let (local, remote) = self.any_pair();
                let stanza = Numbered {
                    number: self.fates.len() as u64,
                    size: usize::try_from(self.dice.below(600)).unwrap(),
                    answerable: !self.dice.one_in(5),
                    sender: if self.dice.one_in(2) { "a@here.example" } else { "b@here.example" },
                };
                self.fates.push((Fate::Waiting, stanza.clone()));
                let (local, remote) = (&self.local[local], &self.remote[remote]);
                self.pool.send(now, local, remote, stanza);
            }
            4 | 5 => {
                if let Some(query) = self.dice.pick(&mut self.srv) {
                    let answer = match self.dice.below(8) {
                        0 => Ok(vec![Srv::new(0, 0, 0, ".")]),
                        1 => Err(LookupFailed::new("no")),
                        2 => Ok(Vec::new()),
                        3 => Ok(vec![
                            Srv::new(0, 0, 1, "h.example."),
                            Srv::new(1, 0, 1, "192.0.2.1"),
                        ]),
                        _ => Ok(vec![Srv::new(0, 0, 5269, "192.0.2.1")]),
                    };
                    self.pool.provide_srv(query, answer);
                }
                if let Some(query) = self.dice.pick(&mut self.addresses) {
                    let answer = match self.dice.below(3) {
                        0 => Err(LookupFailed::new("no")),
                        1 => Ok(Vec::new()),
                        _ => Ok(vec!["192.0.2.8".parse().unwrap(), "192.0.2.9".parse().unwrap()]),
                    };
                    self.pool.provide_addresses(query, answer);
                }
            }
            6 | 7 => {
                if let Some(dial) = self.dice.pick(&mut self.dials) {
                    if self.dice.one_in(4) {
                        self.pool.connect_failed(dial.link, "no");
                    } else {
                        self.pool.connected(now, dial.link);
                        let mut asked = BTreeSet::new();
                        if dial.authorise {
                            asked.insert(self.pair(&dial.local, &dial.remote));
                        }
                        let link = Link { dial: Some(dial.clone()), asked, ..Link::default() };
                        self.links.insert(dial.link, link);
                    }
                }
            }
            8 => {
                if let Some(id) = self.any_link(|link| link.dial.is_some() && !link.open) {
                    let link = self.links.get_mut(&id).unwrap();
                    link.open = true;
                    let offers = match self.dice.below(5) {
                        0 => Offers::none(),
                        n => Offers::with_dialback(n != 1),
                    };
                    self.pool.opened(now, id, offers);
                }
            }
            9 | 10 => {
                if let Some(id) = self.any_link(|link| !link.asked.is_empty() && link.open) {
                    let link = self.links.get_mut(&id).unwrap();
                    let pair = link.asked.pop_first().unwrap();
                    let (local, remote) = (self.local[pair.0].clone(), self.remote[pair.1].clone());
                    if self.dice.one_in(5) {
                        let failure = Failure::PairRefused;
                        self.pool.refused(now, id, &local, &remote, failure);
                    } else {
                        link.pairs.insert(pair);
                        self.pool.authorised(now, id, &local, &remote);
                    }
                }
            }
            11 => {
                if let Some(id) = self.any_link(|_| true).filter(|_| self.dice.one_in(3)) {
                    self.end(id);
                } else if let Some(id) = self.any_link(|link| link.closing) {
                    self.end(id);
                }
            }
            12 => {
                if let Some(id) = self.any_link(|link| !link.closing) {
                    let link = self.links.get_mut(&id).unwrap();
                    link.congested = !link.congested;
                    self.pool.congested(now, id, link.congested);
                }
            }
            13 => {
                if self.dice.one_in(2) {
                    if let Ok(id) = self.pool.accepted(now, None) {
                        self.links.insert(id, Link { open: true, ..Link::default() });
                    }
                } else if let Some(id) = self.any_link(|link| link.dial.is_none()) {
                    let pair = self.any_pair();
                    let (local, remote) = (self.local[pair.0].clone(), self.remote[pair.1].clone());
                    let bidi = self.dice.one_in(2);
                    let taken = self.pool.peer_authorised(now, id, &local, &remote, bidi);
                    if taken.is_ok() && bidi {
                        self.links.get_mut(&id).unwrap().pairs.insert(pair);
                    }
                }
            }
            14 => {
                let (local, remote) = self.any_pair();
                if let Some(id) = self.any_link(|_| sending) {
                    let (local, remote) = (&self.local[local], &self.remote[remote]);
                    if let Ok(key) = self.pool.verify(now, id, local, remote) {
                        self.open_keys.insert(key);
                    }
                }
                if let Some(key) = self.dice.pick(&mut self.keys) {
                    self.open_keys.remove(&key);
                    self.pool.verified(now, key);
                }
            }
            _ => {
                let most = if self.dice.one_in(10) { 900_000 } else { 3000 };
                let step = Duration::from_millis(self.dice.below(most));
                let end = now.saturating_add(step);
                self.now = self.wait.map_or(end, |wait| wait.max(now).min(end));
            }
        }
        self.run();
    }

    /// No more is sent, and whatever is open ends. What has become of the stanzas.
    fn finish(mut self) -> Vec<(Fate, Numbered)> {
        for _ in 0..40 {
            self.step(false);
        }
        self.srv.clear();
        self.addresses.clear();
        self.dials.clear();
        let ids: Vec<LinkId> = self.links.keys().copied().collect();
        for id in ids {
            self.end(id);
            self.run();
        }
        let end = self.now.saturating_add(Duration::from_secs(7200));
        while let Some(at) = self.wait.filter(|at| *at <= end) {
            assert!(at > self.now, "a deadline that does not move");
            self.now = at;
            self.run();
            self.srv.clear();
            self.addresses.clear();
        }
        let unsettled = |answerable: bool| {
            let waiting = self.fates.iter().filter(|(fate, _)| *fate == Fate::Waiting);
            waiting.filter(|(_, stanza)| stanza.answerable == answerable).count() as u64
        };
        assert_eq!(unsettled(true), 0, "neither sent nor bounced");
        let counters = self.pool.counters();
        assert_eq!(unsettled(false), counters.dropped, "neither sent nor dropped");
        let nothing = (0, 0, 0, 0, 0, 0, 0);
        let left = (
            counters.remotes,
            counters.searches,
            counters.links,
            counters.incoming,
            counters.stanzas,
            counters.bytes,
            counters.verifications,
        );
        assert_eq!(left, nothing, "something is left");
        self.fates
    }
}

/// 10,000 schedules of 120 steps each.
#[test]
fn what_is_promised_holds_in_any_order() {
    let mut came_to = [0_u64; 3];
    for seed in 0..10_000 {
        let run = std::panic::catch_unwind(|| {
            let mut world = World::new(seed);
            for _ in 0..120 {
                world.step(true);
            }
            world.finish()
        });
        let Ok(fates) = run else { panic!("seed {seed}") };
        for (fate, _) in fates {
            came_to[fate as usize] += 1;
        }
    }
    // A schedule in which nothing happens shows nothing.
    assert!(came_to.iter().all(|count| *count > 10_000), "{came_to:?}");
}
