//! Requests and their answers: which belongs to which, in time, and what becomes of
//! those that nobody answers (RFC 6120 section 8.2.3).

mod common;

use core::time::Duration;

use common::{ClientEnd, DOMAIN, Pair, ServerEnd, T0, client_config};
use xmpp_core::config::UnansweredRequests;
use xmpp_core::jid::{BareJid, Jid};
use xmpp_core::requests::{Asker, Requests};
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, IqContent, Message, MessageType, StanzaRef};
use xmpp_core::time::{Instant, TimerReason};
use xmpp_core::xml::Element;
use xmpp_core::{Event, RequestId, SendError, ServerConfig};

const TIMEOUT: Duration = Duration::from_secs(30);

fn account() -> BareJid {
    BareJid::new("juliet@example.com").unwrap()
}

/// What `attributes` of an iq answer, of the one request to `to` with the id `x`.
fn answers(to: Option<&str>, attributes: &str) -> bool {
    let mut requests = Requests::new(1);
    let to = to.map(|to| Jid::new(to).unwrap());
    let request = requests.sent("x", to, T0).unwrap();
    let iq = Element::parse(format!("<iq xmlns='jabber:client' {attributes}/>")).unwrap();
    let iq = StanzaRef::new(iq.as_ref()).unwrap();
    let account = account();
    let asker = Asker::Client(account.as_ref());
    let answered = requests.answered(iq, asker);
    assert!(answered.is_none() || answered == Some(request));
    // Once.
    assert_eq!(requests.answered(iq, asker), None);
    answered.is_some()
}

#[test]
fn the_sender_of_an_answer_is_who_was_asked() {
    // 6120-8.1.2.1-03, 6120-8.1.2.1-04, 6120-8.2.3-05
    let account = &["", "from='juliet@example.com'", "from='Juliet@EXAMPLE.com'"][..];
    let server = &["", "from='example.com'"][..];
    let romeo = &["from='romeo@example.net/orchard'", "from='ROMEO@example.net/orchard'"][..];
    let strangers = [
        "from='romeo@example.net'",
        "from='juliet@example.com/balcony'",
        "from='mallory@example.com'",
        "from='example.org'",
        "from='@'",
        "from=''",
    ];
    for (to, right) in [
        (None, account),
        (Some("juliet@example.com"), account),
        (Some(DOMAIN), server),
        (Some("romeo@example.net/orchard"), romeo),
    ] {
        let all = [account, server, romeo, &strangers].concat();
        for from in all {
            let expected = right.contains(&from);
            for kind in ["result", "error"] {
                let iq = format!("{from} id='x' type='{kind}'");
                assert_eq!(answers(to, &iq), expected, "{to:?} {iq}");
            }
            assert!(!answers(to, &format!("{from} id='y' type='result'")));
            assert!(!answers(to, &format!("{from} type='result'")));
            assert!(!answers(to, &format!("{from} id='x' type='set'")));
        }
    }
}

#[test]
fn on_a_stream_between_domains_an_answer_has_a_sender() {
    let mut requests = Requests::new(1);
    let to = Jid::new("example.com").unwrap();
    let request = requests.sent("x", Some(to), T0).unwrap();
    let without = Element::parse("<iq xmlns='jabber:client' id='x' type='result'/>").unwrap();
    let without = StanzaRef::new(without.as_ref()).unwrap();
    assert_eq!(requests.answered(without, Asker::Entity), None);
    let with = "<iq xmlns='jabber:server' id='x' type='result' from='example.com'/>";
    let with = Element::parse(with).unwrap();
    let with = StanzaRef::new(with.as_ref()).unwrap();
    assert_eq!(requests.answered(with, Asker::Entity), Some(request));
}

#[test]
fn what_waits_is_bounded_and_ends() {
    let at = |seconds| Instant::from_origin(Duration::from_secs(seconds));
    let mut requests = Requests::new(3);
    assert!(requests.is_empty() && !requests.is_full());
    let late = requests.sent("a", None, at(9)).unwrap();
    assert_eq!((requests.len(), requests.is_empty(), requests.is_full()), (1, false, false));
    let early = requests.sent("b", None, at(3)).unwrap();
    assert!(requests.sent("b", None, at(4)).is_err(), "the id is in use");
    let other = requests.sent("c", None, at(3)).unwrap();
    assert!(requests.is_full() && requests.sent("d", None, at(1)).is_err());
    assert_eq!(requests.iter().collect::<Vec<_>>(), [early, other, late]);
    assert_eq!(requests.next_deadline(), Some(at(3)));
    assert_eq!(requests.due(at(2)), None);
    assert_eq!(requests.due(at(3)), Some(early));
    assert!(requests.give_up(other) && !requests.give_up(other) && !requests.give_up(early));
    assert_eq!(requests.due(at(8)), None);
    assert_eq!(requests.due(at(100)), Some(late));
    assert!(requests.is_empty() && requests.next_deadline().is_none());
    let again = requests.sent("a", None, at(9)).unwrap();
    assert!(![late, early, other].contains(&again), "a number is not used twice");
}

