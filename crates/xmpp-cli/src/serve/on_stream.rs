//! Stanzas that have been put on a stream and may not be on the wire yet.

use std::collections::VecDeque;

use xmpp_core::role::Role;
use xmpp_core::stanza::StanzaCondition;
use xmpp_core::{Endpoint, SendError};

/// While more than this waits to be written (bytes), nothing is added.
pub(super) const HIGH_WATER: usize = 64 << 10;

/// What is on one stream.
#[derive(Default)]
pub(super) struct OnStream {
    /// Each with the number of bytes up to its end. Where there is stream management, it is
    /// the stream that keeps them.
    unsent: VecDeque<(u64, Vec<u8>)>,
    given: u64,
    /// How many stanzas were unacknowledged when the stream took no more.
    full: Option<usize>,
}

/// A stanza that the stream does not take.
#[derive(Debug)]
pub(super) enum NotTaken {
    /// It does later: too many wait for an acknowledgement.
    Later(Vec<u8>),
    /// It takes nothing at all.
    Closed(Vec<u8>),
    /// It never takes this one: what its sender is told.
    Never(Vec<u8>, StanzaCondition),
}

impl OnStream {
    /// Whether the stream takes another stanza, while `backlog` bytes wait to be written
    /// and so many stanzas are `unacknowledged`. Forgets what has been written.
    pub(super) fn has_room(&mut self, backlog: usize, unacknowledged: usize) -> bool {
        let sent = self.given.saturating_sub(backlog as u64);
        while self.unsent.front().is_some_and(|(end, _)| *end <= sent) {
            self.unsent.pop_front();
        }
        self.full.take_if(|full| unacknowledged < *full);
        self.full.is_none() && backlog < HIGH_WATER
    }

    /// Puts a stanza on the stream.
    pub(super) fn put<R: Role>(
        &mut self,
        stanza: Vec<u8>,
        endpoint: &mut Endpoint<R>,
    ) -> Result<(), NotTaken> {
        match endpoint.send_serialized(&stanza) {
            Ok(()) if endpoint.stream_management().is_some() => {}
            Ok(()) => {
                self.given += stanza.len() as u64;
                self.unsent.push_back((self.given, stanza));
            }
            Err(SendError::QueueFull { stanzas, .. }) => {
                self.full = Some(stanzas);
                return Err(NotTaken::Later(stanza));
            }
            Err(SendError::Closed | SendError::NotEstablished) => {
                return Err(NotTaken::Closed(stanza));
            }
            Err(error) => {
                tracing::info!("a stanza cannot be sent: {error}");
                let condition = match error {
                    SendError::TooLarge { .. } => StanzaCondition::PolicyViolation,
                    _ => StanzaCondition::InternalServerError,
                };
                return Err(NotTaken::Never(stanza, condition));
            }
        }
        Ok(())
    }

    /// What may not be on the wire. In what waits for the socket, TLS has made more of the
    /// bytes, so that it may be a little too much, and never too little.
    pub(super) fn take(&mut self) -> VecDeque<Vec<u8>> {
        core::mem::take(&mut self.unsent).into_iter().map(|(_, stanza)| stanza).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use xmpp_core::tls::TlsFacts;
    use xmpp_core::{Server, ServerConfig};

    use super::*;

    /// A stream that takes nothing gives the stanza back: nothing that was accepted is lost.
    #[test]
    fn what_is_not_taken_comes_back() {
        let now = xmpp_core::time::Instant::from_origin(core::time::Duration::ZERO);
        let config = Arc::new(ServerConfig::default());
        let mut endpoint = Server::accept_websocket(config, TlsFacts::new(), now, [7; 32]);
        let mut on_stream = OnStream::default();
        let stanza = b"<message/>".to_vec();
        let refused = on_stream.put(stanza.clone(), &mut endpoint).unwrap_err();
        assert!(matches!(refused, NotTaken::Closed(same) if same == stanza));
        assert!(on_stream.take().is_empty());
    }

    #[test]
    fn what_is_written_is_forgotten() {
        let mut on_stream = OnStream::default();
        for (end, stanza) in [(10, "a"), (25, "b"), (40, "c")] {
            on_stream.given = end;
            on_stream.unsent.push_back((end, stanza.into()));
        }
        assert!(on_stream.has_room(16, 0));
        assert_eq!(on_stream.take(), [b"b", b"c"]);
        assert!(!on_stream.has_room(HIGH_WATER, 0));
        on_stream.full = Some(3);
        assert!(!on_stream.has_room(0, 3));
        assert!(on_stream.has_room(0, 2));
    }
}
