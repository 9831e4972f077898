//! What one client has done, against the rates of its connection, account and address.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use xmpp_core::xml::ElementRef;

use super::admission::{Account, Address, Place};
use super::bucket::Bucket;
use super::limits::{Limits, rate};

/// The meter of one connection.
pub(super) struct Meter {
    /// Of a connection that somebody else has opened.
    place: Option<Place>,
    /// Whether what it sends counts for its address as well.
    of_address: bool,
    account: Option<Arc<Account>>,
    stanzas: Bucket,
    bytes: Bucket,
    /// Bytes that were counted.
    counted: u64,
    /// How long to wait for what was taken since the last verdict.
    wait: Wait,
    /// Over a rate without a break since then; and when the break would begin.
    over: Option<(Instant, Instant)>,
    patience: Duration,
}

/// How long to wait on one's own account, and for what others of the address have done:
/// the latter is nobody's fault, and ends nobody.
#[derive(Clone, Copy, Default)]
struct Wait {
    own: Duration,
    address: Duration,
}

/// What to do with the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Go,
    /// Read nothing for so long.
    Wait(Duration),
    /// It has been over a rate for too long.
    End,
}

impl Meter {
    pub(super) fn new(limits: &Limits, place: Place) -> Self {
        Self::with(limits, Some(place), true, limits.connection_stanzas, limits.connection_bytes)
    }

    /// That of a component, which speaks for many and is trusted with a secret: its address
    /// is likely that of other components, and of nobody else.
    pub(super) fn of_component(limits: &Limits, place: Place) -> Self {
        Self::with(limits, Some(place), false, limits.component_stanzas, limits.component_bytes)
    }

    /// That of a stream with another server, which speaks for many.
    pub(super) fn of_server(limits: &Limits, place: Option<Place>) -> Self {
        Self::with(limits, place, false, limits.server_stanzas, limits.server_bytes)
    }

    fn with(
        limits: &Limits,
        place: Option<Place>,
        of_address: bool,
        stanzas: u64,
        bytes: u64,
    ) -> Self {
        let now = Instant::now();
        Self {
            place,
            of_address,
            account: None,
            stanzas: Bucket::new(rate(stanzas), now),
            bytes: Bucket::new(rate(bytes), now),
            counted: 0,
            wait: Wait::default(),
            over: None,
            patience: Duration::from_secs(limits.patience),
        }
    }

    /// It has logged in.
    pub(super) fn account(&mut self, account: Arc<Account>) {
        self.account = Some(account);
    }

    /// It has sent a stanza.
    pub(super) fn stanza(&mut self, stanza: ElementRef<'_>) {
        let now = Instant::now();
        let mut own = self.stanzas.take(1, now);
        if let Some(account) = &self.account {
            own = own.max(account.stanzas.take(1, now));
            if is_subscription(stanza) {
                own = own.max(account.subscriptions.take(1, now));
            }
        }
        let address = self.address().map_or(Duration::ZERO, |it| it.stanzas.take(1, now));
        let before = self.wait;
        self.wait = Wait { own: before.own.max(own), address: before.address.max(address) };
    }

    /// It tries to authenticate: how long that has to wait.
    pub(super) fn login(&self) -> Duration {
        self.address().map_or(Duration::ZERO, |address| address.logins.take(1, Instant::now()))
    }

    /// It claims a domain: whether it may do so now, as for [`login`](Self::login).
    pub(super) fn try_login(&self) -> bool {
        self.place.as_ref().is_none_or(|it| it.address.logins.try_take(1, Instant::now()))
    }

    /// What the peer's address may do, if what it does counts for that.
    fn address(&self) -> Option<&Address> {
        self.place.as_ref().filter(|_| self.of_address).map(|place| &*place.address)
    }

