//! Which clients have access to an account: XEP-0494.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, DateTime, Payload, Rest, Word};

/// The namespace of XEP-0494.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:cam:0");

/// Asks for the clients (XEP-0494, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "list", section = "XEP-0494, 3.1")]
#[non_exhaustive]
pub struct ListClients<'a> {
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The clients (XEP-0494, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "clients", section = "XEP-0494, 3.1")]
#[non_exhaustive]
pub struct Clients<'a> {
    /// Each of them.
    #[xml(child)]
    pub clients: Vec<Client<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A client (XEP-0494, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "client", section = "XEP-0494, 3.1")]
#[non_exhaustive]
pub struct Client<'a> {
    /// Whether it is connected, or may come back to its session.
    #[xml(attr)]
    pub connected: bool,
    /// What to revoke its access by.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// Whether it has had a session.
    #[xml(attr = "type")]
    pub kind: ClientKind,
    /// When it first had access.
    #[xml(leaf)]
    pub first_seen: Option<DateTime>,
    /// When it last used its access.
    #[xml(leaf)]
    pub last_seen: Option<DateTime>,
    /// How it has got access.
    #[xml(child)]
    pub auth: ClientAuth<'a>,
    /// What it may do.
    #[xml(child)]
    pub permission: Permission<'a>,
    /// Which software it is.
    #[xml(child)]
    pub user_agent: Option<UserAgent<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Whether a client has had a session (XEP-0494, 3.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientKind {
    /// It has.
    Session,
    /// It has access alone.
    Access,
}

/// How a client has got access (XEP-0494, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "auth", section = "XEP-0494, 3.1")]
#[non_exhaustive]
pub struct ClientAuth<'a> {
    /// By the password: changing it alone takes the access away.
    #[xml(flag)]
    pub password: bool,
    /// By a grant, of OAuth for instance.
    #[xml(child)]
    pub grant: Option<Grant<'a>>,
    /// By tokens of FAST (XEP-0484).
    #[xml(flag)]
    pub fast: bool,
    /// In other ways.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A grant (XEP-0494, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "grant", section = "XEP-0494, 3.1")]
#[non_exhaustive]
pub struct Grant<'a> {
    /// More about it.
    #[xml(any)]
    pub details: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a client may do (XEP-0494, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "permission", section = "XEP-0494, 3.1")]
#[non_exhaustive]
pub struct Permission<'a> {
    /// How much.
    #[xml(attr)]
    pub status: PermissionStatus,
    /// What it may not, if it is restricted.
    #[xml(any)]
    pub details: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How much a client may do (XEP-0494, 3.1).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0494: it must be one of these")]
pub enum PermissionStatus {
    /// Everything.
    Unrestricted,
    /// All but what the security of the account depends on.
    Normal,
    /// Less.
    Restricted,
}

/// Which software a client is (XEP-0494, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "user-agent", section = "XEP-0494, 3.1")]
#[non_exhaustive]
pub struct UserAgent<'a> {
    /// Its name.
    #[xml(leaf)]
    pub software: Option<Cow<'a, str>>,
    /// Its page.
    #[xml(leaf)]
    pub uri: Option<Cow<'a, str>>,
    /// The device that it runs on, for people.
    #[xml(leaf)]
    pub device: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Takes the access of a client away (XEP-0494, 3.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "revoke", section = "XEP-0494, 3.2")]
#[non_exhaustive]
pub struct RevokeClient<'a> {
    /// The client.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The condition of the error that says that the password has to be changed
/// instead, beside `service-unavailable` (XEP-0494, 3.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "password-reset-required", section = "XEP-0494, 3.2")]
#[non_exhaustive]
pub struct PasswordResetRequired<'a> {
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
