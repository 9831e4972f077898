//! RFC 6120 section 3.2, RFC 2782, XEP-0368, XEP-0156 (6120-stream-fqdn-resolution).

use std::collections::HashMap;

use xmpp_core::config::TlsMode;
use xmpp_core::jid::{BareJid, Domainpart};
use xmpp_core::session::discovery::{
    AlternativeConnections, Answers, Host as Place_, HostMetaFormat, LookupFailed, Place, Plan,
    Service, Srv, order, plan,
};
use xmpp_core::session::{Destination, Methods, SessionConfig};

use crate::world::{Does, Host, Reached, World, client, seed_bytes};

fn domain(text: &str) -> Domainpart {
    Domainpart::new(text).unwrap()
}

fn targets(records: &[Srv]) -> Vec<&str> {
    records.iter().map(|record| record.target.as_str()).collect()
}

/// RFC 2782: "A client MUST attempt to contact the target host with the lowest-numbered
/// priority it can reach".
#[test]
fn priorities_are_exact_whatever_the_weights() {
    let records = vec![
        Srv::new(20, 65535, 1, "third"),
        Srv::new(10, 0, 1, "first"),
        Srv::new(10, 1, 1, "first too"),
        Srv::new(11, 65535, 1, "second"),
        Srv::new(65535, 65535, 1, "last"),
    ];
    for seed in 0..2000 {
        let ordered = order(records.clone(), seed_bytes(seed));
        assert_eq!(targets(&ordered)[2..], ["second", "third", "last"], "seed {seed}");
    }
}

/// RFC 2782: the shares of a priority are those of the weights.
#[test]
fn weights_are_shares() {
    let records = vec![Srv::new(1, 10, 1, "a"), Srv::new(1, 30, 1, "b"), Srv::new(1, 60, 1, "c")];
    let rounds = 20_000;
    let mut first = HashMap::<String, u32>::new();
    let mut last = HashMap::<String, u32>::new();
    for seed in 0..rounds {
        let ordered = order(records.clone(), seed_bytes(seed));
        *first.entry(ordered[0].target.clone()).or_default() += 1;
        *last.entry(ordered[2].target.clone()).or_default() += 1;
    }
    let share = |map: &HashMap<String, u32>, name| f64::from(map[name]) / rounds as f64;
    // "Between 0 and the sum, inclusive" favours the record at the beginning by one part.
    for (name, expected) in [("a", 11.0 / 101.0), ("b", 30.0 / 101.0), ("c", 60.0 / 101.0)] {
        assert!((share(&first, name) - expected).abs() < 0.015, "{name} {first:?}");
    }
    // The heaviest is seldom the last: with b (3/10) then a (1/7), or a (1/10) then b (1/3).
    assert!((share(&last, "c") - 0.08).abs() < 0.02, "{last:?}");
}

/// Records of weight 0 have "a very small chance of being selected" before others.
#[test]
fn weight_zero_has_a_small_chance() {
    let records = vec![Srv::new(1, 0, 1, "small"), Srv::new(1, 1000, 1, "large")];
    let first = (0..20_000)
        .filter(|&seed| targets(&order(records.clone(), seed_bytes(seed)))[0] == "small")
        .count();
    assert!((1..100).contains(&first), "{first}");
    // All of weight 0: any order, nothing lost.
    let records: Vec<Srv> = (0..50).map(|n| Srv::new(1, 0, n, "x")).collect();
    assert_eq!(order(records, [1; 32]).len(), 50);
}

fn answers(
    start_tls: Option<Result<Vec<Srv>, LookupFailed>>,
    direct_tls: Option<Result<Vec<Srv>, LookupFailed>>,
) -> Answers {
    let mut answers = Answers::default();
    answers.start_tls = start_tls;
    answers.direct_tls = direct_tls;
    answers
}

fn planned(answers: Answers) -> Result<Vec<String>, Plan> {
    match plan(domain("example.com").as_ref(), answers, [3; 32]) {
        Plan::Places(places) => {
            Ok(places.iter().map(|place| format!("{place} {:?}", place.tls)).collect())
        }
        other => Err(other),
    }
}

