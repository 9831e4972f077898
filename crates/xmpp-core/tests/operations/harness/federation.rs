//! Servers, as other servers see them.

use std::sync::Arc;

use xmpp_core::config::{DialbackPolicy, TlsMode};
use xmpp_core::dialback::{Pair, Verdict};
use xmpp_core::jid::Domainpart;
use xmpp_core::role::{PeerRole, ServerFromServer, ServerToServer};
use xmpp_core::sasl::Secret;
use xmpp_core::stanza::{StanzaCondition, StreamCondition, StreamError};
use xmpp_core::xml::{SendBuffer, ns};
use xmpp_core::{Connection, FederationConfig, Misuse, PeerAnswer, PeerEvent, Purpose};

use super::options::Options;
use super::part::{Asked, How, NONZA_NS, Part, Proof, T0, Told, limits};

const INITIATING: &str = "montague.example";
const RECEIVING: &str = "capulet.example";

fn config(options: Options, secret: &str) -> Arc<FederationConfig> {
    let mut config = FederationConfig::new(Secret::from(secret));
    config.tls = if options.plaintext { TlsMode::DangerousPlaintext } else { TlsMode::StartTls };
    config.external = !options.plain;
    if options.queried {
        config.authoritative_for = vec![Domainpart::new(RECEIVING).unwrap()];
    }
    if options.inline {
        config.dialback = DialbackPolicy::DangerousWithoutTls;
        config.bidi = false;
    }
    if options.nonzas {
        config.nonzas.push(NONZA_NS);
    }
    if !options.fresh {
        // Acknowledgements answer what a read has brought: they see cuts.
        config.stream_management = None;
    }
    config.limits = limits(options, config.limits);
    Arc::new(config)
}

fn told(event: PeerEvent) -> Told {
    match event {
        PeerEvent::PeerWanted(query) => Told::Asked(Asked::Peer(query)),
        PeerEvent::ResultWanted(query) => Told::Asked(Asked::Result(query)),
        PeerEvent::VerifyWanted(query) => Told::Asked(Asked::Verify(query)),
        other => Told::Else(format!("{other:?}")),
    }
}

fn answer<R: PeerRole>(
    connection: &mut Connection<R>,
    asked: Asked,
    how: How,
    tx: &mut SendBuffer,
) -> Result<(), Misuse> {
    let verdict = match how {
        How::Right => Verdict::Valid,
        How::Wrong => Verdict::Invalid,
        How::Refused => Verdict::Error(StanzaCondition::RemoteServerNotFound),
    };
    match asked {
        Asked::Peer(query) => match how {
            How::Right => connection.accept_peer(query, PeerAnswer::Proved, tx),
            How::Wrong => connection.accept_peer(query, PeerAnswer::NotProved, tx),
            How::Refused => {
                let error = StreamError::new(StreamCondition::HostUnknown);
                connection.refuse_peer(query, error, tx)
            }
        },
        Asked::Result(query) => connection.answer_result(query, verdict, tx),
        Asked::Verify(query) => connection.answer_verify(query, verdict, tx),
        _ => unreachable!("nothing else is asked"),
    }
}

impl Part for ServerToServer {
    type Peer = ServerFromServer;

    const SEVERAL: bool = true;
    const RESTARTS: usize = 1;

