//! What stands in a stream: first-level elements of every kind.

use alloc::string::String;
use arbitrary::Result;

use super::syntax::{Node, Syntax};
use crate::xml::ns;
use crate::{StanzaCondition, StreamCondition};

const SM: &str = "urn:xmpp:sm:3";
const CSI: &str = "urn:xmpp:csi:0";
const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
const STREAMS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
const CAPS: &str = "http://jabber.org/protocol/caps";
const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";

const ADDRESSES: &[&str] = &[
    "juliet@im.example.com/balcony",
    "romeo@example.net",
    "im.example.com",
    "nurse@im.example.com/Übung ♥",
    "d\\27artagnan@musketeers.example",
    "a@[2001:db8::1]/x",
    "me@example.com/<&'\">",
];
const TEXTS: &[&str] = &[
    "",
    "Art thou not Romeo, and a Montague?",
    "<body>&amp;</body>",
    "]]> ends a section",
    "it's \"quoted\"",
    "é e\u{301} ß 漢字 \u{1F339}\u{FE0F}",
    "\u{5d0}\u{5d1} \u{200F}\u{202E}",
    " two\n lines\t ",
    "\u{FEFF}no mark",
];
const LANGS: &[&str] = &["en", "de-CH-1996", "x-klingon", "zh-Hant-TW"];

impl Syntax<'_, '_> {
    /// A first-level element of a stream with that content namespace.
    pub(super) fn first_level(&mut self, content: &'static str) -> Result<Node> {
        match self.u.int_in_range(0..=9)? {
            0 | 1 => self.message(content),
            2 => self.presence(content),
            3 | 4 => self.iq(content),
            5 => self.error_stanza(content),
            6 => self.features(),
            7 => self.sasl(),
            8 => self.stream_management(),
            _ => self.other(content),
        }
    }

    /// `<stream:error/>`, which ends a stream.
    pub(super) fn stream_error(&mut self) -> Result<Node> {
        let condition = self.pick(StreamCondition::ALL)?.as_str();
        let mut element = Node::new(STREAMS, condition);
        if condition == "see-other-host" {
            element = element.text("[2001:41D0:1:A49b::1]:9222");
        }
        let mut error = Node::new(ns::STREAM.uri(), "error").child(element);
        if self.one_of(2)? {
            error = error.child(Node::new(STREAMS, "text").attr("xml:lang", "en").text("why"));
        }
        Ok(error)
    }

    fn message(&mut self, content: &'static str) -> Result<Node> {
        let types = ["chat", "normal", "groupchat", "headline", "unknown"];
        let mut message = self.envelope(content, "message", &types)?;
        for _ in 0..self.u.int_in_range(0..=3)? {
            let child = match self.u.int_in_range(0..=4)? {
                0 | 1 => Node::new(content, "body").text(self.pick(TEXTS)?),
                2 => Node::new(content, "subject").text(self.pick(TEXTS)?),
                3 => Node::new(content, "thread").attr("parent", "e0ffe42b").text("7edac73a"),
                _ => self.payload(3)?,
            };
            let child =
                if self.one_of(3)? { child.attr("xml:lang", self.pick(LANGS)?) } else { child };
            message = message.child(child);
        }
        Ok(message)
    }

    fn presence(&mut self, content: &'static str) -> Result<Node> {
        let types = ["unavailable", "subscribe", "subscribed", "unsubscribe", "probe"];
        let mut presence = self.envelope(content, "presence", &types)?;
        if self.one_of(2)? {
            let show = self.pick(&["away", "chat", "dnd", "xa"])?;
            presence = presence.child(Node::new(content, "show").text(show));
        }
        if self.one_of(2)? {
            presence = presence.child(Node::new(content, "status").text(self.pick(TEXTS)?));
        }
        if self.one_of(2)? {
            let priority = self.pick(&["0", "-128", "127", "+5"])?;
            presence = presence.child(Node::new(content, "priority").text(priority));
        }
        if self.one_of(2)? {
            let caps = Node::new(CAPS, "c")
                .attr("hash", "sha-1")
                .attr("ver", "QgayPKawpkPSDYmwT/WM94uAlu0=");
            presence = presence.child(caps.attr("node", "urn:example:client"));
        }
        if self.one_of(2)? {
            presence = presence.child(self.payload(2)?);
        }
        Ok(presence)
    }

