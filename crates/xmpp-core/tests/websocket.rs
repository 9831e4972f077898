//! The engine over WebSocket (RFC 7395), without a codec: what one side
//! gives as messages, the other takes as messages.

mod common;

use common::{ClientEnd, ServerEnd, T0, client_config, facts};
use xmpp_core::config::TlsMode;
use xmpp_core::jid::Jid;
use xmpp_core::stanza::{Message, MessageType};
use xmpp_core::xml::{Framing, RecvBuffer, SendBuffer};
use xmpp_core::{Error, Phase, ServerConfig};

/// A pair below which TLS is up already, as `wss` has it.
fn pair() -> (ClientEnd, ServerEnd) {
    let mut client = ClientEnd::framed(client_config(), Framing::WebSocket);
    let mut server = ServerEnd::framed(ServerConfig::default(), Framing::WebSocket);
    assert!(client.tx.is_empty(), "nothing before TLS");
    let (rx, tx) = (&mut client.rx, &mut client.tx);
    client.connection.tls_established(T0, facts(), rx, tx).unwrap();
    let (rx, tx) = (&mut server.rx, &mut server.tx);
    server.connection.tls_established(T0, facts(), rx, tx).unwrap();
    (client, server)
}

fn next(tx: &mut SendBuffer) -> Option<String> {
    let message = String::from_utf8(tx.frame()?.to_vec()).unwrap();
    tx.frame_sent();
    Some(message)
}

/// A message arrives, in pieces of that size.
fn give(rx: &mut RecvBuffer, message: &str, chunk: usize, mut poll: impl FnMut(&mut RecvBuffer)) {
    for piece in message.as_bytes().chunks(chunk) {
        assert_eq!(rx.push(piece), piece.len());
        poll(rx);
    }
    rx.end_of_message();
}

fn drive(client: &mut ClientEnd, server: &mut ServerEnd, chunk: usize, log: &mut Vec<String>) {
    loop {
        let (to_server, to_client) = (next(&mut client.tx), next(&mut server.tx));
        if to_server.is_none() && to_client.is_none() {
            return;
        }
        if let Some(message) = to_server {
            give(&mut server.rx, &message, chunk, |_| {});
            server.poll().unwrap();
            log.push(format!("C: {message}"));
        }
        if let Some(message) = to_client {
            give(&mut client.rx, &message, chunk, |_| {});
            client.poll().unwrap();
            log.push(format!("S: {message}"));
        }
    }
}

/// A whole session with an echo.
fn session(chunk: usize) -> (Vec<String>, Vec<String>, Vec<String>) {
    let (mut client, mut server) = pair();
    let mut log = Vec::new();
    drive(&mut client, &mut server, chunk, &mut log);
    assert_eq!(client.connection.phase(), Phase::Established);
    let message = Message::builder(MessageType::Chat)
        .with_to(Jid::new("echo@example.com").unwrap())
        .with_body("But soft! \u{1F319} <3");
    client.connection.send(&message, &mut client.tx).unwrap();
    // The server passes it back as it came.
    let sent = next(&mut client.tx).unwrap();
    give(&mut server.rx, &sent, chunk, |_| {});
    let element = {
        let event =
            server.connection.poll_event(T0, &mut server.rx, &mut server.tx).unwrap().unwrap();
        let xmpp_core::Event::Stanza(stanza) = event else { panic!("{event:?}") };
        stanza.into_element()
    };
    let back = [("from", Some("echo@example.com")), ("to", Some("juliet@example.com/balcony"))];
    server.connection.forward(element.as_ref(), &back, &mut server.tx).unwrap();
    drive(&mut client, &mut server, chunk, &mut log);
    client.close(None);
    drive(&mut client, &mut server, chunk, &mut log);
    (log, client.log, server.log)
}

