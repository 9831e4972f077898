//! Two hosts that route to each other: whatever their clients do, both sides of every
//! subscription agree, and whoever was seen available is seen to leave.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
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
        Self { hosts: [host(0), host(1)], sessions: Vec::new(), seen: BTreeMap::new() }
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
        self.carry();
    }

    /// Carries stanzas until all is quiet, which it has to be soon.
    fn carry(&mut self) {
        for _ in 0..20 {
            let mut quiet = true;
            for at in 0..2 {
                for output in core::mem::take::<VecDeque<_>>(&mut self.hosts[at].1.output) {
                    match output {
                        Output::Routed { stanza: bytes, .. } => {
                            quiet = false;
                            let text = String::from_utf8(bytes).unwrap();
                            let stream = format!("<s xmlns='jabber:server'>{text}</s>");
                            let stream = Element::parse(stream).unwrap();
                            let stanza = stream.children().next().unwrap();
                            let (host, queue) = &mut self.hosts[1 - at];
                            host.handle_remote(NOW, stanza, queue).unwrap();
                        }
                        Output::Stanza(id, bytes) => self.look(id, &bytes),
                        Output::Close(..) => panic!("nobody is to be thrown out"),
                    }
                }
            }
            if quiet {
                return;
            }
        }
        panic!("two hosts talk to each other without end");
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

    #[track_caller]
    fn check(&self) {
        for (user, contact) in (0..4).flat_map(|u| (0..4).map(move |c| (u, c))) {
            let of = |a: usize, b: usize| {
                let roster = self.hosts[a % 2].0.roster(&account(a)).unwrap();
                roster.subscription(account(b).as_str()).state
            };
            let (mine, theirs) = (of(user, contact), of(contact, user));
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
        }
        if friends {
            let send = |session: usize, stanza: String| Operation::Send { session, stanza };
            for (me, kind) in
                [(0, "subscribe"), (1, "subscribed"), (1, "subscribe"), (0, "subscribed")]
            {
                let to = account(1 - me);
                net.run(&send(me, format!("<presence to='{to}' type='{kind}'/>")), 0);
            }
            net.run(&send(0, "<presence/>".to_owned()), 0);
            net.run(&send(1, "<presence/>".to_owned()), 0);
        }
        for (count, operation) in operations.iter().enumerate() {
            net.run(operation, 4 + count);
            net.check();
        }
    }
}
