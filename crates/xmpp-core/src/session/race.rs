//! From places to a transport: the attempts of RFC 8305 ("happy eyeballs"), host after
//! host.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::Timing;
use super::discovery::{Family, Host, LookupFailed, Place};
use super::out::{Numbers, Out};
use super::output::{AddressQuery, Attempt, AttemptId, Lookup, Target};
use crate::federation::AddressPolicy;
use crate::time::{Deadline, Instant, TimerReason};

/// How many attempts are made in one round, whatever DNS says.
const MAX_ATTEMPTS: u8 = 24;
/// How many of them at once.
const MAX_RUNNING: usize = 8;
/// How many addresses of one family of one host are tried.
const MAX_ADDRESSES: usize = 8;
/// How many failures are told, and how much of each.
const MAX_NOTES: usize = 8;
const MAX_NOTE_BYTES: usize = 300;

/// Attempts at places, in order, until one of them is connected.
#[derive(Default)]
pub(crate) struct Race {
    /// Places whose names have not been looked up.
    places: VecDeque<Place>,
    /// The one whose addresses are being tried.
    host: Option<Resolving>,
    six: VecDeque<Target>,
    four: VecDeque<Target>,
    urls: VecDeque<Target>,
    /// The family of the attempt before.
    last: Option<Family>,
    running: Vec<Attempt>,
    /// Until then no attempt is made beside those that run.
    next_at: Instant,
    /// Until then no other host is tried beside this one.
    next_host_at: Instant,
    attempts: u8,
    /// What went wrong.
    notes: Vec<String>,
    /// Which addresses are connected to; `None`: all of them.
    policy: Option<Arc<AddressPolicy>>,
    /// Whether there has been an address that the policy permits.
    found: bool,
    /// Whether there has been one that it refuses.
    refused: bool,
}

struct Resolving {
    place: Place,
    /// Question and answer for each of the families, IPv6 first.
    six: Answer,
    four: Answer,
    /// When a question that is open counts as failed.
    until: Instant,
    /// Whether an attempt at this host has been made.
    begun: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Open(u64),
    /// It has come since the last poll, which knows the time.
    Fresh,
    At(Instant),
}

impl Race {
    /// A race to addresses that the policy permits.
    pub(crate) fn within(policy: Arc<AddressPolicy>) -> Self {
        Self { policy: Some(policy), ..Self::default() }
    }

    /// Whether an address has been found that may be connected to.
    pub(crate) const fn has_found(&self) -> bool {
        self.found
    }

    /// Whether the policy has refused an address.
    pub(crate) const fn has_refused(&self) -> bool {
        self.refused
    }

    /// More to try, behind what there is.
    pub(crate) fn add_places(&mut self, places: impl IntoIterator<Item = Place>) {
        self.places.extend(places);
    }

    /// More to try, behind what there is.
    pub(crate) fn add_urls(&mut self, urls: impl IntoIterator<Item = String>) {
        self.urls.extend(urls.into_iter().map(|url| Target::WebSocket { url }));
    }

    /// Makes the attempts that are due. `None`: there is nothing left to try, and nothing
    /// runs.
    pub(crate) fn advance(
        &mut self,
        now: Instant,
        timing: &Timing,
        numbers: &mut Numbers,
        out: &mut VecDeque<Out>,
    ) -> Option<Deadline> {
        if let Some(host) = &mut self.host {
            for answer in [&mut host.six, &mut host.four] {
                if *answer == Answer::Fresh {
                    *answer = Answer::At(now);
                }
            }
        }
        self.expire(now, out);
        loop {
            if let Some(target) = self.next_target(now, timing) {
                let id = AttemptId(numbers.next());
                let deadline = now.saturating_add(timing.connect);
                let attempt = Attempt { id, target, deadline };
                self.running.push(attempt.clone());
                out.push_back(Out::Connect(attempt));
                self.attempts += 1;
                self.next_at = now.saturating_add(timing.attempt_delay);
                self.next_host_at = now.saturating_add(timing.next_host);
                continue;
            }
            let settled = self.is_resolved() && self.candidates() == 0;
            let may_go_on = self.running.is_empty() || self.next_host_at <= now;
            if !settled || !may_go_on || self.attempts >= MAX_ATTEMPTS {
                break;
            }
            let Some(place) = self.places.pop_front() else { break };
            self.resolve(place, now, timing, numbers, out);
        }
        // Where nothing runs and no question is open, all that could be tried has been.
        self.deadline(timing)
    }