    const WORDS: &'static [&'static str] = &[
        "<?xml version='1.0'?>",
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:db='jabber:server:dialback' from='capulet.example' id='s1' version='1.0'>",
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:db='jabber:server:dialback' from='capulet.example' id='s1'>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         id='s1' version='1.0'>",
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
        "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
         <mechanism>EXTERNAL</mechanism></mechanisms><bidi xmlns='urn:xmpp:features:bidi'/>\
         <dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>\
         <sm xmlns='urn:xmpp:sm:3'/></stream:features>",
        "<stream:features><dialback xmlns='urn:xmpp:features:dialback'/></stream:features>",
        "<stream:features/>",
        "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
        "<db:result xmlns:db='jabber:server:dialback' from='capulet.example' \
         to='montague.example' type='valid'/>",
        "<db:result xmlns:db='jabber:server:dialback' from='capulet.example' \
         to='montague.example' type='invalid'/>",
        "<db:result xmlns:db='jabber:server:dialback' from='capulet.example' \
         to='montague.example' type='error'/>",
        "<db:result xmlns:db='jabber:server:dialback' from='rooms.capulet.example' \
         to='montague.example'>key</db:result>",
        "<db:verify xmlns:db='jabber:server:dialback' from='capulet.example' id='s2' \
         to='montague.example'>key</db:verify>",
        "<db:verify xmlns:db='jabber:server:dialback' from='capulet.example' id='s2' \
         to='montague.example' type='valid'/>",
        "<db:result xmlns:db='jabber:server:dialback'/>",
        "<enabled xmlns='urn:xmpp:sm:3'/>",
        "<failed xmlns='urn:xmpp:sm:3'/>",
        "<r xmlns='urn:xmpp:sm:3'/>",
        "<a xmlns='urn:xmpp:sm:3' h='1'/>",
        "<message from='juliet@capulet.example' to='romeo@montague.example'/>",
        "<message from='evil.example' to='romeo@montague.example'/>",
        "<message/>",
        "<message xmlns='jabber:client'/>",
        "<x xmlns='urn:x'/>",
        "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         </stream:error>",
        "</stream:stream>",
        " ",
        "<!-- -->",
    ];

    const ADDRESSES: &'static [(&'static str, Option<&'static str>)] =
        &[("from", Some("romeo@montague.example")), ("to", Some("juliet@capulet.example"))];

    fn begin(
        options: Options,
        secret: &str,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Connection<Self> {
        let domain = |text| Domainpart::new(text).unwrap();
        let pair = Pair::new(domain(INITIATING), domain(RECEIVING));
        let config = config(options, secret);
        Connection::connect_server(config, pair, Purpose::Stanzas, T0, seed, tx)
    }

    fn told(event: PeerEvent) -> Told {
        told(event)
    }

    fn answer(
        connection: &mut Connection<Self>,
        asked: Asked,
        _: Options,
        how: How,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        answer(connection, asked, how, tx)
    }

    /// The peer proves nothing to this stream: TLS has.
    fn may_be_established(_: Options, proof: &Proof) -> bool {
        proof.header
    }

    fn may_be_authenticated(_: Options, _: &Proof) -> bool {
        false
    }
}

impl Part for ServerFromServer {
    type Peer = ServerToServer;

    const SEVERAL: bool = true;
    const RESTARTS: usize = 1;

    const WORDS: &'static [&'static str] = &[
        "<?xml version='1.0'?>",
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:db='jabber:server:dialback' from='montague.example' to='capulet.example' \
         version='1.0'>",
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:db='jabber:server:dialback' from='montague.example' to='capulet.example'>",
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         to='a@capulet.example' version='1.0'>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         to='capulet.example' version='1.0'>",
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        "<bidi xmlns='urn:xmpp:bidi'/>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'/>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>eA==</auth>",
        "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<db:result xmlns:db='jabber:server:dialback' from='montague.example' \
         to='capulet.example'>key</db:result>",
        "<db:result xmlns:db='jabber:server:dialback' from='verona.example' \
         to='capulet.example'>key</db:result>",
        "<db:result xmlns:db='jabber:server:dialback' from='verona.example' \
         to='other.example'>key</db:result>",
        "<db:result xmlns:db='jabber:server:dialback' from='montague.example' \
         to='capulet.example' type='valid'/>",
        "<db:verify xmlns:db='jabber:server:dialback' from='montague.example' id='s2' \
         to='capulet.example'>key</db:verify>",
        "<db:verify xmlns:db='jabber:server:dialback' from='montague.example' id='s2' \
         to='capulet.example' type='valid'/>",
        "<db:verify xmlns:db='jabber:server:dialback'/>",
        "<enable xmlns='urn:xmpp:sm:3' resume='true'/>",
        "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>",
        "<r xmlns='urn:xmpp:sm:3'/>",
        "<a xmlns='urn:xmpp:sm:3' h='1'/>",
        "<message from='romeo@montague.example' to='juliet@capulet.example'/>",
        "<message from='verona.example' to='juliet@capulet.example'/>",
        "<message from='evil.example' to='juliet@capulet.example'/>",
        "<message from='romeo@montague.example'/>",
        "<message/>",
        "<message xmlns='jabber:client'/>",
        "<x xmlns='urn:x'/>",
        "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         </stream:error>",
        "</stream:stream>",
        " ",
        "<!-- -->",
    ];

    const ADDRESSES: &'static [(&'static str, Option<&'static str>)] =
        &[("from", Some("juliet@capulet.example")), ("to", Some("romeo@montague.example"))];

    fn begin(
        options: Options,
        secret: &str,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Connection<Self> {
        tx.set_content(ns::SERVER);
        Connection::accept_server(config(options, secret), T0, seed)
    }

    fn told(event: PeerEvent) -> Told {
        told(event)
    }

    fn answer(
        connection: &mut Connection<Self>,
        asked: Asked,
        _: Options,
        how: How,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        answer(connection, asked, how, tx)
    }

    /// The driver has said that a certificate or a key proves a domain.
    fn may_be_established(_: Options, proof: &Proof) -> bool {
        proof.answered_right
    }

    fn may_be_authenticated(_: Options, _: &Proof) -> bool {
        false
    }
}
