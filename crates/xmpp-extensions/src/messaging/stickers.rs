//! Stickers: XEP-0449.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::{ElementRef, Ns};
use xmpp_stanza::{AnyElement, JidCow, Payload, Rest};

use crate::base::hashes::{self, Hash};

/// The namespace of these elements, and the node that packs are published at.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:stickers:0");
/// Of what is said of a file (XEP-0446).
const NS_FILE: Ns<'static> = Ns::new("urn:xmpp:file:metadata:0");

/// The file that the message shares (XEP-0447) is a sticker (XEP-0449, 4.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "sticker", section = "XEP-0449, 4.1")]
#[non_exhaustive]
pub struct Sticker<'a> {
    /// The id of the pack that it is from.
    #[xml(attr)]
    pub pack: Option<Cow<'a, str>>,
    /// Where the pack is published, if not at the sender's.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// At which node, if not that of [`NS`].
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A pack of stickers, as an item whose id is the pack's (XEP-0449, 4.3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "pack", section = "XEP-0449, 4.3.1")]
#[non_exhaustive]
pub struct Pack<'a> {
    /// Its name, in one or more languages.
    #[xml(child)]
    pub names: Vec<Name<'a>>,
    /// What is said of it, in one or more languages.
    #[xml(child)]
    pub summaries: Vec<Summary<'a>>,
    /// The stickers.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// Whether others may not import it.
    #[xml(flag)]
    pub restricted: bool,
    /// The hash of it; its id is the beginning of that.
    #[xml(child)]
    pub hash: Option<Hash<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The name of a pack (XEP-0449, 4.3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "name", section = "XEP-0449, 4.3.1")]
#[non_exhaustive]
pub struct Name<'a> {
    /// Its language.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// The name.
    #[xml(text)]
    pub text: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is said of a pack (XEP-0449, 4.3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "summary", section = "XEP-0449, 4.3.1")]
#[non_exhaustive]
pub struct Summary<'a> {
    /// Its language.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// What is said.
    #[xml(text)]
    pub text: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A sticker of a pack (XEP-0449, 4.3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "item", section = "XEP-0449, 4.3.1")]
#[non_exhaustive]
pub struct Item<'a> {
    /// The `<file/>` of XEP-0446 and the `<sources/>` of XEP-0447.
    #[xml(any)]
    pub file: Vec<AnyElement<'a>>,
    /// Texts that it can take the place of.
    #[xml(child)]
    pub suggestions: Vec<Suggestion<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A text that a sticker can take the place of (XEP-0449, 4.3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "suggest", section = "XEP-0449, 4.3.1")]
#[non_exhaustive]
pub struct Suggestion<'a> {
    /// Its language.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// The text.
    #[xml(text)]
    pub text: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The octets that stand behind the parts of what is hashed (XEP-0449, 4.3.2).
const SECTION: u8 = 0x1c;
const ITEM: u8 = 0x1d;
const PART: u8 = 0x1e;
const FIELD: u8 = 0x1f;

impl Pack<'_> {
    /// What is hashed for the id of the pack (XEP-0449, 4.3.2). The id is the
    /// first 24 characters of the hash, in base 64.
    #[must_use]
    pub fn hash_input(&self) -> Vec<u8> {
        let names = self.names.iter().map(|name| ("name", &name.lang, &name.text));
        let summaries =
            self.summaries.iter().map(|summary| ("summary", &summary.lang, &summary.text));
        let meta = names.chain(summaries).map(|(name, lang, text)| {
            ended(&[name, lang.as_deref().unwrap_or_default(), text], PART)
        });
        let mut input = sorted(meta, SECTION);
        input.extend(sorted(self.items.iter().map(Item::hash_input), SECTION));
        input
    }
}

impl Item<'_> {
    fn hash_input(&self) -> Vec<u8> {
        let file = self.file.iter().map(AnyElement::as_ref).find(|e| e.is(NS_FILE, "file"));
        let children = || file.into_iter().flat_map(ElementRef::children);
        // That without a language is what the sticker says.
        let is_text = |child: &ElementRef<'_>| {
            child.is(NS_FILE, "desc") && child.attr_ns(xmpp_stanza::xml::ns::XML, "lang").is_none()
        };
        let text = children().find(is_text).map(ElementRef::text).unwrap_or_default();
        let mut input = text.into_owned().into_bytes();
        input.push(PART);
        let hashes = children().filter(|child| child.is(hashes::NS, "hash"));
        input.extend(sorted(
            hashes.map(|hash| ended(&[&hash.attr("algo").unwrap_or_default(), &hash.text()], PART)),
            ITEM,
        ));
        input
    }
}

/// Each with an octet behind it, and another one at the end.
fn ended(fields: &[&str], end: u8) -> Vec<u8> {
    let mut joined = Vec::new();
    for field in fields {
        joined.extend_from_slice(field.as_bytes());
        joined.push(FIELD);
    }
    joined.push(end);
    joined
}

/// All of them from lesser to greater, and an octet at the end.
fn sorted(parts: impl Iterator<Item = Vec<u8>>, end: u8) -> Vec<u8> {
    let mut parts: Vec<Vec<u8>> = parts.collect();
    parts.sort_unstable();
    let mut joined = parts.concat();
    joined.push(end);
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use xmpp_stanza::xml::Element;

    /// XEP-0449, 4.3.1: its example, with a language.
    const PACK: &str = "<pack xmlns='urn:xmpp:stickers:0'><name>Marsey the Cat</name>\
        <summary xml:lang='en'>Be cute or be cynical</summary>\
        <item><file xmlns='urn:xmpp:file:metadata:0'><media-type>image/png</media-type>\
        <desc xml:lang='en'>thumbs up</desc><desc>👍</desc><size>71045</size>\
        <hash xmlns='urn:xmpp:hashes:2' algo='sha3-256'>BBBB</hash>\
        <hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>AAAA</hash></file>\
        <sources xmlns='urn:xmpp:sfs:0'/><suggest>+1</suggest></item>\
        <item><file xmlns='urn:xmpp:file:metadata:0'><desc>a</desc></file></item>\
        <hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>EpRv28DHHzFrE4zd+xaNpVb4jbu4s74XtioExNjQzZ0=</hash></pack>";

    #[test]
    fn a_pack_and_what_is_hashed_of_it() {
        let element = Element::parse(PACK).unwrap();
        let pack = Pack::parse(element.as_ref()).unwrap();
        assert!(!pack.restricted && pack.items[0].file.len() == 2);
        assert_eq!(pack.items[0].suggestions[0].text, "+1");
        let expected = "name\u{1f}\u{1f}Marsey the Cat\u{1f}\u{1e}\
            summary\u{1f}en\u{1f}Be cute or be cynical\u{1f}\u{1e}\u{1c}\
            a\u{1e}\u{1d}👍\u{1e}sha-256\u{1f}AAAA\u{1f}\u{1e}sha3-256\u{1f}BBBB\u{1f}\u{1e}\u{1d}\u{1c}";
        assert_eq!(pack.hash_input(), expected.as_bytes());
        // The order of what is in it means nothing.
        let mut turned = pack.clone();
        turned.items.reverse();
        assert_eq!(turned.hash_input(), pack.hash_input());
        assert_eq!(Pack::new().hash_input(), [0x1c, 0x1c]);
    }
}
