//! From the last task to `<success/>` in the extensible SASL profile (XEP-0388): the
//! token, and a resource bound inline.

use alloc::boxed::Box;
use core::mem;

use xmpp_jid::FullJid;
use xmpp_sasl::Secret;
use xmpp_sasl::server::Authenticated;
use xmpp_stanza::sasl::SaslCondition;
use xmpp_stanza::sm::{Enable, Resumed};
use xmpp_stanza::{Payload, fast};
use xmpp_xml::{Element, SendBuffer};

use super::response::write_features;
use super::tasks::{self, fail};
use super::{BindFor, State, Step};
use crate::connection::Connection;
use crate::connection::core::Core;
use crate::connection::machine::Outcome;
use crate::error::{Error, Misuse};
use crate::event::{Event, ServerEvent};
use crate::negotiation::bind2::Inline;
use crate::negotiation::sasl2::{Login, Success as Answer, write_success};
use crate::negotiation::sm::{self, Management};
use crate::query::{BindQuery, TokenAnswer, TokenQuery, UsedToken};
use crate::role::ServerFromClient;

pub(super) type Told = Result<Outcome<ServerFromClient>, Error>;

/// A client whose proof is right and whose tokens are asked about.
pub(super) struct WaitingForToken {
    pub(super) serial: u32,
    login: Login,
    proof: Authenticated,
    /// What a new token would be, and for which mechanism.
    fresh: Secret,
    issues: bool,
}

impl Connection<ServerFromClient> {
    /// Answers [`ServerEvent::TokenWanted`]. With [`TokenAnswer::Issue`] the token of
    /// the query goes to the client, which may not get it: it has to be good as well
    /// as the one before until one of them is used (XEP-0484 section 3.5;
    /// [`TokenSlots`](xmpp_sasl::sasl2::TokenSlots) keeps both).
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn provide_token(
        &mut self,
        query: TokenQuery,
        answer: TokenAnswer,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let waiting = match mem::replace(&mut self.state.step, Step::Sasl) {
            Step::Token(waiting) if waiting.serial == query.serial => *waiting,
            step => {
                self.state.step = step;
                return Err(Misuse::StaleQuery);
            }
        };
        let outcome = take_answer(&mut self.core, &mut self.state, waiting, answer, tx);
        self.settle(outcome, tx);
        Ok(())
    }
}

/// XEP-0484: a token that was used has to be taken note of before the client is let
/// in, and one that it asks for goes with success.
pub(super) fn ask_for_token(
    core: &mut Core,
    state: &mut State,
    login: Login,
    proof: Authenticated,
) -> Outcome<ServerFromClient> {
    let used = proof.token().map(|token| UsedToken {
        token: token.clone(),
        mechanism: proof.mechanism(),
        fast: login.request.fast.unwrap_or_default(),
    });
    let requested = login.request.token;
    let (Some(user_agent), true) =
        (login.request.user_agent.clone(), used.is_some() || requested.is_some())
    else {
        return authenticated(core, state, login, proof);
    };
    let account = login.identity.clone().unwrap_or_else(|| login.account.clone());
    let serial = core.next_serial();
    let fresh = Secret::new([core.random_id(), core.random_id()].concat());
    let query = TokenQuery { serial, account, user_agent, used, requested, fresh: fresh.clone() };
    let issues = query.mechanism().is_some();
    let waiting = WaitingForToken { serial, login, proof, fresh, issues };
    state.step = Step::Token(Box::new(waiting));
    Outcome::role(ServerEvent::TokenWanted(query))
}

fn take_answer(
    core: &mut Core,
    state: &mut State,
    waiting: WaitingForToken,
    answer: TokenAnswer,
    tx: &mut SendBuffer,
) -> Told {
    let WaitingForToken { mut login, proof, fresh, issues, .. } = waiting;
    match answer {
        TokenAnswer::Accept => {}
        TokenAnswer::Issue { expiry } => {
            // 52 letters and digits.
            let token = core::str::from_utf8(fresh.expose()).unwrap_or_default();
            login.token = issues.then(|| fast::Token::new(token, expiry));
        }
        TokenAnswer::Replayed => return fail(core, state, SaslCondition::NotAuthorized, tx),
        TokenAnswer::TemporaryFailure => {
            return fail(core, state, SaslCondition::TemporaryAuthFailure, tx);
        }
    }
    Ok(authenticated(core, state, login, proof))
}

