//! What a client accepts, and how it chooses.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use super::binding::{BindingPlan, Contradiction};
use super::exchange::{Exchange, Start};
use super::plan::Plan;
use super::{Credentials, Offer, Pin, Pinning};
use crate::anonymous;
use crate::channel_binding::{ChannelBindingType, ChannelBindings};
use crate::crypto::{Crypto, Hash};
use crate::grammar;
use crate::hashed_token::{self, Prover};
use crate::mechanism::{Mechanism, MechanismSet, Strength};
use crate::nonce::Nonce;
use crate::oauthbearer;
use crate::plain;
use crate::prepare::{Preparation, PrepareError, Purpose, Saslprep};
use crate::scram;
use crate::secret::Secret;

/// What a client accepts: a value, made once and kept.
///
/// The default takes SCRAM in all its forms, the HT- mechanisms and EXTERNAL,
/// each over TLS and each only if there are credentials for it. PLAIN,
/// OAUTHBEARER and ANONYMOUS have to be [allowed](Policy::allow) by name: the
/// first two hand the secret to whoever is at the other end.
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// use xmpp_sasl::client::{Credentials, Offer, Policy};
/// use xmpp_sasl::{ChannelBindings, Mechanism};
///
/// let policy = Policy::default();
/// let juliet = Credentials::new("juliet").with_password("r0m30myr0m30");
/// let tls = ChannelBindings::over_tls();
///
/// let choice = policy.choose(&Offer::sasl(&["PLAIN", "SCRAM-SHA-1"]), &tls, &juliet).unwrap();
/// assert_eq!(choice.mechanism().name(), "SCRAM-SHA-1");
///
/// let refusal = policy.choose(&Offer::sasl(&["PLAIN"]), &tls, &juliet).unwrap_err();
/// assert_eq!(refusal.to_string(), "no mechanism to use: PLAIN: not allowed by the policy");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    crypto: &'static dyn Crypto,
    preparation: &'static dyn Preparation,
    allowed: MechanismSet,
    without_tls: bool,
    floor: Strength,
    require_channel_binding: bool,
    require_offer_confirmation: bool,
    iterations: RangeInclusive<u32>,
    pin: Option<(Pin, Pinning)>,
}

#[cfg(any(feature = "ring", feature = "rustcrypto"))]
impl Default for Policy {
    fn default() -> Self {
        Self::new(crate::crypto::provider())
    }
}

impl Policy {
    /// The fewest iterations that any SCRAM mechanism is to be used with
    /// (RFC 5802 section 5.1, RFC 7677 section 4).
    pub const LEAST_ITERATIONS: u32 = 4096;

    /// The most iterations accepted unless [told otherwise](Self::iterations):
    /// three times the highest count that OWASP recommends in 2026 (1,300,000,
    /// for SHA-1), and half a second to two seconds of one core of 2026.
    pub const MOST_ITERATIONS: u32 = 4_000_000;

    /// The default policy with a provider of cryptography of one's own.
    pub fn new(crypto: &'static dyn Crypto) -> Self {
        Self {
            crypto,
            preparation: &Saslprep,
            allowed: MechanismSet::of(|each| {
                !matches!(each, Mechanism::Plain | Mechanism::OauthBearer | Mechanism::Anonymous)
            }),
            without_tls: false,
            floor: Strength::NoIdentity,
            require_channel_binding: false,
            require_offer_confirmation: false,
            iterations: Self::LEAST_ITERATIONS..=Self::MOST_ITERATIONS,
            pin: None,
        }
    }

    /// Allows a mechanism by name.
    #[must_use]
    pub fn allow(mut self, mechanism: Mechanism) -> Self {
        self.allowed.insert(mechanism);
        self
    }

    /// Forbids a mechanism by name.
    #[must_use]
    pub fn forbid(mut self, mechanism: Mechanism) -> Self {
        self.allowed.remove(mechanism);
        self
    }

    /// Allows SCRAM and ANONYMOUS on a connection without TLS. Whoever listens
    /// can then try passwords against what he heard. The mechanisms that hand
    /// over their secret are never used there.
    #[must_use]
    pub const fn allow_without_tls(mut self) -> Self {
        self.without_tls = true;
        self
    }

    /// Takes nothing weaker than this.
    #[must_use]
    pub const fn floor(mut self, floor: Strength) -> Self {
        self.floor = floor;
        self
    }

    /// Takes only what is bound to the connection: SCRAM-…-PLUS and HT- other
    /// than -NONE.
    #[must_use]
    pub const fn require_channel_binding(mut self) -> Self {
        self.require_channel_binding = true;
        self
    }

    /// Takes SCRAM only from servers that confirm their offer (XEP-0474).
    #[must_use]
    pub const fn require_offer_confirmation(mut self) -> Self {
        self.require_offer_confirmation = true;
        self
    }

