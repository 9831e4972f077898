//! Signing, verifying, encrypting and decrypting: operations a second of CMS and
//! of whole stanza objects, beside the bare primitives and OpenSSL's CMS.

use std::hint::black_box;
use std::time::Duration;

use aws_lc_rs::agreement::{self, UnparsedPublicKey};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap};
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use ring::{digest, rsa};
use serde_json::{Map, Value};
use xmpp_e2e::cms::{self, Recipient, SignedData, Signer};
use xmpp_e2e::{
    Certificate, CertificateBuilder, Certificates, ContentEncryption, Identity, KeyKind,
    KeyTransport, Opener, Policy, PrivateKey, SignedForm, Timestamp, TrustStore,
};

use crate::{measure, report};

/// End-to-end signing and encryption (RFC 3923).
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Octets of the content.
    #[arg(long, default_value_t = 1024)]
    octets: usize,
    /// Milliseconds an operation.
    #[arg(long, default_value_t = 1500)]
    budget: u64,
}

const NOW: Timestamp = Timestamp::from_unix(Duration::from_secs(1_767_323_045));

pub(crate) fn run(args: &Args, json: bool) {
    let content = content(args.octets);
    let budget = Duration::from_millis(args.budget);
    let mut rows = Vec::new();
    for kind in [KeyKind::Ed25519, KeyKind::P256, KeyKind::P384, KeyKind::Rsa] {
        let person = Person::new(kind);
        rows.extend(sign(&person, &content, budget));
        rows.extend(verify(&person, &content, budget));
    }
    for kind in [KeyKind::X25519, KeyKind::P256, KeyKind::P384, KeyKind::Rsa] {
        let person = Person::new(kind);
        rows.extend(encrypt(&person, &content, budget));
        rows.extend(decrypt(&person, &content, budget));
    }
    rows.extend(whole(&content, budget));
    rows.extend(strangers(budget));
    report::print(&rows, json);
}

fn content(octets: usize) -> Vec<u8> {
    let mut content = b"Content-Type: text/plain; charset=utf-8\r\n\r\n".to_vec();
    while content.len() < octets {
        content.extend_from_slice(b"Wherefore art thou, Romeo? ");
    }
    content.truncate(octets.max(64));
    content
}

/// A key in the forms each library wants it, and a certificate.
struct Person {
    kind: KeyKind,
    pkcs8: Vec<u8>,
    identity: Identity,
    trust: TrustStore,
}

impl Person {
    fn new(kind: KeyKind) -> Self {
        let later =
            |days: u64| Timestamp::from_unix(NOW.since_unix() + Duration::from_secs(days * 86_400));
        let builder = CertificateBuilder::new(NOW, later(1));
        let root = key(&PrivateKey::generate(KeyKind::P256).expect("a key"));
        let authority = builder.clone().with_name("root").authority().self_signed(&root);
        let authority = authority.expect("a certificate");
        let pkcs8 = PrivateKey::generate(kind).expect("a key").to_vec();
        let own = key(&pkcs8);
        let certificate = builder
            .with_address("juliet@example.com".parse().expect("an address"))
            .issued_by(&own, &authority, &root)
            .expect("a certificate");
        let mut trust = TrustStore::new();
        trust.add_anchor(&authority).expect("an authority");
        let identity = Identity::new(own, [certificate]).expect("its certificate");
        Self { kind, pkcs8, identity, trust }
    }

    fn certificate(&self) -> &Certificate {
        self.identity.certificate()
    }
}

fn key(pkcs8: &[u8]) -> PrivateKey {
    PrivateKey::from_pkcs8_der(pkcs8).expect("a key that was just made")
}

