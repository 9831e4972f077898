//! The addresses of stanzas and of objects: RFC 3922 §4.1.1, §4.1.2 and their
//! like.

use alloc::string::String;
use alloc::vec::Vec;

use xmpp_jid::{BareJid, Jid};
use xmpp_stanza::AddressRef;

use super::{Loss, Lost, MapError, Options, Side};
use crate::message::{Address, Message};
use crate::{Scheme, Uri};

/// Which of the two halves of RFC 3922 speaks.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Message,
    Presence,
}

impl Kind {
    const fn rule_to_cpim(self, side: Side) -> &'static str {
        match (self, side) {
            (Self::Message, Side::From) => "RFC 3922 §4.1.1",
            (Self::Message, Side::To) => "RFC 3922 §4.1.2",
            (Self::Presence, Side::From) => "RFC 3922 §5.1.1",
            (Self::Presence, Side::To) => "RFC 3922 §5.1.2",
        }
    }

    const fn rule_from_cpim(self, side: Side) -> &'static str {
        match (self, side) {
            (Self::Message, Side::From) => "RFC 3922 §4.2.1",
            (Self::Message, Side::To) => "RFC 3922 §4.2.2",
            (Self::Presence, Side::From) => "RFC 3922 §5.2.1",
            (Self::Presence, Side::To) => "RFC 3922 §5.2.2",
        }
    }
}

/// The address that a stanza bears, if it bears one.
pub(super) fn of_stanza(address: AddressRef<'_>, side: Side) -> Result<Jid, MapError> {
    match address {
        AddressRef::Jid(jid) => Ok(jid.into_owned()),
        AddressRef::Absent => Err(MapError::MissingAddress(side)),
        AddressRef::Malformed { error, .. } => Err(MapError::MalformedAddress(side, error)),
    }
}

/// The value of `From` or `To` for the address of a stanza.
pub(super) fn to_header(
    jid: &Jid,
    side: Side,
    kind: Kind,
    options: &Options,
    lost: &mut Vec<Loss>,
) -> Result<Address<'static>, MapError> {
    if jid.resourcepart().is_some() {
        lost.push(Lost::Resourcepart(side).by(kind.rule_to_cpim(side)));
    }
    bare_to_header(&jid.to_bare(), side, options)
}

/// The value of `From` or `To` for a bare address. Also for presence the scheme
/// is `im` (`3922-5.1.1-01`, `3922-5.1.2-02`), whatever §3.2 says.
pub(super) fn bare_to_header(
    jid: &BareJid,
    side: Side,
    options: &Options,
) -> Result<Address<'static>, MapError> {
    let uri =
        options.uri(Scheme::Im, jid.as_ref()).map_err(|error| MapError::Address(side, error))?;
    let name = match side {
        Side::From => &options.from_name,
        Side::To => &options.to_name,
    };
    Ok(header_of(uri, name.as_ref()))
}

fn header_of(uri: String, name: Option<&String>) -> Address<'static> {
    let address = Address::of_uri(uri);
    match name {
        Some(name) => address.with_formal_name(name.clone()),
        None => address,
    }
}

/// The sender of an object; there is exactly one.
pub(super) fn sender(
    object: &Message<'_>,
    kind: Kind,
    options: &Options,
    lost: &mut Vec<Loss>,
) -> Result<BareJid, MapError> {
    let Some(from) = object.from() else { return Err(MapError::MissingAddress(Side::From)) };
    if object.cpim_headers("From").count() > 1 {
        return Err(MapError::RepeatedFrom);
    }
    from_header(&from, Side::From, kind, options, lost)
}

/// The recipients of an object: at least one, none of them twice.
pub(super) fn recipients(
    object: &Message<'_>,
    kind: Kind,
    options: &Options,
    lost: &mut Vec<Loss>,
) -> Result<Vec<BareJid>, MapError> {
    let mut recipients = Vec::new();
    for address in object.to() {
        let recipient = from_header(&address, Side::To, kind, options, lost)?;
        if !recipients.contains(&recipient) {
            recipients.push(recipient);
        }
    }
    if recipients.is_empty() {
        return Err(MapError::MissingAddress(Side::To));
    }
    Ok(recipients)
}

fn from_header(
    address: &Address<'_>,
    side: Side,
    kind: Kind,
    options: &Options,
    lost: &mut Vec<Loss>,
) -> Result<BareJid, MapError> {
    let wrong = |error| MapError::Address(side, error);
    if address.formal_name().is_some() {
        lost.push(Lost::FormalName(side).by(kind.rule_from_cpim(side)));
    }
    if let Some(jid) = options.addresses.jid(address.uri()) {
        return Ok(jid.clone());
    }
    let uri = Uri::parse(address.uri()).map_err(wrong)?;
    if uri.headers().is_some() {
        lost.push(Lost::UriHeaders(side).by("RFC 3860 §A.2"));
    }
    uri.to_jid(options.escaping).map_err(wrong)
}
