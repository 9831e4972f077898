//! What a driver and an application tell the session.

use core::net::IpAddr;
use core::time::Duration;

use xmpp_core::jid::Jid;
use xmpp_core::role::ClientToServer;
use xmpp_core::session::discovery::{Family, LookupFailed, Srv};
use xmpp_core::session::{Lookup, Target};
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, Message, MessageType, StreamCondition, StreamError};
use xmpp_core::xml::{WriteXml, Writer};
use xmpp_core::{MessageFault, SendError};

use super::honest::Honest;
use super::operations::part::Part;
use super::operations::tape::Tape;
use super::options::Options;
use super::tls::facts;
use super::world::{Transport, World};

/// What an attacker says beside the words of a connection: stream management, and errors
/// that send a client elsewhere.
const WORDS: &[&str] = &[
    "<r xmlns='urn:xmpp:sm:3'/>",
    "<a xmlns='urn:xmpp:sm:3' h='0'/>",
    "<a xmlns='urn:xmpp:sm:3' h='1'/>",
    "<a xmlns='urn:xmpp:sm:3' h='4294967295'/>",
    "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true' location='other.example:5222'/>",
    "<enabled xmlns='urn:xmpp:sm:3'/>",
    "<resumed xmlns='urn:xmpp:sm:3' h='1' previd='x'/>",
    "<failed xmlns='urn:xmpp:sm:3' h='1'><item-not-found \
     xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
    "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>[2001:db8::5]:1\
     </see-other-host></stream:error>",
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    "<iq type='result' id='x' from='example.com'/>",
    "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://other.example/'/>",
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='example.com' id='x' version='1.0'/>",
    // In the TLS of this harness: a wrong name, an alert, the end.
    "\u{fd}",
    "\u{fc}",
    "\u{ff}",
];

const XRD: &str = "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
    <Link rel='urn:xmpp:alt-connections:websocket' href='wss://web.example.com/xmpp'/>\
    <Link rel='urn:xmpp:alt-connections:websocket' href='ws://web.example.com/xmpp'/></XRD>";

impl World {
    /// Does the next thing that a driver would, with a network in which all is well.
    pub(super) fn go_on(&mut self) {
        self.poll();
        if !self.lookups.is_empty() {
            let lookup = self.lookups.remove(0);
            self.answer(lookup, 0);
        } else if self.transport.is_none() && !self.attempts.is_empty() {
            self.connect(0);
        } else {
            self.carry_to_server();
            self.carry_to_client(usize::MAX);
        }
    }

    pub(super) fn answer(&mut self, lookup: Lookup, how: u8) {
        match lookup {
            Lookup::Srv(query) => {
                let direct = query.name().starts_with("_xmpps-");
                let answer = match how % 8 {
                    1 => Ok(vec![Srv::new(0, 0, 0, ".")]),
                    2 => Err(LookupFailed::new("no")),
                    3 => Ok(Vec::new()),
                    4 => Ok((0..40)
                        .map(|n| Srv::new(n % 3, n, 1, format!("h{n}.example.")))
                        .collect()),
                    5 => Ok(vec![Srv::new(0, 0, 1, "192.0.2.1"), Srv::new(1, 0, 2, "a.example.")]),
                    _ if direct => Ok(vec![Srv::new(1, 0, 5223, "xmpp.example.com.")]),
                    _ => Ok(vec![Srv::new(0, 0, 5222, "xmpp.example.com.")]),
                };
                self.session.provide_srv(query, answer);
            }
            Lookup::Addresses(query) => {
                let one = |of: &str| of.parse::<IpAddr>().unwrap();
                let answer = match (how % 4, query.family()) {
                    (1, _) => Err(LookupFailed::new("no")),
                    (2, _) => Ok(Vec::new()),
                    (3, _) => Ok((0..40).map(|n| IpAddr::from([192, 0, 2, n])).collect()),
                    (_, Family::Ipv6) => Ok(vec![one("2001:db8::1")]),
                    (_, Family::Ipv4) => Ok(vec![one("192.0.2.1"), one("192.0.2.2")]),
                };
                self.session.provide_addresses(query, answer);
            }
            Lookup::HostMeta(query) => {
                let answer = match how % 4 {
                    1 => Err(LookupFailed::new("no")),
                    2 => Ok(&b"<XRD"[..]),
                    3 => Ok(&b""[..]),
                    _ => Ok(XRD.as_bytes()),
                };
                self.session.provide_host_meta(query, answer);
            }
        }
    }

