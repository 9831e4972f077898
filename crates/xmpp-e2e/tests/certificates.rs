//! What certificates allow by themselves, at the ends of what they say.

mod common;

use common::{Authority, KINDS, NOW, builder, key, seconds};
use xmpp_e2e::{
    AddressForm, Certificate, CertificateBuilder, CertificateError, Identity, KeyKind, OtherKey,
    PemError, PrivateKey, Purpose, to_pem,
};
use xmpp_jid::BareJid;

/// RFC 8550, 4.4.2: digitalSignature or nonRepudiation to sign; keyEncipherment for RSA, or
/// keyAgreement for the others, to encrypt.
#[test]
fn each_bit_of_key_usage() {
    let authority = Authority::new();
    for kind in KINDS {
        let key = key(kind);
        let issued = |builder: CertificateBuilder| {
            builder.issued_by(&key, &authority.intermediate, &authority.key).unwrap()
        };
        for bit in 0..8 {
            let certificate = issued(builder().with_key_usage(0x80 >> bit));
            let signs = kind.can_sign() && bit < 2;
            let wanted = if kind == KeyKind::Rsa { 2 } else { 4 };
            let encrypts = kind.can_encrypt() && bit == wanted;
            assert_eq!(certificate.may_sign(), signs, "{kind}, bit {bit}");
            assert_eq!(certificate.may_encrypt(), encrypts, "{kind}, bit {bit}");
            for (purpose, may) in [(Purpose::Sign, signs), (Purpose::Encrypt, encrypts)] {
                let allowed = if may { Ok(()) } else { Err(CertificateError::WrongUsage) };
                assert_eq!(certificate.check(purpose, NOW), allowed, "{kind}, bit {bit}");
            }
        }
        let usual = issued(builder());
        assert_eq!(usual.key_kind(), Some(kind));
        assert_eq!((usual.may_sign(), usual.may_encrypt()), (kind.can_sign(), kind.can_encrypt()));
        // 4.4.4: of the purposes one has to be for mail, or for anything.
        for (purpose, is_ours) in
            [("1.3.6.1.5.5.7.3.4", true), ("2.5.29.37.0", true), ("1.3.6.1.5.5.7.3.1", false)]
        {
            let certificate = issued(builder().with_extended_key_usage(purpose));
            assert_eq!(certificate.may_sign(), is_ours && kind.can_sign(), "{kind} {purpose}");
            assert_eq!(
                certificate.may_encrypt(),
                is_ours && kind.can_encrypt(),
                "{kind} {purpose}"
            );
        }
    }
}

/// RFC 5280, 4.1.2.5: both ends are within.
#[test]
fn the_time_in_which_it_is_valid() {
    let key = key(KeyKind::P256);
    let certificate = CertificateBuilder::new(seconds(-10), seconds(10)).self_signed(&key).unwrap();
    assert_eq!((certificate.not_before(), certificate.not_after()), (seconds(-10), seconds(10)));
    for (at, verdict) in [
        (-11, Err(CertificateError::NotYetValid)),
        (-10, Ok(())),
        (10, Ok(())),
        (11, Err(CertificateError::Expired)),
    ] {
        for purpose in [Purpose::Sign, Purpose::Encrypt] {
            assert_eq!(certificate.check(purpose, seconds(at)), verdict, "{at}");
        }
    }
}

