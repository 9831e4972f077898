//! What the messages of several mechanisms are made of, and the error of all.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::char;
use nom::combinator::{all_consuming, opt, recognize, value};
use nom::error::{ErrorKind, ParseError};
use nom::multi::many1_count;
use nom::sequence::preceded;
use nom::{IResult, Parser};

/// Where a message departs from its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageError {
    /// The offset of the first byte that cannot stand there.
    pub at: usize,
    /// What the mechanism's grammar asks for instead.
    pub expected: &'static str,
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: expected {}", self.at, self.expected)
    }
}

impl core::error::Error for MessageError {}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GssFlag<'a> {
    /// `n`: the client does not support channel binding.
    NotSupported,
    /// `y`: it does, but thinks that the server does not.
    NotOffered,
    /// `p=`: it uses this type.
    Used(&'a str),
}

/// `gs2-header = gs2-cbind-flag "," [ authzid ] ","` (RFC 5801 section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GssHeader<'a> {
    pub(crate) flag: GssFlag<'a>,
    pub(crate) authzid: Option<Cow<'a, str>>,
    /// As it came: what SCRAM's `c=` must repeat.
    pub(crate) text: &'a str,
}

pub(crate) fn gs2_header(input: &str) -> Parsed<'_, GssHeader<'_>> {
    let (rest, flag) = gs2_flag(input)?;
    let (rest, authzid) =
        opt(preceded(tag("a="), named("a saslname after `a=`", saslname))).parse(comma(rest)?)?;
    let rest = named("`a=` and a saslname, or a comma", char(',')).parse(rest)?.0;
    Ok((rest, GssHeader { flag, authzid, text: before(input, rest) }))
}

/// `saslname`: `,` and `=` escaped (RFC 5802 section 5.1).
pub(crate) fn escape(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            ',' => escaped.push_str("=2C"),
            '=' => escaped.push_str("=3D"),
            other => escaped.push(other),
        }
    }
    escaped
}

pub(crate) type Parsed<'a, T> = IResult<&'a str, T, Unexpected<'a>>;

/// The rest of the input where a parser gave up, and what it wanted.
#[derive(Debug)]
pub(crate) struct Unexpected<'a> {
    pub(crate) rest: &'a str,
    pub(crate) expected: &'static str,
}

impl<'a> ParseError<&'a str> for Unexpected<'a> {
    fn from_error_kind(rest: &'a str, _: ErrorKind) -> Self {
        Self { rest, expected: "something else" }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

pub(crate) fn unexpected<'a, T>(
    rest: &'a str,
    expected: &'static str,
) -> Result<T, nom::Err<Unexpected<'a>>> {
    Err(nom::Err::Error(Unexpected { rest, expected }))
}

pub(crate) fn whole<'a, T>(
    message: &'a [u8],
    parser: impl Fn(&'a str) -> Parsed<'a, T>,
) -> Result<T, MessageError> {
    let text = core::str::from_utf8(message)
        .map_err(|error| MessageError { at: error.valid_up_to(), expected: "UTF-8" })?;
    match all_consuming(parser).parse(text) {
        Ok((_, parsed)) => Ok(parsed),
        Err(nom::Err::Error(wrong) | nom::Err::Failure(wrong)) => Err(MessageError {
            at: text.len() - wrong.rest.len(),
            expected: match wrong.expected {
                "something else" => "the end of the message",
                other => other,
            },
        }),
        // Complete parsers never ask for more.
        Err(nom::Err::Incomplete(_)) => {
            Err(MessageError { at: text.len(), expected: "more of the message" })
        }
    }
}

/// The part of `input` that `rest` does not hold any more.
pub(crate) fn before<'a>(input: &'a str, rest: &str) -> &'a str {
    &input[..input.len() - rest.len()]
}

/// Says what was expected if `parser` fails, where the parser began.
pub(crate) fn named<'a, T>(
    expected: &'static str,
    mut parser: impl Parser<&'a str, Output = T, Error = Unexpected<'a>>,
) -> impl FnMut(&'a str) -> Parsed<'a, T> {
    move |input| {
        parser.parse(input).or_else(|error| match error {
            nom::Err::Error(_) => unexpected(input, expected),
            other => Err(other),
        })
    }
}

pub(crate) fn comma(input: &str) -> Result<&str, nom::Err<Unexpected<'_>>> {
    named("a comma", char(',')).parse(input).map(|(rest, _)| rest)
}

/// `gs2-cbind-flag = ("p=" cb-name) / "n" / "y"`.
fn gs2_flag(input: &str) -> Parsed<'_, GssFlag<'_>> {
    let cb_name = take_while1(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    named(
        "`n`, `y` or `p=` and the name of a channel binding type",
        alt((
            value(GssFlag::NotSupported, char('n')),
            value(GssFlag::NotOffered, char('y')),
            preceded(tag("p="), cb_name).map(GssFlag::Used),
        )),
    )
    .parse(input)
}

/// `saslname = 1*(value-safe-char / "=2C" / "=3D")`, unescaped.
pub(crate) fn saslname(input: &str) -> Parsed<'_, Cow<'_, str>> {
    let safe = |c: char| !matches!(c, '\0' | '=' | ',');
    let run = || take_while1(safe);
    let escape = alt((value(",", tag("=2C")), value("=", tag("=3D"))));
    let (rest, raw) = recognize(many1_count(alt((run(), escape)))).parse(input)?;
    // 5802-5.1-07: any other `=` is not ours to interpret.
    if rest.starts_with('=') {
        let expected = "`,` and `=` as `=2C` and `=3D`, and no other `=`";
        return Err(nom::Err::Failure(Unexpected { rest, expected }));
    }
    Ok((
        rest,
        if raw.contains('=') {
            Cow::Owned(raw.replace("=2C", ",").replace("=3D", "="))
        } else {
            Cow::Borrowed(raw)
        },
    ))
}

/// `value = 1*value-char`: anything but NUL and the comma.
pub(crate) fn attribute_value(input: &str) -> Parsed<'_, &str> {
    take_while1(|c: char| c != '\0' && c != ',').parse(input)
}
