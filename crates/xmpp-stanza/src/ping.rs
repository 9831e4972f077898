//! Ping: XEP-0199.

use xmpp_xml::ns;

crate::stream::tls::empty! {
    /// The request "are you there"; the answer is an empty result.
    Ping => ns::PING, "ping", "XEP-0199, 4";
}

impl crate::IntoOwned for Ping {
    type Owned = Self;

    fn into_owned(self) -> Self {
        self
    }
}
