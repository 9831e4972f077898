//! XEP-0198 section 3: how stream management is turned on.

use xmpp_core::stream_management::StreamManagement;
use xmpp_core::{Error, PeerMisbehaved};

use crate::harness::{Pair, Setup};

const R: &str = "<r xmlns='urn:xmpp:sm:3'/>";

/// The client has what the server last sent; this is what it says.
fn told(pair: &mut Pair, xml: &str) -> String {
    pair.give_server(xml.as_bytes());
    pair.server.sent()
}

#[test]
fn a_client_enables_it_where_it_is_offered_and_nobody_waits() {
    let mut pair = Pair::begin(&Setup::new(), None, None);
    while !pair.client.log.iter().any(|line| line.starts_with("established")) {
        let bytes = pair.client.sent();
        pair.give_server(bytes.as_bytes());
        let bytes = pair.server.sent();
        pair.give_client(bytes.as_bytes());
    }
    // Right behind the bind result, and stanzas may follow it.
    pair.client.send("1").unwrap();
    let sent = pair.client.sent();
    assert_eq!(sent, "<enable xmlns='urn:xmpp:sm:3' resume='true'/><message id='1'/>");
    assert!(pair.client.connection.stream_management().is_none());
    pair.give_server(sent.as_bytes());
    assert_eq!(pair.server.got, ["1"]);
    pair.settle();
    let counters = pair.client.connection.stream_management().unwrap();
    assert!(counters.is_resumable());
    assert_eq!(counters.max().unwrap().as_secs(), 300);
    // 128 bits or more.
    assert_eq!(counters.id().unwrap().expose().len(), 26);
    assert_eq!(counters.sent().get(), 1);
    assert_eq!(pair.client.log.last().unwrap(), "enabled resumable=true");
    assert_eq!(pair.server.log.last().unwrap(), "enabled resumable=true");
}

#[test]
fn a_server_that_has_none_offers_none() {
    let mut setup = Setup::new();
    setup.host.stream_management = None;
    let mut pair = Pair::open(&setup);
    assert!(pair.client.connection.stream_management().is_none());
    let answer = told(&mut pair, "<enable xmlns='urn:xmpp:sm:3'/>");
    assert!(answer.contains("<failed xmlns='urn:xmpp:sm:3'><feature-not-implemented"), "{answer}");
    // Nor is anything acknowledged.
    told(&mut pair, R);
    assert!(matches!(
        pair.server.closed,
        Some(Some(Error::Peer(PeerMisbehaved::UnexpectedElement { .. })))
    ));
}

#[test]
fn resumption_is_a_matter_of_both_sides() {
    for (client, server) in [(true, false), (false, true), (false, false)] {
        let mut setup = Setup::new();
        let config = |resume| {
            let config = StreamManagement::of_server();
            Some(if resume { config } else { config.without_resumption() })
        };
        setup.client.stream_management = config(client);
        setup.host.stream_management = config(server);
        let mut pair = Pair::open(&setup);
        pair.client.send("1").unwrap();
        pair.settle();
        let counters = pair.client.connection.stream_management().unwrap();
        assert!(!counters.is_resumable());
        assert!(counters.id().is_none());
        pair.cut();
        assert!(pair.client.connection.take_resumption().is_none());
        assert_eq!(pair.client.connection.take_unacknowledged().len(), 1);
        assert!(pair.server.connection.take_resumption().is_none());
    }
}

#[test]
fn the_shorter_of_two_times_counts() {
    for (theirs, told) in [(None, 300), (Some(60), 60), (Some(9999), 300)] {
        let mut setup = Setup::new();
        let mut config = StreamManagement::of_client();
        config.max = theirs.map(core::time::Duration::from_secs);
        setup.client.stream_management = Some(config);
        let pair = Pair::open(&setup);
        let max = pair.client.connection.stream_management().unwrap().max();
        assert_eq!(max.unwrap().as_secs(), told);
    }
}

