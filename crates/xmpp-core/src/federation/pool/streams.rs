//! What goes into a pool of streams.

use alloc::vec::Vec;
use core::net::IpAddr;

use xmpp_jid::Domainpart;

use super::line::Origin;
use super::link::{Kind, Link, Ours};
use super::output::{LinkEnd, LinkId, Offers, Parcel, Undelivered};
use super::{Pool, Remote, Shared};
use crate::federation::Failure;
use crate::session::AttemptId;
use crate::time::Instant;

impl<P: Parcel> Pool<P> {
    /// A transport that the pool asked for is open. The driver goes on to negotiate a stream
    /// on it. If the pool has no use for it any more, it says to close it.
    pub fn connected(&mut self, now: Instant, link: LinkId) {
        self.at(now);
        let Some(domain) = self.shared.owners.get(&link.0).cloned() else { return };
        let Some(found) = self.remotes.get_mut(domain.as_str()) else { return };
        let Some(search) = &mut found.search else { return };
        let mut outs = Default::default();
        if search.race.win(AttemptId(link.0), &mut outs).is_none() {
            return;
        }
        self.shared.owners.remove(&link.0);
        search.numbers.retain(|number| *number != link.0);
        search.negotiating = Some(link.0);
        let local = search.local.clone();
        self.shared.tell(outs, (&local, &domain, false), &mut search.numbers);
        let until = self.now.saturating_add(self.shared.config.negotiation);
        found.links.push(link.0);
        self.shared.ours += 1;
        let ours = Ours { local, remote: domain.clone(), offers: None, until, asked: Vec::new() };
        self.shared
            .links
            .insert(link.0, Link::new(Kind::Ours(ours), Origin::Link(link.0), self.now));
        self.touch(&domain);
    }

    /// A transport that the pool asked for cannot be opened. `why` is for people.
    pub fn connect_failed(&mut self, link: LinkId, why: &str) {
        let Some(domain) = self.shared.owners.remove(&link.0) else { return };
        let found = self.remotes.get_mut(domain.as_str());
        if let Some(search) = found.and_then(|found| found.search.as_mut()) {
            search.numbers.retain(|number| *number != link.0);
            _ = search.race.lose(AttemptId(link.0), why);
        }
        self.touch(&domain);
    }

    /// A stream of ours is open: TLS and authentication are through, as far as there are
    /// any. Pairs of domains may be authorised on it, and keys be asked about, if there is
    /// dialback.
    pub fn opened(&mut self, now: Instant, link: LinkId, offers: Offers) {
        self.at(now);
        let until = self.now.saturating_add(self.shared.config.authorisation);
        let Some(Link { kind: Kind::Ours(ours), closing: false, last_used, .. }) =
            self.shared.links.get_mut(&link.0)
        else {
            return;
        };
        if ours.offers.is_some() {
            return;
        }
        ours.offers = Some(offers);
        *last_used = self.now;
        let (local, domain) = (ours.local.clone(), ours.remote.clone());
        let mut was_told = false;
        if let Some(found) = self.remotes.get_mut(domain.as_str()) {
            if let Some(search) = &found.search
                && search.negotiating == Some(link.0)
            {
                was_told = search.authorising.contains(&link.0);
                found.end_search(&domain, &mut self.shared);
            }
            found.trials.succeed();
            if was_told
                && let Some(pair) = found.pairs.get_mut(local.as_str())
                && pair.way.is_none()
            {
                pair.authorising = Some((link.0, until));
            }
        }
        if let Some(link) = self.shared.links.get_mut(&link.0).filter(|_| was_told) {
            link.ask(&local);
        }
        self.touch(&domain);
    }

    /// A pair of domains may be sent over a stream of ours: the other server has accepted
    /// it, by SASL EXTERNAL for the pair that the stream was opened for, or by dialback.
    pub fn authorised(
        &mut self,
        now: Instant,
        link: LinkId,
        local: &Domainpart,
        remote: &Domainpart,
    ) {
        self.at(now);
        self.opened(now, link, Offers::none());
        let Some(found) = self.remotes.get_mut(remote.as_str()) else { return };
        let Some(known) = self.shared.links.get_mut(&link.0).filter(|known| !known.closing) else {
            return;
        };
        let Some(ours) = known.ours().filter(|ours| ours.remote == *remote) else { return };
        let is_own = ours.local == *local;
        let was_asked = known.answered(local);
        // Nobody is authorised who did not ask to be.
        if !is_own && !was_asked {
            return;
        }
        known.last_used = self.now;
        known.authorised_at.get_or_insert(self.now);
        if !known.is_for(local, remote) {
            known.pairs.push((local.clone(), remote.clone()));
        }
        let pair = found.pairs.entry(local.clone()).or_default();
        if pair.authorising.is_some_and(|(on, _)| on == link.0) {
            pair.authorising = None;
        }
        pair.trials.succeed();
        pair.way.get_or_insert(link.0);
        self.touch(remote);
    }

