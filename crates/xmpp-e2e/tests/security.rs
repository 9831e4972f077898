//! What an attacker tried, and what comes of it.

mod common;

use std::fs;
use std::path::Path;

use common::{Authority, KINDS, NOW, builder, key, seconds};
use xmpp_e2e::cms::{self, SignedData};
use xmpp_e2e::{
    BadTimestamp, Certificate, CertificateError, CertificateStore, Certificates, ContentEncryption,
    Freshness, Identity, KeyKind, Known, MemoryStore, Object, OpenError, Opener, Policy,
    PrivateKey, ProtectError, Protection, Purpose, Receiver, Refused, Sender, SignedForm,
    Timestamp, TrustStore, Unverified, encrypt, secured_object, sign,
};
use xmpp_jid::BareJid;
use xmpp_stanza::{Message, MessageType, Stanza};

const ENTITY: &[u8] =
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nWherefore art thou, Romeo?\r\n";

fn jid(text: &str) -> BareJid {
    text.parse().unwrap()
}

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/vectors/e2e");
    fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The signed object of a message from Juliet to Romeo.
fn object(identity: Identity, at: Timestamp, trust: &TrustStore) -> Vec<u8> {
    let mut sender = Sender::new(identity, Policy::modern());
    let message = Message::builder(MessageType::Chat)
        .with_from(jid("juliet@example.com"))
        .with_to(jid("romeo@example.net"))
        .with_body("Hi");
    let message = Stanza::Message(message.build().unwrap());
    let object = Object::from_stanza(&message, sender.timestamp(at).unwrap()).unwrap();
    let to: BareJid = jid("romeo@example.net");
    let payload = sender.protect(&object, Protection::Sign, &[(&to, &[])], trust, at).unwrap();
    secured_object(payload.as_ref()).unwrap().into_owned()
}

/// An object that was captured days ago and is refused as old changes nothing of
/// what is known: neither whom we encrypt to nor with which cipher.
#[test]
fn nothing_is_remembered_before_the_verdict() {
    let authority = Authority::new();
    let trust = authority.trust();
    let (from, to) = (jid("juliet@example.com"), jid("romeo@example.net"));
    let mut receiver = Receiver::new(to.clone(), Vec::new(), trust.clone(), MemoryStore::new());
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let old = object(juliet, seconds(-3600), &trust);
    let refused = receiver.open_object(&from, &to, &old, NOW).unwrap_err();
    assert!(matches!(refused, Refused::Time { why: BadTimestamp::Old, .. }), "{refused:?}");
    assert_eq!(receiver.store().find(&from), []);

    let of_today = authority.identity("juliet@example.com", KeyKind::P384);
    let certificate = of_today.certificate().clone();
    let new = object(of_today, NOW, &trust);
    receiver.open_object(&from, &to, &new, NOW).unwrap();
    assert_eq!(receiver.store().find(&from)[0].signed_at, Some(NOW));
    assert!(receiver.store().find(&from).iter().any(|k| k.certificate == certificate));
    let before = receiver.store().find(&from);
    for played_back in [&old, &new] {
        assert!(receiver.open_object(&from, &to, played_back, seconds(1)).is_err());
        assert_eq!(receiver.store().find(&from), before);
    }
}

/// Whatever is remembered later: what was signed later comes first and stays.
#[test]
fn an_older_certificate_never_displaces_a_newer() {
    let authority = Authority::new();
    let juliet = jid("juliet@example.com");
    let old = authority.identity("juliet@example.com", KeyKind::P256).certificate().clone();
    let new = authority.identity("juliet@example.com", KeyKind::P384).certificate().clone();
    let mut store = MemoryStore::new();
    let gcm = [ContentEncryption::Aes256Gcm];
    store.remember(&juliet, Known::new(new.clone()).with_signed_at(NOW).with_capabilities(gcm));
    let cbc = [ContentEncryption::Aes128Cbc];
    for certificate in [&old, &new] {
        let known = Known::new(certificate.clone()).with_capabilities(cbc);
        store.remember(&juliet, known.clone().with_signed_at(seconds(-1)));
        store.remember(&juliet, known);
    }
    let found = store.find(&juliet);
    let certificates: Vec<_> = found.iter().map(|known| &known.certificate).collect();
    assert_eq!(certificates, [&new, &old]);
    assert_eq!(found[0].capabilities, gcm);

    store.forget(&juliet, &new);
    assert_eq!(store.find(&juliet).len(), 1);
    store.forget(&juliet, &old);
    assert_eq!(store.find(&juliet), []);
}

#[test]
fn revoked_certificates_are_refused() {
    let authority = Authority::new();
    let mut trust = authority.trust();
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let nurse = authority.identity("nurse@example.com", KeyKind::P256);
    let links = [authority.intermediate.clone()];
    let check = |trust: &TrustStore, who: &Identity| {
        trust.check(who.certificate(), &links, Purpose::Sign, NOW)
    };
    assert_eq!(check(&trust, &juliet), Ok(()));
    trust.revoke(juliet.certificate().clone());
    trust.pin(juliet.certificate().clone());
    assert_eq!(check(&trust, &juliet), Err(CertificateError::Revoked));
    assert_eq!(check(&trust, &nurse), Ok(()));
    trust.revoke(authority.intermediate);
    assert_eq!(check(&trust, &nurse), Err(CertificateError::Revoked));
}

