//! Clients, and servers as clients see them.

use std::sync::Arc;

use xmpp_core::config::{KeyDerivation, TlsMode};
use xmpp_core::jid::{BareJid, Domainpart, FullJid, Resourcepart};
use xmpp_core::role::{ClientToServer, ServerFromClient};
use xmpp_core::sasl::crypto::Hash;
use xmpp_core::sasl::server::{AccountKeys, Answer, Config, FakeSalt, Query};
use xmpp_core::sasl::{Mechanism, ScramKeys, client, server};
use xmpp_core::stanza::{StanzaCondition, StanzaError, StreamCondition, StreamError};
use xmpp_core::xml::{Framing, SendBuffer};
use xmpp_core::{
    ClientConfig, ClientEvent, Connection, HostConfig, Misuse, ServerConfig, ServerEvent,
    XmppPreparation,
};

use super::part::{
    Asked, DOMAIN, How, NO_SECRET, NONZA_NS, Part, Proof, Quick, ROUNDS, SECRET, T0, Told, limits,
};
use super::tape::Options;

impl Part for ClientToServer {
    type Peer = ServerFromClient;

    const WORDS: &'static [&'static str] = &[
        "<?xml version='1.0'?>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         from='example.com' id='s1' version='1.0'>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         from='example.net' id='s1' version='1.0'>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         id='s1'>",
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/>\
         </starttls></stream:features>",
        "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
         <mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-256</mechanism>\
         <mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>",
        "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
        "<stream:features/>",
        "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
         cj1mcmVzaCxzPWMyRnNkQT09LGk9NDA5Ng==</challenge>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1BQUFB</success>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</success>",
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><temporary-auth-failure/></failure>",
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>",
        "<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
         <jid>juliet@example.com/x</jid></bind></iq>",
        "<iq type='error' id='bind'><error type='cancel'>\
         <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        "<message from='romeo@example.com/x' type='chat'><body>hi</body></message>",
        "<message from='@@' to='&lt;'><body>hi</body></message>",
        "<presence/>",
        "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<c:message xmlns:c='jabber:client'/>",
        "<message xmlns='jabber:server'/>",
        "<message><c:x xmlns:c='jabber:client'/></message>",
        "<x xmlns='urn:x'/>",
        "<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         </stream:error>",
        "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>a.example\
         </see-other-host></stream:error>",
        "<stream:error/>",
        "</stream:stream>",
        " ",
        "<!-- -->",
        "<message><body><![CDATA[</stream:stream>]]></body></message>",
    ];

    const ADDRESSES: &'static [(&'static str, Option<&'static str>)] =
        &[("from", None), ("to", Some("romeo@example.com"))];

    fn begin(
        options: Options,
        secret: &str,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Connection<Self> {
        let account = BareJid::new("juliet@example.com").unwrap();
        let credentials = client::Credentials::new("juliet").with_password(secret);
        let mut config = ClientConfig::new(account, credentials);
        config.sasl = client::Policy::new(&Quick).preparation(&XmppPreparation);
        if options.plaintext {
            config.tls = TlsMode::DangerousPlaintext;
            config.sasl = config.sasl.allow_without_tls();
        }
        if options.plain {
            for mechanism in Mechanism::ALL {
                config.sasl = config.sasl.forbid(mechanism);
            }
            config.sasl = config.sasl.allow(Mechanism::Plain);
        }
        if options.queried {
            config.key_derivation = KeyDerivation::Queried;
        }
        if options.nonzas {
            config.nonzas.push(NONZA_NS);
        }
        config.limits = limits(options, config.limits);
        config.resource = Some(Resourcepart::new("balcony").unwrap());
        Connection::connect(Arc::new(config), T0, seed, tx)
    }

    fn told(event: ClientEvent<'_>) -> Told {
        match event {
            ClientEvent::KeysWanted(query) => Told::Asked(Asked::Keys(query)),
            ClientEvent::Authenticated { .. } => Told::Authenticated,
            ClientEvent::FeaturesReceived(features) => {
                Told::Else(format!("features {}", features.element().source()))
            }
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
        let Asked::Keys(query) = asked else { unreachable!("a client is asked for keys alone") };
        let keys = match how {
            How::Right => query.derive(),
            _ => ScramKeys::derive(&Quick, Hash::Sha256, b"other", b"salt", ROUNDS),
        };
        connection.provide_keys(query, keys, tx)
    }

    /// Only what has authenticated is established.
    fn may_be_established(_: Options, proof: &Proof) -> bool {
        proof.authenticated
    }

    /// SCRAM is mutual: a server that is not sure of us has no signature.
    fn may_be_authenticated(options: Options, proof: &Proof) -> bool {
        options.plain || (proof.peer_is_sure && !options.wrong_secret)
    }
}

impl Part for ServerFromClient {
    type Peer = ClientToServer;

    const WORDS: &'static [&'static str] = &[
        "<?xml version='1.0'?>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         to='example.com' version='1.0'>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         to='example.net' from='juliet@example.com' version='1.0'>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         to='@' version='1.0'>",
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         to='example.com' version='1.0'>",
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        // juliet with her password, with another, and nobody.
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>\
         AGp1bGlldAByMG0zMA==</auth>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>\
         AGp1bGlldAB0eWJhbHQ=</auth>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AEAAYQ==</auth>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>\
         biwsbj1qdWxpZXQscj1hYmM=</auth>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'>=</auth>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>!</auth>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>Yz1iaXdzLHI9YWJjLHA9QUFBQQ==\
         </response>",
        "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
         <resource>x</resource></bind></iq>",
        "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
        "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
         <resource>&#x200E;</resource></bind></iq>",
        "<iq type='set' id='b' to='romeo@example.com'>\
         <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
        "<iq type='get' id='b'/>",
        "<message to='romeo@example.com/x' type='chat'><body>hi</body></message>",
        "<message from='@@' to='&lt;'><body>hi</body></message>",
        "<presence/>",
        "<c:message xmlns:c='jabber:client'/>",
        "<message xmlns='jabber:server'/>",
        "<message><c:x xmlns:c='jabber:client'/></message>",
        "<x xmlns='urn:x'/>",
        "<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         </stream:error>",
        "<stream:error/>",
        "</stream:stream>",
        " ",
        "<!-- -->",
        "<message><body><![CDATA[</stream:stream>]]></body></message>",
    ];

    const ADDRESSES: &'static [(&'static str, Option<&'static str>)] =
        &[("from", Some("juliet@example.com/balcony")), ("to", None)];

    fn begin(options: Options, _: &str, seed: [u8; 32], _: &mut SendBuffer) -> Connection<Self> {
        let mut config = ServerConfig::default();
        if options.plaintext {
            config.tls = TlsMode::DangerousPlaintext;
        }
        if options.nonzas {
            config.nonzas.push(NONZA_NS);
        }
        config.limits = limits(options, config.limits);
        Connection::accept(Arc::new(config), Framing::Stream, T0, seed)
    }

    fn told(event: ServerEvent) -> Told {
        match event {
            ServerEvent::HostWanted(query) => Told::Asked(Asked::Host(query)),
            ServerEvent::CredentialsWanted(query) => Told::Asked(Asked::Credentials(query)),
            ServerEvent::BindWanted(query) => Told::Asked(Asked::Bind(query)),
            ServerEvent::Authenticated { .. } => Told::Authenticated,
            other => Told::Else(format!("{other:?}")),
        }
    }

    fn answer(
        connection: &mut Connection<Self>,
        asked: Asked,
        options: Options,
        how: How,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        match (asked, how) {
            (Asked::Host(query), How::Refused) => {
                let error = StreamError::new(StreamCondition::HostUnknown);
                connection.refuse_host(query, error, tx)
            }
            (Asked::Host(query), _) => connection.choose_host(query, host(options), tx),
            (Asked::Credentials(query), how) => {
                let answer = credentials(query.query(), how);
                connection.provide_credentials(query, answer, tx)
            }
            (Asked::Bind(query), How::Right) => {
                let jid = FullJid::new(&format!("{}/balcony", query.account())).unwrap();
                connection.bind(query, jid, tx)
            }
            (Asked::Bind(query), How::Wrong) => {
                let jid = FullJid::new("romeo@example.com/orchard").unwrap();
                connection.bind(query, jid, tx)
            }
            (Asked::Bind(query), How::Refused) => {
                let error = StanzaError::new(StanzaCondition::ResourceConstraint);
                connection.refuse_bind(query, error, tx)
            }
            _ => unreachable!("a server is not asked that"),
        }
    }

    fn may_be_established(_: Options, proof: &Proof) -> bool {
        proof.authenticated && proof.bound
    }

    /// Nobody but the peer can know what SCRAM's keys sign; a password can be
    /// known to the attacker.
    fn may_be_authenticated(options: Options, proof: &Proof) -> bool {
        proof.answered_right && (options.plain || (proof.heard_peer && !options.wrong_secret))
    }
}

