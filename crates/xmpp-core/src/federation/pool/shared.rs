//! What all remote domains of a pool share.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use xmpp_jid::Domainpart;

use super::config::PoolConfig;
use super::line::{Line, Origin};
use super::link::Link;
use super::output::{Dial, LinkId, Parcel, PoolOutput, VerifyId};
use super::queue::{Amount, Queued};
use crate::federation::Failure;
use crate::session::out::{Numbers, Out};
use crate::session::random::Random;
use crate::session::{Lookup, Target};
use crate::time::Instant;

pub(super) struct Shared<P> {
    pub(super) config: PoolConfig,
    pub(super) random: Random,
    pub(super) numbers: Numbers,
    pub(super) out: VecDeque<PoolOutput<P>>,
    pub(super) links: BTreeMap<u64, Link>,
    /// Whose questions and transports on their way these are.
    pub(super) owners: BTreeMap<u64, Domainpart>,
    pub(super) keys: BTreeMap<u64, Key>,
    /// How many of them came from where.
    pub(super) keys_from: BTreeMap<Origin, usize>,
    /// Those that wait until they may connect.
    pub(super) line: Line,
    /// Those that are being connected to, by when that began.
    pub(super) searching: BTreeMap<(Instant, u64), Domainpart>,
    /// All that waits.
    pub(super) queued: Amount,
    /// How many streams are ours.
    pub(super) ours: usize,
    /// How many of those are closing.
    pub(super) closing: usize,
    /// How many streams are others'.
    pub(super) incoming: usize,
    pub(super) dropped: u64,
    /// The server ends: nothing new is begun.
    pub(super) ended: bool,
}

/// A dialback key that is to be asked about.
pub(super) struct Key {
    pub(super) local: Domainpart,
    pub(super) remote: Domainpart,
    /// The stream that it came over, which does not do for asking.
    pub(super) came_over: Option<u64>,
    pub(super) origin: Origin,
    /// The stream on which it is being asked about.
    pub(super) asked_on: Option<u64>,
    pub(super) until: Instant,
}

impl<P: Parcel> Shared<P> {
    pub(super) fn new(config: PoolConfig, seed: [u8; 32]) -> Self {
        Self {
            config,
            random: Random::new(seed),
            numbers: Numbers::default(),
            out: VecDeque::new(),
            links: BTreeMap::new(),
            owners: BTreeMap::new(),
            keys: BTreeMap::new(),
            keys_from: BTreeMap::new(),
            line: Line::default(),
            searching: BTreeMap::new(),
            queued: Amount::default(),
            ours: 0,
            closing: 0,
            incoming: 0,
            dropped: 0,
            ended: false,
        }
    }

    /// Gives a stanza back, if its sender may be told.
    pub(super) fn bounce(
        &mut self,
        local: &Domainpart,
        remote: &Domainpart,
        stanza: P,
        failure: Failure,
    ) {
        if stanza.may_be_bounced() {
            let (local, remote) = (local.clone(), remote.clone());
            self.out.push_back(PoolOutput::Bounce { local, remote, stanza, failure });
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Gives back all that waits for a pair of domains.
    pub(super) fn bounce_all(
        &mut self,
        local: &Domainpart,
        remote: &Domainpart,
        queue: &mut VecDeque<Queued<P>>,
        queued: &mut Amount,
        failure: Failure,
    ) {
        while let Some(waiting) = queue.pop_front() {
            queued.remove(waiting.amount);
            self.queued.remove(waiting.amount);
            self.bounce(local, remote, waiting.stanza, failure);
        }
    }

    /// A key is not asked about any more.
    pub(super) fn take_key(&mut self, id: u64) -> Option<Key> {
        let key = self.keys.remove(&id)?;
        if let Some(link) = key.came_over.and_then(|link| self.links.get_mut(&link)) {
            link.keys = link.keys.saturating_sub(1);
        }
        if let Some(count) = self.keys_from.get_mut(&key.origin) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.keys_from.remove(&key.origin);
            }
        }
        Some(key)
    }

    /// Of an origin of which more keys are being asked about than of this one: the latest.
    pub(super) fn key_in_excess_of(&self, origin: &Origin) -> Option<u64> {
        let own = self.keys_from.get(origin).copied().unwrap_or(0);
        let (most, count) = self.keys_from.iter().max_by_key(|(_, count)| **count)?;
        // With one more, it would have as many as the other is left with, at most.
        if *count < own + 2 {
            return None;
        }
        self.keys.iter().rev().find(|(_, key)| key.origin == *most).map(|(id, _)| *id)
    }

    /// A key cannot be asked about.
    pub(super) fn fail_key(&mut self, id: u64, failure: Failure) {
        if self.take_key(id).is_some() {
            self.out.push_back(PoolOutput::VerifyFailed { verify: VerifyId(id), failure });
        }
    }

    /// Has a stream closed.
    pub(super) fn close(&mut self, id: u64) {
        if let Some(link) = self.links.get_mut(&id)
            && !link.closing
        {
            link.closing = true;
            link.pairs.clear();
            self.closing += usize::from(link.ours().is_some());
            self.out.push_back(PoolOutput::Close(LinkId(id)));
        }
    }

