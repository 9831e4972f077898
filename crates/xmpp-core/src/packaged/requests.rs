//! Requests of ours and of the peer's.

use core::time::Duration;

use xmpp_stanza::IqBuilder;

use super::Endpoint;
use super::output::Answer;
#[cfg(doc)]
use crate::connection::Connection;
use crate::error::SendError;
use crate::requests::{RequestId, Requests};
use crate::role::Role;
use crate::time::Instant;

impl<R: Role> Endpoint<R> {
    /// Sends an iq request that is answered by an event; see [`Connection::request`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn request(
        &mut self,
        now: Instant,
        iq: IqBuilder,
        timeout: Duration,
    ) -> Result<RequestId, SendError> {
        self.connection.request(now, iq, timeout, &mut self.tx)
    }

    /// Does not wait for the answer to a request any longer; see [`Connection::give_up`].
    pub fn give_up(&mut self, request: RequestId) -> bool {
        self.connection.give_up(request)
    }

    /// The request that the last event was of will be answered later; see
    /// [`Connection::claim`].
    pub const fn claim(&mut self) -> bool {
        self.connection.claim()
    }

    /// The requests that wait for an answer; see [`Connection::take_requests`].
    pub fn take_requests(&mut self) -> Requests {
        self.connection.take_requests()
    }

    /// Waits for the answers to these; see [`Connection::adopt_requests`].
    pub fn adopt_requests(&mut self, requests: Requests) {
        self.connection.adopt_requests(requests);
    }
}

impl<R: Role> Answer<'_, R> {
    /// Sends an iq request that is answered by an event; see [`Connection::request`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn request(&mut self, iq: IqBuilder, timeout: Duration) -> Result<RequestId, SendError> {
        self.connection.request(self.now, iq, timeout, self.tx)
    }

    /// The request that the event is of will be answered later; see
    /// [`Connection::claim`].
    pub const fn claim(&mut self) -> bool {
        self.connection.claim()
    }
}
