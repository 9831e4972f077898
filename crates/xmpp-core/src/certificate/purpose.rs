//! What a certificate is checked for.

use core::fmt;

/// Who checks whom, named like the [role](crate::role) of the one that checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the four of RFC 6120 section 13.7.2")]
pub enum Purpose {
    /// A client checks its server.
    ClientToServer,
    /// An initiating server checks the receiving one.
    ServerToServer,
    /// A receiving server checks the initiating one.
    ServerFromServer,
    /// A server checks a user, who means to authenticate by SASL EXTERNAL.
    ServerFromClient,
}

impl Purpose {
    /// All four.
    pub const ALL: [Self; 4] = [
        Self::ClientToServer,
        Self::ServerToServer,
        Self::ServerFromServer,
        Self::ServerFromClient,
    ];

    /// The service that an SRV-ID has to be for. `None`: a user offers none.
    ///
    /// A server's certificate for `_xmpp-client` says nothing about who speaks for the
    /// domain to other servers, and the other way round.
    pub const fn service(self) -> Option<Service> {
        match self {
            Self::ClientToServer => Some(Service::Client),
            Self::ServerToServer | Self::ServerFromServer => Some(Service::Server),
            Self::ServerFromClient => None,
        }
    }

    /// Whether the one that is checked began the connection: it is the TLS client.
    pub const fn is_of_initiator(self) -> bool {
        matches!(self, Self::ServerFromServer | Self::ServerFromClient)
    }

    /// For people: `a client checks its server`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientToServer => "a client checks its server",
            Self::ServerToServer => "an initiating server checks the receiving one",
            Self::ServerFromServer => "a receiving server checks the initiating one",
            Self::ServerFromClient => "a server checks a user",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A service of a domain, as SRV records and SRV-IDs name it (RFC 6120
/// section 13.7.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the two of RFC 6120 section 14.7")]
pub enum Service {
    /// `_xmpp-client`
    Client,
    /// `_xmpp-server`
    Server,
}

impl Service {
    /// With the underscore, as in DNS.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "_xmpp-client",
            Self::Server => "_xmpp-server",
        }
    }
}
