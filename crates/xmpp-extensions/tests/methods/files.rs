use xmpp_extensions::base::hashes::Algorithm;
use xmpp_extensions::files::bits_of_binary::ContentId;
use xmpp_extensions::files::socks5::destination;
use xmpp_extensions::files::upload::{Header, HeaderName, Put};
use xmpp_extensions::profiles::avatar::{Data, Info, id_of};
use xmpp_extensions::profiles::vcard_avatar::{Avatar, Update};
use xmpp_jid::Jid;

/// FIPS 180: the SHA-1 of `abc`.
const ABC: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";

/// XEP-0084, 4.2.1: what is said of an image.
#[test]
fn images() {
    assert_eq!(id_of(b"abc"), ABC);
    assert_eq!(Data::new(b"abc".to_vec()).id(), ABC);
    let info = Info::of("image/png", b"abc").unwrap();
    assert_eq!((info.bytes, &*info.id, &*info.kind), (3, ABC, "image/png"));
    assert!(info.is_of(b"abc"));
    let with = |bytes, id: &'static str| Info::new(bytes, id, "image/png").is_of(b"abc");
    assert!(with(3_u32, ABC) && with(3, "A9993E364706816ABA3E25717850C26C9CD0D89D"));
    assert!(!with(2, ABC) && !with(4, ABC) && !with(3, "a9993e"));
}

/// XEP-0153, 3.1 and 4.1: not ready, none, or one.
#[test]
fn avatars_in_presences() {
    assert_eq!(Update::new().avatar(), Avatar::NotReady);
    for (photo, says) in [
        ("", Avatar::None),
        (" \n", Avatar::None),
        (ABC, Avatar::Sha1(ABC)),
        ("\n ab ", Avatar::Sha1("ab")),
    ] {
        assert_eq!(Update::new().with_photo(photo).avatar(), says, "{photo:?}");
    }
}

/// XEP-0231, 2.5 and 2.6.
#[test]
fn names_of_bits_of_binary() {
    let cid = ContentId::of(b"abc");
    assert_eq!(cid.to_string(), format!("sha1+{ABC}@bob.xmpp.org"));
    assert_eq!((cid.check(b"abc"), cid.check(b"abd")), (Some(true), Some(false)));
    let named = ContentId::new(Algorithm::Sha256, vec![0, 0x1f]);
    assert_eq!(named.to_string(), "sha-256+001f@bob.xmpp.org");
    for text in [
        "sha-256+001f@bob.xmpp.org",
        "cid:sha-256+001F@bob.xmpp.org",
        "CID:sha-256+001f@bob.xmpp.org",
    ] {
        assert_eq!(text.parse(), Ok(named.clone()), "{text}");
    }
    // The last `+` is the one before the hash.
    let odd: ContentId<'_> = "a+b+00@bob.xmpp.org".parse().unwrap();
    assert_eq!(odd.algorithm, Algorithm::Other("a+b".into()));
    assert_eq!(odd.check(b""), None);
    for bad in [
        "sha1+00",
        "sha1@bob.xmpp.org",
        "+00@bob.xmpp.org",
        "sha1+@bob.xmpp.org",
        "sha1+0g@bob.xmpp.org",
        "cid:",
        "cid:cid",
        "",
    ] {
        let error = bad.parse::<ContentId<'_>>().unwrap_err();
        assert_eq!(error.to_string(), "no Content-ID of the form algo+hash@bob.xmpp.org", "{bad}");
    }
}

/// XEP-0363, 4 and 11: three headers, and no ends of lines in them.
#[test]
fn headers_of_uploads() {
    let put = Put::new("https://x.example/").with_headers([
        Header::new("AUTHORIZATION", "a"),
        Header::new("Expires", "b\r\nHost: c"),
        Header::new("Cook\nie", "d\re"),
        Header::new("Content-Type", "f"),
        Header::new("", "g"),
    ]);
    let sent: Vec<_> =
        put.headers_to_send().map(|(name, value)| format!("{}: {value}", name.as_str())).collect();
    assert_eq!(sent, ["Authorization: a", "Expires: bHost: c", "Cookie: de"]);
    assert_eq!(HeaderName::Cookie.as_str(), "Cookie");
}

/// XEP-0065, 10.2: of the id, the requester and the target, in that order.
#[test]
fn destinations_of_bytestreams() {
    let jid = |text: &str| -> Jid { text.parse().unwrap() };
    // The SHA-1 of `abc`: of one part each.
    assert_eq!(destination("a", &jid("b"), &jid("c")), ABC);
    assert_ne!(destination("a", &jid("c"), &jid("b")), ABC);
}
