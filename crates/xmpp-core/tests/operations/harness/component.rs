//! Components, and servers as components see them.

use std::sync::Arc;

use xmpp_core::jid::Domainpart;
use xmpp_core::role::{ComponentToServer, ServerFromComponent};
use xmpp_core::sasl::Secret;
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::xml::{SendBuffer, ns};
use xmpp_core::{ComponentConfig, ComponentServerConfig, ComponentServerEvent, Connection, Misuse};

use super::options::Options;
use super::part::{Asked, How, NO_SECRET, NONZA_NS, Part, Proof, SECRET, T0, Told, limits};

const COMPONENT: &str = "gateway.example.com";

impl Part for ComponentToServer {
    type Peer = ServerFromComponent;

    const WORDS: &'static [&'static str] = &[
        "<?xml version='1.0'?>",
        "<stream:stream xmlns='jabber:component:accept' \
         xmlns:stream='http://etherx.jabber.org/streams' from='gateway.example.com' id='s1'>",
        "<stream:stream xmlns='jabber:component:accept' \
         xmlns:stream='http://etherx.jabber.org/streams'>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         id='s1'>",
        "<handshake/>",
        "<handshake>x</handshake>",
        "<handshake xmlns='jabber:client'/>",
        "<message from='romeo@example.com/x' to='a@gateway.example.com'><body>hi</body></message>",
        "<message/>",
        "<iq type='get' id='1' to='gateway.example.com' from='@'/>",
        "<c:message xmlns:c='jabber:component:accept'/>",
        "<message xmlns='jabber:client'/>",
        "<x xmlns='urn:x'/>",
        "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         </stream:error>",
        "<stream:error/>",
        "</stream:stream>",
        " ",
        "<!-- -->",
    ];

    const ADDRESSES: &'static [(&'static str, Option<&'static str>)] =
        &[("from", Some("a@gateway.example.com")), ("to", Some("romeo@example.com"))];

    fn begin(
        options: Options,
        secret: &str,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Connection<Self> {
        let domain = Domainpart::new(COMPONENT).unwrap();
        let mut config = ComponentConfig::new(domain, Secret::from(secret));
        if options.nonzas {
            config.nonzas.push(NONZA_NS);
        }
        config.limits = limits(options, config.limits);
        Connection::connect_component(Arc::new(config), T0, seed, tx)
    }

    fn told(event: core::convert::Infallible) -> Told {
        match event {}
    }

    fn answer(
        _: &mut Connection<Self>,
        _: Asked,
        _: Options,
        _: How,
        _: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        unreachable!("a component is asked nothing")
    }

    /// The server proves nothing.
    fn may_be_established(_: Options, proof: &Proof) -> bool {
        proof.header
    }

    fn may_be_authenticated(_: Options, _: &Proof) -> bool {
        false
    }
}

impl Part for ServerFromComponent {
    type Peer = ComponentToServer;

    const WORDS: &'static [&'static str] = &[
        "<?xml version='1.0'?>",
        "<stream:stream xmlns='jabber:component:accept' \
         xmlns:stream='http://etherx.jabber.org/streams' to='gateway.example.com'>",
        "<stream:stream xmlns='jabber:component:accept' \
         xmlns:stream='http://etherx.jabber.org/streams' to='a@gateway.example.com'>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         to='gateway.example.com'>",
        "<handshake/>",
        "<handshake>b09ea9b3b7f586be8a08d0a3dd7466f110aeb136</handshake>",
        "<handshake xmlns='jabber:client'/>",
        "<message from='a@gateway.example.com' to='romeo@example.com/x'><body>hi</body></message>",
        "<message from='a@example.com' to='romeo@example.com/x'/>",
        "<message from='a@gateway.example.com'/>",
        "<message/>",
        "<iq type='get' id='1' from='gateway.example.com' to='@'/>",
        "<c:message xmlns:c='jabber:component:accept'/>",
        "<message from='a@gateway.example.com' to='b'><c:x xmlns:c='jabber:component:accept'/>\
         </message>",
        "<message xmlns='jabber:client'/>",
        "<x xmlns='urn:x'/>",
        "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         </stream:error>",
        "<stream:error/>",
        "</stream:stream>",
        " ",
        "<!-- -->",
    ];

    const ADDRESSES: &'static [(&'static str, Option<&'static str>)] =
        &[("from", Some("romeo@example.com")), ("to", Some("a@gateway.example.com"))];

    fn begin(options: Options, _: &str, seed: [u8; 32], tx: &mut SendBuffer) -> Connection<Self> {
        let mut config = ComponentServerConfig::default();
        if options.nonzas {
            config.nonzas.push(NONZA_NS);
        }
        config.limits = limits(options, config.limits);
        tx.set_content(ns::COMPONENT_ACCEPT);
        Connection::accept_component(Arc::new(config), T0, seed)
    }

    fn told(event: ComponentServerEvent) -> Told {
        match event {
            ComponentServerEvent::ComponentWanted(query) => Told::Asked(Asked::Component(query)),
            other => Told::Else(format!("{other:?}")),
        }
    }

    fn answer(
        connection: &mut Connection<Self>,
        asked: Asked,
        _: Options,
        how: How,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        let Asked::Component(query) = asked else { unreachable!("nothing else is asked") };
        match how {
            How::Right => connection.provide_secret(query, Secret::from(SECRET), tx),
            How::Wrong => connection.provide_secret(query, Secret::from(NO_SECRET), tx),
            How::Refused => {
                let error = StreamError::new(StreamCondition::Conflict);
                connection.refuse_component(query, error, tx)
            }
        }
    }

    /// Nobody but the peer can know what the handshake is made of.
    fn may_be_established(options: Options, proof: &Proof) -> bool {
        proof.heard_peer && proof.answered_right && !options.wrong_secret
    }

    fn may_be_authenticated(_: Options, _: &Proof) -> bool {
        false
    }
}
