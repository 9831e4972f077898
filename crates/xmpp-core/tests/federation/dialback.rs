//! Server dialback (XEP-0220): each of the three parties on its own.

use xmpp_core::config::DialbackPolicy;
use xmpp_core::dialback::{Claim, Verdict, key};
use xmpp_core::sasl::Secret;
use xmpp_core::stanza::StanzaCondition;
use xmpp_core::{Misuse, PairError, PeerEvent, Phase, Purpose, Refusal};

use crate::ends::{
    End, Ends, LOCAL, REMOTE, SECRET, config, dialback_alone, domain, inbound, initial, message,
    outbound, outbound_for, pair, response,
};

type Out = End<xmpp_core::role::ServerToServer>;
type In = End<xmpp_core::role::ServerFromServer>;

const FEATURES: &str = "<stream:features><dialback xmlns='urn:xmpp:features:dialback'><errors/>\
    </dialback></stream:features>";

/// An initiating server that has asked for its pair.
fn asked() -> Out {
    let mut out = outbound(dialback_alone());
    out.receive(response("D60000229F", "version='1.0'")).receive(FEATURES);
    assert!(out.established);
    out
}

/// A receiving server that waits for keys.
fn waiting() -> In {
    let mut inn = inbound(dialback_alone());
    inn.receive(initial("version='1.0'"));
    inn.sent();
    inn
}

fn claim(from: &str, to: &str) -> String {
    format!("<db:result from='{from}' to='{to}'>key</db:result>")
}

fn answer(from: &str, to: &str, kind: &str) -> String {
    format!("<db:result from='{from}' to='{to}' type='{kind}'/>")
}

/// XEP-0220 section 2.1.1, XEP-0185.
#[test]
fn the_key_is_for_this_stream() {
    let mut out = asked();
    let said = out.sent();
    let (remote, local) = (domain(REMOTE), domain(LOCAL));
    let key = key(&Secret::from(SECRET), remote.as_ref(), local.as_ref(), "D60000229F");
    let sent = format!(
        "<db:result xmlns:db='jabber:server:dialback' from='{LOCAL}' to='{REMOTE}'>{key}\
         </db:result>"
    );
    assert!(said.ends_with(&sent), "{said}");
    // Declared where servers of old look for it.
    assert!(said.contains("xmlns:db='jabber:server:dialback' from="), "{said}");
}

/// XEP-0220 section 2.1.1: not before the peer has said so.
#[test]
fn nothing_is_sent_for_a_pair_that_is_not_authorised() {
    let mut out = asked();
    let stanza = message("romeo@montague.example", "juliet@capulet.example", "1");
    assert_eq!(out.send(&stanza), Err(xmpp_core::SendError::PairNotAuthorised));
    out.receive(answer(REMOTE, LOCAL, "valid"));
    out.send(&stanza).unwrap();
    for (from, to) in [
        ("romeo@verona.example", "juliet@capulet.example"),
        ("romeo@montague.example", "juliet@verona.example"),
        ("romeo@capulet.example", "juliet@montague.example"),
        ("montague.example@verona.example", "capulet.example"),
        ("verona.example/montague.example", "capulet.example"),
        ("verona.example/x@montague.example", "capulet.example"),
    ] {
        let error = out.send(&message(from, to, "2"));
        assert_eq!(error, Err(xmpp_core::SendError::PairNotAuthorised), "{from} {to}");
    }
    out.send(&message("Romeo@MONTAGUE.example", "CAPULET.example", "3")).unwrap();
}

#[test]
fn what_was_not_asked_is_not_answered() {
    // XEP-0220 section 4.1: unsolicited answers.
    let mut out = asked();
    for (from, to) in [("evil.example", LOCAL), (REMOTE, "chat.montague.example"), (LOCAL, REMOTE)]
    {
        out.receive(answer(from, to, "valid"));
        assert_eq!(out.connection.pairs().count(), 0);
    }
    // Where nothing can have been asked it is the end.
    for said in [
        answer(LOCAL, REMOTE, "valid"),
        format!("<db:verify from='{LOCAL}' to='{REMOTE}' id='1' type='valid'/>"),
    ] {
        let mut inn = waiting();
        inn.receive(said);
        assert_eq!(inn.condition(), Some("unsupported-stanza-type"));
        assert!(!inn.established);
    }
    // Nor is anything asked where stanzas go the other way.
    for said in [
        claim(REMOTE, LOCAL),
        format!("<db:verify from='{REMOTE}' to='{LOCAL}' id='1'>key</db:verify>"),
    ] {
        let mut out = asked();
        out.receive(said);
        assert_eq!(out.condition(), Some("unsupported-stanza-type"));
    }
}

