//! What a server offers.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use super::Config;
use crate::channel_binding::ChannelBindings;
use crate::mechanism::{Mechanism, MechanismSet, Strength};

/// What a server is ready to offer: a value, made once and kept.
///
/// The default is SCRAM with each hash that the accounts have keys for, with
/// its -PLUS form where there is something to bind to, over TLS; and the
/// [configuration's own](Config::with_mechanism) mechanisms. All else is
/// [allowed](Policy::allow) by name: PLAIN and OAUTHBEARER reveal secrets,
/// EXTERNAL wants a certificate that this connection's client has presented.
///
/// ```
/// # #[cfg(any(feature = "ring", feature = "rustcrypto"))] {
/// use xmpp_sasl::ChannelBindings;
/// use xmpp_sasl::crypto::Hash;
/// use xmpp_sasl::server::{AccountKeys, Config, FakeSalt, Policy, default_iterations};
///
/// let rounds = default_iterations(Hash::Sha256);
/// let keys = AccountKeys::new(FakeSalt::new([7; 32]), Hash::Sha256, rounds);
/// let config = Config::new().account_keys(keys);
/// let tls = ChannelBindings::over_tls().with_tls_exporter([1; 32]);
/// let offer = Policy::default().offer(&config, &tls);
/// assert_eq!(offer.mechanisms(), ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]);
/// assert_eq!(offer.channel_bindings(), ["tls-exporter"]);
///
/// // An offer says why it is empty, or what is not in it.
/// let empty = Policy::default().offer(&config, &ChannelBindings::without_tls());
/// assert!(empty.is_empty());
/// assert!(empty.to_string().contains("SCRAM-SHA-256: only to be offered over TLS"));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    allowed: MechanismSet,
    without_tls: bool,
    floor: Strength,
    require_channel_binding: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allowed: MechanismSet::of(|each| matches!(each, Mechanism::Scram { .. })),
            without_tls: false,
            floor: Strength::NoIdentity,
            require_channel_binding: false,
        }
    }
}

impl Policy {
    /// Allows a mechanism by name. The configuration's own are allowed by being
    /// in it.
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

    /// Offers SCRAM, ANONYMOUS and the configuration's own mechanisms, those
    /// apart that reveal a secret, on a connection without TLS. Whoever listens
    /// can then try passwords against what he heard.
    #[must_use]
    pub const fn allow_without_tls(mut self) -> Self {
        self.without_tls = true;
        self
    }

    /// Offers nothing weaker than this.
    #[must_use]
    pub const fn floor(mut self, floor: Strength) -> Self {
        self.floor = floor;
        self
    }

    /// Offers only what is bound to the connection (5802-6-03).
    #[must_use]
    pub const fn require_channel_binding(mut self) -> Self {
        self.require_channel_binding = true;
        self
    }

    /// What to offer on this connection, in the order of preference, and why
    /// the rest is not offered.
    ///
    /// SCRAM goes by the hashes of [`Config::account_keys`]: those that every
    /// account has. If the client has named its account before, a configuration
    /// with that account's hashes can be used in its place; an account that
    /// does not exist gets what most accounts have.
    ///
    /// The HT- mechanisms are apart, in [`Offer::token_mechanisms`].
    pub fn offer(&self, config: &Config, bindings: &ChannelBindings) -> Offer {
        let mut known: Vec<Mechanism> = config.mechanisms().collect();
        known.sort_by_key(|mechanism| Reverse(mechanism.rank()));
        let mut offer = Offer::default();
        let mut bound = false;
        for mechanism in known {
            let refusal = self.judge(mechanism, config, bindings).err();
            offer.verdicts.push(Verdict { mechanism, refusal });
            if refusal.is_some() {
                continue;
            }
            bound |= mechanism.is_bound();
            let names = match mechanism {
                Mechanism::HashedToken(_) => &mut offer.token_mechanisms,
                _ => &mut offer.mechanisms,
            };
            names.push(mechanism.name().to_string());
        }
        if bound {
            offer.channel_bindings =
                bindings.types().map(|each| each.as_str().to_string()).collect();
        }
        offer
    }

