//! A client that stays online: above [`Client`], over many connections, and sans-IO
//! like it.
//!
//! A [`Session`] knows where to connect to and when (RFC 6120 sections 3.2 and 3.3,
//! XEP-0368, XEP-0156, RFC 8305), what to authenticate with, and what to do about
//! errors: retry, wait, follow, stop. Each question to the world is an output, each
//! answer a call. It opens no socket, asks no DNS, reads no clock.
//!
//! # The loop
//!
//! [`Session::poll`] says what to do next; it never fails, since a failure is something
//! to tell:
//!
//! | output | what a driver does |
//! |---|---|
//! | [`Event`](SessionOutput::Event) | looks at it |
//! | [`LookUp`](SessionOutput::LookUp) | asks DNS (or the web), and answers now or later |
//! | [`Connect`](SessionOutput::Connect) | opens a transport, and says what came of it |
//! | [`Transmit`](SessionOutput::Transmit) | sends some of the bytes, and says how many |
//! | [`Shutdown`](SessionOutput::Shutdown) | ends the transport's writing side |
//! | [`CloseTransport`](SessionOutput::CloseTransport) | closes the transport, opened or not |
//! | [`Wait`](SessionOutput::Wait) | waits for any of those, at most until the deadline |
//! | [`Closed`](SessionOutput::Closed) | leaves the loop |
//!
//! A transport has a number. What is said of one that is not the session's any more has
//! no effect, so that a driver need not order what happens at once.
//!
//! ```no_run
//! use core::time::Duration;
//! use std::net::{Shutdown, TcpStream, ToSocketAddrs};
//! use std::sync::Arc;
//! use std::thread;
//!
//! use xmpp_core::session::discovery::{Family, LookupFailed};
//! use xmpp_core::session::{Lookup, Session, SessionConfig, SessionEvent, SessionOutput, Target};
//! use xmpp_core::stanza::{Presence, PresenceType};
//! use xmpp_core::time::Clock;
//!
//! # fn example(
//! #     config: SessionConfig,
//! #     tls: Arc<dyn xmpp_core::tls::TlsInitiator>,
//! #     seed: [u8; 32],
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let clock = Clock::start();
//! let mut session = Session::new(config, tls, clock.now(), seed);
//! let mut open: Option<TcpStream> = None;
//! loop {
//!     match session.poll(clock.now()) {
//!         SessionOutput::Event(SessionEvent::Online { jid, resumed }) => {
//!             println!("I am {jid}");
//!             if !resumed {
//!                 session.send(&Presence::builder(PresenceType::Available))?;
//!             }
//!         }
//!         SessionOutput::Event(event) => println!("{event:?}"),
//!         SessionOutput::LookUp(Lookup::Srv(query)) => {
//!             // `std` knows no SRV records: the domain itself is tried.
//!             session.provide_srv(query, Err(LookupFailed::new("no resolver")));
//!         }
//!         SessionOutput::LookUp(Lookup::Addresses(query)) => {
//!             let found = (query.name(), 0).to_socket_addrs().map(|found| {
//!                 let ips = found.map(|address| address.ip());
//!                 ips.filter(|ip| Family::of(*ip) == query.family()).collect()
//!             });
//!             session.provide_addresses(query, found.map_err(LookupFailed::new));
//!         }
//!         SessionOutput::LookUp(Lookup::HostMeta(_)) => {} // Not asked for by default.
//!         SessionOutput::Connect(attempt) => {
//!             let Target::Tcp { address, .. } = attempt.target else { continue };
//!             match TcpStream::connect_timeout(&address, Duration::from_secs(5)) {
//!                 Ok(socket) => {
//!                     open = Some(socket);
//!                     session.connected(clock.now(), attempt.id);
//!                 }
//!                 Err(error) => session.connect_failed(attempt.id, &error),
//!             }
//!         }
//!         SessionOutput::Transmit(id, _) => match &mut open {
//!             Some(socket) => session.write_to(id, socket),
//!             None => session.handle_eof(id),
//!         },
//!         SessionOutput::Wait(deadline) => {
//!             let wait = deadline.map(|deadline| deadline.after(clock.now()));
//!             match (session.transport(), &mut open) {
//!                 (Some(id), Some(socket)) => {
//!                     socket.set_read_timeout(wait)?;
//!                     session.read_from(id, socket);
//!                 }
//!                 _ => thread::sleep(wait.unwrap_or(Duration::from_secs(1))),
//!             }
//!         }
//!         SessionOutput::Shutdown(_) => {
//!             open.as_ref().map(|socket| socket.shutdown(Shutdown::Write)).transpose()?;
//!         }
//!         SessionOutput::CloseTransport(_) => open = None,
//!         SessionOutput::Closed => break,
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What the machine keeps, so that no driver has to
//!
//! - Several transports may be on their way at once; at most one stream lives.
//! - Nothing is asked or tried without end: a round has a bounded number of questions and
//!   attempts, each of them a deadline, and between rounds there is a wait.
//! - A wrong password is tried once, not once a minute; a session that another client of
//!   the account has replaced (`conflict`) does not fight back; a certificate that is
//!   wrong is not asked for again ([`Verdict`] is the whole table).
//! - A redirection is followed a few times in a row, never to less TLS, and the
//!   certificate is that of the account's domain wherever the transport leads.
//! - What was used to authenticate before is the least for the next time.

