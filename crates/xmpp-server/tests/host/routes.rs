//! What crosses to other domains: RFC 6120 §10.4, RFC 6121 §3 and §4 as between servers, and
//! the components of XEP-0114.

use xmpp_server::{DomainPair, HandleError, Outbox, RouteError, SessionId};
use xmpp_stanza::StreamCondition;
use xmpp_xml::{WriteXml, Writer, ns};

use super::support::{Id, Net, element};

const ROOMS: &str = "rooms.example.com";

/// Juliet has logged in; the component `rooms.example.com` is connected.
fn net() -> (Net, Id) {
    let mut net = Net::new(&["romeo", "juliet"]);
    net.connect(ROOMS);
    let balcony = net.login("juliet", "balcony");
    (net, balcony)
}

fn error(name: &str, from: &str, to: &str, error_type: &str, condition: &str) -> String {
    format!(
        "<{name} from='{from}' to='{to}' id='x' type='error'><error type='{error_type}'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></{name}>"
    )
}

/// 6120-10.5-01, -02; §8.1.2.1: 'from' is the full JID, whatever the client says. The bytes are for
/// the component's stream, in whose content namespace they are.
#[test]
fn a_users_stanzas_reach_the_component() {
    let (mut net, balcony) = net();
    net.send(
        balcony,
        "<message from='romeo@example.com' to='verona@rooms.example.com' type='groupchat'>\
         <body>O <b xmlns='urn:b'>Romeo</b></body></message>",
    );
    net.send(balcony, "<iq id='i' to='rooms.example.com' type='get'><q xmlns='urn:q'/></iq>");
    net.expect_routed(
        ROOMS,
        &[
            "<message from='juliet@example.com/balcony' to='verona@rooms.example.com' \
             type='groupchat'><body>O <b xmlns='urn:b'>Romeo</b></body></message>",
            "<iq id='i' to='rooms.example.com' type='get' from='juliet@example.com/balcony'>\
             <q xmlns='urn:q'/></iq>",
        ],
    );
    net.expect_silence();
}

/// XEP-0030 §4: what there is at the domain, whether it is connected now or not. An item is
/// listed once.
#[test]
fn components_are_listed() {
    let (mut net, balcony) = net();
    for name in [None, None, Some("Rooms")] {
        let mut item = xmpp_stanza::disco::Item::new(xmpp_jid::BareJid::new(ROOMS).unwrap());
        item.name = name.map(Into::into);
        net.host.add_item(item);
    }
    net.send(
        balcony,
        "<iq id='i' to='example.com' type='get'>\
         <query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
    );
    net.expect(
        balcony,
        &["<iq from='example.com' id='i' to='juliet@example.com/balcony' type='result'>\
           <query xmlns='http://jabber.org/protocol/disco#items'>\
           <item jid='rooms.example.com' name='Rooms'/></query></iq>"],
    );
}

/// RFC 6121 §8.5: to the bare JID, to the full JID, and stored for who is not there.
#[test]
fn a_components_messages_reach_the_users() {
    let (mut net, balcony) = net();
    let body = "<body>&lt;3</body>";
    for to in ["juliet@example.com", "juliet@example.com/balcony", "romeo@example.com"] {
        let from = "verona@rooms.example.com/nurse";
        let message = format!("<message from='{from}' to='{to}' type='chat'>{body}</message>");
        net.send_routed(&message).unwrap();
    }
    net.expect(
        balcony,
        &[
            "<message from='verona@rooms.example.com/nurse' to='juliet@example.com' type='chat'>\
             <body>&lt;3</body></message>",
            "<message from='verona@rooms.example.com/nurse' to='juliet@example.com/balcony' \
             type='chat'><body>&lt;3</body></message>",
        ],
    );
    let orchard = net.bind("romeo", "orchard");
    net.send(orchard, "<presence/>");
    let [_, stored] = &net.take(orchard)[..] else { panic!("presence and message") };
    assert_eq!(stored.attr("from").as_deref(), Some("verona@rooms.example.com/nurse"));
    assert!(stored.children().any(|child| child.is(ns::CLIENT, "body")));
    net.expect_routed(ROOMS, &[]);
}

