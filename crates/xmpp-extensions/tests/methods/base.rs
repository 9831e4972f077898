use xmpp_extensions::base::caps::{Caps, IllFormed, verification_input, verification_string};
use xmpp_extensions::base::caps2::{self, Caps2, NotHashable, hash_input, hash_node, of_hash_node};
use xmpp_extensions::base::disco::{AnnounceError, Entity, Feature, Identity, Info, Item, Items};
use xmpp_extensions::base::forms::{Field, Form, FormKind, Reported};
use xmpp_extensions::base::forwarding::Forwarded;
use xmpp_extensions::base::hashes::{Algorithm, Hash, Hasher};
use xmpp_extensions::base::headers::{Header, Headers};
use xmpp_extensions::base::jid_preparation::{ValidateResult, Verdict};
use xmpp_extensions::base::legacy_delay::LegacyDateTime;
use xmpp_extensions::base::result_set::{First, ResultSet};
use xmpp_extensions::base::time::{Offset, Time};
use xmpp_stanza::payload::Value as _;
use xmpp_stanza::xml::ns;
use xmpp_stanza::{IntoOwned as _, Payload, StanzaCondition};

use crate::{element, jid};

/// XEP-0131, 4: a header can be there several times.
#[test]
fn the_first_header_of_a_name() {
    let headers = Headers::new().with_headers([
        Header::new("Keywords", "shakespeare"),
        Header::new("Urgency", "high"),
        Header::new("Keywords", "xmpp"),
    ]);
    assert_eq!(headers.get("Keywords"), Some("shakespeare"));
    assert_eq!(headers.get("Urgency"), Some("high"));
    assert_eq!(headers.get("Created"), None);
    assert_eq!(Headers::new().get("Keywords"), None);
}

/// XEP-0059, 2.1, 2.2, 2.3 and 2.5.
#[test]
fn pages_are_asked_for_as_they_are_printed() {
    let is = |set: ResultSet<'_>, content: &str| {
        let xml = format!("<set xmlns='http://jabber.org/protocol/rsm'>{content}</set>");
        assert_eq!(set.to_element().unwrap(), element(&xml));
    };
    is(ResultSet::first_page(10), "<max>10</max>");
    is(ResultSet::last_page(10), "<before/><max>10</max>");
    let page = ResultSet::new()
        .with_first(First::new("stpeter@jabber.org").with_index(0_u64))
        .with_last("peterpan@neverland.lit");
    is(page.next_page(7).unwrap(), "<after>peterpan@neverland.lit</after><max>7</max>");
    is(page.previous_page(8).unwrap(), "<before>stpeter@jabber.org</before><max>8</max>");
    // 2.4: an empty page has neither first nor last.
    let empty = ResultSet::new().with_count(0_u64);
    assert_eq!((empty.next_page(7), empty.previous_page(8)), (None, None));
}

/// XEP-0300: what is hashed piece by piece is what is hashed at once.
#[test]
fn hashes_of_pieces() {
    for algorithm in [
        Algorithm::Sha1,
        Algorithm::Sha224,
        Algorithm::Sha256,
        Algorithm::Sha384,
        Algorithm::Sha512,
        Algorithm::Sha3_256,
        Algorithm::Sha3_512,
        Algorithm::Blake2b256,
        Algorithm::Blake2b512,
    ] {
        let mut hasher = Hasher::new(&algorithm).unwrap();
        hasher.update(b"Hello ");
        hasher.update(b"");
        hasher.update(b"World!");
        // What has been hashed could be a secret.
        assert_eq!(format!("{hasher:?}"), "Hasher(…)");
        let hash = hasher.finish();
        assert_eq!(hash.algorithm, algorithm);
        assert_eq!(algorithm.hash(b"Hello World!").as_ref(), Some(&hash));
        assert_eq!(hash.check(b"Hello World!"), Some(true));
        assert_eq!(hash.check(b"Hello World"), Some(false));
    }
    assert!(Hasher::new(&Algorithm::Other("md5".into())).is_none());
}

