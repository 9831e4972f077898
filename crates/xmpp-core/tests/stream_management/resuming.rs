//! XEP-0198 section 5: a stream that goes on over another connection.

use xmpp_core::jid::BareJid;
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stream_management::Resumption;
use xmpp_core::xml::{Framing, SendBuffer};
use xmpp_core::{ClientConfig, Connection, Error, Misuse, PeerMisbehaved};

use crate::common::T0;
use crate::harness::{Pair, Setup};

fn ids(unacknowledged: &xmpp_core::stream_management::Unacknowledged) -> Vec<String> {
    unacknowledged.elements().map(|stanza| stanza.attr("id").unwrap().into_owned()).collect()
}

#[test]
fn what_was_lost_is_sent_again_in_order_and_nothing_twice() {
    let setup = Setup::new();
    let mut pair = Pair::open(&setup);
    for id in ["c1", "c2"] {
        pair.client.send(id).unwrap();
    }
    pair.server.send("s1").unwrap();
    pair.settle();
    // These get there, but nobody says so; the next do not.
    pair.client.send("c3").unwrap();
    let sent = pair.client.sent();
    pair.give_server(sent.as_bytes());
    pair.client.send("c4").unwrap();
    pair.client.send("c5").unwrap();
    pair.server.send("s2").unwrap();
    let (client_got, server_got) = (pair.client.got.clone(), pair.server.got.clone());
    assert_eq!((client_got.len(), server_got.len()), (1, 3));

    let mut pair = pair.again(&setup);
    assert_eq!(pair.client.log, ["established juliet@example.com/balcony resumed=true"]);
    assert_eq!(
        pair.server.log,
        ["accept_resumption Ok(())", "established juliet@example.com/balcony resumed=true"]
    );
    assert_eq!(pair.server.got, ["c4", "c5"]);
    assert_eq!(pair.client.got, ["s2"]);
    assert_eq!(pair.client.connection.bound().unwrap().as_str(), "juliet@example.com/balcony");
    // The counts were carried over, and go on.
    pair.client.send("c6").unwrap();
    pair.settle();
    let counters = pair.client.connection.stream_management().unwrap();
    assert_eq!((counters.sent().get(), counters.handled().get()), (6, 2));
    let counters = pair.server.connection.stream_management().unwrap();
    assert_eq!((counters.sent().get(), counters.handled().get()), (2, 6));
    // And once more.
    pair.server.send("s3").unwrap();
    let pair = pair.again(&setup);
    assert_eq!(pair.client.got, ["s3"]);
    assert!(pair.server.got.is_empty());
}

#[test]
fn what_a_server_sees_and_says() {
    let setup = Setup::new();
    let mut pair = Pair::open(&setup);
    pair.server.send("s1").unwrap();
    pair.settle();
    pair.client.send("c1").unwrap();
    pair.cut();
    let from = pair.client.connection.take_resumption().unwrap();
    let kept = pair.server.connection.take_resumption();
    let id = from.id().expose().to_owned();
    let mut pair = Pair::begin(&setup, Some(from), kept);
    let mut sent = String::new();
    while !sent.contains("<resume ") {
        sent = pair.client.sent();
        pair.give_server(sent.as_bytes());
        let answer = pair.server.sent();
        if !sent.contains("<resume ") {
            pair.give_client(answer.as_bytes());
        } else {
            assert_eq!(sent, format!("<resume xmlns='urn:xmpp:sm:3' h='1' previd='{id}'/>"));
            assert_eq!(answer, format!("<resumed xmlns='urn:xmpp:sm:3' h='0' previd='{id}'/>"));
            pair.give_client(answer.as_bytes());
            // XEP-0198 section 5: MUST re-send; and asks at once.
            assert_eq!(pair.client.sent(), "<message id='c1'/><r xmlns='urn:xmpp:sm:3'/>");
        }
    }
}

