use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use xmpp_jid::BareJid;
use xmpp_stanza::{Presence, PresenceBuilder, PresenceType, StanzaCondition, StanzaError};

use super::operation::{Notify, Pair, Response, Subscribe, SubscriptId, TransId};
use super::timers::{Deadline, Reason, Timer, TimerSide, Timers};
use crate::mapping::{Options, Presentity, Watched};
use crate::{Scheme, Uri};

/// What a gateway has to do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// Send a presence to XMPP.
    Stanza(PresenceBuilder),
    /// Invoke the subscribe operation.
    Subscribe(Subscribe),
    /// Invoke the response operation.
    Respond(Response),
    /// Invoke the notify operation.
    Notify(Notify),
}

/// The choices that RFC 3922 leaves to a gateway.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// How presence and addresses are mapped.
    pub options: Options,
    /// How long the subscriptions are that the gateway asks for. An hour:
    /// what SIP presence has for a default (RFC 3856 §6.4).
    pub duration: Duration,
    /// How long a foreign watcher may be subscribed at most before asking again.
    /// A day: chosen arbitrarily.
    pub max_duration: Duration,
    /// Subscriptions of both directions, those that are being asked for
    /// included. 10,000: chosen arbitrarily.
    pub max_subscriptions: usize,
    /// Whom a cancellation by an XMPP user calls the watcher.
    pub cancellation: Cancellation,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            options: Options::default(),
            duration: Duration::from_secs(3600),
            max_duration: Duration::from_secs(86_400),
            max_subscriptions: 10_000,
            cancellation: Cancellation::Rfc3859,
        }
    }
}

/// How a subscribe operation of duration zero is filled in that ends the
/// subscription of a foreign watcher to an XMPP user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "one reading of each RFC")]
pub enum Cancellation {
    /// As RFC 3859 §3.4.3 has it: the watcher is who had subscribed.
    #[default]
    Rfc3859,
    /// As RFC 3922 §6.5 has it: the watcher is the XMPP user who cancels.
    Rfc3922,
}

/// The subscriptions through a gateway, both ways. See the [module](super).
///
/// Each call does a bounded amount of work and appends what has to be done to
/// the `out` that it is given.
#[derive(Debug)]
pub struct PresenceService {
    pub(super) config: Config,
    prefix: String,
    counter: u64,
    /// Watchers on XMPP.
    pub(super) outbound: BTreeMap<Pair, Outbound>,
    /// Watchers beyond.
    pub(super) inbound: BTreeMap<Pair, Inbound>,
    /// The operations that wait for a response.
    pub(super) transactions: BTreeMap<TransId, Transaction>,
    /// Those of them that end a subscription, in the order in which they began.
    pub(super) ends: VecDeque<TransId>,
    /// What is known of the XMPP users that are watched.
    pub(super) presentities: BTreeMap<BareJid, Presentity>,
    pub(super) timers: Timers,
}

