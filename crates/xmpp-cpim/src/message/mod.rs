//! Message/CPIM: the format of RFC 3862.
//!
//! ```text
//! Content-type: Message/CPIM             MIME headers of the object
//!
//! From: <im:piglet@100akerwood.com>      message headers
//! To: Pooh Bear <im:pooh@100akerwood.com>
//!
//! Content-type: text/plain; charset=utf-8   the encapsulated MIME object
//!
//! Hello
//! ```
//!
//! A [`Message`] borrows from the octets it was read from and writes the same
//! octets again: whoever relays it cannot change it (`3862-2.2-01`, `-12`,
//! `-13`). [`Message::builder`] makes a new one.

mod address;
mod builder;
mod escape;
mod header;
#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use alloc::vec::Vec;

pub use self::address::{Address, AddressError};
pub(crate) use self::address::{is_absolute_uri, is_uri_octet};
pub use self::builder::{BuildError, Builder};
pub use self::header::{Header, Parameter};

use self::header::{Scope, header_name, is_control, split_name};
use crate::mime::{Entity, Headers};
use crate::{DateTime, Limits, ParseError, ParseErrorKind};

/// The namespace that a message header has unless an `NS` header says otherwise.
pub const CPIM_HEADERS: &str = "urn:ietf:params:cpim-headers:";

/// How many names a `Require` header may have: as many as a message has headers
/// that anybody would insist on, and more.
const MAX_REQUIRED: usize = 32;

/// A Message/CPIM object.
///
/// ```
/// use xmpp_cpim::{Limits, message::Message};
///
/// let octets = b"Content-type: Message/CPIM\r\n\
///     \r\n\
///     From: MR SANDERS <im:piglet@100akerwood.com>\r\n\
///     To: Depressed Donkey <im:eeyore@100akerwood.com>\r\n\
///     Subject:;lang=fr beau temps prevu pour aujourd'hui\r\n\
///     \r\n\
///     Content-type: text/plain; charset=utf-8\r\n\
///     \r\n\
///     Hi!";
/// let message = Message::parse(octets, &Limits::default())?;
/// assert_eq!(message.from().unwrap().uri(), "im:piglet@100akerwood.com");
/// assert_eq!(message.subjects().next().unwrap().lang(), Some("fr"));
/// assert_eq!(message.content().body(), b"Hi!");
/// assert_eq!(message.to_vec(), octets);
/// # Ok::<(), xmpp_cpim::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    mime_headers: Headers<'a>,
    headers: Vec<Header<'a>>,
    /// Where the `NS` headers are among them.
    declarations: Vec<usize>,
    content: Entity<'a>,
}

impl<'a> Message<'a> {
    /// Reads an object from its MIME headers on. Copies nothing; the body of
    /// the encapsulated object is not looked at.
    ///
    /// Also checked: that each prefix is declared before it is used, and that
    /// the headers of RFC 3862 §4 have values of their grammar.
    ///
    /// # Errors
    ///
    /// The first place where the octets differ from the format, or a limit that
    /// is exceeded.
    pub fn parse(octets: &'a [u8], limits: &Limits) -> Result<Self, ParseError> {
        check_length(octets, limits)?;
        let (mime_headers, used) = Headers::parse(octets, limits)?;
        let is_cpim = |type_: &str, subtype: &str| {
            type_.eq_ignore_ascii_case("message") && subtype.eq_ignore_ascii_case("cpim")
        };
        match mime_headers.look_at_type(is_cpim) {
            Ok(Some(true)) => {}
            _ => return Err(ParseError::new(ParseErrorKind::NotMessageCpim, 0)),
        }
        Self::parse_from(octets, used, mime_headers, limits)
    }

