use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::char;
use nom::combinator::value;
use nom::multi::many0_count;
use nom::sequence::separated_pair;
use nom::{IResult, Parser};

use crate::{ParseError, ParseErrorKind};

/// The value of a `Content-Type` field (RFC 2045 §5).
///
/// ```text
/// content   = type "/" subtype *(";" parameter)
/// parameter = attribute "=" value
/// value     = token / quoted-string
/// ```
///
/// Names are the same in upper and lower case. White space and comments may
/// stand between the pieces. A value may hold `/` without quotes, which RFC
/// 2045 forbids: the examples of RFC 3862 and RFC 3923 have
/// `protocol=application/pkcs7-signature`. A semicolon at the end is let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentType {
    type_: String,
    subtype: String,
    parameters: Vec<(String, String)>,
}

impl ContentType {
    /// How many parameters a value may have. Those of S/MIME have five, of
    /// `message/external-body` some ten; and each is compared with the others.
    pub const MAX_PARAMETERS: usize = 32;

    /// Reads the value of the field, which has been unfolded.
    ///
    /// # Errors
    ///
    /// Where the value differs from the grammar, a parameter that is there twice,
    /// and more than [`MAX_PARAMETERS`](Self::MAX_PARAMETERS).
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        let (type_, subtype) = walk(text, |name, value| {
            let known = parameters.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
            parameters.push((name.to_ascii_lowercase(), value.into_owned()));
            !known
        })?;
        Ok(Self {
            type_: type_.to_ascii_lowercase(),
            subtype: subtype.to_ascii_lowercase(),
            parameters,
        })
    }

    /// The type in lower case, such as `text`.
    #[must_use]
    pub fn type_(&self) -> &str {
        &self.type_
    }

    /// The subtype in lower case, such as `plain`.
    #[must_use]
    pub fn subtype(&self) -> &str {
        &self.subtype
    }

    /// Whether it is this type, upper and lower case alike.
    #[must_use]
    pub fn is(&self, type_: &str, subtype: &str) -> bool {
        self.type_.eq_ignore_ascii_case(type_) && self.subtype.eq_ignore_ascii_case(subtype)
    }

    /// The value of a parameter, without its quotes.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Each parameter: its name in lower case, its value without quotes.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The type and subtype of a value of the field; each parameter goes to `keep`,
/// which says whether it can be there.
pub(super) fn walk<'t>(
    text: &'t str,
    mut keep: impl FnMut(&'t str, Cow<'t, str>) -> bool,
) -> Result<(&'t str, &'t str), ParseError> {
    let fail = |rest: &str| ParseError::new(ParseErrorKind::ContentType, text.len() - rest.len());
    let located = |error: nom::Err<nom::error::Error<&str>>| match error {
        nom::Err::Error(error) | nom::Err::Failure(error) => fail(error.input),
        nom::Err::Incomplete(_) => fail(""),
    };
    let (mut rest, names) = media_type(text).map_err(located)?;
    let mut count = 0;
    while let Some(after) = rest.strip_prefix(';') {
        let (after, ()) = blank(after).map_err(located)?;
        if after.is_empty() {
            return Ok(names);
        }
        if count == ContentType::MAX_PARAMETERS {
            let at = text.len() - after.len();
            return Err(ParseError::new(ParseErrorKind::TooManyParameters, at));
        }
        count += 1;
        let (next, (name, value)) = parameter(after).map_err(located)?;
        if !keep(name, value) {
            return Err(fail(after));
        }
        rest = next;
    }
    if rest.is_empty() { Ok(names) } else { Err(fail(rest)) }
}

type Parsed<'a, T> = IResult<&'a str, T>;

fn media_type(text: &str) -> Parsed<'_, (&str, &str)> {
    let (text, _) = blank(text)?;
    let (text, names) = separated_pair(token, char('/'), token).parse(text)?;
    let (text, _) = blank(text)?;
    Ok((text, names))
}

