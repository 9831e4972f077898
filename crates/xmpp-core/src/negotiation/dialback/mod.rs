//! Server dialback: XEP-0220, of all three parties, on one stream.
//!
//! The lists are short and bounded, so that they are searched from the front.

mod claims;
#[cfg(test)]
mod model;
mod requests;
mod verifications;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use xmpp_jid::Domainpart;
use xmpp_stanza::dialback::{Content, DialbackResult, DialbackVerify};
use xmpp_stanza::{Invalid, Payload, Rule, StanzaCondition, StanzaError};
use xmpp_xml::{ElementRef, SendBuffer, ns};

pub(crate) use self::claims::Answered;
use self::claims::Claimed;
use self::requests::Requested;
use self::verifications::{Asked, Open};
use crate::config::{DialbackPolicy, FederationConfig, TlsMode};
use crate::connection::core::{Core, unexpected};
use crate::dialback::Pair;
use crate::error::{Error, PeerMisbehaved};
use crate::event::{Direction, PeerEvent, ProvedBy};
use crate::time::Instant;

/// What a stream is authorised for, and what is asked about that.
#[cfg_attr(test, derive(Clone))]
#[derive(Default)]
pub(crate) struct Dialback {
    /// Pairs for which we may send, or have asked to.
    sends: Vec<Requested>,
    /// Pairs for which the peer may send, or has asked to.
    receives: Vec<Claimed>,
    /// What is seldom there. One word.
    seldom: Option<Box<Seldom>>,
    /// How many requests of the peer were refused.
    refused: u32,
    verifications: u32,
}

#[cfg_attr(test, derive(Clone))]
#[derive(Default)]
struct Seldom {
    /// Our questions to the peer as an authoritative server.
    open: Vec<Open>,
    /// The peer's questions to us as one.
    asked: Vec<Asked>,
    /// What is to be told.
    news: VecDeque<PeerEvent>,
}

/// The stream that it is about.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) config: &'a FederationConfig,
    /// The identifier of the stream, which the receiving server has made. None if it
    /// has made none: there are no keys then.
    pub(crate) id: &'a str,
    /// The domain here that the stream is for.
    pub(crate) local: Option<&'a Domainpart>,
    /// Whether we have opened the stream.
    pub(crate) initiates: bool,
    /// Whether stanzas go both ways (XEP-0288).
    pub(crate) bidi: bool,
    pub(crate) is_tls: bool,
    pub(crate) tls: TlsMode,
}

/// Why there is no dialback on a stream, if there is none (XEP-0220 section 2.4).
pub(crate) const fn refusal(
    policy: DialbackPolicy,
    tls: TlsMode,
    is_tls: bool,
) -> Option<StanzaCondition> {
    match policy {
        DialbackPolicy::Never => Some(StanzaCondition::NotAuthorized),
        DialbackPolicy::OverTls if !is_tls && !matches!(tls, TlsMode::DangerousPlaintext) => {
            Some(StanzaCondition::PolicyViolation)
        }
        _ => None,
    }
}

impl Rules<'_> {
    /// Why there is no dialback here, if there is none (XEP-0220 section 2.4).
    pub(crate) const fn refusal(&self) -> Option<StanzaCondition> {
        refusal(self.config.dialback, self.tls, self.is_tls)
    }

    /// Whether that domain is served here.
    fn serves(&self, domain: &Domainpart) -> bool {
        self.local == Some(domain)
            || self.config.domains.contains(domain)
            || self.config.authoritative_for.contains(domain)
    }

    /// Whether we may speak on this stream.
    pub(crate) const fn sends(&self) -> bool {
        self.initiates || self.bidi
    }

    /// Whether the peer may.
    pub(crate) const fn receives(&self) -> bool {
        !self.initiates || self.bidi
    }

    fn deadline(&self, core: &Core) -> Instant {
        core.timers.now().saturating_add(self.config.verdict)
    }
}

