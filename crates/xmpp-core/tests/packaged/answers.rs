//! Queries are answered by the endpoint or, while one looks, by what comes with the
//! event: the peer gets the same, and a query is answered once.

use std::sync::Arc;

use xmpp_core::jid::{Domainpart, FullJid};
use xmpp_core::sasl::Secret;
use xmpp_core::stanza::{StanzaCondition, StanzaError, StreamCondition, StreamError};
use xmpp_core::{
    Component, ComponentConfig, ComponentServer, ComponentServerConfig, ComponentServerEvent,
    Error, Event, Misuse, Server, ServerEvent,
};

use crate::common::tls::{self, State, feed, turn};
use crate::common::{T0, host_config};
use crate::plain::{Ends, managing_host};

/// A client and a server of whose events `look` takes some, both in the same way, either
/// with the endpoint or with an answer to the event.
fn settle(
    in_the_loop: bool,
    mut look: impl FnMut(&mut Server, bool, ServerEvent) -> Option<ServerEvent>,
) -> (Ends, [State; 2]) {
    let mut ends = Ends::new();
    let states = ends.settle(|server, event| match event {
        Event::Role(event) => {
            if let Some(event) = look(server, in_the_loop, event) {
                tls::answer(server, Event::Role(event));
            }
        }
        event => tls::answer(server, event),
    });
    (ends, states)
}

#[test]
fn a_host_can_be_refused() {
    for in_the_loop in [false, true] {
        let unknown = StreamError::new(StreamCondition::HostUnknown);
        let (ends, [client, server]) = settle(in_the_loop, |server, in_the_loop, event| {
            let ServerEvent::HostWanted(query) = event else { return Some(event) };
            let refused = if in_the_loop {
                server.answer(T0).refuse_host(query, unknown.clone())
            } else {
                server.refuse_host(query, unknown.clone())
            };
            refused.unwrap();
            None
        });
        assert_eq!(client, State::Failed(Error::StreamError(unknown.clone())));
        assert_eq!(server, State::Failed(Error::Closed(unknown)));
        assert_eq!(ends.server.account(), None);
    }
}

#[test]
fn a_resource_can_be_refused() {
    // Section 7.7.2.1: the client is told why.
    for in_the_loop in [false, true] {
        let (ends, [client, _]) = settle(in_the_loop, |server, in_the_loop, event| {
            let ServerEvent::BindWanted(query) = event else { return Some(event) };
            assert!(server.account().is_some(), "it has authenticated");
            let error = StanzaError::new(StanzaCondition::ResourceConstraint);
            let refused = if in_the_loop {
                server.answer(T0).refuse_bind(query, error)
            } else {
                server.refuse_bind(query, error)
            };
            refused.unwrap();
            None
        });
        let State::Failed(Error::BindRefused(error)) = client else { panic!("{client:?}") };
        assert_eq!(error.condition, StanzaCondition::ResourceConstraint);
        assert_eq!((ends.client.bound(), ends.server.bound()), (None, None));
    }
}

#[test]
fn a_resource_is_bound_by_either() {
    for in_the_loop in [false, true] {
        let (ends, states) = settle(in_the_loop, |server, in_the_loop, event| match event {
            ServerEvent::HostWanted(query) if in_the_loop => {
                server.answer(T0).choose_host(query, Arc::new(host_config())).unwrap();
                None
            }
            ServerEvent::CredentialsWanted(query) if in_the_loop => {
                let found = crate::common::answer(query.query());
                server.answer(T0).provide_credentials(query, found).unwrap();
                None
            }
            ServerEvent::BindWanted(query) => {
                let jid = FullJid::new("juliet@example.com/orchard").unwrap();
                if in_the_loop {
                    server.answer(T0).bind_with(query, jid, &[]).unwrap();
                } else {
                    server.bind_with(query, jid, &[]).unwrap();
                }
                None
            }
            event => Some(event),
        });
        assert_eq!(states, [State::Waits, State::Waits]);
        for bound in [ends.client.bound(), ends.server.bound()] {
            assert_eq!(bound.unwrap().as_str(), "juliet@example.com/orchard");
        }
        assert_eq!(ends.server.account().unwrap().as_str(), "juliet@example.com");
    }
}

#[test]
fn somebody_elses_address_is_not_bound() {
    let mut misuses = Vec::new();
    settle(false, |server, _, event| {
        let ServerEvent::BindWanted(query) = event else { return Some(event) };
        let jid = FullJid::new("romeo@example.net/orchard").unwrap();
        misuses.push(server.bind(query, jid));
        None
    });
    assert_eq!(misuses, [Err(Misuse::WrongAccount)]);
}

