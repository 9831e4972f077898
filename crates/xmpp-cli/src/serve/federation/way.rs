//! The way from the pool to the task of one stream.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use xmpp_core::dialback::{Claim, Pair, Verdict};
use xmpp_core::federation::VerifyId;
use xmpp_core::stanza::StreamCondition;

use super::parcel::Parcel;

/// With as many bytes on the way, the pool keeps the others.
const FULL: usize = 64 << 10;

/// What a stream is to do, beside sending stanzas.
#[derive(Debug)]
pub(super) enum Order {
    /// Have another pair accepted.
    Authorise(Pair),
    /// Ask about a key that came over another stream.
    Verify(VerifyId, Claim),
    /// A key that came over this one has been asked about.
    Judged(VerifyId, Verdict),
}

/// A stanza, and the domains that it goes between.
#[derive(Debug)]
pub(super) struct Stanza {
    pub(super) pair: Pair,
    pub(super) parcel: Parcel,
}

/// What waits for the task of a stream.
#[derive(Default)]
pub(super) struct Way {
    state: Mutex<State>,
    /// For that task.
    changed: Notify,
}

#[derive(Default)]
struct State {
    stanzas: VecDeque<Stanza>,
    bytes: usize,
    /// The pool has been told that no more fit.
    full: bool,
    orders: VecDeque<Order>,
    /// The stream is to be closed, and with which error.
    close: Option<Option<StreamCondition>>,
}

/// What comes next.
pub(super) enum Next {
    Order(Order),
    Stanza(Stanza),
    Close(Option<StreamCondition>),
}

impl Way {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Adds a stanza. Says whether no more fit now.
    pub(super) fn send(&self, stanza: Stanza) -> bool {
        let mut state = self.state();
        state.bytes += stanza.parcel.as_bytes().len();
        state.stanzas.push_back(stanza);
        state.full |= state.bytes >= FULL;
        let full = state.full;
        drop(state);
        self.changed.notify_one();
        full
    }

    pub(super) fn order(&self, order: Order) {
        self.state().orders.push_back(order);
        self.changed.notify_one();
    }

    /// The first of several reasons counts.
    pub(super) fn close(&self, why: Option<StreamCondition>) {
        self.state().close.get_or_insert(why);
        self.changed.notify_one();
    }

    /// Waits for what comes next: for a stanza only if there is `room` for one.
    pub(super) async fn next(&self, room: bool) -> Next {
        loop {
            let changed = self.changed.notified();
            if let Some(next) = self.take(room) {
                return next;
            }
            changed.await;
        }
    }

    /// Waits until it is to be closed.
    pub(super) async fn closed(&self) {
        loop {
            let changed = self.changed.notified();
            if self.state().close.is_some() {
                return;
            }
            changed.await;
        }
    }

    /// What comes next, if anything does. What is to be sent goes out before the end.
    pub(super) fn take(&self, room: bool) -> Option<Next> {
        let mut state = self.state();
        if let Some(order) = state.orders.pop_front() {
            return Some(Next::Order(order));
        }
        if room && let Some(stanza) = state.stanzas.pop_front() {
            state.bytes -= stanza.parcel.as_bytes().len();
            return Some(Next::Stanza(stanza));
        }
        let is_last = state.stanzas.is_empty();
        state.close.filter(|why| is_last || why.is_some()).map(Next::Close)
    }

    /// Puts the latest back, which the stream does not take now.
    pub(super) fn put_back(&self, stanza: Stanza) {
        let mut state = self.state();
        state.bytes += stanza.parcel.as_bytes().len();
        state.stanzas.push_front(stanza);
    }

    /// Whether more fit again, after the pool was told that none do. Says so once.
    pub(super) fn has_room_again(&self) -> bool {
        let mut state = self.state();
        let again = state.full && state.bytes < FULL / 2;
        state.full &= !again;
        again
    }

    /// The stream takes nothing more: what was left on the way.
    pub(super) fn end(&self) -> VecDeque<Stanza> {
        let mut state = self.state();
        state.bytes = 0;
        core::mem::take(&mut state.stanzas)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use xmpp_core::jid::Domainpart;

    use super::*;

    fn stanza(bytes: usize) -> Stanza {
        let domain = |name| Domainpart::new(name).unwrap();
        let pair = Pair::new(domain("one.test"), domain("two.test"));
        Stanza { pair, parcel: Parcel::of_bytes(vec![b'x'; bytes]) }
    }

    #[test]
    fn a_full_way_says_so_until_half_of_it_is_free() {
        let way = Way::default();
        assert!(!way.send(stanza(FULL / 2)));
        assert!(!way.has_room_again());
        assert!(way.send(stanza(FULL / 2)));
        assert!(way.send(stanza(1)));
        assert!(!way.has_room_again());
        assert!(matches!(way.take(true), Some(Next::Stanza(_))));
        assert!(!way.has_room_again());
        assert!(matches!(way.take(true), Some(Next::Stanza(_))));
        assert!(way.has_room_again());
        assert!(!way.has_room_again());
    }

    #[test]
    fn orders_need_no_room_and_the_end_comes_last() {
        let way = Way::default();
        way.send(stanza(1));
        way.close(None);
        way.close(Some(StreamCondition::SystemShutdown));
        way.order(Order::Authorise(stanza(0).pair));
        assert!(matches!(way.take(false), Some(Next::Order(_))));
        assert!(way.take(false).is_none());
        assert!(matches!(way.take(true), Some(Next::Stanza(_))));
        assert!(matches!(way.take(false), Some(Next::Close(None))));
    }

    /// A peer that does not read keeps nobody from ending its stream; what was for it is
    /// given back.
    #[test]
    fn an_end_with_an_error_waits_for_nobody() {
        let way = Way::default();
        way.send(stanza(1));
        way.close(Some(StreamCondition::SystemShutdown));
        assert!(matches!(way.take(false), Some(Next::Close(Some(_)))));
        assert_eq!(way.end().len(), 1);
        assert!(way.end().is_empty());
    }
}
