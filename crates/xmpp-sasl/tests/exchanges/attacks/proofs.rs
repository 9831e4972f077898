//! Proofs, nonces and the counts and salts that they are made of.

use super::*;

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