fn established() -> Pair {
    let mut pair = Pair::new();
    pair.drive().unwrap();
    pair
}

fn ask(client: &mut ClientEnd, to: Option<&str>) -> (RequestId, String) {
    let iq = Iq::get("ignored", &Ping);
    let iq = match to {
        Some(to) => iq.with_to(Jid::new(to).unwrap()),
        None => iq,
    };
    let request = client.connection.request(client.now, iq, TIMEOUT, &mut client.tx).unwrap();
    let sent = client.sent();
    let id = sent.split_once(" id='").unwrap().1.split('\'').next().unwrap().to_owned();
    (request, id)
}

/// The requests that were answered, and those that were not, by the log.
fn told(log: &[String]) -> Vec<&str> {
    let is_told =
        |event: &&String| event.starts_with("Answered") || event.starts_with("Unanswered");
    log.iter().filter(is_told).map(|event| event.as_str()).collect()
}

#[test]
fn an_answer_is_told_as_such_and_nothing_else_is() {
    // 6120-8.2.3-05
    let mut pair = established();
    let client = &mut pair.client;
    let (first, first_id) = ask(client, Some("romeo@example.net/orchard"));
    let (second, second_id) = ask(client, None);
    assert_ne!(first, second);
    assert_ne!(first_id, second_id);
    assert!(first_id.len() >= 26 && first_id != "ignored", "an id that nobody can guess");
    for stray in [
        format!("<iq type='result' id='{first_id}'/>"),
        format!("<iq type='result' id='{first_id}' from='mallory@example.net'/>"),
        format!("<iq type='result' id='{second_id}' from='romeo@example.net/orchard'/>"),
        "<iq type='error' id='other'/>".into(),
        format!("<message id='{second_id}'/>"),
    ] {
        client.receive(stray.as_bytes()).unwrap();
        assert!(client.log.last().unwrap().starts_with("stanza "), "{stray}");
        assert_eq!(client.sent(), "", "an answer is not answered (6120-8.2.3-06)");
    }
    let answer = format!(
        "<iq type='result' id='{second_id}'/>\
         <iq type='error' id='{first_id}' from='romeo@example.net/orchard'/>"
    );
    client.receive(answer.as_bytes()).unwrap();
    let told = told(&client.log);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains(&format!("{second:?}")) && told[1].contains(&format!("{first:?}")));
    // A second answer is none.
    client.receive(answer.as_bytes()).unwrap();
    assert!(client.log.last().unwrap().starts_with("stanza "));
}

#[test]
fn an_answer_is_lent_or_shared() {
    let mut pair = established();
    let client = &mut pair.client;
    let (request, id) = ask(client, None);
    client.rx.push(format!("<iq type='result' id='{id}'/>").as_bytes());
    let event = client.connection.poll_event(T0, &mut client.rx, &mut client.tx).unwrap();
    let Some(Event::Answered { request: answered, answer }) = event.map(Event::into_shared) else {
        panic!("no answer")
    };
    assert_eq!(answered, request);
    let iq = Iq::parse(answer.element()).unwrap();
    assert_eq!(iq.content(), IqContent::Result(None));
}

