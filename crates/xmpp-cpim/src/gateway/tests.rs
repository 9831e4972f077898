//! RFC 3922 §6, requirement by requirement: one XMPP user, Juliet, and Romeo
//! beyond the gateway.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use xmpp_stanza::{Presence, PresenceBuilder, PresenceType, StanzaCondition};

use super::*;
use crate::mapping::MapError;
use crate::pidf::{Basic, Document, Status as TupleStatus, Tuple};
use crate::{Limits, Uri};

const JULIET: &str = "juliet@example.com";
const ROMEO: &str = "romeo@example.net";

/// A service, its clock and what it did, each action as a line.
struct Gateway {
    service: PresenceService,
    now: Duration,
    out: Vec<Action>,
}

impl Gateway {
    fn new() -> Self {
        Self::with(Config::default())
    }

    fn with(config: Config) -> Self {
        Self { service: PresenceService::new("gw", config), now: Duration::ZERO, out: Vec::new() }
    }

    /// A presence of Juliet to Romeo.
    fn juliet(&mut self, presence_type: PresenceType, id: &str) -> Vec<String> {
        self.presence(&sent(presence_type, "/balcony", id))
    }

    fn presence(&mut self, presence: &PresenceBuilder) -> Vec<String> {
        let presence = presence.build().unwrap();
        self.service.handle_presence(self.now, &presence, &mut self.out);
        self.done()
    }

    /// Romeo wants to see Juliet.
    fn romeo(&mut self, seconds: u64, subscript_id: &str, trans_id: &str) -> Vec<String> {
        let asked = Subscribe {
            watcher: pres(ROMEO),
            target: pres(JULIET),
            duration: Duration::from_secs(seconds),
            subscript_id: SubscriptId::new(subscript_id).unwrap(),
            trans_id: TransId::new(trans_id).unwrap(),
        };
        self.service.handle_subscribe(self.now, &asked, &mut self.out);
        self.done()
    }

    fn response(&mut self, trans_id: &str, status: Status, seconds: Option<u64>) -> Vec<String> {
        let trans_id = TransId::new(trans_id).unwrap();
        let duration = seconds.map(Duration::from_secs);
        let response = Response { trans_id, status, duration };
        self.service.handle_response(self.now, &response, &mut self.out);
        self.done()
    }

    /// Romeo's presence, to Juliet.
    fn notify(&mut self, tuples: &[(&str, Basic)]) -> Result<(bool, Vec<String>), MapError> {
        let mut document = Document::new(format!("pres:{ROMEO}"));
        for (id, basic) in tuples {
            document.push(Tuple::new(*id, TupleStatus::basic_only(*basic))).unwrap();
        }
        let notify = Notify {
            watcher: pres(JULIET),
            target: pres(ROMEO),
            trans_id: TransId::new("n").unwrap(),
            document,
        };
        let passed_on = self.service.handle_notify(&notify, &mut self.out)?;
        Ok((passed_on, self.done()))
    }

    fn at(&mut self, seconds: u64) -> Vec<String> {
        self.now = Duration::from_secs(seconds);
        self.service.handle_timeout(self.now, &mut self.out);
        self.done()
    }

    fn timeout(&self) -> Option<(u64, Reason)> {
        self.service.poll_timeout().map(|deadline| (deadline.at.as_secs(), deadline.reason))
    }

    fn done(&mut self) -> Vec<String> {
        self.out.drain(..).map(|action| line(&action)).collect()
    }

    /// With Juliet subscribed to Romeo.
    fn watching() -> Self {
        let mut gateway = Self::new();
        gateway.juliet(PresenceType::Subscribe, "s1");
        gateway.response("s1", Status::Success, Some(100));
        gateway
    }

    /// With Romeo subscribed to Juliet.
    fn watched() -> Self {
        let mut gateway = Self::new();
        gateway.romeo(100, "sub", "t1");
        gateway.juliet(PresenceType::Subscribed, "");
        gateway
    }
}

fn sent(presence_type: PresenceType, resource: &str, id: &str) -> PresenceBuilder {
    let mut presence = Presence::builder(presence_type)
        .with_from(format!("{JULIET}{resource}").parse::<xmpp_jid::Jid>().unwrap())
        .with_to(ROMEO.parse::<xmpp_jid::Jid>().unwrap());
    presence.id = (!id.is_empty()).then(|| id.to_string());
    presence
}

