//! Unique and stable stanza IDs: XEP-0359.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{JidCow, Payload, Rest};

/// The id that an archive or a room gave to a message (XEP-0359, 3).
///
/// It counts only if `by` is somebody who says that he strips forged ones.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::STANZA_ID, name = "stanza-id", section = "XEP-0359, 3")]
#[non_exhaustive]
pub struct StanzaId<'a> {
    /// The id.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// Who gave it.
    #[xml(attr)]
    pub by: JidCow<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
