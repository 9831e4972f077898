//! XEP-0388's tasks, XEP-0480's upgrades and XEP-0484's tokens.

use core::num::NonZeroU32;

use crate::pair::{Failed, PASSWORD, Pair, account, client_offer, nonce, strs};
use xmpp_sasl::client::{self, Credentials, Error, Policy, Token};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::prepare::Saslprep;
use xmpp_sasl::sasl2::{
    Continued, Fast, Next, Replayed, TaskError, Tasks, TokenSlots, Upgrade, UpgradeError,
};
use xmpp_sasl::server::{self, Cause, Failure};
use xmpp_sasl::{ChannelBindings, FailureReason, Mechanism, Nonce, Secret, TokenBinding};

fn exchange() -> client::Exchange {
    let choice = Policy::default()
        .choose(
            &client_offer(&["SCRAM-SHA-256"], &[]),
            &ChannelBindings::over_tls(),
            &Credentials::new("user").with_password(PASSWORD),
        )
        .unwrap();
    choice.start(nonce("abc")).exchange
}

/// `<continue/>` is as much of a success as `<success/>`.
#[test]
fn no_task_before_the_server_has_proved_itself() {
    let tasks = || vec!["TOTP-EXAMPLE".to_owned()];
    let error = Continued::after(exchange(), None, tasks()).unwrap_err();
    assert_eq!(error, TaskError::Exchange(Error::SuccessWithoutProof));
    let (_, after) = exchange().challenge_in_place(b"r=abcxyz,s=c2FsdA==,i=4096").unwrap();
    let error = Continued::after(after, Some(b"v=AAAA"), tasks()).unwrap_err();
    assert_eq!(error, TaskError::Exchange(Error::ServerSignature));
}

#[test]
fn an_upgrade_from_sha_1_to_sha_256() {
    // The exchange with what the server has.
    let pair = Pair::new().with_hashes(&[Hash::Sha1]);
    let offer = pair.server_policy.offer(&pair.config, &pair.server_bindings);
    let (names, types) = (strs(offer.mechanisms()), strs(offer.channel_bindings()));
    let choice = pair
        .policy
        .choose(&client_offer(&names, &types), &pair.client_bindings, &pair.credentials)
        .unwrap();
    let start = choice.start(nonce("client"));
    let client = start.exchange;
    let bindings = &pair.server_bindings;
    let name = start.mechanism.name();
    let server =
        server::Exchange::start(name, &pair.config, &offer, bindings, nonce("server")).unwrap();
    let step = server.respond(start.initial_response.as_deref()).unwrap();
    let server::Step::CredentialsWanted { query, pending } = step else { panic!() };
    let server::Step::Challenge { data, exchange } = pending.provide(account(&query)).unwrap()
    else {
        panic!()
    };
    let (response, client) = client.challenge_in_place(&data).unwrap();
    let server::Step::Success { additional_data, authenticated } =
        exchange.respond(Some(&response)).unwrap()
    else {
        panic!()
    };

    // The task.
    let upgrades = Upgrade::missing(&[Hash::Sha1]);
    assert_eq!(upgrades[0].name(), "UPGR-SCRAM-SHA-256");
    let rounds = upgrades.iter().map(|upgrade| vec![upgrade.name()]);
    let Next::Continue { tasks, running } = Tasks::new(authenticated, rounds).proceed() else {
        panic!()
    };
    let continued = Continued::after(client, additional_data.as_deref(), tasks).unwrap();
    let task = continued.tasks()[0].clone();
    let doing = continued.next(&task).unwrap();
    let left = running.next(&task).unwrap();
    let upgrade = Upgrade::from_name(&task).unwrap();
    let (salt, count) = (b"a new salt", NonZeroU32::new(5000).unwrap());
    let crypto = crypto::provider();
    let salted =
        upgrade.salted_password(crypto, &Saslprep, PASSWORD, salt, count, 4096..=10_000).unwrap();
    let keys = upgrade.keys(crypto, salted.expose(), salt, count).unwrap();
    assert_eq!(keys.hash(), Hash::Sha256);
    assert!(keys.verify_password(crypto, PASSWORD.as_bytes()));

    // The next one, then success.
    let Next::Continue { tasks, running } = left.proceed() else { panic!() };
    let continued = doing.proceed(tasks).unwrap();
    let doing = continued.next("UPGR-SCRAM-SHA-512").unwrap();
    let Next::Success(authenticated) = running.next("UPGR-SCRAM-SHA-512").unwrap().proceed() else {
        panic!()
    };
    assert_eq!(authenticated.authcid(), "user");
    assert!(doing.success().is_mutual());
}

