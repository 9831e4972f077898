//! Message/CPIM, PIDF, `im:` and `pres:` URIs, and the mapping between XMPP and
//! CPIM (RFC 3922).
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod date_time;
mod error;
pub mod gateway;
mod limits;
pub mod mapping;
pub mod message;
pub mod mime;
pub mod pidf;
mod uri;

pub use self::date_time::{DateTime, DateTimeError, Offset};
pub use self::error::{ParseError, ParseErrorKind};
pub use self::limits::Limits;
pub use self::uri::{Escaping, Scheme, Uri, UriError, UriErrorKind};
