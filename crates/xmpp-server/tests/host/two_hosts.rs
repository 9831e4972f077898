//! Two hosts that route to each other: whatever their clients do, both sides of every
//! subscription agree, and whoever was seen available is seen to leave. While stanzas are on
//! their way and cross each other, nobody is taken for a subscriber who is none.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use xmpp_im::subscription::SubscriptionState;
use xmpp_jid::{BareJid, Domainpart, LocalpartRef};
use xmpp_server::{Config, Host, Output, Queue, SessionId, UnixTime};
use xmpp_xml::{Element, ns};

use super::support::element;

const DOMAINS: [&str; 2] = ["a.example", "b.example"];
const NAMES: [&str; 2] = ["juliet", "romeo"];
const NOW: UnixTime = UnixTime::from_secs(1_300_000_000);

/// Accounts and sessions by their numbers: an odd one is at the second host.
#[derive(Clone, Debug)]
enum Operation {
    Bind { account: usize },
    End { session: usize },
    Send { session: usize, stanza: String },
}

fn account(number: usize) -> BareJid {
    BareJid::new(&format!("{}@{}", NAMES[number / 2 % 2], DOMAINS[number % 2])).unwrap()
}

fn operation() -> impl Strategy<Value = Operation> {
    let kinds = ["subscribe", "subscribed", "unsubscribe", "unsubscribed"];
    let address = (0..4_usize).prop_map(account);
    let stanza = prop_oneof![
        8 => (address.clone(), prop::sample::select(kinds.to_vec()))
            .prop_map(|(to, kind)| format!("<presence to='{to}' type='{kind}'/>")),
        2 => address.clone().prop_map(|to| format!("<presence to='{to}'/>")),
        1 => address.clone().prop_map(|to| format!("<presence to='{to}' type='unavailable'/>")),
        3 => Just("<presence/>".to_owned()),
        1 => Just("<presence type='unavailable'/>".to_owned()),
        1 => address.prop_map(|jid| format!(
            "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>\
             <item jid='{jid}' subscription='remove'/></query></iq>"
        )),
    ];
    prop_oneof![
        2 => (0..4_usize).prop_map(|account| Operation::Bind { account }),
        1 => (0..8_usize).prop_map(|session| Operation::End { session }),
        16 => (0..8_usize, stanza)
            .prop_map(|(session, stanza)| Operation::Send { session, stanza }),
    ]
}

struct Net {
    hosts: [(Host, Queue); 2],
    /// What is on its way to each host.
    links: [VecDeque<String>; 2],
    /// Of which host each session is.
    sessions: Vec<(usize, SessionId)>,
    /// Whom the client of a session has seen available, and not seen leave.
    seen: BTreeMap<SessionId, BTreeSet<String>>,
}

impl Net {
    fn new() -> Self {
        let host = |number: usize| {
            let domain = Domainpart::new(DOMAINS[number]).unwrap();
            let mut host = Host::new(domain.as_ref(), 1, Config::default());
            for name in NAMES {
                host.add_account(LocalpartRef::new(name).unwrap());
            }
            let mut queue = Queue::new();
            queue.routes.insert(Domainpart::new(DOMAINS[1 - number]).unwrap(), ns::SERVER);
            (host, queue)
        };
        let (links, sessions) = (Default::default(), Vec::new());
        Self { hosts: [host(0), host(1)], links, sessions, seen: BTreeMap::new() }
    }

    fn run(&mut self, operation: &Operation, count: usize) {
        match operation {
            Operation::Bind { account: number } => {
                let (host, queue) = &mut self.hosts[number % 2];
                let id = SessionId(count as u64);
                let account = account(*number);
                if host.session_bound(NOW, id, &account, None, [count as u8; 16], queue).is_ok() {
                    self.sessions.push((number % 2, id));
                    self.seen.insert(id, BTreeSet::new());
                }
            }
            Operation::End { session } if *session < self.sessions.len() => {
                let (at, id) = self.sessions.remove(*session);
                let (host, queue) = &mut self.hosts[at];
                host.session_ended(NOW, id, queue);
                self.seen.remove(&id);
            }
            Operation::Send { session, stanza } if *session < self.sessions.len() => {
                let (at, id) = self.sessions[*session];
                let (host, queue) = &mut self.hosts[at];
                let stanza = element(stanza);
                host.handle_stanza(NOW, id, stanza.as_ref(), queue).unwrap();
                // §4.6.1: who says goodbye is not told of the end of those who heard it.
                if stanza.attr("type").as_deref() == Some("unavailable") {
                    let to = stanza.attr("to");
                    let seen = self.seen.entry(id).or_default();
                    seen.retain(|from| to.as_deref().is_some_and(|to| !from.starts_with(to)));
                }
            }
            _ => {}
        }
        self.collect();
    }

    /// Carries stanzas until all is quiet, which it has to be soon.
    fn carry(&mut self) {
        for _ in 0..2000 {
            let there = [0, 1].map(|to| self.deliver(to));
            if there == [false, false] {
                return;
            }
        }
        panic!("two hosts talk to each other without end");
    }

