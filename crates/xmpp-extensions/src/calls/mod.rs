//! Jingle: voice, video, files, and what belongs to it.

crate::registry::subject! {}