/// One row a subject: the first is the bare primitives.
fn rows(
    operation: &str,
    subjects: &mut [(&str, &mut dyn FnMut() -> u64)],
    budget: Duration,
) -> Vec<Map<String, Value>> {
    // Each takes tens of microseconds: long enough for the clock, and short
    // enough not to be interrupted every time.
    let costs = {
        let mut works: Vec<&mut dyn FnMut() -> u64> =
            subjects.iter_mut().map(|(_, work)| &mut **work as &mut dyn FnMut() -> u64).collect();
        measure::compare(&mut works, budget)
    };
    let bare = costs[0].time;
    subjects
        .iter()
        .zip(&costs)
        .map(|((name, _), cost)| {
            let each = cost.time.as_secs_f64();
            let over = cost.time.as_secs_f64() / bare.as_secs_f64();
            [
                ("operation", Value::from(operation)),
                ("by", Value::from(*name)),
                ("µs", Value::from(round(each * 1e6))),
                ("a second", Value::from((1.0 / each) as u64)),
                ("of the primitives", Value::from(round(over))),
                ("allocations", Value::from(cost.allocations)),
            ]
            .into_iter()
            .map(|(head, value)| (head.to_owned(), value))
            .collect()
        })
        .collect()
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

enum Signing {
    Ed25519(Ed25519KeyPair),
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Signing {
    fn new(person: &Person) -> Self {
        let rng = SystemRandom::new();
        let ecdsa = |algorithm| {
            Self::Ecdsa(EcdsaKeyPair::from_pkcs8(algorithm, &person.pkcs8, &rng).expect("a key"))
        };
        match person.kind {
            KeyKind::P256 => ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyKind::P384 => ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
            KeyKind::Rsa => Self::Rsa(RsaKeyPair::from_pkcs8(&person.pkcs8).expect("a key")),
            _ => Self::Ed25519(
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(&person.pkcs8).expect("a key"),
            ),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let rng = SystemRandom::new();
        match self {
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Self::Ecdsa(key) => key.sign(&rng, message).expect("a signature").as_ref().to_vec(),
            Self::Rsa(key) => {
                let mut out = vec![0; key.public().modulus_len()];
                key.sign(&signature::RSA_PSS_SHA256, &rng, message, &mut out).expect("a signature");
                out
            }
        }
    }

    fn public(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.public_key().as_ref().to_vec(),
            Self::Ecdsa(key) => key.public_key().as_ref().to_vec(),
            Self::Rsa(key) => {
                let key: &rsa::PublicKey = key.public();
                key.as_ref().to_vec()
            }
        }
    }
}

fn hash(kind: KeyKind) -> &'static digest::Algorithm {
    match kind {
        KeyKind::P384 => &digest::SHA384,
        KeyKind::Ed25519 => &digest::SHA512,
        _ => &digest::SHA256,
    }
}

fn signer(person: &Person) -> Signer<'_> {
    let algorithm = Policy::modern().signature(person.kind).expect("a key that signs");
    Signer::new(person.identity.key(), person.certificate(), algorithm, NOW)
}

fn sign(person: &Person, content: &[u8], budget: Duration) -> Vec<Map<String, Value>> {
    let own = Signing::new(person);
    // As long as the signed attributes are.
    let attributes = vec![0x31; 200];
    let mut bare = || {
        let digest = digest::digest(hash(person.kind), black_box(content));
        black_box(digest);
        own.sign(black_box(&attributes)).len() as u64
    };
    let signer = signer(person);
    let mut ours = || {
        let made =
            cms::sign(black_box(content), SignedForm::Detached, &[signer], &[person.certificate()]);
        made.expect("a SignedData").len() as u64
    };
    let name = format!("sign, {}", person.kind);
    let mut subjects: Vec<(&str, &mut dyn FnMut() -> u64)> =
        vec![("primitives", &mut bare), ("xmpp-e2e", &mut ours)];
    let mut peer = (person.kind != KeyKind::Ed25519).then(|| peer::sign(person, content));
    if let Some(peer) = &mut peer {
        subjects.push(("openssl cms", peer));
    }
    rows(&name, &mut subjects, budget)
}

