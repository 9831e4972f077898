//! RFC 6121 §5, §8.5 and RFC 6120 §8.1.2, §10: messages through the host.

use crate::support::{Net, also_apart};

fn error(from: &str, to: &str, error_type: &str, condition: &str) -> String {
    format!(
        "<message from='{from}' id='m' to='{to}' type='error'><error type='{error_type}'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
}

/// RFC 6121 §5.2.1's own messages; 6121-8.5.2.1.1-13: 'to' stays as it is.
#[test]
fn a_conversation() {
    // 6120-8.1.1.1-03, 6120-8.2.1-01, 6120-10.5.3.2-01, 6120-10.5.4-02
    let mut net = Net::new(&["romeo", "juliet"]);
    let (orchard, balcony) = (net.login("romeo", "orchard"), net.login("juliet", "balcony"));
    net.send(
        balcony,
        "<message id='ktx72v49' to='romeo@example.com' type='chat' xml:lang='en'>\
         <body>Art thou not Romeo, and a Montague?</body></message>",
    );
    net.expect(
        orchard,
        &["<message from='juliet@example.com/balcony' id='ktx72v49' to='romeo@example.com' \
           type='chat' xml:lang='en'><body>Art thou not Romeo, and a Montague?</body></message>"],
    );
    net.send(
        orchard,
        "<message id='sl3nx51f' to='juliet@example.com/balcony' type='chat' xml:lang='en'>\
         <body>Neither, fair saint, if either thee dislike.</body></message>",
    );
    net.expect(
        balcony,
        &["<message from='romeo@example.com/orchard' id='sl3nx51f' \
           to='juliet@example.com/balcony' type='chat' xml:lang='en'>\
           <body>Neither, fair saint, if either thee dislike.</body></message>"],
    );
    net.expect_silence();
}

/// 6120-8.1.2.1-01: "MUST add a 'from' attribute to the stanza or override"
#[test]
fn the_sender_is_who_the_host_knows() {
    // 6120-stanza-attribute-from-stamp
    let mut net = Net::new(&["romeo", "juliet"]);
    let (orchard, balcony) = (net.login("romeo", "orchard"), net.login("juliet", "balcony"));
    for from in ["tybalt@example.com/x", "@", "", "romeo@example.com"] {
        net.send(orchard, &format!("<message from='{from}' to='juliet@example.com'/>"));
        net.expect(
            balcony,
            &["<message from='romeo@example.com/orchard' to='juliet@example.com'/>"],
        );
    }
}

/// 6120-10.3.1-01: without 'to', it is for the sender's own bare JID.
#[test]
fn a_message_without_to() {
    let mut net = Net::new(&["romeo"]);
    let orchard = net.login("romeo", "orchard");
    net.send(orchard, "<message><body>note to self</body></message>");
    net.expect(
        orchard,
        &["<message from='romeo@example.com/orchard' to='romeo@example.com'>\
           <body>note to self</body></message>"],
    );
}

/// Table 1 of §8.5.4: M for "normal" and "chat", A for "headline", E for "groupchat".
#[test]
fn which_resources_get_it() {
    // 6121-8.5.2.1.1-03, -06, -07, -10 to -12; a chat not to all: 6121-8.5.4-02
    let mut net = Net::new(&["romeo", "juliet"]);
    let orchard = net.login("romeo", "orchard");
    let resources = [("a", 5), ("b", 5), ("c", 0), ("d", -1)].map(|(resource, priority)| {
        let id = net.bind("juliet", resource);
        net.send(id, &format!("<presence><priority>{priority}</priority></presence>"));
        id
    });
    let connected = net.bind("juliet", "connected");
    net.drain();
    let mut reached = |to: &str, kind: &str| {
        let stanza = format!("<message id='m' to='juliet@example.com{to}' type='{kind}'/>");
        net.send(orchard, &stanza);
        let all = resources.iter().chain([&connected]).map(|id| net.take(*id).len());
        let counts: Vec<_> = all.collect();
        (counts, net.take(orchard).len())
    };
    assert_eq!(reached("", "normal"), (vec![1, 1, 0, 0, 0], 0));
    assert_eq!(reached("", "chat"), (vec![1, 1, 0, 0, 0], 0));
    assert_eq!(reached("", "headline"), (vec![1, 1, 1, 0, 0], 0));
    assert_eq!(reached("", "groupchat"), (vec![0, 0, 0, 0, 0], 1));
    assert_eq!(reached("", "error"), (vec![0, 0, 0, 0, 0], 0));
    for kind in ["normal", "chat", "headline", "groupchat", "error"] {
        assert_eq!(reached("/d", kind), (vec![0, 0, 0, 1, 0], 0), "{kind}");
        assert_eq!(reached("/connected", kind), (vec![0, 0, 0, 0, 1], 0), "{kind}");
    }
    assert_eq!(reached("/nowhere", "chat"), (vec![1, 1, 0, 0, 0], 0));
    for kind in ["normal", "headline", "groupchat", "error"] {
        assert_eq!(reached("/nowhere", kind), (vec![0, 0, 0, 0, 0], 0), "{kind}");
    }
}

/// 6121-8.1-01, 6121-8.5.4-01: "a server SHOULD return an error if the originating entity […] is
/// authorized to receive presence from the user or has received directed presence from the
/// user"; 6121-8.5.3.2.1-01: ignored or refused, and no other resource gets
/// it; 6120-13.10.2-01: who may not know whether that resource is there learns nothing.
#[test]
fn an_error_for_who_may_know() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let (orchard, balcony) = (net.login("romeo", "orchard"), net.login("juliet", "balcony"));
    let stanzas = ["normal", "groupchat", "headline"].map(|kind| {
        format!(
            "<message id='m' to='juliet@example.com/gone' type='{kind}'><body>b</body></message>"
        )
    });
    let refused = error(
        "juliet@example.com/gone",
        "romeo@example.com/orchard",
        "cancel",
        "service-unavailable",
    );
    for stanza in &stanzas {
        net.send(orchard, stanza);
        net.expect_silence();
    }
    let directed = ["<presence to='romeo@example.com'/>"; 2];
    let ends = "<presence to='romeo@example.com' type='unavailable'/>";
    let granted = [
        "<presence to='juliet@example.com' type='subscribe'/>",
        "<presence to='romeo@example.com' type='subscribed'/>",
    ];
    for [asked, told] in [directed, granted] {
        let asks = if asked == told { balcony } else { orchard };
        net.send(asks, asked);
        net.send(balcony, told);
        net.drain();
        for stanza in &stanzas {
            net.send(orchard, stanza);
            net.expect(orchard, &[&refused]);
            net.expect_silence();
        }
        net.send(balcony, ends);
        net.drain();
    }
}

