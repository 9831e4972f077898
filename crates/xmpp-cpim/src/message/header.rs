use alloc::borrow::Cow;
use alloc::string::String;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while_m_n, take_while1};
use nom::combinator::{opt, recognize};
use nom::multi::many0_count;
use nom::sequence::preceded;
use nom::{IResult, Parser};

use super::escape;
use crate::mime::{is_language_tag, owned};
use crate::{ParseError, ParseErrorKind};

/// One message header: a line such as `Subject:;lang=cs Ahoj!`, with its octets.
///
/// ```text
/// Header       = Header-name ":" *( ";" Parameter ) SP Header-value CRLF
/// Header-name  = [ Name-prefix "." ] Name
/// ```
///
/// Unlike MIME header fields: the case of the name counts, nothing is folded,
/// and one space stands before the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Without the CR LF.
    line: Cow<'a, str>,
    /// Where the colon is.
    colon: usize,
    value_at: usize,
    /// What its prefix, or the lack of one, stands for; set when the header
    /// joins a message.
    pub(super) scope: Scope,
}

/// The namespace of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// `urn:ietf:params:cpim-headers:`
    Cpim,
    /// What the `NS` header at this index declares.
    Declared(usize),
}

impl<'a> Header<'a> {
    /// A header of this name, with `text` as its value: escaped as RFC 3862
    /// §2.3.1 says.
    ///
    /// # Errors
    ///
    /// A name that is not one, and text that begins or ends with a space, for
    /// which the format has no form. The position counts from the start of the
    /// line.
    ///
    /// ```
    /// use xmpp_cpim::message::Header;
    ///
    /// let header = Header::new("Subject", "two\nlines")?;
    /// assert_eq!(header.line(), r"Subject: two\nlines");
    /// assert_eq!(header.value(), "two\nlines");
    /// # Ok::<(), xmpp_cpim::ParseError>(())
    /// ```
    pub fn new(name: &str, text: &str) -> Result<Header<'static>, ParseError> {
        Self::made(name, None, |line| escape::escape(text, line))
    }

    /// A header whose text is in a language, given by a tag such as `cs` or `pt-BR`.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), and a tag that is not one.
    pub fn with_lang(name: &str, tag: &str, text: &str) -> Result<Header<'static>, ParseError> {
        Self::made(name, Some(tag), |line| escape::escape(text, line))
    }

    /// A header whose value has a grammar of its own and is written as given.
    ///
    /// # Errors
    ///
    /// A line that is no header.
    pub fn structured(name: &str, value: &str) -> Result<Header<'static>, ParseError> {
        Self::made(name, None, |line| line.push_str(value))
    }

    fn made(
        name: &str,
        lang: Option<&str>,
        write_value: impl FnOnce(&mut String),
    ) -> Result<Header<'static>, ParseError> {
        let mut line = String::with_capacity(64);
        line.push_str(name);
        line.push(':');
        if let Some(tag) = lang {
            line.push_str(";lang=");
            line.push_str(tag);
        }
        line.push(' ');
        write_value(&mut line);
        if let Some(at) = line.bytes().position(is_control) {
            return Err(ParseError::new(ParseErrorKind::ControlCharacter, at));
        }
        let header = Header::parse(&line, 0)?;
        let (colon, value_at) = (header.colon, header.value_at);
        // A name or a tag that ends early would turn into something else.
        if header.name() != name {
            return Err(ParseError::new(ParseErrorKind::HeaderName, colon));
        }
        if header.lang() != lang {
            return Err(ParseError::new(ParseErrorKind::LanguageTag, colon + 1));
        }
        Ok(Header { line: Cow::Owned(line), colon, value_at, scope: Scope::Cpim })
    }

    /// Reads a line without its CR LF, which has no control characters; `at` is
    /// where it starts in the input.
    pub(super) fn parse(line: &'a str, at: usize) -> Result<Self, ParseError> {
        let octets = line.as_bytes();
        let fail = |kind, rest: &[u8]| ParseError::new(kind, at + octets.len() - rest.len());
        if octets.first() == Some(&b' ') {
            return Err(fail(ParseErrorKind::OuterWhitespace, octets));
        }
        let (rest, _) =
            header_name(octets).map_err(|e| fail(ParseErrorKind::HeaderName, left(e)))?;
        let colon = octets.len() - rest.len();
        let (rest, _) =
            tag_bytes(b":", rest).map_err(|e| fail(ParseErrorKind::HeaderName, left(e)))?;
        let (rest, _) = parameters(rest).map_err(|e| fail(ParseErrorKind::Parameter, left(e)))?;
        let (value, _) = tag_bytes(b" ", rest).map_err(|_| {
            let kind = if rest.first() == Some(&b';') {
                ParseErrorKind::Parameter
            } else {
                ParseErrorKind::SingleSpace
            };
            fail(kind, rest)
        })?;
        if value.first() == Some(&b' ') {
            return Err(fail(ParseErrorKind::SingleSpace, value));
        }
        if value.last() == Some(&b' ') {
            return Err(fail(ParseErrorKind::OuterWhitespace, b" "));
        }
        let value_at = octets.len() - value.len();
        let header = Self { line: Cow::Borrowed(line), colon, value_at, scope: Scope::Cpim };
        if let Err(lone) = escape::unescape(header.raw_value()) {
            return Err(ParseError::new(ParseErrorKind::LoneSurrogate, at + value_at + lone.at));
        }
        if value_at > colon + 2 {
            for parameter in header.parameters() {
                if parameter.name == "lang" && !is_language_tag(parameter.raw) {
                    return Err(ParseError::new(ParseErrorKind::LanguageTag, at + colon + 1));
                }
            }
        }
        Ok(header)
    }

    /// The line as it was written, without its CR LF.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The name with its prefix, such as `MyFeatures.VitalMessageOption`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.line[..self.colon]
    }

    /// The prefix before the `.`, if there is one.
    #[must_use]
    pub fn prefix(&self) -> Option<&str> {
        split_name(self.name()).0
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local_name(&self) -> &str {
        split_name(self.name()).1
    }

    /// Each parameter between the colon and the value.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'_>> {
        let mut rest = self.line.get(self.colon + 1..self.value_at - 1).unwrap_or_default();
        core::iter::from_fn(move || {
            let (after, raw) = parameter(rest.as_bytes()).ok()?;
            let (parameter, after) =
                (rest.get(1..=raw.len())?, rest.get(rest.len() - after.len()..)?);
            rest = after;
            let (name, raw) = parameter.split_once('=')?;
            Some(Parameter { name, raw })
        })
    }

    /// The language of the value (`;lang=`); without one it is `i-default` (RFC
    /// 3862 §3.3).
    #[must_use]
    pub fn lang(&self) -> Option<&str> {
        self.parameters().find(|parameter| parameter.name == "lang").map(|found| found.raw)
    }

    /// The value as it was written.
    #[must_use]
    pub fn raw_value(&self) -> &str {
        &self.line[self.value_at..]
    }

    /// The value with its escapes undone; borrows if it has none.
    #[must_use]
    pub fn value(&self) -> Cow<'_, str> {
        // Checked when the header was read.
        escape::unescape(self.raw_value()).unwrap_or(Cow::Borrowed(""))
    }

    pub(super) fn value_at(&self) -> usize {
        self.value_at
    }

    pub(super) fn into_owned(self) -> Header<'static> {
        Header {
            line: owned(self.line),
            colon: self.colon,
            value_at: self.value_at,
            scope: self.scope,
        }
    }
}

