//! What is sent is on the wire; what the engine can be asked, the packaged tier can.

use core::time::Duration;

use xmpp_core::jid::Jid;
use xmpp_core::requests::Requests;
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, Message, MessageType, StreamCondition};
use xmpp_core::time::TimerReason;
use xmpp_core::xml::{Element, Framing};
use xmpp_core::{Error, Output, Phase, SendError};

use crate::common::T0;
use crate::common::tls::{State, turn};
use crate::plain::Ends;

const MESSAGE: &str = "<message to='romeo@example.net' id='1'><body>But soft</body></message>";

fn element(text: &str) -> Element {
    Element::parse(text.replacen(' ', " xmlns='jabber:client' ", 1)).unwrap()
}

#[test]
fn each_way_to_send_puts_one_element_on_the_wire() {
    let mut ends = Ends::established();
    ends.client.send_serialized(MESSAGE.as_bytes()).unwrap();
    assert_eq!(ends.client_sends(), MESSAGE);
    ends.server.send_serialized(MESSAGE.as_bytes()).unwrap();
    assert_eq!(ends.server_sends(), MESSAGE);
    // Passed on: the bytes that came, but for an attribute, in this stream's namespace.
    let to = [("to", Some("nurse@example.net"))];
    ends.client.forward(element(MESSAGE).as_ref(), &to).unwrap();
    assert_eq!(
        ends.client_sends(),
        "<message to='nurse@example.net' id='1'><body>But soft</body></message>"
    );
    let nonza = Element::parse("<active xmlns='urn:xmpp:csi:0'/>").unwrap();
    ends.client.send_nonza(&nonza).unwrap();
    assert_eq!(ends.client_sends(), "<active xmlns='urn:xmpp:csi:0'/>");
    ends.server.answer(T0).send_nonza(&nonza).unwrap();
    assert_eq!(ends.server_sends(), "<active xmlns='urn:xmpp:csi:0'/>");
    // What is refused leaves nothing.
    let stanza = element(MESSAGE);
    assert_eq!(ends.client.send(&nonza), Err(SendError::NotOneElement));
    assert_eq!(ends.client.send_nonza(&stanza), Err(SendError::NotOneElement));
    let refused = ends.client.send_serialized(b"<active xmlns='urn:xmpp:csi:0'/>");
    assert_eq!(refused, Err(SendError::NotOneElement));
    assert_eq!(ends.client.forward(nonza.as_ref(), &[]), Err(SendError::NotOneElement));
    assert_eq!(ends.client_sends(), "");
    assert_eq!(ends.client.context().framing, Framing::Stream);
}

#[test]
fn ids_are_not_used_twice() {
    let mut ends = Ends::established();
    let ids: std::collections::BTreeSet<_> = (0..50).map(|_| ends.client.new_id()).collect();
    assert_eq!(ids.len(), 50);
    assert!(ids.iter().all(|id| id.len() >= 20), "that nobody can guess: {ids:?}");
}

#[test]
fn requests_are_answered_given_up_and_handed_on() {
    let mut ends = Ends::established();
    let ping = || Iq::get("", &Ping).with_to(Jid::new("romeo@example.net").unwrap());
    let ask = |ends: &mut Ends| {
        let request = ends.client.request(T0, ping(), Duration::from_secs(9)).unwrap();
        let sent = ends.client_sends();
        let id = sent.split_once(" id='").unwrap().1.split('\'').next().unwrap().to_owned();
        let answer = format!("<iq type='result' id='{id}' from='romeo@example.net'/>");
        (request, answer)
    };
    let (answered, answer) = ask(&mut ends);
    ends.give_client(&answer);
    ends.client_sends();
    let told = ends.logs[0].last().unwrap().clone();
    assert!(told.starts_with("Answered") && told.contains(&format!("{answered:?}")), "{told}");
    // Given up, once: the answer is a stanza like any other, and told as such.
    let (given_up, answer) = ask(&mut ends);
    assert!(ends.client.give_up(given_up) && !ends.client.give_up(given_up));
    ends.give_client(&answer);
    ends.client_sends();
    assert!(ends.logs[0].last().unwrap().starts_with("stanza "), "{:#?}", ends.logs[0]);
    // Taken, they are nobody's; adopted again, the answer belongs to its request.
    let (taken, answer) = ask(&mut ends);
    let requests: Requests = ends.client.take_requests();
    assert_eq!(requests.iter().collect::<Vec<_>>(), [taken]);
    assert!(ends.client.take_requests().is_empty());
    ends.client.adopt_requests(requests);
    ends.give_client(&answer);
    ends.client_sends();
    assert!(ends.logs[0].last().unwrap().starts_with("Answered"), "{:#?}", ends.logs[0]);
}

#[test]
fn a_claimed_request_is_not_refused() {
    // 6120-8.2.3-04 and -05: by whoever claims it, or by the connection.
    let mut ends = Ends::established();
    let request =
        "<iq type='get' id='1' from='romeo@example.net'><ping xmlns='urn:xmpp:ping'/></iq>";
    ends.give_client(request);
    let mut claimed = Vec::new();
    let (sent, _) = turn(&mut ends.client, T0, &mut ends.logs[0], |client, _| {
        claimed.push(client.claim());
    });
    assert_eq!((sent.len(), &claimed[..]), (0, &[true][..]));
    assert!(!ends.client.claim(), "once");
    ends.give_client(request);
    let sent = ends.client_sends();
    assert!(sent.contains("type='error'") && sent.contains("id='1'"), "unclaimed: {sent}");
}

