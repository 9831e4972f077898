//! RFC 6121
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

pub mod delivery;
pub mod presence;
pub mod requests;
pub mod roster;
pub mod subscription;
