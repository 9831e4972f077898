//! Logins: flights, bytes and time of SASL2 (XEP-0388), Bind 2 (XEP-0386), FAST
//! (XEP-0484) and inline resumption (XEP-0198) beside RFC 6120's, from the stream
//! header behind TLS to the last byte of the negotiation.

use core::num::NonZeroU32;
use std::sync::Arc;

use xmpp_core::config::TlsMode;
use xmpp_core::jid::{BareJid, Domainpart};
use xmpp_core::sasl::client::{Credentials, Token};
use xmpp_core::sasl::crypto::{self, Hash};
use xmpp_core::sasl::sasl2::UserAgent;
use xmpp_core::sasl::server::{AccountKeys, Answer, Config, FakeSalt, Query};
use xmpp_core::sasl::{Mechanism, ScramKeys, Secret, TokenBinding};
use xmpp_core::stream_management::{Resumption, StreamManagement};
use xmpp_core::tls::{TlsFacts, TlsVersion};
use xmpp_core::xml::{Framing, RecvBuffer, SendBuffer};
use xmpp_core::{
    ClientConfig, Connection, Event, HostConfig, ServerConfig, ServerEvent, TokenAnswer,
};

use super::ends::T0;

/// A kind of login, and what it costs.
pub(crate) struct Login {
    pub(crate) name: &'static str,
    pub(crate) cost: Cost,
    pub(crate) run: Box<dyn FnMut() -> u64>,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Changes of who speaks.
    pub(crate) flights: u32,
    pub(crate) from_client: usize,
    pub(crate) from_server: usize,
}

const TOKEN: &str = "gwtqjh5wy6vq2ohlx4ob3vqgn4k5vn3zq2l6zrjynxwmbyl5ojpa";
const MECHANISM: Mechanism = Mechanism::HashedToken(TokenBinding::Exporter);

pub(crate) fn all() -> Vec<Login> {
    let login = |name, change: fn(&mut ClientConfig), resumes| {
        let mut setting = Setting::new(change);
        if resumes {
            setting.lose();
        }
        let cost = setting.log_in().cost;
        Login { name, cost, run: Box::new(move || u64::from(setting.log_in().cost.flights)) }
    };
    let by_token: fn(&mut ClientConfig) = |config| {
        config.credentials = Credentials::new("juliet").with_token(Token::new(MECHANISM, TOKEN));
    };
    vec![
        login("RFC 6120: SCRAM, bind, enable", |config| config.sasl2.enabled = false, false),
        login("RFC 6120: SCRAM, resume", |config| config.sasl2.enabled = false, true),
        login("SASL2: SCRAM; bind, enable", |config| config.sasl2.bind = None, false),
        login("SASL2 and Bind 2: SCRAM", |_| {}, false),
        login("SASL2: SCRAM, resume", |_| {}, true),
        login("SASL2 and Bind 2: FAST", by_token, false),
        login("SASL2: FAST, resume", by_token, true),
    ]
}

/// What both ends are made from.
struct Setting {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    host: Arc<HostConfig>,
    keys: ScramKeys,
    /// What either end goes on from.
    lost: Option<(Resumption, Resumption)>,
}

/// Two ends that have come to terms.
struct Done {
    cost: Cost,
    client: Connection<xmpp_core::role::ClientToServer>,
    server: Connection<xmpp_core::role::ServerFromClient>,
}

impl Setting {
    fn new(change: fn(&mut ClientConfig)) -> Self {
        let rounds = NonZeroU32::new(4096).unwrap();
        let keys = ScramKeys::derive(
            crypto::provider(),
            Hash::Sha256,
            b"r0m30",
            b"0123456789abcdef",
            rounds,
        );
        let account = BareJid::new("juliet@example.com").unwrap();
        let credentials = Credentials::new("juliet").with_scram_keys(keys.clone());
        let mut client = ClientConfig::new(account, credentials);
        client.tls = TlsMode::Direct;
        let id = "d4565fa7-4d72-4749-b3d3-740edbf87770";
        client.sasl2.user_agent = UserAgent::with_id(id).unwrap();
        if let Some(bind) = &mut client.sasl2.bind {
            bind.tag = Some("balcony".into());
        }
        change(&mut client);
        let mut server = ServerConfig::default();
        server.tls = TlsMode::Direct;
        let account_keys = AccountKeys::new(FakeSalt::new([1; 32]), Hash::Sha256, rounds);
        let config = Config::new().account_keys(account_keys);
        let mut host = HostConfig::new(Domainpart::new("example.com").unwrap(), config);
        host.policy = host.policy.allow(MECHANISM);
        host.stream_management = Some(StreamManagement::of_server());
        let (client, server, host) = (Arc::new(client), Arc::new(server), Arc::new(host));
        Self { client, server, host, keys, lost: None }
    }

