//! The same client engine driven by tokio: reads, writes and deadlines at once.
//!
//! `cargo run -p xmpp-core --example tokio -- JID PASSWORD HOST:PORT CA.pem TO TEXT`

use core::error::Error;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use xmpp_core::config::KeyDerivation;
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::{Message, MessageType, Presence, PresenceType};
use xmpp_core::time::Clock;
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_core::{Client, ClientConfig, ClientEvent, Event, Output};

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
    let [jid, password, address, ca, to, text] = &args[..] else {
        return Err("JID PASSWORD HOST:PORT CA.pem TO TEXT".into());
    };
    let account = BareJid::new(jid)?;
    let name = account.localpart().ok_or("the JID needs a localpart")?;
    let credentials = Credentials::new(name.as_str()).with_password(password);
    let mut config = ClientConfig::new(account.clone(), credentials);
    config.key_derivation = KeyDerivation::Queried;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let tls = Arc::new(RustlsInitiator::with_roots(roots)?);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;

    let clock = Clock::start();
    let mut socket = TcpStream::connect(address).await?;
    let mut client = Client::connect(Arc::new(config), tls, clock.now(), seed)?;
    let to = Jid::new(to)?;
    let leave = tokio::time::sleep(Duration::from_secs(3));
    tokio::pin!(leave);
    loop {
        match client.poll(clock.now())? {
            Output::Event(Event::Established { jid, .. }) => {
                println!("I am {jid}");
                client.send(&Presence::new(PresenceType::Available))?;
                let message = Message::new(MessageType::Chat).with_to(to.clone());
                client.send(&message.with_body(text.as_str()))?;
            }
            Output::Event(Event::Stanza(stanza)) => println!("{}", stanza.element().source()),
            Output::Event(Event::Role(ClientEvent::KeysWanted(query))) => {
                // PBKDF2 would keep the loop busy for tens of milliseconds.
                let derive = move || (query.derive(), query);
                let (keys, query) = tokio::task::spawn_blocking(derive).await?;
                client.provide_keys(query, keys)?;
            }
            Output::Event(_) => {}
            Output::Shutdown => _ = socket.shutdown().await,
            Output::Closed => return Ok(()),
            Output::Transmit(_) | Output::Wait(_) => {
                let sends = !client.transmit().is_empty();
                let interest = match (client.wants_read(), sends) {
                    (true, true) => Interest::READABLE | Interest::WRITABLE,
                    (false, true) => Interest::WRITABLE,
                    (_, false) => Interest::READABLE,
                };
                let deadline = client.poll_timeout().map(|deadline| deadline.after(clock.now()));
                tokio::select! {
                    ready = socket.ready(interest) => {
                        let ready = ready?;
                        if sends && ready.is_writable() {
                            client.write_to(&mut Ready(&socket))?;
                        }
                        if ready.is_readable() {
                            client.read_from(&mut Ready(&socket))?;
                        }
                    }
                    () = tokio::time::sleep(deadline.unwrap_or(Duration::from_secs(3600))) => {}
                    () = &mut leave, if !leave.is_elapsed() => client.close(clock.now(), None),
                }
            }
        }
    }
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
