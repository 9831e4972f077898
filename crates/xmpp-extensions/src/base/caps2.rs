//! Entity capabilities 2.0: XEP-0390.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use xmpp_stanza::payload::Value as _;
use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Base64, Payload, Rest};

use super::disco::Info;
use super::forms::{FORM_TYPE, Form};
#[cfg(feature = "hashes")]
use super::hashes::Algorithm;
use super::hashes::Hash;

/// The namespace of XEP-0390.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:caps");
/// What the node begins with that is asked for what a hash stands for
/// (XEP-0390, 4.3).
pub const NODE_PREFIX: &str = "urn:xmpp:caps#";

/// What somebody can do, as hashes by several functions (XEP-0390, 5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "c", section = "XEP-0390, 5")]
#[non_exhaustive]
pub struct Caps2<'a> {
    /// The hashes, of the same thing, each by another function.
    #[xml(child)]
    pub hashes: Vec<Hash<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The node to ask for what a hash stands for (XEP-0390, 4.3).
#[must_use]
pub fn hash_node(hash: &Hash<'_>) -> String {
    let mut node = format!("{NODE_PREFIX}{}.", hash.algorithm);
    hash.digest.write(&mut |base64| node.push_str(base64));
    node
}

/// The hash that a node asks about (XEP-0390, 4.3).
#[must_use]
pub fn of_hash_node(node: &str) -> Option<Hash<'_>> {
    use super::hashes::Algorithm;
    let (algorithm, digest) = node.strip_prefix(NODE_PREFIX)?.rsplit_once('.')?;
    let algorithm = Algorithm::read(algorithm.into()).ok()?;
    Some(Hash::new(algorithm, Base64::read(digest.into()).ok()?))
}

#[cfg(feature = "hashes")]
impl Caps2<'_> {
    /// What announces that answer of service discovery by those functions; the
    /// unknown ones are left out (XEP-0390, 4.2; feature `hashes`).
    ///
    /// # Errors
    ///
    /// If the answer has something that is not hashed.
    pub fn of(
        info: &Info<'_>,
        algorithms: &[Algorithm<'_>],
    ) -> Result<Caps2<'static>, NotHashable> {
        let input = hash_input(info)?;
        let hashes = algorithms.iter().filter_map(|algorithm| algorithm.hash(&input));
        Ok(Caps2::new().with_hashes(hashes))
    }

    /// Whether the answer of service discovery is what was announced, by the
    /// hashes whose functions are known and safe; `None` if there are none
    /// (XEP-0390, 4.4; feature `hashes`). SHA-1 counts as unknown.
    ///
    /// # Errors
    ///
    /// If the answer has something that is not hashed, which says no less than
    /// a wrong hash.
    pub fn verify(&self, info: &Info<'_>) -> Result<Option<bool>, NotHashable> {
        let input = hash_input(info)?;
        let safe = self.hashes.iter().filter(|hash| hash.algorithm != Algorithm::Sha1);
        Ok(safe.filter_map(|hash| hash.check(&input)).reduce(|all, one| all && one))
    }
}

/// An answer of service discovery that has no hash (XEP-0390, 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotHashable {
    /// There is an element that is no identity, feature or form.
    UnknownElement,
    /// A form is a table.
    TableForm,
    /// A form has no `FORM_TYPE`, or not as XEP-0068 has it.
    NoFormType,
}

/// What is hashed (XEP-0390, 4.1).
///
/// The languages of identities are taken from `xml:lang` of each; one that is
/// inherited is to be put there before.
///
/// # Errors
///
/// If the answer has something that is not hashed.
pub fn hash_input(info: &Info<'_>) -> Result<Vec<u8>, NotHashable> {
    if info.rest.children().next().is_some() {
        return Err(NotHashable::UnknownElement);
    }
    let mut input = Vec::new();
    append(&mut input, info.features.iter().map(|feature| part(&feature.var)).collect(), 0x1c);
    let identities = info.identities.iter().map(|identity| {
        let lang = identity.lang.as_deref().unwrap_or_default();
        let name = identity.name.as_deref().unwrap_or_default();
        let mut octets: Vec<u8> =
            [&*identity.category, &*identity.kind, lang, name].into_iter().flat_map(part).collect();
        octets.push(0x1e);
        octets
    });
    append(&mut input, identities.collect(), 0x1c);
    let forms = info.forms.iter().map(of_form).collect::<Result<_, _>>()?;
    append(&mut input, forms, 0x1c);
    Ok(input)
}

fn of_form(form: &Form<'_>) -> Result<Vec<u8>, NotHashable> {
    if form.reported.is_some() || !form.items.is_empty() {
        return Err(NotHashable::TableForm);
    }
    let form_type = form.form_type().ok_or(NotHashable::NoFormType)?;
    if form.values(FORM_TYPE).any(|value| value != form_type) {
        return Err(NotHashable::NoFormType);
    }
    let fields = form.fields.iter().map(|field| {
        let mut octets = part(field.var.as_deref().unwrap_or_default());
        append(&mut octets, field.values.iter().map(|value| part(value)).collect(), 0x1e);
        octets
    });
    let mut octets = Vec::new();
    append(&mut octets, fields.collect(), 0x1d);
    Ok(octets)
}

fn part(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len() + 1);
    octets.extend_from_slice(text.as_bytes());
    octets.push(0x1f);
    octets
}

/// Appends what belongs together, from lesser to greater, and its end.
fn append(octets: &mut Vec<u8>, mut parts: Vec<Vec<u8>>, end: u8) {
    parts.sort_unstable();
    octets.extend(parts.into_iter().flatten());
    octets.push(end);
}

impl fmt::Display for NotHashable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownElement => "there is an element that is no identity, feature or form",
            Self::TableForm => "a form is a table",
            Self::NoFormType => "a form has no FORM_TYPE as XEP-0068 has it",
        })
    }
}

impl core::error::Error for NotHashable {}
