//! [`TlsSession`]s made of rustls, with no socket and no thread.
//!
//! Bring a `ClientConfig` or `ServerConfig` of your own, or take
//! [`RustlsInitiator::with_roots`] and [`RustlsReceiver::with_certificate`],
//! which use the ring provider and the versions that RFC 9325 asks for.
//!
//! # Certificates
//!
//! A [`Verifier`](crate::certificate::Verifier) checks the peer's in the handshake
//! ([`RustlsInitiator::with_verifier`]) or after one that takes any
//! ([`RustlsInitiator::with_any_certificate`],
//! [`RustlsReceiver::asking_for_certificates`]).
//!
//! # Resumption
//!
//! A client that connects again resumes its TLS session, which saves the
//! certificates and their checks. It is on by default on both sides: an initiator
//! remembers sessions with 256 names at most, so keep it from one connection to the
//! next; a receiver remembers nothing and gives out tickets under keys that it
//! changes every six hours. Early data (0-RTT) is off: what is sent in it can be
//! replayed by anybody who has seen it (RFC 8446 section 8), and a SASL exchange
//! cannot bind to it. A session that is resumed was verified when it began: an initiator
//! that is made anew, with another verifier, has none to resume.

use alloc::{string::ToString, vec::Vec};
use core::ops::DerefMut;
use std::io::{BufRead, Read, Write};

use ::rustls::{CertificateError, ConnectionCommon, SideData};
use xmpp_xml::RecvBuffer;

mod certificates;
mod facts;
mod initiator;
mod receiver;

pub use self::certificates::OwnCertificate;
pub use self::facts::RustlsFacts;
pub use self::initiator::RustlsInitiator;
pub use self::receiver::RustlsReceiver;
use super::{TlsError, TlsErrorKind, TlsFacts, TlsSession};

struct Session<C> {
    connection: C,
    peer_closed: bool,
    /// Whether TLS 1.2 has the extended master secret, for certain.
    has_ems: bool,
    /// Whether the handshake checks that the peer's certificate proves the domain.
    is_peer_proved: bool,
    exporter: Option<[u8; 32]>,
    end_point: EndPoint,
}

/// The hash of the *server's* certificate (RFC 5929 section 4.1), whoever's it is.
enum EndPoint {
    OfUs(Option<Vec<u8>>),
    OfPeer(Option<Vec<u8>>),
}

impl<C, S> Session<C>
where
    C: DerefMut<Target = ConnectionCommon<S>>,
    S: SideData,
{
    fn handshake_done(&mut self) {
        self.exporter = facts::exporter(&self.connection, self.has_ems);
        if let EndPoint::OfPeer(hash) = &mut self.end_point {
            *hash = facts::end_point_of_peer(&self.connection);
        }
    }

    /// Moves decrypted bytes on while there is room. Says whether there was
    /// enough of it.
    fn hand_over(&mut self, rx: &mut RecvBuffer) -> bool {
        loop {
            let mut reader = self.connection.reader();
            match reader.fill_buf() {
                // Only close_notify reads as the end; all before it has been read.
                Ok([]) => {
                    self.peer_closed = true;
                    return true;
                }
                Ok(plaintext) => {
                    let n = rx.push(plaintext);
                    if n == 0 {
                        return false;
                    }
                    reader.consume(n);
                }
                // Nothing more for now, or the transport's end without close_notify,
                // which the driver reports.
                Err(_) => return true,
            }
        }
    }
}

