//! Uploads, transfers, thumbnails, metadata.

crate::registry::subject! {}
