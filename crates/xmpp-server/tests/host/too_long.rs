//! What a stream never takes, since it is too long: RFC 6120 §8.3.1, RFC 6121 §4, §8.1.

use xmpp_jid::DomainpartRef;
use xmpp_server::{HandleError, TakenBy, Undelivered};
use xmpp_stanza::StanzaCondition;
use xmpp_xml::{Element, ns};

use super::support::{Id, Net, in_stream_of};

const AFAR: &str = "example.net";
const ROMEO: &str = "romeo@example.net/orchard";
const JULIET: &str = "juliet@example.com";
const BALCONY: &str = "juliet@example.com/balcony";
const ROOMS: &str = "rooms.example.com";

/// Juliet has logged in; there is a way to example.net, and a component.
fn net() -> (Net, Id) {
    let mut net = Net::new(&["juliet"]);
    net.connect(AFAR);
    net.connect(ROOMS);
    net.host.add_component(DomainpartRef::new(ROOMS).unwrap());
    let balcony = net.login("juliet", "balcony");
    (net, balcony)
}

fn refuse(net: &mut Net, taken_by: TakenBy, stanza: &str) -> Result<Undelivered, HandleError> {
    let stream = in_stream_of(ns::CLIENT, stanza);
    let stanza = stream.children().next().unwrap();
    net.send_failed(taken_by, stanza, StanzaCondition::PolicyViolation)
}

/// What has been sent instead is refused once more, and nothing comes of that.
fn refuse_again(net: &mut Net, taken_by: TakenBy, stanza: &str) {
    assert_eq!(refuse(net, taken_by, stanza), Ok(Undelivered::Dropped), "{stanza}");
    net.expect_silence();
    assert!(net.take_routed(AFAR).is_empty() && net.take_routed(ROOMS).is_empty());
}

fn error(name: &str, from: &str, to: &str) -> String {
    format!("<{name} from='{from}' to='{to}' id='x' type='error'>{ERROR}</{name}>")
}

const ERROR: &str = "<error type='modify'>\
                     <policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

/// 6120-8.3.1-01, 6120-8.3.1-02: the sender of a message or of a request is told by an error, and
/// the session goes on.
#[test]
fn messages_and_requests_come_back() {
    let (mut net, balcony) = net();
    for (name, kind) in [("message", "chat"), ("iq", "get"), ("iq", "set")] {
        let stanza = format!(
            "<{name} from='{ROMEO}' to='{BALCONY}' id='x' type='{kind}'><q xmlns='q'/></{name}>"
        );
        let outcome = refuse(&mut net, TakenBy::Session(balcony), &stanza);
        assert_eq!(outcome, Ok(Undelivered::Returned));
        net.expect_silence();
        net.expect_routed(AFAR, &[&error(name, BALCONY, ROMEO)]);
    }
    net.send_remote(&format!("<message from='{ROMEO}' to='{BALCONY}'/>")).unwrap();
    net.expect(balcony, &[&format!("<message from='{ROMEO}' to='{BALCONY}'/>")]);
}

/// The call is for stanzas that the host has sent.
#[test]
fn only_what_was_sent_is_taken_back() {
    let (mut net, balcony) = net();
    let misaddressed = Err(HandleError::ImproperAddressing);
    let no_sender = format!("<message to='{BALCONY}'/>");
    assert_eq!(refuse(&mut net, TakenBy::Session(balcony), &no_sender), misaddressed);
    let not_routed = format!("<message from='{ROMEO}' to='{BALCONY}'/>");
    assert_eq!(refuse(&mut net, TakenBy::Route, &not_routed), misaddressed);
    net.expect_silence();
}

/// 6120-8.3.1-08, 6120-8.3.1-11: an error is not answered; it is sent without what it repeats of
/// the stanza that it answers.
#[test]
fn an_error_loses_what_it_repeats() {
    let (mut net, balcony) = net();
    let session = TakenBy::Session(balcony);
    for name in ["message", "iq", "presence"] {
        let long = error(name, ROMEO, BALCONY).replace("<error ", "<q xmlns='q'/><error ");
        assert_eq!(refuse(&mut net, session, &long), Ok(Undelivered::Replaced));
        let short = error(name, ROMEO, BALCONY);
        net.expect(balcony, &[&short]);
        refuse_again(&mut net, session, &short);

        let long = error(name, BALCONY, ROMEO).replace("<error ", "<q xmlns='q'/><error ");
        assert_eq!(refuse(&mut net, TakenBy::Route, &long), Ok(Undelivered::Replaced));
        let short = error(name, BALCONY, ROMEO);
        net.expect_routed(AFAR, &[&short]);
        refuse_again(&mut net, TakenBy::Route, &short);
    }
}

/// 6120-8.2.3-04: who has asked gets an answer, if not the one that was meant.
#[test]
fn a_result_becomes_an_error() {
    let (mut net, balcony) = net();
    let result =
        |from, to| format!("<iq from='{from}' to='{to}' id='x' type='result'><q xmlns='q'/></iq>");
    let session = TakenBy::Session(balcony);
    assert_eq!(refuse(&mut net, session, &result(ROMEO, BALCONY)), Ok(Undelivered::Replaced));
    net.expect(balcony, &[&error("iq", ROMEO, BALCONY)]);
    let outcome = refuse(&mut net, TakenBy::Route, &result(BALCONY, ROMEO));
    assert_eq!(outcome, Ok(Undelivered::Replaced));
    net.expect_routed(AFAR, &[&error("iq", BALCONY, ROMEO)]);
}

