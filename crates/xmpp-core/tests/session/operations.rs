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

/// Inputs that failed once.
#[test]
fn what_was_found_holds() {
    // A handshake that ends behind the end of the stream, and the end of TLS in one piece with
    // it: `Wait` was said before the latter was read.
    operate(&[
        216, 64, 0, 168, 0, 0, 10, 88, 56, 32, 185, 38, 0, 0, 249, 96, 47, 170, 79, 92, 0, 31, 0,
        26, 58, 91, 0, 0, 222, 96,
    ]);
    // The server's `<a/>` makes room for what was sent while offline: `Wait` was said before
    // that went out.
    operate(&[
        99, 198, 0, 0, 0, 0, 0, 75, 86, 224, 47, 0, 134, 0, 96, 89, 18, 0, 6, 0, 32, 210, 0, 55,
        32, 89, 57, 32, 92, 0, 146, 0, 156, 0, 14, 50, 0, 143, 50, 0, 32, 217, 160, 6, 0, 0, 0, 0,
        0, 0, 0, 0,
    ]);
    // A request is given up of which it is known, and not told yet, that nobody answers it.
    operate(&[0, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 180, 4, 77, 215, 27, 0, 84, 27]);
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