/// XEP-0115, 5.2: the example of 1.5.
#[test]
fn capabilities() {
    let info = Info::new()
        .with_identities([Identity::new("client", "pc").with_name("Exodus 0.9.1")])
        .with_features(
            [
                "http://jabber.org/protocol/muc",
                ns::DISCO_ITEMS.uri(),
                ns::DISCO_INFO.uri(),
                ns::CAPS.uri(),
            ]
            .map(Feature::new),
        );
    let input = "client/pc//Exodus 0.9.1<http://jabber.org/protocol/caps<\
        http://jabber.org/protocol/disco#info<http://jabber.org/protocol/disco#items<\
        http://jabber.org/protocol/muc<";
    assert_eq!(verification_input(&info).as_deref(), Ok(input));
    let ver = "QgayPKawpkPSDYmwT/WM94uAlu0=";
    assert_eq!(verification_string(&info, &Algorithm::Sha1), Ok(Some(ver.to_owned())));
    assert_eq!(verification_string(&info, &Algorithm::Other("md5".into())), Ok(None));
    let caps = Caps::of(&info, "http://code.google.com/p/exodus").unwrap();
    assert_eq!(caps.hash.as_deref(), Some("sha-1"));
    assert_eq!(caps.query_node(), format!("http://code.google.com/p/exodus#{ver}"));
    assert_eq!(caps.verify(&info), Ok(Some(true)));
    assert_eq!(caps.verify(&Info::new()), Ok(Some(false)));
    let twice = info.clone().with_features([Feature::new("a"), Feature::new("a")]);
    assert_eq!(caps.verify(&twice), Err(IllFormed::RepeatedFeature));
    // 5.4: by another function, and by none.
    let sha256 = verification_string(&info, &Algorithm::Sha256).unwrap().unwrap();
    assert_eq!(Caps::new("n", &*sha256).with_hash("sha-256").verify(&info), Ok(Some(true)));
    assert_eq!(Caps::new("n", &*sha256).with_hash("sha-1").verify(&info), Ok(Some(false)));
    assert_eq!(Caps::new("n", ver).with_hash("urn:unknown").verify(&info), Ok(None));
    assert_eq!(Caps::new("n", ver).verify(&info), Ok(None));
}

/// XEP-0115, 5.1, 5 to 7: forms by type, fields by name, values.
#[test]
fn what_of_forms_is_hashed() {
    let form = |form_type: &'static str| {
        Form::new(FormKind::Result)
            .with_value("b", "2")
            .with_list("a", ["y", "x<"])
            .with_form_type(form_type)
    };
    // 5.4: that without a type, and a field without a name, do not count.
    let untyped = Form::new(FormKind::Result).with_value("c", "3");
    let nameless = form("urn:t2").with_fields([Field::of("z", "9"), Field::new()]);
    let info = Info::new().with_forms([nameless, untyped, form("urn:t1")]);
    assert_eq!(
        verification_input(&info).as_deref(),
        Ok("urn:t1<a<x&lt;<y<b<2<urn:t2<a<x&lt;<y<b<2<z<9<")
    );
    let of = |forms| verification_input(&Info::new().with_forms(forms));
    assert_eq!(of(vec![form("urn:t1"), form("urn:t1")]), Err(IllFormed::RepeatedForm));
    let mut ambiguous = form("urn:t1");
    ambiguous.fields[0].values.push("urn:t2".into());
    assert_eq!(of(vec![ambiguous]), Err(IllFormed::AmbiguousForm));
    let mut same = form("urn:t1");
    same.fields[0].values.push("urn:t1".into());
    assert!(of(vec![same]).is_ok());
    let identities = || [Identity::new("client", "pc"), Identity::new("client", "pc")];
    let twice = Info::new().with_identities(identities());
    assert_eq!(verification_input(&twice), Err(IllFormed::RepeatedIdentity));
    let [one, other] = identities();
    let differ = Info::new().with_identities([one, other.with_name("x")]);
    assert_eq!(verification_input(&differ).as_deref(), Ok("client/pc//<client/pc//x<"));
}

