use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use super::{ContentType, content_type, owned};
use crate::{Limits, ParseError, ParseErrorKind};

/// The header fields of a MIME entity, in order, with their octets.
///
/// Unlike message headers (RFC 3862), they may be folded over several lines,
/// and their names are the same in upper and lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers<'a> {
    fields: Vec<Field<'a>>,
}

impl<'a> Headers<'a> {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self { fields: Vec::new() }
    }

    /// Reads the fields and the blank line after them; says how many octets
    /// both take.
    ///
    /// # Errors
    ///
    /// The first line that is no header field, or a limit that is exceeded.
    pub fn parse(octets: &'a [u8], limits: &Limits) -> Result<(Self, usize), ParseError> {
        Self::parse_at(octets, 0, limits)
    }

    /// [`parse`](Self::parse) for octets that begin `base` octets into the
    /// input that errors count from.
    pub(crate) fn parse_at(
        octets: &'a [u8],
        base: usize,
        limits: &Limits,
    ) -> Result<(Self, usize), ParseError> {
        let mut fields = Vec::new();
        let mut at = 0;
        while !octets.get(at..).is_some_and(|rest| rest.starts_with(b"\r\n")) {
            if fields.len() == limits.max_mime_headers {
                return Err(ParseError::new(ParseErrorKind::TooManyHeaders, base + at));
            }
            let end = field_end(octets, at, base)?;
            let raw = octets.get(at..end).unwrap_or_default();
            let raw = core::str::from_utf8(raw).map_err(|error| {
                ParseError::new(ParseErrorKind::NotUtf8, base + at + error.valid_up_to())
            })?;
            fields.push(Field::parse(raw, base + at)?);
            at = end + 2;
        }
        Ok((Self { fields }, at + 2))
    }

    pub(crate) fn of_type(content_type: &'static str) -> Self {
        let mut headers = Self::new();
        headers.push(Field::made("Content-Type", content_type));
        headers
    }

    /// Each field, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Adds a field at the end.
    pub fn push(&mut self, field: Field<'a>) {
        self.fields.push(field);
    }

    /// The first field of this name, upper and lower case alike.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.is(name))
    }

    /// The value of the first field of this name, unfolded.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.field(name).map(Field::value)
    }

    /// The `Content-Type`, if there is one.
    ///
    /// # Errors
    ///
    /// Where its value is not one; two of them. The position counts from the
    /// start of the field's value, or is 0.
    pub fn content_type(&self) -> Result<Option<ContentType>, ParseError> {
        self.type_field()?.map(|field| ContentType::parse(&field.value())).transpose()
    }

    fn type_field(&self) -> Result<Option<&Field<'a>>, ParseError> {
        let mut fields = self.fields.iter().filter(|field| field.is("Content-Type"));
        let field = fields.next();
        if fields.next().is_some() {
            return Err(ParseError::new(ParseErrorKind::RepeatedField, 0));
        }
        Ok(field)
    }

    /// What `look` makes of the type and subtype, if there is a `Content-Type`
    /// and it can be read. Copies nothing unless it is folded or has parameters
    /// of which two could be one.
    pub(crate) fn look_at_type<T>(
        &self,
        look: impl FnOnce(&str, &str) -> T,
    ) -> Result<Option<T>, ParseError> {
        let Some(field) = self.type_field()? else { return Ok(None) };
        let value = field.value();
        let mut parameters = 0;
        let (type_, subtype) = content_type::walk(&value, |_, _| {
            parameters += 1;
            true
        })?;
        if parameters > 1 {
            ContentType::parse(&value)?;
        }
        Ok(Some(look(type_, subtype)))
    }

    /// The `Content-ID` without its angle brackets (RFC 2045 §7).
    #[must_use]
    pub fn content_id(&self) -> Option<&str> {
        let raw = self.field("Content-ID")?.raw_value().trim_ascii();
        let id = raw.strip_prefix('<')?.strip_suffix('>')?;
        let plain = |b: u8| b > 0x20 && b != 0x7F && b != b'<' && b != b'>';
        (!id.is_empty() && id.bytes().all(plain)).then_some(id)
    }

    /// Appends the fields with their octets, without a blank line after them.
    pub fn write(&self, out: &mut Vec<u8>) {
        for field in &self.fields {
            out.extend_from_slice(field.raw.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }

    /// The fields on their own, nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> Headers<'static> {
        Headers { fields: self.fields.into_iter().map(Field::into_owned).collect() }
    }
}

