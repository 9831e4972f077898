//! One remote domain: what waits for it, and what is done about it.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use xmpp_jid::Domainpart;

use super::config::Multiplexing;
use super::output::{LinkId, Parcel, PoolOutput, VerifyId};
use super::queue::{Amount, Queue};
use super::search::{Progress, Search};
use super::shared::Shared;
use super::trials::Trials;
use crate::federation::Failure;
use crate::session::out::Out;
use crate::time::{Deadline, Instant, TimerReason};

/// How many stanzas of a pair go out before others have their turn, and before a stream
/// that is full can say so.
const BATCH: usize = 16;

/// A stream that was in use so recently makes no room for others.
pub(super) const IN_USE: core::time::Duration = core::time::Duration::from_secs(10);

pub(super) struct Remote<P> {
    /// By the domain of ours.
    pub(super) pairs: BTreeMap<Domainpart, Pair<P>>,
    /// Tries to reach the domain at all.
    pub(super) trials: Trials,
    pub(super) search: Option<Search>,
    search_deadline: Option<Deadline>,
    /// Streams of ours to it.
    pub(super) links: Vec<u64>,
    /// Streams over which it has proved to be itself.
    pub(super) incoming: Vec<u64>,
    /// Dialback keys of this domain that are to be asked about.
    pub(super) keys: Vec<u64>,
    pub(super) queued: Amount,
    /// Whether it is to be driven.
    pub(super) is_due: bool,
    /// When it is driven next.
    pub(super) scheduled: Option<Instant>,
    /// Whether it waits until it may connect.
    pub(super) in_line: bool,
    /// Whether it is its turn to connect.
    pub(super) granted: bool,
}

/// What there is between a domain of ours and the remote one.
pub(super) struct Pair<P> {
    pub(super) queue: Queue<P>,
    /// Tries to have the pair accepted.
    pub(super) trials: Trials,
    /// The one stream that stanzas go out on (`6120-10.1-04`).
    pub(super) way: Option<u64>,
    /// The stream on which the pair is being authorised, and until when it has to be.
    pub(super) authorising: Option<(u64, Instant)>,
    /// It was refused on a stream of another domain of ours, and needs its own.
    needs_own_link: bool,
    /// Since when streams have been giving back what they had not sent.
    pub(super) returned_since: Option<Instant>,
}

impl<P> Default for Pair<P> {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            trials: Trials::default(),
            way: None,
            authorising: None,
            needs_own_link: false,
            returned_since: None,
        }
    }
}

impl<P> Default for Remote<P> {
    fn default() -> Self {
        Self {
            pairs: BTreeMap::new(),
            trials: Trials::default(),
            search: None,
            search_deadline: None,
            links: Vec::new(),
            incoming: Vec::new(),
            keys: Vec::new(),
            queued: Amount::default(),
            is_due: false,
            scheduled: None,
            in_line: false,
            granted: false,
        }
    }
}

/// What a remote domain needs next.
#[derive(PartialEq, Eq)]
pub(super) enum Turn {
    Done,
    /// To be driven again.
    Again,
    /// A place among those that are being connected to.
    Place,
}

impl<P: Parcel> Remote<P> {
    /// Does what is due.
    pub(super) fn drive(
        &mut self,
        domain: &Domainpart,
        now: Instant,
        shared: &mut Shared<P>,
        others_wait: bool,
    ) -> Turn {
        self.expire(domain, now, shared);
        loop {
            let (full, for_stanzas) = self.use_links(domain, now, shared);
            let wanted = self.ask_about_keys(domain, now, shared).or(for_stanzas);
            match (&self.search, wanted) {
                (None, Some(local)) => {
                    if self.trials.waits_until(now).is_some() || !self.has_room(now, shared) {
                        return if full { Turn::Again } else { Turn::Done };
                    }
                    if !shared.has_place() || (others_wait && !self.granted) {
                        return Turn::Place;
                    }
                    self.granted = false;
                    shared.searches += 1;
                    self.search = Some(Search::new(local, domain, &shared.config));
                }
                (Some(search), None) if !search.is_negotiating() => {
                    self.end_search(domain, shared);
                }
                _ => {}
            }
            match self.advance(domain, now, shared) {
                Some(failure) => self.round_failed(domain, failure, now, shared),
                None if full => return Turn::Again,
                None => return Turn::Done,
            }
        }
    }

