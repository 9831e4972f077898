//! A run: operations, and what has to hold after each of them.

use core::time::Duration;
use std::collections::VecDeque;

use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, Message, MessageType, StreamCondition, StreamError};
use xmpp_core::time::{Instant, TimerReason};
use xmpp_core::tls::{TlsError, TlsErrorKind};
use xmpp_core::xml::{Element, Framing, RecvBuffer, SendBuffer};
use xmpp_core::{Connection, Error, Misuse, Phase, SendError};

use super::cuts::recording;
use super::noted::{Noted, Written};
use super::options::Options;
use super::part::{Asked, How, NONZA_NS, Part, Proof, SECRET, T0, facts};
use super::peer::Peer;
use super::sent::Sent;
use super::tape::Tape;

/// How far a run came.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) authenticated: bool,
    pub(crate) established: bool,
    pub(crate) stanzas: usize,
    pub(crate) error: Option<Error>,
}

/// Runs the operations that the bytes stand for, and then the end of time. Panics
/// if something does not hold.
pub(crate) fn operate<P: Part>(data: &[u8]) -> Report {
    let mut tape = Tape(data);
    let mut run = Run::<P>::new(Options::from_byte(tape.byte()));
    while !tape.is_empty() {
        let operation = tape.byte();
        run.operate(operation % 32, &mut tape);
        // A driver should poll after each; nothing breaks if it does not.
        if operation < 192 {
            run.poll();
        }
        run.check();
    }
    run.finish()
}

struct Run<P: Part> {
    options: Options,
    connection: Connection<P>,
    rx: RecvBuffer,
    tx: SendBuffer,
    now: Instant,
    peer: Peer<P::Peer>,
    /// What is on its way to the peer.
    to_peer: Vec<u8>,
    sent: Sent,
    /// The transport takes nothing.
    blocked: bool,
    proof: Proof,
    asked: VecDeque<Asked>,
    /// Whether time has gone on since the last poll, and whether a query was answered in
    /// between: the time for what follows counts from the poll.
    waited: bool,
    late: bool,
    tls_pending: bool,
    /// Streams that may have begun: the first, and one for each restart.
    streams: usize,
    /// Bytes that calls wrote, and room for answers to queries.
    allowed: usize,
    latest: Option<Element>,
    /// Requests of ours so far.
    requests: usize,
    /// The deadline of a phase, which nothing postpones.
    deadline: Option<(Phase, Instant)>,
    closed: bool,
    report: Report,
}

impl<P: Part> Run<P> {
    fn new(options: Options) -> Self {
        let mut tx = SendBuffer::new(Framing::Stream);
        let connection = P::begin(options, SECRET, [4; 32], &mut tx);
        Self {
            options,
            connection,
            rx: RecvBuffer::new(300 << 10),
            tx,
            now: T0,
            peer: Peer::new(options),
            to_peer: Vec::new(),
            sent: Sent::new(),
            blocked: false,
            proof: Proof::default(),
            asked: VecDeque::new(),
            waited: false,
            late: false,
            tls_pending: false,
            streams: 1 + P::RESTARTS,
            allowed: 0,
            latest: None,
            requests: 0,
            deadline: None,
            closed: false,
            report: Report::default(),
        }
    }

    fn operate(&mut self, operation: u8, tape: &mut Tape<'_>) {
        match operation {
            0..=7 => self.go_on(None),
            8 => self.go_on(Some(tape)),
            9..=12 => {
                let word = P::WORDS[tape.index(P::WORDS.len())];
                self.receive(word.as_bytes());
            }
            13 | 14 => {
                let word = P::WORDS[tape.index(P::WORDS.len())].as_bytes();
                let (first, second) = word.split_at(tape.index(word.len()));
                self.receive(first);
                self.poll();
                self.receive(second);
            }
            15 => self.receive(tape.bytes()),
            16 => {
                let elements = recording::<P>(self.options);
                let at = tape.index(elements.len());
                self.receive(elements.get(at).map_or(&[][..], |element| element.as_bytes()));
            }
            17 | 18 => {
                let how = [How::Right, How::Wrong, How::Refused][tape.index(3)];
                self.answer(how);
            }
            19 => self.tls(tape.byte()),
            20 => self.wait(tape.byte()),
            21 => self.connection.handle_timeout(self.now, &mut self.tx),
            22 => self.connection.handle_eof(self.now),
            23 => {
                let error = TlsError::new(TlsErrorKind::Alert, "broken");
                self.connection.handle_tls_error(self.now, error);
            }
            24 => self.close(tape.byte()),
            25 => self.send_message(tape),
            26 => self.send_other(tape.byte()),
            27 => self.forward(),
            28 => self.blocked = !self.blocked,
            29 => {
                self.rx.release();
                self.tx.release();
            }
            30 => assert_ne!(self.connection.new_id(), self.connection.new_id()),
            _ => self.ask(tape.byte()),
        }
    }

