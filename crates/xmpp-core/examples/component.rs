//! An echo component (XEP-0114) driven by plain blocking `std`: whoever writes to
//! it hears the same again. It answers service discovery and pings, and refuses
//! every other request.
//!
//! `cargo run -p xmpp-core --example component -- DOMAIN SECRET HOST:PORT`

use core::error::Error;
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;

use xmpp_core::jid::Domainpart;
use xmpp_core::role::ComponentToServer;
use xmpp_core::sasl::Secret;
use xmpp_core::stanza::disco::{Identity, Info};
use xmpp_core::stanza::{IqType, Message, MessageType, StanzaCondition, StanzaKind, StanzaRef};
use xmpp_core::time::Clock;
use xmpp_core::xml::ns;
use xmpp_core::{Answer, Component, ComponentConfig, Event, Lent, Output, SendError};

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
    let [domain, secret, address] = &args[..] else {
        return Err("DOMAIN SECRET HOST:PORT".into());
    };
    let secret = Secret::new(secret.as_bytes());
    let config = ComponentConfig::new(Domainpart::new(domain)?, secret);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;

    let clock = Clock::start();
    let mut socket = TcpStream::connect(address)?;
    let mut component = Component::connect_component(Arc::new(config), clock.now(), seed);
    loop {
        match component.poll_lent(clock.now())? {
            // A stanza is answered while it lies in the receive buffer.
            Output::Event(Lent { event, mut answer }) => match event {
                Event::Established { jid, .. } => println!("I am {jid}"),
                Event::Stanza(received) => {
                    if let Some(stanza) = received.stanza() {
                        handle(stanza, &mut answer)?;
                    }
                }
                _ => {}
            },
            Output::Transmit(_) => component.write_to(&mut socket)?,
            Output::Wait(deadline) => {
                socket.set_read_timeout(deadline.map(|deadline| deadline.after(clock.now())))?;
                component.read_from(&mut socket)?;
            }
            Output::Shutdown => _ = socket.shutdown(Shutdown::Write),
            Output::Closed => return Ok(()),
        }
    }
}

fn handle(
    stanza: StanzaRef<'_>,
    answer: &mut Answer<'_, ComponentToServer>,
) -> Result<(), SendError> {
    match stanza.kind() {
        StanzaKind::Message => echo(stanza, answer),
        StanzaKind::Iq => serve(stanza, answer),
        _ => Ok(()),
    }
}

/// Sends the body back to its sender, from the address that it was sent to.
fn echo(
    stanza: StanzaRef<'_>,
    answer: &mut Answer<'_, ComponentToServer>,
) -> Result<(), SendError> {
    let Ok(message) = Message::parse(stanza.element()) else { return Ok(()) };
    let Some(body) = message.body().filter(|_| message.message_type() != MessageType::Error) else {
        return Ok(());
    };
    let echo = Message::builder(message.message_type()).with_body(body);
    answer.send(&echo.with_from(message.to()).with_to(message.from()))
}

/// XEP-0030, XEP-0199, and RFC 6120 section 8.2.3: every request has its answer.
fn serve(
    stanza: StanzaRef<'_>,
    answer: &mut Answer<'_, ComponentToServer>,
) -> Result<(), SendError> {
    let payload = stanza.first_payload();
    let is = |ns, name| payload.is_some_and(|payload| payload.is(ns, name));
    if stanza.iq_type() == Some(IqType::Get) && is(ns::DISCO_INFO, "query") {
        let info = Info::new()
            .with_identity(Identity::new("component", "generic").with_name("Echo"))
            .with_feature(ns::DISCO_INFO.uri())
            .with_feature(ns::PING.uri());
        stanza.result(info).map_or(Ok(()), |result| answer.send(&result))
    } else if stanza.iq_type() == Some(IqType::Get) && is(ns::PING, "ping") {
        stanza.empty_result().map_or(Ok(()), |result| answer.send(&result))
    } else {
        let refusal = stanza.error_reply(StanzaCondition::ServiceUnavailable);
        refusal.filter(|_| stanza.is_request()).map_or(Ok(()), |error| answer.send(&error))
    }
}
