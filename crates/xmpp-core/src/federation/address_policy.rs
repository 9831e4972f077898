//! Which addresses to connect to, of those that somebody else's DNS names.

use alloc::vec::Vec;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses are connected to, of those that DNS names for somebody's domain.
///
/// Whoever owns a domain decides where its records point: they may point at the machine
/// itself, or into the network behind it, so that a server that follows them opens
/// connections there for anybody who sends it a stanza. By default only addresses that are
/// [globally reachable](https://www.iana.org/assignments/iana-ipv4-special-registry) are
/// connected to. Addresses of IPv6 that stand for one of IPv4 (mapped, NAT64, 6to4) count
/// as what they stand for.
///
/// ```
/// use xmpp_core::federation::{AddressPolicy, Network};
///
/// let policy = AddressPolicy::public();
/// assert!(policy.check("127.0.0.1".parse()?).is_err());
/// assert!(policy.check("::ffff:10.0.0.1".parse()?).is_err());
/// assert!(policy.check("8.8.8.8".parse()?).is_ok());
///
/// // A closed network, whose domains live at private addresses.
/// let policy = policy.with_opening(Network::new("10.1.0.0".parse()?, 16));
/// assert!(policy.check("10.1.2.3".parse()?).is_ok());
/// assert!(policy.check("10.2.2.3".parse()?).is_err());
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    any: bool,
    opened: Vec<Network>,
    refused: Vec<Network>,
}

impl AddressPolicy {
    /// Addresses of the public network, and no others. The default.
    pub fn public() -> Self {
        Self::default()
    }

    /// All addresses. For networks in which DNS is ours, and for tests.
    ///
    /// # Security
    ///
    /// Whoever can send a stanza to a domain of their own makes this server connect to any
    /// address that they like.
    pub fn any() -> Self {
        Self { any: true, ..Self::default() }
    }

    /// Allows the addresses of this network, public or not.
    #[must_use]
    pub fn with_opening(mut self, network: Network) -> Self {
        self.opened.push(network);
        self
    }

    /// Refuses the addresses of this network, whatever else is said of them: the server's
    /// own public addresses, say.
    #[must_use]
    pub fn with_refusal(mut self, network: Network) -> Self {
        self.refused.push(network);
        self
    }

    /// Whether one may connect to an address.
    ///
    /// # Errors
    ///
    /// [`AddressRefused`] says why not.
    pub fn check(&self, address: IpAddr) -> Result<(), AddressRefused> {
        let meant = plain(address);
        let is_in = |network: &Network| network.contains(meant) || network.contains(address);
        if self.refused.iter().any(is_in) {
            return Err(AddressRefused { address, why: Why::Named });
        }
        if self.any || self.opened.iter().any(is_in) || is_public(meant) {
            return Ok(());
        }
        Err(AddressRefused { address, why: Why::NotPublic })
    }
}

/// An address that the policy does not connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRefused {
    address: IpAddr,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Named,
    NotPublic,
}

impl AddressRefused {
    /// The address.
    pub const fn address(&self) -> IpAddr {
        self.address
    }
}

impl fmt::Display for AddressRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address;
        match self.why {
            Why::Named => write!(f, "{address} is an address that is not connected to"),
            Why::NotPublic => write!(f, "{address} is no public address"),
        }
    }
}

impl core::error::Error for AddressRefused {}

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// The addresses that share their first `prefix` bits with this one. A prefix that is
    /// longer than an address counts as a whole one.
    pub const fn new(address: IpAddr, prefix: u8) -> Self {
        Self { address, prefix }
    }

    /// One address alone.
    pub const fn single(address: IpAddr) -> Self {
        Self { address, prefix: u8::MAX }
    }

    /// Whether an address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let differs = match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(32_u32.saturating_sub(self.prefix.into())).unwrap_or(0) != 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(128_u32.saturating_sub(self.prefix.into())).unwrap_or(0) != 0
            }
            _ => true,
        };
        !differs
    }
}

/// An address, or the one that it stands for.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return address };
    let bits = six.to_bits();
    let low =
        |shift: u32| Ipv4Addr::from_bits(u32::try_from((bits >> shift) & 0xffff_ffff).unwrap_or(0));
    if let Some(four) = six.to_ipv4_mapped() {
        return four.into();
    }
    match six.segments() {
        // NAT64 (RFC 6052).
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => low(0).into(),
        // 6to4 (RFC 3056).
        [0x2002, ..] => low(80).into(),
        _ => address,
    }
}

/// Whether an address is globally reachable, by IANA's registries of special-purpose
/// addresses.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_v4(four),
        IpAddr::V6(six) => is_public_v6(six),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        // "This network", private use, loopback.
        [0 | 10 | 127, ..]
            // Shared address space (RFC 6598).
            | [100, 64..=127, ..]
            // Link-local.
            | [169, 254, ..]
            // Private use.
            | [172, 16..=31, ..]
            | [192, 168, ..]
            // IETF protocol assignments, and the three for documentation.
            | [192, 0, 0 | 2, _]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            // 6to4 relays, which are no more.
            | [192, 88, 99, _]
            // Benchmarks.
            | [198, 18 | 19, ..]
            // Multicast, reserved, broadcast.
            | [224..=255, ..]
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // IETF protocol assignments (Teredo among them), documentation.
        [0x2001, 0..=0x01ff | 0x0db8, ..] => false,
        [0x3fff, 0..=0x0fff, ..] => false,
        // Global unicast is allocated from here alone.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(policy: &AddressPolicy, address: &str) -> bool {
        policy.check(address.parse().unwrap()).is_ok()
    }

    #[test]
    fn what_is_not_public_is_refused() {
        let policy = AddressPolicy::public();
        for address in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:192.168.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!permits(&policy, address), "{address}");
            assert!(permits(&AddressPolicy::any(), address), "{address}");
        }
    }

    #[test]
    fn what_is_public_is_permitted() {
        let policy = AddressPolicy::public();
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.0.0.1",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2a00::1",
            "64:ff9b::8.8.8.8",
            "::ffff:8.8.8.8",
            "2002:808:808::1",
        ] {
            assert!(permits(&policy, address), "{address}");
        }
    }

    #[test]
    fn openings_and_refusals_are_as_wide_as_they_say() {
        let loopback = Network::new("127.0.0.0".parse().unwrap(), 8);
        let own = Network::single("198.20.0.1".parse().unwrap());
        let policy = AddressPolicy::public().with_opening(loopback).with_refusal(own);
        assert!(permits(&policy, "127.3.4.5") && permits(&policy, "::ffff:127.0.0.1"));
        assert!(!permits(&policy, "10.0.0.1") && !permits(&policy, "::1"));
        assert!(!permits(&policy, "198.20.0.1") && !permits(&policy, "::ffff:198.20.0.1"));
        assert!(permits(&policy, "198.20.0.2"));
        let six = Network::new("fd00:1::".parse().unwrap(), 32);
        assert!(six.contains("fd00:1::9".parse().unwrap()));
        assert!(!six.contains("fd00:2::9".parse().unwrap()));
        let all = Network::new("0.0.0.0".parse().unwrap(), 0);
        assert!(all.contains("255.0.0.1".parse().unwrap()));
        assert!(!permits(&AddressPolicy::any().with_refusal(all), "8.8.8.8"));
    }
}
