//! SASL: RFC 6120 section 6.

mod initiating;
mod profile;
mod receiving;

pub(crate) use initiating::{Initiating, Means, Progress};
pub(crate) use profile::Profile;
pub(crate) use receiving::{Judge, Receiving, Verdict, write_offer};