#[test]
fn a_session_that_is_gone_hands_back_what_it_had_not_acknowledged() {
    let setup = Setup::new();
    for (h, left) in [(None, &["c2", "c3"][..]), (Some(2), &["c3"]), (Some(3), &[])] {
        let mut pair = Pair::open(&setup);
        pair.client.send("c1").unwrap();
        pair.wait(core::time::Duration::from_secs(1));
        pair.settle();
        pair.client.send("c2").unwrap();
        pair.client.send("c3").unwrap();
        pair.cut();
        let from = pair.client.connection.take_resumption();
        let mut pair = Pair::begin(&setup, from, None);
        pair.forgotten_h = h;
        pair.settle();
        assert_eq!(
            pair.client.log,
            [
                "not resumed Some(\"item-not-found\")",
                "established juliet@example.com/balcony resumed=false",
                "enabled resumable=true"
            ]
        );
        assert_eq!(ids(&pair.client.connection.take_unacknowledged()), left);
        assert!(pair.client.connection.take_unacknowledged().is_empty(), "each once");
        assert!(pair.server.got.is_empty());
        // The new stream counts from zero.
        let counters = pair.client.connection.stream_management().unwrap();
        assert_eq!((counters.sent().get(), counters.handled().get()), (0, 0));
    }
}

#[test]
fn a_server_that_offers_none_any_more_hands_back_all() {
    let mut setup = Setup::new();
    let mut pair = Pair::open(&setup);
    pair.client.send("c1").unwrap();
    pair.cut();
    let from = pair.client.connection.take_resumption();
    setup.host.stream_management = None;
    let mut pair = Pair::begin(&setup, from, None);
    pair.settle();
    assert_eq!(pair.client.log[0], "not resumed None");
    assert_eq!(ids(&pair.client.connection.take_unacknowledged()), ["c1"]);
}

/// What the server answers to `<resume/>`, in place of our server's answer.
fn answered(xml: &str) -> Pair {
    let setup = Setup::new();
    let mut pair = Pair::open(&setup);
    for id in ["c1", "c2"] {
        pair.client.send(id).unwrap();
    }
    pair.client.sent();
    pair.give_client(b"<a xmlns='urn:xmpp:sm:3' h='1'/>");
    pair.cut();
    let from = pair.client.connection.take_resumption().unwrap();
    let id = from.id().expose().to_owned();
    let mut pair = Pair::begin(&setup, Some(from), None);
    loop {
        let sent = pair.client.sent();
        if sent.contains("<resume ") {
            break;
        }
        pair.give_server(sent.as_bytes());
        let answer = pair.server.sent();
        pair.give_client(answer.as_bytes());
    }
    pair.give_client(xml.replace("ID", &id).as_bytes());
    pair
}

#[test]
fn a_refusal_is_one_however_malformed() {
    let bad_counts = ["", "h=''", "h='x'", "h='-1'", "h='0'"];
    let contents = [
        "",
        "<nonsense xmlns='urn:x'/>",
        "<item-not-found/>",
        "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        "text",
    ];
    for h in bad_counts {
        for content in contents {
            let xml = format!("<failed xmlns='urn:xmpp:sm:3' {h}>{content}</failed>");
            let mut pair = answered(&xml);
            assert!(pair.client.log[0].starts_with("not resumed Some"), "{xml}");
            assert!(pair.client.sent().contains("<bind "), "{xml}");
            assert_eq!(ids(&pair.client.connection.take_unacknowledged()), ["c2"], "{xml}");
        }
    }
}

/// Whatever else comes is no answer, and the earlier stream is still the one to resume.
#[test]
fn nothing_but_its_two_answers_answers_a_resumption() {
    for (xml, name) in [
        ("<enabled xmlns='urn:xmpp:sm:3'/>", "enabled"),
        ("<failed xmlns='urn:example:other'/>", "failed"),
        ("<resumed xmlns='urn:xmpp:sm:2' h='1' previd='ID'/>", "resumed"),
        ("<message/>", "message"),
    ] {
        let mut pair = answered(xml);
        let Some(Some(Error::Peer(PeerMisbehaved::UnexpectedElement { name: told, .. }))) =
            &pair.client.closed
        else {
            panic!("{xml}: {:?}", pair.client.closed)
        };
        assert_eq!(told, name);
        let kept = pair.client.connection.take_resumption().unwrap();
        assert_eq!(ids(kept.unacknowledged()), ["c2"]);
    }
}

