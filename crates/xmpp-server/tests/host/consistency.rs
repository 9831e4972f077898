//! Whatever the clients do in whatever order, both sides of every subscription agree, and
//! nothing panics or grows beyond its limit.

use crate::support::{Id, Net, bare};
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use xmpp_server::{Config, ConflictPolicy};

pub(crate) const ACCOUNTS: [&str; 3] = ["juliet", "romeo", "nurse"];
pub(crate) const RESOURCES: [&str; 2] = ["a", "b"];

/// The server itself.
pub(crate) const SERVER: &str = "example.com";

/// What a client, or its stream, does. Sessions and accounts by their numbers.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Bind { account: usize, resource: usize },
    End { session: usize },
    Send { session: usize, stanza: String },
}

fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0..3_usize).prop_map(|a| format!("{}@example.com", ACCOUNTS[a])),
        2 => (0..3_usize, 0..2_usize)
            .prop_map(|(a, r)| format!("{}@example.com/{}", ACCOUNTS[a], RESOURCES[r])),
        1 => prop::sample::select(vec![
            "nobody@example.com", SERVER, "x@example.net", "@", "", "juliet@example.com/",
        ]).prop_map(str::to_owned),
    ]
}

fn stanza() -> impl Strategy<Value = String> {
    let kinds = ["subscribe", "subscribed", "unsubscribe", "unsubscribed"];
    let others = ["probe", "unavailable", "error", "nonsense"];
    prop_oneof![
        8 => (address(), prop::sample::select(kinds.to_vec()))
            .prop_map(|(to, kind)| format!("<presence to='{to}' type='{kind}'/>")),
        2 => (address(), prop::sample::select(others.to_vec()))
            .prop_map(|(to, kind)| format!("<presence to='{to}' type='{kind}'/>")),
        1 => address().prop_map(|to| format!("<presence to='{to}'/>")),
        2 => (-3..3_i32).prop_map(|p| format!("<presence><priority>{p}</priority></presence>")),
        1 => Just("<presence type='unavailable'/>".to_owned()),
        2 => Just("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>".to_owned()),
        2 => (address(), any::<bool>()).prop_map(|(jid, remove)| {
            let remove = if remove { "subscription='remove'" } else { "name='x'" };
            format!(
                "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>\
                 <item jid='{jid}' {remove}/></query></iq>"
            )
        }),
        1 => (address(), prop::sample::select(vec!["chat", "normal", "headline", "groupchat", "error"]))
            .prop_map(|(to, kind)| format!("<message to='{to}' type='{kind}'><body>b</body></message>")),
        1 => (address(), prop::sample::select(vec!["get", "set", "result", "error"]))
            .prop_map(|(to, kind)| format!("<iq to='{to}' id='q' type='{kind}'><x xmlns='y'/></iq>")),
    ]
}

pub(crate) fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        2 => (0..3_usize, 0..2_usize)
            .prop_map(|(account, resource)| Operation::Bind { account, resource }),
        1 => (0..8_usize).prop_map(|session| Operation::End { session }),
        16 => (0..8_usize, stanza())
            .prop_map(|(session, stanza)| Operation::Send { session, stanza }),
    ]
}

/// Presence and what it depends on: broadcasts, directed presence, subscriptions.
pub(crate) fn presence_operation() -> impl Strategy<Value = Operation> {
    let account = (0..3_usize).prop_map(|a| format!("{}@example.com", ACCOUNTS[a]));
    let full = (0..3_usize, prop::sample::select(vec!["first", "a", "b"]))
        .prop_map(|(a, r)| format!("{}@example.com/{r}", ACCOUNTS[a]));
    let kinds = ["subscribe", "subscribed", "unsubscribe", "unsubscribed"];
    let to = prop_oneof![account.clone(), full];
    let stanza = prop_oneof![
        4 => (account, prop::sample::select(kinds.to_vec()))
            .prop_map(|(to, kind)| format!("<presence to='{to}' type='{kind}'/>")),
        3 => to.clone().prop_map(|to| format!("<presence to='{to}'/>")),
        1 => to.prop_map(|to| format!("<presence to='{to}' type='unavailable'/>")),
        1 => (-1..2_i32).prop_map(|p| format!("<presence><priority>{p}</priority></presence>")),
        1 => Just("<presence type='unavailable'/>".to_owned()),
    ];
    prop_oneof![
        1 => (0..3_usize, 0..2_usize)
            .prop_map(|(account, resource)| Operation::Bind { account, resource }),
        1 => (0..8_usize).prop_map(|session| Operation::End { session }),
        12 => (0..8_usize, stanza)
            .prop_map(|(session, stanza)| Operation::Send { session, stanza }),
    ]
}