/// "The server SHALL enforce this order and return a <failed/> element".
#[test]
fn before_a_resource_is_bound_it_is_an_unexpected_request() {
    let mut pair = Pair::begin(&Setup::new(), None, None);
    let header = pair.client.sent();
    told(&mut pair, &header);
    let early = "<enable xmlns='urn:xmpp:sm:3'/>";
    let failed = "<failed xmlns='urn:xmpp:sm:3'>\
                  <unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";
    // In a bound: whoever does nothing else is sent away.
    for _ in 0..5 {
        assert_eq!(told(&mut pair, early), failed);
    }
    let last = told(&mut pair, early);
    assert!(last.starts_with(failed) && last.contains("<policy-violation"), "{last}");
    assert_eq!(pair.server.closed, Some(Some(Error::Peer(PeerMisbehaved::TooManyResumptions))));
}

/// "If a server receives a second <enable/> element it SHOULD respond with a stream
/// error".
#[test]
fn a_second_enable_ends_the_stream() {
    let mut pair = Pair::open(&Setup::new());
    let answer = told(&mut pair, "<enable xmlns='urn:xmpp:sm:3' resume='1'/>");
    assert!(answer.starts_with("<failed xmlns='urn:xmpp:sm:3'><unexpected-request"), "{answer}");
    assert!(answer.contains("<policy-violation"), "{answer}");
    assert!(answer.ends_with("</stream:stream>"), "{answer}");
    assert!(pair.server.connection.take_resumption().is_none());
}

#[test]
fn a_client_goes_on_without_it_when_it_is_refused() {
    let mut setup = Setup::new();
    setup.host.stream_management = None;
    // A server that offers what it does not have.
    let offer = "<sm xmlns='urn:xmpp:sm:3'/>";
    setup.host.features.push(xmpp_core::xml::Element::parse(offer).unwrap());
    let mut pair = Pair::open(&setup);
    assert_eq!(pair.client.log.last().unwrap(), "refused feature-not-implemented");
    pair.client.send("1").unwrap();
    pair.settle();
    assert_eq!(pair.server.got, ["1"]);
    assert!(pair.client.connection.stream_management().is_none());
    pair.cut();
    assert!(pair.client.connection.take_unacknowledged().is_empty());
}

/// Section 3: a server that does not say `resume` does not resume, whatever identifier it
/// gives; and an identifier that is too long to be asked for is none.
#[test]
fn a_stream_is_resumable_if_the_server_says_so_and_how() {
    let too_long = format!("resume='true' id='{}'", "x".repeat(5000));
    for (attributes, resumable) in [
        ("resume='true' id='some-long-sm-id'", true),
        ("id='some-long-sm-id'", false),
        ("resume='false' id='some-long-sm-id'", false),
        (&too_long, false),
    ] {
        let mut pair = Pair::begin(&Setup::new(), None, None);
        loop {
            let bytes = pair.client.sent();
            if bytes.contains("<enable ") {
                break;
            }
            pair.give_server(bytes.as_bytes());
            let bytes = pair.server.sent();
            pair.give_client(bytes.as_bytes());
        }
        pair.give_client(format!("<enabled xmlns='urn:xmpp:sm:3' {attributes}/>").as_bytes());
        let counters = pair.client.connection.stream_management().expect(attributes);
        assert_eq!(counters.is_resumable(), resumable, "{attributes}");
        assert_eq!(counters.id().is_some(), resumable, "{attributes}");
        pair.cut();
        let kept = pair.client.connection.take_resumption();
        assert_eq!(kept.is_some(), resumable, "{attributes}");
    }
}

/// 6120-4.4-01: nothing goes out behind the closing tag, whatever is asked for.
#[test]
fn nothing_is_acknowledged_behind_the_closing_tag() {
    let mut pair = Pair::open(&Setup::new());
    pair.client.connection.close(pair.now, None, &mut pair.client.tx);
    assert!(pair.client.sent().ends_with("</stream:stream>"));
    pair.give_client(format!("<message id='late'/>{R}").as_bytes());
    assert_eq!(pair.client.got, ["late"]);
    assert_eq!(pair.client.sent(), "");
}
