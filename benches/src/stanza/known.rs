//! The payloads that both xmpp-extensions and xmpp-parsers have types for, of those
//! that are in the corpora: on both sides looked for in the same order.

use std::hint::black_box;

use xmpp_extensions::base::{caps::Caps, stanza_id::StanzaId};
use xmpp_extensions::base::{delay, disco, occupant_id};
use xmpp_extensions::encryption::omemo::legacy as omemo;
use xmpp_extensions::messaging::{
    carbons, chat_markers, chat_states, encryption_hint, out_of_band, receipts, stanza_id,
};
use xmpp_extensions::profiles::{idle, vcard_avatar};
use xmpp_extensions::pubsub::{event, requests};
use xmpp_extensions::rooms::muc;
use xmpp_extensions::{archive::query, base::forwarding::Forwarded, calls::jingle};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::{self as peer, ns as peer_ns};
use xmpp_stanza::{Payload, ping, roster};
use xmpp_xml::{ElementRef, Ns, ns};

/// One if the payload is of a known type, none if not; nothing if it is, and wrong.
pub(super) fn ours(payload: ElementRef<'_>) -> Option<u64> {
    fn read<'a, T: Payload<'a>>(payload: ElementRef<'a>) -> Option<u64> {
        black_box(T::parse(payload).ok()?);
        Some(1)
    }
    // xmpp-parsers reads the stanza within as well.
    fn stanza(forwarded: &Forwarded<'_>) -> Option<u64> {
        black_box(super::ours::look(&forwarded.to_stanza().ok()??));
        Some(1)
    }
    let is = |ns: Ns<'static>, name: &str| payload.is(ns, name);
    match () {
        () if is(ns::STANZA_ID, "stanza-id") => read::<StanzaId<'_>>(payload),
        () if is(ns::STANZA_ID, "origin-id") => read::<stanza_id::OriginId<'_>>(payload),
        () if payload.has_ns(ns::CHAT_STATES) => read::<chat_states::ChatState>(payload),
        () if is(ns::CHAT_MARKERS, "markable") => read::<chat_markers::Markable>(payload),
        () if is(ns::RECEIPTS, "request") => read::<receipts::Request<'_>>(payload),
        () if is(ns::OCCUPANT_ID, "occupant-id") => read::<occupant_id::OccupantId<'_>>(payload),
        () if is(ns::CAPS, "c") => read::<Caps<'_>>(payload),
        () if is(ns::VCARD_UPDATE, "x") => read::<vcard_avatar::Update<'_>>(payload),
        () if is(ns::MAM, "result") => {
            stanza(&query::ArchivedStanza::parse(payload).ok()?.forwarded)
        }
        () if is(ns::RECEIPTS, "received") => read::<receipts::Received<'_>>(payload),
        () if is(ns::PING, "ping") => read::<ping::Ping>(payload),
        () if is(ns::OMEMO_LEGACY, "encrypted") => read::<omemo::Encrypted<'_>>(payload),
        () if is(ns::EME, "encryption") => read::<encryption_hint::Encryption<'_>>(payload),
        () if is(idle::NS, "idle") => read::<idle::Idle<'_>>(payload),
        () if is(ns::DELAY, "delay") => read::<delay::Delay<'_>>(payload),
        () if is(ns::CHAT_MARKERS, "displayed") => read::<chat_markers::Displayed<'_>>(payload),
        () if is(ns::DISCO_INFO, "query") => read::<disco::Info<'_>>(payload),
        () if is(ns::PUBSUB_EVENT, "event") => read::<event::Event<'_>>(payload),
        () if is(ns::MUC_USER, "x") => read::<muc::user::User<'_>>(payload),
        () if is(ns::OOB, "x") => read::<out_of_band::Data<'_>>(payload),
        () if is(ns::CARBONS, "sent") => stanza(&carbons::Sent::parse(payload).ok()?.forwarded),
        () if is(ns::CARBONS, "received") => {
            stanza(&carbons::Received::parse(payload).ok()?.forwarded)
        }
        () if is(ns::ROSTER, "query") => read::<roster::Query>(payload),
        () if is(ns::PUBSUB, "pubsub") => read::<requests::PubSub<'_>>(payload),
        () if is(jingle::NS, "jingle") => read::<jingle::Jingle<'_>>(payload),
        () if is(ns::DISCO_ITEMS, "query") => read::<disco::Items<'_>>(payload),
        () if is(ns::MUC, "x") => read::<muc::Join<'_>>(payload),
        () => Some(0),
    }
}

