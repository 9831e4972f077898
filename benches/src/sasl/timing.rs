//! Whether a server's time tells which accounts exist.
//!
//! Two classes of exchange, in an order drawn by lot: an account with a wrong
//! password, and no account. Welch's t-test on the time of the server's two
//! steps, outliers cut off at a common quantile, as dudect does (Reparaz,
//! Balasch, Verbauwhede: "Dude, is my code constant time?", 2017): |t| below
//! 4.5 is no evidence of a difference. Beside it stands the difference itself
//! and how far the middle half of all single measurements spreads, on this
//! machine and without a network between: with enough samples a nanosecond can
//! be seen, but who can draw so many would have guessed the password.

use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Instant;

use serde_json::{Map, Value};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::server::{AccountKeys, Answer, Config, Exchange, FakeSalt, Offer, Policy, Step};
use xmpp_sasl::{ChannelBindings, Nonce, ScramKeys, StoredKeys};

use super::row;

const SAMPLES: usize = 400_000;

pub(super) fn rows() -> Vec<Map<String, Value>> {
    let rounds = NonZeroU32::new(4096).unwrap();
    let stored =
        ScramKeys::derive(crypto::provider(), Hash::Sha256, b"pencil", b"sixteen bytes...", rounds)
            .to_stored();
    let tls = ChannelBindings::over_tls();
    let keys = AccountKeys::new(FakeSalt::new([1; 32]), Hash::Sha256, rounds);
    let config = Config::new().account_keys(keys);
    let server = Server { stored, offer: Policy::default().offer(&config, &tls), config, tls };
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut draw = || {
        // xorshift64: a lot, not a secret.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random & 1 == 1
    };
    for _ in 0..20_000 {
        server.time(draw());
    }
    let mut first: [Vec<f64>; 2] = Default::default();
    let mut second: [Vec<f64>; 2] = Default::default();
    for _ in 0..SAMPLES {
        let known = draw();
        let (a, b) = server.time(known);
        first[usize::from(known)].push(a);
        second[usize::from(known)].push(b);
    }
    vec![verdict("first message and lookup", first), verdict("client-final-message", second)]
}

struct Server {
    stored: StoredKeys,
    config: Config,
    offer: Offer,
    tls: ChannelBindings,
}

impl Server {
    /// Nanoseconds of the first and of the second step.
    fn time(&self, known: bool) -> (f64, f64) {
        let nonce = Nonce::from_random([4; 18]);
        let exchange =
            Exchange::start("SCRAM-SHA-256", &self.config, &self.offer, &self.tls, nonce).unwrap();
        let start = Instant::now();
        let step = exchange.respond(Some(b"n,,n=juliet,r=fyko+d2lbbFgONRv9qkxdawL")).unwrap();
        let Step::CredentialsWanted { pending, .. } = step else {
            unreachable!("SCRAM asks for keys")
        };
        // What a server with the accounts in memory does.
        let answer = match known {
            true => Answer::keys(self.stored.clone()),
            false => Answer::unknown_user(),
        };
        let Ok(Step::Challenge { data, exchange }) = pending.provide(answer) else {
            unreachable!("SCRAM challenges")
        };
        let first = start.elapsed();
        let challenge = std::str::from_utf8(&data).unwrap();
        let nonce = challenge.split(',').next().unwrap();
        let proof = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let response = format!("c=biws,{nonce},p={proof}");
        let start = Instant::now();
        let failure = exchange.respond(Some(response.as_bytes()));
        let second = start.elapsed();
        assert!(black_box(failure).is_err());
        (first.as_nanos() as f64, second.as_nanos() as f64)
    }
}

fn verdict(step: &str, [unknown, known]: [Vec<f64>; 2]) -> Map<String, Value> {
    let mut all: Vec<f64> = unknown.iter().chain(&known).copied().collect();
    all.sort_unstable_by(f64::total_cmp);
    let cut = all[all.len() * 95 / 100];
    let of = |samples: &[f64]| {
        let kept: Vec<f64> = samples.iter().copied().filter(|&time| time <= cut).collect();
        let n = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / n;
        let variance = kept.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, variance / n)
    };
    let ((a, spread_a), (b, spread_b)) = (of(&known), of(&unknown));
    let t = (a - b) / (spread_a + spread_b).sqrt();
    let noise = all[all.len() * 3 / 4] - all[all.len() / 4];
    row([
        ("step", step.into()),
        ("account, ns", a.into()),
        ("no account, ns", b.into()),
        ("difference, ns", (a - b).into()),
        ("noise (quartiles), ns", noise.into()),
        ("t", t.into()),
    ])
}
