//! What the methods of the payloads say: small cases, by XEP and section.
#![cfg(all(feature = "all", feature = "hashes"))]

mod accounts;
mod base;
mod calls;
mod encryption;
mod errors;
mod files;
mod forms;
mod messaging;
mod pubsub;
mod registry;

use xmpp_jid::Jid;
use xmpp_stanza::JidCow;
use xmpp_stanza::xml::Element;

fn jid(text: &str) -> JidCow<'static> {
    JidCow::Owned(Jid::new(text).unwrap())
}

fn element(xml: &str) -> Element {
    Element::parse(xml).unwrap()
}
