//! What a machine asks its driver: each query is told once, says what it is about, and
//! is answered for itself alone.

mod common;

use std::sync::Arc;

use common::factor::{Desk, RIGHT, TOTP, totp};
use common::{ClientEnd, Pair, ServerEnd, T0, answer, client_config, facts, host_config, take};
use xmpp_core::config::{KeyDerivation, TaskLimits, TlsMode};
use xmpp_core::jid::FullJid;
use xmpp_core::sasl::client::Credentials;
use xmpp_core::sasl::sasl2::UserAgent;
use xmpp_core::stanza::Payload;
use xmpp_core::stanza::sasl::{Auth, Data};
use xmpp_core::stanza::{StanzaCondition, StanzaError, StreamCondition, StreamError};
use xmpp_core::stream_management::StreamManagement;
use xmpp_core::xml::Element;
use xmpp_core::{
    ClientConfig, ClientEvent, Error, Event, KeysQuery, Misuse, PeerMisbehaved, Phase,
    ServerConfig, ServerEvent, TaskAnswer, TaskChoice, TaskDemand, TaskQuery, TasksAnswer,
};

/// The next query, which is not answered.
fn next(server: &mut ServerEnd) -> Option<ServerEvent> {
    loop {
        let (rx, tx) = (&mut server.rx, &mut server.tx);
        match server.connection.poll_event(T0, rx, tx).unwrap()? {
            Event::StartTls => server.connection.tls_established(T0, facts(), rx, tx).unwrap(),
            Event::Role(ServerEvent::Authenticated { .. }) => {}
            Event::Role(event) => return Some(event),
            Event::Closed { error } => panic!("{error:?}"),
            _ => {}
        }
    }
}

/// As an honest driver does, whom the second factor is worth the trouble.
fn give(server: &mut ServerEnd, event: ServerEvent) {
    let (connection, tx) = (&mut server.connection, &mut server.tx);
    let answered = match event {
        ServerEvent::HostWanted(query) => connection.choose_host(query, server.host.clone(), tx),
        ServerEvent::CredentialsWanted(query) => {
            let known = answer(query.query());
            connection.provide_credentials(query, known, tx)
        }
        ServerEvent::TasksWanted(query) => {
            let demanded = server.desk.demand(&query);
            connection.demand_tasks(query, demanded, tx)
        }
        ServerEvent::TaskDataReceived(query) => {
            let said = server.desk.answer(&query);
            connection.answer_task(query, said, tx)
        }
        ServerEvent::BindWanted(query) => {
            let jid = FullJid::new("juliet@example.com/balcony").unwrap();
            connection.bind(query, jid, tx)
        }
        ServerEvent::ResumeWanted(query) => connection.refuse_resumption(query, None, tx),
        other => panic!("{other:?}"),
    };
    assert_eq!(answered, Ok(()));
}

/// Up to a query of that kind.
fn until(pair: &mut Pair, wanted: fn(&ServerEvent) -> bool) -> ServerEvent {
    loop {
        while let Some(event) = next(&mut pair.server) {
            if wanted(&event) {
                return event;
            }
            give(&mut pair.server, event);
        }
        let to_client = take(&mut pair.server.tx);
        pair.client.receive(&to_client).unwrap();
        let to_server = take(&mut pair.client.tx);
        assert!(!to_client.is_empty() || !to_server.is_empty(), "nothing goes on");
        pair.server.rx.push(&to_server);
    }
}

fn finish(pair: &mut Pair) {
    pair.drive().unwrap();
    assert_eq!(pair.client.connection.phase(), Phase::Established);
    assert_eq!(pair.server.connection.phase(), Phase::Established);
}

/// Without TLS there is one query less before any other: their numbers differ.
fn with_tls(mut client: ClientConfig, tls: TlsMode) -> Pair {
    client.tls = tls;
    let mut server = ServerConfig::default();
    server.tls = tls;
    Pair::with(client, server)
}

fn factor_client() -> ClientConfig {
    let mut config = client_config();
    config.sasl2.enabled = true;
    config.sasl2.user_agent = UserAgent::with_id("d4565fa7-4d72-4749-b3d3-740edbf87770").unwrap();
    config.sasl2.user_agent.software = Some("Balcony".into());
    config.sasl2.tasks = vec![TOTP.into()];
    config
}