/// A parameter of a header, such as `;lang=cs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter<'a> {
    /// The name, whose case counts.
    pub name: &'a str,
    /// The value as it was written.
    pub raw: &'a str,
}

impl<'a> Parameter<'a> {
    /// The value: without the quotes and escapes of a string.
    #[must_use]
    pub fn value(&self) -> Cow<'a, str> {
        let inner = self.raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        inner.and_then(|inner| escape::unescape(inner).ok()).unwrap_or(Cow::Borrowed(self.raw))
    }
}

pub(super) fn split_name(name: &str) -> (Option<&str>, &str) {
    match name.bytes().position(|octet| octet == b'.') {
        Some(at) => (name.get(..at), name.get(at + 1..).unwrap_or_default()),
        None => (None, name),
    }
}

pub(super) type Parsed<'a> = IResult<&'a [u8], &'a [u8]>;

/// What is left of the input where it stopped to fit.
pub(super) fn left(error: nom::Err<nom::error::Error<&[u8]>>) -> &[u8] {
    match error {
        nom::Err::Error(error) | nom::Err::Failure(error) => error.input,
        nom::Err::Incomplete(_) => &[],
    }
}

/// `Header-name = [ Name-prefix "." ] Name`
pub(super) fn header_name(octets: &[u8]) -> Parsed<'_> {
    recognize((name, opt((tag(&b"."[..]), name)))).parse(octets)
}

