//! Who may connect, and how much of each address and account is let through.

use core::net::IpAddr;
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;
use xmpp_core::jid::BareJid;

use super::bucket::{Bucket, Rate};
use super::limits::{Limits, rate};

/// Connections that an address has at most while only the reserve is left.
const FEW: usize = 2;

/// What is counted across connections.
pub(super) struct Admission {
    limits: Limits,
    state: Mutex<State>,
    /// Whether more than half of the connections are taken.
    pressed: watch::Sender<bool>,
    /// How many there are.
    occupied: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    connections: usize,
    addresses: HashMap<IpAddr, Arc<Address>>,
    accounts: HashMap<BareJid, Arc<Account>>,
    /// When those were last forgotten that nothing is known of any more.
    swept: Option<Instant>,
}

/// What one address may do.
pub(super) struct Address {
    connections: Mutex<usize>,
    accepted: Bucket,
    pub(super) stanzas: Bucket,
    pub(super) bytes: Bucket,
    pub(super) logins: Bucket,
}

/// What one account may do.
pub(super) struct Account {
    pub(super) stanzas: Bucket,
    pub(super) subscriptions: Bucket,
}

/// Why a connection is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Full,
    AddressHasMany,
    AddressIsQuick,
}

/// A connection that was let in; its place is free again when this is dropped.
pub(super) struct Place {
    admission: Arc<Admission>,
    pub(super) address: Arc<Address>,
}