    /// A transport is open.
    pub(super) fn connect(&mut self, at: usize) {
        if at >= self.attempts.len() {
            return;
        }
        let attempt = self.attempts.remove(at);
        let id = attempt.id;
        let web = matches!(attempt.target, Target::WebSocket { .. });
        if web {
            self.session.websocket_connected(self.now, id, facts());
        } else {
            self.session.connected(self.now, id);
        }
        if self.session.transport() != Some(id) {
            return self.to_close.push(id);
        }
        assert!(self.transport.is_none(), "two streams at once");
        let number = self.known.len() as u64;
        self.transport = Some(Transport {
            id,
            web,
            server: Honest::new(&attempt.target, self.options, self.now, number),
            to_server: Vec::new(),
            to_client: Default::default(),
            shut: false,
            cut: false,
            authenticated: false,
        });
    }

    pub(super) fn connect_failed(&mut self, at: usize) {
        if at < self.attempts.len() {
            let attempt = self.attempts.remove(at);
            self.gone.push(attempt.id);
            self.session.connect_failed(attempt.id, "refused");
        }
    }

    /// What was sent arrives.
    pub(super) fn carry_to_server(&mut self) {
        let Some(own) = self.transport.as_mut().filter(|own| !own.cut) else { return };
        // It may have something to do without having heard anything.
        let said = own.server.turn(self.now, &mut self.store);
        own.to_client.extend(said);
        for bytes in core::mem::take(&mut own.to_server) {
            let said = own.server.hear(self.now, &bytes, &mut self.store);
            own.to_client.extend(said);
        }
    }

    /// So much of what the server has sent, and its end.
    pub(super) fn carry_to_client(&mut self, most: usize) {
        let Some(own) = self.transport.as_mut().filter(|own| !own.cut) else { return };
        let (id, web, over) = (own.id, own.web, own.server.over);
        if web {
            let said = core::mem::take(&mut own.to_client);
            for message in said {
                self.receive(&message);
            }
        } else {
            let mut bytes: Vec<u8> = own.to_client.drain(..).flatten().collect();
            if bytes.len() > most {
                let rest = bytes.split_off(most);
                own.to_client.push_front(rest);
            }
            self.receive(&bytes);
        }
        let more = self.transport.as_ref().filter(|own| own.id == id);
        if over && more.is_some_and(|own| own.to_client.is_empty() && !own.cut) {
            self.end();
        }
    }

    /// Bytes, or a message, for the session.
    pub(super) fn receive(&mut self, mut bytes: &[u8]) {
        let Some(own) = self.transport.as_ref().filter(|own| !own.cut) else { return };
        let (id, web) = (own.id, own.web);
        if web {
            for _ in 0..3 {
                if self.session.handle_message(id, bytes) {
                    return;
                }
                self.poll();
            }
            return;
        }
        while !bytes.is_empty() {
            let wants = self.session.wants_read(id);
            let Some(room) = self.session.recv_buf(id) else {
                assert!(!wants, "wants to read, and has no room");
                return;
            };
            assert!(wants && !room.is_empty());
            let n = room.len().min(bytes.len());
            room[..n].copy_from_slice(&bytes[..n]);
            self.session.handle_read(id, n);
            bytes = &bytes[n..];
            self.poll();
        }
    }

    /// No byte will come any more.
    pub(super) fn end(&mut self) {
        if let Some(own) = &mut self.transport {
            own.cut = true;
            self.session.handle_eof(own.id);
        }
    }

    pub(super) fn break_off(&mut self) {
        if let Some(own) = &mut self.transport {
            own.cut = true;
            self.session.handle_broken_transport(own.id, "cut");
        }
    }

    pub(super) fn attack(&mut self, tape: &mut Tape<'_>) {
        self.attacked = true;
        let words = <ClientToServer as Part>::WORDS;
        match tape.byte() % 4 {
            0 => self.receive(tape.bytes()),
            1 => {
                let word = WORDS[tape.index(WORDS.len())];
                // Two-byte characters stand for bytes that are none of UTF-8.
                let bytes: Vec<u8> = word.chars().map(|c| u8::try_from(c).unwrap()).collect();
                self.receive(&bytes);
            }
            2 => {
                if let Some(own) = &self.transport {
                    let fault = MessageFault::TooLarge;
                    self.session.handle_bad_message(own.id, fault);
                }
            }
            _ => self.receive(words[tape.index(words.len())].as_bytes()),
        }
    }

    /// A byte of the server's is changed on its way.
    pub(super) fn tamper(&mut self, tape: &mut Tape<'_>) {
        let Some(own) = &mut self.transport else { return };
        let at = tape.index(own.to_client.len());
        let Some(bytes) = own.to_client.get_mut(at).filter(|bytes| !bytes.is_empty()) else {
            return;
        };
        let at = usize::from(tape.word()) % bytes.len();
        bytes[at] ^= tape.byte();
        self.attacked = true;
    }

