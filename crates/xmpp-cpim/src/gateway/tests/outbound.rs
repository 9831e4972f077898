//! Juliet's subscriptions to those beyond the gateway: RFC 3922 §6.1, §6.4.

use super::*;

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
