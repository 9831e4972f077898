//! RFC 6121 §4: the exchanges of the RFC's own examples.

use crate::support::{Id, Net, also_apart};

/// Juliet (not yet there), and Romeo, Mercutio, Benvolio, who are subscribed to her; she is
/// subscribed to Romeo and Benvolio.
pub(crate) fn verona() -> (Net, Id, Id, Id) {
    let mut net = Net::new(&["juliet", "benvolio", "mercutio", "romeo", "tybalt"]);
    let balcony = net.login("juliet", "balcony");
    let [orchard, street, square] =
        [("romeo", "orchard"), ("mercutio", "street"), ("benvolio", "square")]
            .map(|(account, resource)| net.login(account, resource));
    for (session, account, mutual) in
        [(orchard, "romeo", true), (street, "mercutio", false), (square, "benvolio", true)]
    {
        net.send(session, "<presence to='juliet@example.com' type='subscribe'/>");
        net.send(balcony, &format!("<presence to='{account}@example.com' type='subscribed'/>"));
        if mutual {
            net.send(balcony, &format!("<presence to='{account}@example.com' type='subscribe'/>"));
            net.send(session, "<presence to='juliet@example.com' type='subscribed'/>");
        }
    }
    net.end(balcony);
    net.drain();
    (net, orchard, street, square)
}

pub(crate) fn from_balcony(to: &str, inner: &str) -> String {
    format!("<presence from='juliet@example.com/balcony' to='{to}@example.com'>{inner}</presence>")
}

/// §4.2.2, §4.3: 6121-4.2.2-01, -02, -03, 6121-4.2.3-01
#[test]
fn initial_presence() {
    // 6121-presence-notype: 6121-8.5.2.1.2-04, 6121-4.3.1-02
    let (mut net, orchard, street, square) = verona();
    let balcony = net.bind("juliet", "balcony");
    net.send(balcony, "<presence/>");
    net.expect(orchard, &[&from_balcony("romeo", "")]);
    net.expect(street, &[&from_balcony("mercutio", "")]);
    net.expect(square, &[&from_balcony("benvolio", "")]);
    // Her own, and what the probes bring: not Mercutio's, to whom she has no subscription.
    net.expect(
        balcony,
        &[
            &from_balcony("juliet", ""),
            "<presence from='benvolio@example.com/square' to='juliet@example.com'/>",
            "<presence from='romeo@example.com/orchard' to='juliet@example.com'/>",
        ],
    );

    // "to all of the user's available resources", and the new one learns of the other.
    // 6121-4.2.1-02: with a <show/>.
    let chamber = net.bind("juliet", "chamber");
    net.send(chamber, "<presence><show>away</show></presence>");
    let new = "<presence from='juliet@example.com/chamber' to='juliet@example.com'>\
               <show>away</show></presence>";
    // The probes are the account's (§4.3: from its bare JID), and so are the answers: they come
    // to all of its resources (§4.2.3), as they would from another server.
    let benvolio = "<presence from='benvolio@example.com/square' to='juliet@example.com'/>";
    let romeo = "<presence from='romeo@example.com/orchard' to='juliet@example.com'/>";
    net.expect(balcony, &[new, benvolio, romeo]);
    net.expect(chamber, &[new, &from_balcony("juliet", ""), benvolio, romeo]);
}

/// §4.4.2: "the full XML of that presence stanza" (6121-4.4.2-01, -02, 6121-4.4.3-01), whatever
/// is in it (6121-4.4.1-01)
#[test]
fn subsequent_presence() {
    let (mut net, orchard, street, square) = verona();
    let garden = net.login("romeo", "garden");
    let (balcony, chamber) = (net.login("juliet", "balcony"), net.login("juliet", "chamber"));
    net.drain();
    let inner = "<show>away</show><status xml:lang='en'>be right back</status>\
                 <priority>1</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' \
                 node='http://psi-im.org' ver='q07IKJEyjvHSyhy//CH0CxmKi8w='/>";
    net.send(balcony, &format!("<presence>{inner}</presence>"));
    for (id, to) in [
        (orchard, "romeo"),
        (garden, "romeo"),
        (street, "mercutio"),
        (square, "benvolio"),
        (balcony, "juliet"),
        (chamber, "juliet"),
    ] {
        net.expect(id, &[&from_balcony(to, inner)]);
    }
}

