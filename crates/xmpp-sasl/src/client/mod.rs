//! The client's side: choosing a mechanism, and the exchange.

mod attempt;
mod binding;
mod choice;
mod credentials;
mod error;
mod exchange;
mod keys;
mod offer;
mod own;
mod pin;
mod plan;
mod policy;
mod tried;

pub use self::binding::Contradiction;
pub use self::choice::{Choice, NoMechanism, Refusal, Verdict};
pub use self::credentials::{Credentials, Token};
pub use self::error::Error;
pub use self::exchange::{Authenticated, Exchange, Pending, Start, Step};
pub use self::keys::KeysQuery;
pub use self::offer::Offer;
pub use self::own::{OwnExchange, OwnMechanism};
pub use self::pin::{Pin, Pinning};
pub use self::policy::Policy;
pub use self::tried::Tried;
