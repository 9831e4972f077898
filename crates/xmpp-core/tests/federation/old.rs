//! Servers of before RFC 3920, which send no version: no features, dialback at once.

use xmpp_core::config::DialbackPolicy;
use xmpp_core::dialback::Verdict;
use xmpp_core::{Error, PeerMisbehaved};

use crate::ends::{LOCAL, REMOTE, config, dialback_alone, inbound, initial, outbound, response};

#[test]
fn a_receiving_server_without_version_is_asked_at_once() {
    // XEP-0220 section 2.3.1
    let mut out = outbound(dialback_alone());
    assert!(out.sent().contains("version='1.0'"));
    out.receive(response("1", ""));
    assert!(out.established);
    assert!(out.sent().starts_with("<db:result"));
    out.receive(format!("<db:result from='{REMOTE}' to='{LOCAL}' type='valid'/>"));
    assert!(out.sends(LOCAL, REMOTE));
}

#[test]
fn an_initiating_server_without_version_gets_no_features() {
    // 6120-4.7.5-08: the response has none either.
    let mut inn = inbound(dialback_alone());
    inn.verdict = Some(Verdict::Valid);
    inn.receive(initial(""));
    let said = inn.sent();
    assert!(!said.contains(" version='1.0' ") && !said.contains("features"), "{said}");
    assert!(said.contains("xmlns:db='jabber:server:dialback'"), "{said}");
    inn.receive(format!("<db:result from='{LOCAL}' to='{REMOTE}'>key</db:result>"));
    assert!(inn.established && inn.receives(REMOTE, LOCAL));
}

#[test]
fn by_default_they_are_told_that_they_are_too_old() {
    // Unsupported-version: RFC 6120 section 4.9.3.25.
    let mut inn = inbound(config());
    inn.receive(initial(""));
    assert_eq!(inn.error, Some(Error::Peer(PeerMisbehaved::UnsupportedVersion)));
    let mut out = outbound(config());
    // At once: nothing else comes from such a server until it is spoken to.
    out.receive(response("1", ""));
    assert_eq!(out.error, Some(Error::Peer(PeerMisbehaved::UnsupportedVersion)));
}

#[test]
fn one_that_knows_no_dialback_is_of_no_use() {
    let mut out = outbound(dialback_alone());
    let header = response("1", "").replace("xmlns:db='jabber:server:dialback'", "");
    out.receive(header);
    assert!(matches!(out.error, Some(Error::Incompatible(_))), "{:?}", out.error);
    let mut config = config();
    config.dialback = DialbackPolicy::Never;
    let mut out = outbound(config);
    assert!(!out.sent().contains("dialback"));
}
