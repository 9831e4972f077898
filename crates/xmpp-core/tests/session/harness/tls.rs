//! TLS that keeps nothing secret: a byte for the handshake, a byte for `close_notify`, and
//! all else as it is. No byte of these is in any XML.

use xmpp_core::jid::DomainpartRef;
use xmpp_core::tls::{
    TlsError, TlsErrorKind, TlsFacts, TlsInitiator, TlsReceiver, TlsSession, TlsVersion,
};
use xmpp_core::xml::RecvBuffer;

const HELLO: u8 = 0xfe;
const CLOSE: u8 = 0xff;
/// The certificate is for another name.
const WRONG_NAME: u8 = 0xfd;
const ALERT: u8 = 0xfc;

pub(super) struct Clear;

#[derive(Default)]
struct Open {
    /// It speaks second.
    receives: bool,
    greeted: bool,
    greets: bool,
    peer_has_closed: bool,
    closes: bool,
    closed: bool,
}

impl TlsSession for Open {
    fn decrypt(&mut self, wire: &mut &[u8], rx: &mut RecvBuffer) -> Result<(), TlsError> {
        let error = |kind| Err(TlsError::new(kind, "so it says"));
        while let Some((&first, rest)) = wire.split_first() {
            match first {
                HELLO if !self.greeted => {
                    *wire = rest;
                    self.greeted = true;
                    return Ok(());
                }
                WRONG_NAME if !self.greeted => return error(TlsErrorKind::CertificateName),
                ALERT => return error(TlsErrorKind::Alert),
                CLOSE if self.greeted => {
                    *wire = rest;
                    self.peer_has_closed = true;
                }
                _ if !self.greeted || first >= ALERT => return error(TlsErrorKind::Misbehaved),
                _ if self.peer_has_closed => *wire = rest,
                _ => {
                    let end = wire.iter().position(|byte| *byte >= ALERT).unwrap_or(wire.len());
                    let taken = rx.push(&wire[..end]);
                    *wire = &wire[taken..];
                    if taken < end {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn encrypt(&mut self, plaintext: &[u8], wire: &mut Vec<u8>) -> usize {
        let may_greet = self.greeted || !self.receives;
        if may_greet && !core::mem::replace(&mut self.greets, true) {
            wire.push(HELLO);
        }
        if !self.greeted {
            return 0;
        }
        if !self.closed {
            wire.extend_from_slice(plaintext);
        }
        if self.closes && !core::mem::replace(&mut self.closed, true) {
            wire.push(CLOSE);
        }
        plaintext.len()
    }

    fn is_handshaking(&self) -> bool {
        !self.greeted
    }

    fn peer_has_closed(&self) -> bool {
        self.peer_has_closed
    }

    fn close(&mut self) {
        self.closes = true;
    }

    fn facts(&self) -> TlsFacts<'_> {
        facts()
    }
}

pub(super) fn facts() -> TlsFacts<'static> {
    TlsFacts::new().with_version(TlsVersion::Tls13).with_exporter(&[7; 32]).with_peer_proved(true)
}

impl TlsInitiator for Clear {
    fn initiate(
        &self,
        _: DomainpartRef<'_>,
        _: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError> {
        Ok(Box::new(Open::default()))
    }
}

impl TlsReceiver for Clear {
    fn receive(
        &self,
        _: Option<DomainpartRef<'_>>,
        _: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError> {
        Ok(Box::new(Open { receives: true, ..Open::default() }))
    }
}
