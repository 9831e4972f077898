//! Thousands of random sequences of operations on each role, as the fuzz targets
//! `connection_*` run them.

mod harness;

use harness::{operate, same_however_cut};
use proptest::prelude::*;
use xmpp_core::role::{
    ClientToServer, ComponentToServer, ServerFromClient, ServerFromComponent, ServerFromServer,
    ServerToServer,
};

/// A beginning in which all goes well, of any length, and anything behind it.
fn tapes() -> impl Strategy<Value = Vec<u8>> {
    (any::<u8>(), 0..12_usize, prop::collection::vec(any::<u8>(), 0..60)).prop_map(
        |(options, well, rest)| {
            let mut tape = vec![options];
            tape.resize(1 + well, 0);
            tape.extend(rest);
            tape
        },
    )
}

/// A good header, an answer to what it asks, and then anything, word by word: what
/// random operations seldom come to.
fn words() -> impl Strategy<Value = Vec<u8>> {
    let next = prop_oneof![
        4 => any::<u8>().prop_map(|word| [9, word]),
        1 => Just([17, 0]),
        1 => Just([19, 0]),
    ];
    (any::<u8>(), prop::collection::vec(next, 0..6)).prop_map(|(options, rest)| {
        let mut tape = vec![options, 9, 1, 17, 0];
        tape.extend(rest.concat());
        tape
    })
}

macro_rules! role {
    ($name:ident, $cuts:ident, $role:ty) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(800))]
            #[test]
            fn $name(tape in prop_oneof![tapes(), words()]) {
                operate::<$role>(&tape);
            }
        }
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(250))]
            #[test]
            fn $cuts(tape in prop::collection::vec(any::<u8>(), 0..40)) {
                same_however_cut::<$role>(&tape);
            }
        }
    };
}

role!(a_client_holds, a_client_sees_no_cuts, ClientToServer);
role!(a_server_holds, a_server_sees_no_cuts, ServerFromClient);
role!(a_component_holds, a_component_sees_no_cuts, ComponentToServer);
role!(a_component_server_holds, a_component_server_sees_no_cuts, ServerFromComponent);

role!(an_outbound_peer_holds, an_outbound_peer_sees_no_cuts, ServerToServer);
role!(an_inbound_peer_holds, an_inbound_peer_sees_no_cuts, ServerFromServer);

/// The harness itself: left alone, the two ends come to terms, and only with the
/// right secret.
#[test]
fn honest_ends_come_to_terms() {
    for options in 0..128 {
        let mut tape = vec![options];
        tape.resize(13, 0);
        let right = options & 2 == 0;
        let reports = [operate::<ClientToServer>(&tape), operate::<ServerFromClient>(&tape)];
        for report in reports {
            assert_eq!(report.established, right, "{options}: {report:?}");
            assert_eq!(report.authenticated, right, "{options}: {report:?}");
        }
        assert_eq!(operate::<ComponentToServer>(&tape).established, right);
        assert_eq!(operate::<ServerFromComponent>(&tape).established, right);
        // Between servers it is the driver who knows.
        assert!(!right || operate::<ServerToServer>(&tape).established, "{options}");
        assert!(!right || operate::<ServerFromServer>(&tape).established, "{options}");
    }
}

#[test]
fn stanzas_come_through() {
    // 9: a word; of each role's, one that is a stanza.
    let report = operate::<ServerFromClient>(&[&[0; 13][..], &[9, 23, 9, 25]].concat());
    assert_eq!(report.stanzas, 2, "{:?}", report.error);
}
