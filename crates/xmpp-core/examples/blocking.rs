//! A client that stays online, on plain blocking `std`: prints what comes, until the
//! server or the account says that it must not come back.
//!
//! `cargo run -p xmpp-core --example blocking -- JID PASSWORD CA.pem [HOST:PORT]`

use core::error::Error;
use core::time::Duration;
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use xmpp_core::ClientConfig;
use xmpp_core::config::TlsMode;
use xmpp_core::jid::BareJid;
use xmpp_core::sasl::client::Credentials;
use xmpp_core::session::discovery::{Family, Host, LookupFailed, Place};
use xmpp_core::session::{
    Destination, Lookup, Session, SessionConfig, SessionEvent, SessionOutput, Target,
};
use xmpp_core::stanza::{Presence, PresenceType};
use xmpp_core::time::Clock;
use xmpp_core::tls::rustls::RustlsInitiator;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
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
    let mut open: Option<TcpStream> = None;
    loop {
        match session.poll(clock.now()) {
            SessionOutput::Event(SessionEvent::Online { jid, resumed }) => {
                println!("I am {jid}{}", if resumed { ", as before" } else { "" });
                if !resumed {
                    session.send(&Presence::builder(PresenceType::Available))?;
                }
            }
            SessionOutput::Event(SessionEvent::Stanza(stanza)) => {
                println!("{}", stanza.element().source());
            }
            SessionOutput::Event(SessionEvent::Offline { why, retry_at }) => {
                let wait = retry_at.saturating_since(clock.now());
                println!("offline: {why}; again in {} s", wait.as_secs());
            }
            SessionOutput::Event(SessionEvent::Stopped { why }) => println!("the end: {why}"),
            SessionOutput::Event(_) => {}
            SessionOutput::LookUp(Lookup::Srv(query)) => {
                // `std` knows no SRV records: the domain itself is tried.
                session.provide_srv(query, Err(LookupFailed::new("no resolver")));
            }
            SessionOutput::LookUp(Lookup::Addresses(query)) => {
                let found = (query.name(), 0).to_socket_addrs().map(|found| {
                    let ips = found.map(|address| address.ip());
                    ips.filter(|ip| Family::of(*ip) == query.family()).collect()
                });
                session.provide_addresses(query, found.map_err(LookupFailed::new));
            }
            // Not asked for by default.
            SessionOutput::LookUp(Lookup::HostMeta(_)) => {}
            SessionOutput::Connect(attempt) => {
                let Target::Tcp { address, .. } = attempt.target else { continue };
                // One after the other: a thread that blocks has no eyes for two.
                match TcpStream::connect_timeout(&address, Duration::from_secs(5)) {
                    Ok(socket) => {
                        open = Some(socket);
                        session.connected(clock.now(), attempt.id);
                    }
                    Err(error) => session.connect_failed(attempt.id, &error),
                }
            }
            SessionOutput::Transmit(id, _) => match &mut open {
                Some(socket) => session.write_to(id, socket),
                None => session.handle_eof(id),
            },
            SessionOutput::Wait(deadline) => {
                let wait = deadline.map(|deadline| deadline.after(clock.now()));
                match (session.transport(), &mut open) {
                    (Some(id), Some(socket)) => {
                        socket.set_read_timeout(wait)?;
                        session.read_from(id, socket);
                    }
                    _ => std::thread::sleep(wait.unwrap_or(Duration::from_secs(1))),
                }
            }
            SessionOutput::Shutdown(_) => {
                // If the socket is broken, reading tells.
                let _ = open.as_ref().map(|socket| socket.shutdown(Shutdown::Write));
            }
            SessionOutput::CloseTransport(_) => open = None,
            SessionOutput::Closed => return Ok(()),
        }
    }
}
