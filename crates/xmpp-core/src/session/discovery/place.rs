//! Where a service is: a name or an address, a port, and how TLS comes about there.

use alloc::string::{String, ToString};
use core::fmt;
use core::net::{IpAddr, SocketAddr};

use xmpp_jid::DomainpartRef;

use crate::config::TlsMode;

/// The two families of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are two")]
pub enum Family {
    /// AAAA records.
    Ipv6,
    /// A records.
    Ipv4,
}

impl Family {
    /// The family of an address.
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V6(_) => Self::Ipv6,
            IpAddr::V4(_) => Self::Ipv4,
        }
    }
}

/// A host as one connects to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Host {
    /// A name, in the form that DNS takes: labels of ASCII, no dot at the end.
    Name(String),
    /// An address. There is nothing to look up.
    Address(IpAddr),
}

impl Host {
    /// A name or the text of an address, an IPv6 address with or without brackets.
    pub fn new(text: &str) -> Self {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        match bare.parse() {
            Ok(address) => Self::Address(address),
            Err(_) => Self::Name(text.strip_suffix('.').unwrap_or(text).to_string()),
        }
    }

    /// The host of an address's domainpart, internationalised labels as A-labels.
    pub fn of_domain(domain: DomainpartRef<'_>) -> Self {
        match domain.host() {
            // A zone is of no use elsewhere.
            xmpp_jid::Host::Ipv6(address, _) => Self::Address(address.into()),
            _ => Self::new(&domain.to_ascii()),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// A host, a port, and how TLS comes about there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The host.
    pub host: Host,
    /// The TCP port.
    pub port: u16,
    /// How TLS comes about.
    pub tls: TlsMode,
}

impl Place {
    /// The registered port of client-to-server streams (RFC 6120 section 14.7).
    pub const CLIENT_PORT: u16 = 5222;
    /// The customary port of client-to-server streams that begin with TLS. XEP-0368
    /// names none.
    pub const CLIENT_TLS_PORT: u16 = 5223;

    /// The registered port of server-to-server streams (RFC 6120 section 14.7).
    pub const SERVER_PORT: u16 = 5269;
    /// The customary port of server-to-server streams that begin with TLS. XEP-0368
    /// names none.
    pub const SERVER_TLS_PORT: u16 = 5270;

    /// A place.
    pub const fn new(host: Host, port: u16, tls: TlsMode) -> Self {
        Self { host, port, tls }
    }

    /// The port where a host is tried of which only the name is known.
    pub const fn default_port(tls: TlsMode) -> u16 {
        match tls {
            TlsMode::Direct => Self::CLIENT_TLS_PORT,
            TlsMode::StartTls | TlsMode::DangerousPlaintext => Self::CLIENT_PORT,
        }
    }

    /// The port where a server for servers is tried of which only the name is known.
    pub const fn default_server_port(tls: TlsMode) -> u16 {
        match tls {
            TlsMode::Direct => Self::SERVER_TLS_PORT,
            TlsMode::StartTls | TlsMode::DangerousPlaintext => Self::SERVER_PORT,
        }
    }

    /// One of the place's addresses, with its port.
    pub(crate) const fn at(&self, address: IpAddr) -> SocketAddr {
        SocketAddr::new(address, self.port)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}
