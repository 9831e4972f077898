//! Iq stanzas: RFC 6120 §8.2.3, RFC 6121 §8.5, and what the host answers itself.

use xmpp_im::delivery::{self, Delivery, To};
use xmpp_jid::{BareJid, BareJidRef};
use xmpp_stanza::disco::{Identity, Info, Items};
use xmpp_stanza::{IqType, StanzaCondition};
use xmpp_xml::{ElementRef, ns};

use super::Host;
use super::forward::Forward;
use super::incoming::Incoming;
use crate::outbox::Outbox;

impl Host {
    /// An iq to an account, or without 'to' (RFC 6120 §10.3.3).
    pub(super) fn iq(
        &mut self,
        incoming: &Incoming<'_>,
        kind: IqType,
        account: BareJidRef<'_>,
        to: To<'_>,
        out: &mut dyn Outbox,
    ) {
        let sender = incoming.from.as_ref();
        let own = sender.to_bare() == account;
        // RFC 6121 §2.3.3 asks for `forbidden`, §8.5.1 for `service-unavailable` where there
        // is no such account. One answer for both tells nobody which accounts there are.
        if to == To::Bare && !own && payload(incoming).is_some_and(|p| p.has_ns(ns::ROSTER)) {
            return incoming.refuse(StanzaCondition::Forbidden, out);
        }
        let authorized = self
            .may_know(account.as_str(), sender, |s| To::Full(s.jid.resourcepart().as_str()) == to);
        match delivery::iq(kind, to, self.resources(account.as_str()), authorized) {
            Delivery::Deliver(recipients) => {
                let forward = Forward {
                    stanza: incoming.stanza.element(),
                    from: incoming.stamp().as_str(),
                    to: incoming.to.as_str().unwrap_or(account.as_str()),
                };
                self.deliver(account.as_str(), recipients, &forward, out);
            }
            Delivery::OnBehalf if own => {
                self.iq_for_own_account(incoming, kind, &account.into_owned(), out);
            }
            Delivery::OnBehalf => self.iq_for_other_account(incoming, kind, authorized, out),
            Delivery::ServiceUnavailable => {
                incoming.refuse(StanzaCondition::ServiceUnavailable, out);
            }
            Delivery::Store | Delivery::Ignore => {}
        }
    }

    /// A request to the user's own account (RFC 6120 §10.3.3).
    fn iq_for_own_account(
        &mut self,
        incoming: &Incoming<'_>,
        kind: IqType,
        account: &BareJid,
        out: &mut dyn Outbox,
    ) {
        let Some(payload) = payload(incoming) else {
            return incoming.refuse(StanzaCondition::ServiceUnavailable, out);
        };
        match kind {
            _ if payload.is(ns::ROSTER, "query") => {
                self.roster_iq(incoming, kind, account, payload, out);
            }
            IqType::Get if payload.is(ns::PING, "ping") => incoming.empty_result(out),
            // RFC 3921 §3, which RFC 6120 dropped and clients still send.
            IqType::Set if payload.is(ns::SESSION, "session") => incoming.empty_result(out),
            IqType::Get => disco(incoming, payload, account_info, Items::new, out),
            _ => incoming.refuse(StanzaCondition::ServiceUnavailable, out),
        }
    }

    /// A request to somebody else's account. What is known of it is for its subscribers
    /// (XEP-0030 §8); everybody else is told the same as of an account that does not exist.
    fn iq_for_other_account(
        &mut self,
        incoming: &Incoming<'_>,
        kind: IqType,
        authorized: bool,
        out: &mut dyn Outbox,
    ) {
        match payload(incoming) {
            Some(payload) if authorized && kind == IqType::Get => {
                disco(incoming, payload, account_info, Items::new, out);
            }
            _ => incoming.refuse(StanzaCondition::ServiceUnavailable, out),
        }
    }

    /// A request to the server itself (RFC 6120 §10.5.1).
    pub(super) fn iq_for_server(
        &mut self,
        incoming: &Incoming<'_>,
        kind: IqType,
        out: &mut dyn Outbox,
    ) {
        match (kind, payload(incoming)) {
            (IqType::Get, Some(payload)) if payload.is(ns::PING, "ping") => {
                incoming.empty_result(out);
            }
            (IqType::Set, Some(payload)) if payload.is(ns::SESSION, "session") => {
                incoming.empty_result(out);
            }
            (IqType::Get, Some(payload)) => {
                let items = || self.items.iter().cloned().fold(Items::new(), Items::with_item);
                disco(incoming, payload, server_info, items, out);
            }
            // An answer to nothing that the host asked is not refused: see `refuse`.
            _ => incoming.refuse(StanzaCondition::ServiceUnavailable, out),
        }
    }
}

fn payload<'a>(incoming: &Incoming<'a>) -> Option<ElementRef<'a>> {
    incoming.stanza.first_payload()
}

/// Answers service discovery (XEP-0030), and refuses everything else.
fn disco(
    incoming: &Incoming<'_>,
    payload: ElementRef<'_>,
    info: impl FnOnce() -> Info,
    items: impl FnOnce() -> Items,
    out: &mut dyn Outbox,
) {
    let about_itself = payload.attr("node").is_none_or(|node| node.is_empty());
    if payload.is(ns::DISCO_INFO, "query") && about_itself {
        incoming.result(info(), out);
    } else if payload.is(ns::DISCO_ITEMS, "query") && about_itself {
        incoming.result(items(), out);
    } else if payload.has_ns(ns::DISCO_INFO) || payload.has_ns(ns::DISCO_ITEMS) {
        incoming.refuse(StanzaCondition::ItemNotFound, out);
    } else {
        incoming.refuse(StanzaCondition::ServiceUnavailable, out);
    }
}

fn server_info() -> Info {
    let info = Info::new().with_identity(Identity::new("server", "im"));
    // "msgoffline" is XEP-0160's.
    [ns::DISCO_INFO.uri(), ns::DISCO_ITEMS.uri(), ns::PING.uri(), ns::ROSTER.uri(), "msgoffline"]
        .into_iter()
        .fold(info, Info::with_feature)
}

fn account_info() -> Info {
    let info = Info::new().with_identity(Identity::new("account", "registered"));
    [ns::DISCO_INFO.uri(), ns::DISCO_ITEMS.uri()].into_iter().fold(info, Info::with_feature)
}
