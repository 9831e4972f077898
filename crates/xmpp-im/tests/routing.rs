//! RFC 6120 §10: where each kind of stanza leads, by the form of its 'to'.

use xmpp_im::delivery::To;
use xmpp_im::routing::{Domain, Kind, Origin, Route, judge_sender, route, stamp};
use xmpp_jid::JidRef;
use xmpp_stanza::{AddressRef, StanzaRef, StreamCondition};
use xmpp_xml::Element;

const JULIET: &str = "juliet@example.com/balcony";

fn domain(name: &str) -> Domain {
    match name {
        "example.com" => Domain::Served,
        "rooms.example.com" => Domain::Service,
        _ => Domain::Remote,
    }
}

/// What becomes of the stanza, in a few words.
fn routed(origin: Origin<'_>, xml: &str) -> String {
    let stanza = Element::parse(xml).unwrap();
    let stanza = StanzaRef::new(stanza.as_ref()).unwrap();
    let to = stanza.to();
    let of = |to: To<'_>| match to {
        To::Bare => "bare".to_owned(),
        To::Full(resourcepart) => format!("full {resourcepart}"),
    };
    match route(origin, Kind::of(stanza), &to, domain) {
        Route::Refuse(condition) => format!("refuse {condition}"),
        Route::RefuseMalformed => "refuse jid-malformed".into(),
        Route::EndStream(condition) => format!("end {condition}"),
        Route::Broadcast(kind) => format!("broadcast {:?}", kind.as_str()),
        Route::Account { account, to, implied } => {
            format!("{}account {account} {}", if implied { "own " } else { "" }, of(to))
        }
        Route::Server => "server".into(),
        Route::Service { bare, to } => format!("service {bare} {}", of(to)),
        Route::Remote { bare, to } => format!("remote {bare} {}", of(to)),
        Route::Ignore => "ignore".into(),
    }
}

const PING: &str = "<ping xmlns='urn:xmpp:ping'/>";

/// A stanza of each kind with these attributes.
fn stanza(kind: &str, attributes: &str) -> String {
    let (name, kind) = kind.split_once(' ').unwrap_or((kind, ""));
    let payload = if matches!(kind, "get" | "set") { PING } else { "" };
    let id = if name == "iq" { " id='1'" } else { "" };
    let kind = if kind.is_empty() { String::new() } else { format!(" type='{kind}'") };
    format!("<{name} xmlns='jabber:client'{id}{kind} {attributes}>{payload}</{name}>")
}

const KINDS: [&str; 16] = [
    "message",
    "message chat",
    "message groupchat",
    "message headline",
    "message error",
    "presence",
    "presence unavailable",
    "presence probe",
    "presence subscribe",
    "presence unsubscribed",
    "presence error",
    "iq get",
    "iq set",
    "iq result",
    "iq error",
    "iq ask",
];

/// `(kinds, to, from a client, from a component, from another server)`; a kind stands for
/// all that begin with it, but for those named before.
type Row = (&'static [&'static str], Option<&'static str>, [&'static str; 3]);

const MISSING: &str = "end improper-addressing";
const FOREIGN: &str = "end host-unknown";

const TABLE: &[Row] = &[
    // 6120-10.3-01, 6120-10.3-02, 6120-8.1.1.2-01
    (&["iq ask"], None, ["refuse bad-request", MISSING, MISSING]),
    // 6120-10.3.1-01
    (&["message"], None, ["own account juliet@example.com bare", MISSING, MISSING]),
    // 6120-10.3.2-01
    (&["presence probe"], None, ["broadcast \"probe\"", MISSING, MISSING]),
    (&["presence unavailable"], None, ["broadcast \"unavailable\"", MISSING, MISSING]),
    (&["presence error"], None, ["ignore", MISSING, MISSING]),
    (
        &["presence subscribe", "presence unsubscribed"],
        None,
        ["refuse bad-request", MISSING, MISSING],
    ),
    (&["presence"], None, ["broadcast \"available\"", MISSING, MISSING]),
    // 6120-10.3.3-01
    (&["iq"], None, ["own account juliet@example.com bare", MISSING, MISSING]),
    // 6120-8.2.3-03, "or an intermediate router"
    (&["iq ask"], Some("example.com"), ["refuse bad-request"; 3]),
    (&["iq ask"], Some("romeo@example.com/x"), ["refuse bad-request"; 3]),
    (&["iq ask"], Some("romeo@rooms.example.com"), ["refuse bad-request"; 3]),
    (&["iq ask"], Some("example.net"), ["refuse bad-request", "refuse bad-request", FOREIGN]),
    // 6120-10.5.1-01
    (&["iq"], Some("example.com"), ["server"; 3]),
    (
        &["message error", "presence error", "presence unavailable", "presence probe"],
        Some("example.com"),
        ["ignore"; 3],
    ),
    (
        &["message", "presence subscribe", "presence unsubscribed"],
        Some("example.com"),
        ["refuse service-unavailable"; 3],
    ),
    (&["presence"], Some("example.com"), ["ignore"; 3]),
    // 6120-10.5.2-01
    (&["iq"], Some("example.com/x"), ["server"; 3]),
    (&["message chat"], Some("example.com/x"), ["refuse service-unavailable"; 3]),
    // RFC 6120 section 10.5.3 and 10.5.4: see the tests of `delivery`.
    (
        &["message", "presence", "iq"],
        Some("Romeo@Example.com"),
        ["account romeo@example.com bare"; 3],
    ),
    (
        &["message", "presence", "iq"],
        Some("romeo@example.com/Orchard"),
        ["account romeo@example.com full Orchard"; 3],
    ),
    (
        &["message", "presence", "iq"],
        Some("juliet@example.com"),
        ["account juliet@example.com bare"; 3],
    ),
    (
        &["message", "presence", "iq"],
        Some("juliet@example.com/balcony"),
        ["account juliet@example.com full balcony"; 3],
    ),
    // 6120-10.5-01, 6120-10.5-02
    (
        &["message", "presence", "iq"],
        Some("garden@rooms.example.com/juliet"),
        ["service garden@rooms.example.com full juliet"; 3],
    ),
    // 6120-10.4-01, 6120-10.4-02, 6120-8.1.1.2-02
    (
        &["message", "presence", "iq"],
        Some("romeo@example.net/x"),
        ["remote romeo@example.net full x", "remote romeo@example.net full x", FOREIGN],
    ),
    (
        &["message", "presence", "iq"],
        Some("example.net"),
        ["remote example.net bare", "remote example.net bare", FOREIGN],
    ),
    // 6120-8.3.1-11, 6120-8.2.3-06
    (&["message error", "presence error", "iq result", "iq error"], Some("@@"), ["ignore"; 3]),
    (&["message", "presence", "iq", "iq ask"], Some("@@"), ["refuse jid-malformed"; 3]),
    (&["message error", "presence error", "iq result", "iq error"], Some(""), ["ignore"; 3]),
    (&["message", "presence", "iq", "iq ask"], Some(""), ["refuse jid-malformed"; 3]),
];

