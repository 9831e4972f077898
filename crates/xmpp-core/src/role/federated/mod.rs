//! What the two roles between servers share: which pairs stanzas may go between, and
//! the elements of dialback and of stream management.

mod addresses;
mod calls;

use alloc::string::String;
use alloc::sync::Arc;

use xmpp_jid::Domainpart;
use xmpp_stanza::sm::{Enable, Enabled, Failed, Resume};
use xmpp_stanza::{Payload, StanzaCondition};
use xmpp_xml::{ElementRef, SendBuffer};

pub(super) use self::addresses::{judge_sent, judge_stanza};
use super::{PeerRole, Role};
use crate::config::{FederationConfig, TlsMode};
use crate::connection::core::Core;
use crate::connection::machine::Outcome;
use crate::dialback::Pair;
use crate::error::{Error, PeerMisbehaved};
use crate::event::{Direction, PeerEvent};
use crate::negotiation::dialback::{self, Dialback, Rules};
use crate::negotiation::sm::{self, Management};

/// What both roles remember.
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Federation {
    pub(crate) config: Arc<FederationConfig>,
    pub(crate) tls: TlsMode,
    pub(crate) is_tls: bool,
    /// Whether XEP-0288 is agreed on.
    pub(crate) bidi: bool,
    /// The domain here that the stream is for.
    pub(crate) local: Option<Domainpart>,
    /// The identifier of the stream, which the receiving server has made.
    pub(crate) id: String,
    pub(crate) dialback: Dialback,
    /// Whether dialback may be spoken by now.
    pub(crate) ready: bool,
    /// Whether the peer handles errors of dialback.
    pub(crate) peer_has_errors: bool,
    /// Whether the peer offers stream management that was not asked for yet.
    pub(crate) offers_management: bool,
    /// Whether it has been told that the stream is established.
    pub(crate) told_established: bool,
}

impl Federation {
    pub(crate) fn new(config: Arc<FederationConfig>, tls: TlsMode) -> Self {
        Self {
            config,
            tls,
            is_tls: false,
            bidi: false,
            local: None,
            id: String::new(),
            dialback: Dialback::default(),
            ready: false,
            peer_has_errors: false,
            offers_management: false,
            told_established: false,
        }
    }

    /// The rules of the stream, and what they are about.
    pub(crate) fn split(&mut self, initiates: bool) -> (&mut Dialback, Rules<'_>) {
        let rules = Rules {
            config: &self.config,
            id: &self.id,
            local: self.local.as_ref(),
            initiates,
            bidi: self.bidi,
            is_tls: self.is_tls,
            tls: self.tls,
        };
        (&mut self.dialback, rules)
    }

    /// Why there is no dialback on this stream, if there is none.
    pub(crate) fn dialback_refusal(&self) -> Option<StanzaCondition> {
        dialback::refusal(self.config.dialback, self.tls, self.is_tls)
    }
}

/// A role between servers, as far as the other one is like it.
pub(crate) trait Federated: Role {
    fn federation(state: &Self::State) -> &Federation;
    fn federation_mut(state: &mut Self::State) -> &mut Federation;

    /// The query about the peer is answered: by yes, and by whether the domain is
    /// proved. An error if that leaves nothing to go on with.
    fn accepted(
        core: &mut Core,
        state: &mut Self::State,
        proved: bool,
        tx: &mut SendBuffer,
    ) -> Result<(), Error>;

    /// Whether that query is the open one.
    fn awaits_peer(state: &Self::State, serial: u32) -> bool;

    /// The domain that a stream of ours was opened to.
    fn remote(_state: &Self::State) -> Option<&Domainpart> {
        None
    }
}

/// An element of dialback, on a stream that is ready for it.
pub(super) fn handle_dialback<R: Federated>(
    core: &mut Core,
    state: &mut R::State,
    element: ElementRef<'_>,
    tx: &mut SendBuffer,
) -> Result<Outcome<R>, Error> {
    let federation = R::federation_mut(state);
    let (dialback, rules) = federation.split(R::INITIATES);
    dialback.handle(core, element, rules, tx)?;
    settled::<R>(core, state, tx);
    Ok(Outcome::CONSUMED)
}

/// Behind whatever may have authorised a pair: the first one opens the stream.
pub(super) fn settled<R: Federated>(core: &mut Core, state: &mut R::State, tx: &mut SendBuffer) {
    let federation = R::federation_mut(state);
    if !federation.dialback.has_authorised() {
        return;
    }
    if !federation.told_established && !R::INITIATES {
        core.authenticated();
        core.established();
        core.has_more = true;
    } else if R::INITIATES {
        core.authenticated();
        enable_management(core, federation, tx);
    }
}

/// XEP-0198 section 3: once the peer knows who we are.
fn enable_management(core: &mut Core, federation: &mut Federation, tx: &mut SendBuffer) {
    if let Some(config) = &federation.config.stream_management
        && core::mem::take(&mut federation.offers_management)
        && core.management.ledger.is_none()
    {
        let config = config.clone().without_resumption();
        core.write(&Management::enable(&config), tx);
        sm::enable_sent(core, &config, tx.context());
    }
}

/// An element of stream management on an established stream.
pub(super) fn handle_management<R: PeerRole>(
    core: &mut Core,
    state: &mut R::State,
    element: ElementRef<'_>,
    tx: &mut SendBuffer,
) -> Result<Outcome<R>, Error> {
    if R::INITIATES && Enabled::matches(element) {
        sm::handle_enabled(core, element)?;
        return Ok(Outcome::role(PeerEvent::StreamManagementEnabled));
    }
    if R::INITIATES && Failed::matches(element) {
        let failed = core.management.handle_not_enabled(element)?;
        return Ok(Outcome::role(PeerEvent::StreamManagementRefused { failed }));
    }
    if !R::INITIATES && Enable::matches(element) {
        let again = core.management.ledger.is_some();
        let config = R::federation(state).config.stream_management.clone();
        let config = config.map(|config| config.without_resumption());
        match sm::accept_enable(core, config.as_ref(), element, tx.context()) {
            Ok(enabled) => {
                core.write(&enabled, tx);
                return Ok(Outcome::role(PeerEvent::StreamManagementEnabled));
            }
            Err(failed) => sm::refuse(core, &failed, tx)?,
        }
        if again {
            return Err(PeerMisbehaved::EnabledTwice.into());
        }
        return Ok(Outcome::CONSUMED);
    }
    if !R::INITIATES && Resume::matches(element) {
        sm::refuse(core, &Failed::new(StanzaCondition::FeatureNotImplemented), tx)?;
        return Ok(Outcome::CONSUMED);
    }
    sm::handle(core, element)?;
    Ok(Outcome::CONSUMED)
}

/// Authorised by a certificate, that is by SASL EXTERNAL: the pair of the stream's
/// header.
pub(super) fn authorise_by_certificate<R: Federated>(
    core: &mut Core,
    state: &mut R::State,
    pair: &Pair,
    tx: &mut SendBuffer,
) {
    let direction = if R::INITIATES { Direction::Send } else { Direction::Receive };
    let federation = R::federation_mut(state);
    let bidi = federation.bidi;
    let by = crate::event::ProvedBy::Certificate;
    federation.dialback.authorise(pair, direction, by, bidi);
    federation.dialback.look_ahead(core);
    settled::<R>(core, state, tx);
}
