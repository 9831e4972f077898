//! What the pool says, held against what it promises.

use xmpp_core::federation::{Counters, Multiplexing, PoolOutput, Undelivered};
use xmpp_core::time::Instant;

use super::model::{Fate, Link, World};
use super::parcel::Numbered;

impl World {
    /// Takes all outputs.
    pub(super) fn run(&mut self) {
        let mut late = Vec::new();
        for round in 0.. {
            assert!(round < 1000, "the pool does not come to rest");
            match self.pool.poll(self.now) {
                PoolOutput::Wait(deadline) if late.is_empty() => {
                    self.wait = deadline.map(|deadline| deadline.at);
                    break;
                }
                // It was for a stream that is gone.
                PoolOutput::Wait(_) => self.pool.give_back(self.now, core::mem::take(&mut late)),
                output => late.extend(self.take(output)),
            }
        }
        self.unheard = false;
        self.check();
    }

    /// Nothing has happened since, so nothing is to be done.
    pub(super) fn rest(&mut self) {
        let before = self.pool.counters();
        match self.pool.poll(self.now) {
            PoolOutput::Wait(deadline) => {
                // A deadline that something has postponed may not have been, so far.
                let at = deadline.map(|deadline| deadline.at);
                let is_later = at.is_none_or(|at| self.wait.is_some_and(|before| before <= at));
                assert!(is_later, "{at:?} is before {:?}", self.wait);
                self.wait = at;
            }
            output => panic!("out of nothing: {output:?}"),
        }
        assert_eq!(self.pool.counters(), before);
    }

    /// Takes one, and gives it back if it is a stanza for a stream that has ended.
    fn take(&mut self, output: PoolOutput<Numbered>) -> Option<Undelivered<Numbered>> {
        match output {
            PoolOutput::LookUpSrv(query) => {
                assert!(!self.ended, "looks for a server at the end");
                self.srv.push(query);
            }
            PoolOutput::LookUpAddresses(query) => {
                assert!(!self.ended, "looks for an address at the end");
                self.addresses.push(query);
            }
            PoolOutput::Connect(dial) => {
                assert!(!self.ended, "connects at the end");
                assert!(dial.deadline > self.now);
                assert!(self.config.domains.allows(&dial.remote));
                let used = self.dials.iter().any(|other| other.link == dial.link)
                    || self.links.contains_key(&dial.link)
                    || self.gone.contains(&dial.link);
                assert!(!used, "a number twice");
                self.dials.push(dial);
            }
            PoolOutput::Authorise { link, local, remote } => {
                let pair = self.pair(&local, &remote);
                let Some(link) = self.links.get_mut(&link) else {
                    assert!(self.unheard, "on a stream that is not there");
                    return None;
                };
                assert!(link.open && !link.closing && !link.pairs.contains(&pair));
                assert!(link.asked.insert(pair), "asked twice");
                let dial = link.dial.as_ref().expect("a stream of ours");
                assert_eq!(dial.remote, remote);
                if dial.local != local {
                    assert_ne!(self.config.multiplexing, Multiplexing::Never);
                }
            }
            PoolOutput::Send { link, local, remote, stanza } => {
                let pair = self.pair(&local, &remote);
                assert_eq!(pair, self.taken[usize::try_from(stanza.number).unwrap()].pair);
                let Some(known) = self.links.get_mut(&link) else {
                    assert!(self.unheard, "on a stream that is not there");
                    let next = self.next.entry(pair).or_default();
                    *next = (*next).min(stanza.number);
                    self.unsettle(&stanza);
                    return Some(Undelivered::unsent(local, remote, stanza));
                };
                assert!(known.pairs.contains(&pair), "not authorised: {pair:?} on {link}");
                assert!(!known.closing, "on a stream that is closing");
                known.recent.push((pair, stanza.clone()));
                let next = self.next.insert(pair, stanza.number + 1);
                assert!(next.is_none_or(|next| next <= stanza.number), "out of order");
                self.settle(&stanza, Fate::Sent);
            }
            PoolOutput::Bounce { stanza, local, remote, .. } => {
                assert!(stanza.answerable);
                let pair = self.pair(&local, &remote);
                assert_eq!(pair, self.taken[usize::try_from(stanza.number).unwrap()].pair);
                self.settle(&stanza, Fate::Bounced);
            }
            PoolOutput::Verify { link: on, verify, remote, .. } => {
                let Some(link) = self.links.get(&on) else {
                    assert!(self.unheard, "on a stream that is not there");
                    return None;
                };
                let Some(key) = self.keys.get_mut(&verify) else {
                    assert!(self.unheard, "a key that nobody has");
                    return None;
                };
                assert!(link.open && !link.closing);
                let dial = link.dial.as_ref().expect("a stream of ours");
                assert_eq!(dial.remote, remote, "asked of another domain");
                assert_ne!(key.came_over, on, "asked on the stream that it came over");
                assert!(key.asked_on.replace(on).is_none(), "asked twice");
            }
            PoolOutput::VerifyFailed { verify, .. } => {
                assert!(self.end_key(verify), "failed twice");
            }
            PoolOutput::Close(id) => {
                if let Some(link) = self.links.get_mut(&id) {
                    assert!(!link.closing, "closed twice");
                    link.closing = true;
                } else if let Some(at) = self.dials.iter().position(|dial| dial.link == id) {
                    self.dials.remove(at);
                    self.gone.push(id);
                } else {
                    assert!(self.unheard, "closes what is not there");
                }
            }
            PoolOutput::Wait(_) => unreachable!("it is looked at before"),
        }
        None
    }