    fn iq(&mut self, content: &'static str) -> Result<Node> {
        let iq = self.envelope(content, "iq", &[])?;
        let kind = self.pick(&["get", "set", "result"])?;
        let iq =
            if iq.attrs.iter().any(|(name, _)| *name == "id") { iq } else { iq.attr("id", "1") };
        let payload = match self.u.int_in_range(0..=4)? {
            0 if kind == "result" => return Ok(iq.attr("type", kind)),
            0 => Node::new("urn:xmpp:ping", "ping"),
            1 => {
                let item = Node::new("jabber:iq:roster", "item").attr("jid", self.pick(ADDRESSES)?);
                let item = item.attr("subscription", "both").attr("name", self.pick(TEXTS)?);
                let group = Node::new("jabber:iq:roster", "group").text("Friends");
                Node::new("jabber:iq:roster", "query").attr("ver", "").child(item.child(group))
            }
            2 => Node::new(DISCO_INFO, "query")
                .child(
                    Node::new(DISCO_INFO, "identity").attr("category", "client").attr("type", "pc"),
                )
                .child(Node::new(DISCO_INFO, "feature").attr("var", DISCO_INFO)),
            3 => Node::new(BIND, "bind").child(Node::new(BIND, "resource").text("balcony")),
            _ => self.payload(4)?,
        };
        Ok(iq.attr("type", kind).child(payload))
    }

    /// A stanza of type `error` (RFC 6120, section 8.3).
    fn error_stanza(&mut self, content: &'static str) -> Result<Node> {
        let name = self.pick(&["message", "presence", "iq"])?;
        let mut stanza = self.envelope(content, name, &[])?.attr("type", "error");
        if name == "iq" && stanza.attrs.iter().all(|(name, _)| *name != "id") {
            stanza = stanza.attr("id", "1");
        }
        let kind = self.pick(&["auth", "cancel", "continue", "modify", "wait"])?;
        let condition = self.pick(StanzaCondition::ALL)?.as_str();
        let mut error = Node::new(content, "error").attr("type", kind);
        if self.one_of(3)? {
            error = error.attr("by", self.pick(ADDRESSES)?);
        }
        error = error.child(Node::new(STANZAS, condition));
        if self.one_of(2)? {
            error = error.child(Node::new(STANZAS, "text").text(self.pick(TEXTS)?));
        }
        if self.one_of(3)? {
            error = error.child(Node::new("urn:example:errors", "too-many-parameters"));
        }
        if self.one_of(3)? {
            stanza = stanza.child(self.payload(2)?);
        }
        Ok(stanza.child(error))
    }

