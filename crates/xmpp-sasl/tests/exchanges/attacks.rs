//! What must not work, and how it is refused.

use crate::pair::{Failed, PASSWORD, Pair, account, client_offer, config, nonce, stored, tls};
use xmpp_sasl::FailureReason;
use xmpp_sasl::client::{self, Contradiction, Credentials, Error, Policy, Refusal, Start};
use xmpp_sasl::crypto::Hash;
use xmpp_sasl::server::{Answer, Cause, Exchange, Failure, Offer, Query, Step};
use xmpp_sasl::{ChannelBindingType, ChannelBindings, Mechanism};

/// The client after `client-first-message`; its nonce is `abc`.
fn client() -> Start {
    Policy::default()
        .choose(
            &client_offer(&["SCRAM-SHA-256"], &[]),
            &ChannelBindings::over_tls(),
            &Credentials::new("user").with_password(PASSWORD),
        )
        .unwrap()
        .start(nonce("abc"))
}

/// How the client takes a `server-first-message`.
fn first(message: &str) -> Result<(Vec<u8>, client::Exchange), Error> {
    client().exchange.challenge_in_place(message.as_bytes())
}

fn malformed_at(message: &str) -> usize {
    match first(message).unwrap_err() {
        Error::Message(error) => error.at,
        other => panic!("{other:?}"),
    }
}

/// A server of SCRAM-SHA-256 (with -PLUS over TLS with something to bind to),
/// after `client-first-message`; its nonce is `xyz`.
fn server(mechanism: &str, bindings: &ChannelBindings, message: &[u8]) -> Result<Step, Failure> {
    let offer = match bindings.types().next() {
        Some(_) => Offer::new(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], ["tls-exporter"]),
        None => Offer::new(["SCRAM-SHA-256"], []),
    };
    let config = config().confirm_offer(false);
    Exchange::start(mechanism, &config, &offer, bindings, nonce("xyz"))?.respond(Some(message))
}

/// The server after its `server-first-message`.
fn challenged() -> (Vec<u8>, Exchange) {
    let step = server("SCRAM-SHA-256", &ChannelBindings::over_tls(), b"n,,n=user,r=abc").unwrap();
    let Step::CredentialsWanted { pending, .. } = step else { panic!("{step:?}") };
    let step = pending.provide(Answer::keys(stored(Hash::Sha256))).unwrap();
    let Step::Challenge { data, exchange } = step else { panic!("{step:?}") };
    (data, exchange)
}

fn refused(result: Result<Step, Failure>) -> (FailureReason, Cause) {
    let failure = result.unwrap_err();
    (failure.reason(), failure.cause().clone())
}

const REJECTED: FailureReason = FailureReason::CredentialsRejected;
const MALFORMED: FailureReason = FailureReason::Malformed;

#[test]
fn wrong_server_signature() {
    // 5802-5-02
    let step = || first("r=abcxyz,s=c2FsdA==,i=4096").unwrap().1;
    let right_length = b"v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for data in [&right_length[..], b"v=AAAA", b"v="] {
        assert_eq!(step().success(Some(data)).unwrap_err(), Error::ServerSignature);
    }
    let error = step().success(Some(b"e=other-error")).unwrap_err();
    assert_eq!(error, Error::Server("other-error".into()));
}

#[test]
fn success_without_a_server_signature() {
    let at_once = client().exchange;
    assert_eq!(at_once.success(None).unwrap_err(), Error::SuccessWithoutProof);
    let with_data = client().exchange;
    assert_eq!(with_data.success(Some(b"v=AAAA")).unwrap_err(), Error::SuccessWithoutProof);
    for data in [None, Some(&b""[..])] {
        let after_challenge = first("r=abcxyz,s=c2FsdA==,i=4096").unwrap().1;
        assert_eq!(after_challenge.success(data).unwrap_err(), Error::SuccessWithoutProof);
    }
}

/// 5802-5.1-09.
#[test]
fn nonce_not_extended() {
    for nonce in ["abc", "ab", "abdxyz", "xyzabc", "ABCxyz"] {
        let message = format!("r={nonce},s=c2FsdA==,i=4096");
        assert_eq!(first(&message).unwrap_err(), Error::NonceNotExtended, "{nonce}");
    }
}

