//! RFC 6120 §8.2.3, §10 and RFC 6121 §8.5: iq stanzas through the host.

use crate::support::{Id, Net, also_apart};

#[track_caller]
fn expect_error(net: &mut Net, id: Id, from: &str, error_type: &str, condition: &str) {
    let to = net.address(id);
    let from = if from.is_empty() { String::new() } else { format!("from='{from}'") };
    net.expect(
        id,
        &[&format!(
            "<iq {from} id='i' to='{to}' type='error'><error type='{error_type}'>\
             <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        )],
    );
}

/// XEP-0199 §4.1, §4.2; RFC 6120 §10.5.1
#[test]
fn pings_to_the_server_and_to_oneself() {
    // 6120-10.3.3-02; without 'from', or from the account's bare JID: 6120-8.1.2.1-03; on
    // behalf of the user: 6121-8.5.2.1.3-02
    let mut net = Net::new(&["juliet"]);
    let balcony = net.bind("juliet", "balcony");
    for (to, from) in [
        ("", ""),
        ("to='example.com'", "from='example.com'"),
        ("to='example.com/x'", "from='example.com/x'"),
        ("to='juliet@example.com'", "from='juliet@example.com'"),
    ] {
        net.send(
            balcony,
            &format!("<iq {to} id='i' type='get'><ping xmlns='urn:xmpp:ping'/></iq>"),
        );
        net.expect(
            balcony,
            &[&format!("<iq {from} id='i' to='juliet@example.com/balcony' type='result'/>")],
        );
    }
}

/// RFC 3921 §3, which old clients insist on.
#[test]
fn session_establishment() {
    let mut net = Net::new(&["juliet"]);
    let balcony = net.bind("juliet", "balcony");
    for to in ["", "to='example.com'"] {
        net.send(
            balcony,
            &format!(
                "<iq {to} id='i' type='set'>\
                 <session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"
            ),
        );
        assert_eq!(net.take(balcony)[0].attr("type").as_deref(), Some("result"));
    }
}

/// XEP-0030 §3.1, §8
#[test]
fn service_discovery() {
    let mut net = Net::new(&["juliet", "romeo"]);
    let (balcony, orchard) = (net.login("juliet", "balcony"), net.login("romeo", "orchard"));
    let get = |to: &str| {
        format!(
            "<iq id='i' to='{to}' type='get'>\
             <query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        )
    };
    let identity = |net: &mut Net, id| {
        let got = net.take(id);
        assert_eq!(got[0].attr("type").as_deref(), Some("result"), "{}", got[0].source());
        let query = got[0].children().next().unwrap();
        let identity = query.children().find(|c| c.name() == "identity").unwrap();
        format!("{}/{}", identity.attr("category").unwrap(), identity.attr("type").unwrap())
    };
    net.send(balcony, &get("example.com"));
    assert_eq!(identity(&mut net, balcony), "server/im");
    net.send(balcony, &get("juliet@example.com"));
    assert_eq!(identity(&mut net, balcony), "account/registered");
    // For subscribers only; others see no difference to an account that is not there.
    for to in ["romeo@example.com", "nobody@example.com"] {
        net.send(balcony, &get(to));
        expect_error(&mut net, balcony, to, "cancel", "service-unavailable");
    }
    net.send(balcony, "<presence to='romeo@example.com' type='subscribe'/>");
    net.send(orchard, "<presence to='juliet@example.com' type='subscribed'/>");
    net.drain();
    net.send(balcony, &get("romeo@example.com"));
    assert_eq!(identity(&mut net, balcony), "account/registered");

    net.send(
        balcony,
        "<iq id='i' to='example.com' type='get'>\
         <query xmlns='http://jabber.org/protocol/disco#info' node='x'/></iq>",
    );
    expect_error(&mut net, balcony, "example.com", "cancel", "item-not-found");
    net.send(
        balcony,
        "<iq id='i' to='example.com' type='get'>\
         <query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
    );
    net.expect(
        balcony,
        &["<iq from='example.com' id='i' to='juliet@example.com/balcony' type='result'>\
           <query xmlns='http://jabber.org/protocol/disco#items'/></iq>"],
    );
}

/// 6120-10.3.3-03, 6121-8.5.1-01, 6121-8.5.2.1.3-02, 6121-8.5.2.2.3-02
#[test]
fn what_the_server_does_not_understand() {
    // 6120-10.5.3.1-03, 6120-10.5.3.2-05
    // 6120-stanza-extension, 6120-stanza-iq-reply
    // Paris is not there.
    let mut net = Net::new(&["juliet", "romeo", "paris"]);
    let (balcony, orchard) = (net.login("juliet", "balcony"), net.login("romeo", "orchard"));
    for to in [
        "",
        "example.com",
        "juliet@example.com",
        "romeo@example.com",
        "paris@example.com",
        "nobody@example.com",
    ] {
        for kind in ["get", "set"] {
            let attribute = if to.is_empty() { String::new() } else { format!("to='{to}'") };
            net.send(
                balcony,
                &format!("<iq {attribute} id='i' type='{kind}'><query xmlns='urn:x'/></iq>"),
            );
            expect_error(&mut net, balcony, to, "cancel", "service-unavailable");
        }
    }
    net.expect_nothing(orchard);
}

/// 6121-8.5.3.1-01, -02, 6121-8.5.3.2.3-01: a request reaches a resource that shares presence
/// with who asks; to everybody else it is not there. What it carries is none of the server's
/// business (6121-6-01).
#[test]
fn requests_between_clients() {
    let mut net = Net::new(&["juliet", "romeo"]);
    let (balcony, orchard) = (net.login("juliet", "balcony"), net.login("romeo", "orchard"));
    let ask = "<iq id='i' to='juliet@example.com/balcony' type='get'>\
               <query xmlns='jabber:iq:version'/></iq>";
    net.send(orchard, ask);
    expect_error(&mut net, orchard, "juliet@example.com/balcony", "cancel", "service-unavailable");
    net.expect_nothing(balcony);

    net.send(balcony, "<presence to='romeo@example.com/orchard'/>");
    net.drain();
    net.send(orchard, ask);
    net.expect(
        balcony,
        &["<iq from='romeo@example.com/orchard' id='i' to='juliet@example.com/balcony' \
           type='get'><query xmlns='jabber:iq:version'/></iq>"],
    );
    net.send(
        balcony,
        "<iq id='i' to='romeo@example.com/orchard' type='result'>\
         <query xmlns='jabber:iq:version'><name>x</name></query></iq>",
    );
    net.expect(
        orchard,
        &["<iq from='juliet@example.com/balcony' id='i' to='romeo@example.com/orchard' \
           type='result'><query xmlns='jabber:iq:version'><name>x</name></query></iq>"],
    );
    // One's own resources share presence.
    let chamber = net.login("juliet", "chamber");
    net.drain();
    net.send(chamber, ask);
    assert_eq!(net.take(balcony).len(), 1);
    // No such resource.
    net.send(
        orchard,
        "<iq id='i' to='juliet@example.com/x' type='get'><query xmlns='jabber:iq:version'/></iq>",
    );
    expect_error(&mut net, orchard, "juliet@example.com/x", "cancel", "service-unavailable");
}

/// 6120-13.10.2-02: a stranger, who may not know which resources there are, hears the same of
/// the bare JID and of a full one, be there such a resource, another, or no such account.
#[test]
fn a_stranger_hears_the_same_of_bare_and_full_jids() {
    let mut net = Net::new(&["juliet", "tybalt"]);
    let (_balcony, street) = (net.login("juliet", "balcony"), net.login("tybalt", "street"));
    let addresses = [
        "juliet@example.com",
        "juliet@example.com/balcony",
        "juliet@example.com/x",
        "nobody@example.com",
    ];
    for to in addresses {
        net.send(
            street,
            &format!("<iq id='i' to='{to}' type='get'><query xmlns='jabber:iq:version'/></iq>"),
        );
        expect_error(&mut net, street, to, "cancel", "service-unavailable");
    }
    net.expect_silence();
}

/// 6120-8.2.3-01, -02, -03, -07: an id, a known type, one payload; 6120-8.2.3-05: an id that is
/// missing is empty in the answer.
#[test]
fn requests_that_are_none() {
    // 6120-stanza-iq-id, 6120-stanza-iq-type, 6120-stanza-iq-child
    let mut net = Net::new(&["juliet"]);
    let balcony = net.bind("juliet", "balcony");
    for iq in [
        "<iq id='i'/>",
        "<iq id='i' type='put'><query xmlns='urn:x'/></iq>",
        "<iq id='i' type='get'/>",
        "<iq id='i' type='set'><a xmlns='urn:x'/><b xmlns='urn:x'/></iq>",
    ] {
        net.send(balcony, iq);
        expect_error(&mut net, balcony, "", "modify", "bad-request");
    }
    net.send(balcony, "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
    net.expect(
        balcony,
        &["<iq id='' to='juliet@example.com/balcony' type='error'><error type='modify'>\
           <bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"],
    );
}

/// 6120-8.2.3-06, 6120-10.3.3-04: an answer is never answered, and one to nothing is ignored.
#[test]
fn answers_to_nothing() {
    // 6120-stanza-error-reply
    let mut net = Net::new(&["juliet"]);
    let balcony = net.bind("juliet", "balcony");
    for to in [
        "",
        "to='example.com'",
        "to='juliet@example.com'",
        "to='nobody@example.com'",
        "to='juliet@example.com/x'",
        "to='romeo@example.net'",
        "to='@'",
    ] {
        for kind in ["result", "error"] {
            net.send(balcony, &format!("<iq {to} id='i' type='{kind}'/>"));
            net.send(balcony, &format!("<iq {to} type='{kind}'/>"));
        }
    }
    net.expect_silence();
}

/// RFC 6120 §10.4.3
#[test]
fn requests_to_other_domains() {
    let mut net = Net::new(&["juliet"]);
    let balcony = net.bind("juliet", "balcony");
    net.send(balcony, "<iq id='i' to='example.net' type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
    expect_error(&mut net, balcony, "example.net", "cancel", "remote-server-not-found");
}

also_apart! {
    pings_to_the_server_and_to_oneself,
    session_establishment,
    service_discovery,
    what_the_server_does_not_understand,
    requests_between_clients,
    a_stranger_hears_the_same_of_bare_and_full_jids,
    requests_that_are_none,
    answers_to_nothing,
    requests_to_other_domains,
}