/// Reads a payload with the peer's types; some of these differ between a request and an
/// answer.
pub(super) fn parsers(payload: Element, is_request: bool) -> Option<u64> {
    fn read<T: TryFrom<Element>>(payload: Element) -> Option<u64> {
        black_box(T::try_from(payload).ok()?);
        Some(1)
    }
    let is = |ns: &str, name: &str| payload.is(name, ns);
    match () {
        () if is(peer_ns::SID, "stanza-id") => read::<peer::stanza_id::StanzaId>(payload),
        () if is(peer_ns::SID, "origin-id") => read::<peer::stanza_id::OriginId>(payload),
        () if payload.has_ns(peer_ns::CHATSTATES) => read::<peer::chatstates::ChatState>(payload),
        () if is(peer_ns::DISPLAYED_MARKERS, "markable") => {
            read::<peer::displayed_markers::Markable>(payload)
        }
        () if is(peer_ns::RECEIPTS, "request") => read::<peer::receipts::Request>(payload),
        () if is(peer_ns::OID, "occupant-id") => read::<peer::occupant_id::OccupantId>(payload),
        () if is(peer_ns::CAPS, "c") => read::<peer::caps::Caps>(payload),
        () if is(peer_ns::VCARD_UPDATE, "x") => read::<peer::vcard_update::VCardUpdate>(payload),
        () if is(peer_ns::MAM, "result") => read::<peer::mam::Result_>(payload),
        () if is(peer_ns::RECEIPTS, "received") => read::<peer::receipts::Received>(payload),
        () if is(peer_ns::PING, "ping") => read::<peer::ping::Ping>(payload),
        () if is(peer_ns::LEGACY_OMEMO, "encrypted") => {
            read::<peer::legacy_omemo::Encrypted>(payload)
        }
        () if is(peer_ns::EME, "encryption") => {
            read::<peer::eme::ExplicitMessageEncryption>(payload)
        }
        () if is(peer_ns::IDLE, "idle") => read::<peer::idle::Idle>(payload),
        () if is(peer_ns::DELAY, "delay") => read::<peer::delay::Delay>(payload),
        () if is(peer_ns::DISPLAYED_MARKERS, "displayed") => {
            read::<peer::displayed_markers::Displayed>(payload)
        }
        () if is(peer_ns::DISCO_INFO, "query") && is_request => {
            read::<peer::disco::DiscoInfoQuery>(payload)
        }
        () if is(peer_ns::DISCO_INFO, "query") => read::<peer::disco::DiscoInfoResult>(payload),
        () if is(peer_ns::PUBSUB_EVENT, "event") => read::<peer::pubsub::Event>(payload),
        () if is(peer_ns::MUC_USER, "x") => read::<peer::muc::MucUser>(payload),
        () if is(peer_ns::OOB, "x") => read::<peer::oob::Oob>(payload),
        () if is(peer_ns::CARBONS, "sent") => read::<peer::carbons::Sent>(payload),
        () if is(peer_ns::CARBONS, "received") => read::<peer::carbons::Received>(payload),
        () if is(peer_ns::ROSTER, "query") => read::<peer::roster::Roster>(payload),
        () if is(peer_ns::PUBSUB, "pubsub") => read::<peer::pubsub::PubSub>(payload),
        () if is(peer_ns::JINGLE, "jingle") => read::<peer::jingle::Jingle>(payload),
        () if is(peer_ns::DISCO_ITEMS, "query") && is_request => {
            read::<peer::disco::DiscoItemsQuery>(payload)
        }
        () if is(peer_ns::DISCO_ITEMS, "query") => read::<peer::disco::DiscoItemsResult>(payload),
        () if is(peer_ns::MUC, "x") => read::<peer::muc::Muc>(payload),
        () if is(peer_ns::DEFAULT_NS, "error") => read::<peer::stanza_error::StanzaError>(payload),
        () => Some(0),
    }
}