    /// Hands the oldest stanza that is on its way to that host over.
    fn deliver(&mut self, to: usize) -> bool {
        let Some(text) = self.links[to].pop_front() else { return false };
        let stream = Element::parse(format!("<s xmlns='jabber:server'>{text}</s>")).unwrap();
        let stanza = stream.children().next().unwrap();
        let (host, queue) = &mut self.hosts[to];
        host.handle_remote(NOW, stanza, queue).unwrap();
        self.collect();
        true
    }

    fn collect(&mut self) {
        for at in 0..2 {
            for output in core::mem::take(&mut self.hosts[at].1.output) {
                match output {
                    Output::Routed { stanza, .. } => {
                        self.links[1 - at].push_back(String::from_utf8(stanza).unwrap());
                    }
                    Output::Stanza(id, bytes) => self.look(id, &bytes),
                    Output::Close(..) => panic!("nobody is to be thrown out"),
                }
            }
        }
    }

    fn look(&mut self, id: SessionId, bytes: &[u8]) {
        let stanza = element(core::str::from_utf8(bytes).unwrap());
        let (Some(from), Some(seen)) = (stanza.attr("from"), self.seen.get_mut(&id)) else {
            return;
        };
        match stanza.attr("type").as_deref() {
            None if stanza.name() == "presence" => drop(seen.insert(from.into_owned())),
            Some("unavailable") => drop(seen.remove(&*from)),
            _ => {}
        }
    }

    /// What the first account holds of the second.
    fn state(&self, of: usize, contact: usize) -> SubscriptionState {
        let roster = self.hosts[of % 2].0.roster(&account(of)).unwrap();
        roster.subscription(account(contact).as_str()).state
    }

    /// What the user believes to have of the contact, the contact gives.
    #[track_caller]
    fn check_belief(&self, user: usize, contact: usize) {
        let (mine, theirs) = (self.state(user, contact), self.state(contact, user));
        let who = (account(user), account(contact));
        assert!(!mine.has_to() || theirs.has_from(), "{who:?}: {mine} and {theirs}");
        assert!(!mine.is_pending_out() || theirs.is_pending_in(), "{who:?}: {mine} and {theirs}");
    }

    #[track_caller]
    fn check(&self) {
        for (user, contact) in pairs() {
            let (mine, theirs) = (self.state(user, contact), self.state(contact, user));
            let who = (account(user), account(contact));
            assert_eq!(mine.has_to(), theirs.has_from(), "{who:?}");
            assert_eq!(mine.is_pending_out(), theirs.is_pending_in(), "{who:?}");
        }
        let live: BTreeSet<_> = self
            .sessions
            .iter()
            .filter_map(|(at, id)| self.hosts[*at].0.session(*id))
            .map(|jid| jid.as_str().to_owned())
            .collect();
        for (id, seen) in &self.seen {
            for jid in seen {
                assert!(live.contains(jid), "{id:?} still sees {jid}");
            }
        }
    }
}

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..4).flat_map(|u| (0..4).map(move |c| (u, c)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn both_sides_agree(
        operations in prop::collection::vec(operation(), 1..60),
        friends: bool,
    ) {
        let mut net = Net::new();
        for number in 0..4 {
            net.run(&Operation::Bind { account: number }, number);
            net.carry();
        }
        if friends {
            let send = |session: usize, stanza: String| Operation::Send { session, stanza };
            for (me, kind) in
                [(0, "subscribe"), (1, "subscribed"), (1, "subscribe"), (0, "subscribed")]
            {
                let to = account(1 - me);
                net.run(&send(me, format!("<presence to='{to}' type='{kind}'/>")), 0);
                net.carry();
            }
            net.run(&send(0, "<presence/>".to_owned()), 0);
            net.run(&send(1, "<presence/>".to_owned()), 0);
            net.carry();
        }
        for (count, operation) in operations.iter().enumerate() {
            net.run(operation, 4 + count);
            net.carry();
            net.check();
        }
    }

    /// Stanzas of both directions cross in every way. RFC 6121 has nothing that would tell an
    /// answer to one request from an answer to another, so a denial that crosses a second
    /// request can leave that one waiting where nobody waits for it. The other way round never
    /// happens: who believes to be subscribed is, and what is asked waits. One more request
    /// once all is quiet mends the rest.
    #[test]
    fn crossing_stanzas_deceive_nobody(
        schedule in prop::collection::vec(
            prop_oneof![operation().prop_map(Ok), (0..2_usize).prop_map(Err)],
            1..100,
        ),
    ) {
        let mut net = Net::new();
        for (count, step) in schedule.iter().enumerate() {
            match step {
                Ok(operation) => net.run(operation, count),
                Err(to) => drop(net.deliver(*to)),
            }
        }
        net.carry();
        for (user, contact) in pairs() {
            net.check_belief(user, contact);
        }
        for (count, (user, contact)) in pairs().filter(|(u, c)| u != c).enumerate() {
            net.run(&Operation::Bind { account: user }, 200 + count);
            let to = account(contact);
            let stanza = format!("<presence to='{to}' type='subscribe'/>");
            net.run(&Operation::Send { session: net.sessions.len() - 1, stanza }, 0);
            net.run(&Operation::End { session: net.sessions.len() - 1 }, 0);
            net.carry();
        }
        net.check();
    }
}
