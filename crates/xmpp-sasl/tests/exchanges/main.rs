//! Whole exchanges: the RFCs' own, ours against ours, and attacks.

#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod attacks;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod pair;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod pairs;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod properties;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod sasl2;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod transcripts;
#[cfg(all(feature = "saslprep", any(feature = "ring", feature = "rustcrypto")))]
mod vectors;
