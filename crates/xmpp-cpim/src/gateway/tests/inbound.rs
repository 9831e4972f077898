//! Subscriptions of those beyond the gateway to Juliet: RFC 3922 §6.2, §6.5.

use super::*;

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