impl Dialback {
    /// An element of dialback.
    ///
    /// XEP-0220 section 4.1: what answers has to answer something that was asked on this
    /// very stream and in this direction. What answers nothing any more is dropped; where
    /// nothing can have been asked, it ends the stream.
    pub(crate) fn handle(
        &mut self,
        core: &mut Core,
        element: ElementRef<'_>,
        rules: Rules<'_>,
        tx: &mut SendBuffer,
    ) -> Result<(), Error> {
        let handled = match element.name() {
            "result" => {
                let result = DialbackResult::parse(element).map_err(fault)?;
                let DialbackResult { from, to, content, .. } = result;
                let pair = Pair::new(to, from);
                match content {
                    Content::Key(key) if rules.receives() => {
                        self.claimed(core, pair, key, rules, tx)
                    }
                    Content::Key(_) => Err(unexpected(element, "an answer of dialback").into()),
                    content if rules.sends() => {
                        self.answered(pair, content, rules);
                        Ok(())
                    }
                    _ => Err(unexpected(element, "a stanza or a dialback key").into()),
                }
            }
            "verify" => {
                let verify = DialbackVerify::parse(element).map_err(fault)?;
                match &verify.content {
                    Content::Key(_) if rules.receives() => self.asked(core, verify, rules, tx),
                    Content::Key(_) => Err(unexpected(element, "an answer of dialback").into()),
                    _ if rules.sends() => {
                        self.verified(verify);
                        Ok(())
                    }
                    _ => Err(unexpected(element, "a stanza or a dialback key").into()),
                }
            }
            _ => Err(unexpected(element, "<result/> or <verify/>").into()),
        };
        self.look_ahead(core);
        handled
    }

    /// What has come due.
    pub(crate) fn due(&mut self, core: &mut Core, rules: Rules<'_>, tx: &mut SendBuffer) {
        let now = core.timers.now();
        self.requests_due(now);
        self.claims_due(core, now, rules, tx);
        self.verifications_due(core, now, tx);
        self.look_ahead(core);
    }

    /// The next deadline, and whether there is something to tell.
    pub(crate) fn look_ahead(&self, core: &mut Core) {
        let sends = self.sends.iter().filter_map(Requested::deadline);
        let receives = self.receives.iter().filter_map(Claimed::deadline);
        let seldom = self.seldom.as_deref().into_iter().flat_map(|seldom| {
            let open = seldom.open.iter().map(|open| open.deadline);
            open.chain(seldom.asked.iter().map(|asked| asked.deadline))
        });
        core.role_deadline = sends.chain(receives).chain(seldom).min();
        core.has_more |= self.seldom.as_ref().is_some_and(|seldom| !seldom.news.is_empty());
    }

    /// Tells this later.
    pub(crate) fn tell(&mut self, event: PeerEvent) {
        self.seldom.get_or_insert_default().news.push_back(event);
    }

    /// What is to be told next.
    pub(crate) fn take_news(&mut self, core: &mut Core) -> Option<PeerEvent> {
        let news = &mut self.seldom.as_mut()?.news;
        let event = news.pop_front();
        core.has_more |= !news.is_empty();
        let seldom = self.seldom.as_ref()?;
        if seldom.news.is_empty() && seldom.open.is_empty() && seldom.asked.is_empty() {
            self.seldom = None;
        }
        event
    }

    /// The pair is proved, in that direction; with XEP-0288 its inverse is as well.
    pub(crate) fn authorise(
        &mut self,
        pair: &Pair,
        direction: Direction,
        by: ProvedBy,
        bidi: bool,
    ) {
        let directions = match (direction, bidi) {
            (direction, false) => [Some(direction), None],
            (Direction::Send, true) => [Some(Direction::Send), Some(Direction::Receive)],
            (Direction::Receive, true) => [Some(Direction::Receive), Some(Direction::Send)],
        };
        for direction in directions.into_iter().flatten() {
            let is_new = match direction {
                Direction::Send => self.authorise_sending(pair),
                Direction::Receive => self.authorise_receiving(pair),
            };
            if is_new {
                self.tell(PeerEvent::PairAuthorised { pair: pair.clone(), direction, by });
            }
        }
    }

