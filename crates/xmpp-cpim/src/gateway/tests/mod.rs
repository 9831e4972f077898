//! RFC 3922 §6, requirement by requirement: one XMPP user, Juliet, and Romeo
//! beyond the gateway.

mod bounds;
mod edges;
mod inbound;
mod joined;
mod outbound;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use xmpp_stanza::{Presence, PresenceBuilder, PresenceType, StanzaCondition};

use super::*;
use crate::mapping::MapError;
use crate::pidf::{Basic, Document, Status as TupleStatus, Tuple};
use crate::{Limits, Uri};

const JULIET: &str = "juliet@example.com";
const ROMEO: &str = "romeo@example.net";

/// A service, its clock and what it did, each action as a line.
struct Gateway {
    service: PresenceService,
    now: Duration,
    out: Vec<Action>,
}

impl Gateway {
    fn new() -> Self {
        Self::with(Config::default())
    }

    fn with(config: Config) -> Self {
        Self { service: PresenceService::new("gw", config), now: Duration::ZERO, out: Vec::new() }
    }

    /// A presence of Juliet to Romeo.
    fn juliet(&mut self, presence_type: PresenceType, id: &str) -> Vec<String> {
        self.presence(&sent(presence_type, "/balcony", id))
    }

    fn presence(&mut self, presence: &PresenceBuilder) -> Vec<String> {
        let presence = presence.build().unwrap();
        self.service.handle_presence(self.now, &presence, &mut self.out);
        self.done()
    }

    /// Romeo wants to see Juliet.
    fn romeo(&mut self, seconds: u64, subscript_id: &str, trans_id: &str) -> Vec<String> {
        let asked = Subscribe {
            watcher: pres(ROMEO),
            target: pres(JULIET),
            duration: Duration::from_secs(seconds),
            subscript_id: SubscriptId::new(subscript_id).unwrap(),
            trans_id: TransId::new(trans_id).unwrap(),
        };
        self.service.handle_subscribe(self.now, &asked, &mut self.out);
        self.done()
    }

    fn response(&mut self, trans_id: &str, status: Status, seconds: Option<u64>) -> Vec<String> {
        let trans_id = TransId::new(trans_id).unwrap();
        let duration = seconds.map(Duration::from_secs);
        let response = Response { trans_id, status, duration };
        self.service.handle_response(self.now, &response, &mut self.out);
        self.done()
    }

    /// Romeo's presence, to Juliet.
    fn notify(&mut self, tuples: &[(&str, Basic)]) -> Result<(bool, Vec<String>), MapError> {
        let mut document = Document::new(format!("pres:{ROMEO}"));
        for (id, basic) in tuples {
            document.push(Tuple::new(*id, TupleStatus::basic_only(*basic))).unwrap();
        }
        let notify = Notify {
            watcher: pres(JULIET),
            target: pres(ROMEO),
            trans_id: TransId::new("n").unwrap(),
            document,
        };
        let passed_on = self.service.handle_notify(&notify, &mut self.out)?;
        Ok((passed_on, self.done()))
    }

    fn at(&mut self, seconds: u64) -> Vec<String> {
        self.now = Duration::from_secs(seconds);
        self.service.handle_timeout(self.now, &mut self.out);
        self.done()
    }

    fn timeout(&self) -> Option<(u64, Reason)> {
        self.service.poll_timeout().map(|deadline| (deadline.at.as_secs(), deadline.reason))
    }

    fn done(&mut self) -> Vec<String> {
        self.out.drain(..).map(|action| line(&action)).collect()
    }

    /// With Juliet subscribed to Romeo.
    fn watching() -> Self {
        let mut gateway = Self::new();
        gateway.juliet(PresenceType::Subscribe, "s1");
        gateway.response("s1", Status::Success, Some(100));
        gateway
    }

    /// With Romeo subscribed to Juliet.
    fn watched() -> Self {
        let mut gateway = Self::new();
        gateway.romeo(100, "sub", "t1");
        gateway.juliet(PresenceType::Subscribed, "");
        gateway
    }
}

fn sent(presence_type: PresenceType, resource: &str, id: &str) -> PresenceBuilder {
    let mut presence = Presence::builder(presence_type)
        .with_from(format!("{JULIET}{resource}").parse::<xmpp_jid::Jid>().unwrap())
        .with_to(ROMEO.parse::<xmpp_jid::Jid>().unwrap());
    presence.id = (!id.is_empty()).then(|| id.to_string());
    presence
}

fn pres(jid: &str) -> Uri<'static> {
    Uri::parse(&format!("pres:{jid}")).unwrap().into_owned()
}

fn name(text: impl ToString) -> String {
    text.to_string().replace("pres:", "").replace(JULIET, "juliet").replace(ROMEO, "romeo")
}

fn line(action: &Action) -> String {
    match action {
        Action::Stanza(presence) => {
            let (from, to) = (presence.from.as_str().unwrap(), presence.to.as_str().unwrap());
            let error = presence.build().unwrap().error();
            let condition = error.map(|error| error.condition.as_str());
            let id = presence.id.as_deref().map(|id| format!(" id={id}"));
            format!(
                "{} {}>{}{}",
                condition.unwrap_or_else(|| presence.presence_type().as_str()),
                name(from),
                name(to),
                id.unwrap_or_default()
            )
        }
        Action::Subscribe(Subscribe { watcher, target, duration, subscript_id, trans_id }) => {
            assert!(watcher.to_string().starts_with("pres:"));
            assert!(target.to_string().starts_with("pres:"));
            format!(
                "SUBSCRIBE {}>{} {}s {subscript_id} {trans_id}",
                name(watcher),
                name(target),
                duration.as_secs()
            )
        }
        Action::Respond(Response { trans_id, status, duration }) => {
            let duration = duration.map(|duration| format!(" {}s", duration.as_secs()));
            format!("RESPONSE {trans_id} {status:?}{}", duration.unwrap_or_default())
        }
        Action::Notify(Notify { watcher, target, document, .. }) => {
            let tuples: Vec<_> = document
                .tuples()
                .iter()
                .map(|tuple| format!("{}={}", tuple.id(), tuple.status.basic().unwrap().as_str()))
                .collect();
            assert_eq!(document.entity(), target.to_string());
            format!("NOTIFY {}<{} {}", name(watcher), name(target), tuples.join(" "))
        }
    }
}
