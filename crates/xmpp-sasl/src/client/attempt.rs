//! Which of the mechanisms on offer could be used, and why the others could not.

use alloc::boxed::Box;

use super::binding::{BindingPlan, Contradiction};
use super::choice::Refusal;
use super::plan::Plan;
use super::{Credentials, Offer, Policy};
use crate::anonymous;
use crate::channel_binding::{ChannelBindingType, ChannelBindings};
use crate::crypto::Hash;
use crate::grammar;
use crate::hashed_token::{self, Prover};
use crate::mechanism::Mechanism;
use crate::oauthbearer;
use crate::own::Own;
use crate::plain;
use crate::prepare::{PrepareError, Purpose};
use crate::scram;
use crate::secret::Secret;

/// One call of [`Policy::choose`].
pub(super) struct Attempt<'a> {
    pub(super) policy: &'a Policy,
    pub(super) offer: &'a Offer<'a>,
    pub(super) bindings: &'a ChannelBindings,
    pub(super) credentials: &'a Credentials,
    pub(super) binding: Result<BindingPlan<'a>, Contradiction>,
}

/// A mechanism that could be used.
pub(super) struct Prepared {
    pub(super) plan: Plan,
    pub(super) binding: Option<ChannelBindingType>,
}

impl Attempt<'_> {
    pub(super) fn prepare(&self, mechanism: Mechanism) -> Result<Prepared, Refusal> {
        let policy = self.policy;
        if !policy.allows(mechanism) {
            return Err(Refusal::NotAllowed);
        }
        let bears = self.bindings.is_tls() || (policy.without_tls && mechanism.bears_no_tls());
        if !bears {
            return Err(Refusal::NeedsTls);
        }
        if mechanism.strength() < policy.floor {
            return Err(Refusal::BelowFloor);
        }
        if policy.require_channel_binding && !mechanism.is_bound() {
            return Err(Refusal::NotBound);
        }
        if let Some(contradiction) = self.contradiction(mechanism) {
            return Err(Refusal::Contradiction(contradiction));
        }
        if let Some(reason) = self.offer.tried.and_then(|tried| tried.bars(mechanism)) {
            return Err(Refusal::Failed(reason));
        }
        let prepared = match mechanism {
            Mechanism::Scram { hash, plus } => self.scram(hash, plus)?,
            Mechanism::HashedToken(_) => self.token(mechanism)?,
            Mechanism::Plain => self.plain()?,
            Mechanism::OauthBearer => self.bearer()?,
            Mechanism::External => self.external()?,
            Mechanism::Anonymous => self.anonymous()?,
            Mechanism::Own(own) => self.own(own)?,
        };
        match &policy.pin {
            Some((pin, pinning)) if !pin.permits(*pinning, mechanism, prepared.binding) => {
                Err(Refusal::Pinned(*pin))
            }
            _ => Ok(prepared),
        }
    }

    /// XEP-0440 rules 4 to 6: where somebody may be in the middle, nothing is
    /// given to him that is not bound to the connection, or that he could use.
    /// The handshake of TLS proves a certificate to nobody else, and a client
    /// without an identity has nothing to lose.
    fn contradiction(&self, mechanism: Mechanism) -> Option<Contradiction> {
        let plan = match (mechanism, &self.binding) {
            (Mechanism::External | Mechanism::Anonymous, _) => return None,
            (Mechanism::HashedToken(_) | Mechanism::Own(_), _) if mechanism.is_bound() => {
                return None;
            }
            (_, Err(contradiction)) => return Some(*contradiction),
            (_, Ok(plan)) => plan,
        };
        // Rule 6: SCRAM can have the offer confirmed (XEP-0474), others cannot.
        let unconfirmed =
            plan.confirm_offer_without_plus && !matches!(mechanism, Mechanism::Scram { .. });
        unconfirmed.then_some(Contradiction::NoCommonType)
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
                crypto: policy.crypto.clone(),
                hash,
                username,
                password,
                cached,
                gs2_header: alloc::format!("{flag},{authzid},"),
                binding_data: data.into(),
                iterations: policy.iterations.clone(),
                offer_hash: scram::downgrade::hash_of_offer(
                    &*policy.crypto,
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
            |prover| hashed_token::proof(&*self.policy.crypto, prover, token.secret.expose(), data);
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

    fn own(&self, own: Own) -> Result<Prepared, Refusal> {
        let mechanism = self.policy.own(own.name()).ok_or(Refusal::Unknown)?;
        let exchange = mechanism.prepare(self.credentials, self.bindings)?;
        Ok(Prepared { binding: exchange.channel_binding(), plan: Plan::Own(exchange) })
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
