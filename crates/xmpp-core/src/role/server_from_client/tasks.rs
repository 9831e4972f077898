//! From the proof to the last task (XEP-0388, "Continue"): those that the driver
//! demands, then upgrades to SCRAM (XEP-0480).

use alloc::{boxed::Box, vec::Vec};
use core::mem;

use xmpp_jid::BareJid;
use xmpp_sasl::sasl2::{Next, Tasks};
use xmpp_sasl::server::Authenticated;
use xmpp_stanza::sasl::SaslCondition;
use xmpp_xml::{ElementRef, SendBuffer};

use super::sasl2::{Told, ask_for_token};
use super::{State, Step, judge, succeed};
use crate::connection::Connection;
use crate::connection::core::Core;
use crate::connection::machine::Outcome;
use crate::error::{Misuse, PeerMisbehaved};
use crate::event::ServerEvent;
use crate::negotiation::sasl::{Profile, Verdict};
use crate::negotiation::sasl2::{Login, ReceivingTask, Request, TaskAnswered, TaskStep};
use crate::query::{TaskAnswer, TaskDataQuery, TaskDemand, TasksAnswer, TasksQuery};
use crate::role::ServerFromClient;

/// A client whose proof is right, of which is asked what it has to do.
pub(super) struct WaitingForTasks {
    serial: u32,
    login: Login,
    proof: Authenticated,
    profile: Profile,
}

impl Connection<ServerFromClient> {
    /// Answers [`ServerEvent::TasksWanted`]. A client that is given a task is told so,
    /// and its [`<next/>`](ServerEvent::TaskDataReceived) comes next. Success follows
    /// [`TasksAnswer::Nothing`], or the last task that is done.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn demand_tasks(
        &mut self,
        query: TasksQuery,
        answer: TasksAnswer,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let waiting = match mem::replace(&mut self.state.step, Step::Sasl) {
            Step::Tasks(waiting) if waiting.serial == query.serial => *waiting,
            step => {
                self.state.step = step;
                return Err(Misuse::StaleQuery);
            }
        };
        let outcome = take_tasks(&mut self.core, &mut self.state, waiting, answer, tx);
        self.settle(outcome, tx);
        Ok(())
    }

    /// Answers [`ServerEvent::TaskDataReceived`].
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn answer_task(
        &mut self,
        query: TaskDataQuery,
        answer: TaskAnswer,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let task = match mem::replace(&mut self.state.step, Step::Sasl) {
            Step::Task(task) if task.awaits(query.serial) => *task,
            step => {
                self.state.step = step;
                return Err(Misuse::StaleQuery);
            }
        };
        let (core, state) = (&mut self.core, &mut self.state);
        let outcome = match task.answer(core, answer, tx) {
            TaskAnswered::Sent(task) => {
                state.step = Step::Task(Box::new(task));
                Ok(Outcome::CONSUMED)
            }
            TaskAnswered::Done { login, left, demand: Some(demanded) } => {
                demand(core, state, login, left, demanded, tx)
            }
            TaskAnswered::Done { login, left, demand: None } => {
                upgrade(core, state, login, left, tx)
            }
            TaskAnswered::Failed(condition) => fail(core, state, condition, tx),
        };
        self.settle(outcome, tx);
        Ok(())
    }
}

/// The exchange is through, in the extensible profile.
pub(super) fn begin(
    core: &mut Core,
    state: &mut State,
    mut login: Login,
    proof: Authenticated,
    tx: &mut SendBuffer,
) -> Told {
    // XEP-0388, "Initiation": who the header says it is, is whom it acts as. (Unlike
    // RFC 6120's profile, this one says that the attempt fails, not the stream.)
    if state.peer.as_ref().is_some_and(|peer| *peer != login.account) {
        return fail(core, state, SaslCondition::InvalidAuthzid, tx);
    }
    let Some(host) = &state.host else { return Err(PeerMisbehaved::NotAuthorized.into()) };
    // XEP-0480 section 2.2, for those who have shown that they know the password.
    let upgrades = &mut login.request.upgrades;
    upgrades.retain(|upgrade| host.sasl2.upgrades.contains(upgrade));
    if !proof.mechanism().uses_password() || login.identity.is_none() {
        upgrades.clear();
    }
    ask(core, state, login, proof, Profile::Sasl2, tx)
}

/// What has the client to do? In RFC 6120's profile nothing can be done, and so
/// whoever has something to do is not let in by it.
pub(super) fn ask(
    core: &mut Core,
    state: &mut State,
    login: Login,
    proof: Authenticated,
    profile: Profile,
    tx: &mut SendBuffer,
) -> Told {
    let Some(host) = &state.host else { return Err(PeerMisbehaved::NotAuthorized.into()) };
    let serial = core.next_serial();
    let asks = host.sasl2.tasks.is_some();
    let query = asks.then(|| TasksQuery {
        serial,
        account: login.account.clone(),
        identity: login.identity.clone(),
        mechanism: proof.mechanism(),
        user_agent: login.request.user_agent.clone(),
        can_demand: profile == Profile::Sasl2,
    });
    let waiting = WaitingForTasks { serial, login, proof, profile };
    match query {
        Some(query) => {
            state.step = Step::Tasks(Box::new(waiting));
            Ok(Outcome::role(ServerEvent::TasksWanted(query)))
        }
        None => take_tasks(core, state, waiting, TasksAnswer::Nothing, tx),
    }
}