/// Section 6, for each element that has an `h`.
#[test]
fn a_resumption_with_a_count_that_cannot_be_ends_the_stream() {
    for xml in [
        "<resumed xmlns='urn:xmpp:sm:3' h='3' previd='ID'/>",
        "<failed xmlns='urn:xmpp:sm:3' h='3'/>",
    ] {
        let mut pair = answered(xml);
        let fault = PeerMisbehaved::HandledCountTooHigh { h: 3, send_count: 2 };
        assert_eq!(pair.client.closed, Some(Some(Error::Peer(fault))), "{xml}");
        assert!(pair.client.sent().contains("h='3' send-count='2'"));
        assert!(pair.client.connection.take_resumption().is_none());
        assert_eq!(ids(&pair.client.connection.take_unacknowledged()), ["c2"]);
    }
    // It had acknowledged the first: nobody has it any more.
    let mut pair = answered("<resumed xmlns='urn:xmpp:sm:3' h='0' previd='ID'/>");
    let fault = PeerMisbehaved::HandledCountReversed { h: 0, acknowledged: 1 };
    assert_eq!(pair.client.closed, Some(Some(Error::Peer(fault))));
    assert_eq!(ids(&pair.client.connection.take_unacknowledged()), ["c2"]);
    let mut pair = answered("<resumed xmlns='urn:xmpp:sm:3' h='2' previd='another'/>");
    assert_eq!(pair.client.closed, Some(Some(Error::Peer(PeerMisbehaved::WrongResumption))));
    assert_eq!(ids(&pair.client.connection.take_unacknowledged()), ["c2"]);
}

#[test]
fn a_client_that_lies_about_its_count_ends_its_own_stream() {
    let setup = Setup::new();
    let mut pair = Pair::open(&setup);
    pair.server.send("s1").unwrap();
    pair.settle();
    pair.cut();
    let from = pair.client.connection.take_resumption().unwrap();
    let kept = pair.server.connection.take_resumption().unwrap();
    let id = from.id().expose().to_owned();
    for (h, sound) in [(0, true), (1, true), (2, false), (u32::MAX, false)] {
        let mut pair = Pair::begin(&setup, Some(from.clone()), Some(kept.clone()));
        loop {
            let sent = pair.client.sent();
            if sent.contains("<resume ") {
                break;
            }
            pair.give_server(sent.as_bytes());
            let answer = pair.server.sent();
            pair.give_client(answer.as_bytes());
        }
        pair.give_server(
            format!("<resume xmlns='urn:xmpp:sm:3' h='{h}' previd='{id}'/>").as_bytes(),
        );
        assert_eq!(pair.server.closed.is_none(), sound, "{h}");
        if !sound {
            // What was not acknowledged is for the host to deliver otherwise.
            assert_eq!(ids(&pair.server.connection.take_unacknowledged()), ["s1"]);
        }
    }
}

/// The driver's mistake, or its store's: the machine checks.
#[test]
fn a_session_of_another_account_is_never_resumed() {
    let setup = Setup::new();
    let mut pair = Pair::open(&setup);
    pair.cut();
    let from = pair.client.connection.take_resumption().unwrap();
    let kept = pair.server.connection.take_resumption().unwrap();
    // The same bytes with another owner.
    let owner = |name: &str| {
        let bytes = kept.to_bytes();
        let at = bytes.windows(6).position(|six| six == b"juliet").unwrap();
        let mut bytes = bytes;
        bytes[at..at + 6].copy_from_slice(name.as_bytes());
        Resumption::from_bytes(&bytes).unwrap()
    };
    let mut stolen = Pair::begin(&setup, Some(from.clone()), Some(owner("benvol")));
    stolen.settle();
    assert_eq!(stolen.server.log[0], "accept_resumption Err(WrongResumption)");
    assert_eq!(stolen.client.log[0], "not resumed Some(\"item-not-found\")");
    // A client does not ask for it either.
    let account = BareJid::new("benvolio@example.com").unwrap();
    let config = ClientConfig::new(account, Credentials::new("benvolio"));
    let mut tx = SendBuffer::new(Framing::Stream);
    let refused = Connection::resume(config.into(), from, T0, [1; 32], &mut tx);
    assert_eq!(refused.err(), Some(Misuse::WrongResumption));
}