/// The subscription of an XMPP user.
#[derive(Debug)]
pub(super) struct Outbound {
    pub(super) subscript_id: SubscriptId,
    pub(super) state: OutboundState,
    pub(super) watched: Watched,
    pub(super) expires: Duration,
    pub(super) refresh: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OutboundState {
    /// Asked for; the `id` of the stanza that did.
    Requested { trans_id: TransId, id: Option<String> },
    /// In place; the TransID of a refresh that is under way.
    Active { refresh: Option<TransId> },
}

/// The subscription of a foreign watcher.
#[derive(Debug)]
pub(super) struct Inbound {
    pub(super) subscript_id: SubscriptId,
    pub(super) state: InboundState,
    pub(super) expires: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InboundState {
    /// The XMPP user has been asked.
    Pending {
        trans_id: TransId,
        duration: Duration,
    },
    Active,
}

/// What a response will be for.
#[derive(Clone, Debug)]
pub(super) enum Transaction {
    /// A new or refreshed subscription.
    Subscription(Pair),
    /// The end of an XMPP user's; the `id` of the stanza that ended it.
    End { pair: Pair, id: Option<String> },
}

/// Who is where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a gateway has two sides")]
pub enum Direction {
    /// An XMPP user watches somebody beyond the gateway.
    Outbound,
    /// Somebody beyond the gateway watches an XMPP user.
    Inbound,
}

/// A subscription that is in place, as it is kept over a restart: services must
/// keep them in persistent storage (RFC 3859 §3.4).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what `restore` needs, and no more")]
pub struct Subscription {
    /// Who is where.
    pub direction: Direction,
    /// Who sees.
    pub watcher: BareJid,
    /// Whose presence.
    pub target: BareJid,
    /// Its id.
    pub subscript_id: SubscriptId,
    /// When it ends, since the caller's origin.
    pub expires: Duration,
}

impl Pair {
    fn subscription(
        &self,
        direction: Direction,
        subscript_id: &SubscriptId,
        expires: Duration,
    ) -> Subscription {
        Subscription {
            direction,
            watcher: self.watcher.clone(),
            target: self.target.clone(),
            subscript_id: subscript_id.clone(),
            expires,
        }
    }
}

impl PresenceService {
    /// A service without subscriptions.
    ///
    /// The ids of subscriptions begin with `prefix`, cut to 19 octets; they are
    /// to be unique in the world and over time (RFC 3859 §3.4), so it should be
    /// random or the name of the gateway with the time of its start.
    #[must_use]
    pub fn new(prefix: &str, config: Config) -> Self {
        let mut end = prefix.len().min(19);
        while !prefix.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            config,
            prefix: String::from(&prefix[..end]),
            counter: 0,
            outbound: BTreeMap::new(),
            inbound: BTreeMap::new(),
            transactions: BTreeMap::new(),
            ends: VecDeque::new(),
            presentities: BTreeMap::new(),
            timers: Timers::default(),
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Deadline> {
        self.timers.first()
    }

    /// Refreshes what has to be refreshed and ends what is over, up to 64 of
    /// them; if there are more, [`poll_timeout`](Self::poll_timeout) is still in
    /// the past.
    pub fn handle_timeout(&mut self, now: Duration, out: &mut Vec<Action>) {
        for _ in 0..64 {
            let Some(timer) = self.timers.due(now) else { return };
            let Timer { reason, side, pair, .. } = timer;
            match (side, reason) {
                (TimerSide::Outbound, Reason::Refresh) => self.refresh(&pair, out),
                (TimerSide::Outbound, Reason::Expiry) => self.outbound_over(&pair, out),
                (TimerSide::Inbound, _) => self.inbound_over(&pair, out),
            }
        }
    }

    /// The subscriptions that are in place.
    pub fn subscriptions(&self) -> impl Iterator<Item = Subscription> {
        let active = |state: &OutboundState| matches!(state, OutboundState::Active { .. });
        let outbound = self.outbound.iter().filter(move |(_, outbound)| active(&outbound.state));
        let outbound = outbound.map(|(pair, outbound)| {
            pair.subscription(Direction::Outbound, &outbound.subscript_id, outbound.expires)
        });
        let inbound =
            self.inbound.iter().filter(|(_, inbound)| inbound.state == InboundState::Active);
        let inbound = inbound.map(|(pair, inbound)| {
            pair.subscription(Direction::Inbound, &inbound.subscript_id, inbound.expires)
        });
        outbound.chain(inbound)
    }

    /// Puts a subscription of an earlier run in place. An outbound one is
    /// refreshed at the next [`handle_timeout`](Self::handle_timeout), which
    /// brings its presence.
    ///
    /// # Errors
    ///
    /// There is one between the two already, or as many as the limit.
    pub fn restore(&mut self, now: Duration, kept: Subscription) -> Result<(), RestoreError> {
        let pair = Pair { watcher: kept.watcher, target: kept.target };
        if self.is_full() {
            return Err(RestoreError::TooMany);
        }
        match kept.direction {
            Direction::Outbound if self.outbound.contains_key(&pair) => Err(RestoreError::Repeated),
            Direction::Inbound if self.inbound.contains_key(&pair) => Err(RestoreError::Repeated),
            Direction::Outbound => {
                let outbound = Outbound {
                    subscript_id: kept.subscript_id,
                    state: OutboundState::Active { refresh: None },
                    watched: Watched::new(pair.target.clone()),
                    expires: kept.expires,
                    refresh: Some(now),
                };
                self.set_timers(&pair, &outbound);
                self.outbound.insert(pair, outbound);
                Ok(())
            }
            Direction::Inbound => {
                self.timers.set(Timer {
                    at: kept.expires,
                    reason: Reason::Expiry,
                    side: TimerSide::Inbound,
                    pair: pair.clone(),
                });
                let inbound = Inbound {
                    subscript_id: kept.subscript_id,
                    state: InboundState::Active,
                    expires: kept.expires,
                };
                self.inbound.insert(pair, inbound);
                Ok(())
            }
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.outbound.len() + self.inbound.len() >= self.config.max_subscriptions
    }

    fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub(super) fn new_subscript_id(&mut self) -> SubscriptId {
        let number = self.next();
        SubscriptId::made(format!("{}-{number:x}", self.prefix))
    }

    /// The `id` of the stanza (`3922-6.1-06`), if it can be one and none that
    /// waits has it: what clients choose is not unique among them.
    pub(super) fn new_trans_id(&mut self, id: Option<&str>) -> TransId {
        if let Some(id) = id.and_then(|id| TransId::new(id).ok())
            && !self.transactions.contains_key(&id)
        {
            return id;
        }
        loop {
            let number = self.next();
            let made = TransId::made(format!("{}.{number:x}", self.prefix));
            if !self.transactions.contains_key(&made) {
                return made;
            }
        }
    }

    /// The `pres:` URI of an address, which has a localpart.
    pub(super) fn pres(&self, jid: &BareJid) -> Option<Uri<'static>> {
        Uri::from_jid(Scheme::Pres, jid.as_ref(), self.config.options.escaping).ok()
    }

    pub(super) fn jid(&self, uri: &Uri<'_>) -> Option<BareJid> {
        uri.to_jid(self.config.options.escaping).ok()
    }

    pub(super) fn set_timers(&mut self, pair: &Pair, outbound: &Outbound) {
        let timers = [
            Some((outbound.expires, Reason::Expiry)),
            outbound.refresh.map(|at| (at, Reason::Refresh)),
        ];
        for (at, reason) in timers.into_iter().flatten() {
            let side = TimerSide::Outbound;
            self.timers.set(Timer { at, reason, side, pair: pair.clone() });
        }
    }

    /// Takes a subscription out, with its timers and the operation that waits.
    pub(super) fn remove_outbound(&mut self, pair: &Pair) -> Option<Outbound> {
        let outbound = self.outbound.remove(pair)?;
        self.clear_outbound_timers(pair, &outbound);
        let waiting = match &outbound.state {
            OutboundState::Requested { trans_id, .. } => Some(trans_id),
            OutboundState::Active { refresh } => refresh.as_ref(),
        };
        if let Some(trans_id) = waiting {
            self.transactions.remove(trans_id);
        }
        Some(outbound)
    }

    pub(super) fn clear_outbound_timers(&mut self, pair: &Pair, outbound: &Outbound) {
        let refresh = outbound.refresh.map(|at| (at, Reason::Refresh));
        let expiry = Some((outbound.expires, Reason::Expiry));
        self.timers.clear(TimerSide::Outbound, pair, [expiry, refresh]);
    }

    pub(super) fn remove_inbound(&mut self, pair: &Pair) -> Option<Inbound> {
        let inbound = self.inbound.remove(pair)?;
        let expiry = Some((inbound.expires, Reason::Expiry));
        self.timers.clear(TimerSide::Inbound, pair, [expiry, None]);
        if !self.inbound.keys().any(|other| other.target == pair.target) {
            self.presentities.remove(&pair.target);
        }
        Some(inbound)
    }

    /// Ends a subscription at the far side.
    pub(super) fn send_end(
        &mut self,
        pair: &Pair,
        subscript_id: SubscriptId,
        id: Option<&str>,
        out: &mut Vec<Action>,
    ) -> Option<TransId> {
        let (watcher, target) = (self.pres(&pair.watcher)?, self.pres(&pair.target)?);
        let trans_id = self.new_trans_id(id);
        out.push(Action::Subscribe(Subscribe {
            watcher,
            target,
            duration: Duration::ZERO,
            subscript_id,
            trans_id: trans_id.clone(),
        }));
        Some(trans_id)
    }

    /// Waits for the response to [`send_end`](Self::send_end) on behalf of an
    /// XMPP user.
    pub(super) fn await_end(&mut self, pair: Pair, trans_id: TransId, id: Option<&str>) {
        // Nobody waits for these but to hear of a failure: the oldest goes.
        if self.ends.len() >= self.config.max_subscriptions
            && let Some(oldest) = self.ends.pop_front()
        {
            self.transactions.remove(&oldest);
        }
        self.ends.push_back(trans_id.clone());
        self.transactions.insert(trans_id, Transaction::End { pair, id: id.map(String::from) });
    }
}

/// A presence from `from` to `to`.
pub(super) fn stanza(
    presence_type: PresenceType,
    from: &BareJid,
    to: &BareJid,
    id: Option<&str>,
) -> PresenceBuilder {
    let mut presence = Presence::builder(presence_type).with_from(from.clone()).with_to(to.clone());
    presence.id = id.map(String::from);
    presence
}

pub(super) fn error(
    condition: StanzaCondition,
    from: &BareJid,
    to: &BareJid,
    id: Option<&str>,
) -> Action {
    let presence = stanza(PresenceType::Error, from, to, id);
    Action::Stanza(presence.with_error(StanzaError::new(condition)))
}

/// Why a subscription cannot be put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreError {
    /// There is one between the two.
    Repeated,
    /// There are as many as [`Config::max_subscriptions`].
    TooMany,
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repeated => "there is a subscription between the two already",
            Self::TooMany => "there are as many subscriptions as the limit",
        })
    }
}

impl core::error::Error for RestoreError {}
