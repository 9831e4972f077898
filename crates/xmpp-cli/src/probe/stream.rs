//! A stream, as far as its features.

use core::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use xmpp_core::jid::{Domainpart, Jid};
use xmpp_core::stanza::features::FeaturesRef;
use xmpp_core::stanza::{StreamError, StreamHeader};
use xmpp_core::xml::{ElementRef, Framing, Item, Limits, RecvBuffer, SendBuffer, StreamReader, ns};

use super::Kind;
use crate::out;

/// How much of a stream is read.
const MOST: usize = 64 << 10;
/// How many features are shown.
const MAX_SHOWN: usize = 40;

/// What a server offers on a stream.
pub(super) struct Offered {
    pub(super) shown: Value,
    pub(super) starttls: bool,
    /// SASL of any profile, or dialback.
    pub(super) authentication: bool,
}

/// A stream on some transport.
pub(super) struct Stream<T> {
    transport: T,
    rx: RecvBuffer,
    reader: StreamReader,
    patience: Duration,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Stream<T> {
    pub(super) fn new(transport: T, patience: Duration) -> Self {
        let reader = StreamReader::new(Limits::unauthenticated());
        Self { transport, rx: RecvBuffer::new(MOST), reader, patience }
    }

    /// Opens a stream and reads what is offered on it.
    pub(super) async fn open(
        &mut self,
        kind: Kind,
        domain: &Domainpart,
        from: Option<&Domainpart>,
    ) -> Result<Offered, String> {
        let content = match kind {
            Kind::Client => ns::CLIENT,
            Kind::Server => ns::SERVER,
        };
        let mut header = StreamHeader::new(content).with_to(jid(domain));
        if kind == Kind::Server {
            header.dialback = true;
            if let Some(from) = from {
                header = header.with_from(jid(from));
            }
        }
        let mut tx = SendBuffer::new(Framing::Stream);
        header.write(&mut tx).map_err(|error| error.to_string())?;
        self.send(tx.unsent()).await?;
        self.next(|item| match item {
            Item::Header(header) => Some(StreamHeader::parse(header).map(drop)),
            _ => None,
        })
        .await?
        .map_err(|error| error.to_string())?;
        self.next(|item| match item {
            Item::Element(element) => FeaturesRef::parse(element).ok().map(offered),
            _ => None,
        })
        .await
    }

    /// Asks for TLS, and gives the transport back to do it on.
    pub(super) async fn start_tls(mut self) -> Result<T, String> {
        self.send(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").await?;
        let proceeds = self
            .next(|item| match item {
                Item::Element(element) if element.has_ns(ns::TLS) => {
                    Some(element.name() == "proceed")
                }
                _ => None,
            })
            .await?;
        if !proceeds {
            return Err("STARTTLS has failed".into());
        }
        if self.rx.unread() > 0 {
            return Err("the server went on in the clear after <proceed/>".into());
        }
        Ok(self.transport)
    }

    /// Says goodbye.
    pub(super) async fn close(mut self) {
        let _ = self.send(b"</stream:stream>").await;
        let _ = tokio::time::timeout(self.patience, self.transport.shutdown()).await;
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let sent = async {
            self.transport.write_all(bytes).await?;
            self.transport.flush().await
        };
        match tokio::time::timeout(self.patience, sent).await {
            Ok(sent) => sent.map_err(|error| error.to_string()),
            Err(_) => Err("nothing could be sent in time".into()),
        }
    }

    /// Reads up to the item that is wanted. White space aside, nothing else is.
    async fn next<R>(&mut self, wanted: impl Fn(Item<'_>) -> Option<R>) -> Result<R, String> {
        let deadline = tokio::time::Instant::now() + self.patience;
        loop {
            if let Some(item) = self.reader.poll(&mut self.rx).map_err(|error| error.to_string())? {
                if let Some(found) = wanted(item) {
                    return Ok(found);
                }
                return Err(match item {
                    Item::Closed => "the server closed the stream".into(),
                    Item::Element(element) => unexpected(element),
                    _ => "something else came than was expected".into(),
                });
            }
            let unfilled = self.rx.unfilled();
            if unfilled.is_empty() {
                return Err("too much to read".into());
            }
            let read = tokio::time::timeout_at(deadline, self.transport.read(unfilled)).await;
            match read {
                Err(_) => return Err("no answer in time".into()),
                Ok(Err(error)) => return Err(error.to_string()),
                Ok(Ok(0)) => return Err("the server closed the connection".into()),
                Ok(Ok(n)) => self.rx.advance(n),
            }
        }
    }
}

fn unexpected(element: ElementRef<'_>) -> String {
    match StreamError::parse(element) {
        Ok(error) => {
            let text = error.text().map(|text| format!(" ({text})")).unwrap_or_default();
            format!("stream error: {}{text}", error.condition.as_str())
        }
        Err(_) => format!("<{}/> came instead", element.name()),
    }
}

fn jid(domain: &Domainpart) -> Jid {
    xmpp_core::jid::BareJid::from(domain.as_ref()).into()
}

fn offered(features: FeaturesRef<'_>) -> Offered {
    let has = |namespace: &str, name: &str| {
        features.iter().any(|feature| feature.ns() == namespace && feature.name() == name)
    };
    let mechanisms_of = |namespace: &str, name: &str| -> Vec<String> {
        let found = features.iter().find(|one| one.ns() == namespace && one.name() == name);
        found
            .into_iter()
            .flat_map(|found| found.children())
            .filter(|child| child.name() == "mechanism")
            .take(MAX_SHOWN)
            .map(|child| out::message(&child.text()))
            .collect()
    };
    let sasl = mechanisms_of("urn:ietf:params:xml:ns:xmpp-sasl", "mechanisms");
    let sasl2 = mechanisms_of("urn:xmpp:sasl:2", "authentication");
    let dialback = features
        .iter()
        .find(|one| one.ns() == "urn:xmpp:features:dialback" && one.name() == "dialback");
    let starttls = features.starttls();
    let named = |feature: ElementRef<'_>| {
        let short = match (feature.ns(), feature.name()) {
            ("urn:ietf:params:xml:ns:xmpp-tls", "starttls") => "starttls",
            ("urn:ietf:params:xml:ns:xmpp-sasl", "mechanisms") => "sasl",
            ("urn:xmpp:sasl:2", "authentication") => "sasl2",
            ("urn:xmpp:features:dialback", "dialback") => "dialback",
            ("urn:xmpp:features:bidi", "bidi") => "bidi",
            ("urn:xmpp:sm:3", "sm") => "sm:3",
            ("urn:xmpp:sm:2", "sm") => "sm:2",
            ("http://jabber.org/features/compress", "compression") => "compression",
            ("http://jabber.org/features/iq-register", "register") => "register",
            ("http://jabber.org/protocol/caps", "c") => "caps",
            ("urn:ietf:params:xml:ns:xmpp-bind", "bind") => "bind",
            ("urn:xmpp:csi:0", "csi") => "csi",
            (namespace, name) => return out::message(&format!("{name} ({namespace})")),
        };
        short.to_owned()
    };
    let errors = dialback.is_some_and(|one| one.children().any(|child| child.name() == "errors"));
    let shown = json!({
        "features": features.iter().take(MAX_SHOWN).map(named).collect::<Vec<_>>(),
        "more": features.iter().count().saturating_sub(MAX_SHOWN),
        "starttls": starttls.is_some(),
        "starttls_required": starttls.as_ref().is_some_and(|starttls| starttls.required),
        "mechanisms": sasl, "sasl2_mechanisms": sasl2,
        "dialback": dialback.is_some(), "dialback_errors": errors,
        "bidi": has("urn:xmpp:features:bidi", "bidi"),
        "sm": has("urn:xmpp:sm:3", "sm"),
    });
    Offered {
        shown,
        starttls: starttls.is_some(),
        authentication: !sasl.is_empty() || !sasl2.is_empty() || dialback.is_some(),
    }
}
