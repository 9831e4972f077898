//! The rule for the addresses of stanzas between servers: RFC 6120 sections 8.1 and
//! 4.9.3, XEP-0220 section 2.2.1.

use alloc::borrow::{Cow, ToOwned};

use xmpp_jid::JidRef;
use xmpp_stanza::{AddressRef, StanzaRef};

use super::Federation;
use crate::connection::sent::SentTag;
use crate::error::{PeerMisbehaved, SendError};

/// A stanza that came: both addresses, and between domains that were proved in this
/// direction.
pub(in crate::role) fn judge_stanza(
    federation: &Federation,
    stanza: StanzaRef<'_>,
) -> Result<(), PeerMisbehaved> {
    // 6120-8.1.1.2-01, 6120-8.1.2.2-01: missing, empty, or none at all.
    let (AddressRef::Jid(from), AddressRef::Jid(to)) = (stanza.from(), stanza.to()) else {
        return Err(PeerMisbehaved::ImproperAddressing);
    };
    let (from, to) = (from.as_ref().domainpart(), to.as_ref().domainpart());
    let dialback = &federation.dialback;
    if dialback.may_receive(to.as_str(), from.as_str()) {
        return Ok(());
    }
    Err(if !dialback.has_proved(from.as_str()) {
        PeerMisbehaved::WrongFrom
    } else if !dialback.is_spoken_to(to.as_str()) {
        PeerMisbehaved::UnknownHost
    } else {
        PeerMisbehaved::PairNotAuthorised
    })
}

/// A stanza that is to go out.
pub(in crate::role) fn judge_sent(
    federation: &Federation,
    tag: SentTag<'_>,
) -> Result<(), SendError> {
    let (Some(from), Some(to)) = (domain(tag, b"from"), domain(tag, b"to")) else {
        return Err(SendError::Address);
    };
    let dialback = &federation.dialback;
    // As they are written, which mostly is the canonical form.
    if dialback.may_send(from, to) {
        return Ok(());
    }
    let (Some(from), Some(to)) = (canonical(from), canonical(to)) else {
        return Err(SendError::Address);
    };
    if dialback.may_send(&from, &to) { Ok(()) } else { Err(SendError::PairNotAuthorised) }
}

/// The domain of an address as it is written: between the first `@` and the first `/`.
/// There are no references in it that would be resolved to something else.
fn domain<'a>(tag: SentTag<'a>, name: &[u8]) -> Option<&'a str> {
    let address = core::str::from_utf8(tag.attr(name)?).ok()?;
    let bare = address.split('/').next()?;
    Some(bare.split_once('@').map_or(bare, |(_, domain)| domain))
}

fn canonical(domain: &str) -> Option<Cow<'_, str>> {
    match JidRef::new(domain) {
        Ok(jid) => Some(jid.domainpart().as_str().into()),
        Err(_) => {
            let domain = xmpp_jid::Domainpart::new(domain).ok()?;
            Some(domain.as_str().to_owned().into())
        }
    }
}
