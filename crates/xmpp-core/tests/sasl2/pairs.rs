//! Both ends against each other.

use xmpp_core::Phase;
use xmpp_core::stanza::StanzaCondition;

use crate::setting::{carry, client, count, established, host, pair};

#[test]
fn authentication_and_a_resource_in_one_go() {
    // XEP-0388 section 2, XEP-0386 section 3.
    let mut pair = pair(client(), host());
    let (sent, token) = carry(&mut pair);
    assert_eq!(token, None, "none was asked for");
    let features = &sent[sent.len() - 5];
    // "a stream feature of <authentication/>"; "MUST be included in an <inline/>".
    assert!(
        features.contains(
            "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-256-PLUS</mechanism>\
         <mechanism>SCRAM-SHA-256</mechanism><inline><bind xmlns='urn:xmpp:bind:0'/>\
         <fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-EXPR</mechanism>\
         <mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication>"
        ),
        "{features}"
    );
    // XEP-0440, next to it; and RFC 6120's profile beside it.
    assert!(features.contains("<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"), "{features}");
    assert!(features.contains("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"));
    let authenticate = &sent[sent.len() - 4];
    assert!(
        authenticate.starts_with(
            "C: <authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-256-PLUS'>\
         <initial-response>"
        ),
        "{authenticate}"
    );
    assert!(
        authenticate.ends_with(
            "</initial-response><user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'>\
         <software>Balcony</software></user-agent>\
         <bind xmlns='urn:xmpp:bind:0'><tag>Balcony</tag></bind></authenticate>"
        ),
        "{authenticate}"
    );
    assert!(sent[sent.len() - 3].starts_with("S: <challenge xmlns='urn:xmpp:sasl:2'>"));
    assert!(sent[sent.len() - 2].starts_with("C: <response xmlns='urn:xmpp:sasl:2'>"));
    let success = &sent[sent.len() - 1];
    // XEP-0386 section 3.2: the full JID, and <bound/>; 3.2.1: tag, '/', the rest.
    // XEP-0388, "Success": features follow immediately, and no stream restart.
    assert!(
        success.contains(
            "</additional-data><authorization-identifier>juliet@example.com/Balcony/made-up\
         </authorization-identifier><bound xmlns='urn:xmpp:bind:0'/></success><stream:features>"
        ),
        "{success}"
    );
    assert!(!success.contains("xmpp-bind"), "it is bound already: {success}");
    assert_eq!(count(&sent.concat(), "<?xml"), 4, "two streams, before and behind TLS");
    let (client, server) = (&pair.client, &pair.server);
    assert_eq!(client.connection.phase(), Phase::Established);
    assert_eq!(client.connection.bound(), server.connection.bound());
    let events = |log: &[String], names: &[&str]| {
        let places: Vec<_> = names
            .iter()
            .map(|name| log.iter().position(|event| event.contains(name)).expect(name))
            .collect();
        assert!(places.is_sorted(), "{names:?}: {log:#?}");
    };
    events(&client.log, &["SuccessReceived", "Authenticated", "Established"]);
    events(&server.log, &["CredentialsWanted", "Authenticated", "BindWanted", "Established"]);
    // The tokens' mechanisms are not in XEP-0474's hash: the offer is confirmed.
    assert!(client.log.iter().any(|event| event.contains("binding: Some(TlsExporter)")));
}

#[test]
fn the_profile_of_rfc_6120_where_one_side_has_no_other() {
    let mut without = host();
    without.sasl2.enabled = false;
    let mut old = client();
    old.sasl2.enabled = false;
    for (client, host) in [(client(), without), (old, host())] {
        let mut pair = pair(client, host);
        let sent = carry(&mut pair).0.concat();
        assert!(sent.contains("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"), "{sent}");
        assert!(!sent.contains("<authenticate"), "{sent}");
        assert_eq!(count(&sent, "<?xml"), 6);
        assert_eq!(pair.client.connection.phase(), Phase::Established);
    }
}

#[test]
fn a_resource_as_rfc_6120_has_it() {
    // XEP-0388, "Syntactic Equivalence"; Bind 2 has no way to ask for a resource.
    let mut by_name = client();
    by_name.resource = Some(xmpp_core::jid::Resourcepart::new("tomb").unwrap());
    let mut unasked = client();
    unasked.sasl2.bind = None;
    let mut without = host();
    without.sasl2.bind = false;
    let cases =
        [(by_name, host(), "tomb"), (unasked, host(), "made-up"), (client(), without, "made-up")];
    for (client, host, resource) in cases {
        let mut pair = pair(client, host);
        let sent = carry(&mut pair).0.concat();
        // "this is a bare JID, unless resource binding has occurred"
        let identity = "<authorization-identifier>juliet@example.com</authorization-identifier>\
            </success><stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
        assert!(sent.contains(identity), "{sent}");
        let bound = pair.client.connection.bound().unwrap();
        assert_eq!(bound.as_str(), format!("juliet@example.com/{resource}"));
        assert_eq!(Some(bound), pair.server.connection.bound());
    }
}

