//! Both packaged ends over a wire in the clear.

use std::sync::Arc;

use xmpp_core::role::ServerFromClient;
use xmpp_core::stream_management::StreamManagement;
use xmpp_core::{Client, Event, HostConfig, Server, ServerConfig};

use crate::common::tls::{self, State, feed, turn};
use crate::common::{T0, client_config, host_config};

pub(crate) struct Ends {
    pub(crate) client: Client,
    pub(crate) server: Server,
    pub(crate) logs: [Vec<String>; 2],
}

impl Ends {
    /// Nothing has been sent yet.
    pub(crate) fn new() -> Self {
        let client = Arc::new(client_config());
        let server = Arc::new(ServerConfig::default());
        Self {
            client: Client::connect_dangerous_plaintext(client, T0, [1; 32]),
            server: Server::accept_dangerous_plaintext(server, T0, [2; 32]),
            logs: Default::default(),
        }
    }

    /// Stanzas flow, with stream management.
    pub(crate) fn established() -> Self {
        let mut ends = Self::new();
        let host = managing_host();
        ends.settle(|server, event| match event {
            Event::Role(xmpp_core::ServerEvent::HostWanted(query)) => {
                server.choose_host(query, Arc::clone(&host)).unwrap();
            }
            event => tls::answer(server, event),
        });
        assert!(ends.client.bound().is_some(), "{:#?}", ends.logs);
        ends
    }

    /// Carries bytes back and forth until neither side has anything to say. The end of
    /// one side's transport is told to the other.
    pub(crate) fn settle(
        &mut self,
        mut look: impl FnMut(&mut Server, Event<'static, ServerFromClient>),
    ) -> [State; 2] {
        let mut ended = [false; 2];
        loop {
            let (there, client) = turn(&mut self.client, T0, &mut self.logs[0], |_, _| {});
            feed(&mut self.server, &mut &there[..]);
            let (back, server) = turn(&mut self.server, T0, &mut self.logs[1], &mut look);
            feed(&mut self.client, &mut &back[..]);
            let over = [client != State::Waits, server != State::Waits];
            if there.is_empty() && back.is_empty() && over == ended {
                return [client, server];
            }
            if over[0] {
                self.server.handle_eof();
            }
            if over[1] {
                self.client.handle_eof();
            }
            ended = over;
        }
    }

    /// What the client sends now.
    pub(crate) fn client_sends(&mut self) -> String {
        let (sent, _) = turn(&mut self.client, T0, &mut self.logs[0], |_, _| {});
        String::from_utf8(sent).unwrap()
    }

    /// What the server sends now.
    pub(crate) fn server_sends(&mut self) -> String {
        let (sent, _) = turn(&mut self.server, T0, &mut self.logs[1], tls::answer);
        String::from_utf8(sent).unwrap()
    }

    pub(crate) fn give_client(&mut self, text: &str) {
        feed(&mut self.client, &mut text.as_bytes());
    }

    pub(crate) fn give_server(&mut self, text: &str) {
        feed(&mut self.server, &mut text.as_bytes());
    }
}

pub(crate) fn managing_host() -> Arc<HostConfig> {
    let mut host = host_config();
    host.stream_management = Some(StreamManagement::of_server());
    Arc::new(host)
}
