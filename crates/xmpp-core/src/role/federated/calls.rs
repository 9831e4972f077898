//! What a driver asks and answers on a stream between servers.

use xmpp_stanza::StreamError;
use xmpp_xml::SendBuffer;

use crate::connection::{Connection, Phase};
use crate::dialback::{Claim, Pair, Verdict};
use crate::error::{Error, Misuse, PairError};
use crate::event::{Direction, VerificationId};
use crate::negotiation::dialback::Answered;
use crate::query::{PeerAnswer, PeerQuery, ResultQuery, VerifyQuery};
use crate::role::PeerRole;
use crate::role::federated::settled;
use crate::time::Instant;

impl<R: PeerRole> Connection<R> {
    /// Answers [`PeerEvent::PeerWanted`](crate::PeerEvent::PeerWanted): the peer is
    /// talked to.
    ///
    /// A receiving server that can then offer neither SASL EXTERNAL, since the domain is not
    /// proved, nor dialback, by its [policy](crate::config::DialbackPolicy), closes the stream with
    /// `policy-violation` (RFC 6120 section 6.4.5).
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn accept_peer(
        &mut self,
        query: PeerQuery,
        answer: PeerAnswer,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.takes_peer(&query)? {
            return Ok(());
        }
        let proved = answer == PeerAnswer::Proved;
        if let Err(error) = R::accepted(&mut self.core, &mut self.state, proved, tx) {
            self.fail(error, tx);
        }
        Ok(())
    }

    /// Answers [`PeerEvent::PeerWanted`](crate::PeerEvent::PeerWanted) with a stream
    /// error: `host-unknown` if the domain is none of ours, `not-authorized` or
    /// `policy-violation` for a peer that is not talked to.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn refuse_peer(
        &mut self,
        query: PeerQuery,
        error: StreamError,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if self.takes_peer(&query)? {
            self.fail(Error::Closed(error), tx);
        }
        Ok(())
    }

    fn takes_peer(&self, query: &PeerQuery) -> Result<bool, Misuse> {
        match self.is_answerable()? {
            true if R::awaits_peer(&self.state, query.serial) => Ok(true),
            true => Err(Misuse::StaleQuery),
            false => Ok(false),
        }
    }

    /// Asks to be let in for a further pair of domains, by dialback: what XEP-0220
    /// section 2.5 calls multiplexing. The answer is
    /// [`PairAuthorised`](crate::PeerEvent::PairAuthorised) or
    /// [`PairRefused`](crate::PeerEvent::PairRefused). A pair that is authorised or
    /// asked for already is not asked for again.
    ///
    /// # Security
    ///
    /// A further `remote` domain is for a peer that DNS names for that domain as well.
    /// With XEP-0288 the peer may from then on speak for it.
    ///
    /// # Errors
    ///
    /// If the stream is not one for it. Nothing was sent then.
    pub fn request_pair(
        &mut self,
        now: Instant,
        pair: &Pair,
        tx: &mut SendBuffer,
    ) -> Result<(), PairError> {
        self.core.timers.advance(now);
        self.can_ask()?;
        if R::INITIATES
            && !R::federation(&self.state).peer_has_errors
            && R::remote(&self.state) != Some(&pair.remote)
        {
            return Err(PairError::NoErrors);
        }
        let (dialback, rules) = R::federation_mut(&mut self.state).split(R::INITIATES);
        dialback.request(&mut self.core, pair, rules, tx)
    }

    /// Asks the peer, as the authoritative server of the domain that is claimed, about
    /// a claim that has come on another stream. The answer is
    /// [`Verified`](crate::PeerEvent::Verified), at the latest in
    /// [time](crate::FederationConfig::verdict); [`Event::Closed`](crate::Event::Closed)
    /// ends all that wait.
    ///
    /// # Errors
    ///
    /// If the stream is not one for it. Nothing was sent then.
    pub fn verify(
        &mut self,
        now: Instant,
        claim: &Claim,
        tx: &mut SendBuffer,
    ) -> Result<VerificationId, PairError> {
        self.core.timers.advance(now);
        self.can_ask()?;
        let (dialback, rules) = R::federation_mut(&mut self.state).split(R::INITIATES);
        dialback.verify(&mut self.core, claim, rules, tx)
    }

    /// Answers [`PeerEvent::ResultWanted`](crate::PeerEvent::ResultWanted). After
    /// [`Verdict::Invalid`] the stream is closed, unless other pairs are authorised on
    /// it (XEP-0220 section 2.2.1). An answer that comes too late has no effect.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is of another stream.
    pub fn answer_result(
        &mut self,
        query: ResultQuery,
        verdict: Verdict,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if matches!(self.core.phase(), Phase::Closing | Phase::Closed) {
            return Ok(());
        }
        let (dialback, rules) = R::federation_mut(&mut self.state).split(R::INITIATES);
        match dialback.answer_claim(&mut self.core, &query, verdict, rules, tx)? {
            Answered::Authorised => settled::<R>(&mut self.core, &mut self.state, tx),
            Answered::Useless => self.close(self.core.timers.now(), None, tx),
            Answered::TooOften(error) => self.fail(error, tx),
            Answered::Refused | Answered::TooLate => {}
        }
        Ok(())
    }

    /// Answers [`PeerEvent::VerifyWanted`](crate::PeerEvent::VerifyWanted). An answer
    /// that comes too late has no effect.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is of another stream.
    pub fn answer_verify(
        &mut self,
        query: VerifyQuery,
        verdict: Verdict,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if matches!(self.core.phase(), Phase::Closing | Phase::Closed) {
            return Ok(());
        }
        let (dialback, rules) = R::federation_mut(&mut self.state).split(R::INITIATES);
        dialback.answer_verification(&mut self.core, &query, verdict, rules, tx)
    }

    /// The pairs that stanzas may go between, each with its direction.
    pub fn pairs(&self) -> impl Iterator<Item = (&Pair, Direction)> {
        R::federation(&self.state).dialback.pairs()
    }

    /// Whether stanzas may go between the two domains, in that direction.
    pub fn is_authorised(&self, pair: &Pair, direction: Direction) -> bool {
        let (local, remote) = (pair.local.as_str(), pair.remote.as_str());
        let dialback = &R::federation(&self.state).dialback;
        match direction {
            Direction::Send => dialback.may_send(local, remote),
            Direction::Receive => dialback.may_receive(local, remote),
        }
    }

    /// Whether stanzas may go both ways on this stream (XEP-0288).
    pub fn is_bidirectional(&self) -> bool {
        R::federation(&self.state).bidi
    }

    /// The identifier of the stream, which the receiving server has made: empty before
    /// its header.
    pub fn stream_id(&self) -> &str {
        &R::federation(&self.state).id
    }

    fn can_ask(&self) -> Result<(), PairError> {
        match self.phase() {
            Phase::Closing | Phase::Closed => Err(PairError::Closed),
            _ if !R::federation(&self.state).ready => Err(PairError::NotEstablished),
            // A peer that has proved nothing is asked nothing.
            Phase::Negotiating if !R::INITIATES => Err(PairError::NotEstablished),
            _ => Ok(()),
        }
    }
}
