//! The session over a network that exists in the tests alone, under virtual time.

#[path = "../common/mod.rs"]
mod common;

mod asked;
mod backoff;
mod commands;
mod credentials;
mod discovery;
mod ends;
mod eyeballs;
mod harness;
mod loss;
mod operations;
mod places;
mod random;
mod redirects;
mod resumption;
mod sending;
mod websocket;
mod world;
