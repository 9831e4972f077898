//! What the tests have in common.

use std::sync::Arc;

use xmpp_core::sasl::client::{Credentials, Token};
use xmpp_core::sasl::sasl2::UserAgent;
use xmpp_core::sasl::{Mechanism, TokenBinding};
use xmpp_core::{
    ClientConfig, ClientEvent, Error, Event, HostConfig, IssuedToken, Phase, ServerConfig,
};

use crate::common::{
    ClientEnd, Pair, ServerEnd, client_config, describe, facts, host_config, juliet_keys, take,
};

pub(crate) const ID: &str = "d4565fa7-4d72-4749-b3d3-740edbf87770";
pub(crate) const EXPORTER: Mechanism = Mechanism::HashedToken(TokenBinding::Exporter);
pub(crate) const UNBOUND: Mechanism = Mechanism::HashedToken(TokenBinding::None);

/// A client that leaves the resource to the server and has a name for itself.
pub(crate) fn client() -> ClientConfig {
    let mut config = client_config();
    config.resource = None;
    config.sasl2.enabled = true;
    config.sasl2.user_agent = UserAgent::with_id(ID).unwrap();
    config.sasl2.user_agent.software = Some("Balcony".into());
    if let Some(bind) = &mut config.sasl2.bind {
        bind.tag = Some("Balcony".into());
    }
    config
}

/// Such a client, which asks for a token.
pub(crate) fn asking_client() -> ClientConfig {
    let mut config = client();
    config.sasl2.request_token = true;
    config
}

/// Such a client, which has a token, and the password besides if told so.
pub(crate) fn token_client(token: &Token, password: bool) -> ClientConfig {
    let mut config = client();
    let credentials = Credentials::new("juliet").with_token(token.clone());
    config.credentials =
        if password { credentials.with_scram_keys(juliet_keys().clone()) } else { credentials };
    config
}

/// A host with tokens.
pub(crate) fn host() -> HostConfig {
    let mut host = host_config();
    host.policy = host.policy.allow(EXPORTER).allow(UNBOUND);
    host
}

pub(crate) fn pair(client: ClientConfig, host: HostConfig) -> Pair {
    let mut pair = Pair::with(client, ServerConfig::default());
    pair.server.host = Arc::new(host);
    pair
}

/// Up to the end of the negotiation.
pub(crate) fn established(client: ClientConfig, host: HostConfig) -> Pair {
    let mut pair = pair(client, host);
    pair.drive().unwrap();
    assert_eq!(pair.client.connection.phase(), Phase::Established, "{:#?}", pair.client.log);
    assert_eq!(pair.server.connection.phase(), Phase::Established);
    assert_eq!(pair.client.connection.bound(), pair.server.connection.bound());
    pair
}

/// Carries bytes both ways and tells what goes over, until nobody has anything to say;
/// and the token that came, if one did.
pub(crate) fn carry(pair: &mut Pair) -> (Vec<String>, Option<IssuedToken>) {
    let (mut sent, mut token) = (Vec::new(), None);
    loop {
        let to_server = take(&mut pair.client.tx);
        let to_client = take(&mut pair.server.tx);
        if to_server.is_empty() && to_client.is_empty() {
            return (sent, token);
        }
        for (from, bytes) in [("C", &to_server), ("S", &to_client)] {
            if !bytes.is_empty() {
                sent.push(format!("{from}: {}", str::from_utf8(bytes).unwrap()));
            }
        }
        // What ends an end is in its log.
        let _ = pair.server.receive(&to_server);
        let client = &mut pair.client;
        client.rx.push(&to_client);
        token = poll(client).or(token);
    }
}

/// As the client's own loop, keeping a token.
fn poll(client: &mut ClientEnd) -> Option<IssuedToken> {
    let mut kept = None;
    while let Ok(Some(event)) =
        client.connection.poll_event(client.now, &mut client.rx, &mut client.tx)
    {
        client.log.push(describe(&event));
        match event {
            Event::StartTls => {
                let (rx, tx) = (&mut client.rx, &mut client.tx);
                client.connection.tls_established(client.now, facts(), rx, tx).unwrap();
            }
            Event::Role(ClientEvent::TaskWanted(query)) => {
                let choice = client.codes.choose(&query);
                client.connection.begin_task(query, choice, &mut client.tx).unwrap();
            }
            Event::Role(ClientEvent::TaskDataReceived(query)) => {
                let reply = client.codes.reply(&query);
                client.connection.reply_in_task(query, reply, &mut client.tx).unwrap();
            }
            Event::Role(ClientEvent::Authenticated { token: Some(token), .. }) => {
                kept = Some(token);
            }
            _ => {}
        }
    }
    kept
}

/// A server that waits for authentication, over TLS, with juliet's header.
pub(crate) fn waiting_server(host: HostConfig) -> ServerEnd {
    waiting_server_from(host, "from='juliet@example.com' ")
}

pub(crate) fn waiting_server_from(host: HostConfig, from: &str) -> ServerEnd {
    let header = |from: &str| {
        format!(
            "<stream:stream {from}to='example.com' version='1.0' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams'>"
        )
    };
    let mut server = ServerEnd::new();
    server.host = Arc::new(host);
    server.receive(header("").as_bytes()).unwrap();
    server.receive(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").unwrap();
    server.receive(header(from).as_bytes()).unwrap();
    server
}

pub(crate) const HEADER: &str = "<?xml version='1.0'?><stream:stream from='example.com' id='x' \
    version='1.0' xml:lang='en' xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams'>";

/// A client that has got these features, over TLS.
pub(crate) fn client_with(config: ClientConfig, features: &str) -> Result<ClientEnd, Error> {
    let mut client = ClientEnd::with(config);
    let starttls = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\
        </stream:features><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    let (features_end, proceed) = starttls.split_at(starttls.find("<proceed").unwrap());
    client.receive(format!("{HEADER}{features_end}").as_bytes())?;
    client.receive(proceed.as_bytes())?;
    client.sent();
    client.receive(format!("{HEADER}<stream:features>{features}</stream:features>").as_bytes())?;
    Ok(client)
}

/// How often `what` stands in `text`.
pub(crate) fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}
