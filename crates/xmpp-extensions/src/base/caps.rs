//! Entity capabilities: XEP-0115.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

use super::disco::Info;
use super::forms::FORM_TYPE;
#[cfg(feature = "hashes")]
use super::hashes::Algorithm;

/// What somebody can do, as a hash (XEP-0115, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::CAPS, name = "c", section = "XEP-0115, 4")]
#[non_exhaustive]
pub struct Caps<'a> {
    /// Sets of features by name, of before version 1.4 (XEP-0115, 13).
    #[xml(attr)]
    pub ext: Option<Cow<'a, str>>,
    /// The hash function, such as `sha-1`. Without it `ver` is no hash, but of
    /// the legacy format (XEP-0115, 13).
    #[xml(attr)]
    pub hash: Option<Cow<'a, str>>,
    /// The software, as a URI.
    #[xml(attr)]
    pub node: Cow<'a, str>,
    /// The verification string: a hash in base 64.
    #[xml(attr)]
    pub ver: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Caps<'_> {
    /// The node to ask for what it stands for (XEP-0115, 6.2).
    #[must_use]
    pub fn query_node(&self) -> String {
        format!("{}#{}", self.node, self.ver)
    }

    /// Whether the answer of service discovery is what was announced
    /// (XEP-0115, 5.4). `None` if that cannot be known: there is no hash
    /// function, or an unknown one. Such an answer counts for the address that
    /// gave it, and is not to be kept for others (feature `hashes`).
    ///
    /// # Errors
    ///
    /// If the answer is ill-formed, which says no less than a wrong hash.
    #[cfg(feature = "hashes")]
    pub fn verify(&self, info: &Info<'_>) -> Result<Option<bool>, IllFormed> {
        let Some(algorithm) = self.hash.as_deref().and_then(algorithm) else { return Ok(None) };
        verification_string(info, &algorithm).map(|ver| ver.map(|ver| ver == self.ver))
    }

    /// What announces that answer of service discovery, by SHA-1, which every
    /// implementation has (XEP-0115, 5.1; feature `hashes`).
    ///
    /// ```
    /// use xmpp_extensions::base::caps::Caps;
    /// use xmpp_extensions::base::disco::{Feature, Identity, Info};
    ///
    /// let info = Info::new()
    ///     .with_identities([Identity::new("client", "pc").with_name("Exodus 0.9.1")])
    ///     .with_features([
    ///         Feature::new("http://jabber.org/protocol/muc"),
    ///         Feature::new("http://jabber.org/protocol/disco#items"),
    ///         Feature::new("http://jabber.org/protocol/disco#info"),
    ///         Feature::new("http://jabber.org/protocol/caps"),
    ///     ]);
    /// let caps = Caps::of(&info, "http://code.google.com/p/exodus")?;
    /// assert_eq!(caps.ver, "QgayPKawpkPSDYmwT/WM94uAlu0=");
    /// # Ok::<(), xmpp_extensions::base::caps::IllFormed>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the answer is ill-formed.
    #[cfg(feature = "hashes")]
    pub fn of<'n>(info: &Info<'_>, node: impl Into<Cow<'n, str>>) -> Result<Caps<'n>, IllFormed> {
        let ver = verification_string(info, &Algorithm::Sha1)?.unwrap_or_default();
        Ok(Caps::new(node, ver).with_hash("sha-1"))
    }
}

/// The functions of XEP-0300 by their names; those of RFC 3279 that some used.
#[cfg(feature = "hashes")]
fn algorithm(name: &str) -> Option<Algorithm<'_>> {
    use xmpp_stanza::payload::Value as _;
    let algorithm = Algorithm::read(Cow::Borrowed(name)).ok()?;
    (!matches!(algorithm, Algorithm::Other(_))).then_some(algorithm)
}

/// The verification string by that function (XEP-0115, 5.1; feature `hashes`).
/// `None` if the function is not known.
///
/// # Errors
///
/// If the answer is ill-formed.
#[cfg(feature = "hashes")]
pub fn verification_string(
    info: &Info<'_>,
    algorithm: &Algorithm<'_>,
) -> Result<Option<String>, IllFormed> {
    use xmpp_stanza::payload::Value as _;
    let input = verification_input(info)?;
    Ok(algorithm.hash(input.as_bytes()).map(|hash| {
        let mut text = String::new();
        hash.digest.write(&mut |base64| text.push_str(base64));
        text
    }))
}

