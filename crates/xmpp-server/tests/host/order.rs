//! RFC 6120 §10.1: stanzas are processed, routed and delivered in the order in which they came.

use super::support::{Net, also_apart};

const NUMBERS: core::ops::Range<usize> = 0..40;

/// To the bare JID and to the full one in turn, which are one and the same for the order.
fn address(number: usize) -> &'static str {
    if number.is_multiple_of(2) { "juliet@example.com" } else { "juliet@example.com/balcony" }
}

/// 6120-10.1-01, 6120-10.1-02: on its way from one client to another.
#[test]
fn what_came_first_is_delivered_first() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let orchard = net.login("romeo", "orchard");
    let balcony = net.login("juliet", "balcony");
    for number in NUMBERS {
        let to = address(number);
        net.send(
            orchard,
            &format!("<message id='{number}' to='{to}' type='chat'><body/></message>"),
        );
    }
    let got: Vec<_> =
        net.take(balcony).iter().map(|m| m.attr("id").unwrap().into_owned()).collect();
    assert_eq!(got, NUMBERS.map(|number| number.to_string()).collect::<Vec<_>>());
}

/// 6120-10.1-06: what a request changes is changed for the stanza behind it.
#[test]
fn a_request_is_done_before_the_next_stanza() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let orchard = net.login("romeo", "orchard");
    let balcony = net.login("juliet", "balcony");
    net.send(balcony, "<presence to='romeo@example.com' type='subscribed'/>");
    net.send(orchard, "<presence to='juliet@example.com' type='subscribe'/>");
    net.drain();
    // He is removed, and does not hear what she sends next.
    net.send(
        balcony,
        "<iq id='r' type='set'><query xmlns='jabber:iq:roster'>\
         <item jid='romeo@example.com' subscription='remove'/></query></iq>",
    );
    net.send(balcony, "<presence id='next'><show>away</show></presence>");
    let heard = net.take(orchard);
    assert!(!heard.is_empty(), "that it is over");
    assert!(heard.iter().all(|stanza| stanza.attr("id").as_deref() != Some("next")));
}

/// 6121-3.1.1-04: an item and a request for a subscription, whichever comes first.
#[test]
fn an_item_and_a_request_in_either_order() {
    let item = "<iq id='r' type='set'><query xmlns='jabber:iq:roster'>\
                <item jid='romeo@example.com' name='R'/></query></iq>";
    let request = "<presence to='romeo@example.com' type='subscribe'/>";
    for stanzas in [[item, request], [request, item]] {
        let mut net = Net::new(&["juliet", "romeo"]);
        let balcony = net.login("juliet", "balcony");
        for stanza in stanzas {
            net.send(balcony, stanza);
        }
        let roster = net.host.roster(&crate::support::bare("juliet")).unwrap();
        let items: Vec<_> = roster.items().collect();
        assert_eq!(items.len(), 1, "{stanzas:?}");
        assert_eq!(items[0].name, "R", "{stanzas:?}");
        assert_eq!(net.shown("juliet", "romeo"), "none?", "{stanzas:?}");
    }
}

also_apart! {
    what_came_first_is_delivered_first,
    a_request_is_done_before_the_next_stanza,
    an_item_and_a_request_in_either_order,
}
