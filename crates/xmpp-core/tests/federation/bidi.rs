//! Stanzas both ways on one stream (XEP-0288).

use xmpp_core::config::DialbackPolicy;
use xmpp_core::dialback::Verdict;
use xmpp_core::role::ServerFromServer;
use xmpp_core::{Error, PairError, PeerMisbehaved};

use crate::ends::{
    End, Ends, LOCAL, REMOTE, config, dialback_alone, inbound, initial, message, pair,
};

fn by_certificate() -> Ends {
    Ends::new(config(), config()).driven()
}

fn by_dialback() -> Ends {
    let mut ends = Ends::new(dialback_alone(), dialback_alone());
    ends.inn.verdict = Some(Verdict::Valid);
    ends.driven()
}

#[test]
fn what_is_proved_one_way_counts_both_ways() {
    for mut ends in [by_certificate(), by_dialback()] {
        assert!(ends.out.connection.is_bidirectional() && ends.inn.connection.is_bidirectional());
        assert!(ends.out.sends(LOCAL, REMOTE) && ends.out.receives(LOCAL, REMOTE));
        assert!(ends.inn.sends(REMOTE, LOCAL) && ends.inn.receives(REMOTE, LOCAL));
        ends.inn.send(&message("juliet@capulet.example", "romeo@montague.example", "1")).unwrap();
        ends.out.send(&message("romeo@montague.example", "juliet@capulet.example", "2")).unwrap();
        ends.drive();
        assert_eq!(
            (&ends.out.stanzas[..], &ends.inn.stanzas[..]),
            (&["1".into()][..], &["2".into()][..])
        );
        // And nothing else.
        let other = message("rooms.capulet.example", "romeo@montague.example", "3");
        assert!(ends.inn.send(&other).is_err());
    }
}

#[test]
fn the_initiating_server_checks_what_comes() {
    let mut ends = by_certificate();
    ends.out.receive("<message from='evil.example' to='romeo@montague.example'/>");
    assert_eq!(ends.out.condition(), Some("invalid-from"));
    let mut ends = by_certificate();
    ends.out.receive(
        "<message from='capulet.example' to='montague.example'><s:x xmlns:s='jabber:server'/>\
         </message>",
    );
    // It is a server that passes it on: 6120-4.8.5-04.
    assert_eq!(ends.out.condition(), Some("bad-namespace-prefix"));
}

#[test]
fn the_receiving_server_may_ask_for_more() {
    // XEP-0288 section 2.2, last example.
    let mut ends = by_dialback();
    let rooms = pair("rooms.capulet.example", LOCAL);
    ends.inn.sent();
    ends.inn.connection.request_pair(ends.inn.now, &rooms, &mut ends.inn.tx).unwrap();
    assert!(ends.inn.sent().contains("from='rooms.capulet.example' to='montague.example'>"));
    ends.inn
        .receive("<db:result from='montague.example' to='rooms.capulet.example' type='valid'/>");
    assert!(ends.inn.sends("rooms.capulet.example", LOCAL));
    // To domains that were proved alone.
    let other = pair(REMOTE, "verona.example");
    let asked = ends.inn.connection.request_pair(ends.inn.now, &other, &mut ends.inn.tx);
    assert_eq!(asked, Err(PairError::NotProved));
}

/// Who has made the identifier of a stream could use a key again that was made for another:
/// `negotiation/dialback/model.rs` finds how.
#[test]
fn nothing_is_claimed_on_a_stream_of_our_own() {
    let mut ends = by_dialback();
    ends.out.verdict = Some(Verdict::Valid);
    ends.out.receive("<db:result from='rooms.capulet.example' to='montague.example'>k</db:result>");
    assert!(ends.out.sent().contains("<resource-constraint"));
    assert!(!ends.out.receives(LOCAL, "rooms.capulet.example") && !ends.out.closed);
}

#[test]
fn nothing_goes_back_where_it_was_not_agreed_on() {
    let mut without = config();
    without.bidi = false;
    for (out, inn) in [(config(), without.clone()), (without, config())] {
        let mut ends = Ends::new(out, inn).driven();
        assert!(!ends.inn.connection.is_bidirectional());
        let back = message("juliet@capulet.example", "romeo@montague.example", "1");
        assert!(ends.inn.send(&back).is_err());
        let asked =
            ends.inn.connection.request_pair(ends.inn.now, &pair(REMOTE, LOCAL), &mut ends.inn.tx);
        assert_eq!(asked, Err(PairError::WrongDirection));
        // And what comes back all the same is from nobody.
        ends.out.receive("<message from='capulet.example' to='montague.example'/>");
        assert_eq!(ends.out.condition(), Some("invalid-from"));
    }
}

