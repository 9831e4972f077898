//! One round: from a destination through all its places, once.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::IpAddr;

use xmpp_jid::Domainpart;

use super::Reason;
use super::config::{Destination, Methods, Timing};
use super::discovery::{
    AlternativeConnections, Answers, HostMetaFormat, LookupFailed, Place, Plan, Service, Srv, plan,
};
use super::out::{Numbers, Out};
use super::output::{AddressQuery, HostMetaQuery, Lookup, SrvQuery};
use super::questions::SrvQuestions;
use super::race::Race;
use super::random::Random;
use super::verdict::Verdict;
use crate::config::TlsMode;
use crate::time::{Deadline, Instant, TimerReason};

/// The forms of the host-meta file, in the order in which they are asked for: every
/// domain that has the file has the first (XEP-0156 section 3).
const FORMATS: &[HostMetaFormat] = &[
    HostMetaFormat::Xrd,
    #[cfg(feature = "host-meta")]
    HostMetaFormat::Jrd,
];

pub(super) struct Round {
    domain: Domainpart,
    step: Step,
    /// What is asked once the race is through.
    then: VecDeque<Step>,
    methods: Methods,
    plaintext: bool,
    /// Whether the places are not those of the domain but what somebody has said.
    explicit: bool,
    /// Whether a server has sent us here.
    redirected: bool,
    pub(super) race: Race,
    declined: bool,
    /// The gravest of the ends that connections of this round have come to.
    pub(super) worst: Option<(Verdict, Reason)>,
}

enum Step {
    /// To be asked for SRV records.
    AskSrv,
    Srv(SrvQuestions),
    /// To be asked for the file of that form.
    AskHostMeta(HostMetaFormat),
    HostMeta {
        serial: u64,
        until: Instant,
    },
    /// Nothing to be asked: the race is on.
    Race,
}

/// How far a round is.
pub(super) enum Progress {
    Waits(Option<Deadline>),
    /// Nothing is left to be tried.
    Over,
}

impl Round {
    /// To `destination`, and to `first` if there is such a place: before other places, and
    /// behind the URL of a WebSocket, which needs no lookup.
    pub(super) fn new(
        domain: Domainpart,
        destination: &Destination,
        mut methods: Methods,
        plaintext: bool,
        redirected: bool,
        first: Option<Place>,
    ) -> Self {
        if plaintext {
            methods = Methods { start_tls: true, direct_tls: false, web_socket: false };
        }
        let mut this = Self {
            domain,
            step: Step::Race,
            then: VecDeque::new(),
            methods,
            plaintext,
            explicit: !matches!(destination, Destination::Domain),
            redirected,
            race: Race::default(),
            declined: false,
            worst: None,
        };
        this.add_places(first);
        match destination {
            Destination::Place(place) => this.add_places([place.clone()]),
            Destination::WebSocket(url) => this.race.add_urls([url.clone()]),
            Destination::Domain => {
                // An address has no SRV records.
                let named = matches!(this.domain.host(), xmpp_jid::Host::Name(_));
                if methods.start_tls || methods.direct_tls {
                    if named {
                        this.then.push_back(Step::AskSrv);
                    } else {
                        this.take_plan(this.plan(Answers::default(), [0; 32]));
                    }
                }
                if methods.web_socket {
                    this.then.extend(FORMATS.iter().map(|format| Step::AskHostMeta(*format)));
                }
            }
        }
        this
    }

    fn plan(&self, mut answers: Answers, seed: [u8; 32]) -> Plan {
        // Where nothing was asked, the answer is that there is nothing.
        if !self.methods.start_tls && answers.direct_tls.is_none() {
            answers.direct_tls = Some(Ok(Vec::new()));
        }
        plan(self.domain.as_ref(), answers, seed)
    }

    fn take_plan(&mut self, plan: Plan) {
        match plan {
            Plan::Places(places) => self.add_places(places),
            Plan::NotOffered => self.declined = true,
            Plan::Unknown(error) => self.race.note(alloc::format!("SRV: {error}")),
        }
    }

    /// How TLS comes about is what the place says; that there is any is not for a
    /// place to decide.
    fn add_places(&mut self, places: impl IntoIterator<Item = Place>) {
        let plaintext = self.plaintext;
        self.race.add_places(places.into_iter().map(|mut place| {
            place.tls = match (plaintext, place.tls) {
                (true, _) => TlsMode::DangerousPlaintext,
                (false, TlsMode::DangerousPlaintext) => TlsMode::StartTls,
                (false, tls) => tls,
            };
            place
        }));
    }

