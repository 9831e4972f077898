//! RFC 6121
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod subscription;
