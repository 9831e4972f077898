//! RFC 6121 §8.5, XEP-0160, XEP-0203: messages that are stored, and what a stream did not take.

use crate::support::{Net, also_apart};

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
    only_a_chat_for_a_resource_that_is_gone_is_stored,
    messages_for_somebody_who_is_not_there,
    messages_while_all_priorities_are_negative,
    the_store_is_bounded,
    forged_delay_stamps,
    a_stored_message_has_one_stamp,
    what_is_worth_storing,
    the_store_counts_what_it_holds,
    what_a_stream_did_not_take_while_others_are_there,
}
