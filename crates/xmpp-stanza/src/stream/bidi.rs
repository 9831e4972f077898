//! Stanzas both ways on one stream between servers: XEP-0288.

use xmpp_xml::ns;

crate::stream::tls::empty! {
    /// The stream feature: stanzas may go both ways (XEP-0288, section 2.1).
    BidiFeature => ns::BIDI_FEATURE, "bidi", "XEP-0288, 2.1";
    /// The request of who has opened the stream (XEP-0288, section 2.2).
    Bidi => ns::BIDI, "bidi", "XEP-0288, 2.2";
}
