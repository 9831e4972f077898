//! One end of a stream between servers, whichever role it has.

use xmpp_core::dialback::{Claim, Pair, Verdict};
use xmpp_core::role::PeerRole;
use xmpp_core::time::Instant;
use xmpp_core::xml::{RecvBuffer, SendBuffer};
use xmpp_core::{
    Connection, Direction, Event, PairError, PeerAnswer, PeerEvent, Phase, ResultQuery,
    VerificationId, VerifyQuery,
};

use crate::ends::{facts, message};

/// What a driver sees of either end.
pub(crate) enum Seen {
    Established,
    Managed,
    Authorised(Pair, Direction),
    Refused(Pair),
    Claimed(ResultQuery),
    Verified(VerificationId, Verdict),
    Asked(VerifyQuery),
    Stanza { from: String, to: String, id: u32 },
    Closed,
}

/// One end, whichever.
pub(crate) trait End {
    /// All that is to be seen. `proves` says whether a certificate proves that domain.
    fn poll(&mut self, now: Instant, proves: &dyn Fn(&str) -> bool) -> Vec<Seen>;
    fn receive(&mut self, bytes: &[u8]) -> usize;
    fn unsent(&self) -> &[u8];
    fn sent(&mut self, n: usize);
    fn eof(&mut self, now: Instant);
    fn deadline(&self) -> Option<Instant>;
    fn phase(&self) -> Phase;
    fn send(&mut self, from: &str, to: &str, id: u32) -> bool;
    fn is_managed(&self) -> bool;
    fn sends(&self, pair: &Pair) -> bool;
    fn request(&mut self, now: Instant, pair: &Pair) -> Result<(), PairError>;
    fn verify(&mut self, now: Instant, claim: &Claim) -> Result<VerificationId, PairError>;
    fn answer_result(&mut self, query: ResultQuery, verdict: Verdict);
    fn answer_verify(&mut self, query: VerifyQuery, verdict: Verdict);
    fn undelivered(&mut self) -> Vec<u32>;
    fn close(&mut self, now: Instant);
}

pub(super) struct Half<R: PeerRole> {
    pub(super) connection: Connection<R>,
    pub(super) rx: RecvBuffer,
    pub(super) tx: SendBuffer,
}

impl<R: PeerRole> End for Half<R> {
    fn poll(&mut self, now: Instant, proves: &dyn Fn(&str) -> bool) -> Vec<Seen> {
        let mut seen = Vec::new();
        while let Ok(Some(event)) = self.connection.poll_event(now, &mut self.rx, &mut self.tx) {
            seen.push(match event {
                Event::StartTls => {
                    let (rx, tx) = (&mut self.rx, &mut self.tx);
                    self.connection.tls_established(now, facts(), rx, tx).unwrap();
                    continue;
                }
                Event::Established { .. } => Seen::Established,
                Event::Stanza(stanza) => {
                    let attr = |name| stanza.element().attr(name).unwrap().into_owned();
                    Seen::Stanza {
                        from: attr("from"),
                        to: attr("to"),
                        id: attr("id").parse().unwrap(),
                    }
                }
                Event::Closed { .. } => Seen::Closed,
                Event::Role(event) => match event {
                    PeerEvent::PeerWanted(query) => {
                        let answer = match query.remote() {
                            Some(remote) if query.is_tls() && proves(remote.as_str()) => {
                                PeerAnswer::Proved
                            }
                            _ => PeerAnswer::NotProved,
                        };
                        self.connection.accept_peer(query, answer, &mut self.tx).unwrap();
                        continue;
                    }
                    PeerEvent::PairAuthorised { pair, direction, .. } => {
                        Seen::Authorised(pair, direction)
                    }
                    PeerEvent::PairRefused { pair, .. } => Seen::Refused(pair),
                    PeerEvent::ResultWanted(query) => Seen::Claimed(query),
                    PeerEvent::Verified { verification, verdict } => {
                        Seen::Verified(verification, verdict)
                    }
                    PeerEvent::VerifyWanted(query) => Seen::Asked(query),
                    PeerEvent::StreamManagementEnabled => Seen::Managed,
                    _ => continue,
                },
                _ => continue,
            });
        }
        seen
    }

    fn receive(&mut self, bytes: &[u8]) -> usize {
        self.rx.push(bytes)
    }

    fn unsent(&self) -> &[u8] {
        self.tx.unsent()
    }

    fn sent(&mut self, n: usize) {
        self.tx.sent(n);
    }

    fn eof(&mut self, now: Instant) {
        self.connection.handle_eof(now);
    }

    fn deadline(&self) -> Option<Instant> {
        self.connection.poll_timeout().map(|deadline| deadline.at)
    }

    fn phase(&self) -> Phase {
        self.connection.phase()
    }

    fn send(&mut self, from: &str, to: &str, id: u32) -> bool {
        let stanza = message(from, to, &id.to_string());
        self.connection.send(&stanza, &mut self.tx).is_ok()
    }

    fn is_managed(&self) -> bool {
        self.connection.stream_management().is_some()
    }

    fn sends(&self, pair: &Pair) -> bool {
        self.connection.phase() == Phase::Established
            && self.connection.is_authorised(pair, Direction::Send)
    }

    fn request(&mut self, now: Instant, pair: &Pair) -> Result<(), PairError> {
        self.connection.request_pair(now, pair, &mut self.tx)
    }

    fn verify(&mut self, now: Instant, claim: &Claim) -> Result<VerificationId, PairError> {
        self.connection.verify(now, claim, &mut self.tx)
    }

    fn answer_result(&mut self, query: ResultQuery, verdict: Verdict) {
        self.connection.answer_result(query, verdict, &mut self.tx).unwrap();
    }

    fn answer_verify(&mut self, query: VerifyQuery, verdict: Verdict) {
        self.connection.answer_verify(query, verdict, &mut self.tx).unwrap();
    }

    fn undelivered(&mut self) -> Vec<u32> {
        let undelivered = self.connection.take_unacknowledged();
        let id = |stanza: xmpp_core::xml::Element| stanza.as_ref().attr("id").unwrap().parse();
        undelivered.elements().map(|stanza| id(stanza).unwrap()).collect()
    }

    fn close(&mut self, now: Instant) {
        self.connection.close(now, None, &mut self.tx);
    }
}
