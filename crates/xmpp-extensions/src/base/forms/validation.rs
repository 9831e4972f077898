//! Which values of a field are valid: XEP-0122.

use alloc::borrow::Cow;

use xmpp_jid::JidRef;
use xmpp_stanza::payload::Value;
use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Date, DateTime, Payload, Rest};

const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/xdata-validate");

/// Which values of a field are valid (XEP-0122, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "validate", section = "XEP-0122, 3.1")]
#[non_exhaustive]
pub struct Validate<'a> {
    /// The type of the values, mostly one of XML Schema, such as
    /// `xs:dateTime`; `xs:string` if it is not there.
    #[xml(attr)]
    pub datatype: Option<Cow<'a, str>>,
    /// How the values are checked; [`Basic`](ValidationMethod::Basic), if it is
    /// not there.
    #[xml(child)]
    pub method: Option<ValidationMethod<'a>>,
    /// How many options of a list may be chosen.
    #[xml(child)]
    pub list_range: Option<ListRange<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How values are checked (XEP-0122, 3.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0122, 3.2")]
#[non_exhaustive]
pub enum ValidationMethod<'a> {
    /// They are of the type, and in lists one of the options.
    #[xml(name = "basic")]
    Basic,
    /// They are of the type, and in lists need not be one of the options.
    #[xml(name = "open")]
    Open,
    /// They are of the type, and in a range.
    Range(Range<'a>),
    /// They match a regular expression.
    Regex(Regex<'a>),
}

/// A range of values, its ends within it (XEP-0122, 3.2.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "range", section = "XEP-0122, 3.2.3")]
#[non_exhaustive]
pub struct Range<'a> {
    /// The lowest value.
    #[xml(attr)]
    pub min: Option<Cow<'a, str>>,
    /// The highest value.
    #[xml(attr)]
    pub max: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A regular expression, in the manner of POSIX (XEP-0122, 3.2.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "regex", section = "XEP-0122, 3.2.4")]
#[non_exhaustive]
pub struct Regex<'a> {
    /// The expression.
    #[xml(text)]
    pub expression: Cow<'a, str>,
}

/// How many options of a list may be chosen (XEP-0122, 3.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "list-range", section = "XEP-0122, 3.3")]
#[non_exhaustive]
pub struct ListRange<'a> {
    /// The least number of values.
    #[xml(attr)]
    pub min: Option<u32>,
    /// The greatest number of values.
    #[xml(attr)]
    pub max: Option<u32>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Validate<'_> {
    /// Whether a value is valid by its type and range. `None` if that is not
    /// known here: a type that is none of XML Schema's common ones, or a
    /// regular expression.
    ///
    /// ```
    /// use xmpp_extensions::base::forms::{Range, Validate, ValidationMethod};
    ///
    /// let age = Validate::new()
    ///     .with_datatype("xs:integer")
    ///     .with_method(ValidationMethod::Range(Range::new().with_min("18")));
    /// assert_eq!(age.allows("21"), Some(true));
    /// assert_eq!(age.allows("-5"), Some(false));
    /// assert_eq!(age.allows("old"), Some(false));
    /// ```
    #[must_use]
    pub fn allows(&self, value: &str) -> Option<bool> {
        let datatype = self.datatype.as_deref().unwrap_or("xs:string");
        let (low, high) = match &self.method {
            Some(ValidationMethod::Range(range)) => (range.min.as_deref(), range.max.as_deref()),
            Some(ValidationMethod::Regex(_)) => return None,
            _ => (None, None),
        };
        match datatype {
            "xs:string" => Some(true),
            "xs:anyURI" => Some(!value.contains(char::is_whitespace)),
            "xs:boolean" => Some(read::<bool>(value).is_some()),
            "xs:byte" => Some(within::<i8>(value, low, high)),
            "xs:short" => Some(within::<i16>(value, low, high)),
            "xs:int" => Some(within::<i32>(value, low, high)),
            "xs:long" | "xs:integer" => Some(within::<i64>(value, low, high)),
            "xs:unsignedByte" => Some(within::<u8>(value, low, high)),
            "xs:unsignedShort" => Some(within::<u16>(value, low, high)),
            "xs:unsignedInt" => Some(within::<u32>(value, low, high)),
            "xs:unsignedLong" | "xs:nonNegativeInteger" => Some(within::<u64>(value, low, high)),
            "xs:decimal" | "xs:double" | "xs:float" => Some(within::<f64>(value, low, high)),
            "xs:date" => Some(within::<Date>(value, low, high)),
            "xs:dateTime" => Some(within::<DateTime>(value, low, high)),
            "xmpp:jid" => Some(JidRef::new(value).is_ok()),
            _ => None,
        }
    }
}

fn read<'t, T: Value<'t>>(text: &'t str) -> Option<T> {
    T::read(Cow::Borrowed(text.trim())).ok()
}

/// A bound that is not of the type bounds nothing.
fn within<'t, T: Value<'t> + PartialOrd>(
    value: &'t str,
    low: Option<&'t str>,
    high: Option<&'t str>,
) -> bool {
    let (low, high) = (low.and_then(read::<T>), high.and_then(read::<T>));
    read::<T>(value).is_some_and(|value| {
        low.is_none_or(|low| low <= value) && high.is_none_or(|high| value <= high)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_the_examples() {
        // XEP-0122, examples 4 and 5.
        let range = |datatype: &'static str, min: &'static str, max: &'static str| {
            let range = Range::new().with_min(min).with_max(max);
            Validate::new().with_datatype(datatype).with_method(ValidationMethod::Range(range))
        };
        let day = range("xs:dateTime", "2003-10-05T00:00:00-05:00", "2003-10-24T23:59:59-05:00");
        assert_eq!(day.allows("2003-10-06T11:22:00-07:00"), Some(true));
        assert_eq!(day.allows("2003-10-25T11:22:00-07:00"), Some(false));
        assert_eq!(day.allows("noon"), Some(false));
        let number = range("xs:integer", "1", "x");
        assert_eq!((number.allows("0"), number.allows("9")), (Some(false), Some(true)));
        let year = range("xs:integer", "1", "9");
        assert_eq!(
            ["0", "1", "9", "10"].map(|n| year.allows(n) == Some(true)),
            [false, true, true, false]
        );
        assert_eq!(Validate::new().allows(""), Some(true));
        assert_eq!(Validate::new().with_datatype("x:phone").allows("1"), None);
        let regex = Regex { expression: r"([0-9]{3})-([0-9]{2})".into() };
        assert_eq!(Validate::new().with_method(ValidationMethod::Regex(regex)).allows("1"), None);
    }
}
