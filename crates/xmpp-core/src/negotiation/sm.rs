//! Stream management: the nonzas of XEP-0198, of both sides.
//!
//! What is asked and answered here is a value; who writes it decides where: as a
//! first-level element, or within `<bind/>`, `<authenticate/>` and `<success/>`
//! (XEP-0198 section 9).

use alloc::boxed::Box;

use xmpp_jid::{BareJid, FullJid};
use xmpp_stanza::sm::{Ack, Enable, Enabled, Failed, Request, Resume, Resumed};
use xmpp_stanza::{Payload, StanzaCondition};
use xmpp_xml::{ElementRef, SendBuffer, StreamContext};

use crate::connection::core::{Core, is, unexpected};
use crate::error::{Error, Misuse, PeerMisbehaved, SendError};
use crate::query::ResumeQuery;
use crate::stream_management::{Ledger, Resumption, ResumptionId, StreamManagement};

/// Of a connection: the stream's ledger, and what an earlier stream left.
#[cfg_attr(test, derive(Clone))]
#[derive(Default)]
pub(crate) struct Management {
    /// Of this stream, from `<enable/>` on. Boxed: not every stream has one.
    pub(crate) ledger: Option<Box<Ledger>>,
    /// Of an earlier stream. One word: few connections have one.
    earlier: Option<Box<Earlier>>,
}

#[cfg_attr(test, derive(Clone))]
enum Earlier {
    /// A client has not resumed it yet.
    Wanted(Resumption),
    /// It was not resumed: this is to be handed back.
    Over(Resumption),
}

/// Refusals after which a client that asks out of turn loses its stream. More than
/// it can need: each asks the driver.
const MAX_REFUSED: u8 = 5;

impl Management {
    /// A stanza of the peer is given out, or dealt with.
    pub(crate) fn handle(&mut self) {
        if let Some(ledger) = &mut self.ledger {
            ledger.handle();
        }
    }

    /// Whether the stream can go on over another connection.
    pub(crate) fn is_resumable(&self) -> bool {
        self.ledger.as_ref().is_some_and(|ledger| ledger.is_resumable())
    }

    /// Gives memory back that nothing needs.
    pub(crate) fn release(&mut self) {
        if let Some(ledger) = &mut self.ledger {
            ledger.release();
        }
    }

    /// Keeps a stanza that is about to be sent, until it is acknowledged.
    pub(crate) fn keep(&mut self, stanza: &[u8]) -> Result<(), SendError> {
        self.ledger.as_mut().map_or(Ok(()), |ledger| ledger.keep(stanza))
    }

    /// Section 3: what a client asks for once it has bound a resource.
    pub(crate) fn enable(config: &StreamManagement) -> Enable {
        let enable = Enable::new();
        if config.resume { enable.resumable().with_max(config.max_seconds()) } else { enable }
    }

    /// Section 3: the server has not.
    pub(crate) fn handle_not_enabled(
        &mut self,
        element: ElementRef<'_>,
    ) -> Result<Failed, PeerMisbehaved> {
        let failed = Failed::parse(element).map_err(PeerMisbehaved::Malformed)?;
        match self.ledger.take() {
            Some(ledger) if !ledger.is_enabled() => Ok(failed),
            ledger => {
                self.ledger = ledger;
                Err(unexpected(element, "a stanza"))
            }
        }
    }

    /// A client begins in order to resume that.
    pub(crate) fn want(&mut self, resumption: Resumption) {
        self.earlier = Some(Box::new(Earlier::Wanted(resumption)));
    }

    /// What a client has not resumed yet.
    pub(crate) fn former(&self) -> Option<&Resumption> {
        match self.earlier.as_deref()? {
            Earlier::Wanted(resumption) => Some(resumption),
            Earlier::Over(_) => None,
        }
    }

    /// Takes what a client has not resumed yet.
    pub(crate) fn take_former(&mut self) -> Option<Resumption> {
        let wanted = |earlier: &mut Box<Earlier>| matches!(**earlier, Earlier::Wanted(_));
        match *self.earlier.take_if(wanted)? {
            Earlier::Wanted(resumption) | Earlier::Over(resumption) => Some(resumption),
        }
    }

    /// What an earlier stream left that was not resumed, taken.
    pub(crate) fn take_over(&mut self) -> Option<Resumption> {
        let over = |earlier: &mut Box<Earlier>| matches!(**earlier, Earlier::Over(_));
        match *self.earlier.take_if(over)? {
            Earlier::Wanted(resumption) | Earlier::Over(resumption) => Some(resumption),
        }
    }

    fn hand_back(&mut self, resumption: Resumption) {
        self.earlier = Some(Box::new(Earlier::Over(resumption)));
    }

    /// Section 5: the request for the former stream, if there is one to resume.
    pub(crate) fn resume(&self) -> Option<Resume> {
        let former = self.former()?;
        Some(Resume::new(former.id().expose(), former.handled().get()))
    }

