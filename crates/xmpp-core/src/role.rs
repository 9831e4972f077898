//! Which end of which kind of stream a connection is.
//!
//! A role picks the state machine at compile time, so that a client has no
//! `provide_credentials` to misuse and a server no password to send.

use crate::connection::machine::Machine;

/// One end of one kind of stream. Sealed: the roles are those of this module.
#[expect(private_bounds, reason = "this is what seals it")]
pub trait Role: Machine {}

/// The initiating entity of a client-to-server stream: a client.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum ClientToServer {}

impl Role for ClientToServer {}

/// The receiving entity of a client-to-server stream: a server.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum ServerFromClient {}

impl Role for ServerFromClient {}
