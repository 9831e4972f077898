//! A look at the start tag of what has just been written.

use alloc::borrow::Cow;
use alloc::string::String;

/// The root's start tag of an element as a [`Writer`](xmpp_xml::Writer) wrote it:
/// well-formed, so that finding an attribute needs no more than finding quotes.
#[derive(Clone, Copy)]
pub(crate) struct SentTag<'a> {
    name: &'a [u8],
    attrs: &'a [u8],
}

impl<'a> SentTag<'a> {
    pub(crate) fn of(element: &'a [u8]) -> Self {
        let tag = element.strip_prefix(b"<").unwrap_or_default();
        let end = tag.iter().position(|b| b" \t\r\n/>".contains(b)).unwrap_or(tag.len());
        let (name, attrs) = tag.split_at(end);
        Self { name, attrs }
    }

    /// Whether it is a message, presence or iq of the content namespace: one that
    /// declares no other default namespace.
    pub(crate) fn is_stanza(self, content: &str) -> bool {
        matches!(self.name, b"message" | b"presence" | b"iq")
            && self.attr(b"xmlns").is_none_or(|ns| ns == content.as_bytes())
    }

    /// Whether it is an iq that answers.
    pub(crate) fn is_iq_response(self) -> bool {
        self.name == b"iq" && matches!(self.attr(b"type"), Some(b"result" | b"error"))
    }

    /// Whether the attribute has that value, references resolved.
    pub(crate) fn has_value(self, name: &[u8], value: &str) -> bool {
        self.value(name).is_some_and(|written| written == value)
    }

    /// The value of an attribute, references resolved.
    pub(crate) fn value(self, name: &[u8]) -> Option<Cow<'a, str>> {
        let written = core::str::from_utf8(self.attr(name)?).ok()?;
        Some(if written.contains('&') { Cow::Owned(resolved(written)) } else { written.into() })
    }

    /// The value of an attribute as written: references are not resolved. Enough
    /// for addresses, which have none when they are canonical but `&` and `'`.
    pub(crate) fn attr(self, name: &[u8]) -> Option<&'a [u8]> {
        let mut rest = self.attrs;
        loop {
            let begin = rest.iter().position(|b| !b" \t\r\n".contains(b))?;
            rest = &rest[begin..];
            if matches!(rest.first(), Some(b'>' | b'/')) {
                return None;
            }
            let equals = rest.iter().position(|&b| b == b'=')?;
            let found = rest[..equals].trim_ascii_end() == name;
            rest = rest[equals + 1..].trim_ascii_start();
            let (&quote, value) = rest.split_first()?;
            let end = value.iter().position(|&b| b == quote)?;
            if found {
                return Some(&value[..end]);
            }
            rest = &value[end + 1..];
        }
    }
}

/// What a well-formed value stands for.
fn resolved(written: &str) -> String {
    let mut value = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((before, behind)) = rest.split_once('&') {
        value.push_str(before);
        let (name, behind) = behind.split_once(';').unwrap_or((behind, ""));
        let number = |digits, radix| u32::from_str_radix(digits, radix).ok();
        let character = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => name
                .strip_prefix("#x")
                .map_or_else(
                    || name.strip_prefix('#').and_then(|digits| number(digits, 10)),
                    |digits| number(digits, 16),
                )
                .and_then(char::from_u32),
        };
        value.extend(character);
        rest = behind;
    }
    value.push_str(rest);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_between_either_quote() {
        let tag =
            SentTag::of(b"<message to='a' x:from='n' from=\"b'c\" id = '>'><body from='no'/>");
        assert!(tag.is_stanza("jabber:client"));
        assert_eq!(tag.attr(b"to"), Some(&b"a"[..]));
        assert_eq!(tag.attr(b"from"), Some(&b"b'c"[..]));
        assert_eq!(tag.attr(b"id"), Some(&b">"[..]));
        assert_eq!(tag.attr(b"type"), None);
        assert_eq!(SentTag::of(b"<iq/>").attr(b"to"), None);
    }

    #[test]
    fn references_are_resolved() {
        // XML 1.0 sections 4.1 and 4.6: characters by number, and the five by name.
        let tag = SentTag::of(
            b"<iq id='&lt;&amp;&gt;&quot;&apos;' to='a&#38;b&#x26;c&#xA0;&amp;lt;' from='a'/>",
        );
        assert_eq!(tag.value(b"id").as_deref(), Some("<&>\"'"));
        assert_eq!(tag.value(b"to").as_deref(), Some("a&b&c\u{A0}&lt;"));
        assert_eq!(tag.value(b"from").as_deref(), Some("a"));
        assert!(tag.has_value(b"id", "<&>\"'") && !tag.has_value(b"id", "<&>'"));
        assert_eq!(tag.value(b"type"), None);
    }

    #[test]
    fn only_the_content_namespace_has_stanzas() {
        assert!(SentTag::of(b"<iq xmlns='jabber:client'/>").is_stanza("jabber:client"));
        assert!(!SentTag::of(b"<iq xmlns='jabber:server'/>").is_stanza("jabber:client"));
        assert!(!SentTag::of(b"<r xmlns='urn:xmpp:sm:3'/>").is_stanza("jabber:client"));
        assert!(!SentTag::of(b"<c:iq xmlns:c='jabber:client'/>").is_stanza("jabber:client"));
        assert!(!SentTag::of(b"").is_stanza("jabber:client"));
    }
}
