//! What a stanza between servers costs.

use allocation_counter::measure;
use xmpp_core::Event;
use xmpp_core::dialback::Verdict;

use crate::ends::{Ends, config, dialback_alone, message};

/// Allocations for a hundred stanzas that are passed on by one server and received by the
/// other, once the buffers have their size.
fn allocations(mut ends: Ends) -> u64 {
    let stanza = message("romeo@montague.example/orchard", "juliet@capulet.example", "1");
    let mut all = 0;
    for round in 0..300 {
        let cost = measure(|| {
            let (out, inn) = (&mut ends.out, &mut ends.inn);
            out.connection.forward(stanza.as_ref(), &[], &mut out.tx).unwrap();
            assert_eq!(inn.rx.push(out.tx.unsent()), out.tx.len());
            let event = inn.connection.poll_event(inn.now, &mut inn.rx, &mut inn.tx).unwrap();
            assert!(matches!(event, Some(Event::Stanza(_))));
            while inn.connection.poll_event(inn.now, &mut inn.rx, &mut inn.tx).unwrap().is_some() {}
        });
        ends.out.tx.sent(usize::MAX);
        // Acknowledgements, where there are some.
        let back = ends.inn.sent();
        assert_eq!(ends.out.rx.push(back.as_bytes()), back.len());
        ends.out.poll();
        if round >= 200 {
            all += cost.count_total;
        }
    }
    all
}

#[test]
fn a_stanza_through_a_warm_pair_costs_no_allocation() {
    for managed in [true, false] {
        let mut external = config();
        let mut dialback = dialback_alone();
        if !managed {
            external.stream_management = None;
            dialback.stream_management = None;
        }
        let mut by_dialback = Ends::new(dialback.clone(), dialback);
        by_dialback.inn.verdict = Some(Verdict::Valid);
        for ends in [Ends::new(external.clone(), external).driven(), by_dialback.driven()] {
            assert_eq!(allocations(ends), 0, "{managed}");
        }
    }
}
