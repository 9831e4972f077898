//! xmpp-parsers and xso.

use std::hint::black_box;

use xmpp_parsers::iq::Iq;
use xmpp_parsers::message::MessageType;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::presence::{Show, Type};
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::{jid::Jid, ns};

use super::corpus::{Corpus, Seen};
use super::known;
use crate::subject::Subject;

const NAME: &str = "xmpp-parsers";

pub(super) fn read(corpus: &Corpus) -> Subject<'_> {
    Subject::new(NAME, "documents to values", || {
        corpus.documents.iter().map(|document| look(&parse(document)).sum()).sum()
    })
}

pub(super) fn read_payloads(corpus: &Corpus) -> Subject<'_> {
    Subject::new(NAME, "documents to values and payloads", || {
        let read = |document: &String| {
            let stanza = parse(document);
            look(&stanza).sum() + payloads(stanza).expect("payloads")
        };
        corpus.documents.iter().map(read).sum()
    })
}

pub(super) fn make(corpus: &Corpus) -> Subject<'_> {
    Subject::new(NAME, "values cloned", || {
        for stanza in &corpus.parsers {
            black_box(cloned(stanza));
        }
        corpus.len() as u64
    })
}

pub(super) fn write(corpus: &Corpus) -> Subject<'_> {
    let mut out = Vec::new();
    Subject::new(NAME, "values", move || {
        out.clear();
        for stanza in &corpus.parsers {
            out.extend_from_slice(&xso::to_vec(stanza).expect("a stanza"));
        }
        out.len() as u64
    })
}

/// It has no `Clone` of its own.
pub(super) fn cloned(stanza: &Stanza) -> Stanza {
    match stanza {
        Stanza::Message(message) => Stanza::Message(message.clone()),
        Stanza::Presence(presence) => Stanza::Presence(presence.clone()),
        Stanza::Iq(iq) => Stanza::Iq(iq.clone()),
    }
}

fn parse(document: &str) -> Stanza {
    xso::from_bytes(document.as_bytes()).expect("a stanza")
}

pub(super) fn look(stanza: &Stanza) -> Seen {
    let mut seen = Seen::default();
    let addresses = |seen: &mut Seen, to: Option<&Jid>, from: Option<&Jid>| {
        seen.text(to.map(|to| to.as_str())).text(from.map(|from| from.as_str()));
    };
    let each = |seen: &mut Seen, payloads: &[Element]| {
        for payload in payloads {
            if payload.is("error", ns::DEFAULT_NS) {
                seen.error(true);
            } else {
                seen.payload(payload.name());
            }
        }
    };
    match stanza {
        Stanza::Message(message) => {
            addresses(&mut seen, message.to.as_ref(), message.from.as_ref());
            seen.text(message.id.as_ref().map(|id| id.0.as_str())).text(Some(
                match message.type_ {
                    MessageType::Chat => "chat",
                    MessageType::Error => "error",
                    MessageType::Groupchat => "groupchat",
                    MessageType::Headline => "headline",
                    MessageType::Normal => "normal",
                },
            ));
            for text in message.bodies.values().chain(message.subjects.values()) {
                seen.text(Some(text));
            }
            if let Some(thread) = &message.thread {
                seen.text(Some(&thread.id)).text(thread.parent.as_deref());
            }
            each(&mut seen, &message.payloads);
        }
        Stanza::Presence(presence) => {
            addresses(&mut seen, presence.to.as_ref(), presence.from.as_ref());
            seen.text(presence.id.as_deref()).text(match presence.type_ {
                Type::None => None,
                Type::Error => Some("error"),
                Type::Probe => Some("probe"),
                Type::Subscribe => Some("subscribe"),
                Type::Subscribed => Some("subscribed"),
                Type::Unavailable => Some("unavailable"),
                Type::Unsubscribe => Some("unsubscribe"),
                Type::Unsubscribed => Some("unsubscribed"),
            });
            seen.text(presence.show.as_ref().map(|show| match show {
                Show::Away => "away",
                Show::Chat => "chat",
                Show::Dnd => "dnd",
                Show::Xa => "xa",
            }));
            for status in presence.statuses.values() {
                seen.text(Some(status));
            }
            seen.number(presence.priority.0);
            each(&mut seen, &presence.payloads);
        }
        Stanza::Iq(iq) => {
            addresses(&mut seen, iq.to(), iq.from());
            let (word, payload) = match iq {
                Iq::Get { payload, .. } => ("get", Some(payload)),
                Iq::Set { payload, .. } => ("set", Some(payload)),
                Iq::Result { payload, .. } => ("result", payload.as_ref()),
                Iq::Error { payload, .. } => ("error", payload.as_ref()),
            };
            seen.text(Some(iq.id())).text(Some(word)).error(word == "error");
            if let Some(payload) = payload {
                seen.payload(payload.name());
            }
        }
    }
    seen
}

/// How many of its payloads are of types that both sides have, if all of those are well.
pub(super) fn payloads(stanza: Stanza) -> Option<u64> {
    match stanza {
        Stanza::Message(message) => {
            message.payloads.into_iter().map(|payload| known::parsers(payload, true)).sum()
        }
        Stanza::Presence(presence) => {
            presence.payloads.into_iter().map(|payload| known::parsers(payload, true)).sum()
        }
        Stanza::Iq(Iq::Get { payload, .. } | Iq::Set { payload, .. }) => {
            known::parsers(payload, true)
        }
        Stanza::Iq(Iq::Result { payload, .. } | Iq::Error { payload, .. }) => {
            payload.map_or(Some(0), |payload| known::parsers(payload, false))
        }
    }
}
