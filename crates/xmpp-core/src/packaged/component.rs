//! Components (XEP-0114), and what a server is asked about one.

use alloc::sync::Arc;

use xmpp_jid::Domainpart;
use xmpp_sasl::Secret;
use xmpp_stanza::StreamError;
use xmpp_xml::{Framing, SendBuffer};

use super::Endpoint;
use super::output::Answer;
use super::wire::Wire;
use crate::config::{ComponentConfig, ComponentServerConfig};
use crate::connection::Connection;
use crate::error::Misuse;
use crate::query::ComponentQuery;
use crate::role::{ComponentToServer, ServerFromComponent};
use crate::time::Instant;

impl Endpoint<ComponentToServer> {
    /// Begins a connection, in the clear as XEP-0114 has it: it belongs on the
    /// loopback interface or on a network that is protected otherwise. `seed` is
    /// 32 bytes from the system's random generator, never used twice.
    pub fn connect_component(config: Arc<ComponentConfig>, now: Instant, seed: [u8; 32]) -> Self {
        let mut tx = SendBuffer::new(Framing::Stream);
        let connection = Connection::connect_component(Arc::clone(&config), now, seed, &mut tx);
        Self::new(connection, tx, Wire::plaintext(), &config.limits, config.timeouts, now)
    }
}

impl Endpoint<ServerFromComponent> {
    /// Waits for a component, in the clear as XEP-0114 has it. `seed` is 32 bytes
    /// from the system's random generator, never used twice.
    pub fn accept_component(
        config: Arc<ComponentServerConfig>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let tx = SendBuffer::new(Framing::Stream);
        let connection = Connection::accept_component(Arc::clone(&config), now, seed);
        Self::new(connection, tx, Wire::plaintext(), &config.limits, config.timeouts, now)
    }

    /// The component's domain, once it has been let in.
    pub fn component(&self) -> Option<&Domainpart> {
        self.connection.component()
    }

    /// Answers [`ComponentServerEvent::ComponentWanted`](crate::ComponentServerEvent::ComponentWanted);
    /// see [`Connection::provide_secret`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_secret(&mut self, query: ComponentQuery, secret: Secret) -> Result<(), Misuse> {
        self.connection.provide_secret(query, secret, &mut self.tx)
    }

    /// Answers [`ComponentServerEvent::ComponentWanted`](crate::ComponentServerEvent::ComponentWanted);
    /// see [`Connection::refuse_component`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_component(
        &mut self,
        query: ComponentQuery,
        error: StreamError,
    ) -> Result<(), Misuse> {
        self.connection.refuse_component(query, error, &mut self.tx)
    }
}

impl Answer<'_, ServerFromComponent> {
    /// Answers [`ComponentServerEvent::ComponentWanted`](crate::ComponentServerEvent::ComponentWanted);
    /// see [`Connection::provide_secret`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_secret(&mut self, query: ComponentQuery, secret: Secret) -> Result<(), Misuse> {
        self.connection.provide_secret(query, secret, self.tx)
    }

    /// Answers [`ComponentServerEvent::ComponentWanted`](crate::ComponentServerEvent::ComponentWanted);
    /// see [`Connection::refuse_component`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_component(
        &mut self,
        query: ComponentQuery,
        error: StreamError,
    ) -> Result<(), Misuse> {
        self.connection.refuse_component(query, error, self.tx)
    }
}
