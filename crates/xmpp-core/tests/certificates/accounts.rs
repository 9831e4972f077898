//! Which account a user's certificate stands for (RFC 6120 section 13.7.2.2, XEP-0178).

use xmpp_core::certificate::{
    Account, CertificateQuery, CertificateRef, Pin, Proved, Purpose, Refused, Verifier,
};
use xmpp_core::jid::{BareJid, Domainpart};

use super::make::{Authority, NOW, San, leaf, self_signed};

fn host() -> Domainpart {
    Domainpart::new("im.example.com").unwrap()
}

fn user(names: &[San]) -> Proved {
    let root = Authority::root("of users");
    let verifier = Verifier::new(root.anchors());
    let chain = root.chain(&leaf(names));
    verifier.verify(Purpose::ServerFromClient, &chain, host().as_ref(), NOW).unwrap()
}

fn told(account: Account<'_>) -> Option<&str> {
    match account {
        Account::Of(account) => Some(account.as_str()),
        _ => None,
    }
}

const JULIET: San = San::Xmpp("juliet@im.example.com");
const ROMEO: San = San::Xmpp("romeo@im.example.com");
const ELSEWHERE: San = San::Xmpp("juliet@example.net");

/// 6120-13.7.2.2.1-01, 6120-13.7.2.2.1-02
#[test]
fn one_address_is_the_account() {
    let user = user(&[JULIET, ELSEWHERE, San::Dns("im.example.com")]);
    let romeo = BareJid::new("romeo@im.example.com").unwrap();
    for authzid in [None, Some(""), Some("juliet@im.example.com"), Some("romeo@im.example.com")] {
        // Whom else it may act as is not for the certificate to say.
        assert_eq!(told(user.account(authzid, Some(&romeo))), Some("juliet@im.example.com"));
    }
}

/// 6120-13.7.2.2.1-03; XEP-0178 section 2, steps 10 and 11
#[test]
fn of_several_addresses_one_is_chosen() {
    let user = user(&[JULIET, ROMEO, ELSEWHERE]);
    let romeo = BareJid::new("romeo@im.example.com").unwrap();
    let elsewhere = BareJid::new("juliet@example.net").unwrap();
    assert_eq!(user.account(None, None), Account::Ambiguous);
    assert_eq!(told(user.account(Some("romeo@im.example.com"), None)), Some(romeo.as_str()));
    assert_eq!(told(user.account(Some("Romeo@IM.example.com"), None)), Some(romeo.as_str()));
    assert_eq!(told(user.account(None, Some(&romeo))), Some(romeo.as_str()));
    // What is said in EXTERNAL counts more than the header.
    let said = user.account(Some("juliet@im.example.com"), Some(&romeo));
    assert_eq!(told(said), Some("juliet@im.example.com"));
    assert_eq!(user.account(Some("nurse@im.example.com"), Some(&romeo)), Account::Ambiguous);
    assert_eq!(user.account(Some("\0"), None), Account::Ambiguous);
    // That of another host is none of ours.
    assert_eq!(user.account(Some("juliet@example.net"), None), Account::Ambiguous);
    assert_eq!(user.account(None, Some(&elsewhere)), Account::Ambiguous);
}

#[test]
fn the_same_address_twice_is_one() {
    let twice = [JULIET, San::Xmpp("Juliet@im.example.com")];
    assert_eq!(told(user(&twice).account(None, None)), Some("juliet@im.example.com"));
}

/// 6120-13.7.2.2.1-04
#[test]
fn without_an_address_of_this_host_nobody_is_meant() {
    let juliet = BareJid::new("juliet@im.example.com").unwrap();
    for names in [&[][..], &[ELSEWHERE], &[San::Xmpp("im.example.com")]] {
        let user = user(names);
        assert_eq!(user.account(Some(juliet.as_str()), Some(&juliet)), Account::Unknown);
    }
}

/// 6120-13.7.2.2.2-01, 6120-13.7.2.2.3-01: whoever made it may have written anything.
#[test]
fn addresses_count_only_under_an_authority() {
    let chain = self_signed(&leaf(&[JULIET]));
    let host = host();
    let nobody = Verifier::new(Vec::new());
    let purpose = Purpose::ServerFromClient;
    let query = *nobody.verify_or_ask(purpose, &chain, host.as_ref(), NOW).unwrap_err();
    assert_eq!(query.refused(), &Refused::SelfSigned);
    assert_eq!(query.trust().unwrap().account(None, None), Account::Unknown);
    let pin = Pin::of_public_key(&CertificateRef::read(&chain[0]).unwrap());
    let pinning = nobody.trust(host.as_ref(), pin);
    let pinned = pinning.verify(purpose, &chain, host.as_ref(), NOW).unwrap();
    assert_eq!(pinned.account(Some("juliet@im.example.com"), None), Account::Unknown);
}

/// Nor does a server's certificate stand for an account.
#[test]
fn a_server_is_no_user() {
    let root = Authority::root("a root");
    let chain = root.chain(&leaf(&[San::Dns("im.example.com"), JULIET]));
    let verifier = Verifier::new(root.anchors());
    let server = verifier.verify(Purpose::ServerFromServer, &chain, host().as_ref(), NOW).unwrap();
    assert_eq!(server.account(None, None), Account::Unknown);
}

#[test]
fn nothing_is_trusted_without_a_certificate() {
    let none: [&[u8]; 0] = [];
    let host = host();
    let query = |chain: &[&[u8]]| {
        CertificateQuery::new(Purpose::ServerFromServer, host.as_ref(), chain, Refused::Name)
    };
    assert_eq!(query(&none).trust(), None);
    assert_eq!(query(&[b"none"]).trust(), None);
}
