//! vCards, avatars, nicknames, moods, places.

crate::registry::subject! {}