#[test]
fn refusals_say_what_to_bounce_with() {
    for (kind, condition) in [
        ("invalid", StanzaCondition::InternalServerError),
        ("error", StanzaCondition::RemoteServerTimeout),
    ] {
        let mut out = asked();
        out.receive(answer(REMOTE, LOCAL, kind));
        let Some(PeerEvent::PairRefused { pair: refused, refusal }) = out.events.pop_front() else {
            panic!("{:?}", out.log)
        };
        assert_eq!((refused, refusal.bounce()), (pair(LOCAL, REMOTE), condition));
        // Too late: it was decided.
        out.receive(answer(REMOTE, LOCAL, "valid"));
        assert!(!out.sends(LOCAL, REMOTE));
        // XEP-0220 section 2.4: an error leaves the stream open.
        assert!(!out.closed);
    }
}

#[test]
fn a_verdict_that_never_comes_is_a_refusal() {
    let mut out = asked();
    out.after(29);
    assert!(out.events.is_empty());
    out.after(1);
    let Some(PeerEvent::PairRefused { refusal: Refusal::TimedOut, .. }) = out.events.pop_front()
    else {
        panic!("{:?}", out.log)
    };
    // One that comes late counts for nothing.
    out.receive(answer(REMOTE, LOCAL, "valid"));
    assert!(!out.sends(LOCAL, REMOTE) && !out.closed);
    // It may be asked for again.
    out.sent();
    out.connection.request_pair(out.now, &pair(LOCAL, REMOTE), &mut out.tx).unwrap();
    assert!(out.sent().starts_with("<db:result"));
}

/// XEP-0220 section 2.5.
#[test]
fn further_pairs_are_each_authorised_on_their_own() {
    let mut out = asked();
    out.receive(answer(REMOTE, LOCAL, "valid")).sent();
    let more = pair("rooms.montague.example", REMOTE);
    out.connection.request_pair(out.now, &more, &mut out.tx).unwrap();
    // Once.
    out.connection.request_pair(out.now, &more, &mut out.tx).unwrap();
    assert_eq!(out.sent().matches("<db:result").count(), 1);
    let stanza = message("rooms.montague.example", REMOTE, "1");
    assert!(out.send(&stanza).is_err());
    out.receive(answer(REMOTE, "rooms.montague.example", "valid"));
    out.send(&stanza).unwrap();
    out.send(&message(LOCAL, REMOTE, "2")).unwrap();
    // A further domain of the peer's, since it handles errors.
    let target = pair(LOCAL, "chat.capulet.example");
    out.connection.request_pair(out.now, &target, &mut out.tx).unwrap();
    assert!(out.send(&message(LOCAL, "chat.capulet.example", "3")).is_err());
}

#[test]
fn a_peer_that_handles_no_errors_is_not_asked_for_more_domains() {
    // XEP-0220 section 2.5.2
    let mut out = outbound(dialback_alone());
    out.receive(response("1", "version='1.0'")).receive("<stream:features/>");
    assert!(out.established);
    let target = pair(LOCAL, "chat.capulet.example");
    let asked = out.connection.request_pair(out.now, &target, &mut out.tx);
    assert_eq!(asked, Err(PairError::NoErrors));
    let sender = pair("rooms.montague.example", REMOTE);
    out.connection.request_pair(out.now, &sender, &mut out.tx).unwrap();
}

#[test]
fn open_questions_have_a_bound() {
    let mut out = asked();
    let ask = |out: &mut Out, n: u32| {
        let pair = pair(&format!("d{n}.montague.example"), REMOTE);
        out.connection.request_pair(out.now, &pair, &mut out.tx)
    };
    for n in 1..16 {
        ask(&mut out, n).unwrap();
    }
    assert_eq!(ask(&mut out, 16), Err(PairError::TooMany { max: 16 }));
    let mut inn = waiting();
    for n in 0..20 {
        inn.receive(claim(&format!("d{n}.example"), REMOTE));
    }
    assert_eq!(inn.results.len(), 16);
    assert_eq!(inn.sent().matches("<resource-constraint").count(), 4);
    assert!(!inn.closed);
}

