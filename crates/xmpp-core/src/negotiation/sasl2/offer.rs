//! What a server offers: XEP-0388 section 2.1.

use alloc::string::String;

use xmpp_sasl::server::Offer;
use xmpp_stanza::bind2::BindFeature;
use xmpp_stanza::fast::FastFeature;
use xmpp_stanza::features::StreamManagement;
use xmpp_stanza::sasl2::Authentication;
use xmpp_xml::{Writer, ns};

use crate::config::HostConfig;

/// Nothing, if there is no mechanism: the profile "MUST NOT be offered" then.
pub(crate) fn write_offer(w: &mut Writer<'_>, offer: &Offer, host: &HostConfig) {
    if !host.sasl2.enabled || offer.mechanisms().is_empty() {
        return;
    }
    let mut authentication = Authentication::new(offer.mechanisms().iter().map(String::as_str));
    authentication.upgrades = host.sasl2.upgrades.iter().map(|upgrade| upgrade.name()).collect();
    authentication.write_with(w, |w| {
        let management = host.stream_management.as_ref();
        if management.is_some_and(|management| management.resume) {
            w.write(&StreamManagement);
        }
        if host.sasl2.bind {
            let inline = host.sasl2.inline.iter().map(String::as_str);
            w.write(&BindFeature::new(inline.chain(management.map(|_| ns::SM.uri()))));
        }
        if !offer.token_mechanisms().is_empty() {
            w.write(&FastFeature::new(offer.token_mechanisms().iter().map(String::as_str)));
        }
    });
}
