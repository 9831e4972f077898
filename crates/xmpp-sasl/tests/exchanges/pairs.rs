//! Ours against ours: every mechanism and binding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::pair::{Failed, Pair, SALT, account, tls};
use xmpp_sasl::client::{self, Credentials, Error, Policy, Token};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::server::{Answer, AuthcidAt, Query, default_iterations};
use xmpp_sasl::{
    ChannelBindingType, ChannelBindings, FailureReason, Mechanism, Secret, Strength, TokenBinding,
};

fn only(mechanism: Mechanism) -> Pair {
    let mut pair = Pair::new();
    for other in Mechanism::ALL {
        pair.policy = pair.policy.forbid(other);
        pair.server_policy = pair.server_policy.forbid(other);
    }
    pair.policy = pair.policy.allow(mechanism);
    pair.server_policy = pair.server_policy.allow(mechanism);
    pair
}

#[test]
fn every_scram_with_every_binding() {
    // 6120-13.8.1-01, 5802-4-02, 5802-6.1-01, 5802-6.1-02
    // 6120-security-mti-auth-scram, 6120-security-mti-both-scram
    for mechanism in Mechanism::ALL {
        let Mechanism::Scram { plus, .. } = mechanism else { continue };
        for kind in ChannelBindingType::ALL {
            let mut pair = only(mechanism);
            let bindings = match (plus, kind) {
                (false, _) => ChannelBindings::over_tls(),
                (_, ChannelBindingType::TlsUnique) => {
                    ChannelBindings::over_tls().with_tls_unique([7; 12])
                }
                (_, ChannelBindingType::TlsExporter) => {
                    ChannelBindings::over_tls().with_tls_exporter([7; 32])
                }
                _ => ChannelBindings::over_tls().with_tls_server_end_point([7; 32]),
            };
            pair.client_bindings = bindings.clone();
            pair.server_bindings = bindings;
            for sasl2 in [false, true] {
                pair.sasl2 = sasl2;
                let done = pair.run(account).unwrap();
                assert_eq!(done.client.mechanism(), mechanism);
                assert_eq!(done.server.mechanism(), mechanism);
                assert_eq!(done.client.channel_binding(), plus.then_some(kind));
                assert_eq!(done.server.channel_binding(), plus.then_some(kind));
                assert!(done.client.is_offer_confirmed());
            }
        }
    }
}

#[test]
fn the_default_is_the_strongest() {
    // 5802-6-05, 6120-13.9.4-02, 6120-6.3.3-01
    let done = Pair::new().run(account).unwrap();
    assert_eq!(done.client.mechanism().name(), "SCRAM-SHA-512-PLUS");
    assert_eq!(done.client.channel_binding(), Some(ChannelBindingType::TlsExporter));
}

#[test]
fn plain() {
    // 6120-security-mti-both-plain; 6120-13.8.3-02: clients have it.
    let pair = only(Mechanism::Plain);
    assert_eq!(pair.run(account).unwrap().server.authcid(), "user");
    pair.run(|query| match query {
        Query::Password { password, .. } => {
            Answer::password_checked(password.expose() == b"pencil")
        }
        _ => Answer::unknown_user(),
    })
    .unwrap();
}

/// 5802-5.1-06: the proofs are made of the name as it was sent, whatever the server makes of it.
#[cfg(feature = "saslprep")]
#[test]
fn a_name_that_the_client_has_not_prepared() {
    let mut pair = Pair::new();
    pair.policy = pair.policy.preparation(&xmpp_sasl::prepare::AsGiven);
    pair.credentials = Credentials::new("us\u{AD}er").with_password(crate::pair::PASSWORD);
    let done = pair.run(account).unwrap();
    assert!(done.client.is_mutual());
    assert_eq!(done.server.authcid(), "user");
}

