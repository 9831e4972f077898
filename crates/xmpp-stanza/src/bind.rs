//! Resource binding: RFC 6120, section 7.

use alloc::borrow::Cow;
use alloc::string::String;

use xmpp_jid::FullJid;
use xmpp_xml::{ElementRef, Ns, WriteXml, Writer, ns};

use crate::invalid::Rule;
use crate::{Invalid, Payload, envelope};

/// `<bind/>`: the stream feature, the request or the result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6120, section 7, is complete")]
pub enum Bind {
    /// The feature, or the request for a resourcepart of the server's making
    /// (RFC 6120, section 7.6).
    Any,
    /// The request for that resourcepart, as it came (RFC 6120, section 7.7).
    ///
    /// The text is not prepared yet and may be empty or no resourcepart at
    /// all: a server makes the best of it or picks one of its own
    /// (`6120-7.7.2.1-01`).
    Resource(String),
    /// The result: the address that is bound to the stream.
    Jid(FullJid),
}

impl Payload<'_> for Bind {
    const NS: Ns<'static> = ns::BIND;
    const NAME: &'static str = "bind";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        const SECTION: &str = "RFC 6120, 7.6.1";
        Self::check(element)?;
        if let Some(jid) = element.child(ns::BIND, "jid") {
            let text = envelope::text(jid, "jid", SECTION)?;
            return FullJid::new(envelope::trimmed(&text))
                .map(Self::Jid)
                .map_err(|error| Invalid::new("jid", Rule::Jid(error), SECTION));
        }
        let Some(resource) = element.child(ns::BIND, "resource") else { return Ok(Self::Any) };
        let text = envelope::text(resource, "resource", "RFC 6120, 7.7")?;
        Ok(Self::Resource(Cow::into_owned(text)))
    }
}

impl WriteXml for Bind {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        match self {
            Self::Any => {}
            Self::Resource(resource) => {
                w.leaf(ns::BIND, "resource", resource);
            }
            Self::Jid(jid) => {
                w.leaf(ns::BIND, "jid", jid.as_str());
            }
        }
        w.end();
    }
}

impl From<FullJid> for Bind {
    fn from(jid: FullJid) -> Self {
        Self::Jid(jid)
    }
}
