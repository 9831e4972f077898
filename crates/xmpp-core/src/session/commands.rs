//! What the application does with a session: sending, going offline and online.

use alloc::string::String;
use core::time::Duration;

use xmpp_jid::FullJid;
use xmpp_sasl::{ScramKeys, Secret};
use xmpp_stanza::{IqBuilder, StreamError};
use xmpp_xml::{ElementRef, WriteXml};

use super::link::{Order, Turn};
use super::queue::OfflineQueue;
use super::{Reason, Session, Stage};
use crate::error::{Misuse, SendError};
use crate::query::{KeysQuery, TaskChoice, TaskDataQuery, TaskQuery, TaskReply, UpgradeQuery};
use crate::requests::RequestId;
use crate::stream_management::Resumption;
use crate::time::Instant;
use crate::tls::TlsFacts;

impl Session {
    /// Sends a stanza: exactly one message, presence or iq. While offline it is kept for
    /// the next time online if the configuration has a
    /// [queue](super::SessionConfig::offline_queue) for it.
    ///
    /// # Errors
    ///
    /// While offline, without a queue: [`SendError::NotEstablished`]; with one that is
    /// full: [`SendError::QueueFull`]; once stopped: [`SendError::Closed`]. All else as
    /// [`Connection::send`](crate::Connection::send).
    pub fn send<S: WriteXml + ?Sized>(&mut self, stanza: &S) -> Result<(), SendError> {
        match &mut self.link {
            Some(link) if link.is_online() && queue_is_empty(&self.queue) => {
                link.client.send(stanza)
            }
            _ => self.keep(|w| stanza.write_xml(w)),
        }
    }

