//! What comes with `<success/>` beside the resource: stream management (XEP-0198
//! section 9).

use xmpp_stanza::Payload;
use xmpp_stanza::sm::{Enabled, Resumed};
use xmpp_xml::{SendBuffer, StreamContext};

use super::features::wanted;
use super::{State, Step};
use crate::connection::core::Core;
use crate::error::Error;
use crate::event::{ClientEvent, Event};
use crate::negotiation::sasl2::Answer;
use crate::negotiation::sm;
use crate::role::ClientToServer;

/// What has become of the wish to go on with an earlier stream.
pub(super) fn take_resumption(
    core: &mut Core,
    state: &mut State,
    answer: Answer,
) -> Result<(), Error> {
    let failed = match answer {
        Answer::NotAsked => return Ok(()),
        Answer::Told(element) if Resumed::matches(element.as_ref()) => {
            let jid = sm::handle_resumed(core, &wanted(&state.config), element.as_ref())?;
            state.bound = Some(jid);
            state.step = Step::Resumed;
            return Ok(());
        }
        Answer::Told(element) => Some(core.management.handle_not_resumed(element.as_ref())?),
        Answer::Silence => {
            core.management.give_up();
            None
        }
    };
    state.news.push_back(ClientEvent::ResumptionFailed { failed });
    Ok(())
}

/// What has become of the wish to have the new stream managed. Stanzas count from the
/// success on, in both directions.
pub(super) fn take_management(
    core: &mut Core,
    state: &mut State,
    answer: Answer,
    context: StreamContext,
) -> Result<(), Error> {
    let Answer::Told(element) = answer else { return Ok(()) };
    let (Some(config), Step::Features) = (&state.config.stream_management, &state.step) else {
        return Ok(());
    };
    sm::enable_sent(core, config, context);
    let element = element.as_ref();
    state.news.push_back(if Enabled::matches(element) {
        let resumable = sm::handle_enabled(core, element)?;
        ClientEvent::StreamManagementEnabled { resumable }
    } else {
        let failed = core.management.handle_not_enabled(element)?;
        ClientEvent::StreamManagementRefused { failed }
    });
    Ok(())
}

/// What is to be told next.
pub(super) fn go_on(
    core: &mut Core,
    state: &mut State,
    tx: &mut SendBuffer,
) -> Option<Event<'static, ClientToServer>> {
    if let Some(news) = state.news.pop_front() {
        core.has_more = !state.news.is_empty();
        return Some(Event::Role(news));
    }
    let (Step::Resumed, Some(jid)) = (&state.step, &state.bound) else { return None };
    let jid = jid.clone();
    state.step = Step::Open;
    state.late_features = true;
    core.established();
    sm::resend(core, tx);
    Some(Event::Established { jid, resumed: true })
}
