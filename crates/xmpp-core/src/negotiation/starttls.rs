//! STARTTLS: RFC 6120 section 5.

use xmpp_stanza::tls::{Failure, Proceed, StartTls};
use xmpp_xml::{ElementRef, SendBuffer};

use crate::connection::core::{Core, is, unexpected};
use crate::error::{Error, PeerMisbehaved};

/// Section 5.4.2.1: the initiating entity asks for TLS.
pub(crate) fn request(core: &mut Core, tx: &mut SendBuffer) {
    core.write(&StartTls::new(), tx);
}

/// Sections 5.4.2.2 and 5.4.2.3: the receiving entity's answer. `Ok`: shake hands.
pub(crate) fn handle_answer(element: ElementRef<'_>, unread: usize) -> Result<(), Error> {
    if is::<Failure>(element) {
        return Err(PeerMisbehaved::StartTlsRefused.into());
    }
    if !is::<Proceed>(element) {
        return Err(unexpected(element, "<proceed/>").into());
    }
    nothing_behind(unread)
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
