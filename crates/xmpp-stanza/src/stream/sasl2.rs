//! The extensible SASL profile: the feature and the nonzas of XEP-0388.
//!
//! What goes inline with them is kept as elements, to be read as the type that
//! knows it: [`bind2`](crate::bind2), [`fast`](crate::fast), stream management.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use xmpp_jid::Jid;
use xmpp_xml::{Element, ElementRef, Ns, WriteXml, Writer, ns};
use zeroize::Zeroizing;

use crate::invalid::Rule;
use crate::sasl::{self, SaslCondition};
use crate::{Invalid, LangText, Payload, envelope};

mod authenticate;
mod tasks;

pub use self::authenticate::{Authenticate, UserAgent};
pub use self::tasks::{Continue, Next, ScramUpgrade, TaskData};

const NS: Ns<'static> = ns::SASL2;
const SECTION: &str = "XEP-0388";

/// The namespace of `<upgrade/>` (XEP-0480).
const UPGRADE: Ns<'static> = Ns::new("urn:xmpp:sasl:upgrade:0");

/// Base 64 between the tags. An empty element is data of no length; that there is
/// no data is told by the absence of the element (XEP-0388, "SASL Data Encoding").
///
/// It holds passwords in some mechanisms, and never shows in `Debug`. It is wiped
/// when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Data(Zeroizing<String>);

impl Data {
    /// These bytes.
    #[must_use]
    pub fn encode(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(STANDARD.encode(bytes)))
    }

    fn read(element: ElementRef<'_>, name: &'static str) -> Result<Self, Invalid> {
        let text = envelope::text(element, name, SECTION)?;
        Ok(Self(Zeroizing::new(text.into_owned())))
    }

    /// The base 64 as it came.
    ///
    /// # Security
    ///
    /// It may be a password.
    #[must_use]
    pub fn as_base64(&self) -> &str {
        &self.0
    }

    /// The bytes.
    ///
    /// # Errors
    ///
    /// If it is not base 64 with padding and without anything else in it. A server
    /// answers with the SASL failure
    /// [`IncorrectEncoding`](SaslCondition::IncorrectEncoding).
    pub fn decode(&self) -> Result<Zeroizing<Vec<u8>>, Invalid> {
        STANDARD
            .decode(self.as_base64())
            .map(Zeroizing::new)
            .map_err(|_| Invalid::new("sasl2", Rule::Base64, SECTION))
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// `<authentication/>`: the stream feature.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Authentication {
    /// The names of the mechanisms. XEP-0474 hashes these, and no others.
    pub mechanisms: Vec<String>,
    /// What can be asked for inline, each an element.
    pub inline: Vec<Element>,
    /// The names of the upgrade tasks that the server can do (XEP-0480).
    pub upgrades: Vec<String>,
}

impl Authentication {
    /// An offer of these mechanisms.
    pub fn new<S: Into<String>>(mechanisms: impl IntoIterator<Item = S>) -> Self {
        Self { mechanisms: mechanisms.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// What can be asked for inline, of type `T`.
    ///
    /// # Errors
    ///
    /// If it is there and breaks the rules of `T`.
    pub fn inline<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        crate::payload::first(self.inline.iter())
    }
}

impl Payload<'_> for Authentication {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "authentication";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let inline = element.child(NS, "inline").map(|inline| inline.children());
        Ok(Self {
            mechanisms: names(element, NS, "mechanism"),
            inline: inline.into_iter().flatten().map(ElementRef::into_shared).collect(),
            upgrades: names(element, UPGRADE, "upgrade"),
        })
    }
}

impl Authentication {
    /// Writes it, with what `inline` writes among the inline features.
    pub fn write_with(&self, w: &mut Writer<'_>, inline: impl FnOnce(&mut Writer<'_>)) {
        w.start(NS, Self::NAME);
        for name in &self.mechanisms {
            w.leaf(NS, "mechanism", name);
        }
        w.start(NS, "inline");
        write_all(w, &self.inline);
        inline(w);
        w.end();
        write_upgrades(w, &self.upgrades);
        w.end();
    }
}

impl WriteXml for Authentication {
    fn write_xml(&self, w: &mut Writer<'_>) {
        self.write_with(w, |_| {});
    }
}

macro_rules! carriers {
    ($( $(#[$meta:meta])* $name:ident => $local:literal; )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            /// What it carries.
            pub data: Data,
        }

        impl $name {
            /// One that carries these bytes.
            #[must_use]
            pub fn new(bytes: &[u8]) -> Self {
                Self { data: Data::encode(bytes) }
            }
        }

        impl Payload<'_> for $name {
            const NS: Ns<'static> = NS;
            const NAME: &'static str = $local;

            fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
                Self::check(element)?;
                Ok(Self { data: Data::read(element, $local)? })
            }
        }

        impl WriteXml for $name {
            fn write_xml(&self, w: &mut Writer<'_>) {
                w.leaf(NS, $local, self.data.as_base64());
            }
        }
    )+};
}

carriers! {
    /// `<challenge/>`: the server goes on.
    Challenge => "challenge";
    /// `<response/>`: the client goes on.
    Response => "response";
}

/// `<success/>`: the client is authenticated, and what it asked for is done.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Success {
    /// The additional data of the mechanism, which the client may have to verify.
    pub additional_data: Option<Data>,
    /// Whom the client acts as: a full JID if a resource was bound.
    pub authorization_identifier: Jid,
    /// The results of what was asked for, each an element.
    pub inline: Vec<Element>,
}

