//! What does not get through, and who is told.

use super::dns::{Dns, Zone};
use super::person::Person;
use super::servers::{Authority, Served};

/// A port on which nobody listens.
fn dead_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// 6120-10.4.3-02, 6120-10.4.3-03: errors of one's own server about others, and those that
/// come from afar.
#[test]
fn errors_reach_the_sender() {
    let dns = Dns::start();
    let (one, _ca) = Served::start_untrusted(&dns, "one.test", &[]);
    let (_two, _other) = Served::start_untrusted(&dns, "two.test", &[]);
    dns.set("closed.test", Zone { not_offered: true, ..Zone::default() });
    dns.set("dead.test", Zone { start_tls: vec![dead_port()], ..Zone::default() });
    let mut user = Person::at(&one);
    for (to, condition) in [
        ("nobody@two.test", "service-unavailable"),
        ("a@nowhere.test", "remote-server-not-found"),
        ("a@closed.test", "remote-server-not-found"),
        ("a@dead.test", "remote-server-timeout"),
    ] {
        user.message(to, "hi");
        user.hear(&["type='error'", &format!("from='{to}'"), condition]);
    }
    // An iq, and a request for a subscription that cannot be asked.
    user.say("<iq type='get' id='q' to='nowhere.test'><ping xmlns='urn:xmpp:ping'/></iq>");
    user.hear(&["<iq", "type='error'", "remote-server-not-found"]);
    user.say("<presence type='subscribe' to='b@closed.test'/>");
    user.hear(&["<presence", "type='error'", "remote-server-not-found"]);
}

/// By default records that point home lead nowhere.
#[test]
fn private_addresses_are_not_connected_to() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let one = Served::start(&dns, &ca, "one.test", &[]);
    let two = Served::start_public(&dns, &ca, "two.test");
    let mut user = Person::at(&two);
    user.message("user@one.test", "hi");
    user.hear(&["type='error'", "remote-server-not-found"]);
    assert!(!one.has_logged(&["s2s"]));
}

/// With `never` a certificate that is not trusted ends it, on whichever side.
#[test]
fn no_dialback_with_never() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let strict = Served::start(&dns, &ca, "one.test", &["--s2s-dialback", "never"]);
    let (other, _own) = Served::start_untrusted(&dns, "two.test", &[]);
    let (mut here, mut there) = (Person::at(&strict), Person::at(&other));
    here.message("user@two.test", "hi");
    here.hear(&["type='error'", "remote-server-timeout"]);
    there.message("user@one.test", "hi");
    there.hear(&["type='error'", "remote-server-timeout"]);
    assert!(!strict.has_logged(&["pair authorised"]));
    assert!(!other.has_logged(&["pair authorised"]));
}

/// A certificate that is revoked proves nothing; another one of the same authority does.
#[test]
fn a_revoked_certificate_proves_nothing() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let (bad, good) = (ca.sign(1, &["bad.test"]), ca.sign(2, &["good.test"]));
    let (list, authority) = (ca.revoke(1), ca.file("ca.pem"));
    let trust = ["--s2s-ca", &authority, "--s2s-dialback", "never"];
    let strict: Vec<&str> = trust.iter().copied().chain(["--s2s-crl", &list]).collect();
    let strict = Served::start(&dns, &ca, "one.test", &strict[2..]);
    let bad = Served::start_with(&dns, &ca, "bad.test", &bad, &trust);
    let good = Served::start_with(&dns, &ca, "good.test", &good, &trust);
    let mut receiver = Person::at(&strict);
    let mut sender = Person::at(&bad);
    sender.message("user@one.test", "no");
    sender.hear(&["type='error'", "remote-server-timeout"]);
    let mut sender = Person::at(&good);
    sender.message("user@one.test", "yes");
    receiver.hear(&["<body>yes</body>"]);
    strict.logs(&["refused", "bad.test", "revoked"]);
}

/// RFC 6120 section 4.9.3.20, and what waits comes back: a server that ends says so.
#[test]
fn servers_are_told_of_the_end() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let one = Served::start(&dns, &ca, "one.test", &[]);
    let two = Served::start(&dns, &ca, "two.test", &[]);
    let (mut here, mut there) = (Person::at(&one), Person::at(&two));
    here.message("user@two.test", "hi");
    there.hear(&["<body>hi</body>"]);
    two.end();
    one.logs(&["s2s", "system-shutdown"]);
    here.message("user@two.test", "gone");
    here.hear(&["type='error'", "remote-server-timeout"]);
}

/// Options that leave nobody anything to prove who he is by.
#[test]
fn wrong_usage() {
    let arguments = ["serve", "--domain", "one.test", "--s2s-listen", "127.0.0.1:0"];
    let more = ["--s2s-no-external", "--s2s-dialback", "never", "--iterations", "4096"];
    let output = super::common::xmpp(&[&arguments[..], &more].concat(), "");
    assert_eq!(super::common::status(&output), 2, "{output:?}");
}