    /// Why a mechanism is or is not offered on this connection.
    ///
    /// # Errors
    ///
    /// The reason why it is not.
    pub fn judge(
        &self,
        mechanism: Mechanism,
        config: &Config,
        bindings: &ChannelBindings,
    ) -> Result<(), Refusal> {
        let allowed = match mechanism {
            Mechanism::Own(own) => config.own(own.name()).is_some(),
            mechanism => self.allowed.contains(mechanism),
        };
        if !allowed {
            return Err(Refusal::NotAllowed);
        }
        let bears = bindings.is_tls() || (self.without_tls && mechanism.bears_no_tls());
        if !bears {
            return Err(Refusal::NeedsTls);
        }
        if mechanism.strength() < self.floor {
            return Err(Refusal::BelowFloor);
        }
        if self.require_channel_binding && !mechanism.is_bound() {
            return Err(Refusal::NotBound);
        }
        match mechanism {
            Mechanism::Scram { hash, .. } if !config.has_keys(hash) => Err(Refusal::NoKeys),
            Mechanism::HashedToken(binding) => match binding.channel_binding() {
                Some(kind) if bindings.data(kind).is_none() => Err(Refusal::NoChannelBinding),
                _ => Ok(()),
            },
            mechanism if mechanism.is_bound() && bindings.types().next().is_none() => {
                Err(Refusal::NoChannelBinding)
            }
            _ => Ok(()),
        }
    }
}

/// What became of one mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Which.
    pub mechanism: Mechanism,
    /// Why it is not offered; `None` if it is.
    pub refusal: Option<Refusal>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.refusal {
            None => write!(f, "{}: offered", self.mechanism),
            Some(refusal) => write!(f, "{}: {refusal}", self.mechanism),
        }
    }
}

/// Why a server does not offer a mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The policy does not allow it.
    NotAllowed,
    /// It is not for connections without TLS (6120-6.3.4-01).
    NeedsTls,
    /// It is weaker than the policy's floor.
    BelowFloor,
    /// It is not bound to the connection, as the policy asks.
    NotBound,
    /// There are no keys for its hash.
    NoKeys,
    /// There is nothing to bind to.
    NoChannelBinding,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAllowed => "not allowed by the policy",
            Self::NeedsTls => "only to be offered over TLS",
            Self::BelowFloor => "weaker than the policy's floor",
            Self::NotBound => "not bound to the connection, as the policy asks",
            Self::NoKeys => "no keys for its hash",
            Self::NoChannelBinding => "nothing to bind to",
        })
    }
}

/// What was offered on a connection, to the letter: with XEP-0474 both sides
/// hash it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    pub(super) mechanisms: Vec<String>,
    pub(super) token_mechanisms: Vec<String>,
    pub(super) channel_bindings: Vec<String>,
    verdicts: Vec<Verdict>,
}

impl Offer {
    /// An offer of other origin: the names of the mechanisms and of the types of
    /// channel binding that were sent.
    pub fn new<S: Into<String>>(
        mechanisms: impl IntoIterator<Item = S>,
        channel_bindings: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            mechanisms: mechanisms.into_iter().map(Into::into).collect(),
            token_mechanisms: Vec::new(),
            channel_bindings: channel_bindings.into_iter().map(Into::into).collect(),
            verdicts: Vec::new(),
        }
    }

    /// Whether there is no mechanism in it. [`verdicts`](Self::verdicts), and
    /// `Display` for logs, tell why.
    pub const fn is_empty(&self) -> bool {
        self.mechanisms.is_empty() && self.token_mechanisms.is_empty()
    }

    /// What became of each mechanism that the policy and the configuration
    /// could have offered; nothing in an offer of other origin.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The names of the mechanisms, the one to prefer first.
    pub fn mechanisms(&self) -> &[String] {
        &self.mechanisms
    }

    /// The names of the mechanisms for tokens, which XMPP lists apart (`<fast/>`,
    /// XEP-0484).
    pub fn token_mechanisms(&self) -> &[String] {
        &self.token_mechanisms
    }

    /// The types of channel binding, for protocols that list them (XMPP's
    /// XEP-0440). If there are none, leave the list out.
    pub fn channel_bindings(&self) -> &[String] {
        &self.channel_bindings
    }
}

impl fmt::Display for Offer {
    /// What is offered, and why all else is not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            f.write_str("no mechanism is offered")?;
        }
        let mut names = self.mechanisms.iter().chain(&self.token_mechanisms);
        if let Some(first) = names.next() {
            f.write_str(first)?;
            names.try_for_each(|name| write!(f, ", {name}"))?;
        }
        for verdict in self.verdicts.iter().filter(|verdict| verdict.refusal.is_some()) {
            write!(f, "; {verdict}")?;
        }
        Ok(())
    }
}
