//! What holds for every model, with elements made from its table.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use arbitrary::Unstructured;
use proptest::prelude::*;
use xmpp_extensions::base::time::Offset;
use xmpp_extensions::{Model, arbitrary as elements, models};
use xmpp_stanza::payload::{Shape, Value};
use xmpp_stanza::xml::{Element, ElementRef, Ns, Writer};
use xmpp_stanza::{
    AnyElement, Base64, DateTime, Findings, Hex, Invalid, JidCow, Payload, Rest, Word,
};

fn rewritten(model: &Model, element: &Element, owned: bool) -> Result<(Element, usize), Invalid> {
    let mut xml = Vec::new();
    let mut w = Writer::document(&mut xml);
    let mut findings = Findings::collect(1000);
    if owned {
        model.rewrite_owned(element.as_ref(), &mut findings, &mut w)?;
    } else {
        model.rewrite(element.as_ref(), &mut findings, &mut w)?;
    }
    w.finish().unwrap();
    Ok((Element::parse(xml).unwrap(), findings.iter().len()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is read is written as it was, whatever else is in it; borrowed and
    /// owned values agree; reading what was written finds the same.
    #[test]
    fn every_model_is_lossless(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for model in models() {
            let mut u = Unstructured::new(&bytes);
            let Ok(xml) = elements::element(model.shape(), &mut u) else { continue };
            let element = Element::parse(&xml).unwrap();
            let Ok((again, found)) = rewritten(model, &element, false) else {
                prop_assert!(rewritten(model, &element, true).is_err());
                continue;
            };
            let source = String::from_utf8_lossy(&xml);
            let name = model.shape().name();
            let (owned, found_by_owned) = rewritten(model, &element, true).unwrap();
            prop_assert_eq!(&owned, &again, "XEP-{:04} {}: {}", model.xep(), name, source);
            prop_assert_eq!(found, found_by_owned);
            if found == 0 || elements::keeps_all(model.shape()) {
                prop_assert_eq!(&again, &element, "XEP-{:04} {}: {}", model.xep(), name, source);
                let (_, found_again) = rewritten(model, &again, false).unwrap();
                prop_assert_eq!(found, found_again);
            }
            // A strict reader accepts what nothing was found in.
            let mut strict = Findings::refuse();
            let mut out = Vec::new();
            let strictly = model.rewrite(element.as_ref(), &mut strict, &mut Writer::document(&mut out));
            prop_assert_eq!(strictly.is_ok(), found == 0);
        }
    }
}

#[test]
fn tables_are_of_this_crates_xeps() {
    for model in models() {
        let section = model.shape().section();
        assert!(section.starts_with(&format!("XEP-{:04}", model.xep())), "{section}");
    }
}

const NS: Ns<'static> = Ns::new("urn:example:all");

/// Each kind of field and of value.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "all", section = "Example, 1")]
#[non_exhaustive]
pub struct All<'a> {
    #[xml(attr)]
    jid: JidCow<'a>,
    #[xml(attr)]
    at: Option<DateTime>,
    #[xml(attr)]
    truth: Option<bool>,
    #[xml(attr)]
    byte: Option<i8>,
    #[xml(attr)]
    large: Option<u64>,
    #[xml(attr)]
    part: Option<f64>,
    #[xml(attr)]
    colour: Option<Colour>,
    #[xml(attr)]
    open: Option<Open<'a>>,
    #[xml(attr)]
    hex: Option<Hex>,
    #[xml(attr)]
    zone: Option<Offset>,
    #[xml(lang)]
    lang: Option<Cow<'a, str>>,
    #[xml(leaf)]
    bytes: Base64,
    #[xml(leaf)]
    note: Option<Cow<'a, str>>,
    #[xml(leaf = "tag")]
    tags: Vec<Cow<'a, str>>,
    #[xml(flag)]
    flag: bool,
    #[xml(child)]
    inner: Vec<Nested<'a>>,
    #[xml(child)]
    choice: Option<Choice<'a>>,
    #[xml(any)]
    any: Vec<AnyElement<'a>>,
    #[xml(rest)]
    rest: Rest<'a>,
}

#[derive(Word, Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a test's")]
pub enum Colour {
    Red,
    Blue,
}

#[derive(Word, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Open<'a> {
    One,
    Two,
    #[word(other)]
    Other(Cow<'a, str>),
}

/// Within itself.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "nested", section = "Example, 2")]
#[non_exhaustive]
pub struct Nested<'a> {
    #[xml(child)]
    nested: Vec<Self>,
    #[xml(rest)]
    rest: Rest<'a>,
}

