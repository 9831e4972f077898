//! First-level elements that are no stanzas: stream header, features and
//! errors, the nonzas of STARTTLS, SASL and stream management.

mod condition;
mod error;
mod header;

pub mod bidi;
pub mod bind2;
pub mod dialback;
pub mod fast;
pub mod features;
pub mod sasl;
pub mod sasl2;
pub mod sm;
pub mod tls;

pub use condition::StreamCondition;
pub use error::{OtherHost, StreamError};
pub use header::{StreamHeader, Version};
