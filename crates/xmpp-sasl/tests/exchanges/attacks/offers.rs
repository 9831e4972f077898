//! Mechanisms and channel bindings that somebody changes on their way.

use super::*;

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