/// An answer of service discovery that has no verification string
/// (XEP-0115, 5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IllFormed {
    /// An identity is there twice.
    RepeatedIdentity,
    /// A feature is there twice.
    RepeatedFeature,
    /// A `FORM_TYPE` is there twice.
    RepeatedForm,
    /// A `FORM_TYPE` has several values.
    AmbiguousForm,
}

/// What is hashed to get the verification string (XEP-0115, 5.1).
///
/// The languages of identities are those that they say. One that is inherited
/// does not count: XEP-0115 speaks of the attribute alone.
///
/// # Errors
///
/// If the answer is ill-formed.
pub fn verification_input(info: &Info<'_>) -> Result<String, IllFormed> {
    let mut text = String::new();
    let mut identities: Vec<[Cow<'_, str>; 4]> = info
        .identities
        .iter()
        .map(|id| {
            let (lang, name) = (id.lang.as_deref(), id.name.as_deref());
            [&id.category, &id.kind, lang.unwrap_or_default(), name.unwrap_or_default()]
                .map(literal)
        })
        .collect();
    sorted(&mut identities, IllFormed::RepeatedIdentity)?;
    for [category, kind, lang, name] in identities {
        text.push_str(&format!("{category}/{kind}/{lang}/{name}<"));
    }
    let mut features: Vec<_> = info.features.iter().map(|feature| literal(&feature.var)).collect();
    sorted(&mut features, IllFormed::RepeatedFeature)?;
    for feature in features {
        push(&mut text, &feature);
    }
    // XEP-0115, 5.4: a form without a hidden FORM_TYPE is ignored.
    let mut forms = Vec::new();
    for form in &info.forms {
        let Some(form_type) = form.form_type() else { continue };
        if form.values(FORM_TYPE).any(|value| value != form_type) {
            return Err(IllFormed::AmbiguousForm);
        }
        forms.push((form_type, form));
    }
    forms.sort_unstable_by_key(|(form_type, _)| *form_type);
    if forms.windows(2).any(|two| matches!(two, [a, b] if a.0 == b.0)) {
        return Err(IllFormed::RepeatedForm);
    }
    for (form_type, form) in forms {
        push(&mut text, &literal(form_type));
        let mut fields: Vec<_> = form
            .fields
            .iter()
            .filter_map(|field| Some((field.var.as_deref()?, field)))
            .filter(|(var, _)| *var != FORM_TYPE)
            .map(|(var, field)| (literal(var), field))
            .collect();
        fields.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (var, field) in fields {
            push(&mut text, &var);
            let mut values: Vec<_> = field.values.iter().map(|value| literal(value)).collect();
            values.sort_unstable();
            for value in values {
                push(&mut text, &value);
            }
        }
    }
    Ok(text)
}

/// The note to XEP-0115, 5.1: `<` ends each part, so what is written `&lt;` in a part
/// stays that. Otherwise a name could look like a feature.
fn literal(part: &str) -> Cow<'_, str> {
    if part.contains('<') { Cow::Owned(part.replace('<', "&lt;")) } else { Cow::Borrowed(part) }
}

fn push(text: &mut String, part: &str) {
    text.push_str(part);
    text.push('<');
}

/// Sorts by octets, which is how texts in UTF-8 are compared.
fn sorted<T: Ord>(values: &mut [T], if_twice: IllFormed) -> Result<(), IllFormed> {
    values.sort_unstable();
    match values.windows(2).any(|two| matches!(two, [a, b] if a == b)) {
        true => Err(if_twice),
        false => Ok(()),
    }
}

impl fmt::Display for IllFormed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RepeatedIdentity => "an identity is there twice",
            Self::RepeatedFeature => "a feature is there twice",
            Self::RepeatedForm => "two forms have the same FORM_TYPE",
            Self::AmbiguousForm => "a FORM_TYPE has several values",
        })
    }
}

impl core::error::Error for IllFormed {}

#[cfg(all(test, feature = "hashes"))]
mod tests {
    use super::*;
    use xmpp_stanza::xml::Element;

