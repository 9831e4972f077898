//! Taking a MIME part of S/MIME apart.

use std::borrow::Cow;

use xmpp_cpim::mime::{ContentType, Entity, canonical_crlf, canonical_entity};

use super::{Limits, MimeError};
use crate::cms;

/// What an entity turned out to be.
#[derive(Debug)]
pub(crate) enum Layer<'a> {
    /// `multipart/signed`: the octets that are signed, and the SignedData.
    Detached { content: Cow<'a, [u8]>, signature: Vec<u8> },
    /// `application/pkcs7-mime` with a SignedData around its content.
    Opaque(Cow<'a, [u8]>),
    /// `application/pkcs7-mime` with an EnvelopedData or AuthEnvelopedData.
    Enveloped(Cow<'a, [u8]>),
    /// Something else: what was wrapped, in canonical form.
    Object(Cow<'a, [u8]>),
}

/// What could not be read, and why: RFC 3923 section 7 tells signatures from
/// the rest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    Signature(MimeError),
    Other(MimeError),
}

/// Reads an entity whose lines may end in LF, as files on a disk have it.
pub(crate) fn read<'a>(octets: &'a [u8], limits: &Limits) -> Result<Layer<'a>, Unread> {
    let other = Unread::Other;
    let entity = Entity::parse_lf(octets, &limits.cpim())
        .map_err(|error| other(MimeError::Entity(error)))?;
    let content_type = content_type(&entity).map_err(other)?;
    let body = &octets[octets.len() - entity.body().len()..];
    if content_type.is("multipart", "signed") {
        return multipart(body, &content_type, limits).map_err(Unread::Signature);
    }
    if !is_pkcs7(&entity, &content_type, "mime", ".p7m") {
        return canonical_entity(octets, &limits.cpim())
            .map(Layer::Object)
            .map_err(|error| other(MimeError::Entity(error)));
    }
    let named = content_type.parameter("smime-type");
    let is = |name: &str| named.is_some_and(|named| named.eq_ignore_ascii_case(name));
    let unread = if is("signed-data") { Unread::Signature } else { other };
    let ber = decoded(&entity, body).map_err(unread)?;
    let kind = cms::ContentType::of(&ber).map_err(|error| unread(MimeError::Cms(error)))?;
    let expected = match kind {
        cms::ContentType::SignedData => "signed-data",
        cms::ContentType::EnvelopedData => "enveloped-data",
        cms::ContentType::AuthEnvelopedData => "authEnveloped-data",
        cms::ContentType::Other => return Err(unread(MimeError::ContentInfo)),
    };
    if named.is_some() && !is(expected) {
        return Err(unread(MimeError::SmimeType));
    }
    Ok(match kind {
        cms::ContentType::SignedData => Layer::Opaque(ber),
        _ => Layer::Enveloped(ber),
    })
}

/// The body without its transfer encoding.
fn decoded<'a>(entity: &Entity<'_>, body: &'a [u8]) -> Result<Cow<'a, [u8]>, MimeError> {
    match entity.decoded().map_err(MimeError::Transfer)? {
        Cow::Borrowed(_) => Ok(Cow::Borrowed(body)),
        Cow::Owned(decoded) => Ok(Cow::Owned(decoded)),
    }
}

fn content_type(entity: &Entity<'_>) -> Result<ContentType, MimeError> {
    entity.headers().content_type().map_err(MimeError::Entity)?.ok_or(MimeError::NoContentType)
}

/// `application/pkcs7-…`, or `application/x-pkcs7-…` as it was called before
/// RFC 2311; or `application/octet-stream` with a name of that ending, which
/// RFC 8551 section 3.10 has receivers take for it.
fn is_pkcs7(entity: &Entity<'_>, content_type: &ContentType, what: &str, ending: &str) -> bool {
    let has_ending = |name: &str| name.to_ascii_lowercase().ends_with(ending);
    if content_type.is("application", "octet-stream") {
        // Content-Disposition has the grammar of a Content-Type but for the type.
        let disposition = entity
            .headers()
            .value("Content-Disposition")
            .and_then(|value| ContentType::parse(&format!("x/{value}")).ok());
        let file = disposition.as_ref().and_then(|value| value.parameter("filename"));
        return content_type.parameter("name").or(file).is_some_and(has_ending);
    }
    let subtype = content_type.subtype();
    let subtype = subtype.strip_prefix("x-").unwrap_or(subtype);
    content_type.type_() == "application"
        && subtype.strip_prefix("pkcs7-").is_some_and(|found| found == what)
}

