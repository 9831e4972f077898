//! STARTTLS and SASL EXTERNAL between servers.

use core::time::Duration;

use xmpp_core::config::{DialbackPolicy, TlsMode};
use xmpp_core::jid::Jid;
use xmpp_core::role::ServerToServer;
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, StreamCondition, StreamError};
use xmpp_core::time::TimerReason;
use xmpp_core::{
    Error, Event, PairError, PeerAnswer, PeerEvent, PeerIncompatible, PeerMisbehaved, SendError,
};

use crate::ends::{
    End, Ends, LOCAL, REMOTE, config, dialback_alone, facts, inbound, initial, message, outbound,
    pair, response,
};

/// 6120-security-mti-both-external, 6120-sasl-mtn, 6120-tls-mtn, 6120-13.14-02, 7590-3.4-03:
/// between servers as well.
#[test]
fn a_certificate_lets_the_pair_of_the_header_in() {
    // XEP-0178 section 3
    let mut config = config();
    config.bidi = false;
    let mut ends = Ends::new(config.clone(), config).driven();
    assert!(ends.out.established && ends.inn.established, "{:?} {:?}", ends.out.log, ends.inn.log);
    assert!(ends.out.sends(LOCAL, REMOTE) && ends.inn.receives(REMOTE, LOCAL));
    // One way alone: streams between servers have one direction.
    assert!(!ends.out.receives(LOCAL, REMOTE) && !ends.inn.sends(REMOTE, LOCAL));
    ends.out.send(&message("romeo@montague.example/x", "juliet@capulet.example", "1")).unwrap();
    ends.drive();
    assert_eq!(ends.inn.stanzas, ["1"]);
    // No dialback was spoken.
    assert!(ends.inn.results.is_empty());
    let by = "by: Certificate";
    assert!(ends.inn.log.iter().any(|event| event.contains(by)), "{:?}", ends.inn.log);
}

/// 6120-4.3.6-07, 6120-6.3.8-05
#[test]
fn the_authorization_identity_is_the_domain_or_none() {
    for (authzid, sent) in [(true, ">bW9udGFndWUuZXhhbXBsZQ==</auth>"), (false, ">=</auth>")] {
        let mut config = config();
        config.external_authzid = authzid;
        let mut out = outbound(config.clone());
        let header = response("1", "version='1.0'");
        out.receive(&header).receive(
            "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\
             </stream:features>",
        );
        out.receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").receive(&header);
        out.receive(
            "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
             <mechanism>EXTERNAL</mechanism></mechanisms></stream:features>",
        );
        let said = out.sent();
        assert!(said.contains(sent), "{said}");
        let ends = Ends::new(config.clone(), config).driven();
        assert!(ends.inn.receives(REMOTE, LOCAL));
    }
}