#[test]
fn a_client_that_asks_for_sessions_without_end_is_sent_away() {
    let setup = Setup::new();
    let mut pair = answered("");
    for n in 0..6 {
        let resume = format!("<resume xmlns='urn:xmpp:sm:3' h='0' previd='guess{n}'/>");
        pair.give_server(resume.as_bytes());
        let answer = pair.server.sent();
        assert!(answer.contains("<item-not-found"), "{answer}");
        assert_eq!(answer.contains("<policy-violation"), n == 5, "{answer}");
    }
    let _ = setup;
}

#[test]
fn a_stream_that_was_closed_in_order_is_not_resumed() {
    let setup = Setup::new();
    let mut pair = Pair::open(&setup);
    pair.client.send("c1").unwrap();
    pair.client.connection.close(pair.now, None, &mut pair.client.tx);
    // The wire is cut before anything of it gets there.
    pair.cut();
    assert!(pair.client.connection.take_resumption().is_none());
    assert_eq!(ids(&pair.client.connection.take_unacknowledged()), ["c1"]);
    assert!(pair.server.connection.take_resumption().is_some());
}

/// Until the answer is here, the earlier stream is still the one to resume.
#[test]
fn a_connection_that_is_lost_while_it_negotiates_loses_no_resumption() {
    let setup = Setup::new();
    let mut pair = Pair::open(&setup);
    pair.client.send("c1").unwrap();
    pair.cut();
    let mut from = pair.client.connection.take_resumption();
    let kept = pair.server.connection.take_resumption();
    for steps in 0..8 {
        let mut pair = Pair::begin(&setup, from.take(), kept.clone());
        for _ in 0..steps {
            let sent = pair.client.sent();
            pair.give_server(sent.as_bytes());
            let answer = pair.server.sent();
            pair.give_client(answer.as_bytes());
        }
        if !pair.client.log.is_empty() {
            assert!(steps > 3);
            break;
        }
        pair.cut();
        from = pair.client.connection.take_resumption();
        assert_eq!(ids(from.as_ref().unwrap().unacknowledged()), ["c1"], "{steps}");
    }
}

#[test]
fn a_stream_goes_on_over_another_framing() {
    let mut setup = Setup::new();
    let mut pair = Pair::open(&setup);
    pair.client.send("c1").unwrap();
    pair.server.send("s1").unwrap();
    pair.cut();
    let from = pair.client.connection.take_resumption();
    let kept = pair.server.connection.take_resumption();
    setup.framing = Framing::WebSocket;
    let mut pair = Pair::begin(&setup, from, kept);
    pair.settle();
    assert_eq!(pair.server.got, ["c1"]);
    assert_eq!(pair.client.got, ["s1"]);
}

/// XEP-0198 section 7: a server that goes away for a while may keep its sessions; one that
/// has ended this stream because of what was sent, or of somebody else's, has not.
#[test]
fn an_end_that_passes_leaves_a_session() {
    for (condition, stays) in [
        ("connection-timeout", true),
        ("reset", true),
        ("system-shutdown", true),
        ("conflict", false),
        ("policy-violation", false),
        ("not-well-formed", false),
    ] {
        let error = format!(
            "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
             </stream:error>"
        );
        let mut pair = Pair::open(&Setup::new());
        pair.give_client(error.as_bytes());
        assert!(matches!(pair.client.closed, Some(Some(Error::StreamError(_)))), "{condition}");
        assert_eq!(pair.client.connection.take_resumption().is_some(), stays, "{condition}");
        // A client that ends its stream has ended its session.
        let mut pair = Pair::open(&Setup::new());
        pair.give_server(error.as_bytes());
        assert!(pair.server.connection.take_resumption().is_none(), "{condition}");
    }
}
