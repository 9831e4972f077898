//! Requests of ours and their answers; and those that a client gets while it is about
//! something else.

use core::time::Duration;

use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, IqType, StanzaRef};
use xmpp_core::xml::WriteXml;
use xmpp_core::{Client, Event, Received, SendError};

use super::client::{Failure, Session};

/// Answers a ping (XEP-0199) with a pong. All else that has to be answered is, by the
/// connection.
pub(crate) fn answer(client: &mut Client, stanza: StanzaRef<'_>) -> Result<(), SendError> {
    let is_ping = stanza.iq_type() == Some(IqType::Get) && stanza.payload_is::<Ping>();
    let pong = stanza.empty_result().filter(|_| is_ping);
    pong.map_or(Ok(()), |pong| client.send(&pong))
}

/// What came of a request.
pub(crate) enum Asked {
    /// The answer, a result or an error.
    Answered(Received<'static>),
    /// None in time.
    Unanswered,
    /// Something came first that makes it needless.
    Needless,
}

/// Sends a request and waits for its answer. `look` sees the stanzas that come meanwhile,
/// and says whether one of them makes the answer needless.
pub(crate) async fn ask<P: WriteXml>(
    session: &mut Session,
    request: Iq<P>,
    patience: Duration,
    mut look: impl FnMut(StanzaRef<'_>) -> bool,
) -> Result<Asked, Failure> {
    let link = &mut session.link;
    let now = link.now();
    let sent = link.endpoint.request(now, request, patience);
    let sent = sent.map_err(|error| Failure::new("send", error))?;
    while let Some(event) = link.next().await? {
        match event {
            Event::Answered { request, answer } if request == sent => {
                return Ok(Asked::Answered(answer));
            }
            Event::Unanswered { request } if request == sent => return Ok(Asked::Unanswered),
            Event::Stanza(received) => {
                let Some(stanza) = received.stanza() else { continue };
                // In vain if the stream has ended meanwhile, which is told next.
                let _ = answer(&mut link.endpoint, stanza);
                if look(stanza) {
                    return Ok(Asked::Needless);
                }
            }
            _ => {}
        }
    }
    Err(Failure::new("closed", "the server closed the stream"))
}