/// What the model has found: a key for another receiving server is good there alone.
#[test]
fn domains_that_are_not_served_here_are_not_claimed_towards() {
    let mut inn = waiting();
    inn.verdict = Some(Verdict::Valid);
    inn.receive(claim(LOCAL, "evil.example"));
    let said = inn.sent();
    assert!(said.contains("<item-not-found") && said.contains("from='evil.example'"), "{said}");
    assert!(!inn.closed && inn.connection.pairs().count() == 0);
    let mut config = dialback_alone();
    config.domains = [domain("chat.capulet.example")].into();
    let mut inn = inbound(config);
    inn.verdict = Some(Verdict::Valid);
    inn.receive(initial("version='1.0'"));
    inn.receive(claim(LOCAL, "chat.capulet.example")).receive(claim(LOCAL, REMOTE));
    assert_eq!(inn.connection.pairs().count(), 2);
}

#[test]
fn pairs_have_a_bound() {
    let mut config = dialback_alone();
    config.max_pairs = 3;
    let mut inn = inbound(config);
    inn.receive(initial("version='1.0'"));
    inn.verdict = Some(Verdict::Valid);
    for n in 0..5 {
        inn.receive(claim(&format!("d{n}.example"), REMOTE));
    }
    assert_eq!(inn.connection.pairs().count(), 3);
    assert_eq!(inn.sent().matches("<resource-constraint").count(), 2);
}

#[test]
fn a_flood_of_requests_ends_the_stream() {
    let mut config = config();
    config.dialback = DialbackPolicy::Never;
    let mut inn = inbound(config);
    inn.receive(initial("version='1.0'"));
    inn.receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    inn.receive(initial("version='1.0'"));
    inn.sent();
    for n in 0..=32 {
        assert!(!inn.closed, "{n}");
        inn.receive(claim(&format!("d{n}.example"), REMOTE));
    }
    assert_eq!(inn.condition(), Some("policy-violation"));
    // XEP-0220 section 2.4: a certificate is wanted.
    assert_eq!(inn.sent().matches("<not-authorized").count(), 33);
}

/// XEP-0220 section 2.2.1.
#[test]
fn a_domain_is_proved_by_the_drivers_word_alone() {
    let mut inn = waiting();
    inn.receive(claim(LOCAL, REMOTE));
    let query = inn.results.pop_front().unwrap();
    assert_eq!(*query.pair(), pair(REMOTE, LOCAL));
    assert_eq!(query.claim().key, "key");
    assert_eq!(query.claim().id, inn.connection.stream_id());
    assert!(!inn.established && inn.sent().is_empty());
    // The same claim again is no second question.
    inn.receive(claim(LOCAL, REMOTE));
    assert!(inn.results.is_empty());
    inn.connection.answer_result(query, Verdict::Valid, &mut inn.tx).unwrap();
    assert_eq!(
        inn.sent(),
        format!(
            "<db:result xmlns:db='jabber:server:dialback' from='{REMOTE}' to='{LOCAL}' \
             type='valid'/>"
        )
    );
    inn.receive("<message from='romeo@montague.example' to='juliet@capulet.example' id='1'/>");
    assert!(inn.established);
    assert_eq!(inn.stanzas, ["1"]);
}

#[test]
fn a_stanza_that_comes_before_the_verdict_ends_the_stream() {
    // 6120-4.9.3.12-01
    let mut inn = waiting();
    inn.receive(claim(LOCAL, REMOTE));
    inn.receive("<message from='romeo@montague.example' to='juliet@capulet.example'/>");
    assert_eq!(inn.condition(), Some("not-authorized"));
    assert!(inn.stanzas.is_empty());
}

#[test]
fn a_wrong_key_closes_the_stream_unless_it_has_other_uses() {
    let mut inn = waiting();
    inn.receive(claim(LOCAL, REMOTE));
    let query = inn.results.pop_front().unwrap();
    inn.connection.answer_result(query, Verdict::Invalid, &mut inn.tx).unwrap();
    let said = inn.sent();
    assert!(said.contains("type='invalid'") && said.ends_with("</stream:stream>"), "{said}");
    assert_eq!(inn.connection.phase(), Phase::Closing);

    let mut inn = waiting();
    inn.receive(claim(LOCAL, REMOTE)).receive(claim("verona.example", REMOTE));
    let (first, second) = (inn.results.pop_front().unwrap(), inn.results.pop_front().unwrap());
    inn.connection.answer_result(first, Verdict::Valid, &mut inn.tx).unwrap();
    inn.sent();
    inn.connection.answer_result(second, Verdict::Invalid, &mut inn.tx).unwrap();
    let said = inn.sent();
    assert!(said.contains("type='error'") && said.contains("<forbidden"), "{said}");
    assert!(inn.receives(REMOTE, LOCAL) && !inn.receives(REMOTE, "verona.example"));
}