    /// What has taken too long.
    fn expire(&mut self, now: Instant, out: &mut VecDeque<Out>) {
        while let Some(at) = self.running.iter().position(|attempt| attempt.deadline <= now) {
            let late = self.running.remove(at);
            out.push_back(Out::CloseTransport(late.id));
            self.note(format!("{}: no answer", late.target));
            self.next_at = now;
        }
        if let Some(host) = &mut self.host
            && host.until <= now
        {
            let mut silent = false;
            for answer in [&mut host.six, &mut host.four] {
                if let Answer::Open(_) = *answer {
                    *answer = Answer::At(now);
                    silent = true;
                }
            }
            if silent {
                let note = format!("{}: its addresses were not told in time", host.place.host);
                self.note(note);
            }
        }
    }

    /// The next one to try, if it is time.
    fn next_target(&mut self, now: Instant, timing: &Timing) -> Option<Target> {
        let full = self.running.len() >= MAX_RUNNING || self.attempts >= MAX_ATTEMPTS;
        let too_early = !self.running.is_empty() && self.next_at > now;
        if full || too_early {
            return None;
        }
        if let Some(at) = self.delayed_until(timing)
            && at > now
        {
            return None;
        }
        let family = match (self.six.is_empty(), self.four.is_empty(), self.last) {
            // No address is known that has not been tried. A URL needs no lookup, so that it
            // does not wait for one, either.
            (true, true, _) => return self.urls.pop_front(),
            // RFC 8305 section 4: the families take turns.
            (false, _, None | Some(Family::Ipv4)) | (false, true, _) => Family::Ipv6,
            _ => Family::Ipv4,
        };
        if let Some(host) = &mut self.host {
            host.begun = true;
        }
        self.last = Some(family);
        match family {
            Family::Ipv6 => self.six.pop_front(),
            Family::Ipv4 => self.four.pop_front(),
        }
    }

    /// RFC 8305 section 3: where IPv4 addresses came first, IPv6 addresses are waited for
    /// a little.
    fn delayed_until(&self, timing: &Timing) -> Option<Instant> {
        match &self.host {
            Some(Resolving {
                six: Answer::Open(_), four: Answer::At(at), begun: false, ..
            }) => Some(at.saturating_add(timing.resolution_delay)),
            _ => None,
        }
    }

    fn candidates(&self) -> usize {
        self.six.len() + self.four.len() + self.urls.len()
    }

    fn is_resolved(&self) -> bool {
        self.host.as_ref().is_none_or(|host| {
            !matches!((host.six, host.four), (Answer::Open(_), _) | (_, Answer::Open(_)))
        })
    }

    fn resolve(
        &mut self,
        place: Place,
        now: Instant,
        timing: &Timing,
        numbers: &mut Numbers,
        out: &mut VecDeque<Out>,
    ) {
        self.last = None;
        let name = match &place.host {
            Host::Address(address) => {
                let (address, done) = (*address, Answer::At(now));
                self.host =
                    Some(Resolving { place, six: done, four: done, until: now, begun: false });
                self.add(address);
                return;
            }
            Host::Name(name) => name.clone(),
        };
        let mut ask = |family| {
            let serial = numbers.next();
            let query = AddressQuery { serial, name: name.clone(), family };
            out.push_back(Out::LookUp(Lookup::Addresses(query)));
            Answer::Open(serial)
        };
        let (six, four) = (ask(Family::Ipv6), ask(Family::Ipv4));
        let until = now.saturating_add(timing.lookup);
        self.host = Some(Resolving { place, six, four, until, begun: false });
    }

    fn add(&mut self, address: IpAddr) {
        let Some(host) = &self.host else { return };
        if let Some(refused) = self.policy.as_ref().and_then(|policy| policy.check(address).err()) {
            let note = format!("{}: {refused}", host.place);
            self.refused = true;
            self.note(note);
            return;
        }
        self.found = true;
        let target = Target::Tcp { address: host.place.at(address), tls: host.place.tls };
        let queue = match Family::of(address) {
            Family::Ipv6 => &mut self.six,
            Family::Ipv4 => &mut self.four,
        };
        if queue.len() < MAX_ADDRESSES && !queue.contains(&target) {
            queue.push_back(target);
        }
    }

