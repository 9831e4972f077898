//! What happens at the edges: the last try, the first octet too many, who is
//! nobody.

use super::*;

// RFC 3922 §6.1: refreshing; again in half of the time that is left, while that
// is more than a second.
#[test]
fn a_refresh_that_fails_is_tried_until_nothing_is_left() {
    let mut gateway = Gateway::watching();
    let mut tries = Vec::new();
    while let Some(deadline) = gateway.service.poll_timeout() {
        gateway.now = deadline.at;
        gateway.service.handle_timeout(gateway.now, &mut gateway.out);
        let lines = gateway.done();
        if deadline.reason == Reason::Expiry {
            assert_eq!(lines, ["unsubscribed romeo>juliet"]);
            continue;
        }
        let asked = lines[0].rsplit(' ').next().unwrap().to_string();
        assert_eq!(lines, [format!("SUBSCRIBE juliet>romeo 3600s gw-1 {asked}")]);
        assert_eq!(gateway.response(&asked, Status::Failure, None), [""; 0]);
        tries.push(gateway.now.as_millis());
    }
    assert_eq!(tries, [80_000, 90_000, 95_000, 97_500, 98_750, 99_375]);
    assert_eq!(gateway.now, Duration::from_secs(100));
    assert_eq!(gateway.service.subscriptions().count(), 0);
}

// 3922-6.2-13
#[test]
fn each_refusal_has_its_status() {
    for (condition, status) in [
        (StanzaCondition::ItemNotFound, Status::NoSuchPresentity),
        (StanzaCondition::Gone, Status::NoSuchPresentity),
        (StanzaCondition::Forbidden, Status::Forbidden),
        (StanzaCondition::NotAllowed, Status::Forbidden),
        (StanzaCondition::NotAuthorized, Status::Forbidden),
        (StanzaCondition::Conflict, Status::Conflict),
        (StanzaCondition::RemoteServerTimeout, Status::Failure),
    ] {
        let mut gateway = Gateway::new();
        gateway.romeo(100, "sub", "t1");
        let refusal = sent(PresenceType::Error, "", "t1").with_error(condition);
        assert_eq!(gateway.presence(&refusal), [format!("RESPONSE t1 {status:?}")]);
        assert_eq!(gateway.timeout(), None);
    }
}

// 3922-6.1-10, 3922-6.4-08: the gateway itself is no presentity.
#[test]
fn who_has_no_localpart_neither_watches_nor_is_watched() {
    let mut gateway = Gateway::new();
    let domain = |text: &str| text.parse::<xmpp_jid::Jid>().unwrap();
    for presence_type in [
        PresenceType::Available,
        PresenceType::Unavailable,
        PresenceType::Subscribed,
        PresenceType::Unsubscribed,
        PresenceType::Probe,
    ] {
        let presence = sent(presence_type, "", "s1").with_to(domain("example.net"));
        assert_eq!(gateway.presence(&presence), [""; 0]);
    }
    for presence_type in [PresenceType::Subscribe, PresenceType::Probe] {
        let presence = sent(presence_type, "", "s1").with_from(domain("example.com"));
        assert_eq!(gateway.presence(&presence), [""; 0]);
    }
    assert_eq!(gateway.timeout(), None);
}

