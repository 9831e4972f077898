//! Resource binding: RFC 6120 section 7.

use alloc::{boxed::Box, string::String};

use xmpp_jid::{BareJid, FullJid, Resourcepart};
use xmpp_stanza::bind::Bind;
use xmpp_stanza::{AddressRef, Iq, IqType, StanzaCondition, StanzaError};
use xmpp_xml::{ElementRef, SendBuffer, ns};

use crate::connection::core::{Core, unexpected};
use crate::error::{Error, PeerMisbehaved};

/// Section 7.7.1: the client asks for a resource, or leaves it to the server.
/// Gives the id of the request.
pub(crate) fn request(
    core: &mut Core,
    resource: Option<&Resourcepart>,
    tx: &mut SendBuffer,
) -> String {
    let id = core.random_id();
    let bind =
        resource.map_or(Bind::Any, |resource| Bind::Resource(String::from(resource.as_str())));
    core.write(&Iq::set(&*id, &bind), tx);
    id
}

/// Whether this is an answer to the request with that id: an iq result or error
/// whose `id` is ours and whose `from` is the server or the account itself.
pub(crate) fn is_answer(element: ElementRef<'_>, id: &str, account: &BareJid) -> bool {
    let from_us = match AddressRef::from_attribute(element.attr("from")) {
        AddressRef::Absent => true,
        AddressRef::Jid(from) => {
            let bare = from.as_ref().to_bare();
            bare == *account || bare == BareJid::from(account.domainpart())
        }
        AddressRef::Malformed { .. } => false,
    };
    element.is(ns::CLIENT, "iq")
        && element.attr("id").as_deref() == Some(id)
        && matches!(element.attr("type").as_deref(), Some("result" | "error"))
        && from_us
}

/// Sections 7.6.1 and 7.7.1: the address that the server bound. It is one of the
/// account that has authenticated.
pub(crate) fn handle_result(element: ElementRef<'_>, account: &BareJid) -> Result<FullJid, Error> {
    let iq = Iq::parse(element).map_err(PeerMisbehaved::Malformed)?;
    if let Some(error) = iq.error() {
        return Err(Error::BindRefused(error));
    }
    let Some(Bind::Jid(jid)) = iq.payload::<Bind>().map_err(PeerMisbehaved::Malformed)? else {
        return Err(unexpected(element, "an iq with the bound address").into());
    };
    if is_of(&jid.to_bare(), account) { Ok(jid) } else { Err(PeerMisbehaved::WrongFrom.into()) }
}

/// Whether the server speaks of the account that has authenticated; an account
/// without a localpart stands for one that the server made up (ANONYMOUS), at the
/// same domain.
pub(crate) fn is_of(bare: &BareJid, account: &BareJid) -> bool {
    match account.localpart() {
        Some(_) => bare == account,
        None => bare.domainpart() == account.domainpart(),
    }
}

/// The receiving side.
#[derive(Debug, Default)]
pub(crate) struct Receiving {
    refused: u32,
}

/// What a client asked for.
pub(crate) enum Request {
    /// To be asked of the driver.
    Wanted { iq: Box<Iq<'static>>, resource: Option<Resourcepart> },
    /// Refused; it may try again.
    Refused,
}

impl Receiving {
    /// Sections 7.6 and 7.7: reads the request.
    pub(crate) fn handle_request(
        &mut self,
        core: &mut Core,
        element: ElementRef<'_>,
        account: &BareJid,
        tx: &mut SendBuffer,
    ) -> Result<Request, Error> {
        let iq = Iq::parse(element).map_err(PeerMisbehaved::Malformed)?;
        // Section 7.1: before binding, the client talks to its server alone. What
        // has another address in it is a stanza before its time.
        let addresses = [(iq.to(), true), (iq.from(), false)];
        for (address, may_be_server) in addresses {
            let fits = match address.jid() {
                None => address.is_absent(),
                Some(jid) => {
                    jid.to_bare() == *account
                        || (may_be_server && jid.as_str() == account.domainpart().as_str())
                }
            };
            if !fits {
                let fault = if may_be_server {
                    PeerMisbehaved::NotAuthorized
                } else {
                    PeerMisbehaved::WrongFrom
                };
                return Err(fault.into());
            }
        }
        let bind = match iq.iq_type() {
            IqType::Set => iq.payload::<Bind>().map_err(PeerMisbehaved::Malformed)?,
            _ => None,
        };
        let resource = match bind.ok_or(PeerMisbehaved::NotAuthorized)? {
            Bind::Resource(resource) if !resource.is_empty() => {
                match Resourcepart::new(&resource) {
                    Ok(resource) => Some(resource),
                    // Section 7.7.2.1.
                    Err(_) => {
                        let error = StanzaError::new(StanzaCondition::BadRequest);
                        self.refuse(core, &iq, error, tx)?;
                        return Ok(Request::Refused);
                    }
                }
            }
            _ => None,
        };
        Ok(Request::Wanted { iq: Box::new(iq.into_owned()), resource })
    }

    /// Section 7.7.3: tells the client, and counts.
    pub(crate) fn refuse(
        &mut self,
        core: &mut Core,
        iq: &Iq<'_>,
        error: StanzaError,
        tx: &mut SendBuffer,
    ) -> Result<(), Error> {
        if let Some(refusal) = iq.stanza().error_reply(error) {
            core.write(&refusal, tx);
        }
        self.refused += 1;
        if self.refused > MAX_RETRIES {
            return Err(PeerMisbehaved::TooManyBindAttempts.into());
        }
        Ok(())
    }
}

/// Tells the client which address it has.
pub(crate) fn accept(core: &mut Core, iq: &Iq<'_>, jid: &FullJid, tx: &mut SendBuffer) {
    if let Some(result) = iq.stanza().result(Bind::Jid(jid.clone())) {
        core.write(&result, tx);
    }
}

/// 6120-7.7.3-01: at least 5 and no more than 10.
const MAX_RETRIES: u32 = 5;

#[cfg(test)]
mod tests {
    use super::is_of;
    use crate::jid::BareJid;

    /// Of ANONYMOUS (XEP-0175) the server makes the account up, at the domain asked for.
    #[test]
    fn whose_address_was_bound() {
        for (bare, account, expected) in [
            ("juliet@example.com", "juliet@example.com", true),
            ("romeo@example.com", "juliet@example.com", false),
            ("juliet@example.net", "juliet@example.com", false),
            ("made-up@example.com", "example.com", true),
            ("made-up@example.net", "example.com", false),
        ] {
            let (bare, account) = (BareJid::new(bare).unwrap(), BareJid::new(account).unwrap());
            assert_eq!(is_of(&bare, &account), expected, "{bare} {account}");
        }
    }
}
