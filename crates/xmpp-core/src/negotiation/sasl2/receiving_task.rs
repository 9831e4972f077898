//! A server's tasks between the exchange and success (XEP-0388, "Continue"): upgrades
//! to SCRAM (XEP-0480 section 3), and those that the driver demands.

use alloc::{string::String, sync::Arc, vec::Vec};
use core::num::NonZeroU32;

use xmpp_sasl::StoredKeys;
use xmpp_sasl::sasl2::{Running, Tasks, Upgrade};
use xmpp_sasl::server::default_iterations;
use xmpp_stanza::Payload;
use xmpp_stanza::sasl::SaslCondition;
use xmpp_stanza::sasl2::{Abort, Continue, Data, Next, ScramUpgrade, TaskData};
use xmpp_xml::{ElementRef, SendBuffer};

use super::Login;
use crate::config::{HostConfig, TaskLimits};
use crate::connection::core::{Core, is, unexpected};
use crate::error::Error;
use crate::query::{TaskAnswer, TaskDataQuery, TaskDemand};

/// A task under way.
pub(crate) struct ReceivingTask {
    login: Login,
    stage: Stage,
}

enum Stage {
    /// `<continue/>` is sent. With `driven` the driver has demanded these tasks.
    Offered { running: Running, driven: bool },
    /// The salt is sent.
    Salted { left: Tasks, upgrade: Upgrade, salt: [u8; SALT_BYTES], iterations: NonZeroU32 },
    /// The driver has sent something in its task.
    Driven { left: Tasks, name: Arc<str> },
    /// It is asked what to send.
    Asked { left: Tasks, name: Arc<str>, serial: u32 },
}

/// What came of an element of a task.
pub(crate) enum TaskStep {
    Sent(ReceivingTask),
    Asked(ReceivingTask, TaskDataQuery),
    /// An upgrade is done: go on with what is left.
    Upgraded {
        login: Login,
        left: Tasks,
        keys: StoredKeys,
    },
    Failed(SaslCondition),
}

/// What came of the driver's answer.
pub(crate) enum TaskAnswered {
    Sent(ReceivingTask),
    /// Its task is done: go on with what it demands next, or what is left.
    Done {
        login: Login,
        left: Tasks,
        demand: Option<TaskDemand>,
    },
    Failed(SaslCondition),
}

impl ReceivingTask {
    /// XEP-0388, "Continue". The additional data goes with the first.
    pub(crate) fn begin(
        core: &mut Core,
        mut login: Login,
        offer: (Vec<String>, Option<String>),
        running: Running,
        driven: bool,
        tx: &mut SendBuffer,
    ) -> Self {
        let (tasks, text) = offer;
        let mut offer = Continue::new(tasks);
        offer.text = text;
        offer.additional_data = login.additional_data.take().as_deref().map(Data::encode);
        core.write(&offer, tx);
        Self { login, stage: Stage::Offered { running, driven } }
    }

    /// Whether it waits for the client.
    pub(crate) const fn wants_input(&self) -> bool {
        !matches!(self.stage, Stage::Asked { .. })
    }

    /// Whether it waits for the driver, by this number.
    pub(crate) const fn awaits(&self, number: u32) -> bool {
        matches!(self.stage, Stage::Asked { serial, .. } if serial == number)
    }

    pub(crate) fn handle_element(
        self,
        core: &mut Core,
        element: ElementRef<'_>,
        host: &HostConfig,
        tx: &mut SendBuffer,
    ) -> Result<TaskStep, Error> {
        const MALFORMED: TaskStep = TaskStep::Failed(SaslCondition::MalformedRequest);
        if is::<Abort>(element) {
            return Ok(TaskStep::Failed(SaslCondition::Aborted));
        }
        let Self { login, stage } = self;
        Ok(match stage {
            Stage::Offered { running, driven } if is::<Next>(element) => {
                let Some(task) = element.attr("task") else { return Ok(MALFORMED) };
                let Ok(left) = running.next(&task) else { return Ok(MALFORMED) };
                if driven {
                    let name = Arc::from(&*task);
                    return Ok(ask(core, login, left, name, element, host, true));
                }
                let Some(upgrade) = Upgrade::from_name(&task) else { return Ok(MALFORMED) };
                let mut salt = [0; SALT_BYTES];
                core.fill_random(&mut salt);
                let iterations = default_iterations(upgrade.hash());
                let (salt_data, count) = (Data::encode(&salt), iterations.get());
                core.write(&ScramUpgrade::Salt { salt: salt_data, iterations: count }, tx);
                let stage = Stage::Salted { left, upgrade, salt, iterations };
                TaskStep::Sent(Self { login, stage })
            }
            Stage::Driven { left, name } if is::<TaskData>(element) => {
                ask(core, login, left, name, element, host, false)
            }
            Stage::Salted { left, upgrade, salt, iterations } if is::<ScramUpgrade>(element) => {
                let Ok(ScramUpgrade::Hash(hash)) = ScramUpgrade::parse(element) else {
                    return Ok(MALFORMED);
                };
                let Ok(hash) = hash.decode() else {
                    return Ok(TaskStep::Failed(SaslCondition::IncorrectEncoding));
                };
                match upgrade.keys_by(&host.sasl, &hash, &salt, iterations) {
                    Ok(keys) => TaskStep::Upgraded { login, left, keys },
                    Err(_) => MALFORMED,
                }
            }
            // XEP-0388, "During Authentication" and "Multiple Authentication".
            _ => return Err(unexpected(element, "<next/>, <task-data/> or <abort/>").into()),
        })
    }

    /// The driver's answer, if it is [awaited](Self::awaits).
    pub(crate) fn answer(
        self,
        core: &mut Core,
        answer: TaskAnswer,
        tx: &mut SendBuffer,
    ) -> TaskAnswered {
        let Self { mut login, stage: Stage::Asked { left, name, .. } } = self else {
            return TaskAnswered::Failed(SaslCondition::TemporaryAuthFailure);
        };
        match answer {
            TaskAnswer::Send(payloads) => {
                core.write(&TaskData::new(payloads), tx);
                TaskAnswered::Sent(Self { login, stage: Stage::Driven { left, name } })
            }
            TaskAnswer::Done(results) => {
                login.task_results = results;
                TaskAnswered::Done { login, left, demand: None }
            }
            TaskAnswer::DoneThen(demand) => {
                TaskAnswered::Done { login, left, demand: Some(demand) }
            }
            TaskAnswer::Fail(condition) => TaskAnswered::Failed(condition),
        }
    }
}

/// An element of the driver's task.
fn ask(
    core: &mut Core,
    mut login: Login,
    left: Tasks,
    name: Arc<str>,
    element: ElementRef<'_>,
    host: &HostConfig,
    begins: bool,
) -> TaskStep {
    let TaskLimits { exchanges, .. } = host.sasl2.tasks.unwrap_or_default();
    if login.exchanges >= exchanges {
        // Whoever tries code after code.
        return TaskStep::Failed(SaslCondition::NotAuthorized);
    }
    login.exchanges += 1;
    let serial = core.next_serial();
    let (task, element) = (name.clone(), element.into_shared());
    let query = TaskDataQuery { serial, task, element, begins };
    TaskStep::Asked(ReceivingTask { login, stage: Stage::Asked { left, name, serial } }, query)
}

/// As long as the salts of RFC 7677's example.
const SALT_BYTES: usize = 16;
