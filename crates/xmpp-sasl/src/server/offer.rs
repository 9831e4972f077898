//! What a server offers.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use crate::channel_binding::ChannelBindings;
use crate::crypto::Hash;
use crate::mechanism::{Mechanism, MechanismSet, Strength};

/// What a server is ready to offer: a value, made once and kept.
///
/// The default is SCRAM with each hash that the accounts have keys for, with
/// its -PLUS form where there is something to bind to, over TLS. All else is
/// [allowed](Policy::allow) by name: PLAIN and OAUTHBEARER reveal secrets,
/// EXTERNAL wants a certificate that this connection's client has presented.
///
/// ```
/// use xmpp_sasl::crypto::Hash;
/// use xmpp_sasl::server::Policy;
/// use xmpp_sasl::ChannelBindings;
///
/// let tls = ChannelBindings::over_tls().with_tls_exporter([1; 32]);
/// let offer = Policy::default().offer(&[Hash::Sha256], &tls);
/// assert_eq!(offer.mechanisms(), ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]);
/// assert_eq!(offer.channel_bindings(), ["tls-exporter"]);
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

    /// Offers SCRAM and ANONYMOUS on a connection without TLS. Whoever listens
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

    /// What to offer on this connection, for accounts with keys for `hashes`,
    /// in the order of preference. Give the hashes that every account has, or,
    /// if the stream's `from` names one, those of that account; an account
    /// that does not exist gets what most accounts have.
    ///
    /// The HT- mechanisms are apart, in [`Offer::token_mechanisms`].
    pub fn offer(&self, hashes: &[Hash], bindings: &ChannelBindings) -> Offer {
        let ranked = || Mechanism::ALL.into_iter().rev();
        let wanted = |mechanism| self.judge(mechanism, hashes, bindings).is_ok();
        let (tokens, others): (Vec<Mechanism>, Vec<Mechanism>) = ranked()
            .filter(|&mechanism| wanted(mechanism))
            .partition(|mechanism| matches!(mechanism, Mechanism::HashedToken(_)));
        let bound = tokens.iter().chain(&others).any(|mechanism| mechanism.is_bound());
        let names = |mechanisms: Vec<Mechanism>| {
            mechanisms.into_iter().map(|each| each.name().to_string()).collect()
        };
        let channel_bindings = if bound {
            bindings.types().map(|each| each.as_str().to_string()).collect()
        } else {
            Vec::new()
        };
        Offer { mechanisms: names(others), token_mechanisms: names(tokens), channel_bindings }
    }

    /// Why a mechanism is or is not offered on this connection.
    ///
    /// # Errors
    ///
    /// The reason why it is not.
    pub fn judge(
        &self,
        mechanism: Mechanism,
        hashes: &[Hash],
        bindings: &ChannelBindings,
    ) -> Result<(), Refusal> {
        if !self.allowed.contains(mechanism) {
            return Err(Refusal::NotAllowed);
        }
        let open = matches!(mechanism, Mechanism::Scram { .. } | Mechanism::Anonymous);
        let protected = bindings.is_tls() || (self.without_tls && open);
        if !protected {
            return Err(Refusal::NeedsTls);
        }
        if mechanism.strength() < self.floor {
            return Err(Refusal::BelowFloor);
        }
        if self.require_channel_binding && !mechanism.is_bound() {
            return Err(Refusal::NotBound);
        }
        match mechanism {
            Mechanism::Scram { hash, .. } if !hashes.contains(&hash) => Err(Refusal::NoKeys),
            Mechanism::Scram { plus: true, .. } if bindings.types().next().is_none() => {
                Err(Refusal::NoChannelBinding)
            }
            Mechanism::HashedToken(binding) => match binding.channel_binding() {
                Some(kind) if bindings.data(kind).is_none() => Err(Refusal::NoChannelBinding),
                _ => Ok(()),
            },
            _ => Ok(()),
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
}

impl Offer {
    /// An offer of other origin: the names that were sent in `<mechanism/>` and
    /// `<channel-binding/>`. Mechanisms that the caller speaks by itself belong
    /// in it, too.
    pub fn new<S: Into<String>>(
        mechanisms: impl IntoIterator<Item = S>,
        channel_bindings: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            mechanisms: mechanisms.into_iter().map(Into::into).collect(),
            token_mechanisms: Vec::new(),
            channel_bindings: channel_bindings.into_iter().map(Into::into).collect(),
        }
    }

    /// The names for `<mechanism/>`, the one to prefer first.
    pub fn mechanisms(&self) -> &[String] {
        &self.mechanisms
    }

    /// The names for the `<mechanism/>`s of `<fast/>` (XEP-0484).
    pub fn token_mechanisms(&self) -> &[String] {
        &self.token_mechanisms
    }

    /// The types for `<channel-binding/>` (XEP-0440). If there are none, leave
    /// the feature out.
    pub fn channel_bindings(&self) -> &[String] {
        &self.channel_bindings
    }
}