/// A list of revocations (RFC 5280 section 5) that the intermediate authority of
/// the vectors signed, with the certificate of Juliet's P-256 key on it.
#[test]
fn lists_of_revocations_count() {
    let read = |name: &str| Certificate::from_pem(&file(name)).unwrap().remove(0);
    let mut trust = TrustStore::new();
    trust.add_anchor(&read("keys/root.pem")).unwrap();
    let links = [read("keys/mid.pem")];
    let at = Timestamp::from_date_time("2026-01-02T03:04:05Z".parse().unwrap()).unwrap();
    let check = |trust: &TrustStore, name: &str| {
        trust.check(&read(&format!("keys/juliet-{name}.pem")), &links, Purpose::Sign, at)
    };
    assert_eq!(check(&trust, "p256"), Ok(()));
    trust.add_revocation_list(&file("keys/mid.crl")).unwrap();
    assert_eq!(check(&trust, "p256"), Err(CertificateError::Revoked));
    assert_eq!(check(&trust, "rsa"), Ok(()));
    assert_eq!(trust.add_revocation_list(b"x"), Err(CertificateError::Malformed));
}

/// What was seen before a restart is not new after it.
#[test]
fn freshness_survives_a_restart() {
    let authority = Authority::new();
    let trust = authority.trust();
    let (from, to) = (jid("juliet@example.com"), jid("romeo@example.net"));
    let receiver = || Receiver::new(to.clone(), Vec::new(), trust.clone(), MemoryStore::new());
    let sent = object(authority.identity("juliet@example.com", KeyKind::P256), NOW, &trust);
    let mut before = receiver();
    before.open_object(&from, &to, &sent, NOW).unwrap();
    let saved = before.freshness().save();
    let mut after = receiver().with_freshness(Freshness::restore(&saved).unwrap());
    let refused = after.open_object(&from, &to, &sent, seconds(1)).unwrap_err();
    assert!(matches!(refused, Refused::Time { why: BadTimestamp::Decreasing, .. }));
}

/// A recipient whose list says AES-CBC alone gets nothing below the floor.
#[test]
fn capabilities_cannot_bring_a_cipher_below_the_floor() {
    let authority = Authority::new();
    let romeo = authority.identity("romeo@example.net", KeyKind::P256);
    let known: [(&Certificate, &[ContentEncryption]); 1] =
        [(romeo.certificate(), &[ContentEncryption::Aes128Cbc])];
    let refused = encrypt(ENTITY, &known, &Policy::modern(), NOW);
    assert_eq!(refused, Err(ProtectError::NoCommonCipher));
    assert!(encrypt(ENTITY, &known, &Policy::rfc3923(), NOW).is_ok());
}

