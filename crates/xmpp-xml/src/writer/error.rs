//! What can be wrong with the output.

use core::fmt;

/// Why something cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WriteError {
    /// A name that is not a name without a colon (Namespaces in XML 1.0,
    /// section 3), or `xmlns` as an attribute.
    InvalidName,
    /// A character that XML does not allow (XML 1.0, section 2.2).
    InvalidCharacter,
    /// A namespace that nothing can be in (Namespaces in XML 1.0, section 3).
    InvalidNamespace,
    /// An attribute that does not directly follow the start of an element.
    AttributeOutOfPlace,
    /// An attribute is there twice (XML 1.0, section 3.1).
    DuplicateAttribute,
    /// Character data outside of elements.
    TextOutOfPlace,
    /// A [`Fragment`](crate::Fragment) elsewhere than in an element where what has
    /// no prefix is in the content namespace.
    FragmentOutOfPlace,
    /// An end without a start, or a start without an end.
    Unbalanced,
    /// A document without a root element, or a second one; the same of what is
    /// to be one first-level element.
    NotOneRoot,
    /// More than a gibibyte or [`Writer::at_most`](crate::Writer::at_most) allows, or an element over a
    /// limit of [`Limits::trusted`](crate::Limits::trusted).
    TooLarge,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidName => "not a name without a colon (Namespaces in XML 1.0, section 3)",
            Self::InvalidCharacter => "a character that XML does not allow (XML 1.0, section 2.2)",
            Self::InvalidNamespace => {
                "a namespace that nothing can be in (Namespaces in XML 1.0, section 3)"
            }
            Self::AttributeOutOfPlace => {
                "an attribute that does not follow the start of an element"
            }
            Self::DuplicateAttribute => "the same attribute twice (XML 1.0, section 3.1)",
            Self::TextOutOfPlace => "character data outside of elements",
            Self::FragmentOutOfPlace => {
                "the content of a stanza outside of an element of the content namespace"
            }
            Self::Unbalanced => "an end without a start, or a start without an end",
            Self::TooLarge => "more than may be written",
            Self::NotOneRoot => {
                "not one element: a document has one root (XML 1.0, section 2.1), \
                  what is sent as one is one first-level element"
            }
        })
    }
}

impl core::error::Error for WriteError {}
