//! `<continue/>`: authenticated, but not done (XEP-0388, "Continue").

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::client;
use crate::server;

/// A client that has to pick a task.
#[derive(Debug)]
pub struct Continued {
    authenticated: client::Authenticated,
    tasks: Vec<String>,
}

impl Continued {
    /// Takes `<continue/>` in place of the exchange's `<success/>`: the server
    /// has to have proved itself by now, but the proof stays locked until the
    /// tasks are done.
    ///
    /// # Errors
    ///
    /// As [`client::Exchange::success`], or there is no task.
    pub fn after(
        exchange: client::Exchange,
        additional_data: Option<&[u8]>,
        tasks: Vec<String>,
    ) -> Result<Self, TaskError> {
        let authenticated = exchange.success(additional_data).map_err(TaskError::Exchange)?;
        Self::new(authenticated, tasks)
    }

    fn new(authenticated: client::Authenticated, tasks: Vec<String>) -> Result<Self, TaskError> {
        if tasks.is_empty() {
            return Err(TaskError::NoTask);
        }
        Ok(Self { authenticated, tasks })
    }

    /// The tasks of which one is to be done.
    pub fn tasks(&self) -> &[String] {
        &self.tasks
    }

    /// Picks one, to be named in `<next/>`.
    ///
    /// # Errors
    ///
    /// It is not on the list.
    pub fn next(self, task: &str) -> Result<RunningTask, TaskError> {
        if self.tasks.iter().any(|each| each == task) {
            Ok(RunningTask { authenticated: self.authenticated })
        } else {
            Err(TaskError::NotOffered)
        }
    }
}

/// A client with a task under way: its `<task-data/>` is the task's own.
#[derive(Debug)]
pub struct RunningTask {
    authenticated: client::Authenticated,
}

impl RunningTask {
    /// Takes `<continue/>`: this task is done, another is to follow.
    ///
    /// # Errors
    ///
    /// There is no task.
    pub fn proceed(self, tasks: Vec<String>) -> Result<Continued, TaskError> {
        Continued::new(self.authenticated, tasks)
    }

    /// Takes `<success/>`: all is done.
    pub fn success(self) -> client::Authenticated {
        self.authenticated
    }
}

/// A server's tasks for one client that has authenticated.
#[derive(Debug)]
pub struct Tasks {
    authenticated: server::Authenticated,
    left: VecDeque<Vec<String>>,
}

/// What a server does next.
#[derive(Debug)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "XEP-0388 ends a task in these two ways or in failure")]
pub enum Next {
    /// Send `<continue/>` with these tasks, of which the client picks one.
    Continue {
        /// The tasks' names.
        tasks: Vec<String>,
        /// What `<next/>` goes to.
        running: Running,
    },
    /// Send `<success/>`.
    Success(server::Authenticated),
}

impl Tasks {
    /// Each round of `rounds` is a list of tasks of which one is to be done.
    /// For the upgrades that a client asked for, that is one round each
    /// (XEP-0480: "a single task").
    pub fn new(
        authenticated: server::Authenticated,
        rounds: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        let left = rounds.into_iter().filter(|round| !round.is_empty()).collect();
        Self { authenticated, left }
    }

    /// Adds a round of which one task is to be done, behind those that are left: for
    /// what is decided only when an earlier task is done. An empty one is none.
    pub fn demand(&mut self, tasks: Vec<String>) {
        if !tasks.is_empty() {
            self.left.push_back(tasks);
        }
    }

    /// Goes on: at the beginning, and whenever a task is done.
    pub fn proceed(mut self) -> Next {
        match self.left.pop_front() {
            Some(tasks) => {
                Next::Continue { tasks: tasks.clone(), running: Running { all: self, tasks } }
            }
            None => Next::Success(self.authenticated),
        }
    }
}

/// A server that has sent `<continue/>`.
#[derive(Debug)]
pub struct Running {
    all: Tasks,
    tasks: Vec<String>,
}

impl Running {
    /// Takes the task named in `<next/>`. When it is done, [go
    /// on](Tasks::proceed) with what this returns; when it fails, drop it and
    /// send `<failure/>`.
    ///
    /// # Errors
    ///
    /// The client picked what it was not offered: malformed-request.
    pub fn next(self, task: &str) -> Result<Tasks, TaskError> {
        if self.tasks.iter().any(|each| each == task) {
            Ok(self.all)
        } else {
            Err(TaskError::NotOffered)
        }
    }
}

/// What went wrong around tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskError {
    /// The exchange before them failed.
    Exchange(client::Error),
    /// `<continue/>` without a task.
    NoTask,
    /// A task that is not on the list.
    NotOffered,
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exchange(error) => error.fmt(f),
            Self::NoTask => f.write_str("<continue/> without a task (XEP-0388)"),
            Self::NotOffered => f.write_str("the task is not among those offered (XEP-0388)"),
        }
    }
}

impl core::error::Error for TaskError {}
