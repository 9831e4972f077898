//! Text for people, with the language it is in.

use alloc::borrow::Cow;
use alloc::string::String;

use xmpp_xml::ElementRef;

use crate::{IntoOwned, envelope};

/// Human-readable character data with its own `xml:lang`, if it has one.
///
/// Bodies, subjects, statuses and the texts of errors are such; several of
/// them say the same in several languages. Without a language of its own a
/// text is in that of the element around it (RFC 6120, section 8.1.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LangText<'a> {
    /// The element's own `xml:lang`, an RFC 5646 language tag; not the inherited one.
    pub lang: Option<Cow<'a, str>>,
    /// The character data.
    pub text: Cow<'a, str>,
}

impl<'a> LangText<'a> {
    /// Text in the language of the element around it.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self { lang: None, text: text.into() }
    }

    /// Text in the language that the RFC 5646 tag `lang` names.
    pub fn in_lang(lang: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) -> Self {
        Self { lang: Some(lang.into()), text: text.into() }
    }

    /// The text of an element.
    pub(crate) fn of(element: ElementRef<'a>) -> Self {
        Self { lang: envelope::own_lang(element), text: element.text() }
    }

    /// A copy that lives on its own.
    #[must_use]
    pub fn into_owned(self) -> LangText<'static> {
        LangText {
            lang: self.lang.map(|lang| Cow::Owned(lang.into_owned())),
            text: Cow::Owned(self.text.into_owned()),
        }
    }
}

impl IntoOwned for LangText<'_> {
    type Owned = LangText<'static>;

    fn into_owned(self) -> LangText<'static> {
        self.into_owned()
    }
}

impl<'a> From<&'a str> for LangText<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text)
    }
}

impl<'a> From<&'a String> for LangText<'a> {
    fn from(text: &'a String) -> Self {
        Self::new(text)
    }
}

impl From<String> for LangText<'_> {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<'a> From<Cow<'a, str>> for LangText<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::new(text)
    }
}

/// Something that is in a language.
pub(crate) trait Tagged {
    /// Its own language.
    fn tag(&self) -> Option<Cow<'_, str>>;
}

impl Tagged for &LangText<'_> {
    fn tag(&self) -> Option<Cow<'_, str>> {
        self.lang.as_deref().map(Cow::Borrowed)
    }
}

impl Tagged for ElementRef<'_> {
    fn tag(&self) -> Option<Cow<'_, str>> {
        envelope::own_lang(*self)
    }
}

/// The text that fits `range` best by the lookup of RFC 4647, section 3.4, or
/// failing that the one in `default` (the language in scope), or the first.
///
/// The range is made shorter from its end, one subtag at a time (`de-CH-1996`,
/// `de-CH`, `de`), until a text's tag equals it; case does not matter.
pub(crate) fn lookup<T: Tagged>(
    texts: impl Iterator<Item = T> + Clone,
    default: Option<&str>,
    range: &str,
) -> Option<T> {
    let tagged = |wanted: &str| {
        texts.clone().find(|text| {
            text.tag().as_deref().or(default).is_some_and(|tag| tag.eq_ignore_ascii_case(wanted))
        })
    };
    let mut range = range;
    while !range.is_empty() && range != "*" {
        if let Some(found) = tagged(range) {
            return Some(found);
        }
        range = shorter(range);
    }
    primary(texts, default)
}

/// The text in the language in scope, else the first.
pub(crate) fn primary<T: Tagged>(
    mut texts: impl Iterator<Item = T> + Clone,
    default: Option<&str>,
) -> Option<T> {
    let in_scope = texts.clone().find(|text| match (text.tag(), default) {
        (None, _) => true,
        (Some(tag), Some(default)) => tag.eq_ignore_ascii_case(default),
        (Some(_), None) => false,
    });
    in_scope.or_else(|| texts.next())
}

/// The range without its last subtag; a single letter or digit goes with it.
fn shorter(range: &str) -> &str {
    let cut = |range: &str| range.rfind('-').unwrap_or(0);
    let mut at = cut(range);
    if let Some(rest) = range.get(..at)
        && rest.len() - rest.rfind('-').map_or(0, |dash| dash + 1) == 1
    {
        at = cut(rest);
    }
    range.get(..at).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_shorten_as_in_rfc_4647() {
        // The example of RFC 4647, section 3.4.
        let mut range = "zh-Hant-CN-x-private1-private2";
        let mut seen = alloc::vec::Vec::new();
        while !range.is_empty() {
            seen.push(range);
            range = shorter(range);
        }
        assert_eq!(
            seen,
            [
                "zh-Hant-CN-x-private1-private2",
                "zh-Hant-CN-x-private1",
                "zh-Hant-CN",
                "zh-Hant",
                "zh"
            ]
        );
    }

    #[test]
    fn lookup_prefers_the_range_then_the_scope_then_the_first() {
        let texts =
            [LangText::in_lang("cs", "a"), LangText::new("b"), LangText::in_lang("de", "c")];
        let pick = |default, range| &*lookup(texts.iter(), default, range).unwrap().text;
        assert_eq!(pick(Some("en"), "DE-ch"), "c");
        assert_eq!(pick(Some("en"), "en-GB"), "b");
        assert_eq!(pick(Some("en"), "fr"), "b");
        assert_eq!(pick(None, "fr"), "b");
        assert_eq!(lookup(texts[..1].iter(), Some("en"), "fr").unwrap().text, "a");
    }
}
