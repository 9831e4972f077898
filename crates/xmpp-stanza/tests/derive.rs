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

/// What stands beside what the types define, and two that have the same.
#[test]
fn what_is_unknown_is_listed_and_compared() {
    let order = |attrs: &str, children: &str| {
        let element = Element::parse(format!(
            "<parcel xmlns='urn:example:order' xmlns:x='urn:example:x' {attrs}>{children}</parcel>"
        ))
        .unwrap();
        Parcel::parse(element.as_ref()).unwrap().into_owned().rest
    };
    let rest = order("kind='normal' a='1' x:b='R0m30'", "<password>y</password><p/><q>z</q>");
    let attrs: Vec<_> = rest.attrs().map(|attr| (attr.ns(), attr.name())).collect();
    assert_eq!(attrs, [("", "a"), ("urn:example:x", "b")]);
    assert_eq!(rest.children().map(|child| child.name()).collect::<Vec<_>>(), ["p", "q"]);
    assert!(!rest.is_empty() && rest.source().is_some_and(|source| source.name() == "parcel"));
    // Names, and nothing that could be a secret.
    let shown = format!("{rest:?}");
    assert!(shown.contains('b') && shown.contains('q') && !shown.contains("R0m30"), "{shown}");
    assert_eq!(format!("{:?}", Rest::none()), "[]");
    // The order of attributes says nothing, and neither does what is known.
    let same = order("x:b='R0m30' a='1' kind='EXPRESS'", "<p/><q>z</q>");
    assert_eq!(rest, same);
    for (attrs, children) in [
        ("a='1'", "<p/><q>z</q>"),
        ("a='1' x:b='R0m30' c='3'", "<p/><q>z</q>"),
        ("a='1' x:b='other'", "<p/><q>z</q>"),
        ("a='1' x:c='R0m30'", "<p/><q>z</q>"),
        ("a='1' b='R0m30'", "<p/><q>z</q>"),
        ("a='1' x:b='R0m30'", "<p/><q>y</q>"),
        ("a='1' x:b='R0m30'", "<q>z</q><p/>"),
        ("a='1' x:b='R0m30'", "<p/>"),
        ("", ""),
    ] {
        assert_ne!(rest, order(attrs, children), "{attrs} {children}");
    }
    assert!(order("", "<p/>") != Rest::none() && order("a='1'", "") != Rest::none());
    // Out of order, and nothing unknown in it.
    let known = order("", " <password>y</password> ");
    assert!(known.is_empty() && known == Rest::none());
    assert!(!order("a='1'", "").is_empty() && !order("", "<p/>").is_empty());
}

/// Where there are no children, white space is all that there is.
#[test]
fn nothing_but_white_space_comes_back() {
    let element = |content: &str| {
        Element::parse(format!(
            "<parcel xmlns='urn:example:order' kind='normal'>{content}</parcel>"
        ))
        .unwrap()
    };
    for content in ["", " \n"] {
        let read = element(content);
        let parcel = Parcel::parse(read.as_ref()).unwrap();
        assert_eq!(Element::parse(write(&parcel)).unwrap(), read, "{content:?}");
    }
}