#[test]
fn requests_without_an_answer_end() {
    let mut pair = established();
    let client = &mut pair.client;
    let (request, id) = ask(client, None);
    let deadline = client.connection.poll_timeout().unwrap();
    assert_eq!(deadline.reason, TimerReason::Request);
    assert_eq!(deadline.at, Instant::from_origin(TIMEOUT));
    client.wait_until(deadline.at).unwrap();
    assert_eq!(told(&client.log), [format!("Unanswered {{ request: {request:?} }}")]);
    assert_ne!(
        client.connection.poll_timeout().map(|next| next.reason),
        Some(TimerReason::Request)
    );
    // Too late.
    client.receive(format!("<iq type='result' id='{id}'/>").as_bytes()).unwrap();
    assert!(client.log.last().unwrap().starts_with("stanza "));
    // And the end of the stream ends them all: those that a resumed stream may answer
    // can be taken along.
    let (request, id) = ask(client, Some("example.com"));
    client.eof().unwrap_err();
    assert_eq!(client.connection.poll_timeout().unwrap().reason, TimerReason::Drain);
    let left = client.connection.take_requests();
    assert_eq!(left.iter().collect::<Vec<_>>(), [request]);
    let mut next = established().client;
    next.connection.adopt_requests(left);
    next.receive(format!("<iq type='result' id='{id}' from='example.com'/>").as_bytes()).unwrap();
    assert!(next.log.last().unwrap().starts_with("Answered"));
}

#[test]
fn requests_are_bounded_and_can_be_given_up() {
    let mut config = client_config();
    config.limits.requests = 2;
    let mut pair = Pair::with(config, ServerConfig::default());
    pair.drive().unwrap();
    let client = &mut pair.client;
    let (first, id) = ask(client, None);
    ask(client, None);
    let refused = client.connection.request(T0, Iq::get("", &Ping), TIMEOUT, &mut client.tx);
    assert_eq!(refused, Err(SendError::TooManyRequests { max: 2 }));
    assert_eq!(client.sent(), "");
    assert!(client.connection.give_up(first) && !client.connection.give_up(first));
    client.receive(format!("<iq type='result' id='{id}'/>").as_bytes()).unwrap();
    assert!(client.log.last().unwrap().starts_with("stanza "));
    ask(client, None);
    // What asks nothing is no request; and nothing is asked before its time.
    let result = Iq::result("");
    let refused = client.connection.request(T0, result, TIMEOUT, &mut client.tx);
    assert_eq!(refused, Err(SendError::NotARequest));
    let mut early = ClientEnd::new();
    let refused = early.connection.request(T0, Iq::get("", &Ping), TIMEOUT, &mut early.tx);
    assert_eq!(refused, Err(SendError::NotEstablished));
}

#[test]
fn a_server_asks_its_client() {
    // 6120-8.1.2.1-02, 6120-8.1.1.1-04
    let mut pair = established();
    let server = &mut pair.server;
    let asked = server.connection.request(T0, Iq::get("", &Ping), TIMEOUT, &mut server.tx);
    let sent = server.sent();
    assert!(sent.contains("from='example.com' to='juliet@example.com/balcony'"), "{sent}");
    let id = sent.split_once(" id='").unwrap().1.split('\'').next().unwrap();
    let answer =
        format!("<iq type='result' to='example.com' id='{id}' from='whoever@example.net'/>");
    server.receive(answer.as_bytes()).unwrap();
    let expected = format!("{:?}", asked.unwrap());
    assert!(server.log.last().unwrap().contains(&expected), "{:?}", server.log.last());
}

const VERSION: &str = "<iq type='get' id='v&amp;1' from='Romeo@example.net/orchard' \
    to='juliet@example.com/balcony'><query xmlns='jabber:iq:version'/></iq>";
const REFUSAL: &str = "<iq from='juliet@example.com/balcony' to='Romeo@example.net/orchard' \
    id='v&amp;1' type='error'><error type='cancel'>\
    <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";

/// Receives, and gives out one event.
fn give_out(client: &mut ClientEnd, bytes: &str) {
    client.rx.push(bytes.as_bytes());
    let event = client.connection.poll_event(client.now, &mut client.rx, &mut client.tx).unwrap();
    assert!(matches!(event, Some(Event::Stanza(_))), "{event:?}");
}

#[test]
fn a_request_that_nobody_answers_is_answered() {
    // 6120-stanza-iq-reply, 6120-stanza-extension: 6120-8.2.3-04, 6120-8.4-12, 6120-8.3.1-02
    let mut client = established().client;
    give_out(&mut client, VERSION);
    assert_eq!(client.sent(), "", "the application has its turn first");
    // Its bytes have left the buffer by then.
    client.rx.push(b"<message/>");
    client.poll().unwrap();
    assert_eq!(client.sent(), REFUSAL);
    client.poll().unwrap();
    assert_eq!(client.sent(), "", "once");
    // Also before the stream is closed.
    give_out(&mut client, VERSION);
    client.close(None);
    assert_eq!(client.sent(), format!("{REFUSAL}</stream:stream>"));
    // And no more behind the closing tag (6120-4.4-01).
    client.receive(VERSION.as_bytes()).unwrap();
    assert_eq!(client.sent(), "");
}