/// One header field of a MIME entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// With its folds, without the CR LF at its end.
    raw: Cow<'a, str>,
    /// Where the colon is.
    colon: usize,
}

impl<'a> Field<'a> {
    /// A field of this name and value, on one line.
    ///
    /// # Errors
    ///
    /// A name that is not one, a value with control characters.
    ///
    /// ```
    /// use xmpp_cpim::mime::Field;
    ///
    /// let field = Field::new("Content-Language", "cs")?;
    /// assert_eq!(field.raw(), "Content-Language: cs");
    /// assert!(Field::new("Content-Language", "cs\r\nX: y").is_err());
    /// # Ok::<(), xmpp_cpim::mime::FieldError>(())
    /// ```
    pub fn new(name: &str, value: &str) -> Result<Field<'static>, FieldError> {
        if name.is_empty() || !name.bytes().all(is_name_byte) {
            return Err(FieldError::Name);
        }
        if value.bytes().any(|b| b < 0x20 || b == 0x7F) {
            return Err(FieldError::Value);
        }
        Ok(Field::made(name, value))
    }

    fn made(name: &str, value: &str) -> Field<'static> {
        Field { raw: Cow::Owned([name, ": ", value].concat()), colon: name.len() }
    }

    fn parse(raw: &'a str, at: usize) -> Result<Self, ParseError> {
        let colon = raw.bytes().position(|b| !is_name_byte(b)).unwrap_or(raw.len());
        if colon == 0 || raw.as_bytes().get(colon) != Some(&b':') {
            return Err(ParseError::new(ParseErrorKind::MimeFieldName, at + colon));
        }
        Ok(Self { raw: Cow::Borrowed(raw), colon })
    }

    /// The name as it was written.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.raw[..self.colon]
    }

    /// Whether it has this name, upper and lower case alike.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// The field as it was written, folds included, without the last CR LF.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    fn raw_value(&self) -> &str {
        &self.raw[self.colon + 1..]
    }

    /// The value, unfolded, without white space around it.
    #[must_use]
    pub fn value(&self) -> Cow<'_, str> {
        let value = self.raw_value().trim_matches([' ', '\t', '\r', '\n']);
        if !value.contains('\r') {
            return Cow::Borrowed(value);
        }
        // RFC 5322 §2.2.3: unfolding takes the CR LF away and nothing else.
        Cow::Owned(value.split("\r\n").collect())
    }

    fn into_owned(self) -> Field<'static> {
        Field { raw: owned(self.raw), colon: self.colon }
    }
}

/// Why there is no such header field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldError {
    /// The name is empty or has something other than visible ASCII, or a colon.
    Name,
    /// The value has a control character or a line end.
    Value,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "a field name is visible ASCII without a colon (RFC 5322 §2.2)",
            Self::Value => "a field value has no control characters (RFC 5322 §2.2)",
        })
    }
}

impl core::error::Error for FieldError {}

/// `ftext` of RFC 5322 §3.6.8.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b':'
}

/// Where the field that starts at `at` ends: at a CR LF that no white space
/// follows.
fn field_end(octets: &[u8], at: usize, base: usize) -> Result<usize, ParseError> {
    let mut from = at;
    loop {
        let rest = octets.get(from..).unwrap_or_default();
        let line = memchr::memchr(b'\r', rest).unwrap_or(rest.len());
        if let Some(control) = first_control(&rest[..line]) {
            let kind = match rest[control] {
                b'\n' => ParseErrorKind::BareCrOrLf,
                _ => ParseErrorKind::ControlCharacter,
            };
            return Err(ParseError::new(kind, base + from + control));
        }
        let end = from + line;
        match &rest[line..] {
            [b'\r', b'\n', b' ' | b'\t', ..] if end > at => from = end + 3,
            [b'\r', b'\n', ..] => return Ok(end),
            [] | [_] => {
                return Err(ParseError::new(ParseErrorKind::UnexpectedEnd, base + octets.len()));
            }
            _ => return Err(ParseError::new(ParseErrorKind::BareCrOrLf, base + end)),
        }
    }
}

