//! The derive macros of `xmpp-stanza`, which exports them with its feature
//! `derive` and documents them at its trait `Payload` and its trait `Word`.
//!
//! What they make is thin: calls into `xmpp-stanza`, and a table.
#![deny(missing_docs)]

mod attributes;
mod choice;
mod element;
mod owned;
mod word;

use proc_macro::TokenStream;
use syn::{Data, DeriveInput, Error, parse_macro_input};

/// Implements `Payload`, `WriteXml` and `IntoOwned` for a struct that is an
/// element, or for an enum that is one of several. See the trait.
#[proc_macro_derive(Payload, attributes(xml))]
pub fn payload(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let made = match &input.data {
        Data::Struct(data) => element::derive(&input, data),
        Data::Enum(data) => choice::derive(&input, data),
        Data::Union(_) => Err(Error::new_spanned(&input.ident, "a union is no payload")),
    };
    made.unwrap_or_else(Error::into_compile_error).into()
}

/// Implements `Value`, `IntoOwned` and `Display` for an enum that is one of
/// several words. See the trait `Word`.
#[proc_macro_derive(Word, attributes(word))]
pub fn word(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    word::derive(&input).unwrap_or_else(Error::into_compile_error).into()
}