fn take_tasks(
    core: &mut Core,
    state: &mut State,
    waiting: WaitingForTasks,
    answer: TasksAnswer,
    tx: &mut SendBuffer,
) -> Told {
    let WaitingForTasks { login, proof, profile, .. } = waiting;
    match (answer, profile) {
        (TasksAnswer::Fail(condition), _) => fail(core, state, condition, tx),
        (TasksAnswer::Demand(_), Profile::Rfc6120) => {
            fail(core, state, SaslCondition::MechanismTooWeak, tx)
        }
        (TasksAnswer::Demand(demanded), Profile::Sasl2) => {
            demand(core, state, login, Tasks::new(proof, []), demanded, tx)
        }
        (TasksAnswer::Nothing, Profile::Rfc6120) => Ok(succeed(core, state, login, proof, tx)),
        (TasksAnswer::Nothing, Profile::Sasl2) => {
            upgrade(core, state, login, Tasks::new(proof, []), tx)
        }
    }
}

/// One of these is next.
fn demand(
    core: &mut Core,
    state: &mut State,
    mut login: Login,
    mut tasks: Tasks,
    demanded: TaskDemand,
    tx: &mut SendBuffer,
) -> Told {
    let limits = state.host.as_ref().and_then(|host| host.sasl2.tasks).unwrap_or_default();
    if login.tasks >= limits.tasks {
        return fail(core, state, SaslCondition::TemporaryAuthFailure, tx);
    }
    login.tasks += 1;
    tasks.demand(demanded.tasks);
    match tasks.proceed() {
        Next::Continue { tasks, running } => {
            let offer = (tasks, demanded.text);
            let task = ReceivingTask::begin(core, login, offer, running, true, tx);
            state.step = Step::Task(Box::new(task));
            Ok(Outcome::CONSUMED)
        }
        // There is at least one in a demand.
        Next::Success(_) => fail(core, state, SaslCondition::TemporaryAuthFailure, tx),
    }
}

/// The driver demands nothing (more). A password is replaced only by who has shown all
/// that is wanted of it, so that upgrades come last.
fn upgrade(
    core: &mut Core,
    state: &mut State,
    mut login: Login,
    mut tasks: Tasks,
    tx: &mut SendBuffer,
) -> Told {
    for upgrade in mem::take(&mut login.request.upgrades) {
        tasks.demand([upgrade.name()].into());
    }
    proceed(core, state, login, tasks, tx)
}

/// The next upgrade, or what comes after the last.
pub(super) fn proceed(
    core: &mut Core,
    state: &mut State,
    login: Login,
    tasks: Tasks,
    tx: &mut SendBuffer,
) -> Told {
    match tasks.proceed() {
        Next::Continue { tasks, running } => {
            let offer = (tasks, None);
            let task = ReceivingTask::begin(core, login, offer, running, false, tx);
            state.step = Step::Task(Box::new(task));
            Ok(Outcome::CONSUMED)
        }
        Next::Success(proof) => Ok(ask_for_token(core, state, login, proof)),
    }
}

/// An element while a task is under way.
pub(super) fn handle(
    core: &mut Core,
    state: &mut State,
    element: ElementRef<'_>,
    tx: &mut SendBuffer,
) -> Told {
    let task = match mem::replace(&mut state.step, Step::Sasl) {
        Step::Task(task) => *task,
        step => {
            state.step = step;
            return Err(PeerMisbehaved::NotAuthorized.into());
        }
    };
    let Some(host) = &state.host else { return Err(PeerMisbehaved::NotAuthorized.into()) };
    match task.handle_element(core, element, host, tx)? {
        TaskStep::Sent(task) => {
            state.step = Step::Task(Box::new(task));
            Ok(Outcome::CONSUMED)
        }
        TaskStep::Asked(task, query) => {
            state.step = Step::Task(Box::new(task));
            Ok(Outcome::role(ServerEvent::TaskDataReceived(query)))
        }
        TaskStep::Upgraded { login, left, keys } => {
            // Upgrades are begun only where the identity has an account.
            let account = login.identity.clone().unwrap_or_else(|| login.account.clone());
            state.step = Step::TaskDone(Box::new((login, left)));
            core.has_more = true;
            Ok(Outcome::role(ServerEvent::KeysUpgraded { account, keys }))
        }
        TaskStep::Failed(condition) => fail(core, state, condition, tx),
    }
}

/// The attempt fails after its exchange.
pub(super) fn fail(
    core: &mut Core,
    state: &mut State,
    condition: SaslCondition,
    tx: &mut SendBuffer,
) -> Told {
    state.step = Step::Sasl;
    let Some(host) = &state.host else { return Err(PeerMisbehaved::NotAuthorized.into()) };
    let judge = judge(host, &state.config, &state.bindings, state.tls);
    match state.sasl.get_or_insert_default().fail(core, condition, None, &judge, tx)? {
        Verdict::Failed { condition, cause } => {
            Ok(Outcome::role(ServerEvent::AuthenticationFailed { condition, cause }))
        }
        _ => Ok(Outcome::CONSUMED),
    }
}

/// What is known when the exchange is through.
pub(super) const fn login(
    account: BareJid,
    identity: Option<BareJid>,
    additional_data: Option<Vec<u8>>,
    request: Request,
) -> Login {
    Login {
        account,
        identity,
        additional_data,
        request,
        token: None,
        not_resumed: None,
        enable: None,
        tasks: 0,
        exchanges: 0,
        task_results: Vec::new(),
    }
}
