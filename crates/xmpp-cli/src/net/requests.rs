//! Requests that a client gets while it is about something else.

use xmpp_core::SendError;
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{IqType, StanzaCondition, StanzaError, StanzaKind, StanzaRef};
use xmpp_core::xml::WriteXml;

/// Answers `stanza` if it is an iq that has to be answered (RFC 6120 section 8.2.3):
/// a ping (XEP-0199) with a pong, anything else with an error.
pub(crate) fn answer(
    stanza: StanzaRef<'_>,
    send: impl FnOnce(&dyn WriteXml) -> Result<(), SendError>,
) -> Result<(), SendError> {
    if stanza.kind() != StanzaKind::Iq || stanza.is_response() {
        return Ok(());
    }
    if stanza.iq_type() == Some(IqType::Get)
        && stanza.payload_is::<Ping>()
        && let Some(pong) = stanza.empty_result()
    {
        return send(&pong);
    }
    // 6120-8.2.3-02: there are four types, and no others.
    let condition = match stanza.iq_type() {
        Some(_) => StanzaCondition::ServiceUnavailable,
        None => StanzaCondition::BadRequest,
    };
    stanza.error_reply(StanzaError::new(condition)).map_or(Ok(()), |error| send(&error))
}