#[test]
fn a_driver_that_answers_late_is_too_late() {
    let mut inn = waiting();
    inn.receive(claim(LOCAL, REMOTE));
    inn.after(30);
    assert!(inn.sent().contains("<remote-server-timeout"));
    assert!(matches!(inn.events.pop_front(), Some(PeerEvent::ResultExpired { .. })));
    let query = inn.results.pop_front().unwrap();
    inn.connection.answer_result(query, Verdict::Valid, &mut inn.tx).unwrap();
    assert_eq!(inn.connection.pairs().count(), 0);
    assert_eq!(inn.sent(), "");
}

#[test]
fn nothing_is_told_behind_the_closing_tag() {
    let mut inn = waiting();
    inn.receive(claim(LOCAL, REMOTE));
    inn.after(27);
    inn.connection.close(inn.now, None, &mut inn.tx);
    assert!(inn.sent().ends_with("</stream:stream>"));
    let query = inn.results.pop_front().unwrap();
    inn.after(3);
    inn.connection.answer_result(query, Verdict::Valid, &mut inn.tx).unwrap();
    inn.receive(claim("verona.example", REMOTE));
    assert_eq!(inn.sent(), "");
}

#[test]
fn an_answer_for_another_stream_is_misuse() {
    let (mut one, mut other) = (waiting(), waiting());
    // Another seed: another stream.
    other.connection = xmpp_core::Connection::accept_server(
        std::sync::Arc::new(dialback_alone()),
        crate::ends::T0,
        [9; 32],
    );
    other.rx = xmpp_core::xml::RecvBuffer::new(1 << 16);
    other.receive(initial("version='1.0'"));
    one.receive(claim(LOCAL, REMOTE));
    other.receive(claim("evil.example", REMOTE));
    let query = one.results.pop_front().unwrap();
    let misuse = other.connection.answer_result(query, Verdict::Valid, &mut other.tx);
    assert_eq!(misuse, Err(Misuse::StaleQuery));
    assert_eq!(other.connection.pairs().count(), 0);
}

/// The authoritative server.
#[test]
fn keys_are_judged_by_the_secret_alone() {
    let mut config = dialback_alone();
    config.authoritative_for = vec![domain(REMOTE)];
    let mut inn = inbound(config);
    inn.receive(initial("version='1.0'"));
    inn.sent();
    let (receiving, originating) = (domain(LOCAL), domain(REMOTE));
    let key = key(&Secret::from(SECRET), receiving.as_ref(), originating.as_ref(), "417GAF25");
    for (id, key, verdict) in [
        ("417GAF25", &*key, "valid"),
        ("417GAF26", &*key, "invalid"),
        ("417GAF25", "", "invalid"),
        ("417GAF25", &key[1..], "invalid"),
    ] {
        inn.receive(format!("<db:verify from='{LOCAL}' to='{REMOTE}' id='{id}'>{key}</db:verify>"));
        assert_eq!(
            inn.sent(),
            format!(
                "<db:verify xmlns:db='jabber:server:dialback' from='{REMOTE}' to='{LOCAL}' \
                 id='{id}' type='{verdict}'/>"
            )
        );
    }
    // Of another domain: the driver knows.
    inn.receive(format!("<db:verify from='{LOCAL}' to='x.example' id='1'>key</db:verify>"));
    let query = inn.verifies.pop_front().unwrap();
    assert_eq!(query.domain().as_str(), "x.example");
    let verdict = Verdict::Error(StanzaCondition::ItemNotFound);
    inn.connection.answer_verify(query, verdict, &mut inn.tx).unwrap();
    let said = inn.sent();
    assert!(said.contains("type='error'") && said.contains("<item-not-found"), "{said}");
    // XEP-0220 section 2.2.2: the stream goes on.
    assert!(!inn.closed);
    // Nobody was let in by any of that.
    assert!(!inn.established);
}

