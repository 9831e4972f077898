//! The MIME parts of S/MIME (RFC 8551 section 3, RFC 1847): `multipart/signed`
//! and `application/pkcs7-mime`.

mod read;
mod write;

pub(crate) use read::{Layer, Unread, read};
pub(crate) use write::{multipart_signed, pkcs7_mime};

/// How large an object may be, to be sent and to be opened; the defaults are
/// enough for anything a stanza of a public server can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How long an object may be at each layer, in octets; 512 KiB.
    pub max_object_bytes: usize,
    /// How many header fields a MIME entity may have; 64.
    pub max_mime_headers: usize,
    /// How many layers of signatures and encryption an object may have; 4,
    /// one more than the triple wrapping of RFC 2634.
    pub max_layers: usize,
}

impl Limits {
    /// The defaults, to be had in a constant.
    pub const DEFAULT: Self =
        Self { max_object_bytes: 512 << 10, max_mime_headers: 64, max_layers: 4 };

    /// With another [`max_object_bytes`](Self::max_object_bytes).
    #[must_use]
    pub const fn with_max_object_bytes(mut self, octets: usize) -> Self {
        self.max_object_bytes = octets;
        self
    }

    /// With another [`max_mime_headers`](Self::max_mime_headers).
    #[must_use]
    pub const fn with_max_mime_headers(mut self, count: usize) -> Self {
        self.max_mime_headers = count;
        self
    }

    /// With another [`max_layers`](Self::max_layers).
    #[must_use]
    pub const fn with_max_layers(mut self, count: usize) -> Self {
        self.max_layers = count;
        self
    }

    pub(crate) fn cpim(&self) -> xmpp_cpim::Limits {
        xmpp_cpim::Limits::default()
            .with_max_object_bytes(self.max_object_bytes)
            .with_max_mime_headers(self.max_mime_headers)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Why a text is no object of S/MIME.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MimeError {
    /// The header fields or the `Content-Type` are wrong, or the object is too
    /// long.
    Entity(xmpp_cpim::ParseError),
    /// There is no `Content-Type`.
    NoContentType,
    /// It is neither `multipart/signed` nor `application/pkcs7-mime`: nothing
    /// protects it.
    NotSecured,
    /// A `multipart/signed` without a `boundary` of 1 to 70 characters (RFC 2046
    /// section 5.1.1), or with another `protocol` than
    /// `application/pkcs7-signature`.
    Parameters,
    /// A `multipart/signed` that has not exactly two parts between its
    /// delimiters and an end (RFC 1847 section 2.1).
    Parts,
    /// The second part of a `multipart/signed` is no
    /// `application/pkcs7-signature`.
    SignaturePart,
    /// The transfer encoding is unknown or not kept to.
    Transfer(xmpp_cpim::mime::TransferError),
    /// What should be CMS is not: cut off, or something else (RFC 5652 section 3).
    Cms(crate::asn1::Malformed),
    /// An object of CMS of a kind that is neither SignedData, EnvelopedData nor
    /// AuthEnvelopedData.
    ContentInfo,
    /// An `application/pkcs7-mime` that is not what its `smime-type` says.
    SmimeType,
    /// More layers than [`Limits::max_layers`].
    TooManyLayers,
}

impl core::fmt::Display for MimeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Entity(error) => error.fmt(f),
            Self::NotSecured => f.write_str(
                "the object is neither multipart/signed nor application/pkcs7-mime \
                 (RFC 8551 section 3.2)",
            ),
            Self::NoContentType => f.write_str("the entity has no Content-Type"),
            Self::Parameters => f.write_str(
                "multipart/signed needs a boundary and the protocol application/pkcs7-signature \
                 (RFC 1847 section 2.1)",
            ),
            Self::Parts => {
                f.write_str("multipart/signed has to have two parts (RFC 1847 section 2.1)")
            }
            Self::SignaturePart => f.write_str(
                "the second part of multipart/signed has to be application/pkcs7-signature \
                 (RFC 8551 section 3.5.3)",
            ),
            Self::Transfer(error) => error.fmt(f),
            Self::Cms(malformed) => write!(f, "the object of CMS is malformed: {malformed}"),
            Self::ContentInfo => f.write_str(
                "the object of CMS is neither SignedData, EnvelopedData nor AuthEnvelopedData",
            ),
            Self::SmimeType => {
                f.write_str("the object is not what smime-type says (RFC 8551 section 3.2.2)")
            }
            Self::TooManyLayers => f.write_str("the object has too many layers"),
        }
    }
}

impl core::error::Error for MimeError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Entity(error) => Some(error),
            Self::Transfer(error) => Some(error),
            Self::Cms(malformed) => Some(malformed),
            _ => None,
        }
    }
}