    /// Does what a driver should, and carries bytes to the peer and back. With a
    /// tape: changed on their way.
    fn go_on(&mut self, tape: Option<&mut Tape<'_>>) {
        if self.tls_pending && self.rx.unread() == 0 {
            self.tls(0);
        }
        self.answer(How::Right);
        self.take_sent();
        let bytes = core::mem::take(&mut self.to_peer);
        let mut heard = self.peer.hear(&bytes);
        self.proof.peer_is_sure = self.peer.is_sure;
        match tape {
            Some(tape) if !heard.is_empty() => {
                let at = tape.index(heard.len());
                heard[at] ^= tape.byte();
            }
            _ => {}
        }
        self.proof.heard_peer |= !heard.is_empty();
        self.receive(&heard);
    }

    fn receive(&mut self, mut bytes: &[u8]) {
        loop {
            let n = self.rx.push(bytes);
            bytes = &bytes[n..];
            if bytes.is_empty() || n == 0 {
                return;
            }
            self.poll();
        }
    }

    /// All that there is to tell.
    fn poll(&mut self) {
        self.waited = false;
        // Nothing is told for ever; of each request how it ended is told once.
        let most = 16 + 4 * self.rx.unread() + self.requests;
        for _ in 0..most {
            let before = self.closed;
            let polled = self.connection.poll_event(self.now, &mut self.rx, &mut self.tx);
            match polled.map(|event| event.map(Noted::of::<P>)) {
                Ok(Some(noted)) => {
                    assert!(!before, "told something behind the end");
                    self.note(noted);
                }
                Ok(None) => {
                    self.take_sent();
                    self.punctual();
                    return;
                }
                Err(error) => {
                    assert!(self.closed, "an error before the end is told");
                    assert_eq!(Some(&error), self.report.error.as_ref());
                    self.take_sent();
                    return;
                }
            }
        }
        panic!("it has no end");
    }

    fn note(&mut self, noted: Noted) {
        match noted {
            Noted::Asked(asked) => {
                let is_only = self.asked.is_empty();
                assert!(is_only || P::SEVERAL, "asked again before it was answered");
                self.asked.push_back(asked);
            }
            Noted::StartTls => self.tls_pending = true,
            Noted::Header => self.proof.header = true,
            Noted::Authenticated => {
                assert!(
                    P::may_be_authenticated(self.options, &self.proof),
                    "authenticated without proof: {:?} {:?}",
                    self.options,
                    self.proof
                );
                assert!(!self.proof.authenticated, "authenticated twice");
                self.proof.authenticated = true;
                self.report.authenticated = true;
                self.streams += 1;
            }
            Noted::Established => {
                assert!(
                    P::may_be_established(self.options, &self.proof),
                    "established without proof: {:?} {:?}",
                    self.options,
                    self.proof
                );
                assert!(!self.report.established, "established twice");
                self.report.established = true;
            }
            Noted::Stanza(stanza) => {
                assert!(self.report.established, "a stanza before its time");
                self.report.stanzas += 1;
                self.latest = Some(stanza);
            }
            Noted::Nonza => {
                assert!(self.report.established && self.options.nonzas, "an unwanted nonza");
            }
            Noted::Closed(error) => {
                assert!(!self.closed, "closed twice");
                assert_eq!(self.connection.phase(), Phase::Closed);
                let judged = matches!(error, Some(Error::Xml(_) | Error::Peer(_)));
                assert!(!(self.tls_pending && judged), "read on in the clear: {error:?}");
                self.closed = true;
                self.report.error = error;
            }
            Noted::Else => {}
        }
    }

    fn answer(&mut self, how: How) {
        let Some(asked) = self.asked.pop_front() else { return };
        self.late |= self.waited;
        if matches!(asked, Asked::Credentials(_) | Asked::Component(_)) {
            self.proof.answered_right = how == How::Right;
        }
        if matches!(asked, Asked::Peer(_) | Asked::Result(_)) {
            self.proof.answered_right |= how == How::Right;
        }
        let is_bind = matches!(asked, Asked::Bind(_));
        let open = match self.connection.phase() {
            Phase::Negotiating => true,
            Phase::Established => P::SEVERAL,
            _ => false,
        };
        let before = self.tx.len();
        let answered = P::answer(&mut self.connection, asked, self.options, how, &mut self.tx);
        if open {
            self.allowed += 1024;
            // Whoever gives wrong keys may not ask again: the question is gone.
            assert_ne!(answered, Err(Misuse::StaleQuery));
            self.proof.bound |= is_bind && answered.is_ok() && how == How::Right;
        } else {
            assert_eq!(answered, Ok(()), "what comes behind the end is nobody's mistake");
            assert_eq!(self.tx.len(), before);
        }
    }

