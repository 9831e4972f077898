//! Exchanges of SASL2 over WebSocket (RFC 7395), and in the packaged tier.

use std::sync::Arc;

use xmpp_core::config::TlsMode;
use xmpp_core::time::Instant;
use xmpp_core::xml::{Framing, SendBuffer};
use xmpp_core::{Client, Event, Output, Phase, Server, ServerConfig, ServerEvent, TokenAnswer};

use crate::common::{ClientEnd, ServerEnd, T0, answer, facts};
use crate::resuming::managed_host;
use crate::setting::{asking_client, client, host};

fn next(tx: &mut SendBuffer) -> Option<String> {
    let message = String::from_utf8(tx.frame()?.to_vec()).unwrap();
    tx.frame_sent();
    Some(message)
}

#[test]
fn each_element_is_a_message() {
    let mut client = ClientEnd::framed(asking_client(), Framing::WebSocket);
    let mut server = ServerEnd::framed(ServerConfig::default(), Framing::WebSocket);
    server.host = Arc::new(managed_host());
    let (rx, tx) = (&mut client.rx, &mut client.tx);
    client.connection.tls_established(T0, facts(), rx, tx).unwrap();
    let (rx, tx) = (&mut server.rx, &mut server.tx);
    server.connection.tls_established(T0, facts(), rx, tx).unwrap();
    let mut log = Vec::new();
    loop {
        let (to_server, to_client) = (next(&mut client.tx), next(&mut server.tx));
        if to_server.is_none() && to_client.is_none() {
            break;
        }
        if let Some(message) = to_server {
            assert_eq!(server.rx.push(message.as_bytes()), message.len());
            server.rx.end_of_message();
            server.poll().unwrap();
            log.push(format!("C: {message}"));
        }
        if let Some(message) = to_client {
            assert_eq!(client.rx.push(message.as_bytes()), message.len());
            client.rx.end_of_message();
            client.poll().unwrap();
            log.push(format!("S: {message}"));
        }
    }
    assert_eq!(client.connection.phase(), Phase::Established, "{log:#?}");
    assert_eq!(client.connection.bound(), server.connection.bound());
    let begins = |what: &str| log.iter().position(|line| line.starts_with(what)).expect(what);
    // RFC 7395 section 3.3: one message each, <open/> once for each side.
    assert!(begins("C: <authenticate xmlns='urn:xmpp:sasl:2'") < begins("S: <challenge"));
    let success = begins("S: <success xmlns='urn:xmpp:sasl:2'");
    assert!(log[success].ends_with("</success>"), "{}", log[success]);
    // XEP-0388: features follow immediately.
    assert!(log[success + 1].starts_with("S: <stream:features "), "{}", log[success + 1]);
    assert_eq!(log.iter().filter(|line| line.contains("<open ")).count(), 2);
}

/// Bytes of one end go to the other.
fn feed(from: &[u8], to: &mut [u8]) -> usize {
    let n = from.len().min(to.len());
    to[..n].copy_from_slice(&from[..n]);
    n
}

#[test]
fn the_packaged_ends_come_to_terms() {
    let mut config = client();
    config.tls = TlsMode::DangerousPlaintext;
    let now: Instant = T0;
    let mut client = Client::connect_dangerous_plaintext(Arc::new(config), now, [1; 32]);
    let mut server =
        Server::accept_dangerous_plaintext(Arc::new(ServerConfig::default()), now, [2; 32]);
    let host = Arc::new(host());
    let (mut up, mut rounds) = ([false; 2], 0);
    while up != [true; 2] {
        rounds += 1;
        assert!(rounds < 100, "{up:?}");
        match client.poll(now).unwrap() {
            Output::Event(Event::Established { jid, .. }) => {
                assert_eq!(jid.as_str(), "juliet@example.com/Balcony/x");
                up[0] = true;
            }
            Output::Transmit(bytes) => {
                let n = feed(bytes, server.recv_buf().unwrap());
                client.transmitted(n);
                server.handle_read(n);
            }
            _ => {}
        }
        match server.poll(now).unwrap() {
            Output::Event(Event::Role(event)) => match event {
                ServerEvent::HostWanted(query) => {
                    server.choose_host(query, Arc::clone(&host)).unwrap()
                }
                ServerEvent::CredentialsWanted(query) => {
                    let answer = answer(query.query());
                    server.provide_credentials(query, answer).unwrap();
                }
                ServerEvent::TokenWanted(query) => {
                    server.provide_token(query, TokenAnswer::Accept).unwrap();
                }
                ServerEvent::BindWanted(query) => {
                    let resource = query.tagged("x").unwrap();
                    let jid = query.account().with_resourcepart(resource.as_ref());
                    server.bind_with(query, jid, &[]).unwrap();
                }
                _ => {}
            },
            Output::Event(Event::Established { .. }) => up[1] = true,
            Output::Transmit(bytes) => {
                let n = feed(bytes, client.recv_buf().unwrap());
                server.transmitted(n);
                client.handle_read(n);
            }
            _ => {}
        }
    }
}
