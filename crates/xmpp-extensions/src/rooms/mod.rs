//! Rooms of many.

crate::registry::subject! {}
