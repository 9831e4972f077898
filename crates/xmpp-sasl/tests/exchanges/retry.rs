//! RFC 6120 section 6.4.5: what a client tries after a failure, and what not.

use proptest::prelude::*;

use crate::pair::{PASSWORD, tls};
use xmpp_sasl::client::{Credentials, Offer, Pinning, Policy, Refusal, Token, Tried};
use xmpp_sasl::{ChannelBindings, FailureReason, Mechanism, Strength, TokenBinding};

const UNBOUND: Mechanism = Mechanism::HashedToken(TokenBinding::None);
const NAMES: [&str; 5] = ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "EXTERNAL", "OAUTHBEARER"];

fn everything() -> Credentials {
    Credentials::new("user")
        .with_password(PASSWORD)
        .with_token(Token::new(UNBOUND, "token"))
        .with_bearer_token("bearer", None, None)
        .with_certificate()
}

/// What a client tries of `NAMES` and a token, if each is failed for `reason`.
fn tries(policy: &Policy, reason: impl Fn(Mechanism) -> FailureReason) -> Vec<&'static str> {
    let offer = Offer::new(&NAMES).with_token_mechanisms(&["HT-SHA-256-NONE"]);
    let (mut tried, mut names) = (Tried::default(), Vec::new());
    let bindings = ChannelBindings::over_tls();
    while let Ok(choice) = policy.choose(&offer.after(&tried), &bindings, &everything()) {
        let mechanism = choice.mechanism();
        names.push(mechanism.name());
        tried.failed(mechanism, reason(mechanism));
        assert_eq!(tried.count(), names.len());
        assert!(names.len() <= NAMES.len() + 1, "no end to it");
    }
    names
}

fn lenient() -> Policy {
    Policy::default().allow(Mechanism::Plain).allow(Mechanism::OauthBearer)
}

/// A secret that was refused is not tried again in another form.
#[test]
fn a_wrong_password_is_not_tried_with_another_mechanism() {
    for reason in [
        FailureReason::CredentialsRejected,
        FailureReason::CredentialsExpired,
        FailureReason::AuthorizationDenied,
    ] {
        assert_eq!(
            tries(&lenient(), |_| reason),
            ["EXTERNAL", "HT-SHA-256-NONE", "SCRAM-SHA-256", "OAUTHBEARER"]
        );
    }
}

/// XEP-0484: who has a token goes by it, and by the password when it fails.
#[test]
fn after_a_token_comes_the_password() {
    let policy = Policy::default().forbid(Mechanism::External);
    let names = tries(&policy, |_| FailureReason::CredentialsExpired);
    assert_eq!(names, ["HT-SHA-256-NONE", "SCRAM-SHA-256"]);
}

/// Where the mechanism was the problem, the next takes its place.
#[test]
fn a_mechanism_that_was_the_problem_is_passed_over() {
    for reason in [
        FailureReason::MechanismUnavailable,
        FailureReason::EncryptionRequired,
        FailureReason::IncorrectEncoding,
        FailureReason::Malformed,
        FailureReason::Temporary,
    ] {
        assert_eq!(
            tries(&lenient(), |_| reason),
            ["EXTERNAL", "HT-SHA-256-NONE", "SCRAM-SHA-256", "SCRAM-SHA-1", "OAUTHBEARER", "PLAIN"]
        );
        // The policy's floor holds at each try.
        let floor = lenient().floor(Strength::ScramSha1);
        assert_eq!(
            tries(&floor, |_| reason),
            ["EXTERNAL", "HT-SHA-256-NONE", "SCRAM-SHA-256", "SCRAM-SHA-1"]
        );
        assert_eq!(
            tries(&Policy::default(), |_| reason),
            ["EXTERNAL", "HT-SHA-256-NONE", "SCRAM-SHA-256", "SCRAM-SHA-1"]
        );
    }
}

/// What is weaker than what was too weak is too weak.
#[test]
fn nothing_weaker_after_too_weak() {
    assert_eq!(tries(&lenient(), |_| FailureReason::MechanismTooWeak), ["EXTERNAL"]);
    let scram = lenient().forbid(Mechanism::External).forbid(UNBOUND);
    assert_eq!(tries(&scram, |_| FailureReason::MechanismTooWeak), ["SCRAM-SHA-256"]);
}

#[test]
fn some_failures_are_the_end() {
    for reason in [FailureReason::AccountDisabled, FailureReason::Aborted] {
        assert_eq!(tries(&lenient(), |_| reason), ["EXTERNAL"]);
    }
}

/// A pin holds at each try, too.
#[test]
fn a_pin_holds_at_each_try() {
    let pin = xmpp_sasl::client::Pin::from_text("SCRAM-SHA-256").unwrap();
    let pinned = lenient().pin(pin, Pinning::Class);
    assert_eq!(
        tries(&pinned, |_| FailureReason::Temporary),
        ["EXTERNAL", "HT-SHA-256-NONE", "SCRAM-SHA-256", "SCRAM-SHA-1"]
    );
}

/// Each is accounted for, and the hash over the offer does not change.
#[test]
fn what_was_tried_stays_in_the_offer() {
    let names = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
    let mut tried = Tried::default();
    let plus = Mechanism::from_name("SCRAM-SHA-256-PLUS").unwrap();
    tried.failed(plus, FailureReason::Temporary);
    let offer = Offer::new(&names).with_channel_bindings(&["tls-exporter"]);
    let user = Credentials::new("user").with_password(PASSWORD);
    let choice = Policy::default().choose(&offer.after(&tried), &tls(), &user).unwrap();
    assert_eq!(choice.mechanism().name(), "SCRAM-SHA-256");
    let verdict = &choice.verdicts()[0];
    assert_eq!(verdict.refusal, Some(Refusal::Failed(FailureReason::Temporary)));
    assert_eq!(
        verdict.to_string(),
        "SCRAM-SHA-256-PLUS: not to be tried again: a temporary failure of the server"
    );
    tried.failed(choice.mechanism(), FailureReason::CredentialsRejected);
    let none = Policy::default().choose(&offer.after(&tried), &tls(), &user).unwrap_err();
    assert_eq!(none.verdicts().len(), 2);
}

proptest! {
    /// Whatever a server says, there is an end, nothing comes twice, and the
    /// same secret never after it was refused.
    #[test]
    fn there_is_an_end(reasons in proptest::collection::vec(0..11_usize, 6)) {
        let said = core::cell::RefCell::new(Vec::new());
        let names = tries(&lenient(), |mechanism| {
            let mut said = said.borrow_mut();
            let reason = FailureReason::ALL[reasons[said.len()]];
            said.push((mechanism, reason));
            reason
        });
        let mut seen = names.clone();
        seen.sort_unstable();
        seen.dedup();
        prop_assert_eq!(seen.len(), names.len());
        let said = said.into_inner();
        let refused = said.iter().position(|(mechanism, reason)| {
            mechanism.uses_password() && *reason == FailureReason::CredentialsRejected
        });
        if let Some(at) = refused {
            prop_assert!(!said[at + 1..].iter().any(|(mechanism, _)| mechanism.uses_password()));
        }
    }
}
