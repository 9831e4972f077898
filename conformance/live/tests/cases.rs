//! What all cases have in common.

use std::collections::HashSet;

use xmpp_conformance::case::Case;
use xmpp_conformance::scene::Setting;
use xmpp_conformance::{client, server};

fn look<S: Setting>(cases: &[Case<S>], seen: &mut HashSet<String>) {
    for case in cases {
        let id = &case.id;
        assert!(seen.insert(id.clone()), "two cases are {id}");
        assert!(id.starts_with(&format!("{}/{}/", case.rfc, case.section)), "{id}");
        assert!(case.sentence.contains(' '), "{id} cites {}, which is no sentence", case.sentence);
        assert!(!case.title.is_empty(), "{id} has no title");
    }
}

#[test]
fn each_case_has_an_id_of_its_own_and_a_sentence() {
    let mut seen = HashSet::new();
    look(&server::cases(), &mut seen);
    look(&client::cases(), &mut seen);
}