fn verify(person: &Person, content: &[u8], budget: Duration) -> Vec<Map<String, Value>> {
    let own = Signing::new(person);
    let attributes = vec![0x31; 200];
    let made = own.sign(&attributes);
    let algorithm: &'static dyn signature::VerificationAlgorithm = match person.kind {
        KeyKind::P256 => &signature::ECDSA_P256_SHA256_ASN1,
        KeyKind::P384 => &signature::ECDSA_P384_SHA384_ASN1,
        KeyKind::Rsa => &signature::RSA_PSS_2048_8192_SHA256,
        _ => &signature::ED25519,
    };
    let public = own.public();
    let mut bare = || {
        black_box(digest::digest(hash(person.kind), black_box(content)));
        let key = signature::UnparsedPublicKey::new(algorithm, &public);
        key.verify(black_box(&attributes), &made).expect("a signature");
        1
    };
    let der = cms::sign(content, SignedForm::Detached, &[signer(person)], &[person.certificate()]);
    let der = der.expect("a SignedData");
    let mut ours = || {
        let signed = SignedData::parse(black_box(&der)).expect("a SignedData");
        let certificate = &signed.certificates()[0];
        signed.signers()[0].verify(content, certificate).expect("a good signature");
        1
    };
    let name = format!("verify, {}", person.kind);
    let mut subjects: Vec<(&str, &mut dyn FnMut() -> u64)> =
        vec![("primitives", &mut bare), ("xmpp-e2e", &mut ours)];
    let mut peer = (person.kind != KeyKind::Ed25519).then(|| peer::verify(content, &der));
    if let Some(peer) = &mut peer {
        subjects.push(("openssl cms", peer));
    }
    rows(&name, &mut subjects, budget)
}

fn curve(kind: KeyKind) -> &'static agreement::Algorithm {
    match kind {
        KeyKind::P256 => &agreement::ECDH_P256,
        KeyKind::P384 => &agreement::ECDH_P384,
        _ => &agreement::X25519,
    }
}

fn seal(key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut nonce = [0; 12];
    SystemRandom::new().fill(&mut nonce).expect("random octets");
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("32 octets"));
    let mut out = Vec::with_capacity(content.len() + 16);
    out.extend_from_slice(content);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut out)
        .expect("a short content");
    out
}

fn encrypt(person: &Person, content: &[u8], budget: Duration) -> Vec<Map<String, Value>> {
    let cipher = ContentEncryption::Aes256Gcm;
    let recipient = Recipient::new(person.certificate());
    let mut ours =
        || cms::encrypt(black_box(content), cipher, &[recipient]).expect("encrypted").len() as u64;
    let own = Decrypting::new(person);
    // A sender has the key as a certificate holds it.
    let rsa_key: Vec<u8> = match &own {
        Decrypting::Rsa(private) => {
            let der: PublicKeyX509Der<'_> = private.public_key().as_der().expect("a key");
            der.as_ref().to_vec()
        }
        Decrypting::Agreement(_) => Vec::new(),
    };
    let mut bare = || {
        let mut key = [0; 32];
        SystemRandom::new().fill(&mut key).expect("random octets");
        let sent = match &own {
            Decrypting::Rsa(_) => {
                let public = PublicEncryptingKey::from_der(&rsa_key).expect("a key");
                let public = OaepPublicEncryptingKey::new(public).expect("a key");
                let mut out = vec![0; public.ciphertext_size()];
                let sent = public.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut out, None);
                sent.expect("encrypted").len()
            }
            Decrypting::Agreement(private) => {
                let public = private.compute_public_key().expect("a key");
                let ephemeral = agreement::PrivateKey::generate(curve(person.kind)).expect("a key");
                black_box(ephemeral.compute_public_key().expect("a key"));
                let peer = UnparsedPublicKey::new(curve(person.kind), public.as_ref());
                agreement::agree(&ephemeral, peer, (), |secret| Ok(wrap(secret, &key)))
                    .expect("an agreement")
            }
        };
        sent as u64 + seal(&key, black_box(content)).len() as u64
    };
    let name = format!("encrypt, {}", person.kind);
    let mut subjects: Vec<(&str, &mut dyn FnMut() -> u64)> =
        vec![("primitives", &mut bare), ("xmpp-e2e", &mut ours)];
    let mut peer = (person.kind != KeyKind::X25519).then(|| peer::encrypt(person, content));
    if let Some(peer) = &mut peer {
        subjects.push(("openssl cms, AES-256-CBC", peer));
    }
    rows(&name, &mut subjects, budget)
}