impl<C, S> TlsSession for Session<C>
where
    C: DerefMut<Target = ConnectionCommon<S>> + Send,
    S: SideData + 'static,
{
    fn decrypt(&mut self, wire: &mut &[u8], rx: &mut RecvBuffer) -> Result<(), TlsError> {
        loop {
            let handshaking = self.connection.is_handshaking();
            // Plaintext first: rustls answers a full plaintext buffer with an error.
            if !handshaking && !self.hand_over(rx) {
                return Ok(());
            }
            if wire.is_empty() {
                return Ok(());
            }
            // Reading from memory fails only if rustls' own buffers are full, and
            // they were emptied above; nothing is read after close_notify.
            if !matches!(self.connection.read_tls(wire), Ok(1..)) {
                *wire = &[];
                return Ok(());
            }
            if let Err(error) = self.connection.process_new_packets() {
                // What came in good records before the bad one is good.
                if !handshaking {
                    self.hand_over(rx);
                }
                return Err(tls_error(error));
            }
            if handshaking && !self.connection.is_handshaking() {
                self.handshake_done();
                return Ok(());
            }
        }
    }

    fn encrypt(&mut self, plaintext: &[u8], wire: &mut Vec<u8>) -> usize {
        let mut taken = 0;
        loop {
            // The writer takes what its buffer limit allows; the records then
            // make room for more. Neither side can fail in memory. During the
            // handshake rustls would keep what it takes, unbounded by us.
            let rest = plaintext.get(taken..).unwrap_or_default();
            let n = if self.connection.is_handshaking() {
                0
            } else {
                self.connection.writer().write(rest).unwrap_or(0)
            };
            taken += n;
            while matches!(self.connection.write_tls(wire), Ok(1..)) {}
            if taken == plaintext.len() || n == 0 {
                return taken;
            }
        }
    }

    fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    fn peer_has_closed(&self) -> bool {
        self.peer_closed
    }

    fn close(&mut self) {
        self.connection.send_close_notify();
    }

    fn release(&mut self) {
        // The buffer for records grows to a whole one and more while they come, and
        // shrinks when rustls prepares to read while it is empty: the same 4 KiB
        // then stay that any connection has.
        let _ = self.connection.read_tls(&mut Nothing);
    }

    fn peer_certificates(&self) -> Vec<&[u8]> {
        let chain = self.connection.peer_certificates().unwrap_or_default();
        chain.iter().map(AsRef::as_ref).collect()
    }

    fn facts(&self) -> TlsFacts<'_> {
        TlsFacts {
            version: facts::version(&self.connection),
            exporter: self.exporter.as_ref().map(|bytes| &bytes[..]),
            server_end_point: match &self.end_point {
                EndPoint::OfUs(hash) | EndPoint::OfPeer(hash) => hash.as_deref(),
            },
            unique: None,
            peer_certificate: self
                .connection
                .peer_certificates()
                .and_then(|chain| chain.first())
                .map(|certificate| &certificate[..]),
            is_peer_proved: self.is_peer_proved,
            alpn: self.connection.alpn_protocol(),
            resumed: facts::is_resumed(&self.connection),
        }
    }
}

/// A transport that has nothing to read now, and has not ended.
struct Nothing;

impl Read for Nothing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::WouldBlock.into())
    }
}

fn configuration(error: ::rustls::Error) -> TlsError {
    TlsError::new(TlsErrorKind::Configuration, error.to_string())
}

fn tls_error(error: ::rustls::Error) -> TlsError {
    use ::rustls::Error;
    if let Some(query) = certificates::asked(&error) {
        return TlsError::of_certificate(query);
    }
    let kind = match &error {
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => TlsErrorKind::CertificateName,
        // A bad signature: it names an authority that did not make it.
        Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => TlsErrorKind::CertificateIssuer,
        Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => TlsErrorKind::CertificateTime,
        Error::InvalidCertificate(_) | Error::NoCertificatesPresented => TlsErrorKind::Certificate,
        Error::AlertReceived(_) => TlsErrorKind::Alert,
        Error::PeerIncompatible(_) => TlsErrorKind::Incompatible,
        Error::General(_) | Error::FailedToGetRandomBytes | Error::FailedToGetCurrentTime => {
            TlsErrorKind::Configuration
        }
        _ => TlsErrorKind::Misbehaved,
    };
    TlsError::new(kind, error.to_string())
}
