//! The receiving entity's side: what to offer, and the exchange.

mod authorization;
mod config;
mod exchange;
mod failure;
mod offer;
mod query;

pub use self::authorization::{AuthorizationRule, LocalpartAt, OnlyOneself};
pub use self::config::{Config, FakeSalt, default_iterations};
pub use self::exchange::{Authenticated, Exchange, Pending, Step};
pub use self::failure::{Cause, Failure};
pub use self::offer::{Offer, Policy, Refusal};
pub use self::query::{Answer, Query};
