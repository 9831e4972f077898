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

/// 6121-8.5.3.2.1-01: nor is it kept for later, where a chat is (6121-8.5.3.2.1-02).
#[test]
fn only_a_chat_for_a_resource_that_is_gone_is_stored() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let orchard = net.login("romeo", "orchard");
    for kind in ["normal", "chat", "groupchat", "headline", "unheard-of"] {
        net.send(
            orchard,
            &format!(
                "<message id='{kind}' to='juliet@example.com/gone' type='{kind}'>\
                 <body>b</body></message>"
            ),
        );
        net.expect_silence();
    }
    let balcony = net.login_and_keep("juliet", "balcony");
    let got = net.take(balcony);
    let messages = got.iter().filter(|stanza| stanza.name() == "message");
    assert_eq!(messages.filter_map(|m| m.attr("id")).collect::<Vec<_>>(), ["chat"]);
}

/// §8.5.2.2.1, XEP-0160, XEP-0203: kept in order, delivered once, to the first resource that
/// can take it, with the time at which it came.
#[test]
fn messages_for_somebody_who_is_not_there() {
    // 6120-10.5.3.2-02
    let mut net = Net::new(&["romeo", "juliet"]);
    let orchard = net.login("romeo", "orchard");
    for (id, text) in [("1", "Juliet!"), ("2", "Art thou there?")] {
        net.send(
            orchard,
            &format!(
                "<message id='{id}' to='juliet@example.com' type='chat'><body>{text}</body></message>"
            ),
        );
    }
    // Of the moment, or not to be stored:
    net.send(
        orchard,
        "<message to='juliet@example.com' type='chat'>\
         <composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
    );
    net.send(
        orchard,
        "<message to='juliet@example.com' type='chat'><body>psst</body>\
         <no-store xmlns='urn:xmpp:hints'/></message>",
    );
    net.send(orchard, "<message to='juliet@example.com' type='headline'/>");
    net.expect_nothing(orchard);

    net.now = xmpp_server::UnixTime::from_secs(2_000_000_000);
    let balcony = net.bind("juliet", "balcony");
    net.send(balcony, "<presence><priority>-1</priority></presence>");
    assert_eq!(net.take(balcony).len(), 1, "its own presence, and no message");
    net.send(balcony, "<presence/>");
    let stored = |id: &str, text: &str| {
        format!(
            "<message from='romeo@example.com/orchard' id='{id}' to='juliet@example.com' \
             type='chat'><body>{text}</body><delay xmlns='urn:xmpp:delay' from='example.com' \
             stamp='2002-09-10T23:41:07Z'/></message>"
        )
    };
    net.expect(
        balcony,
        &[
            "<presence from='juliet@example.com/balcony' to='juliet@example.com'/>",
            &stored("1", "Juliet!"),
            &stored("2", "Art thou there?"),
        ],
    );
    let chamber = net.login("juliet", "chamber");
    net.expect_nothing(chamber);
}

/// 6121-8.5.2.1.1-01, -04, 6121-8.5.3.2.1-03: where all priorities are negative, a normal
/// message and a chat are stored until one is not.
#[test]
fn messages_while_all_priorities_are_negative() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let orchard = net.login("romeo", "orchard");
    let resources = ["balcony", "chamber"].map(|resource| {
        let id = net.bind("juliet", resource);
        net.send(id, "<presence><priority>-1</priority></presence>");
        id
    });
    net.drain();
    for (kind, to) in
        [("normal", ""), ("chat", ""), ("chat", "/gone"), ("headline", ""), ("error", "")]
    {
        net.send(
            orchard,
            &format!(
                "<message id='{kind}{to}' to='juliet@example.com{to}' type='{kind}'>\
                 <body>b</body></message>"
            ),
        );
        net.expect_silence();
    }
    net.send(resources[0], "<presence/>");
    let got = net.take(resources[0]);
    let messages = got.iter().filter(|stanza| stanza.name() == "message");
    let ids: Vec<_> = messages.filter_map(|message| message.attr("id")).collect();
    assert_eq!(ids, ["normal", "chat", "chat/gone"]);
}

