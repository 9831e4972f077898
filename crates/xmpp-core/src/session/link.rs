//! The one stream that is alive, and what its end leads to.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use xmpp_jid::FullJid;
use xmpp_xml::Element;

use super::config::{Redirects, Undelivered};
use super::discovery::{Host, Place};
use super::out::Out;
use super::output::{Attempt, AttemptId, SessionEvent, Target};
use super::queue;
use super::verdict::{Verdict, blames_us};
use super::{Reason, Redirect, Session};
use crate::config::TlsMode;
use crate::connection::Phase;
use crate::error::{Error, SendError};
use crate::event::{ClientEvent, Event};
use crate::packaged::{Client, Output};
use crate::role::ClientToServer;
use crate::time::{Deadline, Instant};
use crate::tls::TlsFacts;

/// A stream, on its transport.
pub(super) struct Link {
    pub(super) id: AttemptId,
    target: Target,
    pub(super) client: Client,
    online_since: Option<Instant>,
    authenticated: bool,
    /// The driver's words for the end of the transport.
    pub(super) broken: Option<String>,
    /// A WebSocket's server has named another URL.
    other_url: Option<String>,
    /// What the caller has ordered.
    pub(super) order: Option<Order>,
    /// Whether its end has been dealt with.
    pub(super) ended: bool,
}

/// Why a link is to end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The session is to stop.
    Stop,
    /// Another one is to take its place.
    Replace,
}

/// What a link has come to.
pub(super) enum Turn {
    Event(Box<Event<'static, ClientToServer>>),
    Transmit,
    Wait(Option<Deadline>),
    Shutdown,
    Over,
}

impl Link {
    pub(super) fn turn(&mut self, now: Instant) -> Turn {
        match self.client.poll(now) {
            Ok(Output::Event(event)) => Turn::Event(Box::new(event)),
            Ok(Output::Transmit(_)) => Turn::Transmit,
            Ok(Output::Wait(deadline)) => Turn::Wait(deadline),
            Ok(Output::Shutdown) => Turn::Shutdown,
            // How it ended has been told by an event.
            Ok(Output::Closed) | Err(_) => Turn::Over,
        }
    }

    pub(super) fn is_online(&self) -> bool {
        self.client.phase() == Phase::Established
    }
}

impl Session {
    /// A transport is there: the stream begins.
    pub(super) fn begin_link(&mut self, id: AttemptId, facts: TlsFacts<'_>) {
        // Nobody wins beside a stream that there is: whoever won before has ended the other
        // attempts, and none is made until the stream is gone.
        let won = self.round.as_mut().and_then(|round| round.race.win(id, &mut self.out));
        // One that is not waited for any more.
        let Some(Attempt { target, .. }) = won else {
            self.out.push_back(Out::CloseTransport(id));
            return;
        };
        let plaintext = self.config.client.tls == TlsMode::DangerousPlaintext;
        let tls = match &target {
            _ if plaintext => TlsMode::DangerousPlaintext,
            Target::Tcp { tls, .. } => *tls,
            Target::WebSocket { .. } => TlsMode::Direct,
        };
        let config = Arc::new(self.memory.client_config(&self.config, tls));
        let (now, seed) = (self.now, self.random.seed());
        let client = match (&target, &self.tls) {
            (Target::WebSocket { .. }, _) if plaintext => {
                Ok(Client::connect_websocket_dangerous_plaintext(config, now, seed))
            }
            (Target::WebSocket { .. }, _) => {
                Ok(Client::connect_websocket(config, facts, now, seed))
            }
            (Target::Tcp { .. }, Some(initiator)) => {
                Client::connect(config, Arc::clone(initiator), now, seed)
            }
            (Target::Tcp { .. }, None) => {
                Ok(Client::connect_dangerous_plaintext(config, now, seed))
            }
        };
        match client {
            Ok(mut client) => {
                if let Some(resumption) = self.memory.resumption.take() {
                    client.go_on_from(resumption);
                }
                self.memory.tls = tls;
                self.peer_closed_stream = false;
                self.link = Some(Box::new(Link {
                    id,
                    target,
                    client,
                    online_since: None,
                    authenticated: false,
                    broken: None,
                    other_url: None,
                    order: None,
                    ended: false,
                }));
            }
            Err(error) => {
                self.out.push_back(Out::CloseTransport(id));
                self.fail_place(target, &Verdict::of(&error), Reason::Stream(error));
            }
        }
    }