/// 6121-11-02, 6121-11-03: nothing that a resource broadcasts gets to a stranger, to who is in
/// the roster, to who has asked, or to whom its user is subscribed, without being subscribed.
#[test]
fn presence_does_not_reach_who_is_not_subscribed() {
    let mut net = Net::new(&["juliet", "romeo", "tybalt", "paris", "benvolio"]);
    let balcony = net.login("juliet", "balcony");
    let others = ["romeo", "tybalt", "paris", "benvolio"].map(|name| net.login(name, "x"));
    net.send(
        balcony,
        "<iq id='s' type='set'><query xmlns='jabber:iq:roster'>\
         <item jid='tybalt@example.com'/></query></iq>",
    );
    net.send(others[2], "<presence to='juliet@example.com' type='subscribe'/>");
    net.send(balcony, "<presence to='benvolio@example.com' type='subscribe'/>");
    net.send(others[3], "<presence to='juliet@example.com' type='subscribed'/>");
    net.drain();
    for stanza in [
        "<presence><show>away</show></presence>",
        "<presence type='unavailable'><status>bye</status></presence>",
        "<presence/>",
    ] {
        net.send(balcony, stanza);
        assert!(!net.take(balcony).is_empty(), "its own");
        net.expect_silence();
    }
    net.end(balcony);
    net.expect_silence();
}

/// §4.5.2, gracefully: 6121-4.5.2-02, -04, -05, -07
#[test]
fn unavailable_presence() {
    // 6121-presence-unavailable: 6121-4.5.2-03, 6121-4.5.1-02, 6121-4.7.2.2-04
    let (mut net, orchard, street, _) = verona();
    let balcony = net.login("juliet", "balcony");
    let chamber = net.login("juliet", "chamber");
    net.drain();
    net.send(balcony, "<presence type='unavailable'><status>going on vacation</status></presence>");
    let stanza = |to: &str| {
        format!(
            "<presence from='juliet@example.com/balcony' to='{to}@example.com' \
             type='unavailable'><status>going on vacation</status></presence>"
        )
    };
    net.expect(orchard, &[&stanza("romeo")]);
    net.expect(street, &[&stanza("mercutio")]);
    net.expect(chamber, &[&stanza("juliet")]);
    net.expect(balcony, &[&stanza("juliet")]);
    net.drain();
    // It is connected, not available: presence of others does not come any more, and what it
    // sends next is initial presence (§4.5.2, last note).
    net.send(orchard, "<presence><show>dnd</show></presence>");
    net.expect_nothing(balcony);
    net.drain();
    net.send(balcony, "<presence/>");
    assert_eq!(net.take(balcony).len(), 4);
    net.expect(orchard, &[&from_balcony("romeo", "")]);
    net.expect(street, &[&from_balcony("mercutio", "")]);
}

/// §4.5.2, ungracefully: 6121-4.5.2-01, -02, -06
#[test]
fn a_stream_that_ends_makes_the_resource_unavailable() {
    let (mut net, orchard, ..) = verona();
    let balcony = net.login("juliet", "balcony");
    net.drain();
    net.end(balcony);
    let stanza = "<presence from='juliet@example.com/balcony' to='romeo@example.com' \
                  type='unavailable'/>";
    net.expect(orchard, &[stanza]);
    // Once; and a resource that was not available has nothing to end.
    net.end(balcony);
    let chamber = net.bind("juliet", "chamber");
    net.end(chamber);
    net.expect_nothing(orchard);
}

/// §4.3.2, rules 3 and 4; §4.3.2.1 on 'id': 6121-4.3-03, 6121-4.3.2-06 to -11,
/// 6121-4.3.2.1-01, -02
#[test]
fn probes_of_subscribers() {
    // 6121-presence-probe
    let (mut net, orchard, ..) = verona();
    net.now = xmpp_server::UnixTime::from_secs(1_031_701_267);
    let balcony = net.login("juliet", "balcony");
    let chamber = net.login("juliet", "chamber");
    net.send(balcony, "<presence id='pres2'><show>away</show></presence>");
    // What is directed is not what all may know.
    net.send(balcony, "<presence to='tybalt@example.com'><show>chat</show></presence>");
    net.drain();
    let probe = "<presence id='probe1' to='juliet@example.com' type='probe'/>";
    net.send(orchard, probe);
    net.expect(
        orchard,
        &[
            "<presence from='juliet@example.com/balcony' id='pres2' \
             to='romeo@example.com/orchard'><show>away</show></presence>",
            "<presence from='juliet@example.com/chamber' to='romeo@example.com/orchard'/>",
        ],
    );
    net.send(orchard, "<presence to='juliet@example.com/balcony' type='probe'/>");
    net.expect(
        orchard,
        &["<presence from='juliet@example.com/balcony' to='romeo@example.com/orchard'/>"],
    );
    net.end(chamber);
    net.send(balcony, "<presence type='unavailable'><status>bye</status></presence>");
    net.drain();
    net.send(orchard, probe);
    net.expect(
        orchard,
        &["<presence from='juliet@example.com' id='probe1' to='romeo@example.com/orchard' \
           type='unavailable'><delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:41:07Z'/>\
           </presence>"],
    );
}

