//! The little of MIME (RFC 2045) that Message/CPIM needs: header fields with
//! their octets kept, `Content-Type`, and an entity made of headers and a body.
//!
//! Bodies are octets here. Multiparts are the business of whoever signs or
//! encrypts; [`Entity::decoded`] undoes a transfer encoding.

mod canonical;
mod content_type;
mod fields;
mod transfer;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

pub use self::canonical::{canonical_crlf, lf_only};
pub use self::content_type::ContentType;
pub use self::fields::{Field, FieldError, Headers};
pub use self::transfer::TransferError;

use crate::{Limits, ParseError, ParseErrorKind};

/// A MIME entity: header fields, a blank line and a body.
///
/// ```
/// use xmpp_cpim::{Limits, mime::Entity};
///
/// let octets = b"Content-type: text/plain; charset=utf-8\r\n\
///     Content-ID: <1234567890@foo.com>\r\n\
///     \r\n\
///     This is my encapsulated text message content";
/// let entity = Entity::parse(octets, &Limits::default())?;
/// let content_type = entity.headers().content_type()?.expect("it has one");
/// assert!(content_type.is("text", "plain"));
/// assert_eq!(content_type.parameter("charset").as_deref(), Some("utf-8"));
/// assert_eq!(entity.headers().content_id(), Some("1234567890@foo.com"));
/// assert_eq!(entity.to_vec(), octets);
/// # Ok::<(), xmpp_cpim::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity<'a> {
    headers: Headers<'a>,
    body: Cow<'a, [u8]>,
}

impl<'a> Entity<'a> {
    /// Reads the header fields; what follows the blank line is the body, not
    /// looked at. Nothing is copied.
    ///
    /// # Errors
    ///
    /// The first header field that is not one, or a limit that is exceeded.
    pub fn parse(octets: &'a [u8], limits: &Limits) -> Result<Self, ParseError> {
        if octets.len() > limits.max_object_bytes {
            return Err(ParseError::new(ParseErrorKind::TooLong, limits.max_object_bytes));
        }
        Self::parse_at(octets, 0, limits)
    }

    pub(crate) fn parse_at(
        octets: &'a [u8],
        at: usize,
        limits: &Limits,
    ) -> Result<Self, ParseError> {
        let (headers, used) = Headers::parse_at(octets, at, limits)?;
        Ok(Self { headers, body: Cow::Borrowed(octets.get(used..).unwrap_or_default()) })
    }

    /// [`parse`](Self::parse) for an entity from a disk, whose header lines may end
    /// in LF alone. The body is as it is there.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse); positions count from the start of the header
    /// fields with CR LF.
    ///
    /// ```
    /// use xmpp_cpim::{Limits, mime::Entity};
    ///
    /// let entity = Entity::parse_lf(b"Content-Type: text/plain\n\na\nb", &Limits::default())?;
    /// assert_eq!(entity.body(), b"a\nb");
    /// assert_eq!(entity.headers().value("content-type").as_deref(), Some("text/plain"));
    /// # Ok::<(), xmpp_cpim::ParseError>(())
    /// ```
    pub fn parse_lf(octets: &'a [u8], limits: &Limits) -> Result<Self, ParseError> {
        if octets.len() > limits.max_object_bytes {
            return Err(ParseError::new(ParseErrorKind::TooLong, limits.max_object_bytes));
        }
        let Some(end) = canonical::head_end(octets) else {
            return Self::parse_at(octets, 0, limits);
        };
        match canonical_crlf(&octets[..end]) {
            Cow::Borrowed(_) => Self::parse_at(octets, 0, limits),
            Cow::Owned(head) => {
                let (headers, _) = Headers::parse_at(&head, 0, limits)?;
                Ok(Self { headers: headers.into_owned(), body: Cow::Borrowed(&octets[end..]) })
            }
        }
    }

    /// Whether the body is lines of text, whose ends may be rewritten, and not
    /// octets that have to stay as they are.
    ///
    /// The transfer encoding decides, and where there is none the type: `binary`
    /// is octets; 7bit, 8bit and the two that encode are lines (RFC 2045 §2.7 to
    /// §2.9). Without it, `text`, `message`, `multipart` and XML are lines, and
    /// anything else is octets (RFC 8551 §3.1.1).
    #[must_use]
    pub fn is_text(&self) -> bool {
        if let Some(encoding) = self.headers.value("Content-Transfer-Encoding") {
            return !encoding.eq_ignore_ascii_case("binary");
        }
        let is_lines = |type_: &str, subtype: &str| {
            let is = |name: &str| type_.eq_ignore_ascii_case(name);
            let ends = |name: &str| {
                let at = subtype.len().checked_sub(name.len());
                at.and_then(|at| subtype.get(at..)).is_some_and(|e| e.eq_ignore_ascii_case(name))
            };
            is("text") || is("message") || is("multipart") || ends("+xml") || ends("xml")
        };
        // RFC 2045 §5.2: text/plain if it does not say.
        matches!(self.headers.look_at_type(is_lines), Ok(None | Some(true)))
    }