    /// XEP-0115, 5.3.
    const COMPLEX: &str = "<query xmlns='http://jabber.org/protocol/disco#info'
         node='http://psi-im.org#q07IKJEyjvHSyhy//CH0CxmKi8w='>
    <identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>
    <identity xml:lang='el' category='client' name='&#936; 0.11' type='pc'/>
    <feature var='http://jabber.org/protocol/caps'/>
    <feature var='http://jabber.org/protocol/disco#info'/>
    <feature var='http://jabber.org/protocol/disco#items'/>
    <feature var='http://jabber.org/protocol/muc'/>
    <x xmlns='jabber:x:data' type='result'>
      <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>
      <field var='ip_version' type='text-multi' ><value>ipv4</value><value>ipv6</value></field>
      <field var='os'><value>Mac</value></field>
      <field var='os_version'><value>10.5.1</value></field>
      <field var='software'><value>Psi</value></field>
      <field var='software_version'><value>0.11</value></field>
    </x></query>";

    fn ver(xml: &str) -> Result<Option<String>, IllFormed> {
        let element = Element::parse(xml).unwrap();
        verification_string(&Info::parse(element.as_ref()).unwrap(), &Algorithm::Sha1)
    }

    #[test]
    fn the_complex_example() {
        assert_eq!(ver(COMPLEX), Ok(Some("q07IKJEyjvHSyhy//CH0CxmKi8w=".into())));
        // The order of what is sorted does not matter.
        let turned = COMPLEX
            .replace("<feature var='http://jabber.org/protocol/caps'/>", "")
            .replace("<x ", "<feature var='http://jabber.org/protocol/caps'/><x ")
            .replace(
                "<value>ipv4</value><value>ipv6</value>",
                "<value>ipv6</value><value>ipv4</value>",
            );
        assert_eq!(ver(&turned), ver(COMPLEX));
        assert_ne!(ver(&COMPLEX.replace("10.5.1", "10.5.2")), ver(COMPLEX));
        // A form whose FORM_TYPE is not hidden does not count.
        let without = COMPLEX.replace("type='hidden'", "");
        assert_ne!(ver(&without), ver(COMPLEX));
        assert_eq!(ver(&without), ver(&without.replace("10.5.1", "10.5.2")));
    }

    #[test]
    fn a_name_is_no_feature() {
        let one = "<query xmlns='http://jabber.org/protocol/disco#info'>\
                   <identity category='client' type='pc' name='x&lt;urn:y'/></query>";
        let two = "<query xmlns='http://jabber.org/protocol/disco#info'>\
                   <identity category='client' type='pc' name='x'/><feature var='urn:y'/></query>";
        assert_ne!(ver(one), ver(two));
        let info = Element::parse(one).unwrap();
        let input = verification_input(&Info::parse(info.as_ref()).unwrap());
        assert_eq!(input.as_deref(), Ok("client/pc//x&lt;urn:y<"));
    }

    #[test]
    fn what_is_announced_is_verified() {
        let element = Element::parse(COMPLEX).unwrap();
        let info = Info::parse(element.as_ref()).unwrap();
        let caps = Caps::of(&info, "http://psi-im.org").unwrap();
        assert_eq!(Some(&*caps.query_node()), info.node.as_deref());
        assert_eq!(caps.verify(&info), Ok(Some(true)));
        assert_eq!(Caps::new("x", "y").with_hash("sha-256").verify(&info), Ok(Some(false)));
        assert_eq!(Caps::new("x", "y").with_hash("whirlpool").verify(&info), Ok(None));
        assert_eq!(Caps::new("x", "y").verify(&info), Ok(None));
    }

    #[test]
    fn ill_formed_answers() {
        // XEP-0115, 5.4, rule 3.
        let again = |what: &str| ver(&COMPLEX.replacen(what, &format!("{what}{what}"), 1));
        let feature = "<feature var='http://jabber.org/protocol/muc'/>";
        assert_eq!(again(feature), Err(IllFormed::RepeatedFeature));
        let identity = "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>";
        assert_eq!(again(identity), Err(IllFormed::RepeatedIdentity));
        let form = &COMPLEX[COMPLEX.find("<x ").unwrap()..COMPLEX.find("</query>").unwrap()];
        assert_eq!(again(form), Err(IllFormed::RepeatedForm));
        let value = "<value>urn:xmpp:dataforms:softwareinfo</value>";
        assert_eq!(again(value), ver(COMPLEX));
        let other = format!("{value}<value>urn:example</value>");
        assert_eq!(ver(&COMPLEX.replace(value, &other)), Err(IllFormed::AmbiguousForm));
    }
}
