//! What each role takes from its configuration.

use alloc::sync::Arc;

use xmpp_jid::{BareJid, Domainpart, DomainpartRef};
use xmpp_sasl::Secret;
use xmpp_sasl::client::Credentials;
use xmpp_xml::{Framing, RecvBuffer, SendBuffer};

use super::Role;
use crate::config::{
    ClientConfig, ComponentConfig, ComponentServerConfig, FederationConfig, ServerConfig,
};
use crate::connection::Connection;
use crate::dialback::Pair;
use crate::role::Purpose;
use crate::time::Instant;

fn domain(text: &str) -> Domainpart {
    Domainpart::new(text).unwrap()
}

fn federation() -> FederationConfig {
    FederationConfig::new(Secret::from("s3cr3tf0rd14lb4ck"))
}

/// How many requests may wait for an answer is what the limits say, whoever asks.
#[test]
fn requests_are_as_many_as_the_limits_say() {
    fn max<R: Role>(connection: &Connection<R>) -> usize {
        R::max_requests(&connection.state)
    }
    let (now, seed, tx) = (Instant::default(), [1; 32], &mut SendBuffer::new(Framing::Stream));
    for requests in [3, 70] {
        let account = BareJid::new("juliet@example.com").unwrap();
        let mut config = ClientConfig::new(account, Credentials::new("juliet"));
        config.limits.requests = requests;
        assert_eq!(max(&Connection::connect(Arc::new(config), now, seed, tx)), requests);
        let mut config = ServerConfig::default();
        config.limits.requests = requests;
        let server = Connection::accept(Arc::new(config), Framing::Stream, now, seed);
        assert_eq!(max(&server), requests);
        let mut config = ComponentConfig::new(domain("plays.example.com"), Secret::from("secret"));
        config.limits.requests = requests;
        assert_eq!(max(&Connection::connect_component(Arc::new(config), now, seed, tx)), requests);
        let mut config = ComponentServerConfig::default();
        config.limits.requests = requests;
        assert_eq!(max(&Connection::accept_component(Arc::new(config), now, seed)), requests);
        let mut config = federation();
        config.limits.requests = requests;
        let config = Arc::new(config);
        let pair = Pair::new(domain("montague.example"), domain("capulet.example"));
        let purpose = Purpose::Stanzas;
        let out = Connection::connect_server(config.clone(), pair, purpose, now, seed, tx);
        assert_eq!(max(&out), requests);
        assert_eq!(max(&Connection::accept_server(config, now, seed)), requests);
    }
}

/// RFC 6120 section 13.7.2: TLS between servers is for the domain that is asked for.
#[test]
fn tls_is_for_the_domain_that_is_asked_for() {
    let (now, seed, tx) = (Instant::default(), [1; 32], &mut SendBuffer::new(Framing::Stream));
    let config = Arc::new(federation());
    let pair = Pair::new(domain("montague.example"), domain("capulet.example"));
    let out = Connection::connect_server(config.clone(), pair, Purpose::Stanzas, now, seed, tx);
    assert_eq!(out.tls_host().map(DomainpartRef::as_str), Some("capulet.example"));
    let mut inn = Connection::accept_server(config, now, seed);
    assert!(inn.tls_host().is_none());
    let mut rx = RecvBuffer::new(1 << 16);
    rx.push(tx.unsent());
    while inn.poll_event(now, &mut rx, &mut SendBuffer::new(Framing::Stream)).unwrap().is_some() {}
    assert_eq!(inn.tls_host().map(DomainpartRef::as_str), Some("capulet.example"));
}