/// XEP-0368 section 3: "all priorities and weights are mixed", and how TLS comes about
/// is what the service says.
#[test]
fn the_two_services_are_mixed() {
    let mixed = planned(answers(
        Some(Ok(vec![Srv::new(2, 0, 5222, "b."), Srv::new(4, 0, 5222, "d.")])),
        Some(Ok(vec![Srv::new(1, 0, 443, "a."), Srv::new(3, 0, 443, "c.")])),
    ));
    let expected = ["a:443 Direct", "b:5222 StartTls", "c:443 Direct", "d:5222 StartTls"];
    assert_eq!(mixed.unwrap(), expected);
}

/// 6120-3.2.1-01: a target of `.` ends it. 6120-3.2.1-03 and 6120-3.2.2-01: without records
/// the domain itself is tried, on port 5222.
#[test]
fn the_root_as_target_is_a_refusal_and_nothing_at_all_is_not() {
    let refusal = || Some(Ok(vec![Srv::new(0, 0, 0, ".")]));
    let none = || Some(Ok(Vec::new()));
    let failed = || Some(Err(LookupFailed::new("SERVFAIL")));
    let fallback = vec!["example.com:5222 StartTls".to_owned()];
    assert_eq!(planned(answers(none(), none())), Ok(fallback.clone()));
    assert_eq!(planned(answers(failed(), failed())), Ok(fallback.clone()));
    assert_eq!(planned(answers(failed(), none())), Ok(fallback));
    assert_eq!(planned(answers(refusal(), refusal())), Err(Plan::NotOffered));
    assert_eq!(planned(answers(refusal(), none())), Err(Plan::NotOffered));
    // XEP-0368 section 3: "MUST NOT perform A/AAAA fallback".
    assert_eq!(planned(answers(none(), refusal())), Err(Plan::NotOffered));
    assert_eq!(
        planned(answers(failed(), refusal())),
        Err(Plan::Unknown(LookupFailed::new("SERVFAIL")))
    );
    // Only one of the two is declined.
    let records = || Some(Ok(vec![Srv::new(1, 1, 5222, "x.")]));
    assert_eq!(planned(answers(records(), refusal())).unwrap(), ["x:5222 StartTls"]);
    assert_eq!(planned(answers(refusal(), records())).unwrap(), ["x:5222 Direct"]);
    // One record of several, against the rule.
    let both = Some(Ok(vec![Srv::new(0, 0, 0, "."), Srv::new(1, 1, 5222, "x.")]));
    assert_eq!(planned(answers(both, none())).unwrap(), ["x:5222 StartTls"]);
    // Those that cannot be used are an answer all the same (6120-3.2.1-02).
    let absurd = Some(Ok(vec![Srv::new(1, 1, 5222, "x".repeat(300))]));
    assert_eq!(planned(answers(absurd, none())), Ok(Vec::new()));
}

/// RFC 1035 section 2.3.4: a name has no more than 253 characters, and may end with a dot here.
#[test]
fn a_target_is_no_longer_than_a_name_can_be() {
    for (length, places) in [(1, 1), (252, 1), (253, 1), (254, 0), (1000, 0)] {
        let target = ["a".repeat(63), ".".to_owned()].concat().repeat(16);
        let target = [&target[..length.min(target.len()) - 1], "a."].concat();
        assert_eq!(target.len(), length + 1);
        let record = Some(Ok(vec![Srv::new(1, 1, 5222, target)]));
        assert_eq!(planned(answers(record, None)).unwrap().len(), places, "{length}");
    }
}

#[test]
fn an_answer_of_thousands_is_cut() {
    let records: Vec<Srv> = (0..4000).map(|n| Srv::new(n / 10, 1, n, "x.")).collect();
    let places = planned(answers(Some(Ok(records)), None)).unwrap();
    assert_eq!(places.len(), 16);
    assert!(places.iter().all(|place| place.len() < "x:999".len() + 10), "{places:?}");
}

