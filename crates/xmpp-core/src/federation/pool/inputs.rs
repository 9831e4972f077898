//! What goes into a pool beside streams: stanzas, dialback keys, answers of DNS.

use alloc::vec::Vec;
use core::net::IpAddr;

use xmpp_jid::Domainpart;

use super::line::Origin;
use super::output::{LinkId, Parcel, PoolOutput, VerifyId};
use super::queue::{Amount, Queued};
use super::shared::Key;
use super::{Pool, Undelivered};
use crate::federation::Failure;
use crate::session::discovery::{LookupFailed, Srv};
use crate::session::{AddressQuery, SrvQuery};
use crate::time::Instant;

/// So much may be on its way out of the machine before stanzas wait in its queues instead.
const MAX_OUT: usize = 256;

impl<P: Parcel> Pool<P> {
    /// Takes a stanza from a domain of ours to another one.
    ///
    /// It goes out at once where a stream is ready for it. Otherwise it waits until there is
    /// one, or until there will be none ([`PoolOutput::Bounce`]). That it is from `local`
    /// and to `remote` is for the caller to see to.
    pub fn send(&mut self, now: Instant, local: &Domainpart, remote: &Domainpart, stanza: P) {
        self.at(now);
        if let Some(way) = self.ready_way(local, remote)
            && let Some(link) = self.shared.links.get_mut(&way)
        {
            link.last_used = self.now;
            self.shared.out.push_back(PoolOutput::Send {
                link: LinkId(way),
                local: local.clone(),
                remote: remote.clone(),
                stanza,
            });
            return;
        }
        if let Err((stanza, failure)) = self.enqueue(local, remote, stanza) {
            self.shared.bounce(local, remote, stanza, failure);
        }
    }

    /// The stream that a stanza goes out on at once.
    fn ready_way(&self, local: &Domainpart, remote: &Domainpart) -> Option<u64> {
        if self.shared.ended
            || self.shared.out.len() >= MAX_OUT
            || !self.shared.config.domains.allows(remote)
        {
            return None;
        }
        let pair = self.remotes.get(remote.as_str())?.pairs.get(local.as_str())?;
        let way = pair.way.filter(|_| pair.queue.is_empty())?;
        self.shared.links.get(&way)?.takes_stanzas().then_some(way)
    }

    fn enqueue(
        &mut self,
        local: &Domainpart,
        remote: &Domainpart,
        stanza: P,
    ) -> Result<(), (P, Failure)> {
        if self.shared.ended {
            return Err((stanza, Failure::ShutDown));
        }
        if !self.shared.config.domains.allows(remote) {
            return Err((stanza, Failure::NotAllowed));
        }
        let (now, amount) = (self.now, Amount::of(stanza.bytes()));
        let total_fits = self.shared.queued.fits(amount, &self.shared.config.total_queue);
        let limits = self.shared.config.queue;
        if !total_fits {
            return Err((stanza, Failure::Full));
        }
        let Some(found) = self.remote(remote) else { return Err((stanza, Failure::Full)) };
        let fits = found.queued.fits(amount, &limits);
        let pair = found.pairs.entry(local.clone()).or_default();
        let setback = pair.trials.setback(now).or_else(|| found.trials.setback(now));
        let refusal = match setback.filter(|_| pair.way.is_none()) {
            Some(failure) => Some(failure),
            None => (!fits).then_some(Failure::Full),
        };
        let sender = refusal.is_none().then(|| Origin::of_sender(stanza.sender()));
        if found.queued.is_empty() {
            found.sender = None;
        }
        let queued = match refusal {
            Some(failure) => Err((stanza, failure)),
            None => {
                pair.queue.push_back(Queued { stanza, amount, since: now });
                found.queued.add(amount);
                self.shared.queued.add(amount);
                Ok(())
            }
        };
        if let Some(sender) = sender {
            self.wanted_by(remote, sender);
        }
        // Also if it was refused: what was made for it is to go again.
        self.touch(remote);
        queued
    }

