//! Payloads by `#[derive(Payload)]`: what is read, what is kept, what is
//! written again.
#![cfg(feature = "derive")]

use std::borrow::Cow;

use xmpp_stanza::{
    AnyElement, Base64, DateTime, Findings, IntoOwned, JidCow, Payload, Rest, Rule, Secret, Word,
};
use xmpp_xml::{Element, Ns, WriteXml, Writer};

const NS: Ns<'static> = Ns::new("urn:example:order");

/// Everything that a field can be.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "order", section = "Example, 1")]
struct Order<'a> {
    #[xml(attr)]
    by: JidCow<'a>,
    #[xml(attr)]
    placed_at: Option<DateTime>,
    #[xml(attr = "type", default)]
    kind: Kind,
    #[xml(lang)]
    lang: Option<Cow<'a, str>>,
    #[xml(leaf)]
    title: Cow<'a, str>,
    #[xml(leaf = "tag")]
    tags: Vec<Cow<'a, str>>,
    #[xml(leaf)]
    count: Option<u8>,
    #[xml(flag)]
    urgent: bool,
    #[xml(child)]
    items: Vec<Item<'a>>,
    #[xml(child)]
    state: Option<State<'a>>,
    #[xml(any)]
    extensions: Vec<AnyElement<'a>>,
    #[xml(rest)]
    rest: Rest<'a>,
}

#[derive(Word, Clone, Copy, Debug, Default, PartialEq)]
enum Kind {
    #[default]
    Normal,
    #[word("EXPRESS")]
    Express,
}

#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "item", section = "Example, 2")]
struct Item<'a> {
    #[xml(attr)]
    id: u32,
    #[xml(text)]
    digest: Base64,
    #[xml(rest)]
    rest: Rest<'a>,
}

#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "Example, 3")]
enum State<'a> {
    #[xml(name = "open")]
    Open,
    #[xml(name = "closed")]
    Closed,
    Failed(Box<Failed<'a>>),
}

#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "failed", section = "Example, 3")]
struct Failed<'a> {
    #[xml(text)]
    why: Option<Cow<'a, str>>,
}

fn write(value: &impl WriteXml) -> String {
    let mut out = Vec::new();
    let mut w = Writer::document(&mut out);
    w.write(value);
    w.finish().unwrap();
    String::from_utf8(out).unwrap()
}

#[track_caller]
fn again(xml: &str) {
    let element = Element::parse(xml).unwrap();
    let order = Order::parse(element.as_ref()).unwrap();
    for order in [order.clone(), order.clone().into_owned()] {
        let written = Element::parse(write(&order)).unwrap();
        assert_eq!(written, element, "{}", write(&order));
        assert_eq!(Order::parse(written.as_ref()).unwrap(), order);
    }
}

const WHOLE: &str = "<order xmlns='urn:example:order' by='a@example' placed-at='2026-11-29T00:00:00Z' type='EXPRESS' xml:lang='de'>\
    <title>x &amp; y</title><tag>a</tag><tag>b</tag><count>7</count><urgent/>\
    <item id='1'>AAEC</item><item id='2'/><closed/><other xmlns='urn:example:other'><deep/></other></order>";

#[test]
fn every_kind_of_field_is_read_and_written() {
    let element = Element::parse(WHOLE).unwrap();
    let order = Order::parse(element.as_ref()).unwrap();
    assert_eq!(order.by.as_ref().as_str(), "a@example");
    assert_eq!(order.placed_at.unwrap().to_string(), "2026-11-29T00:00:00Z");
    assert_eq!((order.kind, order.lang.as_deref()), (Kind::Express, Some("de")));
    assert_eq!((&*order.title, &*order.tags), ("x & y", &["a".into(), "b".into()][..]));
    assert_eq!((order.count, order.urgent), (Some(7), true));
    assert_eq!(order.items[0], Item::new(1_u32, vec![0, 1, 2]));
    assert_eq!(order.state, Some(State::Closed));
    assert_eq!(order.extensions.len(), 1);
    assert_eq!(order.rest, Rest::none());
    // In the order of the type nothing is kept but the fields.
    assert!(order.rest.source().is_none());
    again(WHOLE);
}

#[test]
fn what_is_built_reads_as_what_was_read() {
    let built = Order::new(JidCow::Owned("a@example".parse().unwrap()), "x & y")
        .with_placed_at("2026-11-29T00:00:00Z".parse::<DateTime>().unwrap())
        .with_kind(Kind::Express)
        .with_lang("de")
        .with_tags(["a".into(), "b".into()])
        .with_count(7)
        .with_urgent()
        .with_items([Item::new(1_u32, vec![0, 1, 2]), Item::new(2_u32, vec![])])
        .with_state(State::Closed)
        .with_extensions([Element::parse("<other xmlns='urn:example:other'><deep/></other>")
            .unwrap()
            .into()]);
    assert_eq!(built, Order::parse(Element::parse(WHOLE).unwrap().as_ref()).unwrap());
}

