//! Sizes, and the laws of comparison.

use xmpp_jid::{BareJid, BareJidRef, Domainpart, FullJid, Jid, JidRef, Localpart, Resourcepart};

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
