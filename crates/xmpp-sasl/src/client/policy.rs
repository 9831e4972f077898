//! What a client accepts, and how it chooses.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::attempt::{Attempt, Prepared};
use super::binding::BindingPlan;
use super::choice::{Choice, NoMechanism, Refusal, Verdict};
use super::{Credentials, Offer, OwnMechanism, Pin, Pinning};
use crate::channel_binding::ChannelBindings;
use crate::crypto::Crypto;
use crate::mechanism::{Mechanism, MechanismSet, Strength};
use crate::prepare::{Preparation, Saslprep};
use crate::shared::Shared;

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
/// let choice = policy.choose(&Offer::new(&["PLAIN", "SCRAM-SHA-1"]), &tls, &juliet).unwrap();
/// assert_eq!(choice.mechanism().name(), "SCRAM-SHA-1");
///
/// let refusal = policy.choose(&Offer::new(&["PLAIN"]), &tls, &juliet).unwrap_err();
/// assert_eq!(refusal.to_string(), "no mechanism to use: PLAIN: not allowed by the policy");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) crypto: Shared<dyn Crypto>,
    pub(crate) preparation: Shared<dyn Preparation>,
    allowed: MechanismSet,
    own: Vec<Arc<dyn OwnMechanism>>,
    pub(super) without_tls: bool,
    pub(super) floor: Strength,
    pub(super) require_channel_binding: bool,
    pub(super) require_offer_confirmation: bool,
    pub(crate) iterations: RangeInclusive<u32>,
    pub(super) pin: Option<(Pin, Pinning)>,
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
    pub fn new(crypto: impl Into<Shared<dyn Crypto>>) -> Self {
        Self {
            crypto: crypto.into(),
            preparation: Shared::from(&Saslprep),
            allowed: MechanismSet::of(|each| {
                !matches!(each, Mechanism::Plain | Mechanism::OauthBearer | Mechanism::Anonymous)
            }),
            own: Vec::new(),
            without_tls: false,
            floor: Strength::NoIdentity,
            require_channel_binding: false,
            require_offer_confirmation: false,
            iterations: Self::LEAST_ITERATIONS..=Self::MOST_ITERATIONS,
            pin: None,
        }
    }

    /// Allows a mechanism by name. For one of the caller's own, see
    /// [`with_mechanism`](Self::with_mechanism).
    #[must_use]
    pub fn allow(mut self, mechanism: Mechanism) -> Self {
        self.allowed.insert(mechanism);
        self
    }

    /// Forbids a mechanism by name.
    #[must_use]
    pub fn forbid(mut self, mechanism: Mechanism) -> Self {
        self.allowed.remove(mechanism);
        if let Mechanism::Own(own) = mechanism {
            self.own.retain(|other| other.describe().name() != own.name());
        }
        self
    }

    /// Adds a mechanism of the caller's own, which is allowed by that.
    #[must_use]
    pub fn with_mechanism(mut self, mechanism: Arc<dyn OwnMechanism>) -> Self {
        self = self.forbid(Mechanism::Own(mechanism.describe()));
        self.own.push(mechanism);
        self
    }

    /// Allows SCRAM, ANONYMOUS and mechanisms of the caller's own on a
    /// connection without TLS. Whoever listens can then try passwords against
    /// what he heard. The mechanisms that hand over their secret are never used
    /// there.
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
    pub fn preparation(mut self, preparation: impl Into<Shared<dyn Preparation>>) -> Self {
        self.preparation = preparation.into();
        self
    }

    /// Chooses the best mechanism on offer that this policy accepts and the
    /// credentials allow. After a failure, choose again among [what is
    /// left](Offer::after).
    ///
    /// An offer that contradicts itself (XEP-0440) ends the attempt: no
    /// mechanism is used then that could give something away.
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
        let own_is_bound = |name: &str| self.own(name).is_some_and(|own| own.describe().is_bound());
        let binding = BindingPlan::of(offer, bindings, own_is_bound);
        let attempt = Attempt { policy: self, offer, bindings, credentials, binding };
        let mut verdicts = Vec::new();
        let mut best: Option<(usize, Mechanism, Prepared)> = None;
        for &name in offer.token_mechanisms.iter().chain(offer.mechanisms) {
            let own = self.own(name).map(|own| Mechanism::Own(own.describe()));
            let known = own.or_else(|| Mechanism::from_name(name));
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

    /// Which of the mechanisms for tokens on offer (XEP-0484) to request a token
    /// for: of those that this policy allows and this connection can bind, the
    /// strongest, as the XEP's security considerations have it.
    pub fn choose_token_mechanism<'o>(
        &self,
        offered: impl IntoIterator<Item = &'o str>,
        bindings: &ChannelBindings,
    ) -> Option<Mechanism> {
        let usable = |mechanism: &Mechanism| match mechanism {
            Mechanism::HashedToken(binding) => {
                let bindable =
                    binding.channel_binding().is_none_or(|kind| bindings.data(kind).is_some());
                self.allows(*mechanism)
                    && bindings.is_tls()
                    && bindable
                    && (!self.require_channel_binding || mechanism.is_bound())
                    && mechanism.strength() >= self.floor
            }
            _ => false,
        };
        let known = offered.into_iter().filter_map(Mechanism::from_name).filter(usable);
        known.max_by(|a, b| a.rank().cmp(&b.rank()))
    }

    pub(super) fn allows(&self, mechanism: Mechanism) -> bool {
        match mechanism {
            Mechanism::Own(own) => self.own(own.name()).is_some(),
            mechanism => self.allowed.contains(mechanism),
        }
    }

    pub(super) fn own(&self, name: &str) -> Option<&dyn OwnMechanism> {
        self.own.iter().find(|own| own.describe().name() == name).map(|own| &**own)
    }
}
