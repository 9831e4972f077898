//! What differs from run to run.

/// What a run is with, by the bits of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Options {
    /// Without TLS.
    pub(crate) plaintext: bool,
    /// The honest peer has another secret.
    pub(crate) wrong_secret: bool,
    /// PLAIN and nothing else; under TLS only.
    pub(crate) plain: bool,
    /// A client asks its driver for the keys.
    pub(crate) queried: bool,
    /// Elements of a namespace of its own are wanted.
    pub(crate) nonzas: bool,
    /// Little is taken in.
    pub(crate) small: bool,
    /// Clients leave the resource to the server, and ask for a token: SASL2 with all
    /// that goes inline.
    pub(crate) inline: bool,
    /// The role begins another session than the one that was recorded.
    pub(crate) fresh: bool,
}

impl Options {
    pub(crate) const fn from_byte(byte: u8) -> Self {
        let plaintext = byte & 1 != 0;
        Self {
            plaintext,
            wrong_secret: byte & 2 != 0,
            plain: byte & 4 != 0 && !plaintext,
            queried: byte & 8 != 0,
            nonzas: byte & 16 != 0,
            small: byte & 32 != 0,
            inline: byte & 64 != 0,
            fresh: true,
        }
    }

    /// The session whose elements are there to be replayed.
    pub(crate) const fn recorded(self) -> Self {
        Self { wrong_secret: false, nonzas: false, small: false, fresh: false, ..self }
    }
}
