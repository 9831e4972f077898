//! What comes from beyond the gateway.

use alloc::vec::Vec;
use core::time::Duration;

use xmpp_stanza::{PresenceType, StanzaCondition};

use super::operation::{Notify, Pair, Response, Status, Subscribe, TransId};
use super::service::{
    Action, Inbound, InboundState, OutboundState, PresenceService, Transaction, error, stanza,
};
use super::timers::{Reason, TimerSide};
use crate::Uri;
use crate::mapping::{MapError, Side};

impl PresenceService {
    /// Takes in a subscribe operation: a foreign watcher wants to see an XMPP
    /// user (RFC 3922 §6.2), goes on to, ends its subscription, or asks once.
    pub fn handle_subscribe(&mut self, now: Duration, asked: &Subscribe, out: &mut Vec<Action>) {
        let (Some(watcher), Some(target)) = (self.jid(&asked.watcher), self.jid(&asked.target))
        else {
            respond(asked, Status::NoSuchPresentity, None, out);
            return;
        };
        let pair = Pair { watcher, target };
        if asked.duration.is_zero() {
            self.end_or_fetch(&pair, asked, out);
            return;
        }
        let duration = asked.duration.min(self.config.max_duration);
        let expires = now.saturating_add(duration);
        if let Some(inbound) = self.inbound.get_mut(&pair) {
            if inbound.state != InboundState::Active || inbound.subscript_id != asked.subscript_id {
                respond(asked, Status::Conflict, None, out);
                return;
            }
            let before = core::mem::replace(&mut inbound.expires, expires);
            self.timers.clear(TimerSide::Inbound, &pair, [Some((before, Reason::Expiry)), None]);
            self.set_inbound_expiry(&pair, expires);
            respond(asked, Status::Success, Some(duration), out);
            self.notify(&pair, None, out);
            return;
        }
        if self.is_full() {
            respond(asked, Status::Failure, None, out);
            return;
        }
        let trans_id = asked.trans_id.clone();
        let request =
            stanza(PresenceType::Subscribe, &pair.watcher, &pair.target, Some(trans_id.as_str()));
        let inbound = Inbound {
            subscript_id: asked.subscript_id.clone(),
            state: InboundState::Pending { trans_id, duration },
            expires,
        };
        self.set_inbound_expiry(&pair, expires);
        self.inbound.insert(pair, inbound);
        out.push(Action::Stanza(request));
    }

    /// RFC 3859 §3.4.3: with the id of a subscription, duration zero ends it;
    /// with another, it asks once for what a subscriber may see anyway.
    fn end_or_fetch(&mut self, pair: &Pair, asked: &Subscribe, out: &mut Vec<Action>) {
        let Some(inbound) = self.inbound.get(pair) else {
            respond(asked, Status::Forbidden, None, out);
            return;
        };
        let is_active = inbound.state == InboundState::Active;
        if inbound.subscript_id != asked.subscript_id {
            let status = if is_active { Status::Success } else { Status::Forbidden };
            respond(asked, status, None, out);
            if is_active {
                self.notify(pair, None, out);
            }
            return;
        }
        if is_active {
            respond(asked, Status::Success, None, out);
            self.notify(pair, None, out);
        }
        if let Some(Inbound { state: InboundState::Pending { trans_id, .. }, .. }) =
            self.remove_inbound(pair)
        {
            let (status, duration) = (Status::Failure, None);
            out.push(Action::Respond(Response { trans_id, status, duration }));
            respond(asked, Status::Success, None, out);
        }
        let id = Some(asked.trans_id.as_str());
        let ended = stanza(PresenceType::Unsubscribe, &pair.watcher, &pair.target, id);
        out.push(Action::Stanza(ended));
    }

    /// Takes in the response to an operation of this gateway. One that answers
    /// nothing is ignored.
    pub fn handle_response(&mut self, now: Duration, response: &Response, out: &mut Vec<Action>) {
        match self.transactions.remove(&response.trans_id) {
            Some(Transaction::Subscription(pair)) => self.answered(now, &pair, response, out),
            Some(Transaction::End { pair, id }) => {
                self.ends.retain(|waiting| waiting != &response.trans_id);
                // 3922-6.4-08
                if response.status == Status::NoSuchPresentity && !self.outbound.contains_key(&pair)
                {
                    let condition = StanzaCondition::ItemNotFound;
                    out.push(error(condition, &pair.target, &pair.watcher, id.as_deref()));
                }
            }
            None => {}
        }
    }