/// `Name = 1*NAMECHAR`
pub(super) fn name(octets: &[u8]) -> Parsed<'_> {
    take_while1(|b| class(b) & NAME != 0).parse(octets)
}

/// `Token = 1*TOKENCHAR`
pub(super) fn token(octets: &[u8]) -> Parsed<'_> {
    take_while1(|b| class(b) & TOKEN != 0).parse(octets)
}

/// `String = DQUOTE *( Str-char / Escape ) DQUOTE`, any escape (§2.3.1).
pub(super) fn string(octets: &[u8]) -> Parsed<'_> {
    let quote = || tag(&b"\""[..]);
    let plain = take_while1(|b| b != b'"' && b != b'\\');
    let escaped = recognize((tag(&b"\\"[..]), take_while_m_n(1, 1, |_| true)));
    recognize((quote(), many0_count(alt((plain, escaped))), quote())).parse(octets)
}

fn tag_bytes<'a>(expected: &'static [u8], octets: &'a [u8]) -> Parsed<'a> {
    tag(expected).parse(octets)
}

fn parameters(octets: &[u8]) -> Parsed<'_> {
    let mut rest = octets;
    while rest.first() == Some(&b';') {
        (rest, _) = parameter(rest)?;
    }
    Ok((rest, &[]))
}

/// `";" Parameter`, without the semicolon in what it returns.
fn parameter(octets: &[u8]) -> Parsed<'_> {
    preceded(tag(&b";"[..]), recognize((name, tag(&b"="[..]), alt((string, token))))).parse(octets)
}

/// Spaces, of which there cannot be two.
pub(super) fn spaces(octets: &[u8]) -> Parsed<'_> {
    take_while(|b| b == b' ').parse(octets)
}

/// `CTL` of RFC 2234.
pub(super) fn is_control(octet: u8) -> bool {
    octet < 0x20 || octet == 0x7F
}

const NAME: u8 = 1;
const TOKEN: u8 = 2;

fn class(octet: u8) -> u8 {
    CLASSES[usize::from(octet)]
}

