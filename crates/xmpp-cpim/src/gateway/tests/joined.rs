//! Both services in one place: what goes into a [`Gateway`] on one side comes
//! out on the other.

use xmpp_stanza::{
    Iq, IqType, Message as MessageStanza, MessageBuilder, MessageType, Stanza, StanzaBuilder,
};

use super::*;
use crate::mapping::secured_payload;
use crate::message::{Address, Message};
use crate::mime::Entity;
use crate::{Limits, Scheme};

type Joined = super::super::Gateway;

/// A gateway, and each thing it did as a line.
struct Through {
    gateway: Joined,
    now: Duration,
    out: Vec<Output>,
}

impl Through {
    fn new() -> Self {
        let gateway = Joined::new("gw", Config::default());
        Self { gateway, now: Duration::ZERO, out: Vec::new() }
    }

    fn stanza(&mut self, stanza: impl Into<StanzaBuilder>) -> Vec<String> {
        let stanza = stanza.into().build().unwrap();
        self.gateway.handle_stanza(self.now, &stanza, &mut self.out);
        self.lines()
    }

    fn operation(&mut self, operation: &Operation) -> Vec<String> {
        self.gateway.handle_operation(self.now, operation, &mut self.out);
        self.lines()
    }

    fn at(&mut self, seconds: u64) -> Vec<String> {
        self.now = Duration::from_secs(seconds);
        self.gateway.handle_timeout(self.now, &mut self.out);
        self.lines()
    }

    fn lines(&mut self) -> Vec<String> {
        self.out.drain(..).map(|output| shown(&output)).collect()
    }
}

fn shown(output: &Output) -> String {
    match output {
        Output::Stanza(StanzaBuilder::Presence(presence)) => {
            line(&Action::Stanza(presence.clone()))
        }
        Output::Stanza(other) => match other.build().unwrap() {
            Stanza::Message(message) => {
                let error = message.error().map(|error| error.condition.as_str());
                let (from, to) = (message.from(), message.to());
                format!(
                    "MESSAGE {} {}>{}{}",
                    error.unwrap_or_else(|| message.message_type().as_str()),
                    name(from.as_str().unwrap()),
                    name(to.as_str().unwrap()),
                    message.id().map(|id| format!(" id={id}")).unwrap_or_default()
                )
            }
            Stanza::Iq(iq) => {
                let error = iq.error().unwrap().condition.as_str();
                let (from, to) = (iq.from(), iq.to());
                let (from, to) = (name(from.as_str().unwrap()), name(to.as_str().unwrap()));
                format!("IQ {error} {from}>{to} id={}", iq.id())
            }
            other => panic!("{other:?}"),
        },
        Output::Operation(operation) => match operation {
            Operation::Subscribe(asked) => line(&Action::Subscribe(asked.clone())),
            Operation::Response(response) => line(&Action::Respond(response.clone())),
            Operation::Notify(notify) => line(&Action::Notify(notify.clone())),
            Operation::Message { operation, object } => format!(
                "MESSAGE {}>{} {} {} {:?}",
                name(&operation.source),
                name(&operation.destination),
                operation.max_forwards,
                operation.trans_id,
                core::str::from_utf8(object.content().body()).unwrap()
            ),
            Operation::MessageResponse { trans_id, status } => format!("{trans_id} {status:?}"),
            Operation::SecuredPresence(_) => "SECURED PRESENCE".into(),
        },
    }
}

fn message(id: &str) -> MessageBuilder {
    MessageStanza::builder(MessageType::Chat)
        .with_from(format!("{JULIET}/balcony").parse::<xmpp_jid::Jid>().unwrap())
        .with_to(ROMEO.parse::<xmpp_jid::Jid>().unwrap())
        .with_id(id)
        .with_body("Hi")
}

fn im(jid: &str) -> Uri<'static> {
    pres(jid).with_scheme(Scheme::Im)
}

fn trans_id(text: &str) -> TransId {
    TransId::new(text).unwrap()
}

