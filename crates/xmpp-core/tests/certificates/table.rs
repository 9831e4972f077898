//! What happens to each kind of certificate, for each purpose; as `docs/certificates.md`
//! has it.

use rcgen::ExtendedKeyUsagePurpose::{Any, ClientAuth, CodeSigning, Other, ServerAuth};
use rcgen::{BasicConstraints, DnType, GeneralSubtree, IsCa, NameConstraints, date_time_ymd};
use rustls::pki_types::CertificateDer;
use xmpp_core::certificate::{
    Account, CertificateRef, Pin, Proved, ProvedBy, Purpose, Refused, Revocation, Verifier,
};
use xmpp_core::jid::Domainpart;

use super::make::{Authority, NOW, San, USUAL, leaf, limited_to, self_signed};

struct Case {
    what: &'static str,
    domain: &'static str,
    chain: Vec<CertificateDer<'static>>,
    verifier: Verifier,
}

const DOMAIN: &str = "im.example.com";

fn dns_constraints(permitted: &[&str], excluded: &[&str]) -> NameConstraints {
    let subtrees = |names: &[&str]| {
        names.iter().map(|name| GeneralSubtree::DnsName((*name).to_owned())).collect()
    };
    NameConstraints {
        permitted_subtrees: subtrees(permitted),
        excluded_subtrees: subtrees(excluded),
    }
}

fn constrained(root: &Authority, constraints: NameConstraints) -> Authority {
    let mut params = Authority::params("a constrained authority");
    params.name_constraints = Some(constraints);
    root.below(params)
}

