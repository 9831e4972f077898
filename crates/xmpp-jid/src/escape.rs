//! JID Escaping (XEP-0106): text with spaces and excluded characters as a
//! localpart.

use alloc::borrow::Cow;
use alloc::string::String;

use crate::error::{Error, Part, Rule};
use crate::part::Localpart;

/// Escapes what a localpart cannot hold, so that a user name or a mail address
/// can be one.
///
/// A backslash is escaped only where it would be taken for the beginning of an
/// escape sequence; other than those of the specification there are none, and
/// they are in lowercase.
///
/// ```
/// use xmpp_jid::{escape, unescape};
///
/// assert_eq!(escape("d'artagnan")?, r"d\27artagnan");
/// assert_eq!(escape(r"c:\net")?, r"c\3a\net");
/// assert_eq!(escape(r"c:\5commas")?, r"c\3a\5c5commas");
/// assert_eq!(unescape(r"c\3a\5c5commas"), r"c:\5commas");
/// # Ok::<(), xmpp_jid::Error>(())
/// ```
///
/// # Errors
///
/// [`Rule::EscapedSpace`] for a space at the beginning or the end: an escaped
/// localpart must not begin or end with `\20`.
pub fn escape(text: &str) -> Result<Cow<'_, str>, Error> {
    if text.starts_with(' ') {
        return Err(Error::new(Part::Local, Rule::EscapedSpace, 0));
    }
    if text.ends_with(' ') {
        return Err(Error::new(Part::Local, Rule::EscapedSpace, text.len() - 1));
    }
    Ok(replace(text, |rest| {
        let c = rest.chars().next()?;
        let (_, escaped) = SEQUENCES.iter().find(|&&(plain, _)| plain == c)?;
        if c == '\\' && sequence(rest).is_none() { None } else { Some((1, *escaped)) }
    }))
}

/// Undoes [`escape`], to show a localpart to people.
///
/// What is no escape sequence stays as it is, and so does a `\20` at the
/// beginning or the end, which no escaping makes.
#[must_use]
pub fn unescape(localpart: &str) -> Cow<'_, str> {
    replace(localpart, |rest| {
        let plain = sequence(rest)?;
        let at_edge = rest.len() == localpart.len() || rest.len() == SEQUENCE_BYTES;
        if plain == " " && at_edge { None } else { Some((SEQUENCE_BYTES, plain)) }
    })
}

impl Localpart {
    /// The localpart that stands for `text`, by [`escape`].
    ///
    /// # Errors
    ///
    /// Those of [`escape`] and [`new`](Self::new); the positions of the latter
    /// are those in the escaped text.
    pub fn escaped(text: &str) -> Result<Self, Error> {
        Self::new(&escape(text)?)
    }
}

const SEQUENCE_BYTES: usize = 3;

const SEQUENCES: [(char, &str); 10] = [
    (' ', r"\20"),
    ('"', r"\22"),
    ('&', r"\26"),
    ('\'', r"\27"),
    ('/', r"\2f"),
    (':', r"\3a"),
    ('<', r"\3c"),
    ('>', r"\3e"),
    ('@', r"\40"),
    ('\\', r"\5c"),
];

/// What the escape sequence at the beginning of `text` stands for.
fn sequence(text: &str) -> Option<&'static str> {
    match text.get(..SEQUENCE_BYTES)? {
        r"\20" => Some(" "),
        r"\22" => Some("\""),
        r"\26" => Some("&"),
        r"\27" => Some("'"),
        r"\2f" => Some("/"),
        r"\3a" => Some(":"),
        r"\3c" => Some("<"),
        r"\3e" => Some(">"),
        r"\40" => Some("@"),
        r"\5c" => Some("\\"),
        _ => None,
    }
}

/// Replaces what `find` knows at the beginning of the rest: so many bytes, by
/// that.
fn replace<'a>(
    text: &'a str,
    find: impl Fn(&'a str) -> Option<(usize, &'static str)>,
) -> Cow<'a, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some((len, by)) = find(rest) {
            out.push_str(text.get(copied..at).unwrap_or_default());
            out.push_str(by);
            at += len;
            copied = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}
