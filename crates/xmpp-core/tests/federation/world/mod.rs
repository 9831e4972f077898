//! Servers that federate with each other in virtual time: each with a driver of a few
//! lines, over pipes that delay, cut and lose.

mod end;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use xmpp_core::dialback::{Pair, Verdict};
use xmpp_core::stanza::StanzaCondition;
use xmpp_core::time::Instant;
use xmpp_core::xml::{Framing, RecvBuffer, SendBuffer};
use xmpp_core::{
    Connection, Direction, FederationConfig, PairError, Phase, Purpose, ResultQuery,
    VerificationId, VerifyQuery,
};

use crate::pipe::{Chance, Loss, Pipe};
use end::{End, Half, Seen};

pub(crate) fn moment(ms: u64) -> Instant {
    Instant::from_origin(Duration::from_millis(ms))
}

/// What an authoritative server says, where the driver is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authority {
    Honest,
    /// After so many milliseconds.
    Late(u64),
    Never,
    /// Yes to everything: somebody has taken it over.
    Hijacked,
    /// No to everything.
    Wrong,
}

pub(crate) struct Server {
    pub(crate) domains: Vec<&'static str>,
    pub(crate) config: Arc<FederationConfig>,
    pub(crate) authority: Authority,
    /// Of its users, what waits for a stream.
    queue: Vec<(Pair, u32)>,
}

impl Server {
    pub(crate) fn new(domains: &[&'static str], config: FederationConfig) -> Self {
        let authority = Authority::Honest;
        Self { domains: domains.into(), config: Arc::new(config), authority, queue: Vec::new() }
    }
}

/// An end: of which stream, and whether it is the receiving one.
type Place = (usize, usize);

struct Stream {
    /// Initiating and receiving.
    owners: [usize; 2],
    ends: [Box<dyn End>; 2],
    /// To the receiving one, and back.
    pipes: [Pipe; 2],
    closed: [bool; 2],
    told_eof: [bool; 2],
    /// Claims that wait for this stream to be established.
    claims: Vec<(Place, ResultQuery)>,
    /// Those that it has been asked about.
    asked: BTreeMap<VerificationId, (Place, ResultQuery)>,
}

/// What is told of a run.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) sent: BTreeSet<u32>,
    /// Which server got it, and in whose name it came.
    pub(crate) delivered: BTreeMap<u32, (usize, String)>,
    pub(crate) bounced: BTreeSet<u32>,
    pub(crate) dialled: usize,
}

pub(crate) struct World {
    pub(crate) servers: Vec<Server>,
    /// Which server DNS names for a domain.
    pub(crate) dns: BTreeMap<&'static str, usize>,
    /// Whether certificates count.
    pub(crate) certificates: bool,
    pub(crate) now: u64,
    pub(crate) chance: Chance,
    pub(crate) latency: u64,
    /// For each stream in the order of their beginnings, and each direction, where it is cut.
    pub(crate) cuts: BTreeMap<(usize, usize), (u64, Loss)>,
    streams: Vec<Stream>,
    late: Vec<(u64, Place, VerifyQuery, Verdict)>,
    pub(crate) outcome: Outcome,
}

impl World {
    pub(crate) fn new(servers: Vec<Server>, seed: u64) -> Self {
        let mut dns = BTreeMap::new();
        for (at, server) in servers.iter().enumerate() {
            dns.extend(server.domains.iter().map(|domain| (*domain, at)));
        }
        Self {
            servers,
            dns,
            certificates: false,
            now: 0,
            chance: Chance::new(seed),
            latency: 0,
            cuts: BTreeMap::new(),
            streams: Vec::new(),
            late: Vec::new(),
            outcome: Outcome::default(),
        }
    }

    /// How many bytes went over each pipe.
    pub(crate) fn streams(&self) -> usize {
        self.streams.len()
    }

