//! Stream management between servers (XEP-0198): acknowledgements.

use xmpp_core::dialback::Verdict;

use crate::ends::{Ends, config, dialback_alone, message};

#[test]
fn what_is_not_acknowledged_is_handed_back() {
    for external in [true, false] {
        let mut configs = if external { config() } else { dialback_alone() };
        configs.external = external;
        let mut ends = Ends::new(configs.clone(), configs);
        ends.inn.verdict = Some(Verdict::Valid);
        ends.drive();
        let enabled = |log: &[String]| log.iter().any(|it| it == "StreamManagementEnabled");
        assert!(enabled(&ends.out.log) && enabled(&ends.inn.log), "{:?}", ends.out.log);
        assert!(!ends.out.connection.stream_management().unwrap().is_resumable());
        for id in ["1", "2", "3"] {
            ends.out.send(&message("a@montague.example", "b@capulet.example", id)).unwrap();
        }
        ends.drive();
        ends.out.after(2);
        ends.drive();
        assert!(ends.out.connection.stream_management().unwrap().unacknowledged().is_empty());
        ends.out.send(&message("a@montague.example", "b@capulet.example", "4")).unwrap();
        ends.out.sent();
        ends.out.connection.handle_eof(ends.out.now);
        ends.out.poll();
        assert!(ends.out.closed);
        let undelivered = ends.out.connection.take_unacknowledged();
        let ids: Vec<_> = undelivered
            .elements()
            .map(|stanza| stanza.as_ref().attr("id").unwrap().into_owned())
            .collect();
        assert_eq!(ids, ["4"]);
    }
}

#[test]
fn it_is_not_enabled_before_anybody_is_let_in() {
    let mut ends = Ends::new(dialback_alone(), dialback_alone()).driven();
    assert!(!ends.inn.established);
    ends.inn.receive("<enable xmlns='urn:xmpp:sm:3'/>");
    assert!(ends.inn.sent().contains("<unexpected-request"));
    ends.inn.receive("<message from='a@montague.example' to='b@capulet.example'/>");
    assert_eq!(ends.inn.condition(), Some("not-authorized"));
}

#[test]
fn streams_between_servers_are_not_resumed() {
    let mut ends = Ends::new(config(), config()).driven();
    ends.inn.sent();
    ends.inn.receive("<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>");
    assert!(ends.inn.sent().contains("<feature-not-implemented"));
    assert!(ends.out.connection.take_resumption().is_none());
}
