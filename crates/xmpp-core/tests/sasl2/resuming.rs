//! Stream management inline: XEP-0198 section 9.

use std::sync::Arc;

use xmpp_core::stanza::{Message, MessageBuilder, MessageType};
use xmpp_core::stream_management::{Resumption, StreamManagement};
use xmpp_core::xml::{Framing, SendBuffer};
use xmpp_core::{ClientConfig, Connection, Error, HostConfig, Phase};

use crate::common::{Pair, T0};
use crate::setting::{carry, client, count, host, pair};

/// A host that manages streams.
pub(crate) fn managed_host() -> HostConfig {
    let mut host = host();
    host.stream_management = Some(StreamManagement::of_server());
    host
}

/// The connection breaks; what either side goes on from.
pub(crate) fn lose(pair: &mut Pair) -> (Resumption, Resumption) {
    assert_eq!(pair.client.eof(), Err(Error::UncleanEof));
    assert_eq!(pair.server.eof(), Err(Error::UncleanEof));
    let from = pair.client.connection.take_resumption().expect("it can be resumed");
    (from, pair.server.connection.take_resumption().expect("it can be resumed"))
}

/// A client that goes on.
pub(crate) fn resuming_pair(config: ClientConfig, host: HostConfig, from: Resumption) -> Pair {
    let mut pair = pair(config.clone(), host);
    let mut tx = SendBuffer::new(Framing::Stream);
    let connection = Connection::resume(Arc::new(config), from, T0, [5; 32], &mut tx).unwrap();
    (pair.client.connection, pair.client.tx) = (connection, tx);
    pair
}

fn place(log: &[String], what: &str) -> usize {
    log.iter()
        .position(|event| event.starts_with(what))
        .unwrap_or_else(|| panic!("{what}: {log:#?}"))
}

fn message(body: &str) -> MessageBuilder {
    Message::builder(MessageType::Chat).with_body(body)
}

#[test]
fn a_stream_is_managed_from_its_success_on() {
    let mut pair = pair(client(), managed_host());
    let sent = carry(&mut pair).0.concat();
    // Section 9: in the features of SASL2, and of Bind 2.
    assert!(
        sent.contains(
            "<inline><sm xmlns='urn:xmpp:sm:3'/><bind xmlns='urn:xmpp:bind:0'><inline>\
         <feature var='urn:xmpp:sm:3'/></inline></bind>"
        ),
        "{sent}"
    );
    // Section 9.1.
    assert!(
        sent.contains("<tag>Balcony</tag><enable xmlns='urn:xmpp:sm:3' resume='true'"),
        "{sent}"
    );
    assert!(
        sent.contains("<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3'"),
        "{sent}"
    );
    assert_eq!(count(&sent, "<enable "), 1, "once is enough: {sent}");
    assert_eq!(count(&sent, "<sm xmlns='urn:xmpp:sm:3'/>"), 1, "{sent}");
    for log in [&pair.client.log, &pair.server.log] {
        place(log, "StreamManagementEnabled { resumable: true }");
        place(log, "Established");
    }
    // Both count from there on.
    let (client, server) = (&mut pair.client, &mut pair.server);
    client.connection.send(&message("a"), &mut client.tx).unwrap();
    server.connection.send(&message("b"), &mut server.tx).unwrap();
    pair.drive().unwrap();
    let counts =
        |counters: xmpp_core::Counters<'_>| (counters.is_resumable(), counters.handled().get());
    assert_eq!(counts(pair.client.connection.stream_management().unwrap()), (true, 1));
    assert_eq!(counts(pair.server.connection.stream_management().unwrap()), (true, 1));
}

#[test]
fn an_earlier_stream_goes_on_with_success() {
    let mut lost = pair(client(), managed_host());
    carry(&mut lost);
    let jid = lost.client.connection.bound().cloned().unwrap();
    // One each way that never arrives.
    let (client_end, server_end) = (&mut lost.client, &mut lost.server);
    client_end.connection.send(&message("from the client"), &mut client_end.tx).unwrap();
    server_end.connection.send(&message("from the server"), &mut server_end.tx).unwrap();
    let (from, kept) = lose(&mut lost);
    let mut again = resuming_pair(client(), managed_host(), from);
    again.server.kept = Some(kept);
    let sent = carry(&mut again).0;
    let all = sent.concat();
    // Section 9.2: "it simply includes the <resume/> element", beside the wish to bind.
    let authenticate =
        &all[all.find("<authenticate").unwrap()..all.find("</authenticate>").unwrap()];
    let resume = authenticate.find("<resume xmlns='urn:xmpp:sm:3'").unwrap();
    assert!(resume < authenticate.find("<bind ").unwrap(), "{authenticate}");
    // "MUST entirely ignore the <bind/> request"; "stream features MUST NOT be sent".
    let success = &all[all.find("<success").unwrap()..];
    assert!(success.contains(
        "<authorization-identifier>juliet@example.com/Balcony/made-up</authorization-identifier>\
         <resumed xmlns='urn:xmpp:sm:3'"
    ), "{success}");
    assert_eq!(count(success, "<bound"), 0);
    assert_eq!(count(success, "<stream:features"), 0);
    assert!(!again.server.log.iter().any(|event| event.starts_with("BindWanted")));
    for end in [&again.client.log, &again.server.log] {
        let established = &end[place(end, "Established")];
        assert!(established.contains("resumed: true"), "{established}");
        assert!(place(end, "Authenticated") < place(end, "Established"));
    }
    // Prosody's mod_sasl2 sends features all the same: once, and they are of no account.
    again.client.receive(b"<stream:features><x xmlns='urn:x'/></stream:features>").unwrap();
    assert_eq!(again.client.connection.phase(), Phase::Established);
    assert_eq!(again.client.connection.bound(), Some(&jid));
    assert_eq!(again.server.connection.bound(), Some(&jid));
    // Nothing is lost.
    assert!(again.server.log.iter().any(|event| event.contains("from the client")));
    assert!(again.client.log.iter().any(|event| event.contains("from the server")));
    again.client.receive(b"<stream:features/>").unwrap_err();
}