    fn answered(&mut self, now: Duration, pair: &Pair, response: &Response, out: &mut Vec<Action>) {
        let Some(outbound) = self.outbound.get(pair) else { return };
        let requested_by = match &outbound.state {
            OutboundState::Requested { id, .. } => Some(id.clone()),
            OutboundState::Active { .. } => None,
        };
        let granted = response.duration.unwrap_or(self.config.duration);
        match (response.status, requested_by) {
            (Status::Success, first) if !granted.is_zero() => {
                self.in_place(now, pair, granted);
                if first.is_some() {
                    // 3922-6.1-07. The presence itself comes as a notify.
                    let approved =
                        stanza(PresenceType::Subscribed, &pair.target, &pair.watcher, None);
                    out.push(Action::Stanza(approved));
                }
            }
            // A failure of the moment: once more in half of the time that is
            // left.
            (Status::Failure, None) => self.try_again(now, pair),
            (_, None) => {
                if let Some(outbound) = self.remove_outbound(pair) {
                    Self::tell_ended(pair, &outbound.watched, out);
                }
            }
            (status, Some(id)) => {
                self.remove_outbound(pair);
                let fail = |condition| error(condition, &pair.target, &pair.watcher, id.as_deref());
                out.push(match status {
                    Status::NoSuchPresentity => fail(StanzaCondition::ItemNotFound),
                    Status::Forbidden => fail(StanzaCondition::Forbidden),
                    Status::Conflict => fail(StanzaCondition::Conflict),
                    Status::Failure => fail(StanzaCondition::RemoteServerNotFound),
                    // 3922-6.1-09, and a success for no time at all.
                    Status::Denied | Status::Success => Action::Stanza(stanza(
                        PresenceType::Unsubscribed,
                        &pair.target,
                        &pair.watcher,
                        None,
                    )),
                });
            }
        }
    }

    /// The subscription is active until `granted` is over, and will be refreshed
    /// when four fifths of it are.
    fn in_place(&mut self, now: Duration, pair: &Pair, granted: Duration) {
        let Some(mut outbound) = self.outbound.remove(pair) else { return };
        self.clear_outbound_timers(pair, &outbound);
        outbound.state = OutboundState::Active { refresh: None };
        outbound.expires = now.saturating_add(granted);
        outbound.refresh = Some(now.saturating_add(granted / 5 * 4));
        self.set_timers(pair, &outbound);
        self.outbound.insert(pair.clone(), outbound);
    }

    fn try_again(&mut self, now: Duration, pair: &Pair) {
        let Some(mut outbound) = self.outbound.remove(pair) else { return };
        self.clear_outbound_timers(pair, &outbound);
        outbound.state = OutboundState::Active { refresh: None };
        let left = outbound.expires.saturating_sub(now);
        // Not for ever shorter: a second before the end is the last try.
        outbound.refresh = (left > Duration::from_secs(1)).then(|| now.saturating_add(left / 2));
        self.set_timers(pair, &outbound);
        self.outbound.insert(pair.clone(), outbound);
    }

    /// Takes in a notify operation and passes on what is new in it
    /// (`3922-6.1-08`, `3922-6.3.1-03`). False if the watcher has no
    /// subscription: then nothing was passed on (`3922-6.1-09`, `3922-6.4-09`).
    ///
    /// # Errors
    ///
    /// A document that is not about the target or has no mapping.
    pub fn handle_notify(
        &mut self,
        notify: &Notify,
        out: &mut Vec<Action>,
    ) -> Result<bool, MapError> {
        let Some(pair) = self.pair(&notify.watcher, &notify.target) else { return Ok(false) };
        let Some(outbound) = self.outbound.get_mut(&pair) else { return Ok(false) };
        if !matches!(outbound.state, OutboundState::Active { .. }) {
            return Ok(false);
        }
        let options = &self.config.options;
        let wrong = |error| MapError::Address(Side::From, error);
        let entity = Uri::parse(notify.document.entity()).map_err(wrong)?;
        if entity.to_jid(options.escaping).map_err(wrong)? != pair.target {
            return Err(MapError::OtherEntity);
        }
        let mapped = outbound.watched.update(&notify.document, options)?;
        for presence in mapped.value {
            out.push(Action::Stanza(presence.with_to(pair.watcher.clone())));
        }
        Ok(true)
    }

    /// The far side has ended the subscription of an XMPP user, by whatever its
    /// protocol has for that.
    pub fn handle_ended(&mut self, watcher: &Uri<'_>, target: &Uri<'_>, out: &mut Vec<Action>) {
        if let Some(pair) = self.pair(watcher, target)
            && let Some(outbound) = self.remove_outbound(&pair)
        {
            Self::tell_ended(&pair, &outbound.watched, out);
        }
    }

    fn pair(&self, watcher: &Uri<'_>, target: &Uri<'_>) -> Option<Pair> {
        Some(Pair { watcher: self.jid(watcher)?, target: self.jid(target)? })
    }
}

fn respond(asked: &Subscribe, status: Status, duration: Option<Duration>, out: &mut Vec<Action>) {
    let trans_id: TransId = asked.trans_id.clone();
    out.push(Action::Respond(Response { trans_id, status, duration }));
}