fn factor_pair(tls: TlsMode) -> Pair {
    let mut pair = with_tls(factor_client(), tls);
    let mut host = host_config();
    host.sasl2.tasks = Some(TaskLimits::default());
    pair.server.host = Arc::new(host);
    pair.server.desk = Desk::demanding(TaskDemand::new(TOTP));
    pair.client.codes.codes = [RIGHT].into();
    pair
}

fn plain_pair(tls: TlsMode) -> Pair {
    with_tls(client_config(), tls)
}

/// Answers a query of one connection on another one that waits for one of that kind.
fn misplaced(
    pair: fn(TlsMode) -> Pair,
    wanted: fn(&ServerEvent) -> bool,
    respond: impl Fn(&mut ServerEnd, ServerEvent) -> Result<(), Misuse>,
) {
    let foreign = until(&mut pair(TlsMode::DangerousPlaintext), wanted);
    let mut pair = pair(TlsMode::StartTls);
    let own = until(&mut pair, wanted);
    let before = pair.server.tx.unsent().len();
    assert_eq!(respond(&mut pair.server, foreign), Err(Misuse::StaleQuery));
    assert_eq!(pair.server.tx.unsent().len(), before, "and nothing is said");
    // It is still waited for the right one.
    give(&mut pair.server, own);
    finish(&mut pair);
}

#[test]
fn the_host_of_the_stream_in_the_clear_is_not_that_of_the_next() {
    let is_host = |event: &ServerEvent| matches!(event, ServerEvent::HostWanted(_));
    for refuse in [false, true] {
        let ServerEvent::HostWanted(foreign) = until(&mut Pair::new(), is_host) else { panic!() };
        let mut pair = Pair::new();
        let clear = until(&mut pair, is_host);
        give(&mut pair.server, clear);
        // 6120-5.4.3.3-03: it is asked again under TLS.
        let own = until(&mut pair, is_host);
        let host = pair.server.host.clone();
        let (connection, tx) = (&mut pair.server.connection, &mut pair.server.tx);
        let answered = match refuse {
            false => connection.choose_host(foreign, host, tx),
            true => {
                let gone = StreamError::new(StreamCondition::HostGone);
                connection.refuse_host(foreign, gone, tx)
            }
        };
        assert_eq!(answered, Err(Misuse::StaleQuery));
        give(&mut pair.server, own);
        finish(&mut pair);
    }
}

#[test]
fn answers_of_another_connection_do_not_count() {
    misplaced(
        plain_pair,
        |event| matches!(event, ServerEvent::CredentialsWanted(_)),
        |server, event| {
            let ServerEvent::CredentialsWanted(query) = event else { panic!() };
            let known = answer(query.query());
            server.connection.provide_credentials(query, known, &mut server.tx)
        },
    );
    for refuse in [false, true] {
        misplaced(
            plain_pair,
            |event| matches!(event, ServerEvent::BindWanted(_)),
            |server, event| {
                let ServerEvent::BindWanted(query) = event else { panic!() };
                if refuse {
                    let error = StanzaError::new(StanzaCondition::Conflict);
                    return server.connection.refuse_bind(query, error, &mut server.tx);
                }
                let jid = FullJid::new("juliet@example.com/other").unwrap();
                server.connection.bind(query, jid, &mut server.tx)
            },
        );
    }
    misplaced(
        factor_pair,
        |event| matches!(event, ServerEvent::TasksWanted(_)),
        |server, event| {
            let ServerEvent::TasksWanted(query) = event else { panic!() };
            server.connection.demand_tasks(query, TasksAnswer::Nothing, &mut server.tx)
        },
    );
    misplaced(
        factor_pair,
        |event| matches!(event, ServerEvent::TaskDataReceived(_)),
        |server, event| {
            let ServerEvent::TaskDataReceived(query) = event else { panic!() };
            let done = TaskAnswer::Done(vec![totp("welcome")]);
            server.connection.answer_task(query, done, &mut server.tx)
        },
    );
}

/// The next task that the server offers, which is not begun; or, if `skip` is not 0, one
/// that comes later.
fn offered(pair: &mut Pair, skip: usize) -> TaskQuery {
    let mut seen = 0;
    loop {
        pair.server.receive(&take(&mut pair.client.tx)).unwrap();
        let to_client = take(&mut pair.server.tx);
        assert!(!to_client.is_empty(), "no task");
        let ClientEnd { connection, rx, tx, codes, .. } = &mut pair.client;
        rx.push(&to_client);
        while let Some(event) = connection.poll_event(T0, rx, tx).unwrap() {
            match event {
                Event::StartTls => connection.tls_established(T0, facts(), rx, tx).unwrap(),
                Event::Role(ClientEvent::TaskWanted(query)) if seen == skip => return query,
                Event::Role(ClientEvent::TaskWanted(query)) => {
                    seen += 1;
                    let choice = codes.choose(&query);
                    connection.begin_task(query, choice, tx).unwrap();
                }
                Event::Role(ClientEvent::TaskDataReceived(query)) => {
                    let reply = codes.reply(&query);
                    connection.reply_in_task(query, reply, tx).unwrap();
                }
                _ => {}
            }
        }
    }
}

