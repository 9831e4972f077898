//! Answers to questions that are not open: an error, and nothing changes.

use xmpp_core::config::TaskLimits;
use xmpp_core::jid::FullJid;
use xmpp_core::sasl::Mechanism;
use xmpp_core::stream_management::StreamManagement;
use xmpp_core::{
    ClientEvent, Event, HostConfig, Misuse, ServerEvent, TaskChoice, TaskDataQuery, TaskDemand,
    TaskQuery, TaskReply,
};

use crate::common::factor::{Codes, Desk, RIGHT, TOTP};
use crate::common::{self, ClientEnd, Pair, ServerEnd, facts, take};
use crate::setting::{ID, client, host, pair, waiting_server};
use crate::tasks::{able, factor_host};

/// juliet NUL her password, and another one.
const RIGHT_PLAIN: &str = "AGp1bGlldAByMG0zMA==";
const WRONG_PLAIN: &str = "AGp1bGlldAB3cm9uZw==";

fn authenticate(plain: &str, wishes: &str) -> String {
    format!(
        "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'>\
         <initial-response>{plain}</initial-response><user-agent id='{ID}'/>{wishes}\
         </authenticate>"
    )
}

fn asking_host() -> HostConfig {
    let mut host = host();
    host.policy = host.policy.allow(Mechanism::Plain);
    host.sasl2.tasks = Some(TaskLimits::default());
    host.stream_management = Some(StreamManagement::of_server());
    host
}

fn answer(server: &mut ServerEnd, event: ServerEvent) -> Result<(), Misuse> {
    let ServerEnd { connection, tx, desk, tokens, .. } = server;
    match event {
        ServerEvent::CredentialsWanted(query) => {
            let found = common::answer(query.query());
            connection.provide_credentials(query, found, tx)
        }
        ServerEvent::TasksWanted(query) => {
            let answer = desk.demand(&query);
            connection.demand_tasks(query, answer, tx)
        }
        ServerEvent::TaskDataReceived(query) => {
            let answer = desk.answer(&query);
            connection.answer_task(query, answer, tx)
        }
        ServerEvent::TokenWanted(query) => {
            let answer = tokens.settle(&query);
            connection.provide_token(query, answer, tx)
        }
        ServerEvent::ResumeWanted(query) => connection.refuse_resumption(query, None, tx),
        ServerEvent::BindWanted(query) => {
            let resource = query.tagged("x").unwrap();
            let jid = FullJid::new(&format!("{}/{resource}", query.account())).unwrap();
            connection.bind(query, jid, tx)
        }
        _ => Ok(()),
    }
}

type Wanted = fn(&ServerEvent) -> bool;

/// A server that has asked this, after a login that failed or as the first thing.
fn asking(elements: &[String], wanted: Wanted, failed: bool) -> (ServerEnd, ServerEvent) {
    let mut server = waiting_server(asking_host());
    if failed {
        server.receive(authenticate(WRONG_PLAIN, "").as_bytes()).unwrap();
        assert!(server.sent().contains("<failure "));
    }
    if elements.len() > 1 {
        server.desk = Desk::demanding(TaskDemand::new(TOTP));
    }
    let bytes = elements.concat();
    assert_eq!(server.rx.push(bytes.as_bytes()), bytes.len());
    loop {
        let (rx, tx) = (&mut server.rx, &mut server.tx);
        let event = match server.connection.poll_event(server.now, rx, tx).unwrap() {
            Some(Event::Role(event)) => event,
            event => panic!("{event:?}"),
        };
        if wanted(&event) {
            return (server, event);
        }
        answer(&mut server, event).unwrap();
    }
}

#[test]
fn a_server_takes_answers_to_its_open_question_alone() {
    let plain = |wishes| vec![authenticate(RIGHT_PLAIN, wishes)];
    let next = format!("<next xmlns='urn:xmpp:sasl:2' task='{TOTP}'/>");
    let token = "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-EXPR'/>";
    let resume = "<resume xmlns='urn:xmpp:sm:3' previd='a' h='0'/>";
    let bind = "<bind xmlns='urn:xmpp:bind:0'><tag>x</tag></bind>";
    let table: [(Vec<String>, Wanted); 6] = [
        (plain(""), |event| matches!(event, ServerEvent::CredentialsWanted(_))),
        (plain(""), |event| matches!(event, ServerEvent::TasksWanted(_))),
        ([plain(""), vec![next]].concat(), |event| {
            matches!(event, ServerEvent::TaskDataReceived(_))
        }),
        (plain(token), |event| matches!(event, ServerEvent::TokenWanted(_))),
        (plain(resume), |event| matches!(event, ServerEvent::ResumeWanted(_))),
        (plain(bind), |event| matches!(event, ServerEvent::BindWanted(_))),
    ];
    for (elements, wanted) in table {
        let (mut server, own) = asking(&elements, wanted, false);
        let (_, foreign) = asking(&elements, wanted, true);
        let what = format!("{own:?}");
        server.sent();
        assert_eq!(answer(&mut server, foreign), Err(Misuse::StaleQuery), "{what}");
        let (rx, tx) = (&mut server.rx, &mut server.tx);
        let waits = server.connection.poll_event(server.now, rx, tx);
        assert!(matches!(waits, Ok(None)), "{what}: {waits:?}");
        assert_eq!(server.sent(), "", "{what}");
        // Its own is open as before.
        assert_eq!(answer(&mut server, own), Ok(()), "{what}");
        server.poll().unwrap();
        assert!(!server.sent().is_empty(), "{what}");
    }
}