    /// Does what is due.
    pub(super) fn advance(
        &mut self,
        now: Instant,
        timing: &Timing,
        numbers: &mut Numbers,
        random: &mut Random,
        out: &mut VecDeque<Out>,
    ) -> Progress {
        loop {
            match core::mem::replace(&mut self.step, Step::Race) {
                Step::Race => {
                    if let Some(deadline) = self.race.advance(now, timing, numbers, out) {
                        return Progress::Waits(Some(deadline));
                    }
                    match self.then.pop_front() {
                        Some(step) => self.step = step,
                        None => return Progress::Over,
                    }
                }
                Step::AskSrv => {
                    let Methods { start_tls, direct_tls, .. } = self.methods;
                    let services = (
                        start_tls.then_some(Service::Client),
                        direct_tls.then_some(Service::ClientDirectTls),
                    );
                    let domain = self.domain.as_ref();
                    let asked = SrvQuestions::ask(services, domain, now, timing, numbers, out);
                    self.step = Step::Srv(asked);
                }
                Step::Srv(asked) => {
                    if let Some(deadline) = asked.deadline(now) {
                        self.step = Step::Srv(asked);
                        return Progress::Waits(Some(deadline));
                    }
                    self.take_plan(self.plan(asked.into_answers(), random.seed()));
                }
                Step::AskHostMeta(format) => {
                    let serial = numbers.next();
                    let url = format.url(self.domain.as_ref());
                    let query = HostMetaQuery { serial, url, format };
                    out.push_back(Out::LookUp(Lookup::HostMeta(query)));
                    self.step = Step::HostMeta { serial, until: now.saturating_add(timing.lookup) };
                }
                Step::HostMeta { serial, until } => {
                    if until > now {
                        self.step = Step::HostMeta { serial, until };
                        let reason = TimerReason::Lookup;
                        return Progress::Waits(Some(Deadline { at: until, reason }));
                    }
                    self.race.note("host-meta: no answer in time".into());
                }
            }
        }
    }

    /// An answer, if it is to an open question.
    pub(super) fn take_srv(&mut self, query: &SrvQuery, answer: Result<Vec<Srv>, LookupFailed>) {
        if let Step::Srv(asked) = &mut self.step {
            asked.take(query, answer);
        }
    }

    /// An answer, if it is to an open question.
    pub(super) fn take_addresses(
        &mut self,
        query: &AddressQuery,
        answer: Result<Vec<IpAddr>, LookupFailed>,
    ) {
        self.race.take_addresses(query, answer);
    }

    /// An answer, if it is to an open question.
    pub(super) fn take_host_meta(
        &mut self,
        query: &HostMetaQuery,
        answer: Result<&[u8], LookupFailed>,
    ) {
        if !matches!(self.step, Step::HostMeta { serial, .. } if serial == query.serial) {
            return;
        }
        self.step = Step::Race;
        let read = answer.map_err(|error| alloc::format!("{}: {error}", query.url));
        let read = read.and_then(|file| {
            AlternativeConnections::read(file, query.format)
                .map_err(|error| alloc::format!("{error}"))
        });
        match read {
            Ok(found) if !found.web_socket.is_empty() => {
                // The other forms would say the same.
                self.then.clear();
                self.race.add_urls(found.web_socket);
            }
            Ok(_) => {}
            Err(note) => self.race.note(note),
        }
    }

    /// The end that a connection of this round has come to, for when the round is over.
    pub(super) fn remember(&mut self, verdict: Verdict, reason: Reason) {
        let graver = |(worst, _): &(Verdict, Reason)| verdict.gravity() >= worst.gravity();
        if self.worst.as_ref().is_none_or(graver) {
            self.worst = Some((verdict, reason));
        }
    }

    /// What has come of the round, now that it is over.
    pub(super) fn outcome(self) -> (Verdict, Reason) {
        if let Some(worst) = self.worst {
            return worst;
        }
        if self.declined {
            // Where somebody has sent us says nothing of our own domain.
            let verdict = if self.redirected { Verdict::RetryLater } else { Verdict::Stop };
            return (verdict, Reason::NotOffered);
        }
        let notes = self.race.notes();
        let what = if self.explicit {
            alloc::format!("cannot connect to {notes}")
        } else {
            alloc::format!("cannot connect to {} ({notes})", self.domain.as_str())
        };
        (Verdict::Retry, Reason::Unreachable(what))
    }
}
