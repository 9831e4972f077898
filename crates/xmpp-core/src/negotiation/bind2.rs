//! Bind 2: a resource bound inline with authentication (XEP-0386).

use alloc::{string::String, sync::Arc, vec::Vec};

use xmpp_sasl::sasl2::UserAgent;
use xmpp_stanza::bind2::{BindFeature, BindRequest};
use xmpp_stanza::sm::Enable;
use xmpp_xml::{Element, Ns, Writer, ns};

use crate::config::Bind2Client;

/// The client asks for a resource, and for what of its wishes the server offers.
pub(crate) fn write_request(
    w: &mut Writer<'_>,
    offered: &BindFeature,
    config: &Bind2Client,
    enable: Option<&Enable>,
) {
    w.start(ns::BIND2, "bind");
    if let Some(tag) = &config.tag {
        w.leaf(ns::BIND2, "tag", tag);
    }
    if config.carbons && offered.has(ns::CARBONS) {
        w.start(ns::CARBONS, "enable").end();
    }
    if config.inactive && offered.has(ns::CSI) {
        w.start(ns::CSI, "inactive").end();
    }
    if let Some(enable) = enable {
        w.write(enable);
    }
    for extension in &config.extensions {
        if offered.has(Ns::new(extension.as_ref().ns())) {
            w.element(extension.as_ref());
        }
    }
    w.end();
}

/// What a client asks for, on its way to the driver.
#[derive(Clone, Debug)]
pub(crate) struct Inline {
    pub(crate) tag: Option<String>,
    pub(crate) requests: Vec<Element>,
    pub(crate) user_agent: Option<Arc<UserAgent>>,
}

impl Inline {
    /// Of the features asked for, those that are offered; the others are nothing to
    /// bother the driver with.
    pub(crate) fn new(
        request: BindRequest,
        offered: &[String],
        user_agent: Option<Arc<UserAgent>>,
    ) -> Self {
        let BindRequest { tag, inline, .. } = request;
        let offers = |element: &Element| offered.iter().any(|var| element.as_ref().ns() == var);
        Self { tag, requests: inline.into_iter().filter(offers).collect(), user_agent }
    }
}
