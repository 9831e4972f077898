//! Streams, as the pool knows them.

use alloc::vec::Vec;

use xmpp_jid::Domainpart;

use super::line::Origin;
use super::output::Offers;
use crate::time::Instant;

/// A stream.
pub(super) struct Link {
    pub(super) kind: Kind,
    /// On whose behalf the keys are asked about that come over it.
    pub(super) origin: Origin,
    /// The pairs, ours first, that we may send over it.
    pub(super) pairs: Vec<(Domainpart, Domainpart)>,
    /// The pairs, ours first, that the peer has proved to be authorised to send.
    pub(super) proved: Vec<(Domainpart, Domainpart)>,
    /// Nothing more fits into it for now.
    pub(super) congested: bool,
    /// It is to be closed. Nothing new is sent.
    pub(super) closing: bool,
    pub(super) last_used: Instant,
    /// Since when there has been a pair that we may send.
    pub(super) authorised_at: Option<Instant>,
    /// Keys that came over it and are being asked about.
    pub(super) keys: usize,
}

pub(super) enum Kind {
    Ours(Ours),
    Incoming,
}

/// What belongs to a stream of ours.
pub(super) struct Ours {
    pub(super) local: Domainpart,
    pub(super) remote: Domainpart,
    /// What the peer offers; `None` until the stream is open.
    pub(super) offers: Option<Offers>,
    /// When it has to be open.
    pub(super) until: Instant,
    /// Domains of ours that the peer was asked to accept, and has said nothing of. It is
    /// not asked a second time.
    pub(super) asked: Vec<Domainpart>,
}

impl Link {
    pub(super) const fn new(kind: Kind, origin: Origin, now: Instant) -> Self {
        Self {
            kind,
            origin,
            pairs: Vec::new(),
            proved: Vec::new(),
            congested: false,
            closing: false,
            last_used: now,
            authorised_at: None,
            keys: 0,
        }
    }

    pub(super) const fn ours(&self) -> Option<&Ours> {
        match &self.kind {
            Kind::Ours(ours) => Some(ours),
            Kind::Incoming => None,
        }
    }

    /// Whether the peer had been asked to accept a domain of ours. It has answered now.
    pub(super) fn answered(&mut self, local: &Domainpart) -> bool {
        let Kind::Ours(ours) = &mut self.kind else { return false };
        let before = ours.asked.len();
        ours.asked.retain(|asked| asked != local);
        ours.asked.len() < before
    }

    /// The peer is being asked to accept a domain of ours.
    pub(super) fn ask(&mut self, local: &Domainpart) {
        if let Kind::Ours(ours) = &mut self.kind {
            ours.asked.push(local.clone());
        }
    }

    /// Whether it is ours and open.
    pub(super) fn offers(&self) -> Option<Offers> {
        if self.closing { None } else { self.ours()?.offers }
    }

    pub(super) const fn takes_stanzas(&self) -> bool {
        !self.congested && !self.closing
    }

    pub(super) fn is_for(&self, local: &Domainpart, remote: &Domainpart) -> bool {
        self.pairs.iter().any(|(ours, theirs)| ours == local && theirs == remote)
    }
}