/// 8265-3.2-02, 8265-3.2-04: both names keep their case on their way; which account they mean is
/// for the server's lookup to decide.
#[test]
fn names_keep_their_case_until_the_lookup() {
    let scram = Mechanism::Scram { hash: Hash::Sha256, plus: false };
    for mechanism in [scram, Mechanism::Plain] {
        let mut pair = only(mechanism);
        pair.config = pair.config.authorization(AuthcidAt::new("capulet.example"));
        pair.credentials = Credentials::new("User")
            .with_password(crate::pair::PASSWORD)
            .with_authorization_identity("User@capulet.example");
        let done = pair
            .run(|query| match query {
                Query::ScramKeys { username, hash, .. }
                | Query::Password { username, hash: Some(hash), .. }
                    if username == "User" =>
                {
                    Answer::keys(crate::pair::stored(*hash))
                }
                _ => Answer::unknown_user(),
            })
            .unwrap();
        let names = (done.server.authcid(), done.server.authzid());
        assert_eq!(names, ("User", Some("User@capulet.example")));
    }
}

/// 6120-6.3.4-04: listed first, and tried first.
#[test]
fn external_comes_first() {
    let mut pair = Pair::new();
    pair.config = pair.config.authorization(AuthcidAt::new("capulet.example"));
    pair.policy = pair.policy.allow(Mechanism::External);
    pair.server_policy = pair.server_policy.allow(Mechanism::External).allow(Mechanism::Plain);
    pair.credentials = pair.credentials.with_certificate();
    let offer = pair.server_policy.offer(&pair.config, &pair.server_bindings);
    assert_eq!(offer.mechanisms()[0], "EXTERNAL");
    assert!(offer.mechanisms().len() > 2, "{:?}", offer.mechanisms());
    let done = pair.run(|_| Answer::identity("juliet")).unwrap();
    assert_eq!(done.client.mechanism(), Mechanism::External);
}

#[test]
fn external() {
    // 6120-security-mti-both-external
    let mut pair = only(Mechanism::External);
    pair.config = pair.config.authorization(AuthcidAt::new("capulet.example"));
    pair.credentials = Credentials::new("").with_certificate();
    let done = pair.run(|_| Answer::identity("juliet")).unwrap();
    assert_eq!((done.server.authcid(), done.server.authzid()), ("juliet", None));

    pair.credentials = pair.credentials.with_authorization_identity("juliet@capulet.example");
    let done = pair.run(|_| Answer::identity("juliet")).unwrap();
    assert_eq!(done.server.authzid(), Some("juliet@capulet.example"));
}

#[test]
fn anonymous() {
    let mut pair = only(Mechanism::Anonymous);
    pair.credentials = Credentials::new("").with_anonymity("trace");
    let done = pair
        .run(|query| match query {
            Query::Anonymous { trace, .. } if trace == "trace" => Answer::identity("1234"),
            _ => Answer::unknown_user(),
        })
        .unwrap();
    assert_eq!(done.server.authcid(), "1234");
}

#[test]
fn oauthbearer() {
    let mut pair = only(Mechanism::OauthBearer);
    pair.credentials = Credentials::new("").with_bearer_token("vF9dft4q=", None, None);
    let done = pair
        .run(|query| match query {
            Query::BearerToken { token, .. } if token.expose() == b"vF9dft4q=" => {
                Answer::identity("user")
            }
            _ => Answer::unknown_user(),
        })
        .unwrap();
    assert_eq!(done.server.authcid(), "user");
}

#[test]
fn every_token_mechanism() {
    for binding in [
        TokenBinding::None,
        TokenBinding::ServerEndPoint,
        TokenBinding::Unique,
        TokenBinding::Exporter,
    ] {
        let mechanism = Mechanism::HashedToken(binding);
        let mut pair = only(mechanism);
        pair.credentials = Credentials::new("user").with_token(Token::new(mechanism, "secret"));
        let slots = || Answer::tokens(vec![Secret::from("new"), Secret::from("secret")]);
        let done = pair.run(|_| slots()).unwrap();
        assert_eq!(done.server.token_index(), Some(1));
        assert_eq!(done.client.channel_binding(), binding.channel_binding());
        assert!(done.client.pin().is_none());
    }
}

#[test]
fn plus_is_offered_where_there_is_something_to_bind_to() {
    let pair = Pair::new();
    let names = |policy: &xmpp_sasl::server::Policy, bindings: &ChannelBindings| {
        let offer = policy.offer(&pair.config, bindings);
        let plus = offer.mechanisms().iter().filter(|name| name.ends_with("-PLUS")).count();
        [plus, offer.mechanisms().len() - plus]
    };
    // 5802-6-01 and -02: both, or the one without.
    assert_eq!(names(&pair.server_policy, &tls()), [3, 3]);
    assert_eq!(names(&pair.server_policy, &ChannelBindings::over_tls()), [0, 3]);
    // 5802-6-03: the one without is not offered where it would never do.
    let bound = pair.server_policy.require_channel_binding();
    assert_eq!(names(&bound, &tls()), [3, 0]);
    assert_eq!(names(&bound, &ChannelBindings::over_tls()), [0, 0]);
}

