//! Nodes and items below a node: XEP-0499.

use alloc::borrow::Cow;

use crate::base::forms::form_fields;

form_fields! {
    /// What is wanted, in a request for the items of a node by service
    /// discovery (XEP-0499, 3).
    ExtendedDiscovery = "urn:xmpp:pubsub-ext-disco:0";
    /// `items`, `nodes`, or both, which is meant if it is empty.
    wanted: many Cow<'a, str> = "type",
    /// Whether linked nodes are wanted too.
    linked_nodes: one bool = "linked_nodes",
    /// Whether all metadata of nodes is wanted, and not only where they belong.
    full_metadata: one bool = "full_metadata",
    /// How many levels below the node.
    depth: one u32 = "depth",
}
