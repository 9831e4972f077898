use xmpp_extensions::encryption::aesgcm::{Link, of_body};
use xmpp_extensions::encryption::automatic_trust;
use xmpp_extensions::encryption::certificates::{Challenge, Signature};
use xmpp_extensions::encryption::jingle::Cipher;
use xmpp_extensions::encryption::omemo::{Header, Key, Keys, is_device_id};
use xmpp_extensions::encryption::openpgp::{self, is_backup_code};
use xmpp_extensions::encryption::stanza_content::{
    Content, Envelope, From, Mismatch, Outer, Profile, Time, To, is_for_servers, padding,
};
use xmpp_extensions::encryption::trust_messages::TrustMessage;
use xmpp_jid::BareJidRef;
use xmpp_stanza::{DateTime, Payload};

use crate::{element, jid};

fn at(second: i64) -> DateTime {
    DateTime::from_unix(second, 0).unwrap()
}

fn outer() -> Outer<'static> {
    Outer {
        from: BareJidRef::new("a@example").unwrap(),
        to: BareJidRef::new("b@example").unwrap(),
        sent: at(1000),
        margin: 10,
    }
}

/// XEP-0420, 4 and 12.1: each affix, wanted or not, there or not, right or not.
#[test]
fn envelopes_belong_to_their_stanza() {
    let bare = || Envelope::new(Content::new());
    let none = Profile::NONE;
    let wants = |name: &str| {
        let mut profile = Profile::NONE;
        match name {
            "rpad" => profile.rpad = true,
            "time" => profile.time = true,
            "from" => profile.from = true,
            _ => profile.to = true,
        }
        profile
    };
    let padded = bare().with_rpad("");
    let timed = |second| bare().with_time(Time::new(at(second)));
    let from = |address| bare().with_from(From::new(jid(address)));
    let to = |address| bare().with_to(To::new(jid(address)));
    let check = |envelope: &Envelope<'_>, profile| envelope.check(profile, &outer());
    assert_eq!(check(&bare(), none), Ok(()));
    for (name, there, missing) in [
        ("rpad", padded, Mismatch::NoPadding),
        ("time", timed(1000), Mismatch::NoTime),
        ("from", from("a@example"), Mismatch::NoFrom),
        ("to", to("b@example"), Mismatch::NoTo),
    ] {
        assert_eq!(check(&bare(), wants(name)), Err(missing));
        assert_eq!(check(&there, wants(name)), Ok(()));
        assert_eq!(check(&there, none), Ok(()));
    }
    for (second, result) in
        [(989, Err(Mismatch::Time)), (990, Ok(())), (1010, Ok(())), (1011, Err(Mismatch::Time))]
    {
        assert_eq!(check(&timed(second), none), result, "{second}");
        assert_eq!(check(&timed(second), wants("time")), result, "{second}");
    }
    assert_eq!(check(&from("a@example/x"), none), Ok(()));
    assert_eq!(check(&from("b@example"), none), Err(Mismatch::From));
    assert_eq!(check(&to("b@example/x"), none), Ok(()));
    assert_eq!(check(&to("a@example"), none), Err(Mismatch::To));
    // What both want.
    for (one, other) in [("rpad", "time"), ("time", "from"), ("from", "to"), ("to", "rpad")] {
        let (a, b) = (wants(one), wants(other));
        let both = a.and(b);
        assert_eq!(both, b.and(a));
        let wanted = [both.rpad, both.time, both.from, both.to];
        let expected = ["rpad", "time", "from", "to"].map(|name| name == one || name == other);
        assert_eq!(wanted, expected);
        assert_eq!((a.and(a), a.and(none)), (a, a));
    }
}

/// XEP-0420, 9: what servers have to see.
#[test]
fn elements_for_servers() {
    for (ns, is_theirs) in [
        ("urn:xmpp:hints", true),
        ("urn:xmpp:sid:0", true),
        ("http://jabber.org/protocol/address", true),
        ("urn:xmpp:eme:0", true),
        ("jabber:client", false),
        ("urn:xmpp:reply:0", false),
    ] {
        let element = element(&format!("<x xmlns='{ns}'/>"));
        assert_eq!(is_for_servers(element.as_ref()), is_theirs, "{ns}");
        let content = Content::new().with_elements([element.into()]);
        assert_eq!(content.permitted().count(), usize::from(!is_theirs), "{ns}");
    }
}

