//! What is bounded, what is kept over a restart, and events in any order.

use super::*;

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
