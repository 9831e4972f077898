//! `xmpp send`, `ping` and `listen` against servers that do what they must not, and
//! some that do what they may.

mod common;

use core::time::Duration;
use std::time::Instant;

use common::server::{Scripted, Then, attribute, result};
use common::{json, status, stderr, stdout, xmpp};

fn run(server: &Scripted, command: &str, more: &[&str]) -> std::process::Output {
    let login = server.login();
    let mut arguments = vec![command];
    arguments.extend(login.iter().map(String::as_str));
    arguments.extend(more);
    xmpp(&arguments, "")
}

fn send(server: &Scripted, more: &[&str]) -> std::process::Output {
    let mut arguments = vec!["--to", "bob@x.test", "Hello"];
    arguments.extend(more);
    run(server, "send", &arguments)
}

/// A server in order: it answers requests.
fn orderly(source: &str, say: &mut Vec<String>) -> Then {
    if source.starts_with("<iq") {
        say.push(result(source));
    }
    Then::GoOn
}

#[test]
fn what_the_server_has_taken_is_sent() {
    let server = Scripted::start(orderly);
    let output = send(&server, &["--json"]);
    assert_eq!(status(&output), 0, "{output:?}");
    let told = json(&output);
    assert_eq!((&told["ok"], &told["to"]), (&true.into(), &"bob@x.test".into()));
    let received = server.received();
    assert!(received[0].contains("<body>Hello</body>"), "{received:?}");
}

/// RFC 6120 section 8.3: an error that comes back is for whoever sent the stanza.
#[test]
fn an_error_that_comes_back_is_no_success() {
    let bounce = |source: &str, say: &mut Vec<String>| {
        if source.starts_with("<message") {
            let id = attribute(source, "id");
            say.push(format!(
                "<message type='error' id='{id}' from='bob@x.test'><error type='cancel'>\
                 <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
            ));
            return Then::GoOn;
        }
        orderly(source, say)
    };
    let output = send(&Scripted::start(bounce), &["--json"]);
    assert_eq!(status(&output), 1);
    assert_eq!(
        (&json(&output)["ok"], &json(&output)["error"]),
        (&false.into(), &"item-not-found".into())
    );

    let output = send(&Scripted::start(bounce), &[]);
    assert_eq!((status(&output), stdout(&output)), (1, ""));
    assert!(stderr(&output).contains("bob@x.test does not get it"), "{output:?}");
    assert_eq!(stderr(&output).lines().count(), 1, "{output:?}");

    // The answer to somebody else's message is none to ours, and an error without
    // <error/> is one as well.
    let stranger = |source: &str, say: &mut Vec<String>| {
        if source.starts_with("<message") {
            say.push("<message type='error' id='other' from='bob@x.test'/>".into());
        }
        orderly(source, say)
    };
    assert_eq!(status(&send(&Scripted::start(stranger), &[])), 0);
    let bare = |source: &str, say: &mut Vec<String>| {
        if source.starts_with("<message") {
            let id = attribute(source, "id");
            say.push(format!("<message type='error' id='{id}' from='bob@x.test'/>"));
        }
        orderly(source, say)
    };
    assert_eq!(status(&send(&Scripted::start(bare), &[])), 1);
}

/// The error comes between our closing tag and the server's: the last chance
/// (RFC 6120 section 4.4).
#[test]
fn an_error_during_the_closing_handshake_is_told() {
    let mut id = String::new();
    let late = move |source: &str, say: &mut Vec<String>| {
        if source.starts_with("<message") {
            id = attribute(source, "id").to_owned();
        } else if source.starts_with("<iq") {
            // The client closes as soon as it has the result.
            say.push(result(source));
            say.push(format!("<message type='error' id='{id}' from='bob@x.test'/>"));
        }
        Then::GoOn
    };
    assert_eq!(status(&send(&Scripted::start(late), &[])), 1);
}

#[test]
fn a_close_that_is_not_answered_is_no_success() {
    for then in [Then::Fall, Then::Hang] {
        let server = Scripted::start(move |source, say| {
            orderly(source, say);
            if source.starts_with("<iq") { then } else { Then::GoOn }
        });
        let output = send(&server, &["--json"]);
        assert_eq!(status(&output), 1, "{then:?} {output:?}");
        assert_eq!(json(&output)["ok"], false, "{then:?}");
    }
}

#[test]
fn a_pong_is_a_success() {
    let server = Scripted::start(orderly);
    let output = run(&server, "ping", &["--json"]);
    assert_eq!(status(&output), 0, "{output:?}");
    let told = json(&output);
    assert_eq!(
        (&told["ok"], &told["to"], &told["error"]),
        (&true.into(), &"x.test".into(), &().into())
    );
    assert!(told["ms"].is_number() && told["tls"] == "TLSv1.3");
}

/// An error, with and without `<error/>`, is a negative verdict.
#[test]
fn an_error_is_no_pong() {
    for (error, condition) in [
        ("", "undefined-condition"),
        (
            "<error type='cancel'>\
             <remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
            "remote-server-not-found",
        ),
    ] {
        let server = Scripted::start(move |source, say| {
            if source.starts_with("<iq") {
                let id = attribute(source, "id");
                say.push(format!("<iq type='error' id='{id}' from='x.test'>{error}</iq>"));
            }
            Then::GoOn
        });
        let output = run(&server, "ping", &["--json"]);
        assert_eq!(status(&output), 1, "{output:?}");
        assert_eq!(
            (&json(&output)["ok"], &json(&output)["error"]),
            (&false.into(), &condition.into())
        );
    }
}

