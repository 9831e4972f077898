//! Client state indication (XEP-0352): what waits, what is dropped, what goes first.

use proptest::prelude::*;
use xmpp_server::{ClientState, HeldLimits, Importance};
use xmpp_stanza::StanzaRef;
use xmpp_xml::Element;

fn stanza(body: &str) -> String {
    let end = body.find([' ', '>', '/']).unwrap();
    format!("{} xmlns='jabber:client'{}", &body[..end], &body[end..])
}

fn pass(state: &mut ClientState<String>, body: &str) -> Vec<String> {
    let element = Element::parse(stanza(body)).unwrap();
    let mut sent = Vec::new();
    let seen = StanzaRef::new(element.as_ref()).unwrap();
    state.pass(seen, body.to_owned(), body.len(), |body| sent.push(body));
    sent
}

fn importance(body: &str) -> Importance {
    let element = Element::parse(stanza(body)).unwrap();
    Importance::of(StanzaRef::new(element.as_ref()).unwrap())
}

#[test]
fn what_matters_to_who_does_not_look() {
    const STATE: &str = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    const ROOM: &str = "http://jabber.org/protocol/muc#user";
    let latest = [
        "<presence from='a@x/1'/>".to_owned(),
        "<presence from='a@x/1' type='unavailable'/>".into(),
        "<presence from='a@x/1'><show>dnd</show><status>busy</status></presence>".into(),
        format!("<presence from='r@m/n'><x xmlns='{ROOM}'><item role='visitor'/></x></presence>"),
    ];
    for presence in latest {
        assert_eq!(importance(&presence), Importance::Latest, "{presence}");
    }
    let momentary = [
        format!("<message from='a@x/1' type='chat'>{STATE}</message>"),
        format!("<message from='a@x/1' type='groupchat'>{STATE}<thread>t</thread></message>"),
        format!("<message from='a@x/1'>{STATE}<no-store xmlns='urn:xmpp:hints'/></message>"),
    ];
    for message in momentary {
        assert_eq!(importance(&message), Importance::Momentary, "{message}");
    }
    let important = [
        "<presence from='a@x' type='subscribe'/>".to_owned(),
        "<presence from='a@x' type='unsubscribed'/>".into(),
        "<presence from='a@x/1' type='error'/>".into(),
        "<presence from='a@x/1' type='nonsense'/>".into(),
        format!("<presence from='r@m/n'><x xmlns='{ROOM}'><status code='110'/></x></presence>"),
        "<message from='a@x/1'><body>b</body></message>".into(),
        format!("<message from='a@x/1'><body>b</body>{STATE}</message>"),
        format!("<message from='a@x/1'>{STATE}<subject>s</subject></message>"),
        format!("<message from='a@x/1' type='error'>{STATE}</message>"),
        "<message from='a@x/1'><thread>t</thread></message>".into(),
        "<message from='a@x/1'><received xmlns='urn:xmpp:receipts' id='1'/></message>".into(),
        "<iq from='a@x/1' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>".into(),
        "<iq from='a@x/1' type='result' id='1'/>".into(),
    ];
    for body in important {
        assert_eq!(importance(&body), Importance::Important, "{body}");
    }
}

#[test]
fn a_stream_begins_active() {
    let mut state = ClientState::default();
    let composing = "<message from='a@x/1'>\
                     <composing xmlns='http://jabber.org/protocol/chatstates'/></message>";
    for body in ["<presence from='a@x/1'/>", composing] {
        assert_eq!(pass(&mut state, body), [body]);
    }
    assert!(state.is_active());
}

#[test]
fn presence_waits_for_a_look_and_the_latest_counts() {
    let mut state = ClientState::default();
    state.deactivate();
    let away = "<presence from='a@x/1'><show>away</show></presence>";
    let other = "<presence from='a@x/2'/>";
    let gone = "<presence from='a@x/1' type='unavailable'/>";
    for body in [away, other, gone] {
        assert!(pass(&mut state, body).is_empty());
    }
    assert_eq!(state.held(), 2);
    let mut sent = Vec::new();
    state.activate(|body| sent.push(body));
    assert_eq!(sent, [other, gone]);
    assert_eq!(pass(&mut state, away), [away]);
}

