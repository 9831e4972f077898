//! Stanza errors: RFC 6120, section 8.3.

mod condition;
mod legacy;
mod stanza_error;

pub use condition::{ErrorType, StanzaCondition};
pub use stanza_error::StanzaError;