/// XEP-0390, 4.1, 4.3 and 4.4.
#[test]
fn capabilities_of_version_2() {
    let info = Info::new()
        .with_identities([Identity::new("client", "pc").with_name("n")])
        .with_features([Feature::new("b"), Feature::new("a")]);
    let input = b"a\x1fb\x1f\x1cclient\x1fpc\x1f\x1fn\x1f\x1e\x1c\x1c";
    assert_eq!(hash_input(&info).as_deref(), Ok(&input[..]));
    let unknown = Algorithm::Other("md5".into());
    let caps = Caps2::of(&info, &[Algorithm::Sha256, unknown, Algorithm::Sha1]).unwrap();
    let functions: Vec<_> = caps.hashes.iter().map(|hash| hash.algorithm.clone()).collect();
    assert_eq!(functions, [Algorithm::Sha256, Algorithm::Sha1]);
    assert_eq!(caps.verify(&info), Ok(Some(true)));
    // Each known one has to be right, and SHA-1 is not believed.
    let right = Algorithm::Sha256.hash(input).unwrap();
    let wrong = Hash::new(Algorithm::Sha512, vec![0; 64]);
    let of = |hashes: [&Hash<'static>; 2]| Caps2::new().with_hashes(hashes.map(Clone::clone));
    assert_eq!(of([&right, &wrong]).verify(&info), Ok(Some(false)));
    assert_eq!(of([&wrong, &right]).verify(&info), Ok(Some(false)));
    let sha1 = Hash::new(Algorithm::Sha1, vec![0; 20]);
    assert_eq!(of([&right, &sha1]).verify(&info), Ok(Some(true)));
    assert_eq!(of([&sha1, &sha1]).verify(&info), Ok(None));

    let hash = Hash::new(Algorithm::Sha256, vec![0, 1, 2]);
    assert_eq!(hash_node(&hash), "urn:xmpp:caps#sha-256.AAEC");
    assert_eq!(of_hash_node("urn:xmpp:caps#sha-256.AAEC"), Some(hash));
    for other in ["sha-256.AAEC", "urn:xmpp:caps#sha-256", "urn:xmpp:caps#sha-256.A*", ""] {
        assert_eq!(of_hash_node(other), None, "{other}");
    }
    // 4.1: neither tables nor forms without a type.
    let input = |form| hash_input(&Info::new().with_forms([form]));
    let typed = || Form::new(FormKind::Result).with_form_type("t");
    assert_eq!(input(typed()).as_deref(), Ok(&b"\x1c\x1cFORM_TYPE\x1ft\x1f\x1e\x1d\x1c"[..]));
    assert_eq!(input(typed().with_reported(Reported::new())), Err(NotHashable::TableForm));
    let row = xmpp_extensions::base::forms::Item::new();
    assert_eq!(input(typed().with_items([row])), Err(NotHashable::TableForm));
    assert_eq!(input(Form::new(FormKind::Result)), Err(NotHashable::NoFormType));
    let mut two = typed();
    two.fields[0].values.push("u".into());
    assert_eq!(input(two), Err(NotHashable::NoFormType));
}

/// XEP-0030, 3 and 4: what an entity is and can do, and what is asked of its nodes.
#[test]
fn an_entity_answers() {
    let form = |value: &'static str| {
        Form::new(FormKind::Result).with_form_type("urn:form").with_value("v", value)
    };
    let mut me = Entity::new(Identity::new("client", "pc"))
        .with_identity(Identity::new("automation", "command-list"))
        .with_features(["urn:xmpp:ping"])
        .with_form(form("old"))
        .with_form(Form::new(FormKind::Result).with_form_type("urn:other"))
        .with_form(form("new"))
        .with_node("me");
    let info = me.describe().into_owned();
    assert_eq!(info.node, None);
    assert!(info.is("client", "pc") && info.is("automation", "command-list"));
    assert!(!info.is("client", "command-list") && !info.is("automation", "pc"));
    assert!(info.has_feature("urn:xmpp:ping") && !info.has_feature("urn:xmpp:time"));
    assert!(info.has_ns(ns::DISCO_INFO) && !info.has_ns(ns::DISCO_ITEMS));
    assert_eq!(info.form("urn:form").and_then(|form| form.value("v")), Some("new"));
    assert_eq!(info.forms.len(), 2);
    assert_eq!(info.form("urn:none"), None);
    assert_eq!(me.info(&Info::new()).as_ref(), Ok(&info));
    assert_eq!(me.info(&Info::new().with_node("me")), Ok(info.with_node("me")));
    assert_eq!(me.info(&Info::new().with_node("you")), Err(StanzaCondition::ItemNotFound));
    assert_eq!(me.items(&Items::new()), Ok(Items::new()));
    assert_eq!(me.items(&Items::new().with_node("me")), Err(StanzaCondition::ItemNotFound));

    // XEP-0115, 6.2: the node that was announced, until something changes.
    let caps = me.announce("https://c.example").unwrap();
    let asked = Info::new().with_node(caps.query_node());
    let answer = me.info(&asked).unwrap().into_owned();
    assert!(answer.has_ns(ns::CAPS) && !answer.has_ns(caps2::NS));
    assert_eq!(caps.verify(&answer), Ok(Some(true)));
    let gone = Err(StanzaCondition::ItemNotFound);
    assert_eq!(me.clone().with_identity(Identity::new("a", "b")).info(&asked), gone);
    assert_eq!(me.clone().with_features(["a"]).info(&asked), gone);
    assert_eq!(me.clone().with_form(form("newer")).info(&asked), gone);
    let mut with_item = me.clone().with_item(Item::new(jid("room@muc.example")));
    assert_eq!(with_item.info(&asked), gone);
    assert!(with_item.describe().has_ns(ns::DISCO_ITEMS));
    let items = with_item.items(&Items::new()).unwrap().into_owned();
    assert_eq!(items.items, [Item::new(jid("room@muc.example"))]);
    let next = with_item.announce("https://c.example").unwrap();
    assert!(with_item.info(&Info::new().with_node(next.query_node())).is_ok());

    // XEP-0390, 5: both, and answered for both.
    let (caps, caps2) = me.announce_both("https://c.example", &[Algorithm::Sha256]).unwrap();
    for node in [caps.query_node(), hash_node(&caps2.hashes[0])] {
        let info = me.info(&Info::new().with_node(node)).unwrap();
        assert!(info.has_ns(ns::CAPS) && info.has_ns(caps2::NS));
        assert_eq!((caps.verify(&info), caps2.verify(&info)), (Ok(Some(true)), Ok(Some(true))));
    }
    let mut twice = me.clone().with_identity(Identity::new("client", "pc"));
    assert_eq!(twice.announce("n"), Err(IllFormed::RepeatedIdentity));
    let error = AnnounceError::IllFormed(IllFormed::RepeatedIdentity);
    assert_eq!(twice.announce_both("n", &[]), Err(error));
    let mut table = me.with_form(form("x").with_reported(Reported::new()));
    let error = AnnounceError::NotHashable(NotHashable::TableForm);
    assert_eq!(table.announce_both("n", &[]), Err(error));
}

