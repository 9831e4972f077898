//! The discovery of things: XEP-0347.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

use super::conditions::{
    NumberEq, NumberGt, NumberGtEq, NumberLt, NumberLtEq, NumberNEq, NumberNRange, NumberRange,
    TextEq, TextGt, TextGtEq, TextLt, TextLtEq, TextMask, TextNEq, TextNRange, TextRange,
};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:iot:discovery");

/// A thing is there (XEP-0347, 3.6).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "register", section = "XEP-0347, 3.6")]
#[non_exhaustive]
pub struct Register<'a> {
    /// Whether it has no owner but itself (3.7).
    #[xml(attr = "selfOwned", default)]
    pub self_owned: bool,
    /// Which thing, behind a concentrator.
    #[xml(attr = "nodeId")]
    pub node_id: Option<Cow<'a, str>>,
    /// In which source of the concentrator.
    #[xml(attr = "sourceId")]
    pub source_id: Option<Cow<'a, str>>,
    /// What keeps the id from others of the source.
    #[xml(attr = "cacheType")]
    pub cache_type: Option<Cow<'a, str>>,
    /// What is said of it, in words.
    #[xml(child)]
    pub texts: Vec<TextTag<'a>>,
    /// What is said of it, in numbers.
    #[xml(child)]
    pub numbers: Vec<NumberTag<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Somebody claims a thing (XEP-0347, 3.9).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "mine", section = "XEP-0347, 3.9")]
#[non_exhaustive]
pub struct Mine<'a> {
    /// Whether others can find it; they can, if it does not say.
    #[xml(attr)]
    pub public: Option<bool>,
    /// Which thing, behind a concentrator.
    #[xml(attr = "nodeId")]
    pub node_id: Option<Cow<'a, str>>,
    /// In which source of the concentrator.
    #[xml(attr = "sourceId")]
    pub source_id: Option<Cow<'a, str>>,
    /// What keeps the id from others of the source.
    #[xml(attr = "cacheType")]
    pub cache_type: Option<Cow<'a, str>>,
    /// What is said of it, in words.
    #[xml(child)]
    pub texts: Vec<TextTag<'a>>,
    /// What is said of it, in numbers.
    #[xml(child)]
    pub numbers: Vec<NumberTag<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Somebody has claimed a thing (XEP-0347, 3.9).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "claimed", section = "XEP-0347, 3.9")]
#[non_exhaustive]
pub struct Claimed<'a> {
    /// Who, to the thing; which thing, to the owner.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// Whether others can find it.
    #[xml(attr, default)]
    pub public: bool,
    /// Which thing, behind a concentrator.
    #[xml(attr = "nodeId")]
    pub node_id: Option<Cow<'a, str>>,
    /// In which source of the concentrator.
    #[xml(attr = "sourceId")]
    pub source_id: Option<Cow<'a, str>>,
    /// What keeps the id from others of the source.
    #[xml(attr = "cacheType")]
    pub cache_type: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The owner wants others not to find a thing (XEP-0347, 3.10).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "remove", section = "XEP-0347, 3.10")]
#[non_exhaustive]
pub struct Remove<'a> {
    /// The thing.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// Which thing, behind a concentrator.
    #[xml(attr = "nodeId")]
    pub node_id: Option<Cow<'a, str>>,
    /// In which source of the concentrator.
    #[xml(attr = "sourceId")]
    pub source_id: Option<Cow<'a, str>>,
    /// What keeps the id from others of the source.
    #[xml(attr = "cacheType")]
    pub cache_type: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Others do not find the thing any more (XEP-0347, 3.10).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "removed", section = "XEP-0347, 3.10")]
#[non_exhaustive]
pub struct Removed<'a> {
    /// Which thing, behind a concentrator.
    #[xml(attr = "nodeId")]
    pub node_id: Option<Cow<'a, str>>,
    /// In which source of the concentrator.
    #[xml(attr = "sourceId")]
    pub source_id: Option<Cow<'a, str>>,
    /// What keeps the id from others of the source.
    #[xml(attr = "cacheType")]
    pub cache_type: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is said of a thing has changed (XEP-0347, 3.14).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "update", section = "XEP-0347, 3.14")]
