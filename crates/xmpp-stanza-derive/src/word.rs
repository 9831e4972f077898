//! An enum that is one of several words.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Ident, LitStr, Result};

use crate::owned::Names;

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new(input.ident.span(), "only an enum is one of several words"));
    };
    let names = Names::of(input)?;
    let Names { borrowed, any, lifetime, generics, .. } = &names;
    let ident = &input.ident;
    let mut words: Vec<(&Ident, LitStr)> = Vec::new();
    let mut other: Option<&Ident> = None;
    for variant in &data.variants {
        let mut word = None;
        let mut is_other = false;
        for attribute in variant.attrs.iter().filter(|a| a.path().is_ident("word")) {
            if let Ok(literal) = attribute.parse_args::<LitStr>() {
                word = Some(literal);
            } else if attribute.parse_args::<Ident>().is_ok_and(|ident| ident == "other") {
                is_other = true;
            } else {
                return Err(Error::new_spanned(attribute, "expected a string or `other`"));
            }
        }
        match &variant.fields {
            Fields::Unit => {
                let word = word.unwrap_or_else(|| {
                    LitStr::new(&kebab(&variant.ident.to_string()), variant.ident.span())
                });
                words.push((&variant.ident, word));
            }
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 && is_other && other.is_none() => {
                other = Some(&variant.ident);
            }
            _ => {
                let message = "a variant is one word, or `#[word(other)]` with a text, once";
                return Err(Error::new(variant.ident.span(), message));
            }
        }
    }
    let idents: Vec<&Ident> = words.iter().map(|(ident, _)| *ident).collect();
    let texts: Vec<&LitStr> = words.iter().map(|(_, text)| text).collect();
    let other_to_str = other.map(|other| quote!(Self::#other(text) => text,));
    let otherwise = match other {
        Some(other) => quote! {
            _ => ::core::result::Result::Ok(Self::#other(::core::convert::From::from(text))),
        },
        None => quote!(_ => ::core::result::Result::Err(::xmpp_stanza::Rule::UnknownValue),),
    };
    let kind = if other.is_some() { quote!(OpenWords) } else { quote!(Words) };
    let other_freed = other.map(|other| {
        quote! {
            #ident::#other(text) => #ident::#other(::xmpp_stanza::IntoOwned::into_owned(text)),
        }
    });
    let into_owned = names.impl_into_owned(&quote! {
        match self {
            #( #ident::#idents => #ident::#idents, )*
            #other_freed
        }
    });
    Ok(quote! {
        #[automatically_derived]
        impl<#lifetime> ::xmpp_stanza::payload::Value<#lifetime> for #borrowed {
            const KIND: ::xmpp_stanza::payload::ValueKind =
                ::xmpp_stanza::payload::ValueKind::#kind(&[ #( #texts, )* ]);

            fn read(
                text: ::xmpp_stanza::payload::Cow<#lifetime, str>,
            ) -> ::core::result::Result<Self, ::xmpp_stanza::Rule> {
                match &*text {
                    #( #texts => ::core::result::Result::Ok(Self::#idents), )*
                    #otherwise
                }
            }

            fn write(&self, out: &mut dyn ::core::ops::FnMut(&str)) {
                out(self.as_str());
            }
        }

        impl #generics #borrowed {
            /// The word on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    #( Self::#idents => #texts, )*
                    #other_to_str
                }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Display for #any {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        #into_owned
    })
}

/// `NotAllowed` as `not-allowed`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}
