//! What either end of a stream between servers asks its driver about the peer.

use xmpp_core::config::DialbackPolicy;
use xmpp_core::role::PeerRole;
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::{
    Error, Event, Misuse, PairError, PeerAnswer, PeerEvent, PeerIncompatible, PeerQuery,
};

use crate::ends::{
    End, Ends, LOCAL, REMOTE, config, domain, facts, inbound, initial, outbound, pair, response,
};

const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/// The next query about the peer, which is not answered.
fn query<R: PeerRole>(end: &mut End<R>, bytes: &str) -> PeerQuery {
    end.rx.push(bytes.as_bytes());
    loop {
        match end.connection.poll_event(end.now, &mut end.rx, &mut end.tx).unwrap() {
            Some(Event::StartTls) => {
                let (rx, tx) = (&mut end.rx, &mut end.tx);
                let facts = facts().with_peer_proved(false);
                end.connection.tls_established(end.now, facts, rx, tx).unwrap();
            }
            Some(Event::Role(PeerEvent::PeerWanted(query))) => return query,
            Some(_) => {}
            None => panic!("no query"),
        }
    }
}

/// An initiating server whose peer's certificate is to be judged.
fn asking_outbound() -> (End<xmpp_core::role::ServerToServer>, PeerQuery) {
    let mut out = outbound(config());
    out.receive(response("1", "version='1.0'"));
    out.receive(format!("<stream:features>{STARTTLS}</stream:features>")).sent();
    let asked = query(&mut out, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    (out, asked)
}

/// A receiving server that is asked for the second time, under TLS.
fn asking_inbound() -> (End<xmpp_core::role::ServerFromServer>, PeerQuery) {
    let mut inn = inbound(config());
    inn.receive(initial("version='1.0'"));
    inn.receive(STARTTLS).sent();
    let asked = query(&mut inn, &initial("version='1.0'"));
    (inn, asked)
}

/// 6120-5.4.3.3-03: in the clear and again under TLS.
#[test]
fn a_query_says_whom_it_is_about() {
    let mut inn = inbound(config());
    let clear = query(&mut inn, &initial("version='1.0'"));
    assert_eq!(clear.local(), Some(&domain(REMOTE)));
    assert_eq!(clear.remote(), Some(&domain(LOCAL)));
    assert_eq!((clear.is_tls(), clear.certificate()), (false, None));
    let mut inn = inbound(config());
    let bare = initial("version='1.0'").replace(&format!("from='{LOCAL}' to='{REMOTE}'"), "");
    let unknown = query(&mut inn, &bare);
    assert_eq!((unknown.local(), unknown.remote()), (None, None));
    let (_, inbound) = asking_inbound();
    assert_eq!(inbound.local(), Some(&domain(REMOTE)));
    assert_eq!((inbound.is_tls(), inbound.certificate()), (true, Some(&b"certificate"[..])));
    let (_, outbound) = asking_outbound();
    assert_eq!(outbound.local(), Some(&domain(LOCAL)));
    assert_eq!(outbound.remote(), Some(&domain(REMOTE)));
    assert_eq!((outbound.is_tls(), outbound.certificate()), (true, Some(&b"certificate"[..])));
}

#[test]
fn an_answer_to_another_query_is_a_misuse() {
    let (mut inn, inbound) = asking_inbound();
    let (mut out, outbound) = asking_outbound();
    let refused = out.connection.accept_peer(inbound, PeerAnswer::Proved, &mut out.tx);
    assert_eq!((refused, out.sent().as_str()), (Err(Misuse::StaleQuery), ""));
    let error = StreamError::new(StreamCondition::NotAuthorized);
    let refused = inn.connection.refuse_peer(outbound, error, &mut inn.tx);
    assert_eq!((refused, inn.sent().as_str()), (Err(Misuse::StaleQuery), ""));
    inn.poll();
    assert!(!inn.closed && inn.error.is_none());
}

/// A server that does not offer TLS and is asked for it all the same says so by ending the
/// stream. Where it has offered it, the end has another reason.
#[test]
fn a_peer_that_ends_the_stream_in_place_of_tls() {
    let error = "<stream:error><unsupported-stanza-type \
        xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>";
    for offered in [false, true] {
        let mut out = outbound(config());
        out.receive(response("1", "version='1.0'"));
        let offer = if offered { STARTTLS } else { "" };
        out.receive(format!("<stream:features>{offer}</stream:features>"));
        assert!(out.sent().ends_with(STARTTLS));
        out.receive(error);
        let expected = if offered {
            Error::StreamError(StreamError::new(StreamCondition::UnsupportedStanzaType))
        } else {
            PeerIncompatible::NoStartTls.into()
        };
        assert_eq!(out.error, Some(expected));
    }
}

/// RFC 6120 section 6.4.5: what was not offered is not taken, and an answer to nothing is
/// malformed.
#[test]
fn a_peer_that_is_proved_uses_external_or_nothing() {
    let sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
    for (said, told) in [
        (format!("<auth xmlns='{sasl}' mechanism='PLAIN'>=</auth>"), "<invalid-mechanism/>"),
        (format!("<auth xmlns='{sasl}' mechanism='external'>=</auth>"), "<invalid-mechanism/>"),
        (format!("<response xmlns='{sasl}'>=</response>"), "<malformed-request/>"),
        (format!("<response xmlns='{sasl}'/>"), "<malformed-request/>"),
        (format!("<abort xmlns='{sasl}'/>"), "<aborted/>"),
        (format!("<auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>"), "<success "),
    ] {
        let mut inn = inbound(config());
        inn.receive(initial("version='1.0'")).receive(STARTTLS);
        inn.receive(initial("version='1.0'")).sent();
        inn.receive(&said);
        let answer = inn.sent();
        assert!(answer.contains(told), "{said}: {answer}");
    }
    // Of what is no response, once one was asked for, either.
    let mut inn = inbound(config());
    inn.receive(initial("version='1.0'")).receive(STARTTLS);
    inn.receive(initial("version='1.0'")).sent();
    inn.receive(format!("<auth xmlns='{sasl}' mechanism='EXTERNAL'/>")).sent();
    inn.receive(format!("<abort xmlns='{sasl}'/>"));
    assert!(inn.sent().contains("<aborted/>"));
}

/// XEP-0178 section 3: EXTERNAL where it is offered, dialback where not.
#[test]
fn external_is_begun_where_it_is_offered() {
    for (mechanism, begins) in [("EXTERNAL", true), ("SCRAM-SHA-1", false), ("PLAIN", false)] {
        let mut out = outbound(config());
        let header = response("1", "version='1.0'");
        out.receive(&header).receive(format!("<stream:features>{STARTTLS}</stream:features>"));
        out.receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").receive(&header).sent();
        out.receive(format!(
            "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
             <mechanism>{mechanism}</mechanism></mechanisms>\
             <dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback></stream:features>"
        ));
        let said = out.sent();
        assert_eq!(said.contains("<auth "), begins, "{mechanism}: {said}");
        assert_eq!(said.contains("<db:result "), !begins, "{mechanism}: {said}");
    }
}

/// XEP-0220 section 2.5: further pairs are asked for by dialback, which the policy has to
/// have.
#[test]
fn without_dialback_there_are_no_further_pairs() {
    for policy in [DialbackPolicy::Never, DialbackPolicy::OverTls] {
        let mut config = config();
        config.dialback = policy;
        let mut ends = Ends::new(config, crate::ends::config()).driven();
        assert!(ends.out.established, "{:?}", ends.out.log);
        let more = pair("rooms.montague.example", REMOTE);
        let asked = ends.out.connection.request_pair(ends.out.now, &more, &mut ends.out.tx);
        let has_dialback = policy == DialbackPolicy::OverTls;
        let expected = if has_dialback { Ok(()) } else { Err(PairError::NoDialback) };
        assert_eq!(asked, expected);
        assert_eq!(ends.out.sent().contains("<db:result "), has_dialback);
    }
}