#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "Example, 3")]
#[expect(clippy::exhaustive_enums, reason = "a test's")]
pub enum Choice<'a> {
    First(First<'a>),
    Second(Second<'a>),
}

#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "first", section = "Example, 3")]
#[non_exhaustive]
pub struct First<'a> {
    #[xml(text)]
    text: Cow<'a, str>,
    #[xml(rest)]
    rest: Rest<'a>,
}

/// It keeps nothing that it does not know.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "second", section = "Example, 3")]
#[non_exhaustive]
pub struct Second<'a> {
    #[xml(text)]
    text: Cow<'a, str>,
}

/// It keeps all, and what is in it does not.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "around", section = "Example, 4")]
#[non_exhaustive]
pub struct Around<'a> {
    #[xml(child)]
    second: Second<'a>,
    #[xml(rest)]
    rest: Rest<'a>,
}

/// Elements of that shape, from bytes that are the same everywhere.
fn made(shape: &Shape, count: u64, len: usize) -> Vec<Element> {
    let mut state = 1_u64;
    let mut byte = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let mut one = || {
        let bytes: Vec<u8> = (0..len).map(|_| byte()).collect();
        let xml = elements::element(shape, &mut Unstructured::new(&bytes)).unwrap();
        Element::parse(xml).unwrap()
    };
    (0..count).map(|_| one()).collect()
}

/// How many of so many there are, at the least and at the most, in per cent.
#[track_caller]
fn about(count: usize, of: usize, least: usize, most: usize, what: &str) {
    let rate = count * 100 / of;
    assert!((least..=most).contains(&rate), "{what}: {count} of {of}");
}

/// What is written of an attribute: mostly good values, and different ones.
#[track_caller]
fn values<'v, T: Value<'v>>(seen: &'v BTreeMap<String, Vec<String>>, name: &str, different: usize) {
    let seen = &seen[name];
    let good: Vec<&str> = seen
        .iter()
        .map(|value| if T::VERBATIM { value } else { value.trim() })
        .filter(|value| T::read(Cow::Borrowed(value)).is_ok() && !value.contains("wrong"))
        .collect();
    about(good.len(), seen.len(), 85, 99, name);
    let distinct: BTreeSet<&str> = good.into_iter().collect();
    assert!(distinct.len() >= different, "{name}: {distinct:?}");
}

#[test]
fn elements_have_values_of_each_kind() {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let all = made(All::SHAPE, 800, 400);
    for element in &all {
        for attr in element.attrs() {
            seen.entry(attr.name().into()).or_default().push(attr.value().into_owned());
        }
        for child in element.children() {
            seen.entry(child.name().into()).or_default().push(child.text().into_owned());
        }
    }
    values::<JidCow<'_>>(&seen, "jid", 3);
    values::<DateTime>(&seen, "at", 3);
    values::<bool>(&seen, "truth", 4);
    values::<i8>(&seen, "byte", 3);
    values::<u64>(&seen, "large", 3);
    values::<f64>(&seen, "part", 3);
    values::<Colour>(&seen, "colour", 2);
    values::<Open<'_>>(&seen, "open", 2);
    values::<Hex>(&seen, "hex", 2);
    values::<Offset>(&seen, "zone", 1);
    values::<Base64>(&seen, "bytes", 3);
    values::<Cow<'_, str>>(&seen, "note", 4);
    values::<Cow<'_, str>>(&seen, "tag", 4);
    values::<Cow<'_, str>>(&seen, "first", 4);
    values::<Cow<'_, str>>(&seen, "second", 4);
    let has = |name: &str, value: &str| seen[name].iter().any(|seen| seen == value);
    for word in ["one", "two"] {
        assert!(has("open", word) && !has("colour", word));
    }
    // Both ends of what a number can be, and the ways that XML Schema has to write one.
    for (name, low, high) in [("byte", "-128", "127"), ("large", "0", "18446744073709551615")] {
        for value in [low, high, "1", "+1", " 01"] {
            assert!(has(name, value), "{name} {value}");
        }
    }
    let is_tag = |tag: &String| tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let tags = seen["lang"].iter().filter(|tag| is_tag(tag)).count();
    about(tags, seen["lang"].len(), 85, 99, "languages");
    assert!(has("lang", "en") && has("lang", ""));
}

