//! RFC 3922 §4 and §5, requirement by requirement; its examples are in
//! `examples`, what holds for all input is in `properties`.

mod examples;
mod messages;
mod options;
mod presences;
mod properties;
mod secured;
mod state;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use xmpp_stanza::{Message as MessageStanza, MessageBuilder, Presence, PresenceBuilder};
use xmpp_xml::{Element, WriteXml, Writer, ns};

use super::*;
use crate::message::Message;
use crate::{Limits, Scheme};

/// A `<message/>` from `attributes` and `children`.
fn message(attributes: &str, children: &str) -> MessageStanza<'static> {
    let text = alloc::format!("<message xmlns='jabber:client' {attributes}>{children}</message>");
    MessageStanza::try_from(Element::parse(&text).unwrap()).unwrap()
}

fn presence(attributes: &str, children: &str) -> Presence<'static> {
    let text = alloc::format!("<presence xmlns='jabber:client' {attributes}>{children}</presence>");
    Presence::try_from(Element::parse(&text).unwrap()).unwrap()
}

const FROM_TO: &str = "from='juliet@example.com/balcony' to='romeo@example.net'";

/// An object with these message headers and this content; lines end in LF.
fn object(text: &str) -> Message<'static> {
    let octets = crate::mime::canonical_crlf(text.as_bytes()).into_owned();
    Message::parse_body(&octets, &Limits::default())
        .unwrap_or_else(|e| panic!("{e}: {text}"))
        .into_owned()
}

fn lost<T>(mapped: &Mapped<T>) -> Vec<String> {
    mapped.lost.iter().map(ToString::to_string).collect()
}

fn messages(mapped: Mapped<Vec<MessageBuilder>>) -> Mapped<Vec<MessageStanza<'static>>> {
    mapped.map(|messages| messages.iter().map(|message| message.build().unwrap()).collect())
}

fn presences(mapped: Mapped<Vec<PresenceBuilder>>) -> Mapped<Vec<Presence<'static>>> {
    mapped.map(|presences| presences.iter().map(|presence| presence.build().unwrap()).collect())
}

fn xml(stanza: &impl WriteXml) -> String {
    let mut out = Vec::new();
    let mut writer = Writer::in_stream(&mut out, ns::CLIENT);
    writer.write(stanza);
    writer.finish().unwrap();
    String::from_utf8(out).unwrap().replace('"', "'")
}

fn body(object: &Message<'_>) -> String {
    String::from_utf8(object.content().body().to_vec()).unwrap()
}