/// 5802-5.1-14
#[test]
fn cached_keys_stand_in_for_the_password() {
    let pair = Pair::new();
    let done = pair.run(account).unwrap();
    let keys = done.client.scram_keys().unwrap().clone();
    let mut again = Pair::new();
    again.credentials = Credentials::new("user").with_scram_keys(keys);
    assert_eq!(again.run(account).unwrap().client.mechanism().name(), "SCRAM-SHA-512-PLUS");
}

/// RFC 5802 section 5.1, on the salt: the keys are good as long as salt and
/// count stay; then the password is needed again.
#[test]
fn cached_keys_for_another_salt_or_count() {
    let outdated = [crate::pair::keys(Hash::Sha256, b"old salt", 4096), {
        crate::pair::keys(Hash::Sha256, b"salt of the account", 5000)
    }];
    for keys in outdated {
        let mut pair = Pair::new().with_hashes(&[Hash::Sha256]);
        pair.credentials = Credentials::new("user").with_scram_keys(keys.clone());
        let result = pair.run(account);
        assert!(matches!(result, Err(Failed::Client(Error::KeysOutdated))));

        pair.credentials = pair.credentials.with_password(crate::pair::PASSWORD);
        let done = pair.run(account).unwrap();
        assert_ne!(done.client.scram_keys(), Some(&keys));
    }
}

/// What a policy refuses, and says so.
#[test]
fn a_policy_explains_itself() {
    // 6120-6.3.3-02, 6120-6.3.3-04, 6120-13.8.3-03, 5802-6-07
    let offer = [
        "X-OTHER",
        "PLAIN",
        "SCRAM-SHA-1",
        "SCRAM-SHA-256",
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-512",
        "EXTERNAL",
    ];
    let user = Credentials::new("user").with_password("pencil");
    let explain = |policy: Policy, tls: &ChannelBindings| -> String {
        let types = ["tls-exporter"];
        let result = policy.choose(&crate::pair::client_offer(&offer, &types), tls, &user);
        match result {
            Ok(choice) => choice.verdicts().iter().map(|v| format!("{v}\n")).collect(),
            Err(none) => format!("{none}\n"),
        }
    };
    assert_eq!(
        explain(Policy::default().floor(Strength::ScramSha256), &tls()),
        "X-OTHER: unknown\n\
         PLAIN: not allowed by the policy\n\
         SCRAM-SHA-1: weaker than the policy's floor\n\
         SCRAM-SHA-256: another is better\n\
         SCRAM-SHA-256-PLUS: taken\n\
         SCRAM-SHA-512: another is better\n\
         EXTERNAL: no credentials for it\n"
    );
    let unique = ChannelBindings::over_tls().with_tls_unique([1; 12]);
    assert!(
        explain(Policy::default().require_channel_binding(), &unique)
            .contains("SCRAM-SHA-256-PLUS: no channel binding that both sides have; ")
    );
    assert!(
        explain(Policy::default().require_channel_binding(), &unique)
            .contains("SCRAM-SHA-512: not bound to the connection, as the policy asks; ")
    );
    let required = Policy::default().require_channel_binding();
    let chosen =
        required.choose(&crate::pair::client_offer(&offer, &["tls-exporter"]), &tls(), &user);
    let first = chosen.unwrap().start(crate::pair::nonce("abc")).initial_response.unwrap();
    assert!(first.starts_with(b"p=tls-exporter,,"));
    // Where PLAIN may be used, it is the last resort all the same.
    let last = explain(Policy::default().allow(Mechanism::Plain), &ChannelBindings::over_tls());
    assert!(last.contains("PLAIN: another is better\n") && last.contains("SCRAM-SHA-512: taken"));
    let clear = ChannelBindings::without_tls();
    assert!(explain(Policy::default(), &clear).contains("SCRAM-SHA-1: only to be used over TLS"));
    let open = Policy::default().allow(Mechanism::Plain).allow_without_tls();
    let open = explain(open, &clear);
    assert!(open.contains("PLAIN: only to be used over TLS\n"));
    assert!(open.contains("SCRAM-SHA-512: taken\n"));
}