#[test]
fn iteration_counts_out_of_bounds() {
    // 7677-4-02: no client takes part in less.
    let count = |count: &str| first(&format!("r=abcxyz,s=c2FsdA==,i={count}")).unwrap_err();
    assert_eq!(count("1"), Error::TooFewIterations { count: 1, least: 4096 });
    assert_eq!(count("4095"), Error::TooFewIterations { count: 4095, least: 4096 });
    let most = Policy::MOST_ITERATIONS;
    assert_eq!(count("2147483648"), Error::TooManyIterations { count: 1 << 31, most });
    for text in ["0", "04096", "-4096", "+4096", "4096.0", "4294967296", ""] {
        assert_eq!(malformed_at(&format!("r=abcxyz,s=c2FsdA==,i={text}")), 20, "{text}");
    }
}

#[test]
fn salt_empty_or_not_base64() {
    for salt in ["", "c2FsdA", "c2FsdB==", "c2Fs dA==", "====", "c2FsdA==\n"] {
        assert_eq!(malformed_at(&format!("r=abcxyz,s={salt},i=4096")), 9, "{salt:?}");
    }
}

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

/// 5802-6-08: a -PLUS that was taken out of the offer is noticed.
#[test]
fn flag_y_though_plus_was_offered() {
    // 5802-6-04
    let failure = server("SCRAM-SHA-256", &tls(), b"y,,n=user,r=abc");
    assert_eq!(refused(failure), (REJECTED, Cause::Downgrade));
    // With nothing to bind to on this side, `y` is true.
    assert!(server("SCRAM-SHA-256", &ChannelBindings::over_tls(), b"y,,n=user,r=abc").is_ok());

    let stripped = Pair::new().run_altered(
        |names, types| {
            names.retain(|name| !name.ends_with("-PLUS"));
            types.clear();
        },
        account,
    );
    let Err(Failed::Server(failure)) = stripped else { panic!("not refused") };
    assert_eq!(failure.cause(), &Cause::Downgrade);
}

#[test]
fn there_are_three_flags() {
    // 5802-5-01
    for message in ["x,,n=user,r=abc", "N,,n=user,r=abc", ",,n=user,r=abc", "n=user,r=abc"] {
        let failure = server("SCRAM-SHA-256", &ChannelBindings::over_tls(), message.as_bytes());
        assert_eq!(refused(failure).0, MALFORMED, "{message}");
    }
}

#[test]
fn flag_and_mechanism_contradict_each_other() {
    for (mechanism, message) in [
        ("SCRAM-SHA-256-PLUS", "n,,n=user,r=abc"),
        ("SCRAM-SHA-256-PLUS", "y,,n=user,r=abc"),
        ("SCRAM-SHA-256", "p=tls-exporter,,n=user,r=abc"),
    ] {
        let failure = server(mechanism, &tls(), message.as_bytes());
        assert_eq!(refused(failure), (MALFORMED, Cause::FlagMismatch));
    }
}

/// 5802-6-09, 5802-6.1-04.
#[test]
fn a_channel_binding_this_connection_has_not() {
    let exporter = ChannelBindings::over_tls().with_tls_exporter([1; 32]);
    for kind in ["tls-unique", "tls-server-end-point", "tls-exporter2", "TLS-EXPORTER"] {
        let message = format!("p={kind},,n=user,r=abc");
        let failure = server("SCRAM-SHA-256-PLUS", &exporter, message.as_bytes());
        assert_eq!(refused(failure), (REJECTED, Cause::ChannelBindingType));
    }
}

/// 5802-6-10: an attacker's own TLS connection to each side.
#[test]
fn binding_data_of_another_connection() {
    let mut pair = Pair::new();
    pair.server_bindings = ChannelBindings::over_tls().with_tls_exporter([8; 32]);
    pair.client_bindings = ChannelBindings::over_tls().with_tls_exporter([1; 32]);
    let Err(Failed::Server(failure)) = pair.run(account) else { panic!("not refused") };
    assert_eq!(failure.reason(), REJECTED);
    assert_eq!(failure.cause(), &Cause::ChannelBinding);
}

/// The GS2 header is repeated in `c=`, so that nobody adds an authorization
/// identity or changes the flag.
#[test]
fn the_header_changed_on_its_way() {
    // 5802-5.1-11: and it has to be there.
    for other in ["biwsYT1hZG1pbiw=", "eSws", ""] {
        let message = format!("c={other},r=abcxyz,p=AAAA");
        let failure = challenged().1.respond(Some(message.as_bytes()));
        assert_eq!(refused(failure), (REJECTED, Cause::ChannelBinding));
    }
    let failure = challenged().1.respond(Some(b"r=abcxyz,p=AAAA"));
    assert_eq!(refused(failure).0, MALFORMED);
}

