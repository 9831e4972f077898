//! What a server opens a stream with: its header and its features.

use xmpp_jid::BareJid;
use xmpp_sasl::Mechanism;
use xmpp_stanza::bind::Bind;
use xmpp_stanza::stream_limits::StreamLimits;
use xmpp_stanza::tls::StartTls;
use xmpp_stanza::{Address, StreamHeader, features};
use xmpp_xml::{SendBuffer, ns};

use super::{State, Step};
use crate::config::TlsMode;
use crate::connection::core::Core;
use crate::negotiation::sasl;
use crate::negotiation::sasl2::write_offer as write_sasl2_offer;

/// RFC 6120 section 4.7: the response stream header. Before a host is chosen it
/// has the empty `from` of 6120-4.9.1.3-01.
pub(super) fn write_header(core: &mut Core, state: &State, tx: &mut SendBuffer) {
    let mut header = StreamHeader::new(ns::CLIENT).with_id(core.random_id()).with_lang("en");
    match state.host.as_deref() {
        Some(host) => {
            header.from = BareJid::from(host.domain.as_ref()).into();
            header.lang = Some(host.lang.clone());
        }
        None => header.from = Address::from_attribute(Some("")),
    }
    header.to = state.peer.clone().into();
    if !core.peer_has_version {
        // 6120-4.7.5-08
        header.version = None;
    }
    core.write_header(&header, tx);
}

/// Response header and features, in one piece (`6120-4.3.2-01`).
pub(super) fn respond(core: &mut Core, state: &mut State, tx: &mut SendBuffer) {
    write_header(core, state, tx);
    let Some(host) = state.host.as_deref() else { return };
    let authenticated = state.account.is_some();
    if !authenticated {
        let plaintext = state.tls == TlsMode::DangerousPlaintext;
        let mut policy = host.policy;
        if plaintext {
            policy = policy.allow_without_tls();
        }
        // RFC 6120 section 6.3.4, XEP-0178 section 2: to who has presented a certificate.
        if !state.certified {
            policy = policy.forbid(Mechanism::External);
        }
        let offer = policy.offer(&host.sasl, &state.bindings);
        state.sasl.get_or_insert_default().offer = offer;
    }
    write_features(core, state, false, tx);
    state.step = if authenticated { Step::Bind } else { Step::Sasl };
}

/// RFC 6120 section 4.3.2: what can be negotiated next.
pub(super) fn write_features(core: &mut Core, state: &State, bound: bool, tx: &mut SendBuffer) {
    let Some(host) = state.host.as_deref() else { return };
    let before_tls = state.tls == TlsMode::StartTls && !state.bindings.is_tls();
    let authenticated = state.account.is_some();
    let offer = state.sasl.as_ref().map(|sasl| &sasl.offer);
    let limits = &state.config.limits;
    let limits = if authenticated { limits.authenticated } else { limits.unauthenticated };
    let offers_management = host.stream_management.is_some() && core.management.ledger.is_none();
    let idle = state.config.timeouts.idle.and_then(|idle| idle.as_secs().try_into().ok());
    let limits = StreamLimits { max_bytes: Some(limits.max_element_bytes), idle_seconds: idle };
    core.compose(tx, |w| {
        w.start(ns::STREAM, "features");
        if authenticated {
            if !bound {
                w.write(&Bind::Any);
            }
            if offers_management {
                w.write(&features::StreamManagement);
            }
            for feature in &host.features {
                w.write(feature);
            }
        } else if before_tls {
            w.write(&StartTls::required());
        } else if let Some(offer) = offer {
            write_sasl2_offer(w, offer, host);
            sasl::write_offer(w, offer);
        }
        if !before_tls {
            w.write(&limits);
        }
        w.end();
    });
}