    /// The limits of what is kept, and whether anything is kept too long.
    fn check(&self) {
        let (counters, config) = (self.pool.counters(), &self.config);
        assert!(self.wait.is_none_or(|at| at > self.now), "a deadline that has passed");
        assert!(counters.stanzas <= config.total_queue.stanzas);
        assert!(counters.bytes <= config.total_queue.bytes);
        assert!(counters.remotes <= config.max_remotes);
        assert!(counters.searches <= config.max_searches);
        assert!(counters.links <= config.max_links);
        assert!(counters.incoming <= config.max_incoming);
        assert!(counters.verifications <= config.max_verifications);
        let of_ours = self.links.values().filter(|link| link.dial.is_some()).count();
        assert_eq!(counters.links, of_ours);
        assert_eq!(counters.incoming, self.links.len() - of_ours);
        assert_eq!(counters.verifications, self.keys.len());

        let waiting = || self.taken.iter().filter(|taken| taken.fate == Fate::Waiting);
        let answerable = || waiting().filter(|taken| taken.stanza.answerable);
        assert!(answerable().count() <= counters.stanzas, "a stanza is lost");
        assert!(counters.stanzas <= waiting().count(), "a stanza is there twice");
        for taken in answerable() {
            let until = taken.since.saturating_add(config.queue_for);
            assert!(until > self.now, "{:?} waits too long", taken.stanza);
        }
        for (at, remote) in self.remote.iter().enumerate() {
            let queued = answerable().filter(|taken| taken.pair.1 == at);
            assert!(queued.count() <= config.queue.stanzas);
            let to = |link: &&Link| link.dial.as_ref().is_some_and(|dial| dial.remote == *remote);
            assert!(self.links.values().filter(to).count() <= config.links_per_remote);
            let proved = |link: &&Link| link.proved.iter().any(|(_, remote)| *remote == at);
            let incoming = self.links.values().filter(|link| link.dial.is_none()).filter(proved);
            assert!(incoming.count() <= config.incoming_per_remote);
        }
        for (id, link) in &self.links {
            assert!(link.pairs.len() <= config.pairs_per_link, "too many pairs on {id}");
            assert!(link.proved.len() <= config.pairs_per_link, "too many pairs on {id}");
            let keys = self.keys.values().filter(|key| key.came_over == *id);
            assert!(keys.count() <= config.verifications_per_link);
        }
    }

    /// All that there was is over.
    pub(super) fn check_end(&self) {
        let count = |answerable: bool| {
            let waiting = self.taken.iter().filter(|taken| taken.fate == Fate::Waiting);
            waiting.filter(|taken| taken.stanza.answerable == answerable).count() as u64
        };
        let counters = self.pool.counters();
        assert_eq!(count(true), 0, "neither sent nor bounced");
        assert_eq!(count(false), counters.dropped, "neither sent nor dropped");
        let mut nothing = Counters::default();
        nothing.dropped = counters.dropped;
        assert_eq!(counters, nothing, "something is left");
        assert_eq!(self.wait, None::<Instant>, "waits for nothing");
    }
}