#[test]
fn a_request_that_the_application_answers_is_not_answered_again() {
    for error in [false, true] {
        let mut client = established().client;
        client.rx.push(VERSION.as_bytes());
        let event = client.connection.poll_event(T0, &mut client.rx, &mut client.tx).unwrap();
        let Some(Event::Stanza(received)) = event else { panic!("{event:?}") };
        let stanza = received.stanza().unwrap();
        let condition = xmpp_core::stanza::StanzaCondition::Forbidden;
        let sent = if error {
            client.connection.send(&stanza.error_reply(condition).unwrap(), &mut client.tx)
        } else {
            client.connection.send(&stanza.empty_result().unwrap(), &mut client.tx)
        };
        sent.unwrap();
        assert!(!client.sent().is_empty());
        client.poll().unwrap();
        assert_eq!(client.sent(), "");
    }
    // Serialised by somebody else, it is an answer as well.
    let mut client = established().client;
    give_out(&mut client, VERSION);
    let answer = "<iq to='romeo@example.net/orchard' type='result' id='v&#38;1'/>";
    client.connection.send_serialized(answer.as_bytes(), &mut client.tx).unwrap();
    client.sent();
    client.poll().unwrap();
    assert_eq!(client.sent(), "");
    // Something else that is sent meanwhile is none.
    let mut client = established().client;
    give_out(&mut client, VERSION);
    let message = Message::builder(MessageType::Chat).with_id("v&1");
    client.connection.send(&message, &mut client.tx).unwrap();
    client.sent();
    client.poll().unwrap();
    assert_eq!(client.sent(), REFUSAL);
}

#[test]
fn a_request_that_is_claimed_is_the_applications() {
    let mut client = established().client;
    give_out(&mut client, VERSION);
    assert!(client.connection.claim() && !client.connection.claim());
    client.poll().unwrap();
    assert_eq!(client.sent(), "");
    // One that follows is not.
    give_out(&mut client, VERSION);
    client.poll().unwrap();
    assert_eq!(client.sent(), REFUSAL);
}

const MALFORMED: [&str; 6] = [
    "<iq type='get' id='1'/>",
    "<iq type='set' id='1'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>",
    "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
    "<iq type='ask' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
    "<iq id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
    "<iq/>",
];

