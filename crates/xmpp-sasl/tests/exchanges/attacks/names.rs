//! Names, identities, and accounts that do not exist.

use super::*;

#[test]
fn authzid_of_another_user() {
    for (mechanism, authzid) in [
        (Mechanism::Plain, "admin"),
        (Mechanism::Scram { hash: Hash::Sha256, plus: true }, "admin"),
    ] {
        let mut pair = Pair::new();
        for other in Mechanism::ALL {
            pair.policy = pair.policy.forbid(other);
        }
        pair.policy = pair.policy.allow(mechanism);
        pair.server_policy = pair.server_policy.allow(mechanism);
        pair.credentials = pair.credentials.with_authorization_identity(authzid);
        let Err(Failed::Server(failure)) = pair.run(account) else { panic!("not refused") };
        assert_eq!(failure.reason(), FailureReason::AuthorizationDenied);
        // One's own identity may be named, though RFC 6120 section 6.3.8 says not to.
        pair.credentials = pair.credentials.with_authorization_identity("user");
        assert_eq!(pair.run(account).unwrap().server.authzid(), Some("user"));
    }
}

/// With a wrong password the identity asked for is not even looked at.
#[test]
fn a_wrong_password_hides_what_is_wrong_besides() {
    let mut pair = Pair::new();
    pair.credentials =
        Credentials::new("user").with_password("wrong").with_authorization_identity("admin");
    let barred = |query: &Query| account(query).barred(FailureReason::AccountDisabled);
    let Err(Failed::Server(failure)) = pair.run(barred) else { panic!("not refused") };
    assert_eq!((failure.reason(), failure.cause()), (REJECTED, &Cause::Proof));

    pair.credentials = Credentials::new("user").with_password(PASSWORD);
    let Err(Failed::Server(failure)) = pair.run(barred) else { panic!("not refused") };
    assert_eq!(failure.reason(), FailureReason::AccountDisabled);
}

/// 5802-5.1-07, and RFC 5802 section 7, `saslname`.
#[test]
fn user_names_that_are_not() {
    // 5802-2.2-01
    let tls = ChannelBindings::over_tls();
    let username = |name: &str| {
        let message = format!("n,,n={name},r=abc");
        match server("SCRAM-SHA-256", &tls, message.as_bytes()) {
            Ok(Step::CredentialsWanted { query: Query::ScramKeys { username, .. }, .. }) => {
                Ok(username)
            }
            Ok(other) => panic!("{other:?}"),
            Err(failure) => Err(failure.reason()),
        }
    };
    for name in ["a,b", "a=b", "a=2", "a=2c", "a=3d", "a=", "=", "", "a\0b"] {
        assert_eq!(username(name), Err(MALFORMED), "{name:?}");
    }
    assert_eq!(username("a=2Cb=3Dc").unwrap(), "a,b=c");
    assert_eq!(username("=3D2C").unwrap(), "=2C");
    // 5802-5.1-05: a control character, and what SASLprep maps to nothing (or what is not
    // ASCII, if its tables are left out).
    for name in ["a\u{7}b", "\u{AD}"] {
        assert_eq!(username(name), Err(REJECTED), "{name:?}");
    }
    if !cfg!(feature = "saslprep") {
        assert_eq!(username("\u{AA}"), Err(REJECTED));
        return;
    }
    // 5802-5.1-04: unassigned code points may be asked for. No account has
    // them, because none can be stored.
    assert_eq!(username("\u{221}").unwrap(), "\u{221}");
    assert_eq!(username("\u{AA}").unwrap(), "a");
}

#[test]
fn names_with_comma_and_equals_sign_arrive() {
    let mut pair = Pair::new();
    pair.credentials = Credentials::new("a,b=c=2C").with_password(PASSWORD);
    let found = |query: &Query| match query {
        Query::ScramKeys { username, hash, .. } if username == "a,b=c=2C" => {
            Answer::keys(stored(*hash))
        }
        _ => Answer::unknown_user(),
    };
    assert_eq!(pair.run(found).unwrap().server.authcid(), "a,b=c=2C");
}

#[test]
fn nul_in_what_a_client_sends() {
    for (name, password) in [("a\0b", "pw"), ("user", "p\0w")] {
        let mut pair = Pair::new();
        pair.policy = pair.policy.allow(Mechanism::Plain);
        pair.server_policy = pair.server_policy.allow(Mechanism::Plain);
        pair.credentials = Credentials::new(name).with_password(password);
        let Err(Failed::Choice(none)) = pair.run(account) else { panic!("not refused") };
        assert!(none.verdicts().iter().all(|verdict| matches!(
            verdict.refusal,
            Some(Refusal::Username(_) | Refusal::Password(_))
        )));
    }
}

