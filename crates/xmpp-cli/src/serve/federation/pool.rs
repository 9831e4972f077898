//! The pool with what it stands between: the host on one side, the ways to the tasks of the
//! streams on the other.

use core::net::IpAddr;
use core::time::Duration;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Notify;
use xmpp_core::dialback::{Claim, Pair, Verdict};
use xmpp_core::federation::{
    self, Failure, LinkEnd, LinkId, Offers, PoolConfig, PoolOutput, Undelivered, VerifyId,
};
use xmpp_core::jid::Domainpart;
use xmpp_core::session::discovery::{LookupFailed, Srv};
use xmpp_core::session::{AddressQuery, SrvQuery};
use xmpp_core::stanza::{StanzaError, StreamCondition};
use xmpp_core::time::{Clock, Deadline, Instant};
use xmpp_core::xml::WriteXml;
use xmpp_server::DomainPair;

use super::errands::Errand;
use super::parcel::Parcel;
use super::way::{Order, Stanza, Way};

/// A stanza that comes back, and what its sender is told.
pub(in crate::serve) struct Returned {
    pub(in crate::serve) parcel: Parcel,
    pub(in crate::serve) error: StanzaError,
}

/// Behind the lock of the host. What is said to it takes effect when that opens:
/// [`drive`](Self::drive).
pub(in crate::serve) struct Pool {
    machine: federation::Pool<Parcel>,
    clock: Clock,
    /// Our own domains.
    domains: HashSet<Domainpart>,
    ways: HashMap<LinkId, Arc<Way>>,
    /// What is being asked about.
    claims: HashMap<VerifyId, Asked>,
    errands: Vec<Errand>,
    returned: Vec<Returned>,
    /// Whether anything was said to the machine since it was last driven.
    touched: bool,
    deadline: Option<Deadline>,
    /// For who does the errands.
    wake: Arc<Notify>,
}

/// A key that is being asked about.
struct Asked {
    claim: Claim,
    /// The stream that it came over.
    came_over: Arc<Way>,
}

impl Pool {
    pub(super) fn new(config: PoolConfig, domains: &[Domainpart], clock: Clock) -> Self {
        Self {
            machine: federation::Pool::new(config, crate::net::seed()),
            clock,
            domains: domains.iter().cloned().collect(),
            ways: HashMap::new(),
            claims: HashMap::new(),
            errands: Vec::new(),
            returned: Vec::new(),
            touched: false,
            deadline: None,
            wake: Arc::default(),
        }
    }

    fn touch(&mut self) -> (Instant, &mut federation::Pool<Parcel>) {
        self.touched = true;
        (self.clock.now(), &mut self.machine)
    }

    /// Whether that domain is one of ours.
    pub(super) fn serves(&self, domain: &Domainpart) -> bool {
        self.domains.contains(domain)
    }

    /// Takes a stanza for another domain. `false` if none of ours sends it, it is for one
    /// of them, or it cannot be written.
    pub(in crate::serve) fn send(
        &mut self,
        domains: DomainPair<'_>,
        stanza: &dyn WriteXml,
    ) -> bool {
        let (local, remote) = (domains.from.into_owned(), domains.to.into_owned());
        if !self.serves(&local) || self.serves(&remote) {
            return false;
        }
        let Some(parcel) = Parcel::new(stanza) else { return false };
        let (now, machine) = self.touch();
        machine.send(now, &local, &remote, parcel);
        true
    }

    /// What comes back now.
    pub(in crate::serve) fn take_returned(&mut self) -> Vec<Returned> {
        core::mem::take(&mut self.returned)
    }

    /// Gives a stanza back to its sender.
    pub(super) fn bounce(&mut self, parcel: Parcel, error: impl Into<StanzaError>) {
        self.returned.push(Returned { parcel, error: error.into() });
    }

    /// Has done what is to be done at once.
    pub(in crate::serve) fn drive(&mut self) {
        if !core::mem::take(&mut self.touched) {
            return;
        }
        let now = self.clock.now();
        let deadline = loop {
            match self.machine.poll(now) {
                PoolOutput::Wait(deadline) => break deadline,
                output => self.take(now, output),
            }
        };
        let before = core::mem::replace(&mut self.deadline, deadline);
        if !self.errands.is_empty() || before.map(|d| d.at) != deadline.map(|d| d.at) {
            self.wake.notify_one();
        }
    }

    fn take(&mut self, now: Instant, output: PoolOutput<Parcel>) {
        match output {
            PoolOutput::LookUpSrv(query) => self.errands.push(Errand::Srv(query)),
            PoolOutput::LookUpAddresses(query) => self.errands.push(Errand::Addresses(query)),
            PoolOutput::Connect(dial) => {
                let way = Way::new();
                self.ways.insert(dial.link, Arc::clone(&way));
                self.errands.push(Errand::Open(dial, way));
            }
            PoolOutput::Authorise { link, local, remote } => {
                if let Some(way) = self.ways.get(&link) {
                    way.order(Order::Authorise(Pair::new(local, remote)));
                }
            }
            PoolOutput::Send { link, local, remote, stanza } => {
                let Some(way) = self.ways.get(&link) else {
                    let again = vec![Undelivered::unsent(local, remote, stanza)];
                    return self.machine.give_back(now, again);
                };
                if way.send(Stanza { pair: Pair::new(local, remote), parcel: stanza }) {
                    self.machine.congested(now, link, true);
                }
            }
            PoolOutput::Verify { link, verify, .. } => {
                if let (Some(way), Some(asked)) = (self.ways.get(&link), self.claims.get(&verify)) {
                    way.order(Order::Verify(verify, asked.claim.clone()));
                }
            }
            PoolOutput::VerifyFailed { verify, failure } => {
                self.judge(verify, Verdict::Error(failure.condition()));
            }
            PoolOutput::Bounce { stanza, failure, remote, .. } => {
                tracing::info!(remote = remote.as_str(), "s2s: a stanza comes back: {failure}");
                self.bounce(stanza, failure.error());
            }
            PoolOutput::Close(link) => {
                if let Some(way) = self.ways.get(&link) {
                    way.close(None);
                }
            }
            PoolOutput::Wait(_) => {}
        }
    }

