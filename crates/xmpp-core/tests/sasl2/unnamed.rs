//! Tokens belong to an installation that has a name (XEP-0484 section 5.1).

use std::sync::Arc;

use xmpp_core::config::TlsMode;
use xmpp_core::sasl::Mechanism;
use xmpp_core::sasl::client::{Credentials, Token};
use xmpp_core::sasl::sasl2::UserAgent;
use xmpp_core::sasl::server::Answer;
use xmpp_core::stanza::sasl::Data;
use xmpp_core::{Event, ServerConfig, ServerEvent};

use crate::common::{ServerEnd, T0, facts, juliet_keys};
use crate::setting::{EXPORTER, ID, client, client_with, host, waiting_server};
use crate::upgrades::upgrading_host;

/// A token is used by a client that says who it is, and by no other.
#[test]
fn a_client_without_a_name_uses_no_token() {
    let features = "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-256</mechanism>\
        <inline><fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-EXPR</mechanism></fast>\
        </inline></authentication>";
    for (named, mechanism) in [(true, "HT-SHA-256-EXPR"), (false, "SCRAM-SHA-256")] {
        let mut config = client();
        let token = Token::new(EXPORTER, "secret-token");
        let credentials = Credentials::new("juliet").with_token(token);
        config.credentials = credentials.with_scram_keys(juliet_keys().clone());
        if !named {
            config.sasl2.user_agent = UserAgent::default();
        }
        let sent = client_with(config, features).unwrap().sent();
        assert!(sent.contains(&format!(" mechanism='{mechanism}'")), "{named}: {sent}");
    }
}

/// A token is issued for one of the mechanisms on offer, to a client with a name.
#[test]
fn a_token_is_for_a_name_and_a_mechanism_on_offer() {
    let named = format!("<user-agent id='{ID}'/>");
    for (user_agent, mechanism, asked) in [
        (&*named, "HT-SHA-256-EXPR", true),
        ("", "HT-SHA-256-EXPR", false),
        (&*named, "HT-SHA-256-UNIQ", false),
    ] {
        let mut host = host();
        host.policy = host.policy.allow(Mechanism::Plain);
        let mut server = waiting_server(host);
        let data = Data::encode(b"\0juliet\0r0m30");
        let data = data.as_base64().unwrap();
        server
            .receive(
                format!(
                    "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'>\
                     <initial-response>{data}</initial-response>{user_agent}\
                     <request-token xmlns='urn:xmpp:fast:0' mechanism='{mechanism}'/>\
                     </authenticate>"
                )
                .as_bytes(),
            )
            .unwrap();
        let told = server.log.iter().any(|event| event.starts_with("TokenWanted"));
        assert_eq!(told, asked, "{user_agent} {mechanism}: {:?}", server.log);
        let sent = server.sent();
        assert!(sent.contains("<success ") && sent.contains("<token ") == asked, "{sent}");
    }
}

/// XEP-0480 section 2.2: a password is replaced by who has shown that they know it. A
/// certificate shows no such thing.
#[test]
fn a_certificate_is_no_password() {
    let header = "<stream:stream to='example.com' version='1.0' xmlns='jabber:client' \
        xmlns:stream='http://etherx.jabber.org/streams'>";
    let mut host = upgrading_host();
    host.policy = host.policy.allow(Mechanism::External);
    let mut config = ServerConfig::default();
    config.tls = TlsMode::Direct;
    let mut server = ServerEnd::with(config);
    let facts = facts().with_peer_certificate(b"certificate");
    let (rx, tx) = (&mut server.rx, &mut server.tx);
    server.connection.tls_established(T0, facts, rx, tx).unwrap();
    rx.push(header.as_bytes());
    rx.push(
        b"<authenticate xmlns='urn:xmpp:sasl:2' mechanism='EXTERNAL'><initial-response/>\
          <upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-512\
          </upgrade></authenticate>",
    );
    let mut identity = None;
    while let Some(event) = server.connection.poll_event(T0, rx, tx).unwrap() {
        match event {
            Event::Role(ServerEvent::HostWanted(query)) => {
                server.connection.choose_host(query, Arc::new(host.clone()), tx).unwrap();
            }
            Event::Role(ServerEvent::CredentialsWanted(query)) => {
                let answer = Answer::identity("juliet");
                server.connection.provide_credentials(query, answer, tx).unwrap();
            }
            Event::Role(ServerEvent::Authenticated { account, .. }) => identity = Some(account),
            _ => {}
        }
    }
    let sent = server.sent();
    assert_eq!(identity.map(|it| it.to_string()).as_deref(), Some("juliet@example.com"), "{sent}");
    assert!(sent.contains("<success ") && !sent.contains("<continue "), "{sent}");
}