/// 5802-5.1-13, 7677-3-01: what a server announces if it is not told another count.
#[test]
fn the_default_counts_are_above_the_least() {
    for hash in [Hash::Sha1, Hash::Sha256, Hash::Sha512] {
        assert!(default_iterations(hash).get() >= 4096, "{hash:?}");
    }
}

/// And so does a server's.
#[test]
fn a_server_offers_what_it_can_keep() {
    use xmpp_sasl::server::{Policy, Refusal};
    let sha_256 = Mechanism::Scram { hash: Hash::Sha256, plus: false };
    let plus = Mechanism::Scram { hash: Hash::Sha256, plus: true };
    let over_tls = ChannelBindings::over_tls();
    let clear = ChannelBindings::without_tls();
    let all = &crate::pair::config();
    let sha_1 = &all.clone().account_keys(crate::pair::account_keys(&[Hash::Sha1]));
    let none = &xmpp_sasl::server::Config::new();
    let policy = Policy::default();
    assert_eq!(policy.judge(sha_256, all, &over_tls), Ok(()));
    assert_eq!(policy.judge(Mechanism::Plain, all, &over_tls), Err(Refusal::NotAllowed));
    assert_eq!(policy.judge(sha_256, sha_1, &over_tls), Err(Refusal::NoKeys));
    assert_eq!(policy.judge(sha_256, none, &over_tls), Err(Refusal::NoKeys));
    assert_eq!(policy.judge(plus, all, &over_tls), Err(Refusal::NoChannelBinding));
    assert_eq!(policy.judge(plus, all, &tls()), Ok(()));
    assert_eq!(policy.judge(sha_256, all, &clear), Err(Refusal::NeedsTls));
    let floor = policy.floor(Strength::ScramSha512);
    assert_eq!(floor.judge(plus, all, &tls()), Err(Refusal::BelowFloor));
    let bound = policy.require_channel_binding();
    assert_eq!(bound.judge(sha_256, all, &tls()), Err(Refusal::NotBound));
    let open = policy.allow_without_tls().allow(Mechanism::Plain);
    assert_eq!(open.judge(sha_256, all, &clear), Ok(()));
    // 6120-6.3.4-01
    assert_eq!(open.judge(Mechanism::Plain, all, &clear), Err(Refusal::NeedsTls));
    let token = Mechanism::HashedToken(TokenBinding::Unique);
    assert_eq!(policy.allow(token).judge(token, none, &over_tls), Err(Refusal::NoChannelBinding));
}

/// 6120-6.3.10-01: without an initial response the server asks for it.
#[test]
fn no_initial_response() {
    use xmpp_sasl::server::{Exchange, Offer, Step};
    let pair = Pair::new();
    let nonce = crate::pair::nonce("server");
    let offer = Offer::new(["SCRAM-SHA-1"], []);
    let tls = ChannelBindings::over_tls();
    let exchange = Exchange::start("SCRAM-SHA-1", &pair.config, &offer, &tls, nonce).unwrap();
    let Ok(Step::Challenge { data, exchange }) = exchange.respond(None) else { panic!() };
    assert_eq!(data, b"");
    let step = exchange.respond(Some(b"n,,n=user,r=abc")).unwrap();
    assert!(matches!(step, Step::CredentialsWanted { .. }));
}

/// The client after a challenge with the account's salt and count, with these
/// credentials.
fn challenged(credentials: &Credentials) -> Result<client::Step, Error> {
    let choice = Policy::default()
        .choose(
            &crate::pair::client_offer(&["SCRAM-SHA-256"], &[]),
            &ChannelBindings::over_tls(),
            credentials,
        )
        .unwrap();
    let salt = STANDARD.encode(SALT);
    choice
        .start(crate::pair::nonce("abc"))
        .exchange
        .challenge(format!("r=abcxyz,s={salt},i=4096").as_bytes())
}

