//! The extensible SASL profile (XEP-0388) and what goes inline with it.

use alloc::{string::String, vec::Vec};

use xmpp_sasl::sasl2::{Fast, Upgrade, UserAgent};
use xmpp_xml::Element;

/// What a client does where a server offers the extensible SASL profile
/// (XEP-0388): authentication without a stream restart, and in the same round trip
/// a resource (Bind 2, XEP-0386) and a token for the next time (FAST, XEP-0484).
///
/// ```
/// use xmpp_core::ClientConfig;
/// use xmpp_core::sasl::client::Credentials;
/// use xmpp_core::sasl::sasl2::UserAgent;
///
/// let account = "juliet@example.com".parse()?;
/// let credentials = Credentials::new("juliet").with_password("r0m30");
/// let mut config = ClientConfig::new(account, credentials);
/// // The same at every start of this installation: tokens are bound to it.
/// config.sasl2.user_agent = UserAgent::with_id("d4565fa7-4d72-4749-b3d3-740edbf87770")?;
/// config.sasl2.user_agent.software = Some("Balcony".into());
/// config.sasl2.request_token = true;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sasl2Client {
    /// Whether the profile is used where it is offered. Without it, and where it
    /// is not offered, RFC 6120's is. On by default.
    pub enabled: bool,
    /// What the server is told about this client. Without an `id` there are no
    /// tokens (XEP-0484 section 5.1). Nothing by default.
    pub user_agent: UserAgent,
    /// How a resource is bound inline where the server offers that; `None` for
    /// RFC 6120 section 7 in all cases. A client that asks for a
    /// [resource](crate::ClientConfig::resource) by its full name binds it as RFC
    /// 6120 has it: in Bind 2 there is no such request.
    pub bind: Option<Bind2Client>,
    /// Whether to ask for a token, which comes in
    /// [`ClientEvent::Authenticated`](crate::ClientEvent::Authenticated). Off by
    /// default: a token is to be kept as safe as a password.
    pub request_token: bool,
    /// What is told with the token of
    /// [`Credentials::with_token`](xmpp_sasl::client::Credentials::with_token): the
    /// count, which is one more at each attempt with it, and whether the server is
    /// to forget it after this login.
    pub token_use: Fast,
    /// Whether the server may be given keys for further hashes (XEP-0480).
    pub upgrades: ScramUpgrades,
    /// The names of the tasks that the driver can do between authentication and
    /// success (XEP-0388, "Continue"), such as a second factor: it answers
    /// [`ClientEvent::TaskWanted`](crate::ClientEvent::TaskWanted). A server that
    /// demands only others ends the connection with
    /// [`UnknownTasks`](crate::PeerIncompatible::UnknownTasks). None by default;
    /// upgrades to SCRAM are not among them.
    ///
    /// The deadline for the negotiation goes on while a user is asked.
    pub tasks: Vec<String>,
}

impl Default for Sasl2Client {
    fn default() -> Self {
        Self {
            enabled: true,
            user_agent: UserAgent::default(),
            bind: Some(Bind2Client::default()),
            request_token: false,
            token_use: Fast::default(),
            tasks: Vec::new(),
            upgrades: ScramUpgrades::default(),
        }
    }
}

/// What a client asks for with a resource (Bind 2, XEP-0386). What a server does
/// not offer inline is not asked for: ask for it once the stream is established.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Bind2Client {
    /// What the resource shall begin with, for others to see: the name of the
    /// software, never one of the user or the machine.
    pub tag: Option<String>,
    /// Whether to enable message carbons (XEP-0280).
    pub carbons: bool,
    /// Whether to begin as inactive (XEP-0352).
    pub inactive: bool,
    /// What else to ask for, each asked for if the server offers its namespace.
    pub extensions: Vec<Element>,
}

/// When a client does the task of a SCRAM upgrade (XEP-0480): it gives the server
/// the salted password for a further hash, which is as good as the password to
/// whoever gets hold of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScramUpgrades {
    /// Never.
    Never,
    /// After an exchange that was bound to the TLS connection (`-PLUS`), so that
    /// nobody is in between.
    #[default]
    Bound,
    /// After each exchange with the password in which the server has proved that it
    /// knows it.
    Always,
}

/// What a server offers of the extensible SASL profile (XEP-0388), and with it.
///
/// Tokens (FAST, XEP-0484) are offered if the host's
/// [`policy`](crate::HostConfig::policy) allows `HT-` mechanisms; the driver then
/// answers [`ServerEvent::TokenWanted`](crate::ServerEvent::TokenWanted).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sasl2Host {
    /// Whether the profile is offered, beside RFC 6120's. On by default.
    pub enabled: bool,
    /// Whether a resource can be bound inline (Bind 2, XEP-0386). On by default.
    pub bind: bool,
    /// Names of the features that can be asked for with a resource, such as
    /// `urn:xmpp:carbons:2`. What a client asks for is in
    /// [`BindQuery::inline`](crate::BindQuery::inline); who lists a feature here
    /// enables it there. None by default.
    pub inline: Vec<String>,
    /// The SCRAM upgrades that clients are asked for (XEP-0480): of hashes that
    /// accounts do not have keys for. Their results come as
    /// [`ServerEvent::KeysUpgraded`](crate::ServerEvent::KeysUpgraded). None by default.
    pub upgrades: Vec<Upgrade>,
    /// Whether clients may have tasks to do between authentication and success
    /// (XEP-0388, "Continue"): a second factor, a new password. With it the driver is
    /// asked at each login, in either profile
    /// ([`ServerEvent::TasksWanted`](crate::ServerEvent::TasksWanted)); without it,
    /// never. `None` by default.
    pub tasks: Option<TaskLimits>,
}

impl Default for Sasl2Host {
    fn default() -> Self {
        Self { enabled: true, bind: true, inline: Vec::new(), upgrades: Vec::new(), tasks: None }
    }
}

/// How much may be exchanged in the tasks that a driver demands, in one attempt to
/// authenticate. An attempt that goes beyond fails, and counts as other failed logins
/// do ([`max_failed_logins`](crate::ServerConfig::max_failed_logins)). The limits of a
/// client that has not authenticated, and the deadline for the negotiation, hold until
/// the last task is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskLimits {
    /// How many tasks there may be, one after the other. 4 by default.
    pub tasks: u32,
    /// How many elements the client may send in all of them, `<next/>` among them. 16
    /// by default.
    pub exchanges: u32,
}

impl Default for TaskLimits {
    fn default() -> Self {
        Self { tasks: 4, exchanges: 16 }
    }
}
