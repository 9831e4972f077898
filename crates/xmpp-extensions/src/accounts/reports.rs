//! Reports of abuse: XEP-0377.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest, Word};

use crate::base::stanza_id::StanzaId;

/// The namespace of XEP-0377.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:reporting:1");

/// Reports somebody (XEP-0377, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "report", section = "XEP-0377, 4")]
#[non_exhaustive]
pub struct Report<'a> {
    /// Why.
    #[xml(attr)]
    pub reason: Reason<'a>,
    /// The messages that it is about.
    #[xml(child)]
    pub stanza_ids: Vec<StanzaId<'a>>,
    /// What the one who reports says, once a language.
    #[xml(child)]
    pub texts: Vec<ReportText<'a>>,
    /// Whether the other server may hear of it (5).
    #[xml(flag)]
    pub report_origin: bool,
    /// Whether others may hear of it who collect reports (5).
    #[xml(flag)]
    pub third_party: bool,
    /// What others add.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Why somebody is reported (XEP-0377, 4).
#[derive(Word, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason<'a> {
    /// Messages that nobody wants.
    #[word("urn:xmpp:reporting:spam")]
    Spam,
    /// Abuse.
    #[word("urn:xmpp:reporting:abuse")]
    Abuse,
    /// Something else, as a URI.
    #[word(other)]
    Other(Cow<'a, str>),
}

/// What the one who reports says (XEP-0377, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "text", section = "XEP-0377, 4")]
#[non_exhaustive]
pub struct ReportText<'a> {
    /// In which language.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// What.
    #[xml(text)]
    pub text: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
