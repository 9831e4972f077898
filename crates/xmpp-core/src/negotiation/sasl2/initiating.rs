//! What a client asks for with `<authenticate/>`, and what it gets with
//! `<success/>`.

use alloc::{string::String, vec::Vec};

use xmpp_jid::{BareJid, FullJid};
use xmpp_sasl::Mechanism;
use xmpp_sasl::client::{Authenticated, Start, Token};
use xmpp_sasl::sasl2::Upgrade;
use xmpp_stanza::bind2::{BindFeature, Bound};
use xmpp_stanza::fast::{self, FastFeature, FastRequest, RequestToken};
use xmpp_stanza::features::FeaturesRef;
use xmpp_stanza::sasl2::{Authenticate, Authentication, Success, UserAgent};
use xmpp_stanza::{Invalid, Payload};
use xmpp_xml::{SendBuffer, ns};

use crate::config::{Sasl2Client, ScramUpgrades};
use crate::connection::core::Core;
use crate::error::{Error, PeerMisbehaved};
use crate::negotiation::sasl::Means;
use crate::negotiation::{bind, bind2};
use crate::query::IssuedToken;

/// What the server offers, as far as this client can use it.
pub(crate) struct Offered {
    pub(crate) mechanisms: Vec<String>,
    /// XEP-0484: apart, since XEP-0474 does not hash them.
    pub(crate) token_mechanisms: Vec<String>,
    bind: Option<BindFeature>,
    upgrades: Vec<Upgrade>,
}

impl Offered {
    /// `None` if the profile is not offered.
    pub(crate) fn read(features: FeaturesRef<'_>) -> Result<Option<Self>, Invalid> {
        let Some(offer) = features.feature::<Authentication>()? else { return Ok(None) };
        let bind = offer.inline::<BindFeature>()?;
        let fast = offer.inline::<FastFeature>()?.unwrap_or_default();
        let upgrades = offer.upgrades.iter().filter_map(|name| Upgrade::from_name(name)).collect();
        Ok(Some(Self {
            mechanisms: offer.mechanisms,
            token_mechanisms: fast.mechanisms,
            bind,
            upgrades,
        }))
    }
}

/// What the client has asked for in the attempt that is under way.
#[derive(Default)]
pub(crate) struct Asked {
    bind: bool,
    /// The mechanism that a token is good for, if one may come.
    token: Option<Mechanism>,
    requests_token: bool,
    pub(super) upgrades: Vec<Upgrade>,
}

impl Asked {
    pub(crate) fn of(offered: &Offered, mechanism: Mechanism, means: &Means<'_>) -> Self {
        let config = means.sasl2;
        let by_token = matches!(mechanism, Mechanism::HashedToken(_));
        let requested = (config.request_token && may_use_tokens(config) && !by_token)
            .then(|| {
                let names = offered.token_mechanisms.iter().map(String::as_str);
                means.policy.choose_token_mechanism(names, means.bindings)
            })
            .flatten();
        let upgrades = match config.upgrades {
            ScramUpgrades::Never => false,
            ScramUpgrades::Bound => mechanism.is_bound(),
            ScramUpgrades::Always => true,
        };
        // XEP-0480 section 3: the salted password is as good as the password.
        let upgrades = upgrades
            && mechanism.is_mutual()
            && mechanism.uses_password()
            && means.credentials.password().is_some();
        Self {
            bind: means.binds_inline && config.bind.is_some() && offered.bind.is_some(),
            // XEP-0484 section 3.5: a server that rotates sends one unasked.
            token: requested.or_else(|| by_token.then_some(mechanism)),
            requests_token: requested.is_some(),
            upgrades: if upgrades { offered.upgrades.clone() } else { Vec::new() },
        }
    }
}

/// XEP-0484 section 5.1: tokens belong to an installation with a name.
pub(crate) fn may_use_tokens(config: &Sasl2Client) -> bool {
    config.user_agent.id().is_some()
}

/// XEP-0388, "Initiation".
pub(crate) fn write_authenticate(
    core: &mut Core,
    start: &Start,
    (offered, asked): (&Offered, &Asked),
    means: &Means<'_>,
    tx: &mut SendBuffer,
) {
    let config = means.sasl2;
    let response = start.initial_response.as_deref();
    let mut request = Authenticate::new(start.mechanism.name(), response);
    let mut user_agent = UserAgent::default();
    user_agent.id = config.user_agent.id().map(Into::into);
    user_agent.software.clone_from(&config.user_agent.software);
    user_agent.device.clone_from(&config.user_agent.device);
    request.user_agent = Some(user_agent).filter(|user_agent| !user_agent.is_empty());
    request.upgrades = asked.upgrades.iter().map(|upgrade| upgrade.name()).collect();
    core.compose(tx, |w| {
        request.write_with(w, |w| {
            if let (true, Some(offered), Some(bind)) = (asked.bind, &offered.bind, &config.bind) {
                bind2::write_request(w, offered, bind);
            }
            if let (true, Some(mechanism)) = (asked.requests_token, asked.token) {
                w.write(&RequestToken::new(mechanism.name()));
            }
            if matches!(start.mechanism, Mechanism::HashedToken(_)) {
                let xmpp_sasl::sasl2::Fast { count, invalidate } = config.token_use;
                w.write(&FastRequest::new(count, invalidate));
            }
        });
    });
}

/// What came of it.
pub(crate) struct Succeeded {
    pub(crate) proof: Authenticated,
    pub(crate) bound: Option<FullJid>,
    pub(crate) token: Option<IssuedToken>,
}

/// XEP-0388, "Success": the identity is the account's, and full if a resource was
/// bound.
pub(crate) fn read_success(
    success: &Success,
    proof: Authenticated,
    asked: &Asked,
    account: &BareJid,
) -> Result<Succeeded, Error> {
    let identity = &success.authorization_identifier;
    if !bind::is_of(&identity.to_bare(), account) {
        return Err(PeerMisbehaved::WrongFrom.into());
    }
    let bound = success.inline.iter().any(|element| element.as_ref().is(ns::BIND2, Bound::NAME));
    let bound = match bound {
        false => None,
        true if !asked.bind => {
            let name = Bound::NAME.into();
            let expected = "a success without a resource that was not asked for";
            return Err(PeerMisbehaved::UnexpectedElement { name, expected }.into());
        }
        // A bare JID is no address of a stream.
        true => Some(FullJid::try_from(identity.clone()).map_err(|_| PeerMisbehaved::WrongFrom)?),
    };
    let token = match asked.token {
        Some(mechanism) => {
            success.inline::<fast::Token>().map_err(PeerMisbehaved::Malformed)?.map(|token| {
                IssuedToken { token: Token::new(mechanism, &token.token), expiry: token.expiry }
            })
        }
        None => None,
    };
    Ok(Succeeded { proof, bound, token })
}
