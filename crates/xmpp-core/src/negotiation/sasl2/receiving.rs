//! What a server makes of `<authenticate/>`, beside the exchange itself.

use alloc::{sync::Arc, vec::Vec};

use xmpp_jid::{BareJid, FullJid, Jid};
use xmpp_sasl::Mechanism;
use xmpp_sasl::sasl2::{Fast, Upgrade, UserAgent};
use xmpp_sasl::server::Offer;
use xmpp_stanza::Payload;
use xmpp_stanza::bind2::{BindRequest, Bound};
use xmpp_stanza::fast::{self, FastRequest, RequestToken};
use xmpp_stanza::sasl::SaslCondition;
use xmpp_stanza::sasl2::{self as nonza, Authenticate, Data};
use xmpp_stanza::sm::{Enabled, Failed, Resume, Resumed};
use xmpp_xml::{Element, SendBuffer};

use crate::connection::core::Core;

/// What a client asks for with its authentication.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) user_agent: Option<Arc<UserAgent>>,
    pub(crate) bind: Option<BindRequest>,
    pub(crate) fast: Option<Fast>,
    /// For which of the mechanisms on offer it wants a token.
    pub(crate) token: Option<Mechanism>,
    /// Which upgrades it is ready for, each once.
    pub(crate) upgrades: Vec<Upgrade>,
    /// `<resume/>`, as it came (XEP-0198 section 9.2).
    pub(crate) resume: Option<Element>,
}

impl Request {
    /// Reads it; or says how the attempt fails.
    pub(crate) fn read(request: &Authenticate, offer: &Offer) -> Result<Self, SaslCondition> {
        let offers_token = |name: &str| offer.token_mechanisms().iter().any(|it| it == name);
        let malformed = |_| SaslCondition::MalformedRequest;
        let fast = request.inline::<FastRequest>().map_err(malformed)?;
        let fast = fast.map(|FastRequest { count, invalidate, .. }| Fast { count, invalidate });
        let user_agent = request.user_agent.as_ref().map(|told| {
            // One that is no UUID names no installation.
            let id = told.id.as_deref().and_then(|id| UserAgent::with_id(id).ok());
            let mut user_agent = id.unwrap_or_default();
            user_agent.software.clone_from(&told.software);
            user_agent.device.clone_from(&told.device);
            Arc::new(user_agent)
        });
        let has_id = user_agent.as_ref().is_some_and(|user_agent| user_agent.id().is_some());
        // XEP-0484 sections 3.4 and 5.1: a token comes with `<fast/>` and the id of the
        // client that it was issued to; nothing else comes with `<fast/>`.
        let by_token = offers_token(&request.mechanism);
        if by_token != fast.is_some() || (by_token && !has_id) {
            return Err(SaslCondition::MalformedRequest);
        }
        let token = request.inline::<RequestToken>().map_err(malformed)?;
        let token = token.filter(|token| has_id && offers_token(&token.mechanism));
        let mut upgrades = Vec::new();
        for upgrade in request.upgrades.iter().filter_map(|name| Upgrade::from_name(name)) {
            if !upgrades.contains(&upgrade) {
                upgrades.push(upgrade);
            }
        }
        Ok(Self {
            user_agent,
            bind: request.inline().map_err(malformed)?,
            fast,
            token: token.and_then(|token| Mechanism::from_name(&token.mechanism)),
            upgrades,
            resume: request.inline.iter().find(|it| Resume::matches(it.as_ref())).cloned(),
        })
    }
}

/// A client that has proved who it is, and is not told so yet.
pub(crate) struct Login {
    /// Whom it acts as.
    pub(crate) account: BareJid,
    /// Who it is.
    pub(crate) identity: Option<BareJid>,
    pub(crate) additional_data: Option<Vec<u8>>,
    pub(crate) request: Request,
    pub(crate) token: Option<fast::Token>,
    /// Why an earlier stream does not go on, if it was to.
    pub(crate) not_resumed: Option<Failed>,
    /// `<enable/>` of stream management, as it came with the request to bind.
    pub(crate) enable: Option<Element>,
    /// How many tasks the driver has demanded, and how many elements came in them.
    pub(crate) tasks: u32,
    pub(crate) exchanges: u32,
    /// What the last of them has to tell with success.
    pub(crate) task_results: Vec<Element>,
}

/// What there is to tell with success beside it.
pub(crate) enum Success<'a> {
    /// XEP-0386 section 3.2.
    Bound {
        jid: &'a FullJid,
        results: &'a [Element],
        /// What has come of `<enable/>`.
        management: Option<Result<Enabled, Failed>>,
    },
    /// XEP-0198 section 9.2.
    Resumed { jid: &'a FullJid, resumed: &'a Resumed },
}

/// XEP-0388, "Success".
pub(crate) fn write_success(
    core: &mut Core,
    login: &mut Login,
    answer: Option<Success<'_>>,
    tx: &mut SendBuffer,
) {
    let identity = match &answer {
        Some(Success::Bound { jid, .. } | Success::Resumed { jid, .. }) => {
            Jid::from((*jid).clone())
        }
        None => Jid::from(login.account.clone()),
    };
    let mut success = nonza::Success::new(identity);
    success.additional_data = login.additional_data.take().as_deref().map(Data::encode);
    core.compose(tx, |w| {
        success.write_with(w, |w| {
            for result in &login.task_results {
                w.write(result);
            }
            if let Some(failed) = &login.not_resumed {
                w.write(failed);
            }
            match answer {
                Some(Success::Bound { results, management, .. }) => {
                    w.start(Bound::NS, Bound::NAME);
                    match management {
                        Some(Ok(enabled)) => _ = w.write(&enabled),
                        Some(Err(failed)) => _ = w.write(&failed),
                        None => {}
                    }
                    for result in results {
                        w.write(result);
                    }
                    w.end();
                }
                Some(Success::Resumed { resumed, .. }) => _ = w.write(resumed),
                None => {}
            }
            if let Some(token) = &login.token {
                w.write(token);
            }
        });
    });
}