#[test]
fn malformed_requests_are_answered_and_not_given_out() {
    // 6120-8.3.1-01
    // 6120-stanza-iq-id, 6120-stanza-iq-type, 6120-stanza-iq-child: 6120-8.2.3-01,
    // 6120-8.2.3-02, 6120-8.2.3-03, 6120-8.2.3-07, 6120-8.3.3.1-01, 6120-8.3.1-05
    for iq in MALFORMED {
        let mut client = established().client;
        client.log.clear();
        client.receive(iq.as_bytes()).unwrap();
        let id = if iq.contains("id='1'") { "1" } else { "" };
        let refusal = format!(
            "<iq id='{id}' type='error'><error type='modify'>\
             <bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        );
        assert_eq!(client.sent(), refusal, "{iq}");
        assert!(client.log.is_empty(), "{:?}", client.log);
    }
}

#[test]
fn answers_are_never_answered() {
    // 6120-stanza-error-reply: 6120-8.2.3-06, 6120-8.3.1-11
    let mut client = established().client;
    for iq in [
        "<iq type='result' id='1'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>",
        "<iq type='error' id='1'/>",
        "<iq type='error'/>",
        "<iq type='result'/>",
        "<message type='error'/>",
        "<presence type='error'/>",
    ] {
        client.receive(iq.as_bytes()).unwrap();
        assert_eq!(client.sent(), "", "{iq}");
    }
}

#[test]
fn an_application_may_see_to_all_requests_itself() {
    let mut config = client_config();
    config.unanswered = UnansweredRequests::Leave;
    let mut pair = Pair::with(config, ServerConfig::default());
    pair.drive().unwrap();
    for iq in MALFORMED.iter().chain([&VERSION]) {
        pair.client.receive(iq.as_bytes()).unwrap();
        assert!(pair.client.log.last().unwrap().starts_with("stanza "));
        assert_eq!(pair.client.sent(), "");
    }
    // A server's requests are the router's.
    let server: &mut ServerEnd = &mut pair.server;
    for iq in MALFORMED.iter().chain([&VERSION]) {
        server.receive(iq.as_bytes()).unwrap();
        assert!(server.log.last().unwrap().starts_with("stanza "));
        assert_eq!(server.sent(), "");
    }
}

fn asks_after(ping: u64) -> Pair {
    let mut config = client_config();
    config.timeouts.ping = Some(Duration::from_secs(ping));
    let mut server = ServerConfig::default();
    server.timeouts.ping = Some(Duration::from_secs(ping));
    let mut pair = Pair::with(config, server);
    pair.drive().unwrap();
    pair
}

#[test]
fn a_peer_that_has_been_silent_is_asked_and_its_answer_consumed() {
    // XEP-0199 sections 4.1 and 4.2
    let mut pair = asks_after(20);
    let client = &mut pair.client;
    let deadline = client.connection.poll_timeout().unwrap();
    assert_eq!(deadline.reason, TimerReason::Ping);
    client.wait_until(deadline.at).unwrap();
    let ping = client.sent();
    let id = ping.split_once(" id='").unwrap().1.split('\'').next().unwrap();
    let expected =
        format!("<iq to='example.com' id='{id}' type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
    assert_eq!(ping, expected);
    assert_eq!(client.connection.poll_timeout().unwrap().reason, TimerReason::Pong);
    client.log.clear();
    for answer in ["type='result'/>", "type='error'><error type='cancel'/></iq>"] {
        // Either says that somebody is there, and is nobody else's.
        client.receive(format!("<iq from='example.com' id='{id}' {answer}").as_bytes()).unwrap();
        let last = client.log.pop();
        assert!(last.is_none() || answer.contains("error"), "{last:?}: the second is none of ours");
        assert_ne!(client.connection.poll_timeout().unwrap().reason, TimerReason::Pong);
    }
    // A server asks its client.
    let server = &mut pair.server;
    server.wait_until(deadline.at).unwrap();
    let ping = server.sent();
    assert!(ping.starts_with("<iq from='example.com' to='juliet@example.com/balcony' id='"));
    let id = ping.split_once(" id='").unwrap().1.split('\'').next().unwrap();
    let logged = server.log.len();
    server.receive(format!("<iq id='{id}' type='result' to='example.com'/>").as_bytes()).unwrap();
    assert_eq!(server.log.len(), logged);
}

#[test]
fn a_peer_that_does_not_answer_is_dead() {
    // 6120-4.9.3.4-01
    for (side, name) in [(0, "client"), (1, "server")] {
        let mut pair = asks_after(20);
        let (client, server) = (&mut pair.client, &mut pair.server);
        let ping = Instant::from_origin(Duration::from_secs(20));
        let pong = Instant::from_origin(Duration::from_secs(80));
        let (told, sent) = if side == 0 {
            client.wait_until(ping).unwrap();
            client.sent();
            (client.wait_until(pong), client.sent())
        } else {
            server.wait_until(ping).unwrap();
            server.sent();
            (server.wait_until(pong), server.sent())
        };
        let error = told.unwrap_err();
        assert_eq!(error, xmpp_core::Error::TimedOut(TimerReason::Pong), "{name}");
        assert!(sent.contains("<connection-timeout "), "{name}: {sent}");
    }
}

#[test]
fn anything_that_comes_is_a_sign_of_life() {
    let mut pair = asks_after(20);
    let client = &mut pair.client;
    client.wait_until(Instant::from_origin(Duration::from_secs(20))).unwrap();
    client.sent();
    client.now = Instant::from_origin(Duration::from_secs(79));
    client.receive(b" ").unwrap();
    let next = client.connection.poll_timeout().unwrap();
    assert_eq!((next.reason, next.at.since_origin().as_secs()), (TimerReason::Ping, 99));
}

#[test]
fn requests_of_a_server_are_bounded() {
    let mut config = ServerConfig::default();
    config.limits.requests = 2;
    let mut pair = Pair::with(client_config(), config);
    pair.drive().unwrap();
    let server = &mut pair.server;
    let mut ask = || server.connection.request(T0, Iq::get("", &Ping), TIMEOUT, &mut server.tx);
    let (first, second) = (ask().unwrap(), ask().unwrap());
    assert_ne!(first, second);
    assert_eq!(ask(), Err(SendError::TooManyRequests { max: 2 }));
}