    fn tls(&mut self, how: u8) {
        let facts = match how % 8 {
            5 => facts().with_peer_proved(false),
            6 => facts().with_alpn(b"xmpp-client"),
            7 => facts().with_alpn(b"h2"),
            _ => facts(),
        };
        let due = self.tls_pending && self.connection.phase() == Phase::Negotiating;
        let smuggled = self.rx.unread() > 0;
        let phase = self.connection.phase();
        self.take_sent();
        let before = self.tx.len();
        let done = self.connection.tls_established(self.now, facts, &mut self.rx, &mut self.tx);
        if due {
            assert_eq!(done, Ok(()));
            self.tls_pending = false;
            self.streams += 1;
            if smuggled {
                assert_eq!(self.connection.phase(), Phase::Closed, "took what was injected");
                assert_eq!(self.tx.len(), before);
            }
        } else {
            let over = matches!(phase, Phase::Closing | Phase::Closed);
            let expected = if over { Ok(()) } else { Err(Misuse::TlsNotPending) };
            assert_eq!(done, expected, "nobody asked for TLS");
            assert_eq!((self.tx.len(), self.connection.phase()), (before, phase));
        }
    }

    fn wait(&mut self, how: u8) {
        self.waited = true;
        let long = Duration::from_millis(1 << (how % 24));
        self.now = match (how / 64, self.connection.poll_timeout()) {
            (0, Some(deadline)) => self.now.max(deadline.at),
            (1, Some(deadline)) => {
                let left = deadline.at.saturating_since(self.now);
                self.now.saturating_add(left.saturating_sub(Duration::from_nanos(1)))
            }
            _ => self.now.saturating_add(long),
        };
    }

    fn close(&mut self, how: u8) {
        let why = match how % 4 {
            0 => Some(StreamError::new(StreamCondition::SystemShutdown)),
            1 => {
                // No XML: told without the text.
                let text = StreamError::new(StreamCondition::Conflict).with_text("\u{0}");
                Some(text)
            }
            _ => None,
        };
        let before = self.tx.len();
        self.connection.close(self.now, why, &mut self.tx);
        assert!(matches!(self.connection.phase(), Phase::Closing | Phase::Closed));
        self.allowed += self.tx.len() - before;
    }

    /// A send that is taken is there as a whole; any other has left no trace.
    fn sending(
        &mut self,
        send: impl FnOnce(&mut Connection<P>, &mut SendBuffer) -> Result<(), SendError>,
    ) -> Result<(), SendError> {
        let phase = self.connection.phase();
        let before = self.tx.len();
        let done = send(&mut self.connection, &mut self.tx);
        match &done {
            Ok(()) => {
                assert_eq!(phase, Phase::Established);
                assert!(self.tx.len() > before);
            }
            Err(error) => {
                assert_eq!(self.tx.len(), before, "{error:?}");
                let early = *error == SendError::NotEstablished;
                assert_eq!(early, phase == Phase::Negotiating, "{error:?}");
                let late = matches!(phase, Phase::Closing | Phase::Closed);
                assert_eq!(*error == SendError::Closed, late, "{error:?}");
            }
        }
        self.allowed += self.tx.len() - before;
        done
    }

    fn send_message(&mut self, tape: &mut Tape<'_>) {
        let body = String::from_utf8_lossy(tape.bytes()).into_owned();
        let mut message = Message::builder(MessageType::Chat).with_body(body);
        for (name, value) in P::ADDRESSES {
            let Some(value) = value else { continue };
            let jid: xmpp_core::jid::Jid = value.parse().unwrap();
            message = if *name == "to" { message.with_to(jid) } else { message.with_from(jid) };
        }
        let _ = self.sending(|connection, tx| connection.send(&message, tx));
    }

    /// Requests of ours and of the peer's.
    fn ask(&mut self, how: u8) {
        match how % 4 {
            0 => {
                let claimed = self.connection.claim();
                assert!(!self.connection.claim() || !claimed, "claimed twice");
            }
            1 => {
                let left = self.connection.take_requests();
                assert!(left.len() <= 256);
                self.connection.adopt_requests(left);
            }
            _ => {
                let (now, timeout) = (self.now, Duration::from_millis(1 << (how % 20)));
                let mut ask = Iq::get("", &Ping);
                for (name, value) in P::ADDRESSES {
                    let Some(value) = value else { continue };
                    let jid: xmpp_core::jid::Jid = value.parse().unwrap();
                    ask = if *name == "to" { ask.with_to(jid) } else { ask.with_from(jid) };
                }
                let asked = self.sending(|connection, tx| {
                    connection.request(now, ask, timeout, tx).map(|_| ())
                });
                self.requests += usize::from(asked.is_ok());
            }
        }
    }

