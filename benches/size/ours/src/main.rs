//! Reads a message a line, says what is in it, and writes a receipt: five payloads of
//! xmpp-extensions, as ../../peer does it with those of xmpp-parsers.

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};

use xmpp_extensions::base::{delay::Delay, disco::Info};
use xmpp_extensions::messaging::{carbons, chat_states::ChatState, receipts};
use xmpp_stanza::Message;
use xmpp_xml::{Element, Writer, ns};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = Vec::new();
    for line in stdin().lock().lines() {
        let element = Element::parse(line?)?;
        let message = Message::parse(element.as_ref())?;
        println!("{:?} {:?}", message.from().as_str(), message.body());
        if let Some(delay) = message.payload::<Delay<'_>>()? {
            println!("sent {:?}", delay.stamp);
        }
        if let Some(state) = message.payload::<ChatState>()? {
            println!("{state:?}");
        }
        if let Some(info) = message.payload::<Info<'_>>()? {
            println!("{} features", info.features.len());
        }
        if let Some(carbon) = message.payload::<carbons::Received<'_>>()? {
            let inner = carbon.forwarded.to_stanza()?;
            println!("carbon {:?}", inner.map(|stanza| stanza.to().as_str().map(String::from)));
        }
        if message.payload::<receipts::Request<'_>>()?.is_some() {
            let id = message.id().unwrap_or_default();
            let answer = Message::builder(message.message_type())
                .with_to(message.from())
                .with(&receipts::Received::new().with_id(id));
            let mut w = Writer::in_stream(&mut out, ns::CLIENT);
            w.write(&answer);
            w.finish()?;
        }
    }
    stdout().write_all(&out)?;
    Ok(())
}
