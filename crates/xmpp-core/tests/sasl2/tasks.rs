//! Tasks that a driver demands between authentication and success (XEP-0388,
//! "Continue"): both ends against each other.

use std::sync::Arc;

use xmpp_core::config::{TaskLimits, TlsMode};
use xmpp_core::xml::{Framing, SendBuffer};
use xmpp_core::{
    Client, ClientConfig, ClientEvent, Error, Event, HostConfig, Misuse, Output, PeerIncompatible,
    Phase, Server, ServerConfig, ServerEvent, TaskChoice, TaskDemand,
};

use crate::common::factor::{Codes, Desk, RIGHT, TOTP, totp};
use crate::common::{ClientEnd, Cut, Pair, ServerEnd, T0, answer, facts, take};
use crate::setting::{asking_client, carry, client, count, host, pair};
use crate::upgrades::{upgrading_client, upgrading_host};

/// A host with tasks.
pub(crate) fn factor_host() -> HostConfig {
    let mut host = host();
    host.sasl2.tasks = Some(TaskLimits::default());
    host
}

/// Of a client that can do the task.
pub(crate) fn able(mut config: ClientConfig) -> ClientConfig {
    config.sasl2.tasks = vec![TOTP.into()];
    config
}

/// A server that demands the code, and a client that knows these.
fn factor_pair(config: ClientConfig, codes: &[&'static str]) -> Pair {
    let mut pair = pair(able(config), factor_host());
    pair.server.desk = Desk::demanding(TaskDemand::new(TOTP));
    pair.client.codes = Codes::of(codes);
    pair
}

fn place(log: &[String], what: &str) -> usize {
    log.iter().rposition(|event| event.starts_with(what)).unwrap_or_else(|| panic!("{log:#?}"))
}

fn never(log: &[String], what: &str) {
    assert!(!log.iter().any(|event| event.starts_with(what)), "{what}: {log:#?}");
}

#[test]
fn a_second_factor_before_success() {
    let mut pair = factor_pair(asking_client(), &[RIGHT]);
    let text = "This account requires 2FA";
    let demand = TaskDemand::new("HOTP-EXAMPLE").or(TOTP).with_text(text);
    assert_eq!(
        (demand.tasks(), demand.text()),
        (&["HOTP-EXAMPLE".into(), TOTP.into()][..], Some(text))
    );
    pair.server.desk = Desk::demanding(demand);
    let (sent, token) = carry(&mut pair);
    assert_eq!(pair.client.codes.texts, [Some(text.to_owned())]);
    let end: Vec<&str> = sent[sent.len() - 5..].iter().map(String::as_str).collect();
    // The proof of the mechanism, the tasks, and the text.
    assert!(
        end[0].starts_with("S: <continue xmlns='urn:xmpp:sasl:2'><additional-data>"),
        "{end:#?}"
    );
    assert!(
        end[0].ends_with(
            "</additional-data><tasks><task>HOTP-EXAMPLE</task><task>TOTP-EXAMPLE</task></tasks>\
             <text>This account requires 2FA</text></continue>"
        ),
        "{end:#?}"
    );
    // "a <next/> element, which has a single mandatory attribute of "task" […] and MAY
    // contain any other element"
    assert_eq!(
        end[1],
        "C: <next xmlns='urn:xmpp:sasl:2' task='TOTP-EXAMPLE'>\
         <totp xmlns='urn:totp:example'>hello</totp></next>"
    );
    // "reside inside a <task-data/> wrapper element"
    let data = |from: &str, text: &str| {
        format!(
            "{from}: <task-data xmlns='urn:xmpp:sasl:2'>\
             <totp xmlns='urn:totp:example'>{text}</totp></task-data>"
        )
    };
    assert_eq!(end[2], data("S", "challenge"));
    assert_eq!(end[3], data("C", RIGHT));
    // "it MAY contain any other element […] from the task that has just completed"; what
    // was asked for inline is "processed by the server at this point".
    let success = end[4];
    assert!(success.starts_with("S: <success xmlns='urn:xmpp:sasl:2'>"), "{success}");
    assert!(!success.contains("additional-data"), "{success}");
    for there in [
        "<authorization-identifier>juliet@example.com/Balcony/made-up<",
        "<totp xmlns='urn:totp:example'>welcome</totp>",
        "<bound xmlns='urn:xmpp:bind:0'",
        "<token xmlns='urn:xmpp:fast:0'",
    ] {
        assert!(success.contains(there), "{there}: {success}");
    }
    assert!(token.is_some());
    assert_eq!(pair.client.connection.bound(), pair.server.connection.bound());
    // Nobody is let in before.
    let (client, server) = (&pair.client.log, &pair.server.log);
    assert!(place(client, "TaskWanted") < place(client, "TaskDataReceived"));
    assert!(place(client, "TaskDataReceived") < place(client, "Authenticated "));
    assert!(place(server, "TasksWanted") < place(server, "TaskDataReceived"));
    assert!(place(server, "TaskDataReceived") < place(server, "TokenWanted"));
    assert!(place(server, "TokenWanted") < place(server, "Authenticated "));
    assert!(place(server, "Authenticated ") < place(server, "BindWanted"));
    // The proof of the exchange is the one that is handed out in the end.
    assert!(client[place(client, "Authenticated ")].contains("TlsExporter"));
    // What the factor is does not get into logs.
    for log in [client, server] {
        assert!(!log.concat().contains(RIGHT), "{log:#?}");
    }
}

#[test]
fn a_wrong_code_then_the_right_one() {
    let mut pair = factor_pair(client(), &["000000", RIGHT]);
    pair.server.desk.patience = 1;
    let all = carry(&mut pair).0.concat();
    assert!(all.contains(">again</totp></task-data>"), "{all}");
    assert_eq!(count(&all, "<failure "), 0);
    assert_eq!(pair.client.connection.phase(), Phase::Established);
    // And without another try.
    let mut pair = factor_pair(client(), &["000000", RIGHT]);
    let all = carry(&mut pair).0.concat();
    assert!(all.contains("<failure xmlns='urn:xmpp:sasl:2'><not-authorized "), "{all}");
    assert_eq!(count(&all, "<success "), 0);
    never(&pair.client.log, "Authenticated ");
    never(&pair.server.log, "Authenticated ");
    place(&pair.server.log, "AuthenticationFailed");
}

#[test]
fn one_task_after_the_other() {
    // "if multiple are required a sequence of <continue> exchanges will occur until all
    // mandatory tasks are complete"
    let mut pair = factor_pair(client(), &[RIGHT, RIGHT]);
    pair.server.desk.demands.push_back(TaskDemand::new("PASSWORD-EXAMPLE").or(TOTP));
    let all = carry(&mut pair).0.concat();
    assert_eq!(count(&all, "<continue "), 2, "{all}");
    assert_eq!(pair.client.codes.texts, [None, None]);
    assert_eq!(count(&all, "<additional-data>"), 1);
    assert!(all.contains("<continue xmlns='urn:xmpp:sasl:2'><tasks>"), "{all}");
    assert_eq!(count(&all, "<next "), 2);
    assert_eq!(pair.client.connection.phase(), Phase::Established);
}

#[test]
fn only_where_tasks_are_possible_and_demanded() {
    let mut pair = factor_pair(client(), &[]);
    pair.server.desk = Desk::default();
    let all = carry(&mut pair).0.concat();
    assert_eq!(count(&all, "<continue "), 0);
    place(&pair.server.log, "TasksWanted");
    assert_eq!(pair.client.connection.phase(), Phase::Established);
    let mut pair = factor_pair(client(), &[]);
    pair.server.host = Arc::new(host());
    carry(&mut pair);
    never(&pair.server.log, "TasksWanted");
    assert_eq!(pair.client.connection.phase(), Phase::Established);
}

#[test]
fn no_way_around_by_the_other_profile() {
    let mut old = client();
    old.sasl2.enabled = false;
    for demands in [true, false] {
        let mut pair = factor_pair(old.clone(), &[RIGHT]);
        if !demands {
            pair.server.desk = Desk::default();
        }
        let all = carry(&mut pair).0.concat();
        let asked = &pair.server.log[place(&pair.server.log, "TasksWanted")];
        assert!(asked.contains("can_demand: false"), "{asked}");
        // RFC 6120 section 6.5.9.
        assert_eq!(all.contains("<mechanism-too-weak/>"), demands, "{all}");
        assert_eq!(all.contains("<success "), !demands, "{all}");
        let phase = pair.client.connection.phase();
        assert_eq!(phase == Phase::Established, !demands, "{phase:?}");
    }
}

#[test]
fn a_password_is_upgraded_only_after_the_second_factor() {
    let mut host = upgrading_host();
    host.sasl2.tasks = Some(TaskLimits::default());
    for (code, upgraded) in [(RIGHT, 2), ("000000", 0)] {
        let mut pair = pair(able(upgrading_client()), host.clone());
        pair.server.desk = Desk::demanding(TaskDemand::new(TOTP));
        pair.client.codes = Codes::of(&[code]);
        let all = carry(&mut pair).0.concat();
        assert_eq!(count(&all, "<hash "), upgraded, "{all}");
        if upgraded > 0 {
            assert!(all.find(RIGHT) < all.find("<task>UPGR-SCRAM-SHA-1</task>"));
            // It is not data of the task that success answers.
            assert_eq!(pair.client.connection.phase(), Phase::Established);
        }
    }
}

/// Why the client's connection has ended.
pub(crate) fn end(client: &mut ClientEnd) -> Error {
    loop {
        // It is told as an event, and again and again once all is sent.
        take(&mut client.tx);
        match client.connection.poll_event(client.now, &mut client.rx, &mut client.tx) {
            Ok(Some(Event::Closed { error: Some(_) }) | None) => client.eof().unwrap_or(()),
            Ok(event) => panic!("{event:?}"),
            Err(error) => return error,
        }
    }
}

#[test]
fn a_client_that_gives_up() {
    let declines = Codes { declines: true, ..Codes::default() };
    for codes in [declines, Codes::default()] {
        let mut pair = factor_pair(client(), &[]);
        pair.client.codes = codes;
        let all = carry(&mut pair).0.concat();
        assert_eq!(count(&all, "<abort xmlns='urn:xmpp:sasl:2'/>"), 1, "{all}");
        assert_eq!(end(&mut pair.client), PeerIncompatible::TaskDeclined.into());
        let failed = &pair.server.log[place(&pair.server.log, "AuthenticationFailed")];
        assert!(failed.contains("Aborted"), "{failed}");
        never(&pair.server.log, "Authenticated ");
    }
}

#[test]
fn a_task_that_the_client_does_not_know() {
    let mut pair = pair(client(), factor_host());
    pair.server.desk = Desk::demanding(TaskDemand::new(TOTP));
    let all = carry(&mut pair).0.concat();
    assert!(all.contains("<abort xmlns='urn:xmpp:sasl:2'/>"), "{all}");
    let unknown = PeerIncompatible::UnknownTasks(vec![TOTP.into()]);
    assert_eq!(end(&mut pair.client), unknown.into());
    never(&pair.client.log, "TaskWanted");
}

#[test]
fn a_driver_that_begins_what_it_was_not_asked_for() {
    let mut pair = factor_pair(client(), &[]);
    // Of a list of two the client knows one.
    pair.server.desk = Desk::demanding(TaskDemand::new("HOTP-EXAMPLE").or(TOTP));
    let (mut query, now) = (None, T0);
    while query.is_none() {
        pair.server.receive(&take(&mut pair.client.tx)).unwrap();
        pair.client.rx.push(&take(&mut pair.server.tx));
        let client = &mut pair.client;
        while let Some(event) =
            client.connection.poll_event(now, &mut client.rx, &mut client.tx).unwrap()
        {
            match event {
                Event::StartTls => {
                    let (rx, tx) = (&mut client.rx, &mut client.tx);
                    client.connection.tls_established(now, facts(), rx, tx).unwrap();
                }
                Event::Role(ClientEvent::TaskWanted(wanted)) => query = Some(wanted),
                _ => {}
            }
        }
    }
    let client = &mut pair.client;
    let query = query.unwrap();
    assert_eq!(query.tasks(), [TOTP]);
    // It stands still until it is answered.
    client.rx.push(b"<success xmlns='urn:xmpp:sasl:2'/>");
    assert!(client.connection.poll_event(now, &mut client.rx, &mut client.tx).unwrap().is_none());
    let choice = TaskChoice::begin("HOTP-EXAMPLE");
    let misuse = client.connection.begin_task(query, choice, &mut client.tx);
    assert_eq!(misuse, Err(Misuse::WrongTask));
    assert!(client.sent().starts_with("<abort xmlns='urn:xmpp:sasl:2'/>"));
    assert_eq!(end(client), PeerIncompatible::TaskDeclined.into());
}

fn session(cut: [Cut; 2]) -> Pair {
    let mut pair = factor_pair(asking_client(), &["000000", RIGHT, RIGHT]);
    pair.server.desk.patience = 1;
    pair.server.desk.demands.push_back(TaskDemand::new(TOTP).with_text("again"));
    pair.cut = cut;
    pair.drive().unwrap();
    pair.client.connection.close(T0, None, &mut pair.client.tx);
    pair.drive().unwrap();
    pair
}

#[test]
fn every_split_gives_the_same_events() {
    let whole = session([Cut::Whole; 2]);
    assert_eq!(whole.client.log.last().unwrap(), "Closed { error: None }");
    place(&whole.client.log, "Established");
    let same = |cut: [Cut; 2]| {
        let cut_pair = session(cut);
        assert_eq!(cut_pair.client.log, whole.client.log, "{cut:?}");
        assert_eq!(cut_pair.server.log, whole.server.log, "{cut:?}");
    };
    for at in 1..whole.sent[0].max(whole.sent[1]) {
        same([Cut::At(at); 2]);
    }
    same([Cut::EachByte; 2]);
}

fn next(tx: &mut SendBuffer) -> Option<String> {
    let message = String::from_utf8(tx.frame()?.to_vec()).unwrap();
    tx.frame_sent();
    Some(message)
}

#[test]
fn over_websocket() {
    let mut client = ClientEnd::framed(able(client()), Framing::WebSocket);
    client.codes = Codes::of(&[RIGHT]);
    let mut server = ServerEnd::framed(ServerConfig::default(), Framing::WebSocket);
    server.host = Arc::new(factor_host());
    server.desk = Desk::demanding(TaskDemand::new(TOTP));
    client.connection.tls_established(T0, facts(), &mut client.rx, &mut client.tx).unwrap();
    server.connection.tls_established(T0, facts(), &mut server.rx, &mut server.tx).unwrap();
    let mut log = Vec::new();
    loop {
        let (to_server, to_client) = (next(&mut client.tx), next(&mut server.tx));
        if to_server.is_none() && to_client.is_none() {
            break;
        }
        if let Some(message) = to_server {
            server.rx.push(message.as_bytes());
            server.rx.end_of_message();
            server.poll().unwrap();
            log.push(message);
        }
        if let Some(message) = to_client {
            client.rx.push(message.as_bytes());
            client.rx.end_of_message();
            client.poll().unwrap();
            log.push(message);
        }
    }
    assert_eq!(client.connection.phase(), Phase::Established, "{log:#?}");
    // One message each.
    for (begin, n) in [("<continue ", 1), ("<next ", 1), ("<task-data ", 2), ("<success ", 1)] {
        assert_eq!(log.iter().filter(|message| message.starts_with(begin)).count(), n, "{begin}");
    }
}

/// Bytes of one end go to the other.
fn feed(from: &[u8], to: &mut [u8]) -> usize {
    let n = from.len().min(to.len());
    to[..n].copy_from_slice(&from[..n]);
    n
}

#[test]
fn the_packaged_ends_do_tasks() {
    let mut config = able(client());
    config.tls = TlsMode::DangerousPlaintext;
    let mut client = Client::connect_dangerous_plaintext(Arc::new(config), T0, [1; 32]);
    let mut server =
        Server::accept_dangerous_plaintext(Arc::new(ServerConfig::default()), T0, [2; 32]);
    let host = Arc::new(factor_host());
    let mut desk = Desk::demanding(TaskDemand::new(TOTP));
    let mut codes = Codes::of(&[RIGHT]);
    let (mut up, mut rounds) = ([false; 2], 0);
    while up != [true; 2] {
        rounds += 1;
        assert!(rounds < 100, "{up:?}");
        match client.poll(T0).unwrap() {
            Output::Event(Event::Established { .. }) => up[0] = true,
            Output::Event(Event::Role(ClientEvent::TaskWanted(query))) => {
                let choice = codes.choose(&query);
                client.begin_task(query, choice).unwrap();
            }
            Output::Event(Event::Role(ClientEvent::TaskDataReceived(query))) => {
                let reply = codes.reply(&query);
                client.reply_in_task(query, reply).unwrap();
            }
            Output::Transmit(bytes) => {
                let n = feed(bytes, server.recv_buf().unwrap());
                client.transmitted(n);
                server.handle_read(n);
            }
            _ => {}
        }
        match server.poll(T0).unwrap() {
            Output::Event(Event::Role(event)) => match event {
                ServerEvent::HostWanted(query) => {
                    server.choose_host(query, Arc::clone(&host)).unwrap()
                }
                ServerEvent::CredentialsWanted(query) => {
                    let answer = answer(query.query());
                    server.provide_credentials(query, answer).unwrap();
                }
                ServerEvent::TasksWanted(query) => {
                    assert_eq!(query.account().as_str(), "juliet@example.com");
                    assert_eq!(query.identity(), Some(query.account()));
                    assert!(query.can_demand());
                    let answer = desk.demand(&query);
                    server.demand_tasks(query, answer).unwrap();
                }
                ServerEvent::TaskDataReceived(query) => {
                    assert_eq!(query.task(), TOTP);
                    if query.begins() {
                        assert!(query.payloads().eq([totp("hello").as_ref()]));
                    }
                    let answer = desk.answer(&query);
                    server.answer_task(query, answer).unwrap();
                }
                ServerEvent::BindWanted(query) => {
                    let resource = query.tagged("x").unwrap();
                    let jid = query.account().with_resourcepart(resource.as_ref());
                    server.bind_with(query, jid, &[]).unwrap();
                }
                _ => {}
            },
            Output::Event(Event::Established { .. }) => up[1] = true,
            Output::Transmit(bytes) => {
                let n = feed(bytes, client.recv_buf().unwrap());
                server.transmitted(n);
                client.handle_read(n);
            }
            _ => {}
        }
    }
}
