//! A client whose connection is lost again and again and that loses nothing: it sends
//! numbered messages to itself, drops the socket in the middle, and resumes the stream from
//! bytes alone, as a program would that has been started again (XEP-0198).
//!
//! `cargo run -p xmpp-core --example resume -- JID PASSWORD HOST:PORT CA.pem`

use core::error::Error;
use core::time::Duration;
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::{Message, MessageType};
use xmpp_core::stream_management::Resumption;
use xmpp_core::time::Clock;
use xmpp_core::tls::rustls::RustlsInitiator;
use xmpp_core::{Client, ClientConfig, ClientEvent, Event, Output};

/// Messages over each connection.
const MESSAGES: usize = 20;
const CONNECTIONS: usize = 4;

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
    let [jid, password, address, ca] = &args[..] else {
        return Err("JID PASSWORD HOST:PORT CA.pem".into());
    };
    let account = BareJid::new(jid)?;
    let name = account.localpart().ok_or("the JID needs a localpart")?;
    let credentials = Credentials::new(name.as_str()).with_password(password);
    let config = Arc::new(ClientConfig::new(account.clone(), credentials));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let tls = Arc::new(RustlsInitiator::with_roots(roots)?);
    let mut kept: Option<Vec<u8>> = None;
    let mut got = Vec::new();
    for round in 0..CONNECTIONS {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let clock = Clock::start();
        let (config, tls) = (Arc::clone(&config), tls.clone());
        let client = match &kept {
            None => Client::connect(config, tls, clock.now(), seed)?,
            Some(bytes) => {
                let resumption = Resumption::from_bytes(bytes)?;
                Client::resume(config, resumption, tls, clock.now(), seed)?
            }
        };
        let last = round + 1 == CONNECTIONS;
        kept = converse(client, TcpStream::connect(address)?, clock, round, last, &mut got)?;
    }
    if !got.iter().copied().eq(0..MESSAGES * CONNECTIONS) {
        return Err(format!("lost, repeated or out of order: {got:?}").into());
    }
    println!("{} messages, each once and in order", got.len());
    println!("{} connections lost and resumed", CONNECTIONS - 1);
    Ok(())
}

/// One connection. It ends in the middle, with what it is to be resumed from, or in order.
fn converse(
    mut client: Client,
    mut socket: TcpStream,
    clock: Clock,
    round: usize,
    last: bool,
    got: &mut Vec<usize>,
) -> Result<Option<Vec<u8>>, Box<dyn Error>> {
    let mut to: Option<Jid> = None;
    let mut ready = false;
    let first = round * MESSAGES;
    let mut next = first;
    loop {
        if clock.now().since_origin() > Duration::from_secs(30) {
            return Err("this takes too long".into());
        }
        if let Some(to) = to.as_ref().filter(|_| ready && next < first + MESSAGES) {
            let message = Message::builder(MessageType::Chat).with_to(to.clone());
            client.send(&message.with_id(next.to_string()).with_body("Art thou not Romeo?"))?;
            next += 1;
            // Some are sent, some wait to be sent, some have come.
            if next == first + MESSAGES && !last {
                let resumption = client.take_resumption().ok_or("nothing to resume from")?;
                return Ok(Some(resumption.to_bytes()));
            }
        }
        match client.poll(clock.now())? {
            Output::Event(Event::Established { jid, resumed }) => {
                if resumed != (round > 0) {
                    return Err("the stream was not resumed".into());
                }
                to = Some(jid.into());
                ready |= resumed;
            }
            Output::Event(Event::Role(ClientEvent::StreamManagementEnabled { resumable })) => {
                ready = resumable;
            }
            Output::Event(Event::Stanza(stanza)) => {
                let stanza = stanza.element();
                if let Some(id) = stanza.attr("id").filter(|_| stanza.name() == "message") {
                    got.push(id.parse()?);
                }
                if last && got.len() >= MESSAGES * CONNECTIONS {
                    client.close(clock.now(), None);
                }
            }
            Output::Event(_) => {}
            Output::Transmit(_) => client.write_to(&mut socket)?,
            Output::Wait(deadline) => {
                let patience = if ready && next < first + MESSAGES {
                    Duration::from_millis(2)
                } else {
                    deadline.map_or(Duration::from_secs(1), |at| at.after(clock.now()))
                };
                socket.set_read_timeout(Some(patience.min(Duration::from_secs(1))))?;
                client.read_from(&mut socket)?;
            }
            Output::Shutdown => _ = socket.shutdown(Shutdown::Write),
            Output::Closed => return Ok(None),
        }
    }
}
