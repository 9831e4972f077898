//! Roster gets, sets and pushes: RFC 6121 §2.

use alloc::format;

use xmpp_im::roster::{Change, Changes, QueryPush, QueryResult, RosterSet, SetError, Ver};
use xmpp_jid::{BareJid, Jid};
use xmpp_stanza::{Iq, IqType, StanzaCondition, StanzaError};
use xmpp_xml::{ElementRef, ns};

use super::Host;
use super::sent::Sent;
use crate::outbox::{Outbox, SessionId};

impl Host {
    /// A roster get or set of the account's own client.
    pub(super) fn roster_iq(
        &mut self,
        sent: &Sent<'_>,
        kind: IqType,
        account: &BareJid,
        query: ElementRef<'_>,
        out: &mut dyn Outbox,
    ) {
        match kind {
            IqType::Get => self.roster_get(sent, account, query, out),
            IqType::Set => self.roster_set(sent, account, query, out),
            // RFC 6121 §2.1.6: what clients answer to roster pushes is of no interest.
            _ => {}
        }
    }

    /// RFC 6121 §2.1.3, §2.6
    fn roster_get(
        &mut self,
        sent: &Sent<'_>,
        account: &BareJid,
        query: ElementRef<'_>,
        out: &mut dyn Outbox,
    ) {
        if query.child(ns::ROSTER, "item").is_some() {
            return sent.refuse(StanzaCondition::BadRequest, out);
        }
        let id = sent.session;
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let to = session.jid.clone();
        session.presence.roster_requested();
        let Some(roster) = self.accounts.get(account.as_str()).map(|a| &a.roster) else { return };
        let changes = query.attr("ver").map_or(Changes::Whole, |ver| roster.changes_since(&ver));
        match changes {
            Changes::Whole => sent.result(QueryResult(roster), out),
            Changes::Since(changes) => {
                sent.empty_result(out);
                for (ver, change) in changes {
                    self.pushes += 1;
                    push(self.pushes, id, &to, ver, change, out);
                }
            }
        }
    }

    /// RFC 6121 §2.3 to §2.5
    fn roster_set(
        &mut self,
        sent: &Sent<'_>,
        account: &BareJid,
        query: ElementRef<'_>,
        out: &mut dyn Outbox,
    ) {
        let Some(owner) = self.accounts.get_mut(account.as_str()) else { return };
        let set = match RosterSet::parse(query, &self.config.limits.roster) {
            Ok(set) => set,
            Err(error) => return refuse_set(sent, &error, out),
        };
        // RFC 6121 §2.3.3, interoperability note: nobody is a contact of oneself.
        if set.jid().to_bare() == *account {
            return sent.refuse(StanzaCondition::NotAllowed, out);
        }
        let jid = set.jid().clone();
        if let RosterSet::Remove { .. } = set {
            match owner.roster.remove(jid.as_str()) {
                Ok(removed) => {
                    let ver = owner.roster.ver();
                    sent.empty_result(out);
                    self.pushes = self.push(account, ver, Change::Removed(jid.as_ref()), out);
                    self.end_subscription(account, &removed, out);
                }
                Err(error) => refuse_set(sent, &error, out),
            }
            return;
        }
        match owner.roster.set(set) {
            Ok(_) => {
                sent.empty_result(out);
                self.push_item(account, &jid, out);
            }
            Err(error) => refuse_set(sent, &error, out),
        }
    }

    /// Pushes a roster item, as it is now, to the account's interested resources.
    pub(super) fn push_item(&mut self, account: &BareJid, jid: &Jid, out: &mut dyn Outbox) {
        let Some(roster) = self.accounts.get(account.as_str()).map(|a| &a.roster) else { return };
        if let Some(item) = roster.item(jid.as_str()) {
            self.pushes = self.push(account, roster.ver(), Change::Item(item), out);
        }
    }

    /// Pushes a change to the account's interested resources; gives the new count of pushes.
    fn push(&self, account: &BareJid, ver: Ver, change: Change<'_>, out: &mut dyn Outbox) -> u64 {
        let mut count = self.pushes;
        for (id, session) in self.sessions_of(account.as_str()).into_iter().flatten() {
            if session.presence.is_interested() {
                count += 1;
                push(count, id, &session.jid, ver, change, out);
            }
        }
        count
    }
}

/// Sends a roster push. Without 'from' it is from the account itself (RFC 6121 §2.1.6).
fn push(
    number: u64,
    session: SessionId,
    to: &xmpp_jid::FullJid,
    ver: Ver,
    change: Change<'_>,
    out: &mut dyn Outbox,
) {
    let iq = Iq::set(format!("push{number:x}"), &QueryPush(ver, change)).with_to(to.clone());
    out.send(session, &iq);
}

fn refuse_set(sent: &Sent<'_>, error: &SetError, out: &mut dyn Outbox) {
    let stanza_error = StanzaError::new(error.condition()).with_type(error.error_type());
    sent.refuse(stanza_error.with_text(format!("{error}")), out);
}
