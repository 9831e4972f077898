//! Envelopes of end-to-end encryption, and trust.

crate::registry::subject! {}
