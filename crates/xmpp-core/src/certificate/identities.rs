//! The identities in a certificate (RFC 6120 section 13.7.1.2 to 13.7.1.4).

use alloc::{borrow::ToOwned as _, string::String, vec::Vec};
use core::fmt;
use core::net::IpAddr;

use xmpp_jid::{BareJid, DomainpartRef, Jid};

use super::der::{self, Value, Values, explicit, implicit};
use super::reference::{Reference, is_dns_name};
use super::{Purpose, Unreadable};

/// One identity in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Identity {
    /// A `dNSName` in lower case, which may begin with `*.`.
    DnsId(String),
    /// An `SRVName` (RFC 4985): for one service of a domain.
    #[non_exhaustive]
    SrvId {
        /// The service in lower case, as it is in DNS: `_xmpp-client`.
        service: String,
        /// The domain in lower case.
        domain: String,
    },
    /// An `id-on-xmppAddr`: a domain or an account.
    XmppAddr(BareJid),
    /// An `iPAddress`.
    IpAddress(IpAddr),
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DnsId(name) => write!(f, "DNS-ID {name}"),
            Self::SrvId { service, domain } => write!(f, "SRV-ID {service}.{domain}"),
            Self::XmppAddr(jid) => write!(f, "xmppAddr {jid}"),
            Self::IpAddress(ip) => write!(f, "iPAddress {ip}"),
        }
    }
}

/// The identities in a certificate's `subjectAltName`, in its order.
///
/// Other kinds of names, and those that are not well-formed, count for nothing: a
/// domain name with other characters than letters, digits, `-` and `_`, an address
/// that RFC 7622 does not allow or that has a resourcepart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identities {
    list: Vec<Identity>,
    ignored: usize,
}

/// `id-on-xmppAddr`, 1.3.6.1.5.5.7.8.5. However a tool writes it
/// (`6120-13.7.1.4-02`), these are its octets in a certificate.
const XMPP_ADDR: [u8; 8] = [0x2b, 6, 1, 5, 5, 7, 8, 5];
/// `id-on-dnsSRV`, 1.3.6.1.5.5.7.8.7.
const SRV_NAME: [u8; 8] = [0x2b, 6, 1, 5, 5, 7, 8, 7];

impl Identities {
    /// How many names a `subjectAltName` may have. Public authorities sign a hundred
    /// to a few hundred.
    pub const MAX: usize = 1000;

    /// Reads the value of the extension `subjectAltName`. A whole certificate is read by
    /// [`CertificateRef`](super::CertificateRef).
    ///
    /// # Errors
    ///
    /// If it is none, or if there are more than [`MAX`](Self::MAX).
    pub fn read(subject_alt_name: &[u8]) -> Result<Self, IdentitiesError> {
        let mut names = Values::of(der::only(subject_alt_name, der::SEQUENCE)?.contents)?;
        let mut read = Self::default();
        while let Some(name) = names.next()? {
            if read.list.len() + read.ignored == Self::MAX {
                return Err(IdentitiesError::TooMany);
            }
            match identity(name) {
                Some(identity) => read.list.push(identity),
                None => read.ignored += 1,
            }
        }
        Ok(read)
    }

    /// All of them.
    pub fn as_slice(&self) -> &[Identity] {
        &self.list
    }

    /// How many other names there were, which count for nothing.
    pub const fn ignored(&self) -> usize {
        self.ignored
    }

    /// The first that is an identity of `domain` to a peer that checks for `purpose`.
    ///
    /// - A DNS-ID is, if it is the same name; or if its left-most label is `*` and the
    ///   rest is all of `domain` but its own left-most label. At least two labels stand
    ///   behind a `*`.
    /// - An SRV-ID is, if it is for the purpose's [service](Purpose::service) and the
    ///   same name. `*` in it has no meaning (RFC 4985 gives it none).
    /// - An xmppAddr is, if it is that domain without a localpart (RFC 6120
    ///   section 13.7.2.1).
    /// - An iPAddress is, if `domain` is that address; then nothing else is.
    ///
    /// Names are compared as A-labels, in which ASCII letters of either case are the
    /// same. A user is no domain: for [`Purpose::ServerFromClient`] there are
    /// [`accounts`](Self::accounts), and this is `None`.
    pub fn of_domain(&self, domain: DomainpartRef<'_>, purpose: Purpose) -> Option<&Identity> {
        self.of_reference(&Reference::of(domain), purpose)
    }

