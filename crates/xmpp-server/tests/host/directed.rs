//! RFC 6121 §4.6: directed presence.

use super::presence::{from_balcony, verona};
use crate::support::{Net, also_apart};

/// §4.6.3, case 2: 6121-4.6.3-01, -03, -04; 6121-4.6.1-04: "MUST remove […] any entity to which the user sends
/// directed unavailable presence"
#[test]
fn directed_presence() {
    let mut net = Net::new(&["juliet", "tybalt"]);
    let (balcony, street) = (net.login("juliet", "balcony"), net.login("tybalt", "street"));
    let alley = net.login("tybalt", "alley");
    net.drain();
    net.send(balcony, "<presence to='tybalt@example.com/street'><show>chat</show></presence>");
    let directed = |inner: &str, kind: &str| {
        format!(
            "<presence from='juliet@example.com/balcony' to='tybalt@example.com/street'{kind}>\
             {inner}</presence>"
        )
    };
    net.expect(street, &[&directed("<show>chat</show>", "")]);
    // "MUST NOT include the entity's JID in any subsequent broadcasts of available presence"
    net.send(balcony, "<presence><show>away</show></presence>");
    net.expect_nothing(street);
    // "if the available resource […] becomes unavailable, the user's server MUST route that"
    net.send(balcony, "<presence type='unavailable'><status>bye</status></presence>");
    net.expect(street, &[&directed("<status>bye</status>", " type='unavailable'")]);
    net.drain();

    // Case 3: a resource that is not available.
    net.send(balcony, "<presence to='tybalt@example.com'/>");
    let to_bare = "<presence from='juliet@example.com/balcony' to='tybalt@example.com'/>";
    net.expect(street, &[to_bare]);
    net.expect(alley, &[to_bare]);
    net.send(balcony, "<presence to='tybalt@example.com/street'/>");
    net.send(balcony, "<presence to='tybalt@example.com/street' type='unavailable'/>");
    net.drain();
    net.end(balcony);
    let end = "<presence from='juliet@example.com/balcony' to='tybalt@example.com' \
               type='unavailable'/>";
    net.expect(street, &[end]);
    net.expect(alley, &[end]);
}

/// 6121-4.6.3-02: a subscriber gets directed presence and the broadcasts, and the end once. A
/// resource of a subscriber hears of it twice: whether the broadcast gets to it is for its own
/// server to know.
#[test]
fn directed_presence_to_a_subscriber() {
    for (to, count) in [("romeo@example.com", 1), ("romeo@example.com/orchard", 2)] {
        let (mut net, orchard, ..) = verona();
        let balcony = net.login("juliet", "balcony");
        net.drain();
        net.send(balcony, &format!("<presence to='{to}'><show>chat</show></presence>"));
        assert_eq!(net.take(orchard).len(), 1);
        net.send(balcony, "<presence><show>away</show></presence>");
        net.expect(orchard, &[&from_balcony("romeo", "<show>away</show>")]);
        net.end(balcony);
        let end = net.take(orchard);
        assert_eq!(end.len(), count);
        assert!(end.iter().all(|end| end.attr("type").as_deref() == Some("unavailable")));
    }
}

/// 6121-4.6.1-01, -02: "the acts of creating, modifying, or canceling a presence subscription MUST take
/// precedence": who has become a subscriber gets the broadcasts, and is told of the end as one.
#[test]
fn directed_presence_to_one_who_then_subscribes() {
    let mut net = Net::new(&["juliet", "tybalt"]);
    let (balcony, street) = (net.login("juliet", "balcony"), net.login("tybalt", "street"));
    for to in ["tybalt@example.com", "tybalt@example.com/street"] {
        net.send(balcony, &format!("<presence to='{to}'/>"));
    }
    net.send(street, "<presence to='juliet@example.com' type='subscribe'/>");
    net.send(balcony, "<presence to='tybalt@example.com' type='subscribed'/>");
    net.drain();
    net.send(balcony, "<presence><show>away</show></presence>");
    net.expect(street, &[&from_balcony("tybalt", "<show>away</show>")]);
    net.end(balcony);
    let end = |to: &str| {
        format!("<presence from='juliet@example.com/balcony' to='{to}' type='unavailable'/>")
    };
    net.expect(street, &[&end("tybalt@example.com"), &end("tybalt@example.com/street")]);
}

/// 6121-4.6.1-03: one whose subscription is cancelled has been told. A resource that had directed
/// presence of its own is told of the end of that as well.
#[test]
fn directed_presence_to_one_whose_subscription_ends() {
    for (to, count) in [("tybalt@example.com", 0), ("tybalt@example.com/street", 1)] {
        let mut net = Net::new(&["juliet", "tybalt"]);
        let (balcony, street) = (net.login("juliet", "balcony"), net.login("tybalt", "street"));
        net.send(balcony, &format!("<presence to='{to}'/>"));
        net.send(street, "<presence to='juliet@example.com' type='subscribe'/>");
        net.send(balcony, "<presence to='tybalt@example.com' type='subscribed'/>");
        net.drain();
        net.send(balcony, "<presence to='tybalt@example.com' type='unsubscribed'/>");
        let told = net.take(street);
        assert_eq!(
            told[0].source(),
            "<presence from='juliet@example.com/balcony' to='tybalt@example.com' type='unavailable'/>"
        );
        net.end(balcony);
        assert_eq!(net.take(street).len(), count, "{to}");
    }
}

