//! RFC 6120 §7: resource binding at the host, and misuse of its calls.

use crate::support::{Net, bare};
use xmpp_server::{BindError, Config, ConflictPolicy, HandleError, Queue, SessionId};
use xmpp_stanza::{StanzaCondition, StreamCondition};
use xmpp_xml::Element;

fn with(conflict: ConflictPolicy) -> Net {
    let mut config = Config::default();
    config.conflict = conflict;
    Net::with(config, &["juliet", "romeo"])
}

/// 6120-7.6-01, 6120-7.7.2.1-01: prepared where that helps
#[test]
fn resourceparts() {
    // 6120-7.5-01
    // 6120-4.3.6-06
    // 6120-bind-gen
    let mut net = with(ConflictPolicy::Override);
    let generated = "juliet@example.com/5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
    assert_eq!(net.try_bind("juliet", None).unwrap().1, generated);
    // The same random bytes again: still another resourcepart.
    assert_eq!(net.try_bind("juliet", Some("")).unwrap().1, format!("{generated}-1"));
    assert_eq!(net.try_bind("juliet", Some("balcony")).unwrap().1, "juliet@example.com/balcony");
    // In canonical form (RFC 8265 section 4.2): the space of another width, the accent composed.
    let (_, prepared) = net.try_bind("juliet", Some("a\u{3000}e\u{301}")).unwrap();
    assert_eq!(prepared, "juliet@example.com/a \u{e9}");
    let refused = net.try_bind("juliet", Some("a\u{0}b")).unwrap_err();
    assert_eq!(refused.condition(), StanzaCondition::BadRequest);
}

/// §7.7.2.2, 1: "Override the resourcepart […] with a server-generated resourcepart"
/// 6120-7.7.1-02, 6120-7.7.2.2-01
#[test]
fn conflict_override() {
    let mut net = with(ConflictPolicy::Override);
    let first = net.bind("juliet", "balcony");
    let (_, second) = net.try_bind("juliet", Some("balcony")).unwrap();
    assert_eq!(second, "juliet@example.com/balcony 5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
    assert_eq!(net.closed(first), None);
    // One that would become too long
    let long = "x".repeat(1023);
    assert!(net.try_bind("juliet", Some(&long)).is_ok());
    let (_, other) = net.try_bind("juliet", Some(&long)).unwrap();
    assert_eq!(other, "juliet@example.com/5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
    // Another account's does not matter.
    assert_eq!(net.try_bind("romeo", Some("balcony")).unwrap().1, "romeo@example.com/balcony");
}

/// §7.7.2.2, 2
#[test]
fn conflict_refuse() {
    // 6120-7.7.2.2-01
    let mut net = with(ConflictPolicy::Refuse);
    let first = net.bind("juliet", "balcony");
    let refused = net.try_bind("juliet", Some("balcony")).unwrap_err();
    assert_eq!(refused, BindError::Conflict);
    assert_eq!(refused.condition(), StanzaCondition::Conflict);
    net.end(first);
    assert!(net.try_bind("juliet", Some("balcony")).is_ok());
}

/// Unless configured otherwise, who comes back gets the address that it asks for.
#[test]
fn the_old_session_ends_by_default() {
    let mut net = Net::new(&["juliet"]);
    let sessions: Vec<_> =
        (0..40).map(|_| net.try_bind("juliet", Some("balcony")).unwrap()).collect();
    assert!(sessions.iter().all(|(_, jid)| jid == "juliet@example.com/balcony"));
    let (last, before) = sessions.split_last().unwrap();
    assert!(before.iter().all(|(id, _)| net.closed(*id) == Some(StreamCondition::Conflict)));
    assert_eq!(net.closed(last.0), None);
}

/// §7.7.2.2, 3: the stream error, and the presence session ends (RFC 6121 §4.5.2)
#[test]
fn conflict_terminate() {
    let mut net = with(ConflictPolicy::Terminate);
    let chamber = net.login("juliet", "chamber");
    let first = net.login("juliet", "balcony");
    net.drain();
    let (_, jid) = net.try_bind("juliet", Some("balcony")).unwrap();
    assert_eq!(jid, "juliet@example.com/balcony");
    assert_eq!(net.closed(first), Some(StreamCondition::Conflict));
    net.expect(
        chamber,
        &["<presence from='juliet@example.com/balcony' to='juliet@example.com' \
           type='unavailable'/>"],
    );
    // That the driver says it too does no harm.
    net.end(first);
    net.expect_silence();
}

/// 6120-7.6.2.1-01
#[test]
fn sessions_are_bounded() {
    // 6120-13.12-06 and -07, 6120-7.1-04
    let mut config = Config::default();
    config.limits.max_sessions = 2;
    let mut net = Net::with(config, &["juliet"]);
    let first = net.bind("juliet", "a");
    net.bind("juliet", "b");
    let refused = net.try_bind("juliet", Some("c")).unwrap_err();
    assert_eq!(refused.condition(), StanzaCondition::ResourceConstraint);
    net.end(first);
    assert!(net.try_bind("juliet", Some("c")).is_ok());
}

#[test]
fn calls_that_are_wrong() {
    let mut net = Net::new(&["juliet"]);
    let balcony = net.bind("juliet", "balcony");
    let mut out = Queue::new();
    let (now, random) = (net.now, [0; 16]);
    let nobody =
        net.host.session_bound(now, SessionId(99), &bare("nobody"), None, random, &mut out);
    assert_eq!(nobody, Err(BindError::NoAccount));
    let again = net.host.session_bound(now, balcony, &bare("juliet"), None, random, &mut out);
    assert_eq!(again, Err(BindError::SessionInUse));

    let message = Element::parse("<message xmlns='jabber:client'/>").unwrap();
    let unknown = net.host.handle_stanza(now, SessionId(99), message.as_ref(), &mut out);
    assert_eq!(unknown, Err(HandleError::UnknownSession));
    for not_a_stanza in [
        "<message xmlns='jabber:server'/>",
        "<message xmlns='urn:x'/>",
        "<message/>",
        "<r xmlns='urn:xmpp:sm:3'/>",
        "<query xmlns='jabber:client'/>",
    ] {
        let element = Element::parse(not_a_stanza).unwrap();
        let refused = net.host.handle_stanza(now, balcony, element.as_ref(), &mut out);
        assert_eq!(refused, Err(HandleError::NotAStanza), "{not_a_stanza}");
    }
    net.host.session_ended(now, SessionId(99), &mut out);
    assert_eq!(out, Queue::new());
}

#[test]
fn an_account_that_is_there_stays() {
    let mut net = Net::new(&["juliet"]);
    let balcony = net.login("juliet", "balcony");
    net.send(
        balcony,
        "<iq id='s' type='set'><query xmlns='jabber:iq:roster'>\
         <item jid='nurse@example.com'/></query></iq>",
    );
    let again = net.host.add_account(xmpp_jid::LocalpartRef::new("juliet").unwrap());
    assert_eq!(again, bare("juliet"));
    assert_eq!(net.host.roster(&again).unwrap().len(), 1);
    assert_eq!(net.host.sessions(&again).collect::<Vec<_>>(), [balcony]);
    assert_eq!(net.host.session(balcony).unwrap(), "juliet@example.com/balcony");
}
