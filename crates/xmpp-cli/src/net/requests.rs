//! Requests of ours and their answers; and those that a client gets while it is about
//! something else.

use core::time::Duration;

use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{IqBuilder, IqType, StanzaRef};
use xmpp_core::xml::WriteXml;
use xmpp_core::{Received, SendError};

use super::client::{Failure, News, Session};

/// Answers a ping (XEP-0199) with a pong. All else that has to be answered is, by the
/// connection.
pub(crate) fn answer(
    stanza: StanzaRef<'_>,
    send: impl FnOnce(&dyn WriteXml) -> Result<(), SendError>,
) -> Result<(), SendError> {
    let is_ping = stanza.iq_type() == Some(IqType::Get) && stanza.payload_is::<Ping>();
    let pong = stanza.empty_result().filter(|_| is_ping);
    pong.map_or(Ok(()), |pong| send(&pong))
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
pub(crate) async fn ask(
    session: &mut Session,
    request: IqBuilder,
    patience: Duration,
    mut look: impl FnMut(StanzaRef<'_>) -> bool,
) -> Result<Asked, Failure> {
    let sent = session.request(request, patience)?;
    while let Some(news) = session.news().await? {
        match news {
            News::Answered(request, answer) if request == sent => {
                return Ok(Asked::Answered(answer));
            }
            // That nobody will answer any more is told by what ended the stream.
            News::Unanswered(request) if request == sent && !session.is_stopped() => {
                return Ok(Asked::Unanswered);
            }
            News::Stanza(received) if received.stanza().is_some_and(&mut look) => {
                return Ok(Asked::Needless);
            }
            _ => {}
        }
    }
    Err(Failure::new("closed", "the server closed the stream"))
}
