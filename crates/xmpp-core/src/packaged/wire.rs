//! What lies between the wire and the stream: records, or nothing.

use alloc::{boxed::Box, sync::Arc, vec::Vec};

use xmpp_jid::{Domainpart, DomainpartRef};
use xmpp_xml::{Framing, RecvBuffer, SendBuffer};

use crate::tls::{TlsError, TlsErrorKind, TlsInitiator, TlsReceiver, TlsSession};

/// How many bytes of ciphertext are read at once: a whole record and its header.
const RECORD_BYTES: usize = (16 << 10) + 512;
/// How many bytes of plaintext are made records at once: a record full. The next
/// ones are made when these are sent, so that what waits is kept once.
const PLAINTEXT_BYTES: usize = 16 << 10;

pub(super) struct Wire {
    tls: Tls,
    /// Records received and not yet decrypted: `received[taken..filled]`.
    received: Vec<u8>,
    taken: usize,
    filled: usize,
    /// Records to be sent: `records[sent..]`.
    records: Vec<u8>,
    sent: usize,
    /// What went wrong below the stream, until all that came before it is told.
    failed: Option<TlsError>,
    /// Something did: what still comes is not looked at.
    unreadable: bool,
    /// Whether that was an alert of the peer's, which ends its side.
    alerted: bool,
    /// Whether the transport takes nothing any more.
    unwritable: bool,
}

enum Tls {
    /// There never is any.
    Never,
    /// None yet, and where it would come from.
    Before(Source),
    Handshaking(Box<dyn TlsSession>),
    Up(Box<dyn TlsSession>),
    /// `close_notify` is made.
    Closed(Box<dyn TlsSession>),
}

pub(super) enum Source {
    Initiator(Arc<dyn TlsInitiator>, Domainpart),
    Receiver(Arc<dyn TlsReceiver>),
}

impl Source {
    fn begin(
        &self,
        host: Option<DomainpartRef<'_>>,
        alpn: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError> {
        match self {
            Self::Initiator(initiator, domain) => initiator.initiate(domain.as_ref(), alpn),
            Self::Receiver(receiver) => receiver.receive(host, alpn),
        }
    }
}

impl Wire {
    const fn with(tls: Tls) -> Self {
        Self {
            tls,
            received: Vec::new(),
            taken: 0,
            filled: 0,
            records: Vec::new(),
            sent: 0,
            failed: None,
            unreadable: false,
            alerted: false,
            unwritable: false,
        }
    }

    /// As it is, for ever: bytes in the clear, or the messages of a transport that
    /// has its own TLS.
    pub(super) const fn plaintext() -> Self {
        Self::with(Tls::Never)
    }

    /// Bytes in the clear until TLS is asked for.
    pub(super) const fn before_tls(source: Source) -> Self {
        Self::with(Tls::Before(source))
    }

    /// TLS from the first byte.
    pub(super) fn direct(source: &Source, alpn: Option<&'static [u8]>) -> Result<Self, TlsError> {
        Ok(Self::with(Tls::Handshaking(source.begin(None, alpn)?)))
    }

    /// Both sides have agreed on TLS. What is in `tx` still goes out in the clear.
    pub(super) fn start_tls(&mut self, host: Option<DomainpartRef<'_>>, tx: &mut SendBuffer) {
        self.records.extend_from_slice(tx.unsent());
        tx.sent(usize::MAX);
        if let Tls::Before(source) = &self.tls {
            match source.begin(host, None) {
                Ok(session) => self.tls = Tls::Handshaking(session),
                Err(error) => self.failed = Some(error),
            }
        } else {
            let message = "STARTTLS was agreed on, but this side has no TLS";
            self.failed = Some(TlsError::new(TlsErrorKind::Configuration, message));
        }
    }

    pub(super) const fn session(&self) -> Option<&dyn TlsSession> {
        match &self.tls {
            Tls::Up(session) | Tls::Closed(session) => Some(&**session),
            _ => None,
        }
    }

    /// True once: when the handshake has just ended.
    pub(super) fn handshake_done(&mut self) -> bool {
        if !matches!(&self.tls, Tls::Handshaking(session) if !session.is_handshaking()) {
            return false;
        }
        if let Tls::Handshaking(session) = core::mem::replace(&mut self.tls, Tls::Never) {
            self.tls = Tls::Up(session);
        }
        true
    }

    /// Whether there is room to read into.
    pub(super) fn has_room(&self, rx: &RecvBuffer) -> bool {
        match self.tls {
            Tls::Never | Tls::Before(_) => !rx.is_full(),
            _ => self.taken == self.filled,
        }
    }

    /// Room to read into, where [there is any](Self::has_room): what was received before
    /// has been decrypted.
    pub(super) fn unfilled<'a>(&'a mut self, rx: &'a mut RecvBuffer) -> &'a mut [u8] {
        match self.tls {
            Tls::Never | Tls::Before(_) => rx.unfilled(),
            _ => {
                self.taken = 0;
                self.filled = 0;
                self.received.resize(RECORD_BYTES, 0);
                &mut self.received
            }
        }
    }

