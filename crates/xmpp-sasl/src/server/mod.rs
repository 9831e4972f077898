//! The server's side: what to offer, and the exchange.

mod account_keys;
mod authorization;
mod config;
mod exchange;
mod failure;
mod offer;
mod own;
mod query;
mod steps;

pub use self::account_keys::{AccountKeys, FakeSalt, default_iterations};
pub use self::authorization::{AuthcidAt, AuthorizationRule, OnlyOneself};
pub use self::config::Config;
pub use self::exchange::{Authenticated, Exchange, Pending, Step};
pub use self::failure::{Cause, Failure};
pub use self::offer::{Offer, Policy, Refusal, Verdict};
pub use self::own::{OwnExchange, OwnMechanism, OwnStep};
pub use self::query::{Answer, Query};