#[test]
fn an_upgrade_within_bounds() {
    let salted = |salt: &[u8], count| {
        Upgrade::to(Hash::Sha512).salted_password(
            crypto::provider(),
            &Saslprep,
            PASSWORD,
            salt,
            NonZeroU32::new(count).unwrap(),
            4096..=10_000,
        )
    };
    assert_eq!(salted(b"", 4096), Err(UpgradeError::EmptySalt));
    assert_eq!(salted(b"salt", 1), Err(UpgradeError::Iterations(1)));
    assert_eq!(salted(b"salt", 1 << 31), Err(UpgradeError::Iterations(1 << 31)));
    let count = NonZeroU32::new(4096).unwrap();
    let keys = Upgrade::to(Hash::Sha512).keys(crypto::provider(), &[1; 32], b"salt", count);
    assert_eq!(keys, Err(UpgradeError::Length));
    // XEP-0480: no -PLUS in a task's name.
    assert_eq!(Upgrade::from_name("UPGR-SCRAM-SHA-256-PLUS"), None);
}

#[test]
fn a_task_that_was_not_offered() {
    let done = Pair::new().run(account).unwrap();
    let tasks = Tasks::new(done.server, [vec!["A".to_owned(), "B".to_owned()]]);
    let Next::Continue { running, .. } = tasks.proceed() else { panic!() };
    assert_eq!(running.next("C").unwrap_err(), TaskError::NotOffered);
}

#[test]
fn a_task_that_is_demanded_later() {
    // XEP-0388, "Continue": "a sequence of <continue> exchanges will occur until all
    // mandatory tasks are complete".
    let done = Pair::new().run(account).unwrap();
    let mut tasks = Tasks::new(done.server, []);
    tasks.demand(Vec::new());
    tasks.demand(vec!["A".to_owned()]);
    let Next::Continue { tasks, running } = tasks.proceed() else { panic!() };
    assert_eq!(tasks, ["A"]);
    let mut left = running.next("A").unwrap();
    left.demand(vec!["B".to_owned()]);
    let Next::Continue { tasks, running } = left.proceed() else { panic!() };
    assert_eq!(tasks, ["B"]);
    assert!(matches!(running.next("B").unwrap().proceed(), Next::Success(_)));
}

const EXPORTER: Mechanism = Mechanism::HashedToken(TokenBinding::Exporter);
const UNBOUND: Mechanism = Mechanism::HashedToken(TokenBinding::None);