    /// An empty stanza with its attributes but for iq's type.
    fn envelope(
        &mut self,
        content: &'static str,
        name: &'static str,
        types: &[&'static str],
    ) -> Result<Node> {
        let mut stanza = Node::new(content, name);
        // Only a client need not say who speaks to whom (RFC 6120, section 8.1).
        let addressed = content != ns::CLIENT.uri();
        if addressed || self.one_of(2)? {
            stanza = stanza.attr("to", self.pick(ADDRESSES)?);
        }
        if addressed || self.one_of(2)? {
            stanza = stanza.attr("from", self.pick(ADDRESSES)?);
        }
        if self.one_of(2)? {
            stanza = stanza.attr("id", self.pick(&["ktx72v49", "1", "<'&'>", "\u{1F339}"])?);
        }
        if !types.is_empty() && self.one_of(2)? {
            stanza = stanza.attr("type", self.pick(types)?);
        }
        if self.one_of(4)? {
            stanza = stanza.attr("xml:lang", self.pick(LANGS)?);
        }
        Ok(stanza)
    }

    /// A payload that nobody knows, so many levels deep at most.
    fn payload(&mut self, depth: u32) -> Result<Node> {
        let namespaces = &["urn:example:a", "urn:example:b", "http://example.org/é?a=1&b='2'"];
        let mut node =
            Node::new(self.pick(namespaces)?, self.pick(&["x", "item", "a-b.c_d", "é"])?);
        if self.one_of(2)? {
            node = node.attr("value", self.pick(TEXTS)?);
        }
        let children =
            if depth == 0 || self.u.is_empty() { 0 } else { self.u.int_in_range(0..=3)? };
        for _ in 0..children {
            node = if self.one_of(2)? {
                node.child(self.payload(depth - 1)?)
            } else {
                node.text(self.pick(TEXTS)?)
            };
        }
        Ok(node)
    }

    fn features(&mut self) -> Result<Node> {
        let mut features = Node::new(ns::STREAM.uri(), "features");
        if self.one_of(2)? {
            let mut tls = Node::new(ns::TLS.uri(), "starttls");
            if self.one_of(2)? {
                tls = tls.child(Node::new(ns::TLS.uri(), "required"));
            }
            features = features.child(tls);
        }
        if self.one_of(2)? {
            let mut mechanisms = Node::new(ns::SASL.uri(), "mechanisms");
            for name in ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"] {
                mechanisms = mechanisms.child(Node::new(ns::SASL.uri(), "mechanism").text(name));
            }
            features = features.child(mechanisms);
        }
        for (namespace, name) in
            [(BIND, "bind"), (SM, "sm"), (CSI, "csi"), ("urn:xmpp:features:rosterver", "ver")]
        {
            if self.one_of(2)? {
                features = features.child(Node::new(namespace, name));
            }
        }
        if self.one_of(2)? {
            let optional = Node::new(SESSION, "optional");
            features = features.child(Node::new(SESSION, "session").child(optional));
        }
        Ok(features)
    }

    fn sasl(&mut self) -> Result<Node> {
        let sasl = |name| Node::new(ns::SASL.uri(), name);
        let base64 = self.pick(&["", "=", "biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM"])?;
        Ok(match self.u.int_in_range(0..=5)? {
            0 => sasl("auth").attr("mechanism", "SCRAM-SHA-256").text(base64),
            1 => sasl("challenge").text(base64),
            2 => sasl("response").text(base64),
            3 => sasl("success").text(base64),
            4 => sasl("abort"),
            _ => sasl("failure")
                .child(sasl("not-authorized"))
                .child(sasl("text").attr("xml:lang", "en").text(self.pick(TEXTS)?)),
        })
    }

    fn stream_management(&mut self) -> Result<Node> {
        let h = self.pick(&["0", "1", "4294967295"])?;
        let sm = |name| Node::new(SM, name);
        Ok(match self.u.int_in_range(0..=6)? {
            0 => sm("enable").attr("resume", "true"),
            1 => sm("enabled").attr("id", "some-long-sm-id").attr("resume", "1").attr("max", "600"),
            2 => sm("r"),
            3 => sm("a").attr("h", h),
            4 => sm("resume").attr("h", h).attr("previd", "some-long-sm-id"),
            5 => sm("resumed").attr("h", h).attr("previd", "some-long-sm-id"),
            _ => sm("failed").attr("h", h).child(Node::new(STANZAS, "item-not-found")),
        })
    }

    /// STARTTLS, client state, dialback, the handshake of components.
    fn other(&mut self, content: &'static str) -> Result<Node> {
        let tls = |name| Node::new(ns::TLS.uri(), name);
        Ok(match self.u.int_in_range(0..=5)? {
            0 => tls("starttls"),
            1 => tls("proceed"),
            2 => tls("failure"),
            _ if content == ns::SERVER.uri() => {
                let db = Node::new(ns::DIALBACK.uri(), self.pick(&["result", "verify"])?);
                let db = db.attr("from", "example.net").attr("to", "im.example.com");
                db.attr("id", "D60000229F").text("37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe")
            }
            _ if content != ns::CLIENT.uri() => Node::new(content, "handshake")
                .text(String::from("aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e")),
            3 => Node::new(CSI, "active"),
            _ => Node::new(CSI, "inactive"),
        })
    }
}
