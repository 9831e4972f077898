//! The receiving side: RFC 3923 sections 6.3, 6.7 to 6.9, and 7.

use xmpp_cpim::mapping::{is_secured_payload, secured_object};
use xmpp_jid::BareJid;
use xmpp_stanza::{StanzaCondition, StanzaError, StanzaRef};

use crate::crypto::Digest;
use crate::identity::Identity;
use crate::object::{Object, ObjectError};
use crate::open::{Case, OpenError, Opened, Opener, Unverified};
use crate::policy::Policy;
use crate::smime::Limits;
use crate::store::{CertificateStore, Known};
use crate::time::{BadTimestamp, Freshness, Timestamp};
use crate::trust::TrustStore;

/// Opens what one account receives: decrypts, verifies, compares the addresses
/// inside with those outside, and sees to it that nothing is played back.
#[derive(Debug)]
pub struct Receiver<S> {
    account: BareJid,
    keys: Vec<Identity>,
    trust: TrustStore,
    policy: Policy,
    limits: Limits,
    store: S,
    freshness: Freshness,
}

/// What was received.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Received {
    /// The object.
    pub object: Object,
    /// Who wrote it: the address of the stanza and of the signer's certificate.
    /// `None` if nobody signed, which only a policy that accepts it lets pass.
    pub author: Option<BareJid>,
    /// How it was protected.
    pub opened: Opened,
    /// When it was made: its timestamp, or if it has none the signing time.
    /// `None` for what nobody signed and has no timestamp.
    pub time: Option<Timestamp>,
}

impl<S: CertificateStore> Receiver<S> {
    /// One for the account of that address, with its keys.
    #[must_use]
    pub fn new(account: BareJid, keys: Vec<Identity>, trust: TrustStore, store: S) -> Self {
        Self {
            account,
            keys,
            trust,
            policy: Policy::modern(),
            limits: Limits::DEFAULT,
            store,
            freshness: Freshness::new(),
        }
    }

    /// With another policy than [`Policy::modern`].
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// With other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With the timestamps that an earlier run has seen
    /// ([`Freshness::restore`]).
    #[must_use]
    pub fn with_freshness(mut self, freshness: Freshness) -> Self {
        self.freshness = freshness;
        self
    }

    /// The timestamps that were seen, to be kept over a restart
    /// ([`Freshness::save`]).
    #[must_use]
    pub const fn freshness(&self) -> &Freshness {
        &self.freshness
    }

    /// Whom we trust, to change it: to revoke a certificate, or to add a list of
    /// revocations.
    pub const fn trust_mut(&mut self) -> &mut TrustStore {
        &mut self.trust
    }

