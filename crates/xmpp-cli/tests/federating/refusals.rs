//! What does not get through, and who is told.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::dns::{Dns, Zone};
use super::person::Person;
use super::servers::{Authority, Served};

/// A port on which nobody listens.
fn dead_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
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

/// 6120-tls-certs: with `never` a certificate that is not trusted ends it, on whichever side.
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

/// 6120-13.7.2-05, 6120-tls-correlate: a certificate of a trusted authority that is for
/// another domain than the one in the stream header, on whichever side, proves nothing.
#[test]
fn a_certificate_for_another_domain_proves_nothing() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let never = ["--s2s-dialback", "never"];
    let one = Served::start(&dns, &ca, "one.test", &never);
    let (files, authority) = (ca.sign(1, &["other.test"]), ca.file("ca.pem"));
    let trust = ["--s2s-ca", &authority, "--s2s-dialback", "never"];
    let two = Served::start_with(&dns, &ca, "two.test", &files, &trust);
    let mut here = Person::at(&one);
    here.message("user@two.test", "hi");
    here.hear(&["type='error'", "remote-server-timeout"]);
    one.logs(&["s2s: refused", "remote=\"two.test\""]);
    assert!(!one.has_logged(&["pair authorised"]) && !two.has_logged(&["pair authorised"]));
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
    drop(there);
    two.end();
    one.logs(&["s2s", "system-shutdown"]);
    here.message("user@two.test", "gone");
    here.hear(&["id='gone'", "type='error'", "remote-server-timeout"]);
    // XEP-0198 section 4: the server that ended had said that it had handled this one.
    assert!(!here.has_heard(&["id='hi'"]));
}

/// What waits for another server comes back before the senders are told of the end.
#[test]
fn what_waits_comes_back_at_the_end() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let one = Served::start(&dns, &ca, "one.test", &[]);
    dns.set("slow.test", Zone { silent: true, ..Zone::default() });
    let mut user = Person::at(&one);
    user.message("a@slow.test", "hi");
    // It is with the server.
    user.say("<iq type='get' id='there'><ping xmlns='urn:xmpp:ping'/></iq>");
    user.hear(&["id='there'"]);
    one.tell_end();
    user.hear(&["id='hi'", "type='error'", "remote-server-timeout"]);
}

/// A domain whose server takes connections and says nothing keeps nobody else waiting.
#[test]
fn a_silent_server_disturbs_nobody() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let one = Served::start(&dns, &ca, "one.test", &[]);
    let two = Served::start(&dns, &ca, "two.test", &[]);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    dns.set("silent.test", Zone { start_tls: vec![port], ..Zone::default() });
    let (mut here, mut there) = (Person::at(&one), Person::at(&two));
    here.message("a@silent.test", "never");
    let (_socket, _) = silent.accept().unwrap();
    here.message("user@two.test", "at once");
    there.hear(&["<body>at once</body>"]);
}

/// What a server says in the clear, as far as it gets.
fn say(server: &Served, header: &str) -> String {
    let mut socket = TcpStream::connect(&server.servers).unwrap();
    socket.set_read_timeout(Some(super::servers::PATIENCE)).unwrap();
    let opening = format!(
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:db='jabber:server:dialback' version='1.0' {header}>"
    );
    socket.write_all(opening.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&answer).contains("</stream:") {
        match socket.read(&mut buffer).unwrap() {
            0 => break,
            read => answer.extend_from_slice(&buffer[..read]),
        }
    }
    String::from_utf8(answer).unwrap()
}

/// RFC 6120 sections 4.9.3.6 and 4.9.3.9: a domain that is not served here, and a server that says
/// it is one that is, with the component's as well.
#[test]
fn domains_of_ours_and_of_nobody() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let more = ["--component", "rooms.one.test:secret"];
    let one = Served::start(&dns, &ca, "one.test", &more);
    let said = say(&one, "from='two.test' to='nobody.test'");
    assert!(said.contains("<host-unknown"), "{said}");
    for ours in ["one.test", "rooms.one.test"] {
        let said = say(&one, &format!("from='{ours}' to='one.test'"));
        assert!(said.contains("<invalid-from"), "{said}");
        let said = say(&one, &format!("from='two.test' to='{ours}'"));
        assert!(said.contains("<starttls") && said.contains("<required"), "{said}");
    }
}

/// One address has so many connections.
#[test]
fn one_address_has_a_bound() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let one = Served::start(&dns, &ca, "one.test", &["--max-address-connections", "2"]);
    let _two = [(); 2].map(|()| TcpStream::connect(&one.servers).unwrap());
    let mut third = TcpStream::connect(&one.servers).unwrap();
    third.set_read_timeout(Some(super::servers::PATIENCE)).unwrap();
    assert!(matches!(third.read(&mut [0]), Ok(0) | Err(_)));
    // Clients are counted apart.
    let mut user = Person::at(&one);
    user.message("user@one.test", "hi");
    user.hear(&["<body>hi</body>"]);
}

/// Options that leave nobody anything to prove who he is by.
#[test]
fn wrong_usage() {
    let arguments = ["serve", "--domain", "one.test", "--s2s-listen", "127.0.0.1:0"];
    let more = ["--s2s-no-external", "--s2s-dialback", "never", "--iterations", "4096"];
    let output = super::common::xmpp(&[&arguments[..], &more].concat(), "");
    assert_eq!(super::common::status(&output), 2, "{output:?}");
}
