//! What people do with messages.

pub mod action;
pub mod activity;
pub mod attention;
pub mod carbons;
pub mod chat_markers;
pub mod chat_states;
pub mod colours;
pub mod correction;
pub mod encryption_hint;
pub mod fallback;
pub mod fastening;
pub mod hints;
mod hsluv;
pub mod json;
pub mod legacy_retraction;
pub mod markup;
pub mod mentions;
pub mod moderation;
pub mod out_of_band;
pub mod reactions;
pub mod real_time_text;
pub mod receipts;
pub mod references;
pub mod replies;
pub mod retraction;
pub mod stanza_id;
pub mod stickers;
pub mod styling;
pub mod webxdc;

crate::registry::subject! {
    0066: out_of_band::Data<'_>,
    0066: out_of_band::Query<'_>,
    0085: chat_states::ChatState,
    0184: receipts::Request<'_>,
    0184: receipts::Received<'_>,
    0224: attention::Attention,
    0280: carbons::Enable,
    0280: carbons::Disable,
    0280: carbons::Received<'_>,
    0280: carbons::Sent<'_>,
    0280: carbons::Private,
    0301: real_time_text::RealTimeText<'_>,
    0308: correction::Replace<'_>,
    0333: chat_markers::Markable,
    0333: chat_markers::Displayed<'_>,
    0333: chat_markers::Received<'_>,
    0333: chat_markers::Acknowledged<'_>,
    0334: hints::Hint,
    0335: json::Json<'_>,
    0359: stanza_id::OriginId<'_>,
    0359: stanza_id::ReferencedStanza<'_>,
    0372: references::Reference<'_>,
    0380: encryption_hint::Encryption<'_>,
    0393: styling::Unstyled,
    0394: markup::Markup<'_>,
    0422: fastening::ApplyTo<'_>,
    0424: retraction::Retract<'_>,
    0424: retraction::Retracted<'_>,
    0424: legacy_retraction::Retract<'_>,
    0424: legacy_retraction::Retracted<'_>,
    0425: legacy_retraction::Moderate<'_>,
    0425: legacy_retraction::Moderated<'_>,
    0425: moderation::Moderate<'_>,
    0428: fallback::Fallback<'_>,
    0432: json::JsonMessage<'_>,
    0444: reactions::Reactions<'_>,
    0449: stickers::Sticker<'_>,
    0449: stickers::Pack<'_>,
    0461: replies::Reply<'_>,
    0491: webxdc::Update<'_>,
    0513: mentions::Mention<'_>,
    0513: mentions::Permissions<'_>,
}
