//! Ours against ours: every mechanism and binding.

use crate::pair::{Pair, account, tls};
use xmpp_sasl::client::{Credentials, Profile, Token};
use xmpp_sasl::server::{Answer, LocalpartAt, Query};
use xmpp_sasl::{ChannelBindingType, ChannelBindings, Mechanism, Secret, TokenBinding};

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
            for profile in [Profile::Sasl, Profile::Sasl2] {
                pair.profile = profile;
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
    let done = Pair::new().run(account).unwrap();
    assert_eq!(done.client.mechanism().name(), "SCRAM-SHA-512-PLUS");
    assert_eq!(done.client.channel_binding(), Some(ChannelBindingType::TlsExporter));
}

#[test]
fn plain() {
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

#[test]
fn external() {
    let mut pair = only(Mechanism::External);
    pair.config = pair.config.authorization(LocalpartAt::new("capulet.example"));
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

/// 5802-6-02, 5802-6-03.
#[test]
fn plus_is_offered_where_there_is_something_to_bind_to() {
    let pair = Pair::new();
    let names = |bindings: ChannelBindings| {
        let offer = pair.server_policy.offer(&pair.hashes, &bindings);
        offer.mechanisms().iter().filter(|name| name.ends_with("-PLUS")).count()
    };
    assert_eq!(names(tls()), 3);
    assert_eq!(names(ChannelBindings::over_tls()), 0);
}

#[test]
fn cached_keys_stand_in_for_the_password() {
    let pair = Pair::new();
    let done = pair.run(account).unwrap();
    let keys = done.client.scram_keys().unwrap().clone();
    let mut again = Pair::new();
    again.credentials = Credentials::new("user").with_scram_keys(keys);
    assert_eq!(again.run(account).unwrap().client.mechanism().name(), "SCRAM-SHA-512-PLUS");
}