/// 6121-8.5.1-02 leaves the choice: an error, so that who mistypes an address learns of it.
#[test]
fn messages_for_nobody() {
    let mut net = Net::new(&["romeo"]);
    let orchard = net.login("romeo", "orchard");
    let to = "romeo@example.com/orchard";
    for (address, kind) in [
        ("nobody@example.com", "normal"),
        ("nobody@example.com", "chat"),
        ("nobody@example.com/x", "chat"),
        ("nobody@example.com", "headline"),
        ("nobody@example.com", "groupchat"),
    ] {
        net.send(orchard, &format!("<message id='m' to='{address}' type='{kind}'/>"));
        net.expect(orchard, &[&error(address, to, "cancel", "service-unavailable")]);
    }
    net.send(orchard, "<message id='m' to='nobody@example.com' type='error'/>");
    net.expect_silence();
}

/// 6121-8.5.1-02, the other choice: the same silence as for somebody who is not there.
#[test]
fn messages_for_nobody_in_silence() {
    let mut config = xmpp_server::Config::default();
    config.unknown_account = xmpp_server::UnknownAccount::Silence;
    let mut net = Net::with(config, &["romeo"]);
    let orchard = net.login("romeo", "orchard");
    for kind in ["normal", "chat", "headline"] {
        net.send(orchard, &format!("<message to='nobody@example.com' type='{kind}'/>"));
    }
    net.expect_silence();
}

