//! What was said before, and where one is in it.

crate::registry::subject! {}
