//! What is done to each part, and what is asked of it.

use alloc::borrow::Cow;
use core::net::Ipv4Addr;

use crate::error::{Error, Part, Rule};
use crate::part::Host;

const MAX_PART_BYTES: usize = 1023;

pub(crate) fn localpart(text: &str) -> Result<Cow<'_, str>, Error> {
    length(Part::Local, text)?;
    for (at, c) in text.char_indices() {
        let rule = match c {
            '"' | '&' | '\'' | '/' | ':' | '<' | '>' | '@' => Rule::Excluded,
            '\u{0}'..='\u{20}' | '\u{7F}' => Rule::Disallowed,
            _ => continue,
        };
        return Err(Error::new(Part::Local, rule, at).with(c));
    }
    Ok(lowercase(text))
}

pub(crate) fn domainpart(text: &str) -> Result<Cow<'_, str>, Error> {
    let text = text.strip_suffix('.').unwrap_or(text);
    length(Part::Domain, text)?;
    Ok(lowercase(text))
}

pub(crate) fn resourcepart(text: &str) -> Result<Cow<'_, str>, Error> {
    length(Part::Resource, text)?;
    for (at, c) in text.char_indices() {
        if c < ' ' || c == '\u{7F}' {
            return Err(Error::new(Part::Resource, Rule::Disallowed, at).with(c));
        }
    }
    Ok(Cow::Borrowed(text))
}

pub(crate) fn domain_to_ascii(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

pub(crate) fn host(text: &str) -> Host<'_> {
    text.parse::<Ipv4Addr>().map_or(Host::Name(text), Host::Ipv4)
}

fn length(part: Part, text: &str) -> Result<(), Error> {
    match text.len() {
        0 => Err(Error::new(part, Rule::Empty, 0)),
        1..=MAX_PART_BYTES => Ok(()),
        _ => Err(Error::new(part, Rule::TooLong, MAX_PART_BYTES)),
    }
}

fn lowercase(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}