    /// Somebody has something sent to that domain. It waits on behalf of who wants the least:
    /// whoever wants much and comes first takes nothing from the others.
    fn wanted_by(&mut self, remote: &Domainpart, sender: Origin) {
        let Some(found) = self.remotes.get_mut(remote.as_str()) else { return };
        let line = &self.shared.line;
        let wanted = found.sender.as_ref().map(|before| line.wanted(before));
        if wanted.is_none_or(|wanted| line.wanted(&sender) < wanted) {
            found.sender = Some(sender);
        }
    }

    /// Takes back what a stream did not deliver, in the order in which it was given.
    /// [`closed`](Self::closed) does the same; this is for stanzas that were to be sent on a
    /// stream that is gone already.
    pub fn give_back(&mut self, now: Instant, undelivered: Vec<Undelivered<P>>) {
        self.at(now);
        let mut again = Vec::new();
        for Undelivered { local, remote, stanza, unsent } in undelivered {
            if unsent && self.shared.ended {
                self.shared.bounce(&local, &remote, stanza, Failure::ShutDown);
            } else if unsent {
                again.push((local, remote, stanza));
            } else {
                self.shared.bounce(&local, &remote, stanza, Failure::Lost);
            }
        }
        // What does not fit any more is the latest of it.
        let mut fitting = Vec::with_capacity(again.len());
        for (local, remote, stanza) in again {
            let (now, amount) = (self.now, Amount::of(stanza.bytes()));
            let total_fits = self.shared.queued.fits(amount, &self.shared.config.total_queue);
            let limits = self.shared.config.queue;
            let found = self
                .remote(&remote)
                .filter(|found| total_fits && found.queued.fits(amount, &limits));
            let Some(found) = found else {
                self.shared.bounce(&local, &remote, stanza, Failure::Full);
                self.touch(&remote);
                continue;
            };
            found.queued.add(amount);
            if found.sender.is_none() {
                found.sender = Some(Origin::of_sender(stanza.sender()));
            }
            let pair = found.pairs.entry(local.clone()).or_default();
            let since = *pair.returned_since.get_or_insert(now);
            let since = pair.queue.front().map_or(since, |front| front.since.min(since));
            self.shared.queued.add(amount);
            self.touch(&remote);
            fitting.push((local, remote, Queued { stanza, amount, since }));
        }
        for (local, remote, queued) in fitting.into_iter().rev() {
            if let Some(found) = self.remotes.get_mut(remote.as_str()) {
                found.pairs.entry(local).or_default().queue.push_front(queued);
            }
        }
    }

    /// Has a dialback key asked about: it claims that `remote` speaks to `local` over the
    /// stream that it came over. The driver keeps the key and the stream's id; the pool
    /// finds a stream to the authoritative server ([`PoolOutput::Verify`]), other than the
    /// one that the key came over (XEP-0288 section 2), or says that there is none
    /// ([`PoolOutput::VerifyFailed`]). That `local` is a domain of ours, and `remote` is
    /// none, is for the caller to see to.
    ///
    /// # Errors
    ///
    /// [`Failure::Full`] if too many keys are being asked about, of all or of this stream;
    /// [`Failure::NotAllowed`] if this server does not speak with that domain.
    pub fn verify(
        &mut self,
        now: Instant,
        came_over: LinkId,
        local: &Domainpart,
        remote: &Domainpart,
    ) -> Result<VerifyId, Failure> {
        self.at(now);
        if self.shared.ended {
            return Err(Failure::ShutDown);
        }
        if !self.shared.config.domains.allows(remote) {
            return Err(Failure::NotAllowed);
        }
        let of_link = self.shared.links.get(&came_over.0).map_or(0, |link| link.keys);
        let origin = self.shared.links.get(&came_over.0).map(|link| link.origin.clone());
        let origin = origin.unwrap_or(Origin::Link(came_over.0));
        if of_link >= self.shared.config.verifications_per_link {
            return Err(Failure::Full);
        }
        if self.shared.keys.len() >= self.shared.config.max_verifications {
            let other = self.shared.key_in_excess_of(&origin).ok_or(Failure::Full)?;
            let of = self.shared.keys.get(&other).map(|key| key.remote.clone());
            self.shared.fail_key(other, Failure::Full);
            of.iter().for_each(|domain| self.touch(domain));
        }
        let id = self.shared.numbers.next();
        let found = self.remote(remote).ok_or(Failure::Full)?;
        found.keys.push(id);
        if let Some(link) = self.shared.links.get_mut(&came_over.0) {
            link.keys += 1;
        }
        let key = Key {
            local: local.clone(),
            remote: remote.clone(),
            came_over: Some(came_over.0),
            origin: origin.clone(),
            asked_on: None,
            until: self.now.saturating_add(self.shared.config.verification),
        };
        self.shared.keys.insert(id, key);
        *self.shared.keys_from.entry(origin).or_default() += 1;
        self.touch(remote);
        Ok(VerifyId(id))
    }

