//! A client that stays online, on tokio: lookups, attempts, reading, writing and
//! deadlines side by side.
//!
//! `cargo run -p xmpp-core --example tokio -- JID PASSWORD CA.pem [HOST:PORT]`

use core::error::Error;
use core::net::IpAddr;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use xmpp_core::config::{KeyDerivation, TlsMode};
use xmpp_core::jid::BareJid;
use xmpp_core::sasl::ScramKeys;
use xmpp_core::sasl::client::Credentials;
use xmpp_core::session::discovery::{Family, Host, LookupFailed, Place};
use xmpp_core::session::{
    AddressQuery, AttemptId, Destination, Lookup, Session, SessionConfig, SessionEvent,
    SessionOutput, Target,
};
use xmpp_core::stanza::{Presence, PresenceType};
use xmpp_core::time::Clock;
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_core::{ClientConfig, ClientEvent, KeysQuery};

/// What came of something that was under way.
enum News {
    Addresses(AddressQuery, io::Result<Vec<IpAddr>>),
    Connected(AttemptId, io::Result<TcpStream>),
    Keys(Box<(KeysQuery, ScramKeys)>),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (jid, password, ca, place) = match &args[..] {
        [jid, password, ca] => (jid, password, ca, None),
        [jid, password, ca, place] => (jid, password, ca, Some(place)),
        _ => return Err("JID PASSWORD CA.pem [HOST:PORT]".into()),
    };
    let account = BareJid::new(jid)?;
    let name = account.localpart().ok_or("the JID needs a localpart")?;
    let credentials = Credentials::new(name.as_str()).with_password(password);
    let mut config = SessionConfig::new(ClientConfig::new(account.clone(), credentials));
    config.client.key_derivation = KeyDerivation::Queried;
    if let Some(place) = place {
        let (host, port) = place.rsplit_once(':').ok_or("HOST:PORT")?;
        let place = Place::new(Host::new(host), port.parse()?, TlsMode::StartTls);
        config.destination = Destination::Place(place);
    }
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let tls = Arc::new(RustlsInitiator::with_roots(roots)?);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;

    let clock = Clock::start();
    let mut session = Session::new(config, tls, clock.now(), seed);
    let mut tasks: JoinSet<News> = JoinSet::new();
    let mut open: Option<(AttemptId, TcpStream)> = None;
    loop {
        let deadline = match session.poll(clock.now()) {
            SessionOutput::Event(event) => {
                take(event, &mut session, &mut tasks)?;
                continue;
            }
            SessionOutput::LookUp(Lookup::Srv(query)) => {
                // A DNS library goes here; without one the domain itself is tried.
                session.provide_srv(query, Err(LookupFailed::new("no resolver")));
                continue;
            }
            SessionOutput::LookUp(Lookup::Addresses(query)) => {
                tasks.spawn(async move {
                    let found = tokio::net::lookup_host((query.name(), 0)).await.map(|found| {
                        let ips = found.map(|address| address.ip());
                        ips.filter(|ip| Family::of(*ip) == query.family()).collect()
                    });
                    News::Addresses(query, found)
                });
                continue;
            }
            // Not asked for by default.
            SessionOutput::LookUp(Lookup::HostMeta(_)) => continue,
            SessionOutput::Connect(attempt) => {
                if let Target::Tcp { address, .. } = attempt.target {
                    tasks.spawn(async move {
                        News::Connected(attempt.id, TcpStream::connect(address).await)
                    });
                }
                continue;
            }
            SessionOutput::Shutdown(_) => {
                if let Some((_, socket)) = &mut open {
                    // If the socket is broken, reading tells.
                    let _ = socket.shutdown().await;
                }
                continue;
            }
            SessionOutput::CloseTransport(id) => {
                open.take_if(|(other, _)| *other == id);
                continue;
            }
            SessionOutput::Closed => return Ok(()),
            SessionOutput::Transmit(..) => session.poll_timeout(),
            SessionOutput::Wait(deadline) => deadline,
        };
        let wait = deadline.map(|deadline| deadline.after(clock.now()));
        let ready = async {
            let Some((id, socket)) = &open else { return core::future::pending().await };
            let interest = match (session.wants_read(*id), !session.transmit(*id).is_empty()) {
                (true, true) => Interest::READABLE | Interest::WRITABLE,
                (false, true) => Interest::WRITABLE,
                (_, false) => Interest::READABLE,
            };
            (*id, socket, socket.ready(interest).await)
        };
        tokio::select! {
            (id, socket, ready) = ready => match ready {
                Ok(ready) => {
                    if ready.is_writable() && !session.transmit(id).is_empty() {
                        session.write_to(id, &mut Ready(socket));
                    }
                    if ready.is_readable() {
                        session.read_from(id, &mut Ready(socket));
                    }
                }
                Err(error) => session.handle_broken_transport(id, &error),
            },
            Some(news) = tasks.join_next() => match news? {
                News::Addresses(query, found) => {
                    session.provide_addresses(query, found.map_err(LookupFailed::new));
                }
                News::Connected(id, Ok(socket)) => {
                    session.connected(clock.now(), id);
                    // One that was given up meanwhile is not the session's.
                    if session.transport() == Some(id) {
                        open = Some((id, socket));
                    }
                }
                News::Connected(id, Err(error)) => session.connect_failed(id, &error),
                News::Keys(answer) => session.provide_keys(answer.0, answer.1)?,
            },
            () = tokio::time::sleep(wait.unwrap_or(Duration::from_secs(3600))) => {}
        }
    }
}

fn take(
    event: SessionEvent,
    session: &mut Session,
    tasks: &mut JoinSet<News>,
) -> Result<(), Box<dyn Error>> {
    match event {
        SessionEvent::Online { jid, resumed } => {
            println!("I am {jid}{}", if resumed { ", as before" } else { "" });
            if !resumed {
                session.send(&Presence::builder(PresenceType::Available))?;
            }
        }
        SessionEvent::Stanza(stanza) => println!("{}", stanza.element().source()),
        SessionEvent::Offline { why, .. } => println!("offline: {why}"),
        SessionEvent::Stopped { why } => println!("the end: {why}"),
        SessionEvent::Client(ClientEvent::KeysWanted(query)) => {
            // PBKDF2 would keep the loop busy for tens of milliseconds.
            tasks.spawn_blocking(move || {
                let keys = query.derive();
                News::Keys(Box::new((query, keys)))
            });
        }
        _ => {}
    }
    Ok(())
}

/// A socket that is known to be ready, as `std` reads and writes.
struct Ready<'a>(&'a TcpStream);

impl Read for Ready<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for Ready<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
