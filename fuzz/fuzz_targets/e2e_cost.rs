//! Structure-aware: objects of at most 64 KiB that strangers put together of
//! authorities, signers and layers to cost as much as they can. None costs more
//! than 20 ms of processor time; the worst so far is printed.
//!
//! The limit is for the library as it is released: sanitizers slow it down. Run it
//! with `--sanitizer none`.
#![no_main]

use core::time::Duration;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use xmpp_e2e::cms::{self, Signer};
use xmpp_e2e::{
    Certificate, CertificateBuilder, Certificates, Identity, KeyKind, Limits, MemoryStore, Object,
    Policy, PrivateKey, Receiver, SignedForm, Timestamp, TrustStore, encrypt, sign,
};

const NOW: Timestamp = Timestamp::from_unix(Duration::from_secs(1_767_323_045));
const LIMIT: Duration = Duration::from_millis(if cfg!(feature = "unoptimised") { 400 } else { 20 });
const OCTETS: usize = 64 << 10;
const KINDS: [KeyKind; 5] =
    [KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Ed25519, KeyKind::Rsa];

#[derive(Arbitrary, Debug)]
struct Made<'a> {
    /// Which authorities come along.
    bag: Vec<u8>,
    /// Who signs, by which certificate.
    signers: Vec<u8>,
    /// Signed and encrypted again, from the inside out.
    layers: Vec<bool>,
    opaque: bool,
    content: &'a [u8],
}

struct World {
    /// By key kind: authorities of two names, each able to issue the others.
    authorities: Vec<Certificate>,
    people: Vec<Identity>,
    romeo: fn() -> Identity,
    sealed_to: Certificate,
    trust: TrustStore,
}

fn key(kind: KeyKind) -> PrivateKey {
    PrivateKey::from_pkcs8_der(&PrivateKey::generate(kind).expect("a key")).expect("a key")
}

fn romeo() -> Identity {
    let pem = include_bytes!("../../conformance/vectors/e2e/keys/romeo-rsa.key");
    let certificate = include_bytes!("../../conformance/vectors/e2e/keys/romeo-rsa.pem");
    let key = PrivateKey::from_pem(pem).expect("a vector");
    Identity::new(key, Certificate::from_pem(certificate).expect("a vector")).expect("a vector")
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let later = Timestamp::from_unix(NOW.since_unix() + Duration::from_secs(86_400));
    let builder = || CertificateBuilder::new(NOW, later);
    let mut trust = TrustStore::new();
    let ours = builder().with_name("root").authority().self_signed(&key(KeyKind::P384));
    trust.add_anchor(&ours.expect("a certificate")).expect("an anchor");
    let (mut authorities, mut people) = (Vec::new(), Vec::new());
    for kind in KINDS {
        for name in ["root", "other"] {
            let authority = key(kind);
            let own = builder().with_name(name).authority();
            let first = own.self_signed(&authority).expect("a certificate");
            authorities.push(first.clone());
            for _ in 0..12 {
                authorities.push(own.self_signed(&authority).expect("a certificate"));
            }
            let person = key(kind);
            let address = "juliet@example.com".parse().expect("an address");
            let leaf = builder().with_address(address).issued_by(&person, &first, &authority);
            people.push(Identity::new(person, [leaf.expect("a leaf")]).expect("a pair"));
        }
    }
    let sealed_to = romeo().certificate().clone();
    World { authorities, people, romeo, sealed_to, trust }
});

/// What this thread has spent: others may run on the machine.
fn spent() -> Duration {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = spent.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0);
    Duration::from_nanos(nanos)
}

static WORST: AtomicU64 = AtomicU64::new(0);

fn measured(what: &str, work: impl FnOnce()) {
    let before = spent();
    work();
    let took = spent().saturating_sub(before);
    let micros = took.as_micros() as u64;
    if WORST.fetch_max(micros, Ordering::Relaxed) < micros {
        eprintln!("worst so far: {micros} us, {what}");
    }
    assert!(took <= LIMIT, "{what}: {took:?}");
}

fuzz_target!(|made: Made<'_>| {
    let world = &*WORLD;
    let policy = Policy::modern();
    let pick = |at: &u8| usize::from(*at) % world.authorities.len();
    let mut bag: Vec<&Certificate> =
        made.bag.iter().take(60).map(|at| &world.authorities[pick(at)]).collect();
    let mut signers = Vec::new();
    for at in made.signers.iter().take(16) {
        let person = &world.people[usize::from(*at) % world.people.len()];
        let algorithm = policy.signature(person.key().kind()).expect("a key that signs");
        signers.push(Signer::new(person.key(), person.certificate(), algorithm, NOW));
        bag.push(person.certificate());
    }
    let mut entity = b"Content-Type: text/plain\r\n\r\n".to_vec();
    entity.extend_from_slice(made.content);
    if !signers.is_empty() {
        let Ok(der) = cms::sign(&entity, SignedForm::Opaque, &signers, &bag) else { return };
        entity = b"Content-Type: application/pkcs7-mime\r\n\
            Content-Transfer-Encoding: binary\r\n\r\n"
            .to_vec();
        entity.extend_from_slice(&der);
    }
    for encrypted in made.layers.iter().take(4) {
        entity = if *encrypted {
            encrypt(&entity, &[(&world.sealed_to, &[])], &policy, NOW).expect("encrypted")
        } else {
            let form = if made.opaque { SignedForm::Opaque } else { SignedForm::Detached };
            let policy = Policy::modern().with_form(form);
            let person = &world.people[made.layers.len() % world.people.len()];
            sign(&entity, person, &policy, NOW, Certificates::SentAlong).expect("signed")
        };
    }
    if entity.len() > OCTETS {
        return;
    }
    let account = "romeo@example.net".parse().expect("an address");
    let from = "juliet@example.com".parse().expect("an address");
    let mut receiver =
        Receiver::new(account, vec![(world.romeo)()], world.trust.clone(), MemoryStore::new());
    let to = "romeo@example.net".parse().expect("an address");
    measured("an object", || {
        let _ = receiver.open_object(&from, &to, &entity, NOW);
    });
    // The octets as they are, whatever they are.
    measured("octets", || {
        let _ = Object::parse(made.content, &Limits::DEFAULT);
    });
});
