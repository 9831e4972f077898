//! A client's roster: asked for, kept by its pushes, and shown.

use core::time::Duration;

use serde_json::json;
use xmpp_core::RequestId;
use xmpp_core::stanza::roster::{Item, Query};
use xmpp_core::stanza::{Iq, IqType, StanzaRef};
use xmpp_im::roster::{Push, RosterCache};
use xmpp_jid::FullJid;

use crate::net::client::{Failure, Session};
use crate::out;

/// How many items are kept of a roster.
const MAX_ITEMS: usize = 10_000;
/// How long the server may take to tell it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A roster, and the request for it that is not answered yet.
pub(crate) struct Roster {
    cache: RosterCache,
    asked: Option<RequestId>,
}

impl Roster {
    /// Of the account with that resource.
    pub(crate) fn of(jid: &FullJid) -> Self {
        Self { cache: RosterCache::new(jid.to_bare(), MAX_ITEMS), asked: None }
    }

    /// Asks for it, or for what has changed. RFC 6121 section 2.2: before presence is sent.
    pub(crate) fn ask(&mut self, session: &mut Session) -> Result<(), Failure> {
        let features = session.features();
        let query = features.map_or_else(Query::new, |features| self.cache.query(features));
        self.asked = Some(session.request(Iq::get("", &query), PATIENCE)?);
        Ok(())
    }

    /// An answer has come, to whatever request: the lines to show.
    pub(crate) fn answered(
        &mut self,
        request: RequestId,
        answer: StanzaRef<'_>,
        json: bool,
    ) -> Vec<String> {
        if self.asked.take_if(|asked| *asked == request).is_none() {
            return Vec::new();
        }
        let told = match answer.payload::<Query>() {
            Ok(query) if answer.iq_type() == Some(IqType::Result) => {
                self.cache.result(query).map_err(|error| error.to_string())
            }
            Ok(_) => Err("the server does not tell it".into()),
            Err(invalid) => Err(invalid.to_string()),
        };
        match told {
            Ok(()) => self.cache.items().map(|item| shown(item, json)).collect(),
            Err(why) => vec![trouble(&why, json)],
        }
    }

    /// A stanza has come. If it is a roster push, the line to show, and whether it is to be
    /// answered with a result; one that has no right to change the roster is answered with
    /// an error, as all is that nobody knows.
    pub(crate) fn pushed(&mut self, stanza: StanzaRef<'_>, json: bool) -> Option<(String, bool)> {
        if stanza.iq_type() != Some(IqType::Set) || !stanza.payload_is::<Query>() {
            return None;
        }
        Some(match self.cache.push(stanza) {
            Ok(Push::Item(item)) => (shown(item, json), true),
            Ok(Push::Removed(jid)) => {
                let line = if json {
                    json!({"event": "roster", "jid": jid.as_str(), "subscription": "remove"})
                        .to_string()
                } else {
                    out::shown(&format!("roster: {jid} is removed"))
                };
                (line, true)
            }
            Err(error) => (trouble(&error.to_string(), json), false),
        })
    }
}

fn shown(item: &Item, json: bool) -> String {
    let subscription = item.subscription.map_or("none", |subscription| subscription.as_str());
    if json {
        let value = json!({
            "event": "roster", "jid": item.jid.as_str(), "name": item.name,
            "subscription": subscription, "groups": item.groups,
        });
        return value.to_string();
    }
    let name = item.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    out::shown(&format!("roster: {}{name}, subscription {subscription}", item.jid))
}

fn trouble(why: &str, json: bool) -> String {
    if json {
        json!({"event": "roster", "message": out::message(why)}).to_string()
    } else {
        out::shown(&format!("roster: {why}"))
    }
}

#[cfg(test)]
mod tests {
    use xmpp_xml::Element;

    use super::*;

    fn pushed(roster: &mut Roster, from: &str, item: &str) -> Option<(String, bool)> {
        let iq = format!(
            "<iq xmlns='jabber:client' type='set' id='p'{from}><query xmlns='jabber:iq:roster'>{item}</query></iq>"
        );
        let iq = Element::parse(&iq).unwrap();
        roster.pushed(StanzaRef::new(iq.as_ref()).unwrap(), false)
    }

    /// 6121-2.1.6-04
    #[test]
    fn a_push_counts_from_the_account_alone() {
        let mut roster = Roster::of(&FullJid::new("juliet@capulet.example/balcony").unwrap());
        let item = "<item jid='romeo@montague.example' name='Romeo' subscription='both'/>";
        let own = Some(("roster: romeo@montague.example (Romeo), subscription both".into(), true));
        assert_eq!(pushed(&mut roster, "", item), own);
        assert_eq!(pushed(&mut roster, " from='juliet@capulet.example'", item), own);
        for from in ["tybalt@capulet.example", "capulet.example", "juliet@capulet.example/garden"] {
            let (line, taken) = pushed(&mut roster, &format!(" from='{from}'"), item).unwrap();
            assert!(!taken && !line.contains("romeo"), "{from}: {line}");
        }
        let removed = "<item jid='romeo@montague.example' subscription='remove'/>";
        let line = "roster: romeo@montague.example is removed".to_owned();
        assert_eq!(pushed(&mut roster, "", removed), Some((line, true)));
    }

    #[test]
    fn other_requests_are_no_pushes() {
        let mut roster = Roster::of(&FullJid::new("juliet@capulet.example/balcony").unwrap());
        let ping = Element::parse(
            "<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>",
        )
        .unwrap();
        assert_eq!(roster.pushed(StanzaRef::new(ping.as_ref()).unwrap(), false), None);
    }
}