/// XEP-0390, 4.1: the language that an identity inherits.
#[test]
fn languages_are_inherited_where_none_is_said() {
    let info = Info::new()
        .with_identities([
            Identity::new("client", "pc"),
            Identity::new("client", "pc").with_lang("de"),
        ])
        .with_inherited_lang("en");
    let langs: Vec<_> = info.identities.iter().map(|identity| identity.lang.as_deref()).collect();
    assert_eq!(langs, [Some("en"), Some("de")]);
}

/// XEP-0297, 3: what is forwarded may be no stanza, and may be a wrong one.
#[test]
fn what_is_forwarded() {
    let of = |content: &str| {
        element(&format!("<forwarded xmlns='urn:xmpp:forward:0'>{content}</forwarded>"))
    };
    let wrong = of("<iq xmlns='jabber:client' type='get'/>");
    let forwarded = Forwarded::parse(wrong.as_ref()).unwrap();
    assert!(forwarded.stanza().is_some());
    assert!(forwarded.to_stanza().is_err());
    let empty = of("");
    let forwarded = Forwarded::parse(empty.as_ref()).unwrap();
    assert!(forwarded.stanza().is_none());
    assert_eq!(forwarded.to_stanza(), Ok(None));
}

/// XEP-0082, 3.2: offsets below a day.
#[test]
fn offsets_from_utc() {
    for (minutes, text) in [
        (1439, Some("+23:59")),
        (-1439, Some("-23:59")),
        (60, Some("+01:00")),
        (-1, Some("-00:01")),
        (0, Some("Z")),
        (1440, None),
        (-1440, None),
        (i16::MIN, None),
    ] {
        let offset = Offset::from_minutes(minutes);
        assert_eq!(offset.map(|offset| offset.to_string()).as_deref(), text, "{minutes}");
        assert_eq!(offset.is_none_or(|offset| offset.minutes() == minutes), true);
        if let Some(text) = text {
            assert_eq!(text.parse(), Ok(offset.unwrap()));
            assert_eq!(Offset::read(text.into()), Ok(offset.unwrap().into_owned()));
        }
    }
    for bad in [
        "+24:00", "-23:60", "+99:00", "+1a:00", "+a1:00", "+01:0a", "+01:a0", "+01-00", "01:00",
        "+1:000", "Z ",
    ] {
        assert!(bad.parse::<Offset>().is_err(), "{bad}");
        assert!(Offset::read(bad.into()).is_err(), "{bad}");
    }
    // XEP-0202, 2: its example.
    let time = Time::new()
        .with_tzo(Offset::from_minutes(-360).unwrap())
        .with_utc("2006-12-19T17:58:35Z".parse::<xmpp_stanza::DateTime>().unwrap());
    let xml = "<time xmlns='urn:xmpp:time'><tzo>-06:00</tzo><utc>2006-12-19T17:58:35Z</utc></time>";
    assert_eq!(time.to_element().unwrap(), element(xml));
    assert_eq!(Time::parse(element(xml).as_ref()).unwrap().into_owned(), time);
}

