//! Iq stanzas that arrive: RFC 6120 §8.2.3, RFC 6121 §8.5, and what the host answers itself.

use xmpp_im::delivery::{self, Delivery, To};
use xmpp_stanza::disco::{Identity, Info, Items};
use xmpp_stanza::{IqType, StanzaCondition};
use xmpp_xml::{ElementRef, WriteXml, ns};

use crate::host::Host;
use crate::host::passed::Passed;
use crate::outbox::Outbox;

impl Host {
    /// An iq to an account.
    pub(super) fn iq_arrives(&mut self, passed: &Passed<'_>, kind: IqType, out: &mut dyn Outbox) {
        let (account, to) = (passed.account(), passed.form());
        // RFC 6121 §2.3.3 asks for `forbidden`, §8.5.1 for `service-unavailable` where there
        // is no such account. One answer for both tells nobody which accounts there are.
        let payload = passed.stanza.first_payload();
        if to == To::Bare && payload.is_some_and(|p| p.has_ns(ns::ROSTER)) {
            return self.refuse(passed, StanzaCondition::Forbidden, out);
        }
        let authorized = self.may_know(account.as_str(), passed.from.as_ref(), |s| {
            To::Full(s.jid.resourcepart().as_str()) == to
        });
        match delivery::iq(kind, to, self.resources(account.as_str()), authorized) {
            Delivery::Deliver(recipients) => {
                self.deliver(account.as_str(), recipients, passed, out);
            }
            Delivery::OnBehalf => self.iq_for_account(passed, kind, authorized, out),
            Delivery::ServiceUnavailable => {
                self.refuse(passed, StanzaCondition::ServiceUnavailable, out);
            }
            Delivery::Store | Delivery::Ignore => {}
        }
    }

    /// A request of somebody else about an account. What is known of it is for its subscribers
    /// (XEP-0030 §8); everybody else is told the same as of an account that does not exist.
    fn iq_for_account(
        &mut self,
        passed: &Passed<'_>,
        kind: IqType,
        authorized: bool,
        out: &mut dyn Outbox,
    ) {
        let payload = passed.stanza.first_payload();
        match payload.filter(|_| authorized && kind == IqType::Get).map(discovery) {
            Some(Ok(Discovery::Info)) => self.result(passed, account_info(), out),
            Some(Ok(Discovery::Items)) => self.result(passed, Items::new(), out),
            Some(Err(condition)) => self.refuse(passed, condition, out),
            None => self.refuse(passed, StanzaCondition::ServiceUnavailable, out),
        }
    }

    /// A request to the server itself (RFC 6120 §10.5.1).
    pub(super) fn iq_for_server(
        &mut self,
        passed: &Passed<'_>,
        kind: IqType,
        out: &mut dyn Outbox,
    ) {
        match (kind, passed.stanza.first_payload()) {
            (IqType::Get, Some(payload)) if payload.is(ns::PING, "ping") => {
                self.empty_result(passed, out);
            }
            (IqType::Set, Some(payload)) if payload.is(ns::SESSION, "session") => {
                self.empty_result(passed, out);
            }
            (IqType::Get, Some(payload)) => match discovery(payload) {
                Ok(Discovery::Info) => self.result(passed, server_info(), out),
                Ok(Discovery::Items) => {
                    let items = self.items.iter().cloned().fold(Items::new(), Items::with_item);
                    self.result(passed, items, out);
                }
                Err(condition) => self.refuse(passed, condition, out),
            },
            // An answer to nothing that the host asked is not refused: see `refuse`.
            _ => self.refuse(passed, StanzaCondition::ServiceUnavailable, out),
        }
    }

    fn result(&mut self, passed: &Passed<'_>, payload: impl WriteXml, out: &mut dyn Outbox) {
        if let Some(reply) = passed.stanza.result(payload) {
            self.answer(passed, &reply.with_to(passed.from.clone()), out);
        }
    }

    fn empty_result(&mut self, passed: &Passed<'_>, out: &mut dyn Outbox) {
        if let Some(reply) = passed.stanza.empty_result() {
            self.answer(passed, &reply.with_to(passed.from.clone()), out);
        }
    }
}

/// What service discovery (XEP-0030) asks.
pub(in crate::host) enum Discovery {
    Info,
    Items,
}

/// What a request asks; everything else is refused.
pub(in crate::host) fn discovery(payload: ElementRef<'_>) -> Result<Discovery, StanzaCondition> {
    let about_itself = payload.attr("node").is_none_or(|node| node.is_empty());
    if payload.is(ns::DISCO_INFO, "query") && about_itself {
        Ok(Discovery::Info)
    } else if payload.is(ns::DISCO_ITEMS, "query") && about_itself {
        Ok(Discovery::Items)
    } else if payload.has_ns(ns::DISCO_INFO) || payload.has_ns(ns::DISCO_ITEMS) {
        Err(StanzaCondition::ItemNotFound)
    } else {
        Err(StanzaCondition::ServiceUnavailable)
    }
}

fn server_info() -> Info {
    let info = Info::new().with_identity(Identity::new("server", "im"));
    // "msgoffline" is XEP-0160's.
    [ns::DISCO_INFO.uri(), ns::DISCO_ITEMS.uri(), ns::PING.uri(), ns::ROSTER.uri(), "msgoffline"]
        .into_iter()
        .fold(info, Info::with_feature)
}

pub(in crate::host) fn account_info() -> Info {
    let info = Info::new().with_identity(Identity::new("account", "registered"));
    [ns::DISCO_INFO.uri(), ns::DISCO_ITEMS.uri()].into_iter().fold(info, Info::with_feature)
}
