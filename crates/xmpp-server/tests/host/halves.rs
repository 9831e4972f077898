//! The host is cut at the address: accounts on one host and the same accounts each on a host of
//! its own show the same to every client, whatever these do. The tests by chapter run both
//! ways as well (`also_apart!`).

use std::collections::BTreeMap;

use proptest::prelude::*;
use xmpp_server::ConflictPolicy;
use xmpp_xml::{Element, ns};

use super::consistency::{
    ACCOUNTS, Operation, RESOURCES, SERVER, all_there, config, operation, presence_operation,
};
use super::support::{Id, Net, apart, without_whims};

/// What a session has been sent, by whom it is from: between two senders there is no order
/// (RFC 6120 §10.1). Roster pushes are of the contact that they are about.
type Seen = BTreeMap<(Id, String), Vec<Element>>;

fn read(net: &mut Net, sessions: &[Id], seen: &mut Seen) {
    for &id in sessions {
        for stanza in net.take(id) {
            let item = stanza.child(ns::ROSTER, "query").and_then(|q| q.child(ns::ROSTER, "item"));
            let about = item.and_then(|item| item.attr("jid"));
            let who = about.or_else(|| stanza.attr("from")).unwrap_or_default();
            let bare = who.split('/').next().unwrap_or_default().to_owned();
            seen.entry((id, bare)).or_default().push(without_whims(&stanza));
        }
    }
}

/// What everybody sees after each operation.
fn run(operations: &[Operation], tight: bool) -> Vec<Seen> {
    let mut net = Net::with(config(ConflictPolicy::Terminate, tight), &ACCOUNTS);
    let mut sessions = all_there(&mut net);
    let mut alive = sessions.clone();
    let mut steps = Vec::new();
    for operation in operations {
        match operation {
            Operation::Bind { account, resource } => {
                let bound = net.try_bind(ACCOUNTS[*account], Some(RESOURCES[*resource]));
                if let Ok((id, _)) = bound {
                    sessions.push(id);
                    alive.push(id);
                }
            }
            Operation::End { session } if alive.len() > 1 => {
                net.end(alive.swap_remove(session % alive.len()));
            }
            Operation::Send { session, stanza } => {
                net.send(alive[session % alive.len()], stanza);
            }
            Operation::End { .. } => {}
        }
        alive.retain(|id| net.closed(*id).is_none());
        let mut seen = Seen::new();
        read(&mut net, &sessions, &mut seen);
        steps.push(seen);
    }
    steps
}

fn same_both_ways(operations: &[Operation], tight: bool) {
    // What a client asks the server is not between accounts.
    let is_between = |operation: &&Operation| match operation {
        Operation::Send { stanza, .. } => !stanza.contains(&format!("'{SERVER}'")),
        _ => true,
    };
    let operations: Vec<_> = operations.iter().filter(is_between).cloned().collect();
    let together = run(&operations, tight);
    apart(|| {
        let apart = run(&operations, tight);
        for (n, (together, apart)) in together.iter().zip(&apart).enumerate() {
            let sources = |seen: &Seen| {
                let mut lines = String::new();
                for ((id, from), stanzas) in seen {
                    for stanza in stanzas {
                        lines += &format!("    {id:?} of {from}: {}\n", stanza.source());
                    }
                }
                lines
            };
            assert_eq!(
                together,
                apart,
                "after {:?}\non one host:\n{}apart:\n{}",
                operations[n],
                sources(together),
                sources(apart)
            );
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn everything_that_clients_send(
        operations in prop::collection::vec(operation(), 1..60),
        tight: bool,
    ) {
        same_both_ways(&operations, tight);
    }

    #[test]
    fn presence_and_subscriptions(
        operations in prop::collection::vec(presence_operation(), 1..60),
        tight: bool,
    ) {
        same_both_ways(&operations, tight);
    }
}
