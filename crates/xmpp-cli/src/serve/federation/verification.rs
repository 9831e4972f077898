//! Dialback (XEP-0220): what a peer claims is asked about on a stream to another server, and
//! the verdict comes back. The pool says on which.

use std::sync::Arc;

use xmpp_core::dialback::{Claim, Pair, Verdict};
use xmpp_core::federation::{Failure, VerifyId};
use xmpp_core::stanza::StanzaCondition;
use xmpp_core::{ResultQuery, VerificationId};

use super::side::Side;
use super::stream::Peer;
use crate::net::link::Link;

/// Of a receiving server.
impl Peer<'_> {
    /// The peer claims a domain: the server of that domain is asked.
    pub(super) fn claimed<R: Side>(&mut self, link: &mut Link<R>, query: ResultQuery) {
        let (id, way) = (self.id, Arc::clone(&self.way));
        // Each has DNS asked and a stream opened, for whoever claims whatever.
        let may_ask = self.meter.try_login();
        let asked = self.with_pool(|pool| {
            let pair = query.pair();
            if !may_ask {
                return Err(StanzaCondition::ResourceConstraint);
            }
            if !pool.serves(&pair.local) || pool.serves(&pair.remote) {
                return Err(StanzaCondition::NotAllowed);
            }
            pool.verify(id, query.claim(), &way).map_err(Failure::condition)
        });
        match asked.unwrap_or(Err(StanzaCondition::NotAllowed)) {
            Ok(verify) => _ = self.claims.insert(verify, query),
            Err(condition) => self.answer(link, query, Verdict::Error(condition)),
        }
    }

    /// A claim of the peer has been judged.
    pub(super) fn judged<R: Side>(
        &mut self,
        link: &mut Link<R>,
        verify: VerifyId,
        verdict: Verdict,
    ) {
        if let Some(query) = self.claims.remove(&verify) {
            self.answer(link, query, verdict);
        }
    }

    fn answer<R: Side>(&self, link: &mut Link<R>, query: ResultQuery, verdict: Verdict) {
        if verdict != Verdict::Valid {
            let pair = query.pair();
            tracing::info!(peer = self.address, "s2s: {pair} refused: {verdict:?}");
        }
        // In vain if its time is over.
        let _ = link.endpoint.answer_result(query, verdict);
    }

    /// The peer has been told that there was no verdict in time.
    pub(super) fn expired(&mut self, pair: &Pair) {
        tracing::info!(peer = self.address, "s2s: {pair} was not judged in time");
        let late = self.claims.iter().find(|(_, query)| query.pair() == pair);
        if let Some(verify) = late.map(|(verify, _)| *verify) {
            self.claims.remove(&verify);
            self.with_pool(|pool| pool.verified(verify, None));
        }
    }

    /// Nobody is left to be told of a verdict.
    pub(super) fn forget_claims(&mut self) {
        let claims = core::mem::take(&mut self.claims);
        self.with_pool(|pool| claims.into_keys().for_each(|verify| pool.verified(verify, None)));
    }
}

/// Of a receiving server, on its stream to the authoritative one.
impl Peer<'_> {
    /// Asks about what another peer claims.
    pub(super) fn ask<R: Side>(&mut self, link: &mut Link<R>, verify: VerifyId, claim: &Claim) {
        let now = link.now();
        match link.endpoint.verify(now, claim) {
            Ok(verification) => _ = self.asked.insert(verification, verify),
            Err(error) => {
                tracing::info!(peer = self.address, "s2s: a key cannot be asked about: {error}");
                let verdict = Verdict::Error(StanzaCondition::RemoteServerTimeout);
                self.with_pool(|pool| pool.verified(verify, Some(verdict)));
            }
        }
    }

    /// It has answered, or has not in time.
    pub(super) fn answered(&mut self, verification: VerificationId, verdict: Verdict) {
        if let Some(verify) = self.asked.remove(&verification) {
            self.with_pool(|pool| pool.verified(verify, Some(verdict)));
        }
    }
}