    /// Whether any pair is authorised, in either direction.
    pub(crate) fn has_authorised(&self) -> bool {
        self.sends.iter().any(Requested::is_authorised)
            || self.receives.iter().any(Claimed::is_authorised)
    }

    /// Whether nobody has asked for anything yet.
    pub(crate) fn is_untouched(&self) -> bool {
        self.sends.is_empty() && self.receives.is_empty() && self.seldom.is_none()
    }

    /// The pairs that are authorised, each with its direction.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&Pair, Direction)> {
        let sends = self.sends.iter().filter(|it| it.is_authorised());
        let receives = self.receives.iter().filter(|it| it.is_authorised());
        let sends = sends.map(|it| (&it.pair, Direction::Send));
        sends.chain(receives.map(|it| (&it.pair, Direction::Receive)))
    }

    /// Whether we may send from that domain to that one, by their canonical forms.
    pub(crate) fn may_send(&self, local: &str, remote: &str) -> bool {
        self.sends.iter().any(|it| it.is_authorised() && is(&it.pair, local, remote))
    }

    /// Whether the peer may send between those.
    pub(crate) fn may_receive(&self, local: &str, remote: &str) -> bool {
        self.receives.iter().any(|it| it.is_authorised() && is(&it.pair, local, remote))
    }

    /// Whether the peer has proved to be that domain, towards any of ours.
    pub(crate) fn has_proved(&self, remote: &str) -> bool {
        let mut receives = self.receives.iter().filter(|it| it.is_authorised());
        receives.any(|it| it.pair.remote.as_str() == remote)
    }

    /// Whether any pair that the peer may send for has that domain of ours.
    pub(crate) fn is_spoken_to(&self, local: &str) -> bool {
        let mut receives = self.receives.iter().filter(|it| it.is_authorised());
        receives.any(|it| it.pair.local.as_str() == local)
    }

    /// A request of the peer's is refused.
    fn count_refusal(&mut self, rules: Rules<'_>) -> Result<(), Error> {
        self.refused = self.refused.saturating_add(1);
        if self.refused > rules.config.max_refused {
            return Err(PeerMisbehaved::TooManyDialbacks.into());
        }
        Ok(())
    }

    /// All that tells two states of the model apart.
    #[cfg(test)]
    fn fingerprint(&self) -> alloc::string::String {
        let seldom = self.seldom.as_deref();
        let open = seldom.map_or(0, |seldom| seldom.open.len());
        alloc::format!(
            "{:?} {:?} {open} {:?}",
            self.sends.iter().map(|it| (&it.pair, it.is_authorised())).collect::<Vec<_>>(),
            self.receives.iter().map(|it| (&it.pair, it.is_authorised())).collect::<Vec<_>>(),
            self.refused
        )
    }
}

/// Most streams have one pair: the first few take no more memory than they need.
fn add<T>(list: &mut Vec<T>, item: T) {
    if list.len() < 4 {
        list.reserve_exact(1);
    }
    list.push(item);
}

fn is(pair: &Pair, local: &str, remote: &str) -> bool {
    pair.local.as_str() == local && pair.remote.as_str() == remote
}

/// RFC 3920 section 8.3: addresses that are missing or none are `improper-addressing`.
fn fault(invalid: Invalid) -> Error {
    match invalid.rule() {
        Rule::MissingAttribute | Rule::Jid(_) => PeerMisbehaved::ImproperAddressing,
        _ => PeerMisbehaved::Malformed(invalid),
    }
    .into()
}

/// Whether it is an element of dialback.
pub(crate) fn matches(element: ElementRef<'_>) -> bool {
    element.has_ns(ns::DIALBACK)
}

fn error(condition: StanzaCondition) -> Content {
    Content::Error(Some(StanzaError::new(condition)))
}

/// Tells the peer what became of a claim of its.
fn write_result(core: &mut Core, pair: &Pair, content: Content, tx: &mut SendBuffer) {
    let (local, remote): (Domainpart, Domainpart) = (pair.local.clone(), pair.remote.clone());
    core.write(&DialbackResult::new(local, remote, content), tx);
}
