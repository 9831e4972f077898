//! Forms as items: XEP-0346. Templates and submissions are
//! [forms](crate::base::forms::Form).

use alloc::format;
use alloc::string::String;

/// The namespace of XEP-0346, and the type of the identity of category
/// `pubsub` that a service has (XEP-0346, 3).
pub const NS: &str = "urn:xmpp:fdp:0";

/// The node of the templates of an application (XEP-0346, 2.1).
///
/// ```
/// use xmpp_extensions::pubsub::form_publishing::template_node;
///
/// let node = template_node("stan.isode.net", "accidentreport");
/// assert_eq!(node, "fdp/template/stan.isode.net/accidentreport");
/// ```
#[must_use]
pub fn template_node(organisation: &str, application: &str) -> String {
    format!("fdp/template/{organisation}/{application}")
}

/// The node of the submissions of an application (XEP-0346, 2.1).
#[must_use]
pub fn submitted_node(organisation: &str, application: &str) -> String {
    format!("fdp/submitted/{organisation}/{application}")
}
