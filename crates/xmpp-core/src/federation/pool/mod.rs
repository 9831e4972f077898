//! The pool: stanzas for other domains go in, commands about streams come out.

mod config;
mod due;
mod inputs;
mod line;
mod link;
mod output;
mod queue;
mod remote;
mod search;
mod shared;
mod streams;
mod trials;
mod use_links;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use core::fmt;

use xmpp_jid::Domainpart;
use xmpp_xml::Element;

pub use self::config::{DomainPolicy, Multiplexing, PoolConfig};
pub use self::output::{
    Counters, Dial, LinkEnd, LinkId, Offers, Parcel, PoolOutput, Undelivered, VerifyId,
};
use self::remote::{IN_USE, Remote, Turn};
use self::shared::Shared;
use crate::time::{Deadline, Instant, TimerReason};

/// What a server does about other domains: for each pair of a domain of its own and
/// another one, which stream a stanza goes out on, and what is done if there is none.
///
/// [`poll`](Self::poll) says what to do next; poll after each call until it says to
/// [wait](PoolOutput::Wait). Each input is a call:
///
/// | of | call |
/// |---|---|
/// | a stanza for another domain | [`send`](Self::send) |
/// | a dialback key that came in | [`verify`](Self::verify), [`verified`](Self::verified) |
/// | an answer of DNS | [`provide_srv`](Self::provide_srv), [`provide_addresses`](Self::provide_addresses) |
/// | a transport of ours | [`connected`](Self::connected), [`connect_failed`](Self::connect_failed) |
/// | a stream of ours | [`opened`](Self::opened), [`authorised`](Self::authorised), [`refused`](Self::refused) |
/// | a stream that a peer opened | [`accepted`](Self::accepted), [`peer_authorised`](Self::peer_authorised) |
/// | any stream | [`active`](Self::active), [`congested`](Self::congested), [`closed`](Self::closed) |
///
/// What is said of a stream or a question that is not the pool's any more has no effect,
/// so that a driver need not order what happens at once.
///
/// # What holds
///
/// - A stanza that was taken is handed to one stream on which its pair is authorised, or
///   bounced, or dropped where it may not be bounced; never two of these. (What a stream
///   gives back as [unsent](Undelivered::unsent) begins anew.)
/// - Stanzas of one pair go out in the order in which they came, over one stream
///   (`6120-10.1-04`).
/// - Everything that is kept has a limit ([`PoolConfig`]), and everything that is waited
///   for a time. A domain that never answers takes a place among those that are being
///   connected to, for a time, and nothing else of others.
/// - A stream that is being negotiated is never given up because the other side has opened
///   one, too. So where both servers dial at once, both streams come to be, and neither
///   server closes what the other one has chosen.
///
/// `P` is what a stanza is to the driver.
pub struct Pool<P = Element> {
    shared: Shared<P>,
    remotes: BTreeMap<Domainpart, Remote<P>>,
    /// Those with something to do.
    due: VecDeque<Domainpart>,
    timers: BTreeSet<(Instant, Domainpart)>,
    /// The latest moment that a call brought.
    now: Instant,
    /// Before then no stream of ours can make room for those that wait.
    room_at: Instant,
}

impl<P> fmt::Debug for Pool<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("remotes", &self.remotes.len()).finish_non_exhaustive()
    }
}

impl<P: Parcel> Pool<P> {
    /// A pool without any stream. All that it draws at random comes from the seed.
    pub fn new(config: PoolConfig, seed: [u8; 32]) -> Self {
        Self {
            shared: Shared::new(config, seed),
            remotes: BTreeMap::new(),
            due: VecDeque::new(),
            timers: BTreeSet::new(),
            now: Instant::default(),
            room_at: Instant::default(),
        }
    }

    /// What to do next.
    pub fn poll(&mut self, now: Instant) -> PoolOutput<P> {
        self.at(now);
        loop {
            if let Some(output) = self.shared.out.pop_front() {
                return output;
            }
            while self.timers.first().is_some_and(|(at, _)| *at <= self.now) {
                let Some((_, domain)) = self.timers.pop_first() else { break };
                if let Some(remote) = self.remotes.get_mut(domain.as_str()) {
                    remote.scheduled = None;
                }
                self.touch(&domain);
            }
            if let Some(domain) = self.due.pop_front() {
                self.drive(&domain);
            } else if !self.grant() {
                let first =
                    self.timers.first().and_then(|(_, domain)| self.remotes.get(domain.as_str()));
                let first = first.and_then(|remote| remote.scheduled);
                let room = self.next_to_give_way().into_iter().chain(self.next_to_make_room());
                let all = first.into_iter().chain(room);
                return PoolOutput::Wait(all.min_by_key(|deadline| deadline.at));
            }
        }
    }

    /// How the pool stands.
    pub fn counters(&self) -> Counters {
        Counters {
            remotes: self.remotes.len(),
            searches: self.shared.searching.len(),
            links: self.shared.ours,
            incoming: self.shared.incoming,
            stanzas: self.shared.queued.stanzas,
            bytes: self.shared.queued.bytes,
            verifications: self.shared.keys.len(),
            dropped: self.shared.dropped,
        }
    }

