//! What the builders of message, presence and iq have in common.

use core::fmt;

use xmpp_xml::{AttrName, Element, Limits, Ns, WriteError, WriteXml, Writer};

use crate::{Address, Invalid};

const FROM: AttrName = AttrName::new("from").expect("a name");
const TO: AttrName = AttrName::new("to").expect("a name");
const ID: AttrName = AttrName::new("id").expect("a name");
const TYPE: AttrName = AttrName::new("type").expect("a name");

/// Begins a stanza and returns the content namespace that it is in.
pub(crate) fn start(
    w: &mut Writer<'_>,
    kind: &str,
    stanza_type: Option<&str>,
    (to, from): (&Address, &Address),
    id: Option<&str>,
    lang: Option<&str>,
) -> Ns<'static> {
    let content = w.content();
    w.start(content, kind);
    let attributes = [(&FROM, from.as_str()), (&TO, to.as_str()), (&ID, id), (&TYPE, stanza_type)];
    for (name, value) in attributes {
        if let Some(value) = value {
            w.attr_named(name, value);
        }
    }
    if let Some(lang) = lang {
        w.lang(lang);
    }
    content
}

/// The stanza as an element in `jabber:client`.
pub(crate) fn element(stanza: &impl WriteXml) -> Result<Element, BuildError> {
    let mut xml = alloc::vec::Vec::new();
    let mut w = Writer::document(&mut xml);
    w.write(stanza);
    w.finish()?;
    // It is well-formed, and may be larger than what one takes from a peer.
    let element = Element::parse_within(xml, Limits::trusted());
    element.map_err(|_| BuildError::Write(WriteError::TooLarge))
}

/// Why a builder has no stanza to show.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// It cannot be written: a text has characters that XML does not allow, or a
    /// payload says that it is wrong.
    Write(WriteError),
    /// What was put into it is a child that RFC 6121 defines, and against its rules.
    Invalid(Invalid),
}

impl From<WriteError> for BuildError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl From<Invalid> for BuildError {
    fn from(error: Invalid) -> Self {
        Self::Invalid(error)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(error) => error.fmt(f),
            Self::Invalid(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Write(error) => Some(error),
            Self::Invalid(error) => Some(error),
        }
    }
}

/// The methods that the three builders have in common; `$id` makes the `id` what the
/// field holds.
macro_rules! builder {
    ($name:ident, $view:ident) => {
        impl $name {
            /// Sets the addressee.
            pub fn with_to(mut self, to: impl Into<crate::Address>) -> Self {
                self.to = to.into();
                self
            }

            /// Sets the sender.
            pub fn with_from(mut self, from: impl Into<crate::Address>) -> Self {
                self.from = from.into();
                self
            }

            /// Sets the `id`.
            pub fn with_id(mut self, id: impl Into<alloc::string::String>) -> Self {
                // An `Option`, or not.
                self.id = id.into().into();
                self
            }

            /// Sets the language: a tag of RFC 5646.
            pub fn with_lang(mut self, lang: impl Into<alloc::string::String>) -> Self {
                self.lang = Some(lang.into());
                self
            }

            /// The stanza, to be looked at: for those who make stanzas and read them
            /// again. To be sent, a builder is written as it is.
            ///
            /// # Errors
            ///
            /// What was wrong with what was put into it.
            pub fn build(&self) -> Result<$view<'static>, crate::BuildError> {
                Ok(crate::builder::element(self)?.try_into()?)
            }
        }
    };
}
pub(crate) use builder;