// RFC 3859 §3.4: kept over a restart, with its end
#[test]
fn what_is_restored_is_bounded_and_ends() {
    let mut before = Gateway::watching();
    before.romeo(100, "sub", "t1");
    before.juliet(PresenceType::Subscribed, "");
    let kept: Vec<_> = before.service.subscriptions().collect();
    let [outbound, inbound] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!((outbound.direction, inbound.direction), (Direction::Outbound, Direction::Inbound));
    assert_eq!((outbound.watcher.as_str(), outbound.target.as_str()), (JULIET, ROMEO));
    assert_eq!((inbound.watcher.as_str(), inbound.target.as_str()), (ROMEO, JULIET));
    assert_eq!((outbound.subscript_id.as_str(), inbound.subscript_id.as_str()), ("gw-1", "sub"));
    let hundred = Duration::from_secs(100);
    assert_eq!((outbound.expires, inbound.expires), (hundred, hundred));

    let mut gateway = Gateway::new();
    gateway.service.restore(gateway.now, inbound.clone()).unwrap();
    let again = gateway.service.restore(gateway.now, inbound.clone());
    assert_eq!(again, Err(RestoreError::Repeated));
    assert_eq!(gateway.timeout(), Some((100, Reason::Expiry)));
    assert_eq!(gateway.romeo(50, "sub", "t2")[0], "RESPONSE t2 Success 50s");
    assert_eq!(gateway.at(50), ["unsubscribe romeo>juliet"]);

    let mut gateway = Gateway::with(Config { max_subscriptions: 1, ..Config::default() });
    gateway.service.restore(gateway.now, outbound.clone()).unwrap();
    let more = gateway.service.restore(gateway.now, inbound.clone());
    assert_eq!(more, Err(RestoreError::TooMany));
    assert_eq!(gateway.at(0), ["SUBSCRIBE juliet>romeo 3600s gw-1 gw.1"]);
    assert_eq!(gateway.timeout(), Some((100, Reason::Expiry)));
    assert_eq!(gateway.at(100), ["unsubscribed romeo>juliet"]);
}

#[test]
fn the_default_is_an_hour_a_day_and_ten_thousand() {
    let config = Config::default();
    assert_eq!(config.duration, Duration::from_secs(60 * 60));
    assert_eq!(config.max_duration, Duration::from_secs(24 * 60 * 60));
    assert_eq!((config.max_subscriptions, config.cancellation), (10_000, Cancellation::Rfc3859));
}

// RFC 3859 §3.1: gateways should be capable of 40 octets.
#[test]
fn a_prefix_is_cut_so_that_an_id_fits() {
    for (prefix, cut) in [
        ("", ""),
        ("abcdefghijklmnopqrs", "abcdefghijklmnopqrs"),
        ("abcdefghijklmnopqrst", "abcdefghijklmnopqrs"),
        ("abcdefghijklmnopqr\u{e4}", "abcdefghijklmnopqr"),
        ("abcdefghijklmnopq\u{e4}x", "abcdefghijklmnopq\u{e4}"),
    ] {
        let mut service = PresenceService::new(prefix, Config::default());
        let mut out = Vec::new();
        let asked = sent(PresenceType::Subscribe, "", "").build().unwrap();
        service.handle_presence(Duration::ZERO, &asked, &mut out);
        let Some(Action::Subscribe(asked)) = out.pop() else { panic!() };
        let (number, dashed) = (asked.subscript_id.as_str(), format!("{cut}-"));
        assert!(number.starts_with(&dashed) && number.len() == dashed.len() + 1, "{number}");
        assert!(asked.trans_id.as_str().starts_with(&format!("{cut}.")), "{}", asked.trans_id);
        assert_eq!(asked.trans_id.to_string(), asked.trans_id.as_str());
        assert_eq!(asked.subscript_id.to_string(), number);
    }
}

/// What waits for the end of a subscription to be answered is bounded too, and
/// no older than the others.
#[test]
fn ends_that_nobody_answers_make_room() {
    let mut gateway = Gateway::with(Config { max_subscriptions: 2, ..Config::default() });
    for id in ["u1", "u2", "u3"] {
        assert_eq!(gateway.juliet(PresenceType::Unsubscribe, id).len(), 1);
    }
    let told = |id: &str| [format!("item-not-found romeo>juliet id={id}")];
    assert_eq!(gateway.response("u1", Status::NoSuchPresentity, None), [""; 0], "the oldest");
    assert_eq!(gateway.response("u3", Status::NoSuchPresentity, None), told("u3"));
    assert_eq!(gateway.response("u3", Status::NoSuchPresentity, None), [""; 0], "once");
    // There is room again.
    gateway.juliet(PresenceType::Unsubscribe, "u4");
    assert_eq!(gateway.response("u2", Status::NoSuchPresentity, None), told("u2"));
    assert_eq!(gateway.response("u4", Status::Failure, None), [""; 0]);
    // Juliet has asked anew meanwhile: there may be a subscription.
    gateway.juliet(PresenceType::Unsubscribe, "u5");
    gateway.juliet(PresenceType::Subscribe, "s1");
    assert_eq!(gateway.response("u5", Status::NoSuchPresentity, None), [""; 0]);
}

