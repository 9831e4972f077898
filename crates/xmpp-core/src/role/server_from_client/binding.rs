//! A client that has authenticated asks for a resource, or for an earlier stream.

use xmpp_xml::{ElementRef, SendBuffer, ns};

use super::{BindFor, State, Step};
use crate::connection::core::Core;
use crate::connection::gate::classify;
use crate::connection::machine::Outcome;
use crate::error::{Error, PeerMisbehaved};
use crate::event::ServerEvent;
use crate::negotiation::bind;
use crate::negotiation::sm::{self, Management};
use crate::query::BindQuery;
use crate::role::ServerFromClient;

/// XEP-0198 section 5: an earlier stream is to go on.
pub(super) fn handle_resume(
    core: &mut Core,
    state: &mut State,
    element: ElementRef<'_>,
    tx: &mut SendBuffer,
) -> Result<Outcome<ServerFromClient>, Error> {
    let Some(account) = &state.account else { return Err(PeerMisbehaved::NotAuthorized.into()) };
    let config = state.host.as_ref().and_then(|host| host.stream_management.as_ref());
    let serial = core.next_serial();
    match Management::resume_wanted(config, element, account, serial) {
        Ok(query) => {
            state.step = Step::ResumeAnswer { serial, login: None };
            Ok(Outcome::role(ServerEvent::ResumeWanted(query)))
        }
        Err(failed) => {
            sm::refuse(core, &failed, tx)?;
            Ok(Outcome::CONSUMED)
        }
    }
}

pub(super) fn handle_bind(
    core: &mut Core,
    state: &mut State,
    element: ElementRef<'_>,
    tx: &mut SendBuffer,
) -> Result<Outcome<ServerFromClient>, Error> {
    classify(core, element, ns::CLIENT)?;
    let Some(account) = &state.account else { return Err(PeerMisbehaved::NotAuthorized.into()) };
    match state.bind.handle_request(core, element, account, tx)? {
        bind::Request::Refused => Ok(Outcome::CONSUMED),
        bind::Request::Wanted { iq, resource } => {
            let serial = core.next_serial();
            let query = BindQuery { serial, account: account.clone(), resource, inline: None };
            state.step = Step::BindAnswer { serial, to: BindFor::Iq(iq) };
            Ok(Outcome::role(ServerEvent::BindWanted(query)))
        }
    }
}
