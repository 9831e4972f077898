//! `conformance/vectors/sasl`, in both roles.

use core::num::NonZeroU32;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::pair::{client_offer, config, nonce};
use xmpp_sasl::FailureReason;
use xmpp_sasl::client::{Credentials, Policy, Token};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::scram::Inputs;
use xmpp_sasl::server::{self, Answer, Exchange, Offer, Query, Step};
use xmpp_sasl::{ChannelBindings, Mechanism, ScramKeys, Secret};

fn lines(file: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/vectors/sasl");
    let text =
        std::fs::read_to_string(folder.join(file)).expect("the vectors are in the repository");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

fn text<'a>(line: &'a Value, key: &str) -> &'a str {
    line[key].as_str().unwrap_or_else(|| panic!("{key} of {line}"))
}

fn bytes(line: &Value, key: &str) -> Vec<u8> {
    STANDARD.decode(line[key].as_str().unwrap_or_default()).expect("vectors are base64")
}

#[test]
fn scram() {
    let mut good = 0;
    for line in lines("scram.jsonl") {
        let request = &line["request"];
        let mechanism = Mechanism::from_name(text(request, "mechanism"));
        let Some(Mechanism::Scram { hash, .. }) = mechanism else {
            assert!(line["error"].is_string(), "{line}");
            continue;
        };
        let (salt, data) = (request["salt"].as_str(), bytes(request, "cbind_data"));
        let Ok(salt) = STANDARD.decode(salt.unwrap()) else {
            assert_eq!(line["error"], "base64");
            continue;
        };
        let count = u32::try_from(request["iterations"].as_u64().unwrap()).unwrap();
        let inputs = Inputs {
            hash,
            username: text(request, "user"),
            password: text(request, "password"),
            client_nonce: text(request, "client_nonce"),
            server_nonce: text(request, "server_nonce"),
            salt: &salt,
            iterations: NonZeroU32::new(count).unwrap(),
            gs2_header: text(request, "gs2"),
            binding_data: &data,
        };
        if line["error"].is_string() {
            // What the program refuses by itself: `p=` and -PLUS at odds.
            let at_odds = line["error"] == "gs2" && inputs.gs2_header.ends_with(",,");
            assert!(at_odds || inputs.transcript(crypto::provider()).is_err(), "{line}");
            continue;
        }
        let transcript = inputs.transcript(crypto::provider()).unwrap();
        let answer = &line["answer"];
        assert_eq!(transcript.client_first, text(answer, "client_first"), "{line}");
        assert_eq!(transcript.server_first, text(answer, "server_first"), "{line}");
        assert_eq!(transcript.client_final, text(answer, "client_final"), "{line}");
        assert_eq!(transcript.server_final, text(answer, "server_final"), "{line}");
        as_the_server(request, answer, &inputs);
        good += 1;
    }
    assert!(good > 20);
}

/// The client's messages of a vector, to a server as it is used.
fn as_the_server(request: &Value, answer: &Value, inputs: &Inputs<'_>) {
    // The server does not prepare what it has stored.
    let password = match inputs.password {
        "\u{aa}" => "a",
        "a\u{a0}b" => "a b",
        other => other,
    };
    let salt = inputs.salt;
    let keys = ScramKeys::derive(
        crypto::provider(),
        inputs.hash,
        password.as_bytes(),
        salt,
        inputs.iterations,
    );
    let data = inputs.binding_data;
    let tls = ChannelBindings::over_tls();
    let bindings = match inputs.gs2_header {
        "p=tls-exporter,," => tls.with_tls_exporter(data),
        "p=tls-unique,," => tls.with_tls_unique(data),
        _ => tls.with_tls_server_end_point(data),
    };
    let name = text(request, "mechanism");
    let config = config().confirm_offer(false).authorization(AnyAuthzid);
    let exchange = Exchange::start(
        name,
        &config,
        &Offer::new([name], []),
        &bindings,
        nonce(inputs.server_nonce),
    )
    .unwrap();
    let step = exchange.respond(Some(text(answer, "client_first").as_bytes())).unwrap();
    let Step::CredentialsWanted { pending, .. } = step else { panic!("{step:?}") };
    let step = pending.provide(Answer::keys(keys.to_stored())).unwrap();
    let Step::Challenge { data, exchange } = step else { panic!("{step:?}") };
    assert_eq!(data, text(answer, "server_first").as_bytes());
    let step = exchange.respond(Some(text(answer, "client_final").as_bytes())).unwrap();
    let Step::Success { additional_data, .. } = step else { panic!("{step:?}") };
    assert_eq!(additional_data.unwrap(), text(answer, "server_final").as_bytes());
}

#[derive(Debug)]
struct AnyAuthzid;