    /// Takes other iteration counts than [`LEAST_ITERATIONS`] to
    /// [`MOST_ITERATIONS`]. The lower bound can be raised but not lowered.
    ///
    /// [`LEAST_ITERATIONS`]: Self::LEAST_ITERATIONS
    /// [`MOST_ITERATIONS`]: Self::MOST_ITERATIONS
    #[must_use]
    pub fn iterations(mut self, range: RangeInclusive<u32>) -> Self {
        self.iterations = *range.start().max(&Self::LEAST_ITERATIONS)..=*range.end();
        self
    }

    /// Remembers what was used before, so that less will not do.
    #[must_use]
    pub const fn pin(mut self, pin: Pin, pinning: Pinning) -> Self {
        self.pin = Some((pin, pinning));
        self
    }

    /// Prepares user names and passwords by another profile than [`Saslprep`].
    #[must_use]
    pub const fn preparation(mut self, preparation: &'static dyn Preparation) -> Self {
        self.preparation = preparation;
        self
    }

    /// Chooses the best mechanism on offer that this policy accepts and the
    /// credentials allow.
    ///
    /// # Errors
    ///
    /// There is none. Every mechanism offered is accounted for.
    pub fn choose(
        &self,
        offer: &Offer<'_>,
        bindings: &ChannelBindings,
        credentials: &Credentials,
    ) -> Result<Choice, NoMechanism> {
        let binding = BindingPlan::of(offer, bindings);
        let attempt = Attempt { policy: self, offer, bindings, credentials, binding };
        let mut verdicts = Vec::new();
        let mut best: Option<(usize, Mechanism, Prepared)> = None;
        for &name in offer.token_mechanisms.iter().chain(offer.mechanisms) {
            let known = Mechanism::from_name(name);
            let result = known.ok_or(Refusal::Unknown).and_then(|mechanism| {
                attempt.prepare(mechanism).map(|prepared| (mechanism, prepared))
            });
            let refusal = match result {
                Err(refusal) => Some(refusal),
                Ok((mechanism, prepared)) => {
                    let better =
                        best.as_ref().is_none_or(|(_, other, _)| mechanism.rank() > other.rank());
                    if better {
                        best = Some((verdicts.len(), mechanism, prepared));
                    }
                    Some(Refusal::LessPreferred)
                }
            };
            verdicts.push(Verdict { mechanism: name.into(), refusal });
        }
        let Some((index, mechanism, Prepared { plan, binding })) = best else {
            return Err(NoMechanism { verdicts });
        };
        if let Some(verdict) = verdicts.get_mut(index) {
            verdict.refusal = None;
        }
        Ok(Choice { mechanism, binding, plan, verdicts })
    }
}

/// One call of [`Policy::choose`].
struct Attempt<'a> {
    policy: &'a Policy,
    offer: &'a Offer<'a>,
    bindings: &'a ChannelBindings,
    credentials: &'a Credentials,
    binding: Result<BindingPlan<'a>, Contradiction>,
}

/// A mechanism that could be used.
struct Prepared {
    plan: Plan,
    binding: Option<ChannelBindingType>,
}

