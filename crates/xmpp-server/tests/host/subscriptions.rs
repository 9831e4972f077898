//! RFC 6121 §3: the exchanges of the RFC's own examples, with both accounts on one host.

use crate::support::{Id, Net, also_apart};

fn presence(from: &str, to: &str, id: &str, kind: &str) -> String {
    format!("<presence from='{from}@example.com' id='{id}' to='{to}@example.com' type='{kind}'/>")
}

fn send(net: &mut Net, id: Id, to: &str, stanza_id: &str, kind: &str) {
    net.send(id, &format!("<presence id='{stanza_id}' to='{to}@example.com' type='{kind}'/>"));
}

fn push(to: &str, item: &str) -> String {
    format!(
        "<iq id='push' to='{to}' type='set'><query xmlns='jabber:iq:roster'>{item}</query></iq>"
    )
}

fn available(from: &str, to: &str) -> String {
    format!("<presence from='{from}' to='{to}@example.com'/>")
}

fn unavailable(from: &str, to: &str) -> String {
    format!("<presence from='{from}' to='{to}@example.com' type='unavailable'/>")
}

/// Romeo (home, away) and Juliet (balcony, chamber), all available and interested.
struct Cast {
    net: Net,
    home: Id,
    away: Id,
    balcony: Id,
    chamber: Id,
}

impl Cast {
    fn new() -> Self {
        let mut net = Net::new(&["romeo", "juliet"]);
        let [home, away] = ["home", "away"].map(|r| net.login("romeo", r));
        let [balcony, chamber] = ["balcony", "chamber"].map(|r| net.login("juliet", r));
        net.drain();
        Self { net, home, away, balcony, chamber }
    }

    /// Romeo is subscribed to Juliet.
    fn subscribed() -> Self {
        let mut cast = Self::new();
        send(&mut cast.net, cast.home, "juliet", "xk3h1v69", "subscribe");
        send(&mut cast.net, cast.balcony, "romeo", "h4v1c4kj", "subscribed");
        cast.net.drain();
        assert_eq!(cast.states(), ("to".into(), "from".into()));
        cast
    }

    /// Romeo's item for Juliet, and hers for him.
    fn states(&self) -> (String, String) {
        (self.net.shown("romeo", "juliet"), self.net.shown("juliet", "romeo"))
    }

