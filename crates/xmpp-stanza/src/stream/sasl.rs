//! SASL: the nonzas of RFC 6120, section 6.
//!
//! What they carry is the business of the mechanisms; here it is base 64, to be
//! decoded with [`Data::decode`].

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use xmpp_xml::{Element, ElementRef, Ns, Sharing, WriteXml, Writer, ns};
use zeroize::Zeroizing;

use crate::invalid::Rule;
use crate::text::{lookup, primary};
use crate::words::words;
use crate::{Invalid, LangText, Payload, envelope};

pub use crate::stream::features::Mechanisms;

/// Base 64 between the tags, or nothing.
///
/// It holds passwords in some mechanisms, and never shows in `Debug`. What it
/// owns is wiped when it is dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Data(Option<Zeroizing<String>>);

impl Data {
    /// There is nothing: not the same as nothing in it.
    pub const NONE: Self = Self(None);

    /// These bytes; none of them is `=` on the wire (`6120-6.4.2-02`).
    #[must_use]
    pub fn encode(bytes: &[u8]) -> Self {
        Self(Some(Zeroizing::new(if bytes.is_empty() {
            String::from("=")
        } else {
            STANDARD.encode(bytes)
        })))
    }

    /// Encodes data that may be absent, as [`encode`](Self::encode) does.
    #[must_use]
    pub fn encode_opt(bytes: Option<&[u8]>) -> Self {
        bytes.map_or(Self::NONE, Self::encode)
    }

    fn read(element: ElementRef<'_>, name: &'static str) -> Result<Self, Invalid> {
        let text = envelope::text(element, name, "RFC 6120, 6.4")?;
        Ok(Self((!text.is_empty()).then(|| Zeroizing::new(text.into_owned()))))
    }

    /// The base 64 as it came, `None` if the element is empty.
    ///
    /// # Security
    ///
    /// It may be a password.
    #[must_use]
    pub fn as_base64(&self) -> Option<&str> {
        self.0.as_deref().map(String::as_str)
    }

    /// Whether the element is empty: for an initial response, that there is
    /// none; for a challenge or a response, that it has no bytes.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The bytes, `None` if the element is empty.
    ///
    /// # Errors
    ///
    /// If it is not base 64 with padding and without anything else in it
    /// (RFC 6120, section 13.9.1). A server answers with the SASL failure
    /// [`IncorrectEncoding`](SaslCondition::IncorrectEncoding).
    pub fn decode(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Invalid> {
        match self.as_base64() {
            None => Ok(None),
            Some("=") => Ok(Some(Zeroizing::default())),
            Some(base64) => STANDARD
                .decode(base64)
                .map(|bytes| Some(Zeroizing::new(bytes)))
                .map_err(|_| Invalid::new("sasl", Rule::Base64, "RFC 6120, 13.9.1")),
        }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_none() { "None" } else { "[secret]" })
    }
}

/// `<auth/>`: the client picks a mechanism (RFC 6120, section 6.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Auth {
    /// The name of the mechanism.
    pub mechanism: String,
    /// The initial response, if there is one.
    pub initial_response: Data,
}

impl Auth {
    /// A request for `mechanism`.
    pub fn new(mechanism: impl Into<String>, initial_response: Option<&[u8]>) -> Self {
        Self { mechanism: mechanism.into(), initial_response: Data::encode_opt(initial_response) }
    }
}

impl Payload<'_> for Auth {
    const NS: Ns<'static> = ns::SASL;
    const NAME: &'static str = "auth";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let Some(mechanism) = element.attr("mechanism") else {
            return Err(Invalid::new("auth", Rule::MissingAttribute, "RFC 6120, 6.4.2")
                .in_attribute("mechanism"));
        };
        Ok(Self {
            mechanism: mechanism.into_owned(),
            initial_response: Data::read(element, Self::NAME)?,
        })
    }
}

impl WriteXml for Auth {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        w.attr("mechanism", &self.mechanism);
        write_data(w, &self.initial_response);
        w.end();
    }
}

fn write_data(w: &mut Writer<'_>, data: &Data) {
    if let Some(base64) = data.as_base64() {
        w.text(base64);
    }
}

macro_rules! carriers {
    ($( $(#[$meta:meta])* $name:ident => $local:literal; )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            /// What it carries.
            pub data: Data,
        }

        impl $name {
            /// One that carries these bytes, or nothing.
            #[must_use]
            pub fn new(bytes: Option<&[u8]>) -> Self {
                Self { data: Data::encode_opt(bytes) }
            }
        }

        impl Payload<'_> for $name {
            const NS: Ns<'static> = ns::SASL;
            const NAME: &'static str = $local;

            fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
                Self::check(element)?;
                Ok(Self { data: Data::read(element, $local)? })
            }
        }

        impl WriteXml for $name {
            fn write_xml(&self, w: &mut Writer<'_>) {
                w.start(Self::NS, Self::NAME);
                write_data(w, &self.data);
                w.end();
            }
        }
    )+};
}