#[test]
fn a_resource_that_is_refused() {
    // XEP-0386 has no word for it: authenticated and not bound.
    let mut pair = pair(client(), host());
    pair.server.refuses = Some(StanzaCondition::ResourceConstraint);
    let sent = carry(&mut pair).0.concat();
    assert!(sent.contains("example.com</authorization-identifier></success>"), "{sent}");
    assert!(sent.contains("<resource-constraint"), "{sent}");
    let refused = |event: &String| event.contains("BindRefused");
    assert!(pair.client.log.iter().any(refused), "{:#?}", pair.client.log);
}

#[test]
fn features_that_are_enabled_with_the_resource() {
    // XEP-0386 section 3.1: what the server lists, and nothing else.
    let mut config = client();
    let bind = config.sasl2.bind.as_mut().unwrap();
    bind.carbons = true;
    bind.inactive = true;
    let mut host = host();
    host.sasl2.inline = vec!["urn:xmpp:carbons:2".into()];
    let mut pair = pair(config, host);
    let sent = carry(&mut pair).0.concat();
    assert!(sent.contains(
        "<bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:carbons:2'/></inline></bind>"
    ), "{sent}");
    assert!(
        sent.contains(
            "<tag>Balcony</tag><enable xmlns='urn:xmpp:carbons:2'/></bind></authenticate>"
        ),
        "{sent}"
    );
    let wanted = pair.server.log.iter().find(|event| event.contains("BindWanted")).unwrap();
    assert!(wanted.contains("carbons:2"), "{wanted}");
    assert!(!wanted.contains("csi"), "{wanted}");
}

#[test]
fn a_wrong_password_fails_in_either_profile() {
    let wrong = || {
        let credentials = xmpp_core::sasl::client::Credentials::new("juliet");
        let mut config = client();
        config.credentials = credentials.with_password("tybalt");
        config
    };
    let mut old = wrong();
    old.sasl2.enabled = false;
    for config in [wrong(), old] {
        let mut pair = pair(config, host());
        let sent = carry(&mut pair).0.concat();
        assert_eq!(count(&sent, "<not-authorized"), 1, "{sent}");
        // XEP-0388, "Failure": the condition is one of RFC 6120's, in its namespace.
        assert!(
            sent.contains("<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
                || sent.contains(
                    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/>"
                )
        );
        assert!(pair.client.log.iter().any(|event| event.contains("NotAuthenticated")));
        // "MUST NOT process any inline features requested […] in a failed authentication"
        assert!(!pair.server.log.iter().any(|event| event.contains("BindWanted")));
    }
}

/// An unknown account gets the same answers as a wrong password.
#[test]
fn nobody_finds_out_which_accounts_there_are() {
    let answers = |name: &str| {
        let mut config = client();
        config.account = xmpp_core::jid::BareJid::new(&format!("{name}@example.com")).unwrap();
        config.credentials =
            xmpp_core::sasl::client::Credentials::new(name).with_password("tybalt");
        let mut pair = pair(config, host());
        let (sent, _) = carry(&mut pair);
        let kinds =
            sent.iter().map(|line| line.split(['>', ' ']).take(2).collect::<Vec<_>>().join(" "));
        (kinds.collect::<Vec<_>>(), sent.last().unwrap().clone())
    };
    let (juliet, nobody) = (answers("juliet"), answers("nurse"));
    assert_eq!(juliet, nobody);
}

#[test]
fn the_established_stream_carries_stanzas_with_the_limits_of_a_login() {
    use xmpp_core::stanza::{Message, MessageType};
    let mut pair = established(client(), host());
    let long = Message::new(MessageType::Chat).with_body("x".repeat(100_000));
    let (client, server) = (&mut pair.client, &mut pair.server);
    client.connection.send(&long, &mut client.tx).unwrap();
    server.connection.send(&long, &mut server.tx).unwrap();
    pair.drive().unwrap();
    for log in [&pair.client.log, &pair.server.log] {
        assert!(log.iter().any(|event| event.starts_with("stanza <message")));
    }
}
