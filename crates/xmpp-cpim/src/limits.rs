/// What a peer may make us hold and look at.
///
/// RFC 3862 §2.2 asks processors not to limit the length of a line, so there is
/// no such limit: the whole object is bounded instead, and the number of its
/// headers, each of which costs memory beyond its octets.
///
/// ```
/// use xmpp_cpim::Limits;
///
/// let limits = Limits::default().with_max_object_bytes(10_000);
/// assert_eq!(limits.max_object_bytes, 10_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Octets of a Message/CPIM object or a PIDF document, all parts included.
    ///
    /// 512 KiB: what common servers let a stanza of another server have.
    pub max_object_bytes: usize,
    /// Message headers of a Message/CPIM object. 256: chosen arbitrarily, some
    /// ten times what a message to a large group would have.
    pub max_headers: usize,
    /// MIME header fields of one entity. 64: chosen arbitrarily.
    pub max_mime_headers: usize,
    /// Tuples of a PIDF document. 256: chosen arbitrarily; a user has a tuple
    /// per connected resource.
    pub max_tuples: usize,
    /// Notes and extension elements at one place of a PIDF document. 64:
    /// chosen arbitrarily.
    pub max_notes_or_extensions: usize,
    /// Stanzas that one object becomes: one for each recipient, and each tuple.
    /// 1024: what is written is to be in proportion to what was read.
    pub max_stanzas: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_object_bytes: 512 << 10,
            max_headers: 256,
            max_mime_headers: 64,
            max_tuples: 256,
            max_notes_or_extensions: 64,
            max_stanzas: 1024,
        }
    }
}

impl Limits {
    /// With another [`max_object_bytes`](Self::max_object_bytes).
    #[must_use]
    pub fn with_max_object_bytes(mut self, octets: usize) -> Self {
        self.max_object_bytes = octets;
        self
    }

    /// With another [`max_headers`](Self::max_headers).
    #[must_use]
    pub fn with_max_headers(mut self, count: usize) -> Self {
        self.max_headers = count;
        self
    }

    /// With another [`max_mime_headers`](Self::max_mime_headers).
    #[must_use]
    pub fn with_max_mime_headers(mut self, count: usize) -> Self {
        self.max_mime_headers = count;
        self
    }

    /// With another [`max_tuples`](Self::max_tuples).
    #[must_use]
    pub fn with_max_tuples(mut self, count: usize) -> Self {
        self.max_tuples = count;
        self
    }

    /// With another [`max_notes_or_extensions`](Self::max_notes_or_extensions).
    #[must_use]
    pub fn with_max_notes_or_extensions(mut self, count: usize) -> Self {
        self.max_notes_or_extensions = count;
        self
    }

    /// With another [`max_stanzas`](Self::max_stanzas).
    #[must_use]
    pub fn with_max_stanzas(mut self, count: usize) -> Self {
        self.max_stanzas = count;
        self
    }
}