fn pres(jid: &str) -> Uri<'static> {
    Uri::parse(&format!("pres:{jid}")).unwrap().into_owned()
}

fn name(text: impl ToString) -> String {
    text.to_string().replace("pres:", "").replace(JULIET, "juliet").replace(ROMEO, "romeo")
}

fn line(action: &Action) -> String {
    match action {
        Action::Stanza(presence) => {
            let (from, to) = (presence.from.as_str().unwrap(), presence.to.as_str().unwrap());
            let error = presence.build().unwrap().error();
            let condition = error.map(|error| error.condition.as_str());
            let id = presence.id.as_deref().map(|id| format!(" id={id}"));
            format!(
                "{} {}>{}{}",
                condition.unwrap_or_else(|| presence.presence_type().as_str()),
                name(from),
                name(to),
                id.unwrap_or_default()
            )
        }
        Action::Subscribe(Subscribe { watcher, target, duration, subscript_id, trans_id }) => {
            assert!(watcher.to_string().starts_with("pres:"));
            assert!(target.to_string().starts_with("pres:"));
            format!(
                "SUBSCRIBE {}>{} {}s {subscript_id} {trans_id}",
                name(watcher),
                name(target),
                duration.as_secs()
            )
        }
        Action::Respond(Response { trans_id, status, duration }) => {
            let duration = duration.map(|duration| format!(" {}s", duration.as_secs()));
            format!("RESPONSE {trans_id} {status:?}{}", duration.unwrap_or_default())
        }
        Action::Notify(Notify { watcher, target, document, .. }) => {
            let tuples: Vec<_> = document
                .tuples()
                .iter()
                .map(|tuple| format!("{}={}", tuple.id(), tuple.status.basic().unwrap().as_str()))
                .collect();
            assert_eq!(document.entity(), target.to_string());
            format!("NOTIFY {}<{} {}", name(watcher), name(target), tuples.join(" "))
        }
    }
}

// 3922-6-01, 3922-6.1-01 to -07
#[test]
fn a_request_becomes_a_subscribe_operation_and_its_success_is_approval() {
    let mut gateway = Gateway::new();
    assert_eq!(
        gateway.juliet(PresenceType::Subscribe, "s1"),
        ["SUBSCRIBE juliet>romeo 3600s gw-1 s1"]
    );
    assert_eq!(gateway.notify(&[("a", Basic::Open)]).unwrap(), (false, Vec::new()));
    assert_eq!(gateway.response("s1", Status::Success, None), ["subscribed romeo>juliet"]);
    // 3922-6.1-08
    assert_eq!(
        gateway.notify(&[("a", Basic::Open), ("b", Basic::Closed)]).unwrap(),
        (true, ["available romeo/a>juliet".into(), "unavailable romeo/b>juliet".into()].to_vec())
    );
    assert_eq!(gateway.notify(&[("a", Basic::Open), ("b", Basic::Closed)]).unwrap().1, [""; 0]);
    assert_eq!(
        gateway.notify(&[("a", Basic::Closed), ("b", Basic::Closed)]).unwrap().1,
        ["unavailable romeo/a>juliet"]
    );
}

// 3922-6.1-06
#[test]
fn an_id_that_cannot_be_a_trans_id_is_replaced() {
    let mut gateway = Gateway::new();
    let long = "x".repeat(41);
    assert_eq!(
        gateway.juliet(PresenceType::Subscribe, &long),
        ["SUBSCRIBE juliet>romeo 3600s gw-2 gw.1"]
    );
    assert_eq!(
        gateway.response("gw.1", Status::NoSuchPresentity, None),
        [format!("item-not-found romeo>juliet id={long}")]
    );
    // Another user with the same id.
    gateway.juliet(PresenceType::Subscribe, "s1");
    let nurse = Presence::builder(PresenceType::Subscribe)
        .with_from("nurse@example.com".parse::<xmpp_jid::Jid>().unwrap())
        .with_to(ROMEO.parse::<xmpp_jid::Jid>().unwrap())
        .with_id("s1");
    assert_eq!(gateway.presence(&nurse), ["SUBSCRIBE nurse@example.com>romeo 3600s gw-5 gw.4"]);
}