/// 5802-5.1-02, 5802-5.1-03: a client prepares the name, as one to be asked for. It does not
/// begin where that fails or leaves nothing.
#[test]
fn a_client_prepares_the_name() {
    let first_message = |name: &str| {
        let credentials = Credentials::new(name).with_password(PASSWORD);
        let over_tls = ChannelBindings::over_tls();
        Policy::default()
            .choose(&client_offer(&["SCRAM-SHA-256"], &[]), &over_tls, &credentials)
            .map(|choice| choice.start(nonce("abc")).initial_response.unwrap())
            .map_err(|none| none.verdicts()[0].refusal)
    };
    assert_eq!(first_message("user").unwrap(), b"n,,n=user,r=abc");
    for name in ["", "a\u{7}b", "\u{AD}"] {
        let refused = first_message(name).unwrap_err();
        assert!(matches!(refused, Some(Refusal::Username(_))), "{name:?}: {refused:?}");
    }
    if cfg!(feature = "saslprep") {
        assert_eq!(first_message("I\u{AD}X\u{AA}").unwrap(), b"n,,n=IXa,r=abc");
        assert_eq!(first_message("\u{221}").unwrap(), "n,,n=\u{221},r=abc".as_bytes());
    }
}

/// An unknown user gets the same salt every time, another than its neighbour,
/// and fails like a known one with a wrong password.
#[test]
fn unknown_users_look_like_known_ones() {
    let challenge = |user: &str| {
        let message = format!("n,,n={user},r=abc");
        let tls = ChannelBindings::over_tls();
        let step = server("SCRAM-SHA-256", &tls, message.as_bytes()).unwrap();
        let Step::CredentialsWanted { pending, .. } = step else { panic!("{step:?}") };
        let Ok(Step::Challenge { data, exchange }) = pending.provide(Answer::unknown_user()) else {
            panic!("no challenge")
        };
        (String::from_utf8(data).unwrap(), exchange)
    };
    let (romeo, exchange) = challenge("romeo");
    assert_eq!(romeo, challenge("romeo").0);
    assert_ne!(romeo, challenge("tybalt").0);
    assert!(romeo.starts_with("r=abcxyz,s=") && romeo.ends_with(",i=4096"), "{romeo}");

    let response = client().exchange.challenge_in_place(romeo.as_bytes()).unwrap().0;
    let failure = exchange.respond(Some(&response));
    assert_eq!(refused(failure), (REJECTED, Cause::Proof));
}

#[test]
fn plain_with_a_wrong_password_or_no_account() {
    let plain = |message: &[u8], answer: Answer| {
        let offer = Offer::new(["PLAIN"], []);
        let tls = ChannelBindings::over_tls();
        let exchange = Exchange::start("PLAIN", &config(), &offer, &tls, nonce("xyz")).unwrap();
        let step = exchange.respond(Some(message)).unwrap();
        let Step::CredentialsWanted { pending, .. } = step else { panic!("{step:?}") };
        pending.provide(answer)
    };
    let keys = || Answer::keys(stored(Hash::Sha256));
    assert!(plain(b"\0user\0pencil", keys()).is_ok());
    assert_eq!(refused(plain(b"\0user\0pencils", keys())), (REJECTED, Cause::Proof));
    let answer = Answer::password_checked(false);
    assert_eq!(refused(plain(b"\0user\0pencil", answer)), (REJECTED, Cause::Proof));
    let answer = Answer::unknown_user();
    assert_eq!(refused(plain(b"\0user\0pencil", answer)), (REJECTED, Cause::UnknownUser));
}

/// A mistake of the program that answers is not the client's.
#[test]
fn answers_that_do_not_fit() {
    let scram = |answer| {
        let tls = ChannelBindings::over_tls();
        let step = server("SCRAM-SHA-256", &tls, b"n,,n=user,r=abc").unwrap();
        let Step::CredentialsWanted { pending, .. } = step else { panic!("{step:?}") };
        refused(pending.provide(answer))
    };
    let temporary = FailureReason::Temporary;
    assert_eq!(scram(Answer::keys(stored(Hash::Sha1))), (temporary, Cause::WrongAnswer));
    assert_eq!(scram(Answer::password_checked(true)), (temporary, Cause::WrongAnswer));
    assert_eq!(scram(Answer::identity("user")), (temporary, Cause::WrongAnswer));
    assert_eq!(scram(Answer::tokens(Vec::new())), (temporary, Cause::WrongAnswer));
    assert_eq!(scram(Answer::temporary_failure()), (temporary, Cause::Lookup));
}
