//! PBKDF2 of every library there is.

use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::{Map, Value};
use xmpp_sasl::crypto::{Crypto as _, Hash, Ring};

use super::row;
use crate::measure;

const ROUNDS: u32 = 4096;
const PASSWORD: &[u8] = b"r0m30myr0m30";
const SALT: &[u8] = b"sixteen bytes...";

pub(super) fn rows() -> Vec<Map<String, Value>> {
    Hash::ALL.into_iter().flat_map(of).collect()
}

fn of(hash: Hash) -> Vec<Map<String, Value>> {
    let rounds = NonZeroU32::new(ROUNDS).unwrap();
    let len = hash.output_len();

    let mut ours = || u64::from(Ring.pbkdf2(hash, PASSWORD, SALT, rounds).as_ref()[0]);

    let mut rustcrypto = || {
        let mut out = [0; 64];
        match hash {
            Hash::Sha1 => {
                ::pbkdf2::pbkdf2_hmac::<sha1::Sha1>(PASSWORD, SALT, ROUNDS, &mut out[..len]);
            }
            Hash::Sha256 => {
                ::pbkdf2::pbkdf2_hmac::<sha2::Sha256>(PASSWORD, SALT, ROUNDS, &mut out[..len]);
            }
            Hash::Sha512 => {
                ::pbkdf2::pbkdf2_hmac::<sha2::Sha512>(PASSWORD, SALT, ROUNDS, &mut out[..len]);
            }
        }
        u64::from(out[0])
    };

    let algorithm = match hash {
        Hash::Sha1 => ring::pbkdf2::PBKDF2_HMAC_SHA1,
        Hash::Sha256 => ring::pbkdf2::PBKDF2_HMAC_SHA256,
        Hash::Sha512 => ring::pbkdf2::PBKDF2_HMAC_SHA512,
    };
    let mut of_ring = || {
        let mut out = [0; 64];
        ring::pbkdf2::derive(algorithm, rounds, SALT, PASSWORD, &mut out[..len]);
        u64::from(out[0])
    };

    let algorithm = match hash {
        Hash::Sha1 => aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA1,
        Hash::Sha256 => aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA256,
        Hash::Sha512 => aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA512,
    };
    let mut aws_lc = || {
        let mut out = [0; 64];
        aws_lc_rs::pbkdf2::derive(algorithm, rounds, SALT, PASSWORD, &mut out[..len]);
        u64::from(out[0])
    };

    let mut of_openssl = || of_openssl(hash);

    let first = ours();
    for other in [rustcrypto(), of_ring(), aws_lc(), of_openssl()] {
        assert_eq!(first, other, "a library disagrees about {hash:?}");
    }
    let subjects: Vec<(&str, &mut dyn FnMut() -> u64)> = vec![
        ("xmpp-sasl", &mut ours),
        ("pbkdf2 (RustCrypto)", &mut rustcrypto),
        ("ring", &mut of_ring),
        ("aws-lc-rs", &mut aws_lc),
        ("openssl", &mut of_openssl),
    ];
    let (names, mut work): (Vec<_>, Vec<_>) = subjects.into_iter().unzip();
    let costs = measure::compare(&mut work, Duration::from_secs(3));
    let ours = costs[0].time.as_secs_f64();
    names
        .into_iter()
        .zip(costs)
        .map(|(name, cost)| {
            let seconds = cost.time.as_secs_f64();
            row([
                ("hash", hash.as_str().into()),
                ("library", name.into()),
                ("ns a round", (seconds * 1e9 / f64::from(ROUNDS)).into()),
                ("times ours", (seconds / ours).into()),
            ])
        })
        .collect()
}

fn of_openssl(hash: Hash) -> u64 {
    let digest = match hash {
        Hash::Sha1 => openssl::hash::MessageDigest::sha1(),
        Hash::Sha256 => openssl::hash::MessageDigest::sha256(),
        Hash::Sha512 => openssl::hash::MessageDigest::sha512(),
    };
    let mut out = [0; 64];
    let out = &mut out[..hash.output_len()];
    openssl::pkcs5::pbkdf2_hmac(PASSWORD, SALT, ROUNDS as usize, digest, out)
        .expect("OpenSSL has these hashes");
    u64::from(out[0])
}
