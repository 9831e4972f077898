//! What elements and choices have in common.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Lifetime, Result};

use crate::attributes::lifetime;

/// The type with and without its lifetime, and that of the trait.
pub(crate) struct Names {
    /// `Delay<'a>`
    pub(crate) borrowed: TokenStream,
    /// `Delay<'static>`
    pub(crate) owned: TokenStream,
    /// `Delay<'_>`
    pub(crate) any: TokenStream,
    /// `'a`
    pub(crate) lifetime: Lifetime,
    /// `<'a>`, where the type has it.
    pub(crate) generics: TokenStream,
}

impl Names {
    pub(crate) fn of(input: &DeriveInput) -> Result<Self> {
        let ident = &input.ident;
        Ok(match lifetime(&input.generics)? {
            Some(lifetime) => Self {
                borrowed: quote!(#ident<#lifetime>),
                owned: quote!(#ident<'static>),
                any: quote!(#ident<'_>),
                lifetime: lifetime.clone(),
                generics: quote!(<#lifetime>),
            },
            None => Self {
                borrowed: quote!(#ident),
                owned: quote!(#ident),
                any: quote!(#ident),
                lifetime: Lifetime::new("'a", ident.span()),
                generics: quote!(),
            },
        })
    }

    /// `impl IntoOwned`, with that body.
    pub(crate) fn impl_into_owned(&self, body: &TokenStream) -> TokenStream {
        let Self { owned, any, .. } = self;
        quote! {
            #[automatically_derived]
            impl ::xmpp_stanza::IntoOwned for #any {
                type Owned = #owned;

                fn into_owned(self) -> #owned {
                    #body
                }
            }
        }
    }
}
