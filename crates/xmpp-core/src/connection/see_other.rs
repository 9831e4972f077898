//! `see-other-uri` (RFC 7395 section 3.6.1): a WebSocket that is elsewhere.

use alloc::string::ToString;

use xmpp_xml::{ElementRef, SendBuffer, WriteError};

use super::{Connection, Phase};
use crate::event::Event;
use crate::role::{Role, ServerFromClient};
use crate::time::{Instant, TimerReason};

impl<R: Role> Connection<R> {
    /// What a `<close/>` says about where to connect instead, if this side may follow
    /// it (`7395-3.6.1-02`).
    pub(super) fn see_other_uri(&self, close: ElementRef<'_>) -> Option<Event<'static, R>> {
        if !R::INITIATES {
            return None;
        }
        let uri = close.attr("see-other-uri")?;
        let (scheme, _) = uri.split_once(':')?;
        let is = |other: &&str| scheme.eq_ignore_ascii_case(other);
        let protected = ["wss", "https"].iter().any(is);
        let open = !self.core.is_tls && ["ws", "http"].iter().any(is);
        (protected || open).then(|| Event::SeeOtherUri { uri: uri.to_string() })
    }
}

impl Connection<ServerFromClient> {
    /// Closes our stream and tells the client where to connect instead (RFC 7395
    /// section 3.6.1), at any time. What it has sent until it closes its own stream
    /// is still given out, as after [`close`](Self::close).
    ///
    /// Over a transport of bytes the closing tag cannot tell that, and this is
    /// `close` without an error. A [`StreamError`](xmpp_stanza::StreamError) of the
    /// condition `see-other-host` is for those.
    ///
    /// # Errors
    ///
    /// If the URI has characters that XML does not allow. Nothing has happened then.
    pub fn close_see_other_uri(
        &mut self,
        now: Instant,
        uri: &str,
        tx: &mut SendBuffer,
    ) -> Result<(), WriteError> {
        if matches!(self.core.phase, Phase::Closing | Phase::Closed) {
            return Ok(());
        }
        if tx.framing() == xmpp_xml::Framing::Stream {
            self.close(now, None, tx);
            return Ok(());
        }
        // 7395-3.4-02: `<close/>` may come in place of `<open/>`.
        tx.end_see_other_uri(uri)?;
        self.core.timers.advance(now);
        self.core.timers.sent();
        if self.core.phase == Phase::Negotiating {
            self.queued = None;
        }
        self.core.close_sent = true;
        self.core.phase = Phase::Closing;
        self.core.timers.ending(TimerReason::CloseHandshake);
        Ok(())
    }
}
