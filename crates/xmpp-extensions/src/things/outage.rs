//! Where to ask when a server is down: XEP-0455.

use alloc::borrow::Cow;

use crate::base::forms::form_fields;

form_fields! {
    /// Where to ask when a server is down, in what it tells of itself (XEP-0455, 2.1).
    OutageAddresses = "urn:xmpp:sos:0";
    /// The URLs of a status in JSON (XEP-0455, 2.2).
    external_status_addresses: many Cow<'a, str> = "external-status-addresses",
}
