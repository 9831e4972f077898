//! Alternative connection methods in a domain's host-meta file (XEP-0156).

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use xmpp_jid::DomainpartRef;
use xmpp_xml::{Element, ElementRef, Limits, Ns};

/// The namespace of XRD 1.0.
const XRD: Ns<'static> = Ns::new("http://docs.oasis-open.org/ns/xri/xrd-1.0");
const WEB_SOCKET: &str = "urn:xmpp:alt-connections:websocket";
const BOSH: &str = "urn:xmpp:alt-connections:xbosh";

/// How many URLs of one method are kept.
const MAX_URLS: usize = 8;
/// A URL that is longer is nobody's.
const MAX_URL_BYTES: usize = 2048;

/// The two forms of a host-meta file (RFC 6415).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostMetaFormat {
    /// XML: every domain that has the file has this one.
    Xrd,
    /// JSON.
    #[cfg(feature = "host-meta")]
    Jrd,
}

impl HostMetaFormat {
    /// A file that is longer is not read. It is for whoever fetches it to stop there.
    pub const MAX_BYTES: usize = 64 << 10;

    /// Where the file is.
    pub fn url(self, domain: DomainpartRef<'_>) -> String {
        let suffix = match self {
            Self::Xrd => "",
            #[cfg(feature = "host-meta")]
            Self::Jrd => ".json",
        };
        alloc::format!("https://{}/.well-known/host-meta{suffix}", domain.to_ascii())
    }
}

/// What a host-meta file says of XMPP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlternativeConnections {
    /// `wss:` URLs for RFC 7395.
    pub web_socket: Vec<String>,
    /// `https:` URLs for XEP-0124.
    pub bosh: Vec<String>,
}

impl AlternativeConnections {
    /// Reads a file. URLs without TLS are left out: they must not be used (XEP-0156
    /// section 4).
    ///
    /// # Security
    ///
    /// Whoever made the file says where the account's server is: it has to come over
    /// HTTPS, from the account's domain, without a redirection to anything less.
    ///
    /// # Errors
    ///
    /// If it is over [`HostMetaFormat::MAX_BYTES`] or cannot be read.
    pub fn read(file: &[u8], format: HostMetaFormat) -> Result<Self, HostMetaError> {
        if file.len() > HostMetaFormat::MAX_BYTES {
            return Err(HostMetaError("the file is too long".into()));
        }
        match format {
            HostMetaFormat::Xrd => Self::read_xrd(file),
            #[cfg(feature = "host-meta")]
            HostMetaFormat::Jrd => Self::read_jrd(file),
        }
    }

    fn read_xrd(file: &[u8]) -> Result<Self, HostMetaError> {
        let limits = Limits::unauthenticated().max_element_bytes(64 << 10).max_children(1000);
        let document = Element::parse_within(file, limits)
            .map_err(|error| HostMetaError(error.to_string()))?;
        if !document.is(XRD, "XRD") {
            return Err(HostMetaError("the file is no XRD".into()));
        }
        let mut this = Self::default();
        let is_link = |child: &ElementRef<'_>| child.is(XRD, "Link");
        for link in document.children().filter(is_link) {
            if let (Some(rel), Some(href)) = (link.attr("rel"), link.attr("href")) {
                this.add(&rel, &href);
            }
        }
        Ok(this)
    }

    #[cfg(feature = "host-meta")]
    fn read_jrd(file: &[u8]) -> Result<Self, HostMetaError> {
        let document: jrd::Document<'_> =
            serde_json::from_slice(file).map_err(|error| HostMetaError(error.to_string()))?;
        let mut this = Self::default();
        for link in document.links {
            if let (Some(rel), Some(href)) = (link.rel, link.href) {
                this.add(&rel, &href);
            }
        }
        Ok(this)
    }

    fn add(&mut self, rel: &str, href: &str) {
        let (urls, scheme) = match rel {
            WEB_SOCKET => (&mut self.web_socket, "wss://"),
            BOSH => (&mut self.bosh, "https://"),
            _ => return,
        };
        let begins =
            href.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
        let plain = href.bytes().all(|byte| byte.is_ascii_graphic());
        if begins && plain && href.len() <= MAX_URL_BYTES && urls.len() < MAX_URLS {
            urls.push(href.to_string());
        }
    }
}

#[cfg(feature = "host-meta")]
mod jrd {
    use alloc::borrow::Cow;
    use alloc::vec::Vec;

    use serde::Deserialize;

    /// What is not named here is skipped, not kept.
    #[derive(Deserialize)]
    pub(super) struct Document<'a> {
        #[serde(default, borrow)]
        pub(super) links: Vec<Link<'a>>,
    }

    #[derive(Deserialize)]
    pub(super) struct Link<'a> {
        #[serde(borrow)]
        pub(super) rel: Option<Cow<'a, str>>,
        #[serde(borrow)]
        pub(super) href: Option<Cow<'a, str>>,
    }
}

/// A host-meta file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostMetaError(String);

impl fmt::Display for HostMetaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host-meta file cannot be read: {}", self.0)
    }
}

impl core::error::Error for HostMetaError {}