/// 6121-11-01, 6121-4.6.6-04: who is not authorized learns nothing.
#[test]
fn probes_of_others() {
    // 6120-13.10.2-01
    let mut net = Net::new(&["juliet", "tybalt"]);
    let (balcony, street) = (net.login("juliet", "balcony"), net.login("tybalt", "street"));
    net.drain();
    for to in ["juliet@example.com", "juliet@example.com/balcony", "nobody@example.com"] {
        net.send(street, &format!("<presence to='{to}' type='probe'/>"));
        net.expect_silence();
    }
    net.send(balcony, "<presence to='tybalt@example.com/street'><show>chat</show></presence>");
    net.drain();
    // "only mere presence […] and only for that full JID"
    let chamber = net.login("juliet", "chamber");
    net.send(street, "<presence to='juliet@example.com/chamber' type='probe'/>");
    net.send(street, "<presence to='juliet@example.com' type='probe'/>");
    net.expect_nothing(street);
    net.end(chamber);
    net.send(street, "<presence to='juliet@example.com/balcony' type='probe'/>");
    net.expect(
        street,
        &["<presence from='juliet@example.com/balcony' to='tybalt@example.com/street'/>"],
    );
}

/// 6121-4.6.6-03: "MUST first apply any logic associated with presence subscriptions": a
/// subscriber is answered as one, whatever was directed to it.
#[test]
fn a_probe_of_a_subscriber_who_got_directed_presence() {
    let (mut net, orchard, ..) = verona();
    let balcony = net.login("juliet", "balcony");
    let chamber = net.login("juliet", "chamber");
    net.send(chamber, "<presence><show>away</show></presence>");
    net.send(balcony, "<presence to='romeo@example.com/orchard'><show>chat</show></presence>");
    net.drain();
    net.send(orchard, "<presence to='juliet@example.com' type='probe'/>");
    net.expect(
        orchard,
        &[
            "<presence from='juliet@example.com/balcony' to='romeo@example.com/orchard'/>",
            "<presence from='juliet@example.com/chamber' to='romeo@example.com/orchard'>\
             <show>away</show></presence>",
        ],
    );
}

/// 6121-4.7.2.3-02, -03, -04
#[test]
fn priorities_that_are_none() {
    let mut net = Net::new(&["juliet"]);
    let balcony = net.bind("juliet", "balcony");
    for priority in [
        "<priority>high</priority>",
        "<priority/>",
        "<priority>-</priority>",
        "<priority>200.5</priority>",
        "<priority>1</priority><priority>2</priority>",
        "<priority>1<x xmlns='y'/></priority>",
    ] {
        net.send(balcony, &format!("<presence id='p'>{priority}</presence>"));
        net.expect(
            balcony,
            &["<presence id='p' to='juliet@example.com/balcony' type='error'>\
               <error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
               </error></presence>"],
        );
    }
    for priority in ["-128", "127", " 1 ", "0"] {
        net.send(balcony, &format!("<presence><priority>{priority}</priority></presence>"));
        assert_eq!(net.take(balcony).len(), 1, "{priority}");
    }
}

/// Ours: an integer out of range is the nearest within it; its sender would not be there
/// otherwise. What others get is right, with all that goes with it.
#[test]
fn priorities_beyond_the_range() {
    // 6121-4.7.2.3-06, -07
    let (mut net, orchard, ..) = verona();
    let balcony = net.login("juliet", "balcony");
    net.drain();
    for (given, priority) in [
        ("128", "127"),
        ("200", "127"),
        ("+200", "127"),
        (" 99999999999999999999999999999 ", "127"),
        ("-99999999999999999999999999999", "-128"),
        ("-129", "-128"),
    ] {
        let rest = "<show>away</show><x:c xmlns:x='urn:x'/>";
        net.send(balcony, &format!("<presence><priority>{given}</priority>{rest}</presence>"));
        let told = format!("<priority>{priority}</priority>{rest}");
        net.expect(balcony, &[&from_balcony("juliet", &told)]);
        net.expect(orchard, &[&from_balcony("romeo", &told)]);
    }
}

/// 6121-4.7.1-04: a type that there is not; "There is no value of 'available'".
#[test]
fn presence_types_that_there_are_not() {
    let mut net = Net::new(&["juliet", "romeo"]);
    let balcony = net.bind("juliet", "balcony");
    for kind in ["available", "invisible", ""] {
        for to in ["", " to='romeo@example.com'", " to='example.com'"] {
            net.send(balcony, &format!("<presence id='p' type='{kind}'{to}/>"));
            let got = net.take(balcony);
            assert_eq!(got.len(), 1);
            let error = got[0].children().next().unwrap();
            assert_eq!(error.children().next().unwrap().name(), "bad-request");
        }
    }
}

also_apart! {
    initial_presence,
    subsequent_presence,
    presence_does_not_reach_who_is_not_subscribed,
    a_probe_of_a_subscriber_who_got_directed_presence,
    unavailable_presence,
    a_stream_that_ends_makes_the_resource_unavailable,
    probes_of_subscribers,
    probes_of_others,
    priorities_that_are_none,
    priorities_beyond_the_range,
    presence_types_that_there_are_not,
}
