//! Any bytes as a certificate and as a subjectAltName: no panic; what is read is bounded
//! by what came, names no domain but its own, and no account that is a domain.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_core::certificate::{
    CertificateRef, Identities, Identity, Pin, Purpose, Refused, Verifier,
};
use xmpp_core::jid::Domainpart;

fn look(identities: &Identities, bytes: usize) {
    let names = identities.as_slice();
    // The shortest name is two octets.
    assert!(names.len() + identities.ignored() <= bytes / 2);
    assert!(names.len() <= Identities::MAX);
    for identity in names {
        let (text, wild) = match identity {
            Identity::DnsId(name) => {
                (name.strip_prefix("*.").unwrap_or(name).to_owned(), name.starts_with("*."))
            }
            Identity::SrvId { domain, .. } => (domain.clone(), false),
            Identity::XmppAddr(jid) => (jid.domainpart().as_str().to_owned(), false),
            Identity::IpAddress(ip) if ip.is_ipv6() => (format!("[{ip}]"), false),
            other => (other.to_string().rsplit(' ').next().unwrap().to_owned(), false),
        };
        let Ok(domain) = Domainpart::new(&text) else { continue };
        let one = |purpose| identities.of_domain(domain.as_ref(), purpose);
        assert_eq!(one(Purpose::ServerFromClient), None);
        if let (Identity::DnsId(name), false) = (identity, wild) {
            // An address that is written as a name is none.
            assert!(one(Purpose::ClientToServer).is_some() || is_address(name));
        }
        for account in identities.accounts(domain.as_ref()) {
            assert!(account.localpart().is_some());
        }
    }
}

fn is_address(name: &str) -> bool {
    name.split('.').all(|label| label.bytes().all(|byte| byte.is_ascii_digit()))
        // Or no domain once mapped.
        || Domainpart::new(name).is_ok_and(|domain| domain.to_ascii() != name)
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(identities) = Identities::read(bytes) {
        look(&identities, bytes.len());
    }
    let domain = Domainpart::new("im.example.com").unwrap();
    let nobody = Verifier::new(Vec::new());
    let verify = |verifier: &Verifier, purpose| {
        verifier.verify(purpose, &[bytes], domain.as_ref(), 1_800_000_000)
    };
    let Ok(certificate) = CertificateRef::read(bytes) else {
        assert_eq!(verify(&nobody, Purpose::ServerToServer), Err(Refused::Unreadable));
        return;
    };
    if let Ok(identities) = certificate.identities() {
        look(&identities, bytes.len());
    }
    for purpose in Purpose::ALL {
        // Nobody is trusted, so nothing is proved.
        verify(&nobody, purpose).unwrap_err();
    }
    let pinned = nobody.trust(domain.as_ref(), Pin::of_certificate(bytes));
    if verify(&pinned, Purpose::ServerToServer).is_ok() {
        assert!((certificate.not_before()..=certificate.not_after()).contains(&1_800_000_000));
    }
});
