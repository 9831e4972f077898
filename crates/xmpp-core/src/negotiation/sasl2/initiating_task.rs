//! A client's tasks between the exchange and success (XEP-0388, "Continue"): upgrades
//! to SCRAM (XEP-0480 section 3), and those that the driver does.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use xmpp_sasl::Secret;
use xmpp_sasl::client::Authenticated;
use xmpp_sasl::sasl2::{Continued, RunningTask, Upgrade};
use xmpp_stanza::Payload;
use xmpp_stanza::sasl2::{Continue, Data, Next, ScramUpgrade, TaskData};
use xmpp_xml::{ElementRef, SendBuffer};

use super::Asked;
use crate::config::KeyDerivation;
use crate::connection::core::{Core, unexpected};
use crate::error::{Error, Misuse, PeerIncompatible, PeerMisbehaved};
use crate::negotiation::sasl::{Means, Profile};
use crate::query::{TaskChoice, TaskDataQuery, TaskQuery, TaskReply, UpgradeQuery};

/// What has to be done before success.
pub(crate) struct Task {
    stage: Stage,
    /// How many elements of tasks the server has sent.
    received: u32,
}

enum Stage {
    /// The driver picks one of those on the list.
    Choosing {
        continued: Continued,
        serial: u32,
    },
    Upgrade {
        running: RunningTask,
        upgrade: Upgrade,
        step: UpgradeStep,
    },
    /// The driver's own; with a number, it is asked.
    Driven {
        running: RunningTask,
        name: Arc<str>,
        serial: Option<u32>,
    },
}

enum UpgradeStep {
    /// `<next/>` is sent.
    Begun,
    /// The driver derives the salted password.
    Hashing { serial: u32 },
    /// It is sent.
    Answered,
}

/// What came of an element of a task, or of an answer.
pub(crate) enum TaskProgress {
    /// Something was sent.
    Sent,
    UpgradeWanted(UpgradeQuery),
    TaskWanted(TaskQuery),
    DataReceived(TaskDataQuery),
}

type Told = Result<(TaskProgress, Task), Error>;