#[test]
fn a_session_has_one_element_a_message() {
    // 7395-3.1-04, 7395-3.3.2-01, 7395-3.3.3-02, 7395-3.3.3-05, 7395-3.4-01, 7395-3.4-02,
    // 7395-3.7-01
    let (log, client, server) = session(usize::MAX);
    for message in &log {
        let xml = &message[3..];
        assert!(xml.starts_with('<') && xml.ends_with('>'), "no white space: {message}");
        assert!(!xml.starts_with("<?"), "no XML declaration: {message}");
        let element = xmpp_core::xml::Element::parse(xml).expect("a document of its own");
        let known = match element.name() {
            "open" | "close" => "urn:ietf:params:xml:ns:xmpp-framing",
            "features" => "http://etherx.jabber.org/streams",
            "message" | "iq" => "jabber:client",
            _ => "urn:ietf:params:xml:ns:xmpp-sasl",
        };
        assert_eq!(element.ns(), known, "{message}");
        // RFC 7395 section 3.10: TLS is the WebSocket's.
        assert!(!xml.contains("starttls"), "{message}");
    }
    assert!(log[0].starts_with("C: <open ") && log[1].starts_with("S: <open "), "{log:#?}");
    // With the attributes of RFC 6120 section 4.7.
    for (open, address) in [(&log[0], " to='example.com'"), (&log[1], " from='example.com'")] {
        assert!(open.contains(address) && open.contains(" version='1.0'"), "{open}");
    }
    assert!(log[1].contains(" id='") && log[1].contains(" xml:lang='"), "{}", log[1]);
    let opens = log.iter().filter(|message| message.contains("<open ")).count();
    assert_eq!(opens, 4, "one each way for each stream");
    assert!(log[log.len() - 2].contains("<close ") && log[log.len() - 1].contains("<close "));
    assert!(client.iter().any(|event| event.contains("But soft! \u{1F319} &lt;3")), "{client:#?}");
    assert_eq!(client.last().unwrap(), "Closed { error: None }");
    assert_eq!(server.last().unwrap(), "Closed { error: None }");
}

#[test]
fn every_cut_of_every_message_gives_the_same_events() {
    let whole = session(usize::MAX);
    for chunk in 1..80 {
        assert_eq!(session(chunk), whole, "{chunk}");
    }
}

#[test]
fn two_elements_in_a_message_are_refused() {
    // 7395-3.5-02
    let (mut client, mut server) = pair();
    let open = next(&mut client.tx).unwrap();
    for message in [format!("{open}{open}"), format!(" {open}"), " ".into(), String::new()] {
        let (_, mut server) = pair();
        give(&mut server.rx, &message, usize::MAX, |_| {});
        let told = server.poll();
        assert!(matches!(told, Err(Error::Xml(_))), "{message}: {told:?}");
        let sent: Vec<String> = core::iter::from_fn(|| next(&mut server.tx)).collect();
        assert!(sent[0].starts_with("<open "), "{sent:#?}");
        assert!(sent[sent.len() - 2].starts_with("<stream:error "), "{sent:#?}");
        assert!(sent[sent.len() - 1].starts_with("<close "), "{sent:#?}");
    }
    give(&mut server.rx, &open, usize::MAX, |_| {});
    server.poll().unwrap();
}

#[test]
fn starttls_is_ignored_on_a_websocket() {
    // 7395-3.9-03
    let (mut client, _) = pair();
    next(&mut client.tx).unwrap();
    for message in [
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='example.com' id='1' \
         version='1.0' xml:lang='en'/>",
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
         <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>\
         <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
         <mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>",
    ] {
        give(&mut client.rx, message, usize::MAX, |_| {});
        client.poll().unwrap();
    }
    let sent: Vec<String> = core::iter::from_fn(|| next(&mut client.tx)).collect();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].starts_with("<auth "), "{sent:?}");
}

#[test]
fn no_white_space_keeps_a_websocket_alive() {
    // 7395-3.8-01
    // RFC 7395 section 3.8: pings are the WebSocket's or XEP-0199's.
    let (mut client, mut server) = pair();
    drive(&mut client, &mut server, usize::MAX, &mut Vec::new());
    let deadline = client.connection.poll_timeout().unwrap();
    client.wait_until(deadline.at).unwrap();
    assert!(client.tx.is_empty());
    assert!(client.connection.poll_timeout().unwrap().at > deadline.at);
}

#[test]
fn a_websocket_in_the_clear_takes_one_word() {
    let mut config = client_config();
    config.tls = TlsMode::DangerousPlaintext;
    let mut client = ClientEnd::framed(config, Framing::WebSocket);
    let mut config = ServerConfig::default();
    config.tls = TlsMode::DangerousPlaintext;
    let mut server = ServerEnd::framed(config, Framing::WebSocket);
    drive(&mut client, &mut server, usize::MAX, &mut Vec::new());
    assert_eq!(client.connection.phase(), Phase::Established);
}