    /// A pair of domains may not be sent over a stream of ours, or not any more. The stream
    /// itself goes on.
    pub fn refused(
        &mut self,
        now: Instant,
        link: LinkId,
        local: &Domainpart,
        remote: &Domainpart,
        failure: Failure,
    ) {
        self.at(now);
        let known = self.shared.links.get_mut(&link.0);
        if let Some(known) =
            known.filter(|known| known.ours().is_some_and(|ours| ours.remote == *remote))
        {
            known.answered(local);
        }
        if let Some(found) = self.remotes.get_mut(remote.as_str()) {
            found.pair_refused(remote, (local, link.0), failure, self.now, &mut self.shared);
        }
        self.touch(remote);
    }

    /// A peer has opened a stream, and nothing is known of it yet but the address that it is
    /// from, if that means anything: the keys that come from one address share what there
    /// is for asking about keys with those of others.
    ///
    /// # Errors
    ///
    /// [`Failure::Full`] if there are too many of them; [`Failure::ShutDown`] once the server
    /// ends.
    pub fn accepted(&mut self, now: Instant, from: Option<IpAddr>) -> Result<LinkId, Failure> {
        self.at(now);
        if self.shared.ended {
            return Err(Failure::ShutDown);
        }
        if self.shared.incoming >= self.shared.config.max_incoming {
            return Err(Failure::Full);
        }
        let id = self.shared.numbers.next();
        self.shared.incoming += 1;
        let origin = from.map_or(Origin::Link(id), Origin::of);
        self.shared.links.insert(id, Link::new(Kind::Incoming, origin, self.now));
        Ok(LinkId(id))
    }

    /// On a stream that a peer opened, it has proved to speak for `remote` to `local`. With
    /// `bidi` (XEP-0288), stanzas go out to it on the same stream, too.
    ///
    /// # Errors
    ///
    /// [`Failure::Full`] if the domain has too many streams, or the stream too many pairs;
    /// [`Failure::NotAllowed`] if this server does not speak with that domain. Then nothing
    /// is to be taken from it.
    pub fn peer_authorised(
        &mut self,
        now: Instant,
        link: LinkId,
        local: &Domainpart,
        remote: &Domainpart,
        bidi: bool,
    ) -> Result<(), Failure> {
        self.at(now);
        if !self.shared.config.domains.allows(remote) {
            return Err(Failure::NotAllowed);
        }
        let (most, pairs) =
            (self.shared.config.incoming_per_remote, self.shared.config.pairs_per_link);
        let of_link = self.shared.links.get(&link.0).ok_or(Failure::Full)?;
        let is_new = !of_link.proved.iter().any(|(ours, theirs)| ours == local && theirs == remote);
        let takes = !of_link.closing && of_link.ours().is_none();
        if is_new && of_link.proved.len() >= pairs {
            return Err(Failure::Full);
        }
        let found = self.remote(remote).ok_or(Failure::Full)?;
        if !found.incoming.contains(&link.0) {
            if found.incoming.len() >= most {
                self.touch(remote);
                return Err(Failure::Full);
            }
            found.incoming.push(link.0);
        }
        // It is there.
        found.trials.succeed();
        if bidi && takes {
            let pair = found.pairs.entry(local.clone()).or_default();
            pair.trials.succeed();
            pair.way.get_or_insert(link.0);
        }
        if let Some(known) = self.shared.links.get_mut(&link.0) {
            known.last_used = self.now;
            if is_new {
                known.proved.push((local.clone(), remote.clone()));
            }
            if bidi && takes && !known.is_for(local, remote) {
                known.pairs.push((local.clone(), remote.clone()));
                known.authorised_at.get_or_insert(self.now);
            }
        }
        self.touch(remote);
        Ok(())
    }

    /// Something came in over a stream: it is in use.
    pub fn active(&mut self, now: Instant, link: LinkId) {
        self.at(now);
        if let Some(link) = self.shared.links.get_mut(&link.0) {
            link.last_used = self.now;
        }
    }