    /// Passes a received stanza on, with some of the attributes of its start tag set to
    /// other values or removed. While offline as [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn forward(
        &mut self,
        stanza: ElementRef<'_>,
        attrs: &[(&str, Option<&str>)],
    ) -> Result<(), SendError> {
        match &mut self.link {
            Some(link) if link.is_online() && queue_is_empty(&self.queue) => {
                link.client.forward(stanza, attrs)
            }
            _ => self.keep(|w| {
                w.forward(stanza, attrs);
            }),
        }
    }

    /// Sends another first-level element. It is not kept while offline: it belongs to
    /// the stream of the moment.
    ///
    /// # Errors
    ///
    /// As [`Connection::send_nonza`](crate::Connection::send_nonza).
    pub fn send_nonza<N: WriteXml + ?Sized>(&mut self, nonza: &N) -> Result<(), SendError> {
        match &mut self.link {
            Some(link) => link.client.send_nonza(nonza),
            None => Err(SendError::NotEstablished),
        }
    }

    /// Sends an iq request, with an `id` of the session's making. It is answered by
    /// [`SessionEvent::Answered`](super::SessionEvent::Answered), also over a resumption of
    /// the stream; or by [`SessionEvent::Unanswered`](super::SessionEvent::Unanswered) after
    /// `timeout`, or when the stream is gone for good. It is not kept while offline.
    ///
    /// # Errors
    ///
    /// While offline [`SendError::NotEstablished`]; else as
    /// [`Connection::request`](crate::Connection::request).
    pub fn request(
        &mut self,
        now: Instant,
        iq: IqBuilder,
        timeout: Duration,
    ) -> Result<RequestId, SendError> {
        self.now = self.now.max(now);
        match &mut self.link {
            Some(link) if link.is_online() => link.client.request(self.now, iq, timeout),
            _ if self.stage == Stage::Stopped => Err(SendError::Closed),
            _ => Err(SendError::NotEstablished),
        }
    }

    /// Does not wait for the answer to a request any longer. Says whether it waited: there
    /// will be no event about that request.
    pub fn give_up(&mut self, request: RequestId) -> bool {
        // That nobody answers may have been found out, and not been told yet.
        let before = self.out.len();
        self.out.retain(|out| !out.is_unanswered(request));
        let waited = self.link.as_mut().is_some_and(|link| link.client.give_up(request));
        waited || self.memory.requests.give_up(request) || self.out.len() < before
    }

    /// The request of the peer's that the last event was of will be answered later; see
    /// [`Connection::claim`](crate::Connection::claim).
    pub fn claim(&mut self) -> bool {
        self.link.as_mut().is_some_and(|link| link.client.claim())
    }

    fn keep(&mut self, write: impl FnOnce(&mut xmpp_xml::Writer<'_>)) -> Result<(), SendError> {
        let leaves = self.link.as_ref().is_some_and(|link| link.order == Some(Order::Stop));
        match &mut self.queue {
            _ if leaves || self.stage == Stage::Stopped => Err(SendError::Closed),
            Some(queue) => queue.push(write),
            None => Err(SendError::NotEstablished),
        }
    }

    /// Answers [`ClientEvent::KeysWanted`](crate::ClientEvent::KeysWanted). An answer to a
    /// question of an earlier connection has no effect.
    ///
    /// # Errors
    ///
    /// [`Misuse::WrongKeys`] if the keys are not those that were asked for.
    pub fn provide_keys(&mut self, query: KeysQuery, keys: ScramKeys) -> Result<(), Misuse> {
        match self.link.as_mut().map(|link| link.client.provide_keys(query, keys)) {
            None | Some(Ok(()) | Err(Misuse::StaleQuery)) => Ok(()),
            Some(Err(misuse)) => Err(misuse),
        }
    }

    /// Answers [`ClientEvent::UpgradeWanted`](crate::ClientEvent::UpgradeWanted). An answer
    /// to a question of an earlier connection has no effect.
    ///
    /// # Errors
    ///
    /// [`Misuse::WrongKeys`] if it is not what was asked for.
    pub fn provide_salted_password(
        &mut self,
        query: UpgradeQuery,
        salted_password: Secret,
    ) -> Result<(), Misuse> {
        let link = self.link.as_mut();
        match link.map(|link| link.client.provide_salted_password(query, salted_password)) {
            None | Some(Ok(()) | Err(Misuse::StaleQuery)) => Ok(()),
            Some(Err(misuse)) => Err(misuse),
        }
    }

    /// Answers [`ClientEvent::TaskWanted`](crate::ClientEvent::TaskWanted). An answer to a
    /// question of an earlier connection has no effect.
    ///
    /// # Errors
    ///
    /// [`Misuse::WrongTask`] if the task is not among those asked for.
    pub fn begin_task(&mut self, query: TaskQuery, choice: TaskChoice) -> Result<(), Misuse> {
        let link = self.link.as_mut();
        match link.map(|link| link.client.begin_task(query, choice)) {
            None | Some(Ok(()) | Err(Misuse::StaleQuery)) => Ok(()),
            Some(Err(misuse)) => Err(misuse),
        }
    }

    /// Answers [`ClientEvent::TaskDataReceived`](crate::ClientEvent::TaskDataReceived). An
    /// answer to a question of an earlier connection has no effect.
    pub fn reply_in_task(&mut self, query: TaskDataQuery, reply: TaskReply) {
        if let Some(link) = &mut self.link {
            // The one thing that can be wrong with it.
            let _stale = link.client.reply_in_task(query, reply);
        }
    }

    /// Goes offline, in order where there is a stream: closes it, with the stream error if
    /// there is one, and gives up whatever was being tried. How it ended is told by
    /// [`SessionEvent::Stopped`](super::SessionEvent::Stopped); poll until
    /// [`Closed`](super::SessionOutput::Closed).
    pub fn close(&mut self, now: Instant, why: Option<StreamError>) {
        self.now = self.now.max(now);
        self.redirect = None;
        self.abandon_round();
        if self.stage == Stage::Stopped {
            return;
        }
        match &mut self.link {
            Some(link) if !link.ended => {
                link.order = Some(Order::Stop);
                link.client.close(self.now, why);
            }
            // Nothing more comes of a stream that is over but its last bytes.
            _ => self.stop(Reason::Closed),
        }
    }

    /// Connects now: to be called when the network has changed, or a person is tired of
    /// waiting. A stream that is alive is given up without a closing handshake, since its
    /// transport may be dead; it is resumed on the new one if it can be. A session that
    /// has stopped begins again.
    pub fn reconnect_now(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.abandon_round();
        if let Some(link) = &mut self.link {
            if !link.ended {
                link.order = Some(Order::Replace);
                link.client.handle_broken_transport();
            }
            // What it brought is told; then its end.
            while let Some(link) = &mut self.link {
                match link.turn(self.now) {
                    Turn::Event(event) => self.take_event(*event),
                    _ => self.end_link(),
                }
            }
        }
        self.stage = Stage::Waiting(self.now);
    }

    /// Gives up what is on its way.
    fn abandon_round(&mut self) {
        if let Some(mut round) = self.round.take() {
            round.race.abandon(&mut self.out);
        }
    }

    /// What the stream can be resumed from, as of now: to be kept over the end of the
    /// program, for [`with_resumption`](Self::with_resumption) of the next one. See
    /// [`Connection::resumption`](crate::Connection::resumption).
    pub fn resumption(&self) -> Option<Resumption> {
        match &self.link {
            Some(link) => link.client.resumption(),
            None => self.memory.resumption.clone(),
        }
    }

    /// Begins with a stream that goes on from an earlier program's, before the first poll.
    ///
    /// # Errors
    ///
    /// [`Misuse::WrongResumption`] if it is of another account.
    pub fn with_resumption(mut self, resumption: Resumption) -> Result<Self, Misuse> {
        if resumption.jid().to_bare() != self.config.client.account {
            return Err(Misuse::WrongResumption);
        }
        self.memory.resumption = Some(resumption);
        Ok(self)
    }

    /// Whether stanzas flow.
    pub fn is_online(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.is_online())
    }

    /// Whether the session has stopped: only
    /// [`reconnect_now`](Self::reconnect_now) makes it go on.
    pub fn is_stopped(&self) -> bool {
        self.stage == Stage::Stopped
    }

    /// The client's address, once bound; of the stream that is alive.
    pub fn bound(&self) -> Option<&FullJid> {
        self.link.as_ref().and_then(|link| link.client.bound())
    }

    /// An id for a stanza, from the seed: 128 bits that nobody can guess.
    pub fn new_id(&mut self) -> String {
        const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let seed = self.random.seed();
        seed[..26].iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect()
    }

    /// What the TLS handshake of the stream that is alive proved.
    pub fn tls_facts(&self) -> Option<TlsFacts<'_>> {
        self.link.as_ref().and_then(|link| link.client.tls_facts())
    }

    /// Whether the server's closing tag came at the end of the last stream (RFC 6120
    /// section 4.4): it has then taken all that was sent before ours.
    pub const fn peer_closed_stream(&self) -> bool {
        self.peer_closed_stream
    }
}

/// What is sent goes behind what waits.
fn queue_is_empty(queue: &Option<OfflineQueue>) -> bool {
    queue.as_ref().is_none_or(OfflineQueue::is_empty)
}
