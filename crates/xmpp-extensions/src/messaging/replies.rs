//! Message replies: XEP-0461.

use alloc::borrow::Cow;
use alloc::string::String;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

use super::fallback::{BodyPart, Fallback};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:reply:0");

/// The message answers another one (XEP-0461, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "reply", section = "XEP-0461, 3")]
#[non_exhaustive]
pub struct Reply<'a> {
    /// Who wrote that one.
    #[xml(attr)]
    pub to: Option<JidCow<'a>>,
    /// Its id ([`reference_id`](super::stanza_id::reference_id)).
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The body of a reply for those who do not know replies: it begins with the
/// other message as a quotation. The [`Fallback`] tells the others which part
/// of it to leave out (XEP-0461, 3.1).
///
/// `author` is how readers know the author of the other message.
///
/// ```
/// use xmpp_extensions::messaging::fallback::without;
/// use xmpp_extensions::messaging::replies::with_quotation;
///
/// let (body, fallback) = with_quotation(Some("Anna"), "We should bake a cake", "Great idea!");
/// assert_eq!(body, "> Anna wrote:\n> We should bake a cake\nGreat idea!");
/// assert_eq!((fallback.body[0].start, fallback.body[0].end), (Some(0), Some(38)));
/// assert_eq!(without(&body, fallback.body_ranges()), "Great idea!");
/// ```
#[must_use]
pub fn with_quotation(
    author: Option<&str>,
    quoted: &str,
    answer: &str,
) -> (String, Fallback<'static>) {
    let mut body = String::new();
    if let Some(author) = author {
        // A name of several lines would end the quotation.
        body.push_str("> ");
        body.extend(author.chars().map(|c| if matches!(c, '\n' | '\r') { ' ' } else { c }));
        body.push_str(" wrote:\n");
    }
    for line in quoted.split('\n') {
        body.push_str("> ");
        body.push_str(line);
        body.push('\n');
    }
    let end = u32::try_from(body.chars().count()).unwrap_or(u32::MAX);
    body.push_str(answer);
    let part = BodyPart::new().with_start(0_u32).with_end(end);
    (body, Fallback::new().with_of("urn:xmpp:reply:0").with_body([part]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messaging::fallback::without;

    #[test]
    fn the_quotation_is_what_is_left_out() {
        for (author, quoted) in [
            (None, "a"),
            (Some("Ann\na"), "a\n\n> b"),
            (Some("👩‍🚀"), "e\u{301}\r\n"),
            (Some(""), ""),
        ] {
            let (body, fallback) = with_quotation(author, quoted, "answer > here\n");
            assert_eq!(without(&body, fallback.body_ranges()), "answer > here\n");
            let quotation = body.strip_suffix("answer > here\n").unwrap();
            assert!(quotation.lines().all(|line| line.starts_with("> ")), "{quotation}");
        }
    }
}
