//! Streaming, zero-copy XML for XMPP: a tokenizer that is strict and fast,
//! elements that borrow, and a writer.
//!
//! It reads XML 1.0 (fifth edition) with Namespaces in XML 1.0, less what
//! [RFC 6120, section 11](https://www.rfc-editor.org/rfc/rfc6120#section-11)
//! forbids: comments, processing instructions, DTDs, references to entities
//! but the predefined ones, encodings but UTF-8. All of that is checked, in
//! one walk over the bytes, however they come in.
//!
//! ```text
//!          bytes                        items: Header, Element, Closed
//!            │                                        ▲
//!            ▼                                        │ borrow from the
//!   ┌── RecvBuffer ───────────────────────────────────┴── buffer alone
//!   │  text   <message to='…'><body>…</body></message><pres
//!   │  tape   [element attr element text]   offsets, no pointers
//!   └──────────────▲──────────────────────────────────────────────────
//!                  │ walks the new bytes
//!             StreamReader      holds no input, 80 bytes
//! ```
//!
//! # The run loop
//!
//! ```
//! use xmpp_xml::{Framing, Item, Limits, RecvBuffer, SendBuffer, StreamReader, ns};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let mut socket = &b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>\
//! #   <iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq></stream:stream>"[..];
//! # use std::io::Read;
//! let mut rx = RecvBuffer::new(256 * 1024);
//! let mut reader = StreamReader::new(Limits::unauthenticated());
//! let mut tx = SendBuffer::new(Framing::Stream);
//! 'connection: loop {
//!     // `None`: all that came in has been looked at.
//!     while let Some(item) = reader.poll(&mut rx)? {
//!         match item {
//!             Item::Header(header) => assert_eq!(header.declared(""), Some("jabber:client")),
//!             Item::Element(iq) if iq.child(ns::PING, "ping").is_some() => {
//!                 // The element borrows from `rx` alone: answer while looking.
//!                 tx.push_frame(|w| {
//!                     w.start(ns::CLIENT, "iq").attr("type", "result");
//!                     w.attr_opt("id", iq.attr("id").as_deref()).end();
//!                 })?;
//!             }
//!             Item::Closed => break 'connection,
//!             _ => {}
//!         }
//!     }
//!     let n = socket.read(rx.unfilled())?;
//!     rx.advance(n);
//! }
//! assert_eq!(tx.unsent(), b"<iq type='result' id='1'/>");
//! # Ok(()) }
//! ```
//!
//! # What to use
//!
//! | for | use |
//! |---|---|
//! | a stream, as its bytes come in | [`StreamReader`] and [`RecvBuffer`] |
//! | a stream over WebSocket, as its messages come in | the same, with [`Framing`] |
//! | what is to be sent on a stream | [`SendBuffer`] |
//! | a document, as its bytes come in | [`DocumentReader`] and [`RecvBuffer`] |
//! | a document that is there | [`Element::parse`] |
//! | tokens, without elements | [`Tokens`] |
//! | looking at an element | [`ElementRef`], `Copy`, a place on a tape |
//! | keeping an element | [`Element`], two allocations, cheap to clone |
//! | keeping some of its children | [`Sharing`], [`Element::detach`] |
//! | making one | [`Element::builder`] |
//! | writing | [`Writer`], [`WriteXml`] |
//! | writing once what goes into stanzas of any stream | [`Fragment`] |
//! | comparing and hashing | `==`, which is aware of namespaces, and [`ElementRef::canonical`] |
//! | reading with one's eyes | `{:#}` |
//!
//! # Errors
//!
//! An [`Error`] has the stream error condition for the peer, a kind, and two
//! places: where the bad construct begins and where reading stopped. It is the
//! same however the input was cut, comes after everything before it, and
//! stays.
//!
//! # Limits
//!
//! [`Limits`] are counted while reading: bytes, depth, attributes, namespaces,
//! names, children, and those of a stream header, which are lower. Nothing
//! recurses over a peer's nesting, and nothing is allocated in proportion to
//! what a peer merely claims.
//!
//! # Panics
//!
//! Nothing here panics, on any input and in any order of calls.
//!
//! # Features
//!
//! - `std` (default): the processor's vectors are found at run time. Without
//!   it the crate needs `alloc` only and uses what the target is known to
//!   have.
//!
//! `unsafe` is forbidden in this crate.

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
mod framing;
mod lexer;
mod limits;
mod messages;
mod namespace;
mod nodes;
mod prolog;
mod recv_buffer;
mod relocate;
mod scan;
mod scope;
mod send_buffer;
mod stream;
mod tape;
mod tokens;
mod utf8;
mod walk;
mod writer;

pub use builder::Builder;
pub use decode::{Piece, Pieces};
pub use document::DocumentReader;
pub use element::Element;
pub use element_ref::ElementRef;
pub use error::{Condition, Error, ErrorKind};
pub use framing::{Framing, StreamContext};
pub use limits::Limits;
pub use namespace::{Ns, names as ns};
pub use nodes::{Attr, Attrs, Children, Declaration, Declarations, Node, Nodes, Text, Texts};
pub use recv_buffer::RecvBuffer;
pub use relocate::Sharing;
pub use send_buffer::SendBuffer;
pub use stream::{Item, StreamReader};
pub use tokens::{Token, Tokens};
pub use writer::{AttrName, Fragment, WriteError, WriteXml, Writer};
