//! STUN, TURN and other services: XEP-0215.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{DateTime, Payload, Rest, Secret, Word};

use crate::base::forms::Form;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:extdisco:2");

/// The services of a server: asked for by an iq of type `get`, told by a result or,
/// when they change, a `set` (XEP-0215, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "services", section = "XEP-0215, 3.1")]
#[non_exhaustive]
pub struct Services<'a> {
    /// Of which type only.
    #[xml(attr = "type")]
    pub kind: Option<Cow<'a, str>>,
    /// The services.
    #[xml(child)]
    pub services: Vec<Service<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The credentials for a service: asked for by an iq of type `get` (XEP-0215, 3.3).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "credentials", section = "XEP-0215, 3.3")]
#[non_exhaustive]
pub struct Credentials<'a> {
    /// The services.
    #[xml(child)]
    pub services: Vec<Service<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A service (XEP-0215, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "service", section = "XEP-0215, 3.1")]
#[non_exhaustive]
pub struct Service<'a> {
    /// What has become of it, if that is pushed.
    #[xml(attr, default)]
    pub action: ServiceAction,
    /// Until when the credentials are good.
    #[xml(attr)]
    pub expires: Option<DateTime>,
    /// Its name or address.
    #[xml(attr)]
    pub host: Cow<'a, str>,
    /// Its name for people.
    #[xml(attr)]
    pub name: Option<Cow<'a, str>>,
    /// The password to use there.
    #[xml(attr)]
    pub password: Option<Secret<'a>>,
    /// The port.
    #[xml(attr)]
    pub port: Option<u16>,
    /// Whether it asks for credentials; they can be asked for.
    #[xml(attr)]
    pub restricted: Option<bool>,
    /// With which protocol: `udp` or `tcp`.
    #[xml(attr)]
    pub transport: Option<Cow<'a, str>>,
    /// What it is, such as `stun`, `stuns`, `turn`, `turns` (8.3).
    #[xml(attr = "type")]
    pub kind: Cow<'a, str>,
    /// The name to use there.
    #[xml(attr)]
    pub username: Option<Cow<'a, str>>,
    /// What else is to be known (4).
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What has become of a service (XEP-0215, 3.1).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceAction {
    /// It is there.
    #[default]
    Add,
    /// It is there no more.
    Delete,
    /// It has changed.
    Modify,
}