#[expect(clippy::too_many_lines, reason = "it is a list")]
fn cases() -> Vec<Case> {
    let root = Authority::root("a root");
    let trusting = || Verifier::new(root.anchors());
    let mut cases = Vec::new();
    let mut add =
        |what, domain, chain, verifier| cases.push(Case { what, domain, chain, verifier });

    // Names.
    let mut named = |what, names: &[San], domain| {
        add(what, domain, root.chain(&leaf(names)), trusting());
    };
    named("DNS-ID `im.example.com`", &[San::Dns(DOMAIN)], DOMAIN);
    named("DNS-ID `IM.Example.COM`", &[San::Dns("IM.Example.COM")], DOMAIN);
    named("DNS-ID `example.com`", &[San::Dns("example.com")], DOMAIN);
    named("wildcard `*.example.com`", &[San::Dns("*.example.com")], DOMAIN);
    let deep = &[San::Dns("*.example.com")];
    named("wildcard `*.example.com`, two labels up", deep, "chat.im.example.com");
    named("wildcard `*.example.com`, no label up", deep, "example.com");
    named("wildcard `*.im.example.com`", &[San::Dns("*.im.example.com")], DOMAIN);
    named("wildcard `i*.example.com`, part of a label", &[San::Dns("i*.example.com")], DOMAIN);
    named("wildcard `im.*.com`, not left-most", &[San::Dns("im.*.com")], DOMAIN);
    named("wildcard `*.com`, one label behind", &[San::Dns("*.com")], "example.com");
    named("SRV-ID `_xmpp-client`", &[San::Srv("_xmpp-client.im.example.com")], DOMAIN);
    named("SRV-ID `_xmpp-server`", &[San::Srv("_xmpp-server.im.example.com")], DOMAIN);
    named("SRV-ID of another service, `_imap`", &[San::Srv("_imap.im.example.com")], DOMAIN);
    named("SRV-ID of another domain", &[San::Srv("_xmpp-server.example.com")], DOMAIN);
    named(
        "SRV-ID with a wildcard",
        &[San::Srv("_xmpp-client.*.example.com"), San::Srv("_xmpp-server.*.example.com")],
        DOMAIN,
    );
    named("xmppAddr `im.example.com`", &[San::Xmpp(DOMAIN)], DOMAIN);
    named("xmppAddr `juliet@im.example.com`", &[San::Xmpp("juliet@im.example.com")], DOMAIN);
    let two = &[San::Xmpp("juliet@im.example.com"), San::Xmpp("romeo@im.example.com")];
    named("two xmppAddrs of this host", two, DOMAIN);
    named("xmppAddr of another host", &[San::Xmpp("juliet@example.net")], DOMAIN);
    let full = &[San::Xmpp("juliet@im.example.com/balcony")];
    named("xmppAddr with a resourcepart", full, DOMAIN);
    named("iPAddress 192.0.2.1", &[San::Ip(&[192, 0, 2, 1])], "192.0.2.1");
    named("DNS-ID `192.0.2.1`", &[San::Dns("192.0.2.1")], "192.0.2.1");
    let v6 = &[San::Ip(&[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])];
    named("iPAddress 2001:db8::1", v6, "[2001:db8::1]");
    named(
        "IDN, DNS-ID `xn--bcher-kva.example`",
        &[San::Dns("xn--bcher-kva.example")],
        "bücher.example",
    );
    named("IDN, DNS-ID in UTF-8", &[San::Dns("bücher.example")], "bücher.example");
    named("IDN, xmppAddr `bücher.example`", &[San::Xmpp("bücher.example")], "bücher.example");
    let mut common = leaf(&[]);
    common.distinguished_name.push(DnType::CommonName, DOMAIN);
    add("common name alone", DOMAIN, root.chain(&common), trusting());

    // From here on with the usual names.
    let usual = leaf(USUAL);
    let mut old = leaf(USUAL);
    old.not_after = date_time_ymd(2026, 1, 1);
    add("expired", DOMAIN, root.chain(&old), trusting());
    let mut young = leaf(USUAL);
    young.not_before = date_time_ymd(2030, 1, 1);
    add("not yet valid", DOMAIN, root.chain(&young), trusting());
    let mut never = leaf(USUAL);
    (never.not_before, never.not_after) = (date_time_ymd(2027, 1, 1), date_time_ymd(2025, 1, 1));
    add("valid from 2027 until 2025", DOMAIN, root.chain(&never), trusting());
    let mut params = Authority::params("an old authority");
    params.not_after = date_time_ymd(2026, 1, 1);
    add("intermediate authority expired", DOMAIN, root.below(params).chain(&usual), trusting());
    add("self-signed", DOMAIN, self_signed(&usual), trusting());
    let stranger = Authority::root("a stranger");
    add("unknown authority", DOMAIN, stranger.chain(&usual), trusting());
    let namesake = Authority::root("a root");
    add("authority of the same name, another key", DOMAIN, namesake.chain(&usual), trusting());
    let with_list = |list: &[u8]| trusting().with_revocation_list(list).unwrap();
    let listed = root.revocation_list(&[7], 2028);
    add("revoked", DOMAIN, root.chain(&usual), with_list(&listed));
    let other = root.revocation_list(&[8], 2028);
    add("another is revoked", DOMAIN, root.chain(&usual), with_list(&other));
    let stale = root.revocation_list(&[8], 2027);
    add("revocation list expired", DOMAIN, root.chain(&usual), with_list(&stale));
    let required = trusting().with_revocation(Revocation::Required);
    add("revocation required, no list", DOMAIN, root.chain(&usual), required);
    let below = root.below(Authority::params("an authority"));
    let below_list = with_list(&root.revocation_list(&[8], 2028));
    let required = below_list.with_revocation(Revocation::Required);
    add("revocation required, list of the root alone", DOMAIN, below.chain(&usual), required);

    // Chains.
    let leaf_as_authority = root.below(leaf(USUAL));
    add("leaf as authority", DOMAIN, leaf_as_authority.chain(&usual), trusting());
    let mut authority = leaf(USUAL);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    add("authority as leaf", DOMAIN, root.chain(&authority), trusting());
    let deepest = below.below(Authority::params("an authority below"));
    add("chain of three below the root", DOMAIN, deepest.chain(&usual), trusting());
    let mut gap = deepest.chain(&usual);
    gap.pop();
    add("the same with one missing", DOMAIN, gap, trusting());
    let mut shuffled = deepest.chain(&usual);
    shuffled.swap(1, 2);
    add("the same in another order", DOMAIN, shuffled, trusting());
    let mut params = Authority::params("an authority of leaves");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let too_deep = root.below(params).below(Authority::params("one too many"));
    add("more authorities than allowed", DOMAIN, too_deep.chain(&usual), trusting());

    // Uses.
    let mut used = |what, usages: &[_], verifier| {
        add(what, DOMAIN, root.chain(&limited_to(usages)), verifier);
    };
    used("for `serverAuth` and `clientAuth`", &[ServerAuth, ClientAuth], trusting());
    used("for `serverAuth` alone", &[ServerAuth], trusting());
    let lenient = trusting().accept_server_auth_of_initiating_servers(true);
    used("the same, accepted of initiating servers", &[ServerAuth], lenient);
    used("for `clientAuth` alone", &[ClientAuth], trusting());
    used("for `id-on-xmppAddr` alone", &[Other(vec![1, 3, 6, 1, 5, 5, 7, 8, 5])], trusting());
    used("for `codeSigning` alone", &[CodeSigning], trusting());
    used("for `anyExtendedKeyUsage` alone", &[Any], trusting());

    // Name constraints.
    let inside = constrained(&root, dns_constraints(&["example.com"], &[]));
    let outside = constrained(&root, dns_constraints(&["example.net"], &[]));
    let without = constrained(&root, dns_constraints(&[], &["im.example.com"]));
    add("authority for `example.com`", DOMAIN, inside.chain(&usual), trusting());
    add("authority for `example.net`", DOMAIN, outside.chain(&usual), trusting());
    let only_srv =
        leaf(&[San::Srv("_xmpp-client.im.example.com"), San::Srv("_xmpp-server.im.example.com")]);
    add("the same, SRV-IDs alone", DOMAIN, outside.chain(&only_srv), trusting());
    let addresses = leaf(&[San::Xmpp(DOMAIN), San::Xmpp("juliet@im.example.com")]);
    add("the same, xmppAddrs alone", DOMAIN, outside.chain(&addresses), trusting());
    add("authority for all but `im.example.com`", DOMAIN, without.chain(&addresses), trusting());
    let mut params = Authority::params("a constrained root");
    params.name_constraints = Some(dns_constraints(&["example.net"], &[]));
    let bound = Authority::root_by(params);
    let by_bound = Verifier::new(bound.anchors());
    add("root for `example.net`, SRV-IDs alone", DOMAIN, bound.chain(&only_srv), by_bound);

    // Pins.
    let domain = Domainpart::new(DOMAIN).unwrap();
    let own = self_signed(&usual);
    let key = Pin::of_public_key(&CertificateRef::read(&own[0]).unwrap());
    let pinned = trusting().trust(domain.as_ref(), key);
    add("self-signed, its key trusted for the domain", DOMAIN, own.clone(), pinned);
    let elsewhere = Domainpart::new("example.net").unwrap();
    let pinned = trusting().trust(elsewhere.as_ref(), key);
    add("self-signed, its key trusted for another domain", DOMAIN, own, pinned);
    let expired = self_signed(&old);
    let pinned = trusting().trust(domain.as_ref(), Pin::of_certificate(&expired[0]));
    add("expired, the certificate trusted for the domain", DOMAIN, expired, pinned);
    let chain = root.chain(&usual);
    let pinned = trusting().require(domain.as_ref(), Pin::of_certificate(&chain[0]));
    add("the required certificate", DOMAIN, chain, pinned.clone());
    add("another than the required one", DOMAIN, root.chain(&usual), pinned);

    // What is none.
    add("no certificate", DOMAIN, Vec::new(), trusting());
    let garbage = vec![CertificateDer::from(vec![0x30, 0x03, 0x02, 0x01, 0x00])];
    add("no X.509", DOMAIN, garbage, trusting());
    let mut forged = root.chain(&usual)[0].to_vec();
    *forged.last_mut().unwrap() ^= 1;
    add("a signature with one bit wrong", DOMAIN, vec![CertificateDer::from(forged)], trusting());
    let many = vec![root.chain(&usual)[0].clone(); 11];
    add("eleven certificates", DOMAIN, many, trusting());
    let names: Vec<San> = (0..1001).map(|_| San::Dns(DOMAIN)).collect();
    add("1001 names", DOMAIN, root.chain(&leaf(&names)), trusting());
    cases
}