impl Attempt<'_> {
    fn prepare(&self, mechanism: Mechanism) -> Result<Prepared, Refusal> {
        let policy = self.policy;
        if !policy.allowed.contains(mechanism) {
            return Err(Refusal::NotAllowed);
        }
        let without_tls = policy.without_tls
            && matches!(mechanism, Mechanism::Scram { .. } | Mechanism::Anonymous);
        if !self.bindings.is_tls() && !without_tls {
            return Err(Refusal::NeedsTls);
        }
        if mechanism.strength() < policy.floor {
            return Err(Refusal::BelowFloor);
        }
        if policy.require_channel_binding && !mechanism.is_bound() {
            return Err(Refusal::NotBound);
        }
        let prepared = match mechanism {
            Mechanism::Scram { hash, plus } => self.scram(hash, plus)?,
            Mechanism::HashedToken(_) => self.token(mechanism)?,
            Mechanism::Plain => self.plain()?,
            Mechanism::OauthBearer => self.bearer()?,
            Mechanism::External => self.external()?,
            Mechanism::Anonymous => self.anonymous()?,
        };
        match &policy.pin {
            Some((pin, pinning)) if !pin.permits(*pinning, mechanism, prepared.binding) => {
                Err(Refusal::Pinned(*pin))
            }
            _ => Ok(prepared),
        }
    }

    fn scram(&self, hash: Hash, plus: bool) -> Result<Prepared, Refusal> {
        let Credentials { username, authzid, password, keys, .. } = self.credentials;
        let cached = keys.iter().find(|keys| keys.hash == hash).cloned();
        if password.is_none() && cached.is_none() {
            return Err(Refusal::NoCredentials);
        }
        let plan = self.binding.as_ref().map_err(|each| Refusal::Contradiction(*each))?;
        let policy = self.policy;
        let (flag, binding, data) = if plus {
            let (kind, data) = plan.usable.ok_or(Refusal::NoChannelBinding)?;
            (alloc::format!("p={kind}"), Some(kind), data)
        } else {
            (plan.flag_without_plus.into(), None, Default::default())
        };
        let username = policy
            .preparation
            .username(username, Purpose::Query)
            .map_err(Refusal::Username)?
            .into_owned();
        let unsafe_name =
            |name: &str| name.contains('\0').then_some(PrepareError::Prohibited('\0'));
        if let Some(error) =
            unsafe_name(&username).or_else(|| authzid.as_deref().and_then(unsafe_name))
        {
            return Err(Refusal::Username(error));
        }
        let password = match password {
            Some(password) => Some(self.prepare_password(password)?),
            None => None,
        };
        let authzid = authzid
            .as_deref()
            .map(|authzid| alloc::format!("a={}", grammar::escape(authzid)))
            .unwrap_or_default();
        Ok(Prepared {
            binding,
            plan: Plan::Scram(Box::new(scram::client::Setup {
                crypto: policy.crypto,
                hash,
                username,
                password,
                cached,
                gs2_header: alloc::format!("{flag},{authzid},"),
                binding_data: data.into(),
                iterations: policy.iterations.clone(),
                offer_hash: scram::downgrade::hash_of_offer(
                    policy.crypto,
                    hash,
                    self.offer.mechanisms,
                    self.offer.channel_bindings,
                ),
                require_offer_hash: policy.require_offer_confirmation
                    || (!plus && plan.confirm_offer_without_plus),
            })),
        })
    }

    fn token(&self, mechanism: Mechanism) -> Result<Prepared, Refusal> {
        let token = self.credentials.token.as_ref().ok_or(Refusal::NoCredentials)?;
        // XEP-0484: a token is good for the mechanism it was requested for.
        let Mechanism::HashedToken(binding) = token.mechanism else {
            return Err(Refusal::NoCredentials);
        };
        if token.mechanism != mechanism {
            return Err(Refusal::NoCredentials);
        }
        let binding = binding.channel_binding();
        let data = match binding {
            Some(kind) => self.bindings.data(kind).ok_or(Refusal::NoChannelBinding)?,
            None => &[],
        };
        let username = self.safe_username()?;
        let prove =
            |prover| hashed_token::proof(self.policy.crypto, prover, token.secret.expose(), data);
        let message =
            hashed_token::Message { authcid: username, proof: prove(Prover::Initiator) }.write();
        Ok(Prepared { plan: Plan::Token { message, expected: prove(Prover::Responder) }, binding })
    }

    fn plain(&self) -> Result<Prepared, Refusal> {
        let password = self.credentials.password.as_ref().ok_or(Refusal::NoCredentials)?;
        let password = core::str::from_utf8(password.expose()).unwrap_or_default();
        if !plain::is_safe(password) {
            return Err(Refusal::Password(PrepareError::Prohibited('\0')));
        }
        // RFC 4616 section 2: it is the server that prepares.
        let message = plain::Message {
            authzid: self.authzid_without_nul()?,
            authcid: self.safe_username()?,
            password,
        };
        Ok(Prepared { plan: Plan::Plain(Secret::new(message.write())), binding: None })
    }

    fn bearer(&self) -> Result<Prepared, Refusal> {
        let bearer = self.credentials.bearer.as_ref().ok_or(Refusal::NoCredentials)?;
        let token = core::str::from_utf8(bearer.token.expose()).unwrap_or_default();
        let host = bearer.host.as_deref();
        if !oauthbearer::is_token(token) || host.is_some_and(|host| !oauthbearer::is_host(host)) {
            return Err(Refusal::Malformed);
        }
        let authzid = self.authzid_without_nul()?.map(Into::into);
        let response = oauthbearer::Response { authzid, token, host, port: bearer.port };
        Ok(Prepared { plan: Plan::Bearer(Secret::new(response.write())), binding: None })
    }

    fn external(&self) -> Result<Prepared, Refusal> {
        if !self.credentials.certificate {
            return Err(Refusal::NoCredentials);
        }
        let authzid = self.authzid_without_nul()?.unwrap_or_default();
        Ok(Prepared { plan: Plan::External(authzid.into()), binding: None })
    }

    fn anonymous(&self) -> Result<Prepared, Refusal> {
        let trace = self.credentials.anonymous.as_ref().ok_or(Refusal::NoCredentials)?;
        let trace = anonymous::read(trace.as_bytes()).map_err(|_| Refusal::Malformed)?;
        Ok(Prepared { plan: Plan::Anonymous(trace.into()), binding: None })
    }

    fn safe_username(&self) -> Result<&str, Refusal> {
        match self.credentials.username.as_str() {
            "" => Err(Refusal::Username(PrepareError::Empty)),
            name if name.contains('\0') => Err(Refusal::Username(PrepareError::Prohibited('\0'))),
            name => Ok(name),
        }
    }

    fn authzid_without_nul(&self) -> Result<Option<&str>, Refusal> {
        match self.credentials.authzid.as_deref() {
            Some(name) if name.contains('\0') => {
                Err(Refusal::Username(PrepareError::Prohibited('\0')))
            }
            other => Ok(other),
        }
    }

    fn prepare_password(&self, password: &Secret) -> Result<Secret, Refusal> {
        let text = core::str::from_utf8(password.expose()).unwrap_or_default();
        let prepared =
            self.policy.preparation.password(text, Purpose::Query).map_err(Refusal::Password)?;
        Ok(match prepared {
            alloc::borrow::Cow::Borrowed(text) => Secret::from(text),
            alloc::borrow::Cow::Owned(text) => Secret::new(text),
        })
    }
}

