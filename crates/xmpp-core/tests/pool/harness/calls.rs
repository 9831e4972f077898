//! What a driver tells the pool.

use core::net::{IpAddr, Ipv4Addr};

use xmpp_core::federation::{Failure, LinkEnd, LinkId, Offers, Undelivered};
use xmpp_core::session::discovery::{LookupFailed, Srv};

use super::model::{Fate, Key, Link, Pair, Taken, World};
use super::parcel::Numbered;
use super::tape::Tape;

impl World {
    pub(super) fn send(&mut self, tape: &mut Tape<'_>) {
        let pair = Self::any_pair(tape);
        let byte = tape.byte();
        let stanza = Numbered {
            number: self.taken.len() as u64,
            size: usize::from(tape.byte()) * if byte & 8 == 0 { 2 } else { 20 },
            answerable: byte & 7 != 7,
            sender: if byte & 16 == 0 { "a@here.example" } else { "b@here.example" },
        };
        let taken = Taken { fate: Fate::Waiting, stanza: stanza.clone(), pair, since: self.now };
        self.taken.push(taken);
        let (local, remote) = self.names(pair);
        self.pool.send(self.now, &local, &remote, stanza);
    }

    pub(super) fn answer_srv(&mut self, tape: &mut Tape<'_>) {
        let Some(query) = tape.pick(&mut self.srv) else { return };
        let answer = match tape.byte() % 8 {
            1 => Ok(vec![Srv::new(0, 0, 0, ".")]),
            2 => Err(LookupFailed::new("no")),
            3 => Ok(Vec::new()),
            4 => Ok(vec![Srv::new(0, 0, 1, "h.example."), Srv::new(1, 0, 1, "192.0.2.1")]),
            5 => Ok((0..40).map(|n| Srv::new(n % 3, n, 1, format!("h{n}.example."))).collect()),
            _ => Ok(vec![Srv::new(0, 0, 5269, "192.0.2.1")]),
        };
        self.pool.provide_srv(query, answer);
    }

    pub(super) fn answer_addresses(&mut self, tape: &mut Tape<'_>) {
        let Some(query) = tape.pick(&mut self.addresses) else { return };
        let answer = match tape.byte() % 4 {
            1 => Err(LookupFailed::new("no")),
            2 => Ok(Vec::new()),
            3 => Ok((0..40).map(|n| IpAddr::from([192, 0, 2, n])).collect()),
            _ => Ok(vec!["2001:db8::8".parse().unwrap(), "192.0.2.9".parse().unwrap()]),
        };
        self.pool.provide_addresses(query, answer);
    }

    /// A transport is open, or is not.
    pub(super) fn connect(&mut self, tape: &mut Tape<'_>, opens: bool) {
        let Some(dial) = tape.pick(&mut self.dials) else { return };
        if !opens {
            self.gone.push(dial.link);
            return self.pool.connect_failed(dial.link, "no");
        }
        self.pool.connected(self.now, dial.link);
        let mut link = Link::default();
        if dial.authorise {
            link.asked.insert(self.pair(&dial.local, &dial.remote));
        }
        let id = dial.link;
        link.dial = Some(dial);
        self.links.insert(id, link);
    }

    pub(super) fn open(&mut self, tape: &mut Tape<'_>) {
        let Some(id) = self.any_link(tape, |link| link.dial.is_some() && !link.open) else {
            return;
        };
        let offers = match tape.byte() % 5 {
            1 => Offers::none(),
            2 => Offers::with_dialback(false),
            _ => Offers::with_dialback(true),
        };
        self.opened(id, offers);
    }

    fn opened(&mut self, id: LinkId, offers: Offers) {
        self.pool.opened(self.now, id, offers);
        let link = self.links.get_mut(&id).unwrap();
        link.open |= link.dial.is_some() && !link.closing;
    }

