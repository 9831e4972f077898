//! Blogs in publish-subscribe: XEP-0277 (microblogs) and XEP-0472 (feeds).
//!
//! Posts are [entries](super::atom::Entry).

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

/// The node of one's own blog, and the namespace of XEP-0277.
pub const NODE: &str = "urn:xmpp:microblog:0";
/// What the node of the comments on a post begins with; its id follows
/// (XEP-0277, 3.1).
pub const COMMENTS_PREFIX: &str = "urn:xmpp:microblog:0:comments/";
/// The type of feeds, and the feature of XEP-0472, 3.
pub const FEED: &str = "urn:xmpp:pubsub-social-feed:1";
/// The profile of feeds of pictures (XEP-0472, 5.3).
pub const GALLERY_PROFILE: &str = "urn:xmpp:pubsub-social-feed:gallery:1";

/// The node of the comments on the post of that id (XEP-0277, 3.1).
#[must_use]
pub fn comments_node(id: &str) -> String {
    format!("{COMMENTS_PREFIX}{id}")
}

/// The id of the post whose comments are at that node.
#[must_use]
pub fn commented_post(node: &str) -> Option<Cow<'_, str>> {
    node.strip_prefix(COMMENTS_PREFIX).map(Cow::Borrowed)
}
