//! What other servers send, and what comes back from them: RFC 6120 §8.1, §10.4, RFC 6121 §3, §4,
//! §8.

use xmpp_jid::DomainpartRef;
use xmpp_server::{Config, HandleError, RouteError};
use xmpp_xml::ns;

use super::support::{Id, Net, bare, in_stream_of};

const AFAR: &str = "example.net";

/// Juliet has logged in; there is a way to example.net, and a component.
fn net() -> (Net, Id) {
    let mut net = Net::new(&["juliet"]);
    net.connect(AFAR);
    net.connect("rooms.example.com");
    net.host.add_component(DomainpartRef::new("rooms.example.com").unwrap());
    let balcony = net.login("juliet", "balcony");
    (net, balcony)
}

fn error(name: &str, from: &str, to: &str, condition: &str) -> String {
    format!(
        "<{name} from='{from}' to='{to}' id='x' type='error'><error type='wait'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></{name}>"
    )
}

const TIMEOUT: &str = "remote-server-timeout";

/// What went to example.net comes back: there is no way after all.
fn fail(net: &mut Net) {
    for stanza in net.take_routed(AFAR) {
        let stream = in_stream_of(ns::COMPONENT_ACCEPT, &stanza);
        let stanza = stream.children().next().unwrap();
        let _ = net.route_failed(stanza, RouteError::Unreachable.condition()).unwrap();
    }
}

/// 6120-8.1.2.2-01, -02, 6120-8.1.1.2-01, -02, 6120-10.4-02, 6120-4.8.3-01,
/// 6120-stanza-attribute-to-validate: whatever the driver let through, no other server speaks for
/// this one, its users or its components; and nothing is relayed.
#[test]
fn what_no_other_server_may_say() {
    let (mut net, _) = net();
    let juliet = "juliet@example.com";
    for (from, to, error) in [
        ("juliet@example.com/x", juliet, HandleError::InvalidFrom),
        ("example.com", juliet, HandleError::InvalidFrom),
        ("EXAMPLE.com", juliet, HandleError::InvalidFrom),
        ("nurse@rooms.example.com", juliet, HandleError::InvalidFrom),
        ("@", juliet, HandleError::ImproperAddressing),
        ("romeo@example.net", "paris@example.org", HandleError::HostUnknown),
        ("romeo@example.net", "romeo@example.net", HandleError::HostUnknown),
    ] {
        for rest in ["type='chat'><body>b</body>", "type='error'>", ">"] {
            let stanza = format!("<message from='{from}' to='{to}' {rest}</message>");
            assert_eq!(net.send_remote(&stanza), Err(error), "{stanza}");
        }
    }
    for stanza in ["<message from='romeo@example.net'/>", "<message to='juliet@example.com'/>"] {
        assert_eq!(net.send_remote(stanza), Err(HandleError::ImproperAddressing));
    }
    let other = net.send_remote("<x from='romeo@example.net' to='juliet@example.com'/>");
    assert_eq!(other, Err(HandleError::NotAStanza));
    net.expect_silence();
    net.expect_routed(AFAR, &[]);
}

/// RFC 6120 §10.5: another server reaches a component through this one.
#[test]
fn a_component_is_reached_from_afar() {
    let (mut net, _) = net();
    let stanza = "<message from='romeo@example.net/x' to='v@rooms.example.com' type='chat'/>";
    net.send_remote(stanza).unwrap();
    net.expect_routed("rooms.example.com", &[stanza]);
    net.disconnect("rooms.example.com");
    net.send_remote("<message from='romeo@example.net' to='rooms.example.com' id='x'/>").unwrap();
    let [answer] = &net.take_routed(AFAR)[..] else { panic!("an error") };
    assert!(answer.contains("remote-server-not-found"), "{answer}");
}

/// 6120-8.3.1-02: what is for an address that is none is answered from the domain.
#[test]
fn a_malformed_address_from_afar() {
    let (mut net, _) = net();
    net.send_remote("<message from='romeo@example.net' to='@example.com' id='x'/>").unwrap();
    let [answer] = &net.take_routed(AFAR)[..] else { panic!("an error") };
    assert!(answer.starts_with("<message from='example.com' to='romeo@example.net'"), "{answer}");
}