    /// That much of it is filled.
    pub(super) fn advance(&mut self, n: usize, rx: &mut RecvBuffer) {
        match self.tls {
            Tls::Never | Tls::Before(_) => rx.advance(n),
            _ => self.filled = n.min(self.received.len()),
        }
    }

    /// Moves what was received on to the stream while that has room.
    pub(super) fn decrypt(&mut self, rx: &mut RecvBuffer) {
        let is_closed = matches!(self.tls, Tls::Closed(_));
        let (Tls::Handshaking(session) | Tls::Up(session) | Tls::Closed(session)) = &mut self.tls
        else {
            return;
        };
        // An engine need not take anything any more, and would be asked for ever.
        if self.unreadable {
            self.taken = self.filled;
            return;
        }
        let mut rest = self.received.get(self.taken..self.filled).unwrap_or_default();
        let closed_in_handshake = is_closed && session.is_handshaking();
        let mut done = session.decrypt(&mut rest, rx);
        // An engine rests where its handshake ends, so that this can be told. Of one that is
        // closed nothing is told: what came behind is read at once.
        if closed_in_handshake && done.is_ok() && !session.is_handshaking() {
            done = session.decrypt(&mut rest, rx);
        }
        self.taken = self.filled - rest.len();
        self.failed = done.err();
        self.unreadable = self.failed.is_some();
    }

    /// What went wrong; once.
    pub(super) fn take_failure(&mut self) -> Option<TlsError> {
        let error = self.failed.take()?;
        self.alerted |= error.kind() == TlsErrorKind::Alert;
        Some(error)
    }

    /// Whether the peer will send nothing more: it has sent `close_notify`, or
    /// another alert.
    pub(super) fn peer_has_closed(&self) -> bool {
        self.alerted || self.session().is_some_and(TlsSession::peer_has_closed)
    }

    /// Makes records of the beginning of `tx`, if all records before are sent.
    pub(super) fn encrypt(&mut self, tx: &mut SendBuffer) {
        let (Tls::Handshaking(session) | Tls::Up(session)) = &mut self.tls else { return };
        if self.sent < self.records.len() {
            return;
        }
        self.records.clear();
        self.sent = 0;
        let plaintext = tx.unsent();
        let some = plaintext.get(..PLAINTEXT_BYTES).unwrap_or(plaintext);
        let taken = session.encrypt(some, &mut self.records);
        tx.sent(taken);
    }

    /// What is to be sent next.
    pub(super) fn transmit<'a>(&'a self, tx: &'a SendBuffer) -> &'a [u8] {
        match self.tls {
            // All bytes, or one message.
            Tls::Never | Tls::Before(_) => tx.frame().unwrap_or_default(),
            _ => self.records.get(self.sent..).unwrap_or_default(),
        }
    }

    pub(super) fn transmitted(&mut self, n: usize, tx: &mut SendBuffer) {
        match self.tls {
            Tls::Never | Tls::Before(_) if tx.framing() == Framing::WebSocket => {
                // A message is sent whole or not at all.
                if tx.frame().is_some_and(|message| message.len() <= n) {
                    tx.frame_sent();
                }
            }
            Tls::Never | Tls::Before(_) => tx.sent(n),
            _ => self.sent = self.records.len().min(self.sent.saturating_add(n)),
        }
    }

    /// Nothing can be sent any more.
    pub(super) fn discard(&mut self) {
        self.unwritable = true;
        self.records.clear();
        self.sent = 0;
    }

    /// Bytes that wait to be sent, `tx` apart.
    pub(super) fn backlog(&self) -> usize {
        self.records.len() - self.sent
    }

    /// Makes `close_notify`, once.
    pub(super) fn close(&mut self) {
        match core::mem::replace(&mut self.tls, Tls::Never) {
            Tls::Handshaking(mut session) | Tls::Up(mut session) => {
                session.close();
                self.records.clear();
                self.sent = 0;
                if !self.unwritable {
                    session.encrypt(&[], &mut self.records);
                }
                self.tls = Tls::Closed(session);
            }
            tls => self.tls = tls,
        }
    }

    /// Bytes of memory that the buffers hold, those of TLS apart.
    pub(super) fn held_bytes(&self) -> usize {
        self.received.capacity() + self.records.capacity()
    }

    /// Gives memory back that nothing is in.
    pub(super) fn release(&mut self) {
        if self.taken == self.filled {
            self.received = Vec::new();
            self.taken = 0;
            self.filled = 0;
        }
        if self.backlog() == 0 {
            self.records = Vec::new();
            self.sent = 0;
        }
        if let Tls::Up(session) = &mut self.tls {
            session.release();
        }
    }
}
