//! What passes between two servers that prove who they are in one way or another.

use super::dns::Dns;
use super::person::Person;
use super::servers::{Authority, Served};

/// Messages, a subscription with the presence that follows from it, and requests, each way.
fn speak(one: &Served, two: &Served) {
    let (mut romeo, mut juliet) = (Person::at(one), Person::at(two));
    let (romeos, juliets) = (romeo.jid.clone(), juliet.jid.clone());
    let (of_one, of_two) = (format!("user@{}", one.domain), format!("user@{}", two.domain));

    romeo.message(&juliets, "to-two");
    juliet.hear(&["<body>to-two</body>", &format!("from='{romeos}'")]);
    juliet.message(&of_one, "to-one");
    romeo.hear(&["<body>to-one</body>", &format!("from='{juliets}'")]);

    // RFC 6121 section 3.1: subscribe, subscribed, presence.
    romeo.say(&format!("<presence to='{of_two}' type='subscribe'/>"));
    juliet.hear(&["type='subscribe'", &format!("from='{of_one}'")]);
    juliet.say(&format!("<presence to='{of_one}' type='subscribed'/>"));
    romeo.hear(&["<iq", "subscription='to'"]);
    romeo.hear(&["<presence", &format!("from='{juliets}'")]);
    juliet.say("<presence><show>away</show></presence>");
    romeo.hear(&["<show>away</show>", &format!("from='{juliets}'")]);

    // From user to user, and from a user to a server.
    let ping = "<ping xmlns='urn:xmpp:ping'/>";
    romeo.say(&format!("<iq type='get' id='q1' to='{juliets}'>{ping}</iq>"));
    juliet.hear(&["id='q1'", &format!("from='{romeos}'")]);
    juliet.say(&format!("<iq type='result' id='q1' to='{romeos}'/>"));
    romeo.hear(&["id='q1'", "type='result'", &format!("from='{juliets}'")]);
    juliet.say(&format!("<iq type='get' id='q2' to='{}'>{ping}</iq>", one.domain));
    juliet.hear(&["id='q2'", "type='result'", &format!("from='{}'", one.domain)]);
}

/// XEP-0220 under TLS, with certificates of nobody.
#[test]
fn with_dialback_alone() {
    let dns = Dns::start();
    let (one, _ca) = Served::start_untrusted(&dns, "one.test", &[]);
    let (two, _other) = Served::start_untrusted(&dns, "two.test", &[]);
    speak(&one, &two);
    one.logs(&["pair authorised", "Dialback", "local=\"one.test\" remote=\"two.test\""]);
    assert!(!one.has_logged(&["by=Certificate"]) && !two.has_logged(&["by=Certificate"]));
}

/// 6120-tls-certs, 6120-tls-correlate, XEP-0178: each server asks whether the certificate of
/// the other proves the domain that is in the stream header. Nothing else is needed, and
/// dialback is not allowed.
#[test]
fn with_certificates_alone() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let never = ["--s2s-dialback", "never"];
    let one = Served::start(&dns, &ca, "one.test", &never);
    let two = Served::start(&dns, &ca, "two.test", &never);
    speak(&one, &two);
    one.logs(&["pair authorised", "by=Certificate", "direction=\"out\""]);
    assert!(!one.has_logged(&["by=Dialback"]) && !two.has_logged(&["by=Dialback"]));
}

/// XEP-0288 is on where it can be: one stream does for both directions.
#[test]
fn one_stream_both_ways() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let one = Served::start(&dns, &ca, "one.test", &[]);
    let two = Served::start(&dns, &ca, "two.test", &[]);
    speak(&one, &two);
    one.logs(&["pair authorised", "direction=\"in\"", "bidi=true"]);
    assert!(!two.has_logged(&["s2s: connected"]));
}

/// Without XEP-0288 there are two.
#[test]
fn a_stream_each_way() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let one = Served::start(&dns, &ca, "one.test", &["--s2s-no-bidi"]);
    let two = Served::start(&dns, &ca, "two.test", &[]);
    speak(&one, &two);
    two.logs(&["s2s: connected", "remote=\"one.test\""]);
    assert!(!one.has_logged(&["bidi=true"]) && !two.has_logged(&["bidi=true"]));
}

/// XEP-0368: one of them is to be had by direct TLS alone.
#[test]
fn with_direct_tls() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let direct = ["--s2s-direct-listen", "127.0.0.1:0"];
    let one = Served::start(&dns, &ca, "one.test", &["--s2s-no-bidi"]);
    let two = Served::start(&dns, &ca, "two.test", &direct);
    speak(&one, &two);
}

/// Of two servers with good certificates one wants dialback.
#[test]
fn one_says_nothing_of_external() {
    let (dns, ca) = (Dns::start(), Authority::new());
    let one = Served::start(&dns, &ca, "one.test", &["--s2s-no-external", "--s2s-no-bidi"]);
    let two = Served::start(&dns, &ca, "two.test", &[]);
    speak(&one, &two);
    one.logs(&["pair authorised", "by=Dialback", "direction=\"in\""]);
    two.logs(&["pair authorised", "by=Dialback", "direction=\"in\""]);
}

/// Three servers, and a component behind one of them that speaks for itself.
#[test]
fn components_and_a_third_server() {
    let dns = Dns::start();
    let (one, _ca) =
        Served::start_untrusted(&dns, "one.test", &["--component", "rooms.one.test:secret"]);
    let (two, _other) = Served::start_untrusted(&dns, "two.test", &[]);
    let (three, _third) = Served::start_untrusted(&dns, "three.test", &[]);
    let mut rooms = Person::component(&one, "rooms.one.test");
    for server in [&two, &three] {
        let mut user = Person::at(server);
        let jid = user.jid.clone();
        user.message("hall@rooms.one.test", "hello");
        rooms.hear(&["<body>hello</body>", &format!("from='{jid}'")]);
        rooms.message(&jid, "welcome");
        user.hear(&["<body>welcome</body>", "from='bot@rooms.one.test'"]);
    }
    speak(&two, &three);
}
