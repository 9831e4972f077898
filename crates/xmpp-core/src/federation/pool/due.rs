//! What takes too long with a remote domain, and when it will have.

use alloc::vec::Vec;

use xmpp_jid::Domainpart;

use super::output::Parcel;
use super::remote::{Pair, Remote};
use super::shared::Shared;
use crate::federation::Failure;
use crate::time::{Deadline, Instant, TimerReason};

impl<P: Parcel> Remote<P> {
    /// What has taken too long.
    pub(super) fn expire(&mut self, domain: &Domainpart, now: Instant, shared: &mut Shared<P>) {
        let mut idle = Vec::new();
        for &id in &self.links {
            let Some(link) = shared.links.get_mut(&id) else { continue };
            let Some(ours) = link.ours().filter(|_| !link.closing) else { continue };
            if ours.offers.is_none() {
                if ours.until <= now {
                    idle.push(id);
                }
            } else if link.last_used.saturating_add(shared.config.idle) <= now {
                let is_used = |pair: &Pair<P>| {
                    let is_way = pair.way == Some(id) && !pair.queue.is_empty();
                    is_way || pair.authorising.is_some_and(|(on, _)| on == id)
                };
                let asks =
                    |key: &u64| shared.keys.get(key).is_some_and(|key| key.asked_on == Some(id));
                // One that is full has not sent all that it was given.
                let is_full = link.congested;
                if is_full || self.pairs.values().any(is_used) || self.keys.iter().any(asks) {
                    link.last_used = now;
                } else {
                    idle.push(id);
                }
            }
        }
        for id in idle {
            self.close_link(id, shared);
        }
        let late: Vec<(Domainpart, u64)> = self
            .pairs
            .iter()
            .filter_map(|(local, pair)| Some((local.clone(), pair.authorising?)))
            .filter(|(_, (_, until))| *until <= now)
            .map(|(local, (link, _))| (local, link))
            .collect();
        for (local, link) in late {
            self.pair_refused(domain, (&local, link), Failure::TimedOut, now, shared);
        }
        for (local, pair) in &mut self.pairs {
            let why =
                pair.trials.last().or_else(|| self.trials.last()).unwrap_or(Failure::TimedOut);
            let wait = shared.config.queue_for;
            let is_late = |since: Instant| since.saturating_add(wait) <= now;
            while pair.queue.front().is_some_and(|waiting| is_late(waiting.since)) {
                let Some(late) = pair.queue.pop_front() else { break };
                self.queued.remove(late.amount);
                shared.queued.remove(late.amount);
                shared.bounce(local, domain, late.stanza, why);
            }
        }
        let why = self.trials.last().unwrap_or(Failure::TimedOut);
        self.keys.retain(|id| {
            let is_late = shared.keys.get(id).is_some_and(|key| key.until <= now);
            if is_late {
                shared.fail_key(*id, why);
            }
            !is_late
        });
        self.pairs.retain(|_, pair| {
            !pair.queue.is_empty()
                || pair.way.is_some()
                || pair.authorising.is_some()
                || pair.trials.remembered_until(now).is_some()
        });
    }

    /// When to drive it next, if nothing happens before.
    pub(super) fn deadline(&self, now: Instant, shared: &Shared<P>) -> Option<Deadline> {
        let reason = |reason| move |at| Deadline { at, reason };
        let waits = !self.queued.is_empty() || !self.keys.is_empty();
        let config = &shared.config;
        let pairs = self.pairs.values().flat_map(|pair| {
            let front = pair.queue.front();
            let late = front.map(|waiting| waiting.since.saturating_add(config.queue_for));
            let retry = front.and_then(|_| pair.trials.waits_until(now));
            let authorised = pair.authorising.map(|(_, until)| until);
            [
                late.map(reason(TimerReason::Request)),
                retry.map(reason(TimerReason::Reconnect)),
                authorised.map(reason(TimerReason::Negotiation)),
                pair.trials.remembered_until(now).map(reason(TimerReason::Quiet)),
            ]
        });
        let keys = self.keys.iter().filter_map(|id| Some(shared.keys.get(id)?.until));
        let links = self.links.iter().filter_map(|id| {
            let link = shared.links.get(id).filter(|link| !link.closing)?;
            let ours = link.ours()?;
            let idle = link.last_used.saturating_add(config.idle);
            Some(match ours.offers {
                None => Deadline { at: ours.until, reason: TimerReason::Negotiation },
                Some(_) => Deadline { at: idle, reason: TimerReason::Idle },
            })
        });
        let retry = self.trials.waits_until(now).filter(|_| waits);
        pairs
            .flatten()
            .chain(keys.map(reason(TimerReason::Request)))
            .chain(links)
            .chain(self.room_at.map(reason(TimerReason::Idle)))
            .chain(self.search_deadline)
            .chain(retry.map(reason(TimerReason::Reconnect)))
            .chain(self.trials.remembered_until(now).map(reason(TimerReason::Quiet)))
            .min_by_key(|deadline| deadline.at)
    }
}