/// The first control character that is no tab.
fn first_control(octets: &[u8]) -> Option<usize> {
    let is_control = |b: u8| b < 0x20 && b != b'\t' || b == 0x7F;
    // Nearly always there is none, which is known sooner if all are looked at.
    let any = octets.iter().fold(false, |found, &b| found | is_control(b));
    if any { octets.iter().position(|&b| is_control(b)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn parse(text: &str) -> Result<(Headers<'_>, usize), ParseError> {
        Headers::parse(text.as_bytes(), &Limits::default())
    }

    #[test]
    fn fields_keep_their_octets() {
        let text = "content-TYPE:text/plain;\r\n\tcharset=utf-8 \r\nX-Empty:\r\nÜ: no\r\n\r\nbody";
        assert_eq!(
            parse(text),
            Err(ParseError::new(ParseErrorKind::MimeFieldName, text.find('Ü').unwrap()))
        );
        let text =
            "content-TYPE:text/plain;\r\n\tcharset=utf-8 \r\nX-Empty:\r\nX: \u{fc}\r\n\r\nbody";
        let (headers, used) = parse(text).unwrap();
        assert_eq!(&text[used..], "body");
        let values: Vec<_> = headers.iter().map(|f| (f.name(), f.value())).collect();
        assert_eq!(
            values,
            vec![
                ("content-TYPE", Cow::from("text/plain;\tcharset=utf-8")),
                ("X-Empty", Cow::from("")),
                ("X", Cow::from("\u{fc}")),
            ]
        );
        let mut out = Vec::new();
        headers.write(&mut out);
        assert_eq!(out, &text.as_bytes()[..used - 2]);
    }

    #[test]
    fn what_is_no_field_says_where() {
        use ParseErrorKind::*;
        for (text, kind, at) in [
            ("", UnexpectedEnd, 0),
            ("A: b", UnexpectedEnd, 4),
            ("A: b\r\n", UnexpectedEnd, 6),
            ("A: b\r", UnexpectedEnd, 5),
            ("A: b\n\n", BareCrOrLf, 4),
            ("A: b\rc\r\n\r\n", BareCrOrLf, 4),
            ("A: b\rc", BareCrOrLf, 4),
            ("A: b\n\n\r\n\r\n", BareCrOrLf, 4),
            ("A: \0\r\n\r\n", ControlCharacter, 3),
            ("A: \u{7f}\r\n\r\n", ControlCharacter, 3),
            // Two are no better than one.
            ("A: \u{1}\u{1}\r\n\r\n", ControlCharacter, 3),
            ("A: b\u{7f}\u{7f}\r\n\r\n", ControlCharacter, 4),
            ("A: b\u{1f}c\u{7f}\r\n\r\n", ControlCharacter, 4),
            ("A: b\u{7f}c\u{1f}\r\n\r\n", ControlCharacter, 4),
            ("A: b\r\n c\u{1}\r\n\r\n", ControlCharacter, 8),
            ("A: b\r\nB: c\u{1}\r\n\r\n", ControlCharacter, 10),
            ("A b\r\n\r\n", MimeFieldName, 1),
            (": b\r\n\r\n", MimeFieldName, 0),
            (" A: b\r\n\r\n", MimeFieldName, 0),
            ("A : b\r\n\r\n", MimeFieldName, 1),
        ] {
            assert_eq!(parse(text).unwrap_err(), ParseError::new(kind, at), "{text:?}");
        }
        let not_utf8 = b"A: b\r\nB: \xff\r\n\r\n";
        assert_eq!(
            Headers::parse(not_utf8, &Limits::default()).unwrap_err(),
            ParseError::new(NotUtf8, 9)
        );
    }

    #[test]
    fn as_many_fields_as_the_limit_says() {
        let limits = Limits::default().with_max_mime_headers(2);
        assert!(Headers::parse(b"A: b\r\nA: b\r\n\r\n", &limits).is_ok());
        assert_eq!(
            Headers::parse(b"A: b\r\nA: b\r\nA: b\r\n\r\n", &limits).unwrap_err(),
            ParseError::new(ParseErrorKind::TooManyHeaders, 12)
        );
    }

    #[test]
    fn content_id_comes_without_its_brackets() {
        for (value, id) in [
            ("<1234567890@foo.com>", Some("1234567890@foo.com")),
            ("  <a> ", Some("a")),
            ("a@b", None),
            ("<>", None),
            ("<a b>", None),
            ("<a><b>", None),
            ("<a<b>", None),
            ("a>", None),
            ("<a", None),
            ("<!~>", Some("!~")),
        ] {
            let mut headers = Headers::new();
            headers.push(Field::new("Content-Id", value).unwrap());
            assert_eq!(headers.content_id(), id, "{value}");
        }
    }

    // RFC 5322 §2.2, §2.2.3
    #[test]
    fn a_fold_is_white_space_after_a_line_end() {
        for (text, value) in [
            ("A: b\r\n c\r\n\r\n", "b c"),
            ("A: b\r\n\tc\r\n\r\n", "b\tc"),
            ("A:\r\n b\r\n \r\n c \r\n\r\n", "b  c"),
            ("A: b\tc \r\n\r\n", "b\tc"),
            ("A:\r\n\r\n", ""),
        ] {
            let (headers, used) = parse(text).unwrap();
            assert_eq!(headers.value("a").as_deref(), Some(value), "{text:?}");
            assert_eq!(headers.field("a").unwrap().raw(), &text[..text.len() - 4], "{text:?}");
            assert_eq!((used, headers.iter().count()), (text.len(), 1), "{text:?}");
            assert!(!headers.is_empty());
        }
        assert!(parse("\r\nA: b").unwrap().0.is_empty());
        assert_eq!(parse("\r\nA: b").unwrap().1, 2);
    }

    // RFC 5322 §2.2, §3.6.8
    #[test]
    fn what_is_made_is_one_line() {
        let field = Field::new("X-!~", "\u{e4} ~").unwrap();
        assert_eq!((field.raw(), field.name()), ("X-!~: \u{e4} ~", "X-!~"));
        assert_eq!(field.value(), "\u{e4} ~");
        assert!(field.is("x-!~") && !field.is("x-!"));
        for name in ["", "a b", "a:", "\u{e4}", "a\u{7f}"] {
            assert_eq!(Field::new(name, "x"), Err(FieldError::Name), "{name:?}");
        }
        for value in ["\0", "a\tb", "\u{1f}", "\u{7f}", "a\r\n b"] {
            assert_eq!(Field::new("a", value), Err(FieldError::Value), "{value:?}");
        }
    }

    // RFC 2045 §5.1: a parameter is there once.
    #[test]
    fn a_look_at_the_type_sees_what_reading_it_sees() {
        let look = |value: &str| {
            let mut headers = Headers::new();
            headers.push(Field::new("Content-Type", value).unwrap());
            let seen = headers.look_at_type(|type_, subtype| (type_.len(), subtype.len()));
            assert_eq!(seen.as_ref().err(), headers.content_type().as_ref().err(), "{value}");
            seen
        };
        assert_eq!(look("text/plain; a=b; c=d"), Ok(Some((4, 5))));
        for (value, at) in [("text/plain; a=b; A=c", 17), ("text", 4), ("text/plain;x", 12)] {
            assert_eq!(look(value), Err(ParseError::new(ParseErrorKind::ContentType, at)));
        }
        assert_eq!(Headers::new().look_at_type(|_, _| ()), Ok(None));
    }

    #[test]
    fn two_content_types_are_none() {
        let mut headers = Headers::of_type("text/plain");
        headers.push(Field::new("content-type", "text/html").unwrap());
        assert_eq!(headers.content_type().unwrap_err().kind, ParseErrorKind::RepeatedField);
    }
}