/// NAMECHAR and TOKENCHAR of RFC 3862 §3.6. The grammar's NAMECHAR is "any
/// US-ASCII char except ".", CTLs or SEPARATORS"; its TOKENCHAR adds `.` and
/// all that is not ASCII.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let byte = octet as u8;
        classes[octet] = match byte {
            0x21 | 0x23..=0x27 | 0x2A | 0x2B | 0x2D | 0x5E..=0x60 | 0x7C | 0x7E => NAME | TOKEN,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => NAME | TOKEN,
            b'.' | 0x80.. => TOKEN,
            _ => 0,
        };
        octet += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    /// The marks of NAMECHAR: %x21, %x23-27, %x2A-2B, %x2D, %x5E-60, %x7C, %x7E.
    const NAME_MARKS: &str = "!#$%&'*+-^_`|~";

    fn parse(line: &str) -> Result<Header<'_>, ParseError> {
        Header::parse(line, 100)
    }

    /// RFC 3862 §3.6: NAMECHAR and TOKENCHAR.
    #[test]
    fn each_character_of_names_and_tokens() {
        for c in (' '..='~').chain(['\u{80}', '\u{e4}', '\u{1f6a9}']) {
            let is_name = ALPHANUMERIC.contains(c) || NAME_MARKS.contains(c);
            let line = format!("x{c}: y");
            let name = parse(&line).ok().map(|header| header.name().to_string());
            // A semicolon or a colon ends the name, a dot the prefix.
            let expected = is_name.then(|| format!("x{c}"));
            assert_eq!(name, expected, "{line}");
            let line = format!("x:;p{c}=t{c}t y");
            let read = parse(&line);
            let parameters: Option<Vec<_>> = read.as_ref().ok().map(|header| {
                header.parameters().map(|parameter| parameter.name.to_string()).collect()
            });
            assert_eq!(parameters, is_name.then(|| [format!("p{c}")].into()), "{line}");
            if c == ' ' {
                continue;
            }
            let line = format!("x:;p=t{c}t y");
            let raw = parse(&line).ok().map(|header| {
                header.parameters().map(|parameter| parameter.raw.to_string()).collect::<Vec<_>>()
            });
            let is_token = is_name || c == '.' || !c.is_ascii();
            assert_eq!(raw, is_token.then(|| [format!("t{c}t")].into()), "{line}");
        }
    }

    /// RFC 3862 §3.6, §2.3.1
    #[test]
    fn parameters_in_order_with_their_values() {
        let header = parse(r#"a.b:;lang=cs;x="q \"\u0041\" ;y=";z=t.1 ;w=v"#).unwrap().into_owned();
        let read: Vec<_> =
            header.parameters().map(|p| (p.name, p.raw, p.value().into_owned())).collect();
        assert_eq!(
            read,
            [
                ("lang", "cs", "cs".to_string()),
                ("x", r#""q \"\u0041\" ;y=""#, "q \"A\" ;y=".to_string()),
                ("z", "t.1", "t.1".to_string()),
            ]
        );
        assert_eq!((header.prefix(), header.local_name()), (Some("a"), "b"));
        assert_eq!((header.lang(), header.raw_value()), (Some("cs"), ";w=v"));
        assert_eq!(parse("a: x;lang=cs").unwrap().parameters().count(), 0);
        // A quote alone is no string.
        assert_eq!(parse(r#"a:;x="" y"#).unwrap().parameters().next().unwrap().value(), "");
    }

    /// Positions count from where the line is in the input.
    #[test]
    fn what_is_no_header_says_where() {
        use ParseErrorKind::{
            HeaderName, LanguageTag, LoneSurrogate, OuterWhitespace, Parameter, SingleSpace,
        };
        for (line, kind, at) in [
            (" a: b", OuterWhitespace, 0),
            ("a", HeaderName, 1),
            ("a.", HeaderName, 1),
            ("a.b.c: d", HeaderName, 3),
            ("a:", SingleSpace, 2),
            ("a:b", SingleSpace, 2),
            ("a:  b", SingleSpace, 3),
            ("a: b ", OuterWhitespace, 4),
            ("a:;", Parameter, 3),
            ("a:;x", Parameter, 4),
            ("a:;x=", Parameter, 5),
            ("a:;x=y;", Parameter, 7),
            ("a:;x=y", SingleSpace, 6),
            ("a:;lang=e_n b", LanguageTag, 2),
            ("a:;x=y;lang=1 b", LanguageTag, 2),
            (r"a: \n\ud83d", LoneSurrogate, 5),
        ] {
            assert_eq!(parse(line), Err(ParseError::new(kind, 100 + at)), "{line}");
        }
    }

    #[test]
    fn what_is_made_reads_as_it_was_meant() {
        let header = Header::with_lang("a.b", "cs", "x\ny").unwrap();
        assert_eq!(header.line(), r"a.b:;lang=cs x\ny");
        assert_eq!(header.value(), "x\ny");
        assert_eq!(Header::parse(header.line(), 0), Ok(header.clone()));
        for (made, kind, at) in [
            (Header::new("a:b", "x"), ParseErrorKind::SingleSpace, 2),
            (Header::new("a: b", "x"), ParseErrorKind::HeaderName, 1),
            (Header::new("a\n", "x"), ParseErrorKind::ControlCharacter, 1),
            (Header::new("a", "x "), ParseErrorKind::OuterWhitespace, 4),
            (Header::structured("a", "x\u{7f}"), ParseErrorKind::ControlCharacter, 4),
            (Header::with_lang("a", "cs;x=y", "z"), ParseErrorKind::LanguageTag, 2),
            (Header::with_lang("a", "cs z", "z"), ParseErrorKind::LanguageTag, 2),
        ] {
            assert_eq!(made, Err(ParseError::new(kind, at)));
        }
    }
}
