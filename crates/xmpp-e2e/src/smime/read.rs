//! Taking a MIME part of S/MIME apart.

use xmpp_cpim::mime::{ContentType, Entity};

use super::{Limits, MimeError};
use crate::cms;

/// What an entity turned out to be.
#[derive(Debug)]
pub(crate) enum Layer<'a> {
    /// `multipart/signed`: the octets that are signed, and the SignedData.
    Detached { content: &'a [u8], signature: Vec<u8> },
    /// `application/pkcs7-mime` with a SignedData around its content.
    Opaque(Vec<u8>),
    /// `application/pkcs7-mime` with an EnvelopedData or AuthEnvelopedData.
    Enveloped(Vec<u8>),
    /// Something else: what was wrapped.
    Object,
}

/// Reads an entity with CR LF line ends.
pub(crate) fn read<'a>(octets: &'a [u8], limits: &Limits) -> Result<Layer<'a>, MimeError> {
    let entity = Entity::parse(octets, &limits.cpim()).map_err(MimeError::Entity)?;
    let content_type = content_type(&entity)?;
    if content_type.is("multipart", "signed") {
        let body = &octets[octets.len() - entity.body().len()..];
        return multipart(body, &content_type, limits);
    }
    if !is_pkcs7(&content_type, "mime") {
        return Ok(Layer::Object);
    }
    let der = entity.decoded().map_err(MimeError::Transfer)?.into_owned();
    let kind = cms::ContentType::of(&der).map_err(|_| MimeError::SmimeType)?;
    let named = content_type.parameter("smime-type");
    let is = |name: &str| named.is_none_or(|named| named.eq_ignore_ascii_case(name));
    match kind {
        cms::ContentType::SignedData if is("signed-data") => Ok(Layer::Opaque(der)),
        cms::ContentType::EnvelopedData if is("enveloped-data") => Ok(Layer::Enveloped(der)),
        cms::ContentType::AuthEnvelopedData if is("authEnveloped-data") => {
            Ok(Layer::Enveloped(der))
        }
        _ => Err(MimeError::SmimeType),
    }
}

fn content_type(entity: &Entity<'_>) -> Result<ContentType, MimeError> {
    entity.headers().content_type().map_err(MimeError::Entity)?.ok_or(MimeError::NoContentType)
}

/// `application/pkcs7-…`, or `application/x-pkcs7-…` as it was called before
/// RFC 2311.
fn is_pkcs7(content_type: &ContentType, what: &str) -> bool {
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
    let part = Entity::parse(part, &limits.cpim()).map_err(MimeError::Entity)?;
    if !is_pkcs7(&self::content_type(&part)?, "signature") {
        return Err(MimeError::SignaturePart);
    }
    let signature = part.decoded().map_err(MimeError::Transfer)?.into_owned();
    Ok(Layer::Detached { content, signature })
}

/// One delimiter line: `CRLF "--" boundary ["--"] transport-padding CRLF`.
#[derive(Clone, Copy)]
struct Delimiter {
    /// Where its CR LF begins: the part before it ends there.
    before: usize,
    /// Where the line after it begins.
    after: usize,
    closes: bool,
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
            let length = memchr::memmem::find(rest, b"\r\n").unwrap_or(rest.len());
            self.at += length + 2;
            let Some(end) = rest[..length]
                .strip_prefix(b"--")
                .and_then(|line| line.strip_prefix(self.boundary))
            else {
                continue;
            };
            // transport-padding (RFC 2046 section 5.1.1)
            let padding = end.iter().rev().take_while(|&&octet| matches!(octet, b' ' | b'\t'));
            let end = &end[..end.len() - padding.count()];
            let closes = end == b"--";
            if closes || end.is_empty() {
                let before = start.saturating_sub(2);
                return Some(Delimiter { before, after: self.at, closes });
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
        match read(format!("{HEAD}{body}").as_bytes(), &Limits::DEFAULT)? {
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
                Err(MimeError::Parameters | MimeError::Entity(_))
            ));
        }
    }
}
