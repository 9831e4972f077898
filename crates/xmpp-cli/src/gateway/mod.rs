//! `xmpp gateway`: a component (XEP-0114) on one side, the operations of CPIM on a
//! local socket on the other (RFC 3922 §6).

mod far;
mod operation;

use core::fmt::Display;
use core::time::Duration;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Args as ClapArgs;
use serde_json::json;
use tokio::net::TcpStream;
use xmpp_core::jid::Domainpart;
use xmpp_core::role::ComponentToServer;
use xmpp_core::sasl::Secret;
use xmpp_core::time::Clock;
use xmpp_core::{Component, ComponentConfig, Event};
use xmpp_cpim::gateway::{Config, Gateway, Operation, Output};
use xmpp_stanza::{Address, Stanza, StanzaBuilder};

use self::far::{At, Far, Listener, Moved};
use crate::net::client::Failure;
use crate::net::link::{Link, Turn};
use crate::net::place::Place;
use crate::{out, secrets};

/// The port for components by custom; XEP-0114 names none.
const PORT: u16 = 5347;

/// With so many octets on their way to the server, the socket is not read.
const FULL: usize = 256 << 10;

/// How long connecting to the server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Join an XMPP server to a program that speaks Message/CPIM and PIDF, as a
/// component (XEP-0114) for the people beyond (RFC 3922).
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// The domain of the people beyond the gateway.
    #[arg(long, value_name = "NAME")]
    component: String,
    /// A file whose first line is the secret that the server has for it.
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// Where the server listens for components. The connection is in the clear.
    #[arg(long, value_name = "HOST[:PORT]", default_value = "localhost:5347")]
    connect: Place,
    /// Where to listen for the CPIM side: a loopback address, or `unix:` and a path.
    /// Without a port, a free one is chosen and told.
    /// Whoever can connect speaks for everybody beyond.
    #[arg(long, value_name = "HOST:PORT|unix:PATH")]
    listen: At,
    /// One JSON object a line instead of text.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let Err(failure) = crate::net::block_on(join(args));
    crate::net::report("gateway", args.json, Err(failure))
}

async fn join(args: &Args) -> Result<core::convert::Infallible, Failure> {
    let usage = |error: &dyn Display| Failure::new("usage", error);
    let domain = Domainpart::new(&args.component).map_err(|error| usage(&error))?;
    let secret = secrets::password(&args.secret_file).map_err(|error| usage(&error))?;
    let secret = zeroize::Zeroizing::new(secret);
    if secret.is_empty() {
        let file = args.secret_file.display();
        return Err(usage(&format!("{file}: the first line is empty")));
    }
    let config = ComponentConfig::new(domain.clone(), Secret::new(secret.as_bytes()));
    let (listener, listening) = Listener::bind(&args.listen).await?;
    let (host, port) = args.connect.or_port(PORT);
    let connection = |error: &dyn Display| {
        Failure::new("connection", format!("cannot connect to {host} port {port}: {error}"))
    };
    let socket = tokio::time::timeout(PATIENCE, TcpStream::connect((host, port)))
        .await
        .map_err(|_| connection(&"it took too long"))?
        .map_err(|error| connection(&error))?;
    let clock = Clock::start();
    let component = Component::connect_component(Arc::new(config), clock.now(), crate::net::seed());
    let mut link = Link::new(component, socket, clock);
    loop {
        match link.next().await? {
            Some(Event::Established { .. }) => break,
            Some(_) => {}
            None => return Err(closed()),
        }
    }
    let ready = if args.json {
        json!({"ok": true, "component": domain.as_str(), "listen": listening}).to_string()
    } else {
        format!("gateway {} on {listening}", domain.as_str())
    };
    // Whoever started this may not want to read on.
    let _ = out::line(ready);

    let random = u64::from_be_bytes(crate::net::random());
    let gateway = Gateway::new(&format!("{random:016x}"), Config::default());
    let joint = Joint { domain, link, listener, gateway, far: None, began: Instant::now() };
    joint.run().await
}

fn closed() -> Failure {
    Failure::new("closed", "the server closed the stream")
}

/// The two sides and what is between them.
struct Joint {
    domain: Domainpart,
    link: Link<ComponentToServer>,
    listener: Listener,
    gateway: Gateway,
    /// The program on the socket, while there is one.
    far: Option<Far>,
    began: Instant,
}