// 3922-6.1-09 to -12
#[test]
fn a_request_is_denied_or_fails() {
    for (status, expected) in [
        (Status::Denied, "unsubscribed romeo>juliet"),
        (Status::NoSuchPresentity, "item-not-found romeo>juliet id=s1"),
        (Status::Forbidden, "forbidden romeo>juliet id=s1"),
        (Status::Conflict, "conflict romeo>juliet id=s1"),
        (Status::Failure, "remote-server-not-found romeo>juliet id=s1"),
    ] {
        let mut gateway = Gateway::new();
        gateway.juliet(PresenceType::Subscribe, "s1");
        assert_eq!(gateway.response("s1", status, None), [expected]);
        assert_eq!(gateway.notify(&[("a", Basic::Open)]).unwrap(), (false, Vec::new()));
        assert_eq!(gateway.timeout(), None);
        assert_eq!(gateway.response("s1", Status::Success, None), [""; 0], "answered already");
    }
    let mut gateway = Gateway::new();
    gateway.juliet(PresenceType::Subscribe, "s1");
    assert_eq!(gateway.juliet(PresenceType::Subscribe, "s2"), ["conflict romeo>juliet id=s2"]);
    let mut gateway = Gateway::watching();
    assert_eq!(gateway.juliet(PresenceType::Subscribe, "s2"), ["conflict romeo>juliet id=s2"]);
}

#[test]
fn who_has_no_uri_is_no_presentity() {
    let mut gateway = Gateway::new();
    for presence_type in [PresenceType::Subscribe, PresenceType::Unsubscribe] {
        let presence =
            sent(presence_type, "", "s1").with_to("example.net".parse::<xmpp_jid::Jid>().unwrap());
        assert_eq!(gateway.presence(&presence), ["item-not-found example.net>juliet id=s1"]);
    }
    let no_addresses = Presence::builder(PresenceType::Subscribe);
    assert_eq!(gateway.presence(&no_addresses), [""; 0]);
}

// RFC 3922 §6.1, on refreshing
#[test]
fn a_subscription_is_refreshed_before_it_ends() {
    let mut gateway = Gateway::watching();
    assert_eq!(gateway.timeout(), Some((80, Reason::Refresh)));
    assert_eq!(gateway.at(79), [""; 0]);
    assert_eq!(gateway.at(80), ["SUBSCRIBE juliet>romeo 3600s gw-1 gw.2"]);
    assert_eq!(gateway.timeout(), Some((100, Reason::Expiry)));
    assert_eq!(gateway.notify(&[("a", Basic::Open)]).unwrap().1, ["available romeo/a>juliet"]);
    assert_eq!(gateway.response("gw.2", Status::Success, Some(50)), [""; 0]);
    assert_eq!(gateway.timeout(), Some((120, Reason::Refresh)));
    // A failure of the moment: again in half of the time that is left.
    assert_eq!(gateway.at(120), ["SUBSCRIBE juliet>romeo 3600s gw-1 gw.3"]);
    assert_eq!(gateway.response("gw.3", Status::Failure, None), [""; 0]);
    assert_eq!(gateway.timeout(), Some((125, Reason::Refresh)));
    assert_eq!(gateway.at(125), ["SUBSCRIBE juliet>romeo 3600s gw-1 gw.4"]);
    // Nobody answers: it is over.
    assert_eq!(gateway.at(130), ["unavailable romeo/a>juliet", "unsubscribed romeo>juliet"]);
    assert_eq!(gateway.timeout(), None);
    assert_eq!(gateway.response("gw.4", Status::Success, None), [""; 0]);
}

#[test]
fn a_refresh_that_is_denied_ends_the_subscription() {
    for status in [Status::Denied, Status::NoSuchPresentity, Status::Forbidden, Status::Conflict] {
        let mut gateway = Gateway::watching();
        gateway.at(80);
        assert_eq!(gateway.response("gw.2", status, None), ["unsubscribed romeo>juliet"]);
        assert_eq!(gateway.timeout(), None);
    }
}

#[test]
fn a_request_that_nobody_answers_fails_in_the_end() {
    let mut gateway = Gateway::new();
    gateway.juliet(PresenceType::Subscribe, "s1");
    assert_eq!(gateway.timeout(), Some((3600, Reason::Expiry)));
    assert_eq!(gateway.at(3600), ["remote-server-timeout romeo>juliet id=s1"]);
    assert_eq!(gateway.juliet(PresenceType::Subscribe, "s2").len(), 1, "and can be made again");
}

#[test]
fn a_subscription_for_no_time_is_none() {
    let mut gateway = Gateway::new();
    gateway.juliet(PresenceType::Subscribe, "s1");
    assert_eq!(gateway.response("s1", Status::Success, Some(0)), ["unsubscribed romeo>juliet"]);
}

