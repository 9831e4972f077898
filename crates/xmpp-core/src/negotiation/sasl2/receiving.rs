//! What a server makes of `<authenticate/>`, beside the exchange itself.

use alloc::{string::String, sync::Arc, vec::Vec};
use core::num::NonZeroU32;

use xmpp_jid::{BareJid, FullJid, Jid};
use xmpp_sasl::sasl2::{Fast, Running, Tasks, Upgrade, UserAgent};
use xmpp_sasl::server::{Config, Offer, default_iterations};
use xmpp_sasl::{Mechanism, StoredKeys};
use xmpp_stanza::Payload;
use xmpp_stanza::bind2::{BindRequest, Bound};
use xmpp_stanza::fast::{self, FastRequest, RequestToken};
use xmpp_stanza::sasl::SaslCondition;
use xmpp_stanza::sasl2::{self as nonza, Abort, Authenticate, Continue, Data, Next, ScramUpgrade};
use xmpp_stanza::sm::{Enabled, Failed, Resume, Resumed};
use xmpp_xml::{Element, ElementRef, SendBuffer};

use crate::connection::core::{Core, is, unexpected};
use crate::error::Error;

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

/// An upgrade under way (XEP-0480 section 3).
pub(crate) struct Task {
    login: Login,
    stage: Stage,
}

enum Stage {
    /// `<continue/>` is sent.
    Offered(Running),
    /// The salt is sent.
    Begun { left: Tasks, upgrade: Upgrade, salt: [u8; SALT_BYTES], iterations: NonZeroU32 },
}

/// What came of an element of a task.
pub(crate) enum TaskStep {
    Sent(Task),
    /// Done: go on with what is left.
    Done {
        login: Login,
        left: Tasks,
        keys: StoredKeys,
    },
    Failed(SaslCondition),
}

impl Task {
    /// XEP-0388, "Continue". The additional data goes with the first.
    pub(crate) fn begin(
        core: &mut Core,
        mut login: Login,
        tasks: Vec<String>,
        running: Running,
        tx: &mut SendBuffer,
    ) -> Self {
        let mut offer = Continue::new(tasks);
        offer.additional_data = login.additional_data.take().as_deref().map(Data::encode);
        core.write(&offer, tx);
        Self { login, stage: Stage::Offered(running) }
    }

    pub(crate) fn handle_element(
        self,
        core: &mut Core,
        element: ElementRef<'_>,
        config: &Config,
        tx: &mut SendBuffer,
    ) -> Result<TaskStep, Error> {
        const MALFORMED: TaskStep = TaskStep::Failed(SaslCondition::MalformedRequest);
        if is::<Abort>(element) {
            return Ok(TaskStep::Failed(SaslCondition::Aborted));
        }
        let Self { login, stage } = self;
        Ok(match stage {
            Stage::Offered(running) if is::<Next>(element) => {
                let Ok(next) = Next::parse(element) else { return Ok(MALFORMED) };
                let upgrade = Upgrade::from_name(&next.task);
                let (Some(upgrade), Ok(left)) = (upgrade, running.next(&next.task)) else {
                    return Ok(MALFORMED);
                };
                let mut salt = [0; SALT_BYTES];
                core.fill_random(&mut salt);
                let iterations = default_iterations(upgrade.hash());
                let (salt_data, count) = (Data::encode(&salt), iterations.get());
                core.write(&ScramUpgrade::Salt { salt: salt_data, iterations: count }, tx);
                TaskStep::Sent(Self {
                    login,
                    stage: Stage::Begun { left, upgrade, salt, iterations },
                })
            }
            Stage::Begun { left, upgrade, salt, iterations } if is::<ScramUpgrade>(element) => {
                let Ok(ScramUpgrade::Hash(hash)) = ScramUpgrade::parse(element) else {
                    return Ok(MALFORMED);
                };
                let Ok(hash) = hash.decode() else {
                    return Ok(TaskStep::Failed(SaslCondition::IncorrectEncoding));
                };
                match upgrade.keys_by(config, &hash, &salt, iterations) {
                    Ok(keys) => TaskStep::Done { login, left, keys },
                    Err(_) => MALFORMED,
                }
            }
            // XEP-0388, "During Authentication" and "Multiple Authentication".
            _ => return Err(unexpected(element, "<next/>, <task-data/> or <abort/>").into()),
        })
    }
}

/// As long as the salts of RFC 7677's example.
const SALT_BYTES: usize = 16;
