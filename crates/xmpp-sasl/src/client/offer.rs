//! What the server offered, as it arrived.

/// Which of XMPP's two SASL profiles the offer came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// RFC 6120 section 6: `<mechanisms/>`.
    Sasl,
    /// XEP-0388: `<authentication/>`. Here XEP-0440 leaves the server no
    /// choice but to list its channel bindings.
    Sasl2,
}

/// What the server offered, as it arrived. The lists matter to the letter:
/// with XEP-0474 both sides hash them.
///
/// ```
/// use xmpp_sasl::client::Offer;
///
/// let offer = Offer::sasl(&["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"])
///     .with_channel_bindings(&["tls-exporter", "tls-server-end-point"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    pub(crate) profile: Profile,
    pub(crate) mechanisms: &'a [&'a str],
    pub(crate) token_mechanisms: &'a [&'a str],
    pub(crate) channel_bindings: Option<&'a [&'a str]>,
}

impl<'a> Offer<'a> {
    /// The `<mechanism/>`s of RFC 6120's `<mechanisms/>`.
    pub const fn sasl(mechanisms: &'a [&'a str]) -> Self {
        Self { profile: Profile::Sasl, mechanisms, token_mechanisms: &[], channel_bindings: None }
    }

    /// The `<mechanism/>`s of XEP-0388's `<authentication/>`.
    pub const fn sasl2(mechanisms: &'a [&'a str]) -> Self {
        Self { profile: Profile::Sasl2, mechanisms, token_mechanisms: &[], channel_bindings: None }
    }

    /// The channel binding types of `<sasl-channel-binding/>` (XEP-0440), if
    /// that feature was there at all.
    #[must_use]
    pub const fn with_channel_bindings(mut self, types: &'a [&'a str]) -> Self {
        self.channel_bindings = Some(types);
        self
    }

    /// The `<mechanism/>`s of `<fast/>` (XEP-0484). They are apart from the
    /// others: they do not count for XEP-0474's hash.
    #[must_use]
    pub const fn with_token_mechanisms(mut self, mechanisms: &'a [&'a str]) -> Self {
        self.token_mechanisms = mechanisms;
        self
    }
}
