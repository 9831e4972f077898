//! Host
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod config;
mod host;
mod outbox;
mod time;

pub use config::{Config, ConflictPolicy, Limits};
pub use host::{BindError, HandleError, Host};
pub use outbox::{Outbox, Output, Queue, SessionId};
pub use time::UnixTime;
