//! Those that wait until they may be connected to, in an order that is fair to whoever
//! wants it.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use core::net::IpAddr;

use xmpp_jid::{BareJid, Domainpart};

/// On whose behalf something is done. What one of them asks for comes behind its own, not
/// before what others ask for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// A user or a component of ours, who has something to be sent.
    Account(BareJid),
    /// It is not known which of them.
    Ours,
    /// A stream of which it is not known where it is from.
    Link(u64),
    V4(u32),
    /// The upper half: the rest is the peer's own to choose.
    V6([u16; 4]),
}

impl Origin {
    pub(super) fn of_sender(sender: Option<BareJid>) -> Self {
        sender.map_or(Self::Ours, Self::Account)
    }

    pub(super) const fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
        }
    }
}

/// Domains in line: next is one of the origin for which the fewest are being connected to.
#[derive(Default)]
pub(super) struct Line {
    groups: BTreeMap<Origin, Group>,
    /// Of those in which somebody waits: how many are being connected to, who came first.
    order: BTreeSet<(usize, u64, Origin)>,
    tickets: u64,
}

#[derive(Default)]
struct Group {
    /// How many domains are being connected to.
    busy: usize,
    ticket: u64,
    waiting: VecDeque<Domainpart>,
}

impl Line {
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many domains are being connected to on behalf of it.
    pub(super) fn busy(&self, origin: &Origin) -> usize {
        self.groups.get(origin).map_or(0, |group| group.busy)
    }

    /// How many domains are being connected to on behalf of it, or wait until they are.
    pub(super) fn wanted(&self, origin: &Origin) -> usize {
        self.groups.get(origin).map_or(0, |group| group.busy + group.waiting.len())
    }

    /// A domain joins the line.
    pub(super) fn join(&mut self, origin: Origin, domain: Domainpart) {
        self.change(origin, |group| group.waiting.push_back(domain));
    }

    /// A domain leaves the line.
    pub(super) fn leave(&mut self, origin: Origin, domain: &Domainpart) {
        self.change(origin, |group| group.waiting.retain(|other| other != domain));
    }

    /// Whose turn it is.
    pub(super) fn next(&mut self) -> Option<Domainpart> {
        let (_, _, origin) = self.order.first()?.clone();
        let mut next = None;
        self.change(origin, |group| {
            next = group.waiting.pop_front();
            // Behind those that have as many.
            group.ticket = 0;
        });
        next
    }

    /// A domain is being connected to.
    pub(super) fn begin(&mut self, origin: Origin) {
        self.change(origin, |group| group.busy += 1);
    }

    /// It is not any more. Who has had a place is behind those that have waited for one.
    pub(super) fn end(&mut self, origin: Origin) {
        self.change(origin, |group| {
            group.busy = group.busy.saturating_sub(1);
            group.ticket = 0;
        });
    }

    fn change(&mut self, origin: Origin, what: impl FnOnce(&mut Group)) {
        let group = self.groups.entry(origin.clone()).or_default();
        let place = (group.busy, group.ticket, origin);
        self.order.remove(&place);
        let (_, _, origin) = place;
        what(group);
        if group.waiting.is_empty() {
            group.ticket = 0;
            if group.busy == 0 {
                self.groups.remove(&origin);
            }
            return;
        }
        if group.ticket == 0 {
            self.tickets += 1;
            group.ticket = self.tickets;
        }
        self.order.insert((group.busy, group.ticket, origin));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_left_is_not_called() {
        let domain = |text: &str| Domainpart::new(text).unwrap();
        let mut line = Line::default();
        line.join(Origin::Ours, domain("one.example"));
        line.join(Origin::Ours, domain("two.example"));
        line.join(Origin::V4(1), domain("three.example"));
        line.leave(Origin::Ours, &domain("one.example"));
        assert_eq!((line.wanted(&Origin::Ours), line.wanted(&Origin::V4(1))), (1, 1));
        line.leave(Origin::V4(1), &domain("three.example"));
        assert_eq!(line.next(), Some(domain("two.example")));
        assert!(line.next().is_none() && line.is_empty() && line.groups.is_empty());
    }
}
