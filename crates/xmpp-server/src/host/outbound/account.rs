//! Requests to the user's own account: RFC 6120 §10.3.3.

use xmpp_stanza::{IqType, StanzaCondition, disco::Items};
use xmpp_xml::ns;

use crate::host::Host;
use crate::host::inbound::{Discovery, account_info, discovery};
use crate::host::sent::Sent;
use crate::outbox::Outbox;

impl Host {
    pub(super) fn iq_for_own_account(
        &mut self,
        sent: &Sent<'_>,
        kind: IqType,
        out: &mut dyn Outbox,
    ) {
        if !kind.is_request() {
            // RFC 6121 §2.1.6: what clients answer to roster pushes is of no interest.
            return;
        }
        let Some(payload) = sent.stanza.first_payload() else {
            return sent.refuse(StanzaCondition::ServiceUnavailable, out);
        };
        match kind {
            _ if payload.is(ns::ROSTER, "query") => {
                self.roster_iq(sent, kind, &sent.from.to_bare(), payload, out);
            }
            IqType::Get if payload.is(ns::PING, "ping") => sent.empty_result(out),
            // RFC 3921 §3, which RFC 6120 dropped and clients still send.
            IqType::Set if payload.is(ns::SESSION, "session") => sent.empty_result(out),
            IqType::Get => match discovery(payload) {
                Ok(Discovery::Info) => sent.result(account_info(), out),
                Ok(Discovery::Items) => sent.result(Items::new(), out),
                Err(condition) => sent.refuse(condition, out),
            },
            _ => sent.refuse(StanzaCondition::ServiceUnavailable, out),
        }
    }
}
