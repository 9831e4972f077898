use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use core::fmt;

use xmpp_jid::{BareJid, BareJidRef};

use super::Options;
use crate::{Scheme, Uri, UriError};

/// Which addresses of other kinds, such as `sip:` and `tel:` URIs, stand for
/// which XMPP addresses, and back.
///
/// RFC 3922 §3 maps `im:` and `pres:` URIs alone. What is behind a gateway often
/// has addresses of its own, which Message/CPIM and PIDF carry as well
/// (RFC 3862 §4.1 and RFC 3863 §4.1.5 take any URI). Which XMPP address one is,
/// nobody can compute: the gateway knows.
///
/// ```
/// use xmpp_cpim::mapping::{AddressTable, Options};
/// use xmpp_cpim::Scheme;
///
/// let mut addresses = AddressTable::new();
/// addresses.insert("tel:+44-20-7946-0123", "nurse@sms.example.com".parse()?)?;
/// let options = Options::default().with_addresses(addresses);
/// let nurse = options.jid("tel:+442079460123")?;
/// assert_eq!(nurse.as_str(), "nurse@sms.example.com");
/// assert_eq!(options.uri(Scheme::Im, (&nurse).into())?, "tel:+44-20-7946-0123");
/// // What is not in the table is mapped by RFC 3922.
/// assert_eq!(options.jid("im:juliet@example.com")?.as_str(), "juliet@example.com");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressTable {
    /// By the URI in the form in which it is compared.
    jids: BTreeMap<String, BareJid>,
    /// As they are to be written.
    uris: BTreeMap<BareJid, String>,
}

/// A text that is no absolute URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotUri;

impl fmt::Display for NotUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an absolute URI (RFC 3986 §4.3)")
    }
}

impl core::error::Error for NotUri {}

impl AddressTable {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { jids: BTreeMap::new(), uris: BTreeMap::new() }
    }

    /// Has a URI stand for an address, and the address be written as that URI.
    ///
    /// # Errors
    ///
    /// A text that is no absolute URI.
    pub fn insert(&mut self, uri: impl Into<String>, jid: BareJid) -> Result<(), NotUri> {
        let uri = uri.into();
        if !crate::message::is_absolute_uri(&uri) {
            return Err(NotUri);
        }
        self.jids.insert(compared(&uri), jid.clone());
        self.uris.insert(jid, uri);
        Ok(())
    }

    /// The address that a URI stands for.
    #[must_use]
    pub fn jid(&self, uri: &str) -> Option<&BareJid> {
        if self.jids.is_empty() {
            return None;
        }
        self.jids.get(&compared(uri))
    }

    /// The URI of an address.
    #[must_use]
    pub fn uri(&self, jid: BareJidRef<'_>) -> Option<&str> {
        if self.uris.is_empty() {
            return None;
        }
        self.uris.get(&jid.into_owned()).map(String::as_str)
    }
}

/// A URI as it is compared: schemes and hosts are the same in capitals (RFC 3986
/// §6.2.2.1), telephone numbers with and without separators (RFC 3966 §5).
fn compared(uri: &str) -> String {
    let (scheme, rest) = uri.split_once(':').unwrap_or((uri, ""));
    let scheme = scheme.to_ascii_lowercase();
    let rest = if scheme == "tel" {
        rest.chars().filter(|c| !"-.()".contains(*c)).collect()
    } else {
        match rest.rsplit_once('@') {
            Some((user, host)) => [user, "@", &host.to_ascii_lowercase()].concat(),
            None => rest.to_string(),
        }
    };
    [&*scheme, ":", &*rest].concat()
}

impl Options {
    /// The address that a URI stands for: by the
    /// [table](Self::addresses), or as RFC 3922 §3.3 has it.
    ///
    /// # Errors
    ///
    /// Those of [`Uri::parse`] and [`Uri::to_jid`].
    pub fn jid(&self, uri: &str) -> Result<BareJid, UriError> {
        match self.addresses.jid(uri) {
            Some(jid) => Ok(jid.clone()),
            None => Uri::parse(uri)?.to_jid(self.escaping),
        }
    }

    /// The URI of an address: by the [table](Self::addresses), or in this scheme
    /// as RFC 3922 §3.2 has it.
    ///
    /// # Errors
    ///
    /// Those of [`Uri::from_jid`].
    pub fn uri(&self, scheme: Scheme, jid: BareJidRef<'_>) -> Result<String, UriError> {
        match self.addresses.uri(jid) {
            Some(uri) => Ok(uri.to_string()),
            None => Ok(Uri::from_jid(scheme, jid, self.escaping)?.to_string()),
        }
    }
}
