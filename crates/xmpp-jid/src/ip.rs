//! IP addresses as domainparts (RFC 3986 §3.2.2, RFC 6874 §2).

use core::fmt::{self, Write};
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::part::Host;
use crate::sink::Sink;

/// An IPv6 address in brackets, with its zone if it has one.
pub(crate) struct Literal<'a> {
    address: Ipv6Addr,
    zone: Option<&'a str>,
}

/// `IP-literal = "[" ( IPv6address / IPv6addrz ) "]"`, and
/// `IPv6addrz = IPv6address "%25" ZoneID`. There is a third kind, IPvFuture,
/// but RFC 7622 wants an IPv6 address.
pub(crate) fn literal(text: &str) -> Option<Literal<'_>> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    let (address, zone) = match inside.split_once("%25") {
        Some((address, zone)) => (address, Some(zone)),
        None => (inside, None),
    };
    if zone.is_some_and(|zone| !is_zone(zone)) {
        return None;
    }
    Some(Literal { address: address.parse().ok()?, zone })
}

/// What a valid domainpart names.
pub(crate) fn host(domainpart: &str) -> Host<'_> {
    if let Some(Literal { address, zone }) = literal(domainpart) {
        Host::Ipv6(address, zone)
    } else {
        domainpart.parse::<Ipv4Addr>().map_or(Host::Name(domainpart), Host::Ipv4)
    }
}

impl Literal<'_> {
    /// Writes the one text form that each address has (RFC 5952).
    pub(crate) fn write(&self, out: &mut impl Sink) {
        // Writing to a sink cannot fail.
        let _ = self.format(&mut Writer(out));
    }

    fn format(&self, out: &mut impl Write) -> fmt::Result {
        match self.zone {
            Some(zone) => write!(out, "[{}%25{zone}]", self.address),
            None => write!(out, "[{}]", self.address),
        }
    }
}

/// Whether `text` is an address in brackets in that form.
pub(crate) fn is_canonical(text: &str) -> bool {
    // Nothing can be left: both end with the only closing bracket.
    literal(text).is_some_and(|literal| literal.format(&mut Expected(text)).is_ok())
}

/// Compares what is written with what is left of this.
struct Expected<'a>(&'a str);

impl Write for Expected<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
        Ok(())
    }
}

struct Writer<'a, S>(&'a mut S);

impl<S: Sink> Write for Writer<'_, S> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        Ok(())
    }
}

/// `ZoneID = 1*( unreserved / pct-encoded )`
fn is_zone(zone: &str) -> bool {
    let mut rest = zone.bytes();
    while let Some(b) = rest.next() {
        let fine = match b {
            b'%' => [rest.next(), rest.next()]
                .iter()
                .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit())),
            _ => b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'),
        };
        if !fine {
            return false;
        }
    }
    !zone.is_empty()
}