    /// Whether a stream takes no more for now, or again does. Stanzas wait meanwhile.
    pub fn congested(&mut self, now: Instant, link: LinkId, congested: bool) {
        self.at(now);
        let Some(known) = self.shared.links.get_mut(&link.0) else { return };
        if core::mem::replace(&mut known.congested, congested) && !congested {
            let of_ours = known.ours().map(|ours| &ours.remote);
            let remotes = known.pairs.iter().map(|(_, remote)| remote).chain(of_ours);
            let remotes: Vec<Domainpart> = remotes.cloned().collect();
            remotes.iter().for_each(|remote| self.touch(remote));
            // It may have been without use for long.
            self.room_at = self.room_at.min(self.now);
        }
    }

    /// A stream is over, whoever ended it, or a transport that was to become one. What it
    /// had been given and did not deliver comes back, in order.
    pub fn closed(
        &mut self,
        now: Instant,
        link: LinkId,
        end: LinkEnd,
        undelivered: Vec<Undelivered<P>>,
    ) {
        self.at(now);
        self.connect_failed(link, "closed");
        if let Some(known) = self.shared.links.remove(&link.0) {
            self.forget_link(link.0, known, end);
        }
        self.give_back(now, undelivered);
    }

    fn forget_link(&mut self, id: u64, link: Link, end: LinkEnd) {
        let mut domains: Vec<Domainpart> =
            link.proved.iter().map(|(_, remote)| remote.clone()).collect();
        match &link.kind {
            Kind::Ours(ours) => {
                self.shared.ours = self.shared.ours.saturating_sub(1);
                self.shared.closing = self.shared.closing.saturating_sub(link.closing.into());
                domains.push(ours.remote.clone());
                if let Some(found) = self.remotes.get_mut(ours.remote.as_str()) {
                    end_of_ours(found, (id, &link, ours), end, self.now, &mut self.shared);
                }
            }
            Kind::Incoming => {
                self.shared.incoming = self.shared.incoming.saturating_sub(1);
                if link.keys > 0 {
                    self.forget_keys(id);
                }
            }
        }
        domains.sort_unstable();
        domains.dedup();
        for domain in domains {
            let Some(found) = self.remotes.get_mut(domain.as_str()) else { continue };
            found.incoming.retain(|incoming| *incoming != id);
            for pair in found.pairs.values_mut() {
                if pair.way == Some(id) {
                    pair.way = None;
                }
            }
            self.touch(&domain);
        }
    }

    /// Nobody is left to be told about the keys that came over a stream.
    fn forget_keys(&mut self, link: u64) {
        let came_over = self.shared.keys.iter().filter(|(_, key)| key.came_over == Some(link));
        let ids: Vec<u64> = came_over.map(|(id, _)| *id).collect();
        for id in ids {
            let Some(key) = self.shared.take_key(id) else { continue };
            if let Some(found) = self.remotes.get_mut(key.remote.as_str()) {
                found.keys.retain(|other| *other != id);
            }
            self.touch(&key.remote);
        }
    }
}

fn end_of_ours<P: Parcel>(
    found: &mut Remote<P>,
    (id, link, ours): (u64, &Link, &Ours),
    end: LinkEnd,
    now: Instant,
    shared: &mut Shared<P>,
) {
    found.links.retain(|other| *other != id);
    let failure = match end {
        LinkEnd::Failed(failure) => failure,
        LinkEnd::Closed | LinkEnd::Lost => Failure::NotNegotiated,
    };
    if let Some(search) = &mut found.search
        && search.negotiating == Some(id)
    {
        search.negotiating = None;
        search.negotiation = Some(if link.closing { Failure::TimedOut } else { failure });
    }
    let mut unauthorised = Vec::new();
    for (local, pair) in &mut found.pairs {
        if pair.authorising.is_some_and(|(on, _)| on == id) {
            pair.authorising = None;
            unauthorised.push(local.clone());
        }
    }
    for local in unauthorised {
        found.pair_failed(&ours.remote, &local, failure, now, shared);
    }
    let asked =
        |id_of_key: &u64| shared.keys.get(id_of_key).is_some_and(|key| key.asked_on == Some(id));
    let (lost, kept): (Vec<u64>, Vec<u64>) = found.keys.iter().partition(|key| asked(key));
    found.keys = kept;
    for key in lost {
        shared.fail_key(key, Failure::Lost);
    }
    let Some(since) = link.authorised_at else { return };
    if now.saturating_since(since) >= shared.config.backoff.stable {
        found.trials.settle();
        for (local, _) in &link.pairs {
            if let Some(pair) = found.pairs.get_mut(local.as_str()) {
                pair.trials.settle();
                pair.returned_since = None;
            }
        }
    } else if end != LinkEnd::Closed {
        found.trials.lose(now, &shared.config, &mut shared.random);
    }
}