impl Success {
    /// Success for that address.
    pub fn new(authorization_identifier: impl Into<Jid>) -> Self {
        Self {
            additional_data: None,
            authorization_identifier: authorization_identifier.into(),
            inline: Vec::new(),
        }
    }

    /// The result of type `T`.
    ///
    /// # Errors
    ///
    /// If it is there and breaks the rules of `T`.
    pub fn inline<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        crate::payload::first(self.inline.iter())
    }
}

impl Payload<'_> for Success {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "success";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        const IDENTIFIER: &str = "authorization-identifier";
        Self::check(element)?;
        let (mut additional_data, mut identifier, mut inline) = (None, None, Vec::new());
        for child in element.children() {
            match if child.has_ns(NS) { child.name() } else { "" } {
                "additional-data" => set(&mut additional_data, data(child)?, Self::NAME)?,
                IDENTIFIER => {
                    let text = envelope::text(child, IDENTIFIER, SECTION)?;
                    let jid = Jid::new(envelope::trimmed(&text))
                        .map_err(|error| Invalid::new(IDENTIFIER, Rule::Jid(error), SECTION))?;
                    set(&mut identifier, jid, Self::NAME)?;
                }
                _ => inline.push(child.into_shared()),
            }
        }
        let missing = || Invalid::new(Self::NAME, Rule::MissingChild(IDENTIFIER), SECTION);
        let authorization_identifier = identifier.ok_or_else(missing)?;
        Ok(Self { additional_data, authorization_identifier, inline })
    }
}

impl Success {
    /// Writes it, with what `more` writes beside what is inline.
    pub fn write_with(&self, w: &mut Writer<'_>, more: impl FnOnce(&mut Writer<'_>)) {
        w.start(NS, Self::NAME);
        write_data(w, "additional-data", self.additional_data.as_ref());
        w.leaf(NS, "authorization-identifier", self.authorization_identifier.as_str());
        write_all(w, &self.inline);
        more(w);
        w.end();
    }
}

impl WriteXml for Success {
    fn write_xml(&self, w: &mut Writer<'_>) {
        self.write_with(w, |_| {});
    }
}

/// `<failure/>`: what is in it is what RFC 6120's has, and its conditions are in
/// RFC 6120's namespace.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the same in another namespace")]
pub struct Failure(
    /// What is in it.
    pub sasl::Failure,
);

impl Payload<'_> for Failure {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "failure";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let mut failure = sasl::Failure::new(SaslCondition::NotAuthorized);
        let mut condition = None;
        for child in element.children() {
            let known = child.has_ns(ns::SASL).then(|| SaslCondition::from_name(child.name()));
            match known.flatten() {
                Some(found) if condition.is_none() => condition = Some(found),
                _ if child.is(NS, "text") => failure.texts.push(LangText::of(child).into_owned()),
                _ => failure.extensions.push(child.into_shared()),
            }
        }
        failure.condition = condition.unwrap_or(SaslCondition::NotAuthorized);
        Ok(Self(failure))
    }
}

impl WriteXml for Failure {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME);
        w.start(ns::SASL, self.0.condition.as_str()).end();
        write_all(w, &self.0.extensions);
        for text in &self.0.texts {
            envelope::write_lang_text(w, NS, "text", text);
        }
        w.end();
    }
}

/// `<abort/>`: the client gives up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Abort {
    /// Why, for people.
    pub text: Option<String>,
}

impl Payload<'_> for Abort {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "abort";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        Ok(Self { text: element.child(NS, "text").map(|text| text.text().into_owned()) })
    }
}

impl WriteXml for Abort {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME);
        if let Some(text) = &self.text {
            w.leaf(NS, "text", text);
        }
        w.end();
    }
}

fn data(element: ElementRef<'_>) -> Result<Data, Invalid> {
    Data::read(element, "sasl2")
}

/// What may be there once.
fn set<T>(slot: &mut Option<T>, value: T, element: &'static str) -> Result<(), Invalid> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Invalid::new(element, Rule::Repeated, SECTION)),
    }
}

fn required(
    element: ElementRef<'_>,
    name: &'static str,
    attribute: &'static str,
) -> Result<String, Invalid> {
    let missing = || Invalid::new(name, Rule::MissingAttribute, SECTION).in_attribute(attribute);
    element.attr(attribute).map(|value| value.into_owned()).ok_or_else(missing)
}

fn name_in(element: ElementRef<'_>) -> String {
    envelope::trimmed(&element.text()).into()
}

fn names(parent: ElementRef<'_>, ns: Ns<'_>, name: &str) -> Vec<String> {
    parent.children().filter(|child| child.is(ns, name)).map(name_in).collect()
}

fn write_data(w: &mut Writer<'_>, name: &str, data: Option<&Data>) {
    if let Some(data) = data {
        w.leaf(NS, name, data.as_base64());
    }
}

fn write_upgrades(w: &mut Writer<'_>, names: &[String]) {
    for name in names {
        w.leaf(UPGRADE, "upgrade", name);
    }
}

fn write_all(w: &mut Writer<'_>, elements: &[Element]) {
    for element in elements {
        w.element(element.as_ref());
    }
}
