//! Of a receiving server: domains that the peer claims (XEP-0220 section 2.2.1).

use alloc::string::String;

use xmpp_stanza::StanzaCondition;
use xmpp_stanza::dialback::Content;
use xmpp_xml::SendBuffer;

use super::{Dialback, Rules, add, error, write_result};
use crate::connection::core::Core;
use crate::dialback::{Claim, Pair, Verdict};
use crate::error::{Error, Misuse};
use crate::event::{Direction, PeerEvent, ProvedBy};
use crate::query::ResultQuery;
use crate::time::Instant;

#[cfg_attr(test, derive(Clone))]
pub(super) struct Claimed {
    pub(super) pair: Pair,
    /// Which query waits for its answer until when; none once that was yes.
    waits: Option<(u32, Instant)>,
}

impl Claimed {
    pub(super) const fn is_authorised(&self) -> bool {
        self.waits.is_none()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waits.map(|(_, deadline)| deadline)
    }
}

/// What became of an answer to a [`ResultQuery`].
pub(crate) enum Answered {
    /// The claim has been answered already, since its time was over.
    TooLate,
    Authorised,
    Refused,
    /// Nothing is left that the stream is good for.
    Useless,
    /// The peer was refused too often.
    TooOften(Error),
}

impl Dialback {
    /// The peer claims a domain.
    pub(super) fn claimed(
        &mut self,
        core: &mut Core,
        pair: Pair,
        key: String,
        rules: Rules<'_>,
        tx: &mut SendBuffer,
    ) -> Result<(), Error> {
        if let Some(known) = self.receives.iter().find(|it| it.pair == pair) {
            // What is proved stays so, and what is asked will be answered.
            if known.is_authorised() {
                write_result(core, &pair, Content::Valid, tx);
            }
            return Ok(());
        }
        let waiting = self.receives.iter().filter(|it| !it.is_authorised()).count();
        let refusal = if let Some(condition) = rules.refusal() {
            Some(condition)
        } else if rules.initiates {
            // XEP-0220 section 2.4: to be asked on another stream. On one that we have
            // opened the peer has made the identifier that its key is for: what was read
            // along elsewhere could be used again, and an answer of the authority for
            // another stream be taken for one for this.
            Some(StanzaCondition::ResourceConstraint)
        } else if !rules.serves(&pair.local) {
            // XEP-0220 section 2.2.1: whoever speaks to other domains does so elsewhere.
            Some(StanzaCondition::ItemNotFound)
        } else if self.receives.len() >= rules.config.max_pairs
            || waiting >= rules.config.max_pending
        {
            Some(StanzaCondition::ResourceConstraint)
        } else {
            None
        };
        if let Some(condition) = refusal {
            write_result(core, &pair, error(condition), tx);
            return self.count_refusal(rules);
        }
        let serial = core.next_serial();
        let waits = Some((serial, rules.deadline(core)));
        add(&mut self.receives, Claimed { pair: pair.clone(), waits });
        let claim = Claim { pair, id: rules.id.into(), key };
        self.tell(PeerEvent::ResultWanted(ResultQuery { serial, claim }));
        Ok(())
    }

    /// The answer to a [`ResultQuery`].
    pub(crate) fn answer_claim(
        &mut self,
        core: &mut Core,
        query: &ResultQuery,
        verdict: Verdict,
        rules: Rules<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Answered, Misuse> {
        if query.claim.id != rules.id {
            return Err(Misuse::StaleQuery);
        }
        let is_it = |waits: (u32, Instant)| waits.0 == query.serial;
        let Some(at) = self.receives.iter().position(|it| it.waits.is_some_and(is_it)) else {
            return Ok(Answered::TooLate);
        };
        let pair = query.pair();
        let condition = match verdict {
            Verdict::Valid => {
                write_result(core, pair, Content::Valid, tx);
                self.authorise(pair, Direction::Receive, ProvedBy::Dialback, rules.bidi);
                self.look_ahead(core);
                return Ok(Answered::Authorised);
            }
            Verdict::Invalid if self.has_authorised() => StanzaCondition::Forbidden,
            Verdict::Invalid => {
                self.receives.remove(at);
                write_result(core, pair, Content::Invalid, tx);
                self.look_ahead(core);
                return Ok(Answered::Useless);
            }
            Verdict::Error(condition) => condition,
        };
        self.receives.remove(at);
        write_result(core, pair, error(condition), tx);
        self.look_ahead(core);
        Ok(self.count_refusal(rules).map_or_else(Answered::TooOften, |()| Answered::Refused))
    }

    /// Says whether that is new.
    pub(super) fn authorise_receiving(&mut self, pair: &Pair) -> bool {
        match self.receives.iter_mut().find(|it| it.pair == *pair) {
            Some(it) => it.waits.take().is_some(),
            None => {
                add(&mut self.receives, Claimed { pair: pair.clone(), waits: None });
                true
            }
        }
    }

    pub(super) fn claims_due(
        &mut self,
        core: &mut Core,
        now: Instant,
        rules: Rules<'_>,
        tx: &mut SendBuffer,
    ) {
        while let Some(at) =
            self.receives.iter().position(|it| it.deadline().is_some_and(|at| at <= now))
        {
            let pair = self.receives.remove(at).pair;
            write_result(core, &pair, error(StanzaCondition::RemoteServerTimeout), tx);
            // The bound counts for what the peer asks next.
            let _ = self.count_refusal(rules);
            self.tell(PeerEvent::ResultExpired { pair });
        }
    }
}
