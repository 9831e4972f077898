//! The first step of a round: which SRV records a domain has.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use xmpp_jid::DomainpartRef;

use super::Timing;
use super::discovery::{Answers, LookupFailed, Service, Srv};
use super::out::{Numbers, Out};
use super::output::{Lookup, SrvQuery};
use crate::time::{Deadline, Instant, TimerReason};

/// Questions for SRV records, asked at once, and what has been answered.
pub(crate) struct SrvQuestions {
    start_tls: Option<Asked>,
    direct_tls: Option<Asked>,
    until: Instant,
}

/// A question, and its answer.
enum Asked {
    Open(u64),
    Answered(Result<Vec<Srv>, LookupFailed>),
}

impl Asked {
    fn into_answer(self) -> Result<Vec<Srv>, LookupFailed> {
        match self {
            Self::Answered(answer) => answer,
            Self::Open(_) => Err(LookupFailed::new("no answer in time")),
        }
    }
}

impl SrvQuestions {
    /// Asks for each of the two services that is wanted.
    pub(crate) fn ask(
        (start_tls, direct_tls): (Option<Service>, Option<Service>),
        domain: DomainpartRef<'_>,
        now: Instant,
        timing: &Timing,
        numbers: &mut Numbers,
        out: &mut VecDeque<Out>,
    ) -> Self {
        let mut ask = |service: Service| {
            let serial = numbers.next();
            let name = service.query_name(domain);
            out.push_back(Out::LookUp(Lookup::Srv(SrvQuery { serial, name })));
            Asked::Open(serial)
        };
        let start_tls = start_tls.map(&mut ask);
        let direct_tls = direct_tls.map(&mut ask);
        Self { start_tls, direct_tls, until: now.saturating_add(timing.lookup) }
    }

    /// An answer, if it is to an open question.
    pub(crate) fn take(&mut self, query: &SrvQuery, answer: Result<Vec<Srv>, LookupFailed>) {
        for asked in [&mut self.start_tls, &mut self.direct_tls].into_iter().flatten() {
            if matches!(asked, Asked::Open(serial) if *serial == query.serial) {
                *asked = Asked::Answered(answer);
                return;
            }
        }
    }

    /// Until when to wait for answers; `None` if there is nothing to wait for any more.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Deadline> {
        let is_open = |asked: &Asked| matches!(asked, Asked::Open(_));
        let open = [&self.start_tls, &self.direct_tls].into_iter().flatten().any(is_open);
        (open && self.until > now)
            .then_some(Deadline { at: self.until, reason: TimerReason::Lookup })
    }

    /// What has been answered. What has not counts as failed.
    pub(crate) fn into_answers(self) -> Answers {
        Answers {
            start_tls: self.start_tls.map(Asked::into_answer),
            direct_tls: self.direct_tls.map(Asked::into_answer),
        }
    }
}