/// Ours: the store is bounded in messages and bytes; then it is `service-unavailable`.
#[test]
fn the_store_is_bounded() {
    let mut config = xmpp_server::Config::default();
    config.limits.max_offline_messages = 2;
    config.limits.max_offline_bytes = 2000;
    let mut net = Net::with(config, &["romeo", "juliet"]);
    let orchard = net.login("romeo", "orchard");
    let mut stored = |body: &str| {
        net.send(
            orchard,
            &format!("<message id='m' to='juliet@example.com'><body>{body}</body></message>"),
        );
        let got = net.take(orchard);
        if let [refused] = &*got {
            let condition = refused.children().next().unwrap().children().next().unwrap();
            assert_eq!(condition.name(), "service-unavailable");
        }
        got.is_empty()
    };
    assert!(stored("one"));
    assert!(!stored(&"x".repeat(2000)));
    assert!(stored("two"));
    assert!(!stored("three"));
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

/// XEP-0203 section 4: a stamp in the name of the recipient's server is discarded, however the
/// domain is spelt; those of others stay, and so does what a client says of itself.
#[test]
fn forged_delay_stamps() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let (orchard, balcony) = (net.login("romeo", "orchard"), net.login("juliet", "balcony"));
    let mut arrives = |stamp: &str| {
        net.send(
            orchard,
            &format!("<message to='juliet@example.com' id='m'><body>b</body>{stamp}</message>"),
        );
        net.expect_nothing(orchard);
        let got = net.take(balcony);
        assert_eq!(got[0].child(xmpp_xml::ns::CLIENT, "body").unwrap().text(), "b");
        got[0].children().count() == 2
    };
    for forged in [
        "example.com",
        "EXAMPLE.COM",
        "example.com.",
        "eXample.com/x",
        "juliet@example.com",
        "\u{ff45}xample.com",
        "example\u{3002}com",
        "&#x65;xample.com",
    ] {
        for stamp in [
            format!("<delay xmlns='urn:xmpp:delay' from='{forged}' stamp='2002-09-10T23:41:07Z'/>"),
            format!(
                "<d:delay xmlns:d='urn:xmpp:delay' stamp='2002-09-10T23:41:07Z' from='{forged}'/>"
            ),
            format!("<x xmlns='jabber:x:delay' from='{forged}' stamp='20020910T23:41:07'/>"),
        ] {
            assert!(!arrives(&stamp), "{stamp}");
        }
    }
    for others in [
        "",
        "from='example.net'",
        "from='room@chat.example.com'",
        "from='@'",
        "from='romeo@example.com/orchard'",
    ] {
        let stamp =
            format!("<delay xmlns='urn:xmpp:delay' {others} stamp='2002-09-10T23:41:07Z'/>");
        assert!(arrives(&stamp), "{stamp}");
    }
}

/// A stored message has one stamp, whatever it came with.
#[test]
fn a_stored_message_has_one_stamp() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let orchard = net.login("romeo", "orchard");
    net.send(
        orchard,
        "<message to='juliet@example.com'><body>b</body>\
         <delay xmlns='urn:xmpp:delay' from='example.com' stamp='1999-01-01T00:00:00Z'/></message>",
    );
    let balcony = net.login_and_keep("juliet", "balcony");
    let got = net.take(balcony);
    let stamps: Vec<_> = got
        .iter()
        .flat_map(|stanza| stanza.children())
        .filter(|child| child.name() == "delay")
        .filter_map(|child| child.attr("stamp"))
        .collect();
    assert_eq!(stamps, ["2002-09-10T23:41:07Z"]);
}

/// XEP-0160 section 3 and XEP-0334: what is stored for somebody who is not there.
#[test]
fn what_is_worth_storing() {
    let body = "<body>b</body>";
    let composing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    let received = "<received xmlns='urn:xmpp:receipts' id='1'/>";
    let encrypted = "<encrypted xmlns='eu.siacs.conversations.axolotl'/>";
    let call = "<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>";
    let hint = |name: &str| format!("<{name} xmlns='urn:xmpp:hints'/>");
    let origin = "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>";
    let cases = [
        (body.to_owned(), true),
        (format!("{body}{composing}"), true),
        (composing.to_owned(), false),
        (format!("{composing}<thread>t</thread>{origin}{}", hint("no-copy")), false),
        (received.to_owned(), true),
        (format!("{encrypted}{}", hint("store")), true),
        (format!("{encrypted}{origin}"), true),
        (call.to_owned(), true),
        ("<subject>s</subject>".to_owned(), true),
        (String::new(), false),
        (format!("{composing}{}", hint("store")), true),
        (format!("{body}{}", hint("no-store")), false),
        (format!("{body}{}{}", hint("store"), hint("no-store")), false),
        (format!("{body}{}", hint("no-permanent-store")), true),
    ];
    for kind in ["chat", "normal"] {
        for (content, expected) in &cases {
            let mut net = Net::new(&["romeo", "juliet"]);
            let orchard = net.login("romeo", "orchard");
            net.send(
                orchard,
                &format!("<message to='juliet@example.com' type='{kind}'>{content}</message>"),
            );
            net.expect_nothing(orchard);
            let balcony = net.login_and_keep("juliet", "balcony");
            let stored = net.take(balcony).iter().filter(|s| s.name() == "message").count();
            assert_eq!(stored, usize::from(*expected), "{kind}: {content}");
        }
    }
}

