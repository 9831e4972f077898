//! What differs from run to run.

use xmpp_core::config::TlsMode;
use xmpp_core::session::discovery::{Host, Place};
use xmpp_core::session::{Destination, QueueLimits, Redirects, SessionConfig, Undelivered};
use xmpp_core::stream_management::StreamManagement;

use super::operations::client::{config, host};
use super::operations::options::Options as OfConnection;
use super::operations::part::SECRET;
use super::operations::tape::Tape;

/// What a run is with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) of_connection: OfConnection,
    /// Servers offer stream management.
    pub(super) management: bool,
    /// What is sent while offline is kept.
    pub(super) queue: bool,
    /// WebSockets are looked for, too.
    pub(super) web: bool,
    /// Messages that were not acknowledged are sent again.
    pub(super) resend: bool,
    pub(super) reconnect: bool,
    /// Redirections are followed without TLS as well.
    pub(super) follow: bool,
    /// To a place, without asking DNS.
    pub(super) place: bool,
}

impl Options {
    pub(super) fn new(tape: &mut Tape<'_>) -> Self {
        let of_connection = tape.byte();
        let of_connection = OfConnection {
            wrong_secret: false,
            plain: false,
            ..OfConnection::from_byte(of_connection)
        };
        let byte = tape.byte();
        let bit = |at: u8| byte & (1 << at) != 0;
        Self {
            of_connection,
            management: !bit(0),
            queue: bit(1),
            web: bit(2),
            resend: bit(3),
            reconnect: !bit(4),
            follow: bit(5),
            place: bit(6),
        }
    }

    pub(super) fn session(self) -> SessionConfig {
        let mut client = config(self.of_connection, SECRET);
        let mut management = StreamManagement::of_client();
        if self.of_connection.small {
            management.max_stanzas = 4;
        }
        client.stream_management = Some(management);
        let mut config = SessionConfig::new(client);
        config.offline_queue = self.queue.then(Self::queue_limits);
        config.methods.web_socket = self.web;
        if self.resend {
            config.undelivered = Undelivered::ResendMessages;
        }
        config.reconnect = self.reconnect;
        if self.follow {
            config.redirects = Redirects::Always;
        }
        if self.place {
            let host = Host::Address([192, 0, 2, 7].into());
            config.destination = Destination::Place(Place::new(host, 5222, TlsMode::StartTls));
        }
        config
    }

    pub(super) fn queue_limits() -> QueueLimits {
        let mut limits = QueueLimits::default();
        (limits.stanzas, limits.bytes) = (3, 2000);
        limits
    }

    pub(super) fn host(self) -> xmpp_core::HostConfig {
        let mut host = host(self.of_connection);
        host.stream_management = self.management.then(StreamManagement::of_server);
        host
    }
}
