//! What a client makes of stream features: RFC 6120 section 4.3.2.

use alloc::boxed::Box;

use xmpp_stanza::features::{FeaturesRef, StreamManagement as Offer};
use xmpp_stanza::sasl2::Authentication;
use xmpp_xml::{ElementRef, SendBuffer, ns};

use super::{State, Step, means};
use crate::config::{ClientConfig, TlsMode};
use crate::connection::core::Core;
use crate::error::{Error, PeerIncompatible, PeerMisbehaved};
use crate::event::{ClientEvent, Event};
use crate::negotiation::sasl::Initiating;
use crate::negotiation::sm::{self, Management};
use crate::negotiation::{bind, starttls};
use crate::role::ClientToServer;
use crate::stream_management::StreamManagement;

/// RFC 6120 section 4.3.2: takes the next step that the features allow.
pub(super) fn handle_features(
    core: &mut Core,
    state: &mut State,
    features: ElementRef<'_>,
    tx: &mut SendBuffer,
) -> Result<Option<Event<'static, ClientToServer>>, Error> {
    let features = FeaturesRef::parse(features).map_err(PeerMisbehaved::Malformed)?;
    // XEP-0478: what the server does not take is not sent.
    core.obey(features.feature().ok().flatten().unwrap_or_default());
    state.step = if state.authenticated {
        state.offers_management = features.has::<Offer>();
        // XEP-0386: bound with the success that these features follow.
        if let Some(jid) = state.bound.clone() {
            state.step = Step::Open;
            core.established();
            if core.management.ledger.is_none() {
                enable_management(core, state, tx);
            }
            return Ok(Some(Event::Established { jid, resumed: false }));
        }
        // XEP-0198 section 5: before anything is bound, or never.
        if state.offers_management
            && let Some(resume) = core.management.resume()
        {
            core.write(&resume, tx);
            state.step = Step::Resumption { offers_bind: features.bind() };
            return Ok(None);
        }
        let given_up = core.management.former().is_some();
        core.management.give_up();
        if !features.bind() {
            return Err(missing(features, PeerIncompatible::NoBind).into());
        }
        begin_binding(core, state, features.bind(), tx)?;
        let failed = Event::Role(ClientEvent::ResumptionFailed { failed: None });
        return Ok(given_up.then_some(failed));
    } else if !state.bindings.is_tls() && state.tls == TlsMode::StartTls {
        let offered = features.starttls().is_some();
        let missing = missing(features, PeerIncompatible::NoStartTls);
        if !offered && missing != PeerIncompatible::NoStartTls {
            return Err(missing.into());
        }
        starttls::request(core, tx);
        Step::Proceed { offered }
    } else {
        let sasl2 = state.config.sasl2.enabled && features.has::<Authentication>();
        if features.mechanisms().is_none() && !sasl2 {
            return Err(missing(features, PeerIncompatible::NoAuthentication).into());
        }
        let means = means(&state.config, state.tls, &state.bindings);
        Step::Sasl(Box::new(Initiating::begin(core, features, &means, tx)?))
    };
    Ok(None)
}

/// RFC 6120 section 7.
pub(super) fn begin_binding(
    core: &mut Core,
    state: &mut State,
    is_offered: bool,
    tx: &mut SendBuffer,
) -> Result<(), Error> {
    if !is_offered {
        return Err(PeerIncompatible::NoBind.into());
    }
    state.step = Step::BindResult { id: bind::request(core, state.config.resource.as_ref(), tx) };
    Ok(())
}

/// XEP-0198 section 3, on a stream that has been established just now.
pub(super) fn enable_management(core: &mut Core, state: &State, tx: &mut SendBuffer) {
    if let Some(config) = &state.config.stream_management
        && state.offers_management
    {
        // Nobody waits for the answer (section 4).
        core.write(&Management::enable(config), tx);
        sm::enable_sent(core, config, tx.context());
    }
}

/// What is wanted of stream management; of a stream that is resumed though the
/// configuration would not ask for any, the defaults.
pub(super) fn wanted(config: &ClientConfig) -> StreamManagement {
    config.stream_management.clone().unwrap_or(StreamManagement::of_client())
}

/// What is wrong with features among which is not the one that is due: one that is
/// mandatory and not known, if there is any (RFC 6120 section 4.9.3.23).
fn missing(features: FeaturesRef<'_>, otherwise: PeerIncompatible) -> PeerIncompatible {
    let known = [ns::TLS, ns::SASL, ns::SASL2, ns::BIND, ns::SESSION, ns::SM];
    let unknown = features.required().find(|feature| !known.iter().any(|ns| feature.has_ns(*ns)));
    // What goes into an error is cut, so that the error stays small.
    let cut = |text: &str| text.chars().take(64).collect();
    unknown.map_or(otherwise, |feature| PeerIncompatible::UnsupportedFeature {
        name: cut(feature.name()),
        ns: cut(feature.ns()),
    })
}
