//! Contact addresses of services: XEP-0157.

use alloc::borrow::Cow;

use super::forms::form_fields;

form_fields! {
    /// Whom to ask about a server, as URIs (XEP-0157, 3), and where it tells of
    /// itself (XEP-0485, 3): a form in its answer of service discovery.
    ContactAddresses = "http://jabber.org/network/serverinfo";
    /// Those who hear of abuse.
    abuse: many Cow<'a, str> = "abuse-addresses",
    /// Those who run it.
    admin: many Cow<'a, str> = "admin-addresses",
    /// Those who hear of what people think of it.
    feedback: many Cow<'a, str> = "feedback-addresses",
    /// Those who sell it.
    sales: many Cow<'a, str> = "sales-addresses",
    /// Those who hear of security problems.
    security: many Cow<'a, str> = "security-addresses",
    /// Where its state is told.
    status: many Cow<'a, str> = "status-addresses",
    /// Those who help.
    support: many Cow<'a, str> = "support-addresses",
    /// The node with what it tells of itself, as a URI (XEP-0485, 3).
    pubsub_node: one Cow<'a, str> = "serverinfo-pubsub-node",
}
