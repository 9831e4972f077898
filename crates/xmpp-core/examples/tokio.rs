//! The same client engine driven by tokio: reads, writes and deadlines at once.
//!
//! `cargo run -p xmpp-core --example tokio -- JID PASSWORD HOST:PORT CA.pem TO TEXT`

use core::error::Error;
use core::time::Duration;
use std::io::ErrorKind;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::io::Interest;
use tokio::net::TcpStream;
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::{Message, MessageType, Presence, PresenceType};
use xmpp_core::time::Clock;
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_core::{Client, ClientConfig, Event};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
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
    let socket = TcpStream::connect(address).await?;
    let mut client = Client::connect(Arc::new(config), tls, clock.now(), seed)?;
    let to = Jid::new(to)?;
    let leave = tokio::time::sleep(Duration::from_secs(3));
    tokio::pin!(leave);
    loop {
        while let Some(event) = client.poll_event(clock.now())? {
            match event {
                Event::Established { jid, .. } => {
                    println!("I am {jid}");
                    client.send(&Presence::new(PresenceType::Available))?;
                    let message = Message::new(MessageType::Chat).with_to(to.clone());
                    client.send(&message.with_body(text.as_str()))?;
                }
                Event::Stanza(stanza) => println!("{}", stanza.element().source()),
                _ => {}
            }
        }
        if client.is_closed() {
            return Ok(());
        }
        let interest = match (client.recv_buf().is_some(), client.transmit().is_empty()) {
            (true, true) => Interest::READABLE,
            (true, false) => Interest::READABLE | Interest::WRITABLE,
            (false, _) => Interest::WRITABLE,
        };
        let deadline = client.poll_timeout().map(|deadline| deadline.after(clock.now()));
        tokio::select! {
            ready = socket.ready(interest) => {
                let ready = ready?;
                if ready.is_writable() && !client.transmit().is_empty() {
                    match socket.try_write(client.transmit()) {
                        Ok(n) => client.transmitted(n),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                if let (true, Some(buffer)) = (ready.is_readable(), client.recv_buf()) {
                    match socket.try_read(buffer) {
                        Ok(0) => client.handle_eof(clock.now())?,
                        Ok(n) => client.handle_read(n),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            () = tokio::time::sleep(deadline.unwrap_or(Duration::from_secs(3600))) => {
                client.handle_timeout(clock.now())?;
            }
            () = &mut leave, if !leave.is_elapsed() => client.close(clock.now(), None),
        }
    }
}
