//! Between a receiving and an authoritative server: whether a key is right (XEP-0220
//! sections 2.1.2 and 2.2.2).

use alloc::string::String;

use xmpp_stanza::StanzaCondition;
use xmpp_stanza::dialback::{Content, DialbackVerify};
use xmpp_xml::SendBuffer;

use super::{Dialback, Rules, error};
use crate::connection::core::Core;
use crate::dialback::{Claim, Pair, Verdict};
use crate::error::{Error, Misuse, PairError};
use crate::event::{PeerEvent, VerificationId};
use crate::query::VerifyQuery;
use crate::time::Instant;

/// A question of ours.
#[cfg_attr(test, derive(Clone))]
pub(super) struct Open {
    verification: VerificationId,
    pair: Pair,
    id: String,
    pub(super) deadline: Instant,
}

/// A question of the peer's that the driver has to answer.
#[cfg_attr(test, derive(Clone))]
pub(super) struct Asked {
    serial: u32,
    pair: Pair,
    id: String,
    pub(super) deadline: Instant,
}

impl Dialback {
    /// Asks the peer, as the authoritative server of the domain that is claimed.
    pub(crate) fn verify(
        &mut self,
        core: &mut Core,
        claim: &Claim,
        rules: Rules<'_>,
        tx: &mut SendBuffer,
    ) -> Result<VerificationId, PairError> {
        if !rules.sends() {
            return Err(PairError::WrongDirection);
        }
        if rules.refusal().is_some() {
            return Err(PairError::NoDialback);
        }
        // XEP-0288 section 2.2.
        if claim.id == rules.id {
            return Err(PairError::SameStream);
        }
        let deadline = rules.deadline(core);
        let seldom = self.seldom.get_or_insert_default();
        let max = rules.config.max_pending;
        if seldom.open.len() >= max {
            return Err(PairError::TooMany { max });
        }
        let Pair { local, remote } = claim.pair.clone();
        let content = Content::Key(claim.key.clone());
        core.write(&DialbackVerify::new(local, remote, &*claim.id, content), tx);
        self.verifications = self.verifications.wrapping_add(1);
        let verification = VerificationId(self.verifications);
        let (pair, id) = (claim.pair.clone(), claim.id.clone());
        seldom.open.push(Open { verification, pair, id, deadline });
        self.look_ahead(core);
        Ok(verification)
    }

    /// The authoritative server has answered. `from`, `to` and `id` have to be those of
    /// a question (XEP-0220 section 2.1.2); of two that are the same the first one is
    /// answered first.
    pub(super) fn verified(&mut self, verify: DialbackVerify) {
        let DialbackVerify { from, to, id, content, .. } = verify;
        let Some(seldom) = &mut self.seldom else { return };
        let asked = |it: &Open| it.id == id && it.pair.local == to && it.pair.remote == from;
        let Some(at) = seldom.open.iter().position(asked) else { return };
        let verdict = match content {
            Content::Valid => Verdict::Valid,
            Content::Invalid => Verdict::Invalid,
            Content::Error(error) => Verdict::Error(
                error.map_or(StanzaCondition::UndefinedCondition, |error| error.condition),
            ),
            Content::Key(_) => return,
        };
        let verification = seldom.open.remove(at).verification;
        self.tell(PeerEvent::Verified { verification, verdict });
    }

    /// A receiving server asks. What the secret can say is answered at once.
    pub(super) fn asked(
        &mut self,
        core: &mut Core,
        verify: DialbackVerify,
        rules: Rules<'_>,
        tx: &mut SendBuffer,
    ) -> Result<(), Error> {
        let DialbackVerify { from, to, id, content, .. } = verify;
        let Content::Key(key) = content else { return Ok(()) };
        // As the receiving server sees it.
        let claim = Claim { pair: Pair::new(from, to), id, key };
        let ours = rules.config.authoritative_for.contains(&claim.pair.remote);
        let waiting = self.seldom.as_ref().map_or(0, |seldom| seldom.asked.len());
        let refusal = if let Some(condition) = rules.refusal() {
            Some(condition)
        } else if ours {
            None
        } else if waiting >= rules.config.max_pending {
            Some(StanzaCondition::ResourceConstraint)
        } else {
            None
        };
        let Claim { pair, id, .. } = &claim;
        if let Some(condition) = refusal {
            write_verify(core, pair, id, error(condition), tx);
            return self.count_refusal(rules);
        }
        if ours {
            let content = content_of(claim.judge(&rules.config.dialback_secret));
            write_verify(core, pair, id, content, tx);
            return Ok(());
        }
        let serial = core.next_serial();
        let deadline = rules.deadline(core);
        let asked = Asked { serial, pair: pair.clone(), id: id.clone(), deadline };
        self.seldom.get_or_insert_default().asked.push(asked);
        let stream = rules.id.into();
        self.tell(PeerEvent::VerifyWanted(VerifyQuery { serial, stream, claim }));
        Ok(())
    }

    /// The answer to a [`VerifyQuery`]. One that comes too late has no effect.
    pub(crate) fn answer_verification(
        &mut self,
        core: &mut Core,
        query: &VerifyQuery,
        verdict: Verdict,
        rules: Rules<'_>,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if query.stream != rules.id {
            return Err(Misuse::StaleQuery);
        }
        let Some(seldom) = &mut self.seldom else { return Ok(()) };
        let is_it = |it: &Asked| it.serial == query.serial;
        let Some(at) = seldom.asked.iter().position(is_it) else { return Ok(()) };
        let Asked { pair, id, .. } = seldom.asked.remove(at);
        write_verify(core, &pair, &id, content_of(verdict), tx);
        self.look_ahead(core);
        Ok(())
    }

    pub(super) fn verifications_due(&mut self, core: &mut Core, now: Instant, tx: &mut SendBuffer) {
        let Some(seldom) = &mut self.seldom else { return };
        while let Some(at) = seldom.asked.iter().position(|it| it.deadline <= now) {
            let Asked { pair, id, .. } = seldom.asked.remove(at);
            write_verify(core, &pair, &id, error(StanzaCondition::InternalServerError), tx);
        }
        while let Some(at) = seldom.open.iter().position(|it| it.deadline <= now) {
            let verification = seldom.open.remove(at).verification;
            let verdict = Verdict::Error(StanzaCondition::RemoteServerTimeout);
            seldom.news.push_back(PeerEvent::Verified { verification, verdict });
        }
    }
}

const fn content_of(verdict: Verdict) -> Content {
    match verdict {
        Verdict::Valid => Content::Valid,
        Verdict::Invalid => Content::Invalid,
        Verdict::Error(condition) => Content::Error(Some(xmpp_stanza::StanzaError::new(condition))),
    }
}

/// Tells the receiving server, whose domain is the local one of the pair.
fn write_verify(core: &mut Core, pair: &Pair, id: &str, content: Content, tx: &mut SendBuffer) {
    let Pair { local, remote } = pair.clone();
    core.write(&DialbackVerify::new(remote, local, id, content), tx);
}
