//! Values and their XML, checked both ways; what is refused; how stanzas are
//! answered. Comments cite the requirements of RFC 6120 and RFC 6121 by id:
//! RFC, section, number of the sentence.
#![expect(clippy::redundant_closure, reason = "the function itself is for one lifetime only")]

mod addresses;
mod arbitrary;
mod content;
mod error;
mod harness;
mod iq;
mod message;
mod payloads;
mod presence;
mod reply;
mod sasl2;
mod sm;
mod stanza_ref;
mod stream;
mod values;
