//! Both services of a gateway in one place: messages (RFC 3860) and presence
//! (RFC 3859), secured ones (RFC 3923 §8) included.

use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use xmpp_jid::BareJid;
use xmpp_stanza::{
    Address, AddressRef, IqBuilder, Message as MessageStanza, MessageBuilder, MessageType,
    Presence, PresenceType, Stanza, StanzaBuilder, StanzaCondition,
};

use super::operation::{MessageOperation, MessageStatus, Notify, Response, Subscribe, TransId};
use super::service::{Action, Config, PresenceService};
use super::timers::Deadline;
use crate::mapping::{self, MapError, NotMapped, is_secured_payload};
use crate::message::Message;
use crate::{Scheme, Uri};

/// How many gateways a message may pass. "Reasonably large", over a hundred
/// (RFC 3860 §3.4.2).
const MAX_FORWARDS: u32 = 120;

/// How many messages wait for a response, to tell their senders of a failure. When
/// there are more, the oldest wait no longer.
const MAX_WAITING: usize = 1024;

/// What is said between the gateway and the far side: the operations of the two
/// abstract services. A driver turns them into its protocol and back.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// An instant message (RFC 3860 §3.4.1).
    Message {
        /// Who, to whom, and how far.
        operation: MessageOperation,
        /// Its content.
        object: Message<'static>,
    },
    /// What became of a message (RFC 3860 §3.4.1).
    MessageResponse {
        /// Which message.
        trans_id: TransId,
        /// What became of it.
        status: MessageStatus,
    },
    /// A subscription is asked for, refreshed or ended (RFC 3859 §3.4.1).
    Subscribe(Subscribe),
    /// What became of that.
    Response(Response),
    /// The presence of somebody (RFC 3859 §3.4.2).
    Notify(Notify),
    /// Presence that is signed or encrypted (RFC 3923 §4): which cannot be read
    /// on the way, and so is no notification of a subscription.
    SecuredPresence(Message<'static>),
}

/// What a [`Gateway`] has to do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Output {
    /// Send a stanza to XMPP.
    Stanza(StanzaBuilder),
    /// Invoke an operation on the far side.
    Operation(Operation),
}

/// A gateway between XMPP and a service that speaks CPIM: what comes from one
/// side goes in, what is to go to the other comes out.
///
/// No I/O and no clock, as in [`PresenceService`], which it is made of. On the
/// XMPP side it is a component (XEP-0114) or a server for the domain of the
/// people beyond.
///
/// ```
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// use core::time::Duration;
/// use xmpp_cpim::gateway::{Config, Gateway, Operation, Output};
/// use xmpp_stanza::{Message, MessageType, Stanza};
///
/// let mut gateway = Gateway::new("gw1", Config::default());
/// let mut out = Vec::new();
/// let message = Message::builder(MessageType::Chat)
///     .with_from("juliet@example.com/balcony".parse::<xmpp_jid::Jid>()?)
///     .with_to("romeo@example.net".parse::<xmpp_jid::Jid>()?)
///     .with_body("Wherefore art thou, Romeo?");
/// gateway.handle_stanza(Duration::ZERO, &Stanza::Message(message.build()?), &mut out);
/// let Some(Output::Operation(Operation::Message { operation, object, .. })) = out.pop() else {
///     panic!()
/// };
/// assert_eq!(operation.destination.to_string(), "im:romeo@example.net");
/// assert_eq!(object.content().body(), b"Wherefore art thou, Romeo?");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Gateway {
    presence: PresenceService,
    /// Who hears of a failure.
    waiting: BTreeMap<TransId, Sent>,
    /// In the order in which they were sent.
    order: VecDeque<TransId>,
}

/// A message that was sent to the far side.
#[derive(Debug)]
struct Sent {
    from: Address,
    to: Address,
    id: Option<String>,
}