mod backoff;
mod commands;
mod config;
pub mod discovery;
mod driving;
mod link;
mod memory;
pub(crate) mod out;
mod output;
pub(crate) mod questions;
mod queue;
pub(crate) mod race;
pub(crate) mod random;
mod reason;
mod round;
mod verdict;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use xmpp_xml::Element;

pub use self::backoff::Backoff;
pub use self::config::{
    Destination, Methods, QueueLimits, Redirects, SessionConfig, Timing, Undelivered,
};
use self::link::{Link, Turn};
use self::memory::Memory;
use self::out::{Numbers, Out};
pub use self::output::{
    AddressQuery, Attempt, AttemptId, HostMetaQuery, Lookup, SessionEvent, SessionOutput, SrvQuery,
    Target,
};
use self::queue::OfflineQueue;
use self::random::Random;
pub use self::reason::Reason;
use self::round::{Progress, Round};
pub use self::verdict::Verdict;
#[cfg(doc)]
use crate::Client;
use crate::config::TlsMode;
use crate::time::{Deadline, Instant, TimerReason};
use crate::tls::TlsInitiator;

/// A client that stays online. See the [module's documentation](self).
pub struct Session {
    config: SessionConfig,
    /// `None` if there never is TLS.
    tls: Option<Arc<dyn TlsInitiator>>,
    random: Random,
    numbers: Numbers,
    /// The latest moment that a call brought.
    now: Instant,
    out: VecDeque<Out>,
    stage: Stage,
    /// What is being tried, and what is left of it while a link is negotiating.
    round: Option<Box<Round>>,
    link: Option<Box<Link>>,
    memory: Memory,
    queue: Option<OfflineQueue>,
    /// Tries that failed since the last time that was stable.
    failures: u32,
    /// Redirections since the last time online.
    redirects: u8,
    /// Where the next round goes instead.
    redirect: Option<Redirect>,
    peer_closed_stream: bool,
}

/// What a session does while no link of its is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Stopped,
    /// A round begins then.
    Waiting(Instant),
    /// A round is on.
    Trying,
}

/// Where a server has sent us.
enum Redirect {
    /// To a place.
    Place(discovery::Place),
    /// To where this domain is.
    Domain(xmpp_jid::Domainpart),
    WebSocket(alloc::string::String),
}

impl Session {
    /// Begins: the first poll says what to do to come online. `tls` is used for every
    /// connection, so that TLS sessions are resumed by whatever it keeps of them
    /// (`6120-3.3-03`). `seed` is 32 bytes from the system's random generator, never used
    /// twice: the waits, the order of places, and the seeds of the connections come from
    /// it.
    pub fn new(
        config: SessionConfig,
        tls: Arc<dyn TlsInitiator>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        Self::with(config, Some(tls), now, seed)
    }

    /// Begins a session whose connections have no TLS, whatever the configuration says:
    /// for tests, and for transports that are protected otherwise.
    pub fn new_dangerous_plaintext(
        mut config: SessionConfig,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        config.client.tls = TlsMode::DangerousPlaintext;
        Self::with(config, None, now, seed)
    }

    fn with(
        config: SessionConfig,
        tls: Option<Arc<dyn TlsInitiator>>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let largest = config.client.limits.send;
        let queue = config.offline_queue.map(|limits| OfflineQueue::new(limits, largest));
        Self {
            config,
            tls,
            random: Random::new(seed),
            numbers: Numbers::default(),
            now,
            out: VecDeque::new(),
            stage: Stage::Waiting(now),
            round: None,
            link: None,
            memory: Memory::default(),
            queue,
            failures: 0,
            redirects: 0,
            redirect: None,
            peer_closed_stream: false,
        }
    }

