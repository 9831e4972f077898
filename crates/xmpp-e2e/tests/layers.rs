//! Signing, encrypting and opening entities, for every kind of key and cipher.

mod common;

use common::{Authority, KINDS, NOW, builder, key, seconds};
use xmpp_e2e::cms::{self, DecryptError, SignatureError, SignedData};
use xmpp_e2e::{
    Case, Certificate, CertificateError, Certificates, ContentEncryption, Digest, KeyEncryption,
    KeyKind, KeyTransport, Layer, OpenError, Opener, Policy, RsaKeyEncryption, RsaSignature, Sha2,
    SignatureAlgorithm, SignedForm, TrustStore, Unverified, encrypt, sign,
};

const ENTITY: &[u8] =
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nWherefore art thou, Romeo?\r\n";

const CIPHERS: [ContentEncryption; 5] = [
    ContentEncryption::Aes128Cbc,
    ContentEncryption::Aes256Cbc,
    ContentEncryption::Aes128Gcm,
    ContentEncryption::Aes256Gcm,
    ContentEncryption::ChaCha20Poly1305,
];

fn to(certificate: &Certificate) -> [(&Certificate, &[ContentEncryption]); 1] {
    [(certificate, &[])]
}

// 3923-2-15; and algorithms that section 6.10 does not have: 3923-6.10-02
#[test]
fn what_each_kind_of_key_signs_is_verified() {
    let authority = Authority::new();
    let trust = authority.trust();
    for kind in KINDS.into_iter().filter(|kind| kind.can_sign()) {
        let juliet = authority.identity("juliet@example.com", kind);
        for form in [SignedForm::Detached, SignedForm::Opaque] {
            let mut policy = Policy::modern();
            policy.form = form;
            let signed = sign(ENTITY, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
            let head = String::from_utf8_lossy(&signed);
            assert!(match form {
                SignedForm::Detached => head.starts_with("Content-Type: multipart/signed;"),
                _ => head.contains("smime-type=signed-data"),
            });
            let opened = Opener::new(&[], &trust, &policy).open(&signed, NOW).unwrap();
            assert_eq!(opened.entity, ENTITY);
            let signature = opened.signature().unwrap();
            assert_eq!(&signature.certificate, juliet.certificate());
            assert_eq!(Some(signature.algorithm), policy.signature(kind));
            assert_eq!(signature.signing_time, Some(NOW));
            assert!(!opened.is_encrypted());
        }
    }
}

#[test]
fn what_is_signed_and_encrypted_comes_back_for_every_key_and_cipher() {
    let authority = Authority::new();
    let trust = authority.trust();
    let juliet = authority.identity("juliet@example.com", KeyKind::Ed25519);
    for kind in KINDS.into_iter().filter(|kind| kind.can_encrypt()) {
        let romeo = [authority.identity("romeo@example.net", kind)];
        for cipher in CIPHERS {
            let policy = Policy::modern().with_content_encryption(cipher);
            let signed = sign(ENTITY, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
            let sealed = encrypt(&signed, &to(romeo[0].certificate()), &policy, NOW).unwrap();
            let opened = Opener::new(&romeo, &trust, &policy).open(&sealed, NOW).unwrap();
            assert_eq!(opened.entity, ENTITY);
            assert!(opened.is_encrypted());
            assert!(opened.signature().is_some());
            let key = match kind {
                KeyKind::Rsa => KeyEncryption::Rsa(RsaKeyEncryption::Oaep(Digest::Sha256)),
                kind => KeyEncryption::Ecdh(kind.curve().unwrap()),
            };
            let Layer::Encrypted { content, key: found, .. } = &opened.layers[0] else {
                panic!("{:?}", opened.layers)
            };
            assert_eq!((*content, *found), (cipher, key));
        }
    }
}

// 3923-2-05, 3923-2-09
#[test]
fn several_recipients_read_it_and_nobody_else() {
    let authority = Authority::new();
    let trust = authority.trust();
    let policy = Policy::modern();
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let people: Vec<_> = KINDS
        .into_iter()
        .filter(|kind| kind.can_encrypt())
        .map(|kind| authority.identity("romeo@example.net", kind))
        .collect();
    let recipients: Vec<_> = people.iter().map(|p| (p.certificate(), &[][..])).collect();
    let signed = sign(ENTITY, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
    let sealed = encrypt(&signed, &recipients, &policy, NOW).unwrap();
    for person in &people {
        let keys = core::slice::from_ref(person);
        let opened = Opener::new(keys, &trust, &policy).open(&sealed, NOW).unwrap();
        assert_eq!(opened.entity, ENTITY);
    }
    let other = [authority.identity("tybalt@example.com", KeyKind::P256)];
    let refused = Opener::new(&other, &trust, &policy).open(&sealed, NOW).unwrap_err();
    assert_eq!(refused, OpenError::Decrypt(DecryptError::NotForUs));
    assert_eq!(refused.case(), Case::DecryptionFailed);
}

// 3923-2-16; section 6.10: the key transport and the cipher that are mandatory, by a policy
#[test]
fn rfc_3923_key_transport_is_read_by_a_legacy_policy_alone() {
    let authority = Authority::new();
    let trust = authority.trust();
    let romeo = [authority.identity("romeo@example.net", KeyKind::Rsa)];
    let juliet = authority.identity("juliet@example.com", KeyKind::Rsa);
    let old = Policy::rfc3923();
    let signed = sign(ENTITY, &juliet, &old, NOW, Certificates::SentAlong).unwrap();
    let sealed = encrypt(&signed, &to(romeo[0].certificate()), &old, NOW).unwrap();
    assert!(String::from_utf8_lossy(&sealed).contains("smime-type=enveloped-data"));
    for policy in [Policy::rfc3923(), Policy::legacy()] {
        let opened = Opener::new(&romeo, &trust, &policy).open(&sealed, NOW).unwrap();
        let Layer::Encrypted { content, key, .. } = &opened.layers[0] else { panic!() };
        assert_eq!(
            (*content, *key),
            (ContentEncryption::Aes128Cbc, KeyEncryption::Rsa(RsaKeyEncryption::Pkcs1))
        );
        assert_eq!(
            opened.signature().unwrap().algorithm,
            SignatureAlgorithm::Rsa(RsaSignature::Pkcs1(Sha2::Sha256))
        );
    }
    let refused = Opener::new(&romeo, &trust, &Policy::modern()).open(&sealed, NOW).unwrap_err();
    assert!(matches!(refused, OpenError::Decrypt(DecryptError::Unsupported(_))));
}

#[test]
fn cbc_is_read_only_around_a_signature() {
    let authority = Authority::new();
    let trust = authority.trust();
    let romeo = [authority.identity("romeo@example.net", KeyKind::P256)];
    let mut policy = Policy::modern()
        .with_accept_unsigned(true)
        .with_content_encryption(ContentEncryption::Aes256Cbc);
    let sealed = encrypt(ENTITY, &to(romeo[0].certificate()), &policy, NOW).unwrap();
    let refused = Opener::new(&romeo, &trust, &policy).open(&sealed, NOW).unwrap_err();
    assert_eq!(refused, OpenError::Decrypt(DecryptError::Failed));
    policy.content_encryption = ContentEncryption::Aes256Gcm;
    let sealed = encrypt(ENTITY, &to(romeo[0].certificate()), &policy, NOW).unwrap();
    let opened = Opener::new(&romeo, &trust, &policy).open(&sealed, NOW).unwrap();
    assert_eq!(opened.entity, ENTITY);
    policy.accept_unsigned = false;
    let refused = Opener::new(&romeo, &trust, &policy).open(&sealed, NOW).unwrap_err();
    assert_eq!(refused, OpenError::Signature(Unverified::Unsigned));
}

/// Inside AES-CBC a bad signature must look like a bad padding.
#[test]
fn failures_inside_cbc_are_all_alike() {
    let authority = Authority::new();
    let trust = authority.trust();
    let romeo = [authority.identity("romeo@example.net", KeyKind::Rsa)];
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let policy = Policy::rfc3923();
    let opener = Opener::new(&romeo, &trust, &policy);
    let signed = sign(ENTITY, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
    let text = String::from_utf8(signed).unwrap();
    let failed = OpenError::Decrypt(DecryptError::Failed);
    for wrong in [
        // another text, no signature, no MIME, nothing
        text.replace("Romeo", "Tybalt"),
        String::from_utf8(ENTITY.to_vec()).unwrap(),
        "x".into(),
        String::new(),
    ] {
        let sealed = encrypt(wrong.as_bytes(), &to(romeo[0].certificate()), &policy, NOW).unwrap();
        assert_eq!(opener.open(&sealed, NOW).unwrap_err(), failed);
    }
    // Ciphertext, padding and encrypted key changed in transit.
    let recipient = cms::Recipient::new(romeo[0].certificate());
    let mut recipient = recipient;
    recipient.rsa = RsaKeyEncryption::Pkcs1;
    let der = cms::encrypt(text.as_bytes(), ContentEncryption::Aes128Cbc, &[recipient]).unwrap();
    let keys = [(romeo[0].key(), romeo[0].certificate())];
    let encrypted_key = der.windows(4).position(|w| w == [4, 0x82, 1, 0]).unwrap() + 4;
    for at in [der.len() - 1, der.len() - 17, encrypted_key, encrypted_key + 200] {
        let mut changed = der.clone();
        changed[at] ^= 1;
        let found = cms::decrypt(&changed, &keys, KeyTransport::OaepAndPkcs1);
        match found {
            Err(error) => assert_eq!(error, DecryptError::Failed),
            Ok(decrypted) => assert_ne!(decrypted.content, text.as_bytes()),
        }
    }
}

#[test]
fn chains_of_three_dates_usages_and_anchors() {
    let authority = Authority::new();
    let trust = authority.trust();
    let policy = Policy::modern();
    let opener = Opener::new(&[], &trust, &policy);
    let address = || builder().with_address("juliet@example.com".parse().unwrap());
    let refused = |identity: &xmpp_e2e::Identity, now| {
        let signed = sign(ENTITY, identity, &policy, now, Certificates::SentAlong).unwrap();
        match opener.open(&signed, now) {
            Err(OpenError::Signature(Unverified::Certificate(why))) => why,
            other => panic!("{other:?}"),
        }
    };
    let good = authority.identity("juliet@example.com", KeyKind::P256);
    assert_eq!(refused(&good, seconds(86_401)), CertificateError::Expired);
    assert_eq!(refused(&good, seconds(-86_401)), CertificateError::NotYetValid);

    let agreement_only = authority.issue(&address().with_key_usage(0x08), key(KeyKind::P256));
    assert_eq!(refused(&agreement_only, NOW), CertificateError::WrongUsage);
    let server = authority
        .issue(&address().with_extended_key_usage("1.3.6.1.5.5.7.3.1"), key(KeyKind::P256));
    assert_eq!(refused(&server, NOW), CertificateError::WrongUsage);
    let any =
        authority.issue(&address().with_extended_key_usage("2.5.29.37.0"), key(KeyKind::P256));
    let signed = sign(ENTITY, &any, &policy, NOW, Certificates::SentAlong).unwrap();
    assert!(opener.open(&signed, NOW).is_ok());

    let other = Authority::named("other").identity("juliet@example.com", KeyKind::P256);
    assert_eq!(refused(&other, NOW), CertificateError::UnknownIssuer);

    // Without the intermediate, and with it at hand.
    let alone = xmpp_e2e::Identity::new(key(KeyKind::P256), Vec::<Certificate>::new());
    assert!(alone.is_err());
    let signed = sign(ENTITY, &good, &policy, NOW, Certificates::LeftOut).unwrap();
    let unknown = OpenError::Signature(Unverified::UnknownCertificate);
    assert_eq!(opener.open(&signed, NOW).unwrap_err(), unknown);
    let at_hand = [good.certificate().clone(), authority.intermediate];
    let opener = Opener::new(&[], &trust, &policy).with_certificates(&at_hand);
    assert!(opener.open(&signed, NOW).is_ok());
}

#[test]
fn pinned_certificates_need_no_chain() {
    let policy = Policy::modern();
    let own = key(KeyKind::Ed25519);
    let certificate =
        builder().with_address("juliet@example.com".parse().unwrap()).self_signed(&own).unwrap();
    let juliet = xmpp_e2e::Identity::new(own, [certificate.clone()]).unwrap();
    let signed = sign(ENTITY, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
    let mut trust = TrustStore::new();
    assert!(Opener::new(&[], &trust, &policy).open(&signed, NOW).is_err());
    trust.pin(certificate);
    assert!(Opener::new(&[], &trust, &policy).open(&signed, NOW).is_ok());
    assert_eq!(
        Opener::new(&[], &trust, &policy).open(&signed, seconds(90_000)).unwrap_err(),
        OpenError::Signature(Unverified::Certificate(CertificateError::Expired))
    );
}

#[test]
fn the_signature_is_over_the_content_and_the_attributes() {
    let authority = Authority::new();
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let signer = cms::Signer::new(
        juliet.key(),
        juliet.certificate(),
        SignatureAlgorithm::Ecdsa(Sha2::Sha256),
        NOW,
    );
    let der = cms::sign(ENTITY, SignedForm::Detached, &[signer], &[]).unwrap();
    let signed = SignedData::parse(&der).unwrap();
    let info = &signed.signers()[0];
    assert!(info.is_by(juliet.certificate()));
    assert_eq!(info.verify(ENTITY, juliet.certificate()), Ok(()));
    assert_eq!(info.verify(b"other", juliet.certificate()), Err(SignatureError::Digest));
    let tybalt = authority.identity("tybalt@example.com", KeyKind::P256);
    assert!(!info.is_by(tybalt.certificate()));
    assert_eq!(info.verify(ENTITY, tybalt.certificate()), Err(SignatureError::Signature));
}

/// RFC 3923 section 3.2 and XML 1.0 section 2.11: what a stanza's text has
/// become is what was signed once CR LF is back.
#[test]
fn line_ends_that_xml_changed_are_restored() {
    let authority = Authority::new();
    let trust = authority.trust();
    let policy = Policy::modern();
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let signed =
        String::from_utf8(sign(ENTITY, &juliet, &policy, NOW, Certificates::SentAlong).unwrap())
            .unwrap();
    let in_xml = format!("\n  {}\n ", signed.replace("\r\n", "\n"));
    let opened = Opener::new(&[], &trust, &policy).open(in_xml.as_bytes(), NOW).unwrap();
    assert_eq!(opened.entity, ENTITY);
}

#[test]
fn layers_are_counted_and_signatures_around_encryption_are_no_authors() {
    let authority = Authority::new();
    let trust = authority.trust();
    let mut policy = Policy::modern();
    let juliet = authority.identity("juliet@example.com", KeyKind::P256);
    let romeo = [authority.identity("romeo@example.net", KeyKind::X25519)];
    let mut entity = ENTITY.to_vec();
    for _ in 0..5 {
        entity = sign(&entity, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
    }
    let refused = Opener::new(&[], &trust, &policy).open(&entity, NOW).unwrap_err();
    assert_eq!(refused, OpenError::Mime(xmpp_e2e::MimeError::TooManyLayers));

    let sealed = encrypt(ENTITY, &to(romeo[0].certificate()), &policy, NOW).unwrap();
    let passed_on = sign(&sealed, &juliet, &policy, NOW, Certificates::SentAlong).unwrap();
    let refused = Opener::new(&romeo, &trust, &policy).open(&passed_on, NOW).unwrap_err();
    assert_eq!(refused, OpenError::Signature(Unverified::Unsigned));
    policy.accept_unsigned = true;
    let opened = Opener::new(&romeo, &trust, &policy).open(&passed_on, NOW).unwrap();
    assert_eq!((opened.layers.len(), opened.signature()), (2, None));
}

/// A peer cannot have us verify for ever: of many signatures, none trusted, few
/// are tried.
#[test]
fn a_bounded_number_of_signatures_is_tried() {
    let authority = Authority::new();
    let trust = authority.trust();
    let policy = Policy::modern();
    let strangers = Authority::named("other");
    let mut people: Vec<_> =
        (0..9).map(|_| strangers.identity("j@example.com", KeyKind::Ed25519)).collect();
    let juliet = authority.identity("juliet@example.com", KeyKind::Ed25519);
    let opened = |people: &[xmpp_e2e::Identity]| {
        let signers: Vec<_> = people
            .iter()
            .map(|p| cms::Signer::new(p.key(), p.certificate(), SignatureAlgorithm::Ed25519, NOW))
            .collect();
        let certificates: Vec<_> = people
            .iter()
            .map(xmpp_e2e::Identity::certificate)
            .chain([&authority.intermediate, &strangers.intermediate])
            .collect();
        let der = cms::sign(ENTITY, SignedForm::Opaque, &signers, &certificates).unwrap();
        let text = to_base64(&der);
        let entity = format!(
            "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n{text}"
        );
        Opener::new(&[], &trust, &policy).open(entity.as_bytes(), NOW).is_ok()
    };
    assert!(!opened(&people));
    people.truncate(1);
    people.push(juliet);
    assert!(opened(&people), "one of two is trusted");
}

fn to_base64(der: &[u8]) -> String {
    let pem = xmpp_e2e::to_pem("X", der);
    pem.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\r\n")
}
