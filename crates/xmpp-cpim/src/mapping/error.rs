use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::message::BuildError;
use crate::mime::TransferError;
use crate::pidf::PidfError;
use crate::{ParseError, UriError};

/// Why something is not mapped.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MapError {
    /// RFC 3922 has no mapping for it. Nothing is wrong: there is nothing to
    /// send.
    NotMapped(NotMapped),
    /// The sender or the recipient is missing.
    MissingAddress(Side),
    /// More than one sender.
    RepeatedFrom,
    /// An address of a stanza that RFC 7622 does not allow.
    MalformedAddress(Side, xmpp_jid::Error),
    /// An address that is no `im:` or `pres:` URI or has no counterpart.
    Address(Side, UriError),
    /// The PIDF document is about another than the sender.
    OtherEntity,
    /// The sender requires what an XMPP client may not understand: a namespace
    /// and a name for each. Tell the sender (`3922-4.2.7-02`).
    Required(Vec<(String, String)>),
    /// The content is not of a type that maps (`3922-4.2.9-01`, `3922-5.2-01`):
    /// this one.
    ContentType(String),
    /// The `Content-Type` cannot be read.
    MalformedContentType(ParseError),
    /// The content is in a charset other than US-ASCII and UTF-8
    /// (`3922-4.2.9-02`): this one.
    Charset(String),
    /// The content is not in the charset it says.
    NotInCharset,
    /// A secured object (RFC 3923) whose header fields cannot be read.
    Secured(ParseError),
    /// A secured object (RFC 3923) that XML cannot carry unchanged.
    NotText,
    /// The transfer encoding of the content cannot be undone.
    Transfer(TransferError),
    /// A character that XML cannot have.
    IllegalCharacter(char),
    /// The content is no PIDF document.
    Pidf(PidfError),
    /// A PIDF document cannot be written.
    Write(xmpp_xml::WriteError),
    /// A stanza that it would become cannot be made.
    Stanza(xmpp_stanza::BuildError),
    /// A header cannot be made of a value.
    Build(BuildError),
    /// An object becomes more stanzas than
    /// [`Limits::max_stanzas`](crate::Limits::max_stanzas).
    TooManyStanzas,
    /// More resources than [`Limits::max_tuples`](crate::Limits::max_tuples).
    TooManyResources,
    /// A presence that is not from the user whose presence is kept.
    OtherUser,
}

/// What RFC 3922 has no mapping for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotMapped {
    /// An `<iq/>`.
    Iq,
    /// A stanza of type `error`.
    Error,
    /// A message of type `groupchat`.
    Groupchat,
    /// A message without a `<body/>`.
    NoBody,
    /// A presence that is secured (RFC 3923): no PIDF document can be made of it.
    Secured,
    /// A presence that manages a subscription, or a probe: the business of the
    /// [gateway](crate::gateway) (RFC 3922 §5.1.4).
    Subscription,
    /// A PIDF document without tuples that has notes (`3922-5.2.11-02`).
    NotesAlone,
    /// A PIDF document none of whose tuples says `open` or `closed`.
    NoBasicStatus,
}

/// Whose address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a stanza has these two")]
pub enum Side {
    /// The sender's: `from`, `From`, `entity`.
    From,
    /// The recipient's: `to`, `To`.
    To,
}

impl Side {
    const fn as_str(self) -> &'static str {
        match self {
            Self::From => "sender",
            Self::To => "recipient",
        }
    }
}

