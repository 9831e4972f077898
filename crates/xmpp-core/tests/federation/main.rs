//! Streams between servers: both roles, dialback among three parties, and what becomes of
//! stanzas whatever happens.

mod addresses;
mod bidi;
mod costs;
mod dialback;
mod ends;
mod external;
mod headers;
mod management;
mod old;
#[path = "../schedules/pipe.rs"]
mod pipe;
mod queries;
mod schedules;
#[cfg(feature = "tls")]
mod tls;
mod triangles;
mod world;
