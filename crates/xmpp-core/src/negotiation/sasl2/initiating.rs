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
use xmpp_stanza::sm::{Enable, Resume};
use xmpp_stanza::{Invalid, Payload};
use xmpp_xml::{Element, SendBuffer, ns};

use crate::config::{Sasl2Client, ScramUpgrades};
use crate::connection::core::Core;
use crate::error::{Error, PeerMisbehaved};
use crate::negotiation::sasl::Means;
use crate::negotiation::sm::Management;
use crate::negotiation::{bind, bind2};
use crate::query::IssuedToken;

/// What the server offers, as far as this client can use it.
pub(crate) struct Offered {
    pub(crate) mechanisms: Vec<String>,
    /// XEP-0484: apart, since XEP-0474 does not hash them.
    pub(crate) token_mechanisms: Vec<String>,
    bind: Option<BindFeature>,
    /// Whether an earlier stream can go on.
    resumes: bool,
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
            resumes: offer.inline.iter().any(|feature| feature.as_ref().is(ns::SM, "sm")),
            upgrades,
        }))
    }
}

/// What the client has asked for in the attempt that is under way.
#[derive(Default)]
pub(crate) struct Asked {
    /// To go on with an earlier stream (XEP-0198 section 9.2).
    resume: Option<Resume>,
    bind: bool,
    /// To have the new one managed (section 9.1).
    enable: Option<Enable>,
    /// The mechanism that a token is good for, if one may come.
    token: Option<Mechanism>,
    requests_token: bool,
    pub(super) upgrades: Vec<Upgrade>,
}

impl Asked {
    pub(crate) fn of(
        offered: &Offered,
        mechanism: Mechanism,
        means: &Means<'_>,
        management: &Management,
    ) -> Self {
        let config = means.sasl2;
        // XEP-0198 section 5: before anything is bound, or never. Where that has to wait
        // for the features behind success, so has the resource.
        let waits = management.former().is_some() && !offered.resumes;
        let bind =
            offered.bind.as_ref().filter(|_| means.binds_inline && config.bind.is_some() && !waits);
        let enables = bind.is_some_and(|bind| bind.has(ns::SM));
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
            resume: management.resume().filter(|_| offered.resumes),
            bind: bind.is_some(),
            enable: means.management.filter(|_| enables).map(Management::enable),
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
            if let Some(resume) = &asked.resume {
                w.write(resume);
            }
            if let (true, Some(offered), Some(bind)) = (asked.bind, &offered.bind, &config.bind) {
                bind2::write_request(w, offered, bind, asked.enable.as_ref());
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
    /// `<resumed/>` or `<failed/>`.
    pub(crate) resumption: Answer,
    /// `<enabled/>` or `<failed/>`.
    pub(crate) management: Answer,
}

/// What has become of a wish.
pub(crate) enum Answer {
    NotAsked,
    /// The server has ignored it.
    Silence,
    Told(Element),
}

impl Answer {
    /// Of the elements of stream management in this place.
    fn of(asked: bool, elements: &[Element], name: &str) -> Self {
        let is_one = |element: &&Element| {
            [name, "failed"].iter().any(|name| element.as_ref().is(ns::SM, name))
        };
        match elements.iter().find(is_one) {
            _ if !asked => Self::NotAsked,
            None => Self::Silence,
            Some(element) => Self::Told(element.clone()),
        }
    }
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
    let resumption = Answer::of(asked.resume.is_some(), &success.inline, "resumed");
    let told = success.inline::<Bound>().map_err(PeerMisbehaved::Malformed)?;
    let inline = told.as_ref().map_or(&[][..], |bound| &bound.inline);
    let management = Answer::of(asked.enable.is_some(), inline, "enabled");
    let bound = match told {
        None => None,
        Some(_) if !asked.bind => {
            let name = Bound::NAME.into();
            let expected = "a success without a resource that was not asked for";
            return Err(PeerMisbehaved::UnexpectedElement { name, expected }.into());
        }
        // A bare JID is no address of a stream.
        Some(_) => {
            Some(FullJid::try_from(identity.clone()).map_err(|_| PeerMisbehaved::WrongFrom)?)
        }
    };
    let token = match asked.token {
        Some(mechanism) => {
            success.inline::<fast::Token>().map_err(PeerMisbehaved::Malformed)?.map(|token| {
                IssuedToken { token: Token::new(mechanism, &token.token), expiry: token.expiry }
            })
        }
        None => None,
    };
    Ok(Succeeded { proof, bound, token, resumption, management })
}