pub(crate) fn config(policy: ConflictPolicy, tight: bool) -> Config {
    let mut config = Config::default();
    config.conflict = policy;
    config.limits.max_sessions = 4;
    if tight {
        config.limits.max_directed = 2;
        config.limits.max_offline_messages = 2;
        config.limits.roster.max_items = 1;
        config.limits.roster.max_requests = 1;
        config.limits.roster.max_removed = 1;
    }
    config
}

/// RFC 6121 §3 and Appendix A, from both sides.
#[track_caller]
fn check_subscriptions(net: &Net) {
    for user in ACCOUNTS {
        for contact in ACCOUNTS {
            let of = |a: &str, b: &str| {
                net.host.roster(&bare(a)).unwrap().subscription(bare(b).as_str())
            };
            let (mine, theirs) = (of(user, contact), of(contact, user));
            assert_eq!(mine.state.has_to(), theirs.state.has_from(), "{user} to {contact}");
            assert_eq!(
                mine.state.is_pending_out(),
                theirs.state.is_pending_in(),
                "{user} asked {contact}"
            );
            assert!(
                !mine.approved || !(mine.state.has_from() || mine.state.is_pending_in()),
                "an approval that was used: {user} of {contact}"
            );
        }
        // What shows in the roster is in it, and nobody is a contact of oneself.
        let roster = net.host.roster(&bare(user)).unwrap();
        assert_eq!(roster.len(), roster.items().count());
        assert!(roster.item(bare(user).as_str()).is_none());
        for contact in ACCOUNTS {
            let state = roster.subscription(bare(contact).as_str()).state;
            if state.has_to() || state.has_from() || state.is_pending_out() {
                assert!(roster.item(bare(contact).as_str()).is_some(), "{user}: {contact}");
            }
            let waits = roster.requests().any(|(from, _)| from.as_str() == bare(contact).as_str());
            assert_eq!(waits, state.is_pending_in(), "{user}: request of {contact}");
        }
    }
}

