//! Roster sets and the rules they must keep: RFC 6121 §2.1.5, §2.3.3.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use xmpp_jid::{Jid, Resourcepart};
use xmpp_stanza::{ErrorType, StanzaCondition};
use xmpp_xml::{ElementRef, ns};

use super::Limits;

/// What a client asks with a roster set, once it has been checked (RFC 6121 §2.1.5).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6121 §2.3 to §2.5 have these two")]
pub enum RosterSet {
    /// Add or update the item, exactly so (RFC 6121 §2.4.1).
    Update {
        /// The item's address.
        jid: Jid,
        /// Its handle, empty for none.
        name: String,
        /// Its groups.
        groups: Vec<String>,
    },
    /// Remove the item.
    Remove {
        /// The item's address.
        jid: Jid,
    },
}

impl RosterSet {
    /// Reads the `<query/>` of a roster set. Values of 'subscription' other than "remove"
    /// and the attributes 'ask' and 'approved' are ignored, as RFC 6121 §2.1.2 demands.
    ///
    /// Whether the sender may change the roster is the caller's to know.
    ///
    /// # Errors
    ///
    /// The first rule that the set breaks.
    pub fn parse(query: ElementRef<'_>, limits: &Limits) -> Result<Self, SetError> {
        let mut children = query.children().filter(|c| c.is(ns::ROSTER, "item"));
        let (Some(item), None) = (children.next(), children.next()) else {
            return Err(SetError::NotOneItem);
        };
        let jid = item.attr("jid").ok_or(SetError::NoJid)?;
        let jid = Jid::new(&jid).map_err(SetError::JidMalformed)?;
        if item.attr("subscription").is_some_and(|s| s == "remove") {
            return Ok(Self::Remove { jid });
        }
        let name = item.attr("name").unwrap_or_default().into_owned();
        if name.len() > limits.max_name_bytes {
            return Err(SetError::NameTooLong { max: limits.max_name_bytes });
        }
        let mut groups = Vec::new();
        let mut seen = BTreeSet::new();
        for group in item.children().filter(|c| c.is(ns::ROSTER, "group")) {
            let group = group.text();
            if group.is_empty() {
                return Err(SetError::EmptyGroup);
            }
            if group.len() > limits.max_group_bytes {
                return Err(SetError::GroupTooLong { max: limits.max_group_bytes });
            }
            if groups.len() >= limits.max_groups {
                return Err(SetError::TooManyGroups { max: limits.max_groups });
            }
            // RFC 6121 §2.3.3: "one possible comparison method is that described for XMPP
            // resourceparts". What is no resourcepart compares by its characters.
            let key =
                Resourcepart::new(&group).map_or_else(|_| group.as_ref().into(), String::from);
            if !seen.insert(key) {
                return Err(SetError::DuplicateGroup);
            }
            groups.push(group.into_owned());
        }
        Ok(Self::Update { jid, name, groups })
    }

    /// The address of the item.
    #[must_use]
    pub const fn jid(&self) -> &Jid {
        match self {
            Self::Update { jid, .. } | Self::Remove { jid } => jid,
        }
    }
}

/// Why a roster set is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetError {
    /// The query has no item, or more than one (RFC 6121 §2.1.5).
    NotOneItem,
    /// The item has no 'jid' attribute (RFC 6121 §2.1.2.3).
    NoJid,
    /// The 'jid' attribute is no address.
    JidMalformed(xmpp_jid::Error),
    /// A group is there twice.
    DuplicateGroup,
    /// A group without characters.
    EmptyGroup,
    /// The 'name' attribute is longer than the server allows.
    NameTooLong {
        /// Bytes allowed.
        max: usize,
    },
    /// A group's name is longer than the server allows.
    GroupTooLong {
        /// Bytes allowed.
        max: usize,
    },
    /// More groups than the server allows.
    TooManyGroups {
        /// Groups allowed.
        max: usize,
    },
    /// The roster has as many items as it may.
    RosterFull,
    /// The item to be removed is not there (RFC 6121 §2.5.3).
    NotInRoster,
    /// A removal was given where an update was wanted: an error of the calling code.
    NotAnUpdate,
}

impl SetError {
    /// The condition of the stanza error that answers the roster set (RFC 6121 §2.3.3,
    /// §2.5.3).
    #[must_use]
    pub const fn condition(&self) -> StanzaCondition {
        match self {
            Self::NotOneItem | Self::NoJid | Self::DuplicateGroup => StanzaCondition::BadRequest,
            Self::JidMalformed(_) => StanzaCondition::JidMalformed,
            Self::EmptyGroup
            | Self::NameTooLong { .. }
            | Self::GroupTooLong { .. }
            | Self::TooManyGroups { .. } => StanzaCondition::NotAcceptable,
            Self::RosterFull => StanzaCondition::ResourceConstraint,
            Self::NotInRoster => StanzaCondition::ItemNotFound,
            Self::NotAnUpdate => StanzaCondition::InternalServerError,
        }
    }

    /// The error type: that of RFC 6121's examples.
    #[must_use]
    pub const fn error_type(&self) -> ErrorType {
        match self {
            Self::NotInRoster => ErrorType::Modify,
            other => other.condition().default_type(),
        }
    }
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOneItem => f.write_str("a roster set has exactly one item"),
            Self::NoJid => f.write_str("the roster item has no 'jid' attribute"),
            Self::JidMalformed(error) => write!(f, "the roster item's 'jid': {error}"),
            Self::DuplicateGroup => f.write_str("the roster item names a group twice"),
            Self::EmptyGroup => f.write_str("a group without a name; to leave all groups, omit it"),
            Self::NameTooLong { max } => write!(f, "the item's name is longer than {max} bytes"),
            Self::GroupTooLong { max } => write!(f, "a group's name is longer than {max} bytes"),
            Self::TooManyGroups { max } => write!(f, "the item has more than {max} groups"),
            Self::RosterFull => f.write_str("the roster is full"),
            Self::NotInRoster => f.write_str("there is no such item in the roster"),
            Self::NotAnUpdate => f.write_str("a removal where an update was wanted"),
        }
    }
}

impl core::error::Error for SetError {}
