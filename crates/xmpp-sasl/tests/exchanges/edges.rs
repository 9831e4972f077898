//! The last that is let in and the first that is not; what a value tells of what it was given.

use core::num::NonZeroU32;
use std::sync::Arc;

use xmpp_sasl::client::{
    self, Credentials, Error, KeysQuery, Offer, Policy, Refusal, Token, Tried,
};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::prepare::{AsGiven, PrepareError};
use xmpp_sasl::sasl2::{Fast, TokenSlots, Upgrade, UpgradeError};
use xmpp_sasl::server::{self, Answer, AuthcidAt, AuthorizationRule, Cause, Config};
use xmpp_sasl::{
    ChannelBindings, FailureReason, Mechanism, Nonce, Own, Secret, StoredKeys, Strength,
    TokenBinding,
};

use crate::pair::{Failed, PASSWORD, Pair, SALT, account, config, keys, nonce, stored, tls};

const SCRAM: Mechanism = Mechanism::Scram { hash: Hash::Sha256, plus: false };

fn rounds(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

#[test]
fn credentials_tell_what_they_were_given() {
    let bare = Credentials::new("user");
    assert_eq!((bare.username(), bare.authorization_identity()), ("user", None));
    assert_eq!(bare.password(), None);
    let all = bare.with_authorization_identity("a@example.com").with_password(PASSWORD);
    assert_eq!(all.authorization_identity(), Some("a@example.com"));
    assert_eq!(all.password(), Some(&Secret::from(PASSWORD)));
    assert_eq!(all.with_authorization_identity("").authorization_identity(), None);
}

/// Keys for another hash stay, those for the same one are replaced.
#[test]
fn keys_for_each_hash_are_kept() {
    let other = keys(Hash::Sha256, b"another salt", 4096);
    let credentials = [other, keys(Hash::Sha256, SALT, 4096), keys(Hash::Sha1, SALT, 4096)]
        .into_iter()
        .fold(Credentials::new("user"), Credentials::with_scram_keys);
    for (hash, known) in [(Hash::Sha1, true), (Hash::Sha256, true), (Hash::Sha512, false)] {
        let mut pair = Pair::new().with_hashes(&[hash]);
        pair.credentials = credentials.clone();
        match pair.run(account) {
            Ok(done) => assert!(known && done.client.scram_keys() == Some(&keys(hash, SALT, 4096))),
            Err(Failed::Choice(none)) => {
                assert!(!known && none.to_string().contains(hash.as_str()), "{none}");
            }
            Err(other) => panic!("{hash:?}: {other:?}"),
        }
    }
}

/// What a mechanism promises, in the order of `Mechanism::ALL`.
#[test]
fn what_each_mechanism_does() {
    let told = |mechanism: Mechanism| {
        (
            mechanism.is_mutual(),
            mechanism.is_revealing(),
            mechanism.uses_password(),
            mechanism.is_bound(),
        )
    };
    for mechanism in Mechanism::ALL {
        let expected = match mechanism {
            Mechanism::Anonymous => (false, true, false, false),
            Mechanism::Plain => (false, true, true, false),
            Mechanism::OauthBearer => (false, true, false, false),
            Mechanism::External => (false, false, false, false),
            Mechanism::Scram { plus, .. } => (true, false, true, plus),
            Mechanism::HashedToken(binding) => (true, false, false, binding != TokenBinding::None),
            _ => unreachable!("`ALL` has none of the caller's"),
        };
        assert_eq!(told(mechanism), expected, "{mechanism}");
    }
    let own = Own::new("X-OWN", Strength::ScramSha256).unwrap();
    assert_eq!(told(Mechanism::Own(own)), (false, false, true, false));
    let own = own.bound().mutual().without_password();
    assert_eq!(told(Mechanism::Own(own)), (true, false, false, true));
}

/// 5802-5.1-02: printable ASCII without the comma.
#[test]
fn a_nonce_is_printable() {
    for good in ["!", "~", "fyko+d2lbbFgONRv9qkxdawL", "=", &"n".repeat(256)] {
        assert!(Nonce::from_text(good).is_some(), "{good}");
    }
    for bad in ["", ",", "a,b", "a b", "a\u{7f}", "\u{e9}", "a\n", &"n".repeat(257)] {
        assert!(Nonce::from_text(bad).is_none(), "{bad:?}");
    }
}

/// A client's limits for the count of iterations, both included.
#[test]
fn iterations_within_the_range() {
    let run = |range| {
        let mut pair = Pair::new().with_hashes(&[Hash::Sha256]);
        pair.policy = pair.policy.allow(Mechanism::Plain).iterations(range);
        // What was decided before stays.
        assert!(pair.policy.choose(&Offer::new(&["PLAIN"]), &tls(), &pair.credentials).is_ok());
        pair.run(account).map(drop)
    };
    for range in [4096..=4096, 4096..=5000, 1..=4096] {
        assert!(run(range.clone()).is_ok(), "{range:?}");
    }
    assert!(matches!(
        run(4097..=5000),
        Err(Failed::Client(Error::TooFewIterations { count: 4096, least: 4097 }))
    ));
    assert!(matches!(
        run(1..=4095),
        Err(Failed::Client(Error::TooManyIterations { count: 4096, most: 4095 }))
    ));
}

/// XEP-0474: a server that confirms nothing is one too many for who asks for it.
#[test]
fn an_offer_that_has_to_be_confirmed() {
    let mut pair = Pair::new();
    pair.policy = pair.policy.forbid(SCRAM).require_offer_confirmation();
    let done = pair.run(account).unwrap();
    assert!(done.client.is_offer_confirmed());
    assert!(
        pair.policy.choose(&Offer::new(&["SCRAM-SHA-256"]), &tls(), &pair.credentials).is_err()
    );
    pair.config = pair.config.confirm_offer(false);
    assert!(matches!(pair.run(account), Err(Failed::Client(Error::OfferNotConfirmed))));
}

/// With SASLprep `ª` would be `a` (RFC 4013 section 3).
#[test]
fn names_are_prepared_as_the_policy_says() {
    let offer = Offer::new(&["SCRAM-SHA-1"]);
    let credentials = Credentials::new("\u{aa}").with_password(PASSWORD);
    let policy = Policy::default().forbid(SCRAM).preparation(&AsGiven);
    assert!(policy.choose(&Offer::new(&["SCRAM-SHA-256"]), &tls(), &credentials).is_err());
    let start = policy.choose(&offer, &tls(), &credentials).unwrap().start(nonce("n"));
    assert_eq!(start.initial_response.unwrap(), "y,,n=\u{aa},r=n".as_bytes());
}

/// Of two that are alike, the first on offer is taken.
#[test]
fn a_mechanism_that_is_offered_twice() {
    let credentials = Credentials::new("user").with_password(PASSWORD);
    let offer = Offer::new(&["SCRAM-SHA-256", "SCRAM-SHA-256"]);
    let choice = Policy::default().choose(&offer, &tls(), &credentials).unwrap();
    let refusals: Vec<_> = choice.verdicts().iter().map(|verdict| verdict.refusal).collect();
    assert_eq!(refusals, [None, Some(Refusal::LessPreferred)]);
}

/// RFC 4422 section 2: a mechanism of the caller's own that failed with the password bars those
/// that would use it again, and no other.
#[test]
fn what_failed_with_the_same_secret() {
    let own = Own::new("X-OWN", Strength::ScramSha256).unwrap();
    let credentials = Credentials::new("user").with_password(PASSWORD);
    for (own, barred) in [(own, true), (own.without_password(), false)] {
        let mut tried = Tried::default();
        tried.failed(Mechanism::Own(own), FailureReason::CredentialsRejected);
        let offer = Offer::new(&["SCRAM-SHA-256"]).after(&tried);
        let choice = Policy::default().choose(&offer, &tls(), &credentials);
        assert_eq!(choice.is_err(), barred, "{own:?}");
    }
}

/// NUL would end it early for whoever reads it in C (RFC 4616 section 2, RFC 5801 section 4).
#[test]
fn no_nul_in_an_authorization_identity() {
    let credentials = Credentials::new("user")
        .with_password(PASSWORD)
        .with_bearer_token("token", None, None)
        .with_certificate()
        .with_authorization_identity("a\0b");
    for mechanism in [Mechanism::Plain, Mechanism::OauthBearer, Mechanism::External, SCRAM] {
        let policy = Policy::default().allow(mechanism);
        let names = [mechanism.name()];
        let none = policy.choose(&Offer::new(&names), &tls(), &credentials).unwrap_err();
        let expected = Refusal::Username(PrepareError::Prohibited('\0'));
        assert_eq!(none.verdicts()[0].refusal, Some(expected), "{mechanism}");
    }
}

/// RFC 6750 section 2.1 and RFC 7628 section 3.1: what a bearer token and its host may be.
#[test]
fn a_token_and_a_host_of_oauthbearer() {
    let policy = Policy::default().allow(Mechanism::OauthBearer);
    let choose = |token: &str, host: Option<&str>| {
        let credentials =
            Credentials::new("user").with_bearer_token(token, host.map(Into::into), None);
        policy
            .choose(&Offer::new(&["OAUTHBEARER"]), &tls(), &credentials)
            .map(drop)
            .map_err(|none| none.verdicts()[0].refusal)
    };
    for host in [None, Some("example.com"), Some("!"), Some("~"), Some("[::1]")] {
        assert_eq!(choose("token", host), Ok(()), "{host:?}");
    }
    let malformed = Err(Some(Refusal::Malformed));
    for host in ["", " ", "a b", "a\u{1}b", "a\u{7f}", "\u{e9}"] {
        assert_eq!(choose("token", Some(host)), malformed, "{host:?}");
    }
    for token in ["", "=", "a b", "a\u{1}"] {
        assert_eq!(choose(token, None), malformed, "{token:?}");
        assert_eq!(choose(token, Some("example.com")), malformed, "{token:?}");
    }
}

/// A challenge of 16 KiB is read, and one byte more is not.
#[test]
fn the_longest_challenge() {
    let policy = Policy::default().allow(Mechanism::OauthBearer);
    let credentials = Credentials::new("user").with_bearer_token("token", None, None);
    for (len, fits) in [(16 * 1024, true), (16 * 1024 + 1, false)] {
        let choice = policy.choose(&Offer::new(&["OAUTHBEARER"]), &tls(), &credentials).unwrap();
        let step = choice.start(nonce("n")).exchange.challenge(&vec![b'j'; len]);
        match step {
            Ok(client::Step::Response { response, .. }) => assert!(fits && response == b"\x01"),
            Ok(other) => panic!("{other:?}"),
            Err(error) => assert!(!fits && error == Error::UnexpectedChallenge),
        }
    }
}

/// A SCRAM exchange whose keys are wanted from outside.
fn keys_wanted() -> (KeysQuery, client::Pending) {
    let policy = Policy::default();
    let credentials = Credentials::new("user").with_password(PASSWORD);
    let choice = policy.choose(&Offer::new(&["SCRAM-SHA-256"]), &tls(), &credentials).unwrap();
    assert_eq!(format!("{choice:?}").split_whitespace().next(), Some("Choice"));
    assert!(format!("{choice:?}").contains("SCRAM-SHA-256"));
    let exchange = choice.start(nonce("n")).exchange;
    // `salt` in base64.
    match exchange.challenge(b"r=nmore,s=c2FsdA==,i=4096") {
        Ok(client::Step::KeysWanted { query, pending }) => (query, pending),
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_that_fit_what_was_asked() {
    let (query, pending) = keys_wanted();
    assert!(pending.fits(&query.derive()));
    assert!(pending.fits(&keys(Hash::Sha256, b"salt", 4096)));
    for other in [
        keys(Hash::Sha1, b"salt", 4096),
        keys(Hash::Sha256, b"slat", 4096),
        keys(Hash::Sha256, b"salt", 4097),
    ] {
        assert!(!pending.fits(&other), "{other:?}");
    }
}

/// Values that hold secrets say what they are, and nothing of the secret.
#[test]
fn what_holds_a_secret_tells_of_the_rest() {
    let (query, pending) = keys_wanted();
    assert_eq!(format!("{query:?}"), "KeysQuery { hash: Sha256, iterations: 4096, .. }");
    assert_eq!(format!("{pending:?}"), "Pending { mechanism: \"SCRAM-SHA-256\", .. }");
    let upgrade = Upgrade::to(Hash::Sha512).query(
        &Policy::default(),
        &Credentials::new("user").with_password(PASSWORD),
        b"salt",
        rounds(4096),
    );
    let upgrade = format!("{:?}", upgrade.unwrap());
    assert_eq!(upgrade, "UpgradeQuery { hash: Sha512, iterations: 4096, .. }");
    assert_eq!(format!("{:?}", nonce("secret")), "Nonce");
    let own = Own::new("X-OWN", Strength::Token).unwrap();
    assert_eq!(format!("{own:?}"), "Own(\"X-OWN\")");
    let digest = crypto::provider().digest(Hash::Sha256, &[b"secret"]);
    assert_eq!(format!("{digest:?}"), "[redacted]");
    let policy = format!("{:?}", Policy::default().forbid(SCRAM));
    assert!(policy.contains("\"SCRAM-SHA-1\""), "{policy}");
    assert!(!policy.contains("\"SCRAM-SHA-256\""), "{policy}");
    assert!(policy.contains("Saslprep"), "{policy}");
    let exchange = begin(Mechanism::Plain, &config());
    match exchange.respond(Some(b"\0user\0pencil")) {
        Ok(server::Step::CredentialsWanted { pending, .. }) => {
            assert_eq!(format!("{pending:?}"), "Pending { mechanism: \"PLAIN\", .. }");
        }
        other => panic!("{other:?}"),
    }
}

/// XEP-0480: within what the policy allows.
#[test]
fn an_upgrade_within_the_range() {
    let policy = Policy::default().iterations(5000..=6000);
    let credentials = Credentials::new("user").with_password(PASSWORD);
    let query =
        |count| Upgrade::to(Hash::Sha512).query(&policy, &credentials, b"salt", rounds(count));
    for count in [5000, 6000] {
        assert!(query(count).is_ok(), "{count}");
    }
    for count in [4999, 6001] {
        assert_eq!(query(count).map(drop), Err(UpgradeError::Iterations(count)));
    }
}

/// Begins on the server, whatever it would offer by default.
fn begin(mechanism: Mechanism, config: &Config) -> server::Exchange {
    let offer = server::Policy::default().allow(mechanism).offer(config, &tls());
    server::Exchange::start(mechanism.name(), config, &offer, &tls(), nonce("n")).unwrap()
}

#[test]
fn the_longest_response() {
    // As of a client: 16 KiB.
    assert_eq!(Config::MAX_MESSAGE_BYTES, 16_384);
    let config = config().confirm_offer(false).max_message_bytes(20);
    for (message, too_long) in [("n,,n=user,r=12345678", false), ("n,,n=user,r=123456789", true)] {
        let cause = begin(SCRAM, &config).respond(Some(message.as_bytes())).err();
        assert_eq!(cause.is_some_and(|failure| *failure.cause() == Cause::TooLong), too_long);
    }
}

/// RFC 7628 section 3.2.3: the client says that it has seen the error, and nothing else.
#[test]
fn a_bearer_token_that_was_rejected() {
    let rejected =
        |mechanism, message: &[u8]| match begin(mechanism, &config()).respond(Some(message)) {
            Ok(server::Step::CredentialsWanted { pending, .. }) => {
                pending.provide(Answer::bearer_rejected("{}"))
            }
            other => panic!("{other:?}"),
        };
    for (told, cause) in [
        (&b"\x01"[..], Cause::BearerRejected),
        (b"", Cause::UnexpectedData),
        (b"\x01\x01", Cause::UnexpectedData),
    ] {
        match rejected(Mechanism::OauthBearer, b"n,,\x01auth=Bearer token\x01\x01") {
            Ok(server::Step::Challenge { data, exchange }) => {
                assert_eq!(data, b"{}");
                assert_eq!(*exchange.respond(Some(told)).unwrap_err().cause(), cause);
            }
            other => panic!("{other:?}"),
        }
    }
    // A certificate has no token.
    let failure = rejected(Mechanism::External, b"").unwrap_err();
    assert_eq!(*failure.cause(), Cause::WrongAnswer);
}

/// XEP-0484: tokens have a list of their own, and each needs what it is bound to.
#[test]
fn tokens_are_offered_apart() {
    let mechanisms = [TokenBinding::None, TokenBinding::Exporter, TokenBinding::ServerEndPoint]
        .map(Mechanism::HashedToken);
    let policy = mechanisms.into_iter().fold(server::Policy::default(), server::Policy::allow);
    let bindings = ChannelBindings::over_tls().with_tls_exporter([1; 32]);
    let offer = policy.offer(&config(), &bindings);
    assert_eq!(offer.token_mechanisms(), ["HT-SHA-256-EXPR", "HT-SHA-256-NONE"]);
    assert!(offer.mechanisms().iter().all(|name| name.starts_with("SCRAM")), "{offer}");
    let judged = policy.judge(mechanisms[2], &config(), &bindings);
    assert_eq!(judged, Err(server::Refusal::NoChannelBinding));
}

#[test]
fn what_is_forbidden_leaves_the_rest() {
    let policy = server::Policy::default().allow(Mechanism::Plain).forbid(SCRAM);
    let offer = policy.offer(&config(), &ChannelBindings::over_tls());
    assert_eq!(offer.mechanisms(), ["SCRAM-SHA-512", "SCRAM-SHA-1", "PLAIN"]);
}

/// RFC 6120 section 6.3.8: as the bare JID of oneself.
#[test]
fn who_may_act_as_whom() {
    let rule = AuthcidAt::new("example.com");
    assert!(rule.permits("user", "user@example.com") && rule.permits("user", "user@EXAMPLE.com"));
    for other in
        ["user", "user@example.net", "other@example.com", "example.com", "user@example.com/x"]
    {
        assert!(!rule.permits("user", other), "{other}");
    }
}

#[test]
fn stored_keys_of_the_right_length() {
    let of = |salt: &[u8], stored: usize, server: usize| {
        StoredKeys::from_parts(Hash::Sha256, salt, rounds(5000), &vec![1; stored], &vec![2; server])
    };
    assert_eq!(of(b"salt", 32, 32).unwrap().iterations(), rounds(5000));
    for (salt, stored, server) in [
        (&b""[..], 32, 32),
        (b"salt", 31, 32),
        (b"salt", 32, 33),
        (b"", 31, 32),
        (b"", 32, 31),
        (b"s", 20, 20),
    ] {
        assert!(of(salt, stored, server).is_none(), "{salt:?} {stored} {server}");
    }
    assert_eq!(stored(Hash::Sha256).iterations(), rounds(4096));
}

/// A token is good until the moment that was said, and not at it.
#[test]
fn a_token_expires() {
    let mechanism = Mechanism::HashedToken(TokenBinding::None);
    let token = Secret::from("token");
    for (now, good) in [(999, true), (1000, false)] {
        let mut slots = TokenSlots::default();
        slots.issue(mechanism, token.clone(), 1000);
        assert_eq!(slots.used(&token, mechanism, now, Fast::default(), false).is_ok(), good);
    }
}

/// Who proved it, how, and with which of the tokens.
#[test]
fn what_an_outcome_tells() {
    let mut pair = Pair::new();
    pair.policy = pair.policy.allow(Mechanism::Plain);
    pair.server_policy = pair.server_policy.allow(Mechanism::Plain);
    let done = pair.run(account).unwrap();
    assert!(done.client.is_mutual());
    assert_eq!((done.server.token_index(), done.server.token()), (None, None));
    let done = pair.run_altered(|names, _| names.retain(|name| *name == "PLAIN"), account);
    // XEP-0440 rule 5: types without -PLUS.
    assert!(matches!(done, Err(Failed::Choice(_))));
    pair.server_policy = [Hash::Sha1, Hash::Sha256, Hash::Sha512]
        .into_iter()
        .flat_map(|hash| [false, true].map(|plus| Mechanism::Scram { hash, plus }))
        .fold(pair.server_policy, server::Policy::forbid);
    let done = pair.run(account).unwrap();
    assert_eq!(done.client.mechanism(), Mechanism::Plain);
    assert!(!done.client.is_mutual());
}

/// Each by its own name, the later of one name.
#[test]
fn own_mechanisms_of_different_names() {
    let own = |name, strength| Arc::new(Named(Own::new(name, strength).unwrap()));
    let config = Config::new()
        .with_mechanism(own("X-A", Strength::Token))
        .with_mechanism(own("X-B", Strength::ScramSha256))
        .with_mechanism(own("X-A", Strength::ScramSha1));
    let offer = server::Policy::default().offer(&config, &ChannelBindings::over_tls());
    assert_eq!(offer.mechanisms(), ["X-B", "X-A"]);
    // Without TLS, what shows the secret is not offered.
    let config = config.with_mechanism(own("X-A", Strength::SecretRevealed));
    let policy = server::Policy::default().allow_without_tls();
    assert_eq!(policy.offer(&config, &ChannelBindings::without_tls()).mechanisms(), ["X-B"]);
}

#[derive(Debug)]
struct Named(Own);

impl server::OwnMechanism for Named {
    fn describe(&self) -> Own {
        self.0
    }
    fn start(&self, _: &ChannelBindings, _: Nonce) -> Box<dyn server::OwnExchange> {
        unreachable!("it is offered, and no more")
    }
}

/// XEP-0440 rule 4: `-PLUS` without types is no reason to distrust a token that is bound itself.
#[test]
fn a_bound_token_in_an_offer_that_contradicts_itself() {
    let token = |binding| {
        let mechanism = Mechanism::HashedToken(binding);
        let tokens = [mechanism.name()];
        let offer = Offer::sasl2(&["SCRAM-SHA-256-PLUS"]).with_token_mechanisms(&tokens);
        let credentials = Credentials::new("user").with_token(Token::new(mechanism, "token"));
        Policy::default().choose(&offer, &tls(), &credentials).map(|choice| choice.mechanism()).ok()
    };
    let bound = Mechanism::HashedToken(TokenBinding::Exporter);
    assert_eq!(token(TokenBinding::Exporter), Some(bound));
    assert_eq!(token(TokenBinding::None), None);
}