/// RFC 6121 §8: messages and requests, and what answers them from afar by full JID.
#[test]
fn messages_and_requests() {
    let (mut net, balcony) = net();
    net.send(balcony, "<message to='romeo@example.net' id='x'><body>b</body></message>");
    net.send(balcony, "<iq to='romeo@example.net/o' id='x' type='get'><q xmlns='q'/></iq>");
    net.expect_routed(
        AFAR,
        &[
            "<message to='romeo@example.net' id='x' from='juliet@example.com/balcony'>\
             <body>b</body></message>",
            "<iq to='romeo@example.net/o' id='x' type='get' from='juliet@example.com/balcony'>\
             <q xmlns='q'/></iq>",
        ],
    );
    let to = "juliet@example.com/balcony";
    for stanza in [
        error("message", "romeo@example.net", to, "service-unavailable"),
        format!("<iq from='romeo@example.net/o' to='{to}' id='x' type='result'/>"),
        error("iq", "romeo@example.net/o", to, "service-unavailable"),
        error("presence", "romeo@example.net", to, "gone"),
    ] {
        net.send_remote(&stanza).unwrap();
        net.expect(balcony, &[&stanza]);
    }
    // For a resource that is gone, nothing happens: an error is not answered.
    let gone = "juliet@example.com/gone";
    net.send_remote(&error("message", "romeo@example.net", gone, "gone")).unwrap();
    net.expect_silence();
    net.expect_routed(AFAR, &[]);
}