#[test]
fn each_kind_goes_where_its_address_leads() {
    let origins = [Origin::Client(JidRef::new(JULIET).unwrap()), Origin::Component, Origin::Server];
    let mut seen = std::collections::BTreeSet::new();
    for (kinds, to, expected) in TABLE {
        for name in KINDS {
            // A malformed iq is one of its own: it stands for itself.
            let whole = name.split(' ').next().filter(|_| name != "iq ask");
            let is_meant = kinds.contains(&name) || whole.is_some_and(|kind| kinds.contains(&kind));
            if !is_meant || !seen.insert((name, *to)) {
                continue;
            }
            let to = to.map_or(String::new(), |to| format!("to='{to}'"));
            let xml = stanza(name, &to);
            for (origin, expected) in origins.into_iter().zip(expected) {
                assert_eq!(routed(origin, &xml), *expected, "{origin:?} {xml}");
            }
        }
    }
    assert!(seen.len() > 150, "{}", seen.len());
}

#[test]
fn an_iq_that_is_none_is_refused_wherever_it_is_for() {
    // 6120-stanza-iq-id, 6120-stanza-iq-type, 6120-stanza-iq-child: 6120-8.2.3-01,
    // 6120-8.2.3-02, 6120-8.2.3-07
    let origin = Origin::Client(JidRef::new(JULIET).unwrap());
    for to in ["", "to='example.com'", "to='romeo@example.com/x'", "to='romeo@example.net'"] {
        for iq in [
            format!("<iq xmlns='jabber:client' type='get' {to}>{PING}</iq>"),
            format!("<iq xmlns='jabber:client' id='1' {to}>{PING}</iq>"),
            format!("<iq xmlns='jabber:client' id='1' type='set' {to}/>"),
            format!("<iq xmlns='jabber:client' id='1' type='set' {to}>{PING}{PING}</iq>"),
        ] {
            assert_eq!(routed(origin, &iq), "refuse bad-request", "{iq}");
        }
        let unknown = format!("<presence xmlns='jabber:client' type='there' {to}/>");
        assert_eq!(routed(origin, &unknown), "refuse bad-request");
    }
}

#[test]
fn a_server_says_who_sent_it() {
    // 6120-stanza-attribute-from-stamp: 6120-8.1.2.1-01
    let sender = JidRef::new(JULIET).unwrap();
    for name in KINDS {
        let xml = stanza(name, "from='romeo@example.net'");
        let element = Element::parse(&xml).unwrap();
        let kind = Kind::of(StanzaRef::new(element.as_ref()).unwrap());
        let expected = if name.contains("subscribe") { "juliet@example.com" } else { JULIET };
        assert_eq!(stamp(kind, sender).as_str(), expected, "{name}");
    }
}

#[test]
fn a_stream_speaks_for_its_own_domains_alone() {
    // 6120-stanza-attribute-from-validate: 6120-8.1.2.2-01, 6120-8.1.2.2-02
    for (from, expected) in [
        (Some("romeo@example.net/x"), Ok("romeo@example.net/x")),
        (Some("example.net"), Ok("example.net")),
        (Some("romeo@example.org"), Err(StreamCondition::InvalidFrom)),
        (Some("romeo@sub.example.net"), Err(StreamCondition::InvalidFrom)),
        (Some("@example.net"), Err(StreamCondition::ImproperAddressing)),
        (None, Err(StreamCondition::ImproperAddressing)),
    ] {
        let from = AddressRef::from_attribute(from.map(Into::into));
        let judged = judge_sender(&from, |domain| domain == "example.net");
        assert_eq!(judged.map(|from| from.as_str().to_owned()), expected.map(str::to_owned));
    }
}
