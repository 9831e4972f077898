//! The two profiles of SASL in XMPP: the same exchange in other elements.

use alloc::vec::Vec;

use xmpp_sasl::client::Error as SaslError;
use xmpp_stanza::sasl::{Abort, Challenge, Failure, Response, SaslCondition};
use xmpp_stanza::{Invalid, Payload, sasl2};
use xmpp_xml::{ElementRef, Ns, SendBuffer, ns};

use crate::connection::core::Core;
use crate::error::Error;

/// Which elements an exchange is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Profile {
    /// RFC 6120 section 6.4.
    #[default]
    Rfc6120,
    /// XEP-0388.
    Sasl2,
}

impl Profile {
    /// The profile that the element belongs to.
    pub(crate) fn of(element: ElementRef<'_>) -> Option<Self> {
        [Self::Rfc6120, Self::Sasl2].into_iter().find(|each| element.has_ns(each.ns()))
    }

    pub(crate) const fn ns(self) -> Ns<'static> {
        match self {
            Self::Rfc6120 => ns::SASL,
            Self::Sasl2 => ns::SASL2,
        }
    }

    /// Whether this is the profile's element of that name.
    pub(super) fn has(self, element: ElementRef<'_>, name: &str) -> bool {
        element.is(self.ns(), name)
    }

    /// The data of a challenge or of a response. RFC 6120's of no length is an empty
    /// element; XEP-0388 knows no other way.
    pub(super) fn data(self, element: ElementRef<'_>) -> Result<impl AsRef<[u8]> + use<>, Invalid> {
        let challenge = element.name() == Challenge::NAME;
        match self {
            Self::Rfc6120 if challenge => {
                Challenge::parse(element)?.data.decode().map(Option::unwrap_or_default)
            }
            Self::Rfc6120 => Response::parse(element)?.data.decode().map(Option::unwrap_or_default),
            Self::Sasl2 if challenge => sasl2::Challenge::parse(element)?.data.decode(),
            Self::Sasl2 => sasl2::Response::parse(element)?.data.decode(),
        }
    }

    pub(super) fn write_challenge(self, core: &mut Core, data: &[u8], tx: &mut SendBuffer) {
        match self {
            // RFC 6120 section 6.4.3: a challenge of no length is an empty element.
            Self::Rfc6120 => core.write(&Challenge::new(filled(data)), tx),
            Self::Sasl2 => core.write(&sasl2::Challenge::new(data), tx),
        }
    }

    pub(super) fn write_response(self, core: &mut Core, data: &[u8], tx: &mut SendBuffer) {
        match self {
            Self::Rfc6120 => core.write(&Response::new(filled(data)), tx),
            Self::Sasl2 => core.write(&sasl2::Response::new(data), tx),
        }
    }

    pub(super) fn failure(self, element: ElementRef<'_>) -> Result<Failure, Invalid> {
        match self {
            Self::Rfc6120 => Failure::parse(element),
            Self::Sasl2 => sasl2::Failure::parse(element).map(|failure| failure.0),
        }
    }

    pub(super) fn write_failure(
        self,
        core: &mut Core,
        condition: SaslCondition,
        tx: &mut SendBuffer,
    ) {
        let failure = Failure::new(condition);
        match self {
            Self::Rfc6120 => core.write(&failure, tx),
            Self::Sasl2 => core.write(&sasl2::Failure(failure), tx),
        }
    }

    /// RFC 6120 section 6.4.4: tells the server that the exchange is off; the stream
    /// ends after it.
    pub(super) fn abort(self, core: &mut Core, error: SaslError, tx: &mut SendBuffer) -> Error {
        self.write_abort(core, tx);
        Error::ServerNotAuthenticated(error)
    }

    pub(crate) fn write_abort(self, core: &mut Core, tx: &mut SendBuffer) {
        match self {
            Self::Rfc6120 => core.write(&Abort, tx),
            Self::Sasl2 => core.write(&sasl2::Abort::default(), tx),
        }
    }
}

fn filled(data: &[u8]) -> Option<&[u8]> {
    Some(data).filter(|data| !data.is_empty())
}

/// Data that may not be there, as both profiles have it with success.
pub(super) fn decoded<D: AsRef<[u8]>>(data: Option<&D>) -> Option<&[u8]> {
    data.map(AsRef::as_ref)
}

/// Names borrowed.
pub(super) fn strs(names: &[alloc::string::String]) -> Vec<&str> {
    names.iter().map(alloc::string::String::as_str).collect()
}
