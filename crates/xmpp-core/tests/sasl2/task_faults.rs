//! Tasks that a driver demands (XEP-0388, "Continue"), and peers that play false.

use core::time::Duration;

use xmpp_core::config::TaskLimits;
use xmpp_core::sasl::Mechanism;
use xmpp_core::stanza::StreamCondition;
use xmpp_core::time::{Instant, TimerReason};
use xmpp_core::{
    Error, Event, HostConfig, PeerMisbehaved, Phase, ServerEvent, TaskAnswer, TaskDemand,
};

use crate::common::factor::{Codes, Desk, RIGHT, TOTP, told, totp};
use crate::common::{Pair, ServerEnd, take};
use crate::setting::{client, count, pair, waiting_server};
use crate::tasks::{able, factor_host};

/// juliet NUL her password
const PLAIN: &str = "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'>\
    <initial-response>AGp1bGlldAByMG0zMA==</initial-response></authenticate>";
const NEXT: &str = "<next xmlns='urn:xmpp:sasl:2' task='TOTP-EXAMPLE'/>";
const ABORT: &str = "<abort xmlns='urn:xmpp:sasl:2'/>";

fn code(code: &str) -> String {
    format!(
        "<task-data xmlns='urn:xmpp:sasl:2'><totp xmlns='urn:totp:example'>{code}</totp></task-data>"
    )
}

fn plain_host() -> HostConfig {
    let mut host = factor_host();
    host.policy = host.policy.allow(Mechanism::Plain);
    host
}

/// A server that has sent `<continue/>`.
fn demanding(host: HostConfig, patience: u32) -> ServerEnd {
    let mut server = waiting_server(host);
    attempt(&mut server, patience);
    server
}

fn attempt(server: &mut ServerEnd, patience: u32) {
    server.sent();
    server.desk = Desk::demanding(TaskDemand::new(TOTP));
    server.desk.patience = patience;
    server.receive(PLAIN.as_bytes()).unwrap();
    let sent = server.sent();
    let expected = "<continue xmlns='urn:xmpp:sasl:2'><tasks><task>TOTP-EXAMPLE</task></tasks>";
    assert!(sent.starts_with(expected), "{sent}");
}

fn is_let_in(server: &ServerEnd) -> bool {
    server.connection.account().is_some()
        || server.log.iter().any(|event| {
            ["Authenticated ", "BindWanted", "TokenWanted", "Established"]
                .iter()
                .any(|what| event.starts_with(what))
        })
}

#[test]
fn nobody_goes_around_a_task() {
    let data = code(RIGHT);
    for elements in [
        // "Servers MUST disconnect Clients immediately if any other traffic is received."
        vec!["<message to='romeo@example.com'><body/></message>"],
        vec!["<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"],
        vec!["<bind xmlns='urn:xmpp:bind:0'/>"],
        vec!["<resume xmlns='urn:xmpp:sm:3' previd='a' h='1'/>"],
        // "any further <authenticate/> element MUST result in a stream error"
        vec![PLAIN],
        vec![NEXT, PLAIN],
        vec!["<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>"],
        vec!["<response xmlns='urn:xmpp:sasl:2'/>"],
        vec!["<success xmlns='urn:xmpp:sasl:2'/>"],
        // Out of order: before <next/>, twice, of something else.
        vec![&data],
        vec![NEXT, NEXT],
        vec![NEXT, "<message to='romeo@example.com'><body/></message>"],
        vec![NEXT, "<totp xmlns='urn:totp:example'>123456</totp>"],
    ] {
        let mut server = demanding(plain_host(), 0);
        let (last, before) = elements.split_last().unwrap();
        for element in before {
            server.receive(element.as_bytes()).unwrap();
        }
        let error = server.receive(last.as_bytes()).unwrap_err();
        assert!(error.stream_condition().is_some(), "{error}");
        let sent = server.sent();
        assert!(sent.contains("<stream:error>"), "{elements:?}: {sent}");
        assert!(!sent.contains("<success "), "{elements:?}: {sent}");
        assert!(!is_let_in(&server), "{elements:?}");
        assert_eq!(server.connection.phase(), Phase::Closed);
    }
}

