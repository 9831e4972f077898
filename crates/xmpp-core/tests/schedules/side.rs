//! One end, with an application that sends numbered stanzas, asks and answers.

use core::time::Duration;
use std::collections::BTreeMap;

use xmpp_core::role::Role;
use xmpp_core::stanza::{Iq, IqContent, Message, MessageType, StanzaRef};
use xmpp_core::time::Instant;
use xmpp_core::xml::{Element, Ns};
use xmpp_core::{Endpoint, Event, Output, Phase, Received, RequestId};

use super::pipe::{Chance, Pipe};

const ASK: Ns<'static> = Ns::new("urn:example:ask");
const TIMEOUT: u64 = 9_000;

/// What a role has of its own: the answers to its queries.
pub(crate) trait End: Role {
    type Asked;

    /// The query in an event of the role.
    fn asked(event: Self::Event<'static>) -> Option<Self::Asked>;

    fn answer(endpoint: &mut Endpoint<Self>, asked: Self::Asked);
}

pub(crate) struct Side<R: End> {
    pub(crate) name: &'static str,
    pub(crate) endpoint: Endpoint<R>,
    /// How far its clock is ahead of the world's.
    ahead: u64,
    asked: Vec<(u64, R::Asked)>,
    /// Requests of the other end that are to be answered later.
    claimed: Vec<(u64, Received<'static>)>,
    /// Stanzas sent and received, by number.
    pub(crate) sent: u64,
    pub(crate) received: u64,
    /// Requests of ours: when they end, and what they ask.
    waiting: BTreeMap<RequestId, (u64, u64)>,
    pub(crate) answered: u64,
    pub(crate) unanswered: u64,
    questions: u64,
    pub(crate) established: bool,
    closed: bool,
    /// When it was first seen closing or closed, by its own clock.
    ending: Option<u64>,
    blocked: bool,
    eof: bool,
    pub(crate) done: bool,
}

impl<R: End> Side<R> {
    pub(crate) fn new(name: &'static str, endpoint: Endpoint<R>) -> Self {
        Self {
            name,
            endpoint,
            ahead: 0,
            asked: Vec::new(),
            claimed: Vec::new(),
            sent: 0,
            received: 0,
            waiting: BTreeMap::new(),
            answered: 0,
            unanswered: 0,
            questions: 0,
            established: false,
            closed: false,
            ending: None,
            blocked: false,
            eof: false,
            done: false,
        }
    }

    fn local(&self, now: u64) -> Instant {
        Instant::from_origin(Duration::from_millis(now + self.ahead))
    }

    /// Does what can be done now. Says whether there was anything.
    pub(crate) fn step(
        &mut self,
        now: u64,
        from: &mut Pipe,
        to: &mut Pipe,
        chance: &mut Chance,
    ) -> bool {
        if self.done {
            return false;
        }
        let mut moved = self.read(now, from, chance);
        moved |= self.answer(now, chance);
        self.blocked = false;
        let local = self.local(now);
        match self.endpoint.poll(local) {
            Ok(Output::Event(event)) => {
                self.event(now, event, chance);
                moved = true;
            }
            Ok(Output::Transmit(bytes)) => {
                let taken = to.write(bytes, now, chance);
                self.endpoint.transmitted(taken);
                self.blocked = taken == 0;
                moved |= taken > 0;
            }
            Ok(Output::Shutdown) => {
                to.close(now, chance);
                moved = true;
            }
            Ok(Output::Wait(deadline)) => {
                assert!(
                    deadline.is_none_or(|deadline| deadline.at > local),
                    "{deadline:?} {local:?}"
                );
            }
            Ok(Output::Closed) | Err(_) => {
                assert!(self.closed, "{}: the end was not told", self.name);
                self.done = true;
                to.close(now, chance);
                return true;
            }
        }
        self.check(now);
        moved
    }

    fn read(&mut self, now: u64, from: &mut Pipe, chance: &mut Chance) -> bool {
        if let Some(room) = self.endpoint.recv_buf() {
            let most = if chance.one_in(3) { 1 + chance.below(30) } else { 4096 };
            let most = room.len().min(usize::try_from(most).unwrap_or(4096));
            let bytes = from.read(now, most);
            if !bytes.is_empty() {
                room[..bytes.len()].copy_from_slice(&bytes);
                self.endpoint.handle_read(bytes.len());
                return true;
            }
        }
        if !self.eof && from.has_ended(now) {
            self.eof = true;
            self.endpoint.handle_eof();
            return true;
        }
        false
    }

    /// What was asked some time ago, in any order.
    fn answer(&mut self, now: u64, chance: &mut Chance) -> bool {
        if let Some(at) = self.asked.iter().position(|(due, _)| *due <= now) {
            let (_, asked) = self.asked.swap_remove(at);
            R::answer(&mut self.endpoint, asked);
            return true;
        }
        let due: Vec<_> = (0..self.claimed.len()).filter(|at| self.claimed[*at].0 <= now).collect();
        if due.is_empty() {
            return false;
        }
        let at = due[usize::try_from(chance.below(due.len() as u64)).unwrap_or(0)];
        let (_, request) = self.claimed.swap_remove(at);
        if let Some(stanza) = request.stanza() {
            self.reply(stanza);
        }
        true
    }

