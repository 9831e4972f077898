//! An enum that is one of several elements.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DataEnum, DeriveInput, Error, Expr, Fields, LitStr, Result, Type};

use crate::attributes::OfType;
use crate::owned::Names;

enum Variant<'i> {
    /// An element of that name with nothing in it.
    Empty { ns: Expr, name: LitStr },
    /// What another payload is.
    Payload(&'i Type),
}

pub(crate) fn derive(input: &DeriveInput, data: &DataEnum) -> Result<TokenStream> {
    let of_type = OfType::of(&input.attrs)?;
    let section = of_type.section.as_ref();
    let section =
        section.ok_or_else(|| Error::new(input.ident.span(), "#[xml(section = …)] is missing"))?;
    let names = Names::of(input)?;
    let Names { borrowed, any, lifetime, .. } = &names;

    let mut shapes = Vec::new();
    let mut read = Vec::new();
    let mut write = Vec::new();
    let mut first = None;
    for variant in &data.variants {
        let ident = &variant.ident;
        match of(variant, &of_type)? {
            Variant::Empty { ns, name } => {
                first.get_or_insert_with(|| (quote!(#ns), quote!(#name)));
                let shape = quote! {
                    &::xmpp_stanza::payload::Shape::new(#ns, #name, #section, &[])
                };
                shapes.push(quote!(|| const { #shape }));
                read.push(quote! {
                    if element.is(#ns, #name) {
                        ::xmpp_stanza::payload::read_empty(const { #shape }, element, findings)?;
                        return ::core::result::Result::Ok(Self::#ident);
                    }
                });
                write.push(quote!(Self::#ident => _ = w.start(#ns, #name).end(),));
            }
            Variant::Payload(ty) => {
                let payload = quote!(<#ty as ::xmpp_stanza::Payload<#lifetime>>);
                first.get_or_insert_with(|| (quote!(#payload::NS), quote!(#payload::NAME)));
                shapes.push(quote!(|| #payload::SHAPE));
                read.push(quote! {
                    if #payload::matches(element) {
                        return #payload::parse_noting(element, findings).map(Self::#ident);
                    }
                });
                write.push(quote!(Self::#ident(payload) => _ = w.write(payload),));
            }
        }
    }
    let Some((first_ns, first_name)) = first else {
        return Err(Error::new(input.ident.span(), "there is nothing to choose from"));
    };
    let ns = of_type.ns.as_ref().map_or(first_ns, |ns| quote!(#ns));
    let freed: Vec<TokenStream> = {
        let ident = &input.ident;
        data.variants
            .iter()
            .map(|variant| {
                let name = &variant.ident;
                match variant.fields {
                    Fields::Unit => quote!(#ident::#name => #ident::#name,),
                    _ => quote! {
                        #ident::#name(payload) => {
                            #ident::#name(::xmpp_stanza::IntoOwned::into_owned(payload))
                        }
                    },
                }
            })
            .collect()
    };
    let into_owned = names.impl_into_owned(&quote!(match self { #( #freed )* }));

    Ok(quote! {
        #[automatically_derived]
        impl<#lifetime> ::xmpp_stanza::Payload<#lifetime> for #borrowed {
            const NS: ::xmpp_stanza::xml::Ns<'static> = #ns;
            const NAME: &'static str = #first_name;
            const SHAPE: &'static ::xmpp_stanza::payload::Shape =
                &::xmpp_stanza::payload::Shape::choice(
                    Self::NS, Self::NAME, #section, &[ #( #shapes, )* ],
                );

            fn parse(
                element: ::xmpp_stanza::xml::ElementRef<#lifetime>,
            ) -> ::core::result::Result<Self, ::xmpp_stanza::Invalid> {
                <Self as ::xmpp_stanza::Payload<#lifetime>>::parse_noting(
                    element,
                    &mut ::xmpp_stanza::Findings::ignore(),
                )
            }

            fn parse_noting(
                element: ::xmpp_stanza::xml::ElementRef<#lifetime>,
                findings: &mut ::xmpp_stanza::Findings,
            ) -> ::core::result::Result<Self, ::xmpp_stanza::Invalid> {
                #( #read )*
                ::core::result::Result::Err(::xmpp_stanza::Invalid::new(
                    Self::NAME,
                    ::xmpp_stanza::Rule::WrongElement,
                    #section,
                ))
            }
        }

        #[automatically_derived]
        impl ::xmpp_stanza::xml::WriteXml for #any {
            fn write_xml(&self, w: &mut ::xmpp_stanza::xml::Writer<'_>) {
                match self {
                    #( #write )*
                }
            }
        }

        #into_owned
    })
}

fn of<'i>(variant: &'i syn::Variant, of_type: &OfType) -> Result<Variant<'i>> {
    match &variant.fields {
        Fields::Unit => {
            let own = OfType::of(&variant.attrs)?;
            let name = own
                .name
                .ok_or_else(|| Error::new(variant.ident.span(), "#[xml(name = …)] is missing"))?;
            let ns = own.ns.or_else(|| of_type.ns.clone()).ok_or_else(|| {
                Error::new(variant.ident.span(), "#[xml(ns = …)] is missing, here or on the enum")
            })?;
            Ok(Variant::Empty { ns, name })
        }
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            Ok(Variant::Payload(&fields.unnamed[0].ty))
        }
        _ => Err(Error::new(variant.ident.span(), "a variant holds one payload, or nothing")),
    }
}
