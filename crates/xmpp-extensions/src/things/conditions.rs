//! What is searched for among things: XEP-0347.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest};

/// Of XEP-0347.
const NS: Ns<'static> = Ns::new("urn:xmpp:iot:discovery");

/// It is that (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "strEq", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct TextEq<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is not that (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "strNEq", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct TextNEq<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is more (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "strGt", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct TextGt<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is that or more (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "strGtEq", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct TextGtEq<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is less (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "strLt", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct TextLt<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is that or less (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "strLtEq", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct TextLtEq<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is in a range (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "strRange", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct TextRange<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Where the range begins.
    #[xml(attr)]
    pub min: Cow<'a, str>,
    /// Whether that is in it; it is, if it does not say.
    #[xml(attr = "minIncluded")]
    pub min_included: Option<bool>,
    /// Where the range ends.
    #[xml(attr)]
    pub max: Cow<'a, str>,
    /// Whether that is in it; it is, if it does not say.
    #[xml(attr = "maxIncluded")]
    pub max_included: Option<bool>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is not in a range (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "strNRange", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct TextNRange<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Where the range begins.
    #[xml(attr)]
    pub min: Cow<'a, str>,
    /// Whether that is in it; it is, if it does not say.
    #[xml(attr = "minIncluded")]
    pub min_included: Option<bool>,
    /// Where the range ends.
    #[xml(attr)]
    pub max: Cow<'a, str>,
    /// Whether that is in it; it is, if it does not say.
    #[xml(attr = "maxIncluded")]
    pub max_included: Option<bool>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is that (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "numEq", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct NumberEq<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: f64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is not that (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "numNEq", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct NumberNEq<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: f64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is more (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "numGt", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct NumberGt<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: f64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is that or more (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "numGtEq", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct NumberGtEq<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: f64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is less (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "numLt", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct NumberLt<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: f64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is that or less (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "numLtEq", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct NumberLtEq<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: f64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is in a range (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "numRange", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct NumberRange<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Where the range begins.
    #[xml(attr)]
    pub min: f64,
    /// Whether that is in it; it is, if it does not say.
    #[xml(attr = "minIncluded")]
    pub min_included: Option<bool>,
    /// Where the range ends.
    #[xml(attr)]
    pub max: f64,
    /// Whether that is in it; it is, if it does not say.
    #[xml(attr = "maxIncluded")]
    pub max_included: Option<bool>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It is not in a range (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "numNRange", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct NumberNRange<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// Where the range begins.
    #[xml(attr)]
    pub min: f64,
    /// Whether that is in it; it is, if it does not say.
    #[xml(attr = "minIncluded")]
    pub min_included: Option<bool>,
    /// Where the range ends.
    #[xml(attr)]
    pub max: f64,
    /// Whether that is in it; it is, if it does not say.
    #[xml(attr = "maxIncluded")]
    pub max_included: Option<bool>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// It looks like that (XEP-0347, 3.15).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "strMask", section = "XEP-0347, 3.15")]
#[non_exhaustive]
pub struct TextMask<'a> {
    /// What is compared.
    #[xml(attr)]
    pub name: Cow<'a, str>,
    /// With what.
    #[xml(attr)]
    pub value: Cow<'a, str>,
    /// What stands for anything in it.
    #[xml(attr)]
    pub wildcard: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
