//! RFC 6121 §2: the RFC's own exchanges, through the host.

use crate::support::{Net, also_apart};

const GET: &str = "<iq id='hu2bac18' type='get'><query xmlns='jabber:iq:roster'/></iq>";

fn set(id: &str, item: &str) -> String {
    format!("<iq id='{id}' type='set'><query xmlns='jabber:iq:roster'>{item}</query></iq>")
}

fn push(to: &str, item: &str) -> String {
    format!(
        "<iq id='push' to='{to}' type='set'><query xmlns='jabber:iq:roster'>{item}</query></iq>"
    )
}

fn result(id: &str, to: &str) -> String {
    format!("<iq id='{id}' to='{to}' type='result'/>")
}

fn error(id: &str, to: &str, error_type: &str, condition: &str) -> String {
    format!(
        "<iq id='{id}' to='{to}' type='error'><error type='{error_type}'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )
}

/// The errors' words for humans are not compared.
#[track_caller]
fn expect_error(net: &mut Net, id: crate::support::Id, expected: &str) {
    let got = net.take(id);
    assert_eq!(got.len(), 1, "one answer");
    let got = crate::support::without_error_text(&got[0]);
    assert_eq!(got, crate::support::element(expected), "got {}", got.source());
}

/// 6121-2.1.4-01: "MUST return an IQ-result containing a child <query/> element that in turn
/// contains no <item/> children"
#[test]
fn an_empty_roster_is_a_result_with_an_empty_query() {
    // 6121-roster-get
    let mut net = Net::new(&["juliet"]);
    let balcony = net.bind("juliet", "balcony");
    net.send(balcony, GET);
    net.expect(
        balcony,
        &["<iq id='hu2bac18' to='juliet@example.com/balcony' type='result'>\
           <query xmlns='jabber:iq:roster'/></iq>"],
    );
}

/// 6121-2.3.2-01, -02, -03 and 6121-2.2-02: the result to the one who asked, a push to all
/// interested resources, none to others.
#[test]
fn adding_an_item() {
    // 6121-roster-set, 6121-roster-push
    let mut net = Net::new(&["juliet"]);
    let [balcony, chamber, garden] =
        ["balcony", "chamber", "garden"].map(|r| net.bind("juliet", r));
    net.send(balcony, GET);
    net.send(chamber, GET);
    net.send(garden, "<presence/>");
    net.drain();

    let nurse = "<item jid='nurse@example.com' name='Nurse'><group>Servants</group></item>";
    net.send(balcony, &set("ph1xaz53", nurse));
    let pushed = "<item jid='nurse@example.com' name='Nurse' subscription='none'>\
                  <group>Servants</group></item>";
    net.expect(
        balcony,
        &[
            &result("ph1xaz53", "juliet@example.com/balcony"),
            &push("juliet@example.com/balcony", pushed),
        ],
    );
    net.expect(chamber, &[&push("juliet@example.com/chamber", pushed)]);
    net.expect_nothing(garden);

    // 6121-2-01: "MUST return the data it has stored"
    net.send(garden, GET);
    net.expect(
        garden,
        &[&format!(
            "<iq id='hu2bac18' to='juliet@example.com/garden' type='result'>\
             <query xmlns='jabber:iq:roster'>{pushed}</query></iq>"
        )],
    );
}

/// 6121-2.4.1-01: "the item MUST be updated exactly as provided in the roster set"; the
/// examples of §2.4.1 in their order.
#[test]
fn updating_an_item() {
    // 6121-2.4.2-01; names, groups and the subscription may be left out: 6121-2.1.2.4-03,
    // 6121-2.1.2.5-04, 6121-2.1.2.6-04; there may be several groups: 6121-2.1.2.6-01
    let mut net = Net::new(&["juliet"]);
    let balcony = net.login("juliet", "balcony");
    for (item, pushed) in [
        (
            "<item jid='romeo@example.net' name='Romeo'><group>Friends</group></item>",
            "<item jid='romeo@example.net' name='Romeo' subscription='none'>\
             <group>Friends</group></item>",
        ),
        (
            "<item jid='romeo@example.net' name='Romeo'>\
             <group>Friends</group><group>Lovers</group></item>",
            "<item jid='romeo@example.net' name='Romeo' subscription='none'>\
             <group>Friends</group><group>Lovers</group></item>",
        ),
        (
            "<item jid='romeo@example.net' name='Romeo'><group>Lovers</group></item>",
            "<item jid='romeo@example.net' name='Romeo' subscription='none'>\
             <group>Lovers</group></item>",
        ),
        ("<item jid='romeo@example.net'/>", "<item jid='romeo@example.net' subscription='none'/>"),
        (
            "<item jid='romeo@example.net' name='MyRomeo'/>",
            "<item jid='romeo@example.net' name='MyRomeo' subscription='none'/>",
        ),
        (
            "<item jid='romeo@example.net' name=''/>",
            "<item jid='romeo@example.net' subscription='none'/>",
        ),
        // Opaque to the server: 6121-2.1.2.4-01, 6121-2.1.2.6-02
        (
            "<item jid='romeo@example.net' name=' R\u{F6}M\u{e9}o\u{301} '><group> a::B </group></item>",
            "<item jid='romeo@example.net' name=' R\u{F6}M\u{e9}o\u{301} ' subscription='none'>\
             <group> a::B </group></item>",
        ),
    ] {
        net.send(balcony, &set("di43b2x9", item));
        let to = "juliet@example.com/balcony";
        net.expect(balcony, &[&result("di43b2x9", to), &push(to, pushed)]);
    }
}

/// 6121-2.1.2.5-03, 6121-2.1.5-02, and §2.1.2.1, §2.1.2.2: what the client says of subscription,
/// 'ask' and 'approved' does not count.
#[test]
fn a_client_cannot_set_its_subscription() {
    let mut net = Net::new(&["juliet", "romeo"]);
    let balcony = net.login("juliet", "balcony");
    let item =
        "<item jid='romeo@example.com' subscription='both' ask='subscribe' approved='true'/>";
    net.send(balcony, &set("x", item));
    assert_eq!(net.shown("juliet", "romeo"), "none");
}

/// 6121-2.5.2-01, 6121-2.5.3-01
#[test]
fn deleting_an_item() {
    let mut net = Net::new(&["juliet"]);
    let balcony = net.login("juliet", "balcony");
    net.send(balcony, &set("a", "<item jid='nurse@example.com'/>"));
    net.drain();
    let remove = "<item jid='nurse@example.com' subscription='remove'/>";
    net.send(balcony, &set("hm4hs97y", remove));
    let to = "juliet@example.com/balcony";
    net.expect(balcony, &[&result("hm4hs97y", to), &push(to, remove)]);

    net.send(balcony, &set("uj4b1ca8", remove));
    expect_error(&mut net, balcony, &error("uj4b1ca8", to, "modify", "item-not-found"));
}

/// 6121-2.5.2-02 to -04: what the subscription had is ended on both sides.
#[test]
fn deleting_an_item_ends_its_subscriptions() {
    let mut net = Net::new(&["juliet", "nurse"]);
    let (balcony, kitchen) = (net.login("juliet", "balcony"), net.login("nurse", "kitchen"));
    for (session, to, kind) in [
        (balcony, "nurse", "subscribe"),
        (kitchen, "juliet", "subscribed"),
        (kitchen, "juliet", "subscribe"),
        (balcony, "nurse", "subscribed"),
    ] {
        net.send(session, &format!("<presence to='{to}@example.com' type='{kind}'/>"));
    }
    assert_eq!((&*net.shown("juliet", "nurse"), &*net.shown("nurse", "juliet")), ("both", "both"));
    net.drain();

    let remove = "<item jid='nurse@example.com' subscription='remove'/>";
    net.send(balcony, &set("hm4hs97y", remove));
    let unavailable =
        |from: &str, to: &str| format!("<presence from='{from}' to='{to}' type='unavailable'/>");
    let to = "juliet@example.com/balcony";
    net.expect(
        balcony,
        &[
            &result("hm4hs97y", to),
            &push(to, remove),
            &unavailable("nurse@example.com/kitchen", "juliet@example.com"),
        ],
    );
    let kitchen_jid = "nurse@example.com/kitchen";
    net.expect(
        kitchen,
        &[
            "<presence from='juliet@example.com' to='nurse@example.com' type='unsubscribe'/>",
            &push(kitchen_jid, "<item jid='juliet@example.com' subscription='to'/>"),
            &unavailable("juliet@example.com/balcony", "nurse@example.com"),
            "<presence from='juliet@example.com' to='nurse@example.com' type='unsubscribed'/>",
            &push(kitchen_jid, "<item jid='juliet@example.com' subscription='none'/>"),
        ],
    );
    assert_eq!((&*net.shown("juliet", "nurse"), &*net.shown("nurse", "juliet")), ("-", "none"));
}

/// 6121-2.1.5-01, 6121-2.3.3-01, -03, -04, 6121-2.1.3-01: the cases of §2.3.3 and the like.
#[test]
fn roster_sets_that_break_a_rule() {
    let mut net = Net::new(&["juliet", "romeo"]);
    let balcony = net.login("juliet", "balcony");
    let to = "juliet@example.com/balcony";
    let item = |inner: &str| format!("<item jid='nurse@example.com'>{inner}</item>");
    let long = "x".repeat(1024);
    for (items, error_type, condition) in [
        (
            "<item jid='nurse@example.com'/><item jid='mother@example.com'/>".to_owned(),
            "modify",
            "bad-request",
        ),
        (String::new(), "modify", "bad-request"),
        ("<item/>".to_owned(), "modify", "bad-request"),
        ("<item jid='@example.com'/>".to_owned(), "modify", "jid-malformed"),
        (item("<group>Servants</group><group>Servants</group>"), "modify", "bad-request"),
        (item("<group/>"), "modify", "not-acceptable"),
        (item(&format!("<group>{long}</group>")), "modify", "not-acceptable"),
        (format!("<item jid='nurse@example.com' name='{long}'/>"), "modify", "not-acceptable"),
        ("<item jid='juliet@example.com'/>".to_owned(), "cancel", "not-allowed"),
    ] {
        net.send(balcony, &set("nw83vcj4", &items));
        expect_error(&mut net, balcony, &error("nw83vcj4", to, error_type, condition));
        assert!(net.host.roster(&crate::support::bare("juliet")).unwrap().is_empty(), "{items}");
    }
    net.send(
        balcony,
        "<iq id='g' type='get'><query xmlns='jabber:iq:roster'>\
         <item jid='nurse@example.com'/></query></iq>",
    );
    expect_error(&mut net, balcony, &error("g", to, "modify", "bad-request"));
}

/// 6121-2.2-04: a roster get that cannot be done. 6121-2.3.3-02, 6121-2.1.5-03, 6121-2-02: "Roster
/// set initiated by unauthorized entity", and the same answer whether or not the account exists;
/// 6121-8.5.2.2.3-02: on behalf of a user who is not there.
#[test]
fn rosters_of_others_are_forbidden() {
    let mut net = Net::new(&["juliet", "romeo"]);
    let balcony = net.login("juliet", "balcony");
    for owner in ["romeo", "nobody"] {
        for kind in ["get", "set"] {
            net.send(
                balcony,
                &format!(
                    "<iq id='ix7s53v2' to='{owner}@example.com' type='{kind}'>\
                     <query xmlns='jabber:iq:roster'><item jid='nurse@example.com'/></query></iq>"
                ),
            );
            let expected = format!(
                "<iq id='ix7s53v2' from='{owner}@example.com' to='juliet@example.com/balcony' \
                 type='error'><error type='auth'>\
                 <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            );
            net.expect(balcony, &[&expected]);
        }
    }
}

/// A roster get to one's own bare JID is one without 'to', and is answered from there.
#[test]
fn a_roster_get_may_name_the_own_account() {
    let mut net = Net::new(&["romeo"]);
    let home = net.bind("romeo", "home");
    net.send(
        home,
        "<iq from='romeo@example.com/home' id='r1h3vzp7' to='romeo@example.com' type='get'>\
         <query xmlns='jabber:iq:roster'/></iq>",
    );
    net.expect(
        home,
        &["<iq from='romeo@example.com' id='r1h3vzp7' to='romeo@example.com/home' type='result'>\
           <query xmlns='jabber:iq:roster'/></iq>"],
    );
}

/// 6121-2.6.3-08, 6121-2.1.1-02: versions go along, whether or not the client asked for them.
#[test]
fn results_and_pushes_tell_the_version_unasked() {
    let mut net = Net::new(&["romeo"]);
    let home = net.bind("romeo", "home");
    let mut vers = Vec::new();
    for stanza in [GET, &set("s", "<item jid='a@example.org'/>"), GET] {
        net.send(home, stanza);
        let queries = net.take(home).into_iter().filter_map(|iq| {
            iq.children().next().map(|query| query.attr("ver").expect("a version").into_owned())
        });
        vers.extend(queries);
    }
    assert_eq!(vers.len(), 3, "a result, a push, a result");
    assert!(vers[0] != vers[1] && vers[1] == vers[2], "{vers:?}");
}

fn ver(net: &mut Net, id: crate::support::Id) -> String {
    net.send(id, "<iq id='v' type='get'><query xmlns='jabber:iq:roster' ver=''/></iq>");
    let got = net.take(id);
    let query = got.last().and_then(|iq| iq.children().next()).expect("a query");
    query.attr("ver").expect("a version").into_owned()
}

/// 6121-2.6.3-01 to -03, -06, -07: an empty result, then the final state of each modified item, in the
/// order of modification, each with a version of its own.
#[test]
fn interim_roster_pushes() {
    // 6121-roster-version
    let mut net = Net::new(&["romeo"]);
    let home = net.login("romeo", "home");
    for jid in ["tybalt@example.org", "a@example.org", "b@example.org", "c@example.org"] {
        net.send(home, &set("s", &format!("<item jid='{jid}'/>")));
    }
    let old = ver(&mut net, home);
    net.send(home, &set("s", "<item jid='tybalt@example.org' subscription='remove'/>"));
    net.send(home, &set("s", "<item jid='b@example.org' name='B'/>"));
    net.send(home, &set("s", "<item jid='b@example.org' name='Bill'/>"));
    net.drain();

    let away = net.bind("romeo", "away");
    let get = |ver: &str| {
        format!("<iq id='r' type='get'><query xmlns='jabber:iq:roster' ver='{ver}'/></iq>")
    };
    net.send(away, &get(&old));
    let got = net.take(away);
    let versions: Vec<_> = got[1..]
        .iter()
        .map(|iq| iq.children().next().unwrap().attr("ver").unwrap().into_owned())
        .collect();
    assert_eq!(versions.len(), 2);
    assert_ne!(versions[0], versions[1]);
    net.send(away, &get(&old));
    let to = "romeo@example.com/away";
    net.expect(
        away,
        &[
            &result("r", to),
            &push(to, "<item jid='tybalt@example.org' subscription='remove'/>"),
            &push(to, "<item jid='b@example.org' name='Bill' subscription='none'/>"),
        ],
    );
    // The version of the last push is the current one, so that nothing follows.
    net.send(away, &get(&versions[1]));
    net.expect(away, &[&result("r", to)]);
    // Versions of others, and what never was one, bring the whole roster.
    for other in ["", "b-1", "a-99", "ver14", "-", "a-18446744073709551616"] {
        net.send(away, &get(other));
        assert_eq!(net.take(away)[0].children().next().unwrap().children().count(), 3, "{other}");
    }
}

/// A change that no roster push shows does not change the version (6121-2.6.3).
#[test]
fn a_pending_request_is_no_roster_modification() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let (home, balcony) = (net.login("romeo", "home"), net.login("juliet", "balcony"));
    let before = ver(&mut net, home);
    net.send(balcony, "<presence to='romeo@example.com' type='subscribe'/>");
    net.expect(
        home,
        &["<presence from='juliet@example.com' to='romeo@example.com' type='subscribe'/>"],
    );
    assert_eq!(ver(&mut net, home), before);
    // 6121-3.1.3-14: "MUST NOT add an item for the user to the contact's roster"
    assert_eq!(net.shown("romeo", "juliet"), "-");
}

/// 6121-2.1.6-05: errors and results that answer roster pushes are ignored.
#[test]
fn answers_to_roster_pushes_are_ignored() {
    let mut net = Net::new(&["juliet"]);
    let balcony = net.login("juliet", "balcony");
    net.send(balcony, "<iq id='push1' type='result'/>");
    net.send(
        balcony,
        "<iq id='push1' type='error'><error type='cancel'>\
         <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    );
    net.expect_silence();
}

also_apart! {
    an_empty_roster_is_a_result_with_an_empty_query,
    adding_an_item,
    updating_an_item,
    a_client_cannot_set_its_subscription,
    deleting_an_item,
    deleting_an_item_ends_its_subscriptions,
    roster_sets_that_break_a_rule,
    rosters_of_others_are_forbidden,
    a_roster_get_may_name_the_own_account,
    interim_roster_pushes,
    results_and_pushes_tell_the_version_unasked,
    a_pending_request_is_no_roster_modification,
    answers_to_roster_pushes_are_ignored,
}