/// A login with a token against slots of the server.
fn login(
    slots: &TokenSlots,
    mechanism: Mechanism,
    token: &str,
    now: u64,
) -> Result<Secret, Failure> {
    let mut pair = Pair::new();
    pair.server_policy = pair.server_policy.allow(EXPORTER).allow(UNBOUND);
    pair.credentials = Credentials::new("user").with_token(Token::new(mechanism, token));
    match pair.run(|_| slots.answer(mechanism, now)) {
        Ok(done) => Ok(done.server.token().cloned().expect("it was a token")),
        Err(Failed::Server(failure)) => Err(failure),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_token_is_not_used_again_after_its_successor() {
    let mut slots = TokenSlots::default();
    slots.issue(EXPORTER, Secret::from("first"), 1000);
    let token = login(&slots, EXPORTER, "first", 1).unwrap();
    slots.used(&token, EXPORTER, 1, Fast::default(), false).unwrap();

    slots.issue(EXPORTER, Secret::from("second"), 2000);
    // The client may not have got it.
    let token = login(&slots, EXPORTER, "first", 2).unwrap();
    slots.used(&token, EXPORTER, 2, Fast::default(), false).unwrap();
    let token = login(&slots, EXPORTER, "second", 3).unwrap();
    slots.used(&token, EXPORTER, 3, Fast::default(), false).unwrap();
    // Now it has.
    let failure = login(&slots, EXPORTER, "first", 4).unwrap_err();
    assert_eq!(failure.reason(), FailureReason::CredentialsRejected);
    assert!(login(&slots, EXPORTER, "second", 4).is_ok());
}

#[test]
fn a_token_is_for_one_mechanism() {
    let mut slots = TokenSlots::default();
    slots.issue(EXPORTER, Secret::from("first"), 1000);
    let failure = login(&slots, UNBOUND, "first", 1).unwrap_err();
    assert_eq!(failure.cause(), &Cause::Proof);
}

#[test]
fn a_token_expires() {
    let mut slots = TokenSlots::default();
    slots.issue(EXPORTER, Secret::from("first"), 1000);
    assert!(login(&slots, EXPORTER, "first", 999).is_ok());
    let expired = login(&slots, EXPORTER, "first", 1000).unwrap_err();
    assert_eq!(expired.reason(), FailureReason::CredentialsExpired);
    // Only who has it is told.
    let guessed = login(&slots, EXPORTER, "guess", 1000).unwrap_err();
    assert_eq!(guessed.reason(), FailureReason::CredentialsRejected);
}

#[test]
fn a_count_is_seen_once() {
    let mut slots = TokenSlots::default();
    slots.issue(EXPORTER, Secret::from("first"), 1000);
    let mut used = |count, early_data| {
        slots.used(
            &Secret::from("first"),
            EXPORTER,
            1,
            Fast { count, invalidate: false },
            early_data,
        )
    };
    assert_eq!(used(None, true), Err(Replayed));
    assert_eq!(used(Some(1), true), Ok(()));
    assert_eq!(used(Some(1), true), Err(Replayed));
    assert_eq!(used(Some(3), true), Ok(()));
    assert_eq!(used(Some(2), true), Err(Replayed));
    assert_eq!(used(None, false), Ok(()));
    assert_eq!(used(Some(3), true), Err(Replayed));
}

/// Two connections at once: what one has replaced does not come back by the other.
#[test]
fn a_token_replaced_meanwhile() {
    let mut slots = TokenSlots::default();
    slots.issue(EXPORTER, Secret::from("first"), 1000);
    let token = login(&slots, EXPORTER, "first", 1).unwrap();
    slots.issue(EXPORTER, Secret::from("second"), 2000);
    assert_eq!(slots.used(&token, EXPORTER, 1, Fast::default(), false), Err(Replayed));
    let second = Secret::from("second");
    assert_eq!(slots.used(&second, UNBOUND, 1, Fast::default(), false), Err(Replayed));
    assert_eq!(slots.used(&second, EXPORTER, 1, Fast::default(), false), Ok(()));
    assert_eq!(
        (slots.expires(), slots.is_over(1999), slots.is_over(2000)),
        (Some(2000), false, true)
    );
}

/// XEP-0484, security considerations: what is bound to the connection is preferred.
#[test]
fn a_token_is_requested_for_the_strongest_mechanism() {
    let names = ["HT-SHA-256-NONE", "HT-SHA-256-EXPR", "HT-SHA-256-ENDP", "HT-SHA-512-X", "PLAIN"];
    let policy = Policy::default().allow(Mechanism::Plain);
    let tls = ChannelBindings::over_tls();
    let exporter = tls.clone().with_tls_exporter([1; 32]);
    let end_point = tls.clone().with_tls_server_end_point([1; 32]);
    let choose = |policy: &Policy, tls: &ChannelBindings| policy.choose_token_mechanism(names, tls);
    assert_eq!(choose(&policy, &exporter), Some(EXPORTER));
    let of_end_point = Mechanism::HashedToken(TokenBinding::ServerEndPoint);
    assert_eq!(choose(&policy, &end_point), Some(of_end_point));
    assert_eq!(choose(&policy, &tls), Some(UNBOUND));
    assert_eq!(choose(&policy, &ChannelBindings::without_tls()), None);
    assert_eq!(choose(&policy.clone().require_channel_binding(), &tls), None);
    assert_eq!(choose(&policy.forbid(EXPORTER), &exporter), Some(UNBOUND));
}

#[test]
fn a_token_given_up() {
    let mut slots = TokenSlots::default();
    slots.issue(EXPORTER, Secret::from("first"), 1000);
    slots
        .used(&Secret::from("first"), EXPORTER, 1, Fast { count: None, invalidate: true }, false)
        .unwrap();
    assert_eq!(slots, TokenSlots::default());
}

/// Slots are kept in a database, whatever happened to them.
#[test]
fn slots_as_text() {
    let mut slots = TokenSlots::default();
    let mut texts = vec![slots.to_text()];
    slots.issue(EXPORTER, Secret::from("first"), 1000);
    texts.push(slots.to_text());
    let used = Fast { count: Some(7), invalidate: false };
    slots.used(&Secret::from("first"), EXPORTER, 1, used, false).unwrap();
    texts.push(slots.to_text());
    slots.issue(UNBOUND, Secret::from("second"), u64::MAX);
    texts.push(slots.to_text());
    // The form is stable: what is in databases stays readable.
    assert_eq!(
        texts,
        [
            "",
            "new HT-SHA-256-EXPR 1000 - Zmlyc3Q=",
            "current HT-SHA-256-EXPR 1000 7 Zmlyc3Q=",
            "current HT-SHA-256-EXPR 1000 7 Zmlyc3Q=;\
             new HT-SHA-256-NONE 18446744073709551615 - c2Vjb25k",
        ]
    );
    for text in &texts {
        assert_eq!(TokenSlots::from_text(text).unwrap().to_text(), *text);
    }
    // They work as before.
    let mut read = TokenSlots::from_text(&texts[3]).unwrap();
    assert_eq!(read, slots);
    assert_eq!(read.used(&Secret::from("first"), EXPORTER, 1, used, false), Err(Replayed));
    assert!(login(&read, UNBOUND, "second", 2).is_ok());
    let good = &texts[3];
    for wrong in [
        good.replace("current", "new"),
        good.replace("current", "old"),
        good.replace("1000", "01000"),
        good.replace("1000", "+1000"),
        good.replace("1000 7", "1000 07"),
        good.replace("1000 7", "1000 "),
        good.replace("1000 7", "1000 4294967296"),
        good.replace("18446744073709551615", "18446744073709551616"),
        good.replace("Zmlyc3Q=", "Zmlyc3Q"),
        good.replace("EXPR", "XPR"),
        good.replace(';', ""),
        good.replace(';', ";;"),
        format!("{good};"),
        format!("{good} "),
        format!(" {good}"),
        format!("{good};{good}"),
        ";".into(),
    ] {
        assert_eq!(TokenSlots::from_text(&wrong), None, "{wrong}");
    }
}

/// A token heard on one connection does not do on another.
#[test]
fn a_bound_token_message_on_another_connection() {
    let bindings = |byte| ChannelBindings::over_tls().with_tls_exporter([byte; 32]);
    let choice = Policy::default()
        .choose(
            &client_offer(&[], &[]).with_token_mechanisms(&[EXPORTER.name()]),
            &bindings(1),
            &Credentials::new("user").with_token(Token::new(EXPORTER, "token")),
        )
        .unwrap();
    let message = choice.start(nonce("abc")).initial_response;
    let offer =
        server::Policy::default().allow(EXPORTER).offer(&crate::pair::config(), &bindings(2));
    let config = crate::pair::config();
    let nonce = Nonce::from_random([1; 18]);
    let step = server::Exchange::start(EXPORTER.name(), &config, &offer, &bindings(2), nonce)
        .and_then(|exchange| exchange.respond(message.as_deref()));
    let Ok(server::Step::CredentialsWanted { pending, .. }) = step else { panic!("{step:?}") };
    let answer = server::Answer::tokens(vec![Secret::from("token")]);
    assert_eq!(pending.provide(answer).unwrap_err().cause(), &Cause::Proof);
}

/// A client does not try a token with another mechanism than its own.
#[test]
fn a_token_is_tried_with_its_own_mechanism() {
    let choose = |names: &[&str]| {
        Policy::default()
            .choose(
                &client_offer(&[], &[]).with_token_mechanisms(names),
                &ChannelBindings::over_tls().with_tls_exporter([1; 32]),
                &Credentials::new("user").with_token(Token::new(EXPORTER, "token")),
            )
            .map(|choice| choice.mechanism())
    };
    assert!(choose(&[UNBOUND.name()]).is_err());
    assert_eq!(choose(&[UNBOUND.name(), EXPORTER.name()]), Ok(EXPORTER));
}

/// The server has to prove the token, too.
#[test]
fn a_token_that_the_server_does_not_prove() {
    let start = || {
        Policy::default()
            .choose(
                &client_offer(&[], &[]).with_token_mechanisms(&[UNBOUND.name()]),
                &ChannelBindings::over_tls(),
                &Credentials::new("user").with_token(Token::new(UNBOUND, "token")),
            )
            .unwrap()
            .start(nonce("abc"))
            .exchange
    };
    assert_eq!(start().success(None).unwrap_err(), Error::SuccessWithoutProof);
    assert_eq!(start().success(Some(b"")).unwrap_err(), Error::SuccessWithoutProof);
    assert_eq!(start().success(Some(&[0; 32])).unwrap_err(), Error::ServerSignature);
    for data in [&b""[..], &[0; 32]] {
        assert_eq!(start().challenge(data).unwrap_err(), Error::ServerSignature);
    }
}
