//! What a connection does when a deadline has come.

use xmpp_stanza::{StreamCondition, StreamError};
use xmpp_xml::SendBuffer;

use super::Connection;
use crate::error::Error;
use crate::negotiation::sm;
use crate::role::Role;
use crate::time::TimerReason;

impl<R: Role> Connection<R> {
    /// Does what has come due. Says whether that has changed anything.
    pub(super) fn take_due(&mut self, tx: &mut SendBuffer) -> bool {
        // Signs of life may be due along with something else, each once a call.
        for _ in 0..4 {
            let due = self.core.next_deadline().filter(|due| due.at <= self.core.timers.now());
            match due.map(|due| due.reason) {
                None => return false,
                Some(TimerReason::Keepalive) => {
                    // RFC 6120 section 4.6.1: white space between first-level elements.
                    tx.keepalive();
                    self.core.timers.sent();
                }
                Some(TimerReason::AcknowledgementRequest) => {
                    self.core.timers.acknowledged(false);
                    sm::ask(&mut self.core, tx);
                }
                Some(TimerReason::Ping) => self.ping(tx),
                Some(TimerReason::Request) => return self.request_due(),
                Some(TimerReason::Dialback) => {
                    R::due(&mut self.core, &mut self.state, tx);
                    return true;
                }
                Some(TimerReason::Expiry) => {
                    self.fail(Error::Closed(StreamError::new(StreamCondition::Reset)), tx);
                    return true;
                }
                Some(TimerReason::CloseHandshake) => {
                    self.core.end(None);
                    return true;
                }
                Some(TimerReason::Drain) => {
                    self.core.timers.over();
                    return true;
                }
                Some(reason) => {
                    self.fail(Error::TimedOut(reason), tx);
                    return true;
                }
            }
        }
        false
    }
}