/// RFC 3923, 6.3; RFC 6120, 13.7.1.4: three names for an address; a domain has one.
#[test]
fn names_of_addresses() {
    let jid = |text: &str| -> BareJid { text.parse().unwrap() };
    let key = key(KeyKind::P256);
    let certificate = builder()
        .with_address(jid("juliet@example.com"))
        .with_address(jid("example.net"))
        .self_signed(&key)
        .unwrap();
    let names: Vec<_> =
        certificate.addresses().iter().map(|address| (address.form, &*address.text)).collect();
    assert_eq!(
        names,
        [
            (AddressForm::XmppAddr, "juliet@example.com"),
            (AddressForm::Im, "im:juliet@example.com"),
            (AddressForm::Pres, "pres:juliet@example.com"),
            (AddressForm::XmppAddr, "example.net"),
        ]
    );
    assert!(
        certificate.is_for(&jid("juliet@example.com")) && certificate.is_for(&jid("example.net"))
    );
    assert!(
        !certificate.is_for(&jid("romeo@example.com")) && !certificate.is_for(&jid("example.com"))
    );
    // 64 names and no more.
    let domains = |count: usize| {
        let named = (0..count)
            .fold(builder(), |builder, n| builder.with_address(jid(&format!("d{n}.example"))));
        named.self_signed(&key).map(|certificate| certificate.addresses().len())
    };
    assert_eq!(domains(64).ok(), Some(64));
    assert!(domains(65).is_err());
}

/// RFC 7468: lines of 64 characters; several sections in a file.
#[test]
fn certificates_as_pem() {
    let authority = Authority::new();
    let all = [authority.root.clone(), authority.intermediate.clone()];
    let pem: String = all.iter().map(Certificate::to_pem).collect();
    assert_eq!(Certificate::from_pem(pem.as_bytes()).as_deref(), Ok(&all[..]));
    assert_eq!(all[0].to_pem(), to_pem("CERTIFICATE", all[0].der()));
    assert_eq!(Certificate::from_der(all[0].der()).as_ref(), Ok(&all[0]));
    assert_eq!(
        to_pem("X", &[0; 48]),
        format!("-----BEGIN X-----\n{}\n-----END X-----\n", "A".repeat(64))
    );
    let long = to_pem("X", &[0; 49]);
    assert_eq!(long, format!("-----BEGIN X-----\n{}\nAA==\n-----END X-----\n", "A".repeat(64)));
    assert_eq!(to_pem("X", &[]), "-----BEGIN X-----\n-----END X-----\n");
    assert_eq!(Certificate::from_pem(b""), Ok(vec![]));
    let other = to_pem("CERTIFICATE", &[0x30, 0x00]);
    assert!(matches!(Certificate::from_pem(other.as_bytes()), Err(PemError::Certificate(_))));
    let cut = &pem[..pem.len() - 20];
    assert_eq!(Certificate::from_pem(cut.as_bytes()), Err(PemError::Pem));
    let key = PrivateKey::generate(KeyKind::Ed25519).unwrap();
    let pem = to_pem("PRIVATE KEY", &key);
    assert_eq!(PrivateKey::from_pem(pem.as_bytes()).unwrap().kind(), KeyKind::Ed25519);
    assert!(PrivateKey::from_pem(pem.replace("PRIVATE", "PUBLIC").as_bytes()).is_err());
    // What stands behind a certificate is not of it.
    let longer = [all[0].der(), &[0]].concat();
    assert!(Certificate::from_der(&longer).is_err());
    let shown = format!("{:?}", all[0]);
    assert!(shown.starts_with("Certificate { key: Some(P256), octets: "), "{shown}");
}

#[test]
fn a_certificate_belongs_to_its_key() {
    let authority = Authority::new();
    let (one, other) = (key(KeyKind::P256), key(KeyKind::P256));
    let certificate = builder().issued_by(&one, &authority.intermediate, &authority.key).unwrap();
    let chain = [certificate.clone(), authority.intermediate.clone()];
    assert!(matches!(Identity::new(other, chain.clone()), Err(OtherKey)));
    let identity = Identity::new(one, chain).unwrap();
    assert_eq!(identity.certificate(), &certificate);
    assert_eq!(identity.chain(), [authority.intermediate]);
    // Nobody signs certificates with a key that does not sign.
    let agrees = key(KeyKind::X25519);
    assert!(builder().self_signed(&agrees).is_err());
    assert!(builder().with_extended_key_usage("none").self_signed(&key(KeyKind::P256)).is_err());
}
