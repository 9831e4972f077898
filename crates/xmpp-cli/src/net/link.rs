//! A connection on tokio. Nothing of XMPP is in here: the endpoint
//! says what to send, when to read and how long to wait.

use core::pin::Pin;
use core::time::Duration;
use std::collections::VecDeque;
use std::io;

use tokio::time::{Sleep, sleep_until};
use xmpp_core::role::Role;
use xmpp_core::time::{Clock, Instant};
use xmpp_core::{Endpoint, Error, Event, Output, Phase};

use super::transport::Transport;

/// After so many turns the other tasks of the runtime get theirs. A turn is one
/// event, one read or one write; a socket that always has something to read would
/// keep a thread of the runtime for itself.
const TURNS: u32 = 16;

/// An endpoint, its socket and its clock.
pub(crate) struct Link<R: Role> {
    pub(crate) endpoint: Endpoint<R>,
    socket: Transport,
    clock: Clock,
    /// What a flush came across.
    events: VecDeque<Event<'static, R>>,
    /// Turns since the other tasks had theirs.
    turns: u32,
    /// The timer of the last turn: to begin one anew each time wakes a thread of the
    /// runtime each time.
    timer: Pin<Box<Sleep>>,
    /// Until then nothing is read.
    paused: Option<tokio::time::Instant>,
    /// Bytes read, ever.
    received: u64,
}

/// What a turn came to.
pub(crate) enum Turn<R: Role> {
    /// Something to handle.
    Event(Event<'static, R>),
    /// Bytes moved, or a deadline passed.
    Moved,
    /// The end, in order.
    Closed,
}

/// What ended a link before the stream was closed.
#[derive(Debug)]
pub(crate) enum LinkError {
    /// The stream.
    Stream(Error),
    /// The socket.
    Socket(io::Error),
}

impl<R: Role> Link<R> {
    pub(crate) fn new(endpoint: Endpoint<R>, socket: impl Into<Transport>, clock: Clock) -> Self {
        Self::on(endpoint, socket.into(), clock)
    }