impl Admission {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
            pressed: watch::Sender::new(false),
            occupied: watch::Sender::new(0),
        }
    }

    /// Somebody connects.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr, now: Instant) -> Result<Place, Refused> {
        let mut state = self.state();
        state.sweep(now);
        let limits = &self.limits;
        let address = state.addresses.entry(network(peer)).or_insert_with(|| {
            Arc::new(Address {
                connections: Mutex::default(),
                accepted: Bucket::new(rate(limits.address_connections), now),
                stanzas: Bucket::new(rate(limits.address_stanzas), now),
                bytes: Bucket::new(rate(limits.address_bytes), now),
                logins: Bucket::new(rate(limits.address_logins), now),
            })
        });
        let address = Arc::clone(address);
        let mut own = address.connections();
        let reserve = limits.max_connections / 8;
        let most =
            if *own < FEW { limits.max_connections } else { limits.max_connections - reserve };
        if state.connections >= most {
            return Err(Refused::Full);
        }
        if *own >= limits.max_address_connections {
            return Err(Refused::AddressHasMany);
        }
        if !address.accepted.try_take(1, now) {
            return Err(Refused::AddressIsQuick);
        }
        *own += 1;
        state.connections += 1;
        self.press(&state);
        drop(own);
        Ok(Place { admission: Arc::clone(self), address })
    }

    /// The buckets of an account, the same for all its connections.
    pub(super) fn account(&self, account: &BareJid, now: Instant) -> Arc<Account> {
        let mut state = self.state();
        if let Some(account) = state.accounts.get(account) {
            return Arc::clone(account);
        }
        let subscriptions = Rate { per_second: self.limits.account_subscriptions, burst: 100 };
        let buckets = Arc::new(Account {
            stanzas: Bucket::new(rate(self.limits.account_stanzas), now),
            subscriptions: Bucket::new(subscriptions, now),
        });
        state.accounts.insert(account.clone(), Arc::clone(&buckets));
        buckets
    }

    /// Waits until nobody is connected.
    pub(super) async fn empty(&self) {
        let mut occupied = self.occupied.subscribe();
        // The sender is in `self`.
        let _ = occupied.wait_for(|connections| *connections == 0).await;
    }

    /// Changes when there is little room, and when there is room again.
    pub(super) fn pressed(&self) -> watch::Receiver<bool> {
        self.pressed.subscribe()
    }

    fn press(&self, state: &State) {
        let pressed = state.connections > self.limits.max_connections / 2;
        self.occupied.send_replace(state.connections);
        self.pressed.send_if_modified(|was| core::mem::replace(was, pressed) != pressed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Address {
    fn connections(&self) -> MutexGuard<'_, usize> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// An address or account of which nobody is connected, and that has been quiet for long,
    /// is like one that is new.
    fn sweep(&mut self, now: Instant) {
        let recently = |swept| now.saturating_duration_since(swept) < Duration::from_secs(10);
        if self.swept.is_some_and(recently) {
            return;
        }
        self.swept = Some(now);
        self.addresses.retain(|_, address| {
            *address.connections() > 0
                || ![&address.accepted, &address.stanzas, &address.bytes, &address.logins]
                    .iter()
                    .all(|bucket| bucket.is_full(now))
        });
        self.accounts.retain(|_, account| {
            Arc::strong_count(account) > 1
                || ![&account.stanzas, &account.subscriptions].iter().all(|b| b.is_full(now))
        });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.admission.state();
        state.connections = state.connections.saturating_sub(1);
        self.admission.press(&state);
        let mut own = self.address.connections();
        *own = own.saturating_sub(1);
    }
}

/// Whoever has an IPv6 address usually has a network of 64 bits to pick from.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(connections: usize, of_address: usize) -> Arc<Admission> {
        Arc::new(Admission::new(Limits {
            max_connections: connections,
            max_address_connections: of_address,
            address_connections: 0,
            ..Limits::default()
        }))
    }

    fn ip(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    /// One address cannot take all; several that try leave a reserve for newcomers.
    /// 6120-13.12-02, 6120-13.12-03
    #[test]
    fn there_is_room_for_others() {
        let (admission, now) = (admission(16, 10), Instant::now());
        let mut places = Vec::new();
        let refused = loop {
            match admission.admit(ip("192.0.2.1"), now) {
                Ok(place) => places.push(place),
                Err(refused) => break refused,
            }
        };
        assert_eq!((places.len(), refused), (10, Refused::AddressHasMany));
        assert!(*admission.pressed().borrow());
        while let Ok(place) = admission.admit(ip("192.0.2.2"), now) {
            places.push(place);
        }
        assert_eq!(places.len(), 14);
        for newcomer in ["192.0.2.3", "192.0.2.4"] {
            places.push(admission.admit(ip(newcomer), now).ok().unwrap());
        }
        assert_eq!(admission.admit(ip("192.0.2.5"), now).err(), Some(Refused::Full));
        places.truncate(3);
        assert!(admission.admit(ip("192.0.2.1"), now).is_ok());
        assert!(!*admission.pressed().borrow());
    }

    #[test]
    fn networks_of_ipv6_count_as_one_address() {
        let (admission, now) = (admission(100, 1), Instant::now());
        let _place = admission.admit(ip("2001:db8::1"), now).ok().unwrap();
        assert!(admission.admit(ip("2001:db8::2"), now).is_err());
        let _other = admission.admit(ip("2001:db8:0:1::1"), now).ok().unwrap();
        let _mapped = admission.admit(ip("::ffff:192.0.2.1"), now).ok().unwrap();
        assert!(admission.admit(ip("192.0.2.1"), now).is_err());
    }

    /// 6120-13.12-04, 6120-13.12-05
    #[test]
    fn who_connects_without_end_has_to_wait() {
        let limits = Limits { address_connections: 2, ..Limits::default() };
        let (admission, now) = (Arc::new(Admission::new(limits)), Instant::now());
        let at_once = (0..100).filter(|_| admission.admit(ip("192.0.2.1"), now).is_ok()).count();
        assert_eq!(at_once, 20);
        assert!(admission.admit(ip("192.0.2.2"), now).is_ok());
        let later = now + Duration::from_secs(1);
        let more = (0..100).filter(|_| admission.admit(ip("192.0.2.1"), later).is_ok()).count();
        assert_eq!(more, 2);
        // Forgotten once they would be as new.
        let much_later = now + Duration::from_secs(60);
        drop(admission.admit(ip("192.0.2.3"), much_later));
        assert_eq!(admission.state().addresses.len(), 1);
    }
}