/// Picks one of the tasks that `<continue/>` names, or asks the driver. One that this
/// client neither has asked for nor can do ends the attempt.
pub(crate) fn begin_task(
    core: &mut Core,
    continued: Continued,
    text: Option<String>,
    (asked, means): (&Asked, &Means<'_>),
    tx: &mut SendBuffer,
) -> Told {
    begin(core, continued, text, 1, (asked, means), tx)
}

fn begin(
    core: &mut Core,
    continued: Continued,
    text: Option<String>,
    received: u32,
    (asked, means): (&Asked, &Means<'_>),
    tx: &mut SendBuffer,
) -> Told {
    let known = |name: &String| Upgrade::from_name(name).filter(|it| asked.upgrades.contains(it));
    if let Some(upgrade) = continued.tasks().iter().find_map(known) {
        let name = upgrade.name();
        core.write(&Next::new(&*name), tx);
        // It is on the list.
        let running =
            continued.next(&name).map_err(|_| PeerIncompatible::UnknownTasks([name].into()))?;
        let stage = Stage::Upgrade { running, upgrade, step: UpgradeStep::Begun };
        return Ok((TaskProgress::Sent, Task { stage, received }));
    }
    let able = |name: &&String| means.sasl2.tasks.contains(name);
    let tasks: Vec<String> = continued.tasks().iter().filter(able).cloned().collect();
    if tasks.is_empty() {
        Profile::Sasl2.write_abort(core, tx);
        let tasks = continued.tasks().iter().take(MAX_TOLD).cloned().collect();
        return Err(PeerIncompatible::UnknownTasks(tasks).into());
    }
    let serial = core.next_serial();
    let stage = Stage::Choosing { continued, serial };
    let query = TaskQuery { serial, tasks, text };
    Ok((TaskProgress::TaskWanted(query), Task { stage, received }))
}

impl Task {
    pub(crate) const fn wants_input(&self) -> bool {
        !matches!(
            self.stage,
            Stage::Choosing { .. }
                | Stage::Driven { serial: Some(_), .. }
                | Stage::Upgrade { step: UpgradeStep::Hashing { .. }, .. }
        )
    }

    /// `<continue/>`: this one is done, and another is to follow.
    pub(crate) fn proceed(
        self,
        core: &mut Core,
        element: ElementRef<'_>,
        (asked, means): (&Asked, &Means<'_>),
        tx: &mut SendBuffer,
    ) -> Told {
        let received = self.count()?;
        let next = Continue::parse(element).map_err(PeerMisbehaved::Malformed)?;
        let no_task = |_| PeerIncompatible::UnknownTasks(Vec::new());
        let continued = self.running(element)?.proceed(next.tasks).map_err(no_task)?;
        begin(core, continued, next.text, received, (asked, means), tx)
    }

    /// `<success/>`: all are done.
    pub(crate) fn success(self, element: ElementRef<'_>) -> Result<Authenticated, Error> {
        Ok(self.running(element)?.success())
    }

    /// The task that may be ended by the server.
    fn running(self, element: ElementRef<'_>) -> Result<RunningTask, Error> {
        match self.stage {
            Stage::Upgrade { running, .. } | Stage::Driven { running, serial: None, .. } => {
                Ok(running)
            }
            _ => Err(unexpected(element, "nothing before <next/>").into()),
        }
    }

    /// A server could go on for ever, within the deadline.
    fn count(&self) -> Result<u32, Error> {
        match self.received {
            MAX_RECEIVED.. => Err(PeerMisbehaved::TooManyTasks.into()),
            received => Ok(received + 1),
        }
    }

    /// `<task-data/>`: of an upgrade the salt, of others the driver's to say.
    pub(crate) fn handle_data(
        self,
        core: &mut Core,
        element: ElementRef<'_>,
        means: &Means<'_>,
        tx: &mut SendBuffer,
    ) -> Told {
        let received = self.count()?;
        let (progress, stage) = match self.stage {
            Stage::Driven { running, name, serial: None } => {
                let serial = core.next_serial();
                let (task, element) = (name.clone(), element.into_shared());
                let query = TaskDataQuery { serial, task, element, begins: false };
                let stage = Stage::Driven { running, name, serial: Some(serial) };
                (TaskProgress::DataReceived(query), stage)
            }
            Stage::Upgrade { running, upgrade, step: UpgradeStep::Begun } => {
                let (progress, step) = handle_salt(core, upgrade, element, means, tx)?;
                (progress, Stage::Upgrade { running, upgrade, step })
            }
            _ => return Err(unexpected(element, EXPECTED).into()),
        };
        Ok((progress, Self { stage, received }))
    }

    /// The salted password that was asked for.
    pub(crate) fn provide_salted_password(
        &mut self,
        core: &mut Core,
        query: &UpgradeQuery,
        salted_password: &Secret,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        match &mut self.stage {
            Stage::Upgrade { upgrade, step: step @ UpgradeStep::Hashing { .. }, .. } => {
                if !matches!(*step, UpgradeStep::Hashing { serial } if serial == query.serial) {
                    return Err(Misuse::StaleQuery);
                }
                if salted_password.expose().len() != upgrade.hash().output_len() {
                    return Err(Misuse::WrongKeys);
                }
                *step = answer(core, salted_password, tx);
                Ok(())
            }
            _ => Err(Misuse::StaleQuery),
        }
    }

    /// Whether it waits for the driver's choice, by this number.
    pub(crate) const fn awaits_choice(&self, number: u32) -> bool {
        matches!(self.stage, Stage::Choosing { serial, .. } if serial == number)
    }

    /// Whether it waits for what the driver has to say, by this number.
    pub(crate) const fn awaits_reply(&self, number: u32) -> bool {
        matches!(self.stage, Stage::Driven { serial: Some(serial), .. } if serial == number)
    }

    /// The driver's choice.
    pub(crate) fn choose(
        self,
        core: &mut Core,
        query: &TaskQuery,
        choice: TaskChoice,
        tx: &mut SendBuffer,
    ) -> Result<Result<Self, Error>, Misuse> {
        let Self { stage: Stage::Choosing { continued, .. }, received } = self else {
            return Err(Misuse::StaleQuery);
        };
        let TaskChoice::Begin { task, payloads } = choice else {
            return Ok(Err(declined(core, tx)));
        };
        if !query.tasks.contains(&task) {
            return Err(Misuse::WrongTask);
        }
        let name: Arc<str> = task.as_str().into();
        let Ok(running) = continued.next(&name) else { return Err(Misuse::WrongTask) };
        let mut next = Next::new(task);
        next.payloads = payloads;
        core.write(&next, tx);
        Ok(Ok(Self { stage: Stage::Driven { running, name, serial: None }, received }))
    }

    /// What the driver has to say.
    pub(crate) fn reply(
        &mut self,
        core: &mut Core,
        reply: TaskReply,
        tx: &mut SendBuffer,
    ) -> Result<(), Error> {
        let TaskReply::Send(payloads) = reply else { return Err(declined(core, tx)) };
        if let Stage::Driven { serial, .. } = &mut self.stage {
            *serial = None;
            core.write(&TaskData::new(payloads), tx);
        }
        Ok(())
    }
}

fn handle_salt(
    core: &mut Core,
    upgrade: Upgrade,
    element: ElementRef<'_>,
    means: &Means<'_>,
    tx: &mut SendBuffer,
) -> Result<(TaskProgress, UpgradeStep), Error> {
    let data = ScramUpgrade::parse(element).map_err(PeerMisbehaved::Malformed)?;
    let ScramUpgrade::Salt { salt, iterations } = data else {
        return Err(unexpected(element, EXPECTED).into());
    };
    let salt = salt.decode().map_err(PeerMisbehaved::Malformed)?;
    let iterations = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
    let query = upgrade.query(means.policy, means.credentials, &salt, iterations);
    let query = query.map_err(|error| {
        Profile::Sasl2.write_abort(core, tx);
        Error::from(PeerIncompatible::Upgrade(error))
    })?;
    Ok(match means.key_derivation {
        KeyDerivation::InPlace => (TaskProgress::Sent, answer(core, &query.derive(), tx)),
        KeyDerivation::Queried => {
            let serial = core.next_serial();
            let query = UpgradeQuery { serial, query };
            (TaskProgress::UpgradeWanted(query), UpgradeStep::Hashing { serial })
        }
    })
}

fn answer(core: &mut Core, salted_password: &Secret, tx: &mut SendBuffer) -> UpgradeStep {
    core.write(&ScramUpgrade::Hash(Data::encode(salted_password.expose())), tx);
    UpgradeStep::Answered
}

/// XEP-0388: the client gives up.
pub(crate) fn declined(core: &mut Core, tx: &mut SendBuffer) -> Error {
    Profile::Sasl2.write_abort(core, tx);
    PeerIncompatible::TaskDeclined.into()
}

const EXPECTED: &str = "<success/>, <continue/> or <failure/>";

/// How many names of tasks an error tells.
const MAX_TOLD: usize = 4;

/// How many `<continue/>` and `<task-data/>` a client takes in an attempt.
const MAX_RECEIVED: u32 = 64;