    /// What the stream has to tell.
    pub(super) fn take_event(&mut self, event: Event<'static, ClientToServer>) {
        let event = match event {
            Event::Established { jid, resumed } => return self.come_online(jid, resumed),
            Event::Closed { error } => return self.take_end(error),
            Event::SeeOtherUri { uri } => {
                if let Some(link) = &mut self.link {
                    link.other_url = Some(uri);
                }
                return;
            }
            Event::HeaderReceived(header) => SessionEvent::HeaderReceived(header),
            Event::TlsEstablished => SessionEvent::TlsEstablished,
            Event::Stanza(stanza) => SessionEvent::Stanza(stanza),
            Event::Nonza(nonza) => SessionEvent::Nonza(nonza),
            Event::Answered { request, answer } => SessionEvent::Answered { request, answer },
            Event::Unanswered { request } => SessionEvent::Unanswered { request },
            Event::Role(event) => {
                match &event {
                    ClientEvent::Authenticated { proof, token, .. } => {
                        self.memory.authenticated(proof, token.as_ref());
                        if let Some(link) = &mut self.link {
                            link.authenticated = true;
                        }
                    }
                    ClientEvent::AuthenticationFailed { mechanism, failure } => {
                        self.memory.not_authenticated(*mechanism, failure);
                    }
                    ClientEvent::ResumptionFailed { .. } => self.take_undelivered(false),
                    _ => {}
                }
                SessionEvent::Client(event)
            }
            // The packaged tier does it by itself.
            Event::StartTls => return,
        };
        self.tell(event);
    }

    fn come_online(&mut self, jid: FullJid, resumed: bool) {
        // Nothing of the round is of use any more: after a loss, names are looked up anew.
        self.round = None;
        self.redirects = 0;
        self.memory.resource_is_taken = false;
        if let Some(link) = &mut self.link {
            link.online_since = Some(self.now);
        }
        if !resumed {
            self.give_requests_up();
        }
        if let Some(link) = &mut self.link {
            // Also if none is left: numbers of requests are not used twice.
            link.client.adopt_requests(core::mem::take(&mut self.memory.requests));
        }
        self.tell(SessionEvent::Online { jid, resumed });
        self.resend();
    }

    /// Nobody will answer what was asked on a stream that is gone for good.
    pub(super) fn give_requests_up(&mut self) {
        let waiting: Vec<_> = self.memory.requests.iter().collect();
        for request in waiting {
            self.memory.requests.give_up(request);
            self.tell(SessionEvent::Unanswered { request });
        }
    }

    /// What the stream before did not deliver goes out again, before anything else.
    fn resend(&mut self) {
        let Some(link) = &mut self.link else { return };
        let mut refused = core::mem::take(&mut self.memory.resend);
        refused.retain(|stanza| link.client.send(stanza).is_err());
        self.hand_back(refused);
    }

    /// What was sent while offline goes out, as far as there is room for it. Says whether
    /// any of it did, or will not.
    pub(super) fn flush_queue(&mut self) -> bool {
        let (Some(link), Some(queue)) = (&mut self.link, &mut self.queue) else { return false };
        if queue.is_empty() || !link.is_online() {
            return false;
        }
        let before = queue.len();
        let mut refused = Vec::new();
        while let Some(stanza) = queue.pop() {
            let Some(element) = queue::read(&stanza) else { continue };
            match link.client.send(&element) {
                Ok(()) => {}
                Err(SendError::QueueFull { .. }) => {
                    queue.put_back(stanza);
                    break;
                }
                // This server may take less than was thought.
                Err(_) => refused.push(element),
            }
        }
        let moved = queue.len() < before;
        self.hand_back(refused);
        moved
    }

    /// What a stream that is gone for good did not deliver.
    fn take_undelivered(&mut self, blamed: bool) {
        let Some(link) = &mut self.link else { return };
        let mut stanzas: Vec<Element> = link.client.take_unacknowledged().elements().collect();
        if self.config.undelivered == Undelivered::ResendMessages && !blamed {
            let (messages, others) =
                stanzas.into_iter().partition(|stanza| stanza.name() == "message");
            self.memory.resend.extend::<Vec<_>>(messages);
            stanzas = others;
        }
        self.hand_back(stanzas);
    }