#[test]
fn a_receiving_server_asks_for_what_it_was_not_told() {
    let mut inn = inbound(config());
    inn.receive(initial("version='1.0'"));
    inn.receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    inn.receive(initial("version='1.0'")).sent();
    inn.receive("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'/>");
    assert_eq!(inn.sent(), "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    inn.receive("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    assert_eq!(inn.sent(), "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    inn.receive(initial("version='1.0'"));
    assert!(inn.established && inn.receives(REMOTE, LOCAL));
}

#[test]
fn somebody_elses_name_is_refused() {
    // 6120-6.4.6-01, 6120-sasl-correlate, XEP-0178 section 3: the authorization identity is who the header says it is.
    let auth = |base64: &str| {
        let mut inn = inbound(config());
        inn.receive(initial("version='1.0'"));
        inn.receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        inn.receive(initial("version='1.0'")).sent();
        inn.receive(format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>{base64}</auth>"
        ));
        inn.sent()
    };
    // evil.example
    assert!(auth("ZXZpbC5leGFtcGxl").contains("<invalid-authzid/>"));
    assert!(auth("!").contains("<incorrect-encoding/>"));
    assert!(auth("=").contains("<success"));
    // MONTAGUE.example: the same domain.
    assert!(auth("TU9OVEFHVUUuZXhhbXBsZQ==").contains("<success"));
}

#[test]
fn nobody_gets_in_by_a_mechanism_that_was_not_offered() {
    let mut inn = inbound(config());
    inn.proved = false;
    inn.receive(initial("version='1.0'"));
    inn.receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    inn.receive(initial("version='1.0'"));
    let offer = inn.sent();
    assert!(!offer.contains("EXTERNAL"), "{offer}");
    for attempt in 1..=3 {
        inn.receive("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
        let said = inn.sent();
        assert!(said.contains("<invalid-mechanism/>"), "{said}");
        // 6120-6.4.5-02 and -05: after some attempts the stream ends.
        assert_eq!(inn.closed, attempt == 3);
    }
    assert_eq!(inn.error, Some(Error::TooManyFailedLogins));
}

/// 6120-6.4.5-06: "the receiving entity SHOULD instead close the stream with a
/// <policy-violation/> stream error instead of waiting for the stream to time out". While
/// STARTTLS may bring a certificate it goes on; where dialback will do as well.
#[test]
fn whom_nothing_can_let_in_is_told_so() {
    for (policy, proved) in [
        (DialbackPolicy::Never, false),
        (DialbackPolicy::Never, true),
        (DialbackPolicy::OverTls, false),
    ] {
        let mut config = config();
        config.dialback = policy;
        let mut inn = inbound(config);
        inn.proved = proved;
        inn.receive(initial("version='1.0'"));
        let offer = inn.sent();
        // 6120-5.4.1-04: nothing but TLS before it.
        assert!(offer.contains("<starttls ") && !offer.contains("EXTERNAL"), "{offer}");
        assert!(!offer.contains("dialback xmlns") && !offer.contains("bidi"), "{offer}");
        inn.receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        inn.receive(initial("version='1.0'"));
        let said = inn.sent();
        let ends = policy == DialbackPolicy::Never && !proved;
        assert_eq!(inn.condition(), ends.then_some("policy-violation"), "{said}");
        assert_eq!(said.contains("<stream:features"), !ends, "{said}");
        // With a header in front of the error, from the domain that was accepted.
        assert_eq!(said.matches(&format!("from='{REMOTE}'")).count(), 1, "{said}");
    }
}

/// 6120-5.4.1-04 and XEP-0178 section 3: the certificate is that of TLS. Whatever the driver
/// says, it proves nothing before; unless there is never any TLS on that stream.
#[test]
fn nobody_gets_in_by_a_certificate_in_the_clear() {
    for (tls, gets_in) in [(TlsMode::StartTls, false), (TlsMode::DangerousPlaintext, true)] {
        let mut config = dialback_alone();
        (config.external, config.tls) = (true, tls);
        let mut inn = inbound(config);
        let header = initial("version='1.0'");
        assert_eq!(inn.rx.push(header.as_bytes()), header.len());
        while let Some(event) =
            inn.connection.poll_event(inn.now, &mut inn.rx, &mut inn.tx).unwrap()
        {
            if let Event::Role(PeerEvent::PeerWanted(query)) = event {
                inn.connection.accept_peer(query, PeerAnswer::Proved, &mut inn.tx).unwrap();
            }
        }
        let offer = inn.sent();
        assert_eq!(offer.contains("EXTERNAL"), gets_in, "{offer}");
        inn.receive("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
        let said = inn.sent();
        assert_eq!(said.contains("<success "), gets_in, "{tls:?}: {said}");
        assert_eq!(said.contains("<invalid-mechanism/>"), !gets_in, "{tls:?}: {said}");
    }
}

/// XEP-0178 section 3: dialback may follow.
#[test]
fn a_server_that_is_not_let_in_falls_back_to_dialback() {
    let mut out = outbound(config());
    let header = response("1", "version='1.0'");
    out.receive(&header);
    out.receive(
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
    );
    out.receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").receive(&header);
    out.receive(
        "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
         <mechanism>EXTERNAL</mechanism></mechanisms>\
         <dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback></stream:features>",
    );
    out.sent();
    out.receive("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
    assert!(out.sent().starts_with("<db:result"));
    assert!(out.established);
    let Some(PeerEvent::AuthenticationFailed { failure }) = out.events.pop_front() else {
        panic!("{:?}", out.log)
    };
    assert_eq!(failure.condition.as_str(), "not-authorized");
    assert!(!out.sends(LOCAL, REMOTE));
    out.receive(format!("<db:result from='{REMOTE}' to='{LOCAL}' type='valid'/>"));
    assert!(out.sends(LOCAL, REMOTE));
}

#[test]
fn without_dialback_the_refusal_is_the_end() {
    let mut config = config();
    config.dialback = DialbackPolicy::Never;
    let mut out = outbound(config);
    let header = response("1", "version='1.0'");
    out.receive(&header);
    out.receive(
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
    );
    out.receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").receive(&header);
    out.receive(
        "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
         <mechanism>EXTERNAL</mechanism></mechanisms></stream:features>",
    );
    out.receive("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
    assert!(matches!(out.error, Some(Error::NotAuthenticated(_))), "{:?}", out.error);
}

#[test]
fn no_tls_no_stream() {
    // 6120-tls-mtn, 6120-13.14-03: by default nothing goes without TLS, which is asked for
    // where it is not offered (7590-3.1-01).
    let mut out = outbound(config());
    out.sent();
    out.receive(response("1", "version='1.0'"));
    out.receive(
        "<stream:features><dialback xmlns='urn:xmpp:features:dialback'/></stream:features>",
    );
    assert_eq!(out.sent(), "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    out.receive("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    assert_eq!(out.sent(), "");
    assert_eq!(out.error, Some(Error::Incompatible(PeerIncompatible::NoStartTls)));
}

/// 6120-5.4.3.3-03: what was said in the clear does not count: both domains are asked about again.
#[test]
fn the_peer_is_asked_about_again_under_tls() {
    let mut inn = inbound(config());
    inn.receive(initial("version='1.0'"));
    inn.receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    let header = initial("version='1.0'").replace(LOCAL, "evil.example");
    inn.receive(header);
    let wanted: Vec<_> = inn.log.iter().filter(|event| event.contains("PeerWanted")).collect();
    assert_eq!(wanted.len(), 2);
    assert!(wanted[0].contains("is_tls: false") && wanted[0].contains("montague.example"));
    assert!(wanted[1].contains("is_tls: true") && wanted[1].contains("evil.example"));
}

#[test]
fn after_authentication_the_two_domains_stay() {
    // 6120-sasl-correlate: a `from` that is not who has authenticated.
    for (from, to, condition) in
        [("evil.example", REMOTE, "invalid-from"), (LOCAL, "other.example", "host-unknown")]
    {
        let mut inn = inbound(config());
        inn.receive(initial("version='1.0'"));
        inn.receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        inn.receive(initial("version='1.0'"));
        inn.receive("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
        let header = initial("version='1.0'").replace(LOCAL, from).replace(REMOTE, to);
        inn.receive(header);
        assert_eq!(inn.condition(), Some(condition));
        assert!(!inn.established);
    }
}

/// The driver of the initiating server may look at the certificate before anything is
/// said under TLS.
#[test]
fn nothing_is_sent_before_the_certificate_is_judged() {
    let mut out = outbound(config());
    out.receive(response("1", "version='1.0'"));
    out.receive(
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
    );
    out.sent();
    assert_eq!(out.rx.push(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), 50);
    let event = out.connection.poll_event(out.now, &mut out.rx, &mut out.tx).unwrap();
    assert!(matches!(event, Some(Event::StartTls)));
    let facts = facts().with_peer_proved(false);
    out.connection.tls_established(out.now, facts, &mut out.rx, &mut out.tx).unwrap();
    assert_eq!(out.sent(), "");
    let event = out.connection.poll_event(out.now, &mut out.rx, &mut out.tx).unwrap();
    let Some(Event::Role(PeerEvent::PeerWanted(query))) = event else { panic!("{event:?}") };
    assert_eq!(query.certificate(), Some(&b"certificate"[..]));
    assert_eq!(query.remote().unwrap().as_str(), REMOTE);
    out.connection.accept_peer(query, PeerAnswer::Proved, &mut out.tx).unwrap();
    assert!(out.sent().contains("<stream:stream"));
}

#[test]
fn a_peer_that_is_not_wanted_is_told_so() {
    let mut inn = inbound(config());
    assert!(inn.rx.push(initial("version='1.0'").as_bytes()) > 0);
    let mut refused = false;
    while let Ok(Some(event)) = inn.connection.poll_event(inn.now, &mut inn.rx, &mut inn.tx) {
        if let Event::Role(PeerEvent::PeerWanted(query)) = event {
            let error = StreamError::new(StreamCondition::HostUnknown);
            inn.connection.refuse_peer(query, error, &mut inn.tx).unwrap();
            refused = true;
        }
    }
    assert!(refused);
    let said = inn.sent();
    assert!(said.contains("<host-unknown") && said.ends_with("</stream:stream>"), "{said}");
    // 6120-4.9.1.3-01: nobody has said that the domain is served here.
    assert!(said.contains("<stream:stream ") && said.contains(" from=''"), "{said}");
}

/// The same of the initiating server, which has said nothing yet on the stream under TLS:
/// a header comes first (6120-4.9.1.2-01).
#[test]
fn a_receiving_server_that_is_not_wanted_is_told_so() {
    let mut out = outbound(config());
    out.receive(response("1", "version='1.0'"));
    out.receive(
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
    );
    out.sent();
    assert_eq!(out.rx.push(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), 50);
    let mut refused = false;
    while let Ok(Some(event)) = out.connection.poll_event(out.now, &mut out.rx, &mut out.tx) {
        match event {
            Event::StartTls => {
                let facts = facts().with_peer_proved(false);
                out.connection.tls_established(out.now, facts, &mut out.rx, &mut out.tx).unwrap();
            }
            Event::Role(PeerEvent::PeerWanted(query)) => {
                let error = StreamError::new(StreamCondition::NotAuthorized);
                out.connection.refuse_peer(query, error, &mut out.tx).unwrap();
                refused = true;
            }
            _ => {}
        }
    }
    assert!(refused);
    let said = out.sent();
    let (header, rest) = said.split_once("<stream:error>").unwrap();
    assert!(header.contains("<stream:stream ") && header.contains(" to='capulet.example'"));
    assert!(rest.contains("<not-authorized ") && rest.ends_with("</stream:stream>"), "{said}");
}

/// XEP-0178 section 3: EXTERNAL is about the certificate of TLS, and there is none in the
/// clear, whatever a server offers.
#[test]
fn external_is_not_begun_in_the_clear() {
    let mut config = config();
    config.dialback = DialbackPolicy::DangerousWithoutTls;
    let mut out = outbound(config);
    out.receive(response("1", "version='1.0'")).sent();
    out.receive(
        "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
         <mechanism>EXTERNAL</mechanism></mechanisms>\
         <dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback></stream:features>",
    );
    let said = out.sent();
    assert!(said.starts_with("<db:result ") && !said.contains("<auth "), "{said}");
}

#[test]
fn nothing_is_asked_on_a_stream_that_is_closed() {
    let mut ends = Ends::new(config(), config()).driven();
    let out = &mut ends.out;
    let more = pair("rooms.montague.example", REMOTE);
    out.connection.close(out.now, None, &mut out.tx);
    assert_eq!(out.sent(), "</stream:stream>");
    for closed in [false, true] {
        assert_eq!(out.closed, closed);
        let asked = out.connection.request_pair(out.now, &more, &mut out.tx);
        assert_eq!(asked, Err(PairError::Closed));
        assert_eq!(out.sent(), "");
        out.receive("</stream:stream>");
    }
}

#[test]
fn requests_of_a_server_are_bounded() {
    let mut config = config();
    config.limits.requests = 2;
    let mut ends = Ends::new(config.clone(), config).driven();
    let out = &mut ends.out;
    let mut ask = || {
        let iq = Iq::get("", &Ping).with_from(Jid::new(LOCAL).unwrap());
        let iq = iq.with_to(Jid::new(REMOTE).unwrap());
        out.connection.request(out.now, iq, Duration::from_secs(9), &mut out.tx)
    };
    let (first, second) = (ask().unwrap(), ask().unwrap());
    assert_ne!(first, second);
    assert_eq!(ask(), Err(SendError::TooManyRequests { max: 2 }));
}

/// 6120-13.7.2.3-01: a stream ends with what has proved who the peer is. Of several moments
/// the earliest counts, and it ends a negotiation as well.
#[test]
fn a_stream_ends_with_the_certificate() {
    let mut ends = Ends::new(config(), config()).driven();
    for (end, seconds) in [(20, 20), (30, 20)] {
        let at = ends.inn.now.saturating_add(Duration::from_secs(end));
        ends.inn.connection.expire_at(at);
        let deadline = ends.inn.connection.poll_timeout().unwrap();
        let left = deadline.at.saturating_since(ends.inn.now);
        assert_eq!((deadline.reason, left.as_secs()), (TimerReason::Expiry, seconds));
    }
    ends.inn.after(19);
    assert!(!ends.inn.closed && ends.inn.receives(REMOTE, LOCAL));
    ends.inn.after(1);
    assert_eq!((ends.inn.closed, ends.inn.condition()), (true, Some("reset")));
    assert!(ends.inn.sent().contains("<reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));

    let mut inn = inbound(config());
    inn.receive(initial("version='1.0'"));
    inn.connection.expire_at(inn.now.saturating_add(Duration::from_secs(2)));
    inn.after(2);
    assert_eq!(inn.condition(), Some("reset"));
}

/// RFC 6120, 4.9.3.24: what an initiating server waits for has a namespace as well as a name.
#[test]
fn what_comes_in_place_of_what_is_waited_for_is_unexpected() {
    let header = response("1", "version='1.0'");
    let error = |out: &End<ServerToServer>| match &out.error {
        Some(Error::Peer(PeerMisbehaved::UnexpectedElement { name, expected })) => {
            format!("{name} for {expected}")
        }
        other => format!("{other:?}"),
    };
    let mut out = outbound(config());
    out.receive(&header).receive("<features xmlns='urn:example:x'/>");
    assert_eq!(error(&out), "features for <features/>");
    let mechanisms = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
        <mechanism>EXTERNAL</mechanism></mechanisms></stream:features>";
    let starttls =
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>";
    let proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    let mut out = outbound(config());
    out.receive(&header).receive(starttls).receive(proceed).receive(&header).receive(mechanisms);
    out.receive("<success xmlns='urn:example:x'/>");
    assert_eq!(error(&out), "success for a SASL challenge, success or failure");
    let mut out = outbound(config());
    out.receive(&header).receive(starttls).receive(proceed).receive(&header);
    out.receive(
        "<stream:features><dialback xmlns='urn:xmpp:features:dialback'/></stream:features>",
    );
    out.receive("<result xmlns='urn:example:x'/>");
    assert_eq!(error(&out), "result for a stanza");
}
