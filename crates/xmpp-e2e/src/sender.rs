//! The sending side: RFC 3923 section 6.

use core::time::Duration;
use std::collections::BTreeMap;

use xmpp_cpim::DateTime;
use xmpp_cpim::mapping::{NotText, secured_payload};
use xmpp_jid::BareJid;
use xmpp_stanza::{
    Iq, IqType, Message, MessageType, Presence, PresenceType, Stanza, StanzaBuilder,
};
use xmpp_xml::{Element, WriteError};

use crate::envelope::copy_envelope;
use crate::identity::Identity;
use crate::object::Object;
use crate::policy::Policy;
use crate::protect::{Certificates, ProtectError, encrypt, sign_with};
use crate::smime::Limits;
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
    limits: Limits,
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
        Self {
            identity,
            others: Vec::new(),
            policy,
            limits: Limits::DEFAULT,
            last: None,
            included: BTreeMap::new(),
        }
    }

    /// With other limits: what is longer than
    /// [`max_object_bytes`](Limits::max_object_bytes) at any layer is not sent.
    /// The defaults are those of a [`Receiver`](crate::Receiver), so that what is
    /// sent is read.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
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
        let mut entity = self.bounded(object.to_entity().map_err(SendError::Write)?)?;
        let certificates = match protection {
            Protection::Encrypt => Certificates::LeftOut,
            Protection::Sign | Protection::SignAndEncrypt => self.due(recipients, now),
        };
        if protection != Protection::Encrypt {
            entity = self.bounded(self.sign(&entity, certificates, now)?)?;
        }
        if protection != Protection::Sign {
            let mut to = Vec::with_capacity(recipients.len());
            for (address, known) in recipients {
                let known = usable(address, known, trust, now)
                    .ok_or_else(|| SendError::NoCertificate((*address).clone()))?;
                to.push((&known.certificate, &known.capabilities[..]));
            }
            let sealed = encrypt(&entity, &to, &self.policy, now).map_err(SendError::Protect)?;
            entity = self.bounded(sealed)?;
        }
        let payload = secured_payload(&entity).map_err(SendError::NotText)?;
        if certificates == Certificates::SentAlong {
            self.included(recipients, now);
        }
        Ok(payload)
    }

    fn bounded(&self, entity: Vec<u8>) -> Result<Vec<u8>, SendError> {
        let limit = self.limits.max_object_bytes;
        if entity.len() > limit {
            return Err(SendError::TooLong { octets: entity.len(), limit });
        }
        Ok(entity)
    }

    /// Sends our certificates along with what goes to this recipient next: it has
    /// told us that it could not verify a signature.
    pub fn repeat_certificates(&mut self, recipient: &BareJid) {
        self.included.remove(recipient);
    }

    fn sign(
        &self,
        entity: &[u8],
        certificates: Certificates,
        now: Timestamp,
    ) -> Result<Vec<u8>, SendError> {
        let others: Vec<_> = self.others.iter().map(Identity::certificate).collect();
        sign_with(entity, &self.identity, &others, &self.policy, now, certificates)
            .map_err(SendError::Protect)
    }

    /// Whether a recipient has not had our certificates for five minutes: that
    /// satisfies 3923-6.6-01, -02 and -04 at once.
    fn due(&mut self, recipients: &[(&BareJid, &[Known])], now: Timestamp) -> Certificates {
        self.included.retain(|_, last| last.later(INCLUSION) > now);
        let has_them = |(to, _): &(&BareJid, &[Known])| self.included.contains_key(*to);
        if recipients.is_empty() || !recipients.iter().all(has_them) {
            Certificates::SentAlong
        } else {
            Certificates::LeftOut
        }
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
pub fn wrap(stanza: &Stanza<'_>, payload: &Element) -> Result<StanzaBuilder, WrapError> {
    let out: StanzaBuilder = match stanza {
        Stanza::Message(message) => match message.message_type() {
            // RFC 3923 section 2: out of scope.
            MessageType::Groupchat => return Err(WrapError::Groupchat),
            MessageType::Error => return Err(WrapError::Error),
            kind => Message::builder(kind).with(payload).into(),
        },
        Stanza::Presence(presence) => match presence.presence_type() {
            PresenceType::Error => return Err(WrapError::Error),
            // 3923-4.1-02
            _ if presence.to().is_absent() => return Err(WrapError::Broadcast),
            kind => Presence::builder(kind).with(payload).into(),
        },
        Stanza::Iq(iq) => match iq.iq_type() {
            IqType::Get => Iq::get(iq.id(), payload).into(),
            IqType::Set => Iq::set(iq.id(), payload).into(),
            IqType::Error => return Err(WrapError::Error),
            _ => Iq::result(iq.id()).with(payload).into(),
        },
    };
    Ok(copy_envelope(out, stanza))
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
    /// It would be longer than the limit, and its recipient would refuse it.
    #[non_exhaustive]
    TooLong {
        /// How long it would be, in octets.
        octets: usize,
        /// [`Limits::max_object_bytes`].
        limit: usize,
    },
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
            Self::TooLong { octets, limit } => {
                write!(f, "the object would have {octets} octets, more than {limit}")
            }
        }
    }
}

impl core::error::Error for SendError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Write(error) => Some(error),
            Self::Protect(error) => Some(error),
            Self::NotText(error) => Some(error),
            Self::NoCertificate(_) | Self::TooLong { .. } => None,
        }
    }
}