    pub(super) fn send(&mut self, tape: &mut Tape<'_>) {
        let number = self.made;
        self.made += 1;
        let romeo: Jid = "romeo@example.net".parse().unwrap();
        let message =
            Message::builder(MessageType::Chat).with_to(romeo).with_body(number.to_string());
        let online = self.session.is_online();
        let sent = match (tape.byte() % 8, &self.latest) {
            // With another number in it.
            (7, Some(latest)) if latest.name() == "message" => {
                let latest = latest.clone();
                let to = [("to", Some("romeo@example.net")), ("from", None)];
                return drop(self.session.forward(latest.as_ref(), &to));
            }
            _ => self.session.send(&message),
        };
        match sent {
            Ok(()) => {
                assert!(online || self.options.queue, "taken by nobody");
                assert!(!self.closing && !self.stopped, "taken behind the end");
                self.taken.push(number);
                self.queued += usize::from(!online);
            }
            Err(SendError::Closed) => assert!(self.closing || self.stopped || online),
            Err(SendError::NotEstablished) => assert!(!online && !self.options.queue),
            Err(SendError::QueueFull { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// What is no stanza is not sent.
    pub(super) fn send_bad(&mut self, how: u8) {
        let two = Written(|w| {
            for _ in 0..2 {
                w.start(w.content(), "presence").end();
            }
        });
        let nonza = Written(|w| {
            w.start(super::operations::part::NONZA_NS, "x").end();
        });
        match how % 3 {
            0 => assert!(self.session.send(&two).is_err()),
            1 => assert!(self.session.send(&nonza).is_err()),
            _ => drop(self.session.send_nonza(&nonza)),
        }
    }

    pub(super) fn ask(&mut self, tape: &mut Tape<'_>) {
        let byte = tape.byte();
        if byte % 4 == 3 {
            let Some(request) = self.requests.pop_first() else { return };
            assert!(self.session.give_up(request), "nobody waits for it");
            return assert!(!self.session.give_up(request));
        }
        let timeout = Duration::from_millis(1 << (byte % 20));
        let mut iq = Iq::get("", &Ping);
        if byte & 64 != 0 {
            iq = iq.with_to("romeo@example.net/orchard".parse::<Jid>().unwrap());
        }
        let online = self.session.is_online();
        if let Ok(request) = self.session.request(self.now, iq, timeout) {
            assert!(online && self.requests.insert(request), "a number twice");
        }
    }

    /// The server has something to say.
    pub(super) fn say(&mut self) {
        let Some(own) = &mut self.transport else { return };
        if own.server.say(self.said) {
            self.said += 1;
        }
    }

    /// The server ends it.
    pub(super) fn server_closes(&mut self, tape: &mut Tape<'_>) {
        use StreamCondition as Is;
        let how = tape.byte() % 8;
        let Some(own) = &mut self.transport else { return };
        let error = match how {
            0 => None,
            1 => Some(StreamError::see_other_host("other.example:5222")),
            2 => Some(StreamError::see_other_host("other.example")),
            n => Some(StreamError::new(
                [Is::SystemShutdown, Is::Conflict, Is::Reset, Is::PolicyViolation, Is::BadFormat]
                    [usize::from(n - 3)],
            )),
        };
        own.server.close(self.now, error);
    }

    pub(super) fn close(&mut self, how: u8) {
        let why = (how % 3 == 1).then(|| StreamError::new(StreamCondition::Reset));
        self.session.close(self.now, why);
        self.closing = true;
    }

    pub(super) fn reconnect(&mut self) {
        self.session.reconnect_now(self.now);
        // It goes on, also if it has been closed: what came of that is told first.
        self.closing = false;
        self.stopped = false;
    }

    /// Something about a transport that is gone: it has no effect.
    pub(super) fn stale(&mut self, tape: &mut Tape<'_>) {
        let Some(id) = self.gone.get(tape.index(self.gone.len())).copied() else { return };
        match tape.byte() % 8 {
            0 => {
                self.session.connected(self.now, id);
                self.gone.retain(|one| *one != id);
                return self.to_close.push(id);
            }
            1 => self.session.connect_failed(id, "no"),
            2 => self.session.handle_eof(id),
            3 => self.session.handle_broken_transport(id, "no"),
            4 => assert!(self.session.handle_message(id, b"<x/>")),
            5 => self.session.transmitted(id, 100),
            6 => self.session.handle_bad_message(id, MessageFault::TooLarge),
            _ => {
                assert!(self.session.recv_buf(id).is_none() && !self.session.wants_read(id));
                self.session.handle_read(id, 100);
            }
        }
        assert!(self.session.transmit(id).is_empty());
        self.rest();
    }

    /// What only looks.
    pub(super) fn look(&mut self) {
        let _ = (self.session.resumption(), self.session.bound(), self.session.tls_facts());
        let _ = (self.session.claim(), self.session.peer_closed_stream());
        assert_ne!(self.session.new_id(), self.session.new_id());
        assert!(format!("{:?}", self.session).len() < 4096);
        let Options { .. } = self.options;
    }
}

/// What a function writes.
struct Written<F: Fn(&mut Writer<'_>)>(F);

impl<F: Fn(&mut Writer<'_>)> WriteXml for Written<F> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        (self.0)(w);
    }
}