/// What the limit counts is the memory that is held: of many tiny elements that is several
/// times their text.
#[test]
fn the_store_counts_what_it_holds() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let orchard = net.login("romeo", "orchard");
    let dense = format!(
        "<message id='m' to='juliet@example.com'>{}</message>",
        "<a xmlns='urn:x'><b/><b/><b/><b/><b/><b/><b/><b/></a>".repeat(900)
    );
    let limit = xmpp_server::Limits::default().max_offline_bytes;
    let held = crate::support::element(&dense).detach().held_bytes();
    assert!(held > 2 * dense.len(), "{held} for {}", dense.len());
    let mut stored = 0;
    loop {
        net.send(orchard, &dense);
        if !net.take(orchard).is_empty() {
            break;
        }
        stored += 1;
    }
    assert!(stored * held <= limit, "{stored} times {held} are stored");
    assert!((stored + 2) * held > limit, "only {stored} times {held} are stored");
}

/// A session's stream fails with stanzas left: another resource gets the messages, or they
/// are stored, once and with the time at which they came; requests and what finds no place
/// are returned.
#[test]
fn what_a_stream_did_not_take() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let (orchard, balcony) = (net.login("romeo", "orchard"), net.login("juliet", "balcony"));
    let from = "from='romeo@example.com/orchard'";
    let (bare, full) = ("to='juliet@example.com'", "to='juliet@example.com/balcony'");
    let undelivered = [
        format!("<message {from} {full} type='chat' id='1'><body>1</body></message>"),
        format!("<message {from} {bare} id='2'><body>2</body></message>"),
        format!("<message {from} {full} type='groupchat' id='3'><body>3</body></message>"),
        format!("<iq {from} {full} type='get' id='4'><ping xmlns='urn:xmpp:ping'/></iq>"),
        format!("<presence {from} {full}/>"),
        format!("<iq {from} {full} type='result' id='5'/>"),
        format!("<message {from} {bare} type='headline' id='6'><body>6</body></message>"),
    ];
    net.fail(balcony, &undelivered);
    let got = net.take(orchard);
    let ids: Vec<_> = got.iter().filter_map(|s| s.attr("id")).collect();
    assert_eq!(ids, ["3", "4"]);
    assert!(got.iter().all(|s| s.attr("type").as_deref() == Some("error")));
    let chamber = net.login_and_keep("juliet", "chamber");
    let got = net.take(chamber);
    let messages: Vec<_> = got.iter().filter(|s| s.name() == "message").collect();
    let ids: Vec<_> = messages.iter().filter_map(|s| s.attr("id")).collect();
    assert_eq!(ids, ["1", "2"]);
    // These were stored once. The stream fails again before they are read.
    let again: Vec<_> = messages.iter().map(|s| s.source().to_owned()).collect();
    net.now = xmpp_server::UnixTime::from_secs(2_000_000_000);
    net.fail(chamber, &again);
    let chamber = net.login_and_keep("juliet", "chamber");
    let got = net.take(chamber);
    let got: Vec<_> = got.iter().filter(|s| s.name() == "message").collect();
    assert_eq!(got, messages.iter().collect::<Vec<_>>().iter().map(|m| **m).collect::<Vec<_>>());
}

/// The other resources go on, and nobody gets a message to the bare JID twice.
#[test]
fn what_a_stream_did_not_take_while_others_are_there() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let (balcony, chamber) = (net.login("juliet", "balcony"), net.login("juliet", "chamber"));
    net.drain();
    let from = "from='romeo@example.com/gone'";
    net.fail(
        balcony,
        &[
            format!("<message {from} to='juliet@example.com' id='1'><body>1</body></message>"),
            format!(
                "<message {from} to='juliet@example.com/balcony' id='2'><body>2</body></message>"
            ),
        ],
    );
    let got = net.take(chamber);
    let ids: Vec<_> = got.iter().filter_map(|s| s.attr("id")).collect();
    assert_eq!(got[0].attr("type").as_deref(), Some("unavailable"));
    assert_eq!(ids, ["2"]);
}

also_apart! {
    a_conversation,
    the_sender_is_who_the_host_knows,
    a_message_without_to,
    which_resources_get_it,
    an_error_for_who_may_know,
    only_a_chat_for_a_resource_that_is_gone_is_stored,
    messages_for_somebody_who_is_not_there,
    messages_while_all_priorities_are_negative,
    the_store_is_bounded,
    messages_for_nobody,
    messages_for_nobody_in_silence,
    addresses_that_lead_nowhere,
    a_forwarded_message_is_what_was_sent,
    forged_delay_stamps,
    a_stored_message_has_one_stamp,
    what_is_worth_storing,
    the_store_counts_what_it_holds,
    what_a_stream_did_not_take_while_others_are_there,
}