/// PBKDF2 is not computed within the exchange: a query tells what to derive,
/// and is sent to wherever there is time for it.
#[test]
fn keys_are_derived_elsewhere() {
    let user = Credentials::new("user").with_password(crate::pair::PASSWORD);
    let Ok(client::Step::KeysWanted { query, pending }) = challenged(&user) else { panic!() };
    assert_eq!((query.hash(), query.salt()), (Hash::Sha256, SALT));
    assert_eq!(query.iterations().get(), 4096);
    assert!(!format!("{query:?} {pending:?}").contains(crate::pair::PASSWORD));
    let keys = std::thread::spawn(move || query.derive()).join().unwrap();
    assert_eq!(keys, crate::pair::keys(Hash::Sha256, SALT, 4096));
    let Ok(client::Step::Response { response, .. }) = pending.provide(keys) else { panic!() };

    let Ok(client::Step::KeysWanted { query, pending }) = challenged(&user) else { panic!() };
    let in_place = pending.provide(query.derive()).unwrap();
    assert!(matches!(in_place, client::Step::Response { response: same, .. } if same == response));
}

#[test]
fn keys_that_do_not_fit_are_an_error() {
    let user = Credentials::new("user").with_password(crate::pair::PASSWORD);
    for (hash, salt, count) in [
        (Hash::Sha512, SALT, 4096),
        (Hash::Sha1, SALT, 4096),
        (Hash::Sha256, &b"another salt"[..], 4096),
        (Hash::Sha256, SALT, 4097),
    ] {
        let Ok(client::Step::KeysWanted { pending, .. }) = challenged(&user) else { panic!() };
        let keys = crate::pair::keys(hash, salt, count);
        assert_eq!(pending.provide(keys).unwrap_err(), Error::WrongKeys);
    }
}

/// Keys that fit make the query unnecessary, with or without a password.
#[test]
fn no_query_with_cached_keys() {
    let fitting = crate::pair::keys(Hash::Sha256, SALT, 4096);
    let cached = Credentials::new("user").with_scram_keys(fitting);
    for credentials in [cached.clone().with_password("wrong"), cached] {
        let step = challenged(&credentials).unwrap();
        assert!(matches!(step, client::Step::Response { .. }));
    }
    let outdated = crate::pair::keys(Hash::Sha256, SALT, 5000);
    let outdated = Credentials::new("user").with_scram_keys(outdated);
    assert_eq!(challenged(&outdated).unwrap_err(), Error::KeysOutdated);
    let step = challenged(&outdated.with_password("pencil")).unwrap();
    assert!(matches!(step, client::Step::KeysWanted { .. }));
}

/// An exchange is moved at every step, and kept in a connection's state.
#[test]
fn states_are_small() {
    fn sent<T: Send + 'static>() -> usize {
        size_of::<T>()
    }
    assert!(sent::<client::Exchange>() <= 112, "{}", sent::<client::Exchange>());
    assert!(sent::<client::Pending>() <= 40, "{}", sent::<client::Pending>());
    assert!(sent::<client::Step>() <= 136, "{}", sent::<client::Step>());
    assert!(sent::<client::KeysQuery>() <= 96, "{}", sent::<client::KeysQuery>());
    assert!(sent::<client::Authenticated>() <= 40, "{}", sent::<client::Authenticated>());
}

/// A protocol whose success carries no data: what the server has to prove goes
/// in a challenge before it (RFC 4422 section 5, item 2b).
#[test]
fn success_without_data() {
    use xmpp_sasl::server::{Cause, Exchange, Step};
    let scram = Mechanism::Scram { hash: Hash::Sha256, plus: true };
    let token = Mechanism::HashedToken(TokenBinding::Exporter);
    for mechanism in [scram, token] {
        let mut pair = only(mechanism);
        pair.config = pair.config.data_with_success(false);
        if mechanism == token {
            pair.credentials = Credentials::new("user").with_token(Token::new(token, "secret"));
        }
        let done = pair
            .run(|query| match query {
                Query::Tokens { .. } => Answer::tokens(vec![Secret::from("secret")]),
                other => account(other),
            })
            .unwrap();
        assert_eq!(done.server.authcid(), "user");
        assert!(done.client.is_mutual());
    }

    // The client's answer is empty, and comes before success.
    let config = crate::pair::config().data_with_success(false);
    let proved = || {
        let tls = ChannelBindings::over_tls();
        let proof = crypto::provider().hmac(Hash::Sha256, b"secret", &[b"Initiator", b""]);
        let message = [&b"user\0"[..], proof.as_ref()].concat();
        let name = "HT-SHA-256-NONE";
        let offer = xmpp_sasl::server::Offer::new([name], []);
        let step = Exchange::start(name, &config, &offer, &tls, crate::pair::nonce("xyz"))
            .and_then(|exchange| exchange.respond(Some(&message)));
        let Ok(Step::CredentialsWanted { pending, .. }) = step else { panic!("{step:?}") };
        match pending.provide(Answer::tokens(vec![Secret::from("secret")])) {
            Ok(Step::Challenge { data, exchange }) if data.len() == 32 => exchange,
            other => panic!("{other:?}"),
        }
    };
    for empty in [None, Some(&b""[..])] {
        let step = proved().respond(empty);
        assert!(matches!(step, Ok(Step::Success { additional_data: None, .. })), "{step:?}");
    }
    assert_eq!(proved().respond(Some(b"x")).unwrap_err().cause(), &Cause::UnexpectedData);
}