fn cell(verdict: &Result<Proved, Refused>) -> String {
    match verdict {
        Err(refused) => format!("✗ {}", refused.as_str()),
        Ok(proved) => match (proved.by(), proved.account(None, None)) {
            (ProvedBy::Pin(_), _) => "✓ pin".into(),
            (ProvedBy::Authority, Account::Of(account)) => format!("✓ {account}"),
            (ProvedBy::Authority, Account::Ambiguous) => "? to be chosen".into(),
            (ProvedBy::Authority, _) => "? no account".into(),
            (ProvedBy::Identity(identity), _) => {
                format!("✓ {}", identity.to_string().split(' ').next().unwrap())
            }
            (by, _) => format!("✓ {by:?}"),
        },
    }
}

fn table() -> String {
    let mut table = String::from(
        "| certificate | domain | client of server | initiating of receiving | receiving of \
         initiating | server of user |\n|---|---|---|---|---|---|\n",
    );
    for case in cases() {
        let domain = Domainpart::new(case.domain).unwrap();
        let verdicts = Purpose::ALL
            .map(|purpose| cell(&case.verifier.verify(purpose, &case.chain, domain.as_ref(), NOW)));
        let [client, to_server, from_server, user] = verdicts;
        table += &format!(
            "| {} | {} | {client} | {to_server} | {from_server} | {user} |\n",
            case.what, case.domain
        );
    }
    table
}

const BEGIN: &str = "<!-- The table is written by a test; see below. -->\n\n";
const END: &str = "\n<!-- End of the table. -->";

/// 6120-13.7.2-01, 6120-13.7.2-02, 6120-13.7.2.2.2-01, 6120-13.7.2.2.3-01,
/// 6120-13.7.1.2.1-08, 6120-13.7.1.1-02, 6120-13.7.1.1-10, 6120-13.7.1.4-03; 6120-5.4.3.1-07: those of initiating
/// entities as well.
#[test]
fn the_book_says_what_happens() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/certificates.md");
    let book = std::fs::read_to_string(path).unwrap();
    let (before, rest) = book.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    let table = table();
    println!("{table}");
    if std::env::var_os("WRITE_CERTIFICATE_TABLE").is_some() {
        std::fs::write(path, [before, BEGIN, &table, END, after].concat()).unwrap();
        return;
    }
    assert_eq!(written, table, "WRITE_CERTIFICATE_TABLE=1 writes it");
}