#[test]
fn names_are_a_labels_and_addresses_need_no_dns() {
    let name = Service::Client.query_name(domain("bücher.example").as_ref());
    assert_eq!(name, "_xmpp-client._tcp.xn--bcher-kva.example.");
    let name = Service::ClientDirectTls.query_name(domain("a.example").as_ref());
    assert_eq!(name, "_xmpps-client._tcp.a.example.");
    for (account, address) in
        [("a@192.0.2.7", "192.0.2.7:5222"), ("a@[2001:db8::7]", "[2001:db8::7]:5222")]
    {
        let mut config = SessionConfig::new(client());
        config.client.account = BareJid::new(account).unwrap();
        config.reconnect = false;
        let mut world = World::new(config, 1);
        world.run_to("stopped");
        assert_eq!(world.texts("look up"), [""; 0]);
        assert_eq!(world.texts("connect"), [format!("connect {address}")]);
    }
}

#[test]
fn both_services_are_asked_for_and_then_both_families() {
    let mut config = SessionConfig::new(client());
    config.client.tls = TlsMode::StartTls;
    let mut world = World::of_one(Does::Serve);
    world.run_to("online");
    // Without TLS there is no point in asking for direct TLS.
    assert_eq!(
        world.texts("look up"),
        [
            "look up _xmpp-client._tcp.example.com.",
            "look up AAAA example.com",
            "look up A example.com"
        ]
    );
}

/// 6120-3.2.1-02: where there are records, the domain itself is not tried, though nobody
/// answers at them.
#[test]
fn a_dead_target_is_followed_by_the_next_and_never_by_the_domain_itself() {
    let mut config = SessionConfig::new(client());
    config.reconnect = false;
    let mut world = World::new(config, 1);
    world.dns.srv(
        "_xmpp-client",
        &[(1, 0, 5222, "dead."), (2, 0, 5222, "gone."), (3, 0, 5299, "alive.")],
    );
    world
        .dns
        .host("dead", &["192.0.2.1"])
        .host("alive", &["192.0.2.3"])
        .host("example.com", &["192.0.2.9"]);
    world.put("192.0.2.1:5222", Host::unreachable(Reached::Refuses(5)));
    world.put("192.0.2.3:5299", Host::new(Does::Serve));
    world.put("192.0.2.9:5222", Host::new(Does::Serve));
    world.run_to("online");
    assert_eq!(world.texts("connect "), ["connect 192.0.2.1:5222", "connect 192.0.2.3:5299"]);
    world.hosts.clear();
    world.session.reconnect_now(world.now);
    world.run_to("stopped");
    assert!(
        world.texts("connect ").iter().all(|told| !told.contains("192.0.2.9")),
        "{:#?}",
        world.log
    );
    let stopped = world.texts("stopped").pop().unwrap();
    assert!(stopped.contains("192.0.2.1 port 5222: refused"), "{stopped}");
    assert!(stopped.contains("gone: the name has no address"), "{stopped}");
    // Of one family alone, it has one; and each fault is told once.
    assert_eq!(stopped.matches("the name has no address").count(), 1, "{stopped}");
}

/// A server that takes the connection and is broken is as dead as one that does not.
#[test]
fn a_target_that_answers_nonsense_is_followed_by_the_next() {
    for does in [Does::CutAfter(1), Does::CutAfter(0), Does::Nothing] {
        let mut world = World::new(SessionConfig::new(client()), 1);
        world.dns.srv("_xmpp-client", &[(1, 0, 5222, "dead."), (2, 0, 5222, "alive.")]);
        world.dns.host("dead", &["192.0.2.1"]).host("alive", &["192.0.2.3"]);
        world.put("192.0.2.1:5222", Host::new(does.clone()));
        world.put("192.0.2.3:5222", Host::new(Does::Serve));
        world.run_to("online");
        assert_eq!(world.texts("offline"), [""; 0], "in the same round");
        assert_eq!(world.texts("failed").len(), 1);
    }
}

#[test]
fn what_is_not_offered_stops() {
    let mut world = World::new(SessionConfig::new(client()), 1);
    world.dns.srv("_xmpp-client", &[(0, 0, 0, ".")]).host("example.com", &["192.0.2.9"]);
    world.put("192.0.2.9:5222", Host::new(Does::Serve));
    world.run_to("stopped");
    assert_eq!(world.texts("connect "), [""; 0]);
    world.run_for(100_000.0);
    assert_eq!(world.texts("look up").len(), 1);
}

