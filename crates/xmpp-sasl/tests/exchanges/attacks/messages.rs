//! Messages that the grammar does not have, and messages out of place.

use super::*;

/// 5802-5.1-08, 5802-5.1-17.
#[test]
fn mandatory_extension() {
    for message in ["m=x,r=abcxyz,s=c2FsdA==,i=4096", "r=abcxyz,s=c2FsdA==,i=4096,m=x"] {
        assert_eq!(first(message).unwrap_err(), Error::MandatoryExtension);
    }
    let tls = ChannelBindings::over_tls();
    for message in ["n,,m=x,n=user,r=abc", "n,,n=user,r=abc,m=x"] {
        let (reason, cause) = refused(server("SCRAM-SHA-256", &tls, message.as_bytes()));
        assert_eq!(reason, MALFORMED);
        let Cause::Message(error) = cause else { panic!("{cause:?}") };
        assert!(error.expected.contains("mandatory extension"));
    }
    let (_, exchange) = challenged();
    assert_eq!(refused(exchange.respond(Some(b"c=biws,r=abcxyz,m=x,p=AAAA"))).0, MALFORMED);
}

/// 5802-5.1-18, 5802-7-01: those that are not mandatory are ignored.
#[test]
fn other_extensions_are_ignored() {
    assert!(first("r=abcxyz,s=c2FsdA==,i=4096,x=y,z==").is_ok());
    let tls = ChannelBindings::over_tls();
    assert!(server("SCRAM-SHA-256", &tls, b"n,,n=user,r=abc,x=y").is_ok());
}

#[test]
fn attributes_twice() {
    for message in [
        "r=abcxyz,r=abcxyz,s=c2FsdA==,i=4096",
        "r=abcxyz,s=c2FsdA==,s=c2FsdA==,i=4096",
        "r=abcxyz,s=c2FsdA==,i=4096,i=1",
        "r=abcxyz,s=c2FsdA==,i=4096,x=1,x=2",
    ] {
        assert!(malformed_at(message) > 0, "{message}");
    }
    let tls = ChannelBindings::over_tls();
    for message in ["n,,n=user,n=admin,r=abc", "n,,n=user,r=abc,r=abc", "n,a=x,a=y,n=user,r=abc"] {
        let (reason, _) = refused(server("SCRAM-SHA-256", &tls, message.as_bytes()));
        assert_eq!(reason, MALFORMED, "{message}");
    }
    for message in ["c=biws,r=abcxyz,p=AAAA,p=AAAA", "c=biws,c=biws,r=abcxyz,p=AAAA"] {
        assert_eq!(refused(challenged().1.respond(Some(message.as_bytes()))).0, MALFORMED);
    }
}

#[test]
fn attributes_in_another_order() {
    for message in ["s=c2FsdA==,r=abcxyz,i=4096", "i=4096,r=abcxyz,s=c2FsdA=="] {
        assert_eq!(malformed_at(message), 0);
    }
    assert_eq!(malformed_at("r=abcxyz,i=4096,s=c2FsdA=="), 9);
    let tls = ChannelBindings::over_tls();
    assert_eq!(refused(server("SCRAM-SHA-256", &tls, b"n,,r=abc,n=user")).0, MALFORMED);
    for message in ["r=abcxyz,c=biws,p=AAAA", "p=AAAA,c=biws,r=abcxyz", "c=biws,p=AAAA,r=abcxyz"] {
        assert_eq!(refused(challenged().1.respond(Some(message.as_bytes()))).0, MALFORMED);
    }
}

#[test]
fn a_megabyte() {
    let mut message = b"n,,n=user,r=abc,x=".to_vec();
    message.resize(1 << 20, b'x');
    let failure = server("SCRAM-SHA-256", &ChannelBindings::over_tls(), &message);
    assert_eq!(refused(failure), (MALFORMED, Cause::TooLong));
    let mut message = b"r=abcxyz,s=c2FsdA==,i=4096,x=".to_vec();
    message.resize(1 << 20, b'x');
    assert!(client().exchange.challenge(&message).is_err());
}

#[test]
fn challenges_out_of_place() {
    // A second server-first-message is no server-final-message.
    let (_, exchange) = first("r=abcxyz,s=c2FsdA==,i=4096").unwrap();
    let error = exchange.challenge(b"r=abcxyz,s=c2FsdA==,i=4096").unwrap_err();
    assert!(matches!(error, Error::Message(_)));

    let start = Policy::default()
        .allow(Mechanism::Plain)
        .choose(
            &client_offer(&["PLAIN"], &[]),
            &ChannelBindings::over_tls(),
            &Credentials::new("user").with_password(PASSWORD),
        )
        .unwrap()
        .start(nonce("abc"));
    assert_eq!(start.exchange.challenge(b"").unwrap_err(), Error::UnexpectedChallenge);
}

#[test]
fn data_with_success_out_of_place() {
    let start = Policy::default()
        .allow(Mechanism::Plain)
        .choose(
            &client_offer(&["PLAIN"], &[]),
            &ChannelBindings::over_tls(),
            &Credentials::new("user").with_password(PASSWORD),
        )
        .unwrap()
        .start(nonce("abc"));
    assert_eq!(start.exchange.success(Some(b"x")).unwrap_err(), Error::UnexpectedData);

    // SCRAM whose signature has come in a challenge already.
    let (data, exchange) = challenged();
    let (response, client) = client().exchange.challenge_in_place(&data).unwrap();
    let Ok(Step::Success { additional_data, .. }) = exchange.respond(Some(&response)) else {
        panic!("not accepted")
    };
    let (_, verified) = client.challenge_in_place(&additional_data.unwrap()).unwrap();
    assert_eq!(verified.success(Some(b"x")).unwrap_err(), Error::UnexpectedData);
}

/// A second, empty message where the exchange needs one.
#[test]
fn a_response_without_data() {
    let (_, exchange) = challenged();
    assert_eq!(refused(exchange.respond(None)), (MALFORMED, Cause::MissingData));
}