/// An offer that comes out empty says why, mechanism by mechanism.
#[test]
fn an_empty_offer_says_why() {
    use xmpp_sasl::server::{Config, Policy, Refusal};
    let offer = Policy::default().offer(&Config::new(), &tls());
    assert!(offer.is_empty() && offer.channel_bindings().is_empty());
    assert_eq!(offer.verdicts().len(), Mechanism::ALL.len());
    for verdict in offer.verdicts() {
        let expected = match verdict.mechanism {
            Mechanism::Scram { .. } => Refusal::NoKeys,
            _ => Refusal::NotAllowed,
        };
        assert_eq!(verdict.refusal, Some(expected), "{}", verdict.mechanism);
    }
    let text = offer.to_string();
    assert!(text.starts_with("no mechanism is offered; EXTERNAL: not allowed by the policy; "));
    assert!(text.contains("; SCRAM-SHA-256: no keys for its hash; "), "{text}");

    let clear = Policy::default().offer(&crate::pair::config(), &ChannelBindings::without_tls());
    assert!(clear.is_empty());
    assert!(clear.to_string().contains("SCRAM-SHA-512: only to be offered over TLS"));

    // And a full one what is not in it.
    let offer = Policy::default().offer(&crate::pair::config(), &ChannelBindings::over_tls());
    assert!(!offer.is_empty());
    let text = offer.to_string();
    assert!(text.starts_with("SCRAM-SHA-512, SCRAM-SHA-256, SCRAM-SHA-1; "), "{text}");
    assert!(text.contains("SCRAM-SHA-1-PLUS: nothing to bind to"), "{text}");
}

/// What an offer of other origin promises, the configuration may not keep.
#[test]
fn scram_without_knowing_the_accounts_keys() {
    use xmpp_sasl::server::{Cause, Config, Exchange, Offer};
    let config = Config::new();
    let offer = Offer::new(["SCRAM-SHA-1"], []);
    let tls = ChannelBindings::over_tls();
    let failure = Exchange::start("SCRAM-SHA-1", &config, &offer, &tls, crate::pair::nonce("xyz"))
        .and_then(|exchange| exchange.respond(Some(b"n,,n=user,r=abc")))
        .unwrap_err();
    assert_eq!(failure.cause(), &Cause::NoAccountKeys);
    assert_eq!(failure.reason(), FailureReason::Temporary);
}

/// Providers may be statics or counted, of a known type or not.
#[test]
fn providers_of_all_kinds() {
    use std::sync::Arc;
    use xmpp_sasl::Shared;
    use xmpp_sasl::crypto::Crypto;
    use xmpp_sasl::prepare::{AsGiven, Preparation};
    let counted: Arc<dyn Preparation> = Arc::new(AsGiven);
    let prepared: [Shared<dyn Preparation>; 4] =
        [(&AsGiven).into(), Arc::new(AsGiven).into(), counted.into(), {
            let one: &'static dyn Preparation = &AsGiven;
            one.into()
        }];
    for preparation in prepared {
        let mut pair = Pair::new();
        pair.policy = pair.policy.preparation(preparation.clone());
        pair.config = pair.config.preparation(preparation);
        assert!(pair.run(account).is_ok());
    }
    let crypto: Shared<dyn Crypto> = crypto::provider().into();
    assert_eq!(crypto.digest(Hash::Sha1, &[b"a"]), crypto::provider().digest(Hash::Sha1, &[b"a"]));
}