    /// The stream has ended; what the server is owed still goes out.
    fn take_end(&mut self, error: Option<Error>) {
        let Some(link) = &mut self.link else { return };
        link.ended = true;
        self.peer_closed_stream = link.client.peer_closed_stream();
        self.memory.resumption = link.client.take_resumption();
        if link.online_since.is_some() {
            self.memory.requests = link.client.take_requests();
        }
        let blamed = matches!(
            &error,
            Some(Error::StreamError(error)) if blames_us(error.condition)
        );
        self.take_undelivered(blamed);
        let Some(link) = &mut self.link else { return };
        match link.order {
            Some(Order::Stop) => {
                // Our own words are no news.
                let error = error.filter(|error| !matches!(error, Error::Closed(_)));
                return self.stop(error.map_or(Reason::Closed, Reason::Stream));
            }
            Some(Order::Replace) => return self.go_offline(Reason::Reconnecting, self.now),
            None => {}
        }
        let verdict = match (&error, link.other_url.take()) {
            (_, Some(url)) => return self.follow(Redirect::WebSocket(url), error),
            (Some(error), None) => Verdict::of(error),
            (None, None) => Verdict::Retry,
        };
        let reason = match (error, link.broken.take()) {
            (Some(Error::UncleanEof), Some(words)) => Reason::Transport(words),
            (Some(error), _) => Reason::Stream(error),
            (None, _) => Reason::ClosedByServer,
        };
        if is_taken(&reason) {
            self.memory.resource_is_taken = true;
        }
        if let Verdict::Follow(other) = verdict {
            let redirect = match (other.port, other.host.host()) {
                (None, xmpp_jid::Host::Name(_)) => Redirect::Domain(other.host),
                (port, _) => {
                    let tls = match &link.target {
                        Target::Tcp { tls, .. } => *tls,
                        Target::WebSocket { .. } => TlsMode::StartTls,
                    };
                    let port = port.unwrap_or_else(|| Place::default_port(tls));
                    Redirect::Place(Place::new(Host::of_domain(other.host.as_ref()), port, tls))
                }
            };
            return self.follow(redirect, reason.error().cloned());
        }
        match link.online_since {
            Some(since) => {
                if self.now.saturating_since(since) >= self.config.backoff.stable {
                    self.failures = 0;
                }
                self.failures = self.failures.saturating_add(1);
                self.conclude(&verdict, reason);
            }
            // Another place may be better; not where the server knows who we are.
            None if !link.authenticated && is_of_the_place(&reason) => {
                let target = link.target.clone();
                self.fail_place(target, &verdict, reason);
            }
            None => {
                self.round = None;
                self.failures = self.failures.saturating_add(1);
                self.conclude(&verdict, reason);
            }
        }
    }

    /// One place is of no use; the others are tried.
    fn fail_place(&mut self, target: Target, verdict: &Verdict, why: Reason) {
        if let Some(round) = &mut self.round {
            round.remember(verdict.clone(), why.clone());
        }
        self.tell(SessionEvent::AttemptFailed { target, why });
    }

    /// Connects to where the server says, if that is allowed.
    fn follow(&mut self, redirect: Redirect, error: Option<Error>) {
        let protected = self.config.client.tls == TlsMode::DangerousPlaintext
            || self.link.as_ref().is_some_and(|link| {
                matches!(link.target, Target::WebSocket { .. }) || link.client.tls_facts().is_some()
            });
        let allowed = match self.config.redirects {
            Redirects::Never => false,
            Redirects::Protected => protected,
            Redirects::Always => true,
        };
        self.round = None;
        let why = error.map_or(Reason::ClosedByServer, Reason::Stream);
        if allowed && self.redirects < self.config.max_redirects {
            self.redirects += 1;
            self.redirect = Some(redirect);
            return self.go_offline(why, self.now);
        }
        self.failures = self.failures.saturating_add(1);
        let why = if allowed { Reason::TooManyRedirects } else { why };
        self.redirects = 0;
        self.conclude(&Verdict::RetryLater, why);
    }

    /// All is said on both sides of the stream, or the time for that is over. What
    /// comes next was decided when it ended: the round, if there is one, goes on.
    pub(super) fn end_link(&mut self) {
        if let Some(link) = self.link.take() {
            self.out.push_back(Out::CloseTransport(link.id));
        }
    }
}

/// Whether the resource that was asked for belongs to another client.
fn is_taken(reason: &Reason) -> bool {
    use xmpp_stanza::{StanzaCondition, StreamCondition};
    match reason {
        Reason::Stream(Error::StreamError(error)) => error.condition == StreamCondition::Conflict,
        Reason::Stream(Error::BindRefused(error)) => error.condition == StanzaCondition::Conflict,
        _ => false,
    }
}

/// Whether an end before authentication says something of the place alone, so that
/// another place of the same domain may be better.
const fn is_of_the_place(reason: &Reason) -> bool {
    !matches!(
        reason,
        Reason::Stream(
            Error::NotAuthenticated(_) | Error::ServerNotAuthenticated(_) | Error::Closed(_)
        )
    )
}