#[test]
fn the_far_side_can_end_a_subscription() {
    let mut gateway = Gateway::watching();
    gateway.notify(&[("a", Basic::Open)]).unwrap();
    gateway.service.handle_ended(&pres(JULIET), &pres(ROMEO), &mut gateway.out);
    assert_eq!(gateway.done(), ["unavailable romeo/a>juliet", "unsubscribed romeo>juliet"]);
    gateway.service.handle_ended(&pres(JULIET), &pres(ROMEO), &mut gateway.out);
    assert_eq!(gateway.done(), [""; 0]);
}

// 3922-6.2-01 to -09
#[test]
fn a_subscribe_operation_becomes_a_request_and_approval_its_success() {
    let mut gateway = Gateway::new();
    assert_eq!(gateway.romeo(100, "sub", "t1"), ["subscribe romeo>juliet id=t1"]);
    assert_eq!(gateway.juliet(PresenceType::Available, ""), [""; 0], "not yet");
    assert_eq!(
        gateway.juliet(PresenceType::Subscribed, ""),
        ["RESPONSE t1 Success 100s", "NOTIFY romeo<juliet r-=closed"]
    );
    assert_eq!(gateway.juliet(PresenceType::Available, ""), ["NOTIFY romeo<juliet balcony=open"]);
    let chamber = sent(PresenceType::Available, "/chamber", "");
    assert_eq!(gateway.presence(&chamber), ["NOTIFY romeo<juliet balcony=open chamber=open"]);
    // 3922-6.3.1-04
    assert_eq!(
        gateway.juliet(PresenceType::Unavailable, ""),
        ["NOTIFY romeo<juliet balcony=closed chamber=open"]
    );
    assert_eq!(gateway.juliet(PresenceType::Subscribed, ""), [""; 0], "again");
}

// 3922-6.2-10, 3922-6.2-11
#[test]
fn a_request_that_is_denied_notifies_nobody() {
    let mut gateway = Gateway::new();
    gateway.romeo(100, "sub", "t1");
    assert_eq!(gateway.juliet(PresenceType::Unsubscribed, ""), ["RESPONSE t1 Denied"]);
    assert_eq!(gateway.juliet(PresenceType::Available, ""), [""; 0]);
    assert_eq!(gateway.timeout(), None);
}

// 3922-6.2-12, 3922-6.2-13
#[test]
fn a_request_that_fails_is_told() {
    for (condition, status) in [
        (StanzaCondition::ItemNotFound, "NoSuchPresentity"),
        (StanzaCondition::Forbidden, "Forbidden"),
        (StanzaCondition::Conflict, "Conflict"),
        (StanzaCondition::ServiceUnavailable, "Failure"),
    ] {
        let mut gateway = Gateway::new();
        gateway.romeo(100, "sub", "t1");
        let refusal = sent(PresenceType::Error, "", "t1").with_error(condition);
        assert_eq!(gateway.presence(&refusal), [format!("RESPONSE t1 {status}")]);
        assert_eq!(gateway.presence(&refusal), [""; 0]);
    }
    let mut gateway = Gateway::new();
    gateway.romeo(100, "sub", "t1");
    assert_eq!(gateway.romeo(100, "sub", "t2"), ["RESPONSE t2 Conflict"]);
    gateway.juliet(PresenceType::Subscribed, "");
    assert_eq!(gateway.romeo(100, "other", "t3"), ["RESPONSE t3 Conflict"]);
    // Once it is in place, an error is not an answer to the request.
    let refusal = sent(PresenceType::Error, "", "t1").with_error(StanzaCondition::Forbidden);
    assert_eq!(gateway.presence(&refusal), [""; 0]);
    assert_eq!(gateway.juliet(PresenceType::Available, "").len(), 1);
}

#[test]
fn a_target_without_an_address_is_no_presentity() {
    let mut gateway = Gateway::new();
    let asked = Subscribe {
        watcher: pres(ROMEO),
        target: Uri::parse("pres:a%40b@example.com").unwrap(),
        duration: Duration::from_secs(1),
        subscript_id: SubscriptId::new("s").unwrap(),
        trans_id: TransId::new("t").unwrap(),
    };
    gateway.service.handle_subscribe(gateway.now, &asked, &mut gateway.out);
    assert_eq!(gateway.done(), ["RESPONSE t NoSuchPresentity"]);
}