/// 5802-7-02: behind the GS2 header stands what is bound to, with the flag `p` and no other.
#[test]
fn binding_data_where_it_does_not_belong() {
    let failure = challenged().1.respond(Some(b"c=biwsAQEB,r=abcxyz,p=AAAA"));
    assert_eq!(refused(failure), (REJECTED, Cause::ChannelBinding), "n,, and three bytes");

    let step = server("SCRAM-SHA-256-PLUS", &tls(), b"p=tls-exporter,,n=user,r=abc").unwrap();
    let Step::CredentialsWanted { pending, .. } = step else { panic!("{step:?}") };
    let step = pending.provide(Answer::keys(stored(Hash::Sha256))).unwrap();
    let Step::Challenge { exchange, .. } = step else { panic!("{step:?}") };
    let failure = exchange.respond(Some(b"c=cD10bHMtZXhwb3J0ZXIsLA==,r=abcxyz,p=AAAA"));
    assert_eq!(refused(failure), (REJECTED, Cause::ChannelBinding), "p=tls-exporter,, alone");
}

/// XEP-0474: with the confirmed offer, every change is noticed.
#[test]
fn offer_altered_in_flight() {
    let run =
        |alter: fn(&mut Vec<&str>, &mut Vec<&str>)| match Pair::new().run_altered(alter, account) {
            Err(Failed::Client(error)) => error,
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("not noticed"),
        };
    assert_eq!(run(|names, _| names.retain(|name| !name.contains("512"))), Error::OfferAltered);
    assert_eq!(run(|_, types| types.retain(|kind| *kind != "tls-exporter")), Error::OfferAltered);
    assert_eq!(run(|names, _| names.push("SCRAM-SHA3-512")), Error::OfferAltered);
    assert_eq!(run(|_, types| *types = vec!["tls-server-end-point"]), Error::OfferAltered);
    // XEP-0440 rule 6 as XEP-0474 changes it: nothing in common, go and see.
    assert_eq!(run(|_, types| *types = vec!["made-up"]), Error::OfferAltered);
}

/// The order does not matter, and is not what an attacker gains by.
#[test]
fn offer_in_another_order() {
    let done = Pair::new().run_altered(
        |names, types| {
            names.reverse();
            types.reverse();
        },
        account,
    );
    assert!(done.unwrap().client.is_offer_confirmed());
}

/// Without a confirmation a client that found no type in common gives up.
#[test]
fn no_type_in_common_and_no_confirmation() {
    let mut pair = Pair::new();
    pair.config = pair.config.confirm_offer(false);
    let failed = pair.run_altered(|_, types| *types = vec!["made-up"], account);
    assert!(matches!(failed, Err(Failed::Client(Error::OfferNotConfirmed))));
}

/// XEP-0440 rules 4 and 5.
#[test]
fn offer_that_contradicts_itself() {
    let contradiction = |sasl2, alter: fn(&mut Vec<&str>, &mut Vec<&str>)| {
        let mut pair = Pair::new();
        pair.sasl2 = sasl2;
        match pair.run_altered(alter, account) {
            Err(Failed::Choice(none)) => none.verdicts()[0].refusal,
            Err(_) => panic!("refused too late"),
            Ok(done) => {
                assert_eq!(done.client.channel_binding(), Some(ChannelBindingType::TlsExporter));
                None
            }
        }
    };
    let without_plus = |names: &mut Vec<&str>, _: &mut Vec<&str>| {
        names.retain(|name| !name.ends_with("-PLUS"));
    };
    for sasl2 in [false, true] {
        assert_eq!(
            contradiction(sasl2, without_plus),
            Some(Refusal::Contradiction(Contradiction::TypesWithoutPlus))
        );
    }
    assert_eq!(
        contradiction(true, |_, types| types.clear()),
        Some(Refusal::Contradiction(Contradiction::PlusWithoutTypes))
    );
}

/// In RFC 6120's profile, servers without XEP-0440 are to be lived with: they are older
/// than tls-exporter, and know tls-unique at best.
#[test]
fn plus_without_types_in_the_older_profile() {
    let mut pair = Pair::new();
    pair.config = pair.config.confirm_offer(false);
    let done = pair.run_altered(|_, types| types.clear(), account).unwrap();
    assert_eq!(done.client.channel_binding(), Some(ChannelBindingType::TlsUnique));
    let mechanisms = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
    let choose = |bindings: &ChannelBindings| {
        let credentials = Credentials::new("user").with_password(PASSWORD);
        let choice =
            Policy::default().choose(&client_offer(&mechanisms, &[]), bindings, &credentials);
        choice.unwrap().channel_binding()
    };
    let exporter = ChannelBindings::over_tls().with_tls_exporter([1; 32]);
    assert_eq!(choose(&exporter), None);
    assert_eq!(choose(&exporter.with_tls_unique([2; 12])), Some(ChannelBindingType::TlsUnique));
}

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

