//! Stanzas that the host makes itself, and those that it passes on.

use xmpp_jid::{BareJid, FullJid};
use xmpp_stanza::{ErrorType, StanzaCondition};
use xmpp_xml::{ElementRef, WriteXml, Writer, ns};

/// A received stanza passed on, with its addresses as they have to be.
#[derive(Clone, Copy)]
pub(super) struct Forward<'a> {
    pub(super) stanza: ElementRef<'a>,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
}

impl WriteXml for Forward<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.forward(self.stanza, &[("from", Some(self.from)), ("to", Some(self.to))]);
    }
}

/// A presence without children.
#[derive(Clone, Copy)]
pub(super) struct BarePresence<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) id: Option<&'a str>,
    /// The 'type' attribute.
    pub(super) kind: Option<&'a str>,
}

impl WriteXml for BarePresence<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::CLIENT, "presence").attr("from", self.from).attr_opt("id", self.id);
        w.attr("to", self.to).attr_opt("type", self.kind).end();
    }
}

/// An iq of type "result".
#[derive(Clone, Copy)]
pub(super) struct IqResult<'a> {
    pub(super) from: Option<&'a str>,
    pub(super) to: &'a FullJid,
    pub(super) id: &'a str,
    pub(super) payload: Option<&'a dyn WriteXml>,
}

impl WriteXml for IqResult<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::CLIENT, "iq").attr_opt("from", self.from).attr("id", self.id);
        w.attr("to", self.to.as_str()).attr("type", "result");
        if let Some(payload) = self.payload {
            payload.write_xml(w);
        }
        w.end();
    }
}

/// A roster push (RFC 6121 §2.1.6). Without 'from', it is from the account itself.
#[derive(Clone, Copy)]
pub(super) struct RosterPush<'a> {
    pub(super) to: &'a FullJid,
    pub(super) id: &'a str,
    pub(super) query: &'a dyn WriteXml,
}

impl WriteXml for RosterPush<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::CLIENT, "iq").attr("id", self.id).attr("to", self.to.as_str());
        w.attr("type", "set");
        self.query.write_xml(w);
        w.end();
    }
}

/// A stanza error (RFC 6120 §8.3).
#[derive(Clone, Copy)]
pub(super) struct ErrorReply<'a> {
    /// The stanza's name.
    pub(super) kind: &'a str,
    pub(super) from: Option<&'a str>,
    pub(super) to: &'a str,
    pub(super) id: Option<&'a str>,
    pub(super) condition: StanzaCondition,
    pub(super) error_type: ErrorType,
    pub(super) text: &'a str,
}

impl WriteXml for ErrorReply<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::CLIENT, self.kind).attr_opt("from", self.from).attr_opt("id", self.id);
        w.attr("to", self.to).attr("type", "error");
        w.start(ns::CLIENT, "error").attr("type", self.error_type.as_str());
        w.start(ns::STANZAS_ERR, self.condition.as_str()).end();
        if !self.text.is_empty() {
            w.start(ns::STANZAS_ERR, "text").lang("en").text(self.text).end();
        }
        w.end().end();
    }
}

/// `<delay/>` of a stored message (XEP-0203).
#[derive(Clone, Copy)]
pub(super) struct Delay<'a> {
    pub(super) from: &'a BareJid,
    pub(super) stamp: &'a str,
}

impl WriteXml for Delay<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::DELAY, "delay").attr("from", self.from.as_str());
        w.attr("stamp", self.stamp).end();
    }
}
