//! The client engine driven by plain blocking `std`: logs in, sends a message,
//! prints what comes for a few seconds, and leaves in order.
//!
//! `cargo run -p xmpp-core --example blocking -- JID PASSWORD HOST:PORT CA.pem TO TEXT`

use core::error::Error;
use core::time::Duration;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::{Message, MessageType, Presence, PresenceType};
use xmpp_core::time::{Clock, Instant};
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_core::{Client, ClientConfig, Event};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [jid, password, address, ca, to, text] = &args[..] else {
        return Err("JID PASSWORD HOST:PORT CA.pem TO TEXT".into());
    };
    let account = BareJid::new(jid)?;
    let name = account.localpart().ok_or("the JID needs a localpart")?;
    let credentials = Credentials::new(name.as_str()).with_password(password);
    let config = ClientConfig::new(account.clone(), credentials);
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let tls = Arc::new(RustlsInitiator::with_roots(roots)?);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;

    let clock = Clock::start();
    let mut socket = TcpStream::connect(address)?;
    let mut client = Client::connect(Arc::new(config), tls, clock.now(), seed)?;
    let to = Jid::new(to)?;
    let mut leave_at: Option<Instant> = None;
    loop {
        send(&mut client, &mut socket)?;
        match client.poll_event(clock.now()) {
            Ok(Some(Event::Established { jid, .. })) => {
                println!("I am {jid}");
                client.send(&Presence::new(PresenceType::Available))?;
                let message = Message::new(MessageType::Chat).with_to(to.clone());
                client.send(&message.with_body(text.as_str()))?;
                leave_at = Some(clock.now().saturating_add(Duration::from_secs(3)));
                continue;
            }
            Ok(Some(Event::Stanza(stanza))) => {
                println!("{}", stanza.element().source());
                continue;
            }
            Ok(Some(_)) => continue,
            Ok(None) if client.is_closed() => return Ok(()),
            Ok(None) => {}
            Err(error) => {
                // The peer may be owed a stream error.
                send(&mut client, &mut socket)?;
                return Err(error.into());
            }
        }
        let now = clock.now();
        if leave_at.is_some_and(|at| at <= now) {
            leave_at = None;
            client.close(now, None);
            continue;
        }
        let deadline = client.poll_timeout().map(|deadline| deadline.after(now));
        let leave = leave_at.map(|at| at.saturating_since(now).max(Duration::from_millis(1)));
        socket.set_read_timeout(deadline.into_iter().chain(leave).min())?;
        let Some(buffer) = client.recv_buf() else { continue };
        match socket.read(buffer) {
            Ok(0) => client.handle_eof(clock.now())?,
            Ok(n) => client.handle_read(n),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                client.handle_timeout(clock.now())?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn send(client: &mut Client, socket: &mut TcpStream) -> Result<(), Box<dyn Error>> {
    while !client.transmit().is_empty() {
        let n = socket.write(client.transmit())?;
        client.transmitted(n);
    }
    Ok(())
}