#[test]
fn a_stream_that_is_gone_gives_way_to_a_new_one() {
    let mut lost = pair(client(), managed_host());
    carry(&mut lost);
    let end = &mut lost.client;
    end.connection.send(&message("first"), &mut end.tx).unwrap();
    end.connection.send(&message("second"), &mut end.tx).unwrap();
    let (from, _) = lose(&mut lost);
    let mut again = resuming_pair(client(), managed_host(), from);
    let all = carry(&mut again).0.concat();
    // Section 9.2.1: "MUST include the <failed/> element […] but also MUST continue to
    // process the <bind/>".
    let success = &all[all.find("<success").unwrap()..];
    assert!(
        success.contains("</authorization-identifier><failed xmlns='urn:xmpp:sm:3' h='1'>"),
        "{success}"
    );
    assert!(success.contains("<bound xmlns='urn:xmpp:bind:0'><enabled "), "{success}");
    assert!(success.contains("</success><stream:features>"), "{success}");
    let log = &again.client.log;
    assert!(place(log, "ResumptionFailed") < place(log, "Established"));
    assert!(log[place(log, "Established")].contains("resumed: false"));
    // What the server has handled (its `h`) is not handed back.
    let left = again.client.connection.take_unacknowledged();
    assert_eq!(left.iter().count(), 1);
    assert!(again.server.connection.stream_management().is_some());
}

#[test]
fn one_part_without_the_other() {
    // A resource by name: resumed inline, and bound as RFC 6120 has it if not.
    let mut by_name = client();
    by_name.resource = Some(xmpp_core::jid::Resourcepart::new("tomb").unwrap());
    let mut lost = pair(by_name.clone(), managed_host());
    let sent = carry(&mut lost).0.concat();
    assert!(sent.contains("<enable xmlns='urn:xmpp:sm:3'"), "after the binding: {sent}");
    let end = &mut lost.client;
    end.connection.send(&message("first"), &mut end.tx).unwrap();
    let (from, kept) = lose(&mut lost);
    for kept in [Some(kept), None] {
        let mut again = resuming_pair(by_name.clone(), managed_host(), from.clone());
        let resumes = kept.is_some();
        again.server.kept = kept;
        let sent = carry(&mut again).0.concat();
        assert_eq!(count(&sent, "<resume "), 1, "{sent}");
        let binds = count(&sent, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>");
        assert_eq!(binds, usize::from(!resumes), "{sent}");
        assert_eq!(again.client.connection.phase(), Phase::Established);
        assert_eq!(again.client.connection.bound(), again.server.connection.bound());
    }
    // A server whose other profile alone resumes: nothing is bound before.
    let mut without = managed_host();
    without.sasl2.enabled = false;
    let mut again = resuming_pair(by_name, without, from.clone());
    let sent = carry(&mut again).0.concat();
    assert_eq!(count(&sent, "<resume "), 1);
    assert_eq!(again.client.connection.phase(), Phase::Established);
    // One that does not manage streams at all any more.
    let mut again = resuming_pair(client(), host(), from);
    let sent = carry(&mut again).0.concat();
    assert_eq!(count(&sent, "<resume "), 0, "{sent}");
    let log = &again.client.log;
    assert!(place(log, "ResumptionFailed { failed: None }") < place(log, "Established"));
}

#[test]
fn a_wish_that_cannot_be_read_is_no_harm() {
    use xmpp_core::sasl::Mechanism;
    let mut host = managed_host();
    host.policy = host.policy.allow(Mechanism::Plain);
    let mut server = crate::setting::waiting_server(host);
    server.sent();
    let ask = |previd: &str| {
        format!(
            "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'>\
             <initial-response>AGp1bGlldAByMG0zMA==</initial-response>\
             <resume xmlns='urn:xmpp:sm:3' {previd}/><bind xmlns='urn:xmpp:bind:0'/></authenticate>"
        )
    };
    // Malformed, or unknown: authenticated and bound all the same.
    server.receive(ask("h='x'").as_bytes()).unwrap();
    let sent = server.sent();
    assert!(sent.contains("<failed xmlns='urn:xmpp:sm:3'><bad-request"), "{sent}");
    assert!(sent.contains("<bound "), "{sent}");
}