    /// The question about a key has been answered, or is not of interest any more. Nothing
    /// is said about it from now on.
    pub fn verified(&mut self, now: Instant, verify: VerifyId) {
        self.at(now);
        let Some(key) = self.shared.take_key(verify.0) else {
            // It may just have been given up, which nobody has heard yet.
            self.shared.out.retain(|output| {
                !matches!(output, PoolOutput::VerifyFailed { verify: failed, .. } if *failed == verify)
            });
            return;
        };
        if let Some(found) = self.remotes.get_mut(key.remote.as_str()) {
            found.keys.retain(|id| *id != verify.0);
        }
        self.touch(&key.remote);
    }

    /// The server ends: what waits comes back ([`Failure::ShutDown`]), and so does what is
    /// sent from now on. No stream is opened or taken any more; those that there are are for
    /// the driver to close, with `system-shutdown` (RFC 6120 section 4.9.3.20).
    pub fn shut_down(&mut self, now: Instant) {
        self.at(now);
        self.shared.ended = true;
        let domains: Vec<Domainpart> = self.remotes.keys().cloned().collect();
        for domain in domains {
            let Some(found) = self.remotes.get_mut(domain.as_str()) else { continue };
            for (local, pair) in &mut found.pairs {
                let (queue, queued) = (&mut pair.queue, &mut found.queued);
                self.shared.bounce_all(local, &domain, queue, queued, Failure::ShutDown);
            }
            for key in core::mem::take(&mut found.keys) {
                self.shared.fail_key(key, Failure::ShutDown);
            }
            self.touch(&domain);
        }
    }

    /// The SRV records that were asked for. An empty list says that there are none, or that
    /// there is no such name.
    pub fn provide_srv(&mut self, query: SrvQuery, answer: Result<Vec<Srv>, LookupFailed>) {
        let Some(domain) = self.shared.owners.remove(&query.serial) else { return };
        let found = self.remotes.get_mut(domain.as_str());
        if let Some(search) = found.and_then(|found| found.search.as_mut()) {
            search.numbers.retain(|number| *number != query.serial);
            search.take_srv(&query, answer);
        }
        self.touch(&domain);
    }

    /// The addresses that were asked for. An empty list says that there are none, or that
    /// there is no such name.
    pub fn provide_addresses(
        &mut self,
        query: AddressQuery,
        answer: Result<Vec<IpAddr>, LookupFailed>,
    ) {
        let Some(domain) = self.shared.owners.remove(&query.serial) else { return };
        let found = self.remotes.get_mut(domain.as_str());
        if let Some(search) = found.and_then(|found| found.search.as_mut()) {
            search.numbers.retain(|number| *number != query.serial);
            search.race.take_addresses(&query, answer);
        }
        self.touch(&domain);
    }
}