/// What a client is asked in a task.
#[derive(Debug)]
enum Question {
    Choice(TaskQuery),
    Data(TaskDataQuery),
}

/// A client that is asked this for the `nth` time.
fn asked(data: bool, nth: usize) -> (Pair, Question) {
    let mut pair = pair(able(client()), factor_host());
    pair.server.desk = Desk::demanding(TaskDemand::new(TOTP));
    pair.server.desk.demands.push_back(TaskDemand::new(TOTP));
    pair.client.codes = Codes::of(&[RIGHT; 9]);
    let mut times = 0;
    for _ in 0..50 {
        pair.server.receive(&take(&mut pair.client.tx)).unwrap();
        let client = &mut pair.client;
        client.rx.push(&take(&mut pair.server.tx));
        loop {
            let (rx, tx) = (&mut client.rx, &mut client.tx);
            let question = match client.connection.poll_event(client.now, rx, tx).unwrap() {
                Some(Event::Role(ClientEvent::TaskWanted(query))) => Question::Choice(query),
                Some(Event::Role(ClientEvent::TaskDataReceived(query))) => Question::Data(query),
                Some(Event::StartTls) => {
                    client.connection.tls_established(client.now, facts(), rx, tx).unwrap();
                    continue;
                }
                Some(_) => continue,
                None => break,
            };
            let is_wanted = matches!(question, Question::Data(_)) == data;
            times += usize::from(is_wanted);
            if is_wanted && times == nth {
                return (pair, question);
            }
            match question {
                Question::Choice(query) => {
                    let choice = client.codes.choose(&query);
                    client.connection.begin_task(query, choice, tx).unwrap();
                }
                Question::Data(query) => {
                    let reply = client.codes.reply(&query);
                    client.connection.reply_in_task(query, reply, tx).unwrap();
                }
            }
        }
    }
    panic!("it was not asked so often")
}

fn give_up(pair: &mut Pair, question: Question) -> Result<(), Misuse> {
    let ClientEnd { connection, tx, .. } = &mut pair.client;
    match question {
        Question::Choice(query) => connection.begin_task(query, TaskChoice::Abort, tx),
        Question::Data(query) => connection.reply_in_task(query, TaskReply::Abort, tx),
    }
}

#[test]
fn a_client_takes_answers_to_its_open_question_alone() {
    // What is open, and what is answered: of the same kind, and of the other.
    for (open, answered) in [(false, false), (true, true), (false, true), (true, false)] {
        let (mut pair, own) = asked(open, 1);
        let (_, foreign) = asked(answered, 2);
        let what = format!("{own:?} {foreign:?}");
        pair.client.sent();
        assert_eq!(give_up(&mut pair, foreign), Err(Misuse::StaleQuery), "{what}");
        assert_eq!(pair.client.sent(), "", "{what}");
        assert_eq!(give_up(&mut pair, own), Ok(()), "{what}");
        assert!(pair.client.sent().starts_with("<abort xmlns='urn:xmpp:sasl:2'/>"), "{what}");
    }
}

/// While the server is to speak, nothing is open.
#[test]
fn a_client_that_waits_takes_no_answer() {
    let (mut pair, own) = asked(true, 1);
    let (_, late) = asked(true, 2);
    let Question::Data(own) = own else { panic!() };
    let client = &mut pair.client;
    let reply = client.codes.reply(&own);
    client.connection.reply_in_task(own, reply, &mut client.tx).unwrap();
    assert!(client.sent().contains(RIGHT));
    assert_eq!(give_up(&mut pair, late), Err(Misuse::StaleQuery));
    assert_eq!(pair.client.sent(), "");
}