carriers! {
    /// `<challenge/>`: the server goes on (RFC 6120, section 6.4.3).
    Challenge => "challenge";
    /// `<response/>`: the client goes on (RFC 6120, section 6.4.3).
    Response => "response";
    /// `<success/>`: the server is satisfied (RFC 6120, section 6.4.6); what
    /// it carries is the additional data with success, which the client may
    /// have to verify.
    Success => "success";
}

crate::stream::tls::empty! {
    /// `<abort/>`: the client gives up (RFC 6120, section 6.4.4).
    Abort => ns::SASL, "abort", "RFC 6120, 6.4.4";
}

words! {
    /// Why authentication failed (RFC 6120, section 6.5).
    ///
    /// A condition that is not in this list is to be treated as
    /// [`NotAuthorized`](Self::NotAuthorized) (RFC 6120, section 6.5).
    pub enum SaslCondition {
        /// The client aborted (6.5.1).
        Aborted = "aborted",
        /// The account is disabled for the time being (6.5.2).
        AccountDisabled = "account-disabled",
        /// The credentials have expired (6.5.3).
        CredentialsExpired = "credentials-expired",
        /// The mechanism needs encryption (6.5.4).
        EncryptionRequired = "encryption-required",
        /// The data was not base 64 (6.5.5).
        IncorrectEncoding = "incorrect-encoding",
        /// The authorization identity is not one for the client (6.5.6).
        InvalidAuthzid = "invalid-authzid",
        /// The mechanism is not offered (6.5.7).
        InvalidMechanism = "invalid-mechanism",
        /// The data makes no sense in this mechanism (6.5.8).
        MalformedRequest = "malformed-request",
        /// The mechanism is weaker than the policy for the account (6.5.9).
        MechanismTooWeak = "mechanism-too-weak",
        /// Wrong credentials, or no reason is given (6.5.10).
        NotAuthorized = "not-authorized",
        /// A fault of the server's own; try later (6.5.11).
        TemporaryAuthFailure = "temporary-auth-failure",
    }
}

/// `<failure/>`: authentication failed (RFC 6120, section 6.4.5).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// Why.
    pub condition: SaslCondition,
    /// Descriptions, one a language.
    pub texts: Vec<LangText<'static>>,
    /// What else is in it, conditions that RFC 6120 does not define included,
    /// in the order of the document.
    pub extensions: Vec<Element>,
}

impl Failure {
    /// A failure without a description.
    #[must_use]
    pub const fn new(condition: SaslCondition) -> Self {
        Self { condition, texts: Vec::new(), extensions: Vec::new() }
    }

    /// Returns this value with one more description.
    #[must_use]
    pub fn with_text<'t>(mut self, text: impl Into<LangText<'t>>) -> Self {
        self.texts.push(text.into().into_owned());
        self
    }

    /// The description in no particular language, else the first.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        primary(self.texts.iter(), None).map(|text| &*text.text)
    }

    /// The description for a reader of the language `range`, by RFC 4647's
    /// lookup; if there is none, as [`text`](Self::text).
    #[must_use]
    pub fn text_for(&self, range: &str) -> Option<&LangText<'static>> {
        lookup(self.texts.iter(), None, range)
    }
}

impl From<SaslCondition> for Failure {
    fn from(condition: SaslCondition) -> Self {
        Self::new(condition)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.condition.as_str())?;
        if let Some(text) = self.text() {
            write!(f, ": {text}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Failure {}

impl Payload<'_> for Failure {
    const NS: Ns<'static> = ns::SASL;
    const NAME: &'static str = "failure";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let mut failure = Self::new(SaslCondition::NotAuthorized);
        let mut condition = None;
        let mut sharing = Sharing::new(element);
        for child in element.children() {
            let known = child.has_ns(ns::SASL).then(|| child.name());
            match (known, known.and_then(SaslCondition::from_name)) {
                (_, Some(found)) if condition.is_none() => condition = Some(found),
                (Some("text"), None) => failure.texts.push(LangText::of(child).into_owned()),
                _ => failure.extensions.push(sharing.share(child)),
            }
        }
        failure.condition = condition.unwrap_or(SaslCondition::NotAuthorized);
        Ok(failure)
    }
}

impl WriteXml for Failure {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        w.start(ns::SASL, self.condition.as_str()).end();
        for text in &self.texts {
            envelope::write_lang_text(w, ns::SASL, "text", text);
        }
        for extension in &self.extensions {
            w.element(extension.as_ref());
        }
        w.end();
    }
}