    /// What was asked is answered; or nothing was, by SASL EXTERNAL.
    pub(super) fn decide(&mut self, tape: &mut Tape<'_>, yes: bool) {
        let Some(id) = self.any_link(tape, |link| !link.asked.is_empty()) else { return };
        let asked = &self.links[&id].asked;
        let pair = *asked.iter().nth(tape.index(asked.len())).unwrap();
        if yes {
            self.authorised(id, pair);
        } else {
            let failure = [Failure::PairRefused, Failure::TimedOut][tape.index(2)];
            self.refused(id, pair, failure);
        }
    }

    fn authorised(&mut self, id: LinkId, pair: Pair) {
        let (local, remote) = self.names(pair);
        self.pool.authorised(self.now, id, &local, &remote);
        let link = self.links.get_mut(&id).unwrap();
        let Some(dial) = link.dial.as_ref().filter(|_| !link.closing) else { return };
        link.open = true;
        // Nobody is authorised who did not ask to be.
        let was_asked = link.asked.contains(&pair) || dial.local == local;
        if dial.remote == remote && was_asked {
            link.asked.remove(&pair);
            link.pairs.insert(pair);
        }
    }

    fn refused(&mut self, id: LinkId, pair: Pair, failure: Failure) {
        let (local, remote) = self.names(pair);
        self.pool.refused(self.now, id, &local, &remote, failure);
        let link = self.links.get_mut(&id).unwrap();
        link.asked.remove(&pair);
        link.pairs.remove(&pair);
    }