    /// What to do next: what there is to tell, to ask, to connect and to send, and at
    /// last until when to wait. Calls with nothing new to say are harmless. Time goes
    /// forward only: an earlier moment than the last counts as the last.
    pub fn poll(&mut self, now: Instant) -> SessionOutput<'_> {
        self.now = self.now.max(now);
        loop {
            if let Some(out) = self.out.pop_front() {
                return out.into();
            }
            self.flush_queue();
            if let Some(link) = &mut self.link {
                match link.turn(self.now) {
                    Turn::Event(event) => self.take_event(*event),
                    Turn::Shutdown => return SessionOutput::Shutdown(link.id),
                    Turn::Over => self.end_link(),
                    // What came may have made room.
                    Turn::Wait(_) if self.flush_queue() => {}
                    Turn::Wait(deadline) => return SessionOutput::Wait(deadline),
                    Turn::Transmit => break,
                }
                continue;
            }
            match self.stage {
                Stage::Stopped => return SessionOutput::Closed,
                Stage::Waiting(at) if at > self.now => {
                    let reason = TimerReason::Reconnect;
                    return SessionOutput::Wait(Some(Deadline { at, reason }));
                }
                Stage::Waiting(_) => self.begin_round(),
                Stage::Trying => {
                    if let Some(deadline) = self.advance_round() {
                        // What is to be done about it comes first.
                        if self.out.is_empty() {
                            return SessionOutput::Wait(deadline);
                        }
                    }
                }
            }
        }
        match &self.link {
            Some(link) => SessionOutput::Transmit(link.id, link.client.transmit()),
            None => SessionOutput::Wait(None),
        }
    }

    /// When to poll at the latest, and what for: for a driver that waits for room to send.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        self.link.as_ref().and_then(|link| link.client.poll_timeout())
    }

    /// One round through all places begins.
    fn begin_round(&mut self) {
        let plaintext = self.config.client.tls == TlsMode::DangerousPlaintext;
        let redirected = self.redirect.is_some();
        let own = || self.config.client.account.domainpart().into_owned();
        let (domain, destination) = match self.redirect.take() {
            None => (own(), self.config.destination.clone()),
            Some(Redirect::Place(place)) => (own(), Destination::Place(place)),
            Some(Redirect::Domain(domain)) => (domain, Destination::Domain),
            Some(Redirect::WebSocket(url)) => (own(), Destination::WebSocket(url)),
        };
        let methods = self.config.methods;
        let first = self.memory.location().filter(|_| !redirected);
        let round = Round::new(domain, &destination, methods, plaintext, redirected, first);
        self.round = Some(Box::new(round));
        self.stage = Stage::Trying;
    }

    /// Goes on with the round. `None`: something else is to be done.
    fn advance_round(&mut self) -> Option<Option<Deadline>> {
        let Some(round) = &mut self.round else {
            self.stage = Stage::Waiting(self.now);
            return None;
        };
        let (timing, numbers) = (&self.config.timing, &mut self.numbers);
        match round.advance(self.now, timing, numbers, &mut self.random, &mut self.out) {
            Progress::Waits(deadline) => Some(deadline),
            Progress::Over => {
                if let Some(round) = self.round.take() {
                    let (verdict, reason) = round.outcome();
                    self.failures = self.failures.saturating_add(1);
                    self.conclude(&verdict, reason);
                }
                None
            }
        }
    }

    /// A try has come to nothing, or to an end: waits for the next one, or stops.
    fn conclude(&mut self, verdict: &Verdict, why: Reason) {
        let wait = match verdict {
            _ if !self.config.reconnect => None,
            Verdict::Stop => None,
            Verdict::RetryLater => Some(self.config.backoff.long_wait(&mut self.random)),
            _ => Some(self.config.backoff.wait(self.failures, &mut self.random)),
        };
        match wait {
            Some(wait) => self.go_offline(why, self.now.saturating_add(wait)),
            None => self.stop(why),
        }
    }

    fn go_offline(&mut self, why: Reason, retry_at: Instant) {
        self.stage = Stage::Waiting(retry_at);
        self.tell(SessionEvent::Offline { why, retry_at });
    }

    fn stop(&mut self, why: Reason) {
        self.stage = Stage::Stopped;
        self.give_requests_up();
        self.hand_back_all();
        self.tell(SessionEvent::Stopped { why });
    }

    /// What is kept is not going to be sent any more.
    fn hand_back_all(&mut self) {
        let mut kept = core::mem::take(&mut self.memory.resend);
        if let Some(resumption) = self.memory.resumption.take() {
            kept.extend(resumption.into_unacknowledged().elements());
        }
        kept.extend(self.queue.as_mut().map(OfflineQueue::drain).unwrap_or_default());
        self.hand_back(kept);
    }

    fn hand_back(&mut self, stanzas: Vec<Element>) {
        if !stanzas.is_empty() {
            self.tell(SessionEvent::HandedBack(stanzas));
        }
    }

    fn tell(&mut self, event: SessionEvent) {
        self.out.push_back(Out::Event(event));
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("stage", &self.stage)
            .field("link", &self.link.as_ref().map(|link| &link.client))
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}
