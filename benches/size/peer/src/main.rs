//! Reads a message a line, says what is in it, and writes a receipt: five payloads of
//! xmpp-parsers, as ../../ours does it with those of xmpp-extensions.

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};

use xmpp_parsers::chatstates::ChatState;
use xmpp_parsers::delay::Delay;
use xmpp_parsers::disco::DiscoInfoResult;
use xmpp_parsers::message::Message;
use xmpp_parsers::{carbons, receipts};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = Vec::new();
    for line in stdin().lock().lines() {
        let mut message: Message = xso::from_bytes(line?.as_bytes())?;
        println!("{:?} {:?}", message.from, message.get_best_body(vec![]));
        if let Some(delay) = message.extract_payload::<Delay>()? {
            println!("sent {:?}", delay.stamp);
        }
        if let Some(state) = message.extract_payload::<ChatState>()? {
            println!("{state:?}");
        }
        if let Some(info) = message.extract_payload::<DiscoInfoResult>()? {
            println!("{} features", info.features.len());
        }
        if let Some(carbon) = message.extract_payload::<carbons::Received>()? {
            println!("carbon {:?}", carbon.forwarded.message.to);
        }
        if message.extract_payload::<receipts::Request>()?.is_some() {
            let id = message.id.map(|id| id.0).unwrap_or_default();
            let answer = Message::new_with_type(message.type_, message.from)
                .with_payload(receipts::Received { id });
            out.extend(xso::to_vec(&answer)?);
        }
    }
    stdout().write_all(&out)?;
    Ok(())
}
