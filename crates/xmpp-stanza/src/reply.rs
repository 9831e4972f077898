//! Answers to a stanza that is still in the receive buffer.

use alloc::borrow::Cow;

use xmpp_xml::{WriteXml, Writer};

use crate::{Address, AddressRef, IqType, StanzaError, StanzaRef};

impl<'a> StanzaRef<'a> {
    /// The error that answers this stanza: addresses the other way round, the
    /// same `id`; `None` if no error may answer it
    /// ([`may_be_answered_with_error`](Self::may_be_answered_with_error)).
    ///
    /// An address that is malformed is returned as it came, as in RFC 6120's
    /// example (section 8.3.3.8).
    #[must_use]
    pub fn error_reply(self, error: impl Into<StanzaError>) -> Option<Reply<'a, Never>> {
        self.may_be_answered_with_error().then(|| Reply {
            stanza: self,
            from: self.to(),
            to: self.from(),
            content: Content::Error { error: error.into(), with_payload: false },
        })
    }

    /// The result that answers this request: addresses the other way round, the
    /// same `id`; `None` if it is no iq of type `get` or `set`.
    #[must_use]
    pub fn result<P: WriteXml>(self, payload: P) -> Option<Reply<'a, P>> {
        self.result_of(Some(payload))
    }

    /// As [`result`](Self::result), without a payload: success and no more to say.
    #[must_use]
    pub fn empty_result(self) -> Option<Reply<'a, Never>> {
        self.result_of(None)
    }

    fn result_of<P>(self, payload: Option<P>) -> Option<Reply<'a, P>> {
        self.is_request().then(|| Reply {
            stanza: self,
            from: self.to(),
            to: self.from(),
            content: Content::Result(payload),
        })
    }
}

/// An answer to a stanza, to be written.
///
/// It borrows from the stanza, so that answering copies nothing but to the wire.
#[derive(Clone, Debug)]
#[must_use = "an answer must be sent"]
pub struct Reply<'a, P = Never> {
    stanza: StanzaRef<'a>,
    from: AddressRef<'a>,
    to: AddressRef<'a>,
    content: Content<P>,
}

#[derive(Clone, Debug)]
enum Content<P> {
    Result(Option<P>),
    Error { error: StanzaError, with_payload: bool },
}

/// The payload of answers that have none.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "it has no values")]
pub enum Never {}

impl WriteXml for Never {
    fn write_xml(&self, _: &mut Writer<'_>) {
        match *self {}
    }
}

impl<P> Reply<'_, P> {
    /// Returns this answer, from another address than the one the stanza was sent
    /// to: for a server that answers for an account, or for an address it does not
    /// want to repeat.
    pub fn with_from(mut self, from: impl Into<Address>) -> Self {
        self.from = borrowed(from.into());
        self
    }

    /// Returns this answer, to another address than the one the stanza came from:
    /// for a client's stream, whose stanzas need not say who sent them.
    pub fn with_to(mut self, to: impl Into<Address>) -> Self {
        self.to = borrowed(to.into());
        self
    }

    /// Returns this answer; an error repeats the payloads of the stanza it answers
    /// (`6120-8.3.1-08`), and a result is not changed.
    pub fn with_payload_of_request(mut self) -> Self {
        if let Content::Error { with_payload, .. } = &mut self.content {
            *with_payload = true;
        }
        self
    }
}

fn borrowed<'a>(address: Address) -> AddressRef<'a> {
    match address {
        Address::Absent => AddressRef::Absent,
        Address::Jid(jid) => AddressRef::Jid(crate::JidCow::Owned(jid)),
        Address::Malformed(malformed) => {
            AddressRef::Malformed { raw: Cow::Owned(malformed.raw), error: malformed.error }
        }
    }
}

impl<P: WriteXml> WriteXml for Reply<'_, P> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let content = w.content();
        w.start(content, self.stanza.kind().as_str());
        w.attr_opt("from", self.from.as_str());
        w.attr_opt("to", self.to.as_str());
        // An id that the request lacks is empty in its answer (6120-8.2.3-05).
        let id = self.stanza.id();
        let empty = (self.stanza.kind() == crate::StanzaKind::Iq).then_some("");
        w.attr_opt("id", id.as_deref().or(empty));
        match &self.content {
            Content::Result(payload) => {
                w.attr("type", IqType::Result.as_str());
                if let Some(payload) = payload {
                    w.write(payload);
                }
            }
            Content::Error { error, with_payload } => {
                w.attr("type", IqType::Error.as_str());
                if *with_payload {
                    // What several of them inherit is said once.
                    if let Some(lang) = self.stanza.lang().filter(|lang| !lang.is_empty()) {
                        w.lang(&lang);
                    }
                    for payload in self.stanza.payloads() {
                        w.declare_for(payload);
                    }
                    for payload in self.stanza.payloads() {
                        w.element(payload);
                    }
                }
                w.write(error);
            }
        }
        w.end();
    }
}