#[test]
fn a_task_of_another_connection_is_not_begun() {
    let pair = || {
        let mut pair = factor_pair(TlsMode::StartTls);
        pair.server.desk.demands.push_back(TaskDemand::new(TOTP));
        pair.client.codes.codes = [RIGHT, RIGHT].into();
        pair
    };
    let foreign = offered(&mut pair(), 1);
    let mut pair = pair();
    let own = offered(&mut pair, 0);
    let client = &mut pair.client;
    let misuse = client.connection.begin_task(foreign, TaskChoice::begin(TOTP), &mut client.tx);
    assert_eq!(misuse, Err(Misuse::StaleQuery));
    assert_eq!(client.sent(), "");
    let choice = client.codes.choose(&own);
    client.connection.begin_task(own, choice, &mut client.tx).unwrap();
    finish(&mut pair);
}

/// XEP-0388, "Continue": in RFC 6120's profile there are no tasks.
#[test]
fn what_is_asked_about_tasks() {
    let is_tasks = |event: &ServerEvent| matches!(event, ServerEvent::TasksWanted(_));
    for sasl2 in [true, false] {
        let mut pair = factor_pair(TlsMode::StartTls);
        if !sasl2 {
            pair = plain_pair(TlsMode::StartTls);
            let mut host = host_config();
            host.sasl2.tasks = Some(TaskLimits::default());
            pair.server.host = Arc::new(host);
        }
        let ServerEvent::TasksWanted(query) = until(&mut pair, is_tasks) else { panic!() };
        assert_eq!(query.can_demand(), sasl2);
        assert_eq!(query.account().as_str(), "juliet@example.com");
        assert_eq!(query.identity(), Some(query.account()));
        let software = query.user_agent().and_then(|told| told.software.as_deref());
        assert_eq!(software, sasl2.then_some("Balcony"));
    }
    let demand = TaskDemand::new("HOTP-EXAMPLE").or(TOTP);
    assert_eq!(demand.tasks(), ["HOTP-EXAMPLE", TOTP]);
    assert_eq!(demand.text(), None);
    assert_eq!(demand.with_text("2FA").text(), Some("2FA"));
}

const HEADER: &str = "<stream:stream xmlns='jabber:client' to='example.com' version='1.0' \
    xmlns:stream='http://etherx.jabber.org/streams'>";

/// A server that has authenticated juliet and got this behind her next header.
fn authenticated(text: &str) -> ServerEnd {
    let mut pair = Pair::new();
    let mut host = host_config();
    host.stream_management = Some(StreamManagement::of_server());
    pair.server.host = Arc::new(host);
    while !pair.client.log.iter().any(|event| event.contains("Authenticated")) {
        pair.server.receive(&take(&mut pair.client.tx)).unwrap();
        pair.client.receive(&take(&mut pair.server.tx)).unwrap();
    }
    let mut server = pair.server;
    server.rx.push(format!("{HEADER}{text}").as_bytes());
    server
}

/// XEP-0198 section 5.
#[test]
fn what_is_asked_about_a_resumption() {
    for h in [0, 5, u32::MAX] {
        let mut server = authenticated(&format!(
            "<resume xmlns='urn:xmpp:sm:3' previd='some-long-sm-id' h='{h}'/>"
        ));
        let Some(ServerEvent::ResumeWanted(query)) = next(&mut server) else { panic!() };
        assert_eq!(query.h(), h);
        assert_eq!(query.id().expose(), "some-long-sm-id");
        assert_eq!(query.account().as_str(), "juliet@example.com");
    }
}