#[test]
fn what_was_not_acknowledged_can_be_had() {
    let mut ends = Ends::established();
    let message = Message::builder(MessageType::Chat).with_body("lost");
    ends.client.send(&message).unwrap();
    let counters = ends.client.stream_management().unwrap();
    assert_eq!((counters.sent().get(), counters.unacknowledged().len()), (1, 1));
    assert!(counters.is_resumable());
    let snapshot = ends.client.resumption().unwrap();
    assert_eq!(
        (snapshot.jid(), snapshot.unacknowledged().len()),
        (ends.client.bound().unwrap(), 1)
    );
    assert!(ends.client.take_unacknowledged().is_empty(), "the connection deals with them");
    ends.client.handle_eof();
    ends.client_sends();
    assert_eq!(ends.client.take_resumption().unwrap(), snapshot);
    assert!(ends.client.take_resumption().is_none(), "once");
    // Not resumed: they are handed back instead.
    let mut ends = Ends::established();
    ends.client.send(&message).unwrap();
    ends.client.handle_eof();
    ends.client_sends();
    assert_eq!(ends.client.take_unacknowledged().len(), 1);
    assert!(ends.client.take_unacknowledged().is_empty(), "once");
}

/// What is kept until it is acknowledged is memory as well, and comes back with the rest.
#[test]
fn memory_of_what_was_acknowledged_comes_back_when_it_is_quiet() {
    let mut ends = Ends::established();
    (0..50).for_each(|_| ends.client.send_serialized(MESSAGE.as_bytes()).unwrap());
    ends.client_sends();
    ends.give_client("<a xmlns='urn:xmpp:sm:3' h='50'/>");
    ends.client_sends();
    let held = |ends: &Ends| {
        let counters = ends.client.stream_management().unwrap();
        assert!(counters.unacknowledged().is_empty());
        counters.unacknowledged().held_bytes()
    };
    assert!(held(&ends) > 0);
    let quiet = ends.client.poll_timeout().unwrap();
    assert_eq!(quiet.reason, TimerReason::Quiet);
    assert!(matches!(ends.client.poll(quiet.at), Ok(Output::Wait(_))));
    assert_eq!(held(&ends), 0);
}

/// For drivers that wait until something can be read: not while there is no room for it.
#[test]
fn nothing_is_read_into_a_buffer_that_is_full() {
    let mut ends = Ends::established();
    let most = 1 << 24;
    let mut read = 0;
    while let Some(room) = ends.server.recv_buf() {
        room.fill(b' ');
        read += room.len();
        assert!(read < most);
        let n = room.len();
        ends.server.handle_read(n);
    }
    assert!(!ends.server.wants_read());
    ends.server_sends();
    assert!(ends.server.wants_read() && ends.server.recv_buf().is_some());
}

#[test]
fn a_stream_expires_when_it_was_told_to() {
    let mut ends = Ends::established();
    let at = T0.saturating_add(Duration::from_secs(5));
    ends.server.expire_at(at);
    assert_eq!(ends.server.poll_timeout().map(|deadline| deadline.at), Some(at));
    let (sent, _) = turn(&mut ends.server, at, &mut ends.logs[1], |_, _| {});
    assert!(String::from_utf8(sent).unwrap().contains("<reset "));
}

#[test]
fn the_peers_closing_tag_is_told() {
    // 6120-4.4-01
    let mut ends = Ends::established();
    assert!(!ends.client.peer_closed_stream());
    ends.server.close(T0, None);
    assert_eq!(ends.server.phase(), Phase::Closing);
    let sent = ends.server_sends();
    assert_eq!(sent, "</stream:stream>");
    ends.give_client(&sent);
    let sent = ends.client_sends();
    assert_eq!(sent, "</stream:stream>");
    assert!(ends.client.peer_closed_stream());
    assert_eq!(ends.client.phase(), Phase::Closed);
    // "Wait for the other party to also close its outbound stream".
    assert!(!ends.server.peer_closed_stream());
    assert!(matches!(ends.server.poll(T0), Ok(Output::Wait(Some(_)))));
    ends.give_server(&sent);
    ends.server_sends();
    assert!(ends.server.peer_closed_stream());
    assert!(matches!(ends.server.poll(T0), Ok(Output::Closed)));
}

#[test]
fn an_answer_closes_as_the_endpoint_does() {
    let mut ends = Ends::established();
    let reset = xmpp_core::stanza::StreamError::new(StreamCondition::Reset);
    let mut answer = ends.server.answer(T0);
    assert_eq!(answer.connection().phase(), Phase::Established);
    answer.close(Some(reset.clone()));
    let [client, server] = ends.settle(crate::common::tls::answer);
    assert_eq!(client, State::Failed(Error::StreamError(reset.clone())));
    assert_eq!(server, State::Failed(Error::Closed(reset)));
}

#[test]
fn what_waits_to_be_sent_is_counted() {
    let mut ends = Ends::established();
    assert_eq!(ends.client.backlog(), 0);
    ends.client.send_serialized(MESSAGE.as_bytes()).unwrap();
    assert_eq!(ends.client.backlog(), MESSAGE.len());
    let held = ends.client.held_bytes();
    assert!(held >= MESSAGE.len(), "{held}");
    assert!(matches!(ends.client.poll(T0), Ok(Output::Transmit(_))));
    ends.client.transmitted(10);
    assert_eq!(ends.client.backlog(), MESSAGE.len() - 10);
    assert_eq!(ends.client.transmit(), &MESSAGE.as_bytes()[10..]);
    assert_eq!(ends.client_sends(), MESSAGE[10..]);
}
