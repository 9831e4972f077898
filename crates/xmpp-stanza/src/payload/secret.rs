//! Texts that are not to be shown.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use super::own::IntoOwned;
use super::shape::ValueKind;
use super::value::Value;
use crate::invalid::Rule;

/// A text that is somebody's secret, such as a password or a token.
///
/// Its `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a name for what the text is")]
pub struct Secret<'a>(pub Cow<'a, str>);

impl Secret<'_> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> Value<'a> for Secret<'a> {
    const KIND: ValueKind = ValueKind::Text;
    const VERBATIM: bool = true;

    fn read(text: Cow<'a, str>) -> Result<Self, Rule> {
        Ok(Self(text))
    }

    fn write(&self, out: &mut dyn FnMut(&str)) {
        out(&self.0);
    }
}

impl IntoOwned for Secret<'_> {
    type Owned = Secret<'static>;

    fn into_owned(self) -> Secret<'static> {
        Secret(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'a> From<&'a str> for Secret<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Secret<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Secret<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(text)
    }
}
