//! What errors and algorithms say of themselves, to be read by people; and from what an error
//! comes, down to the octet.

use core::error::Error;
use std::collections::BTreeSet;

use xmpp_e2e::cms::{DecryptError, EncryptError, SignError, SignatureError};
use xmpp_e2e::{
    BadTimestamp, BuildError, Case, CertificateError, ContentEncryption, Curve, Digest, Freshness,
    KeyEncryption, KeyError, KeyKind, Malformed, MimeError, ObjectError, OpenError, OtherKey,
    PemError, ProtectError, Refused, RsaKeyEncryption, RsaSignature, SendError, Sha2,
    SignatureAlgorithm, Unverified, WrapError,
};
use xmpp_xml::WriteError;

const MALFORMED: Malformed = Malformed { offset: 7, expected: "a SEQUENCE" };
const OCTET: &str = "byte 7 of the DER: expected a SEQUENCE";

/// All are different, and each says what it is about.
#[track_caller]
fn read(texts: &[(String, &str)]) {
    for (text, about) in texts {
        assert!(text.contains(about), "{about} in {text}");
    }
    let different: BTreeSet<&str> = texts.iter().map(|(text, _)| &**text).collect();
    assert_eq!(different.len(), texts.len(), "{different:#?}");
}

/// The error says all that its source says, and is told apart from it.
#[track_caller]
fn comes_from(error: &dyn Error, source: &dyn Error) {
    let found = error.source().unwrap_or_else(|| panic!("{error}: no source"));
    assert_eq!(found.to_string(), source.to_string());
    assert!(error.to_string().contains(&source.to_string()), "{error}");
}

#[test]
fn errors_of_keys_and_certificates() {
    assert_eq!(MALFORMED.to_string(), OCTET);
    read(&[
        (KeyError::Malformed(MALFORMED).to_string(), OCTET),
        (KeyError::Pem.to_string(), "PRIVATE KEY"),
        (KeyError::Unsupported.to_string(), "P-521"),
        (KeyError::Rejected.to_string(), "2048"),
        (PemError::Pem.to_string(), "base64"),
        (PemError::Certificate(MALFORMED).to_string(), "CERTIFICATE"),
        (BuildError.to_string(), "no certificate can be made"),
        (OtherKey.to_string(), "private key"),
        (CertificateError::Malformed.to_string(), "malformed"),
        (CertificateError::Expired.to_string(), "expired"),
        (CertificateError::NotYetValid.to_string(), "not valid yet"),
        (CertificateError::Revoked.to_string(), "revoked"),
        (CertificateError::UnknownIssuer.to_string(), "trust anchor"),
        (CertificateError::WrongUsage.to_string(), "usage"),
        (CertificateError::KeyLength.to_string(), "2048"),
        (CertificateError::CriticalExtension.to_string(), "critical"),
        (CertificateError::Signature.to_string(), "signature"),
        (CertificateError::TooCostly.to_string(), "costs too much"),
        (CertificateError::Path("NameConstraint".into()).to_string(), ": NameConstraint"),
    ]);
    comes_from(&KeyError::from(MALFORMED), &MALFORMED);
    comes_from(&PemError::Certificate(MALFORMED), &MALFORMED);
    for none in [KeyError::Pem, KeyError::Unsupported, KeyError::Rejected] {
        assert!(none.source().is_none());
    }
    assert!(PemError::Pem.source().is_none());
}

#[test]
fn errors_of_cms() {
    read(&[
        (SignatureError::Digest.to_string(), "the content is not the one that was signed"),
        (SignatureError::Signature.to_string(), "was not made with"),
        (SignatureError::Key.to_string(), "key is neither"),
        (SignatureError::Ambiguous.to_string(), "signed attributes"),
        (SignError::OtherKey.to_string(), "another key"),
        (SignError::Algorithm.to_string(), "algorithm"),
        (SignError::Time.to_string(), "9999"),
        (EncryptError::Recipients.to_string(), "at most 64"),
        (EncryptError::Key.to_string(), "X25519"),
        (EncryptError::Usage.to_string(), "usage"),
        (EncryptError::Randomness.to_string(), "random"),
        (DecryptError::Malformed(MALFORMED).to_string(), OCTET),
        (DecryptError::NotForUs.to_string(), "none of the given keys"),
        (DecryptError::Unsupported("1.2.3".into()).to_string(), "1.2.3"),
        (DecryptError::Failed.to_string(), "cannot be decrypted"),
    ]);
    comes_from(&DecryptError::from(MALFORMED), &MALFORMED);
    let unsupported = DecryptError::Unsupported("1.2.3".into());
    for none in [DecryptError::NotForUs, unsupported, DecryptError::Failed] {
        assert!(none.source().is_none());
    }
}