/// RFC 6120 §10.4.3: what could not be sent to its domain comes back late, and by the full JID;
/// what answers something does not come back (6120-8.3.1-11).
#[test]
fn what_did_not_get_there_comes_back() {
    let (mut net, balcony) = net();
    let afar = "romeo@example.net";
    net.send(balcony, &format!("<message to='{afar}' id='x'><body>b</body></message>"));
    net.send(balcony, &format!("<iq to='{afar}' id='x' type='get'><q xmlns='q'/></iq>"));
    net.send(balcony, &format!("<presence to='{afar}' id='x'/>"));
    net.send(balcony, &format!("<message to='{afar}' id='x' type='error'/>"));
    net.send(balcony, &format!("<iq to='{afar}' id='x' type='result'/>"));
    fail(&mut net);
    let to = "juliet@example.com/balcony";
    net.expect(
        balcony,
        &["message", "iq", "presence"]
            .map(|name| error(name, afar, to, TIMEOUT))
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    // A component's comes back to the component.
    net.send_routed("<message from='a@rooms.example.com' to='romeo@example.net' id='x'/>").unwrap();
    fail(&mut net);
    let expected = error("message", afar, "a@rooms.example.com", TIMEOUT);
    net.expect_routed("rooms.example.com", &[&expected]);
    // Nobody is there any more.
    net.send(balcony, &format!("<message to='{afar}' id='x'/>"));
    net.end(balcony);
    fail(&mut net);
    net.expect_silence();
}

/// Such a stanza is from one domain to another.
#[test]
fn only_what_was_routed_comes_back() {
    let (mut net, _) = net();
    for stanza in [
        "<message from='a@example.net' to='juliet@example.com'/>",
        "<message from='juliet@example.com/balcony'/>",
        "<message to='a@example.net'/>",
    ] {
        let stream = in_stream_of(ns::SERVER, stanza);
        let stanza = stream.children().next().unwrap();
        let failed = net.route_failed(stanza, RouteError::NotFound.condition());
        assert_eq!(failed, Err(HandleError::ImproperAddressing));
    }
    net.expect_silence();
}

fn push(item: &str) -> String {
    format!(
        "<iq id='push' to='juliet@example.com/balcony' type='set'>\
         <query xmlns='jabber:iq:roster'>{item}</query></iq>"
    )
}

/// 6121-3.1.2-08: a request that did not get there is answered with an error to the user, and is
/// not pending; as one that could not be routed in the first place.
#[test]
fn a_request_that_did_not_get_there() {
    let (mut net, balcony) = net();
    net.send(balcony, "<presence to='romeo@example.net' type='subscribe' id='x'/>");
    let asked = "<item ask='subscribe' jid='romeo@example.net' subscription='none'/>";
    net.expect(balcony, &[&push(asked)]);
    fail(&mut net);
    net.expect(
        balcony,
        &[
            &error("presence", "romeo@example.net", "juliet@example.com", TIMEOUT),
            &push("<item jid='romeo@example.net' subscription='none'/>"),
        ],
    );
    // An approval of a request that is none any more changes nothing (table 8).
    net.send_remote(
        "<presence from='romeo@example.net' to='juliet@example.com' type='subscribed'/>",
    )
    .unwrap();
    net.expect_silence();
}

/// An error from the other server itself has the same effect. Not from a resource there, and not from one who is
/// in no roster.
#[test]
fn a_request_that_is_refused_with_an_error() {
    let (mut net, balcony) = net();
    net.send(balcony, "<presence to='romeo@example.net' type='subscribe' id='x'/>");
    net.drain();
    for from in ["romeo@example.net/orchard", "paris@example.net"] {
        let stanza = error("presence", from, "juliet@example.com", TIMEOUT);
        net.send_remote(&stanza).unwrap();
        net.expect_silence();
    }
    let stanza = error("presence", "romeo@example.net", "juliet@example.com", TIMEOUT);
    net.send_remote(&stanza).unwrap();
    net.expect(balcony, &[&stanza, &push("<item jid='romeo@example.net' subscription='none'/>")]);
}

/// 6121-3.1.2-10, 6121-3.1.2-11: a request without an answer goes out again, with an id, when a
/// resource becomes available; until there is an answer, and whether or not it gets there.
#[test]
fn a_request_without_an_answer_is_repeated() {
    let (mut net, balcony) = net();
    let come_back = |net: &mut Net, seconds: u64| {
        net.pass(seconds);
        net.send(balcony, "<presence type='unavailable'/>");
        net.send(balcony, "<presence/>");
        net.take(balcony);
    };
    const DAY: u64 = 86_400;
    net.send(balcony, "<presence to='romeo@example.net' type='subscribe' id='x'/>");
    net.take_routed(AFAR);
    let again = "<presence from='juliet@example.com' to='romeo@example.net' id='asked-again' \
                 type='subscribe'/>";
    // Not at once: one presence of a client would cost many stanzas.
    come_back(&mut net, DAY - 1);
    net.expect_routed(AFAR, &[]);
    come_back(&mut net, 1);
    net.expect_routed(AFAR, &[again]);
    come_back(&mut net, DAY - 1);
    net.expect_routed(AFAR, &[]);
    // Not for each presence that it sends.
    net.pass(DAY);
    net.send(balcony, "<presence><show>away</show></presence>");
    net.expect_routed(AFAR, &[]);
    // One that comes back is no answer, as for the first: the next one is sent all the same.
    come_back(&mut net, 1);
    net.expect_silence();
    fail(&mut net);
    net.expect_silence();
    come_back(&mut net, DAY);
    net.expect_routed(AFAR, &[again]);
    let answer = "<presence from='romeo@example.net' to='juliet@example.com' type='unsubscribed'/>";
    net.send_remote(answer).unwrap();
    come_back(&mut net, DAY);
    net.expect_routed(AFAR, &[]);
}

/// A contact who has not answered is not shown the request again (§3.1.3).
#[test]
fn a_request_that_is_repeated_is_shown_once() {
    let mut net = Net::new(&["juliet", "romeo"]);
    let balcony = net.login("juliet", "balcony");
    net.send(balcony, "<presence to='romeo@example.com' type='subscribe' id='x'/>");
    let orchard = net.login("romeo", "orchard");
    net.drain();
    net.pass(2 * 86_400);
    net.login("juliet", "chamber");
    assert!(net.take(orchard).is_empty());
}

/// A subscription that stands is not ended by an error; broadcasts and probes that do not get
/// there are no news to the client.
#[test]
fn broadcasts_that_did_not_get_there() {
    let (mut net, balcony) = net();
    net.send(balcony, "<presence to='romeo@example.net' type='subscribe'/>");
    for kind in ["subscribed", "subscribe"] {
        net.send_remote(&format!(
            "<presence from='romeo@example.net' to='juliet@example.com' type='{kind}'/>"
        ))
        .unwrap();
    }
    net.send(balcony, "<presence to='romeo@example.net' type='subscribed'/>");
    net.drain();
    net.send(balcony, "<presence type='unavailable'/>");
    net.send(balcony, "<presence/>");
    assert_eq!(net.take(balcony).len(), 2);
    fail(&mut net);
    net.expect_silence();
    let stanza = error("presence", "romeo@example.net", "juliet@example.com", TIMEOUT);
    net.send_remote(&stanza).unwrap();
    net.expect(balcony, &[&stanza]);
    net.send(balcony, "<presence><show>away</show></presence>");
    assert_eq!(net.take_routed(AFAR).len(), 1);
}

/// 6120-10.4.3-04: who sent it hears by way of their server that it was not delivered.
#[test]
fn what_cannot_be_delivered_here_is_answered() {
    let (mut net, _) = net();
    for to in ["nobody@example.com", "juliet@example.com/gone"] {
        net.send_remote(&format!(
            "<iq from='romeo@example.net/o' to='{to}' id='x' type='get'><q xmlns='q'/></iq>"
        ))
        .unwrap();
        net.expect_routed(
            AFAR,
            &[&format!(
                "<iq from='{to}' to='romeo@example.net/o' id='x' type='error'>\
                 <error type='cancel'><service-unavailable \
                 xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            )],
        );
    }
    net.expect_silence();
}

/// 6120-10.1-05: what comes from afar, to the bare JID or to a full one, is delivered in the order
/// in which it came.
#[test]
fn stanzas_from_afar_are_delivered_in_order() {
    let (mut net, balcony) = net();
    for number in 0..20 {
        let to = ["juliet@example.com", "juliet@example.com/balcony"][number % 2];
        net.send_remote(&format!(
            "<message from='romeo@example.net/o' to='{to}' id='{number}' type='chat'><body/></message>"
        ))
        .unwrap();
    }
    let got: Vec<_> =
        net.take(balcony).iter().map(|m| m.attr("id").unwrap().into_owned()).collect();
    assert_eq!(got, (0..20).map(|number| number.to_string()).collect::<Vec<_>>());
}

/// 6120-10.4-01, 6120-10.1-03: in the order in which the client has sent them, to the bare JID or
/// to a full one.
#[test]
fn stanzas_are_routed_in_order() {
    let (mut net, balcony) = net();
    let expected: Vec<_> = (0..20)
        .map(|number| {
            let to = ["romeo@example.net", "romeo@example.net/o"][number % 2];
            net.send(balcony, &format!("<message to='{to}' id='{number}'/>"));
            format!("<message to='{to}' id='{number}' from='juliet@example.com/balcony'/>")
        })
        .collect();
    net.expect_routed(AFAR, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

/// 6121-3.1.2-06, 6121-3.3.2-03: a request, and the end of a subscription, go to the other server.
#[test]
fn requests_go_to_the_other_server() {
    let (mut net, balcony) = net();
    for kind in ["subscribe", "unsubscribe"] {
        net.send(balcony, &format!("<presence to='romeo@example.net' type='{kind}' id='x'/>"));
        let routed = format!(
            "<presence to='romeo@example.net' type='{kind}' id='x' from='juliet@example.com'/>"
        );
        net.expect_routed(AFAR, &[&routed]);
    }
}

/// 6121-4.3.2-02, 6121-4.3.2-03: a probe of one who is not subscribed is answered from the bare
/// JID, and does not end a pre-approval.
#[test]
fn a_probe_leaves_a_pre_approval_alone() {
    let (mut net, balcony) = net();
    net.send(balcony, "<presence to='romeo@example.net' type='subscribed'/>");
    net.expect_routed(AFAR, &[]);
    let from_romeo = "from='romeo@example.net' to='juliet@example.com'";
    let answer = |kind| {
        format!("<presence from='juliet@example.com' to='romeo@example.net' type='{kind}'/>")
    };
    net.send_remote(&format!("<presence {from_romeo} type='probe'/>")).unwrap();
    net.expect_routed(AFAR, &[&answer("unsubscribed")]);
    net.send_remote(&format!("<presence {from_romeo} type='subscribe'/>")).unwrap();
    let presence = "<presence from='juliet@example.com/balcony' to='romeo@example.net'/>";
    net.expect_routed(AFAR, &[&answer("subscribed"), presence]);
}

/// RFC 6121 §2.5.2: an item removed ends both directions, with unavailable presence before the
/// second (6121-3.2.2-05).
#[test]
fn an_item_removed() {
    let (mut net, balcony) = net();
    net.send(balcony, "<presence to='romeo@example.net' type='subscribe'/>");
    for kind in ["subscribed", "subscribe"] {
        net.send_remote(&format!(
            "<presence from='romeo@example.net' to='juliet@example.com' type='{kind}'/>"
        ))
        .unwrap();
    }
    net.send(balcony, "<presence to='romeo@example.net' type='subscribed'/>");
    net.drain();
    net.send(
        balcony,
        "<iq type='set' id='r'><query xmlns='jabber:iq:roster'>\
         <item jid='romeo@example.net' subscription='remove'/></query></iq>",
    );
    let from = "from='juliet@example.com' to='romeo@example.net'";
    net.expect_routed(
        AFAR,
        &[
            &format!("<presence {from} type='unsubscribe'/>"),
            "<presence from='juliet@example.com/balcony' to='romeo@example.net' \
             type='unavailable'/>",
            &format!("<presence {from} type='unsubscribed'/>"),
        ],
    );
}

/// 6121-3.1.3-02: as if it had been to the bare address, and from account to account; also
/// what is said when there is no room for it.
#[test]
fn a_subscription_is_between_accounts_whatever_its_addresses_were() {
    let mut config = Config::default();
    config.limits.roster.max_requests = 1;
    let mut net = Net::with(config, &["juliet"]);
    net.connect(AFAR);
    let balcony = net.login("juliet", "balcony");
    let ask = |name: &str| {
        format!(
            "<presence from='{name}@example.net/orchard' to='juliet@example.com/balcony' \
             id='x' type='subscribe'/>"
        )
    };
    net.send_remote(&ask("romeo")).unwrap();
    let told = "<presence from='romeo@example.net' to='juliet@example.com' id='x' \
                type='subscribe'/>";
    net.expect(balcony, &[told]);
    net.send_remote(&ask("paris")).unwrap();
    net.expect_nothing(balcony);
    let refused =
        error("presence", "juliet@example.com", "paris@example.net", "resource-constraint");
    net.expect_routed(AFAR, &[&refused]);
}

/// 6121-3.1.3-07: who asks again from afar is told again, by the server; the user hears nothing.
#[test]
fn a_subscriber_who_asks_again_is_told_again() {
    let (mut net, balcony) = net();
    let ask = "<presence from='romeo@example.net' to='juliet@example.com' type='subscribe'/>";
    net.send_remote(ask).unwrap();
    net.send(balcony, "<presence to='romeo@example.net' type='subscribed'/>");
    net.take_routed(AFAR);
    net.drain();
    net.send_remote(ask).unwrap();
    net.expect_routed(
        AFAR,
        &["<presence from='juliet@example.com' to='romeo@example.net' type='subscribed'/>"],
    );
    net.expect_silence();
    assert_eq!(net.host.roster(&bare("juliet")).unwrap().len(), 1);
}

/// 6121-3.2.3-06, 6121-3.3.3-05, 6121-3.1.6-06: an end of what there is not, and an answer to
/// what was not asked, for a user who has the other in the roster, has not, or does not exist.
#[test]
fn what_changes_nothing_is_ignored() {
    let (mut net, balcony) = net();
    let item = "<item jid='paris@example.net' name='P'/>";
    net.send(
        balcony,
        &format!("<iq id='s' type='set'><query xmlns='jabber:iq:roster'>{item}</query></iq>"),
    );
    net.drain();
    for from in ["romeo@example.net", "paris@example.net"] {
        for to in ["juliet@example.com", "nobody@example.com"] {
            for kind in ["subscribed", "unsubscribe", "unsubscribed"] {
                net.send_remote(&format!("<presence from='{from}' to='{to}' type='{kind}'/>"))
                    .unwrap();
                net.expect_silence();
                net.expect_routed(AFAR, &[]);
            }
        }
    }
    let roster = net.host.roster(&bare("juliet")).unwrap();
    let items: Vec<_> = roster.items().map(|item| (item.jid.as_str(), &*item.name)).collect();
    assert_eq!(items, [("paris@example.net", "P")]);
}

/// 6121-3.1.3-01, -03: the syntax of the addresses counts before anything else does.
#[test]
fn a_request_from_afar_to_a_malformed_address() {
    let (mut net, _) = net();
    for to in ["@example.com", "a b@example.com", "juliet@example.com/", ""] {
        let ask = format!("<presence from='romeo@example.net' to='{to}' type='subscribe'/>");
        net.send_remote(&ask).unwrap();
        let [answer] = &net.take_routed(AFAR)[..] else { panic!("an error for {to:?}") };
        assert!(answer.contains("<jid-malformed "), "{answer}");
    }
    net.expect_silence();
    assert!(net.host.roster(&bare("juliet")).unwrap().is_empty());
}
