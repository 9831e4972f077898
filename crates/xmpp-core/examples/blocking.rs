//! The client engine driven by plain blocking `std`: logs in, sends a message,
//! prints what comes for a few seconds, and leaves in order.
//!
//! `cargo run -p xmpp-core --example blocking -- JID PASSWORD HOST:PORT CA.pem TO TEXT`

use core::error::Error;
use core::time::Duration;
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::{Message, MessageType, Presence, PresenceType};
use xmpp_core::time::{Clock, Instant};
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_core::{Client, ClientConfig, Event, Output};

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
        let now = clock.now();
        if leave_at.is_some_and(|at| at <= now) {
            leave_at = None;
            client.close(now, None);
        }
        match client.poll(now)? {
            Output::Event(Event::Established { jid, .. }) => {
                println!("I am {jid}");
                client.send(&Presence::new(PresenceType::Available))?;
                let message = Message::new(MessageType::Chat).with_to(to.clone());
                client.send(&message.with_body(text.as_str()))?;
                leave_at = Some(now.saturating_add(Duration::from_secs(3)));
            }
            Output::Event(Event::Stanza(stanza)) => println!("{}", stanza.element().source()),
            Output::Event(_) => {}
            Output::Transmit(_) => client.write_to(&mut socket)?,
            Output::Wait(deadline) => {
                let deadline = deadline.map(|deadline| deadline.after(now));
                let leave =
                    leave_at.map(|at| at.saturating_since(now).max(Duration::from_millis(1)));
                socket.set_read_timeout(deadline.into_iter().chain(leave).min())?;
                client.read_from(&mut socket)?;
            }
            Output::Shutdown => _ = socket.shutdown(Shutdown::Write),
            Output::Closed => return Ok(()),
        }
    }
}