/// A server that keeps the stream of a lost connection, or has forgotten it.
fn resuming(in_the_loop: bool, keeps: bool) -> (Ends, xmpp_core::stream_management::Resumption) {
    use xmpp_core::{Client, ServerConfig};

    let mut lost = Ends::established();
    // The client has handled one of the server's, the server none of the client's.
    lost.server.send_serialized(b"<message id='0'/>").unwrap();
    let sent = lost.server_sends();
    lost.give_client(&sent);
    lost.client.send_serialized(b"<message id='1'/>").unwrap();
    lost.client_sends();
    lost.client.handle_eof();
    lost.server.handle_eof();
    lost.client_sends();
    lost.server_sends();
    let kept = lost.server.take_resumption().unwrap();
    let from = lost.client.take_resumption().unwrap();
    let config = Arc::new(crate::common::client_config());
    let again = from.clone();
    let client = Client::resume_dangerous_plaintext(config, again, T0, [3; 32]).unwrap();
    let server = Arc::new(ServerConfig::default());
    let server = Server::accept_dangerous_plaintext(server, T0, [4; 32]);
    let mut ends = Ends { client, server, logs: Default::default() };
    let host = managing_host();
    let mut kept = keeps.then_some(kept);
    ends.settle(|server, event| match event {
        Event::Role(ServerEvent::HostWanted(query)) => {
            server.choose_host(query, Arc::clone(&host)).unwrap();
        }
        Event::Role(ServerEvent::ResumeWanted(query)) => {
            assert_eq!((query.h(), query.id()), (1, from.id()));
            assert_eq!(query.account(), &from.jid().to_bare());
            let answered = match (kept.take(), in_the_loop) {
                (Some(kept), false) => server.accept_resumption(query, kept),
                (Some(kept), true) => server.answer(T0).accept_resumption(query, kept),
                (None, false) => server.refuse_resumption(query, Some(0)),
                (None, true) => server.answer(T0).refuse_resumption(query, Some(0)),
            };
            answered.unwrap();
        }
        event => tls::answer(server, event),
    });
    (ends, from)
}

#[test]
fn a_resumption_is_accepted_or_refused_by_either() {
    for in_the_loop in [false, true] {
        let (ends, from) = resuming(in_the_loop, true);
        let resumed = |event: &String| event.contains("resumed: true");
        for log in &ends.logs {
            assert_eq!(log.iter().filter(|event| resumed(event)).count(), 1, "{log:#?}");
        }
        // What the server had not got is sent again.
        assert!(ends.logs[1].iter().any(|event| event.contains("<message id='1'/>")));
        assert_eq!(ends.client.bound(), Some(from.jid()));

        let (mut ends, _) = resuming(in_the_loop, false);
        for log in &ends.logs {
            assert!(!log.iter().any(resumed), "{log:#?}");
        }
        assert!(ends.logs[0].iter().any(|event| event.starts_with("ResumptionFailed")));
        assert!(ends.client.bound().is_some(), "bound anew");
        assert_eq!(ends.client.take_unacknowledged().len(), 1, "handed back");
    }
}

#[test]
fn another_accounts_stream_is_not_resumed() {
    let (_, resumption) = resuming(false, true);
    let account = "romeo@example.net".parse().unwrap();
    let mut config = crate::common::client_config();
    config.account = account;
    let config = Arc::new(config);
    let resumed = xmpp_core::Client::resume_dangerous_plaintext(config, resumption, T0, [5; 32]);
    assert_eq!(resumed.err(), Some(Error::WrongResumption));
}

#[test]
fn a_component_is_let_in_or_refused_by_either() {
    for (in_the_loop, refused) in [(false, false), (false, true), (true, false), (true, true)] {
        let domain = Domainpart::new("echo.example.com").unwrap();
        let config = Arc::new(ComponentConfig::new(domain, Secret::from("secret")));
        let mut component = Component::connect_component(config, T0, [1; 32]);
        let config = Arc::new(ComponentServerConfig::default());
        let mut server = ComponentServer::accept_component(config, T0, [2; 32]);
        let mut logs = [Vec::new(), Vec::new()];
        let conflict = StreamError::new(StreamCondition::Conflict);
        let states = loop {
            let (there, client) = turn(&mut component, T0, &mut logs[0], |_, _| {});
            feed(&mut server, &mut &there[..]);
            let (back, state) = turn(&mut server, T0, &mut logs[1], |server, event| {
                let Event::Role(ComponentServerEvent::ComponentWanted(query)) = event else {
                    return;
                };
                assert_eq!(server.component(), None);
                let (secret, error) = (Secret::from("secret"), conflict.clone());
                let answered = match (in_the_loop, refused) {
                    (false, false) => server.provide_secret(query, secret),
                    (true, false) => server.answer(T0).provide_secret(query, secret),
                    (false, true) => server.refuse_component(query, error),
                    (true, true) => server.answer(T0).refuse_component(query, error),
                };
                answered.unwrap();
            });
            feed(&mut component, &mut &back[..]);
            if there.is_empty() && back.is_empty() {
                break [client, state];
            }
        };
        if refused {
            assert_eq!(states[0], State::Failed(Error::StreamError(conflict)), "{logs:#?}");
            assert_eq!(server.component(), None);
        } else {
            assert_eq!(states, [State::Waits, State::Waits]);
            assert_eq!(server.component().unwrap().as_str(), "echo.example.com");
        }
    }
}