impl server::AuthorizationRule for AnyAuthzid {
    fn permits(&self, _: &str, _: &str) -> bool {
        true
    }
}

fn respond(
    mechanism: &str,
    bindings: &ChannelBindings,
    message: &[u8],
) -> Result<Step, server::Failure> {
    let config = config().authorization(AnyAuthzid);
    Exchange::start(mechanism, &config, &Offer::new([mechanism], []), bindings, nonce("abc"))
        .unwrap()
        .respond(Some(message))
}

#[test]
fn plain() {
    // 6120-6.3.8-01 and -02: who acts on behalf of another says so.
    for line in lines("plain.jsonl") {
        let message = bytes(&line, "message");
        let result = respond("PLAIN", &ChannelBindings::over_tls(), &message);
        if line["ok"] == false {
            let failure = result.unwrap_err();
            assert_eq!(failure.reason(), FailureReason::Malformed, "{line}");
            continue;
        }
        let Step::CredentialsWanted { query, pending } = result.unwrap() else { panic!() };
        let Query::Password { username, password, .. } = query else { panic!() };
        assert_eq!(username, text(&line, "authcid"));
        assert_eq!(password.expose(), text(&line, "password").as_bytes());
        let step = pending.provide(Answer::password_checked(true)).unwrap();
        let Step::Success { authenticated, .. } = step else { panic!() };
        assert_eq!(authenticated.authzid(), line["authzid"].as_str());

        let mut credentials = Credentials::new(username).with_password(text(&line, "password"));
        if let Some(authzid) = line["authzid"].as_str() {
            credentials = credentials.with_authorization_identity(authzid);
        }
        let start = Policy::default()
            .allow(Mechanism::Plain)
            .choose(&client_offer(&["PLAIN"], &[]), &ChannelBindings::over_tls(), &credentials)
            .unwrap()
            .start(nonce("abc"));
        assert_eq!(start.initial_response.unwrap(), message);
    }
}

#[test]
fn oauthbearer() {
    for line in lines("oauthbearer.jsonl") {
        let message = bytes(&line, "message");
        let result = respond("OAUTHBEARER", &ChannelBindings::over_tls(), &message);
        if line["ok"] == false {
            let failure = result.unwrap_err();
            assert_eq!(failure.reason(), FailureReason::Malformed, "{line}");
            continue;
        }
        let Step::CredentialsWanted { query, .. } = result.unwrap() else { panic!() };
        let Query::BearerToken { token, host, port, .. } = query else { panic!() };
        assert_eq!(token.expose(), text(&line, "token").as_bytes());
        assert_eq!(host.as_deref(), line["host"].as_str());
        assert_eq!(port.map(u64::from), line["port"].as_u64());
        if line["id"] == "unknown-key" {
            continue; // no client of ours sends it
        }
        let mut credentials =
            Credentials::new("").with_bearer_token(text(&line, "token"), host, port);
        if let Some(authzid) = line["authzid"].as_str() {
            credentials = credentials.with_authorization_identity(authzid);
        }
        let start = Policy::default()
            .allow(Mechanism::OauthBearer)
            .choose(
                &client_offer(&["OAUTHBEARER"], &[]),
                &ChannelBindings::over_tls(),
                &credentials,
            )
            .unwrap()
            .start(nonce("abc"));
        assert_eq!(start.initial_response.unwrap(), message);
    }
}

/// RFC 7628 section 4.3: the server says why, the client says that it heard.
#[test]
fn oauthbearer_rejected() {
    let start = Policy::default()
        .allow(Mechanism::OauthBearer)
        .choose(
            &client_offer(&["OAUTHBEARER"], &[]),
            &ChannelBindings::over_tls(),
            &Credentials::new("").with_bearer_token("expired", None, None),
        )
        .unwrap()
        .start(nonce("abc"));
    let message = start.initial_response.unwrap();
    let step = respond("OAUTHBEARER", &ChannelBindings::over_tls(), &message).unwrap();
    let Step::CredentialsWanted { pending, .. } = step else { panic!() };
    let json = r#"{"status":"invalid_token","scope":"example_scope"}"#;
    let step = pending.provide(Answer::bearer_rejected(json)).unwrap();
    let Step::Challenge { data, exchange } = step else { panic!() };
    assert_eq!(data, json.as_bytes());
    let (response, client) = start.exchange.challenge_in_place(&data).unwrap();
    assert_eq!(response, b"\x01");
    let failure = exchange.respond(Some(&response)).unwrap_err();
    assert_eq!(failure.reason(), FailureReason::CredentialsRejected);
    let error = client.success(None).unwrap_err();
    assert_eq!(error, xmpp_sasl::client::Error::BearerRejected(json.into()));
}

