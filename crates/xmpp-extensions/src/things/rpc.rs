//! Remote procedure calls: XEP-0009.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Base64, Payload, Rest, Word};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("jabber:iq:rpc");

/// A call, as an iq of type `set`, or its outcome, as a result (XEP-0009, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "query", section = "XEP-0009, 2")]
#[non_exhaustive]
pub struct Query<'a> {
    /// The call or its outcome.
    #[xml(child)]
    pub content: Option<Content<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A call or its outcome (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0009, 8")]
#[non_exhaustive]
pub enum Content<'a> {
    /// A call.
    Call(Box<MethodCall<'a>>),
    /// Its outcome.
    Response(Box<MethodResponse<'a>>),
}

/// A call (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "methodCall", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct MethodCall<'a> {
    /// What is called: letters, digits and `_`, `.`, `:`, `/`.
    #[xml(leaf = "methodName")]
    pub method: Cow<'a, str>,
    /// With which parameters.
    #[xml(child)]
    pub params: Option<Params<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What has come of a call (XEP-0009, 8).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "methodResponse", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct MethodResponse<'a> {
    /// What it has returned: one value.
    #[xml(child)]
    pub params: Option<Params<'a>>,
    /// What went wrong.
    #[xml(child)]
    pub fault: Option<Fault<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Parameters (XEP-0009, 8).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "params", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Params<'a> {
    /// The parameters.
    #[xml(child)]
    pub params: Vec<Param<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A parameter (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "param", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Param<'a> {
    /// Its value.
    #[xml(child)]
    pub value: Value<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What went wrong (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "fault", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Fault<'a> {
    /// A structure with the members `faultCode`, a number, and `faultString`.
    #[xml(child)]
    pub value: Value<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A value of XML-RPC (XEP-0009, 8).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "value", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Value<'a> {
    /// A text, if there is no type.
    #[xml(text)]
    pub text: Option<Cow<'a, str>>,
    /// The value, with its type.
    #[xml(child)]
    pub data: Option<Data<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A value of XML-RPC, with its type (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0009, 8")]
#[non_exhaustive]
pub enum Data<'a> {
    /// A number.
    I4(I4<'a>),
    /// A number, too.
    Int(Int<'a>),
    /// A text.
    Text(Text<'a>),
    /// A number with a fraction.
    Double(Double<'a>),
    /// Bytes.
    Bytes(Bytes<'a>),
    /// Yes or no.
    Boolean(Boolean<'a>),
    /// A time.
    Time(Time<'a>),
    /// Several values.
    Array(Array<'a>),
    /// Several values with names.
    Struct(Struct<'a>),
}

/// A number (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "i4", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct I4<'a> {
    /// The number.
    #[xml(text)]
    pub value: i32,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A number (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "int", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Int<'a> {
    /// The number.
    #[xml(text)]
    pub value: i32,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A text (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "string", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Text<'a> {
    /// The text.
    #[xml(text)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A number with a fraction (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "double", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Double<'a> {
    /// The number.
    #[xml(text)]
    pub value: f64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Bytes (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "base64", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Bytes<'a> {
    /// The bytes.
    #[xml(text)]
    pub value: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Yes or no (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "boolean", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Boolean<'a> {
    /// Which.
    #[xml(text)]
    pub value: Bit,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Yes or no, in digits.
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bit {
    /// No.
    #[word("0")]
    No,
    /// Yes.
    #[word("1")]
    Yes,
}

/// A time (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "dateTime.iso8601", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Time<'a> {
    /// The time, such as `19980717T14:08:55`, in a time zone that both know.
    #[xml(text)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Several values (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "array", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Array<'a> {
    /// The values.
    #[xml(child)]
    pub data: ArrayData<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The values of an array (XEP-0009, 8).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "data", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct ArrayData<'a> {
    /// The values.
    #[xml(child)]
    pub values: Vec<Value<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Several values with names (XEP-0009, 8).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "struct", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Struct<'a> {
    /// The values.
    #[xml(child)]
    pub members: Vec<Member<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A value with a name (XEP-0009, 8).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "member", section = "XEP-0009, 8")]
#[non_exhaustive]
pub struct Member<'a> {
    /// The name.
    #[xml(leaf)]
    pub name: Cow<'a, str>,
    /// The value.
    #[xml(child)]
    pub value: Value<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