    #[track_caller]
    fn romeo_expects(&mut self, stanzas: &[&str]) {
        for (id, resource) in [(self.home, "home"), (self.away, "away")] {
            let own: Vec<_> = stanzas.iter().map(|s| s.replace("RESOURCE", resource)).collect();
            self.net.expect(id, &own.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    #[track_caller]
    fn juliet_expects(&mut self, stanzas: &[&str]) {
        for (id, resource) in [(self.balcony, "balcony"), (self.chamber, "chamber")] {
            let own: Vec<_> = stanzas.iter().map(|s| s.replace("RESOURCE", resource)).collect();
            self.net.expect(id, &own.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}

const ROMEO: &str = "romeo@example.com/RESOURCE";
const JULIET: &str = "juliet@example.com/RESOURCE";

/// §3.1.2, §3.1.3: 6121-3-01, 6121-3.1.2-07, -09, 6121-3.1.3-09
#[test]
fn requesting_a_subscription() {
    // 6121-presence-sub-request: 6121-3.1.2-05, 6121-3.1.3-05, 6121-2.1.2.2-01
    let mut cast = Cast::new();
    send(&mut cast.net, cast.home, "juliet", "xk3h1v69", "subscribe");
    cast.juliet_expects(&[&presence("romeo", "juliet", "xk3h1v69", "subscribe")]);
    let item = "<item ask='subscribe' jid='juliet@example.com' subscription='none'/>";
    cast.romeo_expects(&[&push(ROMEO, item)]);
    assert_eq!(cast.states(), ("none?".into(), "-".into()));
}

/// §3.1.2: "If the JID is of the form <contact@domainpart/resourcepart> […] SHOULD treat it as
/// if the request had been directed to the contact's bare JID" (6121-3.1.2-03)
#[test]
fn a_request_to_a_full_jid_is_one_to_the_bare_jid() {
    let mut cast = Cast::new();
    for resource in ["balcony", "nowhere"] {
        let to = format!("juliet@example.com/{resource}");
        cast.net.send(cast.home, &format!("<presence id='x' to='{to}' type='subscribe'/>"));
    }
    cast.juliet_expects(&[&presence("romeo", "juliet", "x", "subscribe")]);
}

/// §3.1.5, §3.1.6: the approval comes before the push, presence after it (6121-3.1.5-01 to -03,
/// 6121-3.1.6-02 to -04)
#[test]
fn approving_a_subscription() {
    // 6121-presence-sub-approval
    let mut cast = Cast::new();
    send(&mut cast.net, cast.home, "juliet", "xk3h1v69", "subscribe");
    cast.net.drain();
    send(&mut cast.net, cast.balcony, "romeo", "h4v1c4kj", "subscribed");
    cast.juliet_expects(&[&push(JULIET, "<item jid='romeo@example.com' subscription='from'/>")]);
    cast.romeo_expects(&[
        &presence("juliet", "romeo", "h4v1c4kj", "subscribed"),
        &push(ROMEO, "<item jid='juliet@example.com' subscription='to'/>"),
        &available("juliet@example.com/balcony", "romeo"),
        &available("juliet@example.com/chamber", "romeo"),
    ]);
}

/// §3.1.3: "MUST keep a record of the complete presence stanza […], including any extended
/// content […] and then deliver the request when the contact next has an available resource",
/// once however often it was sent, and again until it is answered (6121-3.1.3-11 to -13).
#[test]
fn a_request_waits_for_the_contact() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let home = net.login("romeo", "home");
    net.send(
        home,
        "<presence id='a' to='juliet@example.com' type='subscribe'>\
         <nick xmlns='http://jabber.org/protocol/nick'>Romeo</nick></presence>",
    );
    send(&mut net, home, "juliet", "b", "subscribe");
    let request = "<presence id='a' from='romeo@example.com' to='juliet@example.com' \
                   type='subscribe'><nick xmlns='http://jabber.org/protocol/nick'>Romeo</nick>\
                   </presence>";
    for resource in ["balcony", "chamber"] {
        let id = net.bind("juliet", resource);
        net.expect_nothing(id);
        net.send(id, "<presence/>");
        let got = net.take(id);
        let requests: Vec<_> =
            got.iter().filter(|p| p.attr("type").as_deref() == Some("subscribe")).collect();
        assert_eq!(requests, [&crate::support::element(request)]);
        // Subsequent presence does not bring it again.
        net.send(id, "<presence><show>away</show></presence>");
        net.send(id, "<presence type='unavailable'/>");
        net.drain();
    }
    let balcony = net.login("juliet", "garden");
    send(&mut net, balcony, "romeo", "no", "unsubscribed");
    net.end(balcony);
    let again = net.bind("juliet", "garden");
    net.send(again, "<presence/>");
    net.expect(again, &["<presence from='juliet@example.com/garden' to='juliet@example.com'/>"]);
}

/// §3.1.4, §3.2: a denial
#[test]
fn denying_a_request() {
    let mut cast = Cast::new();
    send(&mut cast.net, cast.home, "juliet", "x", "subscribe");
    cast.net.drain();
    send(&mut cast.net, cast.balcony, "romeo", "tb2m1b59", "unsubscribed");
    cast.juliet_expects(&[]);
    cast.romeo_expects(&[
        &presence("juliet", "romeo", "tb2m1b59", "unsubscribed"),
        &push(ROMEO, "<item jid='juliet@example.com' subscription='none'/>"),
    ]);
}

/// §3.1.3: "if the user already has a subscription […] MUST auto-reply", with nothing delivered
/// on either side (tables 6 and 8).
#[test]
fn a_request_of_a_subscriber_is_answered_by_the_server() {
    let mut cast = Cast::subscribed();
    send(&mut cast.net, cast.home, "juliet", "again", "subscribe");
    cast.net.expect_silence();
    assert_eq!(cast.states(), ("to".into(), "from".into()));
}

/// §3.2.2, §3.2.3: unavailable presence, then the stanza, then the pushes (6121-3.2.2-04 to -07,
/// 6121-3.2.3-02 to -04)
#[test]
fn cancelling_a_subscription() {
    // 6121-presence-sub-cancel
    let mut cast = Cast::subscribed();
    send(&mut cast.net, cast.balcony, "romeo", "ij5b1v7g", "unsubscribed");
    cast.romeo_expects(&[
        &unavailable("juliet@example.com/balcony", "romeo"),
        &unavailable("juliet@example.com/chamber", "romeo"),
        &presence("juliet", "romeo", "ij5b1v7g", "unsubscribed"),
        &push(ROMEO, "<item jid='juliet@example.com' subscription='none'/>"),
    ]);
    cast.juliet_expects(&[&push(JULIET, "<item jid='romeo@example.com' subscription='none'/>")]);
}

/// §3.3.2, §3.3.3 (6121-3.3.2-04, -05, 6121-3.3.3-02, -03)
#[test]
fn unsubscribing() {
    // 6121-presence-sub-unsubscribe: 6121-3.3.2-02
    let mut cast = Cast::subscribed();
    send(&mut cast.net, cast.home, "juliet", "ul4bs71n", "unsubscribe");
    cast.juliet_expects(&[
        &presence("romeo", "juliet", "ul4bs71n", "unsubscribe"),
        &push(JULIET, "<item jid='romeo@example.com' subscription='none'/>"),
    ]);
    cast.romeo_expects(&[
        &push(ROMEO, "<item jid='juliet@example.com' subscription='none'/>"),
        &unavailable("juliet@example.com/balcony", "romeo"),
        &unavailable("juliet@example.com/chamber", "romeo"),
    ]);
}

/// §3.4.2: noted, pushed, not routed; then a request is answered at once and not delivered
/// (6121-3.4.2-06 to -08).
#[test]
fn pre_approving_a_subscription() {
    // 6121-presence-sub-preapproval: 6121-2.1.2.1-01, 6121-3.1.3-08
    let mut cast = Cast::new();
    send(&mut cast.net, cast.home, "juliet", "pg81vx64", "subscribed");
    let approved = "<item approved='true' jid='juliet@example.com' subscription='none'/>";
    cast.romeo_expects(&[&push(ROMEO, approved)]);
    cast.juliet_expects(&[]);

    send(&mut cast.net, cast.balcony, "romeo", "s1", "subscribe");
    cast.romeo_expects(&[&push(ROMEO, "<item jid='juliet@example.com' subscription='from'/>")]);
    cast.juliet_expects(&[
        &push(JULIET, "<item ask='subscribe' jid='romeo@example.com' subscription='none'/>"),
        &presence("romeo", "juliet", "s1", "subscribed"),
        &push(JULIET, "<item jid='romeo@example.com' subscription='to'/>"),
        &available("romeo@example.com/home", "juliet"),
        &available("romeo@example.com/away", "juliet"),
    ]);
}

/// §3.4.2: the same for a contact who is in the roster already, whose item keeps what it has
/// (6121-3.4.2-04, -05).
#[test]
fn pre_approving_a_contact() {
    for (before, item) in [
        (&[][..], "name='J' subscription='none'"),
        (&["subscribe"][..], "ask='subscribe' name='J' subscription='none'"),
    ] {
        let mut cast = Cast::new();
        cast.net.send(
            cast.home,
            "<iq id='s' type='set'><query xmlns='jabber:iq:roster'>\
             <item jid='juliet@example.com' name='J'/></query></iq>",
        );
        for kind in before {
            send(&mut cast.net, cast.home, "juliet", "x", kind);
        }
        cast.net.drain();
        send(&mut cast.net, cast.home, "juliet", "pg81vx64", "subscribed");
        let approved = format!("<item approved='true' jid='juliet@example.com' {item}/>");
        cast.romeo_expects(&[&push(ROMEO, &approved)]);
        cast.juliet_expects(&[]);
    }
    // Subscribed to her already: the state "To".
    let mut cast = Cast::subscribed();
    send(&mut cast.net, cast.home, "juliet", "pg81vx64", "subscribed");
    let approved = "<item approved='true' jid='juliet@example.com' subscription='to'/>";
    cast.romeo_expects(&[&push(ROMEO, approved)]);
    cast.juliet_expects(&[]);
}

/// §3.2.2, rule 2 (6121-3.2.2-03)
#[test]
fn cancelling_a_pre_approval() {
    let mut cast = Cast::new();
    send(&mut cast.net, cast.home, "juliet", "a", "subscribed");
    cast.net.drain();
    send(&mut cast.net, cast.home, "juliet", "b", "unsubscribed");
    cast.romeo_expects(&[&push(ROMEO, "<item jid='juliet@example.com' subscription='none'/>")]);
    cast.juliet_expects(&[]);
    send(&mut cast.net, cast.balcony, "romeo", "s1", "subscribe");
    assert_eq!(cast.states(), ("none".into(), "none?".into()));
}

/// 6121-3.3.3-06: who takes a request back that still waits is forgotten: there is no item, and
/// nothing is delivered to a session that comes later.
#[test]
fn taking_back_a_request() {
    let mut net = Net::new(&["romeo", "juliet"]);
    let home = net.login("romeo", "home");
    send(&mut net, home, "juliet", "a", "subscribe");
    send(&mut net, home, "juliet", "b", "unsubscribe");
    assert_eq!(net.shown("juliet", "romeo"), "-");
    let balcony = net.bind("juliet", "balcony");
    net.send(balcony, "<presence/>");
    assert!(net.take(balcony).iter().all(|stanza| stanza.attr("type").is_none()));
}

/// 6121-3.1.2-02, -04: an address that is none.
#[test]
fn a_request_to_a_malformed_address() {
    let mut net = Net::new(&["romeo"]);
    let home = net.login("romeo", "home");
    net.send(home, "<presence id='x' to='@example.com' type='subscribe'/>");
    net.expect(
        home,
        &["<presence id='x' from='example.com' to='romeo@example.com/home' type='error'>\
           <error type='modify'>\
           <jid-malformed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"],
    );
    assert!(net.host.roster(&crate::support::bare("romeo")).unwrap().is_empty());
}

/// 6121-3.2.2-02: nothing to cancel is silence, also for who is routed an "unsubscribe" (table 3).
#[test]
fn what_changes_nothing_is_not_delivered() {
    let mut cast = Cast::new();
    for kind in ["unsubscribed", "unsubscribe"] {
        send(&mut cast.net, cast.home, "juliet", "x", kind);
    }
    cast.net.expect_silence();
    assert_eq!(cast.states(), ("-".into(), "-".into()));
}

/// §8.5.3.2.2: "subscribed", "unsubscribe", "unsubscribed" that arrive for a full JID that is not
/// there (6121-8.5.3.2.2-03)
#[test]
fn answers_for_a_resource_that_is_not_there_are_ignored() {
    let mut net = Net::new(&["juliet"]);
    net.connect("rooms.example.com");
    let balcony = net.login("juliet", "balcony");
    net.send(balcony, "<presence to='rooms.example.com' type='subscribe'/>");
    net.drain();
    let send = |net: &mut Net, resource: &str, kind: &str| {
        let to = format!("juliet@example.com/{resource}");
        let stanza = format!("<presence from='rooms.example.com' to='{to}' type='{kind}'/>");
        net.send_routed(&stanza).unwrap();
    };
    for kind in ["subscribed", "unsubscribe", "unsubscribed"] {
        send(&mut net, "nowhere", kind);
        net.expect_silence();
    }
    send(&mut net, "balcony", "subscribed");
    assert_eq!(net.take(balcony).len(), 2);
}

/// Ours: what a client sends to a full JID is for the bare one, whichever of the four it is. Which
/// resources there are is for the contact's server to know, and both rosters agree.
#[test]
fn subscription_stanzas_to_a_full_jid_count_for_the_bare_jid() {
    let mut cast = Cast::subscribed();
    let stanza = "<presence id='x' to='juliet@example.com/nowhere' type='unsubscribe'/>";
    cast.net.send(cast.home, stanza);
    cast.juliet_expects(&[
        &presence("romeo", "juliet", "x", "unsubscribe"),
        &push(JULIET, "<item jid='romeo@example.com' subscription='none'/>"),
    ]);
    assert_eq!(cast.states(), ("none".into(), "none".into()));
}

/// 6121-8.5.1-04: silence, and for the user it looks like a contact who does not answer.
#[test]
fn a_request_to_nobody_waits_for_ever() {
    let mut cast = Cast::new();
    send(&mut cast.net, cast.home, "nobody", "x", "subscribe");
    let item = "<item ask='subscribe' jid='nobody@example.com' subscription='none'/>";
    cast.romeo_expects(&[&push(ROMEO, item)]);
}

/// Ours: nobody subscribes to oneself (§4.2.2: one implicitly is).
#[test]
fn a_request_to_oneself_is_not_allowed() {
    let mut cast = Cast::new();
    send(&mut cast.net, cast.home, "romeo", "x", "subscribe");
    cast.net.expect(
        cast.home,
        &["<presence from='romeo@example.com' id='x' to='romeo@example.com/home' type='error'>\
           <error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
           </error></presence>"],
    );
}

/// Subscription requests go to available resources, the rest to interested ones (§2.2,
/// implementation note).
#[test]
fn who_gets_what() {
    // 6121-3.1.3-06
    let mut net = Net::new(&["romeo", "juliet"]);
    let home = net.login("romeo", "home");
    let available = net.bind("juliet", "available");
    net.send(available, "<presence/>");
    let interested = net.bind("juliet", "interested");
    net.send(interested, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    net.drain();
    send(&mut net, home, "juliet", "x", "subscribe");
    net.expect(available, &[&presence("romeo", "juliet", "x", "subscribe")]);
    net.expect_nothing(interested);
    send(&mut net, available, "romeo", "y", "subscribed");
    net.expect_nothing(available);
    net.expect(
        interested,
        &[&push(
            "juliet@example.com/interested",
            "<item jid='romeo@example.com' subscription='from'/>",
        )],
    );
}

/// §3.1.3, security warning: what waits is bounded. Who asks learns it from an error, as from
/// another server, and is not asking any more (6121-3.1.2-08).
#[test]
fn requests_that_wait_are_bounded() {
    let mut config = xmpp_server::Config::default();
    config.limits.roster.max_requests = 1;
    let mut net = Net::with(config, &["romeo", "juliet", "tybalt"]);
    let (home, street) = (net.login("romeo", "home"), net.login("tybalt", "street"));
    send(&mut net, home, "juliet", "x", "subscribe");
    send(&mut net, street, "juliet", "y", "subscribe");
    let to = "tybalt@example.com/street";
    net.expect(
        street,
        &[
            &push(to, "<item ask='subscribe' jid='juliet@example.com' subscription='none'/>"),
            "<presence from='juliet@example.com' id='y' to='tybalt@example.com' \
             type='error'><error type='wait'>\
             <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
            &push(to, "<item jid='juliet@example.com' subscription='none'/>"),
        ],
    );
    assert_eq!(net.shown("tybalt", "juliet"), "none");
    // An answer makes room.
    let balcony = net.login("juliet", "balcony");
    send(&mut net, balcony, "romeo", "z", "subscribed");
    send(&mut net, street, "juliet", "y", "subscribe");
    assert_eq!(net.shown("tybalt", "juliet"), "none?");
}

/// Few requests of many small elements hold more memory than many short ones.
#[test]
fn requests_that_wait_are_bounded_in_bytes() {
    let mut config = xmpp_server::Config::default();
    config.limits.roster.max_request_bytes = 8000;
    let mut net = Net::with(config, &["romeo", "juliet", "tybalt"]);
    let (home, street) = (net.login("romeo", "home"), net.login("tybalt", "street"));
    // 400 bytes of text.
    let dense = "<x/>".repeat(400 / 4);
    let request = |content: &str| {
        format!("<presence id='y' to='juliet@example.com' type='subscribe'>{content}</presence>")
    };
    net.send(home, &request(&dense.repeat(5)));
    let got = net.take(home);
    let refused = got.iter().any(|stanza| stanza.attr("type").as_deref() == Some("error"));
    assert!(refused, "{got:?}");
    assert_eq!(net.shown("romeo", "juliet"), "none");
    net.send(street, &request(""));
    assert_eq!(net.shown("tybalt", "juliet"), "none?");
}

also_apart! {
    requesting_a_subscription,
    taking_back_a_request,
    a_request_to_a_full_jid_is_one_to_the_bare_jid,
    approving_a_subscription,
    a_request_waits_for_the_contact,
    denying_a_request,
    a_request_of_a_subscriber_is_answered_by_the_server,
    cancelling_a_subscription,
    unsubscribing,
    pre_approving_a_subscription,
    pre_approving_a_contact,
    cancelling_a_pre_approval,
    what_changes_nothing_is_not_delivered,
    answers_for_a_resource_that_is_not_there_are_ignored,
    subscription_stanzas_to_a_full_jid_count_for_the_bare_jid,
    a_request_to_nobody_waits_for_ever,
    a_request_to_oneself_is_not_allowed,
    who_gets_what,
    requests_that_wait_are_bounded,
    requests_that_wait_are_bounded_in_bytes,
}