    pub(super) fn accept(&mut self, tape: &mut Tape<'_>) {
        let from = match tape.byte() % 4 {
            0 => None,
            n => Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, n))),
        };
        match self.pool.accepted(self.now, from) {
            Ok(id) => {
                assert!(!self.ended, "takes a stream at the end");
                assert!(!self.links.contains_key(&id) && !self.gone.contains(&id));
                self.links.insert(id, Link { open: true, ..Link::default() });
            }
            Err(Failure::ShutDown) => assert!(self.ended),
            Err(_) => assert_eq!(self.pool.counters().incoming, self.config.max_incoming),
        }
    }

    pub(super) fn prove(&mut self, tape: &mut Tape<'_>) {
        let Some(id) = self.any_link(tape, |link| link.dial.is_none()) else { return };
        let (pair, bidi) = (Self::any_pair(tape), tape.one_in(2));
        self.proved(id, pair, bidi);
    }

    fn proved(&mut self, id: LinkId, pair: Pair, bidi: bool) {
        let (local, remote) = self.names(pair);
        let taken = self.pool.peer_authorised(self.now, id, &local, &remote, bidi);
        let link = self.links.get_mut(&id).unwrap();
        if taken.is_err() {
            return;
        }
        assert!(self.config.domains.allows(&remote));
        if link.dial.is_none() {
            link.proved.insert(pair);
            if bidi && !link.closing {
                link.pairs.insert(pair);
            }
        }
    }

    pub(super) fn verify(&mut self, tape: &mut Tape<'_>) {
        let Some(came_over) = self.any_link(tape, |_| true) else { return };
        let (local, remote) = self.names(Self::any_pair(tape));
        match self.pool.verify(self.now, came_over, &local, &remote) {
            Ok(id) => {
                assert!(!self.ended && self.config.domains.allows(&remote));
                let key = Key { came_over, asked_on: None };
                assert!(self.keys.insert(id, key).is_none(), "a number twice");
            }
            Err(Failure::ShutDown) => assert!(self.ended),
            Err(_) => {}
        }
    }

    /// An answer about a key, or nobody wants one any more.
    pub(super) fn verified(&mut self, tape: &mut Tape<'_>) {
        let mut keys: Vec<_> = self.keys.keys().copied().collect();
        let Some(id) = tape.pick(&mut keys) else { return };
        self.pool.verified(self.now, id);
        self.end_key(id);
    }

    /// A stream takes no more, or something comes over it.
    pub(super) fn traffic(&mut self, tape: &mut Tape<'_>) {
        let Some(id) = self.any_link(tape, |_| true) else { return };
        if tape.one_in(3) {
            return self.pool.active(self.now, id);
        }
        let link = self.links.get_mut(&id).unwrap();
        link.congested = !link.congested;
        self.pool.congested(self.now, id, link.congested);
    }

    /// A stream ends, and gives back some of what it was given.
    pub(super) fn end(&mut self, id: LinkId, tape: &mut Tape<'_>) {
        let mut link = self.links.remove(&id).unwrap();
        let end = match tape.byte() % 4 {
            0 => LinkEnd::Closed,
            1 => LinkEnd::Failed(Failure::Untrusted),
            2 => LinkEnd::Failed(Failure::NotNegotiated),
            _ => LinkEnd::Lost,
        };
        let count = tape.index(4).min(link.recent.len());
        // A stream that was closed for want of use has sent all that it was given.
        let unsent = if link.closing { 0 } else { tape.index(count + 1) };
        let back = link.recent.split_off(link.recent.len() - count);
        let undelivered = self.back(back, unsent);
        // The others are given back later, or never.
        self.left = link.recent.split_off(link.recent.len().saturating_sub(4));
        self.gone.push(id);
        if link.dial.is_none() {
            // Nobody is left to be told about these.
            let came_over = self.keys.iter().filter(|(_, key)| key.came_over == id);
            let ids: Vec<_> = came_over.map(|(id, _)| *id).collect();
            for id in ids {
                self.end_key(id);
            }
        }
        self.pool.closed(self.now, id, end, undelivered);
    }

    /// What was sent on a stream that is gone already.
    pub(super) fn give_back(&mut self, tape: &mut Tape<'_>) {
        let back = core::mem::take(&mut self.left);
        let unsent = tape.index(back.len() + 1);
        let undelivered = self.back(back, unsent);
        self.pool.give_back(self.now, undelivered);
    }

    /// In the order of sending; the last ones were not sent at all.
    fn back(&mut self, back: Vec<(Pair, Numbered)>, unsent: usize) -> Vec<Undelivered<Numbered>> {
        let uncertain = back.len() - unsent;
        let back = back.into_iter().enumerate();
        back.map(|(at, (pair, stanza))| {
            self.unsettle(&stanza);
            let (local, remote) = self.names(pair);
            if at < uncertain {
                return Undelivered::uncertain(local, remote, stanza);
            }
            // It goes out again, and so may what follows it.
            let next = self.next.entry(pair).or_default();
            *next = (*next).min(stanza.number);
            Undelivered::unsent(local, remote, stanza)
        })
        .collect()
    }

    /// Something of a stream that is gone: it has no effect.
    pub(super) fn stale(&mut self, tape: &mut Tape<'_>) {
        let (local, remote) = self.names(Self::any_pair(tape));
        let now = self.now;
        if tape.one_in(4) {
            let mut old = self.old_keys.clone();
            let Some(id) = tape.pick(&mut old) else { return };
            self.pool.verified(now, id);
            return self.rest();
        }
        let Some(id) = self.gone.get(tape.index(self.gone.len())).copied() else { return };
        match tape.byte() % 10 {
            0 => self.pool.connected(now, id),
            1 => self.pool.connect_failed(id, "no"),
            2 => self.pool.opened(now, id, Offers::with_dialback(true)),
            3 => self.pool.authorised(now, id, &local, &remote),
            4 => self.pool.refused(now, id, &local, &remote, Failure::PairRefused),
            5 => assert!(self.pool.peer_authorised(now, id, &local, &remote, true).is_err()),
            6 => self.pool.active(now, id),
            7 => self.pool.congested(now, id, tape.one_in(2)),
            _ => self.pool.closed(now, id, LinkEnd::Lost, Vec::new()),
        }
        self.rest();
    }

    /// Something of any stream, whether it makes sense or not.
    pub(super) fn odd(&mut self, tape: &mut Tape<'_>) {
        let Some(id) = self.any_link(tape, |_| true) else { return };
        let pair = Self::any_pair(tape);
        match tape.byte() % 6 {
            0 => self.pool.connected(self.now, id),
            1 => self.pool.connect_failed(id, "no"),
            2 => self.opened(id, Offers::with_dialback(true)),
            3 => self.authorised(id, pair),
            4 => self.refused(id, pair, Failure::Untrusted),
            _ => self.proved(id, pair, true),
        }
    }
}
