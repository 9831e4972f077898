//! Middleware, the Internet of Things, games.

crate::registry::subject! {}