    /// An entity of these headers and this body.
    #[must_use]
    pub fn new(headers: Headers<'a>, body: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { headers, body: body.into() }
    }

    /// `text/plain` in UTF-8, as a gateway makes it (`3922-4.1-01`). The line
    /// ends of `text` become CR LF.
    #[must_use]
    pub fn text(text: &'a str) -> Self {
        Self {
            headers: Headers::of_type("text/plain; charset=utf-8"),
            body: canonical_crlf(text.as_bytes()),
        }
    }

    /// A PIDF document (`3922-5.1-02`).
    #[must_use]
    pub fn pidf(document: impl Into<Cow<'a, [u8]>>) -> Self {
        Self {
            headers: Headers::of_type("application/pidf+xml; charset=utf-8"),
            body: document.into(),
        }
    }

    /// The header fields.
    #[must_use]
    pub fn headers(&self) -> &Headers<'a> {
        &self.headers
    }

    /// The header fields, to add to them.
    pub fn headers_mut(&mut self) -> &mut Headers<'a> {
        &mut self.headers
    }

    /// The body as it stands, its transfer encoding not undone.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body with its `Content-Transfer-Encoding` undone; borrows for 7bit,
    /// 8bit, binary and none at all.
    ///
    /// # Errors
    ///
    /// An encoding that RFC 2045 §6 does not know, or octets that are not in
    /// the one that is named.
    pub fn decoded(&self) -> Result<Cow<'_, [u8]>, TransferError> {
        transfer::decode(self.headers.value("Content-Transfer-Encoding").as_deref(), &self.body)
    }

    /// Appends the entity: the fields with their octets, a blank line, the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.headers.write(out);
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.body);
    }

    /// The octets of the entity.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// The entity on its own, nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> Entity<'static> {
        Entity { headers: self.headers.into_owned(), body: Cow::Owned(self.body.into_owned()) }
    }
}

/// The octets of an entity as it is signed (RFC 8551 §3.1.1): its header lines
/// end in CR LF, and if its body [is text](Entity::is_text), its lines too.
/// Borrows if there is nothing to do.
///
/// ```
/// use xmpp_cpim::{Limits, mime::canonical_entity};
///
/// let limits = Limits::default();
/// let text = canonical_entity(b"Content-Type: text/plain\n\na\nb", &limits)?;
/// assert_eq!(&*text, b"Content-Type: text/plain\r\n\r\na\r\nb");
/// let image = canonical_entity(b"Content-Type: image/png\n\na\nb", &limits)?;
/// assert_eq!(&*image, b"Content-Type: image/png\r\n\r\na\nb");
/// # Ok::<(), xmpp_cpim::ParseError>(())
/// ```
///
/// # Errors
///
/// Those of [`Entity::parse_lf`].
pub fn canonical_entity<'o>(
    octets: &'o [u8],
    limits: &Limits,
) -> Result<Cow<'o, [u8]>, ParseError> {
    let entity = Entity::parse_lf(octets, limits)?;
    let (head, body) = octets.split_at(octets.len() - entity.body.len());
    let body = if entity.is_text() { canonical_crlf(body) } else { Cow::Borrowed(body) };
    Ok(match (canonical_crlf(head), body) {
        (Cow::Borrowed(_), Cow::Borrowed(_)) => Cow::Borrowed(octets),
        (head, body) => Cow::Owned([head, body].concat()),
    })
}

/// Whether `tag` has the form of a language tag (RFC 3066 §2.1).
pub(crate) fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let subtag = |subtag: &str| (1..=8).contains(&subtag.len());
    subtags
        .next()
        .is_some_and(|first| subtag(first) && first.bytes().all(|b| b.is_ascii_alphabetic()))
        && subtags.all(|rest| subtag(rest) && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

pub(crate) fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(String::from(text))
}

#[cfg(test)]
mod tests;
