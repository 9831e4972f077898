//! Who is at the other end: names, proofs, and attempts.

mod common;

use core::num::NonZeroU32;

use common::{ClientEnd, Pair, ServerEnd, T0, client_config};
use xmpp_core::config::KeyDerivation;
use xmpp_core::jid::BareJid;
use xmpp_core::sasl::client::Credentials;
use xmpp_core::sasl::crypto::{self, Hash};
use xmpp_core::sasl::server::{Answer, AuthorizationRule};
use xmpp_core::sasl::{Mechanism, ScramKeys};
use xmpp_core::stanza::sasl::SaslCondition;
use xmpp_core::{ClientEvent, Error, Event, Misuse, PeerMisbehaved, ServerConfig, ServerEvent};

const RESPONSE: &str = "<?xml version='1.0'?><stream:stream from='example.com' id='x' version='1.0' \
    xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const AUTH: &str = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism=";

/// A server behind TLS, before SASL.
fn secured_server() -> ServerEnd {
    let mut server = ServerEnd::new();
    secure(&mut server);
    server
}

fn secure(server: &mut ServerEnd) {
    let header = RESPONSE.replace("from=", "to=");
    server.receive(header.as_bytes()).unwrap();
    server.receive(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").unwrap();
    server.receive(header.as_bytes()).unwrap();
    server.sent();
}

/// A client behind TLS that has been offered these mechanisms.
fn offered(client: &mut ClientEnd, mechanisms: &[&str]) -> Result<(), Error> {
    let starttls = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\
        </stream:features><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    client.receive(RESPONSE.as_bytes())?;
    let (features, proceed) = starttls.split_at(starttls.find("<proceed").unwrap());
    client.receive(features.as_bytes())?;
    client.receive(proceed.as_bytes())?;
    client.sent();
    let names: String =
        mechanisms.iter().map(|name| format!("<mechanism>{name}</mechanism>")).collect();
    client.receive(
        format!(
            "{RESPONSE}<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
            {names}</mechanisms></stream:features>"
        )
        .as_bytes(),
    )
}

fn base64(text: &str) -> String {
    use xmpp_core::stanza::sasl::Data;
    Data::encode(text.as_bytes()).as_base64().unwrap().to_owned()
}

#[test]
fn a_new_auth_during_an_exchange_counts_as_a_failure() {
    // 6120-13.9.4-05
    // 6120-6.4.5-05: else a client could ask for accounts without end.
    let mut server = secured_server();
    let auth = format!("{AUTH}'SCRAM-SHA-256'>{}</auth>", base64("n,,n=juliet,r=abc"));
    let mut wanted = 0;
    let ended = loop {
        match server.receive(auth.as_bytes()) {
            Ok(()) => wanted += 1,
            Err(error) => break error,
        }
        assert!(wanted < 10, "no bound");
    };
    assert_eq!(ended, Error::TooManyFailedLogins);
    assert_eq!(wanted, 3, "the default of max_failed_logins");
}

#[test]
fn accounts_are_looked_up_by_their_address() {
    // RFC 7622, not SASLprep: case is mapped, and joiners stay where they may be.
    for (name, account) in [
        ("Juliet", "juliet@example.com"),
        ("\u{FF2A}uliet", "juliet@example.com"),
        ("\u{915}\u{94D}\u{200C}\u{937}", "\u{915}\u{94D}\u{200C}\u{937}@example.com"),
    ] {
        let mut server = secured_server();
        let first = format!("n,,n={name},r=abc");
        server
            .receive(format!("{AUTH}'SCRAM-SHA-256'>{}</auth>", base64(&first)).as_bytes())
            .unwrap();
        let asked = server.log.iter().find(|event| event.contains("CredentialsWanted")).unwrap();
        let account = format!("account: Some({:?})", BareJid::new(account).unwrap());
        assert!(asked.contains(&account), "{asked}");
    }
}

#[test]
fn a_name_that_is_no_localpart_is_an_account_that_does_not_exist() {
    for name in ["a b", "a/b", "\u{200C}a", "a\u{200C}b"] {
        let mut server = secured_server();
        let first = format!("n,,n={name},r=abc");
        server
            .receive(format!("{AUTH}'SCRAM-SHA-256'>{}</auth>", base64(&first)).as_bytes())
            .unwrap();
        assert!(!server.log.iter().any(|event| event.contains("CredentialsWanted")), "{name}");
        assert!(server.sent().contains("<not-authorized/>"), "{name}");
    }
}

/// The administrator may act as anybody.
#[derive(Debug)]
struct AdminAsAnybody;

impl AuthorizationRule for AdminAsAnybody {
    fn permits(&self, authcid: &str, _: &str) -> bool {
        authcid == "admin"
    }
}

#[test]
fn the_authorization_identity_is_who_is_bound() {
    // 6120-4.3.6-03
    // RFC 6120 section 6.3.8
    let mut server = ServerEnd::new();
    let mut host = common::host_config();
    host.sasl = host.sasl.clone().authorization(AdminAsAnybody);
    host.policy = host.policy.allow(Mechanism::Plain);
    server.host = std::sync::Arc::new(host);
    secure(&mut server);
    let data = base64("juliet@example.com\0admin\0pw");
    server.rx.push(format!("{AUTH}'PLAIN'>{data}</auth>").as_bytes());
    let mut told = None;
    while let Some(event) =
        server.connection.poll_event(T0, &mut server.rx, &mut server.tx).unwrap()
    {
        match event {
            Event::Role(ServerEvent::CredentialsWanted(query)) => {
                assert_eq!(query.account().unwrap().as_str(), "admin@example.com");
                let right = Answer::password_checked(true);
                server.connection.provide_credentials(query, right, &mut server.tx).unwrap();
            }
            Event::Role(ServerEvent::Authenticated { account, proof }) => {
                told = Some((account, proof.authcid().to_owned()));
            }
            _ => {}
        }
    }
    let (account, identity) = told.expect("authenticated");
    assert_eq!((account.as_str(), &*identity), ("juliet@example.com", "admin"));
    assert_eq!(server.connection.account(), Some(&account));
    server.receive(RESPONSE.replace("from=", "to=").as_bytes()).unwrap();
    let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    server.receive(bind.as_bytes()).unwrap();
    assert_eq!(server.connection.bound().unwrap().to_bare().as_str(), "juliet@example.com");
}

#[test]
fn another_accounts_identity_is_refused_by_default() {
    // 6120-6.3.8-04, 6120-6.3.8-06
    for authzid in [
        "romeo@example.com",
        "juliet@example.net",
        "juliet@example.com/balcony",
        "example.com",
        "@",
        "juliet",
    ] {
        let mut server = ServerEnd::new();
        let mut host = common::host_config();
        host.policy = host.policy.allow(Mechanism::Plain);
        server.host = std::sync::Arc::new(host);
        secure(&mut server);
        let data = base64(&format!("{authzid}\0juliet\0r0m30"));
        server.receive(format!("{AUTH}'PLAIN'>{data}</auth>").as_bytes()).unwrap();
        assert!(server.sent().contains("<invalid-authzid/>"), "{authzid}");
    }
    // Compared as addresses are.
    let mut server = ServerEnd::new();
    let mut host = common::host_config();
    host.policy = host.policy.allow(Mechanism::Plain);
    server.host = std::sync::Arc::new(host);
    secure(&mut server);
    let data = base64("JULIET@Example.COM\0juliet\0r0m30");
    server.receive(format!("{AUTH}'PLAIN'>{data}</auth>").as_bytes()).unwrap();
    assert!(server.sent().contains("<success"), "RFC 7622");
}

#[test]
fn the_header_after_sasl_is_from_who_has_authenticated() {
    // 6120-sasl-correlate
    // RFC 6120 section 4.9.3.9
    let header = RESPONSE.replace("from='example.com'", "to='example.com' FROM");
    for (from, fits) in [
        ("", true),
        ("from='juliet@example.com'", true),
        ("from='romeo@example.com'", false),
        ("from='juliet@example.net'", false),
        ("from='@'", false),
    ] {
        let mut server = Pair::authenticated().server;
        let told = server.receive(header.replace("FROM", from).as_bytes());
        if fits {
            assert_eq!(told, Ok(()), "{from}");
        } else {
            assert_eq!(told, Err(Error::Peer(PeerMisbehaved::WrongFrom)), "{from}");
            assert!(server.sent().contains("<invalid-from "));
        }
    }
}

#[test]
fn a_bind_request_is_for_ones_own_account() {
    // RFC 6120 section 7.1: nobody else is talked to before binding.
    let bind = |attributes: &str| {
        format!(
            "<iq type='set' id='b' {attributes}>\
            <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
        )
    };
    for (attributes, fits) in [
        ("", true),
        ("to='juliet@example.com'", true),
        ("to='example.com'", true),
        ("to='romeo@example.com'", false),
        ("to='@'", false),
        ("from='romeo@example.com'", false),
    ] {
        let mut server = Pair::authenticated().server;
        server.receive(RESPONSE.replace("from=", "to=").as_bytes()).unwrap();
        let told = server.receive(bind(attributes).as_bytes());
        assert_eq!(told.is_ok(), fits, "{attributes}: {told:?}");
        assert_eq!(server.connection.bound().is_some(), fits, "{attributes}");
    }
}

#[test]
fn a_bound_address_is_one_of_ones_own_account() {
    // 6120-bind-support
    // 6120-4.3.6-05: what the server says it is, and not what was asked for, which is /balcony.
    let features =
        "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>";
    for (from, jid, fits) in [
        ("", "juliet@example.com/x", true),
        ("from='example.com'", "juliet@example.com/x", true),
        ("from='juliet@example.com'", "juliet@example.com/x", true),
        ("", "mallory@example.com/x", false),
        ("", "juliet@evil.test/x", false),
        ("from='mallory@example.com'", "juliet@example.com/x", false),
        ("from='evil.test'", "juliet@example.com/x", false),
    ] {
        let mut client = Pair::authenticated().client;
        client.sent();
        client.receive(format!("{RESPONSE}{features}").as_bytes()).unwrap();
        let request = client.sent();
        let id = request.split("id='").nth(1).unwrap().split('\'').next().unwrap();
        let result = format!(
            "<iq type='result' id='{id}' {from}><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
            <jid>{jid}</jid></bind></iq>"
        );
        let told = client.receive(result.as_bytes());
        assert_eq!(told.is_ok(), fits, "{result}: {told:?}");
        let bound = client.connection.bound().map(|jid| jid.as_str());
        assert_eq!(bound, fits.then_some(jid), "{result}");
    }
}

#[test]
fn proofs_and_causes_reach_the_driver() {
    let mut pair = Pair::new();
    pair.drive().unwrap();
    // The client's proof has keys to cache and a binding to pin; the log only names them.
    let told = pair.client.log.iter().find(|event| event.starts_with("Authenticated")).unwrap();
    assert!(told.contains("proof: Authenticated { mechanism: \"SCRAM-SHA-256-PLUS\""), "{told}");
    let mut config = client_config();
    config.credentials = Credentials::new("juliet").with_password("wrong");
    let mut pair = Pair::with(config, ServerConfig::default());
    pair.drive().unwrap_err();
    let failed = pair.server.log.iter().find(|event| event.contains("AuthenticationFailed"));
    let failed = failed.unwrap();
    assert!(failed.contains("condition: NotAuthorized") && failed.contains("Proof"), "{failed}");
}

#[test]
fn keys_are_derived_where_the_driver_likes() {
    let mut config = client_config();
    config.credentials = Credentials::new("juliet").with_password("r0m30");
    config.key_derivation = KeyDerivation::Queried;
    let mut pair = Pair::with(config, ServerConfig::default());
    pair.drive().unwrap();
    let asked = pair.client.log.last().unwrap();
    assert!(asked.starts_with("KeysWanted"), "{asked}");
    assert!(!asked.contains("r0m30"), "{asked}");

    let mut config = client_config();
    config.credentials = Credentials::new("juliet").with_password("r0m30");
    config.key_derivation = KeyDerivation::Queried;
    let mut pair = Pair::with(config, ServerConfig::default());
    let query = loop {
        let to_server = common::take(&mut pair.client.tx);
        pair.server.receive(&to_server).unwrap();
        let to_client = common::take(&mut pair.server.tx);
        pair.client.rx.push(&to_client);
        let client = &mut pair.client;
        let mut asked = None;
        while let Some(event) =
            client.connection.poll_event(T0, &mut client.rx, &mut client.tx).unwrap()
        {
            match event {
                Event::StartTls => {
                    let (rx, tx) = (&mut client.rx, &mut client.tx);
                    client.connection.tls_established(T0, common::facts(), rx, tx).unwrap();
                }
                Event::Role(ClientEvent::KeysWanted(query)) => asked = Some(query),
                _ => {}
            }
        }
        if let Some(query) = asked {
            break query;
        }
    };
    // Meanwhile it stands still, and its deadline goes on.
    let client = &mut pair.client;
    assert!(client.tx.is_empty() && client.connection.poll_timeout().is_some());
    let wrong = ScramKeys::derive(
        crypto::provider(),
        Hash::Sha256,
        b"r0m30",
        b"another salt",
        NonZeroU32::new(4096).unwrap(),
    );
    let right = query.derive();
    let refused = client.connection.provide_keys(query, wrong, &mut client.tx);
    assert_eq!(refused, Err(Misuse::WrongKeys));
    let _ = right;
}

#[test]
fn after_a_refused_mechanism_comes_the_next() {
    // 6120-6.3.3-03: in the client's order, whatever that of the server is.
    // RFC 6120 section 6.4.5
    let mut config = client_config();
    config.credentials = Credentials::new("juliet").with_password("r0m30");
    let mut client = ClientEnd::with(config);
    offered(&mut client, &["SCRAM-SHA-1", "SCRAM-SHA-256"]).unwrap();
    assert!(client.sent().contains("mechanism='SCRAM-SHA-256'"));
    let failure = |condition: &str| {
        format!("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{condition}/></failure>")
    };
    client.receive(failure("invalid-mechanism").as_bytes()).unwrap();
    assert!(client.sent().contains("mechanism='SCRAM-SHA-1'"));
    assert!(client.log.last().unwrap().starts_with("AuthenticationFailed"));
    // A wrong password is not sent in another form, and there is an end to it.
    let told = client.receive(failure("not-authorized").as_bytes());
    let Err(Error::NotAuthenticated(failure)) = told else { panic!("{told:?}") };
    assert_eq!(failure.condition, SaslCondition::NotAuthorized);
    assert_eq!(client.sent(), "</stream:stream>");
}

#[test]
fn attempts_have_a_bound() {
    let mut config = client_config();
    config.credentials = Credentials::new("juliet").with_password("r0m30");
    config.max_failed_logins = 1;
    let mut client = ClientEnd::with(config);
    offered(&mut client, &["SCRAM-SHA-256", "SCRAM-SHA-1"]).unwrap();
    let failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><temporary-auth-failure/>\
        </failure>";
    let told = client.receive(failure.as_bytes());
    assert!(matches!(told, Err(Error::NotAuthenticated(_))), "{told:?}");
}

#[test]
fn challenges_without_data_are_empty() {
    // RFC 6120 section 6.4.3: `=` is for initial responses and for success.
    let mut server = secured_server();
    server.receive(format!("{AUTH}'SCRAM-SHA-256'/>").as_bytes()).unwrap();
    assert_eq!(server.sent(), "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
}

#[test]
fn what_a_failure_says_decides_whether_another_mechanism_is_tried() {
    // RFC 6120 section 6.5: what is wrong with the mechanism or with how it was used leaves
    // the others; what is wrong with the account or its secret does not.
    for (condition, goes_on) in [
        ("incorrect-encoding", true),
        ("malformed-request", true),
        ("invalid-mechanism", true),
        ("encryption-required", true),
        ("temporary-auth-failure", true),
        ("aborted", false),
        ("account-disabled", false),
        ("credentials-expired", false),
        ("invalid-authzid", false),
        ("mechanism-too-weak", false),
        ("not-authorized", false),
        ("something-new", false),
    ] {
        let mut config = client_config();
        config.credentials = Credentials::new("juliet").with_password("r0m30");
        let mut client = ClientEnd::with(config);
        offered(&mut client, &["SCRAM-SHA-512", "SCRAM-SHA-256"]).unwrap();
        assert!(client.sent().contains(&format!("{AUTH}'SCRAM-SHA-512'")));
        let failure =
            format!("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{condition}/></failure>");
        let ended = client.receive(failure.as_bytes());
        let sent = client.sent();
        if goes_on {
            assert_eq!(ended, Ok(()), "{condition}");
            assert!(sent.starts_with(&format!("{AUTH}'SCRAM-SHA-256'")), "{condition}: {sent}");
        } else {
            assert!(matches!(ended, Err(Error::NotAuthenticated(_))), "{condition}: {ended:?}");
            assert!(!sent.contains("<auth"), "{condition}: {sent}");
        }
    }
}

/// RFC 6120 section 6.3.8 and 6120-6.4.6-01: an authorization identity that the rule
/// permits is an account of this host, and the header names it or who has authenticated.
#[test]
fn who_may_be_acted_as_is_an_account_of_the_host() {
    for (authzid, from, fits) in [
        ("juliet@example.com", "", true),
        ("juliet@example.com", "from='juliet@example.com' ", true),
        ("juliet@example.com", "from='admin@example.com' ", true),
        ("juliet@example.com", "from='romeo@example.com' ", false),
        ("juliet@example.net", "", false),
        ("example.com", "", false),
        ("example.net", "", false),
    ] {
        let mut server = ServerEnd::new();
        let mut host = common::host_config();
        host.sasl = host.sasl.clone().authorization(AdminAsAnybody);
        host.policy = host.policy.allow(Mechanism::Plain);
        server.host = std::sync::Arc::new(host);
        let header =
            |from: &str| RESPONSE.replace("from='example.com'", &format!("{from}to='example.com'"));
        server.receive(header("").as_bytes()).unwrap();
        server.receive(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").unwrap();
        server.receive(header(from).as_bytes()).unwrap();
        server.sent();
        let data = base64(&format!("{authzid}\0admin\0pw"));
        server.rx.push(format!("{AUTH}'PLAIN'>{data}</auth>").as_bytes());
        let told = loop {
            match server.connection.poll_event(T0, &mut server.rx, &mut server.tx) {
                Ok(Some(Event::Role(ServerEvent::CredentialsWanted(query)))) => {
                    let right = Answer::password_checked(true);
                    server.connection.provide_credentials(query, right, &mut server.tx).unwrap();
                }
                Ok(Some(Event::Role(ServerEvent::Authenticated { account, .. }))) => {
                    break Some(account);
                }
                Ok(Some(Event::Closed { .. }) | None) | Err(_) => break None,
                Ok(_) => {}
            }
        };
        assert_eq!(told.is_some(), fits, "{authzid} {from}");
        assert!(told.is_none_or(|account| account.as_str() == authzid));
        assert_eq!(server.sent().contains("<success"), fits, "{authzid} {from}");
    }
}
