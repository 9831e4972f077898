//! Clients, and servers as clients see them.

use std::sync::Arc;

use xmpp_core::config::{KeyDerivation, TlsMode};
use xmpp_core::jid::{BareJid, Domainpart, FullJid, Resourcepart};
use xmpp_core::role::{ClientToServer, ServerFromClient};
use xmpp_core::sasl::crypto::Hash;
use xmpp_core::sasl::sasl2::UserAgent;
use xmpp_core::sasl::server::{AccountKeys, Answer, Config, FakeSalt, Query};
use xmpp_core::sasl::{Mechanism, ScramKeys, TokenBinding, client, server};
use xmpp_core::stanza::{StanzaCondition, StanzaError, StreamCondition, StreamError};
use xmpp_core::xml::{Framing, SendBuffer};
use xmpp_core::{
    ClientConfig, ClientEvent, Connection, HostConfig, Misuse, ServerConfig, ServerEvent,
    TokenAnswer, XmppPreparation,
};

use super::options::Options;
use super::part::{
    Asked, DOMAIN, How, NO_SECRET, NONZA_NS, Part, Proof, Quick, ROUNDS, SECRET, T0, Told, limits,
};

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
        "<stream:features><authentication xmlns='urn:xmpp:sasl:2'>\
         <mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-256</mechanism><inline>\
         <bind xmlns='urn:xmpp:bind:0'/><fast xmlns='urn:xmpp:fast:0'>\
         <mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication></stream:features>",
        "<challenge xmlns='urn:xmpp:sasl:2'>cj1mcmVzaCxzPWMyRnNkQT09LGk9NDA5Ng==</challenge>",
        "<success xmlns='urn:xmpp:sasl:2'/>",
        "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>juliet@example.com\
         </authorization-identifier></success>",
        "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>juliet@example.com/x\
         </authorization-identifier><bound xmlns='urn:xmpp:bind:0'/>\
         <token xmlns='urn:xmpp:fast:0' token='t' expiry='2030-01-01T00:00:00Z'/></success>",
        "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>romeo@example.com/x\
         </authorization-identifier><bound xmlns='urn:xmpp:bind:0'/></success>",
        "<failure xmlns='urn:xmpp:sasl:2'>\
         <not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>",
        "<continue xmlns='urn:xmpp:sasl:2'><tasks><task>UPGR-SCRAM-SHA-512</task></tasks></continue>",
        "<task-data xmlns='urn:xmpp:sasl:2'><salt xmlns='urn:xmpp:scram-upgrade:0' \
         iterations='4096'>AAAA</salt></task-data>",
    ];

    const ADDRESSES: &'static [(&'static str, Option<&'static str>)] =
        &[("from", None), ("to", Some("romeo@example.com"))];

    fn begin(
        options: Options,
        secret: &str,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Connection<Self> {
        Connection::connect(Arc::new(config(options, secret)), T0, seed, tx)
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

/// A client's side.
pub(crate) fn config(options: Options, secret: &str) -> ClientConfig {
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
    if options.inline {
        let id = "d4565fa7-4d72-4749-b3d3-740edbf87770";
        config.sasl2.user_agent = UserAgent::with_id(id).unwrap();
        config.sasl2.request_token = true;
    } else {
        config.resource = Some(Resourcepart::new("balcony").unwrap());
    }
    config
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
        // PLAIN by the other profile, with a resource; then what is out of order.
        "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'>\
         <initial-response>AGp1bGlldAByMG0zMA==</initial-response>\
         <user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/><bind xmlns='urn:xmpp:bind:0'>\
         <tag>x</tag></bind><request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/>\
         </authenticate>",
        "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-256'>\
         <initial-response>biwsbj1qdWxpZXQscj1hYmM=</initial-response></authenticate>",
        "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='HT-SHA-256-NONE'>\
         <initial-response>anVsaWV0AHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=</initial-response>\
         <user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/><fast xmlns='urn:xmpp:fast:0'/>\
         </authenticate>",
        "<response xmlns='urn:xmpp:sasl:2'>Yz1iaXdzLHI9YWJjLHA9QUFBQQ==</response>",
        "<abort xmlns='urn:xmpp:sasl:2'/>",
        "<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-512'/>",
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
            ServerEvent::TokenWanted(query) => Told::Asked(Asked::Token(query)),
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
            (Asked::Host(query), _) => connection.choose_host(query, Arc::new(host(options)), tx),
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
            (Asked::Token(query), how) => {
                let answer = match how {
                    How::Right => TokenAnswer::Issue { expiry: 1_900_000_000 },
                    How::Wrong => TokenAnswer::Replayed,
                    How::Refused => TokenAnswer::TemporaryFailure,
                };
                connection.provide_token(query, answer, tx)
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

/// A server's side.
pub(crate) fn host(options: Options) -> HostConfig {
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
    if options.inline {
        host.policy = host.policy.allow(Mechanism::HashedToken(TokenBinding::None));
    }
    host
}

/// What a server's store says.
pub(crate) fn credentials(query: &Query, how: How) -> Answer {
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