#[test]
fn what_waits_goes_before_what_matters() {
    // RFC 6120 section 10.1: in order.
    let mut state = ClientState::default();
    state.deactivate();
    let (here, hello) = ("<presence from='a@x/1'/>", "<message from='a@x/1'><body/></message>");
    assert!(pass(&mut state, here).is_empty());
    assert_eq!(pass(&mut state, hello), [here, hello]);
    assert!(!state.is_active(), "a message is no look");
    assert!(pass(&mut state, here).is_empty());
}

#[test]
fn no_more_waits_than_may() {
    let mut state = ClientState::new(HeldLimits { senders: 3, bytes: 200 });
    state.deactivate();
    let presence = |n: usize, long: usize| {
        format!("<presence from='a@x/{n}'><status>{}</status></presence>", "x".repeat(long))
    };
    let three: Vec<String> = (0..3).map(|n| presence(n, 0)).collect();
    assert!(three.iter().all(|presence| pass(&mut state, presence).is_empty()));
    // One of these again is no more than before.
    assert!(pass(&mut state, &three[1]).is_empty());
    let sent = pass(&mut state, &presence(3, 0));
    assert_eq!(sent, [&three[0], &three[2], &three[1], &presence(3, 0)].map(Clone::clone));
    assert_eq!(state.held(), 0);
    assert!(pass(&mut state, &presence(4, 100)).is_empty());
    assert_eq!(pass(&mut state, &presence(5, 100)).len(), 2, "bytes");
    assert_eq!(pass(&mut state, &presence(6, 1000)), [presence(6, 1000)], "large alone");
}

proptest! {
    /// Of each sender the client has the latest presence after a look, whatever happened;
    /// nothing important is lost, and no presence overtakes a later one of its sender.
    #[test]
    fn after_a_look_the_client_knows_what_is(
        steps in proptest::collection::vec((0..8_u8, 0..4_usize), 0..60),
        senders in 0..5_usize,
        bytes in 0..300_usize,
    ) {
        let mut state = ClientState::new(HeldLimits { senders, bytes });
        let (mut seen, mut real) = (std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
        let (mut important, mut received) = (Vec::new(), Vec::new());
        for (n, (what, who)) in steps.into_iter().enumerate() {
            let sent = match what {
                0 => { state.deactivate(); Vec::new() }
                1 => {
                    let mut sent = Vec::new();
                    state.activate(|body| sent.push(body));
                    sent
                }
                2 => {
                    let body = format!("<message from='a@x/{who}' id='{n}'><body/></message>");
                    important.push(body.clone());
                    pass(&mut state, &body)
                }
                _ => {
                    let body = format!("<presence from='a@x/{who}' id='{n}'/>");
                    real.insert(who, n);
                    pass(&mut state, &body)
                }
            };
            for body in sent {
                if body.starts_with("<message") {
                    received.push(body);
                    continue;
                }
                let mut numbers = body.split(['/', '\'']).filter_map(|part| part.parse::<usize>().ok());
                let (who, n) = (numbers.next().unwrap(), numbers.next().unwrap());
                prop_assert!(seen.insert(who, n).is_none_or(|before| before < n));
            }
            prop_assert!(state.held() <= senders);
            if state.is_active() {
                prop_assert_eq!(&seen, &real);
            }
        }
        prop_assert_eq!(received, important);
    }
}

/// Stanzas and addresses are counted to the byte, and what is replaced counts no more.
#[test]
fn what_waits_is_bounded_in_bytes() {
    let (first, second) = ("<presence from='a@x/1'/>", "<presence from='b@x/1'/>");
    let each = first.len() + "a@x/1".len();
    for (bytes, sent) in [(2 * each, 0), (2 * each - 1, 2)] {
        let mut state = ClientState::new(HeldLimits { bytes, ..HeldLimits::default() });
        state.deactivate();
        for _ in 0..5 {
            assert!(pass(&mut state, first).is_empty(), "the latest of one sender takes its place");
        }
        assert_eq!(pass(&mut state, second).len(), sent, "{bytes}");
    }
}