    /// A first login whose connection is lost.
    fn lose(&mut self) {
        let mut done = self.log_in();
        done.client.handle_eof(T0);
        done.server.handle_eof(T0);
        let (mut rx, mut tx) = (RecvBuffer::new(1 << 16), SendBuffer::new(Framing::Stream));
        while let Ok(Some(_)) = done.client.poll_event(T0, &mut rx, &mut tx) {}
        while let Ok(Some(_)) = done.server.poll_event(T0, &mut rx, &mut tx) {}
        let (client, server) = (done.client.take_resumption(), done.server.take_resumption());
        self.lost = Some((client.expect("to be resumed"), server.expect("to be resumed")));
    }

    fn log_in(&self) -> Done {
        let facts = || TlsFacts::new().with_version(TlsVersion::Tls13).with_exporter(&[7; 32]);
        let config = Arc::clone(&self.client);
        let (mut ctx, mut stx) =
            (SendBuffer::new(Framing::Stream), SendBuffer::new(Framing::Stream));
        let (mut crx, mut srx) = (RecvBuffer::new(1 << 16), RecvBuffer::new(1 << 16));
        let mut client = match &self.lost {
            Some((from, _)) => {
                Connection::resume(config, from.clone(), T0, [1; 32], &mut ctx).unwrap()
            }
            None => Connection::connect(config, T0, [1; 32], &mut ctx),
        };
        let server = Arc::clone(&self.server);
        let mut server = Connection::accept(server, Framing::Stream, T0, [2; 32]);
        client.tls_established(T0, facts(), &mut crx, &mut ctx).unwrap();
        server.tls_established(T0, facts(), &mut srx, &mut stx).unwrap();
        let mut cost = Cost::default();
        loop {
            while client.poll_event(T0, &mut crx, &mut ctx).unwrap().is_some() {}
            let there = srx.push(ctx.unsent());
            ctx.sent(there);
            while let Some(event) = server.poll_event(T0, &mut srx, &mut stx).unwrap() {
                let Event::Role(event) = event else { continue };
                match event {
                    ServerEvent::HostWanted(query) => {
                        server.choose_host(query, Arc::clone(&self.host), &mut stx).unwrap();
                    }
                    ServerEvent::CredentialsWanted(query) => {
                        let answer = match query.query() {
                            Query::Tokens { .. } => Answer::tokens(vec![Secret::from(TOKEN)]),
                            _ => Answer::keys(self.keys.to_stored()),
                        };
                        server.provide_credentials(query, answer, &mut stx).unwrap();
                    }
                    ServerEvent::TokenWanted(query) => {
                        server.provide_token(query, TokenAnswer::Accept, &mut stx).unwrap();
                    }
                    ServerEvent::ResumeWanted(query) => {
                        let kept = self.lost.as_ref().map(|(_, kept)| kept.clone());
                        let kept = kept.expect("nobody asks who has not lost it");
                        server.accept_resumption(query, kept, &mut stx).unwrap();
                    }
                    ServerEvent::BindWanted(query) => {
                        let resource = query.tagged("rQ7Lwut0CcxW6").unwrap();
                        let jid = query.account().with_resourcepart(resource.as_ref());
                        server.bind(query, jid, &mut stx).unwrap();
                    }
                    _ => {}
                }
            }
            let back = crx.push(stx.unsent());
            stx.sent(back);
            cost.flights += u32::from(there > 0) + u32::from(back > 0);
            cost.from_client += there;
            cost.from_server += back;
            if there + back == 0 {
                assert!(client.bound().is_some() && client.bound() == server.bound());
                return Done { cost, client, server };
            }
        }
    }
}
