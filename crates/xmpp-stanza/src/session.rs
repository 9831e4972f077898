//! Session establishment: RFC 3921, section 3, which RFC 6121 did away with.
//!
//! Clients of old still ask for it after binding; a server answers with an
//! empty result and has nothing to do.

use xmpp_xml::{ElementRef, Ns, WriteXml, Writer, ns};

use crate::{Invalid, Payload};

/// `<session/>`: as a stream feature the offer, in an iq `set` the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// Of an offer: a client need not ask for it.
    pub optional: bool,
}

impl Session {
    /// The request.
    #[must_use]
    pub const fn new() -> Self {
        Self { optional: false }
    }

    /// The offer, for clients that look for it and no others.
    #[must_use]
    pub const fn optional() -> Self {
        Self { optional: true }
    }
}

impl Payload<'_> for Session {
    const NS: Ns<'static> = ns::SESSION;
    const NAME: &'static str = "session";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        Ok(Self { optional: element.child(ns::SESSION, "optional").is_some() })
    }
}

impl WriteXml for Session {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        if self.optional {
            w.start(ns::SESSION, "optional").end();
        }
        w.end();
    }
}
