//! Ad-hoc commands: XEP-0050.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{AnyElement, Payload, Rest, Word};

use crate::base::forms::Form;

/// A step of a command: the request, or the answer (XEP-0050, 4.1).
///
/// ```
/// use xmpp_extensions::accounts::commands::{Actions, Command, CommandAction, CommandStatus};
///
/// let first = Command::new("config").with_action(CommandAction::Execute);
/// let answer = Command::new("config")
///     .with_sessionid("config:20020923T213616Z-700")
///     .with_status(CommandStatus::Executing)
///     .with_actions(Actions::new().with_execute(CommandAction::Next).with_next());
/// let second = answer.next(CommandAction::Next).ok_or("over")?;
/// assert_eq!(second.sessionid, answer.sessionid);
/// assert!(answer.next(CommandAction::Complete).is_none());
/// # Ok::<(), &str>(())
/// ```
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::COMMANDS, name = "command", section = "XEP-0050, 4.1")]
#[non_exhaustive]
pub struct Command<'a> {
    /// The command.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// Which execution of it. The one who executes it says so in the first
    /// answer.
    #[xml(attr)]
    pub sessionid: Option<Cow<'a, str>>,
    /// In an answer: how it stands.
    #[xml(attr)]
    pub status: Option<CommandStatus>,
    /// In a request: what to do; [`Execute`](CommandAction::Execute), if it is
    /// not there.
    #[xml(attr)]
    pub action: Option<CommandAction>,
    /// The language.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// In an answer: what can be done next.
    #[xml(child)]
    pub actions: Option<Actions<'a>>,
    /// Notes, for people.
    #[xml(child)]
    pub notes: Vec<Note<'a>>,
    /// What it is about: alternatives, of which the first is the best.
    #[xml(child)]
    pub forms: Vec<Form<'a>>,
    /// What it is about, in other elements.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How a command stands (XEP-0050, 4.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0050 has them all")]
pub enum CommandStatus {
    /// It goes on.
    Executing,
    /// It is done.
    Completed,
    /// It was broken off.
    Canceled,
}

/// What to do (XEP-0050, 4.1).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0050 has them all")]
pub enum CommandAction {
    /// To break it off.
    Cancel,
    /// To end it with this step.
    Complete,
    /// To begin, or to go on as the answer has it.
    #[default]
    Execute,
    /// To go on.
    Next,
    /// To go back.
    Prev,
}

/// What can be done next (XEP-0050, 4.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::COMMANDS, name = "actions", section = "XEP-0050, 4.2")]
#[non_exhaustive]
pub struct Actions<'a> {
    /// What [`Execute`](CommandAction::Execute) means: one of those below.
    #[xml(attr)]
    pub execute: Option<CommandAction>,
    /// Whether one can go back.
    #[xml(flag)]
    pub prev: bool,
    /// Whether one can go on.
    #[xml(flag)]
    pub next: bool,
    /// Whether one can end it.
    #[xml(flag)]
    pub complete: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A note, for people (XEP-0050, 4.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::COMMANDS, name = "note", section = "XEP-0050, 4.3")]
#[non_exhaustive]
pub struct Note<'a> {
    /// How serious it is.
    #[xml(attr = "type", default)]
    pub kind: NoteKind,
    /// What it says.
    #[xml(text)]
    pub text: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How serious a note is (XEP-0050, 4.3).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0050 has them all")]
pub enum NoteKind {
    /// Only to be known.
    #[default]
    Info,
    /// Something may be wrong.
    Warn,
    /// Something is wrong.
    Error,
}

/// A condition of a stanza error, beside the defined one (XEP-0050, 4.4).
#[derive(Payload, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[xml(ns = ns::COMMANDS, section = "XEP-0050, 4.4")]
#[non_exhaustive]
pub enum CommandError {
    /// The action cannot be done.
    #[xml(name = "bad-action")]
    BadAction,
    /// The language is not available.
    #[xml(name = "bad-locale")]
    BadLocale,
    /// The form does not fit.
    #[xml(name = "bad-payload")]
    BadPayload,
    /// There is no such execution.
    #[xml(name = "bad-sessionid")]
    BadSessionid,
    /// The action is none.
    #[xml(name = "malformed-action")]
    MalformedAction,
    /// The execution took too long.
    #[xml(name = "session-expired")]
    SessionExpired,
}

impl Actions<'_> {
    /// What [`Execute`](CommandAction::Execute) means here: what is said, if it
    /// can be done, else to go on (XEP-0050, 3.4).
    #[must_use]
    pub fn meaning_of_execute(&self) -> CommandAction {
        match self.execute {
            Some(CommandAction::Prev) if self.prev => CommandAction::Prev,
            Some(CommandAction::Complete) if self.complete => CommandAction::Complete,
            _ if self.next || !self.complete => CommandAction::Next,
            _ => CommandAction::Complete,
        }
    }

    /// Whether that can be done. One can always break it off, or
    /// [`Execute`](CommandAction::Execute).
    #[must_use]
    pub const fn allow(&self, action: CommandAction) -> bool {
        match action {
            CommandAction::Cancel | CommandAction::Execute => true,
            CommandAction::Complete => self.complete,
            CommandAction::Next => self.next,
            CommandAction::Prev => self.prev,
        }
    }
}

impl Command<'_> {
    /// The next request, to which a form may be added; `None` if this answer
    /// ends the command, or does not allow that. Without `actions` one can
    /// complete it (XEP-0050, 3.4).
    #[must_use]
    pub fn next(&self, action: CommandAction) -> Option<Command<'_>> {
        let allowed = match &self.actions {
            Some(actions) => actions.allow(action),
            None => !matches!(action, CommandAction::Next | CommandAction::Prev),
        };
        if self.status != Some(CommandStatus::Executing) || !allowed {
            return None;
        }
        let mut next = Command::new(&*self.node).with_action(action);
        next.sessionid = self.sessionid.as_deref().map(Cow::Borrowed);
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_execute_means() {
        // XEP-0050, 3.4.
        let actions = Actions::new;
        let meaning = |actions: Actions<'_>| actions.meaning_of_execute();
        assert_eq!(meaning(actions().with_next().with_complete()), CommandAction::Next);
        assert_eq!(meaning(actions().with_complete()), CommandAction::Complete);
        let said = actions().with_execute(CommandAction::Complete);
        assert_eq!(meaning(said.clone().with_next().with_complete()), CommandAction::Complete);
        assert_eq!(meaning(said.with_next()), CommandAction::Next);
    }

    #[test]
    fn what_is_over_does_not_go_on() {
        let answer = |status| Command::new("x").with_status(status);
        assert!(answer(CommandStatus::Completed).next(CommandAction::Execute).is_none());
        assert!(answer(CommandStatus::Canceled).next(CommandAction::Execute).is_none());
        assert!(answer(CommandStatus::Executing).next(CommandAction::Next).is_none());
        assert!(answer(CommandStatus::Executing).next(CommandAction::Complete).is_some());
        assert!(answer(CommandStatus::Executing).next(CommandAction::Cancel).is_some());
    }
}
