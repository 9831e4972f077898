//! Streaming, zero-copy XML for XMPP.
#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod builder;
mod canonical;
mod chars;
mod decode;
mod display;
mod document;
mod element;
mod element_ref;
mod error;
mod lexer;
mod limits;
mod namespace;
mod nodes;
mod prolog;
mod recv_buffer;
mod relocate;
mod scan;
mod stream;
mod tape;
mod tokens;
mod utf8;
mod walk;
mod writer;

pub use builder::Builder;
pub use document::DocumentReader;
pub use element::Element;
pub use element_ref::ElementRef;
pub use error::{Condition, Error, ErrorKind};
pub use limits::Limits;
pub use namespace::{Ns, names as ns};
pub use nodes::{Attr, Attrs, Children, Declaration, Declarations, Node, Nodes, Text, Texts};
pub use recv_buffer::RecvBuffer;
pub use stream::{Item, StreamReader};
pub use tokens::{Token, Tokens};
pub use writer::{WriteError, WriteXml, Writer};
