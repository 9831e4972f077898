//! What servers open their streams with.

use xmpp_core::{Event, PeerAnswer, PeerEvent};

use crate::ends::{
    Ends, LOCAL, REMOTE, config, dialback_alone, inbound, initial, outbound, response,
};

const STARTTLS: &str =
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>";

#[test]
fn the_initial_header_between_servers() {
    // 6120-stream-attribute-initial-from, 6120-stream-attribute-initial-to,
    // 6120-stream-attribute-initial-lang, 6120-xml-namespace-content-server,
    // 6120-4.7.1-02, 6120-4.7.2-01, 6120-4.7.5-04
    let mut out = outbound(config());
    let header = out.sent();
    for part in [
        "<stream:stream xmlns='jabber:server'",
        "xmlns:stream='http://etherx.jabber.org/streams'",
        " from='montague.example' to='capulet.example'",
        " version='1.0'",
        " xml:lang='en'",
    ] {
        assert!(header.contains(part), "{part}: {header}");
    }
    // 6120-4.7.3-03: no id.
    assert!(!header.contains(" id="), "{header}");
    // The same again under TLS: 6120-5.4.3.3-04, 6120-tls-restart
    out.receive(response("1", "version='1.0'")).receive(STARTTLS).sent();
    out.receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    assert_eq!(out.sent(), header);
}

#[test]
fn the_response_header_between_servers() {
    // 6120-stream-attribute-response-from, 6120-stream-attribute-response-to,
    // 6120-stream-attribute-response-id, 6120-4.7.1-03, 6120-4.7.2-04, 6120-4.7.3-04
    let mut inn = inbound(config());
    inn.receive(initial("version='1.0'"));
    let said = inn.sent();
    for part in [
        "<stream:stream xmlns='jabber:server'",
        " from='capulet.example' to='montague.example'",
        " version='1.0'",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let id = |said: &str| {
        let (_, rest) = said.split_once(" id='").unwrap();
        rest.split_once('\'').unwrap().0.to_owned()
    };
    assert_eq!(id(&said), inn.connection.stream_id());
    // 6120-stream-attribute-response-id-unique, 6120-5.4.3.3-05, 6120-6.4.6-05: each
    // stream has its own, over TLS and over SASL.
    inn.receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").sent();
    inn.receive(initial("version='1.0'"));
    let under_tls = inn.sent();
    inn.receive("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
    inn.sent();
    inn.receive(initial("version='1.0'"));
    let authenticated = inn.sent();
    let ids = [id(&said), id(&under_tls), id(&authenticated)];
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
    // 6120-5.4.3.3-06, 6120-6.4.6-06: features behind each header, without what is done.
    assert!(!under_tls.contains("<starttls") && under_tls.contains("EXTERNAL"));
    assert!(authenticated.contains("<stream:features>") && !authenticated.contains("EXTERNAL"));
}

#[test]
fn an_id_of_the_initiating_server_is_ignored() {
    // 6120-4.7.3-03
    let mut inn = inbound(config());
    inn.receive(initial("version='1.0' id='mine'"));
    assert_ne!(inn.connection.stream_id(), "mine");
}

#[test]
fn headers_in_error_are_answered_with_a_header() {
    // 6120-4.9.1.2-01, 6120-4.9.1.3-01
    for (from, to, condition) in [
        (LOCAL, "juliet@capulet.example", "host-unknown"),
        ("romeo@montague.example", REMOTE, "invalid-from"),
    ] {
        let mut inn = inbound(config());
        inn.receive(initial("version='1.0'").replace(LOCAL, from).replace(REMOTE, to));
        let said = inn.sent();
        assert_eq!(inn.condition(), Some(condition));
        assert!(said.contains("<stream:stream ") && said.contains(" from=''"), "{said}");
        assert!(said.ends_with("</stream:stream>"), "{said}");
    }
    let mut inn = inbound(config());
    inn.receive(initial("version='1.0'").replace("jabber:server'", "jabber:client'"));
    assert_eq!(inn.condition(), Some("invalid-namespace"));
    // 6120-4.7.2-04: to whom it says to be from.
    let said = inn.sent();
    assert!(said.contains(" to='montague.example'"), "{said}");
    // That is a domain.
    let mut inn = inbound(config());
    let header = initial("version='1.0'").replace("jabber:server'", "jabber:client'");
    inn.receive(header.replace(LOCAL, "romeo@montague.example"));
    let said = inn.sent();
    assert!(said.contains("<invalid-namespace ") && !said.contains(" to="), "{said}");
}

#[test]
fn headers_without_addresses_are_for_the_driver_to_judge() {
    // 6120-4.7.1-05, 6120-4.7.2-06: "liberal in accepting such stream headers".
    let (from, to) = (format!("from='{LOCAL}'"), format!("to='{REMOTE}'"));
    for (left_out, local, remote) in [(from, Some(REMOTE), None), (to, None, Some(LOCAL))] {
        let mut inn = inbound(dialback_alone());
        let header = initial("version='1.0'").replace(&left_out, "");
        assert_eq!(inn.rx.push(header.as_bytes()), header.len());
        let mut asked = None;
        while let Some(event) =
            inn.connection.poll_event(inn.now, &mut inn.rx, &mut inn.tx).unwrap()
        {
            if let Event::Role(PeerEvent::PeerWanted(query)) = event {
                asked = Some((query.local().cloned(), query.remote().cloned()));
                inn.connection.accept_peer(query, PeerAnswer::NotProved, &mut inn.tx).unwrap();
            }
        }
        let (here, there) = asked.unwrap();
        assert_eq!(here.as_ref().map(|domain| domain.as_str()), local);
        assert_eq!(there.as_ref().map(|domain| domain.as_str()), remote);
        // 6120-4.7.2-04: to nobody where it is not known to whom.
        let said = inn.sent();
        assert_eq!(said.contains(" to='montague.example'"), remote.is_some(), "{said}");
        assert!(said.contains("<stream:features>"), "{said}");
    }
}

#[test]
fn the_response_is_from_whom_was_asked_for() {
    // 6120-tls-correlate, 6120-13.7.2-04: who TLS was for. 6120-4.7.1-05: or from nobody.
    let mut out = outbound(dialback_alone());
    let header = response("1", "version='1.0'").replace(REMOTE, "evil.example");
    out.receive(header).receive("<stream:features/>");
    assert_eq!(out.condition(), Some("invalid-from"));
    let mut out = outbound(dialback_alone());
    let header = response("1", "version='1.0'").replace("from='capulet.example'", "");
    out.receive(header).receive("<stream:features/>");
    assert!(out.established);
}

#[test]
fn tls_that_is_demanded_stands_alone() {
    // 6120-tls-mtn, 6120-5.3.1-01 and -02, 6120-5.4.1-04
    let mut inn = inbound(config());
    inn.receive(initial("version='1.0'"));
    let said = inn.sent();
    let (_, features) = said.split_once("<stream:features>").unwrap();
    assert_eq!(
        features,
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>\
         </stream:features>"
    );
}

#[test]
fn two_servers_come_to_terms_and_part() {
    // 6120-4.4-01: closing tags of both.
    let mut ends = Ends::new(config(), config()).driven();
    assert!(ends.out.established && ends.inn.established);
    ends.out.connection.close(ends.out.now, None, &mut ends.out.tx);
    ends.drive();
    assert!(ends.out.closed && ends.inn.closed);
    assert_eq!((&ends.out.error, &ends.inn.error), (&None, &None));
}