    fn dial(&mut self, from: usize, pair: Pair, purpose: Purpose) -> Option<usize> {
        let to = *self.dns.get(pair.remote.as_str())?;
        let at = self.streams.len();
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&(at as u64).to_be_bytes());
        seed[8..16].copy_from_slice(&self.chance.below(u64::MAX).to_be_bytes());
        let mut tx = SendBuffer::new(Framing::Stream);
        let config = Arc::clone(&self.servers[from].config);
        let now = moment(self.now);
        let out = Connection::connect_server(config, pair, purpose, now, seed, &mut tx);
        seed[31] = 1;
        let inn = Connection::accept_server(Arc::clone(&self.servers[to].config), now, seed);
        let rx = || RecvBuffer::new(1 << 17);
        let pipe = |direction| Pipe::new(self.latency, self.cuts.get(&(at, direction)).copied());
        self.streams.push(Stream {
            owners: [from, to],
            ends: [
                Box::new(Half { connection: out, rx: rx(), tx }),
                Box::new(Half { connection: inn, rx: rx(), tx: SendBuffer::new(Framing::Stream) }),
            ],
            pipes: [pipe(0), pipe(1)],
            closed: [false; 2],
            told_eof: [false; 2],
            claims: Vec::new(),
            asked: BTreeMap::new(),
        });
        self.outcome.dialled += 1;
        Some(at)
    }

    /// A user of that server sends a stanza between these domains.
    pub(crate) fn send(&mut self, server: usize, from: &str, to: &str, id: u32) {
        self.outcome.sent.insert(id);
        let pair = crate::ends::pair(from, to);
        for stream in &mut self.streams {
            for side in 0..2 {
                // What goes back is kept once the peer has asked for that.
                if stream.owners[side] == server
                    && stream.ends[side].sends(&pair)
                    && stream.ends[side].is_managed()
                    && stream.ends[side].send(from, to, id)
                {
                    return;
                }
            }
        }
        self.servers[server].queue.push((pair.clone(), id));
        if self.asks(server, &pair) {
            return;
        }
        if self.dial(server, pair.clone(), Purpose::Stanzas).is_none() {
            self.bounce(server, &pair);
        }
    }

    /// Somebody closes a stream in order.
    pub(crate) fn close(&mut self, at: usize, side: usize) {
        let now = moment(self.now);
        if let Some(stream) = self.streams.get_mut(at) {
            stream.ends[side].close(now);
        }
    }

    fn bounce(&mut self, server: usize, pair: &Pair) {
        let queue = core::mem::take(&mut self.servers[server].queue);
        for (other, id) in queue {
            if other == *pair {
                self.outcome.bounced.insert(id);
            } else {
                self.servers[server].queue.push((other, id));
            }
        }
    }

    /// Asks to be let in for the pair, on a stream that is there. One that is being
    /// negotiated asks once it is established.
    fn asks(&mut self, server: usize, pair: &Pair) -> bool {
        let target = self.dns.get(pair.remote.as_str()).copied();
        for at in 0..self.streams.len() {
            let stream = &mut self.streams[at];
            let is_open = matches!(stream.ends[0].phase(), Phase::Negotiating | Phase::Established);
            if stream.owners[0] != server || Some(stream.owners[1]) != target || !is_open {
                continue;
            }
            match stream.ends[0].request(moment(self.now), pair) {
                Ok(()) if stream.ends[0].sends(pair) => {
                    self.flush((at, 0), pair);
                    return true;
                }
                Ok(()) | Err(PairError::NotEstablished) => return true,
                Err(_) => {}
            }
        }
        false
    }

    fn flush(&mut self, place: Place, pair: &Pair) {
        let stream = &mut self.streams[place.0];
        let server = stream.owners[place.1];
        if !stream.ends[place.1].is_managed() && place.1 == 1 {
            return;
        }
        let queue = core::mem::take(&mut self.servers[server].queue);
        for (other, id) in queue {
            let sent = other == *pair
                && stream.ends[place.1].send(pair.local.as_str(), pair.remote.as_str(), id);
            if !sent {
                self.servers[server].queue.push((other, id));
            }
        }
    }

    /// Has a claim judged by who DNS says is the authority.
    fn judge(&mut self, place: Place, query: ResultQuery) {
        let server = self.streams[place.0].owners[place.1];
        let authority = self.dns.get(query.pair().remote.as_str()).copied();
        let Some(authority) = authority else {
            let verdict = Verdict::Error(StanzaCondition::RemoteServerNotFound);
            self.streams[place.0].ends[place.1].answer_result(query, verdict);
            return;
        };
        let now = moment(self.now);
        let open = self.streams.iter().position(|stream| {
            stream.owners == [server, authority]
                && stream.ends[0].phase() == Phase::Established
                && !stream.closed[0]
        });
        if let Some(at) = open
            && at != place.0
            && let Ok(verification) = self.streams[at].ends[0].verify(now, query.claim())
        {
            self.streams[at].asked.insert(verification, (place, query));
            return;
        }
        let pair = query.pair().clone();
        if let Some(at) = self.dial(server, pair, Purpose::Verification) {
            self.streams[at].claims.push((place, query));
        }
    }

    fn seen(&mut self, place: Place, seen: Seen) {
        let (at, side) = place;
        let server = self.streams[at].owners[side];
        let now = moment(self.now);
        match seen {
            Seen::Established => {
                for (place, query) in core::mem::take(&mut self.streams[at].claims) {
                    if side == 0
                        && let Ok(verification) =
                            self.streams[at].ends[0].verify(now, query.claim())
                    {
                        self.streams[at].asked.insert(verification, (place, query));
                    } else {
                        self.streams[at].claims.push((place, query));
                    }
                }
                if side == 0 {
                    let waiting: BTreeSet<Pair> =
                        self.servers[server].queue.iter().map(|(pair, _)| pair.clone()).collect();
                    for pair in waiting {
                        let there = self.dns.get(pair.remote.as_str()).copied();
                        if there == Some(self.streams[at].owners[1]) {
                            let _ = self.streams[at].ends[0].request(now, &pair);
                        }
                    }
                }
            }
            Seen::Managed => {
                let waiting: BTreeSet<Pair> =
                    self.servers[server].queue.iter().map(|(pair, _)| pair.clone()).collect();
                for pair in waiting {
                    if self.streams[at].ends[side].sends(&pair) {
                        self.flush(place, &pair);
                    }
                }
            }
            Seen::Authorised(pair, Direction::Send) => self.flush(place, &pair),
            Seen::Authorised(..) => {}
            Seen::Refused(pair) => self.bounce(server, &pair),
            Seen::Claimed(query) => self.judge(place, query),
            Seen::Verified(verification, verdict) => {
                if let Some((place, query)) = self.streams[at].asked.remove(&verification) {
                    let end = &mut self.streams[place.0].ends[place.1];
                    end.answer_result(query, verdict.relayed());
                }
            }
            Seen::Asked(query) => {
                let honest = query.judge(&self.servers[server].config.dialback_secret);
                match self.servers[server].authority {
                    Authority::Honest => {
                        self.streams[at].ends[side].answer_verify(query, honest);
                    }
                    Authority::Late(ms) => self.late.push((self.now + ms, place, query, honest)),
                    Authority::Never => {}
                    Authority::Hijacked => {
                        self.streams[at].ends[side].answer_verify(query, Verdict::Valid);
                    }
                    Authority::Wrong => {
                        self.streams[at].ends[side].answer_verify(query, Verdict::Invalid);
                    }
                }
            }
            Seen::Stanza { from, to, id } => {
                let to = to.split('/').next().unwrap().to_owned();
                assert!(self.servers[server].domains.contains(&&*to), "misrouted {id} to {to}");
                let before = self.outcome.delivered.insert(id, (server, from));
                assert!(before.is_none(), "{id} came twice");
            }
            Seen::Closed => {
                self.streams[at].closed[side] = true;
                let handed_back = self.streams[at].ends[side].undelivered();
                self.outcome.bounced.extend(handed_back);
                if side == 0 {
                    let asked = core::mem::take(&mut self.streams[at].asked).into_values();
                    let claims = core::mem::take(&mut self.streams[at].claims);
                    for (place, query) in asked.chain(claims) {
                        let verdict = Verdict::Error(StanzaCondition::RemoteServerTimeout);
                        self.streams[place.0].ends[place.1].answer_result(query, verdict);
                    }
                    let waiting: BTreeSet<Pair> =
                        self.servers[server].queue.iter().map(|(pair, _)| pair.clone()).collect();
                    for pair in waiting {
                        if !self.asks(server, &pair) {
                            self.bounce(server, &pair);
                        }
                    }
                }
            }
        }
    }

    /// Does all that can be done at this moment. Says whether anything was.
    fn turn(&mut self) -> bool {
        let mut busy = false;
        let now = moment(self.now);
        while let Some(at) = self.late.iter().position(|late| late.0 <= self.now) {
            let (_, place, query, verdict) = self.late.swap_remove(at);
            self.streams[place.0].ends[place.1].answer_verify(query, verdict);
            busy = true;
        }
        let mut at = 0;
        while at < self.streams.len() {
            for side in 0..2 {
                let stream = &mut self.streams[at];
                let other = stream.owners[1 - side];
                let bytes = stream.pipes[1 - side].read(self.now, 1 << 16);
                if !bytes.is_empty() {
                    let n = stream.ends[side].receive(&bytes);
                    assert!(n == bytes.len() || stream.closed[side]);
                    busy = true;
                }
                if stream.pipes[1 - side].has_ended(self.now) && !stream.told_eof[side] {
                    stream.told_eof[side] = true;
                    stream.ends[side].eof(now);
                    busy = true;
                }
                let (owned, certificates) =
                    (self.servers[other].domains.clone(), self.certificates);
                let proves = |domain: &str| certificates && owned.contains(&domain);
                let seen = self.streams[at].ends[side].poll(now, &proves);
                busy |= !seen.is_empty();
                for seen in seen {
                    self.seen((at, side), seen);
                }
                let stream = &mut self.streams[at];
                let unsent = stream.ends[side].unsent().to_vec();
                let taken = stream.pipes[side].write(&unsent, self.now, &mut self.chance);
                stream.ends[side].sent(taken);
                busy |= taken > 0;
                if let Some(Loss::Reset) = stream.pipes[side].is_cut() {
                    for pipe in &mut stream.pipes {
                        pipe.reset(self.now, &mut self.chance);
                    }
                }
                if stream.closed[side] && stream.ends[side].unsent().is_empty() {
                    stream.pipes[side].close(self.now, &mut self.chance);
                }
            }
            at += 1;
        }
        busy
    }

    /// What happens next, after now.
    fn next(&self) -> Option<u64> {
        let late = self.late.iter().map(|late| late.0);
        let streams = self.streams.iter().flat_map(|stream| {
            (0..2).flat_map(move |side| {
                let deadline = stream.ends[side].deadline().filter(|_| !stream.closed[side]);
                let deadline = deadline
                    .map(|deadline| deadline.since_origin().as_nanos().div_ceil(1_000_000) as u64);
                let pipe = stream.pipes[side].next().filter(|at| *at > self.now);
                [deadline, pipe].into_iter().flatten()
            })
        });
        late.chain(streams).filter(|at| *at > self.now).min()
    }

    /// Until that moment.
    pub(crate) fn run_until(&mut self, end: u64) {
        loop {
            for round in 0.. {
                if !self.turn() {
                    break;
                }
                assert!(round < 10_000, "the world does not come to rest");
            }
            match self.next() {
                Some(next) if next <= end => self.now = next,
                _ => break,
            }
        }
        self.now = end;
    }

    /// Until everything that was sent is settled, or for that long.
    pub(crate) fn settle(&mut self, longest: u64) {
        let end = self.now + longest;
        while self.now < end && !self.is_settled() {
            let step = self.next().unwrap_or(end).clamp(self.now + 1, end);
            self.run_until(step);
        }
    }

    pub(crate) fn is_settled(&self) -> bool {
        let settled =
            |id| self.outcome.delivered.contains_key(id) || self.outcome.bounced.contains(id);
        self.outcome.sent.iter().all(settled)
    }

    /// No stanza is lost without notice, and none came from a domain that its sender does
    /// not have.
    pub(crate) fn check(&self, what: &str) {
        let lost: Vec<_> = self
            .outcome
            .sent
            .iter()
            .filter(|id| !self.outcome.delivered.contains_key(id))
            .filter(|id| !self.outcome.bounced.contains(id))
            .collect();
        assert!(lost.is_empty(), "{what}: lost {lost:?}, queues {:?}", self.queues());
    }

    fn queues(&self) -> Vec<usize> {
        self.servers.iter().map(|server| server.queue.len()).collect()
    }
}
