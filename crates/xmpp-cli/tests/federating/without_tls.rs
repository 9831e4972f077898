//! A server of the old kind: no TLS, no features, dialback alone. By hand.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use xmpp_core::dialback;
use xmpp_core::jid::DomainpartRef;
use xmpp_core::sasl::Secret;

use super::dns::{Dns, Zone};
use super::person::Person;
use super::servers::{Authority, PATIENCE, Served};

/// What came over a connection so far.
struct Line {
    socket: TcpStream,
    heard: String,
}

impl Line {
    fn new(socket: TcpStream) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, heard: String::new() }
    }

    fn to(server: &Served, own: &str) -> Self {
        let mut line = Self::new(TcpStream::connect(&server.servers).unwrap());
        line.say(&header(&format!("from='{own}' to='{}'", server.domain)));
        line
    }

    fn say(&mut self, what: &str) {
        self.socket.write_all(what.as_bytes()).unwrap();
    }

    /// Waits until this has come, or the end; what has come until then.
    fn hear(&mut self, what: &str) -> &str {
        let mut buffer = [0; 4096];
        while !self.heard.contains(what) {
            match self.socket.read(&mut buffer).unwrap() {
                0 => break,
                read => self.heard.push_str(core::str::from_utf8(&buffer[..read]).unwrap()),
            }
        }
        &self.heard
    }

    /// The next that connects, whose stream has that id.
    fn accept(listener: &TcpListener, id: &str) -> Self {
        let mut line = Self::new(listener.accept().unwrap().0);
        line.hear("<stream:stream");
        line.say(&header(&format!("id='{id}'")));
        line
    }
}

/// RFC 6120 section 4.7.5: without a version.
fn header(attributes: &str) -> String {
    format!(
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:db='jabber:server:dialback' {attributes}>"
    )
}

/// The server one.test, whose keys are made of a known secret, and a port for old.test.
fn world(dns: &Dns, ca: &Authority, more: &[&str]) -> (Served, TcpListener) {
    let secret = ca.file("secret");
    std::fs::write(&secret, "s3cr3tf0rd14lb4ck\n").unwrap();
    let more = [&["--s2s-secret-file", &secret], more].concat();
    let one = Served::start(dns, ca, "one.test", &more);
    let old = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = old.local_addr().unwrap().port();
    dns.set("old.test", Zone { start_tls: vec![port], ..Zone::default() });
    (one, old)
}

/// XEP-0220 sections 2.1.1 and 2.4, XEP-0185: the key is made of the secret in the file, and
/// an old server is spoken with in the clear where that has been allowed.
#[test]
fn what_is_said_to_an_old_server() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let (one, old) = world(&dns, &ca, &["--s2s-dialback", "dangerous-without-tls"]);
    let mut user = Person::at(&one);
    user.message("a@old.test", "hi");
    let mut line = Line::accept(&old, "D60000229F");
    let secret = Secret::from("s3cr3tf0rd14lb4ck");
    let domain = |name| DomainpartRef::new(name).unwrap();
    let key = dialback::key(&secret, domain("old.test"), domain("one.test"), "D60000229F");
    let heard = line.hear("</db:result>");
    assert!(heard.contains(&format!(">{key}</db:result>")), "{heard}");
    line.say("<db:result from='old.test' to='one.test' type='valid'/>");
    assert!(line.hear("<body>hi</body>").contains("to='a@old.test'"));
    // As the authoritative server it knows its key again, and no other.
    let mut asking = Line::to(&one, "old.test");
    for (key, verdict) in [(key.as_str(), "type='valid'"), ("another", "type='invalid'")] {
        asking.say(&format!(
            "<db:verify from='old.test' to='one.test' id='D60000229F'>{key}</db:verify>"
        ));
        let heard = asking.hear(verdict);
        assert!(heard.contains("<db:verify") && heard.contains(verdict), "{heard}");
    }
}

/// The other way round: its key is asked about in the clear.
#[test]
fn what_an_old_server_says() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let (one, old) = world(&dns, &ca, &["--s2s-dialback", "dangerous-without-tls"]);
    let mut user = Person::at(&one);
    let mut sending = Line::to(&one, "old.test");
    sending.say("<db:result from='old.test' to='one.test'>abc</db:result>");
    let mut asked = Line::accept(&old, "1");
    assert!(asked.hear("</db:verify>").contains(">abc</db:verify>"));
    let id = asked.heard.split("<db:verify ").nth(1).unwrap().split("id='").nth(1).unwrap();
    let id = id.split('\'').next().unwrap().to_owned();
    asked.say(&format!("<db:verify from='old.test' to='one.test' id='{id}' type='valid'/>"));
    assert!(sending.hear("type='valid'").contains("<db:result"));
    sending
        .say("<message from='a@old.test' to='user@one.test'><body>in the clear</body></message>");
    user.hear(&["<body>in the clear</body>", "from='a@old.test'"]);
}

/// Neither happens by default (RFC 6120 section 5.3.1): no key goes out without TLS, and none is
/// taken.
#[test]
fn an_old_server_by_default() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let (one, old) = world(&dns, &ca, &[]);
    let mut user = Person::at(&one);
    user.message("a@old.test", "hi");
    let mut line = Line::accept(&old, "1");
    let heard = line.hear("</stream:stream>").to_owned();
    assert!(!heard.contains("<db:result"), "{heard}");
    one.logs(&["s2s", "direction=\"out\"", "version"]);
    let mut sending = Line::to(&one, "old.test");
    sending.say("<db:result from='old.test' to='one.test'>abc</db:result>");
    let heard = sending.hear("</stream:stream>");
    assert!(heard.contains("<stream:error>") && !heard.contains("type='valid'"), "{heard}");
}
