//! One resource's presence at its server: RFC 6121 sections 2.2 and 4.

use xmpp_im::presence::{Broadcast, ResourcePresence};
use xmpp_jid::Jid;

fn jid(text: &str) -> Jid {
    Jid::new(text).unwrap()
}

#[test]
fn connected_available_and_interested_are_three_things() {
    let mut balcony = ResourcePresence::new(10);
    assert_eq!((balcony.is_available(), balcony.priority()), (false, None));
    assert!(!balcony.is_interested());
    // Section 2.2: interested by the roster get, available or not.
    balcony.roster_requested();
    assert!(balcony.is_interested() && !balcony.is_available());
    assert_eq!(balcony.available(-1), Broadcast::Initial);
    assert_eq!((balcony.is_available(), balcony.priority()), (true, Some(-1)));
    assert_eq!(balcony.available(5), Broadcast::Subsequent);
    assert_eq!(balcony.priority(), Some(5));
    assert!(balcony.unavailable().was_available);
    assert_eq!((balcony.is_available(), balcony.priority()), (false, None));
    assert!(!balcony.unavailable().was_available, "once");
    assert!(balcony.is_interested(), "it is told of its roster until it ends");
    assert_eq!(balcony.available(0), Broadcast::Initial, "again");
}

#[test]
fn who_was_told_directly_is_told_of_the_end() {
    // 6121-4.6.1-04: as long as it was not told before.
    let (room, nurse) = (jid("garden@chat.example.net/juliet"), jid("nurse@example.com"));
    let mut balcony = ResourcePresence::new(10);
    for to in [&room, &nurse, &room] {
        balcony.directed_available(to).unwrap();
    }
    // An entity is meant by its full address, or by the bare one that stands for all.
    assert!(balcony.is_directed_to(room.as_ref()));
    assert!(balcony.is_directed_to(jid("nurse@example.com/kitchen").as_ref()));
    assert!(!balcony.is_directed_to(jid("garden@chat.example.net").as_ref()));
    assert!(!balcony.is_directed_to(jid("garden@chat.example.net/romeo").as_ref()));
    balcony.directed_unavailable(&nurse);
    assert!(!balcony.is_directed_to(nurse.as_ref()));
    let end = balcony.unavailable();
    assert!(end.directed.contains(&room) && end.directed.len() == 1, "{end:?}");
    assert!(!balcony.is_directed_to(room.as_ref()) && balcony.unavailable().directed.is_empty());
}

#[test]
fn what_is_remembered_of_directed_presence_is_bounded_and_room_comes_back() {
    let name = |n: usize| jid(&format!("{n}@chat.example.net"));
    let mut balcony = ResourcePresence::new(3);
    for round in 0..4 {
        for n in 0..3 {
            balcony.directed_available(&name(n)).unwrap();
        }
        balcony.directed_available(&name(2)).unwrap();
        assert_eq!(balcony.directed_available(&name(3)).unwrap_err().max, 3, "{round}");
        // Who was not told takes no room with him.
        balcony.directed_unavailable(&name(9));
        if round % 2 == 0 {
            (0..3).for_each(|n| balcony.directed_unavailable(&name(n)));
        } else {
            assert_eq!(balcony.unavailable().directed.len(), 3);
        }
    }
    // In bytes: three of any length fit, if they are of usual length on average.
    let long = |n: usize| jid(&format!("{n}@chat.example.net/{}", "x".repeat(1000)));
    let mut balcony = ResourcePresence::new(3);
    assert_eq!((0..9).take_while(|n| balcony.directed_available(&long(*n)).is_ok()).count(), 3);
    let mut balcony = ResourcePresence::new(40);
    let fit = (0..40).take_while(|n| balcony.directed_available(&long(*n)).is_ok()).count();
    assert_eq!(fit, 40 * 256 / long(0).as_str().len(), "10 KiB in all");
    // To the byte: 12 addresses of 256 bytes on average are 3072.
    let of_length = |bytes: usize| jid(&format!("{}/{}", "d".repeat(60), "x".repeat(bytes - 61)));
    for (bytes, fits) in [(1071, true), (1072, false)] {
        let mut orchard = ResourcePresence::new(12);
        orchard.directed_available(&of_length(1000)).unwrap();
        orchard.directed_available(&of_length(1001)).unwrap();
        assert_eq!(orchard.directed_available(&of_length(bytes)).is_ok(), fits);
    }
    for _ in 0..3 {
        balcony.directed_unavailable(&long(0));
        balcony.directed_available(&long(0)).unwrap();
        assert!(balcony.directed_available(&long(50)).is_err());
    }
}
