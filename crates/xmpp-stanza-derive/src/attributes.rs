//! The `#[xml(…)]` attributes.

use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Expr, Field, GenericArgument, GenericParam, Generics, Ident, Lifetime,
    LitStr, PathArguments, Result, Token, Type,
};

/// Those of a type.
#[derive(Default)]
pub(crate) struct OfType {
    pub(crate) ns: Option<Expr>,
    pub(crate) name: Option<LitStr>,
    pub(crate) section: Option<LitStr>,
    /// Without `new` and `with_…`.
    pub(crate) plain: bool,
}

impl OfType {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut this = Self::default();
        each(attributes, |meta| {
            if meta.path.is_ident("ns") {
                this.ns = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("name") {
                this.name = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("section") {
                this.section = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("plain") {
                this.plain = true;
            } else {
                return Err(meta.error("expected `ns`, `name`, `section` or `plain`"));
            }
            Ok(())
        })?;
        Ok(this)
    }
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Attr,
    Lang,
    Text,
    Leaf,
    Flag,
    Child,
    Any,
    Rest,
}

/// How often its value is there, by its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Often {
    One,
    Optional,
    Many,
}

/// A field with all that is said of it.
pub(crate) struct OfField<'i> {
    pub(crate) ident: &'i Ident,
    pub(crate) ty: &'i Type,
    /// The type within `Option` or `Vec`.
    pub(crate) inner: &'i Type,
    pub(crate) often: Often,
    pub(crate) kind: Kind,
    /// Its name in the element.
    pub(crate) name: String,
    pub(crate) ns: Option<Expr>,
    pub(crate) default: bool,
    /// Whether it has to be there, but is its `Default` where a peer leaves it out.
    pub(crate) lenient: bool,
}

impl<'i> OfField<'i> {
    pub(crate) fn of(field: &'i Field) -> Result<Self> {
        let ident = field.ident.as_ref();
        let ident = ident.ok_or_else(|| Error::new(field.span(), "fields need names"))?;
        let mut kinds = Vec::new();
        let (mut name, mut ns, mut default, mut lenient) = (None, None, false, false);
        each(&field.attrs, |meta| {
            let word = meta.path.get_ident().map(Ident::to_string).unwrap_or_default();
            let kind = match &*word {
                "attr" => Kind::Attr,
                "lang" => Kind::Lang,
                "text" => Kind::Text,
                "leaf" => Kind::Leaf,
                "flag" => Kind::Flag,
                "child" => Kind::Child,
                "any" => Kind::Any,
                "rest" => Kind::Rest,
                "ns" => {
                    ns = Some(meta.value()?.parse()?);
                    return Ok(());
                }
                "default" => {
                    default = true;
                    return Ok(());
                }
                "lenient" => {
                    lenient = true;
                    return Ok(());
                }
                _ => {
                    return Err(meta.error(
                        "expected `attr`, `lang`, `text`, `leaf`, `flag`, `child`, `any`, \
                         `rest`, `ns`, `default` or `lenient`",
                    ));
                }
            };
            if meta.input.peek(Token![=]) {
                name = Some(meta.value()?.parse::<LitStr>()?.value());
            }
            kinds.push(kind);
            Ok(())
        })?;
        let [kind] = kinds[..] else {
            let message = "say what it is: #[xml(attr)], #[xml(child)] or another one";
            return Err(Error::new(field.span(), message));
        };
        let (often, inner) = often(&field.ty);
        let fits = match kind {
            Kind::Attr | Kind::Lang | Kind::Text => often != Often::Many,
            Kind::Any => often != Often::One,
            Kind::Flag | Kind::Rest => often == Often::One,
            Kind::Leaf | Kind::Child => true,
        };
        if !fits {
            return Err(Error::new(field.ty.span(), "it cannot be there so often"));
        }
        if (default || lenient) && (kind != Kind::Attr || often != Often::One) {
            let message = "only an attribute that is no `Option` has a default";
            return Err(Error::new(field.span(), message));
        }
        let name = name.unwrap_or_else(|| match kind {
            Kind::Lang => "lang".to_owned(),
            _ => ident.unraw().to_string().replace('_', "-"),
        });
        Ok(Self { ident, ty: &field.ty, inner, often, kind, name, ns, default, lenient })
    }

    /// Whether the element cannot be without it.
    pub(crate) fn is_needed(&self) -> bool {
        self.often == Often::One
            && !self.default
            && !matches!(self.kind, Kind::Flag | Kind::Rest | Kind::Lang)
    }
}

fn each(
    attributes: &[Attribute],
    mut take: impl FnMut(ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("xml"))
        .try_for_each(|attribute| attribute.parse_nested_meta(&mut take))
}

/// `Option<T>` and `Vec<T>` by their last names.
fn often(ty: &Type) -> (Often, &Type) {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(inner)) = arguments.args.first()
    {
        if last.ident == "Option" {
            return (Often::Optional, inner);
        }
        if last.ident == "Vec" {
            return (Often::Many, inner);
        }
    }
    (Often::One, ty)
}

/// The one lifetime that a payload may have.
pub(crate) fn lifetime(generics: &Generics) -> Result<Option<&Lifetime>> {
    let mut params = generics.params.iter();
    match (params.next(), params.next()) {
        (None, _) => Ok(None),
        (Some(GenericParam::Lifetime(param)), None) => Ok(Some(&param.lifetime)),
        _ => Err(Error::new_spanned(generics, "a payload has one lifetime or none, and no types")),
    }
}