/// A session of each account, available and interested.
pub(crate) fn all_there(net: &mut Net) -> Vec<Id> {
    ACCOUNTS.map(|account| net.login(account, "first")).to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn both_sides_of_every_subscription_agree(
        operations in prop::collection::vec(operation(), 1..60),
        policy in prop::sample::select(vec![
            ConflictPolicy::Override, ConflictPolicy::Refuse, ConflictPolicy::Terminate,
        ]),
        tight: bool,
    ) {
        let mut net = Net::with(config(policy, tight), &ACCOUNTS);
        let mut sessions = all_there(&mut net);
        let items = if tight { 1 } else { 1000 };
        for operation in operations {
            match operation {
                Operation::Bind { account, resource } => {
                    let bound = net.try_bind(ACCOUNTS[account], Some(RESOURCES[resource]));
                    if let Ok((id, _)) = bound {
                        sessions.push(id);
                    }
                }
                Operation::End { session } if !sessions.is_empty() => {
                    let session = session % sessions.len();
                    net.end(sessions.swap_remove(session));
                }
                Operation::Send { session, stanza } if !sessions.is_empty() => {
                    let id = sessions[session % sessions.len()];
                    // One that a conflict terminated sends into the void.
                    if net.host.session(id).is_some() {
                        net.send(id, &stanza);
                    }
                }
                _ => {}
            }
            check_subscriptions(&net);
            for account in ACCOUNTS {
                let account = bare(account);
                prop_assert!(net.host.roster(&account).unwrap().len() <= items);
                prop_assert!(net.host.sessions(&account).count() <= 4);
            }
        }
    }

    /// Presence that leaks: an available stanza of somebody reaches only who is subscribed,
    /// got directed presence, or is the same user (6121-11-02).
    // 6121-11-03
    #[test]
    fn broadcasts_reach_subscribers_only(
        operations in prop::collection::vec(operation(), 1..40),
    ) {
        let mut net = Net::with(config(ConflictPolicy::Override, false), &ACCOUNTS);
        let mut sessions = all_there(&mut net);
        for operation in operations {
            match operation {
                Operation::Bind { account, resource } => {
                    if let Ok((id, _)) = net.try_bind(ACCOUNTS[account], Some(RESOURCES[resource])) {
                        sessions.push(id);
                    }
                }
                Operation::Send { session, stanza } => {
                    net.send(sessions[session % sessions.len()], &stanza);
                }
                _ => {}
            }
            net.drain();
            let sender = sessions[0];
            net.send(sender, "<presence id='mark'/>");
            let user = net.host.session(sender).unwrap().to_bare();
            for &id in &sessions {
                let reader = net.host.session(id).unwrap().to_bare();
                let marks = net.take(id).iter().filter(|p| {
                    p.name() == "presence" && p.attr("id").as_deref() == Some("mark")
                }).count();
                let subscription = net.host.roster(&user).unwrap().subscription(reader.as_str());
                prop_assert!(marks <= 1);
                prop_assert!(
                    marks == 0 || reader == user || subscription.state.has_from(),
                    "{reader} saw {user}"
                );
            }
        }
    }

    /// Ghosts: who has seen somebody available is told of the end, by broadcast or because
    /// directed presence is remembered (6121-4.5.2-02, 6121-4.6.3-03, -04).
    #[test]
    fn nobody_stays_available_for_ever(
        operations in prop::collection::vec(presence_operation(), 1..60),
        observer: usize,
        tight: bool,
    ) {
        let mut net = Net::with(config(ConflictPolicy::Terminate, tight), &ACCOUNTS);
        let mut sessions = all_there(&mut net);
        let mut seen = Seen::default();
        for operation in operations {
            match operation {
                Operation::Bind { account, resource } => {
                    if let Ok((id, _)) = net.try_bind(ACCOUNTS[account], Some(RESOURCES[resource])) {
                        sessions.push(id);
                    }
                    sessions.retain(|id| net.host.session(*id).is_some());
                }
                Operation::End { session } if sessions.len() > 1 => {
                    net.end(sessions.swap_remove(session % sessions.len()));
                }
                Operation::Send { session, stanza } => {
                    let id = sessions[session % sessions.len()];
                    net.send(id, &stanza);
                    seen.sent(id, &stanza);
                }
                Operation::End { .. } => {}
            }
            seen.read(&mut net, &sessions);
        }
        let observer = sessions[observer % sessions.len()];
        for id in sessions {
            if id != observer {
                net.end(id);
                seen.read(&mut net, &[observer]);
            }
        }
        let own = net.host.session(observer).unwrap().as_str().to_owned();
        let ghosts = seen.of.entry(observer).or_default();
        ghosts.remove(&own);
        prop_assert!(ghosts.is_empty(), "{own} still sees {ghosts:?}");
    }
}

/// What clients know of who is available.
#[derive(Default)]
struct Seen {
    of: BTreeMap<Id, BTreeSet<String>>,
}

impl Seen {
    /// Who says goodbye is not told of the end of those who heard it (§4.6.1), and who is not
    /// available any more gets no broadcasts.
    fn sent(&mut self, id: Id, stanza: &str) {
        let seen = self.of.entry(id).or_default();
        if stanza == "<presence type='unavailable'/>" {
            seen.clear();
        } else if let Some(rest) = stanza.strip_prefix("<presence to='")
            && let Some((to, " type='unavailable'/>")) = rest.split_once('\'')
        {
            let of_to = |from: &String| from == to || from.split('/').next() == Some(to);
            seen.retain(|from| !of_to(from));
        }
    }

    fn read(&mut self, net: &mut Net, sessions: &[Id]) {
        for &id in sessions {
            for presence in net.take(id).iter().filter(|stanza| stanza.name() == "presence") {
                let from = presence.attr("from").unwrap_or_default().into_owned();
                let seen = self.of.entry(id).or_default();
                match presence.attr("type").as_deref() {
                    None => {
                        seen.insert(from);
                    }
                    Some("unavailable") => {
                        seen.remove(&from);
                    }
                    _ => {}
                }
            }
        }
    }
}