    /// Section 5: it does not. What the server says to have handled is done with;
    /// the rest is handed back.
    pub(crate) fn handle_not_resumed(
        &mut self,
        element: ElementRef<'_>,
    ) -> Result<Failed, PeerMisbehaved> {
        let failed = Failed::parse(element).map_err(PeerMisbehaved::Malformed)?;
        let Some(mut former) = self.take_former() else {
            return Err(unexpected(element, "stream features"));
        };
        let told = failed.h.map_or(Ok(()), |h| former.acknowledge(h));
        self.hand_back(former);
        match told {
            Err(fault @ PeerMisbehaved::HandledCountTooHigh { .. }) => Err(fault),
            // A count that the server has lost track of is of no account.
            _ => Ok(failed),
        }
    }

    /// There will be no resumption.
    pub(crate) fn give_up(&mut self) {
        if let Some(former) = self.take_former() {
            self.hand_back(former);
        }
    }

    /// Section 5: a client's request, on a stream that has no resource yet.
    pub(crate) fn resume_wanted(
        config: Option<&StreamManagement>,
        element: ElementRef<'_>,
        account: &BareJid,
        serial: u32,
    ) -> Result<ResumeQuery, Failed> {
        if !config.is_some_and(|config| config.resume) {
            return Err(Failed::new(StanzaCondition::FeatureNotImplemented));
        }
        let Ok(Resume { previd, h, .. }) = Resume::parse(element) else {
            return Err(Failed::new(StanzaCondition::BadRequest));
        };
        let id = ResumptionId::new(&previd);
        Ok(ResumeQuery { serial, account: account.clone(), id, h })
    }
}

/// Section 4: a client's `<enable/>` has been sent; stanzas of ours count from here
/// on.
pub(crate) fn enable_sent(core: &mut Core, config: &StreamManagement, context: StreamContext) {
    begin(core, config, Ledger::new(config, context));
}

fn begin(core: &mut Core, config: &StreamManagement, ledger: Ledger) {
    core.timers.manage(config);
    core.management.ledger = Some(Box::new(ledger));
}

/// Section 3: the server has agreed; its stanzas count from here on. Says whether
/// the stream can be resumed.
pub(crate) fn handle_enabled(
    core: &mut Core,
    element: ElementRef<'_>,
) -> Result<bool, PeerMisbehaved> {
    let enabled = Enabled::parse(element).map_err(PeerMisbehaved::Malformed)?;
    match &mut core.management.ledger {
        Some(ledger) if !ledger.is_enabled() => {
            ledger.enabled(enabled);
            if ledger.may_ask() {
                core.timers.ask_later();
            }
            Ok(ledger.is_resumable())
        }
        _ => Err(unexpected(element, "a stanza")),
    }
}

/// Section 5: the former stream goes on; gives its address. What the server has not
/// handled is to be [sent again](resend).
pub(crate) fn handle_resumed(
    core: &mut Core,
    config: &StreamManagement,
    element: ElementRef<'_>,
) -> Result<FullJid, PeerMisbehaved> {
    let resumed = Resumed::parse(element).map_err(PeerMisbehaved::Malformed)?;
    let Some(mut former) = core.management.take_former() else {
        return Err(unexpected(element, "stream features"));
    };
    let outcome = if resumed.previd == former.id().expose() {
        former.acknowledge(resumed.h)
    } else {
        Err(PeerMisbehaved::WrongResumption)
    };
    if let Err(fault) = outcome {
        core.management.hand_back(former);
        return Err(fault);
    }
    let jid = former.jid().clone();
    begin(core, config, Ledger::resumed(config, former));
    Ok(jid)
}

/// Section 3: a client's request, on a stream that has a resource. What the client
/// is to be told; stanzas count from there on.
pub(crate) fn accept_enable(
    core: &mut Core,
    config: Option<&StreamManagement>,
    element: ElementRef<'_>,
    context: StreamContext,
) -> Result<Enabled, Failed> {
    let Some(config) = config else {
        return Err(Failed::new(StanzaCondition::FeatureNotImplemented));
    };
    if core.management.ledger.is_some() {
        return Err(Failed::new(StanzaCondition::UnexpectedRequest));
    }
    let Ok(enable) = Enable::parse(element) else {
        return Err(Failed::new(StanzaCondition::BadRequest));
    };
    let mut enabled = Enabled::new();
    if enable.resume && config.resume {
        enabled = Enabled::resumable(core.random_id());
        enabled.location.clone_from(&config.location);
        let ours = config.max_seconds();
        enabled.max = ours.map(|ours| enable.max.map_or(ours, |theirs| theirs.min(ours)));
    }
    let mut ledger = Ledger::new(config, context);
    ledger.enabled(enabled.clone());
    begin(core, config, ledger);
    Ok(enabled)
}

