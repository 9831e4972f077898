//! Of an initiating server: pairs that it asks to be let in for (XEP-0220 section
//! 2.1.1).

use xmpp_stanza::dialback::Content;
use xmpp_xml::SendBuffer;

use super::{Dialback, Rules, add, write_result};
use crate::connection::core::Core;
use crate::dialback::{Pair, key};
use crate::error::PairError;
use crate::event::{Direction, PeerEvent, ProvedBy, Refusal};
use crate::time::Instant;

#[cfg_attr(test, derive(Clone))]
pub(super) struct Requested {
    pub(super) pair: Pair,
    /// Until when the answer may come; none once it is yes.
    waits: Option<Instant>,
}

impl Requested {
    pub(super) const fn is_authorised(&self) -> bool {
        self.waits.is_none()
    }

    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.waits
    }
}

impl Dialback {
    /// Asks to be let in. A pair that is authorised or asked for already is not asked
    /// for again (XEP-0220 section 2.1.1).
    pub(crate) fn request(
        &mut self,
        core: &mut Core,
        pair: &Pair,
        rules: Rules<'_>,
        tx: &mut SendBuffer,
    ) -> Result<(), PairError> {
        if self.sends.iter().any(|it| it.pair == *pair) {
            return Ok(());
        }
        if !rules.sends() {
            return Err(PairError::WrongDirection);
        }
        if rules.refusal().is_some() || rules.id.is_empty() {
            return Err(PairError::NoDialback);
        }
        // XEP-0288 section 2.2: to domains that the peer has proved.
        if !rules.initiates && !self.has_proved(pair.remote.as_str()) {
            return Err(PairError::NotProved);
        }
        let waiting = self.sends.iter().filter(|it| !it.is_authorised()).count();
        for (count, max) in
            [(self.sends.len(), rules.config.max_pairs), (waiting, rules.config.max_pending)]
        {
            if count >= max {
                return Err(PairError::TooMany { max });
            }
        }
        let secret = &rules.config.dialback_secret;
        let key = key(secret, pair.remote.as_ref(), pair.local.as_ref(), rules.id);
        write_result(core, pair, Content::Key(key), tx);
        let waits = Some(rules.deadline(core));
        add(&mut self.sends, Requested { pair: pair.clone(), waits });
        self.look_ahead(core);
        Ok(())
    }

    /// The receiving server has answered. Only what waits is decided by it (XEP-0220
    /// section 4.1).
    pub(super) fn answered(&mut self, pair: Pair, content: Content, rules: Rules<'_>) {
        let waits = |it: &Requested| it.pair == pair && !it.is_authorised();
        let Some(at) = self.sends.iter().position(waits) else { return };
        let refusal = match content {
            Content::Valid => {
                self.authorise(&pair, Direction::Send, ProvedBy::Dialback, rules.bidi);
                return;
            }
            Content::Invalid => Refusal::Invalid,
            Content::Error(error) => Refusal::Error(error),
            Content::Key(_) => return,
        };
        self.sends.remove(at);
        self.tell(PeerEvent::PairRefused { pair, refusal });
    }

    /// Says whether that is new.
    pub(super) fn authorise_sending(&mut self, pair: &Pair) -> bool {
        match self.sends.iter_mut().find(|it| it.pair == *pair) {
            Some(it) => it.waits.take().is_some(),
            None => {
                add(&mut self.sends, Requested { pair: pair.clone(), waits: None });
                true
            }
        }
    }

    pub(super) fn requests_due(&mut self, now: Instant) {
        while let Some(at) =
            self.sends.iter().position(|it| it.deadline().is_some_and(|at| at <= now))
        {
            let pair = self.sends.remove(at).pair;
            self.tell(PeerEvent::PairRefused { pair, refusal: Refusal::TimedOut });
        }
    }
}
