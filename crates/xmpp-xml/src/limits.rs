//! How much a peer may ask of a reader.

use crate::tape::MOST_DECLS;

/// Bounds that a reader keeps while it reads; going over one is
/// [`Condition::PolicyViolation`](crate::Condition::PolicyViolation).
///
/// The default suits a public server and its authenticated peers;
/// [`Limits::unauthenticated`] is for the time before authentication, when
/// nobody has a need for more than features, SASL and STARTTLS.
///
/// ```
/// use xmpp_xml::Limits;
///
/// let limits = Limits::default().max_element_bytes(64 * 1024).max_depth(32);
/// assert!(limits.max_element_bytes < Limits::default().max_element_bytes);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one first-level element as sent, or of a whole document. White space between first-level elements does not
    /// count: it is not kept. At most 1 GiB.
    ///
    /// RFC 6120 section 13.12 asks for at least 10,000 bytes; servers in the
    /// field take 256 KiB from clients.
    pub max_element_bytes: u32,
    /// Elements open at once, the stream's root not counted.
    pub max_depth: u32,
    /// Attributes of one element, namespace declarations not counted.
    pub max_attributes: u32,
    /// Namespace declarations in scope at any place, those of the stream
    /// header included, and so at most this many on one element.
    pub max_namespaces: u32,
    /// Bytes of a local name or of a prefix. At most 4,095.
    pub max_name_bytes: u32,
    /// Child elements of one element.
    pub max_children: u32,
    /// Bytes of the URI in a namespace declaration, as sent.
    ///
    /// Everything within inherits it: what is written of the parts one by one
    /// has to declare it again.
    pub max_uri_bytes: u32,
    /// Bytes of the value of `xml:lang`, as sent: inherited as well. RFC 5646
    /// section 4.4.1 asks for room for 35.
    pub max_lang_bytes: u32,
    /// Bytes of a stream header as sent, without the XML declaration. What it
    /// declares is kept as long as the stream lasts.
    pub max_header_bytes: u32,
    /// Namespace declarations of a stream header. At most 4,096.
    pub max_header_namespaces: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_element_bytes: 256 * 1024,
            max_depth: 128,
            max_attributes: 128,
            max_namespaces: 64,
            max_name_bytes: 1024,
            max_children: 10_000,
            max_uri_bytes: 1024,
            max_lang_bytes: 128,
            max_header_bytes: 4096,
            max_header_namespaces: 16,
        }
    }
}

impl Limits {
    /// Those for the time before the peer has authenticated.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self {
            // RFC 6120 section 13.12: not less than 10,000 bytes.
            max_element_bytes: 16 * 1024,
            max_depth: 16,
            max_attributes: 32,
            max_namespaces: 16,
            max_name_bytes: 256,
            max_children: 64,
            ..Self::default()
        }
    }

    /// Those for input that one trusts as much as oneself: only what the
    /// layout needs (1 GiB, names of 4 KiB) and bounds on nesting and on what
    /// is compared with each other.
    #[must_use]
    pub fn trusted() -> Self {
        Self {
            max_element_bytes: MAX_ELEMENT_BYTES,
            max_depth: 1 << 20,
            max_attributes: 1 << 12,
            max_namespaces: 1 << 12,
            max_name_bytes: MAX_NAME_BYTES,
            max_children: u32::MAX,
            max_uri_bytes: MAX_ELEMENT_BYTES,
            max_lang_bytes: MAX_ELEMENT_BYTES,
            max_header_bytes: MAX_ELEMENT_BYTES,
            max_header_namespaces: 1 << 12,
        }
    }

    /// Sets [`Limits::max_element_bytes`].
    #[must_use]
    pub fn max_element_bytes(mut self, bytes: u32) -> Self {
        self.max_element_bytes = bytes;
        self
    }

    /// Sets [`Limits::max_depth`].
    #[must_use]
    pub fn max_depth(mut self, depth: u32) -> Self {
        self.max_depth = depth;
        self
    }

    /// Sets [`Limits::max_attributes`].
    #[must_use]
    pub fn max_attributes(mut self, attributes: u32) -> Self {
        self.max_attributes = attributes;
        self
    }

    /// Sets [`Limits::max_namespaces`].
    #[must_use]
    pub fn max_namespaces(mut self, declarations: u32) -> Self {
        self.max_namespaces = declarations;
        self
    }

    /// Sets [`Limits::max_name_bytes`].
    #[must_use]
    pub fn max_name_bytes(mut self, bytes: u32) -> Self {
        self.max_name_bytes = bytes;
        self
    }

    /// Sets [`Limits::max_children`].
    #[must_use]
    pub fn max_children(mut self, children: u32) -> Self {
        self.max_children = children;
        self
    }

    /// Sets [`Limits::max_uri_bytes`].
    #[must_use]
    pub fn max_uri_bytes(mut self, bytes: u32) -> Self {
        self.max_uri_bytes = bytes;
        self
    }

    /// Sets [`Limits::max_lang_bytes`].
    #[must_use]
    pub fn max_lang_bytes(mut self, bytes: u32) -> Self {
        self.max_lang_bytes = bytes;
        self
    }

    /// Sets [`Limits::max_header_bytes`].
    #[must_use]
    pub fn max_header_bytes(mut self, bytes: u32) -> Self {
        self.max_header_bytes = bytes;
        self
    }

    /// Sets [`Limits::max_header_namespaces`].
    #[must_use]
    pub fn max_header_namespaces(mut self, declarations: u32) -> Self {
        self.max_header_namespaces = declarations;
        self
    }

    /// Without what the layout of the tape cannot hold.
    pub(crate) fn clamped(mut self) -> Self {
        self.max_element_bytes = self.max_element_bytes.min(MAX_ELEMENT_BYTES);
        self.max_name_bytes = self.max_name_bytes.min(MAX_NAME_BYTES);
        self.max_header_bytes = self.max_header_bytes.min(MAX_ELEMENT_BYTES);
        self.max_header_namespaces = self.max_header_namespaces.min(MOST_DECLS);
        self
    }
}

/// Offsets on the tape have 32 bits; a tape has at most three words a byte.
const MAX_ELEMENT_BYTES: u32 = 1 << 30;
/// Lengths of names have 12 bits on the tape.
const MAX_NAME_BYTES: u32 = (1 << 12) - 1;