fn parameter(text: &str) -> Parsed<'_, (&str, Cow<'_, str>)> {
    let (text, name) = token(text)?;
    let (text, _) = (blank, char('='), blank).parse(text)?;
    let (text, value) = if text.starts_with('"') { quoted_string(text)? } else { unquoted(text)? };
    let (text, _) = blank(text)?;
    Ok((text, (name, value)))
}

/// `token := 1*<any (US-ASCII) CHAR except SPACE, CTLs, or tspecials>`
fn token(text: &str) -> Parsed<'_, &str> {
    take_while1(is_token).parse(text)
}

fn is_token(c: char) -> bool {
    c.is_ascii_graphic()
        && !matches!(
            c,
            '(' | ')'
                | '<'
                | '>'
                | '@'
                | ','
                | ';'
                | ':'
                | '\\'
                | '"'
                | '/'
                | '['
                | ']'
                | '?'
                | '='
        )
}

fn unquoted(text: &str) -> Parsed<'_, Cow<'_, str>> {
    take_while1(|c| is_token(c) || c == '/').map(Cow::Borrowed).parse(text)
}

fn quoted_string(text: &str) -> Parsed<'_, Cow<'_, str>> {
    let (mut rest, _) = char('"').parse(text)?;
    let mut out = Cow::Borrowed("");
    loop {
        let (after, plain) = take_while(|c| c != '"' && c != '\\').parse(rest)?;
        out += plain;
        let (after, end) = alt((char('"'), char('\\'))).parse(after)?;
        if end == '"' {
            return Ok((after, out));
        }
        let mut chars = after.chars();
        match chars.next() {
            Some(escaped) => out.to_mut().push(escaped),
            None => return char('"').map(|_| Cow::Borrowed("")).parse(after),
        }
        rest = chars.as_str();
    }
}

/// White space and comments, which nest: counted, so that no nesting of a
/// peer's is ours.
fn blank(text: &str) -> Parsed<'_, ()> {
    value((), many0_count(alt((take_while1(|c| c == ' ' || c == '\t'), comment)))).parse(text)
}