#[test]
fn dns_that_says_nothing_holds_nobody_up_for_ever() {
    let mut world = World::of_one(Does::Serve);
    world.dns.silent.push("_xmpp-client._tcp.example.com.".into());
    world.dns.silent.push("AAAA example.com".into());
    let online = world.run_to("online");
    // Ten seconds for the SRV records, then the fall-back.
    assert!(online.since_origin().as_secs() <= 11, "{online:?}");
    let mut world = World::of_one(Does::Serve);
    world.dns.silent.push("AAAA example.com".into());
    world.dns.silent.push("A example.com".into());
    let offline = world.run_to("offline");
    assert!(offline.since_origin().as_secs() <= 11, "{offline:?}");
    assert!(world.texts("offline")[0].contains("not told in time"));
}

/// RFC 6120 section 3.2.3.
#[test]
fn an_explicit_place_is_taken_without_srv() {
    let mut config = SessionConfig::new(client());
    config.destination =
        Destination::Place(Place::new(Place_::new("apps.example.org"), 5299, TlsMode::StartTls));
    let mut world = World::new(config, 1);
    world.dns.host("apps.example.org", &["192.0.2.5"]);
    world.put("192.0.2.5:5299", Host::new(Does::Serve));
    world.run_to("online");
    assert_eq!(
        world.texts("look up"),
        ["look up AAAA apps.example.org", "look up A apps.example.org"]
    );
}

const XRD: &str = "<?xml version='1.0' encoding='utf-8'?>\n\
    <XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\n\
      <Link rel='urn:xmpp:alt-connections:xbosh' href='https://web.example.com:5280/bosh' />\n\
      <Link rel=\"urn:xmpp:alt-connections:websocket\" href=\"wss://web.example.com:443/ws\" />\n\
      <Link rel='lrdd' template='https://example.com/{uri}'/>\n\
      <Link rel='urn:xmpp:alt-connections:websocket' href='ws://web.example.com/ws'/>\n\
    </XRD>";

/// XEP-0156 section 3.1, example 1, and a URL without TLS, which "MUST" not be used.
#[test]
fn host_meta_is_read_as_xml() {
    let found = AlternativeConnections::read(XRD.as_bytes(), HostMetaFormat::Xrd).unwrap();
    assert_eq!(found.web_socket, ["wss://web.example.com:443/ws"]);
    assert_eq!(found.bosh, ["https://web.example.com:5280/bosh"]);
    for bad in ["", "<XRD/>", "<!DOCTYPE a><XRD/>", "{}", &"<a>".repeat(40_000)] {
        assert!(
            AlternativeConnections::read(bad.as_bytes(), HostMetaFormat::Xrd).is_err(),
            "{bad:.20}"
        );
    }
    let error = AlternativeConnections::read(b"<XRD/>", HostMetaFormat::Xrd).unwrap_err();
    assert_eq!(error.to_string(), "the host-meta file cannot be read: the file is no XRD");
    let url = HostMetaFormat::Xrd.url(domain("bücher.example").as_ref());
    assert_eq!(url, "https://xn--bcher-kva.example/.well-known/host-meta");
}

/// XEP-0156 section 3.1, example 2.
#[cfg(feature = "host-meta")]
#[test]
fn host_meta_is_read_as_json() {
    let file = r#"{"subject": "x", "properties": {"a": [1, {"b": null}]}, "links": [
        {"rel": "urn:xmpp:alt-connections:xbosh", "href": "https://web.example.com:5280/bosh"},
        {"rel": "urn:xmpp:alt-connections:websocket", "href": "wss://web.example.com:443/ws"},
        {"rel": "urn:xmpp:alt-connections:websocket", "href": "ws://web.example.com:443/ws"},
        {"rel": "lrdd", "template": "\u0041"}]}"#;
    let found = AlternativeConnections::read(file.as_bytes(), HostMetaFormat::Jrd).unwrap();
    assert_eq!(found.web_socket, ["wss://web.example.com:443/ws"]);
    assert_eq!(found.bosh, ["https://web.example.com:5280/bosh"]);
    for bad in
        ["", "{\"links\": 1}", &"[".repeat(60_000), &format!("{{\"a\":{}", "[".repeat(60_000))]
    {
        assert!(
            AlternativeConnections::read(bad.as_bytes(), HostMetaFormat::Jrd).is_err(),
            "{bad:.20}"
        );
    }
}

