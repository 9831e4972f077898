//! One pool, a clock, and stanzas with numbers.

use core::time::Duration;
use std::collections::VecDeque;

use xmpp_core::config::TlsMode;
use xmpp_core::federation::{
    Dial, Failure, LinkId, Offers, Pool, PoolConfig, PoolOutput, VerifyId,
};
use xmpp_core::jid::Domainpart;
use xmpp_core::session::discovery::Srv;
use xmpp_core::session::{AddressQuery, SrvQuery};
use xmpp_core::time::Instant;

pub(crate) use crate::harness::{Numbered, config, domain, queue_limits};

pub(crate) fn stanza(number: u64) -> Numbered {
    Numbered { number, size: 100, answerable: true, sender: "juliet@here.example" }
}

/// Numbers that look random.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    pub(crate) const fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// A pool whose outputs wait to be looked at.
pub(crate) struct Rig {
    pub(crate) pool: Pool<Numbered>,
    pub(crate) now: Instant,
    pub(crate) here: Domainpart,
    pub(crate) there: Domainpart,
    pub(crate) srv: VecDeque<SrvQuery>,
    pub(crate) addresses: VecDeque<AddressQuery>,
    pub(crate) dials: VecDeque<Dial>,
    pub(crate) authorise: VecDeque<(LinkId, String)>,
    /// Link and number.
    pub(crate) sent: Vec<(LinkId, u64)>,
    pub(crate) bounced: Vec<(u64, Failure)>,
    pub(crate) verify: Vec<(LinkId, VerifyId)>,
    pub(crate) failed: Vec<(VerifyId, Failure)>,
    pub(crate) closed: Vec<LinkId>,
}

impl Rig {
    pub(crate) fn new(config: PoolConfig) -> Self {
        Self {
            pool: Pool::new(config, [7; 32]),
            now: Instant::default(),
            here: domain("here.example"),
            there: domain("there.example"),
            srv: VecDeque::new(),
            addresses: VecDeque::new(),
            dials: VecDeque::new(),
            authorise: VecDeque::new(),
            sent: Vec::new(),
            bounced: Vec::new(),
            verify: Vec::new(),
            failed: Vec::new(),
            closed: Vec::new(),
        }
    }

    /// Takes all outputs. Says when the pool wants to be polled again.
    pub(crate) fn run(&mut self) -> Option<Instant> {
        loop {
            match self.pool.poll(self.now) {
                PoolOutput::LookUpSrv(query) => self.srv.push_back(query),
                PoolOutput::LookUpAddresses(query) => self.addresses.push_back(query),
                PoolOutput::Connect(dial) => self.dials.push_back(dial),
                PoolOutput::Authorise { link, local, .. } => {
                    self.authorise.push_back((link, local.as_str().to_owned()));
                }
                PoolOutput::Send { link, stanza, .. } => self.sent.push((link, stanza.number)),
                PoolOutput::Bounce { stanza, failure, .. } => {
                    self.bounced.push((stanza.number, failure));
                }
                PoolOutput::Verify { link, verify, .. } => self.verify.push((link, verify)),
                PoolOutput::VerifyFailed { verify, failure } => self.failed.push((verify, failure)),
                PoolOutput::Close(link) => self.closed.push(link),
                PoolOutput::Wait(deadline) => return deadline.map(|deadline| deadline.at),
            }
        }
    }

    /// Lets time pass, from one deadline to the next.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.saturating_add(time);
        while let Some(at) = self.run().filter(|at| *at <= end) {
            assert!(at > self.now, "a deadline that does not move");
            self.now = at;
        }
        self.now = end;
        self.run();
    }

    pub(crate) fn send(&mut self, number: u64) {
        let (here, there) = (self.here.clone(), self.there.clone());
        self.send_between(number, &here, &there);
    }

    pub(crate) fn send_from(&mut self, number: u64, local: &str) {
        let there = self.there.clone();
        self.send_between(number, &domain(local), &there);
    }

    pub(crate) fn send_between(&mut self, number: u64, local: &Domainpart, remote: &Domainpart) {
        self.pool.send(self.now, local, remote, stanza(number));
        self.run();
    }

    /// Answers both questions for SRV records.
    pub(crate) fn answer_srv(&mut self, plain: Vec<Srv>, direct: Vec<Srv>) {
        self.run();
        while let Some(query) = self.srv.pop_front() {
            let direct_tls = query.name().starts_with("_xmpps-");
            let answer = if direct_tls { direct.clone() } else { plain.clone() };
            self.pool.provide_srv(query, Ok(answer));
        }
        self.run();
    }

    /// Answers all questions for addresses alike.
    pub(crate) fn answer_addresses(&mut self, address: Option<&str>) {
        self.run();
        while let Some(query) = self.addresses.pop_front() {
            let ip = address.map(|address| address.parse().unwrap());
            let of_family =
                ip.filter(|ip| xmpp_core::session::discovery::Family::of(*ip) == query.family());
            self.pool.provide_addresses(query, Ok(of_family.into_iter().collect()));
            self.run();
        }
    }

    /// Up to a transport.
    pub(crate) fn dial(&mut self) -> Dial {
        self.answer_srv(vec![Srv::new(0, 0, 5269, "xmpp.there.example.")], Vec::new());
        self.answer_addresses(Some("192.0.2.1"));
        self.dials.pop_front().expect("a transport")
    }

    pub(crate) fn connect(&mut self) -> Dial {
        let dial = self.dial();
        assert_eq!(dial.tls, TlsMode::StartTls);
        self.pool.connected(self.now, dial.link);
        self.run();
        dial
    }

    /// Up to a stream that is open, with dialback.
    pub(crate) fn open(&mut self, errors: bool) -> Dial {
        let dial = self.connect();
        self.pool.opened(self.now, dial.link, Offers::with_dialback(errors));
        self.run();
        dial
    }

    pub(crate) fn authorised(&mut self, link: LinkId, local: &str) {
        self.pool.authorised(self.now, link, &domain(local), &self.there);
        self.run();
    }

    /// A stream that is ready for stanzas from here to there; the first is number 0.
    pub(crate) fn ready(&mut self) -> LinkId {
        self.send(0);
        let dial = self.open(true);
        self.authorised(dial.link, "here.example");
        assert_eq!(self.sent, [(dial.link, 0)]);
        self.sent.clear();
        dial.link
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.sent.iter().map(|(_, number)| *number).collect()
    }
}

pub(crate) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}