/// RFC 6120 §10.5.1, §8.2.3: the host answers a component for itself and for its accounts; a
/// resource answers for itself, and its answer finds the way back.
#[test]
fn a_components_requests_are_answered() {
    let (mut net, balcony) = net();
    let ping = "<ping xmlns='urn:xmpp:ping'/>";
    let request = |to| format!("<iq from='{ROOMS}' to='{to}' id='x' type='get'>{ping}</iq>");
    net.send_routed(&request("example.com")).unwrap();
    net.expect_routed(
        ROOMS,
        &["<iq from='example.com' to='rooms.example.com' id='x' type='result'/>"],
    );
    // A stranger may not know the resource: it looks as if it were not there.
    net.send_routed(&request("juliet@example.com/chamber")).unwrap();
    net.expect_routed(
        ROOMS,
        &["<iq from='juliet@example.com/chamber' to='rooms.example.com' id='x' type='error'>\
           <error type='cancel'><service-unavailable \
           xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"],
    );
    net.send(balcony, "<presence to='rooms.example.com'/>");
    net.drain();
    net.send_routed(&request("juliet@example.com/balcony")).unwrap();
    net.expect(balcony, &[&request("juliet@example.com/balcony")]);
    net.send(balcony, "<iq to='rooms.example.com' id='x' type='result'/>");
    net.expect_routed(
        ROOMS,
        &["<iq to='rooms.example.com' id='x' type='result' from='juliet@example.com/balcony'/>"],
    );
}

/// 6120-10.4.3-01, -02: what cannot be routed comes back, unless it is an error or an answer.
#[test]
fn an_unknown_domain_is_told_to_the_user() {
    // 6121-3.1.2-08
    let (mut net, balcony) = net();
    let to = "juliet@example.com/balcony";
    for (name, stanza) in [
        ("message", "<message to='gone.example' id='x'><body/></message>"),
        ("iq", "<iq to='gone.example' id='x' type='set'><q xmlns='urn:q'/></iq>"),
        ("presence", "<presence to='gone.example' id='x'/>"),
        ("presence", "<presence to='gone.example' id='x' type='subscribe'/>"),
    ] {
        net.send(balcony, stanza);
        let expected = error(name, "gone.example", to, "cancel", "remote-server-not-found");
        net.expect(balcony, &[&expected]);
    }
    for stanza in [
        "<message to='gone.example' id='x' type='error'/>",
        "<iq to='gone.example' id='x' type='result'/>",
        "<iq to='gone.example' id='x' type='error'/>",
        "<presence to='gone.example' id='x' type='error'/>",
    ] {
        net.send(balcony, stanza);
        net.expect_silence();
    }
    // Who could not be asked is not being asked, and who has heard nothing need not be told
    // of the end.
    assert!(net.host.roster(&crate::support::bare("juliet")).unwrap().is_empty());
    net.connect("gone.example");
    net.end(balcony);
    net.expect_routed("gone.example", &[]);
}

/// Components write to each other, and are told what they cannot reach.
#[test]
fn components_reach_each_other_and_are_told_what_they_cannot_reach() {
    let (mut net, _) = net();
    net.connect("echo.example.com");
    let message =
        |to| format!("<message from='a@{ROOMS}' to='{to}' id='x'><body>b</body></message>");
    net.send_routed(&message("b@echo.example.com")).unwrap();
    net.expect_routed("echo.example.com", &[&message("b@echo.example.com")]);
    net.send_routed(&message("b@gone.example")).unwrap();
    let from = "b@gone.example";
    let not_found = "remote-server-not-found";
    let expected = error("message", from, "a@rooms.example.com", "cancel", not_found);
    net.expect_routed(ROOMS, &[&expected]);
    // 8.3.1: a malformed address is not repeated as 'from'.
    net.send_routed(&message("@gone.example")).unwrap();
    let expected =
        error("message", "example.com", "a@rooms.example.com", "modify", "jid-malformed");
    net.expect_routed(ROOMS, &[&expected]);
}