    /// Reads an object whose MIME headers the transport has taken off, as SIP
    /// and MSRP do: it starts with the message headers.
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse).
    pub fn parse_body(octets: &'a [u8], limits: &Limits) -> Result<Self, ParseError> {
        check_length(octets, limits)?;
        Self::parse_from(octets, 0, Headers::of_type("Message/CPIM"), limits)
    }

    fn parse_from(
        octets: &'a [u8],
        mut at: usize,
        mime_headers: Headers<'a>,
        limits: &Limits,
    ) -> Result<Self, ParseError> {
        let empty = Entity::new(Headers::new(), Cow::Borrowed(&[][..]));
        let mut message = Self {
            mime_headers,
            headers: Vec::with_capacity(8.min(limits.max_headers)),
            declarations: Vec::new(),
            content: empty,
        };
        loop {
            let line = line(octets, at)?;
            if line.is_empty() {
                at += 2;
                break;
            }
            if message.headers.len() == limits.max_headers {
                return Err(ParseError::new(ParseErrorKind::TooManyHeaders, at));
            }
            let line = core::str::from_utf8(line).map_err(|error| {
                ParseError::new(ParseErrorKind::NotUtf8, at + error.valid_up_to())
            })?;
            message.admit(Header::parse(line, at)?, at).map_err(|(_, error)| error)?;
            at += line.len() + 2;
        }
        message.content = Entity::parse_at(octets.get(at..).unwrap_or_default(), at, limits)?;
        check_content(&message.content, at)?;
        Ok(message)
    }

    /// Begins a new object.
    pub fn builder() -> Builder<'a> {
        Builder::new()
    }

    /// The MIME headers of the object, `Content-type: Message/CPIM` among them.
    #[must_use]
    pub fn mime_headers(&self) -> &Headers<'a> {
        &self.mime_headers
    }

    /// The message headers in order.
    #[must_use]
    pub fn headers(&self) -> &[Header<'a>] {
        &self.headers
    }

    /// The encapsulated MIME object.
    #[must_use]
    pub fn content(&self) -> &Entity<'a> {
        &self.content
    }

    /// The namespace of one of this message's headers: together with
    /// [`Header::local_name`] it says what the header means, whatever the
    /// prefix.
    #[must_use]
    pub fn namespace_of(&self, header: &Header<'_>) -> &str {
        scope_uri(&self.headers, header.scope)
    }

    /// The headers of RFC 3862 §4 of this name, whose case counts.
    pub fn cpim_headers(&self, name: &str) -> impl Iterator<Item = &Header<'a>> {
        self.headers
            .iter()
            .filter(move |header| header.scope == Scope::Cpim && header.local_name() == name)
    }

    /// Who sends the message: the first `From`.
    #[must_use]
    pub fn from(&self) -> Option<Address<'_>> {
        self.addresses("From").next()
    }

    /// Whom it is for: each `To`.
    pub fn to(&self) -> impl Iterator<Item = Address<'_>> {
        self.addresses("To")
    }

    /// Who gets a courtesy copy: each `cc`.
    pub fn cc(&self) -> impl Iterator<Item = Address<'_>> {
        self.addresses("cc")
    }

    fn addresses(&self, name: &str) -> impl Iterator<Item = Address<'_>> {
        // The syntax was checked when the message was made.
        self.cpim_headers(name).filter_map(|header| Address::parse(header.raw_value()).ok())
    }

    /// When it was sent: the first `DateTime`.
    #[must_use]
    pub fn date_time(&self) -> Option<DateTime> {
        self.cpim_headers("DateTime").next().and_then(|header| header.raw_value().parse().ok())
    }

    /// Each `Subject`; they differ in language.
    pub fn subjects(&self) -> impl Iterator<Item = &Header<'a>> {
        self.cpim_headers("Subject")
    }

    /// What a receiver has to understand (`Require`): a namespace and a name
    /// for each.
    pub fn required(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().enumerate().flat_map(move |(index, header)| {
            let is_require = header.scope == Scope::Cpim && header.local_name() == "Require";
            let names = if is_require { header.raw_value() } else { "" };
            names.split(',').filter(|name| !name.is_empty()).filter_map(move |name| {
                let (prefix, local) = split_name(name.trim_matches(' '));
                let scope = scope(self.declarations(index), prefix)?;
                Some((scope_uri(&self.headers, scope), local))
            })
        })
    }

    /// Appends the object from its MIME headers on.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.mime_headers.write(out);
        out.extend_from_slice(b"\r\n");
        self.write_body(out);
    }

    /// Appends the object without its MIME headers and the blank line after
    /// them.
    pub fn write_body(&self, out: &mut Vec<u8>) {
        for header in &self.headers {
            out.extend_from_slice(header.line().as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        self.content.write(out);
    }

    /// The octets of the object.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let headers: usize = self.headers.iter().map(|header| header.line().len() + 2).sum();
        let mut out = Vec::with_capacity(headers + self.content.body().len() + 256);
        self.write(&mut out);
        out
    }

    /// The object on its own, nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> Message<'static> {
        Message {
            mime_headers: self.mime_headers.into_owned(),
            headers: self.headers.into_iter().map(Header::into_owned).collect(),
            declarations: self.declarations,
            content: self.content.into_owned(),
        }
    }
}

fn check_length(octets: &[u8], limits: &Limits) -> Result<(), ParseError> {
    if octets.len() > limits.max_object_bytes {
        return Err(ParseError::new(ParseErrorKind::TooLong, limits.max_object_bytes));
    }
    Ok(())
}

/// The line at `at` without its CR LF.
fn line(octets: &[u8], at: usize) -> Result<&[u8], ParseError> {
    let rest = octets.get(at..).unwrap_or_default();
    if let Some(end) = memchr::memchr(b'\r', rest)
        && rest.get(end + 1) == Some(&b'\n')
        && !has_control(&rest[..end])
    {
        return Ok(&rest[..end]);
    }
    // What is wrong comes first.
    let Some(end) = rest.iter().position(|&octet| is_control(octet)) else {
        return Err(ParseError::new(ParseErrorKind::UnexpectedEnd, octets.len()));
    };
    Err(match &rest[end..] {
        [b'\r'] => ParseError::new(ParseErrorKind::UnexpectedEnd, octets.len()),
        [b'\r' | b'\n', ..] => ParseError::new(ParseErrorKind::BareCrOrLf, at + end),
        _ => ParseError::new(ParseErrorKind::ControlCharacter, at + end),
    })
}