    /// Whether one more domain may be connected to. If streams are too many, one that
    /// nothing passes over is asked to make room.
    pub(super) fn has_place(&self) -> bool {
        self.searching.len() < self.config.max_searches
            && self.ours + self.searching.len() < self.config.max_links
    }

    /// What a search has to tell, as the pool tells it.
    pub(super) fn tell(
        &mut self,
        outs: VecDeque<Out>,
        (local, remote, authorise): (&Domainpart, &Domainpart, bool),
        numbers: &mut Vec<u64>,
    ) {
        for out in outs {
            let (number, output) = match out {
                Out::LookUp(Lookup::Srv(query)) => (query.serial, PoolOutput::LookUpSrv(query)),
                Out::LookUp(Lookup::Addresses(query)) => {
                    (query.serial, PoolOutput::LookUpAddresses(query))
                }
                Out::Connect(attempt) => {
                    let Target::Tcp { address, tls } = attempt.target else { continue };
                    let (link, deadline) = (LinkId(attempt.id.0), attempt.deadline);
                    let (local, remote) = (local.clone(), remote.clone());
                    let dial = Dial { link, local, remote, authorise, address, tls, deadline };
                    (attempt.id.0, PoolOutput::Connect(dial))
                }
                Out::CloseTransport(id) => {
                    self.owners.remove(&id.0);
                    numbers.retain(|number| *number != id.0);
                    self.out.push_back(PoolOutput::Close(LinkId(id.0)));
                    continue;
                }
                // A search asks for no files of the web, and tells nothing.
                Out::LookUp(Lookup::HostMeta(_)) | Out::Event(_) => continue,
            };
            self.owners.insert(number, remote.clone());
            numbers.push(number);
            self.out.push_back(output);
        }
    }
}

#[cfg(test)]
mod tests {
    use xmpp_xml::Element;

    use super::*;
    use crate::federation::{LinkEnd, Pool};
    use crate::session::discovery::{Family, Srv};

    /// Of a search that is given up, at whichever point, nothing is left: no question that
    /// it has asked, and no transport.
    #[test]
    fn a_search_that_is_over_owns_nothing() {
        let (here, there) = (Domainpart::new("here.example"), Domainpart::new("there.example"));
        let (here, there) = (here.unwrap(), there.unwrap());
        let (mut dialled, mut questions) = (0, 0);
        for choices in 0..4096_u64 {
            let addresses = alloc::sync::Arc::new(crate::federation::AddressPolicy::any());
            let config = PoolConfig { addresses, ..PoolConfig::default() };
            let mut pool = Pool::<Element>::new(config, [1; 32]);
            let mut now = Instant::default();
            let came_over = pool.accepted(now, None).unwrap();
            let key = pool.verify(now, came_over, &here, &there).unwrap();
            let mut bits = choices.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut choose = |end: u64| {
                bits = bits.rotate_left(7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                usize::try_from((bits >> 40) % end).unwrap()
            };
            let (mut left, mut waiting, mut connected) = (choose(12), Vec::new(), Vec::new());
            loop {
                match pool.poll(now) {
                    PoolOutput::Wait(_) if left == 0 => break,
                    PoolOutput::Wait(_) => left -= 1,
                    output => {
                        waiting.push(output);
                        continue;
                    }
                }
                if waiting.is_empty() || choose(4) == 0 {
                    now = now.saturating_add(core::time::Duration::from_millis(300));
                    continue;
                }
                let chosen = choose(waiting.len() as u64);
                match waiting.swap_remove(chosen) {
                    PoolOutput::LookUpSrv(query) => {
                        let srv = Srv::new(0, 0, 5269, "xmpp.there.example.");
                        let direct = query.name().starts_with("_xmpps-");
                        let answer = if direct { Vec::new() } else { [srv].into() };
                        pool.provide_srv(query, Ok(answer));
                    }
                    PoolOutput::LookUpAddresses(query) => {
                        let addresses = match query.family() {
                            Family::Ipv4 => ["192.0.2.1", "192.0.2.2"],
                            Family::Ipv6 => ["2001:db8::1", "2001:db8::2"],
                        };
                        let addresses = addresses.map(|address| address.parse().unwrap());
                        pool.provide_addresses(query, Ok(addresses.into()));
                        questions += 1;
                    }
                    PoolOutput::Connect(dial) if choose(2) == 0 => {
                        pool.connect_failed(dial.link, "refused");
                    }
                    PoolOutput::Connect(dial) => {
                        pool.connected(now, dial.link);
                        connected.push(dial.link);
                        dialled += 1;
                    }
                    _ => {}
                }
            }
            pool.verified(now, key);
            for link in connected {
                pool.closed(now, link, LinkEnd::Lost, Vec::new());
            }
            while !matches!(pool.poll(now), PoolOutput::Wait(_)) {}
            assert!(pool.shared.searching.is_empty(), "{choices}");
            assert!(pool.shared.owners.is_empty(), "{choices}: {:?}", pool.shared.owners);
        }
        assert!(dialled > 100 && questions > 100, "{dialled} {questions}");
    }
}