/// Who does not read AES-CBC does not announce it.
#[test]
fn what_is_announced_is_what_is_accepted() {
    let authority = Authority::new();
    let trust = authority.trust();
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    for accept in [true, false] {
        let policy = Policy::modern().with_accept_cbc(accept);
        let signed = sign(ENTITY, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
        let opened = Opener::new(&[], &trust, &policy).open(&signed, NOW).unwrap();
        let announced = &opened.signature().unwrap().capabilities;
        assert_eq!(announced.contains(&ContentEncryption::Aes128Cbc), accept);
        assert_eq!(*announced, policy.read_ciphers());
    }
}

/// A pinned certificate needs no chain, and all else it needs.
#[test]
fn pinned_certificates_are_checked_like_others() {
    let check = |certificate: Certificate, purpose| {
        let mut trust = TrustStore::new();
        trust.pin(certificate.clone());
        trust.check(&certificate, &[], purpose, NOW)
    };
    let own = key(KeyKind::P256);
    let address = || builder().with_address(jid("juliet@example.com"));
    let good = address().self_signed(&own).unwrap();
    assert_eq!(check(good, Purpose::Encrypt), Ok(()));
    let server = address().with_extended_key_usage("1.3.6.1.5.5.7.3.1").self_signed(&own).unwrap();
    for purpose in [Purpose::Sign, Purpose::Encrypt] {
        assert_eq!(check(server.clone(), purpose), Err(CertificateError::WrongUsage));
    }
    let read = |name: &str| Certificate::from_pem(&file(name)).unwrap().remove(0);
    assert_eq!(
        check(read("keys/critical.pem"), Purpose::Sign),
        Err(CertificateError::CriticalExtension)
    );
    assert_eq!(check(read("keys/sha1.pem"), Purpose::Sign), Err(CertificateError::Signature));
}

/// Nobody encrypts to a certificate that has expired, is not valid yet, or is for
/// something else.
#[test]
fn certificates_are_checked_before_encryption() {
    let authority = Authority::new();
    let romeo = authority.identity("romeo@example.net", KeyKind::P256);
    let to: [(&Certificate, &[ContentEncryption]); 1] = [(romeo.certificate(), &[])];
    for (now, why) in [
        (seconds(86_401), CertificateError::Expired),
        (seconds(-86_401), CertificateError::NotYetValid),
    ] {
        let refused = encrypt(ENTITY, &to, &Policy::modern(), now);
        assert_eq!(refused, Err(ProtectError::Certificate(why)));
    }
    let own = key(KeyKind::P256);
    let server = builder().with_extended_key_usage("1.3.6.1.5.5.7.3.1").self_signed(&own).unwrap();
    let refused = encrypt(ENTITY, &[(&server, &[])], &Policy::modern(), NOW);
    assert_eq!(refused, Err(ProtectError::Certificate(CertificateError::WrongUsage)));
}

fn in_mime(der: &[u8]) -> String {
    let pem = xmpp_e2e::to_pem("X", der);
    let text: Vec<_> = pem.lines().filter(|line| !line.starts_with('-')).collect();
    format!(
        "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        text.join("\r\n")
    )
}

/// Sixty authorities of one name, each able to be the issuer of each other, and
/// eight signers of one certificate: the work ends early, with an answer. That it
/// is little, `cargo fuzz run e2e_cost` measures.
#[test]
fn certificates_of_a_stranger_cost_little() {
    let trust = Authority::new().trust();
    let policy = Policy::modern();
    let authority_key = key(KeyKind::P384);
    let name = || builder().with_name("x").authority();
    let authorities: Vec<_> =
        (0..50).map(|_| name().self_signed(&authority_key).unwrap()).collect();
    let own = key(KeyKind::P256);
    let leaf = builder()
        .with_address(jid("juliet@example.com"))
        .issued_by(&own, &authorities[0], &authority_key)
        .unwrap();
    let stranger = Identity::new(own, [leaf]).unwrap();
    let algorithm = policy.signature(KeyKind::P256).unwrap();
    let signer = cms::Signer::new(stranger.key(), stranger.certificate(), algorithm, NOW);
    let bag: Vec<_> = core::iter::once(stranger.certificate()).chain(&authorities).collect();
    let der = cms::sign(ENTITY, SignedForm::Opaque, &[signer; 8], &bag).unwrap();
    assert!(der.len() < 64 << 10, "{}", der.len());
    let refused = Opener::new(&[], &trust, &policy).open(in_mime(&der).as_bytes(), NOW);
    let why = Unverified::Certificate(CertificateError::TooCostly);
    assert_eq!(refused.unwrap_err(), OpenError::Signature(why));
}

/// Of several authorities of one name, the right one is found, whichever comes
/// first, and whether or not its issuer's name is that of an anchor too.
#[test]
fn the_right_authority_of_a_name_is_found() {
    let authority = Authority::new();
    let trust = authority.trust();
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let decoys: Vec<_> = (0..5)
        .map(|_| builder().with_name("intermediate").authority().self_signed(&key(KeyKind::P256)))
        .map(Result::unwrap)
        .collect();
    for at in 0..=decoys.len() {
        let mut others = decoys.clone();
        others.insert(at, authority.intermediate.clone());
        others.push(authority.root.clone());
        assert_eq!(trust.check(juliet.certificate(), &others, Purpose::Sign, NOW), Ok(()), "{at}");
    }
    let without = trust.check(juliet.certificate(), &decoys, Purpose::Sign, NOW);
    assert_eq!(without, Err(CertificateError::UnknownIssuer));
}

/// An unreadable certificate in the bag does not make the others unreadable.
#[test]
fn one_unreadable_certificate_is_passed_over() {
    let authority = Authority::new();
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let algorithm = Policy::modern().signature(KeyKind::P256).unwrap();
    let signer = cms::Signer::new(juliet.key(), juliet.certificate(), algorithm, NOW);
    let bag = [juliet.certificate(), &authority.intermediate];
    let mut der = cms::sign(ENTITY, SignedForm::Opaque, &[signer], &bag).unwrap();
    // The version of the intermediate's certificate becomes something else.
    let at = der.windows(authority.intermediate.der().len());
    let at = at.clone().position(|w| w == authority.intermediate.der()).unwrap();
    let version = der[at..].windows(5).position(|w| w == [0xa0, 3, 2, 1, 2]).unwrap();
    der[at + version] = 0xa9;
    let signed = SignedData::parse(&der).unwrap();
    assert_eq!(signed.certificates(), core::slice::from_ref(juliet.certificate()));
    assert_eq!(signed.signers()[0].verify(ENTITY, juliet.certificate()), Ok(()));
}

/// Nothing secret shows.
#[test]
fn debug_shows_no_key() {
    for kind in KINDS {
        let own = PrivateKey::from_pkcs8_der(&PrivateKey::generate(kind).unwrap()).unwrap();
        assert_eq!(format!("{own:?}"), format!("PrivateKey({kind})"));
    }
}