/// RFC 6120 §8.3.3.8, 6120-10.4.3-02: an address that is none, a domain that is not ours. The stream
/// goes on, and errors are not answered (6120-8.3.1-11).
#[test]
fn addresses_that_lead_nowhere() {
    // 7622-4-01; 6120-8.3.3.8-02
    let mut net = Net::new(&["romeo"]);
    let orchard = net.login("romeo", "orchard");
    let to = "romeo@example.com/orchard";
    for malformed in ["ch@r@cters@example.com", "", "@example.com", "juliet@example.com/"] {
        net.send(orchard, &format!("<message id='m' to='{malformed}'><body/></message>"));
        net.expect(orchard, &[&error("example.com", to, "modify", "jid-malformed")]);
        net.send(orchard, &format!("<message id='m' to='{malformed}' type='error'/>"));
    }
    net.send(orchard, "<message id='m' to='juliet@example.net'/>");
    net.expect(orchard, &[&error("juliet@example.net", to, "cancel", "remote-server-not-found")]);
    net.send(orchard, "<message id='m' to='juliet@example.net' type='error'/>");
    net.send(orchard, "<message id='m' to='example.com'/>");
    net.expect(orchard, &[&error("example.com", to, "cancel", "service-unavailable")]);
    net.expect_silence();
}

/// What the sender put in comes out: unknown namespaces, prefixes and attributes too.
#[test]
fn a_forwarded_message_is_what_was_sent() {
    // 6120-stanza-extension
    let mut net = Net::new(&["romeo", "juliet"]);
    let (orchard, balcony) = (net.login("romeo", "orchard"), net.login("juliet", "balcony"));
    let inner = "<body>a &amp; b &#x20AC; <![CDATA[<raw>]]></body>\
                 <x:y xmlns:x='urn:x' x:z='1'><deep xmlns='urn:d' a=\"q'\"/></x:y>";
    net.send(
        orchard,
        &format!("<message to='juliet@example.com' odd='1' id='m'>{inner}</message>"),
    );
    let got = net.take(balcony);
    assert!(got[0].source().contains(inner), "{}", got[0].source());
    assert_eq!(got[0].attr("odd").as_deref(), Some("1"));
}

/// 6120-8.1.5-03: a stanza without a language gets that of its client's stream; one that has
/// its own keeps it (6120-8.1.5-06).
#[test]
fn the_language_of_the_stream_goes_along() {
    // 6120-12-04
    // 6120-stanza-attribute-xmllang
    let mut net = Net::new(&["romeo", "juliet"]);
    let (orchard, balcony) = (net.login("romeo", "orchard"), net.login("juliet", "balcony"));
    for (own, expected) in [("", "it"), (" xml:lang='de'", "de")] {
        let stream = xmpp_xml::Element::parse(format!(
            "<stream xmlns='jabber:client' xml:lang='it'>\
             <message to='juliet@example.com'{own}><body>O Romeo</body></message></stream>"
        ))
        .unwrap();
        net.send_element(orchard, stream.children().next().unwrap());
        net.expect(
            balcony,
            &[&format!(
                "<message from='romeo@example.com/orchard' to='juliet@example.com' \
                 xml:lang='{expected}'><body>O Romeo</body></message>"
            )],
        );
    }
}

also_apart! {
    a_conversation,
    the_sender_is_who_the_host_knows,
    a_message_without_to,
    which_resources_get_it,
    an_error_for_who_may_know,
    messages_for_nobody,
    messages_for_nobody_in_silence,
    addresses_that_lead_nowhere,
    a_forwarded_message_is_what_was_sent,
}