    /// What became of a key, for the stream that it came over.
    fn judge(&mut self, verify: VerifyId, verdict: Verdict) {
        if let Some(asked) = self.claims.remove(&verify) {
            asked.came_over.order(Order::Judged(verify, verdict.relayed()));
        }
    }

    pub(super) fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    pub(super) fn take_errands(&mut self) -> Vec<Errand> {
        core::mem::take(&mut self.errands)
    }

    /// How long there is nothing to do.
    pub(super) fn wait(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.after(self.clock.now()))
    }

    /// A time is over.
    pub(super) fn tick(&mut self) {
        self.touched = true;
    }

    pub(super) fn provide_srv(&mut self, query: SrvQuery, answer: Result<Vec<Srv>, LookupFailed>) {
        self.touch().1.provide_srv(query, answer);
    }

    pub(super) fn provide_addresses(
        &mut self,
        query: AddressQuery,
        answer: Result<Vec<IpAddr>, LookupFailed>,
    ) {
        self.touch().1.provide_addresses(query, answer);
    }
}

/// Of streams.
impl Pool {
    /// A transport of ours is open.
    pub(super) fn connected(&mut self, link: LinkId) {
        let (now, machine) = self.touch();
        machine.connected(now, link);
    }

    /// It cannot be opened.
    pub(super) fn connect_failed(&mut self, link: LinkId, why: &str) {
        self.touch().1.connect_failed(link, why);
        self.ways.remove(&link);
    }

    /// A peer has opened one, from there.
    pub(super) fn accepted(&mut self, from: IpAddr) -> Result<(LinkId, Arc<Way>), Failure> {
        let (now, machine) = self.touch();
        let link = machine.accepted(now, Some(from))?;
        let way = Way::new();
        self.ways.insert(link, Arc::clone(&way));
        Ok((link, way))
    }

    pub(super) fn opened(&mut self, link: LinkId, offers: Offers) {
        let (now, machine) = self.touch();
        machine.opened(now, link, offers);
    }

    pub(super) fn authorised(&mut self, link: LinkId, pair: &Pair) {
        let (now, machine) = self.touch();
        machine.authorised(now, link, &pair.local, &pair.remote);
    }

    pub(super) fn refused(&mut self, link: LinkId, pair: &Pair, failure: Failure) {
        let (now, machine) = self.touch();
        machine.refused(now, link, &pair.local, &pair.remote, failure);
    }

    pub(super) fn peer_authorised(
        &mut self,
        link: LinkId,
        pair: &Pair,
        bidi: bool,
    ) -> Result<(), Failure> {
        let (now, machine) = self.touch();
        machine.peer_authorised(now, link, &pair.local, &pair.remote, bidi)
    }

    /// Something came over it.
    pub(super) fn active(&mut self, link: LinkId) {
        let now = self.clock.now();
        self.machine.active(now, link);
    }

    /// It takes stanzas again.
    pub(super) fn uncongested(&mut self, link: LinkId) {
        let (now, machine) = self.touch();
        machine.congested(now, link, false);
    }

    /// It takes nothing more.
    pub(super) fn closed(&mut self, link: LinkId, end: LinkEnd) {
        let left = self.ways.remove(&link).map(|way| way.end()).unwrap_or_default();
        let left = left
            .into_iter()
            .map(|Stanza { pair, parcel }| Undelivered::unsent(pair.local, pair.remote, parcel));
        let (now, machine) = self.touch();
        machine.closed(now, link, end, left.collect());
    }

    /// A key has come over a stream, whose way this is.
    pub(super) fn verify(
        &mut self,
        link: LinkId,
        claim: &Claim,
        way: &Arc<Way>,
    ) -> Result<VerifyId, Failure> {
        let (now, machine) = self.touch();
        let verify = machine.verify(now, link, &claim.pair.local, &claim.pair.remote)?;
        let asked = Asked { claim: claim.clone(), came_over: Arc::clone(way) };
        self.claims.insert(verify, asked);
        Ok(verify)
    }

    /// A key has been judged, or its stream does not want to know any more.
    pub(super) fn verified(&mut self, verify: VerifyId, verdict: Option<Verdict>) {
        let (now, machine) = self.touch();
        machine.verified(now, verify);
        match verdict {
            Some(verdict) => self.judge(verify, verdict),
            None => _ = self.claims.remove(&verify),
        }
    }

    /// The program ends: what waits comes back, and no stream is opened any more.
    pub(in crate::serve) fn end(&mut self) {
        let (now, machine) = self.touch();
        machine.shut_down(now);
        for way in self.ways.values() {
            way.close(Some(StreamCondition::SystemShutdown));
        }
    }
}
