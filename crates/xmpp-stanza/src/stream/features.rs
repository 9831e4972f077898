//! `<stream:features/>`: RFC 6120, section 4.3.2.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_xml::{Element, ElementRef, Ns, Sharing, WriteError, WriteXml, Writer, ns};

use crate::bind::Bind;
use crate::envelope;
use crate::invalid::Rule;
use crate::session::Session;
use crate::tls::StartTls;
use crate::{Invalid, Payload};

/// Stream features where they lie in the receive buffer.
#[derive(Clone, Copy, Debug)]
pub struct FeaturesRef<'a>(ElementRef<'a>);

impl<'a> FeaturesRef<'a> {
    /// The element as stream features.
    ///
    /// # Errors
    ///
    /// If it is no `<features/>` of the stream namespace.
    pub fn parse(element: ElementRef<'a>) -> Result<Self, Invalid> {
        if element.is(ns::STREAM, "features") {
            Ok(Self(element))
        } else {
            Err(Invalid::new("features", Rule::WrongElement, "RFC 6120, 4.3.2")
                .found(element.name()))
        }
    }

    /// The whole element.
    #[must_use]
    pub const fn element(self) -> ElementRef<'a> {
        self.0
    }

    /// Each feature, known or not, in the order of the document.
    pub fn iter(self) -> impl Iterator<Item = ElementRef<'a>> {
        self.0.children()
    }

    /// Whether there are none: negotiation is complete.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.children().next().is_none()
    }

    /// Whether there is a feature of the name and the namespace of `T`.
    #[must_use]
    pub fn has<T: Payload<'a>>(self) -> bool {
        self.0.child(T::NS, T::NAME).is_some()
    }

    /// The feature of type `T`, if it is there.
    ///
    /// # Errors
    ///
    /// If it is there and breaks the rules of `T`.
    pub fn feature<T: Payload<'a>>(self) -> Result<Option<T>, Invalid> {
        self.0.child(T::NS, T::NAME).map(T::parse).transpose()
    }

    /// The features that say by a `<required/>` that they are mandatory to negotiate,
    /// known or not (`6120-4.3.2-02`). Others may be mandatory without saying so, as
    /// resource binding is.
    pub fn required(self) -> impl Iterator<Item = ElementRef<'a>> {
        self.iter().filter(|feature| feature.children().any(|child| child.name() == "required"))
    }

    /// The offer of STARTTLS.
    #[must_use]
    pub fn starttls(self) -> Option<StartTls> {
        self.feature().ok().flatten()
    }

    /// The names of the SASL mechanisms, in the order of the server's
    /// preference; `None` if there is no `<mechanisms/>`.
    #[must_use]
    pub fn mechanisms(self) -> Option<impl Iterator<Item = Cow<'a, str>>> {
        self.0.child(Mechanisms::NS, Mechanisms::NAME).map(names)
    }

    /// Whether a resource is to be bound.
    #[must_use]
    pub fn bind(self) -> bool {
        self.has::<Bind>()
    }

    /// The offer of session establishment, RFC 3921's.
    #[must_use]
    pub fn session(self) -> Option<Session> {
        self.feature().ok().flatten()
    }

    /// A copy that lives on its own.
    #[must_use]
    pub fn into_owned(self) -> Features {
        let mut sharing = Sharing::new(self.0);
        Features { elements: self.iter().map(|feature| sharing.share(feature)).collect() }
    }
}

/// Stream features: each an element, in order, to be read as the type that
/// knows it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use xmpp_stanza::features::{Features, Mechanisms};
/// use xmpp_stanza::tls::StartTls;
///
/// let features = Features::new()
///     .with(&StartTls::required())?
///     .with(&Mechanisms::new(["SCRAM-SHA-256", "PLAIN"]))?;
/// assert_eq!(features.feature::<StartTls>()?, Some(StartTls::required()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Features {
    /// Each feature, known or not, in the order of the document.
    pub elements: Vec<Element>,
}

impl Features {
    /// No features.
    #[must_use]
    pub const fn new() -> Self {
        Self { elements: Vec::new() }
    }

    /// Reads a `<features/>` of the stream namespace.
    ///
    /// # Errors
    ///
    /// If it is another element.
    pub fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        FeaturesRef::parse(element).map(FeaturesRef::into_owned)
    }

    /// Returns this value with one more feature.
    ///
    /// # Errors
    ///
    /// If the feature has characters that XML does not allow.
    pub fn with(mut self, feature: &impl WriteXml) -> Result<Self, WriteError> {
        self.elements.push(crate::payload::to_element(feature)?);
        Ok(self)
    }

    /// The feature of type `T`, if it is there.
    ///
    /// # Errors
    ///
    /// If it is there and breaks the rules of `T`.
    pub fn feature<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        crate::payload::first(self.elements.iter())
    }
}

impl WriteXml for Features {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::STREAM, "features");
        for element in &self.elements {
            w.element(element.as_ref());
        }
        w.end();
    }
}

/// `<mechanisms/>`: the SASL mechanisms that are offered (RFC 6120, section
/// 6.4.1).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Mechanisms {
    /// Their names, in the order of the server's preference.
    pub names: Vec<String>,
    /// What else is in it, in the order of the document.
    pub extensions: Vec<Element>,
}

impl Mechanisms {
    /// These, in the order of preference.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self { names: names.into_iter().map(Into::into).collect(), extensions: Vec::new() }
    }
}

fn names<'a>(mechanisms: ElementRef<'a>) -> impl Iterator<Item = Cow<'a, str>> {
    mechanisms.children().filter(|child| child.is(ns::SASL, "mechanism")).map(|mechanism| {
        match mechanism.text() {
            Cow::Borrowed(name) => Cow::Borrowed(envelope::trimmed(name)),
            Cow::Owned(name) => Cow::Owned(envelope::trimmed(&name).into()),
        }
    })
}

impl Payload<'_> for Mechanisms {
    const NS: Ns<'static> = ns::SASL;
    const NAME: &'static str = "mechanisms";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let mut sharing = Sharing::new(element);
        let others = element.children().filter(|child| !child.is(ns::SASL, "mechanism"));
        Ok(Self {
            names: names(element).map(Cow::into_owned).collect(),
            extensions: others.map(|other| sharing.share(other)).collect(),
        })
    }
}

impl WriteXml for Mechanisms {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        for name in &self.names {
            w.leaf(ns::SASL, "mechanism", name);
        }
        for extension in &self.extensions {
            w.element(extension.as_ref());
        }
        w.end();
    }
}

crate::stream::tls::empty! {
    /// The server keeps versions of rosters (RFC 6121, section 2.6.1).
    RosterVersioning => ns::ROSTER_VERSION, "ver", "RFC 6121, 2.6.1";
    /// The server keeps approvals of subscriptions that have not been asked
    /// for yet (RFC 6121, section 3.4.1).
    SubscriptionPreApproval => ns::PRE_APPROVAL, "sub", "RFC 6121, 3.4.1";
    /// The server offers stream management (XEP-0198).
    StreamManagement => ns::SM, "sm", "XEP-0198, 2";
    /// The server takes notice of what the client tells about its state
    /// (XEP-0352).
    ClientStateIndication => ns::CSI, "csi", "XEP-0352, 4.1";
}

impl crate::IntoOwned for ClientStateIndication {
    type Owned = Self;

    fn into_owned(self) -> Self {
        self
    }
}
