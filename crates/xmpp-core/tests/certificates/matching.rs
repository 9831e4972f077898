//! Identities against domains.

use proptest::prelude::*;
use xmpp_core::certificate::{Identities, IdentitiesError, Identity, Purpose, Service};
use xmpp_core::jid::Domainpart;

use super::make::{San, subject_alt_name, tlv};

fn read(names: &[San]) -> Identities {
    Identities::read(&subject_alt_name(names)).unwrap()
}

fn is(names: &[San], domain: &str, purpose: Purpose) -> bool {
    let domain = Domainpart::new(domain).unwrap();
    read(names).of_domain(domain.as_ref(), purpose).is_some()
}

/// 6120-13.7.1.2.1-02, 6120-13.7.1.2.1-08
#[test]
fn a_wildcard_is_one_whole_label_at_the_left() {
    let names = &[San::Dns("*.example.com")];
    let of = |domain| is(names, domain, Purpose::ClientToServer);
    assert!(of("im.example.com"));
    assert!(of("xn--bcher-kva.example.com"));
    assert!(of("bücher.example.com"));
    assert!(!of("example.com"));
    assert!(!of("a.im.example.com"));
    assert!(!of("imexample.com"));
    for odd in ["im*.example.com", "*im.example.com", "*.*.example.com", "im.*.com", "*", "*.com"] {
        assert_eq!(read(&[San::Dns(odd)]).as_slice(), [], "{odd}");
    }
}

/// 6120-13.7.1.2.1-05
#[test]
fn an_srv_id_is_for_one_service() {
    let client = &[San::Srv("_XMPP-Client.im.Example.com")];
    let server = &[San::Srv("_xmpp-server.im.example.com")];
    for purpose in Purpose::ALL {
        let service = purpose.service();
        assert_eq!(is(client, "im.example.com", purpose), service == Some(Service::Client));
        assert_eq!(is(server, "im.example.com", purpose), service == Some(Service::Server));
        assert!(!is(server, "example.com", purpose));
        assert!(!is(server, "a.im.example.com", purpose));
    }
}

/// 6120-13.7.1.3-02: an account is no domain, and a domain no account.
#[test]
fn an_xmpp_addr_is_a_domain_or_an_account() {
    let names = read(&[San::Xmpp("Im.Example.com"), San::Xmpp("Juliet@im.example.com")]);
    let domain = Domainpart::new("im.example.com").unwrap();
    let accounts: Vec<_> = names.accounts(domain.as_ref()).map(ToString::to_string).collect();
    assert_eq!(accounts, ["juliet@im.example.com"]);
    let found = names.of_domain(domain.as_ref(), Purpose::ServerFromServer);
    assert!(matches!(found, Some(Identity::XmppAddr(jid)) if jid.as_str() == "im.example.com"));
    assert!(!is(
        &[San::Xmpp("juliet@im.example.com")],
        "im.example.com",
        Purpose::ServerFromServer
    ));
    assert_eq!(names.of_domain(domain.as_ref(), Purpose::ServerFromClient), None);
}

/// A name that ends early for who reads it in C, or that is none in DNS.
#[test]
fn odd_names_count_for_nothing() {
    let names = [
        San::Dns("im.example.com\0.example.net"),
        San::Dns("im.example.com."),
        San::Dns(".im.example.com"),
        San::Dns(""),
        San::Dns("im example.com"),
        San::Srv("xmpp-client.im.example.com"),
        San::Srv("_xmpp-client"),
        San::Srv("_xmpp-client."),
        San::Srv("_.im.example.com"),
        San::Xmpp("@im.example.com"),
        San::Xmpp("juliet@im.example.com\0"),
        San::Xmpp("juliet@im.example.com/balcony"),
        San::Ip(&[192, 0, 2]),
        San::Ip(&[192, 0, 2, 1, 255, 255, 255, 255]),
    ];
    let read = read(&names);
    assert_eq!(read.as_slice(), []);
    assert_eq!(read.ignored(), names.len());
}

/// An xmppAddr is UTF8String, an SRVName IA5String, and nothing else.
#[test]
fn strings_have_their_type() {
    let other = |last: u8, tag: u8, text: &str| {
        let oid = tlv(0x06, &[0x2b, 6, 1, 5, 5, 7, 8, last]);
        let name = tlv(0xa0, &[oid, tlv(0xa0, &tlv(tag, text.as_bytes()))].concat());
        Identities::read(&tlv(0x30, &name)).unwrap()
    };
    assert_eq!(other(5, 0x0c, "im.example.com").as_slice().len(), 1);
    assert_eq!(other(5, 0x16, "im.example.com").ignored(), 1);
    assert_eq!(other(7, 0x16, "_xmpp-server.im.example.com").as_slice().len(), 1);
    assert_eq!(other(7, 0x0c, "_xmpp-server.im.example.com").ignored(), 1);
}

#[test]
fn names_are_counted() {
    let all = |count: usize| {
        let names: Vec<San> = (0..count).map(|_| San::Dns("a.example")).collect();
        Identities::read(&subject_alt_name(&names))
    };
    assert_eq!(all(Identities::MAX).unwrap().as_slice().len(), Identities::MAX);
    assert_eq!(all(Identities::MAX + 1), Err(IdentitiesError::TooMany));
}

fn label() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,8}"
}

/// What a wildcard is, said another way.
fn by_labels(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<_>, Vec<_>) =
        (pattern.split('.').collect(), name.split('.').collect());
    pattern.len() == name.len()
        && pattern
            .iter()
            .zip(&name)
            .enumerate()
            .all(|(at, (pattern, name))| pattern == name || (at == 0 && *pattern == "*"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Identities::read(&bytes);
        let _ = xmpp_core::certificate::CertificateRef::read(&bytes).map(|it| it.identities());
    }

    #[test]
    fn names_match_label_by_label(
        labels in proptest::collection::vec(label(), 2..5),
        other in proptest::collection::vec(label(), 2..5),
        wild in any::<bool>(),
        same_end in 0_usize..5,
    ) {
        let mut pattern = labels.clone();
        if wild {
            pattern[0] = "*".into();
        }
        let mut name = other;
        let keep = same_end.min(name.len()).min(labels.len());
        let at = name.len() - keep;
        name.truncate(at);
        name.extend_from_slice(&labels[labels.len() - keep..]);
        let (pattern, name) = (pattern.join("."), name.join("."));
        let san = subject_alt_name(&[San::Dns(Box::leak(pattern.clone().into_boxed_str()))]);
        let identities = Identities::read(&san).unwrap();
        let domain = Domainpart::new(&name).unwrap();
        let found = identities.of_domain(domain.as_ref(), Purpose::ServerToServer).is_some();
        let usable = !wild || labels.len() > 2;
        prop_assert_eq!(found, usable && by_labels(&pattern, &name), "{} {}", pattern, name);
    }
}
