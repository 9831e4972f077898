//! A root, an intermediate authority, and people with keys of every kind.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use core::time::Duration;

use xmpp_e2e::{
    Certificate, CertificateBuilder, Identity, KeyKind, PrivateKey, Timestamp, TrustStore,
};

/// 2026-01-01T00:00:00Z
pub const NOW: Timestamp = Timestamp::from_unix(Duration::from_secs(1_767_225_600));
pub const KINDS: [KeyKind; 6] =
    [KeyKind::Rsa, KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Ed25519, KeyKind::X25519];

pub fn seconds(seconds: i64) -> Timestamp {
    let now = NOW.since_unix();
    let by = Duration::from_secs(seconds.unsigned_abs());
    Timestamp::from_unix(if seconds < 0 { now - by } else { now + by })
}

pub fn key(kind: KeyKind) -> PrivateKey {
    PrivateKey::from_pkcs8_der(&PrivateKey::generate(kind).unwrap()).unwrap()
}

pub fn builder() -> CertificateBuilder {
    CertificateBuilder::new(seconds(-86_400), seconds(86_400))
}

/// A root and an intermediate authority, each with its key.
pub struct Authority {
    pub root: Certificate,
    pub intermediate: Certificate,
    pub key: PrivateKey,
}

impl Authority {
    pub fn new() -> Self {
        Self::named("root")
    }

    pub fn named(name: &str) -> Self {
        let root_key = key(KeyKind::P256);
        let root = builder().with_name(name).authority().self_signed(&root_key).unwrap();
        let own = key(KeyKind::P384);
        let intermediate = builder()
            .with_name("intermediate")
            .authority()
            .issued_by(&own, &root, &root_key)
            .unwrap();
        Self { root, intermediate, key: own }
    }

    pub fn trust(&self) -> TrustStore {
        let mut trust = TrustStore::new();
        trust.add_anchor(&self.root).unwrap();
        trust
    }

    pub fn issue(&self, builder: &CertificateBuilder, key: PrivateKey) -> Identity {
        let certificate = builder.issued_by(&key, &self.intermediate, &self.key).unwrap();
        Identity::new(key, [certificate, self.intermediate.clone()]).unwrap()
    }

    pub fn identity(&self, address: &str, kind: KeyKind) -> Identity {
        self.issue(&builder().with_address(address.parse().unwrap()), key(kind))
    }
}