    /// The store of certificates.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// The store of certificates, to add to it.
    pub const fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// Opens the `<e2e/>` payload of a stanza; `None` if it has none, or is an
    /// error, whose payload is our own.
    ///
    /// A stanza without `from` comes from the account itself (RFC 6120 section
    /// 8.1.2.1); one without `to` is for it.
    ///
    /// # Errors
    ///
    /// [`Refused`], which knows the stanza error that tells the sender.
    pub fn open(
        &mut self,
        stanza: StanzaRef<'_>,
        now: Timestamp,
    ) -> Option<Result<Received, Refused>> {
        if stanza.is_error() {
            return None;
        }
        let payload = stanza.payloads().find(|element| is_secured_payload(*element))?;
        let object = secured_object(payload)?;
        let bare = |address: xmpp_stanza::AddressRef<'_>| match address {
            xmpp_stanza::AddressRef::Absent => Some(self.account.clone()),
            address => address.jid().map(|jid| jid.to_bare().into_owned()),
        };
        let (Some(from), Some(to)) = (bare(stanza.from()), bare(stanza.to())) else {
            // An address that is none is nobody's.
            return Some(Err(Unverified::OtherSender.into()));
        };
        Some(self.open_object(&from, &to, &object, now))
    }

    /// Opens the object of an `<e2e/>` payload
    /// ([`secured_object`](xmpp_cpim::mapping::secured_object)) that came from one
    /// address to another.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn open_object(
        &mut self,
        from: &BareJid,
        to: &BareJid,
        object: &[u8],
        now: Timestamp,
    ) -> Result<Received, Refused> {
        let at_hand: Vec<_> =
            self.store.find(from).into_iter().map(|known| known.certificate).collect();
        let opener = Opener::new(&self.keys, &self.trust, &self.policy)
            .with_certificates(&at_hand)
            .with_limits(self.limits);
        let opened = opener.open(object, now)?;
        let object = Object::parse(&opened.entity, &self.limits).map_err(Refused::Object)?;
        let author = match opened.signature() {
            Some(signature) => {
                // 3923-6.3-06, 3923-6.3-07
                if !signature.certificate.is_for(from) {
                    return Err(Unverified::OtherSender.into());
                }
                Some(from.clone())
            }
            None => None,
        };
        addresses_agree(&object, from, to)?;
        let (time, verdict) = self.check_time(&object, &opened, from, now);
        let received = Received { object, author, opened, time };
        match verdict {
            Ok(()) => {
                // Not before the verdict: an object that is played back would
                // change to whom we encrypt.
                self.remember(from, &received);
                Ok(received)
            }
            Err(why) => Err(Refused::Time { why, received: Box::new(received) }),
        }
    }

    fn check_time(
        &mut self,
        object: &Object,
        opened: &Opened,
        from: &BareJid,
        now: Timestamp,
    ) -> (Option<Timestamp>, Result<(), BadTimestamp>) {
        let stated = object.date_time().and_then(Timestamp::from_date_time);
        if let Some(stated) = stated {
            // Who did not sign could make us believe anything of a sender.
            let verdict = if opened.signature().is_some() {
                self.freshness.check(from, stated, now)
            } else {
                Freshness::new().check(from, stated, now)
            };
            return (Some(stated), verdict);
        }
        if !matches!(object, Object::Stanza(_)) {
            return (None, Err(BadTimestamp::Missing));
        }
        let Some(signature) = opened.signature() else { return (None, Ok(())) };
        let Some(stated) = signature.signing_time else {
            return (None, Err(BadTimestamp::Missing));
        };
        let mut digest = [0; 32];
        digest.copy_from_slice(Digest::Sha256.compute(&opened.entity).as_ref());
        (Some(stated), self.freshness.check_signing_time(from, stated, digest, now))
    }

    /// Keeps the certificates that came along, those that link the signer's to an
    /// anchor too: the next objects come without. What came earlier with an object
    /// that was made later stays as it is.
    fn remember(&mut self, address: &BareJid, received: &Received) {
        let Some(signature) = received.opened.signature() else { return };
        for certificate in &signature.certificates {
            self.store.remember(
                address,
                Known {
                    certificate: certificate.clone(),
                    capabilities: signature.capabilities.clone(),
                    signed_at: received.time,
                },
            );
        }
    }
}

/// Decision D13: a valid object cannot be sent on under another address.
fn addresses_agree(object: &Object, from: &BareJid, to: &BareJid) -> Result<(), Unverified> {
    let written_by = match object.from() {
        Some(author) => author == *from,
        // Within <xmpp/> it may be left out, and is then the stanza's.
        None => matches!(object, Object::Stanza(stanza)
            if stanza.from().is_absent()),
    };
    let recipients = object.to();
    let written_to =
        if recipients.is_empty() { object.names_no_recipient() } else { recipients.contains(to) };
    if written_by && written_to { Ok(()) } else { Err(Unverified::OtherAddresses) }
}

/// Why a stanza is not to be shown as what it says it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Refused {
    /// It could not be decrypted, or is not by whom it says it is: not to be
    /// presented (RFC 3923 sections 6.7 and 6.8).
    Open(OpenError),
    /// What was inside cannot be read.
    Object(ObjectError),
    /// It may have been played back, or a clock is wrong: to be presented, if at
    /// all, marked with `why` (3923-6.9-05).
    #[non_exhaustive]
    Time {
        /// What is wrong with the time.
        why: BadTimestamp,
        /// What was received.
        received: Box<Received>,
    },
}

impl Refused {
    /// Which case of RFC 3923 section 7 it is; `None` if it is none of them.
    #[must_use]
    pub const fn case(&self) -> Option<Case> {
        match self {
            Self::Open(error) => Some(error.case()),
            Self::Object(_) => None,
            Self::Time { .. } => Some(Case::BadTimestamp),
        }
    }

    /// The stanza error that tells the sender, if one wants to. It reveals
    /// nothing but the case; still, whoever answers every stanza answers
    /// questions: limit how many a sender gets.
    #[must_use]
    pub fn to_stanza_error(&self) -> StanzaError {
        match self.case() {
            Some(case) => case.to_stanza_error(),
            None => StanzaError::new(StanzaCondition::BadRequest),
        }
    }
}

impl From<OpenError> for Refused {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<Unverified> for Refused {
    fn from(why: Unverified) -> Self {
        Self::Open(OpenError::Signature(why))
    }
}

impl core::fmt::Display for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Open(error) => error.fmt(f),
            Self::Object(error) => error.fmt(f),
            Self::Time { why, .. } => write!(f, "{why} (RFC 3923 section 6.9)"),
        }
    }
}

impl core::error::Error for Refused {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Open(error) => Some(error),
            Self::Object(error) => Some(error),
            Self::Time { why, .. } => Some(why),
        }
    }
}
