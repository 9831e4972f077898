//! The sending side: RFC 3923 section 6.

use core::time::Duration;
use std::collections::BTreeMap;

use xmpp_cpim::DateTime;
use xmpp_jid::BareJid;
use xmpp_stanza::{Address, Iq, IqContent, Message, MessageType, Presence, PresenceType, Stanza};
use xmpp_xml::{Element, WriteError};

use crate::identity::Identity;
use crate::object::Object;
use crate::payload::{NotText, to_payload};
use crate::policy::Policy;
use crate::protect::{ProtectError, encrypt, sign_with};
use crate::store::Known;
use crate::time::Timestamp;
use crate::trust::{Purpose, TrustStore};

/// How often a correspondent gets our certificates (RFC 3923 section 6.6).
const INCLUSION: Duration = Duration::from_secs(5 * 60);

/// How many correspondents are remembered for that.
const MAX_CORRESPONDENTS: usize = 4096;

/// Protects what one account sends: keeps its timestamps increasing, and sends
/// its certificates along as often as they are needed.
#[derive(Debug)]
pub struct Sender {
    identity: Identity,
    others: Vec<Identity>,
    policy: Policy,
    last: Option<Timestamp>,
    included: BTreeMap<BareJid, Timestamp>,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 3923 section 2: signed and/or encrypted")]
pub enum Protection {
    /// It is signed.
    Sign,
    /// It is signed, then encrypted, as RFC 3923 sections 6.5 and 6.7 want it.
    SignAndEncrypt,
    /// It is encrypted, and nobody knows by whom. Recipients do well to refuse
    /// it, and ours do by default.
    Encrypt,
}

impl Sender {
    /// One that signs with this identity.
    #[must_use]
    pub const fn new(identity: Identity, policy: Policy) -> Self {
        Self { identity, others: Vec::new(), policy, last: None, included: BTreeMap::new() }
    }

    /// With another identity of ours, to decrypt with: its certificate is sent
    /// along with that of the signer.
    #[must_use]
    pub fn with_encryption_identity(mut self, identity: Identity) -> Self {
        self.others.push(identity);
        self
    }

    /// The next timestamp to put into an object: `now`, or a millisecond after
    /// the one before if the clock has not gone on (3923-6.9-02). `None` after
    /// the year 9999.
    pub fn timestamp(&mut self, now: Timestamp) -> Option<DateTime> {
        let stamp = match self.last {
            Some(last) if now <= last => last.later(Duration::from_millis(1)),
            _ => now,
        };
        self.last = Some(stamp);
        stamp.to_date_time()
    }

    /// Tells that the clock was set back on purpose: timestamps begin anew.
    pub const fn clock_adjusted(&mut self) {
        self.last = None;
    }

    /// The `<e2e/>` payload with `object`, protected for the recipients, each an
    /// address and what a [`CertificateStore`](crate::CertificateStore) knows of
    /// it. Of its certificates the first is taken that is for the address, can be
    /// encrypted to, and is trusted.
    ///
    /// # Errors
    ///
    /// Each variant of [`SendError`] says for what.
    pub fn protect(
        &mut self,
        object: &Object,
        protection: Protection,
        recipients: &[(&BareJid, &[Known])],
        trust: &TrustStore,
        now: Timestamp,
    ) -> Result<Element, SendError> {
        let mut entity = object.to_entity().map_err(SendError::Write)?;
        let include = protection != Protection::Encrypt && self.is_due(recipients, now);
        if protection != Protection::Encrypt {
            entity = self.sign(&entity, include, now)?;
        }
        if protection != Protection::Sign {
            let mut to = Vec::with_capacity(recipients.len());
            for (address, known) in recipients {
                let known = usable(address, known, trust, now)
                    .ok_or_else(|| SendError::NoCertificate((*address).clone()))?;
                to.push((&known.certificate, &known.capabilities[..]));
            }
            entity = encrypt(&entity, &to, &self.policy).map_err(SendError::Protect)?;
        }
        let payload = to_payload(&entity).map_err(SendError::NotText)?;
        if include {
            self.included(recipients, now);
        }
        Ok(payload)
    }

    /// Sends our certificates along with what goes to this recipient next: it has
    /// told us that it could not verify a signature.
    pub fn repeat_certificates(&mut self, recipient: &BareJid) {
        self.included.remove(recipient);
    }

    fn sign(&self, entity: &[u8], include: bool, now: Timestamp) -> Result<Vec<u8>, SendError> {
        let others: Vec<_> = self.others.iter().map(Identity::certificate).collect();
        sign_with(entity, &self.identity, &others, &self.policy, now, include)
            .map_err(SendError::Protect)
    }