// 3922-6.2-14
#[test]
fn a_foreign_subscription_ends_with_its_duration_unless_refreshed() {
    let mut gateway = Gateway::watched();
    gateway.juliet(PresenceType::Available, "");
    assert_eq!(gateway.timeout(), Some((100, Reason::Expiry)));
    gateway.at(60);
    assert_eq!(
        gateway.romeo(100, "sub", "t2"),
        ["RESPONSE t2 Success 100s", "NOTIFY romeo<juliet balcony=open"]
    );
    assert_eq!(gateway.timeout(), Some((160, Reason::Expiry)));
    assert_eq!(gateway.at(159), [""; 0]);
    assert_eq!(gateway.at(160), ["unsubscribe romeo>juliet"]);
    assert_eq!(gateway.juliet(PresenceType::Available, ""), [""; 0]);
    // One that nobody has answered.
    gateway.romeo(100, "sub", "t3");
    assert_eq!(gateway.at(260), ["RESPONSE t3 Failure", "unsubscribe romeo>juliet"]);
}

#[test]
fn a_foreign_subscription_lasts_no_longer_than_allowed() {
    let mut gateway = Gateway::new();
    gateway.romeo(1_000_000, "sub", "t1");
    assert_eq!(gateway.juliet(PresenceType::Subscribed, "")[0], "RESPONSE t1 Success 86400s");
}

// RFC 3859 §3.4.3
#[test]
fn duration_zero_ends_or_asks_once() {
    let mut gateway = Gateway::watched();
    assert_eq!(
        gateway.romeo(0, "once", "t2"),
        ["RESPONSE t2 Success", "NOTIFY romeo<juliet r-=closed"]
    );
    assert_eq!(
        gateway.romeo(0, "sub", "t3"),
        ["RESPONSE t3 Success", "NOTIFY romeo<juliet r-=closed", "unsubscribe romeo>juliet id=t3"]
    );
    assert_eq!(gateway.timeout(), None);
    assert_eq!(gateway.romeo(0, "once", "t4"), ["RESPONSE t4 Forbidden"], "not approved");
    gateway.romeo(100, "sub", "t5");
    assert_eq!(gateway.romeo(0, "once", "t6"), ["RESPONSE t6 Forbidden"], "not yet");
    assert_eq!(
        gateway.romeo(0, "sub", "t7"),
        ["RESPONSE t5 Failure", "RESPONSE t7 Success", "unsubscribe romeo>juliet id=t7"]
    );
}

// 3922-6.4-01 to -07, -09
#[test]
fn unsubscribing_is_a_subscribe_operation_for_no_time() {
    let mut gateway = Gateway::watching();
    gateway.notify(&[("a", Basic::Open)]).unwrap();
    assert_eq!(
        gateway.juliet(PresenceType::Unsubscribe, "u1"),
        ["SUBSCRIBE juliet>romeo 0s gw-1 u1"]
    );
    assert_eq!(gateway.notify(&[("a", Basic::Closed)]).unwrap(), (false, Vec::new()));
    assert_eq!(gateway.response("u1", Status::Success, None), [""; 0]);
    assert_eq!(gateway.timeout(), None);
}

// 3922-6.4-08
#[test]
fn unsubscribing_from_nobody_is_told() {
    let mut gateway = Gateway::new();
    assert_eq!(
        gateway.juliet(PresenceType::Unsubscribe, "u1"),
        ["SUBSCRIBE juliet>romeo 0s gw-1 u1"]
    );
    assert_eq!(
        gateway.response("u1", Status::NoSuchPresentity, None),
        ["item-not-found romeo>juliet id=u1"]
    );
}

// 3922-6.5-01 to -08; D11
#[test]
fn cancelling_is_a_subscribe_operation_for_no_time() {
    for (cancellation, who) in
        [(Cancellation::Rfc3859, "romeo>juliet"), (Cancellation::Rfc3922, "juliet>romeo")]
    {
        let config = Config { cancellation, ..Config::default() };
        let mut gateway = Gateway::with(config);
        gateway.romeo(100, "sub", "t1");
        gateway.juliet(PresenceType::Subscribed, "");
        assert_eq!(
            gateway.juliet(PresenceType::Unsubscribed, "c1"),
            [format!("SUBSCRIBE {who} 0s sub c1")]
        );
        assert_eq!(gateway.juliet(PresenceType::Available, ""), [""; 0]);
        assert_eq!(gateway.response("c1", Status::NoSuchPresentity, None), [""; 0]);
        assert_eq!(gateway.timeout(), None);
    }
}

