//! Chains, pins and times.

use rcgen::date_time_ymd;
use xmpp_core::certificate::{CertificateRef, Pin, ProvedBy, Purpose, Refused, Service, Verifier};
use xmpp_core::jid::Domainpart;

use super::make::{Authority, NOW, San, USUAL, leaf, self_signed};

fn domain(text: &str) -> Domainpart {
    Domainpart::new(text).unwrap()
}

/// 6120-13.7.2.3-01: until when all of it is valid.
#[test]
fn what_is_proved_ends_with_the_first_certificate_of_the_chain() {
    let root = Authority::root("a root");
    let mut params = Authority::params("an authority");
    params.not_after = date_time_ymd(2028, 1, 1);
    let chain = root.below(params).chain(&leaf(USUAL));
    let verifier = Verifier::new(root.anchors());
    let im = domain("im.example.com");
    let verify = |now| verifier.verify(Purpose::ServerToServer, &chain, im.as_ref(), now);
    let proved = verify(NOW).unwrap();
    assert_eq!(proved.valid_until(), 1_830_297_600);
    assert!(verify(proved.valid_until()).is_ok());
    let after = verify(proved.valid_until() + 1);
    assert!(matches!(after, Err(Refused::Expired { at: 1_830_297_600, .. })), "{after:?}");
}

/// One chain, several domains; each is asked for on its own.
#[test]
fn one_chain_proves_several_domains() {
    let root = Authority::root("a root");
    let names = [San::Dns("im.example.com"), San::Srv("_xmpp-server.chat.example.com")];
    let chain = root.chain(&leaf(&names));
    let verifier = Verifier::new(root.anchors());
    let purpose = Purpose::ServerFromServer;
    let verify = |name: &str| verifier.verify(purpose, &chain, domain(name).as_ref(), NOW);
    assert!(verify("im.example.com").is_ok());
    assert!(verify("chat.example.com").is_ok());
    assert_eq!(verify("example.com"), Err(Refused::Name));
    assert_eq!(purpose.service(), Some(Service::Server));
}

/// A pin is for a domain, in whatever case or script it is written.
#[test]
fn a_pin_is_for_its_domain() {
    let chain = self_signed(&leaf(&[]));
    let certificate = CertificateRef::read(&chain[0]).unwrap();
    let purpose = Purpose::ClientToServer;
    for pin in [Pin::of_public_key(&certificate), Pin::of_certificate(&chain[0])] {
        let verifier = Verifier::new(Vec::new()).trust(domain("bücher.example").as_ref(), pin);
        let verify = |name: &str| verifier.verify(purpose, &chain, domain(name).as_ref(), NOW);
        assert_eq!(verify("xn--bcher-kva.example").unwrap().by(), &ProvedBy::Pin(pin));
        assert_eq!(verify("bucher.example"), Err(Refused::SelfSigned));
    }
}

/// The key of an authority proves nothing to who presents its certificate.
#[test]
fn a_root_is_no_leaf() {
    let root = Authority::root("a root");
    let chain = [root.root_der().clone()];
    let verifier = Verifier::new(root.anchors());
    for purpose in Purpose::ALL {
        let verdict = verifier.verify(purpose, &chain, domain("im.example.com").as_ref(), NOW);
        assert_eq!(verdict, Err(Refused::AuthorityAsLeaf));
    }
}
