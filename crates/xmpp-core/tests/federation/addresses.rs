//! The addresses of stanzas between servers.

use core::time::Duration;

use xmpp_core::SendError;
use xmpp_core::dialback::Verdict;
use xmpp_core::jid::Jid;
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, IqBuilder};

use crate::ends::{End, Ends, LOCAL, REMOTE, config, dialback_alone, domain, inbound, initial};

/// `montague.example` and `verona.example` may speak to `capulet.example`, the first one
/// also to `chat.capulet.example`.
fn open() -> End<xmpp_core::role::ServerFromServer> {
    let mut config = dialback_alone();
    config.domains = [domain("chat.capulet.example")].into();
    let mut inn = inbound(config);
    inn.verdict = Some(Verdict::Valid);
    inn.receive(initial("version='1.0'"));
    for (from, to) in [
        ("montague.example", REMOTE),
        ("verona.example", REMOTE),
        ("montague.example", "chat.capulet.example"),
    ] {
        inn.receive(format!("<db:result from='{from}' to='{to}'>key</db:result>"));
    }
    assert_eq!(inn.connection.pairs().count(), 3);
    inn
}

fn outcome(stanza: &str) -> (Vec<String>, Option<&'static str>) {
    let mut inn = open();
    inn.receive(stanza);
    let condition = inn.condition();
    (inn.stanzas, condition)
}

#[test]
fn a_stanza_between_servers_has_both_addresses() {
    // 6120-8.1.1.2-01, 6120-8.1.2.2-01, 6120-stanza-attribute-to-validate:
    // improper-addressing
    for stanza in [
        "<message from='romeo@montague.example'/>",
        "<message to='juliet@capulet.example'/>",
        "<message/>",
        "<message from='' to='juliet@capulet.example'/>",
        "<message from='romeo@montague.example' to=''/>",
        "<message from='@montague.example' to='juliet@capulet.example'/>",
        "<message from='romeo@montague.example' to='@'/>",
    ] {
        assert_eq!(outcome(stanza), (vec![], Some("improper-addressing")), "{stanza}");
    }
}

#[test]
fn only_proved_domains_speak() {
    // 6120-8.1.2.2-02, 6120-stanza-attribute-from-validate: invalid-from
    for from in [
        "romeo@evil.example",
        "romeo@montague.example.evil.example",
        "romeo@sub.montague.example",
        "evil.example/montague.example",
        "capulet.example",
    ] {
        let stanza = format!("<message from='{from}' to='juliet@capulet.example'/>");
        assert_eq!(outcome(&stanza), (vec![], Some("invalid-from")), "{from}");
    }
}

#[test]
fn only_to_domains_that_were_asked_for() {
    // 6120-8.1.1.2-02, 6120-stanza-attribute-to-validate: host-unknown
    let stanza = "<message from='romeo@montague.example' to='juliet@other.example'/>";
    assert_eq!(outcome(stanza), (vec![], Some("host-unknown")));
    // XEP-0220 section 2.2.1: each pair on its own.
    let stanza = "<message from='romeo@verona.example' to='chat.capulet.example'/>";
    assert_eq!(outcome(stanza), (vec![], Some("invalid-from")));
}

#[test]
fn pairs_that_are_proved_come_through() {
    for (from, to) in [
        ("romeo@montague.example/orchard", "juliet@capulet.example/balcony"),
        ("Romeo@MONTAGUE.example", "CAPULET.example"),
        ("verona.example", "juliet@capulet.example"),
        ("romeo@montague.example", "room@chat.capulet.example"),
        ("montague.example/a@b", "juliet@capulet.example/c@d/e"),
    ] {
        let stanza = format!("<iq type='get' from='{from}' to='{to}' id='1'><x xmlns='u'/></iq>");
        assert_eq!(outcome(&stanza), (vec!["1".to_owned()], None), "{from} {to}");
    }
}

#[test]
fn no_prefix_for_the_content_namespace_goes_further() {
    // 6120-4.8.5-04
    let stanza = "<message from='romeo@montague.example' to='juliet@capulet.example'>\
        <s:body xmlns:s='jabber:server'/></message>";
    assert_eq!(outcome(stanza), (vec![], Some("bad-namespace-prefix")));
}

/// So many requests of ours may wait for an answer, on either end of a stream.
#[test]
fn requests_between_servers_are_bounded() {
    let mut config = config();
    config.limits.requests = 2;
    let Ends { mut out, mut inn } = Ends::new(config.clone(), config).driven();
    let ping = |from: &str, to: &str| -> IqBuilder {
        Iq::get("", &Ping).with_from(Jid::new(from).unwrap()).with_to(Jid::new(to).unwrap())
    };
    let timeout = Duration::from_secs(9);
    for number in 0..3 {
        let there =
            out.connection.request(out.now, ping(LOCAL, REMOTE), timeout, &mut out.tx).err();
        let back = inn.connection.request(inn.now, ping(REMOTE, LOCAL), timeout, &mut inn.tx).err();
        let full = (number == 2).then_some(SendError::TooManyRequests { max: 2 });
        assert_eq!((&there, &back), (&full, &full), "{number}");
    }
    assert_eq!(out.sent().matches("<ping ").count(), 2);
}