#[test]
fn elements_are_mostly_as_their_shape_has_it() {
    let all = made(All::SHAPE, 800, 400);
    let some = |is: &dyn Fn(ElementRef<'_>) -> bool, least, most, what: &str| {
        about(
            all.iter().filter(|element| is(element.as_ref())).count(),
            all.len(),
            least,
            most,
            what,
        );
    };
    let count = |element: ElementRef<'_>, name: &str| {
        element.children().filter(|child| child.is(NS, name)).count()
    };
    some(&|element| element.is(NS, "all"), 100, 100, "its name");
    some(&|element| All::parse(element).is_ok(), 70, 95, "can be read");
    some(&|element| element.attr("jid").is_some(), 100, 100, "what has to be there");
    for optional in ["at", "truth", "byte", "large", "part", "colour", "open", "hex", "zone"] {
        some(&|element| element.attr(optional).is_some(), 40, 60, optional);
    }
    // Fields are left out and repeated, as they may be and now and then as they may not.
    some(&|element| count(element, "bytes") == 1, 90, 99, "once");
    some(&|element| count(element, "bytes") == 2, 1, 10, "twice, and should be once");
    some(&|element| count(element, "bytes") > 2, 0, 0, "more often");
    for optional in ["note", "flag"] {
        some(&|element| count(element, optional) == 0, 40, 60, optional);
        some(&|element| count(element, optional) == 1, 40, 60, optional);
        some(&|element| count(element, optional) == 2, 1, 10, optional);
    }
    for number in 0..=3 {
        some(&|element| count(element, "tag") == number, 10, 45, "a list");
        some(&|element| count(element, "nested") == number, 10, 45, "a list of elements");
        let other = |child: &ElementRef<'_>| child.is("urn:example:other".into(), "other");
        some(&|element| element.children().filter(other).count() == number, 10, 45, "any");
    }
    some(&|element| count(element, "first") > 0, 10, 45, "the first of two");
    some(&|element| count(element, "second") > 0, 10, 45, "the second of two");
    // What is not known.
    let unknown = Ns::new("urn:example:unknown");
    some(&|element| element.attr("unknown").is_some(), 5, 25, "an attribute");
    some(&|element| element.attr_ns(unknown, "unknown").is_some(), 5, 25, "one in a namespace");
    some(&|element| element.child(unknown, "unknown").is_some(), 5, 50, "an element");
    // Out of order: something stands before the bytes, which come first.
    let is_first = |element: ElementRef<'_>| {
        let mut known = element.children().filter(|child| child.ns() != unknown.uri());
        known.next().is_some_and(|child| child.is(NS, "bytes"))
    };
    some(&is_first, 80, 99, "the first one first");
}

#[test]
fn elements_are_nested_so_deep_and_not_deeper() {
    fn levels(element: ElementRef<'_>) -> usize {
        1 + element.children().map(levels).max().unwrap_or(0)
    }
    let deepest = made(Nested::SHAPE, 200, 2000).iter().map(|e| levels(e.as_ref())).max();
    // Eight within the outermost, and what is unknown within that.
    assert!(matches!(deepest, Some(9 | 10)), "{deepest:?}");
}

/// Without bytes there is what has to be there, and no more: a shape can be within itself.
#[test]
fn an_element_is_worth_its_bytes() {
    let xml = elements::element(All::SHAPE, &mut Unstructured::new(&[])).unwrap();
    let least = "<all xmlns='urn:example:all' jid='a@example'><bytes/></all>";
    assert_eq!(Element::parse(xml).unwrap(), Element::parse(least).unwrap());
    let xml = elements::element(Choice::SHAPE, &mut Unstructured::new(&[])).unwrap();
    assert!(Choice::matches(Element::parse(xml).unwrap().as_ref()));
    for element in made(Nested::SHAPE, 50, 20) {
        assert!(element.as_ref().source().len() < 2000, "{}", element.as_ref().source());
    }
}

#[test]
fn what_keeps_all() {
    for (shape, keeps) in [
        (Nested::SHAPE, true),
        (First::SHAPE, true),
        (Second::SHAPE, false),
        (Choice::SHAPE, false),
        (Around::SHAPE, false),
        (All::SHAPE, false),
    ] {
        assert_eq!(elements::keeps_all(shape), keeps, "{}", shape.name());
    }
}
