//! Tokens belong to an installation that has a name (XEP-0484 section 5.1).

use xmpp_core::sasl::Mechanism;
use xmpp_core::sasl::client::{Credentials, Token};
use xmpp_core::sasl::sasl2::UserAgent;
use xmpp_core::stanza::sasl::Data;

use crate::common::juliet_keys;
use crate::setting::{EXPORTER, ID, client, client_with, host, waiting_server};

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
