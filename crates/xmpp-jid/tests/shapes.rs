//! What addresses and their parts are: sizes, pieces, kinds and lengths.

use xmpp_jid::{
    BareJid, BareJidRef, Domainpart, DomainpartRef, FullJid, FullJidRef, Host, Jid, JidRef,
    Localpart, LocalpartRef, Part, Resourcepart, ResourcepartRef, Rule,
};

#[test]
fn an_address_fits_in_three_words() {
    assert_eq!(size_of::<Jid>(), 24);
    assert_eq!(size_of::<Option<Jid>>(), 24);
    assert_eq!(size_of::<BareJid>(), 24);
    assert_eq!(size_of::<FullJid>(), 24);
    assert_eq!(size_of::<JidRef<'_>>(), 24);
}

#[test]
fn a_bare_address_made_of_a_full_one_is_the_bare_address() {
    let full = FullJid::new("a@b/c").unwrap();
    let bare = full.to_bare();
    assert_eq!(bare.as_str(), "a@b");
    assert_eq!(bare, BareJid::new("a@b").unwrap());
    assert_eq!(bare, BareJidRef::new("a@b").unwrap());
    assert_eq!(Jid::from(bare.clone()), bare);
    assert!(Jid::from(bare).is_bare());
}

#[test]
fn parts_put_together_make_the_address() {
    let local = Localpart::new("Juliet").unwrap();
    let domain = Domainpart::new("Example.COM.").unwrap();
    let resource = Resourcepart::new("Balcony@/").unwrap();
    let jid = FullJid::from_parts(Some(local.as_ref()), domain.as_ref(), resource.as_ref());
    assert_eq!(jid, "juliet@example.com/Balcony@/");
    assert_eq!(jid, FullJid::new(jid.as_str()).unwrap());
    assert_eq!(
        BareJid::from(domain.as_ref()).with_resourcepart(resource.as_ref()),
        "example.com/Balcony@/"
    );
    assert_eq!(jid.localpart().unwrap(), local);
    assert_eq!(jid.domainpart(), domain);
    assert_eq!(jid.resourcepart(), resource);
}

/// RFC 7622 §3.1: what each kind of address has, owned and borrowed.
#[test]
fn parts_of_each_kind() {
    for (text, local, domain, resource) in [
        ("b", None, "b", None),
        ("a@b", Some("a"), "b", None),
        ("b/c", None, "b", Some("c")),
        ("a@b/c", Some("a"), "b", Some("c")),
        ("é@bücher/🚀@/", Some("é"), "bücher", Some("🚀@/")),
    ] {
        let jid = Jid::new(text).unwrap();
        let jid_ref = JidRef::new(text).unwrap();
        let bare = text.split('/').next().unwrap();
        assert_eq!((jid.as_str(), jid_ref.as_str()), (text, text));
        for of in [jid.as_ref(), jid_ref] {
            assert_eq!(of.localpart().map(|part| part.as_str()), local);
            assert_eq!(of.domainpart(), domain);
            assert_eq!(of.resourcepart().map(|part| part.as_str()), resource);
            assert_eq!((of.is_bare(), of.is_full()), (resource.is_none(), resource.is_some()));
            assert_eq!(of.to_bare(), bare);
            assert_eq!(of.into_owned(), jid);
        }
        assert_eq!((jid.is_bare(), jid.is_full()), (resource.is_none(), resource.is_some()));
        assert_eq!(jid.localpart().map(|part| part.as_str()), local);
        assert_eq!(jid.domainpart(), domain);
        assert_eq!(jid.resourcepart().map(|part| part.as_str()), resource);
        for of in [jid.to_bare(), jid.clone().into_bare(), jid.without_resourcepart()] {
            assert_eq!(of, bare);
            assert_eq!(of.as_ref(), BareJidRef::new(bare).unwrap());
            assert_eq!(of.as_ref().localpart().map(|part| part.as_str()), local);
            assert_eq!(of.as_ref().domainpart(), domain);
            assert_eq!(of.localpart().map(|part| part.as_str()), local);
            assert_eq!(of.as_ref().into_owned().to_string(), bare);
            assert_eq!(JidRef::from(of.as_ref()), bare);
            let with = of.with_resourcepart(ResourcepartRef::new("d").unwrap());
            assert_eq!(with, format!("{bare}/d").as_str());
        }
        let Some(resource) = resource else {
            assert_eq!(jid.clone().try_into_full().unwrap_err(), bare);
            assert!(FullJidRef::new(text).is_err() && BareJidRef::new(text).is_ok());
            continue;
        };
        assert!(BareJidRef::new(text).is_err());
        let full = jid.clone().try_into_full().unwrap();
        let full_ref = FullJidRef::new(text).unwrap();
        for of in [full.as_ref(), full_ref] {
            assert_eq!(of.as_str(), text);
            assert_eq!(of.localpart().map(|part| part.as_str()), local);
            assert_eq!((of.domainpart().as_str(), of.resourcepart().as_str()), (domain, resource));
            assert_eq!(of.to_bare(), bare);
            assert_eq!(of.into_owned(), full);
            assert_eq!(JidRef::from(of), jid);
        }
        assert_eq!(full.resourcepart(), resource);
        for of in [full.to_bare(), full.clone().into_bare(), full.without_resourcepart()] {
            assert_eq!(of, bare);
        }
        assert_eq!(BareJid::from(full.clone()), bare);
        assert_eq!(Jid::from(full), jid);
        assert_eq!(
            jid.with_resourcepart(ResourcepartRef::new("d").unwrap()),
            format!("{bare}/d").as_str()
        );
    }
    assert_eq!(
        BareJid::from_parts(
            Some(LocalpartRef::new("a").unwrap()),
            DomainpartRef::new("b").unwrap()
        ),
        "a@b"
    );
    let parts = Jid::from_parts(None, DomainpartRef::new("b").unwrap(), None);
    assert_eq!((parts.as_str(), parts.is_bare()), ("b", true));
}

/// RFC 7622 §3.2, RFC 6874 §2: what a domainpart names.
#[test]
fn kinds_of_hosts() {
    let host = |text: &str| match Domainpart::new(text).unwrap().host() {
        Host::Name(name) => format!("name {name}"),
        Host::Ipv4(address) => format!("v4 {address}"),
        Host::Ipv6(address, zone) => format!("v6 {address} {zone:?}"),
    };
    assert_eq!(host("Bücher.example."), "name bücher.example");
    assert_eq!(host("127.0.0.1"), "v4 127.0.0.1");
    assert_eq!(host("127.0.0.1.1"), "name 127.0.0.1.1");
    assert_eq!(host("[2001:DB8::0:1]"), "v6 2001:db8::1 None");
    assert_eq!(host("[fe80::1%25e-t.h_0~%2f]"), "v6 fe80::1 Some(\"e-t.h_0~%2f\")");
    for text in [
        "[]",
        "[b]",
        "[::1",
        "::1]",
        "[127.0.0.1]",
        "[v1.x]",
        "[fe80::1%25]",
        "[fe80::1%eth0]",
        "[fe80::1%25a b]",
        "[fe80::1%25a%2]",
        "[fe80::1%25a%2g]",
        "[fe80::1%25a%g2]",
        "[fe80::1%25%]",
    ] {
        assert_eq!(Domainpart::new(text).unwrap_err().at(), 0, "{text}");
    }
    let domain = Domainpart::new("bücher.example").unwrap();
    assert_eq!(domain.to_ascii(), "xn--bcher-kva.example");
    assert_eq!(Domainpart::new("a.b").unwrap().to_ascii(), "a.b");
}

/// RFC 7622 §3.2 to §3.4: the length counts after preparation.
#[test]
fn parts_have_their_length_when_they_are_prepared() {
    let is_fine = |text: &str| Jid::new(text).map(|jid| jid.as_str().len()).ok();
    for (piece, bytes) in [("a", 1), ("A", 1), ("ž", 2), ("Ž", 2), ("\u{FF35}\u{308}\u{304}", 2)]
    {
        let fits = 1023 / bytes;
        let local = |count: usize| piece.repeat(count) + "@b";
        assert_eq!(is_fine(&local(fits)), Some(fits * bytes + 2), "{piece}");
        let error = Jid::new(&local(fits + 1)).unwrap_err();
        assert_eq!((error.part(), error.rule()), (Part::Local, Rule::TooLong), "{piece}");
        let odd = "a".repeat(1023 - fits * bytes) + &local(fits);
        assert_eq!(is_fine(&odd), Some(1025), "{piece}");
    }
    for (piece, bytes) in [("a", 1), ("ž", 2), ("\u{3000}", 1)] {
        let fits = 1023 / bytes;
        let resource = |count: usize| "b/".to_owned() + &piece.repeat(count);
        assert_eq!(is_fine(&resource(fits)), Some(fits * bytes + 2), "{piece}");
        let error = Jid::new(&resource(fits + 1)).unwrap_err();
        assert_eq!((error.part(), error.rule()), (Part::Resource, Rule::TooLong), "{piece}");
    }
    // RFC 1035 §2.3.4: 253 as the DNS sees it; xn--tdaaa is üüü.
    let name = |last: usize| format!("{}{}", "xn--tdaaa.".repeat(25), "a".repeat(last));
    assert_eq!(is_fine(&name(3)), Some(25 * 7 + 3));
    assert_eq!(Jid::new(&name(4)).unwrap_err().rule(), Rule::TooLong);
    let name = |last: usize| format!("{}{}", "üüü.".repeat(25), "a".repeat(last));
    assert_eq!(is_fine(&name(3)), Some(25 * 7 + 3));
    assert_eq!(Jid::new(&name(4)).unwrap_err().rule(), Rule::TooLong);
    for labels in ["Abcdefghi.", "abcdefghi.", "a."] {
        let labels = labels.repeat(250 / labels.len());
        let name = |last: usize| format!("{labels}{}", "a".repeat(last));
        assert_eq!(is_fine(&name(3)), Some(253));
        assert_eq!(Jid::new(&name(4)).unwrap_err().rule(), Rule::TooLong);
    }
}

/// What is valid and not canonical says where it is not.
#[test]
fn where_a_text_is_not_canonical() {
    for (text, at) in [
        ("B", 0),
        ("a@b.", 3),
        ("a@bC/d", 3),
        ("é@bC", 4),
        ("a@xn--bcher-kva", 2),
        ("a@b/c\u{3000}d", 5),
        ("a@[::0]", 5),
    ] {
        let error = JidRef::new(text).unwrap_err();
        assert_eq!((error.rule(), error.at()), (Rule::NotCanonical, at), "{text}");
    }
    let error = LocalpartRef::new("aB").unwrap_err();
    assert_eq!((error.part(), error.rule(), error.at()), (Part::Local, Rule::NotCanonical, 1));
}

/// Whatever is longer than what is put together on the stack.
#[test]
fn long_addresses_are_prepared_like_short_ones() {
    for len in
        [1, 50, 60, 61, 62, 63, 64, 65, 120, 123, 124, 125, 126, 127, 128, 129, 250, 256, 500]
    {
        let (upper, lower) = ("Ž".repeat(len / 2) + "A", "ž".repeat(len / 2) + "a");
        assert_eq!(Jid::new(&format!("{upper}@B/c")).unwrap(), format!("{lower}@b/c").as_str());
        let (spaces, plain) = ("\u{3000}x".repeat(len), " x".repeat(len));
        assert_eq!(Jid::new(&format!("B/{spaces}")).unwrap(), format!("b/{plain}").as_str());
        // Some become longer: U+0130 is two code points in lowercase, U+0958 in NFC.
        let (short, long) = ("\u{130}".repeat(len.min(341)), "i\u{307}".repeat(len.min(341)));
        assert_eq!(Jid::new(&format!("{short}@b")).unwrap(), format!("{long}@b").as_str());
        let (short, long) = ("\u{958}".repeat(len.min(160)), "\u{915}\u{93C}".repeat(len.min(160)));
        assert_eq!(Jid::new(&format!("b/{short}")).unwrap(), format!("b/{long}").as_str());
    }
}
