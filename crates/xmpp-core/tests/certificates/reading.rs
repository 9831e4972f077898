//! Certificates as they lie.

use proptest::prelude::*;
use rcgen::{CustomExtension, date_time_ymd};
use xmpp_core::certificate::{CertificateRef, IdentitiesError};

use super::make::{Authority, San, USUAL, leaf, self_signed, subject_alt_name};

#[test]
fn fields_are_where_they_are() {
    let root = Authority::root("a root");
    let chain = root.chain(&leaf(USUAL));
    let certificate = CertificateRef::read(&chain[0]).unwrap();
    assert_eq!(certificate.serial(), [7]);
    assert_eq!(certificate.not_before(), 1_735_689_600);
    assert_eq!(certificate.not_after(), 2_051_222_400);
    assert!(!certificate.is_self_issued());
    assert_eq!(certificate.identities().unwrap().as_slice().len(), 2);
    assert_eq!(certificate.der(), &chain[0][..]);
    // ecdsa-with-SHA256
    assert_eq!(certificate.signature_algorithm(), [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);
    let root = CertificateRef::read(root.root_der()).unwrap();
    assert!(root.is_self_issued());
    assert_eq!(certificate.issuer(), root.subject());
    assert_eq!(root.identities().unwrap().as_slice(), []);
}

/// RFC 5280 section 4.1.2.5: years from 2050 on are written otherwise.
#[test]
fn years_beyond_2049_are_read() {
    let mut params = leaf(USUAL);
    params.not_after = date_time_ymd(2060, 1, 1);
    let chain = self_signed(&params);
    assert_eq!(CertificateRef::read(&chain[0]).unwrap().not_after(), 2_840_140_800);
}

/// RFC 5280 section 4.2: which of the two would count?
#[test]
fn two_lists_of_names_are_refused() {
    let mut params = leaf(USUAL);
    let second = subject_alt_name(&[San::Dns("im.example.net")]);
    params.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 17], second));
    let chain = self_signed(&params);
    let identities = CertificateRef::read(&chain[0]).unwrap().identities();
    assert_eq!(identities, Err(IdentitiesError::Unreadable));
}

#[test]
fn what_is_behind_a_certificate_is_none_of_it() {
    let mut bytes = self_signed(&leaf(USUAL))[0].to_vec();
    assert!(CertificateRef::read(&bytes).is_ok());
    bytes.push(0);
    assert!(CertificateRef::read(&bytes).is_err());
    assert!(CertificateRef::read(&bytes[..bytes.len() - 2]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, ..ProptestConfig::default() })]

    #[test]
    fn a_certificate_with_wrong_octets_is_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        static GOOD: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let mut bytes = GOOD.get_or_init(|| self_signed(&leaf(USUAL))[0].to_vec()).clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(certificate) = CertificateRef::read(&bytes) {
            let _ = certificate.identities();
            let _ = format!("{certificate:?}");
        }
    }
}