enum Decrypting {
    Rsa(PrivateDecryptingKey),
    Agreement(agreement::PrivateKey),
}

impl Decrypting {
    fn new(person: &Person) -> Self {
        match person.kind {
            KeyKind::Rsa => {
                Self::Rsa(PrivateDecryptingKey::from_pkcs8(&person.pkcs8).expect("a key"))
            }
            // RFC 8410: the octets of the key are the last 32.
            KeyKind::X25519 => Self::Agreement(
                agreement::PrivateKey::from_private_key(
                    &agreement::X25519,
                    &person.pkcs8[person.pkcs8.len() - 32..],
                )
                .expect("a key"),
            ),
            kind => Self::Agreement(
                agreement::PrivateKey::from_private_key_der(curve(kind), &person.pkcs8)
                    .expect("a key"),
            ),
        }
    }
}

/// Derives a key from the secret and wraps another with it.
fn wrap(secret: &[u8], key: &[u8]) -> usize {
    let kek = digest::digest(&digest::SHA256, secret);
    let mut out = [0; 40];
    let kek = AesKek::new(&AES_256, kek.as_ref()).expect("32 octets");
    kek.wrap(key, &mut out).expect("wrapped").len()
}

fn decrypt(person: &Person, content: &[u8], budget: Duration) -> Vec<Map<String, Value>> {
    let cipher = ContentEncryption::Aes256Gcm;
    let der = cms::encrypt(content, cipher, &[Recipient::new(person.certificate())]);
    let der = der.expect("encrypted");
    let keys = [(person.identity.key(), person.certificate())];
    let mut ours = || {
        cms::decrypt(black_box(&der), &keys, KeyTransport::Oaep).expect("decrypted").content.len()
            as u64
    };
    let own = Decrypting::new(person);
    let mut sealed = content.to_vec();
    let nonce = [7; 12];
    let key = [9; 32];
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("32 octets"))
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
        .expect("a short content");
    let mut rsa_sent = vec![0; 256];
    let mut ephemeral = Vec::new();
    match &own {
        Decrypting::Rsa(private) => {
            let public = OaepPublicEncryptingKey::new(private.public_key()).expect("a key");
            public.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut rsa_sent, None).expect("encrypted");
        }
        Decrypting::Agreement(_) => {
            let other = agreement::PrivateKey::generate(curve(person.kind)).expect("a key");
            ephemeral = other.compute_public_key().expect("a key").as_ref().to_vec();
        }
    }
    let wrapped = {
        let kek = AesKek::new(&AES_256, &[1; 32]).expect("32 octets");
        let mut out = [0; 40];
        kek.wrap(&key, &mut out).expect("wrapped").to_vec()
    };
    let mut bare = || {
        match &own {
            Decrypting::Rsa(private) => {
                let private = OaepPrivateDecryptingKey::new(private.clone()).expect("a key");
                let mut out = vec![0; private.min_output_size()];
                let found = private.decrypt(&OAEP_SHA256_MGF1SHA256, &rsa_sent, &mut out, None);
                black_box(found.expect("decrypted"));
            }
            Decrypting::Agreement(private) => {
                let peer = UnparsedPublicKey::new(curve(person.kind), &ephemeral);
                agreement::agree(private, peer, (), |secret| {
                    black_box(digest::digest(&digest::SHA256, secret));
                    Ok(())
                })
                .expect("an agreement");
                let kek = AesKek::new(&AES_256, &[1; 32]).expect("32 octets");
                let mut out = [0; 40];
                black_box(kek.unwrap(&wrapped, &mut out).expect("unwrapped"));
            }
        }
        let aead = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("32 octets"));
        let mut in_out = black_box(&sealed).clone();
        let nonce = Nonce::assume_unique_for_key(nonce);
        aead.open_in_place(nonce, Aad::empty(), &mut in_out).expect("decrypted").len() as u64
    };
    let name = format!("decrypt, {}", person.kind);
    let mut subjects: Vec<(&str, &mut dyn FnMut() -> u64)> =
        vec![("primitives", &mut bare), ("xmpp-e2e", &mut ours)];
    let mut peer = (person.kind != KeyKind::X25519).then(|| peer::decrypt(person, content));
    if let Some(peer) = &mut peer {
        subjects.push(("openssl cms, AES-256-CBC", peer));
    }
    rows(&name, &mut subjects, budget)
}