// 3922-6.1-01 to -08
#[test]
fn an_xmpp_user_sees_somebody_beyond() {
    let mut gateway = Through::new();
    assert_eq!(gateway.gateway.poll_timeout(), None);
    assert_eq!(
        gateway.stanza(sent(PresenceType::Subscribe, "", "s1")),
        ["SUBSCRIBE juliet>romeo 3600s gw-1 s1"]
    );
    let deadline = |at, reason| Some(Deadline { at: Duration::from_secs(at), reason });
    assert_eq!(gateway.gateway.poll_timeout(), deadline(3600, Reason::Expiry));
    let duration = Some(Duration::from_secs(100));
    let success = Response { trans_id: trans_id("s1"), status: Status::Success, duration };
    assert_eq!(gateway.operation(&Operation::Response(success)), ["subscribed romeo>juliet"]);
    let mut document = Document::new(format!("pres:{ROMEO}"));
    document.push(Tuple::new("a", TupleStatus::basic_only(Basic::Open))).unwrap();
    let (watcher, target) = (pres(JULIET), pres(ROMEO));
    let notify = Notify { watcher, target, trans_id: trans_id("n"), document };
    assert_eq!(gateway.operation(&Operation::Notify(notify)), ["available romeo/a>juliet"]);
    assert_eq!(gateway.gateway.poll_timeout(), deadline(80, Reason::Refresh));
    assert_eq!(gateway.at(79), [""; 0]);
    assert_eq!(gateway.at(80), ["SUBSCRIBE juliet>romeo 3600s gw-1 gw.2"]);
    // Kept over a restart.
    let kept: Vec<_> = gateway.gateway.presence().subscriptions().collect();
    assert_eq!(kept.len(), 1);
    let mut again = Through::new();
    again.gateway.presence_mut().restore(Duration::ZERO, kept[0].clone()).unwrap();
    assert_eq!(again.gateway.presence().subscriptions().collect::<Vec<_>>(), kept);
}

// 3922-6.2-01 to -09
#[test]
fn somebody_beyond_sees_an_xmpp_user() {
    let mut gateway = Through::new();
    let asked = Subscribe {
        watcher: pres(ROMEO),
        target: pres(JULIET),
        duration: Duration::from_secs(100),
        subscript_id: SubscriptId::new("sub").unwrap(),
        trans_id: trans_id("t1"),
    };
    let asked = Operation::Subscribe(asked);
    assert_eq!(gateway.operation(&asked), ["subscribe romeo>juliet id=t1"]);
    assert_eq!(
        gateway.stanza(sent(PresenceType::Subscribed, "", "")),
        ["RESPONSE t1 Success 100s", "NOTIFY romeo<juliet r-=closed"]
    );
    assert_eq!(
        gateway.stanza(sent(PresenceType::Available, "/balcony", "")),
        ["NOTIFY romeo<juliet balcony=open"]
    );
    assert_eq!(gateway.at(100), ["unsubscribe romeo>juliet"]);
}

// RFC 3860 §3.4.1, §3.4.2: over a hundred gateways; a TransID of up to 40 octets that
// nobody else waits for.
#[test]
fn a_message_becomes_an_operation() {
    let mut gateway = Through::new();
    assert_eq!(gateway.stanza(message("m1")), ["MESSAGE im:juliet>im:romeo 120 m1 \"Hi\""]);
    assert_eq!(gateway.stanza(message("m1")), ["MESSAGE im:juliet>im:romeo 120 gw.1 \"Hi\""]);
    let long = "m".repeat(41);
    assert_eq!(gateway.stanza(message(&long)), ["MESSAGE im:juliet>im:romeo 120 gw.2 \"Hi\""]);
    let response = |id: &str, status| Operation::MessageResponse { trans_id: trans_id(id), status };
    assert_eq!(gateway.operation(&response("m1", MessageStatus::Success)), [""; 0]);
    assert_eq!(gateway.operation(&response("m1", MessageStatus::Failure)), [""; 0], "answered");
    assert_eq!(
        gateway.operation(&response("gw.2", MessageStatus::Failure)),
        [format!("MESSAGE recipient-unavailable romeo>juliet/balcony id={long}")]
    );
    assert_eq!(gateway.operation(&response("gw.1", MessageStatus::Indeterminant)), [""; 0]);
    // The name is free again.
    assert_eq!(gateway.stanza(message("m1")), ["MESSAGE im:juliet>im:romeo 120 m1 \"Hi\""]);
}

#[test]
fn a_message_of_the_far_side_is_delivered_to_whom_the_operation_names() {
    let address = |uri: Uri<'static>| Address::new(uri.to_string()).unwrap();
    let nurse = "nurse@example.com";
    let object = Message::builder()
        .from(&address(im(ROMEO)))
        .to(&address(im(JULIET)))
        .to(&address(im(nurse)))
        .content(Entity::text("Hi"))
        .build()
        .unwrap();
    let send = |source: &str, destination: &str, max_forwards| {
        let (source, destination) = (im(source), im(destination));
        let trans_id = trans_id("t");
        let operation = MessageOperation { source, destination, max_forwards, trans_id };
        let operation = Operation::Message { operation, object: object.clone() };
        Through::new().operation(&operation)
    };
    assert_eq!(send(ROMEO, JULIET, 1), ["MESSAGE normal romeo>juliet", "t Indeterminant"]);
    assert_eq!(
        send(ROMEO, nurse, 1),
        ["MESSAGE normal romeo>nurse@example.com", "t Indeterminant"]
    );
    assert_eq!(send(ROMEO, JULIET, 0), ["t Failure"], "RFC 3860 §3.4.2");
    assert_eq!(send("tybalt@example.net", JULIET, 1), ["t Failure"], "another sender");
    assert_eq!(send(ROMEO, "tybalt@example.net", 1), ["t Failure"], "another recipient");
}

