//! Text for people, with the language it is in.

use alloc::string::String;

/// Human-readable character data with its own `xml:lang`, if it has one.
///
/// Bodies, subjects, statuses and the texts of errors are such; several of
/// them say the same in several languages. Without a language of its own a
/// text is in that of the element around it (RFC 6120, section 8.1.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LangText {
    /// The element's own `xml:lang`, an RFC 5646 language tag; not the inherited one.
    pub lang: Option<String>,
    /// The character data.
    pub text: String,
}

impl LangText {
    /// Text in the language of the element around it.
    pub fn new(text: impl Into<String>) -> Self {
        Self { lang: None, text: text.into() }
    }

    /// Text in the language that the RFC 5646 tag `lang` names.
    pub fn in_lang(lang: impl Into<String>, text: impl Into<String>) -> Self {
        Self { lang: Some(lang.into()), text: text.into() }
    }
}

impl From<&str> for LangText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for LangText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// The text that fits `range` best by the lookup of RFC 4647, section 3.4, or
/// failing that the one in `default` (the language in scope), or the first.
///
/// The range is made shorter from its end, one subtag at a time (`de-CH-1996`,
/// `de-CH`, `de`), until a text's tag equals it; case does not matter.
pub(crate) fn lookup<'t>(
    texts: impl Iterator<Item = &'t LangText> + Clone,
    default: Option<&str>,
    range: &str,
) -> Option<&'t LangText> {
    let tagged = |wanted: &str| {
        texts.clone().find(|text| {
            text.lang.as_deref().or(default).is_some_and(|tag| tag.eq_ignore_ascii_case(wanted))
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
pub(crate) fn primary<'t>(
    mut texts: impl Iterator<Item = &'t LangText> + Clone,
    default: Option<&str>,
) -> Option<&'t LangText> {
    let in_scope = texts.clone().find(|text| match (&text.lang, default) {
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
        let pick = |default, range| lookup(texts.iter(), default, range).unwrap().text.as_str();
        assert_eq!(pick(Some("en"), "DE-ch"), "c");
        assert_eq!(pick(Some("en"), "en-GB"), "b");
        assert_eq!(pick(Some("en"), "fr"), "b");
        assert_eq!(pick(None, "fr"), "b");
        assert_eq!(lookup(texts[..1].iter(), Some("en"), "fr").unwrap().text, "a");
    }
}
