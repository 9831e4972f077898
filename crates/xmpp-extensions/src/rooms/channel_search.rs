//! Extended channel search: XEP-0433.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest, Word};

use crate::base::forms::Form;
use crate::base::result_set::ResultSet;

/// Of requests and results.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:channel-search:0:search");
/// Of what is wrong with a request.
pub const NS_ERROR: Ns<'static> = Ns::new("urn:xmpp:channel-search:0:error");
/// The form type of what is looked for (XEP-0433, 6.1).
pub const PARAMETERS: &str = "urn:xmpp:channel-search:0:search-params";
/// Orders by address (XEP-0433, 6.1), as the value of the field `key`.
pub const BY_ADDRESS: &str = "{urn:xmpp:channel-search:0:order}address";
/// Orders by the number of occupants, the most first (XEP-0433, 6.1).
pub const BY_OCCUPANTS: &str = "{urn:xmpp:channel-search:0:order}nusers";

/// Asks for the form of what can be looked for, or looks for it
/// (XEP-0433, 4.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "search", section = "XEP-0433, 4.2")]
#[non_exhaustive]
pub struct Search<'a> {
    /// Which page is wanted.
    #[xml(child)]
    pub set: Option<ResultSet<'a>>,
    /// What is looked for, as a form of the type [`PARAMETERS`].
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What was found (XEP-0433, 4.2.2.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "result", section = "XEP-0433, 4.2.2.1")]
#[non_exhaustive]
pub struct Results<'a> {
    /// The channels.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// Which page it is.
    #[xml(child)]
    pub set: Option<ResultSet<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A channel that was found (XEP-0433, 6.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "item", section = "XEP-0433, 6.2")]
#[non_exhaustive]
pub struct Item<'a> {
    /// Its address.
    #[xml(attr)]
    pub address: JidCow<'a>,
    /// Its name, for people.
    #[xml(leaf)]
    pub name: Option<Cow<'a, str>>,
    /// What it is about, for people.
    #[xml(leaf)]
    pub description: Option<Cow<'a, str>>,
    /// The language of most of what is said there.
    #[xml(leaf)]
    pub language: Option<Cow<'a, str>>,
    /// How many are there; it may be off by a little.
    #[xml(leaf)]
    pub nusers: Option<u64>,
    /// What kind of service it is on.
    #[xml(leaf)]
    pub service_type: Option<ServiceType<'a>>,
    /// Whether anybody can enter.
    #[xml(leaf)]
    pub is_open: Option<bool>,
    /// Who sees whose address.
    #[xml(leaf)]
    pub anonymity_mode: Option<AnonymityMode<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What kind of service a channel is on (XEP-0433, 6.2).
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceType<'a> {
    /// Multi-user chat (XEP-0045).
    #[word("xep-0045")]
    Muc,
    /// MIX (XEP-0369).
    #[word("xep-0369")]
    Mix,
    /// Another one.
    #[word(other)]
    Other(Cow<'a, str>),
}

/// Who sees whose address in a channel (XEP-0433, 6.2).
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnonymityMode<'a> {
    /// Everybody sees everybody's.
    #[word("{urn:xmpp:channel-search:0:anonymity}none")]
    None,
    /// As in a semi-anonymous room of XEP-0045.
    #[word("muc_semianonymous")]
    SemiAnonymous,
    /// Another one; without knowing it, take it for [`None`](Self::None).
    #[word(other)]
    Other(Cow<'a, str>),
}

/// What is wrong with a request, within a stanza error (XEP-0433, 4.2.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS_ERROR, section = "XEP-0433, 4.2.2")]
#[non_exhaustive]
pub enum Problem<'a> {
    /// The order is not supported.
    #[xml(name = "invalid-sort-key")]
    InvalidSortKey,
    /// There is nothing in the words that can be looked for.
    #[xml(name = "invalid-search-terms")]
    InvalidSearchTerms,
    /// There were too many requests.
    RateLimit(RateLimit<'a>),
    /// Not all channels are told at once.
    #[xml(name = "full-set-retrieval-rejected")]
    FullSetRetrievalRejected,
    /// Two fields cannot be together.
    ConflictingFields(ConflictingFields<'a>),
    /// There is no field that says what to look for.
    #[xml(name = "no-search-conditions")]
    NoSearchConditions,
}

/// There were too many requests (XEP-0433, 4.2.2.4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS_ERROR, name = "rate-limit", section = "XEP-0433, 4.2.2.4")]
#[non_exhaustive]
pub struct RateLimit<'a> {
    /// In how many seconds one may ask again.
    #[xml(attr)]
    pub retry_after: Option<u64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Two fields cannot be together (XEP-0433, 4.2.2.6).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS_ERROR, name = "conflicting-fields", section = "XEP-0433, 4.2.2.6")]
#[non_exhaustive]
pub struct ConflictingFields<'a> {
    /// Which fields.
    #[xml(leaf = "var")]
    pub vars: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
