//! A stand-in for TLS, whose handshake does not end by itself.

use xmpp_core::jid::DomainpartRef;
use xmpp_core::tls::{TlsError, TlsErrorKind, TlsFacts, TlsInitiator, TlsReceiver, TlsSession};
use xmpp_core::xml::RecvBuffer;

/// What becomes of the bytes that come.
#[derive(Clone, Copy)]
pub(crate) enum Input {
    /// They stay where they are.
    Kept,
    /// They are taken, and mean nothing.
    Taken,
    /// They stay, and each time there is an error.
    Refused,
    /// One byte ends the handshake; all behind it is the end of TLS, which comes to
    /// [`Closing`](Self::Closing) and [`Closed`](Self::Closed).
    Ends,
    Closing,
    Closed,
}

#[derive(Clone, Copy)]
pub(crate) struct Engine {
    /// Once.
    pub(crate) says: &'static [u8],
    pub(crate) input: Input,
}

impl TlsSession for Engine {
    fn decrypt(&mut self, wire: &mut &[u8], _: &mut RecvBuffer) -> Result<(), TlsError> {
        match self.input {
            Input::Taken => *wire = &[],
            Input::Refused if !wire.is_empty() => {
                return Err(TlsError::new(TlsErrorKind::Misbehaved, "no TLS at all"));
            }
            Input::Ends if !wire.is_empty() => {
                *wire = &wire[1..];
                self.input = Input::Closing;
            }
            Input::Closing if !wire.is_empty() => {
                *wire = &[];
                self.input = Input::Closed;
            }
            _ => {}
        }
        Ok(())
    }

    fn encrypt(&mut self, _: &[u8], wire: &mut Vec<u8>) -> usize {
        wire.extend_from_slice(core::mem::take(&mut self.says));
        0
    }

    fn is_handshaking(&self) -> bool {
        !matches!(self.input, Input::Closing | Input::Closed)
    }

    fn peer_has_closed(&self) -> bool {
        matches!(self.input, Input::Closed)
    }

    fn close(&mut self) {}

    fn facts(&self) -> TlsFacts<'_> {
        TlsFacts::new()
    }
}

impl TlsInitiator for Engine {
    fn initiate(
        &self,
        _: DomainpartRef<'_>,
        _: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError> {
        Ok(Box::new(*self))
    }
}

impl TlsReceiver for Engine {
    fn receive(
        &self,
        _: Option<DomainpartRef<'_>>,
        _: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError> {
        Ok(Box::new(*self))
    }
}
