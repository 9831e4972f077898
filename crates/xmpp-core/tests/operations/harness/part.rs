//! What the roles have of their own: how they begin, what they are asked and what
//! has to be proved to them.

use core::num::NonZeroU32;
use core::time::Duration;

use xmpp_core::config::StreamLimits;
use xmpp_core::role::Role;
use xmpp_core::sasl::crypto::{self, Crypto, Digest, Hash};
use xmpp_core::time::Instant;
use xmpp_core::tls::{TlsFacts, TlsVersion};
use xmpp_core::xml::SendBuffer;
use xmpp_core::{
    BindQuery, ComponentQuery, Connection, CredentialsQuery, HostQuery, KeysQuery, Misuse,
    PeerQuery, ResultQuery, TokenQuery, VerifyQuery,
};

use super::options::Options;

pub(crate) const DOMAIN: &str = "example.com";
pub(crate) const SECRET: &str = "r0m30";
/// What the honest peer has in place of the secret.
pub(crate) const OTHER_SECRET: &str = "tybalt";
/// What a wrong answer to a query has: nobody knows it.
pub(crate) const NO_SECRET: &str = "mercutio";
pub(crate) const NONZA_NS: xmpp_core::xml::Ns<'static> = xmpp_core::xml::Ns::new("urn:x");
pub(crate) const T0: Instant = Instant::from_origin(Duration::from_secs(1000));

/// One end of one kind of stream.
pub(crate) trait Part: Role {
    /// The other end.
    type Peer: Part;

    /// Whether it has several questions at a time, each with a deadline of its own, and
    /// goes on meanwhile.
    const SEVERAL: bool = false;
    /// Streams that begin anew without anybody being told.
    const RESTARTS: usize = 0;

    /// Elements that a peer may send, in order and out of order.
    const WORDS: &'static [&'static str];

    fn begin(
        options: Options,
        secret: &str,
        seed: [u8; 32],
        tx: &mut SendBuffer,
    ) -> Connection<Self>;

    /// What an event of the role alone says.
    fn told(event: Self::Event<'_>) -> Told;

    /// Answers a query.
    fn answer(
        connection: &mut Connection<Self>,
        asked: Asked,
        options: Options,
        how: How,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse>;

    /// What has to be proved before stanzas flow.
    fn may_be_established(options: Options, proof: &Proof) -> bool;

    /// What has to be proved before the role says that somebody has
    /// authenticated.
    fn may_be_authenticated(options: Options, proof: &Proof) -> bool;

    /// The addresses that a stanza of this role needs.
    const ADDRESSES: &'static [(&'static str, Option<&'static str>)];
}

/// What an event of a role alone says.
pub(crate) enum Told {
    Asked(Asked),
    Authenticated,
    Else(String),
}

pub(crate) enum Asked {
    Host(HostQuery),
    Credentials(CredentialsQuery),
    Bind(BindQuery),
    Keys(KeysQuery),
    Component(ComponentQuery),
    Token(TokenQuery),
    Peer(PeerQuery),
    Result(ResultQuery),
    Verify(VerifyQuery),
}

/// How a query is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Right,
    Wrong,
    Refused,
}

/// What has happened that counts as proof.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// The role has said that somebody has authenticated.
    pub(crate) authenticated: bool,
    /// The answer to the latest query about credentials or a secret is the right
    /// one.
    pub(crate) answered_right: bool,
    /// A resource was granted.
    pub(crate) bound: bool,
    /// The honest peer has been heard.
    pub(crate) heard_peer: bool,
    /// The honest peer is sure of us.
    pub(crate) peer_is_sure: bool,
    /// A header came.
    pub(crate) header: bool,
}

/// The real thing but for PBKDF2's rounds.
#[derive(Debug)]
pub(crate) struct Quick;

impl Crypto for Quick {
    fn digest(&self, hash: Hash, parts: &[&[u8]]) -> Digest {
        crypto::provider().digest(hash, parts)
    }
    fn hmac(&self, hash: Hash, key: &[u8], parts: &[&[u8]]) -> Digest {
        crypto::provider().hmac(hash, key, parts)
    }
    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], rounds: NonZeroU32) -> Digest {
        self.hmac(hash, password, &[salt, &rounds.get().to_be_bytes()])
    }
}

pub(crate) const ROUNDS: NonZeroU32 = NonZeroU32::new(4096).unwrap();

pub(crate) fn facts() -> TlsFacts<'static> {
    TlsFacts::new().with_version(TlsVersion::Tls13).with_exporter(&[7; 32]).with_peer_proved(true)
}

pub(crate) fn limits(options: Options, mut limits: StreamLimits) -> StreamLimits {
    if options.small {
        limits.unauthenticated = limits.unauthenticated.max_element_bytes(1024);
        limits.authenticated = limits.authenticated.max_element_bytes(1024);
        limits.send = 1024;
    }
    limits
}