/// A stanza's object, signed and encrypted, from MIME entity to MIME entity, with
/// the chain validated: beside the same primitives, which are a signature over
/// the object and one over the certificate.
fn whole(content: &[u8], budget: Duration) -> Vec<Map<String, Value>> {
    let (juliet, romeo) = (Person::new(KeyKind::P256), Person::new(KeyKind::P256));
    let policy = Policy::modern();
    let certificate = romeo.certificate().clone();
    let to = [(&certificate, &[][..])];
    let make = || {
        let signed =
            xmpp_e2e::sign(content, &juliet.identity, &policy, NOW, Certificates::SentAlong)
                .expect("signed");
        xmpp_e2e::encrypt(&signed, &to, &policy, NOW).expect("encrypted")
    };
    let sealed = make();
    let keys = [romeo.identity];
    let opener = Opener::new(&keys, &juliet.trust, &policy);
    let mut protect = || make().len() as u64;
    let mut open = || opener.open(black_box(&sealed), NOW).expect("good").entity.len() as u64;
    let mut out = rows("sign and encrypt an object", &mut [("xmpp-e2e", &mut protect)], budget);
    out.extend(rows("decrypt and verify an object", &mut [("xmpp-e2e", &mut open)], budget));
    out
}

/// What a stranger can make us do with less than 64 KiB: as many authorities of one
/// name as fit, all with one key and able to be each other's issuer, under the name
/// of our anchor or another; and eight signers of a certificate of theirs.
fn strangers(budget: Duration) -> Vec<Map<String, Value>> {
    let policy = Policy::modern();
    let mut out = Vec::new();
    for kind in [KeyKind::P384, KeyKind::P521, KeyKind::Rsa, KeyKind::Ed25519] {
        for anchor in [true, false] {
            let key = || {
                let der = PrivateKey::generate(kind).expect("a key");
                PrivateKey::from_pkcs8_der(&der).expect("a key")
            };
            let later = Timestamp::from_unix(NOW.since_unix() + Duration::from_secs(86_400));
            let named = |name| CertificateBuilder::new(NOW, later).with_name(name).authority();
            let mut trust = TrustStore::new();
            let ours = named("root").self_signed(&key()).expect("a certificate");
            trust.add_anchor(&ours).expect("an anchor");
            let (authority, name) = (key(), if anchor { "root" } else { "other" });
            let mut bag = Vec::new();
            let mut octets = 0;
            while octets < 44 << 10 && bag.len() < 62 {
                let made = named(name).self_signed(&authority).expect("a certificate");
                octets += made.der().len();
                bag.push(made);
            }
            let own = key();
            let leaf = CertificateBuilder::new(NOW, later)
                .issued_by(&own, &bag[0], &authority)
                .expect("a certificate");
            let algorithm = policy.signature(kind).expect("a key that signs");
            let signer = Signer::new(&own, &leaf, algorithm, NOW);
            let all: Vec<&Certificate> = core::iter::once(&leaf).chain(&bag).collect();
            let content = b"Content-Type: text/plain\r\n\r\nHi";
            let der = cms::sign(content, SignedForm::Opaque, &[signer; 8], &all).expect("signed");
            let mut object = b"Content-Type: application/pkcs7-mime\r\n\
                Content-Transfer-Encoding: binary\r\n\r\n"
                .to_vec();
            object.extend_from_slice(&der);
            assert!(object.len() <= 64 << 10, "{}", object.len());
            let opener = Opener::new(&[], &trust, &policy);
            let mut open = || u64::from(opener.open(black_box(&object), NOW).is_err());
            let name = format!("refuse {} authorities, {kind}, {name}", bag.len());
            out.extend(rows(&name, &mut [("xmpp-e2e", &mut open)], budget));
        }
    }
    out
}