/// 6121-4.5.3-01, 6121-3.1.3-09: the user sees who has left and who asks, even if not in which words.
/// The sender's server is told nothing: the account has taken the stanza.
#[test]
fn the_end_of_presence_and_subscriptions_arrive_without_their_payload() {
    let (mut net, balcony) = net();
    let session = TakenBy::Session(balcony);
    for kind in ["unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed"] {
        let short = format!("<presence from='{ROMEO}' to='{JULIET}' id='x' type='{kind}'/>");
        let long = short.replace("/>", "><status>long</status></presence>");
        assert_eq!(refuse(&mut net, session, &long), Ok(Undelivered::Replaced));
        net.expect(balcony, &[&short]);
        refuse_again(&mut net, session, &short);
    }
    // For a session that has ended meanwhile.
    net.end(balcony);
    let long = format!(
        "<presence from='{ROMEO}' to='{JULIET}' type='unavailable'><status>long</status></presence>"
    );
    refuse_again(&mut net, session, &long);
}

/// RFC 6121 §8.1: available presence that a client's stream does not take is answered neither
/// with one error a resource nor with one that tells a room to remove its occupant; whoever
/// drives the host is told.
#[test]
fn available_presence_is_answered_by_nobody() {
    let (mut net, balcony) = net();
    net.send(balcony, &format!("<presence to='garden@{ROOMS}/juliet'/>"));
    net.drain();
    for (from, to) in [
        (ROMEO, JULIET),
        (ROMEO, BALCONY),
        ("garden@rooms.example.com/romeo", BALCONY),
        ("juliet@example.com/chamber", JULIET),
    ] {
        let long = format!("<presence from='{from}' to='{to}' id='x'><show>dnd</show></presence>");
        refuse_again(&mut net, TakenBy::Session(balcony), &long);
    }
    // Nor what a room sends to its occupants elsewhere.
    let long =
        format!("<presence from='garden@{ROOMS}/juliet' to='{ROMEO}'><x xmlns='x'/></presence>");
    refuse_again(&mut net, TakenBy::Route, &long);
}

/// 6120-8.3.1-01: a user hears that a peer's stream has not taken the presence that was directed
/// there; not that it has not taken a broadcast, of which there may be one a contact.
#[test]
fn directed_presence_to_another_domain_comes_back() {
    let (mut net, balcony) = net();
    let long =
        format!("<presence from='{BALCONY}' to='{ROMEO}' id='x'><show>dnd</show></presence>");
    refuse_again(&mut net, TakenBy::Route, &long);
    net.send(balcony, &format!("<presence to='{ROMEO}' id='x'><show>dnd</show></presence>"));
    net.drain();
    assert_eq!(refuse(&mut net, TakenBy::Route, &long), Ok(Undelivered::Returned));
    net.expect(balcony, &[&error("presence", ROMEO, BALCONY)]);
}

/// 6121-4.5.2-03, 6121-3.1.2-08: the end of presence and a request reach the other server without
/// their payload; a request that does not even so comes back, and is not pending.
#[test]
fn the_end_of_presence_and_subscriptions_leave_without_their_payload() {
    let (mut net, balcony) = net();
    let unavailable = format!("<presence from='{BALCONY}' to='{ROMEO}' type='unavailable'/>");
    let long = unavailable.replace("/>", "><status>long</status></presence>");
    assert_eq!(refuse(&mut net, TakenBy::Route, &long), Ok(Undelivered::Replaced));
    net.expect_routed(AFAR, &[&unavailable]);
    refuse_again(&mut net, TakenBy::Route, &unavailable);

    let romeo = "romeo@example.net";
    net.send(
        balcony,
        &format!("<presence to='{romeo}' type='subscribe' id='x'><status>long</status></presence>"),
    );
    let [long] = &net.take_routed(AFAR)[..] else { panic!("a request") };
    let long = long.clone();
    net.drain();
    assert_eq!(refuse(&mut net, TakenBy::Route, &long), Ok(Undelivered::Replaced));
    net.expect_silence();
    let short = format!("<presence from='{JULIET}' to='{romeo}' id='x' type='subscribe'/>");
    net.expect_routed(AFAR, &[&short]);
    assert_eq!(refuse(&mut net, TakenBy::Route, &short), Ok(Undelivered::Returned));
    let [told, push] = &net.take(balcony)[..] else { panic!("an error and a push") };
    let expected = Element::parse(error("presence", romeo, JULIET).replacen(
        "<presence",
        "<presence xmlns='jabber:client'",
        1,
    ));
    assert_eq!(*told, expected.unwrap());
    assert!(!push.source().contains("ask="), "{}", push.source());
}

/// RFC 6120 §10.4.3: where there is no way to a domain, a sender who waits for an answer is told. The
/// driver is told of everything else.
#[test]
fn the_driver_hears_of_what_was_dropped_on_the_way() {
    let (mut net, balcony) = net();
    let fail = |net: &mut Net, stanza: &str| {
        let stream = in_stream_of(ns::SERVER, stanza);
        let condition = StanzaCondition::RemoteServerTimeout;
        net.route_failed(stream.children().next().unwrap(), condition)
    };
    let message = format!("<message from='{BALCONY}' to='{ROMEO}' id='x'/>");
    assert_eq!(fail(&mut net, &message), Ok(Undelivered::Returned));
    assert_eq!(net.take(balcony).len(), 1);
    for rest in ["/>", "type='unavailable'/>", "type='probe'/>"] {
        let presence = format!("<presence from='{BALCONY}' to='{ROMEO}' {rest}");
        assert_eq!(fail(&mut net, &presence), Ok(Undelivered::Dropped));
    }
    assert_eq!(fail(&mut net, &error("message", BALCONY, ROMEO)), Ok(Undelivered::Dropped));
    net.expect_silence();
}
