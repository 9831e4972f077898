//! The answers to what a client's driver is asked while it authenticates.

use xmpp_sasl::{ScramKeys, Secret};
use xmpp_xml::SendBuffer;

use super::{Step, take_progress};
use crate::connection::Connection;
use crate::connection::machine::Outcome;
use crate::error::Misuse;
#[cfg(doc)]
use crate::event::ClientEvent;
use crate::query::{KeysQuery, TaskChoice, TaskDataQuery, TaskQuery, TaskReply, UpgradeQuery};
use crate::role::ClientToServer;

impl Connection<ClientToServer> {
    /// Answers [`ClientEvent::KeysWanted`].
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one;
    /// [`Misuse::WrongKeys`] if the keys are not those that it asks for.
    pub fn provide_keys(
        &mut self,
        query: KeysQuery,
        keys: ScramKeys,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let Step::Sasl(attempts) = &mut self.state.step else { return Err(Misuse::StaleQuery) };
        let progress = attempts.provide_keys(&mut self.core, &query, keys, tx)?;
        let outcome = progress
            .and_then(|progress| take_progress(&mut self.core, &mut self.state, progress, tx));
        self.settle(outcome, tx);
        Ok(())
    }

    /// Answers [`ClientEvent::UpgradeWanted`].
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one;
    /// [`Misuse::WrongKeys`] if the length is not that of the hash.
    pub fn provide_salted_password(
        &mut self,
        query: UpgradeQuery,
        salted_password: Secret,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let Step::Sasl(attempts) = &mut self.state.step else { return Err(Misuse::StaleQuery) };
        attempts.provide_salted_password(&mut self.core, &query, &salted_password, tx)
    }

    /// Answers [`ClientEvent::TaskWanted`]: begins a task, or gives the attempt up.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one;
    /// [`Misuse::WrongTask`] if the task is not one of [`TaskQuery::tasks`]. The attempt
    /// is then given up, since its query is used up.
    pub fn begin_task(
        &mut self,
        query: TaskQuery,
        choice: TaskChoice,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let Step::Sasl(attempts) = &mut self.state.step else { return Err(Misuse::StaleQuery) };
        let (told, outcome) = attempts.begin_task(&mut self.core, &query, choice, tx);
        if let Err(error) = outcome {
            self.fail(error, tx);
        }
        told
    }

    /// Answers [`ClientEvent::TaskDataReceived`]: goes on with the task, or gives it up.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn reply_in_task(
        &mut self,
        query: TaskDataQuery,
        reply: TaskReply,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let Step::Sasl(attempts) = &mut self.state.step else { return Err(Misuse::StaleQuery) };
        let outcome = attempts.reply_in_task(&mut self.core, &query, reply, tx)?;
        self.settle(outcome.map(|()| Outcome::CONSUMED), tx);
        Ok(())
    }
}