#[test]
fn errors_of_objects() {
    read(&[
        (MimeError::NoContentType.to_string(), "Content-Type"),
        (MimeError::NotSecured.to_string(), "multipart/signed"),
        (MimeError::Parameters.to_string(), "boundary"),
        (MimeError::Parts.to_string(), "two parts"),
        (MimeError::SignaturePart.to_string(), "second part"),
        (MimeError::Cms(MALFORMED).to_string(), OCTET),
        (MimeError::ContentInfo.to_string(), "EnvelopedData"),
        (MimeError::SmimeType.to_string(), "smime-type"),
        (MimeError::TooManyLayers.to_string(), "layers"),
        (ObjectError::MediaType.to_string(), "application/pidf+xml"),
        (ObjectError::Charset.to_string(), "UTF-8"),
        (ObjectError::Transfer.to_string(), "transfer encoding"),
        (ObjectError::Root.to_string(), "<xmpp/>"),
        (WrapError::Groupchat.to_string(), "groupchat"),
        (WrapError::Broadcast.to_string(), "`to`"),
        (WrapError::Error.to_string(), "type error"),
        (BadTimestamp::Old.to_string(), "old timestamp"),
        (BadTimestamp::Future.to_string(), "future timestamp"),
        (BadTimestamp::Decreasing.to_string(), "decreasing timestamp"),
        (BadTimestamp::Missing.to_string(), "no timestamp"),
        (Freshness::restore("x").unwrap_err().to_string(), "line 1 "),
    ]);
    comes_from(&MimeError::Cms(MALFORMED), &MALFORMED);
    for none in [MimeError::NotSecured, MimeError::Parts, MimeError::TooManyLayers] {
        assert!(none.source().is_none());
    }
    let xml = xmpp_xml::Element::parse("<a>").unwrap_err();
    comes_from(&ObjectError::Xml(xml), &xml);
    let stanza = xmpp_xml::Element::parse("<iq xmlns='jabber:client' type='get'/>").unwrap();
    let invalid = xmpp_stanza::Stanza::parse(stanza.as_ref()).unwrap_err();
    comes_from(&ObjectError::Stanza(invalid.clone()), &invalid);
    for none in [ObjectError::MediaType, ObjectError::Charset, ObjectError::Root] {
        assert!(none.source().is_none());
    }
}

/// RFC 3923, section 7: whose case an error is, and which one it comes from.
#[test]
fn errors_of_opening_and_sending() {
    let weak = SignatureAlgorithm::RsaPkcs1Sha1;
    read(&[
        (Unverified::Unsigned.to_string(), "nobody signed"),
        (Unverified::Mime(MimeError::Parts).to_string(), "two parts"),
        (Unverified::Malformed(MALFORMED).to_string(), OCTET),
        (Unverified::NoContent.to_string(), "no content"),
        (Unverified::NoSigner.to_string(), "no signature"),
        (Unverified::UnknownCertificate.to_string(), "ask for it"),
        (Unverified::Signature(SignatureError::Digest).to_string(), "not the one"),
        (Unverified::Weak(weak).to_string(), "RSASSA-PKCS1-v1_5 with sha-1 proves nothing"),
        (Unverified::Certificate(CertificateError::Expired).to_string(), "has expired"),
        (Unverified::OtherSender.to_string(), "address that sent"),
        (Unverified::OtherAddresses.to_string(), "from or to another"),
        (Unverified::TooCostly.to_string(), "costs too much"),
    ]);
    comes_from(&Unverified::Mime(MimeError::Parts), &MimeError::Parts);
    comes_from(&Unverified::Malformed(MALFORMED), &MALFORMED);
    comes_from(&Unverified::Signature(SignatureError::Key), &SignatureError::Key);
    comes_from(&Unverified::Certificate(CertificateError::Revoked), &CertificateError::Revoked);
    for none in [Unverified::Unsigned, Unverified::NoSigner, Unverified::Weak(weak)] {
        assert!(none.source().is_none());
    }
    let mime = OpenError::from(MimeError::NotSecured);
    let signature = OpenError::from(Unverified::NoSigner);
    let decrypt = OpenError::from(DecryptError::Failed);
    comes_from(&mime, &MimeError::NotSecured);
    comes_from(&signature, &Unverified::NoSigner);
    comes_from(&decrypt, &DecryptError::Failed);
    assert_eq!(mime.case(), Case::DecryptionFailed);
    assert_eq!(signature.case(), Case::UnverifiedSignature);
    assert_eq!(decrypt.case(), Case::DecryptionFailed);
    assert_eq!(OpenError::from(MALFORMED), OpenError::Signature(Unverified::Malformed(MALFORMED)));

    let refused = Refused::from(signature.clone());
    comes_from(&refused, &signature);
    assert_eq!(refused.case(), Some(Case::UnverifiedSignature));
    assert_eq!(Refused::from(Unverified::NoSigner), refused);
    let object = Refused::Object(ObjectError::Root);
    comes_from(&object, &ObjectError::Root);
    assert_eq!(object.case(), None);
    let condition = object.to_stanza_error().condition;
    assert_eq!(condition, xmpp_stanza::StanzaCondition::BadRequest);

    read(&[
        (ProtectError::Sign(SignError::Time).to_string(), "9999"),
        (ProtectError::Encrypt(EncryptError::Usage).to_string(), "usage of a recipient"),
        (ProtectError::Certificate(CertificateError::Expired).to_string(), "a recipient's"),
        (ProtectError::NoCommonCipher.to_string(), "no cipher in common"),
    ]);
    comes_from(&ProtectError::from(SignError::Time), &SignError::Time);
    comes_from(&ProtectError::from(EncryptError::Key), &EncryptError::Key);
    let expired = CertificateError::Expired;
    comes_from(&ProtectError::Certificate(expired.clone()), &expired);
    assert!(ProtectError::NoCommonCipher.source().is_none());
    let juliet = SendError::NoCertificate("juliet@example.com".parse().unwrap());
    assert!(juliet.to_string().ends_with("juliet@example.com") && juliet.source().is_none());
    let write = SendError::Write(WriteError::TooLarge);
    assert!(write.to_string().contains("XML") && write.source().is_some());
    let protect = ProtectError::NoCommonCipher;
    comes_from(&SendError::Protect(protect.clone()), &protect);
}