fn comment(text: &str) -> Parsed<'_, &str> {
    let (mut rest, start) = tag("(").parse(text)?;
    let mut depth = 1;
    while depth > 0 {
        let (after, _) = take_while(|c| c != '(' && c != ')' && c != '\\').parse(rest)?;
        let (after, mark) = alt((char('('), char(')'), char('\\'))).parse(after)?;
        rest = after;
        match mark {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {
                let mut chars = after.chars();
                chars.next();
                rest = chars.as_str();
            }
        }
    }
    Ok((rest, start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    fn shown(text: &str) -> Result<String, usize> {
        let parsed = ContentType::parse(text).map_err(|error| error.at)?;
        let parameters: String =
            parsed.parameters().map(|(name, value)| format!(";{name}={value}")).collect();
        Ok(format!("{}/{}{parameters}", parsed.type_(), parsed.subtype()))
    }

    #[test]
    fn types_and_parameters() {
        for (text, what) in [
            ("Message/CPIM", "message/cpim"),
            ("text/plain; charset=utf-8", "text/plain;charset=utf-8"),
            ("TEXT/Plain ; Charset = \"UTF-8\" ", "text/plain;charset=UTF-8"),
            ("text/plain;", "text/plain"),
            (r#"a/b; x="a \"q\" \\; é""#, r#"a/b;x=a "q" \; é"#),
            (" (a (nested) comment) text/plain (x\\)y); a=b (z)", "text/plain;a=b"),
            // RFC 3862 §5.2, RFC 3923 §3.2
            (
                "multipart/signed; boundary=next; micalg=sha1; protocol=application/pkcs7-signature",
                "multipart/signed;boundary=next;micalg=sha1;protocol=application/pkcs7-signature",
            ),
        ] {
            assert_eq!(shown(text), Ok(what.to_string()), "{text}");
        }
    }

    #[test]
    fn what_is_none_says_where() {
        for (text, at) in [
            ("", 0),
            ("text", 4),
            ("text/", 5),
            ("text/plain charset=utf-8", 11),
            ("text/plain; charset", 19),
            ("text/plain; charset=", 20),
            ("text/plain; charset=\"x", 22),
            ("text/plain; charset=\"x\\", 23),
            ("text/plain; a=b; A=c", 17),
            ("text/plain; =b", 12),
            ("text/plain;; a=b", 11),
            ("(text/plain", 0),
            ("text/pläin", 7),
        ] {
            assert_eq!(shown(text), Err(at), "{text}");
        }
    }

    // RFC 2045 §5.1: token and tspecials; `/` is let pass in values.
    #[test]
    fn each_character_of_tokens_and_values() {
        for c in (0..128).map(char::from).chain(['\u{80}', '\u{e4}']) {
            let is_token = c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(c);
            let text = format!("x{c}x/y{c}y; a{c}a=v{c}v");
            let low = c.to_ascii_lowercase();
            let expected = format!("x{low}x/y{low}y;a{low}a=v{c}v");
            assert_eq!(shown(&text).ok(), is_token.then_some(expected), "{text:?}");
            let value = format!("x/y; a=v{c}v");
            let expected = Ok(format!("x/y;a=v{c}v"));
            assert_eq!(shown(&value) == expected, is_token || c == '/', "{value:?}");
            // A quoted string has all but quotes and backslashes, and these behind one.
            let quoted = if "\"\\".contains(c) { format!("\\{c}") } else { c.to_string() };
            assert_eq!(shown(&format!("x/y; a=\"v{quoted}v\"")), expected, "{value:?}");
        }
    }

    // RFC 2045 §5.1: names without regard to case, values as they are
    #[test]
    fn a_type_is_found_whatever_its_case() {
        let parsed = ContentType::parse("Text/PLAIN; CharSet=UTF-8; x=y").unwrap();
        assert!(parsed.is("text", "plain") && parsed.is("TEXT", "Plain"));
        assert!(!parsed.is("text", "html") && !parsed.is("application", "plain"));
        assert_eq!(parsed.parameter("CHARSET"), Some("UTF-8"));
        assert_eq!((parsed.parameter("X"), parsed.parameter("y")), (Some("y"), None));
        for blank in [" ", "\t", "(a)", " (a\\)b(c(d))) \t", "(\\\\)"] {
            let text = ["", "text/plain", ";", "a", "=", "b", ";", "c", "=", "d", ""].join(blank);
            assert_eq!(shown(&text).as_deref(), Ok("text/plain;a=b;c=d"), "{text}");
        }
        for open in ["(", "(a(b)", "(\\)", "(a\\"] {
            assert!(shown(&format!("text/plain {open}")).is_err(), "{open}");
        }
    }

    /// A list that a stranger fills has a limit.
    #[test]
    fn parameters_have_a_limit() {
        let with = |count: usize| {
            let parameters: String = (0..count).map(|n| format!("; p{n}=v")).collect();
            ContentType::parse(&format!("text/plain{parameters}"))
        };
        assert_eq!(with(32).unwrap().parameters().count(), 32);
        for count in [33, 40_000] {
            let error = with(count).unwrap_err();
            assert_eq!(error.kind, ParseErrorKind::TooManyParameters);
            assert_eq!(error.at, with(32).map(|_| 10 + 10 * 6 + 22 * 7 + 2).unwrap());
        }
    }

    #[test]
    fn deep_comments_cost_no_stack() {
        let deep = format!("{}text/plain", "(".repeat(100_000));
        assert!(ContentType::parse(&deep).is_err());
        let closed = format!("{}{}text/plain", "(".repeat(100_000), ")".repeat(100_000));
        assert!(ContentType::parse(&closed).is_ok());
    }
}
