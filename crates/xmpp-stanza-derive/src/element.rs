//! A struct that is an element.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{DataStruct, DeriveInput, Error, Result};

use crate::attributes::{Kind, OfField, OfType, Often};
use crate::owned::Names;

pub(crate) fn derive(input: &DeriveInput, data: &DataStruct) -> Result<TokenStream> {
    let of_type = OfType::of(&input.attrs)?;
    let missing = |what| Error::new(input.ident.span(), format!("#[xml({what} = …)] is missing"));
    let ns = of_type.ns.as_ref().ok_or_else(|| missing("ns"))?;
    let name = of_type.name.as_ref().ok_or_else(|| missing("name"))?;
    let section = of_type.section.as_ref().ok_or_else(|| missing("section"))?;
    let fields = data.fields.iter().map(OfField::of).collect::<Result<Vec<_>>>()?;
    let mut rests = fields.iter().filter(|field| field.kind == Kind::Rest);
    let rest = rests.next();
    if let Some(second) = rests.next() {
        return Err(Error::new(second.ident.span(), "there is one rest at most"));
    }
    if fields.len() > 64 {
        return Err(Error::new(input.ident.span(), "there are 64 fields at most"));
    }
    // The table has all of them but the rest, which is numbered last.
    let known: Vec<&OfField<'_>> = fields.iter().filter(|f| f.kind != Kind::Rest).collect();

    let names = Names::of(input)?;
    let Names { borrowed, any, lifetime, generics, .. } = &names;
    let table = known.iter().map(|field| entry(field, &names));
    let reading = read(&known, rest);
    let (attrs, places) = write(&known);
    let keeps = rest.map(|_| quote!(.with_rest()));
    let rest_ref = match rest {
        Some(rest) => {
            let ident = rest.ident;
            quote!(::core::option::Option::Some(&self.#ident))
        }
        None => quote!(::core::option::Option::None),
    };
    let freed = {
        let ident = &input.ident;
        let idents: Vec<_> = fields.iter().map(|field| field.ident).collect();
        quote! {
            #ident { #( #idents: ::xmpp_stanza::IntoOwned::into_owned(self.#idents), )* }
        }
    };
    let into_owned = names.impl_into_owned(&freed);
    let made = if of_type.plain { quote!() } else { builders(&fields) };

    Ok(quote! {
        #[automatically_derived]
        impl<#lifetime> ::xmpp_stanza::Payload<#lifetime> for #borrowed {
            const NS: ::xmpp_stanza::xml::Ns<'static> = #ns;
            const NAME: &'static str = #name;
            const SHAPE: &'static ::xmpp_stanza::payload::Shape =
                &::xmpp_stanza::payload::Shape::new(#ns, #name, #section, &[ #( #table, )* ])#keeps;

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
                let mut reader = ::xmpp_stanza::payload::Reader::new(
                    <Self as ::xmpp_stanza::Payload<#lifetime>>::SHAPE,
                    element,
                    findings,
                )?;
                #reading
            }
        }

        #[automatically_derived]
        impl ::xmpp_stanza::xml::WriteXml for #any {
            fn write_xml(&self, w: &mut ::xmpp_stanza::xml::Writer<'_>) {
                let mut output = ::xmpp_stanza::payload::Output::start(
                    <Self as ::xmpp_stanza::Payload<'_>>::SHAPE,
                    #rest_ref,
                    w,
                );
                #( #attrs )*
                while let ::core::option::Option::Some(place) = output.next_place() {
                    match place.field() {
                        #( #places )*
                        _ => {}
                    }
                }
                output.end();
            }
        }

        #into_owned

        impl #generics #borrowed {
            #made
        }
    })
}