#[test]
fn unknown_content_and_order_survive() {
    // Out of order, with unknown attributes (one in a namespace), text, and other spellings.
    again(
        "<o:order xmlns:o='urn:example:order' xmlns:x='urn:example:x' x:a='1' b='2' by='a@example' \
         placed-at='2026-11-29T01:00:00+01:00' type='normal'>\n  <o:item id='01' more='y'> AAEC\n</o:item>\n\
         <o:failed>because</o:failed> <o:urgent why='?'>really</o:urgent><o:title lang='x'>t</o:title>\
         <o:unknown/> words <o:item id='2'/><o:tag/></o:order>",
    );
}

#[test]
fn a_change_is_written_in_its_place() {
    let xml = "<order xmlns='urn:example:order' by='a@example'><x xmlns='urn:example:x'/><tag>a</tag>\
               <title>t</title><tag>b</tag></order>";
    let element = Element::parse(xml).unwrap();
    let mut order = Order::parse(element.as_ref()).unwrap();
    order.title = "changed".into();
    order.tags.push("c".into());
    order.count = Some(1);
    assert_eq!(
        write(&order),
        "<order xmlns='urn:example:order' by='a@example'><x xmlns='urn:example:x'/><tag>a</tag>\
         <title>changed</title><tag>b</tag><tag>c</tag><count>1</count></order>"
    );
    order.tags.truncate(1);
    order.extensions.clear();
    assert_eq!(
        write(&order),
        "<order xmlns='urn:example:order' by='a@example'><tag>a</tag><title>changed</title><count>1</count></order>"
    );
}

#[test]
fn bad_values_that_may_be_missing_are_passed_over_and_kept() {
    let xml = "<order xmlns='urn:example:order' by='a@example' placed-at='yesterday'><title>t</title>\
               <count>300</count><item/><item id='2'/></order>";
    let element = Element::parse(xml).unwrap();
    let mut findings = Findings::collect(10);
    let order = Order::parse_noting(element.as_ref(), &mut findings).unwrap();
    assert_eq!((order.placed_at, order.count, order.items.len()), (None, None, 1));
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    again(xml);
    assert!(Order::parse_noting(element.as_ref(), &mut Findings::refuse()).is_err());
}

/// What has to be there, but may be left out.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "parcel", section = "Example, 4")]
struct Parcel<'a> {
    #[xml(attr, lenient)]
    kind: Kind,
    #[xml(leaf)]
    password: Option<Secret<'a>>,
    #[xml(rest)]
    rest: Rest<'a>,
}

#[test]
fn a_lenient_attribute_is_written_unless_it_was_left_out() {
    assert_eq!(
        write(&Parcel::new(Kind::Normal)),
        "<parcel xmlns='urn:example:order' kind='normal'/>"
    );
    for (xml, kind, told) in [
        ("<parcel xmlns='urn:example:order'/>", Kind::Normal, 1),
        ("<parcel xmlns='urn:example:order' kind='?'/>", Kind::Normal, 1),
        ("<parcel xmlns='urn:example:order' kind=''/>", Kind::Normal, 1),
        ("<parcel xmlns='urn:example:order' kind='normal'/>", Kind::Normal, 0),
        ("<parcel xmlns='urn:example:order' kind=' EXPRESS' x=''/>", Kind::Express, 1),
    ] {
        let element = Element::parse(xml).unwrap();
        let mut findings = Findings::collect(10);
        let mut parcel = Parcel::parse_noting(element.as_ref(), &mut findings).unwrap();
        assert_eq!((parcel.kind, findings.iter().len()), (kind, told), "{xml}");
        assert_eq!(Element::parse(write(&parcel)).unwrap(), element);
        parcel.kind = Kind::Express;
        assert!(write(&parcel).contains("EXPRESS"));
    }
}

#[test]
fn secrets_are_not_shown() {
    let parcel = Parcel::new(Kind::Normal).with_password("open sesame");
    assert!(!format!("{parcel:?}").contains("sesame"));
    let again = Element::parse(write(&parcel)).unwrap();
    assert_eq!(Parcel::parse(again.as_ref()).unwrap(), parcel);
}

#[test]
fn what_has_to_be_there_is_missed() {
    let rule = |xml: &str| {
        let element = Element::parse(xml).unwrap();
        Order::parse(element.as_ref()).unwrap_err().rule()
    };
    assert_eq!(rule("<order xmlns='urn:example:order'/>"), Rule::MissingAttribute);
    assert_eq!(rule("<order xmlns='urn:example:order' by='a@b'/>"), Rule::MissingChild("title"));
    assert!(matches!(
        rule("<order xmlns='urn:example:order' by='@'><title/></order>"),
        Rule::Jid(_)
    ));
    assert_eq!(rule("<order xmlns='urn:example:other'/>"), Rule::WrongElement);
}

#[test]
fn a_second_one_of_what_is_there_once_is_kept_as_unknown() {
    let xml =
        "<order xmlns='urn:example:order' by='a@example'><title>1</title><title>2</title></order>";
    again(xml);
    let element = Element::parse(xml).unwrap();
    assert_eq!(Order::parse(element.as_ref()).unwrap().title, "1");
}