/// OpenSSL's own CMS, by its library calls.
mod peer {
    use std::hint::black_box;

    use openssl::cms::{CMSOptions, CmsContentInfo};
    use openssl::pkey::{PKey, Private};
    use openssl::stack::Stack;
    use openssl::symm::Cipher;
    use openssl::x509::X509;
    use openssl::x509::store::X509StoreBuilder;

    use super::Person;

    fn key(person: &Person) -> (PKey<Private>, X509) {
        let key = PKey::private_key_from_pkcs8(&person.pkcs8).expect("a key");
        (key, X509::from_der(person.certificate().der()).expect("a certificate"))
    }

    pub(super) fn sign(person: &Person, content: &[u8]) -> impl FnMut() -> u64 {
        let (key, certificate) = key(person);
        let content = content.to_vec();
        move || {
            let flags = CMSOptions::DETACHED | CMSOptions::BINARY;
            let made = CmsContentInfo::sign(
                Some(&certificate),
                Some(&key),
                None,
                Some(black_box(&content)),
                flags,
            );
            made.and_then(|made| made.to_der()).expect("a SignedData").len() as u64
        }
    }

    pub(super) fn verify(content: &[u8], der: &[u8]) -> impl FnMut() -> u64 {
        let (content, der) = (content.to_vec(), der.to_vec());
        move || {
            let mut signed = CmsContentInfo::from_der(black_box(&der)).expect("a SignedData");
            let store = X509StoreBuilder::new().expect("a store").build();
            let flags = CMSOptions::BINARY | CMSOptions::NO_SIGNER_CERT_VERIFY;
            signed.verify(None, Some(&store), Some(&content), None, flags).expect("good");
            1
        }
    }

    pub(super) fn encrypt(person: &Person, content: &[u8]) -> impl FnMut() -> u64 {
        let (_, certificate) = key(person);
        let content = content.to_vec();
        let mut recipients = Stack::new().expect("a stack");
        recipients.push(certificate).expect("room");
        move || {
            let made = CmsContentInfo::encrypt(
                &recipients,
                black_box(&content),
                Cipher::aes_256_cbc(),
                CMSOptions::BINARY,
            );
            made.and_then(|made| made.to_der()).expect("encrypted").len() as u64
        }
    }

    pub(super) fn decrypt(person: &Person, content: &[u8]) -> impl FnMut() -> u64 {
        let (key, certificate) = key(person);
        let mut recipients = Stack::new().expect("a stack");
        recipients.push(certificate.clone()).expect("room");
        let flags = CMSOptions::BINARY;
        let made = CmsContentInfo::encrypt(&recipients, content, Cipher::aes_256_cbc(), flags);
        let der = made.and_then(|made| made.to_der()).expect("encrypted");
        move || {
            let sealed = CmsContentInfo::from_der(black_box(&der)).expect("an EnvelopedData");
            sealed.decrypt(&key, &certificate).expect("decrypted").len() as u64
        }
    }
}
