//! What the session says, held against what it promises.

use core::time::Duration;

use xmpp_core::ClientEvent;
use xmpp_core::session::{SessionEvent, SessionOutput, Target};
use xmpp_core::stanza::StanzaRef;
use xmpp_core::xml::Element;

use super::honest::{number, number_said};
use super::options::Options;
use super::world::World;

impl World {
    /// Takes all outputs, as a driver should.
    pub(super) fn poll(&mut self) {
        for round in 0.. {
            assert!(round < 10_000, "the session does not come to rest");
            match self.session.poll(self.now) {
                SessionOutput::Event(event) => self.take(event),
                SessionOutput::LookUp(lookup) => {
                    assert!(!self.closing, "asks behind the end");
                    self.lookups.push(lookup);
                }
                SessionOutput::Connect(attempt) => {
                    assert!(!self.closing, "connects behind the end");
                    assert!(attempt.deadline > self.now);
                    assert!(self.known.insert(attempt.id), "a number twice");
                    assert!(self.transport.is_none(), "connects beside a stream");
                    let plain = self.options.of_connection.plaintext;
                    if let Target::Tcp { tls, .. } = &attempt.target {
                        use xmpp_core::config::TlsMode::DangerousPlaintext;
                        assert_eq!(
                            *tls == DangerousPlaintext,
                            plain,
                            "TLS is not a place's to decide"
                        );
                    }
                    self.attempts.push(attempt);
                    assert!(self.attempts.len() <= 8, "too many attempts at once");
                }
                SessionOutput::Transmit(id, bytes) => {
                    let Some(transport) = self.transport.as_mut().filter(|own| own.id == id) else {
                        panic!("bytes for a transport that is not there");
                    };
                    assert!(!bytes.is_empty());
                    assert!(!transport.shut, "sends behind the end");
                    if self.blocked {
                        self.wait = self.session.poll_timeout().map(|deadline| deadline.at);
                        break;
                    }
                    let most = if transport.web { usize::MAX } else { self.piece };
                    let taken = bytes[..bytes.len().min(most)].to_vec();
                    self.session.transmitted(id, taken.len());
                    transport.to_server.push(taken);
                }
                SessionOutput::Shutdown(id) => {
                    let transport = self.transport.as_mut().filter(|own| own.id == id);
                    let transport = transport.expect("its own transport");
                    assert!(!core::mem::replace(&mut transport.shut, true), "ended twice");
                }
                SessionOutput::CloseTransport(id) => {
                    self.gone.push(id);
                    if let Some(own) = self.transport.take_if(|own| own.id == id) {
                        own.server.end(self.now, &mut self.store);
                    } else if let Some(at) = self.attempts.iter().position(|one| one.id == id) {
                        self.attempts.remove(at);
                    } else if let Some(at) = self.to_close.iter().position(|one| *one == id) {
                        self.to_close.remove(at);
                    } else {
                        panic!("closes what is not there");
                    }
                }
                SessionOutput::Wait(deadline) => {
                    self.wait = deadline.map(|deadline| deadline.at);
                    self.rest();
                    break;
                }
                SessionOutput::Closed => {
                    assert!(self.stopped, "closed before it has stopped");
                    assert!(self.transport.is_none() && self.attempts.is_empty(), "left behind");
                    self.closed = true;
                    self.wait = None;
                    break;
                }
            }
            self.closed = false;
        }
        self.polled = self.now;
        self.check();
    }

    /// Nothing has happened since, so nothing is to be done.
    pub(super) fn rest(&mut self) {
        if self.blocked || self.closed {
            return;
        }
        match self.session.poll(self.now) {
            SessionOutput::Wait(deadline) => {
                assert_eq!(deadline.map(|deadline| deadline.at), self.wait, "another deadline");
            }
            output => panic!("out of nothing: {output:?}"),
        }
    }

