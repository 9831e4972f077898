//! What other extensions stand on.

pub mod addresses;
pub mod caps;
pub mod caps2;
pub mod contact_addresses;
pub mod delay;
pub mod disco;
pub mod forms;
pub mod forwarding;
pub mod hashes;
pub mod headers;
pub mod jid_preparation;
pub mod last_activity;
pub mod legacy_delay;
pub mod media;
pub mod occupant_id;
pub mod order;
pub mod result_set;
pub mod stanza_id;
pub mod time;
pub mod version;

crate::registry::subject! {
    0004: forms::Form<'_>,
    0012: last_activity::LastActivity<'_>,
    0030: disco::Info<'_>,
    0030: disco::Items<'_>,
    0033: addresses::Addresses<'_>,
    0059: result_set::ResultSet<'_>,
    0091: legacy_delay::LegacyDelay<'_>,
    0092: version::SoftwareVersion<'_>,
    0115: caps::Caps<'_>,
    0122: forms::Validate<'_>,
    0131: headers::Headers<'_>,
    0141: forms::Page<'_>,
    0199: xmpp_stanza::ping::Ping,
    0202: time::Time<'_>,
    0203: delay::Delay<'_>,
    0221: media::Media<'_>,
    0297: forwarding::Forwarded<'_>,
    0300: hashes::Hash<'_>,
    0300: hashes::HashUsed<'_>,
    0328: jid_preparation::ValidateRequest<'_>,
    0328: jid_preparation::ValidateBase64Request<'_>,
    0328: jid_preparation::ValidateResult<'_>,
    0359: stanza_id::StanzaId<'_>,
    0390: caps2::Caps2<'_>,
    0413: order::Order<'_>,
    0421: occupant_id::OccupantId<'_>,
}
