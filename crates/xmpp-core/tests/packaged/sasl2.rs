//! Authentication with all that XEP-0388 and its extensions can ask a driver: each query
//! is answered by the endpoint, or by what comes with the event.

use std::sync::Arc;

use xmpp_core::config::{KeyDerivation, TaskLimits};
use xmpp_core::jid::FullJid;
use xmpp_core::role::{ClientToServer, ServerFromClient};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::sasl::crypto::Hash;
use xmpp_core::sasl::sasl2::{Upgrade, UserAgent};
use xmpp_core::sasl::server::Query;
use xmpp_core::sasl::{Mechanism, TokenBinding};
use xmpp_core::{
    Client, ClientConfig, ClientEvent, Event, HostConfig, Misuse, Server, ServerConfig,
    ServerEvent, TaskDemand,
};

use crate::common::factor::{Codes, Desk, RIGHT, TOTP};
use crate::common::tls::{Authority, State, feed, turn};
use crate::common::tokens::Store;
use crate::common::{DOMAIN, T0, client_config, host_config};

const ID: &str = "d4565fa7-4d72-4749-b3d3-740edbf87770";

fn client() -> ClientConfig {
    let mut config = client_config();
    config.sasl2.enabled = true;
    // With Bind 2 it is the server's to choose.
    config.resource = None;
    config.sasl2.user_agent = UserAgent::with_id(ID).unwrap();
    config
}

fn host() -> HostConfig {
    let mut host = host_config();
    host.policy = host.policy.allow(Mechanism::HashedToken(TokenBinding::Exporter));
    host
}

/// A server's answers, and a client's.
struct Answers {
    in_the_loop: bool,
    host: Arc<HostConfig>,
    tokens: Store,
    desk: Desk,
    codes: Codes,
    /// What the server was told with the request for a resource.
    told: Vec<String>,
}

impl Answers {
    fn new(in_the_loop: bool, host: HostConfig) -> Self {
        Self {
            in_the_loop,
            host: Arc::new(host),
            tokens: Store::default(),
            desk: Desk::default(),
            codes: Codes::default(),
            told: Vec::new(),
        }
    }
}

impl Answers {
    fn server(&mut self, server: &mut Server, event: Event<'static, ServerFromClient>) {
        let Event::Role(event) = event else { return };
        let mut answer = server.answer(T0);
        let answered: Result<(), Misuse> = match event {
            ServerEvent::HostWanted(query) => answer.choose_host(query, Arc::clone(&self.host)),
            ServerEvent::CredentialsWanted(query) => {
                let found = match query.query() {
                    Query::Tokens { .. } => self.tokens.answer(&query),
                    query => crate::common::answer(query),
                };
                answer.provide_credentials(query, found)
            }
            ServerEvent::TasksWanted(query) => {
                let demanded = self.desk.demand(&query);
                if self.in_the_loop {
                    answer.demand_tasks(query, demanded)
                } else {
                    server.demand_tasks(query, demanded)
                }
            }
            ServerEvent::TaskDataReceived(query) => {
                let done = self.desk.answer(&query);
                if self.in_the_loop {
                    answer.answer_task(query, done)
                } else {
                    server.answer_task(query, done)
                }
            }
            ServerEvent::TokenWanted(query) => {
                let settled = self.tokens.settle(&query);
                if self.in_the_loop {
                    answer.provide_token(query, settled)
                } else {
                    server.provide_token(query, settled)
                }
            }
            ServerEvent::BindWanted(query) => {
                let agent = query.user_agent().and_then(UserAgent::id);
                self.told.push(format!("{:?} {agent:?}", query.tag()));
                self.told.push(format!("{} {}", query.is_inline(), query.wants_carbons()));
                let names = query.inline().iter().map(|it| it.as_ref().name().to_string());
                self.told.extend(names);
                let resource = query.tagged("x").unwrap();
                let jid = FullJid::new(&format!("{}/{resource}", query.account())).unwrap();
                answer.bind(query, jid)
            }
            _ => Ok(()),
        };
        answered.unwrap();
    }

    fn client(&mut self, client: &mut Client, event: Event<'static, ClientToServer>) {
        let Event::Role(event) = event else { return };
        let mut answer = client.answer(T0);
        let answered: Result<(), Misuse> = match (event, self.in_the_loop) {
            (ClientEvent::KeysWanted(query), false) => {
                let keys = query.derive();
                client.provide_keys(query, keys)
            }
            (ClientEvent::KeysWanted(query), true) => {
                let keys = query.derive();
                answer.provide_keys(query, keys)
            }
            (ClientEvent::UpgradeWanted(query), false) => {
                let salted = query.derive();
                client.provide_salted_password(query, salted)
            }
            (ClientEvent::UpgradeWanted(query), true) => {
                let salted = query.derive();
                answer.provide_salted_password(query, salted)
            }
            (ClientEvent::TaskWanted(query), in_the_loop) => {
                let choice = self.codes.choose(&query);
                if in_the_loop {
                    answer.begin_task(query, choice)
                } else {
                    client.begin_task(query, choice)
                }
            }
            (ClientEvent::TaskDataReceived(query), in_the_loop) => {
                let reply = self.codes.reply(&query);
                if in_the_loop {
                    answer.reply_in_task(query, reply)
                } else {
                    client.reply_in_task(query, reply)
                }
            }
            _ => Ok(()),
        };
        answered.unwrap();
    }
}

