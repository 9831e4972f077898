//! The initiating entity's side: choosing a mechanism, and the exchange.

mod binding;
mod credentials;
mod error;
mod exchange;
mod keys;
mod offer;
mod pin;
mod plan;
mod policy;

pub use self::binding::Contradiction;
pub use self::credentials::{Credentials, Token};
pub use self::error::Error;
pub use self::exchange::{Authenticated, Exchange, Pending, Start, Step};
pub use self::keys::KeysQuery;
pub use self::offer::{Offer, Profile};
pub use self::pin::{Pin, Pinning};
pub use self::policy::{Choice, NoMechanism, Policy, Refusal, Verdict};
