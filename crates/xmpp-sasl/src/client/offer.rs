//! What the server offered, as it arrived.

use super::Tried;

/// What the server offered, as it arrived. The lists matter to the letter:
/// with XEP-0474 both sides hash them.
///
/// ```
/// use xmpp_sasl::client::Offer;
///
/// // IMAP: `* CAPABILITY IMAP4rev2 AUTH=SCRAM-SHA-256 AUTH=PLAIN`
/// let offer = Offer::new(&["SCRAM-SHA-256", "PLAIN"]);
/// // XMPP, with XEP-0440:
/// let offer = Offer::new(&["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"])
///     .with_channel_bindings(&["tls-exporter", "tls-server-end-point"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    pub(super) mechanisms: &'a [&'a str],
    pub(super) token_mechanisms: &'a [&'a str],
    pub(super) channel_bindings: Option<&'a [&'a str]>,
    /// Whether the protocol leaves the server no choice but to list its channel
    /// bindings.
    pub(super) lists_bindings: bool,
    pub(super) tried: Option<&'a Tried>,
}

impl<'a> Offer<'a> {
    /// The names of the mechanisms.
    pub const fn new(mechanisms: &'a [&'a str]) -> Self {
        Self {
            mechanisms,
            token_mechanisms: &[],
            channel_bindings: None,
            lists_bindings: false,
            tried: None,
        }
    }

    /// The names of the mechanisms, in a protocol whose servers list their
    /// types of channel binding whenever they offer -PLUS: XMPP's SASL2
    /// (XEP-0388 with XEP-0440). -PLUS without types then is a
    /// [`Contradiction`](super::Contradiction).
    pub const fn sasl2(mechanisms: &'a [&'a str]) -> Self {
        let mut offer = Self::new(mechanisms);
        offer.lists_bindings = true;
        offer
    }

    /// The types of channel binding that the server lists, if its protocol has
    /// such a list (XMPP's XEP-0440) and it was there at all.
    #[must_use]
    pub const fn with_channel_bindings(mut self, types: &'a [&'a str]) -> Self {
        self.channel_bindings = Some(types);
        self
    }

    /// The mechanisms for tokens that the server lists apart (XEP-0484,
    /// `<fast/>`): they do not count for XEP-0474's hash.
    #[must_use]
    pub const fn with_token_mechanisms(mut self, mechanisms: &'a [&'a str]) -> Self {
        self.token_mechanisms = mechanisms;
        self
    }

    /// Returns this offer, after what has been tried on this connection. Mechanisms
    /// that are not to be tried again stay in it, for the hash over it; the
    /// policy passes them over.
    #[must_use]
    pub const fn after(mut self, tried: &'a Tried) -> Self {
        self.tried = Some(tried);
        self
    }
}
