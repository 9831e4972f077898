//! Client state indication: XEP-0352.
//!
//! A server that offers [`ClientStateIndication`] takes [`Inactive`] and [`Active`] as
//! first-level elements. A stream begins active. There is no answer.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use xmpp_stanza::Payload;
//! use xmpp_stanza::csi::{Active, ClientStateIndication, Inactive};
//! use xmpp_stanza::features::Features;
//!
//! let features = Features::new().with(&ClientStateIndication)?;
//! assert!(features.feature::<ClientStateIndication>()?.is_some());
//! assert_eq!(Inactive.to_element()?.to_string(), "<inactive xmlns='urn:xmpp:csi:0'/>");
//! assert!(Active::matches(Active.to_element()?.as_ref()));
//! # Ok(())
//! # }
//! ```

use xmpp_xml::ns;

#[doc(no_inline)]
pub use crate::features::ClientStateIndication;

crate::stream::tls::empty! {
    /// The user looks at the client again.
    Active => ns::CSI, "active", "XEP-0352, 4.2";
    /// The user does not look at the client: what is of no consequence may wait.
    Inactive => ns::CSI, "inactive", "XEP-0352, 4.2";
}