#[test]
fn downgrade_hash() {
    for line in lines("downgrade.jsonl") {
        let strings = |key: &str| -> Vec<String> {
            let all = line[key].as_array().into_iter().flatten();
            all.map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        let hash = Hash::from_name(text(&line, "hash")).unwrap();
        let mut mechanisms = strings("mechanisms");
        let name = format!("SCRAM-{}", hash.as_str());
        let offer = Offer::new(mechanisms.clone(), strings("channel_bindings"));
        mechanisms.reverse();
        let tls = ChannelBindings::over_tls();
        let step = Exchange::start(&name, &config(), &offer, &tls, nonce("xyz"))
            .unwrap()
            .respond(Some(b"n,,n=user,r=abc"))
            .unwrap();
        let Step::CredentialsWanted { pending, .. } = step else { panic!() };
        let answer = Answer::keys(crate::pair::stored(hash));
        let Step::Challenge { data, .. } = pending.provide(answer).unwrap() else { panic!() };
        let first = String::from_utf8(data).unwrap();
        assert!(first.ends_with(&format!(",h={}", text(&line, "h"))), "{line}: {first}");
    }
}

/// XEP-0474 section 5.3 to the byte, as the server.
#[test]
fn xep_0474_example() {
    let exchange = |binding: &[u8]| {
        let bindings = ChannelBindings::over_tls().with_tls_exporter(binding);
        let offer = Offer::new(
            ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"],
            ["tls-server-end-point", "tls-exporter"],
        );
        let nonce = nonce("a09117a6-ac50-4f2f-93f1-93799c2bddf6");
        let step = Exchange::start("SCRAM-SHA-1-PLUS", &config(), &offer, &bindings, nonce)
            .unwrap()
            .respond(Some(b"p=tls-exporter,,n=user,r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6"))
            .unwrap();
        let Step::CredentialsWanted { pending, .. } = step else { panic!() };
        let salt = STANDARD.decode("QSXCR+Q6sek8bf92").unwrap();
        let rounds = NonZeroU32::new(4096).unwrap();
        let keys = ScramKeys::derive(crypto::provider(), Hash::Sha1, b"pencil", &salt, rounds);
        let step = pending.provide(Answer::keys(keys.to_stored())).unwrap();
        let Step::Challenge { data, exchange } = step else { panic!() };
        assert_eq!(
            String::from_utf8(data).unwrap(),
            "r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6a09117a6-ac50-4f2f-93f1-93799c2bddf6,\
             s=QSXCR+Q6sek8bf92,i=4096,h=G6k/rBLDqgOhRRaCuuatSDFkJ08="
        );
        exchange.respond(Some(
            b"c=cD10bHMtZXhwb3J0ZXIsLFRISVMgSVMgRkFLRSBDQiBEQVRB,\
              r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6a09117a6-ac50-4f2f-93f1-93799c2bddf6,\
              x=19C6532F-1CF4-4A27-A18D-DC9CEA41BBB3,p=M/SIDjT+dfcxUh89jZEypRvFxB4=",
        ))
    };
    let step = exchange(b"THIS IS FAKE CB DATA").unwrap();
    let Step::Success { additional_data, .. } = step else { panic!() };
    assert_eq!(additional_data.unwrap(), b"v=MQrMPvv7yv4x4Cq4W4Ih25EqS2c=");
    assert!(exchange(b"OTHER CB DATA").is_err());
}

#[test]
fn hashed_token() {
    for line in lines("hashed-token.jsonl") {
        let name = text(&line, "mechanism");
        let mechanism = Mechanism::from_name(name).unwrap();
        let (token, data) = (text(&line, "token"), bytes(&line, "binding"));
        let bindings = ChannelBindings::over_tls();
        let bindings = match name.rsplit('-').next().unwrap() {
            "EXPR" => bindings.with_tls_exporter(data),
            "UNIQ" => bindings.with_tls_unique(data),
            "ENDP" => bindings.with_tls_server_end_point(data),
            _ => bindings,
        };
        let start = Policy::default()
            .choose(
                &client_offer(&[], &[]).with_token_mechanisms(&[name]),
                &bindings,
                &Credentials::new("user").with_token(Token::new(mechanism, token)),
            )
            .unwrap()
            .start(nonce("abc"));
        let message = start.initial_response.unwrap();
        assert_eq!(message, bytes(&line, "initial_response"), "{line}");
        let Step::CredentialsWanted { pending, .. } = respond(name, &bindings, &message).unwrap()
        else {
            panic!()
        };
        let step = pending.provide(Answer::tokens(vec![Secret::from(token)])).unwrap();
        let Step::Success { additional_data, .. } = step else { panic!() };
        assert_eq!(additional_data.clone().unwrap(), bytes(&line, "additional_data"), "{line}");
        start.exchange.success(additional_data.as_deref()).unwrap();
    }
}
