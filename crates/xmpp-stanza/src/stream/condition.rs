//! The defined conditions of stream errors, RFC 6120 section 4.9.3.

use crate::words::words;

words! {
    /// A defined condition of a stream error (RFC 6120, section 4.9.3).
    ///
    /// A condition that is not in this list is to be treated as
    /// [`UndefinedCondition`](Self::UndefinedCondition) (`6120-4.9.2-03`).
    pub enum StreamCondition {
        /// XML that cannot be processed; a more exact condition is better (4.9.3.1).
        BadFormat = "bad-format",
        /// A namespace prefix that is not supported, or none where one is needed (4.9.3.2).
        BadNamespacePrefix = "bad-namespace-prefix",
        /// A newer stream takes this one's place (4.9.3.3).
        Conflict = "conflict",
        /// The peer has not answered for too long (4.9.3.4).
        ConnectionTimeout = "connection-timeout",
        /// The host of the `to` address is no longer served here (4.9.3.5).
        HostGone = "host-gone",
        /// The host of the `to` address is not served here (4.9.3.6).
        HostUnknown = "host-unknown",
        /// A stanza between servers lacks `to` or `from`, or has a bad one (4.9.3.7).
        ImproperAddressing = "improper-addressing",
        /// A fault of the server's own (4.9.3.8).
        InternalServerError = "internal-server-error",
        /// The `from` address is not the one that was authenticated (4.9.3.9).
        InvalidFrom = "invalid-from",
        /// The stream namespace or the content namespace is not a supported one (4.9.3.10).
        InvalidNamespace = "invalid-namespace",
        /// XML that does not validate, where validation is done (4.9.3.11).
        InvalidXml = "invalid-xml",
        /// Data before authentication, or an action that is not authorized (4.9.3.12).
        NotAuthorized = "not-authorized",
        /// XML that is not well-formed or not namespace-well-formed (4.9.3.13).
        NotWellFormed = "not-well-formed",
        /// A local policy is violated, for instance a size limit (4.9.3.14).
        PolicyViolation = "policy-violation",
        /// The server cannot connect to a remote entity that it needs (4.9.3.15).
        RemoteConnectionFailed = "remote-connection-failed",
        /// Security-critical facts have changed; connect anew (4.9.3.16).
        Reset = "reset",
        /// Out of resources (4.9.3.17).
        ResourceConstraint = "resource-constraint",
        /// XML that RFC 6120, section 11.1, forbids (4.9.3.18).
        RestrictedXml = "restricted-xml",
        /// Connect to another host instead, which is named (4.9.3.19).
        SeeOtherHost = "see-other-host",
        /// The server is shutting down (4.9.3.20).
        SystemShutdown = "system-shutdown",
        /// None of the others; goes with an application-specific condition (4.9.3.21).
        UndefinedCondition = "undefined-condition",
        /// An encoding other than UTF-8 (4.9.3.22).
        UnsupportedEncoding = "unsupported-encoding",
        /// A mandatory feature that the peer does not support (4.9.3.23).
        UnsupportedFeature = "unsupported-feature",
        /// A first-level element that is not understood (4.9.3.24).
        UnsupportedStanzaType = "unsupported-stanza-type",
        /// A version of XMPP that is not supported (4.9.3.25).
        UnsupportedVersion = "unsupported-version",
    }
}
