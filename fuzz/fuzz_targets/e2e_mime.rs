//! MIME entities of S/MIME: whatever the layers are, nothing is verified by
//! somebody whom nobody trusts.
#![no_main]

use core::time::Duration;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use xmpp_e2e::{Certificate, Identity, Opener, Policy, PrivateKey, Timestamp, TrustStore};

static KEYS: LazyLock<[Identity; 1]> = LazyLock::new(|| {
    let pem = include_bytes!("../../conformance/vectors/e2e/keys/romeo-p256.key");
    let certificate = include_bytes!("../../conformance/vectors/e2e/keys/romeo-p256.pem");
    let key = PrivateKey::from_pem(pem).expect("a vector");
    let certificates = Certificate::from_pem(certificate).expect("a vector");
    [Identity::new(key, certificates).expect("a vector")]
});

fuzz_target!(|data: &[u8]| {
    let trust = TrustStore::new();
    let policy = Policy::legacy();
    let now = Timestamp::from_unix(Duration::from_secs(1_767_323_045));
    assert!(Opener::new(&*KEYS, &trust, &policy).open(data, now).is_err());
});
