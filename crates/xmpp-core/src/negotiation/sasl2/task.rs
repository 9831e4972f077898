//! A client's tasks between the exchange and success: upgrades to SCRAM (XEP-0480
//! section 3), and no others.

use alloc::string::String;
use core::num::NonZeroU32;

use xmpp_sasl::Secret;
use xmpp_sasl::client::Authenticated;
use xmpp_sasl::sasl2::{Continued, RunningTask, Upgrade};
use xmpp_stanza::Payload;
use xmpp_stanza::sasl2::{Data, Next, ScramUpgrade};
use xmpp_xml::{ElementRef, SendBuffer};

use super::Asked;
use crate::config::KeyDerivation;
use crate::connection::core::{Core, unexpected};
use crate::error::{Error, Misuse, PeerIncompatible, PeerMisbehaved};
use crate::negotiation::sasl::{Means, Profile};
use crate::query::UpgradeQuery;

/// A task that the client has begun.
pub(crate) struct Task {
    running: RunningTask,
    upgrade: Upgrade,
    stage: Stage,
}

enum Stage {
    /// `<next/>` is sent.
    Begun,
    /// The driver derives the salted password.
    Hashing { serial: u32 },
    /// It is sent.
    Answered,
}

/// What came of an element of a task.
pub(crate) enum TaskProgress {
    /// Something was sent.
    Sent(Task),
    Wanted(UpgradeQuery, Task),
}

/// Picks one of the tasks that `<continue/>` names. One that this client has not
/// asked for ends the attempt: nothing else can be done instead.
pub(crate) fn begin_task(
    core: &mut Core,
    continued: Continued,
    asked: &Asked,
    tx: &mut SendBuffer,
) -> Result<Task, Error> {
    let known = |name: &String| Upgrade::from_name(name).filter(|it| asked.upgrades.contains(it));
    let Some(upgrade) = continued.tasks().iter().find_map(known) else {
        Profile::Sasl2.write_abort(core, tx);
        let tasks = continued.tasks().iter().take(MAX_TOLD).cloned().collect();
        return Err(PeerIncompatible::UnknownTasks(tasks).into());
    };
    let name = upgrade.name();
    core.write(&Next::new(&*name), tx);
    // It is on the list.
    let running =
        continued.next(&name).map_err(|_| PeerIncompatible::UnknownTasks([name].into()))?;
    Ok(Task { running, upgrade, stage: Stage::Begun })
}

impl Task {
    pub(crate) const fn wants_input(&self) -> bool {
        !matches!(self.stage, Stage::Hashing { .. })
    }

    /// `<continue/>`: this one is done.
    pub(crate) fn done(self, tasks: alloc::vec::Vec<String>) -> Result<Continued, Error> {
        let no_task = |_| PeerIncompatible::UnknownTasks(alloc::vec::Vec::new()).into();
        self.running.proceed(tasks).map_err(no_task)
    }

    /// `<success/>`: all are done.
    pub(crate) fn success(self) -> Authenticated {
        self.running.success()
    }

    /// `<task-data/>`: the salt.
    pub(crate) fn handle_data(
        mut self,
        core: &mut Core,
        element: ElementRef<'_>,
        means: &Means<'_>,
        tx: &mut SendBuffer,
    ) -> Result<TaskProgress, Error> {
        let data = ScramUpgrade::parse(element).map_err(PeerMisbehaved::Malformed)?;
        let (ScramUpgrade::Salt { salt, iterations }, Stage::Begun) = (data, &self.stage) else {
            return Err(unexpected(element, "<success/>, <continue/> or <failure/>").into());
        };
        let salt = salt.decode().map_err(PeerMisbehaved::Malformed)?;
        let iterations = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
        let query = self.upgrade.query(means.policy, means.credentials, &salt, iterations);
        let query = query.map_err(|error| {
            Profile::Sasl2.write_abort(core, tx);
            Error::from(PeerIncompatible::Upgrade(error))
        })?;
        match means.key_derivation {
            KeyDerivation::InPlace => {
                self.answer(core, &query.derive(), tx);
                Ok(TaskProgress::Sent(self))
            }
            KeyDerivation::Queried => {
                let serial = core.next_serial();
                self.stage = Stage::Hashing { serial };
                Ok(TaskProgress::Wanted(UpgradeQuery { serial, query }, self))
            }
        }
    }

    /// The salted password that was asked for.
    pub(crate) fn provide(
        &mut self,
        core: &mut Core,
        query: &UpgradeQuery,
        salted_password: &Secret,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        match self.stage {
            Stage::Hashing { serial } if serial == query.serial => {
                if salted_password.expose().len() != self.upgrade.hash().output_len() {
                    return Err(Misuse::WrongKeys);
                }
                self.answer(core, salted_password, tx);
                Ok(())
            }
            _ => Err(Misuse::StaleQuery),
        }
    }

    fn answer(&mut self, core: &mut Core, salted_password: &Secret, tx: &mut SendBuffer) {
        core.write(&ScramUpgrade::Hash(Data::encode(salted_password.expose())), tx);
        self.stage = Stage::Answered;
    }
}

/// How many names of tasks an error tells.
const MAX_TOLD: usize = 4;
