//! Streaming, zero-copy XML for XMPP.
#![no_std]
#![deny(missing_docs)]
#![allow(unused_variables, dead_code, clippy::all)] // M0: bodies follow

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod builder;
mod element;
mod element_ref;
mod error;
mod limits;
mod namespace;
mod recv_buffer;
mod stream;
mod writer;

pub use builder::Builder;
pub use element::Element;
pub use element_ref::{
    Attr, Attrs, Children, Declaration, Declarations, ElementRef, Node, Nodes, Text, Texts,
};
pub use error::{Condition, Error, ErrorKind};
pub use limits::Limits;
pub use namespace::{Ns, names as ns};
pub use recv_buffer::RecvBuffer;
pub use stream::{Item, StreamReader};
pub use writer::{WriteError, WriteXml, Writer};
