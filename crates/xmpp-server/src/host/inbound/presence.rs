//! Presence that arrives for a user: RFC 6121 §4.2.3, §4.3.2, §4.4.3, §4.5.3, §4.6.4, §8.5.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use xmpp_im::delivery::{self, Delivery, Recipients, To};
use xmpp_im::subscription::SubscriptionType;
use xmpp_jid::{BareJid, Jid, JidRef};
use xmpp_stanza::PresenceType;
use xmpp_xml::{Element, ns};

use crate::host::Host;
use crate::host::account::Account;
use crate::host::passed::Passed;
use crate::host::post;
use crate::host::session::Session;
use crate::outbox::{Outbox, SessionId};

impl Host {
    pub(super) fn presence_arrives(
        &mut self,
        passed: &Passed<'_>,
        kind: PresenceType,
        out: &mut dyn Outbox,
    ) {
        if let Some(stanza) = SubscriptionType::from_attr(kind.as_str()) {
            // §3.1.3 makes the address of a request bare; §8.5.3.2.2 ignores the others if they
            // are for a resource that is not there.
            let resources = self.resources(passed.account().as_str());
            if delivery::presence(kind, passed.form(), resources) == Delivery::OnBehalf {
                self.subscription_arrives(passed, stanza, out);
            }
        } else if kind == PresenceType::Probe {
            self.probe_arrives(passed, out);
        } else if kind == PresenceType::Error && passed.to.is_bare() {
            // What answers a stanza between accounts comes from one: not from a resource.
            if passed.from.is_bare() {
                self.presence_error_arrives(passed, out);
            }
        } else {
            deliver(&self.accounts, &mut self.sessions, passed, kind, out);
        }
    }

    /// RFC 6121 §4.3.2, §4.6.6
    ///
    /// Who is not authorized gets "unsubscribed" (§4.3.2), which lets the prober's server
    /// correct a subscription that this account does not know of, whether or not there is
    /// such an account; unless a request is pending, which that would end. Where there is
    /// nothing to correct, the inbound half of the prober drops it.
    fn probe_arrives(&mut self, passed: &Passed<'_>, out: &mut dyn Outbox) {
        let (account, prober) = (passed.account(), passed.from);
        let id = passed.stanza.id();
        let probed = self.accounts.get(account.as_str());
        let subscriber = self.is_subscriber(account.as_str(), prober.as_ref());
        let pending = probed.is_some_and(|probed| {
            probed.roster.subscription(prober.to_bare().as_str()).state.is_pending_in()
        });
        if passed.to.is_bare() && !subscriber && !pending {
            let (from, to) = (Jid::from(account.into_owned()), Jid::from(prober.to_bare()));
            let kind = PresenceType::Unsubscribed;
            let stanza = post::presence(kind, from.as_ref(), to.as_ref(), id.as_deref());
            return self.post_all(stanza.map(|stanza| (from, to, stanza)), out);
        }
        let Some(probed) = probed else { return };
        let mut answers: Vec<_> = self
            .sessions_of(account.as_str())
            .into_iter()
            .flatten()
            .filter_map(|(_, session)| {
                let stanza = answer_of(session, passed.form(), prober, subscriber)?;
                Some((Jid::from(session.jid.clone()), prober.clone(), stanza))
            })
            .collect();
        if answers.is_empty() && subscriber {
            // "Here the 'from' address is the bare JID"; §4.3.2.1: "SHOULD mirror the 'id'".
            let (from, to) = (Jid::from(probed.jid.clone()), prober.clone());
            let kind = PresenceType::Unavailable;
            let stanza = post::presence(kind, from.as_ref(), to.as_ref(), id.as_deref());
            let since = probed.last_available.filter(|_| passed.to.is_bare()).map(|at| {
                Element::builder(ns::DELAY, "delay").attr("stamp", &at.to_string()).build()
            });
            let stanza = match (stanza, since) {
                (Some(stanza), Some(Ok(since))) => stanza.with_child(since.as_ref()).ok(),
                (stanza, _) => stanza,
            };
            answers.extend(stanza.map(|stanza| (from, to, stanza)));
        }
        self.post_all(answers, out);
    }
}

/// What a session's presence says to a probe, if it says anything.
fn answer_of(session: &Session, to: To<'_>, prober: &Jid, subscriber: bool) -> Option<Element> {
    let seen = subscriber && session.presence.is_available();
    match to {
        // "the full XML of the last presence stanza with no 'to' attribute"
        To::Bare if seen => session.last.clone(),
        // "SHOULD communicate only the fact that the resource is available"
        To::Full(resourcepart)
            if session.jid.resourcepart() == resourcepart
                && (seen || session.presence.is_directed_to(prober.as_ref())) =>
        {
            let from = JidRef::from(session.jid.as_ref());
            post::presence(PresenceType::Available, from, prober.as_ref(), None)
        }
        _ => None,
    }
}

/// Presence with or without type "unavailable", or an error for a resource (§8.5).
///
/// Given the accounts and the sessions, so that a broadcast can go through the sender's roster
/// while it is told.
pub(in crate::host) fn deliver(
    accounts: &BTreeMap<BareJid, Account>,
    sessions: &mut BTreeMap<SessionId, Session>,
    passed: &Passed<'_>,
    kind: PresenceType,
    out: &mut dyn Outbox,
) {
    let Some(account) = accounts.get(passed.account().as_str()) else { return };
    let recipients = match passed.form() {
        // §8.5.2.1.2, §8.5.2.2.2: all that are available, be there none.
        To::Bare => Recipients::Available,
        form @ To::Full(_) => {
            let known = &*sessions;
            let resources = account.sessions.iter().filter_map(|id| known.get(id));
            let resources = resources.map(Session::as_resource);
            match delivery::presence(kind, form, Some(resources)) {
                Delivery::Deliver(recipients) => recipients,
                _ => return,
            }
        }
    };
    for id in &account.sessions {
        let Some(session) = sessions.get_mut(id) else { continue };
        if !recipients.includes(session.as_resource()) {
            continue;
        }
        out.send(*id, passed);
        // §4.6.1: "SHOULD remove any entity that sends unavailable presence to the user" from
        // the directed presence list. What comes to the account, and not to the resource, may
        // merely be the end of a subscription: the sender is still there and still sees it.
        if kind == PresenceType::Unavailable && passed.to.is_full() {
            session.presence.directed_unavailable(passed.from);
        }
    }
}