/// The receiving server as the authoritative one sees it.
#[test]
fn claims_are_verified_on_another_stream() {
    let mut out = outbound_for(dialback_alone(), Purpose::Verification);
    out.receive(response("V1", "version='1.0'")).receive(FEATURES);
    assert!(out.established);
    // XEP-0220 section 2.1.2: for that purpose alone.
    assert!(!out.sent().contains("<db:result"));
    let claim = Claim::new(pair(LOCAL, REMOTE), "417GAF25", "key");
    let verification = out.connection.verify(out.now, &claim, &mut out.tx).unwrap();
    assert!(out.sent().contains("id='417GAF25'>key</db:verify>"));
    // `from`, `to` and `id` have to be right.
    for wrong in [
        format!("<db:verify from='{REMOTE}' to='{LOCAL}' id='417GAF26' type='valid'/>"),
        format!("<db:verify from='evil.example' to='{LOCAL}' id='417GAF25' type='valid'/>"),
        format!("<db:verify from='{REMOTE}' to='evil.example' id='417GAF25' type='valid'/>"),
    ] {
        out.receive(wrong);
        assert!(out.events.is_empty());
    }
    out.receive(format!("<db:verify from='{REMOTE}' to='{LOCAL}' id='417GAF25' type='valid'/>"));
    let Some(PeerEvent::Verified { verification: about, verdict }) = out.events.pop_front() else {
        panic!("{:?}", out.log)
    };
    assert_eq!((about, verdict), (verification, Verdict::Valid));
    // Once.
    out.receive(format!("<db:verify from='{REMOTE}' to='{LOCAL}' id='417GAF25' type='valid'/>"));
    assert!(out.events.is_empty());
}

#[test]
fn an_authoritative_server_that_is_silent_has_said_no() {
    let mut out = asked();
    let claim = Claim::new(pair(LOCAL, REMOTE), "417GAF25", "key");
    let verification = out.connection.verify(out.now, &claim, &mut out.tx).unwrap();
    out.after(30);
    let verdict = Verdict::Error(StanzaCondition::RemoteServerTimeout);
    let told = out.events.iter().any(|event| {
        matches!(event, PeerEvent::Verified { verification: about, verdict: said }
            if *about == verification && *said == verdict)
    });
    assert!(told, "{:?}", out.events);
}

#[test]
fn nobody_vouches_for_himself() {
    let mut out = asked();
    let claim = Claim::new(pair(LOCAL, REMOTE), "D60000229F", "key");
    assert_eq!(out.connection.verify(out.now, &claim, &mut out.tx), Err(PairError::SameStream));
}

#[test]
fn dialback_without_tls_is_refused_by_default() {
    // XEP-0220 section 2.4: policy-violation.
    let mut inn = inbound(config());
    inn.receive(initial("version='1.0'"));
    inn.sent();
    inn.receive(claim(LOCAL, REMOTE));
    inn.receive(format!("<db:verify from='{LOCAL}' to='{REMOTE}' id='1'>key</db:verify>"));
    let said = inn.sent();
    assert_eq!(said.matches("<policy-violation").count(), 2, "{said}");
    assert!(inn.results.is_empty() && !inn.closed);
}

#[test]
fn dialback_under_tls_needs_no_certificate() {
    let mut config = config();
    config.external = false;
    let mut ends = Ends::new(config.clone(), config);
    ends.inn.proved = false;
    ends.inn.verdict = Some(Verdict::Valid);
    ends.drive();
    assert!(ends.out.sends(LOCAL, REMOTE), "{:?} {:?}", ends.out.log, ends.inn.log);
}

#[test]
fn addresses_that_are_none_end_the_stream() {
    for said in [
        "<db:result from='montague.example'>key</db:result>",
        "<db:result to='capulet.example'>key</db:result>",
        "<db:result from='a@montague.example' to='capulet.example'>key</db:result>",
        "<db:verify from='montague.example' to='capulet.example'>key</db:verify>",
    ] {
        let mut inn = waiting();
        inn.receive(said);
        assert_eq!(inn.condition(), Some("improper-addressing"), "{said}");
    }
}

#[test]
fn tls_and_sasl_are_over_once_dialback_has_begun() {
    let mut inn = waiting();
    inn.receive(claim(LOCAL, REMOTE));
    inn.receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    assert_eq!(inn.condition(), Some("unsupported-stanza-type"));
}

/// The whole negotiation has a bound, however often something is asked.
#[test]
fn who_proves_nothing_does_not_stay() {
    let mut inn = waiting();
    for _ in 0..6 {
        inn.after(10);
        inn.receive(format!("<db:verify from='{LOCAL}' to='{REMOTE}' id='1'>key</db:verify>"));
    }
    assert_eq!(inn.condition(), Some("connection-timeout"));
}