/// RFC 1847 section 2.1. What stands before the first delimiter and after the
/// last is nobody's, and dropped.
fn multipart<'a>(
    body: &'a [u8],
    content_type: &ContentType,
    limits: &Limits,
) -> Result<Layer<'a>, MimeError> {
    let boundary = content_type
        .parameter("boundary")
        .filter(|boundary| (1..=70).contains(&boundary.len()) && !boundary.ends_with(' '))
        .ok_or(MimeError::Parameters)?;
    let protocol = content_type.parameter("protocol").ok_or(MimeError::Parameters)?;
    if !["application/pkcs7-signature", "application/x-pkcs7-signature"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(protocol))
    {
        return Err(MimeError::Parameters);
    }
    let mut delimiters = Delimiters { body, boundary: boundary.as_bytes(), at: 0 };
    let (first, second, last) = match (delimiters.next(), delimiters.next(), delimiters.next()) {
        (Some(first), Some(second), Some(last))
            if !first.closes && !second.closes && last.closes =>
        {
            (first, second, last)
        }
        _ => return Err(MimeError::Parts),
    };
    // Two delimiters in a row leave nothing between them.
    let content = body.get(first.after..second.before).ok_or(MimeError::Parts)?;
    let part = body.get(second.after..last.before).ok_or(MimeError::Parts)?;
    let content = signed_part(content, second, limits);
    let part = Entity::parse_lf(part, &limits.cpim()).map_err(MimeError::Entity)?;
    if !is_pkcs7(&part, &self::content_type(&part)?, "signature", ".p7s") {
        return Err(MimeError::SignaturePart);
    }
    let signature = part.decoded().map_err(MimeError::Transfer)?.into_owned();
    Ok(Layer::Detached { content, signature })
}

/// The part that is signed, in canonical form. Text may have lost its CR LF on
/// the way, to a disk or to XML, and may mix both; octets are as they came.
fn signed_part<'a>(content: &'a [u8], next: Delimiter, limits: &Limits) -> Cow<'a, [u8]> {
    let entity = Entity::parse_lf(content, &limits.cpim());
    // The CR before the LF that belongs to the delimiter.
    let cut = |content: &'a [u8]| content.strip_suffix(b"\r").unwrap_or(content);
    match entity {
        Ok(entity) if !entity.is_text() => {
            let content = if next.crlf { cut(content) } else { content };
            canonical_entity(content, &limits.cpim()).unwrap_or(Cow::Borrowed(content))
        }
        _ => canonical_crlf(cut(content)),
    }
}

/// One delimiter line: `CRLF "--" boundary ["--"] transport-padding CRLF`, where
/// CRLF may be LF alone.
#[derive(Clone, Copy)]
struct Delimiter {
    /// Where the LF before it is: the part before it ends there, or at the CR
    /// before that.
    before: usize,
    /// Where the line after it begins.
    after: usize,
    closes: bool,
    /// The line ends in CR LF.
    crlf: bool,
}

struct Delimiters<'a> {
    body: &'a [u8],
    boundary: &'a [u8],
    at: usize,
}

