//! From a remote domain to a stream: its places (RFC 6120 section 3.2, XEP-0368), the
//! attempts at them, and what is left while one of them is being negotiated.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use xmpp_jid::{Domainpart, Host};

use super::config::PoolConfig;
use super::line::Origin;
use crate::federation::Failure;
use crate::session::SrvQuery;
use crate::session::discovery::{Answers, LookupFailed, Plan, Service, Srv, plan_for_server};
use crate::session::out::{Numbers, Out};
use crate::session::questions::SrvQuestions;
use crate::session::race::Race;
use crate::session::random::Random;
use crate::time::{Deadline, Instant};

/// One round through a domain's places.
pub(super) struct Search {
    /// The domain of ours that the stream will be from.
    pub(super) local: Domainpart,
    /// When it began, and a number of its own.
    pub(super) began: (Instant, u64),
    /// On whose behalf.
    pub(super) origin: Origin,
    step: Step,
    pub(super) race: Race,
    declined: bool,
    /// What the last stream that could not be negotiated failed of.
    pub(super) negotiation: Option<Failure>,
    /// The stream that is being negotiated. The search stands still until it is decided.
    pub(super) negotiating: Option<u64>,
    /// The numbers of questions and transports that are this search's.
    pub(super) numbers: Vec<u64>,
    /// The transports on which the pair is to be authorised without being asked.
    pub(super) authorising: Vec<u64>,
}

enum Step {
    Ask,
    Srv(SrvQuestions),
    Race,
}

/// How far a search is.
pub(super) enum Progress {
    Waits(Option<Deadline>),
    /// Nothing is left to be tried.
    Over,
}

impl Search {
    pub(super) fn new(
        (local, remote): (Domainpart, &Domainpart),
        began: (Instant, u64),
        origin: Origin,
        config: &PoolConfig,
    ) -> Self {
        let (race, step) = match config.places.get(remote.as_str()) {
            Some(places) => {
                let mut race = Race::default();
                race.add_places(places.iter().cloned());
                (race, Step::Race)
            }
            None => (Race::within(Arc::clone(&config.addresses)), Step::Ask),
        };
        Self {
            local,
            began,
            origin,
            step,
            race,
            declined: false,
            negotiation: None,
            negotiating: None,
            numbers: Vec::new(),
            authorising: Vec::new(),
        }
    }

    /// Does what is due.
    pub(super) fn advance(
        &mut self,
        remote: &Domainpart,
        now: Instant,
        config: &PoolConfig,
        (numbers, random): (&mut Numbers, &mut Random),
        out: &mut VecDeque<Out>,
    ) -> Progress {
        loop {
            match core::mem::replace(&mut self.step, Step::Race) {
                // An address has no SRV records.
                Step::Ask if !matches!(remote.host(), Host::Name(_)) => {
                    self.plan(remote, Answers::default(), config, random);
                }
                Step::Ask => {
                    let services = (
                        config.start_tls.then_some(Service::Server),
                        config.direct_tls.then_some(Service::ServerDirectTls),
                    );
                    let (domain, timing) = (remote.as_ref(), &config.timing);
                    let asked = SrvQuestions::ask(services, domain, now, timing, numbers, out);
                    self.step = Step::Srv(asked);
                }
                Step::Srv(asked) => {
                    if let Some(deadline) = asked.deadline(now) {
                        self.step = Step::Srv(asked);
                        return Progress::Waits(Some(deadline));
                    }
                    self.plan(remote, asked.into_answers(), config, random);
                }
                Step::Race if self.negotiating.is_some() => return Progress::Waits(None),
                Step::Race => {
                    return match self.race.advance(now, &config.timing, numbers, out) {
                        Some(deadline) => Progress::Waits(Some(deadline)),
                        None => Progress::Over,
                    };
                }
            }
        }
    }

    fn plan(
        &mut self,
        remote: &Domainpart,
        mut answers: Answers,
        config: &PoolConfig,
        random: &mut Random,
    ) {
        // Where nothing was asked, the answer is that there is nothing.
        if !config.start_tls && answers.direct_tls.is_none() {
            answers.direct_tls = Some(Ok(Vec::new()));
        }
        match plan_for_server(remote.as_ref(), answers, random.seed()) {
            Plan::Places(places) => self.race.add_places(places),
            Plan::NotOffered => self.declined = true,
            Plan::Unknown(error) => self.race.note(alloc::format!("SRV: {error}")),
        }
    }

    pub(super) fn take_srv(&mut self, query: &SrvQuery, answer: Result<Vec<Srv>, LookupFailed>) {
        if let Step::Srv(asked) = &mut self.step {
            asked.take(query, answer);
        }
    }

    /// Whether a transport has become a stream that is being negotiated.
    pub(super) const fn is_negotiating(&self) -> bool {
        self.negotiating.is_some()
    }

    /// What has come of the round, now that it is over.
    pub(super) fn failure(&self) -> Failure {
        match self.negotiation {
            Some(failure) => failure,
            None if self.declined => Failure::NotOffered,
            None if self.race.has_found() => Failure::Unreachable,
            None if self.race.has_refused() => Failure::AddressRefused,
            None => Failure::NotFound,
        }
    }
}