/// The driver is told; the client is, once it is bound or not to be.
fn authenticated(
    core: &mut Core,
    state: &mut State,
    login: Login,
    proof: Authenticated,
) -> Outcome<ServerFromClient> {
    let account = login.account.clone();
    state.account = Some(account.clone());
    state.step = Step::Authenticated(Box::new(login));
    core.has_more = true;
    core.authenticated();
    Outcome::role(ServerEvent::Authenticated { account, proof })
}

/// What comes next without anything read.
pub(super) fn go_on(
    core: &mut Core,
    state: &mut State,
    tx: &mut SendBuffer,
) -> Result<Option<Event<'static, ServerFromClient>>, Error> {
    if let Some(news) = state.news.take() {
        return Ok(Some(Event::Role(*news)));
    }
    match mem::replace(&mut state.step, Step::Bind) {
        Step::TaskDone(done) => {
            let (login, left) = *done;
            let outcome = tasks::proceed(core, state, login, left, tx)?;
            Ok(outcome.then.map(|event| *event))
        }
        Step::Authenticated(mut login) => {
            // XEP-0198 section 9.2: "MUST be processed first by the server".
            if let (Some(resume), Some(host)) = (login.request.resume.take(), &state.host) {
                let serial = core.next_serial();
                let config = host.stream_management.as_ref();
                let resume = resume.as_ref();
                match Management::resume_wanted(config, resume, &login.account, serial) {
                    Ok(query) => {
                        let login = Some(login);
                        state.step = Step::ResumeAnswer { serial, login };
                        return Ok(Some(Event::Role(ServerEvent::ResumeWanted(query))));
                    }
                    Err(failed) => login.not_resumed = Some(failed),
                }
            }
            let request = login.request.bind.take();
            let host = state.host.as_ref().filter(|host| host.sasl2.bind);
            let (Some(request), Some(host)) = (request, host) else {
                finish(core, state, &mut login, None, tx);
                return Ok(None);
            };
            let user_agent = login.request.user_agent.clone();
            login.enable = request.inline.iter().find(|it| Enable::matches(it.as_ref())).cloned();
            let inline = Some(Inline::new(request, &host.sasl2.inline, user_agent));
            let serial = core.next_serial();
            let account = login.account.clone();
            let query = BindQuery { serial, account, resource: None, inline };
            state.step = Step::BindAnswer { serial, to: BindFor::Inline(login) };
            Ok(Some(Event::Role(ServerEvent::BindWanted(query))))
        }
        step => {
            state.step = step;
            Ok(None)
        }
    }
}

/// XEP-0388: `<success/>`, and features right behind it. Without a resource the client
/// binds one as RFC 6120 section 7 has it.
pub(super) fn finish(
    core: &mut Core,
    state: &mut State,
    login: &mut Login,
    bound: Option<(&FullJid, &[Element])>,
    tx: &mut SendBuffer,
) {
    let answer = bound.map(|(jid, results)| {
        // XEP-0198 section 9.1; stanzas count from here on.
        let management = login.enable.take().map(|enable| {
            let config = state.host.as_ref().and_then(|host| host.stream_management.as_ref());
            sm::accept_enable(core, config, enable.as_ref(), tx.context())
        });
        if let Some(Ok(enabled)) = &management {
            let resumable = enabled.resume;
            let event = ServerEvent::StreamManagementEnabled { resumable };
            state.news = Some(Box::new(event));
        }
        Answer::Bound { jid, results, management }
    });
    write_success(core, login, answer, tx);
    write_features(core, state, bound.is_some(), tx);
    state.step = Step::Bind;
}

/// XEP-0198 section 9.2: the earlier stream goes on right behind `<success/>`.
pub(super) fn resume(
    core: &mut Core,
    login: &mut Login,
    jid: &FullJid,
    resumed: &Resumed,
    tx: &mut SendBuffer,
) {
    write_success(core, login, Some(Answer::Resumed { jid, resumed }), tx);
}
