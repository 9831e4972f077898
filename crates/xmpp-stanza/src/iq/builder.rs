//! Iqs to be sent.

use alloc::boxed::Box;
use alloc::string::String;

use xmpp_xml::{Fragment, WriteXml, Writer};

use super::{Iq, IqType};
use crate::builder::{self, builder};
use crate::{Address, StanzaError};

/// An iq that is to be sent.
///
/// As with a [`MessageBuilder`](crate::MessageBuilder), the payload is written when it
/// is put into it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::{Iq, ping::Ping};
///
/// let request = Iq::get("p1", &Ping).with_to("example.com".parse::<xmpp_jid::Jid>()?);
/// # let mut tx = Vec::new();
/// # let mut w = xmpp_xml::Writer::in_stream(&mut tx, xmpp_xml::ns::CLIENT);
/// # w.write(&request);
/// # w.finish()?;
/// # assert_eq!(
/// #     String::from_utf8(tx)?,
/// #     "<iq to='example.com' id='p1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
/// # );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "an iq must be sent"]
pub struct IqBuilder {
    /// To whom; absent where it is for the server or one's own account.
    pub to: Address,
    /// From whom; on a client's own requests the server sets it.
    pub from: Address,
    /// Identifies the request to its sender; the answer bears the same.
    pub id: String,
    /// The language of what it says (RFC 6120, section 8.1.5).
    pub lang: Option<String>,
    iq_type: IqType,
    error: Option<Box<StanzaError>>,
    payload: Fragment,
}

builder!(IqBuilder, Iq);

impl IqBuilder {
    /// A request for information. [`Iq::get`] is the same.
    pub fn get<P: WriteXml + ?Sized>(id: impl Into<String>, payload: &P) -> Self {
        Self::new(IqType::Get, id.into()).with(payload)
    }

    /// A request that provides data or asks for an action. [`Iq::set`] is the same.
    pub fn set<P: WriteXml + ?Sized>(id: impl Into<String>, payload: &P) -> Self {
        Self::new(IqType::Set, id.into()).with(payload)
    }

    /// The answer that a request was successful, without a payload. [`Iq::result`] is
    /// the same.
    ///
    /// A request that was received is answered by
    /// [`StanzaRef::result`](crate::StanzaRef::result), which copies nothing.
    pub fn result(id: impl Into<String>) -> Self {
        Self::new(IqType::Result, id.into())
    }

    /// The answer that a request was not successful; the payload of the request may
    /// go [with](Self::with) it.
    ///
    /// A request that was received is answered by
    /// [`StanzaRef::error_reply`](crate::StanzaRef::error_reply), which copies
    /// nothing.
    pub fn error(id: impl Into<String>, error: impl Into<StanzaError>) -> Self {
        let error = Some(Box::new(error.into()));
        Self { error, ..Self::new(IqType::Error, id.into()) }
    }

    fn new(iq_type: IqType, id: String) -> Self {
        Self {
            to: Address::Absent,
            from: Address::Absent,
            id,
            lang: None,
            iq_type,
            error: None,
            payload: Fragment::new(),
        }
    }

    /// What kind of iq it is.
    #[must_use]
    pub const fn iq_type(&self) -> IqType {
        self.iq_type
    }

    /// Sets the payload, one of a [type](crate::Payload) or an element, and
    /// with no other (`6120-8.2.3-07`, `6120-8.2.3-08`).
    pub fn with<P: WriteXml + ?Sized>(mut self, payload: &P) -> Self {
        self.payload = Fragment::element(payload);
        self
    }
}

impl WriteXml for IqBuilder {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let addresses = (&self.to, &self.from);
        let (id, lang) = (Some(&*self.id), self.lang.as_deref());
        builder::start(w, "iq", Some(self.iq_type.as_str()), addresses, id, lang);
        w.fragment(&self.payload);
        if let Some(error) = &self.error {
            w.write(&**error);
        }
        w.end();
    }
}