/// The presence of a user is kept as long as somebody watches.
#[test]
fn one_watcher_of_two_goes_and_the_other_still_sees() {
    let mut gateway = Gateway::watched();
    let nurse = "nurse@example.net";
    let asked = Subscribe {
        watcher: pres(nurse),
        target: pres(JULIET),
        duration: Duration::from_secs(200),
        subscript_id: SubscriptId::new("other").unwrap(),
        trans_id: TransId::new("n1").unwrap(),
    };
    gateway.service.handle_subscribe(gateway.now, &asked, &mut gateway.out);
    assert_eq!(gateway.done(), ["subscribe nurse@example.net>juliet id=n1"]);
    let to_nurse =
        |presence: PresenceBuilder| presence.with_to(nurse.parse::<xmpp_jid::Jid>().unwrap());
    gateway.presence(&to_nurse(sent(PresenceType::Subscribed, "", "")));
    gateway.juliet(PresenceType::Available, "");
    assert_eq!(gateway.at(100), ["unsubscribe romeo>juliet"]);
    let again = sent(PresenceType::Available, "/chamber", "");
    assert_eq!(
        gateway.presence(&to_nurse(again)),
        ["NOTIFY nurse@example.net<juliet balcony=open chamber=open"]
    );
    assert_eq!(gateway.at(200), ["unsubscribe nurse@example.net>juliet"]);
    assert!(gateway.service.presentities.is_empty());
}

// RFC 3859 §3.4.1: a refresh bears the id of the subscription.
#[test]
fn a_refresh_replaces_the_end() {
    let mut gateway = Gateway::watched();
    gateway.at(10);
    assert_eq!(gateway.romeo(20, "sub", "t2")[0], "RESPONSE t2 Success 20s");
    assert_eq!(gateway.timeout(), Some((30, Reason::Expiry)));
    assert_eq!(gateway.romeo(90_000, "sub", "t3")[0], "RESPONSE t3 Success 86400s");
    assert_eq!(gateway.timeout(), Some((86_410, Reason::Expiry)));
    assert_eq!(gateway.romeo(50, "another", "t4"), ["RESPONSE t4 Conflict"]);
    assert_eq!(gateway.timeout(), Some((86_410, Reason::Expiry)));
}

// RFC 3859 §3.4.2
#[test]
fn a_notification_that_is_none_is_refused() {
    let mut gateway = Gateway::watching();
    let notify = |watcher: &str, target: &str, entity: &str| Notify {
        watcher: pres(watcher),
        target: pres(target),
        trans_id: TransId::new("n").unwrap(),
        document: Document::new(entity),
    };
    let mut handle = |notify: Notify| gateway.service.handle_notify(&notify, &mut gateway.out);
    let entity = format!("pres:{ROMEO}");
    assert_eq!(handle(notify(JULIET, ROMEO, &entity)), Ok(true));
    assert_eq!(handle(notify("nurse@example.com", ROMEO, &entity)), Ok(false));
    assert_eq!(handle(notify(JULIET, "tybalt@example.net", &entity)), Ok(false));
    assert_eq!(handle(notify(JULIET, "a%40b@example.net", &entity)), Ok(false));
    assert!(matches!(handle(notify(JULIET, ROMEO, "sip:x")), Err(MapError::Address(..))));
    let other = handle(notify(JULIET, ROMEO, "pres:tybalt@example.net"));
    assert_eq!(other, Err(MapError::OtherEntity));
}
