//! STARTTLS: RFC 6120, section 5.

use xmpp_xml::{ElementRef, Ns, WriteXml, Writer, ns};

use crate::{Invalid, Payload};

/// `<starttls/>`: as a stream feature the offer, as a nonza the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StartTls {
    /// Of an offer: there is no going on without it.
    pub required: bool,
}

impl StartTls {
    /// The request, or an offer that can be refused.
    #[must_use]
    pub const fn new() -> Self {
        Self { required: false }
    }

    /// An offer that cannot be refused (`6120-5.4.1-04`).
    #[must_use]
    pub const fn required() -> Self {
        Self { required: true }
    }
}

impl Payload<'_> for StartTls {
    const NS: Ns<'static> = ns::TLS;
    const NAME: &'static str = "starttls";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        Ok(Self { required: element.child(ns::TLS, "required").is_some() })
    }
}

impl WriteXml for StartTls {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        if self.required {
            w.start(ns::TLS, "required").end();
        }
        w.end();
    }
}

/// Makes a type of an element that has nothing in it.
macro_rules! empty {
    ($( $(#[$meta:meta])* $name:ident => $ns:expr, $local:literal, $section:literal; )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[expect(clippy::exhaustive_structs, reason = "there is nothing in the element")]
        pub struct $name;

        impl $crate::Payload<'_> for $name {
            const NS: xmpp_xml::Ns<'static> = $ns;
            const NAME: &'static str = $local;
            const SHAPE: &'static $crate::payload::Shape =
                &$crate::payload::Shape::new($ns, $local, $section, &[]);

            fn parse(element: xmpp_xml::ElementRef<'_>) -> Result<Self, $crate::Invalid> {
                Self::check(element)?;
                Ok(Self)
            }

            fn parse_noting(
                element: xmpp_xml::ElementRef<'_>,
                findings: &mut $crate::Findings,
            ) -> Result<Self, $crate::Invalid> {
                $crate::payload::read_empty(Self::SHAPE, element, findings)?;
                Ok(Self)
            }
        }

        impl xmpp_xml::WriteXml for $name {
            fn write_xml(&self, w: &mut xmpp_xml::Writer<'_>) {
                w.start(<Self as $crate::Payload>::NS, <Self as $crate::Payload>::NAME).end();
            }
        }
    )+};
}
pub(crate) use empty;

empty! {
    /// The receiving entity is ready: TLS begins right after this element
    /// (RFC 6120, section 5.4.2.3).
    Proceed => ns::TLS, "proceed", "RFC 6120, 5.4.2.3";
    /// The receiving entity cannot, and closes the stream (RFC 6120, section
    /// 5.4.2.2).
    Failure => ns::TLS, "failure", "RFC 6120, 5.4.2.2";
}
