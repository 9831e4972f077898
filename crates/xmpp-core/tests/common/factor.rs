//! A second factor, made up after the example of XEP-0388, "Continue": the server sends
//! a challenge, the client a code.

use std::collections::VecDeque;

use xmpp_core::stanza::sasl::SaslCondition;
use xmpp_core::xml::{Element, Ns};
use xmpp_core::{
    TaskAnswer, TaskChoice, TaskDataQuery, TaskDemand, TaskQuery, TaskReply, TasksAnswer,
    TasksQuery,
};

pub(crate) const TOTP: &str = "TOTP-EXAMPLE";
pub(crate) const RIGHT: &str = "123456";
const NS: Ns<'static> = Ns::new("urn:totp:example");

/// `<totp/>` with this in it.
pub(crate) fn totp(text: &str) -> Element {
    Element::parse(format!("<totp xmlns='urn:totp:example'>{text}</totp>")).unwrap()
}

/// What is in the `<totp/>` of a query.
pub(crate) fn told(query: &TaskDataQuery) -> String {
    let mut payloads = query.payloads().filter(|payload| payload.is(NS, "totp"));
    payloads.next().map(|payload| payload.text().into_owned()).unwrap_or_default()
}

/// A server's side: asks for nothing, if nothing is demanded.
#[derive(Default)]
pub(crate) struct Desk {
    /// One after the other.
    pub(crate) demands: VecDeque<TaskDemand>,
    /// How many wrong codes are answered with another challenge.
    pub(crate) patience: u32,
}

impl Desk {
    pub(crate) fn demanding(demand: TaskDemand) -> Self {
        Self { demands: [demand].into(), patience: 0 }
    }

    pub(crate) fn demand(&mut self, _query: &TasksQuery) -> TasksAnswer {
        self.demands.pop_front().map_or(TasksAnswer::Nothing, TasksAnswer::Demand)
    }

    pub(crate) fn answer(&mut self, query: &TaskDataQuery) -> TaskAnswer {
        if query.begins() {
            return TaskAnswer::Send(vec![totp("challenge")]);
        }
        if told(query) == RIGHT {
            return match self.demands.pop_front() {
                Some(demand) => TaskAnswer::DoneThen(demand),
                None => TaskAnswer::Done(vec![totp("welcome")]),
            };
        }
        if self.patience == 0 {
            return TaskAnswer::Fail(SaslCondition::NotAuthorized);
        }
        self.patience -= 1;
        TaskAnswer::Send(vec![totp("again")])
    }
}

/// A client's side: gives up once it has no code.
#[derive(Default)]
pub(crate) struct Codes {
    pub(crate) codes: VecDeque<&'static str>,
    /// Does not even begin.
    pub(crate) declines: bool,
    /// What the server has said about its tasks.
    pub(crate) texts: Vec<Option<String>>,
}

impl Codes {
    pub(crate) fn of(codes: &[&'static str]) -> Self {
        Self { codes: codes.iter().copied().collect(), ..Self::default() }
    }

    pub(crate) fn choose(&mut self, query: &TaskQuery) -> TaskChoice {
        self.texts.push(query.text().map(str::to_owned));
        if self.declines {
            return TaskChoice::Abort;
        }
        TaskChoice::Begin { task: query.tasks()[0].clone(), payloads: vec![totp("hello")] }
    }

    pub(crate) fn reply(&mut self, _query: &TaskDataQuery) -> TaskReply {
        self.codes.pop_front().map_or(TaskReply::Abort, |code| TaskReply::Send(vec![totp(code)]))
    }
}
