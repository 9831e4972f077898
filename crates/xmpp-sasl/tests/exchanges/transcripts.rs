//! The RFCs' own exchanges, in both roles, to the byte.

use core::num::NonZeroU32;

use crate::pair::{client_offer, nonce};
use xmpp_sasl::client::{Credentials, Error, Policy};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::server::{Answer, Exchange, Offer, Query, Step};
use xmpp_sasl::{ChannelBindings, ScramKeys};

struct Transcript {
    hash: Hash,
    mechanism: &'static str,
    client_nonce: &'static str,
    server_nonce: &'static str,
    salt: &'static [u8],
    client_first: &'static str,
    server_first: &'static str,
    client_final: &'static str,
    server_final: &'static str,
}

/// RFC 5802 section 5.
const RFC_5802: Transcript = Transcript {
    hash: Hash::Sha1,
    mechanism: "SCRAM-SHA-1",
    client_nonce: "fyko+d2lbbFgONRv9qkxdawL",
    server_nonce: "3rfcNHYJY1ZVvWVs7j",
    salt: b"\x41\x25\xc2\x47\xe4\x3a\xb1\xe9\x3c\x6d\xff\x76",
    client_first: "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
    server_first: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    client_final: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,\
                   p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    server_final: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
};

/// RFC 7677 section 3.
const RFC_7677: Transcript = Transcript {
    hash: Hash::Sha256,
    mechanism: "SCRAM-SHA-256",
    client_nonce: "rOprNGfwEbeRWgbNEkqO",
    server_nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    salt: b"\x5b\x6d\x99\x68\x9d\x12\x35\x8e\xec\xa0\x4b\x14\x12\x36\xfa\x81",
    client_first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    server_first: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                   s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    client_final: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                   p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    server_final: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};

#[test]
fn as_the_client() {
    // 6120-6.4.3-02, 5802-5.1-01, 5802-6-06; 6120-6.3.8-03: with no authorization identity.
    for transcript in [RFC_5802, RFC_7677] {
        let start = Policy::default()
            .choose(
                &client_offer(&[transcript.mechanism], &[]),
                &ChannelBindings::over_tls(),
                &Credentials::new("user").with_password("pencil"),
            )
            .unwrap()
            .start(nonce(transcript.client_nonce));
        assert_eq!(start.initial_response.unwrap(), transcript.client_first.as_bytes());
        let (response, client) =
            start.exchange.challenge_in_place(transcript.server_first.as_bytes()).unwrap();
        assert_eq!(response, transcript.client_final.as_bytes());
        let done = client.success(Some(transcript.server_final.as_bytes())).unwrap();
        assert!(done.is_mutual());
        assert!(!done.is_offer_confirmed());
    }
}

/// The signature may come in a challenge, which is answered with nothing, and
/// success follows without data (RFC 4422 section 3.6).
#[test]
fn the_server_signature_in_a_challenge() {
    let client = |data: &[u8]| {
        let start = Policy::default()
            .choose(
                &client_offer(&["SCRAM-SHA-1"], &[]),
                &ChannelBindings::over_tls(),
                &Credentials::new("user").with_password("pencil"),
            )
            .unwrap()
            .start(nonce(RFC_5802.client_nonce));
        let (_, client) =
            start.exchange.challenge_in_place(RFC_5802.server_first.as_bytes()).unwrap();
        client.challenge_in_place(data)
    };
    let (response, client_done) = client(RFC_5802.server_final.as_bytes()).unwrap();
    assert_eq!(response, b"");
    assert!(client_done.success(None).is_ok());

    let wrong = RFC_5802.server_final.replace("rm", "mr");
    assert_eq!(client(wrong.as_bytes()).unwrap_err(), Error::ServerSignature);
}

#[test]
fn as_the_server() {
    // 6120-6.4.3-01, 5802-5.1-12
    for transcript in [RFC_5802, RFC_7677] {
        let rounds = NonZeroU32::new(4096).unwrap();
        let keys = ScramKeys::derive(
            crypto::provider(),
            transcript.hash,
            b"pencil",
            transcript.salt,
            rounds,
        );
        let exchange = Exchange::start(
            transcript.mechanism,
            &crate::pair::config().confirm_offer(false),
            &Offer::new([transcript.mechanism], []),
            &ChannelBindings::over_tls(),
            nonce(transcript.server_nonce),
        )
        .unwrap();
        let step = exchange.respond(Some(transcript.client_first.as_bytes())).unwrap();
        let Step::CredentialsWanted { query, pending } = step else { panic!("{step:?}") };
        assert!(matches!(&query, Query::ScramKeys { username, hash, .. }
                if username == "user" && *hash == transcript.hash));
        let step = pending.provide(Answer::keys(keys.to_stored())).unwrap();
        let Step::Challenge { data, exchange } = step else { panic!("{step:?}") };
        assert_eq!(data, transcript.server_first.as_bytes());
        let step = exchange.respond(Some(transcript.client_final.as_bytes())).unwrap();
        let Step::Success { additional_data, authenticated } = step else { panic!("{step:?}") };
        assert_eq!(additional_data.unwrap(), transcript.server_final.as_bytes());
        assert_eq!(authenticated.authcid(), "user");
        assert_eq!(authenticated.authzid(), None);
    }
}