    /// Whether a recipient has not had our certificates for five minutes: that
    /// satisfies 3923-6.6-01, -02 and -04 at once.
    fn is_due(&mut self, recipients: &[(&BareJid, &[Known])], now: Timestamp) -> bool {
        self.included.retain(|_, last| last.later(INCLUSION) > now);
        recipients.is_empty() || recipients.iter().any(|(to, _)| !self.included.contains_key(*to))
    }

    fn included(&mut self, recipients: &[(&BareJid, &[Known])], now: Timestamp) {
        for (to, _) in recipients {
            if self.included.len() < MAX_CORRESPONDENTS {
                self.included.insert((*to).clone(), now);
            }
        }
    }
}

fn usable<'k>(
    address: &BareJid,
    known: &'k [Known],
    trust: &TrustStore,
    now: Timestamp,
) -> Option<&'k Known> {
    let links: Vec<_> = known.iter().map(|known| known.certificate.clone()).collect();
    known.iter().find(|known| {
        known.certificate.is_for(address)
            && trust.check(&known.certificate, &links, Purpose::Encrypt, now).is_ok()
    })
}

/// The stanza that carries `payload` in place of what `stanza` has inside: the
/// same kind, type, addresses and `id`, and nothing else.
///
/// # Errors
///
/// [`WrapError`]: RFC 3923 does not protect every stanza.
pub fn wrap(stanza: &Stanza, payload: Element) -> Result<Stanza, WrapError> {
    match stanza {
        Stanza::Message(message) => {
            match message.message_type() {
                // RFC 3923 section 2: out of scope.
                MessageType::Groupchat => return Err(WrapError::Groupchat),
                MessageType::Error => return Err(WrapError::Error),
                _ => {}
            }
            let mut out = Message::new(message.message_type()).with_payload(payload);
            out.to = message.to.clone();
            out.from = message.from.clone();
            out.id = message.id.clone();
            Ok(out.into())
        }
        Stanza::Presence(presence) => {
            // 3923-4.1-02
            if presence.to == Address::Absent {
                return Err(WrapError::Broadcast);
            }
            if presence.presence_type() == PresenceType::Error {
                return Err(WrapError::Error);
            }
            let mut out = Presence::new(presence.presence_type()).with_payload(payload);
            out.to = presence.to.clone();
            out.from = presence.from.clone();
            out.id = presence.id.clone();
            Ok(out.into())
        }
        Stanza::Iq(iq) => {
            let content = match &iq.content {
                IqContent::Get(_) => IqContent::Get(payload),
                IqContent::Set(_) => IqContent::Set(payload),
                IqContent::Result(_) => IqContent::Result(Some(payload)),
                IqContent::Error { .. } => return Err(WrapError::Error),
            };
            let mut out = Iq::new(iq.id.clone(), content);
            out.to = iq.to.clone();
            out.from = iq.from.clone();
            Ok(out.into())
        }
    }
}

/// Why a stanza is not protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WrapError {
    /// Messages of type `groupchat` are out of RFC 3923's scope (section 2).
    Groupchat,
    /// Presence without `to` goes to all subscribers, and only directed presence
    /// can be protected (RFC 3923 section 4.1).
    Broadcast,
    /// Errors answer what has failed; they are sent as they are.
    Error,
}

impl core::fmt::Display for WrapError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Groupchat => {
                "a message of type groupchat cannot be protected (RFC 3923 section 2)"
            }
            Self::Broadcast => "presence without `to` cannot be protected (RFC 3923 section 4.1)",
            Self::Error => "a stanza of type error is not protected",
        })
    }
}

impl core::error::Error for WrapError {}

/// Why nothing can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// A text in the object has characters that XML does not allow.
    Write(WriteError),
    /// No certificate of the recipient is known that is trusted and can be
    /// encrypted to: ask for it with a [`certificate_request`](crate::certificate_request).
    NoCertificate(BareJid),
    /// It could not be signed or encrypted.
    Protect(ProtectError),
    /// A signed object that XML cannot carry.
    NotText(NotText),
}

impl core::fmt::Display for SendError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Write(_) => f.write_str("the object has characters that XML does not allow"),
            Self::NoCertificate(address) => {
                write!(f, "no certificate is known to encrypt to {address}")
            }
            Self::Protect(error) => error.fmt(f),
            Self::NotText(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SendError {}
