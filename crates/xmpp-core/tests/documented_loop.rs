//! The loop that the README and the crate's documentation print, word for word,
//! over a socket: what it sees, and what its peer sees.

mod common;

use core::error::Error as StdError;
use core::time::Duration;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use common::{client_config, host_config};
use xmpp_core::jid::FullJid;
use xmpp_core::stanza::sasl::SaslCondition;
use xmpp_core::stanza::{Presence, PresenceType, StreamCondition, StreamError};
use xmpp_core::time::Clock;
use xmpp_core::{Client, ClientConfig, Error, Event, Output, Server, ServerConfig, ServerEvent};

fn run(config: ClientConfig, mut socket: TcpStream) -> Result<(), Box<dyn StdError>> {
    let clock = Clock::start();
    let mut client = Client::connect_dangerous_plaintext(Arc::new(config), clock.now(), [1; 32]);
    // The loop begins here.
    loop {
        match client.poll(clock.now())? {
            Output::Event(Event::Established { jid, .. }) => {
                println!("I am {jid}");
                client.send(&Presence::builder(PresenceType::Available))?;
            }
            Output::Event(Event::Stanza(stanza)) => println!("{}", stanza.element().source()),
            Output::Event(_) => {}
            Output::Transmit(_) => client.write_to(&mut socket)?,
            Output::Wait(deadline) => {
                socket.set_read_timeout(deadline.map(|deadline| deadline.after(clock.now())))?;
                client.read_from(&mut socket)?;
            }
            Output::Shutdown => _ = socket.shutdown(Shutdown::Write),
            Output::Closed => break,
        }
    }
    // And ends here.
    Ok(())
}

/// What the server does once it has seen the client's presence.
#[derive(Clone, Copy)]
enum Then {
    Close,
    Fail,
    /// Drop the connection.
    Vanish,
}

/// The other end, by the same kind of loop; gives its events.
fn serve(mut socket: TcpStream, then: Then) -> (Vec<String>, Result<(), Error>) {
    let clock = Clock::start();
    let config = Arc::new(ServerConfig::default());
    let mut server = Server::accept_dangerous_plaintext(config, clock.now(), [2; 32]);
    let mut log = Vec::new();
    loop {
        match server.poll(clock.now()) {
            Err(error) => return (log, Err(error)),
            Ok(Output::Closed) => return (log, Ok(())),
            Ok(Output::Event(event)) => {
                log.push(common::describe(&event));
                match event {
                    Event::Role(ServerEvent::HostWanted(query)) => {
                        server.choose_host(query, Arc::new(host_config())).unwrap();
                    }
                    Event::Role(ServerEvent::CredentialsWanted(query)) => {
                        let answer = common::answer(query.query());
                        server.provide_credentials(query, answer).unwrap();
                    }
                    Event::Role(ServerEvent::BindWanted(query)) => {
                        let jid = FullJid::new(&format!("{}/x", query.account())).unwrap();
                        server.bind(query, jid).unwrap();
                    }
                    Event::Stanza(_) => match then {
                        Then::Close => server.close(clock.now(), None),
                        Then::Fail => {
                            let reset = StreamError::new(StreamCondition::Reset);
                            server.close(clock.now(), Some(reset));
                        }
                        Then::Vanish => return (log, Ok(())),
                    },
                    _ => {}
                }
            }
            Ok(Output::Transmit(_)) => server.write_to(&mut socket).unwrap(),
            Ok(Output::Shutdown) => socket.shutdown(Shutdown::Write).unwrap(),
            Ok(Output::Wait(deadline)) => {
                let wait = deadline.map_or(Duration::from_secs(10), |at| at.after(clock.now()));
                socket.set_read_timeout(Some(wait)).unwrap();
                server.read_from(&mut socket).unwrap();
            }
        }
    }
}

type Told = (Result<(), Box<dyn StdError>>, (Vec<String>, Result<(), Error>));

fn meet(config: ClientConfig, then: Then) -> Told {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let served = thread::spawn(move || serve(listener.accept().unwrap().0, then));
    let ran = run(config, socket);
    (ran, served.join().unwrap())
}

fn error(ran: Result<(), Box<dyn StdError>>) -> Error {
    *ran.unwrap_err().downcast().unwrap()
}

#[test]
fn a_whole_session_ends_in_order() {
    // 6120-stream-tcp-binding
    let (ran, (log, served)) = meet(client_config(), Then::Close);
    assert!(ran.is_ok(), "{ran:?}");
    assert_eq!(served, Ok(()));
    assert!(log.iter().any(|event| event.starts_with("stanza <presence")), "{log:#?}");
    assert_eq!(log.last().unwrap(), "Closed { error: None }");
}

#[test]
fn the_stream_error_arrives_and_is_answered() {
    let (ran, (_, served)) = meet(client_config(), Then::Fail);
    let reset = StreamError::new(StreamCondition::Reset);
    assert_eq!(error(ran), Error::StreamError(reset.clone()));
    assert_eq!(served, Err(Error::Closed(reset)));
}

#[test]
fn a_wrong_password_is_told_to_both() {
    let mut config = client_config();
    config.credentials = xmpp_core::sasl::client::Credentials::new("juliet").with_password("wrong");
    let (ran, (log, served)) = meet(config, Then::Close);
    let Error::NotAuthenticated(failure) = error(ran) else { panic!() };
    assert_eq!(failure.condition, SaslCondition::NotAuthorized);
    assert_eq!(served, Ok(()), "the client has closed its stream, `?` or not");
    assert!(log.iter().any(|event| event.contains("AuthenticationFailed")), "{log:#?}");
}

#[test]
fn an_end_without_a_closing_tag_is_told() {
    let (ran, _) = meet(client_config(), Then::Vanish);
    let error = ran.unwrap_err();
    // Which of the two it is depends on whether the presence's bytes were read.
    let reset = error.downcast_ref::<std::io::Error>();
    assert!(reset.is_some() || error.downcast_ref() == Some(&Error::UncleanEof), "{error:?}");
}

#[test]
fn the_documents_print_this_loop() {
    let this = include_str!("documented_loop.rs");
    let begin = this.find("    loop {\n        match client.poll").unwrap();
    let end = this.find("    // And ends here.").unwrap();
    let printed: Vec<&str> =
        this[begin..end].lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    let contains = |document: &str, prefix: &str| {
        let text: Vec<&str> = document
            .lines()
            .map(|line| line.strip_prefix(prefix).unwrap_or_else(|| line.trim_end()))
            .collect();
        text.windows(printed.len()).any(|window| window == printed)
    };
    assert!(contains(include_str!("../../../README.md"), ""), "README.md");
    assert!(contains(include_str!("../src/lib.rs"), "//! "), "lib.rs");
}
