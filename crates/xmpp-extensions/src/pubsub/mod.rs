//! Publish-subscribe, and what is published.

crate::registry::subject! {}