#[test]
fn a_task_that_fails_is_a_failed_login() {
    let wrong = code("000000");
    for (elements, condition) in [
        (vec![NEXT, wrong.as_str()], "not-authorized"),
        (vec![NEXT, "<task-data xmlns='urn:xmpp:sasl:2'/>"], "not-authorized"),
        (vec![ABORT], "aborted"),
        (vec![NEXT, ABORT], "aborted"),
        // Not among those demanded.
        (vec!["<next xmlns='urn:xmpp:sasl:2' task='HOTP-EXAMPLE'/>"], "malformed-request"),
        (vec!["<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-1'/>"], "malformed-request"),
        (vec!["<next xmlns='urn:xmpp:sasl:2' task=''/>"], "malformed-request"),
        (vec!["<next xmlns='urn:xmpp:sasl:2'/>"], "malformed-request"),
    ] {
        let mut server = demanding(plain_host(), 0);
        let fail = |server: &mut ServerEnd| {
            for element in &elements {
                server.receive(element.as_bytes())?;
            }
            Ok::<_, Error>(server.sent())
        };
        let sent = fail(&mut server).unwrap();
        assert!(
            sent.contains(&format!("<failure xmlns='urn:xmpp:sasl:2'><{condition} ")),
            "{sent}"
        );
        assert!(!is_let_in(&server), "{elements:?}");
        // The right one in the next attempt.
        attempt(&mut server, 0);
        server.receive(NEXT.as_bytes()).unwrap();
        server.receive(code(RIGHT).as_bytes()).unwrap();
        assert!(server.sent().contains("<success xmlns='urn:xmpp:sasl:2'>"));
        assert!(is_let_in(&server));
        // RFC 6120 section 6.4.5: and they count.
        let mut server = demanding(plain_host(), 0);
        for _ in 0..2 {
            fail(&mut server).unwrap();
            attempt(&mut server, 0);
        }
        assert_eq!(fail(&mut server).unwrap_err(), Error::TooManyFailedLogins, "{elements:?}");
    }
}

#[test]
fn what_comes_while_the_driver_decides_waits() {
    // The code is sent before the challenge has come, or been made.
    let mut server = demanding(plain_host(), 0);
    let bytes = format!("{NEXT}{}", code(RIGHT));
    assert_eq!(server.rx.push(bytes.as_bytes()), bytes.len());
    let asked = |server: &mut ServerEnd| {
        let (rx, tx) = (&mut server.rx, &mut server.tx);
        match server.connection.poll_event(server.now, rx, tx).unwrap() {
            Some(Event::Role(ServerEvent::TaskDataReceived(query))) => Some(query),
            None => None,
            event => panic!("{event:?}"),
        }
    };
    let first = asked(&mut server).unwrap();
    assert!(first.begins());
    assert!(asked(&mut server).is_none(), "the connection stands still");
    let challenge = TaskAnswer::Send(vec![totp("challenge")]);
    server.connection.answer_task(first, challenge, &mut server.tx).unwrap();
    let second = asked(&mut server).unwrap();
    assert_eq!((second.begins(), told(&second)), (false, RIGHT.to_owned()));
    assert!(asked(&mut server).is_none());
    server.connection.answer_task(second, TaskAnswer::Done(vec![]), &mut server.tx).unwrap();
    server.poll().unwrap();
    assert!(server.sent().contains("<success xmlns='urn:xmpp:sasl:2'>"));
    assert!(is_let_in(&server));
}

#[test]
fn an_exchange_without_end() {
    let mut limits = TaskLimits::default();
    limits.exchanges = 5;
    let mut host = plain_host();
    host.sasl2.tasks = Some(limits);
    // A driver that never has enough.
    let mut server = demanding(host, u32::MAX);
    server.receive(NEXT.as_bytes()).unwrap();
    for _ in 0..4 {
        server.receive(code("000000").as_bytes()).unwrap();
        assert!(server.sent().contains("<task-data "));
    }
    server.receive(code(RIGHT).as_bytes()).unwrap();
    let sent = server.sent();
    assert!(sent.contains("<not-authorized "), "{sent}");
    assert!(!is_let_in(&server));
}

#[test]
fn tasks_without_end() {
    let mut limits = TaskLimits::default();
    limits.tasks = 2;
    let mut host = plain_host();
    host.sasl2.tasks = Some(limits);
    let mut server = demanding(host, 0);
    server.desk.demands = vec![TaskDemand::new(TOTP); 9].into();
    let mut sent = String::new();
    for _ in 0..2 {
        server.receive(NEXT.as_bytes()).unwrap();
        server.receive(code(RIGHT).as_bytes()).unwrap();
        sent.push_str(&server.sent());
    }
    assert_eq!(count(&sent, "<continue "), 1, "{sent}");
    assert!(sent.contains("<temporary-auth-failure "), "{sent}");
    assert!(!is_let_in(&server));
}

