//! The parts that negotiation is made of, each after its own chapter: a role is
//! an order of them.

pub(crate) mod bind;
pub(crate) mod bind2;
pub(crate) mod component;
pub(crate) mod dialback;
pub(crate) mod external;
pub(crate) mod sasl;
pub(crate) mod sasl2;
pub(crate) mod sm;
pub(crate) mod starttls;
