//! Where certificates of correspondents are kept (RFC 3923 section 6.2).

use std::collections::BTreeMap;

use xmpp_cpim::DateTime;
use xmpp_cpim::message::{Address, Message};
use xmpp_cpim::mime::Entity;
use xmpp_cpim::{Escaping, Scheme, Uri};
use xmpp_jid::BareJid;

use crate::certificate::Certificate;
use crate::crypto::ContentEncryption;
use crate::object::Object;
use crate::time::Timestamp;

/// What is known of a correspondent's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Known {
    /// The certificate. That it is in a store does not make it trusted.
    pub certificate: Certificate,
    /// Which ciphers its owner reads, best first; empty if that is not known.
    pub capabilities: Vec<ContentEncryption>,
    /// When what brought it was signed; `None` if it came by another way, which
    /// counts as earlier than any time.
    pub signed_at: Option<Timestamp>,
}

impl Known {
    /// A certificate whose owner's capabilities are not known.
    #[must_use]
    pub const fn new(certificate: Certificate) -> Self {
        Self { certificate, capabilities: Vec::new(), signed_at: None }
    }

    /// With the ciphers its owner reads, best first.
    #[must_use]
    pub fn with_capabilities(mut self, ciphers: impl Into<Vec<ContentEncryption>>) -> Self {
        self.capabilities = ciphers.into();
        self
    }

    /// With the time at which what brought it was signed.
    #[must_use]
    pub const fn with_signed_at(mut self, time: Timestamp) -> Self {
        self.signed_at = Some(time);
        self
    }
}

/// Keeps the certificates of correspondents, so that they are at hand when
/// something is encrypted to them, or comes without (3923-6.2-03).
///
/// A directory, a file or a table of a database will do. What is handed to
/// [`remember`](Self::remember) came with an object that was accepted: signed by
/// who sent it, and new. Later its validity is checked again.
pub trait CertificateStore {
    /// The certificates of `address`, those with the latest
    /// [`signed_at`](Known::signed_at) first. That is the order in which a
    /// [`Sender`](crate::Sender) looks for one to encrypt to.
    fn find(&self, address: &BareJid) -> Vec<Known>;

    /// Keeps a certificate of `address`. What is known of it already stays if it
    /// was signed later: an old object says nothing about today.
    fn remember(&mut self, address: &BareJid, known: Known);

    /// Forgets a certificate of `address`, such as one that was revoked. An
    /// object that brings it again has it remembered again; a
    /// [`TrustStore`](crate::TrustStore) can refuse it for good.
    fn forget(&mut self, address: &BareJid, certificate: &Certificate);
}

/// A store in memory, with at most [`Self::MAX_ADDRESSES`] addresses and
/// [`Self::MAX_EACH`] certificates each. When full it forgets an address.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(BTreeMap<BareJid, Vec<Known>>);

impl MemoryStore {
    /// How many addresses it has room for.
    pub const MAX_ADDRESSES: usize = 10_000;
    /// How many certificates of an address it has room for: an old and a new
    /// one, each in two, to sign and to encrypt, and some.
    pub const MAX_EACH: usize = 8;

    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl CertificateStore for MemoryStore {
    fn find(&self, address: &BareJid) -> Vec<Known> {
        self.0.get(address).cloned().unwrap_or_default()
    }

    fn remember(&mut self, address: &BareJid, known: Known) {
        if !self.0.contains_key(address) && self.0.len() >= Self::MAX_ADDRESSES {
            self.0.pop_last();
        }
        let entries = self.0.entry(address.clone()).or_default();
        if let Some(at) = entries.iter().position(|e| e.certificate == known.certificate) {
            if entries[at].signed_at > known.signed_at {
                return;
            }
            entries.remove(at);
        }
        let at = entries.partition_point(|entry| entry.signed_at > known.signed_at);
        entries.insert(at, known);
        entries.truncate(Self::MAX_EACH);
    }

    fn forget(&mut self, address: &BareJid, certificate: &Certificate) {
        if let Some(entries) = self.0.get_mut(address) {
            entries.retain(|entry| entry.certificate != *certificate);
            if entries.is_empty() {
                self.0.remove(address);
            }
        }
    }
}

/// What a request for a certificate says. The answer is any signed message.
pub const REQUEST: &str = "To be able to encrypt messages to you, I need your certificate. \
                           Please answer with a signed message. (RFC 3923, section 6.2)";

/// A message that asks the owner of `to` for a certificate, to be signed so
/// that it brings our own (3923-6.2-02).
///
/// `None` if an address has no localpart, and so no `im:` URI.
#[must_use]
pub fn certificate_request(from: &BareJid, to: &BareJid, time: DateTime) -> Option<Object> {
    let address = |jid: &BareJid| {
        let uri = Uri::from_jid(Scheme::Im, jid.as_ref(), Escaping::default()).ok()?;
        Address::new(uri.to_string()).ok()
    };
    let message = Message::builder()
        .from(&address(from)?)
        .to(&address(to)?)
        .date_time(time)
        .content(Entity::text(REQUEST))
        .build()
        .ok()?;
    Some(Object::Message(message.into_owned()))
}