#[test]
fn lists_in_host_meta_have_an_end() {
    let link = "<Link rel='urn:xmpp:alt-connections:websocket' href='wss://x/'/>";
    let file = format!(
        "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>{}</XRD>",
        link.repeat(500)
    );
    let found = AlternativeConnections::read(file.as_bytes(), HostMetaFormat::Xrd).unwrap();
    assert_eq!(found.web_socket.len(), 8);
    assert!(AlternativeConnections::read(file.repeat(3).as_bytes(), HostMetaFormat::Xrd).is_err());
}

#[test]
fn a_host_meta_file_that_is_too_long_is_not_read() {
    let read = |length| {
        let (file, end) = XRD.split_at(XRD.len() - "</XRD>".len());
        let file = [file, &" ".repeat(length - XRD.len()), end].concat();
        assert_eq!(file.len(), length);
        AlternativeConnections::read(file.as_bytes(), HostMetaFormat::Xrd)
    };
    let most = HostMetaFormat::MAX_BYTES;
    for length in [most - 1, most] {
        assert_eq!(read(length).unwrap().web_socket, ["wss://web.example.com:443/ws"], "{length}");
    }
    for length in [most + 1, 2 * most] {
        let error = read(length).unwrap_err().to_string();
        assert!(error.ends_with("the file is too long"), "{length}: {error}");
    }
}

/// XEP-0156 section 3: "MUST be used only as a fallback after the methods specified in
/// XMPP Core have been exhausted". 7395-4-01, 7395-4-02, 7395-6-01: a WebSocket elsewhere is
/// gone to because the domain says so over HTTPS.
#[test]
fn host_meta_is_asked_for_when_all_else_has_failed() {
    let mut config = SessionConfig::new(client());
    config.reconnect = false;
    config.methods.web_socket = true;
    // The tests' other worlds have no TLS, where host-meta makes no sense.
    let authority = crate::common::tls::Authority::new();
    let session = xmpp_core::session::Session::new(
        config.clone(),
        authority.initiator(),
        crate::common::T0,
        [1; 32],
    );
    let mut world = World::with(session, 1);
    world.dns.host("example.com", &["192.0.2.1"]);
    world.dns.files.insert("https://example.com/.well-known/host-meta".into(), XRD.into());
    world.run_to("stopped");
    assert_eq!(
        world.texts("connect "),
        ["connect 192.0.2.1:5222", "connect wss://web.example.com:443/ws"]
    );
    assert_eq!(
        world.texts("look up")[..2],
        ["look up _xmpp-client._tcp.example.com.", "look up _xmpps-client._tcp.example.com."]
    );
    assert_eq!(
        world.texts("look up").last(),
        Some(&"look up https://example.com/.well-known/host-meta")
    );
    // Where the system knows no DNS, as in a browser.
    config.methods = Methods::default();
    config.methods.start_tls = false;
    config.methods.direct_tls = false;
    config.methods.web_socket = true;
    let initiator = authority.initiator();
    let session = xmpp_core::session::Session::new(config, initiator, crate::common::T0, [1; 32]);
    let mut world = World::with(session, 1);
    world.dns.files.insert("https://example.com/.well-known/host-meta".into(), XRD.into());
    world.run_to("stopped");
    assert_eq!(world.texts("look up"), ["look up https://example.com/.well-known/host-meta"]);
    assert_eq!(world.texts("connect "), ["connect wss://web.example.com:443/ws"]);
}

/// RFC 1035 section 3.1: 255 octets on the wire, which are 253 characters, and the dot.
#[test]
fn a_target_that_is_too_long_is_none() {
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
    assert_eq!(longest.len(), 253);
    let records = vec![
        Srv::new(1, 0, 5222, format!("c{longest}.")),
        Srv::new(2, 0, 5222, format!("{longest}.")),
        Srv::new(3, 0, 5222, "short."),
    ];
    let places = planned(answers(Some(Ok(records)), Some(Ok(Vec::new())))).unwrap();
    assert_eq!(places, [format!("{longest}:5222 StartTls"), "short:5222 StartTls".into()]);
}
