//! Whole exchanges: the RFCs' own, ours against ours, and attacks.

#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod attacks;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod contradictions;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod edges;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod own;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod pair;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod pairs;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod properties;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod retry;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod same_work;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod sasl2;
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
mod transcripts;
#[cfg(all(feature = "saslprep", any(feature = "ring", feature = "rustcrypto")))]
mod vectors;