/// Looks at all of them, so that many are looked at at once.
fn has_control(octets: &[u8]) -> bool {
    octets.iter().fold(false, |found, &octet| found | is_control(octet))
}

/// What a name with this prefix, or without one, belongs to after these `NS`
/// headers; `None` if nothing declares the prefix.
fn scope<'h>(
    declarations: impl DoubleEndedIterator<Item = (usize, &'h Header<'h>)>,
    prefix: Option<&str>,
) -> Option<Scope> {
    for (index, header) in declarations.rev() {
        // A cheap look before the value is read: most are of other prefixes.
        let begins = match prefix {
            Some(prefix) => header
                .raw_value()
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with([' ', '<'])),
            None => header.raw_value().starts_with('<'),
        };
        if begins
            && let Ok((declared, uri)) = address::declaration(header.raw_value())
            && declared == prefix
        {
            let cpim = uri == CPIM_HEADERS;
            return Some(if cpim { Scope::Cpim } else { Scope::Declared(index) });
        }
    }
    prefix.is_none().then_some(Scope::Cpim)
}

fn scope_uri<'h>(headers: &'h [Header<'_>], scope: Scope) -> &'h str {
    let declared = match scope {
        Scope::Cpim => None,
        Scope::Declared(index) => headers.get(index),
    };
    declared
        .and_then(|header| address::declaration(header.raw_value()).ok())
        .map_or(CPIM_HEADERS, |(_, uri)| uri)
}

impl Message<'_> {
    /// The `NS` headers before the header at `end`.
    fn declarations(
        &self,
        end: usize,
    ) -> impl DoubleEndedIterator<Item = (usize, &Header<'_>)> + Clone {
        let before = self.declarations.iter().take_while(move |&&index| index < end);
        let indices = &self.declarations[..before.count()];
        indices.iter().filter_map(|&index| Some((index, self.headers.get(index)?)))
    }
}

impl<'a> Message<'a> {
    /// Adds a header at the end, if it may be there; hands it back if not.
    fn admit(&mut self, mut header: Header<'a>, at: usize) -> Result<(), (Header<'a>, ParseError)> {
        let declarations = self.declarations(self.headers.len());
        match check(declarations, &header, at) {
            Ok(found) => header.scope = found,
            Err(error) => return Err((header, error)),
        }
        if header.scope == Scope::Cpim && header.local_name() == "NS" {
            self.declarations.push(self.headers.len());
        }
        self.headers.push(header);
        Ok(())
    }
}

/// The namespace of a header, if it may follow these `NS` headers and is as the
/// RFC has the headers of its name.
fn check<'h>(
    declarations: impl DoubleEndedIterator<Item = (usize, &'h Header<'h>)> + Clone,
    header: &Header<'_>,
    at: usize,
) -> Result<Scope, ParseError> {
    let found = scope(declarations.clone(), header.prefix())
        .ok_or_else(|| ParseError::new(ParseErrorKind::UndeclaredPrefix, at))?;
    if found != Scope::Cpim {
        return Ok(found);
    }
    let value_at = at + header.value_at();
    let raw = header.raw_value();
    let fail = |kind, within| Err(ParseError::new(kind, value_at + within));
    match header.local_name() {
        "From" | "To" | "cc" => {
            if let Err(error) = Address::parse(raw) {
                return fail(ParseErrorKind::Address, error.at);
            }
        }
        "DateTime" => {
            if let Err(error) = raw.parse::<DateTime>() {
                return fail(ParseErrorKind::DateTime, error.at);
            }
        }
        "NS" => {
            if let Err(within) = address::declaration(raw) {
                return fail(ParseErrorKind::NamespaceDeclaration, within);
            }
        }
        "Require" => {
            let mut within = 0;
            for (count, name) in raw.split(',').enumerate() {
                // Each is looked up among the prefixes.
                if count == MAX_REQUIRED {
                    return fail(ParseErrorKind::TooManyParameters, within);
                }
                // The grammar has no space beside the comma; RFC 822 has
                // taught people to write one.
                let trimmed = name.trim_matches(' ');
                if !matches!(header_name(trimmed.as_bytes()), Ok(([], _))) {
                    return fail(ParseErrorKind::Require, within);
                }
                if scope(declarations.clone(), split_name(trimmed).0).is_none() {
                    return fail(ParseErrorKind::UndeclaredPrefix, within);
                }
                within += name.len() + 1;
            }
        }
        _ => {}
    }
    Ok(found)
}

/// `3862-2.4-01`
fn check_content(content: &Entity<'_>, at: usize) -> Result<(), ParseError> {
    match content.headers().look_at_type(|_, _| ()) {
        Ok(Some(())) => Ok(()),
        Ok(None) => Err(ParseError::new(ParseErrorKind::MissingContentType, at)),
        Err(error) => Err(ParseError::new(error.kind, at)),
    }
}

impl<'a> From<Message<'a>> for Cow<'a, [u8]> {
    fn from(message: Message<'a>) -> Self {
        Cow::Owned(message.to_vec())
    }
}