#[non_exhaustive]
pub struct Update<'a> {
    /// The thing, if the owner says it.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// Which thing, behind a concentrator.
    #[xml(attr = "nodeId")]
    pub node_id: Option<Cow<'a, str>>,
    /// In which source of the concentrator.
    #[xml(attr = "sourceId")]
    pub source_id: Option<Cow<'a, str>>,
    /// What keeps the id from others of the source.
    #[xml(attr = "cacheType")]
    pub cache_type: Option<Cow<'a, str>>,
    /// What is said of it, in words.
    #[xml(child)]
    pub texts: Vec<TextTag<'a>>,
    /// What is said of it, in numbers.
    #[xml(child)]
    pub numbers: Vec<NumberTag<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Searches for things (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "search", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct Search<'a> {
    /// How many to leave out.
    #[xml(attr, default)]
    pub offset: u32,
    /// How many at most.
    #[xml(attr = "maxCount")]
    pub max_count: Option<u32>,
    /// What they have to fulfil: all of it.
    #[xml(child)]
    pub conditions: Vec<Condition<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The things that were found (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "found", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct Found<'a> {
    /// Whether there are more.
    #[xml(attr, default)]
    pub more: bool,
    /// The things.
    #[xml(child)]
    pub things: Vec<Thing<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A thing (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "thing", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct Thing<'a> {
    /// Its owner.
    #[xml(attr)]
    pub owner: JidCow<'a>,
    /// Its address.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// Which thing, behind a concentrator.
    #[xml(attr = "nodeId")]
    pub node_id: Option<Cow<'a, str>>,
    /// In which source of the concentrator.
    #[xml(attr = "sourceId")]
    pub source_id: Option<Cow<'a, str>>,
    /// What keeps the id from others of the source.
    #[xml(attr = "cacheType")]
    pub cache_type: Option<Cow<'a, str>>,
    /// What is said of it, in words.
    #[xml(child)]
    pub texts: Vec<TextTag<'a>>,
    /// What is said of it, in numbers.
    #[xml(child)]
    pub numbers: Vec<NumberTag<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A thing is there no more (XEP-0347, 3.16).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "unregister", section = "XEP-0347, 3.16")]
#[non_exhaustive]
pub struct Unregister<'a> {
    /// Which thing, behind a concentrator.
    #[xml(attr = "nodeId")]
    pub node_id: Option<Cow<'a, str>>,
    /// In which source of the concentrator.
    #[xml(attr = "sourceId")]
    pub source_id: Option<Cow<'a, str>>,
    /// What keeps the id from others of the source.
    #[xml(attr = "cacheType")]
    pub cache_type: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The owner does not want a thing any more (XEP-0347, 3.17).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "disown", section = "XEP-0347, 3.17")]
#[non_exhaustive]
pub struct Disown<'a> {
    /// The thing.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// Which thing, behind a concentrator.
    #[xml(attr = "nodeId")]
    pub node_id: Option<Cow<'a, str>>,
    /// In which source of the concentrator.
    #[xml(attr = "sourceId")]
    pub source_id: Option<Cow<'a, str>>,
    /// What keeps the id from others of the source.
    #[xml(attr = "cacheType")]
    pub cache_type: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The thing has no owner any more (XEP-0347, 3.17).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "disowned", section = "XEP-0347, 3.17")]
#[non_exhaustive]
pub struct Disowned<'a> {
    /// Which thing, behind a concentrator.
    #[xml(attr = "nodeId")]
    pub node_id: Option<Cow<'a, str>>,
    /// In which source of the concentrator.
    #[xml(attr = "sourceId")]
    pub source_id: Option<Cow<'a, str>>,
    /// What keeps the id from others of the source.
    #[xml(attr = "cacheType")]
    pub cache_type: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is said of a thing, in words (XEP-0347, 5.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "str", section = "XEP-0347, 5.2")]
#[non_exhaustive]
pub struct TextTag<'a> {
    /// What it is.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// What is said.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is said of a thing, in numbers (XEP-0347, 5.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "num", section = "XEP-0347, 5.2")]
#[non_exhaustive]
pub struct NumberTag<'a> {
    /// What it is.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// The number.
    #[xml(attr)]
    pub value: f64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a thing that is searched for has to fulfil (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub enum Condition<'a> {
    /// That a text is that.
    TextEq(TextEq<'a>),
    /// That a text is not that.
    TextNEq(TextNEq<'a>),
    /// That a text is more.
    TextGt(TextGt<'a>),
    /// That a text is that or more.
    TextGtEq(TextGtEq<'a>),
    /// That a text is less.
    TextLt(TextLt<'a>),
    /// That a text is that or less.
    TextLtEq(TextLtEq<'a>),
    /// That a text is in a range.
    TextRange(TextRange<'a>),
    /// That a text is not in a range.
    TextNRange(TextNRange<'a>),
    /// That a number is that.
    NumberEq(NumberEq<'a>),
    /// That a number is not that.
    NumberNEq(NumberNEq<'a>),
    /// That a number is more.
    NumberGt(NumberGt<'a>),
    /// That a number is that or more.
    NumberGtEq(NumberGtEq<'a>),
    /// That a number is less.
    NumberLt(NumberLt<'a>),
    /// That a number is that or less.
    NumberLtEq(NumberLtEq<'a>),
    /// That a number is in a range.
    NumberRange(NumberRange<'a>),
    /// That a number is not in a range.
    NumberNRange(NumberNRange<'a>),
    /// That a text looks like that.
    TextMask(TextMask<'a>),
}