fn host(options: Options) -> Arc<HostConfig> {
    let keys = AccountKeys::new(FakeSalt::new([1; 32]), Hash::Sha256, ROUNDS);
    let mut host = HostConfig::new(
        Domainpart::new(DOMAIN).unwrap(),
        Config::with_crypto(&Quick).account_keys(keys),
    );
    if options.plaintext {
        host.policy = host.policy.allow_without_tls();
    }
    if options.plain {
        host.policy = server::Policy::default().allow(Mechanism::Plain);
    }
    Arc::new(host)
}

fn credentials(query: &Query, how: How) -> Answer {
    let keys = |secret: &str| {
        let keys = ScramKeys::derive(&Quick, Hash::Sha256, secret.as_bytes(), b"salt", ROUNDS);
        Answer::keys(keys.to_stored())
    };
    match (query, how) {
        (_, How::Refused) => Answer::temporary_failure(),
        (Query::ScramKeys { username, .. }, How::Right) if username == "juliet" => keys(SECRET),
        (Query::ScramKeys { username, .. }, How::Wrong) if username == "juliet" => keys(NO_SECRET),
        (Query::Password { username, password, .. }, How::Right) if username == "juliet" => {
            Answer::password_checked(password.expose() == SECRET.as_bytes())
        }
        (Query::Password { .. }, How::Wrong) => Answer::password_checked(false),
        _ => Answer::unknown_user(),
    }
}