/// XEP-0082, 4, and XEP-0091, 2: the old form, and the new one in its place.
#[test]
fn old_times_are_read_in_both_forms() {
    let new: xmpp_stanza::DateTime = "2002-09-10T23:08:25Z".parse().unwrap();
    let old = LegacyDateTime(new);
    for text in ["20020910T23:08:25", "20020910T23:08:25Z", "2002-09-10T23:08:25Z"] {
        assert_eq!(LegacyDateTime::read(text.into()), Ok(old), "{text}");
    }
    let mut written = String::new();
    old.write(&mut |text| written.push_str(text));
    assert_eq!(written, "20020910T23:08:25");
    assert_eq!(old.into_owned(), old);
    for bad in
        ["2002", "200209", "20020910 23:08:25", "20020910T", "2002é910T23:08:25", "20020910T23:08"]
    {
        assert!(LegacyDateTime::read(bad.into()).is_err(), "{bad}");
    }
}

/// XEP-0328, 3: the parts of an address, prepared, or why it is none.
#[test]
fn addresses_are_prepared() {
    let Verdict::Valid(whole) = ValidateResult::of("Σ@Example.com/Resource").verdict else {
        panic!("valid")
    };
    assert_eq!(&*whole.domainpart, "example.com");
    assert_eq!(whole.localpart.as_deref(), Some("σ"));
    assert_eq!(whole.resourcepart.as_deref(), Some("Resource"));
    let Verdict::Valid(domain) = ValidateResult::of("example.com").verdict else { panic!("valid") };
    assert_eq!((domain.localpart, domain.resourcepart), (None, None));
    let Verdict::Invalid(invalid) = ValidateResult::of("@example.com").verdict else {
        panic!("invalid")
    };
    assert!(invalid.reason.is_some_and(|reason| !reason.is_empty()));
}