// 3922-6-02: RFC 6121 §4.3.2
#[test]
fn a_probe_is_answered_with_what_is_known() {
    let mut gateway = Gateway::new();
    assert_eq!(gateway.juliet(PresenceType::Probe, ""), ["unsubscribed romeo>juliet"]);
    let mut gateway = Gateway::watching();
    assert_eq!(gateway.juliet(PresenceType::Probe, ""), ["unavailable romeo>juliet"]);
    gateway.notify(&[("a", Basic::Open), ("b", Basic::Open)]).unwrap();
    assert_eq!(
        gateway.juliet(PresenceType::Probe, ""),
        ["available romeo/a>juliet", "available romeo/b>juliet"]
    );
}

#[test]
fn a_notification_is_about_its_target() {
    let mut gateway = Gateway::watching();
    let notify = Notify {
        watcher: pres(JULIET),
        target: pres(ROMEO),
        trans_id: TransId::new("n").unwrap(),
        document: Document::new("pres:tybalt@example.net"),
    };
    let error = gateway.service.handle_notify(&notify, &mut gateway.out).unwrap_err();
    assert_eq!(error, MapError::OtherEntity);
}

#[test]
fn there_are_so_many_subscriptions_and_no_more() {
    let config = Config { max_subscriptions: 1, ..Config::default() };
    let mut gateway = Gateway::with(config);
    gateway.juliet(PresenceType::Subscribe, "s1");
    assert_eq!(gateway.romeo(100, "sub", "t1"), ["RESPONSE t1 Failure"]);
    gateway.response("s1", Status::Denied, None);
    gateway.romeo(100, "sub", "t2");
    assert_eq!(
        gateway.juliet(PresenceType::Subscribe, "s2"),
        ["resource-constraint romeo>juliet id=s2"]
    );
    // What ends a subscription is not kept for ever either.
    for id in 0..10 {
        gateway.juliet(PresenceType::Unsubscribe, &format!("u{id}"));
    }
    assert_eq!(gateway.response("u0", Status::NoSuchPresentity, None), [""; 0]);
    assert_eq!(gateway.response("u9", Status::NoSuchPresentity, None).len(), 1);
    // One resource more than a document may have changes nothing.
    gateway.juliet(PresenceType::Subscribed, "");
    gateway.service.config.options.limits = Limits::default().with_max_tuples(1);
    assert_eq!(gateway.juliet(PresenceType::Available, "").len(), 1);
    assert_eq!(gateway.presence(&sent(PresenceType::Available, "/b", "")), [""; 0]);
}

#[test]
fn a_timeout_does_a_bounded_amount_of_work() {
    let mut gateway = Gateway::new();
    for number in 0..100 {
        let mut presence = sent(PresenceType::Subscribe, "", &format!("s{number}"));
        presence =
            presence.with_to(format!("r{number}@example.net").parse::<xmpp_jid::Jid>().unwrap());
        gateway.presence(&presence);
    }
    assert_eq!(gateway.at(3600).len(), 64);
    assert_eq!(gateway.timeout(), Some((3600, Reason::Expiry)));
    assert_eq!(gateway.at(3600).len(), 36);
    assert_eq!(gateway.timeout(), None);
}

// RFC 3859 §3.4
#[test]
fn subscriptions_survive_a_restart() {
    let mut before = Gateway::watching();
    before.romeo(100, "sub", "t1");
    assert_eq!(before.service.subscriptions().count(), 1, "one waits for approval");
    before.juliet(PresenceType::Subscribed, "");
    let kept: Vec<_> = before.service.subscriptions().collect();
    let mut gateway = Gateway::new();
    for subscription in &kept {
        gateway.service.restore(gateway.now, subscription.clone()).unwrap();
    }
    assert_eq!(gateway.service.subscriptions().collect::<Vec<_>>(), kept);
    assert_eq!(gateway.at(0), ["SUBSCRIBE juliet>romeo 3600s gw-1 gw.1"]);
    assert_eq!(gateway.juliet(PresenceType::Available, "").len(), 1);
    for subscription in kept {
        let repeated = gateway.service.restore(gateway.now, subscription);
        assert_eq!(repeated, Err(RestoreError::Repeated));
    }
}