    /// The question itself is the answer.
    fn reply(&mut self, stanza: StanzaRef<'_>) {
        let Some(payload) = stanza.first_payload() else { return };
        if let Some(result) = stanza.result(payload.into_shared()) {
            // In vain if the stream is closed meanwhile.
            let _ = self.endpoint.send(&result);
        }
    }

    fn event(&mut self, now: u64, event: Event<'static, R>, chance: &mut Chance) {
        assert!(!self.closed, "{}: {event:?} behind the end", self.name);
        match event {
            Event::Established { .. } => self.established = true,
            Event::Stanza(received) => self.stanza(now, received, chance),
            Event::Answered { request, answer } => {
                let (_, question) = self.waiting.remove(&request).expect("answered once");
                let iq = Iq::parse(answer.element()).unwrap();
                match iq.content() {
                    IqContent::Result(Some(payload)) => {
                        assert_eq!(payload.text(), question.to_string());
                    }
                    IqContent::Error { .. } => {}
                    other => panic!("{other:?}"),
                }
                self.answered += 1;
            }
            Event::Unanswered { request } => {
                let (deadline, _) = self.waiting.remove(&request).expect("ended once");
                assert!(deadline <= now + self.ahead, "{}: too early", self.name);
                self.unanswered += 1;
            }
            Event::Closed { .. } => self.closed = true,
            Event::Role(event) => {
                if let Some(asked) = R::asked(event) {
                    // Now and then an answer never comes.
                    let due = if chance.one_in(60) { u64::MAX } else { now + chance.below(1500) };
                    self.asked.push((due, asked));
                }
            }
            _ => {}
        }
    }

    fn stanza(&mut self, now: u64, received: Received<'static>, chance: &mut Chance) {
        let Some(stanza) = received.stanza() else { panic!("no stanza: {received:?}") };
        if stanza.is_request() {
            match chance.below(4) {
                0 => self.reply(stanza),
                // Nobody answers: a client's end does by itself.
                1 => {}
                _ => {
                    self.endpoint.claim();
                    self.claimed.push((now + chance.below(4000), received));
                }
            }
        } else if stanza.kind().as_str() == "message" {
            let number: u64 = stanza.id().unwrap().parse().unwrap();
            assert_eq!(number, self.received + 1, "{}: lost, twice or out of order", self.name);
            self.received = number;
        }
    }

    pub(crate) fn send(&mut self, chance: &mut Chance) {
        let body = "x".repeat(usize::try_from(chance.below(200)).unwrap_or(0));
        let message = Message::builder(MessageType::Chat)
            .with_id((self.sent + 1).to_string())
            .with_body(body);
        let sent = self.endpoint.send(&message).is_ok();
        assert_eq!(sent, self.established && self.endpoint.phase() == Phase::Established);
        self.sent += u64::from(sent);
    }

    pub(crate) fn ask(&mut self, now: u64) {
        self.questions += 1;
        let question =
            Element::builder(ASK, "q").text(&self.questions.to_string()).build().unwrap();
        let timeout = Duration::from_millis(TIMEOUT);
        let local = self.local(now);
        if let Ok(request) = self.endpoint.request(local, Iq::get("", &question), timeout) {
            let deadline = now + self.ahead + TIMEOUT;
            assert!(self.waiting.insert(request, (deadline, self.questions)).is_none());
        }
    }

    /// Its clock goes on at once. What has waited for that long has waited long enough,
    /// and what comes of it takes its time from there on.
    pub(crate) fn jump(&mut self, by: u64) {
        self.ahead += by;
        self.ending = None;
    }

    pub(crate) fn close(&mut self, now: u64) {
        let local = self.local(now);
        self.endpoint.close(local, None);
    }

    /// Behind the closing tag nothing is missing, for one that was ready for it.
    pub(crate) fn has_all(&self) -> bool {
        self.established && self.endpoint.peer_closed_stream()
    }

    /// When there is something to do without the other end's doing.
    pub(crate) fn next(&self, now: u64, from: &Pipe) -> Option<u64> {
        if self.done {
            return None;
        }
        let reads = self.endpoint.wants_read() || !self.eof && from.has_ended(u64::MAX);
        let read = from.next().filter(|_| reads && !(self.eof && from.has_ended(u64::MAX)));
        let deadline = self.endpoint.poll_timeout().map(|deadline| {
            let at = deadline.at.since_origin();
            let at = u64::try_from(at.as_micros().div_ceil(1000)).unwrap_or(u64::MAX);
            at.saturating_sub(self.ahead).max(now + 1)
        });
        let asked = self.asked.iter().map(|(due, _)| *due);
        let claimed = self.claimed.iter().map(|(due, _)| *due);
        read.into_iter()
            .chain(deadline)
            .chain(asked)
            .chain(claimed)
            .filter(|at| *at < u64::MAX)
            .min()
    }

    fn check(&mut self, now: u64) {
        let local = now + self.ahead;
        if matches!(self.endpoint.phase(), Phase::Closing | Phase::Closed) {
            let since = *self.ending.get_or_insert(local);
            // Five seconds for the other's closing tag, and five to send what is owed. One
            // millisecond each for how coarse this clock is.
            assert!(local <= since + 10_002 || self.done, "{}: it has no end", self.name);
        }
    }
}
