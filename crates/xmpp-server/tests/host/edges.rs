//! Where one thing ends and the next begins: limits to the byte, stamps that are none, numbers
//! that count up.

use xmpp_server::Config;
use xmpp_xml::{Element, ns};

use crate::support::{Net, also_apart};

/// The least `max_offline_bytes` at which so many messages from that resource are kept.
fn room_for(messages: usize, resource: &str) -> usize {
    let fits = |bytes| {
        let mut config = Config::default();
        config.limits.max_offline_bytes = bytes;
        let mut net = Net::with(config, &["romeo", "juliet"]);
        let sender = net.bind("romeo", resource);
        for _ in 0..messages {
            net.send(sender, "<message to='juliet@example.com'><body>b</body></message>");
        }
        let juliet = net.bind("juliet", "balcony");
        net.send(juliet, "<presence/>");
        let got = net.take(juliet);
        got.iter().filter(|stanza| stanza.name() == "message").count() == messages
    };
    let (mut low, mut high) = (0_usize, 1 << 20);
    while low < high {
        let middle = low.midpoint(high);
        if fits(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// RFC 6121 section 8.5.2.2.1, XEP-0160: what is kept takes as much as it holds, each time.
#[test]
fn the_store_counts_to_the_byte() {
    let one = room_for(1, "o");
    assert_eq!(room_for(2, "o"), 2 * one);
    // The message, who sent it, and the entry itself.
    let sender = "romeo@example.com/o";
    let text = "<message to='juliet@example.com'><body>b</body></message>";
    let held = Element::parse(text).unwrap().held_bytes();
    assert!(one > held + sender.len(), "{one} for {held}");
    let long = "o".repeat(501);
    assert!(room_for(1, &long) >= one + 500, "{one}");
}

/// XEP-0203 section 4: it is the name and the namespace that make a stamp, and what others have
/// stamped is stamped once more, by who kept it.
#[test]
fn what_looks_like_a_stamp() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let orchard = net.login("romeo", "orchard");
    let children = [
        "<x xmlns='jabber:x:oob' from='example.com'/>",
        "<y xmlns='jabber:x:delay' from='example.com'/>",
        "<x xmlns='urn:xmpp:delay' from='example.com'/>",
        "<delay xmlns='jabber:x:delay' from='example.com'/>",
        "<delay xmlns='urn:xmpp:delay' from='example.net' stamp='2002-09-10T23:41:07Z'/>",
        // Of a presence alone.
        "<priority>200</priority>",
    ];
    net.send(
        orchard,
        &format!("<message to='juliet@example.com'><body>b</body>{}</message>", children.concat()),
    );
    let balcony = net.login_and_keep("juliet", "balcony");
    let got = net.take(balcony);
    let message = got.iter().find(|stanza| stanza.name() == "message").unwrap();
    let kept = message.source().to_string();
    for child in children {
        assert!(kept.contains(child), "{child} in {kept}");
    }
    let stamps = message.children().filter(|child| child.is(ns::DELAY, "delay"));
    let by: Vec<_> = stamps.map(|stamp| stamp.attr("from").unwrap().to_string()).collect();
    assert_eq!(by, ["example.net", "example.com"]);
}

fn ids(pushes: &[Element]) -> Vec<String> {
    let pushes = pushes.iter().filter(|stanza| stanza.attr("type").as_deref() == Some("set"));
    pushes.map(|push| push.attr("id").unwrap().to_string()).collect()
}

/// 6120-8.1.3-02: no two pushes have one 'id', whoever they are for.
#[test]
fn each_push_has_an_id_of_its_own() {
    let mut net = Net::new(&["juliet"]);
    let interested = ["balcony", "chamber"].map(|resource| {
        let id = net.bind("juliet", resource);
        net.send(id, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
        id
    });
    let query = net.take(interested[0]).remove(0);
    let ver = query.child(ns::ROSTER, "query").unwrap().attr("ver").unwrap().to_string();
    let _ = net.take(interested[1]);
    for contact in ["romeo", "nurse", "benvolio"] {
        net.send(
            interested[0],
            &format!(
                "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>\
                 <item jid='{contact}@example.net'/></query></iq>"
            ),
        );
    }
    let mut seen: Vec<String> = interested.iter().flat_map(|id| ids(&net.take(*id))).collect();
    let later = net.bind("juliet", "garden");
    net.send(
        later,
        &format!("<iq type='get' id='r'><query xmlns='jabber:iq:roster' ver='{ver}'/></iq>"),
    );
    seen.extend(ids(&net.take(later)));
    assert_eq!(seen.len(), 9, "three changes, to three: {seen:?}");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 9, "{seen:?}");
}

/// RFC 6121 section 3.1.3: an error for a request is shown to who is there, and to who has asked
/// for the roster.
#[test]
fn who_hears_of_a_request_that_failed() {
    let mut net = Net::new(&["juliet"]);
    net.connect("example.net");
    let [available, interested, neither] =
        ["available", "interested", "neither"].map(|resource| net.bind("juliet", resource));
    net.send(available, "<presence/>");
    net.send(interested, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    net.send(neither, "<presence to='romeo@example.net' type='subscribe'/>");
    net.drain();
    net.send_routed(
        "<presence from='romeo@example.net' to='juliet@example.com' type='error'>\
         <error type='cancel'>\
         <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
    )
    .unwrap();
    let errors = |net: &mut Net, id| {
        let got = net.take(id);
        got.iter().filter(|stanza| stanza.attr("type").as_deref() == Some("error")).count()
    };
    assert_eq!(errors(&mut net, available), 1);
    assert_eq!(errors(&mut net, interested), 1);
    assert_eq!(errors(&mut net, neither), 0);
}

/// RFC 6121 section 4.3.2: a probe of oneself, which is what a probe without 'to' is.
#[test]
fn a_probe_without_to_asks_for_ones_own_resources() {
    let mut net = Net::new(&["juliet"]);
    let [balcony, chamber] = ["balcony", "chamber"].map(|resource| net.login("juliet", resource));
    net.drain();
    net.send(balcony, "<presence type='probe'/>");
    net.expect_nothing(chamber);
    let got = net.take(balcony);
    let mut from: Vec<_> = got.iter().map(|stanza| stanza.attr("from").unwrap()).collect();
    from.sort();
    assert!(from.contains(&"juliet@example.com/chamber".into()), "{from:?}");
}

/// RFC 6121 section 8.5.2.1.1: of a message to the bare JID that one stream did not take, who
/// has had a copy gets no second one, and who has not gets it now.
#[test]
fn who_has_had_a_copy_of_what_a_stream_did_not_take() {
    let message = |kind: &str, id: &str| {
        format!(
            "<message from='romeo@example.com/gone' to='juliet@example.com' type='{kind}' \
             id='{id}'><body>b</body></message>"
        )
    };
    for (kind, expected) in [("headline", 0), ("chat", 1), ("normal", 1)] {
        let mut net = Net::new(&["romeo", "juliet"]);
        let [high, low] = ["high", "low"].map(|resource| net.bind("juliet", resource));
        net.send(high, "<presence><priority>5</priority></presence>");
        net.send(low, "<presence><priority>1</priority></presence>");
        net.drain();
        net.fail(high, &[message(kind, "1")]);
        let got = net.take(low);
        assert_eq!(got.iter().filter(|s| s.name() == "message").count(), expected, "{kind}");
    }
}

/// XEP-0160 section 3: what is not worth keeping is not kept when a stream did not take it,
/// either, nor returned.
#[test]
fn what_is_not_worth_keeping_is_lost_with_its_stream() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let (orchard, balcony) = (net.login("romeo", "orchard"), net.login("juliet", "balcony"));
    net.drain();
    net.fail(
        balcony,
        &["<message from='romeo@example.com/orchard' to='juliet@example.com/balcony' type='chat'>\
           <composing xmlns='http://jabber.org/protocol/chatstates'/></message>"
            .to_owned()],
    );
    net.expect_nothing(orchard);
    let chamber = net.login_and_keep("juliet", "chamber");
    assert!(net.take(chamber).iter().all(|stanza| stanza.name() != "message"));
}

also_apart! {
    what_looks_like_a_stamp,
    each_push_has_an_id_of_its_own,
}
