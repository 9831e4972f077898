//! What a remote domain makes of the streams that there are: stanzas, pairs to be
//! authorised, keys to be asked about.

use xmpp_jid::Domainpart;

use super::config::Multiplexing;
use super::output::{LinkId, Parcel, PoolOutput, VerifyId};
use super::queue::Amount;
use super::remote::{IN_USE, Pair, Remote};
use super::shared::Shared;
use crate::federation::Failure;
use crate::time::Instant;

/// How many stanzas of a pair go out before others have their turn, and before a stream
/// that is full can say so.
const BATCH: usize = 16;

impl<P: Parcel> Remote<P> {
    /// Sends what can be sent, and has pairs authorised on streams that are open. Says
    /// whether more could be sent, and for which domain of ours a stream is missing.
    pub(super) fn use_links(
        &mut self,
        domain: &Domainpart,
        now: Instant,
        shared: &mut Shared<P>,
    ) -> (bool, Option<Domainpart>) {
        let (mut full, mut wanted): (_, Option<(Instant, Domainpart)>) = (false, None);
        let setback = self.trials.setback(now);
        for (local, pair) in &mut self.pairs {
            if pair.queue.is_empty() {
                continue;
            }
            if pair.way.is_none() {
                let mut known = self.links.iter().chain(&self.incoming);
                let is_for =
                    |id: &&u64| shared.links.get(id).is_some_and(|link| link.is_for(local, domain));
                pair.way = known.find(is_for).copied();
            }
            if let Some(way) = pair.way {
                full |= pair.flush((local, domain), way, &mut self.queued, now, shared);
                continue;
            }
            if let Some(failure) = pair.trials.setback(now).or(setback) {
                shared.bounce_all(local, domain, &mut pair.queue, &mut self.queued, failure);
                continue;
            }
            if pair.authorising.is_some() {
                continue;
            }
            let waits = pair.trials.waits_until(now).is_some();
            let usable = |id: &&u64| {
                let Some(link) = shared.links.get(id) else { return false };
                let (Some(offers), Some(ours)) = (link.offers(), link.ours()) else { return false };
                if ours.asked.contains(local) {
                    return false;
                }
                let is_own = ours.local == *local;
                let may_be_shared = match shared.config.multiplexing {
                    Multiplexing::Never => false,
                    Multiplexing::WithErrors => offers.dialback_errors,
                    Multiplexing::Always => true,
                };
                // What is asked for may be accepted; and one place is the own pair's.
                let others = link.pairs.iter().map(|(ours, _)| ours).chain(&ours.asked);
                let others = others.filter(|other| **other != ours.local).count();
                let fits = others + 1 < shared.config.pairs_per_link;
                offers.dialback && (is_own || (may_be_shared && !pair.needs_own_link && fits))
            };
            match self.links.iter().find(usable).copied() {
                _ if waits => {}
                Some(link) => {
                    let until = now.saturating_add(shared.config.authorisation);
                    pair.authorising = Some((link, until));
                    if let Some(link) = shared.links.get_mut(&link) {
                        link.ask(local);
                    }
                    let (local, remote) = (local.clone(), domain.clone());
                    let link = LinkId(link);
                    shared.out.push_back(PoolOutput::Authorise { link, local, remote });
                }
                None => {
                    let since = pair.queue.front().map_or(now, |waiting| waiting.since);
                    if wanted.as_ref().is_none_or(|(oldest, _)| since < *oldest) {
                        wanted = Some((since, local.clone()));
                    }
                }
            }
        }
        (full, wanted.map(|(_, local)| local))
    }

    /// Asks about keys where a stream is open. Says for which domain of ours one is missing.
    pub(super) fn ask_about_keys(
        &mut self,
        domain: &Domainpart,
        now: Instant,
        shared: &mut Shared<P>,
    ) -> Option<Domainpart> {
        let mut wanted = None;
        let (links, pairs, trials) = (&self.links, &self.pairs, &self.trials);
        self.keys.retain(|&id| {
            let Some(key) = shared.keys.get(&id) else { return false };
            if key.asked_on.is_some() {
                return true;
            }
            let came_over = key.came_over;
            let open = links.iter().filter(|link| Some(**link) != came_over);
            let mut open = open.filter_map(|id| Some((*id, shared.links.get(id)?.offers()?)));
            let first = open.clone().next();
            let setback = || {
                let of_pair = pairs.get(key.local.as_str()).map(|pair| &pair.trials);
                let of_pair = of_pair.and_then(|pair| pair.setback_of_key(now, &shared.config));
                of_pair.or_else(|| trials.setback_of_key(now, &shared.config))
            };
            let failure = match open.find(|(_, offers)| offers.dialback) {
                Some((link, _)) => {
                    let (local, remote) = (key.local.clone(), domain.clone());
                    let (verify, number) = (VerifyId(id), LinkId(link));
                    let output = PoolOutput::Verify { link: number, verify, local, remote };
                    shared.out.push_back(output);
                    if let Some(key) = shared.keys.get_mut(&id) {
                        key.asked_on = Some(link);
                    }
                    if let Some(link) = shared.links.get_mut(&link) {
                        link.last_used = now;
                    }
                    return true;
                }
                // It knows no dialback, and will not on another stream.
                None if first.is_some() => Some(Failure::NotNegotiated),
                None => setback(),
            };
            match failure {
                Some(failure) => {
                    shared.fail_key(id, failure);
                    false
                }
                None => {
                    wanted.get_or_insert_with(|| key.local.clone());
                    true
                }
            }
        });
        wanted
    }

    /// Whether another stream of ours may be opened. If there are too many, one that is not
    /// in use is closed, as soon as there is one.
    pub(super) fn has_room(&mut self, now: Instant, shared: &mut Shared<P>) -> bool {
        if self.links.len() < shared.config.links_per_remote {
            return true;
        }
        let is_closing = |id: &u64| shared.links.get(id).is_some_and(|link| link.closing);
        if !self.links.iter().any(is_closing) {
            let used = |id: &u64| shared.links.get(id).map_or(now, |link| link.last_used);
            let is_full = |id: &u64| shared.links.get(id).is_some_and(|link| link.congested);
            let oldest = self.links.iter().copied().filter(|id| !is_full(id)).min_by_key(used);
            if let Some(id) = oldest {
                let unused_at = used(&id).saturating_add(IN_USE);
                if unused_at <= now {
                    self.close_link(id, shared);
                } else {
                    self.room_at = Some(unused_at);
                }
            }
        }
        false
    }
}

impl<P: Parcel> Pair<P> {
    /// Sends what the stream takes. Says whether there is more.
    fn flush(
        &mut self,
        (local, remote): (&Domainpart, &Domainpart),
        way: u64,
        queued: &mut Amount,
        now: Instant,
        shared: &mut Shared<P>,
    ) -> bool {
        let Some(link) = shared.links.get_mut(&way).filter(|link| link.takes_stanzas()) else {
            return false;
        };
        link.last_used = now;
        for _ in 0..BATCH {
            let Some(waiting) = self.queue.pop_front() else { break };
            queued.remove(waiting.amount);
            shared.queued.remove(waiting.amount);
            shared.out.push_back(PoolOutput::Send {
                link: LinkId(way),
                local: local.clone(),
                remote: remote.clone(),
                stanza: waiting.stanza,
            });
        }
        !self.queue.is_empty()
    }
}