/// 5802-5.1-10: a whole exchange heard before and said again.
#[test]
fn replay_of_an_exchange() {
    let (data, exchange) = challenged();
    let response = client().exchange.challenge_in_place(&data).unwrap().0;
    assert!(matches!(exchange.respond(Some(&response)), Ok(Step::Success { .. })));

    // The same messages to a server with a nonce of its own.
    let offer = Offer::new(["SCRAM-SHA-256"], []);
    let tls = ChannelBindings::over_tls();
    let config = config().confirm_offer(false);
    let step = Exchange::start("SCRAM-SHA-256", &config, &offer, &tls, nonce("other"))
        .unwrap()
        .respond(Some(b"n,,n=user,r=abc"))
        .unwrap();
    let Step::CredentialsWanted { pending, .. } = step else { panic!("{step:?}") };
    let step = pending.provide(Answer::keys(stored(Hash::Sha256))).unwrap();
    let Step::Challenge { exchange, .. } = step else { panic!("{step:?}") };
    assert_eq!(refused(exchange.respond(Some(&response))), (REJECTED, Cause::Nonce));
}

#[test]
fn nonce_of_the_client_alone() {
    let (_, exchange) = challenged();
    let failure = exchange.respond(Some(b"c=biws,r=abc,p=AAAA"));
    assert_eq!(refused(failure), (REJECTED, Cause::Nonce));
}

#[test]
fn proofs_that_are_not() {
    for proof in ["AAAA", "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
        let message = format!("c=biws,r=abcxyz,p={proof}");
        let failure = challenged().1.respond(Some(message.as_bytes()));
        assert_eq!(refused(failure), (REJECTED, Cause::Proof));
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
fn a_mechanism_that_was_not_offered() {
    let reason = |mechanism: &str, bindings: &ChannelBindings| {
        refused(server(mechanism, bindings, b"n,,n=user,r=abc")).0
    };
    let (tls, clear) = (ChannelBindings::over_tls(), ChannelBindings::without_tls());
    for mechanism in ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "scram-sha-256", "", "X"] {
        assert_eq!(reason(mechanism, &tls), FailureReason::MechanismUnavailable, "{mechanism}");
    }
    assert_eq!(reason("PLAIN", &clear), FailureReason::EncryptionRequired);
}

/// A server that goes over to PLAIN once the client has used SCRAM.
#[test]
fn plain_after_scram() {
    let done = Pair::new().run(account).unwrap();
    let pin = done.client.pin().unwrap();
    assert_eq!(client::Pin::from_text(&pin.to_text()), Some(pin));
    let policy = Policy::default().allow(Mechanism::Plain);
    let choose = |policy: Policy, mechanism: &str| {
        let offer = [mechanism];
        let types: &[&str] = if mechanism.ends_with("-PLUS") { &["tls-exporter"] } else { &[] };
        policy
            .choose(
                &client_offer(&offer, types),
                &tls(),
                &Credentials::new("user").with_password(PASSWORD),
            )
            .map(|choice| choice.mechanism().name())
            .map_err(|none| none.verdicts()[0].refusal)
    };
    assert_eq!(choose(policy.clone(), "PLAIN"), Ok("PLAIN"));
    let class = policy.clone().pin(pin, client::Pinning::Class);
    assert_eq!(choose(class.clone(), "PLAIN"), Err(Some(Refusal::Pinned(pin))));
    assert_eq!(choose(class, "SCRAM-SHA-1"), Ok("SCRAM-SHA-1"));
    let at_least = policy.pin(pin, client::Pinning::AtLeast);
    assert_eq!(choose(at_least.clone(), "SCRAM-SHA-512"), Err(Some(Refusal::Pinned(pin))));
    assert_eq!(choose(at_least, "SCRAM-SHA-512-PLUS"), Ok("SCRAM-SHA-512-PLUS"));
}

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

/// A second, empty message where the exchange needs one.
#[test]
fn a_response_without_data() {
    let (_, exchange) = challenged();
    assert_eq!(refused(exchange.respond(None)), (MALFORMED, Cause::MissingData));
}