impl MapError {
    /// A short name that will not change, such as `not-mapped`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NotMapped(_) => "not-mapped",
            Self::MissingAddress(_) => "missing-address",
            Self::RepeatedFrom => "repeated-from",
            Self::MalformedAddress(..) => "jid-malformed",
            Self::Address(_, error) => error.kind.as_str(),
            Self::OtherEntity => "other-entity",
            Self::Required(_) => "required",
            Self::ContentType(_) => "content-type",
            Self::MalformedContentType(error) | Self::Secured(error) => error.kind.as_str(),
            Self::Charset(_) => "charset",
            Self::NotInCharset => "not-in-charset",
            Self::NotText => "not-text",
            Self::Transfer(_) => "transfer-encoding",
            Self::IllegalCharacter(_) => "illegal-character",
            Self::Pidf(error) => error.kind.as_str(),
            Self::Write(_) | Self::Stanza(_) => "cannot-write",
            Self::Build(error) => error.kind.as_str(),
            Self::TooManyStanzas => "too-many-stanzas",
            Self::TooManyResources => "too-many-resources",
            Self::OtherUser => "other-user",
        }
    }
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMapped(what) => write!(f, "nothing to send: {what}"),
            Self::MissingAddress(side) => {
                write!(f, "the {} is missing (RFC 3922 §4)", side.as_str())
            }
            Self::RepeatedFrom => f.write_str("more than one sender (RFC 3862 §4.1)"),
            Self::MalformedAddress(side, error) => {
                write!(f, "the {} is no address: {error}", side.as_str())
            }
            Self::Address(side, error) => write!(f, "the {}: {error}", side.as_str()),
            Self::OtherEntity => {
                f.write_str("the presence is not the sender's own (RFC 3922 §5.2.1)")
            }
            Self::Required(names) => {
                f.write_str("the sender requires (RFC 3922 §4.2.7):")?;
                names.iter().try_for_each(|(uri, name)| write!(f, " {name} of <{uri}>"))
            }
            Self::ContentType(found) => {
                write!(f, "content of type {found} has no mapping (RFC 3922 §4.2.9)")
            }
            Self::MalformedContentType(error) | Self::Secured(error) => error.fmt(f),
            Self::Charset(found) => {
                write!(f, "the charset {found} is neither US-ASCII nor UTF-8 (RFC 3922 §4.2.9)")
            }
            Self::NotInCharset => {
                f.write_str("the content is not in the charset it names (RFC 3922 §4.2.9)")
            }
            Self::NotText => super::NotText.fmt(f),
            Self::Transfer(error) => error.fmt(f),
            Self::IllegalCharacter(character) => {
                write!(f, "XML cannot have {character:?} (XML 1.0 §2.2)")
            }
            Self::Pidf(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
            Self::Stanza(error) => error.fmt(f),
            Self::Build(error) => error.fmt(f),
            Self::TooManyStanzas => f.write_str("the object becomes more stanzas than the limit"),
            Self::TooManyResources => f.write_str("the user has more resources than the limit"),
            Self::OtherUser => f.write_str("the presence is another user's"),
        }
    }
}

impl core::error::Error for MapError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::MalformedAddress(_, error) => Some(error),
            Self::Address(_, error) => Some(error),
            Self::MalformedContentType(error) | Self::Secured(error) => Some(error),
            Self::Transfer(error) => Some(error),
            Self::Pidf(error) => Some(error),
            Self::Write(error) => Some(error),
            Self::Stanza(error) => Some(error),
            Self::Build(error) => Some(error),
            _ => None,
        }
    }
}

impl NotMapped {
    /// A short name that will not change, such as `no-body`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Iq => "iq",
            Self::Error => "error",
            Self::Groupchat => "groupchat",
            Self::NoBody => "no-body",
            Self::Secured => "secured",
            Self::Subscription => "subscription",
            Self::NotesAlone => "notes-alone",
            Self::NoBasicStatus => "no-basic-status",
        }
    }
}

impl fmt::Display for NotMapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iq => "an <iq/> is no instant message and no presence",
            Self::Error => "an error is answered to where it came from",
            Self::Groupchat => "CPIM has no chat of many",
            Self::NoBody => "the message has no body",
            Self::Secured => "the presence is signed or encrypted (RFC 3923 §8)",
            Self::Subscription => "the presence manages a subscription (RFC 3922 §6)",
            Self::NotesAlone => "the document has notes and no tuples (RFC 3922 §5.2.11)",
            Self::NoBasicStatus => "no tuple of the document says open or closed",
        })
    }
}

impl From<NotMapped> for MapError {
    fn from(what: NotMapped) -> Self {
        Self::NotMapped(what)
    }
}

impl From<super::NotText> for MapError {
    fn from(_: super::NotText) -> Self {
        Self::NotText
    }
}

impl From<BuildError> for MapError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}