#[test]
fn ids_have_up_to_40_octets() {
    assert!(TransId::new("x".repeat(40)).is_ok());
    assert_eq!(TransId::new("x".repeat(41)), Err(IdError));
    assert_eq!(SubscriptId::new(""), Err(IdError));
    let mut service = PresenceService::new(&"ä".repeat(40), Config::default());
    let mut out = Vec::new();
    let asked = sent(PresenceType::Subscribe, "", "").build().unwrap();
    service.handle_presence(Duration::ZERO, &asked, &mut out);
    let Some(Action::Subscribe(asked)) = out.pop() else { panic!() };
    assert!(asked.subscript_id.as_str().len() <= 40 && asked.trans_id.as_str().len() <= 40);
}

// RFC 3860 §3.4.2
#[test]
fn a_message_passes_so_many_gateways() {
    let operation = |max_forwards| MessageOperation {
        source: pres(ROMEO),
        destination: pres(JULIET),
        max_forwards,
        trans_id: TransId::new("t").unwrap(),
    };
    assert_eq!(operation(1).relayed(), Ok(operation(0)));
    assert_eq!(operation(0).relayed(), Err(Looped));
}

proptest::proptest! {
    /// Whatever comes in whatever order: no notification for who has no
    /// subscription, every operation answered at most once, and in the end, when
    /// all time is over, nothing left.
    #[test]
    fn any_order_of_events(steps in proptest::collection::vec((0_u8..10, 0_u64..50, 0_u8..6), 0..60)) {
        let mut gateway = Gateway::with(Config { max_subscriptions: 3, ..Config::default() });
        let mut now = 0;
        let mut answered = alloc::collections::BTreeSet::new();
        let mut asked = Vec::new();
        for (number, (event, time, choice)) in steps.into_iter().enumerate() {
            now += time;
            let mut lines = gateway.at(now);
            let id = format!("i{number}");
            let statuses = [Status::Success, Status::Denied, Status::NoSuchPresentity, Status::Forbidden, Status::Conflict, Status::Failure];
            lines.extend(match event {
                0 => gateway.juliet(PresenceType::Subscribe, &id),
                1 => gateway.juliet(PresenceType::Unsubscribe, &id),
                2 => gateway.juliet(PresenceType::Subscribed, &id),
                3 => gateway.juliet(PresenceType::Unsubscribed, &id),
                4 => gateway.juliet(PresenceType::Probe, &id),
                5 => gateway.juliet(if choice > 2 { PresenceType::Available } else { PresenceType::Unavailable }, &id),
                6 => gateway.romeo(u64::from(choice) * 20, if choice > 3 { "a" } else { "b" }, &id),
                7 | 8 => match asked.pop() {
                    Some(trans_id) => {
                        let trans_id: String = trans_id;
                        gateway.response(&trans_id, statuses[usize::from(choice)], Some(time))
                    }
                    None => Vec::new(),
                },
                _ => {
                    let active = gateway.service.subscriptions().any(|s| s.direction == Direction::Outbound);
                    let (passed_on, lines) = gateway.notify(&[("x", Basic::Open)]).unwrap();
                    proptest::prop_assert_eq!(passed_on, active);
                    lines
                }
            });
            let active = gateway.service.subscriptions().any(|s| s.direction == Direction::Inbound);
            for line in &lines {
                if let Some(rest) = line.strip_prefix("RESPONSE ") {
                    let trans_id = rest.split(' ').next().unwrap().to_string();
                    proptest::prop_assert!(answered.insert(trans_id), "{line} again");
                }
                if let Some(rest) = line.strip_prefix("SUBSCRIBE ") {
                    asked.push(rest.rsplit(' ').next().unwrap().to_string());
                }
                if line.starts_with("NOTIFY ") {
                    let fetched_or_ended = event == 6;
                    proptest::prop_assert!(active || fetched_or_ended, "{line}");
                }
            }
        }
        while gateway.timeout().is_some() {
            now += 100_000;
            for trans_id in core::mem::take(&mut asked) {
                gateway.response(&trans_id, Status::Failure, None);
            }
            gateway.at(now);
        }
        proptest::prop_assert_eq!(gateway.service.subscriptions().count(), 0);
        proptest::prop_assert!(gateway.service.outbound.is_empty() && gateway.service.inbound.is_empty());
        proptest::prop_assert!(gateway.service.presentities.is_empty());
        proptest::prop_assert!(gateway.service.transactions.len() <= 3);
    }
}