/// A login under TLS, with the log of each side.
fn login(config: ClientConfig, answers: &mut Answers) -> [Vec<String>; 2] {
    let authority = Authority::new();
    let receiver = authority.receiver_for(DOMAIN);
    let client = Client::connect(Arc::new(config), authority.initiator(), T0, [1; 32]);
    let server = Server::accept(Arc::new(ServerConfig::default()), receiver, T0, [2; 32]);
    let (mut client, mut server) = (client.unwrap(), server.unwrap());
    let mut logs = [Vec::new(), Vec::new()];
    let states = loop {
        let (there, ours) =
            turn(&mut client, T0, &mut logs[0], |client, event| answers.client(client, event));
        let mut rest = &there[..];
        let mut back = Vec::new();
        let mut theirs = State::Waits;
        while !rest.is_empty() {
            feed(&mut server, &mut rest);
            let look = |server: &mut Server, event| answers.server(server, event);
            let (mut sent, state) = turn(&mut server, T0, &mut logs[1], look);
            back.append(&mut sent);
            theirs = state;
        }
        let mut rest = &back[..];
        while !rest.is_empty() {
            feed(&mut client, &mut rest);
            if !rest.is_empty() {
                turn(&mut client, T0, &mut logs[0], |client, event| answers.client(client, event));
            }
        }
        if there.is_empty() && back.is_empty() {
            break [ours, theirs];
        }
    };
    assert_eq!(states, [State::Waits, State::Waits], "{logs:#?}");
    assert_eq!(client.bound().unwrap(), server.bound().unwrap());
    assert!(client.tls_facts().is_some() && server.tls_facts().is_some());
    logs
}

fn has(log: &[String], what: &str) -> bool {
    log.iter().any(|event| event.starts_with(what))
}

#[test]
fn a_second_factor_and_a_token() {
    for in_the_loop in [false, true] {
        let mut host = host();
        host.sasl2.tasks = Some(TaskLimits::default());
        let mut answers = Answers::new(in_the_loop, host);
        answers.desk = Desk::demanding(TaskDemand::new(TOTP));
        answers.codes = Codes::of(&[RIGHT]);
        let mut config = client();
        config.sasl2.request_token = true;
        config.sasl2.tasks = vec![TOTP.into()];
        let [client, server] = login(config, &mut answers);
        assert!(has(&client, "TaskWanted") && has(&server, "TaskDataReceived"), "{client:#?}");
        assert!(has(&server, "TokenWanted"), "{server:#?}");
        let granted = client.iter().find(|event| event.starts_with("Authenticated")).unwrap();
        assert!(granted.contains("token: Some("), "{granted}");
        assert_eq!(answers.tokens.slots.len(), 1);
    }
}

#[test]
fn keys_that_the_driver_derives_and_an_upgrade() {
    for in_the_loop in [false, true] {
        let mut host = host();
        host.sasl2.upgrades = vec![Upgrade::to(Hash::Sha512)];
        let mut answers = Answers::new(in_the_loop, host);
        let mut config = client();
        config.credentials = Credentials::new("juliet").with_password("r0m30");
        config.key_derivation = KeyDerivation::Queried;
        let [client, server] = login(config, &mut answers);
        assert!(has(&client, "KeysWanted") && has(&client, "UpgradeWanted"), "{client:#?}");
        assert!(has(&server, "KeysUpgraded"), "{server:#?}");
    }
}

#[test]
fn what_comes_with_the_request_for_a_resource() {
    // XEP-0386: the tag, and what is to be done inline; carbons (XEP-0280) among it.
    for carbons in [false, true] {
        let mut config = client();
        let bind = config.sasl2.bind.as_mut().unwrap();
        (bind.tag, bind.carbons) = (Some("Balcony".into()), carbons);
        let mut host = host();
        host.sasl2.inline = vec!["urn:xmpp:carbons:2".into()];
        let mut answers = Answers::new(false, host);
        login(config, &mut answers);
        let agent = format!("Some(\"Balcony\") Some(\"{ID}\")");
        let mut expected = vec![agent, format!("true {carbons}")];
        expected.extend(carbons.then(|| "enable".to_owned()));
        assert_eq!(answers.told, expected);
    }
    // RFC 6120 section 7 has none of it.
    let mut config = client();
    config.sasl2.enabled = false;
    let mut answers = Answers::new(false, host());
    login(config, &mut answers);
    assert_eq!(answers.told, ["None None", "false false"]);
}