/// XEP-0114 section 3: 'to' and 'from'; and no component speaks for the host's users.
#[test]
fn a_stanza_between_domains_has_both_addresses() {
    let (mut net, _) = net();
    for stanza in [
        "<message from='rooms.example.com'/>",
        "<message to='juliet@example.com'/>",
        "<message from='romeo@example.com' to='juliet@example.com'/>",
        "<message from='example.com' to='juliet@example.com'/>",
        "<message from='@' to='juliet@example.com'/>",
    ] {
        assert_eq!(net.send_routed(stanza), Err(HandleError::ImproperAddressing), "{stanza}");
    }
    let other = net.send_routed("<x from='rooms.example.com' to='juliet@example.com'/>");
    assert_eq!(other, Err(HandleError::NotAStanza));
    net.expect_silence();
}

/// RFC 6121 §4.6.3: a room hears of the end of those who came in, once.
#[test]
fn directed_presence_ends_with_the_session() {
    let (mut net, balcony) = net();
    net.send(balcony, "<presence to='verona@rooms.example.com/juliet'/>");
    net.expect_routed(
        ROOMS,
        &["<presence to='verona@rooms.example.com/juliet' from='juliet@example.com/balcony'/>"],
    );
    net.send_routed(
        "<presence from='verona@rooms.example.com/nurse' to='juliet@example.com/balcony'/>",
    )
    .unwrap();
    net.expect(
        balcony,
        &["<presence from='verona@rooms.example.com/nurse' to='juliet@example.com/balcony'/>"],
    );
    net.end(balcony);
    net.expect_routed(
        ROOMS,
        &["<presence from='juliet@example.com/balcony' to='verona@rooms.example.com/juliet' \
           type='unavailable'/>"],
    );
}

/// RFC 6121 §3.1: a user subscribes to a component, as between servers.
#[test]
fn a_user_subscribes_to_a_component() {
    let (mut net, balcony) = net();
    net.send(balcony, "<presence to='rooms.example.com' type='subscribe' id='x'/>");
    net.expect_routed(
        ROOMS,
        &["<presence to='rooms.example.com' type='subscribe' id='x' from='juliet@example.com'/>"],
    );
    net.expect(
        balcony,
        &["<iq to='juliet@example.com/balcony' type='set' id='push'>\
           <query xmlns='jabber:iq:roster'>\
           <item jid='rooms.example.com' subscription='none' ask='subscribe'/></query></iq>"],
    );
    net.send_routed(
        "<presence from='rooms.example.com' to='juliet@example.com' type='subscribed'/>",
    )
    .unwrap();
    net.expect(
        balcony,
        &[
            "<presence from='rooms.example.com' to='juliet@example.com' type='subscribed'/>",
            "<iq to='juliet@example.com/balcony' type='set' id='push'>\
             <query xmlns='jabber:iq:roster'>\
             <item jid='rooms.example.com' subscription='to'/></query></iq>",
        ],
    );
    // 6121-4.3-01, 6121-4.3.1-02: the next session probes, from bare JID to bare JID.
    let chamber = net.bind("juliet", "chamber");
    net.send(chamber, "<presence/>");
    net.expect_routed(
        ROOMS,
        &["<presence from='juliet@example.com' to='rooms.example.com' type='probe'/>"],
    );
    // §2.5.2: what is removed ends, also while nobody is there to hear it.
    net.disconnect(ROOMS);
    net.send(
        balcony,
        "<iq type='set' id='r'><query xmlns='jabber:iq:roster'>\
         <item jid='rooms.example.com' subscription='remove'/></query></iq>",
    );
    net.connect(ROOMS);
    net.end(chamber);
    net.expect_routed(ROOMS, &[]);
}

