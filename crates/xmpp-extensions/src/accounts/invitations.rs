//! Invitations to an account: XEP-0401.

use alloc::borrow::Cow;

use xmpp_stanza::DateTime;

use crate::base::forms::form_fields;

/// The command that makes an invitation to somebody's roster (XEP-0401, 5.1).
pub const INVITE: &str = "urn:xmpp:invite#invite";
/// The command that makes an account for somebody (XEP-0401, 5.4).
pub const CREATE_ACCOUNT: &str = "urn:xmpp:invite#create-account";

form_fields! {
    /// An invitation: the result of both [commands](super::commands) (XEP-0401,
    /// 5).
    Invitation = "urn:xmpp:invite#invitation";
    /// The invitation, as a URI of the scheme `xmpp`.
    uri: one Cow<'a, str> = "uri",
    /// The invitation, as a web page.
    landing_url: one Cow<'a, str> = "landing-url",
    /// How long it can be used, as the examples of XEP-0401 have it.
    expire: one DateTime = "expire",
    /// How long it can be used, as the registry of XEP-0401 has it.
    expiry: one DateTime = "expiry",
}

impl Invitation<'_> {
    /// How long it can be used, by either name.
    #[must_use]
    pub fn expires(&self) -> Option<DateTime> {
        self.expiry.or(self.expire)
    }
}