    /// An answer, if it is to an open question.
    pub(crate) fn take_addresses(
        &mut self,
        query: &AddressQuery,
        answer: Result<Vec<IpAddr>, LookupFailed>,
    ) {
        let Some(host) = &mut self.host else { return };
        let asked = match query.family {
            Family::Ipv6 => &mut host.six,
            Family::Ipv4 => &mut host.four,
        };
        if *asked != Answer::Open(query.serial) {
            return;
        }
        *asked = Answer::Fresh;
        let name = host.place.host.to_string();
        let found = match answer {
            Ok(addresses) => {
                addresses.into_iter().for_each(|address| self.add(address));
                true
            }
            Err(error) => {
                self.note(format!("{name}: {error}"));
                false
            }
        };
        let begun = self.host.as_ref().is_some_and(|host| host.begun);
        if found && !begun && self.is_resolved() && self.six.is_empty() && self.four.is_empty() {
            self.note(format!("{name}: the name has no address"));
        }
    }

    /// An attempt that runs has led to a transport. The others are given up; they are
    /// tried again should this one turn out to be of no use.
    pub(crate) fn win(&mut self, id: AttemptId, out: &mut VecDeque<Out>) -> Option<Attempt> {
        let at = self.running.iter().position(|attempt| attempt.id == id)?;
        let winner = self.running.remove(at);
        while let Some(other) = self.running.pop() {
            out.push_back(Out::CloseTransport(other.id));
            match &other.target {
                Target::Tcp { address, .. } if address.is_ipv6() => {
                    self.six.push_front(other.target)
                }
                Target::Tcp { .. } => self.four.push_front(other.target),
                Target::WebSocket { .. } => self.urls.push_front(other.target),
            }
        }
        Some(winner)
    }

    /// An attempt that runs has failed. Says where it was to lead.
    pub(crate) fn lose(&mut self, id: AttemptId, why: &str) -> Option<Target> {
        let at = self.running.iter().position(|attempt| attempt.id == id)?;
        let attempt = self.running.remove(at);
        self.note(format!("{}: {why}", attempt.target));
        // RFC 8305 section 5: the next one need not wait any longer.
        self.next_at = Instant::default();
        Some(attempt.target)
    }

    /// Gives everything up.
    pub(crate) fn abandon(&mut self, out: &mut VecDeque<Out>) {
        let ids = self.running.drain(..).map(|attempt| Out::CloseTransport(attempt.id));
        out.extend(ids);
    }

    /// Something that went wrong, for people.
    pub(crate) fn note(&mut self, mut note: String) {
        if self.notes.len() < MAX_NOTES {
            let end = (0..=MAX_NOTE_BYTES.min(note.len())).rfind(|&at| note.is_char_boundary(at));
            note.truncate(end.unwrap_or(0));
            self.notes.push(note);
        }
    }

    /// All that went wrong.
    pub(crate) fn notes(&self) -> String {
        if self.notes.is_empty() { "nothing to connect to".into() } else { self.notes.join("; ") }
    }

    fn deadline(&self, timing: &Timing) -> Option<Deadline> {
        let connect = |at| Deadline { at, reason: TimerReason::Connect };
        let lookup = |at| Deadline { at, reason: TimerReason::Lookup };
        let resolved = self.is_resolved();
        let running = self.running.iter().map(|attempt| attempt.deadline).min().map(connect);
        let next = (!self.running.is_empty() && self.candidates() > 0).then_some(self.next_at);
        let delay = self.delayed_until(timing).filter(|_| !self.four.is_empty());
        let resolving = self.host.as_ref().filter(|_| !resolved).map(|host| lookup(host.until));
        let goes_on = resolved && !self.running.is_empty() && self.candidates() == 0;
        let host = (goes_on && !self.places.is_empty()).then_some(self.next_host_at);
        let full = self.running.len() >= MAX_RUNNING || self.attempts >= MAX_ATTEMPTS;
        // The later of the two counts where both hold an attempt up.
        let next = match (next, delay) {
            (Some(next), Some(delay)) => Some(next.max(delay)),
            (next, delay) => next.or(delay),
        };
        [
            running,
            resolving,
            next.filter(|_| !full).map(connect),
            host.filter(|_| !full).map(connect),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|deadline| deadline.at)
    }
}