/// RFC 6121 §3.1.3, §3.1.5, §4.2.2, §4.3.2, §4.5.2: a component subscribes to a user, hears
/// broadcasts, probes, and hears no more once the user has taken that back (§3.2).
#[test]
fn a_component_subscribes_to_a_user() {
    let (mut net, balcony) = net();
    let request = "<presence from='rooms.example.com' to='juliet@example.com' type='subscribe'/>";
    net.send_routed(request).unwrap();
    net.expect(balcony, &[request]);
    // While the request waits, a probe does not end it.
    let probe = "<presence from='rooms.example.com' to='juliet@example.com' type='probe'/>";
    net.send_routed(probe).unwrap();
    net.expect_routed(ROOMS, &[]);
    net.send(balcony, "<presence to='rooms.example.com' type='subscribed'/>");
    net.expect_routed(
        ROOMS,
        &[
            "<presence to='rooms.example.com' type='subscribed' from='juliet@example.com'/>",
            "<presence from='juliet@example.com/balcony' to='rooms.example.com'/>",
        ],
    );
    // §3.1.3: it is "already subscribed", and told so.
    net.send_routed(request).unwrap();
    net.expect_routed(
        ROOMS,
        &["<presence from='juliet@example.com' to='rooms.example.com' type='subscribed'/>"],
    );
    net.send(balcony, "<presence><show>away</show></presence>");
    let away = "<presence from='juliet@example.com/balcony' to='rooms.example.com'>\
                <show>away</show></presence>";
    net.expect_routed(ROOMS, &[away]);
    net.send_routed(probe).unwrap();
    net.expect_routed(ROOMS, &[away]);
    net.send(balcony, "<presence to='rooms.example.com' type='unsubscribed'/>");
    net.expect_routed(
        ROOMS,
        &[
            "<presence from='juliet@example.com/balcony' to='rooms.example.com' \
             type='unavailable'/>",
            "<presence to='rooms.example.com' type='unsubscribed' from='juliet@example.com'/>",
        ],
    );
    net.send_routed(probe).unwrap();
    net.expect_routed(
        ROOMS,
        &["<presence from='juliet@example.com' to='rooms.example.com' type='unsubscribed'/>"],
    );
    net.end(balcony);
    net.expect_routed(ROOMS, &[]);
}

/// 6121-8.5.1: an account that does not exist looks like one whose user allows nothing.
#[test]
fn a_component_does_not_learn_which_accounts_there_are() {
    let (mut net, _) = net();
    for (kind, reply) in [("probe", Some("unsubscribed")), ("subscribe", None)] {
        for name in ["romeo", "nobody"] {
            let user = format!("{name}@example.com");
            net.send_routed(&format!("<presence from='{ROOMS}' to='{user}' type='{kind}'/>"))
                .unwrap();
            let reply =
                reply.map(|kind| format!("<presence from='{user}' to='{ROOMS}' type='{kind}'/>"));
            net.expect_routed(ROOMS, &reply.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}

/// 6120-10.4.3-03: a domain that is known and has no stream is another error, which says that
/// it is worth trying again.
#[test]
fn a_component_that_is_not_connected_times_out() {
    struct Down(Vec<String>);
    impl Outbox for Down {
        fn send(&mut self, _: SessionId, stanza: &dyn WriteXml) {
            let mut bytes = Vec::new();
            let mut writer = Writer::in_stream(&mut bytes, ns::CLIENT);
            stanza.write_xml(&mut writer);
            writer.finish().unwrap();
            self.0.push(String::from_utf8(bytes).unwrap());
        }

        fn close(&mut self, _: SessionId, _: StreamCondition) {}

        fn route(&mut self, _: DomainPair<'_>, _: &dyn WriteXml) -> Result<(), RouteError> {
            Err(RouteError::Unreachable)
        }
    }
    let (mut net, balcony) = net();
    let message = element("<message to='rooms.example.com' id='x'/>");
    let mut out = Down(Vec::new());
    net.host.handle_stanza(net.now, balcony, message.as_ref(), &mut out).unwrap();
    let to = "juliet@example.com/balcony";
    assert_eq!(out.0, [error("message", ROOMS, to, "wait", "remote-server-timeout")]);
}