#[test]
fn limits_and_deadline_are_those_of_a_client_that_has_not_authenticated() {
    let mut server = demanding(plain_host(), 0);
    server.receive(NEXT.as_bytes()).unwrap();
    let error = server.receive(code(&"1".repeat(60_000)).as_bytes()).unwrap_err();
    assert!(matches!(error, Error::Xml(_)), "{error}");
    let mut server = demanding(plain_host(), 0);
    server.receive(NEXT.as_bytes()).unwrap();
    let error = server.wait_until(Instant::from_origin(Duration::from_secs(3600))).unwrap_err();
    assert_eq!(error, Error::TimedOut(TimerReason::Negotiation));
    assert_eq!(error.stream_condition(), Some(StreamCondition::ConnectionTimeout));
}

/// Up to what the server says with `<continue/>`.
fn continued() -> (Pair, String) {
    let mut pair = pair(able(client()), factor_host());
    pair.server.desk = Desk::demanding(TaskDemand::new(TOTP));
    pair.client.codes = Codes::of(&[RIGHT; 100]);
    loop {
        pair.server.receive(&take(&mut pair.client.tx)).unwrap();
        let sent = String::from_utf8(take(&mut pair.server.tx)).unwrap();
        if sent.contains("<continue ") {
            return (pair, sent);
        }
        pair.client.receive(sent.as_bytes()).unwrap();
    }
}

#[test]
fn a_task_does_not_stand_in_for_the_servers_proof() {
    let (_, sent) = continued();
    let (begin, rest) = sent.split_once("<additional-data>").unwrap();
    let (proof, end) = rest.split_once("</additional-data>").unwrap();
    let with = |data: &str| format!("{begin}{data}{end}");
    let flipped: String = {
        // `v=` and a signature that is not the server's.
        let (start, last) = proof.split_at(8);
        let other = if last.starts_with('A') { 'B' } else { 'A' };
        format!("{start}{other}{}", &last[1..])
    };
    for told in [
        with(""),
        with("<additional-data/>"),
        with("<additional-data>dj0=</additional-data>"),
        with(&format!("<additional-data>{flipped}</additional-data>")),
        // Later is too late.
        format!("{}{}", with(""), "<success xmlns='urn:xmpp:sasl:2'>")
            + &format!("<additional-data>{proof}</additional-data><authorization-identifier>")
            + "juliet@example.com</authorization-identifier></success>",
    ] {
        let (mut pair, _) = continued();
        let error = pair.client.receive(told.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::ServerNotAuthenticated(_)), "{told}: {error}");
        let log = pair.client.log.concat();
        assert!(!log.contains("TaskWanted") && !log.contains("Authenticated {"), "{log}");
        assert!(!pair.client.sent().contains("<next "));
    }
    let (mut pair, sent) = continued();
    pair.client.receive(sent.as_bytes()).unwrap();
    assert!(pair.client.sent().contains("<next "));
}

#[test]
fn a_server_that_comes_to_no_end() {
    let (mut pair, sent) = continued();
    let client = &mut pair.client;
    client.receive(sent.as_bytes()).unwrap();
    let mut answered = 0;
    let error = loop {
        match client.receive(code("challenge").as_bytes()) {
            Ok(()) => answered += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error, PeerMisbehaved::TooManyTasks.into());
    assert_eq!(answered, 63, "and one for <continue/>");
    assert_eq!(count(&client.sent(), "<task-data "), 63);
    // The same with one task after the other.
    let (mut pair, sent) = continued();
    let client = &mut pair.client;
    client.receive(sent.as_bytes()).unwrap();
    let again =
        "<continue xmlns='urn:xmpp:sasl:2'><tasks><task>TOTP-EXAMPLE</task></tasks></continue>";
    let error = (0..64).find_map(|_| client.receive(again.as_bytes()).err());
    assert_eq!(error, Some(PeerMisbehaved::TooManyTasks.into()));
}

#[test]
fn what_a_server_may_not_say_in_a_task() {
    for element in [
        "<challenge xmlns='urn:xmpp:sasl:2'>AA==</challenge>",
        "<next xmlns='urn:xmpp:sasl:2' task='TOTP-EXAMPLE'/>",
        "<message from='example.com'><body/></message>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        // Whom the client acts as is decided by the mechanism.
        "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>romeo@example.com\
         </authorization-identifier></success>",
        "<continue xmlns='urn:xmpp:sasl:2'><tasks/></continue>",
        "<continue xmlns='urn:xmpp:sasl:2'/>",
    ] {
        let (mut pair, sent) = continued();
        let client = &mut pair.client;
        client.receive(sent.as_bytes()).unwrap();
        client.receive(element.as_bytes()).unwrap_err();
        assert!(!client.log.concat().contains("Authenticated {"), "{element}");
    }
}