    fn at(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    /// Has a remote domain driven at the next poll.
    fn touch(&mut self, domain: &Domainpart) {
        if let Some(remote) = self.remotes.get_mut(domain.as_str())
            && !remote.is_due
        {
            remote.is_due = true;
            self.due.push_back(domain.clone());
        }
    }

    fn drive(&mut self, domain: &Domainpart) {
        let Some(remote) = self.remotes.get_mut(domain.as_str()) else { return };
        remote.is_due = false;
        let turn = remote.drive(domain, self.now, &mut self.shared);
        match turn {
            Turn::Done => {}
            Turn::Again => {
                remote.is_due = true;
                self.due.push_back(domain.clone());
            }
            Turn::Place(origin) if remote.in_line.as_ref() != Some(&origin) => {
                if let Some(before) = remote.in_line.replace(origin.clone()) {
                    self.shared.line.leave(before, domain);
                }
                self.shared.line.join(origin, domain.clone());
            }
            Turn::Place(_) => {}
        }
        self.schedule(domain);
    }

    /// Sets the timer of a remote domain, and forgets it if there is nothing to remember.
    fn schedule(&mut self, domain: &Domainpart) {
        let Some(remote) = self.remotes.get_mut(domain.as_str()) else { return };
        let deadline = remote.deadline(self.now, &self.shared);
        let before = core::mem::replace(&mut remote.scheduled, deadline);
        if before.map(|before| before.at) != deadline.map(|deadline| deadline.at) {
            if let Some(Deadline { at, .. }) = before {
                self.timers.remove(&(at, domain.clone()));
            }
            self.timers.extend(deadline.map(|deadline| (deadline.at, domain.clone())));
        }
        if !remote.is_due && remote.is_empty(self.now) {
            self.forget(domain);
        }
    }

    fn forget(&mut self, domain: &Domainpart) {
        let Some(remote) = self.remotes.remove(domain.as_str()) else { return };
        if let Some(Deadline { at, .. }) = remote.scheduled {
            self.timers.remove(&(at, domain.clone()));
        }
        if let Some(origin) = remote.in_line {
            self.shared.line.leave(origin, domain);
        }
    }

    /// When the first of those that are being connected to has to give way, if somebody
    /// waits for that.
    fn next_to_give_way(&self) -> Option<Deadline> {
        let shared = &self.shared;
        if shared.line.is_empty() || shared.has_place() {
            return None;
        }
        let ((began, _), _) = shared.searching.first_key_value()?;
        let at = began.saturating_add(shared.config.search_while_others_wait);
        Some(Deadline { at, reason: TimerReason::Negotiation })
    }

    /// When to look for a stream of ours that makes room, if there are too many and somebody
    /// waits for that.
    fn next_to_make_room(&self) -> Option<Deadline> {
        let shared = &self.shared;
        let is_full = shared.ours + shared.searching.len() >= shared.config.max_links;
        if shared.line.is_empty() || !is_full || shared.closing > 0 {
            return None;
        }
        Some(Deadline { at: self.room_at, reason: TimerReason::Idle })
    }

    /// Lets the first of those that wait connect, if there is a place, or one that has had
    /// its time gives way.
    fn grant(&mut self) -> bool {
        if self.next_to_give_way().is_some_and(|deadline| deadline.at <= self.now)
            && let Some((_, domain)) = self.shared.searching.pop_first()
        {
            if let Some(remote) = self.remotes.get_mut(domain.as_str()) {
                remote.give_way(&domain, self.now, &mut self.shared);
            }
            self.touch(&domain);
            return true;
        }
        if self.next_to_make_room().is_some_and(|deadline| deadline.at <= self.now) {
            self.make_room();
            return true;
        }
        if !self.shared.has_place() {
            return false;
        }
        let Some(domain) = self.shared.line.next() else { return false };
        if let Some(remote) = self.remotes.get_mut(domain.as_str()) {
            remote.in_line = None;
            remote.granted = true;
            self.drive(&domain);
            // It need not be in want of it any more.
            if let Some(remote) = self.remotes.get_mut(domain.as_str()) {
                remote.granted = false;
            }
        }
        true
    }

    /// Has the stream of ours closed that has been without use the longest, or says when
    /// there may be one.
    fn make_room(&mut self) {
        self.room_at = self.now.saturating_add(IN_USE);
        let ours = self.shared.links.iter();
        let ours = ours.filter(|(_, link)| link.offers().is_some() && !link.congested);
        let Some((&id, link)) = ours.min_by_key(|(_, link)| link.last_used) else { return };
        let unused_at = link.last_used.saturating_add(IN_USE);
        if unused_at > self.now {
            self.room_at = unused_at;
            return;
        }
        let Some(remote) = link.ours().map(|ours| ours.remote.clone()) else { return };
        if let Some(found) = self.remotes.get_mut(remote.as_str()) {
            found.close_link(id, &mut self.shared);
            // Who is behind in the line may need the next one, once this one is closed.
            self.room_at = self.now;
        }
        self.touch(&remote);
    }

    /// What is known of a remote domain, from now on. `None` if it would be too many.
    fn remote(&mut self, domain: &Domainpart) -> Option<&mut Remote<P>> {
        if !self.remotes.contains_key(domain.as_str())
            && self.remotes.len() >= self.shared.config.max_remotes
        {
            // Those that are only remembered are woken last.
            let mut last = self.timers.iter().rev().take(64).map(|(_, domain)| domain);
            let idle = last.find(|domain| {
                self.remotes
                    .get(domain.as_str())
                    .is_some_and(|remote| !remote.is_busy() && !remote.is_due)
            });
            let idle = idle.cloned()?;
            self.forget(&idle);
        }
        Some(self.remotes.entry(domain.clone()).or_default())
    }
}