/// A resource that is merely connected hears no broadcasts, its user's subscription or not: it
/// is told of the end of what was directed to it.
#[test]
fn directed_presence_to_a_resource_that_is_not_available() {
    let (mut net, ..) = verona();
    let balcony = net.login("juliet", "balcony");
    let kitchen = net.bind("romeo", "kitchen");
    net.send(balcony, "<presence to='romeo@example.com/kitchen'/>");
    net.drain();
    net.end(balcony);
    net.expect(
        kitchen,
        &["<presence from='juliet@example.com/balcony' to='romeo@example.com/kitchen' \
           type='unavailable'/>"],
    );
}

/// The end of a subscription tells available resources; one that is merely connected is told of
/// the end of what was directed to it.
#[test]
fn directed_presence_outlives_a_subscription_that_it_had_no_part_in() {
    let (mut net, ..) = verona();
    let balcony = net.login("juliet", "balcony");
    let kitchen = net.bind("romeo", "kitchen");
    net.send(balcony, "<presence to='romeo@example.com/kitchen'/>");
    net.send(balcony, "<presence to='romeo@example.com' type='unsubscribed'/>");
    net.drain();
    net.end(balcony);
    assert_eq!(net.take(kitchen).len(), 1);
}

/// Unavailable presence that the server sends because a subscription ended is no goodbye of the
/// resource (§4.6.1): it is still told.
#[test]
fn directed_presence_outlives_the_other_subscription() {
    let mut net = Net::new(&["juliet", "romeo"]);
    let (balcony, orchard) = (net.login("juliet", "balcony"), net.login("romeo", "orchard"));
    net.send(balcony, "<presence to='romeo@example.com' type='subscribe'/>");
    net.send(orchard, "<presence to='juliet@example.com' type='subscribed'/>");
    net.send(balcony, "<presence to='romeo@example.com/orchard'/>");
    net.send(balcony, "<presence to='romeo@example.com' type='unsubscribe'/>");
    net.drain();
    net.end(balcony);
    net.expect(
        orchard,
        &["<presence from='juliet@example.com/balcony' to='romeo@example.com/orchard' \
           type='unavailable'/>"],
    );
}

/// §4.6.1: "then clearing the list when the user goes offline"
#[test]
fn directed_presence_is_forgotten_with_the_presence_session() {
    let mut net = Net::new(&["juliet", "tybalt"]);
    let (balcony, street) = (net.login("juliet", "balcony"), net.login("tybalt", "street"));
    net.send(balcony, "<presence to='tybalt@example.com/street'/>");
    net.send(balcony, "<presence type='unavailable'/>");
    net.send(balcony, "<presence/>");
    net.drain();
    net.end(balcony);
    net.expect_nothing(street);
}

/// 6121-4.6.1-04: "SHOULD remove any entity that sends unavailable presence to the user"
#[test]
fn directed_presence_ends_with_the_other_side() {
    let mut net = Net::new(&["juliet", "tybalt"]);
    let (balcony, street) = (net.login("juliet", "balcony"), net.login("tybalt", "street"));
    net.send(balcony, "<presence to='tybalt@example.com/street'/>");
    net.send(street, "<presence to='juliet@example.com/balcony'/>");
    net.drain();
    net.send(street, "<presence to='juliet@example.com/balcony' type='unavailable'/>");
    net.drain();
    net.end(balcony);
    net.expect_nothing(street);
}

/// Ours: what has to be remembered is bounded, and what cannot be is not delivered.
#[test]
fn directed_presence_is_bounded() {
    let mut config = xmpp_server::Config::default();
    config.limits.max_directed = 1;
    let mut net = Net::with(config, &["juliet", "tybalt"]);
    let (balcony, street) = (net.login("juliet", "balcony"), net.login("tybalt", "street"));
    net.send(balcony, "<presence to='romeo@example.com'/>");
    net.send(balcony, "<presence to='tybalt@example.com' id='2'/>");
    net.expect_nothing(street);
    net.expect(
        balcony,
        &["<presence from='tybalt@example.com' id='2' to='juliet@example.com/balcony' \
           type='error'><error type='wait'>\
           <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"],
    );
}

/// Ours: a thousand by default, as people are in many rooms; not a thousand of the longest
/// addresses that there can be.
#[test]
fn directed_presence_to_many_rooms() {
    let reached = |resource: &str| {
        let mut net = Net::new(&["juliet"]);
        net.connect("rooms.example.com");
        let balcony = net.login("juliet", "balcony");
        (0..1100)
            .take_while(|n| {
                net.send(balcony, &format!("<presence to='r{n}@rooms.example.com/{resource}'/>"));
                net.take(balcony).is_empty()
            })
            .count()
    };
    assert_eq!(reached("juliet"), 1000);
    let long = reached(&"x".repeat(1000));
    assert!((240..256).contains(&long), "{long}");
}

also_apart! {
    directed_presence,
    directed_presence_to_a_subscriber,
    directed_presence_to_one_who_then_subscribes,
    directed_presence_to_one_whose_subscription_ends,
    directed_presence_to_a_resource_that_is_not_available,
    directed_presence_outlives_a_subscription_that_it_had_no_part_in,
    directed_presence_outlives_the_other_subscription,
    directed_presence_is_forgotten_with_the_presence_session,
    directed_presence_ends_with_the_other_side,
    directed_presence_is_bounded,
    directed_presence_to_many_rooms,
}