    /// So many bytes have come from it, ever. What follows from this and from its stanzas.
    pub(super) fn bytes(&mut self, received: u64) -> Verdict {
        let new = received.saturating_sub(self.counted);
        let wait = core::mem::take(&mut self.wait);
        if new == 0 && wait.own.is_zero() && wait.address.is_zero() {
            return Verdict::Go;
        }
        let now = Instant::now();
        self.counted = received;
        let address = self.address().map_or(Duration::ZERO, |it| it.bytes.take(new, now));
        let address = wait.address.max(address);
        match self.verdict(wait.own.max(self.bytes.take(new, now)), now) {
            Verdict::Go if !address.is_zero() => Verdict::Wait(address),
            Verdict::Wait(own) => Verdict::Wait(own.max(address)),
            verdict => verdict,
        }
    }

    fn verdict(&mut self, wait: Duration, now: Instant) -> Verdict {
        // Who comes back at the end of the wait with more was not within the rate meanwhile.
        const BREAK: Duration = Duration::from_millis(100);
        if wait.is_zero() {
            self.over.take_if(|(_, until)| *until + BREAK < now);
            return Verdict::Go;
        }
        let since = match self.over {
            Some((since, until)) if now <= until + BREAK => since,
            _ => now,
        };
        self.over = Some((since, now + wait));
        if now + wait > since + self.patience {
            return Verdict::End;
        }
        Verdict::Wait(wait)
    }
}

/// Subscriptions trouble others, and change rosters.
fn is_subscription(stanza: ElementRef<'_>) -> bool {
    const TYPES: [&str; 4] = ["subscribe", "subscribed", "unsubscribe", "unsubscribed"];
    stanza.name() == "presence" && stanza.attr("type").is_some_and(|t| TYPES.contains(&&*t))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::admission::Admission;
    use xmpp_core::xml::Element;

    fn meter(limits: &Limits) -> Meter {
        let admission = Arc::new(Admission::new(limits.clone()));
        let place = admission.admit("192.0.2.1".parse().unwrap(), Instant::now()).ok().unwrap();
        Meter::new(limits, place)
    }

    /// A delay first; the end for who goes on without a break. 6120-13.12-14
    #[test]
    fn who_floods_waits_and_is_ended_at_last() {
        let limits = Limits { connection_bytes: 1000, patience: 5, ..Limits::default() };
        let mut meter = meter(&limits);
        assert_eq!(meter.bytes(10_000), Verdict::Go);
        assert!(matches!(meter.bytes(11_000), Verdict::Wait(wait) if wait.as_millis() > 900));
        assert_eq!(meter.bytes(17_000), Verdict::End);
    }

    #[test]
    fn the_time_over_a_rate_counts_from_the_last_break() {
        let mut meter = meter(&Limits { patience: 5, ..Limits::default() });
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        for n in 0..4 {
            assert_eq!(meter.verdict(second, start + n * second), Verdict::Wait(second));
        }
        // A moment within the rate is no break, a second is.
        assert_eq!(meter.verdict(Duration::ZERO, start + 4 * second), Verdict::Go);
        assert_eq!(meter.verdict(second, start + 5 * second), Verdict::Wait(second));
        assert_eq!(meter.verdict(3 * second, start + 5 * second), Verdict::Wait(3 * second));
        assert_eq!(meter.verdict(3 * second, start + 8 * second), Verdict::End);
    }

    /// What others of one's address do delays, and ends nobody.
    #[test]
    fn an_address_is_delayed_and_not_ended() {
        let limits = Limits { address_bytes: 100, patience: 5, ..Limits::default() };
        let mut meter = meter(&limits);
        assert!(matches!(meter.bytes(100_000), Verdict::Wait(wait) if wait.as_secs() > 900));
    }

    /// Two thousand times subscribe and unsubscribe: the contact is not flooded.
    #[test]
    fn subscriptions_have_a_rate_of_their_own() {
        let limits = Limits::default();
        let mut meter = meter(&limits);
        let admission = Admission::new(limits);
        let account = xmpp_core::jid::BareJid::new("a@x.example").unwrap();
        meter.account(admission.account(&account, Instant::now()));
        let subscribe = "<presence xmlns='jabber:client' to='b@x.example' type='subscribe'/>";
        let subscribe = Element::parse(subscribe).unwrap();
        let at_once = (0..4000)
            .take_while(|_| {
                meter.stanza(subscribe.as_ref());
                meter.bytes(0) == Verdict::Go
            })
            .count();
        assert_eq!(at_once, 500);
    }
}