/// An entry of the table.
fn entry(field: &OfField<'_>, names: &Names) -> TokenStream {
    let OfField { ident, inner, often, kind, name, ns, .. } = field;
    let lifetime = &names.lifetime;
    let rust_name = ident.unraw().to_string();
    let kinds = quote!(::xmpp_stanza::payload::FieldKind);
    let value = quote!(<#inner as ::xmpp_stanza::payload::Value<#lifetime>>::KIND);
    let own_ns = ns.as_ref().map_or_else(|| quote!(Self::NS), |ns| quote!(#ns));
    let attr_ns =
        ns.as_ref().map_or_else(|| quote!(::xmpp_stanza::xml::ns::NONE), |ns| quote!(#ns));
    let kind = match kind {
        Kind::Attr => quote!(#kinds::Attr { ns: #attr_ns, name: #name, value: #value }),
        Kind::Lang => quote!(#kinds::Attr {
            ns: ::xmpp_stanza::xml::ns::XML,
            name: "lang",
            value: ::xmpp_stanza::payload::ValueKind::Language,
        }),
        Kind::Text => quote!(#kinds::Text { value: #value }),
        Kind::Leaf => quote!(#kinds::Leaf { ns: #own_ns, name: #name, value: #value }),
        Kind::Flag => quote!(#kinds::Flag { ns: #own_ns, name: #name }),
        Kind::Child => quote!(#kinds::Child {
            shape: || <#inner as ::xmpp_stanza::Payload<#lifetime>>::SHAPE,
        }),
        Kind::Any | Kind::Rest => quote!(#kinds::Any),
    };
    let often = match often {
        _ if field.is_needed() => quote!(One),
        Often::One | Often::Optional => quote!(Optional),
        Often::Many => quote!(Many),
    };
    quote! {
        ::xmpp_stanza::payload::Field::new(
            #rust_name,
            #kind,
            ::xmpp_stanza::payload::Cardinality::#often,
        )
    }
}

/// The body of `parse_noting` behind the reader.
fn read(known: &[&OfField<'_>], rest: Option<&OfField<'_>>) -> TokenStream {
    let mut slots = Vec::new();
    let mut arms = Vec::new();
    let mut values = Vec::new();
    for (n, field) in known.iter().enumerate() {
        let OfField { ident, inner, often, kind, default, lenient, .. } = field;
        let slot = format_ident!("slot_{}", n);
        let empty = match often {
            Often::Many => quote!(::xmpp_stanza::payload::Vec::<#inner>::new()),
            _ => quote!(::core::option::Option::<#inner>::None),
        };
        let value = match (kind, often) {
            (Kind::Attr, Often::One) if *default => quote! {
                reader.attr_or_default(#n)?
            },
            (Kind::Attr, Often::One) if *lenient => quote!(reader.attr_lenient(#n)?),
            (Kind::Attr | Kind::Lang, Often::One) => quote!(reader.attr(#n)?),
            (Kind::Attr | Kind::Lang, _) => quote!(reader.attr_opt(#n)?),
            (Kind::Text, Often::One) => quote!(reader.text(#n)?),
            (Kind::Text, _) => quote!(reader.text_opt(#n)?),
            (Kind::Flag, _) => {
                slots.push(quote!(let mut #slot = false;));
                arms.push(quote!(#n => #slot = reader.flag(child)?,));
                quote!(#slot)
            }
            (Kind::Any, _) => {
                slots.push(quote!(let mut #slot = #empty;));
                arms.push(quote! {
                    #n => ::xmpp_stanza::payload::Slot::put(
                        &mut #slot,
                        ::core::convert::From::from(child),
                    ),
                });
                quote!(#slot)
            }
            (Kind::Leaf | Kind::Child, often) => {
                let read = if *kind == Kind::Leaf { quote!(leaf) } else { quote!(child) };
                slots.push(quote!(let mut #slot = #empty;));
                arms.push(quote!(#n => reader.#read(#n, child, &mut #slot)?,));
                match often {
                    Often::One => quote!(reader.required(#n, #slot)?),
                    _ => quote!(#slot),
                }
            }
            (Kind::Rest, _) => quote!(),
        };
        values.push(quote!(#ident: #value,));
    }
    let rest = rest.map(|rest| {
        let ident = rest.ident;
        quote!(#ident: reader.rest(),)
    });
    quote! {
        #( #slots )*
        while let ::core::option::Option::Some((field, child)) = reader.next_child()? {
            match field {
                #( #arms )*
                _ => _ = child,
            }
        }
        ::core::result::Result::Ok(Self { #( #values )* #rest })
    }
}

/// The attributes, and the arms for what goes between the tags.
fn write(known: &[&OfField<'_>]) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let mut attrs = Vec::new();
    let mut places = Vec::new();
    for (n, field) in known.iter().enumerate() {
        let OfField { ident, often, kind, default, lenient, .. } = field;
        let option = match often {
            Often::One => quote!(::core::option::Option::Some(&self.#ident)),
            _ => quote!(self.#ident.as_ref()),
        };
        let slice = match often {
            Often::One => quote!(::core::slice::from_ref(&self.#ident)),
            _ => quote!(self.#ident.as_slice()),
        };
        match kind {
            Kind::Attr if *default => attrs.push(quote! {
                output.attr_or_default(#n, &self.#ident);
            }),
            Kind::Attr if *lenient => attrs.push(quote! {
                output.attr_lenient(#n, &self.#ident);
            }),
            Kind::Attr | Kind::Lang => attrs.push(quote!(output.attr(#n, #option);)),
            Kind::Text => places.push(quote!(#n => output.text(place, #option),)),
            Kind::Leaf => places.push(quote!(#n => output.leaves(place, #slice),)),
            Kind::Flag => places.push(quote!(#n => output.flag(place, self.#ident),)),
            Kind::Child | Kind::Any => {
                places.push(quote!(#n => output.children(place, #slice),));
            }
            Kind::Rest => {}
        }
    }
    (attrs, places)
}

/// `new` and the `with_…` of each field that may be missing.
fn builders(fields: &[OfField<'_>]) -> TokenStream {
    let needed: Vec<&OfField<'_>> = fields.iter().filter(|field| field.is_needed()).collect();
    let args = needed
        .iter()
        .map(|OfField { ident, ty, .. }| quote!(#ident: impl ::core::convert::Into<#ty>));
    let values = fields.iter().map(|field| {
        let ident = field.ident;
        if field.is_needed() {
            quote!(#ident: ::core::convert::Into::into(#ident),)
        } else {
            quote!(#ident: ::core::default::Default::default(),)
        }
    });
    let doc = if needed.is_empty() { "With nothing in it." } else { "With what has to be in it." };
    let setters = fields.iter().filter(|f| !f.is_needed() && f.kind != Kind::Rest).map(|field| {
        let OfField { ident, inner, ty, often, kind, .. } = field;
        let with = format_ident!("with_{}", ident.unraw());
        let doc = match often {
            Often::Many => format!("Adds to `{}`.", ident.unraw()),
            _ => format!("Sets `{}`.", ident.unraw()),
        };
        let (arg, value) = match (kind, often) {
            (Kind::Flag, _) => (quote!(), quote!(self.#ident = true;)),
            (_, Often::One) => (
                quote!(#ident: impl ::core::convert::Into<#ty>),
                quote!(self.#ident = #ident.into();),
            ),
            (_, Often::Optional) => (
                quote!(#ident: impl ::core::convert::Into<#inner>),
                quote!(self.#ident = ::core::option::Option::Some(#ident.into());),
            ),
            (_, Often::Many) => (
                quote!(#ident: impl ::core::iter::IntoIterator<Item = #inner>),
                quote!(self.#ident.extend(#ident);),
            ),
        };
        quote! {
            #[doc = #doc]
            #[must_use]
            pub fn #with(mut self, #arg) -> Self {
                #value
                self
            }
        }
    });
    quote! {
        #[doc = #doc]
        #[must_use]
        pub fn new(#( #args ),*) -> Self {
            Self { #( #values )* }
        }

        #( #setters )*
    }
}