/// RFC 6120 section 7.6: a client that names no resource leaves it to the server. An empty
/// one names none.
#[test]
fn what_is_asked_about_a_resource() {
    for (inner, resource) in [
        ("", None),
        ("<resource/>", None),
        ("<resource></resource>", None),
        ("<resource>balcony</resource>", Some("balcony")),
    ] {
        let mut server = authenticated(&format!(
            "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{inner}</bind></iq>"
        ));
        let Some(ServerEvent::BindWanted(query)) = next(&mut server) else { panic!("{inner}") };
        assert_eq!(query.resource().map(|it| it.as_str()), resource, "{inner}");
    }
}

/// `6120-4.7.2-01` says that a client must say whom it wants; one that does not is asked
/// about all the same.
#[test]
fn what_is_asked_about_a_host() {
    for (to, expected) in [("to='example.com' ", Some("example.com")), ("", None)] {
        let mut server = ServerEnd::new();
        server.rx.push(HEADER.replace("to='example.com' ", to).as_bytes());
        let Some(ServerEvent::HostWanted(query)) = next(&mut server) else { panic!("{to}") };
        assert_eq!(query.to().map(|it| it.as_str()), expected);
    }
}

/// 6120-4.9.3.12, while a task is under way as well.
#[test]
fn a_stanza_during_a_task_comes_too_soon() {
    for name in ["message", "presence", "iq"] {
        let mut pair = factor_pair(TlsMode::StartTls);
        let _offered = offered(&mut pair, 0);
        let told = pair.server.receive(format!("<{name}/>").as_bytes());
        assert_eq!(told, Err(Error::Peer(PeerMisbehaved::NotAuthorized)), "{name}");
    }
}

fn base64(text: &str) -> String {
    Data::encode(text.as_bytes()).as_base64().unwrap().to_owned()
}

/// Speaks for a server up to a question for keys.
fn challenged(client: &mut ClientEnd, attempt: usize) -> KeysQuery {
    let sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
    let sent = client.sent();
    let auth = sent.rsplit_once("<auth ").unwrap().1;
    let auth = Element::parse(format!("<auth {auth}")).unwrap();
    let first = Auth::parse(auth.as_ref()).unwrap().initial_response.decode().unwrap().unwrap();
    let first = String::from_utf8(first.to_vec()).unwrap();
    let nonce = first.rsplit_once("r=").unwrap().1;
    let challenge = base64(&format!("r={nonce}{attempt},s={},i=4096", base64("salt")));
    client.rx.push(format!("<challenge {sasl}>{challenge}</challenge>").as_bytes());
    loop {
        match client.connection.poll_event(T0, &mut client.rx, &mut client.tx).unwrap() {
            Some(Event::Role(ClientEvent::KeysWanted(query))) => return query,
            Some(_) => {}
            None => panic!("no question"),
        }
    }
}

#[test]
fn keys_of_another_attempt_are_not_taken() {
    let ns = "urn:ietf:params:xml:ns:xmpp-";
    let header = "<stream:stream from='example.com' id='x' version='1.0' xmlns='jabber:client' \
        xmlns:stream='http://etherx.jabber.org/streams'>";
    let begin = || {
        let mut config = client_config();
        config.credentials = Credentials::new("juliet").with_password("r0m30");
        config.key_derivation = KeyDerivation::Queried;
        let mut client = ClientEnd::with(config);
        client
            .receive(
                format!("{header}<stream:features><starttls xmlns='{ns}tls'/></stream:features>")
                    .as_bytes(),
            )
            .unwrap();
        client.receive(format!("<proceed xmlns='{ns}tls'/>").as_bytes()).unwrap();
        let mechanisms = "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism>";
        client
            .receive(
                format!(
                    "{header}<stream:features><mechanisms xmlns='{ns}sasl'>{mechanisms}\
                     </mechanisms></stream:features>"
                )
                .as_bytes(),
            )
            .unwrap();
        client
    };
    let mut client = begin();
    let first = challenged(&mut client, 1);
    let keys = first.derive();
    client.connection.provide_keys(first, keys, &mut client.tx).unwrap();
    let failure = format!("<failure xmlns='{ns}sasl'><invalid-mechanism/></failure>");
    client.receive(failure.as_bytes()).unwrap();
    let second = challenged(&mut client, 2);
    client.sent();
    let foreign = challenged(&mut begin(), 1);
    let keys = foreign.derive();
    let misuse = client.connection.provide_keys(foreign, keys, &mut client.tx);
    assert_eq!((misuse, client.sent().as_str()), (Err(Misuse::StaleQuery), ""));
    let keys = second.derive();
    client.connection.provide_keys(second, keys, &mut client.tx).unwrap();
    assert!(client.sent().contains("<response "));
}