    pub(super) fn of_reference(
        &self,
        reference: &Reference,
        purpose: Purpose,
    ) -> Option<&Identity> {
        let service = purpose.service()?;
        self.list.iter().find(|identity| reference.is(identity, service))
    }

    /// The accounts of `domain` among the xmppAddrs.
    pub fn accounts<'i>(
        &'i self,
        domain: DomainpartRef<'_>,
    ) -> impl Iterator<Item = &'i BareJid> + 'i {
        let reference = Reference::of(domain);
        self.list.iter().filter_map(move |identity| match identity {
            Identity::XmppAddr(jid)
                if jid.localpart().is_some() && Reference::of(jid.domainpart()) == reference =>
            {
                Some(jid)
            }
            _ => None,
        })
    }
}

impl Identities {
    /// Whether a client whose certificate this is has to say that it means `account`, by an
    /// authorization identity of EXTERNAL (XEP-0178 section 2, step 10). If it has not to,
    /// it must not.
    pub fn needs_authorization_identity(&self, account: &BareJid) -> bool {
        let mut others = self.list.iter().filter(
            |identity| matches!(identity, Identity::XmppAddr(jid) if jid.localpart().is_some() && jid != account),
        );
        others.next().is_some()
    }
}

/// `GeneralName` (RFC 5280 section 4.2.1.6).
fn identity(name: Value<'_>) -> Option<Identity> {
    const DNS_NAME: u8 = implicit(2);
    const IP_ADDRESS: u8 = implicit(7);
    const OTHER_NAME: u8 = explicit(0);
    match name.tag {
        DNS_NAME => {
            let name = ascii(name.contents)?;
            let rest = name.strip_prefix("*.");
            let well_formed = match rest {
                // As all libraries have it: not `*.example`.
                Some(rest) => is_dns_name(rest) && rest.contains('.'),
                None => is_dns_name(&name),
            };
            well_formed.then_some(Identity::DnsId(name))
        }
        IP_ADDRESS => ip(name.contents).map(Identity::IpAddress),
        OTHER_NAME => other_name(name.contents).ok().flatten(),
        _ => None,
    }
}

fn other_name(contents: &[u8]) -> Result<Option<Identity>, Unreadable> {
    let mut parts = Values::of(contents)?;
    let oid = parts.expect(der::OID)?.contents;
    let explicit = parts.expect(explicit(0))?.contents;
    parts.end()?;
    Ok(if oid == XMPP_ADDR {
        let text = der::only(explicit, der::UTF8_STRING)?.contents;
        let text = core::str::from_utf8(text).map_err(|_| Unreadable)?;
        let jid = Jid::new(text).ok().filter(|jid| jid.resourcepart().is_none());
        jid.map(|jid| Identity::XmppAddr(jid.to_bare()))
    } else if oid == SRV_NAME {
        let text = ascii(der::only(explicit, der::IA5_STRING)?.contents).ok_or(Unreadable)?;
        text.split_once('.')
            .filter(|(service, domain)| {
                service.len() > 1 && service.starts_with('_') && is_dns_name(domain)
            })
            .map(|(service, domain)| Identity::SrvId {
                service: service.to_owned(),
                domain: domain.to_owned(),
            })
    } else {
        None
    })
}

/// In lower case.
fn ascii(bytes: &[u8]) -> Option<String> {
    let text = core::str::from_utf8(bytes).ok().filter(|text| text.is_ascii())?;
    Some(text.to_ascii_lowercase())
}

fn ip(octets: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(octets) {
        return Some(IpAddr::from(v4));
    }
    <[u8; 16]>::try_from(octets).ok().map(IpAddr::from)
}

/// Why the identities of a certificate cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdentitiesError {
    /// The extension is not what RFC 5280 section 4.2.1.6 says, or there are two.
    Unreadable,
    /// There are more than [`Identities::MAX`].
    TooMany,
}

impl From<Unreadable> for IdentitiesError {
    fn from(_: Unreadable) -> Self {
        Self::Unreadable
    }
}

impl fmt::Display for IdentitiesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "the certificate's subjectAltName cannot be read",
            Self::TooMany => "the certificate has too many names",
        })
    }
}

impl core::error::Error for IdentitiesError {}