/// Which attribute or child is at fault, and where that is said.
#[test]
fn what_is_wrong_has_a_place() {
    let of = |xml: &str| {
        let element = Element::parse(format!("<order xmlns='urn:example:order' {xml}</order>"));
        let mut findings = Findings::collect(10);
        let read = Order::parse_noting(element.unwrap().as_ref(), &mut findings).map(|_| ());
        (read, findings.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let (error, _) = of("><title/>");
    let error = error.unwrap_err();
    assert_eq!((error.element(), error.attribute()), ("order", Some("by")));
    assert_eq!((error.rule(), error.section()), (Rule::MissingAttribute, "Example, 1"));
    let (error, _) = of("by='a@'><title/>");
    let error = error.unwrap_err();
    assert_eq!((error.element(), error.attribute()), ("order", Some("by")));
    assert!(error.to_string().contains(", not \"a@\" (Example, 1)"), "{error}");
    let good = "by='a@example'";
    for (xml, told) in [
        (
            format!("{good} placed-at='x'><title/>"),
            "attribute 'placed-at' of <order>: the value is none of those allowed, not \"x\" (Example, 1)",
        ),
        (
            format!("{good}><title/><count>300</count>"),
            "<count>: the value must be a whole number from 0 to 255, not \"300\" (Example, 1)",
        ),
        (
            format!("{good}><title/><item id='x'/>"),
            "attribute 'id' of <item>: the value must be a whole number from 0 to 4294967295, not \"x\" (Example, 2)",
        ),
        (format!("{good} shiny=''><title/>"), "<order>: unknown attribute 'shiny'"),
        (format!("{good}><title/>words"), "<order>: character data where none is defined"),
        (
            format!("{good}><title/><count>1</count><count>2</count>"),
            "<order>: <count> more than once",
        ),
        (format!("{good}><title a=''/>"), "<order>: unknown attribute 'a'"),
        (format!("{good}><title><b/></title>"), "<order>: unknown child <b>"),
        (
            format!("{good}><title/><urgent>!</urgent>"),
            "<order>: character data where none is defined",
        ),
        (format!("{good}><title/><open>!</open>"), "<open>: character data where none is defined"),
    ] {
        assert_eq!(of(&xml), (Ok(()), vec![told.to_owned()]), "{xml}");
    }
    // White space around values and between children is no fault.
    let spaced = format!(
        "{good} placed-at='\n2026-11-29T00:00:00Z &#9;'> <title/>\n<count> &#x37;\t</count> <urgent> </urgent>"
    );
    assert_eq!(of(&spaced), (Ok(()), vec![]));
}

/// A field that is changed after it was read is written as it is then, in its place.
#[test]
fn what_is_changed_is_not_written_as_it_was() {
    let read = |xml: &str| {
        let element = Element::parse(xml).unwrap();
        Order::parse(element.as_ref()).unwrap().into_owned()
    };
    let order = |attrs: &str| {
        format!("<order xmlns='urn:example:order' by='a@example'{attrs}><title>t</title></order>")
    };
    // An attribute with a default: a good one, a bad one, none.
    for (was, default, other) in [
        (" type='EXPRESS'", " type='normal'", " type='EXPRESS'"),
        (" type=' normal '", " type=' normal '", " type='EXPRESS'"),
        (" type='weird'", " type='weird'", " type='EXPRESS'"),
        ("", "", " type='EXPRESS'"),
    ] {
        // Something unknown, so that it is followed.
        let was = format!("{was} x=''");
        let mut value = read(&order(&was));
        value.kind = Kind::Normal;
        let expected = Element::parse(order(&format!("{default} x=''"))).unwrap();
        assert_eq!(Element::parse(write(&value)).unwrap(), expected, "{was}");
        value.kind = Kind::Express;
        let expected = Element::parse(order(&format!("{other} x=''"))).unwrap();
        assert_eq!(Element::parse(write(&value)).unwrap(), expected, "{was}");
    }
    let parcel = |attrs: &str| {
        let xml = format!("<parcel xmlns='urn:example:order' {attrs}/>");
        let element = Element::parse(xml).unwrap();
        (Parcel::parse(element.as_ref()).unwrap().into_owned(), element)
    };
    let (mut express, _) = parcel("kind='EXPRESS' x=''");
    express.kind = Kind::Normal;
    assert_eq!(Element::parse(write(&express)).unwrap(), parcel("kind='normal' x=''").1);
    let (bad, as_it_was) = parcel("kind='?' x=''");
    assert_eq!(Element::parse(write(&bad)).unwrap(), as_it_was);
    // An optional attribute: it goes, it changes, it comes.
    let mut value = read(&order(" placed-at='2026-11-29T01:00:00+01:00'"));
    assert!(write(&value).contains("+01:00"));
    value.placed_at = None;
    assert_eq!(write(&value), order(""));
    value.placed_at = "2026-11-29T00:00:01Z".parse().ok();
    assert!(write(&value).contains("placed-at='2026-11-29T00:00:01Z'"));
}

/// Its own character data, in pieces between what is unknown.
#[test]
fn character_data_is_followed_piece_by_piece() {
    let xml = "<item xmlns='urn:example:order' id='1'> AA<![CDATA[EC]]><x/>AwQF<y/></item>";
    let element = Element::parse(xml).unwrap();
    let mut item = Item::parse(element.as_ref()).unwrap();
    assert_eq!(item.digest.0, [0, 1, 2, 3, 4, 5]);
    assert_eq!(Element::parse(write(&item)).unwrap(), element);
    assert_eq!(Element::parse(write(&item.clone().into_owned())).unwrap(), element);
    item.digest = Base64(vec![7]);
    assert_eq!(write(&item), "<item xmlns='urn:example:order' id='1'>Bw==<x/><y/></item>");
    item.digest = Base64(vec![]);
    assert_eq!(write(&item), "<item xmlns='urn:example:order' id='1'><x/><y/></item>");
    // Where there was none, it comes last.
    let element = Element::parse("<item xmlns='urn:example:order' id='1'><x/></item>").unwrap();
    let mut item = Item::parse(element.as_ref()).unwrap();
    item.digest = Base64(vec![7]);
    assert_eq!(write(&item), "<item xmlns='urn:example:order' id='1'><x/>Bw==</item>");
}

#[test]
fn tables_say_what_is_in_an_element() {
    use xmpp_stanza::payload::{Cardinality, FieldKind, Shape, ValueKind};

    let shape = Order::SHAPE;
    assert_eq!((shape.ns(), shape.name(), shape.section()), (NS, "order", "Example, 1"));
    assert!(shape.keeps_rest() && !Failed::SHAPE.keeps_rest() && !shape.is_opaque());
    let fields: Vec<_> =
        shape.fields().iter().map(|field| (field.name(), field.cardinality())).collect();
    use Cardinality::{Many, One, Optional};
    assert_eq!(
        fields,
        [
            ("by", One),
            ("placed_at", Optional),
            ("kind", Optional),
            ("lang", Optional),
            ("title", One),
            ("tags", Many),
            ("count", Optional),
            ("urgent", Optional),
            ("items", Many),
            ("state", Optional),
            ("extensions", Many),
        ]
    );
    let content: Vec<_> = shape.fields().iter().map(|field| field.kind().is_content()).collect();
    assert_eq!(content, [&[false; 4][..], &[true; 7]].concat());
    let FieldKind::Attr { ns, name, value } = *shape.fields()[2].kind() else {
        panic!("an attribute")
    };
    assert_eq!(
        (ns, name, value),
        (xmpp_xml::ns::NONE, "type", ValueKind::Words(&["normal", "EXPRESS"]))
    );
    // Which child is for which field.
    for (xml, place) in [
        ("<title xmlns='urn:example:order'/>", Some(4)),
        ("<tag xmlns='urn:example:order'/>", Some(5)),
        ("<urgent xmlns='urn:example:order'/>", Some(7)),
        ("<item xmlns='urn:example:order'/>", Some(8)),
        ("<failed xmlns='urn:example:order'/>", Some(9)),
        ("<title xmlns='urn:example:other'/>", None),
        ("<by xmlns='urn:example:order'/>", None),
    ] {
        let child = Element::parse(xml).unwrap();
        let takes = shape.fields().iter().position(|field| field.kind().takes(child.as_ref()));
        assert_eq!(takes, place, "{xml}");
    }
    // A choice is of its shapes, and has no fields of its own.
    let choice = State::SHAPE;
    assert!(choice.fields().is_empty() && !choice.is_opaque());
    assert_eq!(choice.choices().map(Shape::name).collect::<Vec<_>>(), ["open", "closed", "failed"]);
    assert_eq!((choice.choices().len(), shape.choices().len()), (3, 0));
    let failed = Element::parse("<failed xmlns='urn:example:order'/>").unwrap();
    assert_eq!(choice.of(failed.as_ref()).map(Shape::name), Some("failed"));
    assert!(choice.matches(failed.as_ref()) && State::matches(failed.as_ref()));
    assert!(!shape.matches(failed.as_ref()) && shape.of(failed.as_ref()).is_none());
    // Written by hand: a name, and no more.
    let bound = xmpp_stanza::bind2::Bound::SHAPE;
    assert!(bound.is_opaque() && bound.fields().is_empty() && bound.choices().len() == 0);
    assert_eq!((bound.name(), bound.section(), bound.keeps_rest()), ("bound", "", false));
}