    fn send_other(&mut self, how: u8) {
        let nonza = Written(|w| {
            w.start(NONZA_NS, "x").end();
        });
        let two = Written(|w| {
            for _ in 0..2 {
                w.start(w.content(), "presence").end();
            }
        });
        let open = self.connection.phase() == Phase::Established;
        match how % 4 {
            0 => {
                let done = self.sending(|connection, tx| connection.send_nonza(&nonza, tx));
                assert_eq!(done.is_ok(), open);
            }
            1 => {
                let done = self.sending(|connection, tx| connection.send(&nonza, tx));
                assert!(done.is_err(), "a nonza as a stanza");
            }
            2 => {
                let done = self.sending(|connection, tx| connection.send(&two, tx));
                assert!(done.is_err(), "two stanzas as one");
            }
            _ => {
                let long = Message::builder(MessageType::Chat).with_body("a".repeat(2000));
                let done = self.sending(|connection, tx| connection.send(&long, tx));
                assert!(done.is_err() || !self.options.small, "over the limit");
            }
        }
    }

    fn forward(&mut self) {
        let Some(stanza) = self.latest.clone() else { return };
        let _ =
            self.sending(|connection, tx| connection.forward(stanza.as_ref(), P::ADDRESSES, tx));
    }

    /// The transport takes what waits.
    fn take_sent(&mut self) {
        if !self.blocked {
            let bytes = self.tx.unsent().to_vec();
            self.tx.sent(bytes.len());
            self.sent.take(&bytes);
            self.to_peer.extend_from_slice(&bytes);
        }
    }

    /// No deadline has passed unnoticed.
    fn punctual(&self) {
        if let Some(deadline) = self.connection.poll_timeout() {
            assert!(deadline.at > self.now, "{deadline:?} has passed at {:?}", self.now);
        }
    }

    fn check(&mut self) {
        let phase = self.connection.phase();
        let deadline = self.connection.poll_timeout();
        let next = deadline.as_ref().map(|deadline| deadline.at);
        // That of a request may come first: the phase's own is not seen then.
        let is_of_request = deadline.is_some_and(|d| d.reason == TimerReason::Request);
        match (&self.deadline, phase) {
            (_, Phase::Established) => self.deadline = None,
            (Some((former, at)), phase) if *former == phase => {
                let over = phase == Phase::Closed && *at <= self.now;
                let sooner = (P::SEVERAL || is_of_request) && next.is_some_and(|next| next < *at);
                let holds = next == Some(*at) || sooner || (over && next.is_none());
                assert!(holds, "{phase:?}: {next:?}");
            }
            _ => {
                let over = phase == Phase::Closed && self.late;
                assert!(next.is_some() || over, "no deadline: {phase:?}");
                self.deadline = next.filter(|_| !is_of_request).map(|at| (phase, at));
            }
        }
        assert!(!self.closed || phase == Phase::Closed);
        assert!(self.sent.headers <= self.streams, "{} streams", self.sent.headers);
        let received = usize::try_from(self.rx.received()).unwrap();
        let written = self.sent.bytes + self.tx.len();
        assert!(
            written <= 4096 + 16 * received + self.allowed,
            "{written} bytes for {received}, and {} allowed",
            self.allowed
        );
        assert!(self.rx.unread() <= self.rx.limit());
        assert!(self.rx.held_bytes() <= (64 << 10) + 16 * received);
    }

    /// Whatever state it is in: once the transport has ended it comes to an end,
    /// and if the transport does not, time ends it.
    fn finish(mut self) -> Report {
        self.blocked = false;
        self.poll();
        if self.report.established && self.options.small {
            self.connection.handle_eof(self.now);
        } else if self.connection.phase() == Phase::Established {
            self.connection.close(self.now, None, &mut self.tx);
        }
        // A keepalive and the end of the wait for a closing tag may lie between.
        for _ in 0..8 {
            self.now = self.now.saturating_add(Duration::from_secs(3600));
            self.poll();
        }
        assert!(self.closed, "no end: {:?}", self.connection);
        assert_eq!(self.connection.poll_timeout(), None, "waits behind the end");
        assert!(self.tx.is_empty());
        self.report
    }
}
