//! What the identities in a certificate are compared with (RFC 6125 section 6.2).

use alloc::string::String;
use core::net::IpAddr;

use xmpp_jid::{DomainpartRef, Host};

use super::{Identity, Service};

/// A domain that a peer claims to be, as certificates write it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reference {
    /// A-labels in lower case.
    Name(String),
    Ip(IpAddr),
    /// What no certificate can say: an address with a zone.
    None,
}

impl Reference {
    pub(super) fn of(domain: DomainpartRef<'_>) -> Self {
        match domain.host() {
            Host::Name(_) => Self::Name(domain.to_ascii().to_ascii_lowercase()),
            Host::Ipv4(ip) => Self::Ip(ip.into()),
            Host::Ipv6(ip, None) => Self::Ip(ip.into()),
            Host::Ipv6(_, Some(_)) => Self::None,
        }
    }

    /// Whether `identity` is this domain, for this service of it.
    pub(super) fn is(&self, identity: &Identity, service: Service) -> bool {
        match (self, identity) {
            (Self::Name(name), Identity::DnsId(dns)) => match dns.strip_prefix("*.") {
                // RFC 6125 section 6.4.3, rule 2: for the left-most label and no other.
                Some(parent) => name.split_once('.').is_some_and(|(_, rest)| rest == parent),
                None => name == dns,
            },
            (Self::Name(name), Identity::SrvId { service: offered, domain }) => {
                offered == service.as_str() && name == domain
            }
            (Self::Ip(ip), Identity::IpAddress(presented)) => ip == presented,
            (Self::Name(_), Identity::XmppAddr(jid)) => {
                jid.localpart().is_none() && Self::of(jid.domainpart()) == *self
            }
            _ => false,
        }
    }
}

/// Letters, digits, `-` and `_` in labels of 1 to 63, 253 in all. Underscores are in no
/// host name but in names of DNS.
pub(super) fn is_dns_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.len() <= 253 && name.split('.').all(is_label)
}