// RFC 6120 §8.2.3: a request is answered.
#[test]
fn there_is_nothing_to_ask_a_gateway_for() {
    let mut gateway = Through::new();
    let iq = |iq_type, id: &str| {
        let text = format!(
            "<iq xmlns='jabber:client' type='{iq_type}' id='{id}' from='{JULIET}' to='{ROMEO}'>\
            <query xmlns='urn:x'/></iq>"
        );
        Iq::try_from(xmpp_xml::Element::parse(&text).unwrap()).unwrap()
    };
    for (iq_type, answer) in [
        (IqType::Get, &["IQ service-unavailable romeo>juliet id=q"][..]),
        (IqType::Set, &["IQ service-unavailable romeo>juliet id=q"]),
        (IqType::Result, &[]),
    ] {
        let stanza = Stanza::Iq(iq(iq_type.as_str(), "q"));
        gateway.gateway.handle_stanza(gateway.now, &stanza, &mut gateway.out);
        assert_eq!(gateway.lines(), answer);
    }
}

// RFC 6120 §8.3.3
#[test]
fn what_cannot_pass_is_answered_with_what_is_wrong() {
    let mut gateway = Through::new();
    let domain = "example.net".parse::<xmpp_jid::Jid>().unwrap();
    let unreadable = xmpp_xml::Element::parse(
        "<e2e xmlns='urn:ietf:params:xml:ns:xmpp-e2e'>no header\n\nx</e2e>",
    )
    .unwrap();
    let groupchat = MessageStanza::builder(MessageType::Groupchat)
        .with_from(JULIET.parse::<xmpp_jid::Jid>().unwrap())
        .with_to(ROMEO.parse::<xmpp_jid::Jid>().unwrap())
        .with_body("Hi");
    for (stanza, answer) in [
        (groupchat, "MESSAGE feature-not-implemented romeo>juliet"),
        (
            message("m1").with_to(domain.clone()),
            "MESSAGE jid-malformed example.net>juliet/balcony id=m1",
        ),
        (message("m2").with(&unreadable), "MESSAGE not-acceptable romeo>juliet/balcony id=m2"),
    ] {
        assert_eq!(gateway.stanza(stanza), [answer]);
    }
    let secured = sent(PresenceType::Available, "/balcony", "p1").with(&unreadable);
    assert_eq!(gateway.stanza(secured), ["not-acceptable romeo>juliet/balcony id=p1"]);
    let object = secured_payload(b"Content-Type: a/b\r\n\r\n").unwrap();
    let secured = sent(PresenceType::Available, "/balcony", "p2").with(&object);
    assert_eq!(gateway.stanza(secured.clone()), ["SECURED PRESENCE"]);
    assert_eq!(
        gateway.stanza(secured.with_to(domain)),
        ["jid-malformed example.net>juliet/balcony id=p2"]
    );
    // Nobody to answer for, an answer itself.
    let unaddressed = MessageStanza::builder(MessageType::Chat).with_body("Hi");
    assert_eq!(gateway.stanza(unaddressed), [""; 0]);
    let unaddressed = Presence::builder(PresenceType::Available).with(&object);
    assert_eq!(gateway.stanza(unaddressed), [""; 0]);
    let error = MessageStanza::builder(MessageType::Error)
        .with_from(JULIET.parse::<xmpp_jid::Jid>().unwrap())
        .with_to(ROMEO.parse::<xmpp_jid::Jid>().unwrap())
        .with_body("Hi")
        .with_error(StanzaCondition::Conflict);
    assert_eq!(gateway.stanza(error), [""; 0]);
}

// RFC 3923 §8: secured presence is no answer to a subscription.
#[test]
fn a_secured_payload_does_not_hide_what_a_stanza_is() {
    let mut gateway = Through::new();
    let object = secured_payload(b"Content-Type: a/b\r\n\r\n").unwrap();
    let request = sent(PresenceType::Subscribe, "", "s1").with(&object);
    assert_eq!(gateway.stanza(request), ["SUBSCRIBE juliet>romeo 3600s gw-1 s1"]);
    let gone = sent(PresenceType::Unavailable, "/balcony", "").with(&object);
    assert_eq!(gateway.stanza(gone), ["SECURED PRESENCE"]);
}

#[test]
fn secured_presence_that_has_no_mapping_is_dropped() {
    let text = "From: <im:romeo@example.net>\r\nTo: <im:juliet@example.com>\r\n\r\n\
        Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n";
    let object = |text: &str| {
        let object = Message::parse_body(text.as_bytes(), &Limits::default()).unwrap();
        Operation::SecuredPresence(object.into_owned())
    };
    let mut gateway = Through::new();
    assert_eq!(gateway.operation(&object(text)), ["available romeo>juliet"]);
    assert_eq!(gateway.operation(&object(&text.replace("multipart/signed", "a/b"))), [""; 0]);
}