    /// Sends what can be sent, and has pairs authorised on streams that are open. Says
    /// whether more could be sent, and for which domain of ours a stream is missing.
    fn use_links(
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
                let fits = link.pairs.len() < shared.config.pairs_per_link;
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
    fn ask_about_keys(
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
    /// in use is closed.
    fn has_room(&mut self, now: Instant, shared: &mut Shared<P>) -> bool {
        if self.links.len() < shared.config.links_per_remote {
            return true;
        }
        let is_closing = |id: &u64| shared.links.get(id).is_some_and(|link| link.closing);
        if !self.links.iter().any(is_closing) {
            let used = |id: &u64| shared.links.get(id).map_or(now, |link| link.last_used);
            let is_full = |id: &u64| shared.links.get(id).is_some_and(|link| link.congested);
            let oldest = self.links.iter().copied().filter(|id| !is_full(id)).min_by_key(used);
            if let Some(id) = oldest.filter(|id| used(id).saturating_add(IN_USE) <= now) {
                self.close_link(id, shared);
            }
        }
        false
    }

    /// Advances the search. Says why the round failed, if it did.
    fn advance(
        &mut self,
        domain: &Domainpart,
        now: Instant,
        shared: &mut Shared<P>,
    ) -> Option<Failure> {
        let search = self.search.as_mut()?;
        let mut outs = VecDeque::new();
        let drawn = (&mut shared.numbers, &mut shared.random);
        let progress = search.advance(domain, now, &shared.config, drawn, &mut outs);
        let pair = self.pairs.get(search.local.as_str());
        let authorise = pair.is_some_and(|pair| !pair.queue.is_empty());
        if authorise {
            let connects = outs.iter().filter_map(|out| match out {
                Out::Connect(attempt) => Some(attempt.id.0),
                _ => None,
            });
            search.authorising.extend(connects);
        }
        shared.tell(outs, (&search.local, domain, authorise), &mut search.numbers);
        match progress {
            Progress::Waits(deadline) => {
                self.search_deadline = deadline;
                None
            }
            Progress::Over => Some(search.failure()),
        }
    }

    /// Ends the search, with all its transports on their way.
    pub(super) fn end_search(
        &mut self,
        domain: &Domainpart,
        shared: &mut Shared<P>,
    ) -> Option<Search> {
        self.search_deadline = None;
        let mut search = self.search.take()?;
        shared.searches = shared.searches.saturating_sub(1);
        let mut outs = VecDeque::new();
        search.race.abandon(&mut outs);
        shared.tell(outs, (&search.local, domain, false), &mut search.numbers);
        for number in search.numbers.drain(..) {
            shared.owners.remove(&number);
        }
        Some(search)
    }

    fn round_failed(
        &mut self,
        domain: &Domainpart,
        failure: Failure,
        now: Instant,
        shared: &mut Shared<P>,
    ) {
        let Some(search) = self.end_search(domain, shared) else { return };
        if search.negotiation.is_some() {
            // That need not be so for others of our domains.
            self.pair_failed(domain, &search.local, failure, now, shared);
            return;
        }
        let given_up = self.trials.fail(failure, now, &shared.config, &mut shared.random);
        for id in self.keys.drain(..) {
            shared.fail_key(id, failure);
        }
        if given_up {
            for (local, pair) in &mut self.pairs {
                if pair.way.is_none() {
                    shared.bounce_all(local, domain, &mut pair.queue, &mut self.queued, failure);
                }
            }
        }
    }

    /// A stream for a domain of ours could not be negotiated, or the pair was refused.
    pub(super) fn pair_failed(
        &mut self,
        domain: &Domainpart,
        local: &Domainpart,
        failure: Failure,
        now: Instant,
        shared: &mut Shared<P>,
    ) {
        let pair = self.pairs.entry(local.clone()).or_default();
        if pair.trials.fail(failure, now, &shared.config, &mut shared.random) && pair.way.is_none()
        {
            shared.bounce_all(local, domain, &mut pair.queue, &mut self.queued, failure);
        }
        self.keys.retain(|id| {
            let of_pair = |key: &super::shared::Key| key.local == *local && key.asked_on.is_none();
            let fails = shared.keys.get(id).is_some_and(of_pair);
            if fails {
                shared.fail_key(*id, failure);
            }
            !fails
        });
    }

    /// A pair was not accepted on a stream of ours.
    pub(super) fn pair_refused(
        &mut self,
        domain: &Domainpart,
        (local, link): (&Domainpart, u64),
        failure: Failure,
        now: Instant,
        shared: &mut Shared<P>,
    ) {
        let Some(pair) = self.pairs.get_mut(local.as_str()) else { return };
        if pair.authorising.is_some_and(|(on, _)| on == link) {
            pair.authorising = None;
        } else if pair.way == Some(link) {
            pair.way = None;
            if let Some(link) = shared.links.get_mut(&link) {
                link.pairs.retain(|(ours, theirs)| ours != local || theirs != domain);
            }
        } else {
            return;
        }
        let ours = shared.links.get(&link).and_then(|link| link.ours());
        if ours.is_some_and(|ours| ours.local != *local) {
            pair.needs_own_link = true;
        } else {
            self.pair_failed(domain, local, failure, now, shared);
        }
    }

    /// Has a stream of ours closed: nothing goes out on it any more.
    pub(super) fn close_link(&mut self, id: u64, shared: &mut Shared<P>) {
        for pair in self.pairs.values_mut() {
            if pair.way == Some(id) {
                pair.way = None;
            }
            if pair.authorising.is_some_and(|(on, _)| on == id) {
                pair.authorising = None;
            }
        }
        shared.close(id);
    }

    /// What has taken too long.
    fn expire(&mut self, domain: &Domainpart, now: Instant, shared: &mut Shared<P>) {
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
            .chain(self.search_deadline)
            .chain(retry.map(reason(TimerReason::Reconnect)))
            .chain(self.trials.remembered_until(now).map(reason(TimerReason::Quiet)))
            .min_by_key(|deadline| deadline.at)
    }

    /// Whether something happens with it, other than that its failures are remembered.
    pub(super) fn is_busy(&self) -> bool {
        let is_busy = |pair: &Pair<P>| pair.way.is_some() || pair.authorising.is_some();
        !self.queued.is_empty()
            || !self.keys.is_empty()
            || !self.links.is_empty()
            || !self.incoming.is_empty()
            || self.search.is_some()
            || self.pairs.values().any(is_busy)
    }

    /// Whether there is anything to remember of it.
    pub(super) fn is_empty(&self, now: Instant) -> bool {
        let is_remembered = |trials: &Trials| trials.remembered_until(now).is_some();
        !self.is_busy()
            && !is_remembered(&self.trials)
            && !self.pairs.values().any(|pair| is_remembered(&pair.trials))
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
