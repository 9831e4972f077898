//! CMS objects and certificates, in BER and DER: read without a panic, and never
//! verified or decrypted unless they are whole.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use xmpp_e2e::cms::{self, ContentType, EnvelopedData, SignedData};
use xmpp_e2e::{Certificate, KeyTransport, PrivateKey};

static KEY: LazyLock<(PrivateKey, Certificate)> = LazyLock::new(|| {
    let pem = include_bytes!("../../conformance/vectors/e2e/keys/romeo-p256.key");
    let certificate = include_bytes!("../../conformance/vectors/e2e/keys/romeo-p256.pem");
    let certificate = Certificate::from_pem(certificate).expect("a vector").remove(0);
    (PrivateKey::from_pem(pem).expect("a vector"), certificate)
});

fuzz_target!(|data: &[u8]| {
    let kind = ContentType::of(data);
    if let Ok(signed) = SignedData::parse(data) {
        assert_eq!(kind, Ok(ContentType::SignedData));
        for signer in signed.signers() {
            for certificate in signed.certificates() {
                let _ = signer.is_by(certificate);
                let _ = signer.verify(signed.content().unwrap_or_default(), certificate);
            }
        }
    }
    if EnvelopedData::parse(data).is_ok() {
        let (key, certificate) = &*KEY;
        let _ = cms::decrypt(data, &[(key, certificate)], KeyTransport::OaepAndPkcs1);
    }
    if let Ok(certificate) = Certificate::from_der(data) {
        assert_eq!(certificate.der(), data);
        for address in certificate.addresses() {
            let _ = address.jid();
        }
    }
});
