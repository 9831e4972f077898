//! The loop around a session that the documents print, word for word, over sockets.

mod common;

use core::error::Error as StdError;
use core::time::Duration;
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::thread;

use common::{client_config, host_config};
use xmpp_core::config::TlsMode;
use xmpp_core::jid::FullJid;
use xmpp_core::session::discovery::{Family, Host, LookupFailed, Place};
use xmpp_core::session::{
    Destination, Lookup, Session, SessionConfig, SessionEvent, SessionOutput, Target,
};
use xmpp_core::stanza::{Presence, PresenceType, StreamCondition, StreamError};
use xmpp_core::time::Clock;
use xmpp_core::{Event, Output, Server, ServerConfig, ServerEvent};

fn run(config: SessionConfig) -> Result<(), Box<dyn StdError>> {
    let clock = Clock::start();
    let mut session = Session::new_dangerous_plaintext(config, clock.now(), [1; 32]);
    let mut open: Option<TcpStream> = None;
    // The loop begins here.
    loop {
        match session.poll(clock.now()) {
            SessionOutput::Event(SessionEvent::Online { jid, resumed }) => {
                println!("I am {jid}");
                if !resumed {
                    session.send(&Presence::builder(PresenceType::Available))?;
                }
            }
            SessionOutput::Event(event) => println!("{event:?}"),
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
            SessionOutput::LookUp(Lookup::HostMeta(_)) => {} // Not asked for by default.
            SessionOutput::Connect(attempt) => {
                let Target::Tcp { address, .. } = attempt.target else { continue };
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
                    _ => thread::sleep(wait.unwrap_or(Duration::from_secs(1))),
                }
            }
            SessionOutput::Shutdown(_) => {
                open.as_ref().map(|socket| socket.shutdown(Shutdown::Write)).transpose()?;
            }
            SessionOutput::CloseTransport(_) => open = None,
            SessionOutput::Closed => break,
        }
    }
    // And ends here.
    Ok(())
}

/// Serves one connection up to the first stanza; then drops it, or ends it for good.
fn serve(mut socket: TcpStream, last: bool) -> Vec<String> {
    let clock = Clock::start();
    let config = Arc::new(ServerConfig::default());
    let mut server = Server::accept_dangerous_plaintext(config, clock.now(), [2; 32]);
    let mut stanzas = Vec::new();
    loop {
        match server.poll(clock.now()) {
            Err(_) | Ok(Output::Closed) => return stanzas,
            Ok(Output::Event(event)) => match event {
                Event::Role(ServerEvent::HostWanted(query)) => {
                    server.choose_host(query, Arc::new(host_config())).unwrap();
                }
                Event::Role(ServerEvent::CredentialsWanted(query)) => {
                    let answer = common::answer(query.query());
                    server.provide_credentials(query, answer).unwrap();
                }
                Event::Role(ServerEvent::BindWanted(query)) => {
                    let jid = FullJid::new(&format!("{}/x", query.account())).unwrap();
                    server.bind(query, jid).unwrap();
                }
                Event::Stanza(stanza) => {
                    stanzas.push(stanza.element().source().to_owned());
                    if !last {
                        return stanzas;
                    }
                    let conflict = StreamError::new(StreamCondition::Conflict);
                    server.close(clock.now(), Some(conflict));
                }
                _ => {}
            },
            Ok(Output::Transmit(_)) => server.write_to(&mut socket).unwrap(),
            Ok(Output::Shutdown) => socket.shutdown(Shutdown::Write).unwrap(),
            Ok(Output::Wait(deadline)) => {
                let wait = deadline.map_or(Duration::from_secs(10), |at| at.after(clock.now()));
                socket.set_read_timeout(Some(wait)).unwrap();
                server.read_from(&mut socket).unwrap();
            }
        }
    }
}

/// By name, over a loss, to the end: a conflict, which is not fought over.
#[test]
fn a_client_stays_online_until_it_must_not() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = thread::spawn(move || {
        [false, false, true].map(|last| serve(listener.accept().unwrap().0, last))
    });
    let mut config = SessionConfig::new(client_config());
    let place = Place::new(Host::new("localhost"), port, TlsMode::StartTls);
    config.destination = Destination::Place(place);
    config.backoff.least = Duration::ZERO;
    config.backoff.first = Duration::from_millis(10);
    run(config).unwrap();
    for stanzas in served.join().unwrap() {
        assert!(stanzas.len() == 1 && stanzas[0].starts_with("<presence"), "{stanzas:?}");
    }
}

#[test]
fn the_documents_print_this_loop() {
    let this = include_str!("session_loop.rs");
    let begin = this.find("    loop {\n        match session.poll").unwrap();
    let end = this.find("    // And ends here.").unwrap();
    let printed: Vec<&str> =
        this[begin..end].lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    assert!(printed.len() < 60, "{} lines", printed.len());
    let contains = |document: &str, prefix: &str| {
        let text: Vec<&str> = document
            .lines()
            .map(|line| line.strip_prefix(prefix).unwrap_or_else(|| line.trim_end()))
            .collect();
        text.windows(printed.len()).any(|window| window == printed)
    };
    assert!(contains(include_str!("../../../docs/session.md"), ""), "docs/session.md");
    assert!(contains(include_str!("../src/session/mod.rs"), "//! "), "session/mod.rs");
}