    fn take(&mut self, event: SessionEvent) {
        match event {
            SessionEvent::Online { .. } => {
                assert!(!self.online && !self.closing);
                let transport = self.transport.as_ref().expect("a transport");
                assert!(transport.authenticated, "online without proof");
                self.online = true;
                self.times_online += 1;
                self.queued = 0;
            }
            SessionEvent::Offline { retry_at, .. } => {
                self.online = false;
                assert!(retry_at >= self.polled, "an attempt in the past");
                let longest = self.now.saturating_add(Duration::from_secs(600));
                assert!(retry_at <= longest, "waits for longer than the longest wait");
                assert!(!self.closing, "another attempt behind the end");
            }
            SessionEvent::Stopped { .. } => {
                self.online = false;
                self.queued = 0;
                assert!(!core::mem::replace(&mut self.stopped, true), "stopped twice");
                assert!(self.session.is_stopped());
                assert!(self.requests.is_empty(), "requests without an answer");
            }
            SessionEvent::Client(ClientEvent::Authenticated { .. }) => {
                let transport = self.transport.as_mut().expect("a transport");
                assert!(transport.server.is_sure, "authenticated without proof");
                transport.authenticated = true;
            }
            SessionEvent::Client(ClientEvent::KeysWanted(query)) => {
                let keys = query.derive();
                self.session.provide_keys(query, keys).unwrap();
            }
            SessionEvent::Stanza(stanza) => {
                assert!(self.online, "a stanza while offline");
                self.heard.extend(number_said(stanza.element().source()));
                self.latest = Some(stanza.into_element());
            }
            SessionEvent::Answered { request, answer } => {
                assert!(self.requests.remove(&request), "answered twice");
                assert!(StanzaRef::new(answer.element()).is_some());
            }
            SessionEvent::Unanswered { request } => {
                assert!(self.requests.remove(&request), "unanswered twice");
            }
            SessionEvent::HandedBack(stanzas) => {
                assert!(!stanzas.is_empty());
                stanzas.iter().for_each(|stanza| self.hand_back(stanza));
            }
            _ => {}
        }
    }

    fn hand_back(&mut self, stanza: &Element) {
        let Some(number) = number(stanza.source()) else { return };
        assert!(self.taken.contains(&number), "hands back what it was not given");
        *self.returned.entry(number).or_default() += 1;
    }

    fn check(&self) {
        assert!(self.wait.is_none_or(|at| at > self.now), "a deadline that has passed");
        assert_eq!(self.session.is_stopped(), self.stopped);
        assert_eq!(self.session.is_online(), self.online && !self.closing);
        let own = self.transport.as_ref().map(|own| own.id);
        assert_eq!(self.session.transport(), own);
        assert!(self.to_close.is_empty() || self.blocked, "what is open stays open");
        // Two for SRV records, two for each of two hosts, one for a file; others are old.
        if self.options.queue {
            assert!(self.queued <= Options::queue_limits().stanzas, "too much is kept");
        }
    }

    /// Once it has stopped: what was sent has arrived or was handed back, in order, and
    /// nothing came twice.
    pub(super) fn check_end(&self) {
        assert!(self.session.resumption().is_none(), "keeps something behind the end");
        assert!(self.requests.is_empty());
        for (number, times) in &self.returned {
            assert_eq!(*times, 1, "{number} was handed back {times} times");
        }
        if self.attacked {
            return;
        }
        let received = &self.store.received;
        for number in &self.taken {
            let times = received.iter().filter(|other| *other == number).count();
            if !self.options.resend {
                assert!(times <= 1, "{number} came {times} times");
            }
            let kept = self.options.management;
            assert!(!kept || times > 0 || self.returned.contains_key(number), "{number} is lost");
        }
        if !self.options.resend {
            assert!(received.is_sorted(), "out of order: {received:?}");
        }
        if !self.store.forgot {
            let times = |number: &u32| self.heard.iter().filter(|other| *other == number).count();
            assert!(self.heard.iter().all(|number| times(number) == 1), "{:?}", self.heard);
            assert!(self.heard.is_sorted(), "out of order: {:?}", self.heard);
        }
    }
}
