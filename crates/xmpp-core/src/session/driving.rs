//! What a driver tells a session: answers, transports, bytes.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt::Display;
use core::net::IpAddr;

use super::Session;
use super::discovery::{LookupFailed, Srv};
use super::link::Link;
use super::output::{AddressQuery, AttemptId, HostMetaQuery, SessionEvent, SrvQuery};
use super::{Reason, Stage};
use crate::error::MessageFault;
use crate::time::Instant;
use crate::tls::TlsFacts;

impl Session {
    /// Answers [`Lookup::Srv`](super::Lookup::Srv): the records as they came, in any
    /// order. That the name has none, or does not exist, is an empty answer.
    pub fn provide_srv(&mut self, query: SrvQuery, answer: Result<Vec<Srv>, LookupFailed>) {
        if let Some(round) = &mut self.round {
            round.take_srv(&query, answer);
        }
    }

    /// Answers [`Lookup::Addresses`](super::Lookup::Addresses), in the order in which the
    /// resolver gave them.
    pub fn provide_addresses(
        &mut self,
        query: AddressQuery,
        answer: Result<Vec<IpAddr>, LookupFailed>,
    ) {
        if let Some(round) = &mut self.round {
            round.take_addresses(&query, answer);
        }
    }

    /// Answers [`Lookup::HostMeta`](super::Lookup::HostMeta) with the file's bytes.
    pub fn provide_host_meta(&mut self, query: HostMetaQuery, answer: Result<&[u8], LookupFailed>) {
        if let Some(round) = &mut self.round {
            round.take_host_meta(&query, answer);
        }
    }

    /// The transport is open: its first bytes are what the next polls say to send. One
    /// that is not waited for any more is to be closed, as the next poll says.
    pub fn connected(&mut self, now: Instant, id: AttemptId) {
        self.now = self.now.max(now);
        self.begin_link(id, TlsFacts::new());
    }

    /// The WebSocket is open, and `facts` are what the handshake of the TLS below it
    /// proved.
    pub fn websocket_connected(&mut self, now: Instant, id: AttemptId, facts: TlsFacts<'_>) {
        self.now = self.now.max(now);
        self.begin_link(id, facts);
    }

    /// The transport could not be opened; `why` is for people.
    pub fn connect_failed(&mut self, id: AttemptId, why: &(impl Display + ?Sized)) {
        let Some(round) = &mut self.round else { return };
        let why = why.to_string();
        if let (Some(target), Stage::Trying) = (round.race.lose(id, &why), self.stage) {
            let why = Reason::Unreachable(why);
            self.tell(SessionEvent::AttemptFailed { target, why });
        }
    }

    /// The transport that the stream is on, if there is one.
    pub fn transport(&self) -> Option<AttemptId> {
        self.link.as_ref().map(|link| link.id)
    }

    /// Room to read into from the transport. `None` while nothing more may be read, or if
    /// the transport is not the session's any more. See
    /// [`Endpoint::recv_buf`](crate::Endpoint::recv_buf).
    pub fn recv_buf(&mut self, id: AttemptId) -> Option<&mut [u8]> {
        self.link_on(id)?.client.recv_buf()
    }

    /// Whether [`recv_buf`](Self::recv_buf) has room.
    pub fn wants_read(&self, id: AttemptId) -> bool {
        self.link.as_ref().is_some_and(|link| link.id == id && link.client.wants_read())
    }

    /// `n` bytes of [`recv_buf`](Self::recv_buf) are filled.
    pub fn handle_read(&mut self, id: AttemptId, n: usize) {
        if let Some(link) = self.link_on(id) {
            link.client.handle_read(n);
        }
    }

    /// A message of the WebSocket. Says whether it was taken; if not, it is to be handed
    /// over again after the next polls. See
    /// [`Endpoint::handle_message`](crate::Endpoint::handle_message).
    #[must_use = "a message that was not taken has to be handed over again"]
    pub fn handle_message(&mut self, id: AttemptId, message: &[u8]) -> bool {
        self.link_on(id).is_none_or(|link| link.client.handle_message(message))
    }

    /// A message of the WebSocket that cannot be one of XMPP. See
    /// [`Endpoint::handle_bad_message`](crate::Endpoint::handle_bad_message).
    pub fn handle_bad_message(&mut self, id: AttemptId, fault: MessageFault) {
        if let Some(link) = self.link_on(id) {
            link.client.handle_bad_message(fault);
        }
    }

    /// The transport has ended: no byte will come any more.
    pub fn handle_eof(&mut self, id: AttemptId) {
        if let Some(link) = self.link_on(id) {
            link.client.handle_eof();
        }
    }

    /// The transport is broken; `why` is for people.
    pub fn handle_broken_transport(&mut self, id: AttemptId, why: &(impl Display + ?Sized)) {
        if let Some(link) = self.link_on(id) {
            link.broken.get_or_insert_with(|| why.to_string());
            link.client.handle_broken_transport();
        }
    }

    /// What is to be sent on the transport: the bytes of
    /// [`Transmit`](super::SessionOutput::Transmit) once more.
    pub fn transmit(&self, id: AttemptId) -> &[u8] {
        match &self.link {
            Some(link) if link.id == id => link.client.transmit(),
            _ => &[],
        }
    }

    /// `n` bytes of [`Transmit`](super::SessionOutput::Transmit) have been sent.
    pub fn transmitted(&mut self, id: AttemptId, n: usize) {
        if let Some(link) = self.link_on(id) {
            link.client.transmitted(n);
        }
    }

    /// Sends some of [`Transmit`](super::SessionOutput::Transmit) on a transport of `std`.
    /// That it fails is no error of the caller's: the session goes on without it.
    #[cfg(feature = "std")]
    pub fn write_to<T: std::io::Write>(&mut self, id: AttemptId, transport: &mut T) {
        let Some(link) = self.link_on(id) else { return };
        if let Err(error) = link.client.write_to(transport) {
            self.handle_broken_transport(id, &error);
        }
    }

    /// Reads once from a transport of `std`, as much as there is room for. That it has
    /// ended or fails is no error of the caller's: the session goes on without it.
    #[cfg(feature = "std")]
    pub fn read_from<T: std::io::Read>(&mut self, id: AttemptId, transport: &mut T) {
        let Some(link) = self.link_on(id) else { return };
        if let Err(error) = link.client.read_from(transport) {
            self.handle_broken_transport(id, &error);
        }
    }

    fn link_on(&mut self, id: AttemptId) -> Option<&mut Link> {
        self.link.as_deref_mut().filter(|link| link.id == id)
    }
}
