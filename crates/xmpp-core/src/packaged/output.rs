//! What a driver is to do next.

use core::fmt;

use xmpp_stanza::StreamError;
use xmpp_xml::{ElementRef, SendBuffer, WriteXml};

use crate::connection::Connection;
use crate::error::SendError;
use crate::event::Event;
use crate::role::Role;
use crate::time::{Deadline, Instant};

/// What a driver is to do next.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must handle all of them")]
pub enum Output<'a, E> {
    /// Something to tell.
    Event(E),
    /// Send of these bytes as many as the transport takes, and say how many:
    /// [`Endpoint::transmitted`](crate::Endpoint::transmitted).
    Transmit(&'a [u8]),
    /// Nothing more to tell or to send. Read into
    /// [`Endpoint::recv_buf`](crate::Endpoint::recv_buf), at most until then. Then, or
    /// when something has been read, poll again.
    Wait(Option<Deadline>),
    /// All is sent, and nothing more will be: end the transport's writing side, if
    /// it has two. Comes once, while the end of the peer's side is waited for: the
    /// peer may be waiting for ours.
    Shutdown,
    /// Over, in order. Close the transport.
    Closed,
}

/// An event that borrows from the receive buffer, with the means to answer it
/// while one looks at it.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "to be taken apart")]
pub struct Lent<'a, R: Role> {
    /// The event.
    pub event: Event<'a, R>,
    /// The connection that it came from.
    pub answer: Answer<'a, R>,
}

/// The means to answer an event: the connection, and the buffer of what is to be
/// sent.
pub struct Answer<'a, R: Role> {
    pub(super) connection: &'a mut Connection<R>,
    pub(super) tx: &'a mut SendBuffer,
    pub(super) now: Instant,
}

impl<R: Role> Answer<'_, R> {
    /// Sends a stanza; see [`Connection::send`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send<S: WriteXml + ?Sized>(&mut self, stanza: &S) -> Result<(), SendError> {
        self.connection.send(stanza, self.tx)
    }

    /// Passes a received stanza on; see [`Connection::forward`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn forward(
        &mut self,
        stanza: ElementRef<'_>,
        attrs: &[(&str, Option<&str>)],
    ) -> Result<(), SendError> {
        self.connection.forward(stanza, attrs, self.tx)
    }

    /// Sends another first-level element; see [`Connection::send_nonza`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_nonza<N: WriteXml + ?Sized>(&mut self, nonza: &N) -> Result<(), SendError> {
        self.connection.send_nonza(nonza, self.tx)
    }

    /// Closes the stream; see [`Connection::close`].
    pub fn close(&mut self, why: Option<StreamError>) {
        self.connection.close(self.now, why, self.tx);
    }

    /// The connection itself, for what it can be asked.
    pub const fn connection(&self) -> &Connection<R> {
        self.connection
    }
}

impl<R: Role> fmt::Debug for Answer<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("connection", &self.connection).finish_non_exhaustive()
    }
}