/// Section 5: what was asked for goes on. What the client is to be told, and the
/// address; what it has not handled is to be [sent again](resend) behind that.
///
/// The outer error is the driver's mistake: the resumption is not one that the
/// query is for, or not of the account.
pub(crate) fn accept_resume(
    core: &mut Core,
    config: &StreamManagement,
    query: &ResumeQuery,
    mut resumption: Resumption,
) -> Result<Result<(Resumed, FullJid), PeerMisbehaved>, Misuse> {
    if resumption.jid().to_bare() != query.account || *resumption.id() != query.id {
        return Err(Misuse::WrongResumption);
    }
    if let Err(fault) = resumption.acknowledge(query.h) {
        core.management.hand_back(resumption);
        return Ok(Err(fault));
    }
    let resumed = Resumed::new(query.id.expose(), resumption.handled().get());
    let jid = resumption.jid().clone();
    begin(core, config, Ledger::resumed(config, resumption));
    Ok(Ok((resumed, jid)))
}

/// Section 6: writes a refusal, and counts it.
pub(crate) fn refuse(core: &mut Core, failed: &Failed, tx: &mut SendBuffer) -> Result<(), Error> {
    core.write(failed, tx);
    core.refused = core.refused.saturating_add(1);
    if core.refused > MAX_REFUSED {
        return Err(PeerMisbehaved::TooManyResumptions.into());
    }
    Ok(())
}

/// Section 5: sends again what the peer has not handled, behind `<resumed/>`.
pub(crate) fn resend(core: &mut Core, tx: &mut SendBuffer) {
    let Some(ledger) = &core.management.ledger else { return };
    for stanza in ledger.queue().iter() {
        tx.push_bytes(stanza);
    }
    core.timers.sent();
    if ledger.may_ask() {
        ask(core, tx);
    }
}

/// Section 4: an acknowledgement, or a request for one, on a stream that is
/// established or closing.
pub(crate) fn handle(core: &mut Core, element: ElementRef<'_>) -> Result<(), PeerMisbehaved> {
    let ledger = core.management.ledger.as_mut().filter(|ledger| ledger.is_enabled());
    let Some(ledger) = ledger else { return Err(unexpected(element, "a stanza")) };
    if is::<Request>(element) {
        ledger.owe();
        return Ok(());
    }
    if !is::<Ack>(element) {
        return Err(unexpected(element, "a stanza, <r/> or <a/>"));
    }
    let ack = Ack::parse(element).map_err(PeerMisbehaved::Malformed)?;
    ledger.acknowledge(ack.h)?;
    let waits = ledger.may_ask();
    core.timers.acknowledged(waits);
    Ok(())
}

/// Behind a stanza that has been kept and sent: asks for an acknowledgement if it
/// is time, else later.
pub(crate) fn sent(core: &mut Core, tx: &mut SendBuffer) {
    let Some(ledger) = &core.management.ledger else { return };
    if ledger.asks_now() {
        ask(core, tx);
    } else if ledger.may_ask() {
        core.timers.ask_later();
    }
}

/// Asks for an acknowledgement, unless a request is under way or there is nothing
/// to ask for.
pub(crate) fn ask(core: &mut Core, tx: &mut SendBuffer) {
    let Some(ledger) = &mut core.management.ledger else { return };
    if ledger.may_ask() {
        ledger.ask();
        core.write(&Request, tx);
        core.timers.asked();
    }
}

/// Asks whether the peer is there, on a stream that has stream management: by a
/// request for an acknowledgement, which needs no answer that anybody could miss.
pub(crate) fn probe(core: &mut Core, tx: &mut SendBuffer) -> bool {
    let Some(ledger) = core.management.ledger.as_mut().filter(|ledger| ledger.is_enabled()) else {
        return false;
    };
    // One that is under way asks the same.
    if !ledger.is_asked() {
        ledger.ask();
        core.write(&Request, tx);
        core.timers.asked();
    }
    true
}

/// Answers the peer's requests since the last answer, however many. While much
/// waits to be sent the answer waits too, so that a peer that asks and does not
/// read is sent nothing more.
pub(crate) fn answer(core: &mut Core, tx: &mut SendBuffer) {
    let Some(ledger) = &mut core.management.ledger else { return };
    if ledger.owes() && tx.len() <= ANSWER_BEHIND_BYTES {
        let ack = ledger.answer();
        core.write(&ack, tx);
    }
}

/// Section 4: right before a stream is closed, the peer learns what has been
/// handled.
pub(crate) fn last_answer(core: &mut Core, tx: &mut SendBuffer) {
    let Some(ledger) = &mut core.management.ledger else { return };
    if ledger.owes() || ledger.has_news() {
        let ack = ledger.answer();
        core.write(&ack, tx);
    }
}

/// See [`answer`].
const ANSWER_BEHIND_BYTES: usize = 64 << 10;