impl Joint {
    async fn run(mut self) -> Result<core::convert::Infallible, Failure> {
        loop {
            let reads = self.link.endpoint.backlog() < FULL;
            let due = self.gateway.poll_timeout().map(|due| due.at);
            let patience = due.map_or(PATIENCE, |due| due.saturating_sub(self.began.elapsed()));
            tokio::select! {
                turn = self.link.turn() => match turn? {
                    Turn::Event(Event::Stanza(received)) => {
                        if let Ok(stanza) = Stanza::parse(received.element()) {
                            self.work(|gateway, now, out| gateway.handle_stanza(now, &stanza, out));
                        }
                    }
                    Turn::Event(_) | Turn::Moved => {}
                    Turn::Closed => return Err(closed()),
                },
                moved = far::next(self.far.as_mut(), reads) => match moved {
                    Moved::Line(line) => self.line(&line),
                    Moved::TooLong => self.refuse("line-too-long", "a line has at most 1 MiB"),
                    Moved::Gone => {
                        if let Some(far) = self.far.take() {
                            far.finish();
                        }
                    }
                },
                far = self.listener.accept() => match far {
                    Ok(far) => self.admit(far),
                    Err(error) => {
                        out::error("xmpp gateway", format_args!("cannot accept: {error}"));
                        // Such as no file descriptors left: that takes a while.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
                () = tokio::time::sleep(patience) => {
                    self.work(|gateway, now, out| gateway.handle_timeout(now, out));
                }
            }
        }
    }

    fn admit(&mut self, mut far: Far) {
        if self.far.is_none() {
            self.far = Some(far);
            return;
        }
        far.push(&operation::refusal(None, "busy", "another program is connected"));
        far.finish();
    }

    /// What the program on the socket has written.
    fn line(&mut self, line: &[u8]) {
        match operation::parse(line, &self.domain) {
            Ok(asked) => {
                self.work(|gateway, now, out| gateway.handle_operation(now, &asked, out));
            }
            Err(operation::Bad { error, message }) => self.refuse(error, &message),
        }
    }

    /// Tells the program on the socket what was wrong with its last line.
    fn refuse(&mut self, error: &str, message: &str) {
        let line = self.far.as_ref().map(Far::line);
        self.push(&operation::refusal(line, error, message));
    }

    /// Has the gateway work and does what it says.
    fn work(&mut self, work: impl FnOnce(&mut Gateway, Duration, &mut Vec<Output>)) {
        let now = self.began.elapsed();
        let mut out = Vec::new();
        work(&mut self.gateway, now, &mut out);
        let mut queue = VecDeque::from(out);
        while let Some(output) = queue.pop_front() {
            match output {
                Output::Stanza(stanza) => self.send(&stanza),
                Output::Operation(asked) => {
                    if !self.invoke(&asked)
                        && let Some(failed) = operation::failed(&asked)
                    {
                        // What this gives out is stanzas, so the queue ends.
                        let mut out = Vec::new();
                        self.gateway.handle_operation(now, &failed, &mut out);
                        queue.extend(out);
                    }
                }
                _ => {}
            }
        }
    }

    fn send(&mut self, stanza: &StanzaBuilder) {
        // A server closes the stream of a component that writes in another's name.
        if !is_of(stanza.from(), &self.domain) {
            self.refuse("foreign-source", "the sender is not of the gateway's domain");
            return;
        }
        if let Err(error) = self.link.endpoint.send(stanza) {
            out::error("xmpp gateway", format_args!("a stanza was not sent: {error}"));
            self.refuse("not-sent", &error.to_string());
        }
    }

    /// False if there is nobody to hand it to.
    fn invoke(&mut self, asked: &Operation) -> bool {
        match operation::write(asked) {
            Ok(line) => self.push(&line),
            Err(error) => {
                out::error("xmpp gateway", format_args!("an operation was not written: {error}"));
                false
            }
        }
    }

    fn push(&mut self, line: &str) -> bool {
        let taken = self.far.as_mut().is_some_and(|far| far.push(line));
        if !taken && self.far.take().is_some() {
            out::error("xmpp gateway", "the program on the socket does not read: disconnected");
        }
        taken
    }
}

fn is_of(address: &Address, domain: &Domainpart) -> bool {
    address.jid().is_some_and(|jid| jid.to_bare().domainpart().as_str() == domain.as_str())
}