#[test]
fn names_of_algorithms() {
    let kinds = [
        (KeyKind::Rsa, "RSA", None),
        (KeyKind::P256, "P-256", Some(Curve::P256)),
        (KeyKind::P384, "P-384", Some(Curve::P384)),
        (KeyKind::P521, "P-521", Some(Curve::P521)),
        (KeyKind::Ed25519, "Ed25519", None),
        (KeyKind::X25519, "X25519", Some(Curve::X25519)),
    ];
    for (kind, name, curve) in kinds {
        assert_eq!((kind.to_string(), kind.curve()), (name.to_owned(), curve));
        assert_eq!(curve.map(|curve| curve.to_string()), curve.map(|_| name.to_owned()));
        assert_eq!((kind.can_sign(), kind.can_encrypt()), (name != "X25519", name != "Ed25519"));
        if let Some(curve) = curve {
            assert_eq!(KeyEncryption::Ecdh(curve).to_string(), format!("ECDH with {name}"));
        }
    }
    for (digest, name) in
        [(Sha2::Sha256, "sha-256"), (Sha2::Sha384, "sha-384"), (Sha2::Sha512, "sha-512")]
    {
        assert_eq!((digest.to_string(), digest.digest().micalg()), (name.to_owned(), name));
        let pkcs1 = SignatureAlgorithm::Rsa(RsaSignature::Pkcs1(digest));
        assert_eq!(pkcs1.to_string(), format!("RSASSA-PKCS1-v1_5 with {name}"));
        let pss = SignatureAlgorithm::Rsa(RsaSignature::Pss(digest));
        assert_eq!(pss.to_string(), format!("RSASSA-PSS with {name}"));
        assert_eq!(SignatureAlgorithm::Ecdsa(digest).to_string(), format!("ECDSA with {name}"));
        let oaep = KeyEncryption::Rsa(RsaKeyEncryption::Oaep(digest.digest()));
        assert_eq!(oaep.to_string(), format!("RSAES-OAEP with {name}"));
    }
    assert_eq!(SignatureAlgorithm::Ed25519.to_string(), "Ed25519");
    assert_eq!(Digest::Sha1.micalg(), "sha-1");
    assert_eq!(KeyEncryption::Rsa(RsaKeyEncryption::Pkcs1).to_string(), "RSAES-PKCS1-v1_5");
    for (cipher, name, authenticated) in [
        (ContentEncryption::Aes128Cbc, "AES-128-CBC", false),
        (ContentEncryption::Aes256Cbc, "AES-256-CBC", false),
        (ContentEncryption::Aes128Gcm, "AES-128-GCM", true),
        (ContentEncryption::Aes256Gcm, "AES-256-GCM", true),
        (ContentEncryption::ChaCha20Poly1305, "ChaCha20-Poly1305", true),
    ] {
        assert_eq!(
            (cipher.to_string(), cipher.is_authenticated()),
            (name.to_owned(), authenticated)
        );
    }
}
