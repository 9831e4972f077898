//! One remote domain: what waits for it, and what is done about it.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use xmpp_jid::Domainpart;

use super::line::Origin;
use super::output::Parcel;
use super::queue::{Amount, Queue};
use super::search::{Progress, Search};
use super::shared::Shared;
use super::trials::Trials;
use crate::federation::Failure;
use crate::session::out::Out;
use crate::time::{Deadline, Instant};

/// A stream that was in use so recently makes no room for others.
pub(super) const IN_USE: core::time::Duration = core::time::Duration::from_secs(10);

pub(super) struct Remote<P> {
    /// By the domain of ours.
    pub(super) pairs: BTreeMap<Domainpart, Pair<P>>,
    /// Tries to reach the domain at all.
    pub(super) trials: Trials,
    pub(super) search: Option<Search>,
    pub(super) search_deadline: Option<Deadline>,
    /// Streams of ours to it.
    pub(super) links: Vec<u64>,
    /// Streams over which it has proved to be itself.
    pub(super) incoming: Vec<u64>,
    /// When one of our streams to it can make room for another one that is needed.
    pub(super) room_at: Option<Instant>,
    /// Dialback keys of this domain that are to be asked about.
    pub(super) keys: Vec<u64>,
    pub(super) queued: Amount,
    /// Who has something sent to it: of all of them, who wanted the least.
    pub(super) sender: Option<Origin>,
    /// Whether it is to be driven.
    pub(super) is_due: bool,
    /// When it is driven next.
    pub(super) scheduled: Option<Deadline>,
    /// Whether it waits until it may connect, and on whose behalf.
    pub(super) in_line: Option<Origin>,
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
    pub(super) needs_own_link: bool,
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
            room_at: None,
            keys: Vec::new(),
            queued: Amount::default(),
            sender: None,
            is_due: false,
            scheduled: None,
            in_line: None,
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
    Place(Origin),
}

impl<P: Parcel> Remote<P> {
    /// Does what is due.
    pub(super) fn drive(
        &mut self,
        domain: &Domainpart,
        now: Instant,
        shared: &mut Shared<P>,
    ) -> Turn {
        self.expire(domain, now, shared);
        self.room_at = None;
        loop {
            let (full, for_stanzas) = self.use_links(domain, now, shared);
            let ours = for_stanzas.is_some();
            let wanted = self.ask_about_keys(domain, now, shared).or(for_stanzas);
            match (&self.search, wanted) {
                (None, Some(local)) => {
                    if self.trials.waits_until(now).is_some() || !self.has_room(now, shared) {
                        return if full { Turn::Again } else { Turn::Done };
                    }
                    let origin = self.origin(ours, shared);
                    if !shared.has_place() || (!shared.line.is_empty() && !self.granted) {
                        return Turn::Place(origin);
                    }
                    self.granted = false;
                    let began = (now, shared.numbers.next());
                    shared.searching.insert(began, domain.clone());
                    shared.line.begin(origin.clone());
                    let config = &shared.config;
                    self.search = Some(Search::new((local, domain), began, origin, config));
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

    /// On whose behalf it is to be connected to: of all who want it, who has the least.
    fn origin(&self, ours: bool, shared: &Shared<P>) -> Origin {
        let of_keys = self.keys.iter().filter_map(|id| Some(&shared.keys.get(id)?.origin));
        let all = of_keys.chain(self.sender.as_ref().filter(|_| ours));
        all.min_by_key(|origin| shared.line.busy(origin)).cloned().unwrap_or(Origin::Ours)
    }

    /// Gives up the round, since others wait for their turn.
    pub(super) fn give_way(&mut self, domain: &Domainpart, now: Instant, shared: &mut Shared<P>) {
        let Some(search) = &mut self.search else { return };
        if let Some(link) = search.negotiating.take() {
            search.negotiation = Some(Failure::TimedOut);
            self.close_link(link, shared);
        }
        self.round_failed(domain, Failure::TimedOut, now, shared);
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
        shared.searching.remove(&search.began);
        shared.line.end(search.origin.clone());
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
        if let Some(link) = shared.links.get_mut(&link) {
            link.pairs.retain(|(ours, theirs)| ours != local || theirs != domain);
        }
        let Some(pair) = self.pairs.get_mut(local.as_str()) else { return };
        if pair.authorising.is_some_and(|(on, _)| on == link) {
            pair.authorising = None;
        } else if pair.way == Some(link) {
            pair.way = None;
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

    /// Whether something happens with it, other than that its failures are remembered.
    pub(super) fn is_busy(&self) -> bool {
        // A pair that goes over a stream, or is to, does so over one of these.
        !self.queued.is_empty()
            || !self.keys.is_empty()
            || !self.links.is_empty()
            || !self.incoming.is_empty()
            || self.search.is_some()
    }

    /// Whether there is anything to remember of it.
    pub(super) fn is_empty(&self, now: Instant) -> bool {
        let is_remembered = |trials: &Trials| trials.remembered_until(now).is_some();
        !self.is_busy()
            && !is_remembered(&self.trials)
            && !self.pairs.values().any(|pair| is_remembered(&pair.trials))
    }
}