/// XEP-0420, 4: from 0 to 200 characters on top of the least.
#[test]
fn how_much_padding() {
    assert_eq!([0, 1, 200, 201, 255].map(|more| padding(10, 10, more)), [0, 1, 200, 200, 200]);
    assert_eq!([9, 10, 11].map(|len| padding(len, 10, 3)), [4, 3, 3]);
}

/// XEP-0373, 3.2 and 5.4.
#[test]
fn openpgp_contents() {
    let juliet = BareJidRef::new("juliet@example.org").unwrap();
    let to = || openpgp::To::new(jid("juliet@example.org"));
    let time = || openpgp::Time::new(at(1000));
    let payload = || {
        let body = element("<body xmlns='jabber:client'>x</body>");
        openpgp::Elements::new().with_elements([body.into()])
    };
    for content in [
        openpgp::Content::SignCrypt(openpgp::SignCrypt::new(time(), payload()).with_to([to()])),
        openpgp::Content::Sign(openpgp::Sign::new(time(), payload()).with_to([to()])),
        openpgp::Content::Crypt(openpgp::Crypt::new(time(), payload()).with_to([to()])),
        openpgp::Content::Crypt(openpgp::Crypt::new(time(), payload())),
    ] {
        assert_eq!(content.elements(), payload().elements);
        let belongs = |second| content.belongs_to(juliet, at(second), 10);
        assert_eq!([989, 990, 1010, 1011].map(belongs), [false, true, true, false]);
    }
    let nobody = openpgp::Content::SignCrypt(openpgp::SignCrypt::new(time(), payload()));
    assert!(!nobody.belongs_to(juliet, at(1000), 10));
    let romeo = BareJidRef::new("romeo@example.org").unwrap();
    let hers = openpgp::Content::Crypt(openpgp::Crypt::new(time(), payload()).with_to([to()]));
    assert!(!hers.belongs_to(romeo, at(1000), 10));

    let code = "1N9A-PZKD-1111-ZZZZ-AAAA-9999";
    assert!(is_backup_code(code));
    for at in 0..code.len() {
        // A letter where a dash is, a dash where a letter is; what looks like another.
        let mut other = code.to_owned();
        let bad = if at % 5 == 4 { "A" } else { "-" };
        other.replace_range(at..=at, bad);
        assert!(!is_backup_code(&other), "{other}");
        for bad in ["0", "O", "a", "Ä"] {
            let mut other = code.to_owned();
            other.replace_range(at..=at, bad);
            assert!(!is_backup_code(&other), "{other}");
        }
    }
    assert!(!is_backup_code(&code[..28]) && !is_backup_code(&format!("{code}A")));
}

/// XEP-0384, 5.1 and 5.5.3.
#[test]
fn omemo_devices_and_keys() {
    for (id, is_one) in [(0, false), (1, true), (0x7fff_ffff, true), (0x8000_0000, false)] {
        assert_eq!(is_device_id(id), is_one, "{id}");
    }
    let key = |rid: u32, byte: u8| Key::new(rid, vec![byte]);
    let header = Header::new(7_u32).with_keys([
        Keys::new(jid("juliet@capulet.lit")).with_keys([key(31_415, 1), key(12_321, 2)]),
        Keys::new(jid("romeo@montague.lit")).with_keys([key(12_321, 3)]),
    ]);
    let of = |account, device| header.key_for(account, device).cloned();
    assert_eq!(of("juliet@capulet.lit", 31_415), Some(key(31_415, 1)));
    assert_eq!(of("juliet@capulet.lit", 12_321), Some(key(12_321, 2)));
    assert_eq!(of("romeo@montague.lit", 12_321), Some(key(12_321, 3)));
    assert_eq!(of("romeo@montague.lit", 31_415), None);
    assert_eq!(of("nurse@capulet.lit", 12_321), None);
}

