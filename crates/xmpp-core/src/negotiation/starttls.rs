//! STARTTLS: RFC 6120 section 5.

use xmpp_stanza::tls::{Failure, Proceed, StartTls};
use xmpp_stanza::{StreamCondition, StreamError};
use xmpp_xml::{ElementRef, SendBuffer};

use crate::connection::core::{Core, is, unexpected};
use crate::error::{Error, PeerIncompatible, PeerMisbehaved};

/// Section 5.4.2.1: the initiating entity asks for TLS. It does so where that is not offered
/// as well (7590-3.1-01): somebody between the two may have taken it out of the features.
pub(crate) fn request(core: &mut Core, tx: &mut SendBuffer) {
    core.write(&StartTls::new(), tx);
}

/// Sections 5.4.2.2 and 5.4.2.3: the receiving entity's answer. `Ok`: shake hands. Where TLS
/// was not `offered`, any other answer says that there is none.
pub(crate) fn handle_answer(
    element: ElementRef<'_>,
    unread: usize,
    offered: bool,
) -> Result<(), Error> {
    if is::<Proceed>(element) {
        return nothing_behind(unread);
    }
    if !offered {
        return Err(PeerIncompatible::NoStartTls.into());
    }
    if is::<Failure>(element) {
        return Err(PeerMisbehaved::StartTlsRefused.into());
    }
    Err(unexpected(element, "<proceed/>").into())
}

/// The stream error of a receiving entity that was asked for what it had not offered: the
/// request is what it did not expect.
pub(crate) fn refused(error: StreamError) -> Error {
    use StreamCondition as Is;
    match error.condition {
        Is::UnsupportedStanzaType | Is::NotAuthorized | Is::BadFormat | Is::PolicyViolation => {
            PeerIncompatible::NoStartTls.into()
        }
        _ => Error::StreamError(error),
    }
}

/// Section 5.4.2.1: the receiving entity agrees to TLS. `Ok`: shake hands.
pub(crate) fn handle_request(
    core: &mut Core,
    unread: usize,
    tx: &mut SendBuffer,
) -> Result<(), Error> {
    nothing_behind(unread)?;
    core.write(&Proceed, tx);
    Ok(())
}

/// Section 5.3.1: no white space or anything else follows in the clear. What
/// does was put there by somebody who wants it to be taken for protected data.
fn nothing_behind(unread: usize) -> Result<(), Error> {
    if unread > 0 { Err(PeerMisbehaved::DataAroundStartTls.into()) } else { Ok(()) }
}
