//! Tasks between authentication and success (XEP-0388, "Continue"): what a driver is
//! asked about them, and what it may answer.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use xmpp_jid::BareJid;
use xmpp_sasl::Mechanism;
use xmpp_sasl::sasl2::UserAgent;
use xmpp_stanza::sasl::SaslCondition;
use xmpp_xml::{Element, ElementRef};

/// Has this client something to do before it is let in?
///
/// Asked once for each attempt, when the mechanism has succeeded and before the client
/// is told anything. Comes only if
/// [`Sasl2Host::tasks`](crate::config::Sasl2Host::tasks) says that there are tasks.
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct TasksQuery {
    pub(crate) serial: u32,
    pub(crate) account: BareJid,
    pub(crate) identity: Option<BareJid>,
    pub(crate) mechanism: Mechanism,
    pub(crate) user_agent: Option<Arc<UserAgent>>,
    pub(crate) can_demand: bool,
}

impl TasksQuery {
    /// The account that the client will act as.
    pub const fn account(&self) -> &BareJid {
        &self.account
    }

    /// The account that the client itself is, if it has one here. It is another than
    /// [`account`](Self::account) if the client acts for somebody else.
    pub const fn identity(&self) -> Option<&BareJid> {
        self.identity.as_ref()
    }

    /// What the client has authenticated by. A token
    /// ([`Mechanism::HashedToken`]) goes to clients that have been let in before, so
    /// that a second factor may be dispensable.
    pub const fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// What the client tells about itself.
    pub fn user_agent(&self) -> Option<&UserAgent> {
        self.user_agent.as_deref()
    }

    /// Whether the client can be given a task. RFC 6120's profile has none: who needs
    /// one and comes by that profile is refused with `mechanism-too-weak`.
    pub const fn can_demand(&self) -> bool {
        self.can_demand
    }
}

/// The answer to [`ServerEvent::TasksWanted`](crate::ServerEvent::TasksWanted).
///
/// ```
/// use xmpp_core::stanza::sasl::SaslCondition;
/// use xmpp_core::{Misuse, Server, ServerEvent, TaskAnswer, TaskDataQuery, TaskDemand, TasksAnswer};
///
/// # fn is_right(query: &TaskDataQuery) -> bool { query.payloads().next().is_some() }
/// fn second_factor(server: &mut Server, event: ServerEvent) -> Result<(), Misuse> {
///     match event {
///         ServerEvent::TasksWanted(query) => {
///             let demand = TaskDemand::new("TOTP-EXAMPLE");
///             server.demand_tasks(query, TasksAnswer::Demand(demand))
///         }
///         ServerEvent::TaskDataReceived(query) => {
///             let answer = if is_right(&query) {
///                 TaskAnswer::Done(Vec::new())
///             } else {
///                 TaskAnswer::Fail(SaslCondition::NotAuthorized)
///             };
///             server.answer_task(query, answer)
///         }
///         _ => Ok(()),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TasksAnswer {
    /// There is nothing to do: success follows.
    Nothing,
    /// A task is to be done first.
    Demand(TaskDemand),
    /// The attempt fails: mostly `temporary-auth-failure`, since it is not known what
    /// there is to do.
    Fail(SaslCondition),
}

/// Tasks of which the client is to do one.
///
/// ```
/// use xmpp_core::TaskDemand;
///
/// let demand = TaskDemand::new("TOTP-EXAMPLE").or("HOTP-EXAMPLE").with_text("Your code?");
/// assert_eq!(demand.tasks(), ["TOTP-EXAMPLE", "HOTP-EXAMPLE"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDemand {
    pub(crate) tasks: Vec<String>,
    pub(crate) text: Option<String>,
}

impl TaskDemand {
    /// This task.
    pub fn new(task: impl Into<String>) -> Self {
        Self { tasks: [task.into()].into(), text: None }
    }

    /// This task in place of the others, as the client likes.
    #[must_use]
    pub fn or(mut self, task: impl Into<String>) -> Self {
        self.tasks.push(task.into());
        self
    }

    /// Why, for people.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// The names, at least one.
    pub fn tasks(&self) -> &[String] {
        &self.tasks
    }

    /// Why, for people.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// What comes next in a task: the peer has sent something of the task's own.
///
/// On a server it is the client's `<next/>`, which begins the task, or its
/// `<task-data/>`; on a client the server's `<task-data/>`.
#[must_use = "the connection stands still until this is answered"]
pub struct TaskDataQuery {
    pub(crate) serial: u32,
    pub(crate) task: Arc<str>,
    pub(crate) element: Element,
    pub(crate) begins: bool,
}

impl TaskDataQuery {
    /// The task's name, one of those that were demanded.
    pub fn task(&self) -> &str {
        &self.task
    }

    /// Whether the client begins the task with this. Never on a client.
    pub const fn begins(&self) -> bool {
        self.begins
    }

    /// The task's own elements; a task may begin without any.
    pub fn payloads(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.element.as_ref().children()
    }
}

impl fmt::Debug for TaskDataQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is in it is a code or a password.
        f.debug_struct("TaskDataQuery")
            .field("task", &self.task)
            .field("begins", &self.begins)
            .finish_non_exhaustive()
    }
}

/// A server's answer to
/// [`ServerEvent::TaskDataReceived`](crate::ServerEvent::TaskDataReceived).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TaskAnswer {
    /// The task goes on: these elements go to the client in `<task-data/>`.
    Send(Vec<Element>),
    /// The task is done, and the last: success follows, with these elements in it.
    Done(Vec<Element>),
    /// The task is done, and another is to follow.
    DoneThen(TaskDemand),
    /// The task has failed, and the attempt with it: `not-authorized` for a wrong code.
    /// It counts as a failed login.
    Fail(SaslCondition),
}

/// Which task shall be done, of those that the server demands?
///
/// The server has proved by now what the mechanism lets it prove.
#[must_use = "the connection stands still until this is answered"]
#[derive(Debug)]
pub struct TaskQuery {
    pub(crate) serial: u32,
    pub(crate) tasks: Vec<String>,
    pub(crate) text: Option<String>,
}

impl TaskQuery {
    /// Those that [`Sasl2Client::tasks`](crate::config::Sasl2Client::tasks) names, in the
    /// order in which the server names them; at least one.
    pub fn tasks(&self) -> &[String] {
        &self.tasks
    }

    /// What the server says about it, for people.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// A client's answer to [`ClientEvent::TaskWanted`](crate::ClientEvent::TaskWanted).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TaskChoice {
    /// This task.
    Begin {
        /// Its name, one of [`TaskQuery::tasks`].
        task: String,
        /// What it begins with.
        payloads: Vec<Element>,
    },
    /// None: the connection ends with
    /// [`TaskDeclined`](crate::PeerIncompatible::TaskDeclined).
    Abort,
}

impl TaskChoice {
    /// This task, which begins with nothing.
    pub fn begin(task: impl Into<String>) -> Self {
        Self::Begin { task: task.into(), payloads: Vec::new() }
    }
}

/// A client's answer to
/// [`ClientEvent::TaskDataReceived`](crate::ClientEvent::TaskDataReceived).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TaskReply {
    /// These elements go to the server in `<task-data/>`.
    Send(Vec<Element>),
    /// The task is given up: the connection ends with
    /// [`TaskDeclined`](crate::PeerIncompatible::TaskDeclined).
    Abort,
}