/// A mechanism chosen, ready to start.
pub struct Choice {
    mechanism: Mechanism,
    binding: Option<ChannelBindingType>,
    plan: Plan,
    verdicts: Vec<Verdict>,
}

impl Choice {
    /// The mechanism.
    pub const fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// What the exchange will be bound to.
    pub const fn channel_binding(&self) -> Option<ChannelBindingType> {
        self.binding
    }

    /// Why each mechanism on offer was or was not taken, in the offer's order;
    /// those for tokens first.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// Starts the exchange.
    pub fn start(self, nonce: Nonce) -> Start {
        let Self { mechanism, binding, plan, .. } = self;
        let (initial_response, state) = plan.start(nonce);
        Start {
            mechanism,
            initial_response: Some(initial_response),
            exchange: Exchange { mechanism, binding, state },
        }
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choice")
            .field("mechanism", &self.mechanism.name())
            .field("binding", &self.binding)
            .field("verdicts", &self.verdicts)
            .finish_non_exhaustive()
    }
}

/// What became of one mechanism of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Its name, as offered.
    pub mechanism: String,
    /// Why it was not taken; `None` for the one that was.
    pub refusal: Option<Refusal>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.mechanism)?;
        match &self.refusal {
            None => f.write_str("taken"),
            Some(refusal) => refusal.fmt(f),
        }
    }
}

/// Why a mechanism was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// This crate does not speak it.
    Unknown,
    /// The policy does not allow it.
    NotAllowed,
    /// It is not for connections without TLS.
    NeedsTls,
    /// The credentials hold nothing for it.
    NoCredentials,
    /// It is weaker than the policy's floor.
    BelowFloor,
    /// It is not bound to the connection, as the policy asks.
    NotBound,
    /// There is no channel binding that both sides have.
    NoChannelBinding,
    /// It is less than what was used before.
    Pinned(Pin),
    /// The user name cannot be prepared for it.
    Username(PrepareError),
    /// The password cannot be prepared for it.
    Password(PrepareError),
    /// The token, host or trace has characters it cannot carry.
    Malformed,
    /// The offer contradicts itself, as it would after somebody changed it.
    Contradiction(Contradiction),
    /// It could be used, but another is better.
    LessPreferred,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::NotAllowed => "not allowed by the policy",
            Self::NeedsTls => "only to be used over TLS",
            Self::NoCredentials => "no credentials for it",
            Self::BelowFloor => "weaker than the policy's floor",
            Self::NotBound => "not bound to the connection, as the policy asks",
            Self::NoChannelBinding => "no channel binding that both sides have",
            Self::Pinned(pin) => return write!(f, "less than what was used before ({pin})"),
            Self::Username(error) => return write!(f, "the user name cannot be used: {error}"),
            Self::Password(error) => return write!(f, "the password cannot be used: {error}"),
            Self::Malformed => "the token, host or trace has characters it cannot carry",
            Self::Contradiction(contradiction) => return contradiction.fmt(f),
            Self::LessPreferred => "another is better",
        })
    }
}

/// No mechanism on offer can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoMechanism {
    verdicts: Vec<Verdict>,
}

impl NoMechanism {
    /// Why, for each mechanism on offer.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }
}

impl fmt::Display for NoMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.verdicts.is_empty() {
            return f.write_str("no mechanism to use: none was offered");
        }
        let verdicts: Vec<String> = self.verdicts.iter().map(Verdict::to_string).collect();
        write!(f, "no mechanism to use: {}", verdicts.join("; "))
    }
}

impl core::error::Error for NoMechanism {}
