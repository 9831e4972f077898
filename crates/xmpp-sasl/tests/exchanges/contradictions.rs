//! XEP-0440, business rules 4 to 6: an offer that contradicts itself ends the
//! attempt, and never leads to something weaker.

use proptest::prelude::*;

use crate::pair::{PASSWORD, tls};
use xmpp_sasl::client::{Contradiction, Credentials, Offer, Policy, Refusal, Token};
use xmpp_sasl::{ChannelBindings, Mechanism, TokenBinding};

const EXPORTER: Mechanism = Mechanism::HashedToken(TokenBinding::Exporter);
const UNBOUND: Mechanism = Mechanism::HashedToken(TokenBinding::None);

/// Takes whatever there is.
fn policy() -> Policy {
    Mechanism::ALL.into_iter().fold(Policy::default(), Policy::allow)
}

/// Has something for each mechanism but EXTERNAL and ANONYMOUS.
fn everything() -> Credentials {
    Credentials::new("user").with_password(PASSWORD).with_bearer_token("token", None, None)
}

/// What is chosen of an offer, or why the first is not.
fn choose(offer: Offer<'_>, bindings: &ChannelBindings) -> Result<&'static str, Refusal> {
    policy()
        .choose(&offer, bindings, &everything())
        .map(|choice| choice.mechanism().name())
        .map_err(|none| none.verdicts()[0].refusal.unwrap())
}

/// Rule 5: types of channel binding, but nothing that uses one.
#[test]
fn no_plain_after_types_without_plus() {
    let refused = Err(Refusal::Contradiction(Contradiction::TypesWithoutPlus));
    let nothing_to_bind_to = ChannelBindings::over_tls();
    for names in [
        &["SCRAM-SHA-256", "PLAIN"][..],
        &["PLAIN", "SCRAM-SHA-256"],
        &["PLAIN"],
        &["OAUTHBEARER"],
        &["SCRAM-SHA-1"],
        &["SCRAM-SHA-512", "OAUTHBEARER", "PLAIN"],
        &["X-UNKNOWN", "PLAIN"][1..],
    ] {
        for types in [&["tls-exporter"][..], &["tls-server-end-point", "made-up"], &["made-up"]] {
            for offer in [Offer::new(names), Offer::sasl2(names)] {
                let offer = offer.with_channel_bindings(types);
                assert_eq!(choose(offer, &tls()), refused, "{names:?} {types:?}");
                assert_eq!(choose(offer, &nothing_to_bind_to), refused, "{names:?} {types:?}");
            }
        }
    }
    // An empty list is none.
    assert_eq!(choose(Offer::new(&["PLAIN"]).with_channel_bindings(&[]), &tls()), Ok("PLAIN"));
}

/// Rule 4: -PLUS, but no type, in a protocol whose servers list them.
#[test]
fn no_plain_after_plus_without_types() {
    let refused = Err(Refusal::Contradiction(Contradiction::PlusWithoutTypes));
    for names in [
        &["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"][..],
        &["PLAIN", "SCRAM-SHA-1-PLUS"],
        &["OAUTHBEARER", "SCRAM-SHA3-512-PLUS"],
    ] {
        for offer in [Offer::sasl2(names), Offer::sasl2(names).with_channel_bindings(&[])] {
            assert_eq!(choose(offer, &tls()), refused, "{names:?}");
        }
        // Elsewhere it is what an older server says.
        assert!(choose(Offer::new(names), &tls()).is_ok());
    }
}

/// Rule 6: types, but none that this side knows, nor the one that every server
/// has. SCRAM can have the offer confirmed; PLAIN cannot.
#[test]
fn no_plain_after_types_that_nobody_knows() {
    let refused = Err(Refusal::Contradiction(Contradiction::NoCommonType));
    let made_up = |names| Offer::new(names).with_channel_bindings(&["made-up"]);
    assert_eq!(choose(made_up(&["PLAIN", "SCRAM-SHA-256-PLUS"]), &tls()), refused);
    assert_eq!(choose(made_up(&["OAUTHBEARER", "SCRAM-SHA-256-PLUS"]), &tls()), refused);
    assert_eq!(
        choose(made_up(&["PLAIN", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]), &tls()),
        Ok("SCRAM-SHA-256")
    );
    // Who cannot bind learns nothing from the list.
    let names = &["PLAIN", "SCRAM-SHA-256-PLUS"];
    assert_eq!(choose(made_up(names), &ChannelBindings::over_tls()), Ok("PLAIN"));
    let end_point = Offer::new(names).with_channel_bindings(&["tls-server-end-point"]);
    let unique = ChannelBindings::over_tls().with_tls_unique([1; 12]);
    assert_eq!(choose(end_point, &unique), Ok("PLAIN"));
}

/// What is bound to the connection by itself, or has no secret to lose, goes on.
#[test]
fn what_nobody_in_the_middle_can_use_goes_on() {
    let choose = |names: &[&str], tokens: &[&str], credentials: &Credentials| {
        let offer = Offer::sasl2(names)
            .with_channel_bindings(&["tls-exporter"])
            .with_token_mechanisms(tokens);
        policy()
            .choose(&offer, &tls(), credentials)
            .map(|choice| choice.mechanism().name())
            .map_err(|none| none.verdicts()[0].refusal)
    };
    let refused = Err(Some(Refusal::Contradiction(Contradiction::TypesWithoutPlus)));
    let user = || Credentials::new("user").with_password(PASSWORD);
    assert_eq!(choose(&["PLAIN", "EXTERNAL"], &[], &user().with_certificate()), Ok("EXTERNAL"));
    assert_eq!(choose(&["PLAIN", "ANONYMOUS"], &[], &user().with_anonymity("")), Ok("ANONYMOUS"));
    let unbound = user().with_token(Token::new(UNBOUND, "token"));
    assert_eq!(choose(&["PLAIN"], &[UNBOUND.name()], &unbound), refused);
    // A mechanism for tokens binds, with a hash that we do not have, too.
    let bound = user().with_token(Token::new(EXPORTER, "token"));
    assert_eq!(choose(&["PLAIN"], &[EXPORTER.name()], &bound), Ok(EXPORTER.name()));
    assert_eq!(choose(&["SCRAM-SHA-1"], &["HT-SHA-512-EXPR"], &user()), Ok("SCRAM-SHA-1"));
    assert_eq!(
        choose(&["SCRAM-SHA-1"], &["HT-SHA-512-NONE"], &user()),
        Err(Some(Refusal::Unknown))
    );
}

proptest! {
    /// Whatever is offered: if -PLUS and types do not go together, nothing that
    /// uses the password or reveals a secret is chosen.
    #[test]
    fn no_contradiction_leads_to_a_secret(
        names in proptest::sample::subsequence(
            Mechanism::ALL.map(Mechanism::name).to_vec(), 0..=14),
        types in proptest::sample::subsequence(
            vec!["tls-exporter", "tls-unique", "tls-server-end-point", "made-up"], 0..=4),
        sasl2 in any::<bool>(),
        own_types in any::<bool>(),
    ) {
        let offer = if sasl2 { Offer::sasl2(&names) } else { Offer::new(&names) };
        let offer = offer.with_channel_bindings(&types);
        let bindings = if own_types { tls() } else { ChannelBindings::over_tls() };
        let plus = names.iter().any(|name| name.ends_with("-PLUS"));
        let binds = plus || names.iter().any(|name| {
            name.starts_with("HT-") && !name.ends_with("-NONE")
        });
        let contradicts = (sasl2 && plus && types.is_empty()) || (!binds && !types.is_empty());
        if let Ok(choice) = policy().choose(&offer, &bindings, &everything()) {
            prop_assert!(!contradicts, "{} of {names:?} {types:?}", choice.mechanism());
        }
    }
}