#[test]
fn the_receiving_server_is_silent_before_anybody_is_proved() {
    let mut inn = inbound(dialback_alone());
    inn.receive(initial("version='1.0'"));
    inn.receive("<bidi xmlns='urn:xmpp:bidi'/>");
    assert!(inn.send(&message(REMOTE, LOCAL, "1")).is_err());
    let asked = inn.connection.request_pair(inn.now, &pair(REMOTE, LOCAL), &mut inn.tx);
    assert_eq!(asked, Err(PairError::NotEstablished));
}

/// Where certificates alone count, nothing comes from a server whose own does not prove it.
#[test]
fn a_receiving_server_without_proof_does_not_speak() {
    for (proved, both) in [(true, true), (false, false)] {
        let mut config = config();
        config.dialback = DialbackPolicy::Never;
        let mut ends = Ends::new(config.clone(), config);
        ends.out.checked = false;
        ends.out.proved = proved;
        ends.drive();
        assert!(ends.out.sends(LOCAL, REMOTE));
        assert_eq!(ends.out.receives(LOCAL, REMOTE), both);
        assert_eq!(ends.inn.sends(REMOTE, LOCAL), both);
    }
}

/// XEP-0288 section 2: before anybody has asked to be let in, and not in the clear where TLS
/// comes first.
#[test]
fn bidi_has_its_time() {
    let unexpected = |inn: &End<ServerFromServer>| match &inn.error {
        Some(Error::Peer(PeerMisbehaved::UnexpectedElement { name, .. })) => name == "bidi",
        _ => false,
    };
    const BIDI: &str = "<bidi xmlns='urn:xmpp:bidi'/>";
    let header = initial("version='1.0'");
    // TLS comes first.
    let mut inn = inbound(config());
    inn.receive(&header).receive(BIDI);
    assert!(unexpected(&inn), "{:?}", inn.log);
    // A key has been said.
    let mut inn = inbound(dialback_alone());
    inn.receive(&header);
    inn.receive(format!("<db:result from='{LOCAL}' to='{REMOTE}'>key</db:result>")).receive(BIDI);
    assert!(unexpected(&inn), "{:?}", inn.log);
    // It is another's element.
    let mut inn = inbound(dialback_alone());
    inn.receive(&header).receive("<bidi xmlns='urn:example:other'/>");
    assert!(unexpected(&inn), "{:?}", inn.log);
    // SASL is through; here for a header that names nobody to be let in to.
    let mut inn = inbound(config());
    inn.receive(&header).receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    let header = header.replace("to='capulet.example'", "");
    inn.receive(&header);
    inn.receive("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
    inn.receive(&header);
    assert_eq!((inn.error.as_ref(), inn.established), (None, false));
    inn.receive(BIDI);
    assert!(unexpected(&inn), "{:?}", inn.log);
}

/// XEP-0288 section 2.1: under TLS, if there is any.
#[test]
fn bidi_in_the_clear_does_not_survive_tls() {
    let mut inn = inbound(dialback_alone());
    inn.receive(initial("version='1.0'"));
    inn.receive("<bidi xmlns='urn:xmpp:bidi'/>");
    inn.receive("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    inn.receive(initial("version='1.0'"));
    assert!(!inn.connection.is_bidirectional());
}

/// XEP-0288 section 2.2: it comes before dialback; and it is one element, of one namespace.
#[test]
fn bidi_has_its_place() {
    let mut inn = inbound(dialback_alone());
    inn.receive(initial("version='1.0'"));
    inn.receive(format!("<db:result from='{LOCAL}' to='{REMOTE}'>key</db:result>"));
    assert_eq!((inn.results.len(), inn.closed), (1, false));
    inn.receive("<bidi xmlns='urn:xmpp:bidi'/>");
    assert_eq!(inn.condition(), Some("unsupported-stanza-type"));
    assert!(!inn.connection.is_bidirectional());
    let mut inn = inbound(dialback_alone());
    inn.receive(initial("version='1.0'"));
    inn.receive("<bidi xmlns='urn:xmpp:features:bidi'/>");
    assert_eq!(inn.condition(), Some("unsupported-stanza-type"));
}
