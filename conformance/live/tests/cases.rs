//! What all cases have in common. An id is one case's among those for servers, and among
//! those for clients.

use std::collections::HashSet;

use xmpp_conformance::case::Case;
use xmpp_conformance::scene::Setting;
use xmpp_conformance::{client, server};

fn look<S: Setting>(cases: &[Case<S>]) {
    let mut seen = HashSet::new();
    for case in cases {
        let id = &case.id;
        assert!(seen.insert(id.clone()), "two cases are {id}");
        assert!(id.starts_with(&format!("{}/{}/", case.rfc, case.section)), "{id}");
        assert!(case.sentence.contains(' '), "{id} cites {}, which is no sentence", case.sentence);
        let unknown = case.sentence.split(' ').find(|word| is_requirement(word));
        assert!(unknown.is_none(), "{id} cites {unknown:?}, which sentences.tsv has not");
        assert!(!case.title.is_empty(), "{id} has no title");
    }
}

/// Whether it looks like an id of `conformance/requirements`.
fn is_requirement(word: &str) -> bool {
    word.split_once('-').is_some_and(|(rfc, section)| {
        rfc.len() == 4
            && rfc.bytes().all(|b| b.is_ascii_digit())
            && section.starts_with(|c: char| c.is_ascii_digit())
    })
}

#[test]
fn each_case_has_an_id_of_its_own_and_a_sentence() {
    look(&server::cases());
    look(&client::cases());
}
