//! What is printed and logged.

use super::*;

/// What is logged tells nobody the password.
#[test]
fn secrets_do_not_print() {
    let credentials = Credentials::new("user")
        .with_password(PASSWORD)
        .with_bearer_token("bearertoken", None, None)
        .with_token(client::Token::new(Mechanism::from_name("HT-SHA-256-NONE").unwrap(), "token1"));
    let mut printed = format!("{credentials:?}");
    let policy = Policy::default().allow(Mechanism::Plain);
    let offer = ["PLAIN"];
    let choice =
        policy.choose(&client_offer(&offer, &[]), &tls(), &credentials).expect("PLAIN is allowed");
    printed += &format!("{choice:?}");
    printed += &format!("{:?}", choice.start(nonce("abc")).exchange);
    let plain =
        Exchange::start("PLAIN", &config(), &Offer::new(["PLAIN"], []), &tls(), nonce("xyz"));
    let step = plain.unwrap().respond(Some(b"\0user\0pencil")).unwrap();
    printed += &format!("{step:?}");
    let keys = crate::pair::keys(Hash::Sha256, b"salt", 4096);
    printed += &format!("{keys:?}{:?}{:?}", keys.to_stored(), Answer::keys(keys.to_stored()));
    printed += &format!("{:?}{:?}", tls(), config());
    for secret in [PASSWORD, "bearertoken", "token1", "112, 101, 110", "[9, 9", "[1, 1"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
    assert!(printed.contains("[redacted]"));
}

/// And yet it tells which mechanism it was, and how far it came.
#[test]
fn what_is_logged_is_of_use() {
    let start = client();
    let printed = format!("{:?}", start.exchange);
    assert!(printed.contains("SCRAM-SHA-256") && printed.contains("server-first"), "{printed}");
    let (challenge, exchange) = challenged();
    let printed = format!("{exchange:?}");
    assert!(printed.contains("SCRAM-SHA-256") && printed.contains("client-final"), "{printed}");
    let (_, exchange) = start.exchange.challenge_in_place(&challenge).unwrap();
    assert!(format!("{exchange:?}").contains("server-final"), "{exchange:?}");
    let done = Pair::new().run(account).unwrap();
    let printed = format!("{:?}", done.client);
    assert!(printed.contains("SCRAM-SHA-512-PLUS") && printed.contains("TlsExporter"), "{printed}");
    let bindings = format!("{:?}", tls());
    assert!(bindings.contains("tls: true") && bindings.contains("tls-exporter"), "{bindings}");
    let keys = crate::pair::keys(Hash::Sha256, b"salt", 4096);
    for printed in [format!("{keys:?}"), format!("{:?}", keys.to_stored())] {
        assert!(printed.contains("Sha256") && printed.contains("4096"), "{printed}");
    }
}

/// Exchanges and what they lead to can wait in another thread.
#[test]
fn exchanges_can_be_sent_and_kept() {
    fn is_send<T: Send + 'static>() {}
    is_send::<client::Choice>();
    is_send::<client::Exchange>();
    is_send::<client::Authenticated>();
    is_send::<Exchange>();
    is_send::<xmpp_sasl::server::Pending>();
    is_send::<xmpp_sasl::server::Authenticated>();
}

/// For people to read: every error is a sentence.
#[test]
fn what_errors_say() {
    let errors = [
        first("r=abc,s=c2FsdA==,i=4096").unwrap_err().to_string(),
        first("r=abcxyz,s=c2FsdA==,i=1").unwrap_err().to_string(),
        first("r=abcxyz,i=4096").unwrap_err().to_string(),
        server("SCRAM-SHA-256", &tls(), b"y,,n=user,r=abc").unwrap_err().to_string(),
        server("SCRAM-SHA-256", &tls(), b"n,,n=a=b,r=abc").unwrap_err().to_string(),
    ];
    assert_eq!(
        errors,
        [
            "the server's nonce does not extend the client's (RFC 5802 section 5.1, `r=`)",
            "the server asks for 1 iterations, fewer than the 4096 of the policy",
            "the server's SCRAM message is malformed at byte 9: expected the salt, `s=` and \
             base64 of at least one byte",
            "the credentials were rejected: the client did not see the -PLUS that was offered (RFC 5802 section 6)",
            "the message is malformed: malformed message at byte 6: expected `,` and `=` as `=2C` and \
             `=3D`, and no other `=`",
        ]
    );
}