impl Iterator for Delimiters<'_> {
    type Item = Delimiter;

    fn next(&mut self) -> Option<Delimiter> {
        while let Some(rest) = self.body.get(self.at..).filter(|rest| !rest.is_empty()) {
            let start = self.at;
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            self.at += length + 1;
            let Some(end) = rest[..length]
                .strip_prefix(b"--")
                .and_then(|line| line.strip_prefix(self.boundary))
            else {
                continue;
            };
            let crlf = end.ends_with(b"\r");
            let end = end.strip_suffix(b"\r").unwrap_or(end);
            // transport-padding (RFC 2046 section 5.1.1)
            let padding = end.iter().rev().take_while(|&&octet| matches!(octet, b' ' | b'\t'));
            let end = &end[..end.len() - padding.count()];
            let closes = end == b"--";
            if closes || end.is_empty() {
                let before = start.saturating_sub(1);
                return Some(Delimiter { before, after: self.at, closes, crlf });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Content-Type: multipart/signed; boundary=next; micalg=sha1; \
                        protocol=application/pkcs7-signature\r\n\r\n";
    const PART: &str = "Content-Type: application/pkcs7-signature\r\n\
                        Content-Transfer-Encoding: base64\r\n\r\nAQID\r\n";

    fn parts(body: &str) -> Result<(String, Vec<u8>), MimeError> {
        let octets = format!("{HEAD}{body}");
        let layer = read(octets.as_bytes(), &Limits::DEFAULT).map_err(|unread| match unread {
            Unread::Signature(error) => error,
            Unread::Other(error) => panic!("{error}"),
        })?;
        match layer {
            Layer::Detached { content, signature } => {
                Ok((String::from_utf8(content.to_vec()).unwrap(), signature))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_part_is_taken_to_the_octet() {
        let body =
            format!("before\r\n--next \r\na\r\n--nex\r\n\r\n\r\n--next\r\n{PART}\r\n--next--");
        assert_eq!(parts(&body), Ok(("a\r\n--nex\r\n\r\n".into(), vec![1, 2, 3])));
        let body = format!("--next\r\nx\r\n--next\r\n{PART}--next--\r\nafter");
        assert_eq!(parts(&body), Ok(("x".into(), vec![1, 2, 3])));
        let body = format!("--next\r\n\r\n--next\r\n{PART}--next--\r\n");
        assert_eq!(parts(&body), Ok((String::new(), vec![1, 2, 3])));
    }

    #[test]
    fn other_numbers_of_parts_are_refused() {
        for body in [
            String::new(),
            "--next\r\nx\r\n--next--".into(),
            format!("--next\r\nx\r\n--next\r\n{PART}"),
            format!("--next\r\nx\r\n--next\r\n{PART}\r\n--next\r\n{PART}\r\n--next--"),
            format!("--next\r\n--next\r\n{PART}\r\n--next--"),
            "--next--\r\nx\r\n--next\r\n--next--".into(),
        ] {
            assert_eq!(parts(&body), Err(MimeError::Parts), "{body:?}");
        }
        assert_eq!(
            parts("--next\r\nx\r\n--next\r\nContent-Type: text/plain\r\n\r\n\r\n--next--"),
            Err(MimeError::SignaturePart)
        );
    }

    /// Octets that are no text stay as they are; text becomes canonical, whether
    /// the line ends around are CR LF, LF, or both.
    #[test]
    fn only_text_is_made_canonical() {
        let content = |octets: &[u8]| match read(octets, &Limits::DEFAULT) {
            Ok(Layer::Detached { content, .. }) => content.into_owned(),
            other => panic!("{other:?}"),
        };
        let octets = b"\x00\x01\x0a\xff\x0d";
        for fields in [
            "Content-Type: application/octet-stream",
            "Content-Type: image/png",
            "Content-Type: text/plain\r\nContent-Transfer-Encoding: binary",
        ] {
            let part = [fields.as_bytes(), b"\r\n\r\n", octets].concat();
            let crlf = [
                HEAD.as_bytes(),
                b"--next\r\n",
                &part,
                b"\r\n--next\r\n",
                PART.as_bytes(),
                b"--next--",
            ]
            .concat();
            assert_eq!(content(&crlf), part);
            let (head, tail) = (HEAD.replace("\r\n", "\n"), PART.replace("\r\n", "\n"));
            let lf_part = [fields.replace("\r\n", "\n").as_bytes(), b"\n\n", octets].concat();
            let lf = [
                head.as_bytes(),
                b"--next\n",
                &lf_part,
                b"\n--next\n",
                tail.as_bytes(),
                b"--next--",
            ]
            .concat();
            assert_eq!(content(&lf), part);
        }
        let text = "Content-Type: text/plain\r\n\r\na\r\nb\r\n";
        let whole = format!("{HEAD}--next\r\n{text}\r\n--next\r\n{PART}--next--");
        let lf = whole.replace("\r\n", "\n");
        let mixed = lf.replace("a\nb\n", "a\r\nb\r\n");
        for form in [whole, lf, mixed] {
            assert_eq!(content(form.as_bytes()), text.as_bytes(), "{form:?}");
        }
    }

    #[test]
    fn a_boundary_and_the_protocol_are_needed() {
        for parameters in [
            "protocol=\"application/pkcs7-signature\"",
            "boundary=x",
            "boundary=x; protocol=\"application/pgp-signature\"",
            "boundary=\"\"; protocol=\"application/pkcs7-signature\"",
        ] {
            let text = format!("Content-Type: multipart/signed; {parameters}\r\n\r\n");
            assert!(matches!(
                read(text.as_bytes(), &Limits::DEFAULT),
                Err(Unread::Signature(MimeError::Parameters) | Unread::Other(MimeError::Entity(_)))
            ));
        }
    }
}
