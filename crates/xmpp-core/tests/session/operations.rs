//! Thousands of random sequences of operations, as the fuzz target `session` runs them.

use proptest::prelude::*;

use crate::harness::{operate, same_however_cut};

/// A beginning in which all goes well, of any length, and anything behind it.
fn tapes() -> impl Strategy<Value = Vec<u8>> {
    (any::<[u8; 3]>(), 0..45_usize, prop::collection::vec(any::<u8>(), 0..120)).prop_map(
        |(options, well, rest)| {
            let mut tape = options.to_vec();
            tape.resize(3 + well, 0);
            tape.extend(rest);
            tape
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn a_session_holds(tape in tapes()) {
        operate(&tape);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_session_sees_no_cuts(tape in prop::collection::vec(any::<u8>(), 0..60)) {
        same_however_cut(&tape);
    }
}

/// The harness itself: left alone, a session comes online, and what is sent arrives.
#[test]
fn left_alone_it_comes_online() {
    for options in 0..=255 {
        for more in [0, 2, 4, 64] {
            let mut tape = vec![options, more, 0];
            tape.resize(50, 0);
            // A message, and one of the server's.
            tape.extend([18, 0, 0, 21, 0, 0]);
            let report = operate(&tape);
            assert_eq!((report.times_online, report.received), (1, 1), "{options} {more}");
            assert_eq!(report.heard, 1, "{options} {more}");
            // It may not have been acknowledged by the end.
            assert!(report.returned <= 1, "{options} {more}");
        }
    }
}