/// XEP-0417, 6.2; XEP-0391, 6.
#[test]
fn challenges_and_ciphers() {
    let challenge = Challenge::new("tx-1", "https://ca.example/", Signature::new(vec![1]));
    assert_eq!(challenge.signed(), b"tx-1https://ca.example/");
    assert_eq!(Cipher::Aes128Gcm.sizes(), Some((16, 12)));
    assert_eq!(Cipher::Aes256Gcm.sizes(), Some((32, 12)));
    assert_eq!(Cipher::Other("aes-256-gcm-nopadding".into()).sizes(), Some((32, 12)));
    assert_eq!(Cipher::Other("aes-512".into()).sizes(), None);
}

/// XEP-0454, 3 and 4.
#[test]
fn links_to_encrypted_files() {
    let key: [u8; 32] = core::array::from_fn(|n| u8::try_from(n * 8).unwrap() | 7);
    for iv in [&[0xab; 12][..], &[0x0c; 16]] {
        let link = Link::new("https://x.example/f", iv, key).unwrap();
        assert_eq!((link.iv(), link.key()), (iv, &key));
        assert_eq!(link.https(), "https://x.example/f");
        let hex: String = iv.iter().chain(&key).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(link.to_uri(), format!("aesgcm://x.example/f#{hex}"));
        assert_eq!(Link::parse(&link.to_uri()).as_ref(), Some(&link));
        assert_eq!(format!("{link:?}"), "Link { place: \"x.example/f\", .. }");
        // What a body ends with is no line of its own; what else is there is no link.
        let body = |after: &str| {
            of_body(&format!("{}{after}", link.to_uri())).map(|(_, t)| t.map(str::to_owned))
        };
        assert_eq!(body("\n"), Some(None));
        assert_eq!(body("\ndata:image/jpeg,AA\n"), Some(Some("data:image/jpeg,AA".to_owned())));
        assert_eq!(body("\ndata:image/png,AA"), None);
        assert_eq!(body("\ndata:image/jpeg,AA\nx"), None);
        assert_eq!(body("\n\nx"), None);
    }
    for (https, iv) in [
        ("https://", 12),
        ("http://x.example/f", 12),
        ("https://x.example/#", 12),
        ("https://x.example/ ", 12),
        ("https://x.example/\n", 12),
        ("https://x.example/", 11),
        ("https://x.example/", 13),
        ("https://x.example/", 15),
        ("https://x.example/", 17),
        ("https://x.example/", 0),
    ] {
        assert_eq!(Link::new(https, &vec![0; iv], key), None, "{https} {iv}");
    }
    let digits = |n: usize| format!("aesgcm://x/f#{}", "0".repeat(n));
    let lengths = [86, 88, 90, 94, 96, 98].map(|n| Link::parse(&digits(n)).is_some());
    assert_eq!(lengths, [false, true, false, false, true, false]);
    assert_eq!(Link::parse(&digits(88).replace("x/f", "")), None);
    assert_eq!(Link::parse(&digits(88).replace("x/f", "x f")), None);
}

/// XEP-0450, 4: an own device decides on all keys, that of a contact on its own.
#[test]
fn who_decides_on_keys() {
    let xml = |usage: &str| {
        element(&format!(
            "<trust-message xmlns='urn:xmpp:tm:1' usage='{usage}' encryption='urn:xmpp:omemo:2'>\
             <key-owner jid='a@example'><trust>AAAA</trust></key-owner>\
             <key-owner jid='b@example'><trust>AAAA</trust></key-owner></trust-message>"
        ))
    };
    let own = BareJidRef::new("a@example").unwrap();
    for (usage, sender, owners) in [
        ("urn:xmpp:atm:1", "a@example", 2),
        ("urn:xmpp:atm:1", "b@example", 1),
        ("urn:xmpp:atm:1", "c@example", 0),
        ("urn:xmpp:atm:0", "a@example", 0),
    ] {
        let element = xml(usage);
        let message = TrustMessage::parse(element.as_ref()).unwrap();
        let sender = BareJidRef::new(sender).unwrap();
        assert_eq!(automatic_trust::deciding(&message, sender, own).count(), owners);
    }
}