/// RFC 6120 section 8.2.3: an entity that receives a request MUST answer it.
#[test]
fn requests_that_come_meanwhile_are_answered() {
    let mut asked = None;
    let server = Scripted::start(move |source, say| {
        if source.contains("urn:xmpp:ping") && asked.is_none() {
            asked = Some(source.to_owned());
            for (id, stanza_type, payload) in [
                ("q1", "get", "<query xmlns='jabber:iq:version'/>"),
                ("q2", "set", "<x xmlns='urn:example:x'/>"),
                ("q3", "get", "<ping xmlns='urn:xmpp:ping'/>"),
                ("q4", "fetch", "<x xmlns='urn:example:x'/>"),
            ] {
                say.push(format!(
                    "<iq type='{stanza_type}' id='{id}' from='x.test'>{payload}</iq>"
                ));
            }
        } else if source.contains("id='q4'") {
            say.push(result(asked.as_deref().unwrap()));
        }
        Then::GoOn
    });
    let output = run(&server, "ping", &[]);
    assert_eq!(status(&output), 0, "{output:?}");
    let received = server.received();
    let answer = |id: &str| {
        let id = format!("id='{id}'");
        received
            .iter()
            .find(|source| source.contains(&id))
            .unwrap_or_else(|| panic!("{id} {received:?}"))
    };
    assert!(answer("q1").contains("service-unavailable") && answer("q1").contains("type='error'"));
    assert!(answer("q2").contains("service-unavailable"));
    assert!(answer("q3").contains("type='result'"));
    assert!(answer("q4").contains("bad-request"));
}

#[test]
fn a_flood_does_not_put_off_the_timeout() {
    for flood in
        ["<presence from='x.test'/>", "<iq type='get' id='f' from='x.test'><a xmlns='b'/></iq>"]
    {
        let server = Scripted::start(move |source, _| {
            if source.starts_with("<iq") { Then::Flood(flood) } else { Then::GoOn }
        });
        let began = Instant::now();
        let output = run(&server, "ping", &["--timeout", "2", "--json"]);
        let took = began.elapsed();
        assert_eq!(status(&output), 1, "{output:?}");
        assert_eq!(json(&output)["error"], "timeout");
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
}

/// XML allows U+009B, which some terminals obey as they do ESC `[`, and U+202E, which
/// turns what follows around.
#[test]
fn text_of_the_peer_is_escaped_and_bounded() {
    let hostile = |source: &str, say: &mut Vec<String>| {
        if source.starts_with("<iq") {
            let (id, long) = (attribute(source, "id"), "x".repeat(100_000));
            say.push(format!(
                "<iq type='error' id='{id}' from='x.test'><error type='cancel'>\
                 <gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
                 <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>\u{9b}2J\u{202e}&#10;{long}</text>\
                 </error></iq>"
            ));
        }
        Then::GoOn
    };
    for json in [false, true] {
        let more: &[&str] = if json { &["--json"] } else { &[] };
        let output = run(&Scripted::start(hostile), "ping", more);
        assert_eq!(status(&output), 1);
        let text = if json { stdout(&output) } else { stderr(&output) };
        assert!(text.contains("gone"), "{text}");
        assert!(!text.trim_end().contains(|c: char| c.is_control() || c == '\u{202e}'), "{text:?}");
        assert!(text.len() < 4096, "{}", text.len());
    }
}

/// 6121-4.5.1-01: who became available becomes unavailable before the stream is closed.
#[test]
fn listen_ends_by_becoming_unavailable() {
    let hello = |source: &str, say: &mut Vec<String>| {
        if source.is_empty() {
            say.push("<message from='bob@x.test/y'><body>Hi</body></message>".into());
        }
        Then::GoOn
    };
    for (more, sent) in [
        (&[][..], &["<presence/>", "<presence type='unavailable'/>"][..]),
        (&["--unavailable"], &[]),
    ] {
        let server = Scripted::start(hello);
        let output = run(&server, "listen", &[&["--count", "1"], more].concat());
        assert_eq!(status(&output), 0, "{output:?}");
        assert_eq!(server.received(), sent);
    }
}

#[test]
fn listen_shows_what_arrives() {
    let act = |source: &str, say: &mut Vec<String>| {
        if source.starts_with("<presence") {
            say.push(
                "<message from='bob@x.test/y' type='chat'><body>Hi \u{9b}31m</body></message>"
                    .into(),
            );
            say.push(
                "<iq type='get' id='q' from='bob@x.test/y'><ping xmlns='urn:xmpp:ping'/></iq>"
                    .into(),
            );
        }
        Then::GoOn
    };
    let server = Scripted::start(act);
    let output = run(&server, "listen", &["--count", "2", "--json"]);
    assert_eq!(status(&output), 0, "{output:?}");
    let lines: Vec<serde_json::Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["jid"], "alice@x.test/r");
    // The keys are those of `xmpp stanza`.
    assert_eq!((&lines[1]["kind"], &lines[1]["from"]), (&"message".into(), &"bob@x.test/y".into()));
    assert_eq!(lines[1]["bodies"][0]["text"], "Hi \u{9b}31m");
    assert_eq!(lines[2]["kind"], "iq");
    assert!(!stdout(&output).contains('\u{9b}'));
    assert!(
        server
            .received()
            .iter()
            .any(|source| source.contains("id='q'") && source.contains("result"))
    );

    let output = run(&Scripted::start(act), "listen", &["--count", "1"]);
    assert_eq!(status(&output), 0, "{output:?}");
    assert_eq!(
        stdout(&output).lines().last(),
        Some("message (chat) from bob@x.test/y: Hi \\u{9b}31m")
    );
}
