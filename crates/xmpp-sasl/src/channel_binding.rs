//! What of the TLS connection an exchange can be bound to.

use alloc::vec::Vec;
use core::fmt;

/// A type of channel binding, as registered with IANA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChannelBindingType {
    /// `tls-server-end-point` (RFC 5929 section 4): the hash of the server's
    /// certificate. It does not notice an attacker who holds the server's key.
    TlsServerEndPoint,
    /// `tls-unique` (RFC 5929 section 3): the first Finished message, in TLS
    /// 1.2 and before. Only safe where the extended master secret (RFC 7627)
    /// was negotiated or no session was resumed (RFC 7677 section 4).
    TlsUnique,
    /// `tls-exporter` (RFC 9266): keying material exported from the
    /// connection. What TLS 1.3 offers.
    TlsExporter,
}

impl ChannelBindingType {
    /// All of them, the strongest last.
    pub const ALL: [Self; 3] = [Self::TlsServerEndPoint, Self::TlsUnique, Self::TlsExporter];

    /// The registered unique prefix, as in `p=tls-exporter` and XEP-0440.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TlsServerEndPoint => "tls-server-end-point",
            Self::TlsUnique => "tls-unique",
            Self::TlsExporter => "tls-exporter",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.as_str() == name)
    }
}

impl fmt::Display for ChannelBindingType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The TLS connection as SASL sees it: whether there is one, and the binding
/// data that the caller's TLS library could supply.
///
/// The bytes are those of the type's own RFC, without the type's name before
/// them.
///
/// ```
/// use xmpp_sasl::{ChannelBindingType, ChannelBindings};
///
/// let exported = [7; 32]; // from the TLS library, label "EXPORTER-Channel-Binding"
/// let bindings = ChannelBindings::over_tls().with_tls_exporter(exported);
/// assert_eq!(bindings.data(ChannelBindingType::TlsExporter), Some(&exported[..]));
/// assert_eq!(bindings.data(ChannelBindingType::TlsUnique), None);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelBindings {
    tls: bool,
    exporter: Option<Vec<u8>>,
    unique: Option<Vec<u8>>,
    server_end_point: Option<Vec<u8>>,
}

impl ChannelBindings {
    /// The connection is not protected: mechanisms that need TLS are out.
    pub const fn without_tls() -> Self {
        Self { tls: false, exporter: None, unique: None, server_end_point: None }
    }

    /// The connection is protected, but nothing is known to bind to.
    pub const fn over_tls() -> Self {
        Self { tls: true, exporter: None, unique: None, server_end_point: None }
    }

    /// Adds `tls-exporter`: 32 bytes exported with the label
    /// `EXPORTER-Channel-Binding` and an empty context (RFC 9266 section 4.2).
    ///
    /// RFC 9266 section 3 allows this on TLS 1.2 only with the extended master
    /// secret.
    #[must_use]
    pub fn with_tls_exporter(mut self, data: impl Into<Vec<u8>>) -> Self {
        self.exporter = Some(data.into()).filter(|data| !data.is_empty());
        self
    }

    /// Adds `tls-unique`: the first Finished message of the most recent
    /// handshake (RFC 5929 section 3.1).
    #[must_use]
    pub fn with_tls_unique(mut self, data: impl Into<Vec<u8>>) -> Self {
        self.unique = Some(data.into()).filter(|data| !data.is_empty());
        self
    }

    /// Adds `tls-server-end-point`: the hash of the server's certificate
    /// (RFC 5929 section 4.1: with the hash of its signature algorithm, SHA-256
    /// in place of MD5 and SHA-1).
    #[must_use]
    pub fn with_tls_server_end_point(mut self, data: impl Into<Vec<u8>>) -> Self {
        self.server_end_point = Some(data.into()).filter(|data| !data.is_empty());
        self
    }

    /// Whether the connection is protected by TLS.
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    /// The data of that type, if it was supplied and TLS is on.
    pub fn data(&self, of: ChannelBindingType) -> Option<&[u8]> {
        if !self.tls {
            return None;
        }
        match of {
            ChannelBindingType::TlsServerEndPoint => self.server_end_point.as_deref(),
            ChannelBindingType::TlsUnique => self.unique.as_deref(),
            ChannelBindingType::TlsExporter => self.exporter.as_deref(),
        }
    }

    /// The types there is data for, the strongest first.
    pub fn types(&self) -> impl Iterator<Item = ChannelBindingType> + '_ {
        ChannelBindingType::ALL.into_iter().rev().filter(|&each| self.data(each).is_some())
    }
}

impl fmt::Debug for ChannelBindings {
    /// The types only: the exporter's bytes are not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelBindings")
            .field("tls", &self.tls)
            .field("types", &self.types().map(ChannelBindingType::as_str).collect::<Vec<_>>())
            .finish()
    }
}