impl Gateway {
    /// A gateway without subscriptions. The prefix is that of
    /// [`PresenceService::new`].
    #[must_use]
    pub fn new(prefix: &str, config: Config) -> Self {
        Self {
            presence: PresenceService::new(prefix, config),
            waiting: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }

    /// The gateway's subscriptions, to be kept over a restart.
    #[must_use]
    pub const fn presence(&self) -> &PresenceService {
        &self.presence
    }

    /// The gateway's subscriptions, to put those of an earlier run in place.
    pub const fn presence_mut(&mut self) -> &mut PresenceService {
        &mut self.presence
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Deadline> {
        self.presence.poll_timeout()
    }

    /// Does what is due: see [`PresenceService::handle_timeout`].
    pub fn handle_timeout(&mut self, now: Duration, out: &mut Vec<Output>) {
        self.act(out, |presence, actions| presence.handle_timeout(now, actions));
    }

    /// Takes in a stanza from an XMPP user to somebody beyond the gateway.
    ///
    /// What cannot be passed on is answered with a stanza error, unless it is one,
    /// or has nothing in it (such as a message with a chat state alone).
    pub fn handle_stanza(&mut self, now: Duration, stanza: &Stanza<'_>, out: &mut Vec<Output>) {
        match stanza {
            Stanza::Message(message) => self.message(message, out),
            Stanza::Presence(presence) if is_secured(presence) => {
                match mapping::presence_to_cpim(presence, &self.presence.config.options) {
                    Ok(mapped) => {
                        out.push(Output::Operation(Operation::SecuredPresence(mapped.value)));
                    }
                    Err(error) => refuse_presence(presence, &error, out),
                }
            }
            Stanza::Presence(presence) => {
                self.act(out, |service, actions| service.handle_presence(now, presence, actions));
            }
            Stanza::Iq(iq) => {
                if iq.iq_type().is_request() {
                    let answer = IqBuilder::error(&*iq.id(), StanzaCondition::ServiceUnavailable)
                        .with_from(iq.to())
                        .with_to(iq.from());
                    out.push(Output::Stanza(answer.into()));
                }
            }
        }
    }

    fn message(&mut self, message: &MessageStanza<'_>, out: &mut Vec<Output>) {
        let options = &self.presence.config.options;
        let mapped = match mapping::message_to_cpim(message, options) {
            Ok(mapped) => mapped.value,
            Err(MapError::NotMapped(NotMapped::NoBody | NotMapped::Error)) => return,
            Err(error) => {
                if let Some(answer) = message_error(message, condition(&error)) {
                    out.push(Output::Stanza(answer));
                }
                return;
            }
        };
        let uri = |address: AddressRef<'_>| {
            let jid = address.jid()?.to_bare();
            Uri::from_jid(Scheme::Im, jid, options.escaping).ok()
        };
        let (Some(source), Some(destination)) = (uri(message.from()), uri(message.to())) else {
            return;
        };
        // The `id` of the stanza, unless one of that name waits: what clients
        // choose is not unique among them.
        let is_free = |id: &&str| TransId::new(*id).is_ok_and(|id| !self.waiting.contains_key(&id));
        let id = message.id();
        let trans_id = self.presence.new_trans_id(id.as_deref().filter(is_free));
        let (from, to) = (message.from().into_owned(), message.to().into_owned());
        let id = id.map(Cow::into_owned);
        self.waiting.insert(trans_id.clone(), Sent { from, to, id });
        self.order.push_back(trans_id.clone());
        if self.order.len() > MAX_WAITING
            && let Some(oldest) = self.order.pop_front()
        {
            self.waiting.remove(&oldest);
        }
        let max_forwards = MAX_FORWARDS;
        let operation = MessageOperation { source, destination, max_forwards, trans_id };
        out.push(Output::Operation(Operation::Message { operation, object: mapped }));
    }

    /// Takes in an operation of the far side.
    pub fn handle_operation(
        &mut self,
        now: Duration,
        operation: &Operation,
        out: &mut Vec<Output>,
    ) {
        match operation {
            Operation::Message { operation, object } => {
                let status = match self.deliver(operation, object, out) {
                    // What becomes of it on the other side nobody tells.
                    Some(()) => MessageStatus::Indeterminant,
                    None => MessageStatus::Failure,
                };
                let trans_id = operation.trans_id.clone();
                out.push(Output::Operation(Operation::MessageResponse { trans_id, status }));
            }
            Operation::MessageResponse { trans_id, status } => {
                let Some(sent) = self.waiting.remove(trans_id) else { return };
                self.order.retain(|waiting| waiting != trans_id);
                if *status == MessageStatus::Failure {
                    let mut answer = MessageStanza::builder(MessageType::Error)
                        .with_error(StanzaCondition::RecipientUnavailable);
                    (answer.from, answer.to, answer.id) = (sent.to, sent.from, sent.id);
                    out.push(Output::Stanza(answer.into()));
                }
            }
            Operation::Subscribe(asked) => {
                self.act(out, |service, actions| service.handle_subscribe(now, asked, actions));
            }
            Operation::Response(response) => {
                self.act(out, |service, actions| service.handle_response(now, response, actions));
            }
            // One that has no mapping, or nobody watches, is dropped: CPP has no
            // answer to a notification.
            Operation::Notify(notify) => self.act(out, |service, actions| {
                let _ = service.handle_notify(notify, actions);
            }),
            Operation::SecuredPresence(object) => {
                let options = &self.presence.config.options;
                if let Ok(mapped) = mapping::presence_from_cpim(object, options) {
                    out.extend(mapped.value.into_iter().map(|p| Output::Stanza(p.into())));
                }
            }
        }
    }

    /// Passes a message on, if it may go on and is from whom the operation says.
    fn deliver(
        &self,
        operation: &MessageOperation,
        object: &Message<'static>,
        out: &mut Vec<Output>,
    ) -> Option<()> {
        let options = &self.presence.config.options;
        let relayed = operation.clone().relayed().ok()?;
        let source = options.jid(&relayed.source.to_string()).ok()?;
        let destination = options.jid(&relayed.destination.to_string()).ok()?;
        let mapped = mapping::message_from_cpim(object, options).ok()?;
        // One of several recipients: the others have operations of their own.
        let is_for = |message: &&MessageBuilder| {
            let bare = |address: &Address| address.jid().map(xmpp_jid::Jid::to_bare);
            let ends: (Option<BareJid>, Option<BareJid>) = (bare(&message.from), bare(&message.to));
            ends == (Some(source.clone()), Some(destination.clone()))
        };
        let message = mapped.value.iter().find(is_for)?;
        out.push(Output::Stanza(message.clone().into()));
        Some(())
    }

    fn act(
        &mut self,
        out: &mut Vec<Output>,
        work: impl FnOnce(&mut PresenceService, &mut Vec<Action>),
    ) {
        let mut actions = Vec::new();
        work(&mut self.presence, &mut actions);
        out.extend(actions.into_iter().map(|action| match action {
            Action::Stanza(presence) => Output::Stanza(presence.into()),
            Action::Subscribe(asked) => Output::Operation(Operation::Subscribe(asked)),
            Action::Respond(response) => Output::Operation(Operation::Response(response)),
            Action::Notify(notify) => Output::Operation(Operation::Notify(notify)),
        }));
    }
}

fn is_secured(presence: &Presence<'_>) -> bool {
    matches!(presence.presence_type(), PresenceType::Available | PresenceType::Unavailable)
        && presence.payloads().any(is_secured_payload)
}

/// What a sender is told of a stanza that has no mapping.
const fn condition(error: &MapError) -> StanzaCondition {
    match error {
        MapError::NotMapped(_) => StanzaCondition::FeatureNotImplemented,
        MapError::MissingAddress(_) | MapError::MalformedAddress(..) | MapError::Address(..) => {
            StanzaCondition::JidMalformed
        }
        _ => StanzaCondition::NotAcceptable,
    }
}

fn message_error(message: &MessageStanza<'_>, condition: StanzaCondition) -> Option<StanzaBuilder> {
    message.to().jid()?;
    let mut answer = MessageStanza::builder(MessageType::Error)
        .with_error(condition)
        .with_from(message.to())
        .with_to(message.from());
    answer.id = message.id().map(Cow::into_owned);
    Some(answer.into())
}

fn refuse_presence(presence: &Presence<'_>, error: &MapError, out: &mut Vec<Output>) {
    if presence.to().jid().is_none() {
        return;
    }
    let mut answer = Presence::builder(PresenceType::Error)
        .with_error(condition(error))
        .with_from(presence.to())
        .with_to(presence.from());
    answer.id = presence.id().map(Cow::into_owned);
    out.push(Output::Stanza(answer.into()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use crate::mapping::{secured_object, secured_payload};
    use alloc::vec;
    use xmpp_stanza::PresenceBuilder;

    const SECURED: &[u8] = b"Content-Type: multipart/signed; boundary=b;\r\n \
        protocol=\"application/pkcs7-signature\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
        Wherefore ]]> art & thou\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n\
        AQID\r\n--b--\r\n";
    const NOW: Duration = Duration::ZERO;

    fn jid(text: &str) -> xmpp_jid::Jid {
        text.parse().unwrap()
    }

    fn message() -> MessageBuilder {
        MessageStanza::builder(MessageType::Chat)
            .with_from(jid("juliet@example.com/balcony"))
            .with_to(jid("romeo@example.net"))
            .with_id("m1")
    }

    fn through(stanza: impl Into<StanzaBuilder>) -> (Gateway, Vec<Output>) {
        let mut gateway = Gateway::new("gw", Config::default());
        let mut out = Vec::new();
        gateway.handle_stanza(NOW, &stanza.into().build().unwrap(), &mut out);
        (gateway, out)
    }

    /// The secured object that is all that a message has in it.
    fn object_in(message: &MessageBuilder) -> Vec<u8> {
        let message = message.build().unwrap();
        assert_eq!(message.children().count(), 1);
        let payload = message.payloads().next().unwrap();
        secured_object(payload).unwrap().into_owned()
    }

    fn object_in_presence(presence: &PresenceBuilder) -> Vec<u8> {
        let presence = presence.build().unwrap();
        assert_eq!(presence.children().count(), 1);
        let payload = presence.payloads().next().unwrap();
        secured_object(payload).unwrap().into_owned()
    }

    fn only(out: Vec<Output>) -> Operation {
        match <[Output; 1]>::try_from(out) {
            Ok([Output::Operation(operation)]) => operation,
            other => panic!("{other:?}"),
        }
    }

    // 3923-8-01, 3923-8-03, 3923-11-01, RFC 3922 §4.1.8: also where a body stands beside it
    // for those who cannot read it
    #[test]
    fn the_secured_object_leaves_xmpp_as_it_is() {
        let payload = || secured_payload(SECURED).unwrap();
        let fallback = message().with_body("This message is encrypted.").with(&payload());
        for message in [message().with(&payload()), fallback] {
            let Operation::Message { object, operation } = only(through(message).1) else {
                panic!()
            };
            assert_eq!(object.content().to_vec(), SECURED);
            let octets = object.to_vec();
            assert!(octets.ends_with(SECURED), "{}", String::from_utf8_lossy(&octets));
            assert_eq!(operation.source.to_string(), "im:juliet@example.com");
        }
        let presence = Presence::builder(PresenceType::Available)
            .with_from(jid("juliet@example.com/balcony"))
            .with_to(jid("romeo@example.net"))
            .with(&payload());
        let Operation::SecuredPresence(object) = only(through(presence).1) else { panic!() };
        assert_eq!(object.content().to_vec(), SECURED);
    }

    // 3923-8-02, 3923-8-03
    #[test]
    fn the_secured_object_enters_xmpp_as_it_is() {
        let octets = [
            &b"Content-Type: Message/CPIM\r\n\r\nFrom: <im:romeo@example.net>\r\n\
            To: <im:juliet@example.com>\r\n\r\n"[..],
            SECURED,
        ]
        .concat();
        let object = Message::parse(&octets, &Limits::default()).unwrap().into_owned();
        let uri = |text| Uri::parse(text).unwrap().into_owned();
        let operation = MessageOperation {
            source: uri("im:romeo@example.net"),
            destination: uri("im:juliet@example.com"),
            max_forwards: 1,
            trans_id: TransId::new("t").unwrap(),
        };
        let mut gateway = Gateway::new("gw", Config::default());
        let mut out = Vec::new();
        let sent = Operation::Message { operation: operation.clone(), object: object.clone() };
        gateway.handle_operation(NOW, &sent, &mut out);
        let [Output::Stanza(StanzaBuilder::Message(message)), Output::Operation(response)] =
            &out[..]
        else {
            panic!("{out:?}")
        };
        assert_eq!(object_in(message), SECURED);
        let trans_id = operation.trans_id.clone();
        let status = MessageStatus::Indeterminant;
        assert_eq!(*response, Operation::MessageResponse { trans_id, status });

        out.clear();
        gateway.handle_operation(NOW, &Operation::SecuredPresence(object.clone()), &mut out);
        let [Output::Stanza(StanzaBuilder::Presence(presence))] = &out[..] else {
            panic!("{out:?}")
        };
        assert_eq!(object_in_presence(presence), SECURED);

        // RFC 3860 §3.4.2, and a source that is not the object's.
        let looped = MessageOperation { max_forwards: 0, ..operation.clone() };
        let forged = MessageOperation { source: uri("im:tybalt@example.net"), ..operation };
        for operation in [looped, forged] {
            out.clear();
            let sent = Operation::Message { operation, object: object.clone() };
            gateway.handle_operation(NOW, &sent, &mut out);
            let failed = |operation: &Operation| {
                matches!(operation, Operation::MessageResponse { status, .. }
                    if *status == MessageStatus::Failure)
            };
            assert!(matches!(&out[..], [Output::Operation(response)] if failed(response)));
        }
    }

    #[test]
    fn failures_are_told_once() {
        let (mut gateway, out) = through(message().with_body("Hi"));
        let Operation::Message { operation, .. } = only(out) else { panic!() };
        let trans_id = operation.trans_id;
        let response = Operation::MessageResponse { trans_id, status: MessageStatus::Failure };
        let mut out = Vec::new();
        gateway.handle_operation(NOW, &response, &mut out);
        gateway.handle_operation(NOW, &response, &mut out);
        let [Output::Stanza(StanzaBuilder::Message(answer))] = &out[..] else { panic!("{out:?}") };
        assert_eq!(answer.id.as_deref(), Some("m1"));
        assert_eq!(answer.to.as_str(), Some("juliet@example.com/balcony"));
        assert_eq!(
            answer.build().unwrap().error().unwrap().condition,
            StanzaCondition::RecipientUnavailable
        );
    }

    #[test]
    fn what_has_no_mapping_is_answered_or_dropped() {
        assert_eq!(through(message()).1, vec![], "nothing in it");
        let groupchat = MessageStanza::builder(MessageType::Groupchat)
            .with_from(jid("room@example.com/x"))
            .with_to(jid("romeo@example.net"))
            .with_body("Hi");
        let (_, out) = through(groupchat);
        let [Output::Stanza(StanzaBuilder::Message(answer))] = &out[..] else { panic!("{out:?}") };
        let condition = answer.build().unwrap().error().unwrap().condition;
        assert_eq!(condition, StanzaCondition::FeatureNotImplemented);
    }

    #[test]
    fn who_waits_is_bounded() {
        let (mut gateway, mut out) = through(message().with_body("Hi"));
        let again = Stanza::Message(message().with_body("Hi").build().unwrap());
        for _ in 0..2 * MAX_WAITING {
            out.clear();
            gateway.handle_stanza(NOW, &again, &mut out);
        }
        assert_eq!((gateway.waiting.len(), gateway.order.len()), (MAX_WAITING, MAX_WAITING));
    }
}
