//! A client on blocking sockets.

use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::{Message, MessageType, Presence, PresenceType};
use xmpp_core::time::Clock;
use xmpp_core::{Client, ClientConfig, Event, Output};

use crate::Failure;
use crate::server::Server;

/// The domain that is served.
pub(crate) const DOMAIN: &str = "load.example";

/// One account of the server; all have the same password.
pub(crate) struct Account {
    pub(crate) name: String,
}

impl Account {
    pub(crate) fn number(number: usize) -> Self {
        Self { name: format!("u{number}") }
    }

    fn address(&self) -> String {
        format!("{}@{DOMAIN}", self.name)
    }
}

/// A bound and available client.
pub(crate) struct Session {
    client: Client,
    socket: TcpStream,
    clock: Clock,
}

/// Connects, logs in and becomes available.
pub(crate) fn log_in(server: &Server, account: &Account) -> Result<Session, Failure> {
    let credentials = Credentials::new(&*account.name).with_password("pw");
    let mut config = ClientConfig::new(BareJid::new(&account.address())?, credentials);
    // The same protocol to both servers, of which one may know no more.
    config.stream_management = None;
    config.sasl2.enabled = false;
    let config = Arc::new(config);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let socket = TcpStream::connect(&server.address)?;
    socket.set_nodelay(true)?;
    let clock = Clock::start();
    let tls = Arc::clone(&server.tls);
    let client = Client::connect(config, tls, clock.now(), seed)?;
    let mut session = Session { client, socket, clock };
    let mut bound = None;
    loop {
        match session.next()? {
            Some(Event::Established { jid, .. }) => {
                session.client.send(&Presence::builder(PresenceType::Available))?;
                bound = Some(jid.to_string());
            }
            // Its own presence: the server has taken it.
            Some(Event::Stanza(stanza))
                if bound.as_deref() == stanza.element().attr("from").as_deref() =>
            {
                return Ok(session);
            }
            Some(_) => {}
            None => return Err("the server closed the stream".into()),
        }
    }
}

impl Session {
    /// The next event; `None` at the end.
    fn next(&mut self) -> Result<Option<Event<'static, xmpp_core::role::ClientToServer>>, Failure> {
        loop {
            match self.client.poll(self.clock.now())? {
                Output::Event(event) => return Ok(Some(event)),
                Output::Transmit(_) => self.client.write_to(&mut self.socket)?,
                Output::Wait(_) => self.client.read_from(&mut self.socket)?,
                Output::Shutdown => _ = self.socket.shutdown(Shutdown::Write),
                Output::Closed => return Ok(None),
            }
        }
    }

    /// Sends so many messages, no more at a time than `going` has room for.
    pub(crate) fn send(
        &mut self,
        to: &Account,
        body: &str,
        count: usize,
        going: &SyncSender<()>,
    ) -> Result<(), Failure> {
        let to: Jid = to.address().parse()?;
        let message = Message::builder(MessageType::Chat).with_to(to).with_body(body);
        for _ in 0..count {
            going.send(())?;
            self.client.send(&message)?;
            while let Output::Transmit(_) = self.client.poll(self.clock.now())? {
                self.client.write_to(&mut self.socket)?;
            }
        }
        Ok(())
    }

    /// Takes so many.
    pub(crate) fn receive(&mut self, count: usize, gone: &Receiver<()>) -> Result<(), Failure> {
        let mut left = count;
        while left > 0 {
            match self.next()? {
                Some(Event::Stanza(stanza)) if stanza.element().name() == "message" => {
                    gone.recv()?;
                    left -= 1;
                }
                Some(_) => {}
                None => return Err("the server closed the stream".into()),
            }
        }
        Ok(())
    }

    /// Ends the stream in order.
    pub(crate) fn close(mut self) -> Result<(), Failure> {
        self.client.close(self.clock.now(), None);
        while self.next()?.is_some() {}
        Ok(())
    }
}
