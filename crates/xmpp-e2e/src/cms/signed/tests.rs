use super::*;
use crate::asn1::{INTEGER, nest, put, put_algorithm};
use crate::cms::{SignedForm, Signer, sign};
use crate::crypto::{KeyKind, PrivateKey};
use crate::policy::Policy;
use core::time::Duration;

const NOW: Timestamp = Timestamp::from_unix(Duration::from_secs(1_767_225_600));

fn juliet() -> (PrivateKey, Certificate) {
    let der = PrivateKey::generate(KeyKind::P256).unwrap();
    let key = PrivateKey::from_pkcs8_der(&der).unwrap();
    let later = NOW.later(Duration::from_secs(86_400));
    let certificate =
        crate::certificate::CertificateBuilder::new(NOW, later).self_signed(&key).unwrap();
    (key, certificate)
}

/// A SignedData of this version with these signers, each a whole SignerInfo.
fn signed_data(version: u8, content: &[u8], signers: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    crate::cms::put_content_info(&mut out, oid::SIGNED_DATA, |out| {
        put(out, INTEGER, &[version]);
        nest(out, SET, |out| put_algorithm(out, oid::SHA256));
        nest(out, SEQUENCE, |out| {
            put(out, OID, oid::DATA);
            nest(out, explicit(0), |out| put(out, OCTET_STRING, content));
        });
        nest(out, SET, |out| signers.iter().for_each(|info| out.extend_from_slice(info)));
    });
    out
}

fn signer_of(der: &[u8]) -> (Vec<u8>, SignedData) {
    let (_, element) = content_info(der).unwrap();
    let mut fields = element.fields();
    let mut last = None;
    while !fields.is_empty() {
        last = Some(fields.any("").unwrap());
    }
    (last.unwrap().value.to_vec(), SignedData::parse(der).unwrap())
}

/// Signed attributes cannot be passed off as a content that was signed.
#[test]
fn attributes_are_no_content() {
    let (key, certificate) = juliet();
    let algorithm = Policy::modern().signature(KeyKind::P256).unwrap();
    let der = sign(
        b"pay Tybalt",
        SignedForm::Opaque,
        &[Signer::new(&key, &certificate, algorithm, NOW)],
        &[],
    )
    .unwrap();
    let (_, signed) = signer_of(&der);
    let genuine = &signed.signers()[0];
    assert_eq!(genuine.verify(b"pay Tybalt", &certificate), Ok(()));
    // The same signature without signed attributes is over their octets.
    let mut info = Vec::new();
    nest(&mut info, SEQUENCE, |out| {
        put(out, INTEGER, &[1]);
        nest(out, SEQUENCE, |out| certificate.write_issuer_and_serial(out));
        put_algorithm(out, oid::SHA256);
        algorithm.write(out);
        put(out, OCTET_STRING, &genuine.signature);
    });
    let content = &genuine.attributes;
    let forged = SignedData::parse(&signed_data(1, content, &[info])).unwrap();
    let forged_signer = &forged.signers()[0];
    assert!(forged_signer.message_digest.is_none());
    let key = certificate.public_key().unwrap();
    assert!(forged_signer.stated.verify(&key, content, &forged_signer.signature));
    assert_eq!(forged_signer.verify(content, &certificate), Err(SignatureError::Ambiguous));
}

/// The version goes with all signers, those that are passed over included.
#[test]
fn signers_that_are_not_known_count_for_the_version() {
    let (key, certificate) = juliet();
    let algorithm = Policy::modern().signature(KeyKind::P256).unwrap();
    let signer = Signer::new(&key, &certificate, algorithm, NOW);
    let (known, _) = signer_of(&sign(b"x", SignedForm::Opaque, &[signer], &[]).unwrap());
    let mut unknown = Vec::new();
    nest(&mut unknown, SEQUENCE, |out| {
        put(out, INTEGER, &[3]);
        put(out, implicit(0), &[1; 20]);
        // GOST R 34.11-2012 and 34.10-2012
        put_algorithm(out, &[0x2a, 0x85, 0x03, 0x07, 0x01, 0x01, 0x02, 0x02]);
        put_algorithm(out, &[0x2a, 0x85, 0x03, 0x07, 0x01, 0x01, 0x01, 0x01]);
        put(out, OCTET_STRING, &[0; 64]);
    });
    let both = [known.clone(), unknown];
    let signed = SignedData::parse(&signed_data(3, b"x", &both)).unwrap();
    assert_eq!(signed.signers().len(), 1);
    assert_eq!(signed.signers()[0].verify(b"x", &certificate), Ok(()));
    assert!(SignedData::parse(&signed_data(1, b"x", &both)).is_err());
    assert!(SignedData::parse(&signed_data(3, b"x", &[known])).is_err());
}

/// RFC 5652 section 11.3: no attribute of those that count is there twice.
#[test]
fn attributes_are_there_once() {
    let (key, certificate) = juliet();
    let algorithm = Policy::modern().signature(KeyKind::P256).unwrap();
    let signer = Signer::new(&key, &certificate, algorithm, NOW);
    let der = sign(b"x", SignedForm::Opaque, &[signer], &[]).unwrap();
    let (info, signed) = signer_of(&der);
    let attributes = &signed.signers()[0].attributes;
    let outer = Fields::new(attributes).take(SET, "").unwrap();
    let mut fields = outer.fields();
    while !fields.is_empty() {
        let attribute = fields.any("").unwrap();
        let mut twice = outer.value.to_vec();
        twice.extend_from_slice(attribute.whole);
        let mut parts = Fields::new(&info).take(SEQUENCE, "").unwrap().fields();
        let mut changed = Vec::new();
        nest(&mut changed, SEQUENCE, |out| {
            while !parts.is_empty() {
                let part = parts.any("").unwrap();
                if part.tag == explicit(0) {
                    put(out, explicit(0), &twice);
                } else {
                    out.extend_from_slice(part.whole);
                }
            }
        });
        let refused = SignedData::parse(&signed_data(1, b"x", &[changed])).unwrap_err();
        assert_eq!(refused.expected, "an attribute that is there once");
    }
}
