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

/// RFC 5280 section 4.1.2.5: "inclusive", both ends; for a pinned certificate as well.
#[test]
fn a_pinned_certificate_has_its_time() {
    let mut params = leaf(USUAL);
    params.not_before = date_time_ymd(2027, 1, 1);
    params.not_after = date_time_ymd(2028, 1, 1);
    let (from, at) = (1_798_761_600, 1_830_297_600);
    let chain = self_signed(&params);
    let im = domain("im.example.com");
    let verifier = Verifier::new(Vec::new()).trust(im.as_ref(), Pin::of_certificate(&chain[0]));
    let verify = |now| {
        let proved = verifier.verify(Purpose::ServerToServer, &chain, im.as_ref(), now);
        proved.map(|proved| proved.valid_until())
    };
    for now in [0, from - 1] {
        let early = verify(now).unwrap_err();
        assert!(matches!(early, Refused::NotYetValid { from: told, .. } if told == from), "{now}");
    }
    for now in [from, from + 1, at - 1, at] {
        assert_eq!(verify(now), Ok(at), "{now}");
    }
    for now in [at + 1, u64::MAX] {
        let late = verify(now).unwrap_err();
        assert!(matches!(late, Refused::Expired { at: told, .. } if told == at), "{now}");
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

/// RFC 5280 section 4.1.2.5: "the period of time from notBefore through notAfter,
/// inclusive"; of a certificate that is pinned as well.
#[test]
fn both_ends_of_the_validity_are_within_it() {
    let chain = self_signed(&leaf(USUAL));
    let certificate = CertificateRef::read(&chain[0]).unwrap();
    let im = domain("im.example.com");
    let pin = Pin::of_certificate(&chain[0]);
    let verifier = Verifier::new(Vec::new()).trust(im.as_ref(), pin);
    let verify = |now| {
        let proved = verifier.verify(Purpose::ServerToServer, &chain, im.as_ref(), now);
        proved.map(|proved| proved.by().clone())
    };
    let (from, until) = (certificate.not_before(), certificate.not_after());
    let early = verify(from - 1);
    assert!(matches!(early, Err(Refused::NotYetValid { from: at, .. }) if at == from), "{early:?}");
    assert_eq!(verify(from), Ok(ProvedBy::Pin(pin)));
    assert_eq!(verify(until), Ok(ProvedBy::Pin(pin)));
    let late = verify(until + 1);
    assert!(matches!(late, Err(Refused::Expired { at, .. }) if at == until), "{late:?}");
}

/// 6120-13.7.2-01: a person who is asked sees whom the certificate is for.
#[test]
fn a_question_names_whom_the_certificate_is_for() {
    use xmpp_core::certificate::CertificateQuery;
    let all = ["a.example", "b.example", "c.example", "d.example", "e.example", "f.example"];
    let im = domain("im.example.com");
    let question = |count: usize, refused: Refused| {
        let names: Vec<San> = all[..count].iter().map(|name| San::Dns(name)).collect();
        let chain = self_signed(&leaf(&names));
        CertificateQuery::new(Purpose::ClientToServer, im.as_ref(), &chain, refused).to_string()
    };
    let wrong = Refused::Name.to_string();
    let four =
        format!("{wrong}: DNS-ID a.example, DNS-ID b.example, DNS-ID c.example, DNS-ID d.example");
    assert_eq!(question(0, Refused::Name), format!("{wrong}: it has none that counts"));
    assert_eq!(question(1, Refused::Name), format!("{wrong}: DNS-ID a.example"));
    assert_eq!(question(4, Refused::Name), four);
    assert_eq!(question(5, Refused::Name), format!("{four} and 1 more"));
    assert_eq!(question(6, Refused::Name), format!("{four} and 2 more"));
    // Where the names are not what is wrong, they are not of interest.
    assert_eq!(question(2, Refused::SelfSigned), Refused::SelfSigned.to_string());
}