    pub(crate) fn on(endpoint: Endpoint<R>, socket: Transport, clock: Clock) -> Self {
        Self {
            endpoint,
            socket,
            clock,
            events: VecDeque::new(),
            turns: 0,
            timer: Box::pin(sleep_until(tokio::time::Instant::now())),
            paused: None,
            received: 0,
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Reads nothing for a while: the peer's bytes wait on its side in the end. What has
    /// been read is still told.
    pub(crate) fn pause(&mut self, pause: Duration) {
        self.paused = Some(tokio::time::Instant::now() + pause);
    }

    /// How many bytes have been read.
    pub(crate) const fn received(&self) -> u64 {
        self.received
    }

    /// The next event; `None` once the connection is over, in order. Safe to drop
    /// and call again: nothing is lost between two awaits.
    pub(crate) async fn next(&mut self) -> Result<Option<Event<'static, R>>, LinkError> {
        loop {
            match self.turn().await? {
                Turn::Event(event) => return Ok(Some(event)),
                Turn::Moved => {}
                Turn::Closed => return Ok(None),
            }
        }
    }

    /// One step: for a loop that has to look at something else after each. As safe
    /// to drop as [`next`](Self::next).
    pub(crate) async fn turn(&mut self) -> Result<Turn<R>, LinkError> {
        if self.turns >= TURNS {
            tokio::task::yield_now().await;
            self.turns = 0;
        }
        self.turns += 1;
        if let Some(event) = self.events.pop_front() {
            return Ok(Turn::Event(event));
        }
        match self.endpoint.poll(self.clock.now()) {
            Ok(Output::Event(event)) => return Ok(Turn::Event(event)),
            Ok(Output::Closed) => {
                self.socket.finish().await;
                return Ok(Turn::Closed);
            }
            Err(error) => {
                self.socket.finish().await;
                return Err(error.into());
            }
            Ok(Output::Shutdown) => {
                self.socket.shutdown().await;
                return Ok(Turn::Moved);
            }
            Ok(Output::Transmit(_) | Output::Wait(_)) => {}
        }
        let sends = !self.endpoint.transmit().is_empty();
        let now = tokio::time::Instant::now();
        self.paused.take_if(|until| *until <= now);
        // Who closes waits for the peer's last words alone.
        let paused = self.paused.filter(|_| self.endpoint.phase() != Phase::Closed);
        let reads = paused.is_none() && (!sends || self.endpoint.wants_read());
        let deadline = self.endpoint.poll_timeout();
        let patience = deadline.map(|deadline| deadline.after(self.clock.now()));
        let patience = patience.unwrap_or(Duration::from_secs(86_400));
        let patience = paused.map_or(patience, |until| patience.min(until - now));
        set(&mut self.timer, now + patience);
        tokio::select! {
            read = self.socket.turn(&mut self.endpoint, reads) => self.received += read?,
            () = &mut self.timer => {}
        }
        Ok(Turn::Moved)
    }

    /// Sends what is to be sent, without reading. What happens meanwhile is kept
    /// for [`next`](Self::next).
    pub(crate) async fn flush(&mut self) -> Result<(), LinkError> {
        loop {
            match self.endpoint.poll(self.clock.now())? {
                Output::Event(event) => self.events.push_back(event),
                Output::Transmit(_) => _ = self.socket.turn(&mut self.endpoint, false).await?,
                Output::Shutdown => self.socket.shutdown().await,
                Output::Wait(_) | Output::Closed => return Ok(()),
            }
        }
    }
}

/// Sets a timer that may run already. Its clock and that of an endpoint do not agree to the
/// microsecond, which is no reason to set it.
fn set(timer: &mut Pin<Box<Sleep>>, at: tokio::time::Instant) {
    let is = timer.deadline();
    if timer.is_elapsed() || is.max(at) - is.min(at) >= Duration::from_millis(1) {
        timer.as_mut().reset(at);
    }
}

impl From<Error> for LinkError {
    fn from(error: Error) -> Self {
        Self::Stream(error)
    }
}

impl From<io::Error> for LinkError {
    fn from(error: io::Error) -> Self {
        Self::Socket(error)
    }
}

impl core::fmt::Display for LinkError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Stream(error) => error.fmt(f),
            Self::Socket(error) => write!(f, "the connection broke: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Arc;

    use tokio::net::TcpListener;
    use xmpp_core::jid::Domainpart;
    use xmpp_core::sasl::Secret;
    use xmpp_core::stanza::{Message, MessageType};
    use xmpp_core::{
        Component, ComponentConfig, ComponentServer, ComponentServerEvent, Event, Output,
    };

    use super::*;

    const STANZAS: usize = 5000;

    /// Lets go of many stanzas at once.
    fn flood(address: core::net::SocketAddr) {
        let secret = Secret::new(*b"secret");
        let config = ComponentConfig::new(Domainpart::new("a.example").unwrap(), secret);
        let mut socket = std::net::TcpStream::connect(address).unwrap();
        let clock = Clock::start();
        let mut component = Component::connect_component(Arc::new(config), clock.now(), [1; 32]);
        loop {
            match component.poll(clock.now()).unwrap() {
                Output::Event(Event::Established { jid, .. }) => {
                    let message = Message::builder(MessageType::Chat).with_from(jid.clone());
                    let message = message.with_to(jid).with_body("Wherefore art thou?");
                    (0..STANZAS).for_each(|_| component.send(&message).unwrap());
                    component.close(clock.now(), None);
                }
                Output::Event(_) => {}
                Output::Transmit(_) => component.write_to(&mut socket).unwrap(),
                Output::Wait(_) => component.read_from(&mut socket).unwrap(),
                Output::Shutdown => {}
                Output::Closed => return,
            }
        }
    }

    /// On the one thread of this runtime, a link that always has something to do lets
    /// another task have every 17th turn.
    #[tokio::test]
    async fn a_flood_leaves_turns_for_others() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let flood = std::thread::spawn(move || flood(address));
        let (socket, _) = listener.accept().await.unwrap();
        let clock = Clock::start();
        let server = ComponentServer::accept_component(Arc::default(), clock.now(), [2; 32]);
        let mut link = Link::new(server, socket, clock);

        let turns = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&turns);
        let other = tokio::spawn(async move {
            loop {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        });
        let (mut stanzas, mut began) = (0, 0);
        while let Some(event) = link.next().await.unwrap() {
            match event {
                Event::Role(ComponentServerEvent::ComponentWanted(query)) => {
                    link.endpoint.provide_secret(query, Secret::new(*b"secret")).unwrap();
                }
                Event::Stanza(_) => {
                    if stanzas == 0 {
                        began = turns.load(Ordering::Relaxed);
                    }
                    stanzas += 1;
                }
                _ => {}
            }
        }
        other.abort();
        flood.join().unwrap();
        assert_eq!(stanzas, STANZAS);
        let turns = turns.load(Ordering::Relaxed) - began;
        assert!(turns >= STANZAS / 17, "{turns} turns for {STANZAS} stanzas");
    }
}
