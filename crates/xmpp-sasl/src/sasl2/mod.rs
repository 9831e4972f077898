//! The extensible SASL profile (XEP-0388) and what goes inline with it:
//! upgrade tasks (XEP-0480) and tokens (XEP-0484). Everything but the XML.
//!
//! The exchange itself is the one of [`client`](crate::client) and
//! [`server`](crate::server). What this profile adds is that `<continue/>` may
//! stand where `<success/>` would, with tasks to do first. [`Continued`] and
//! [`Tasks`] keep the proof of authentication locked away until they are done.
//!
//! In this profile data of no length is an empty element and no data is no
//! element; the `=` of RFC 6120 does not occur.

mod fast;
mod tasks;
mod upgrade;
mod user_agent;

pub use self::fast::{Fast, Replayed, TokenSlots};
pub use self::tasks::{Continued, Next, Running, RunningTask, TaskError, Tasks};
pub use self::upgrade::{Upgrade, UpgradeError, UpgradeQuery};
pub use self::user_agent::{InvalidId, UserAgent};

/// The namespace of the profile.
pub const NAMESPACE: &str = "urn:xmpp:sasl:2";
/// The namespace of the feature that lists channel bindings (XEP-0440).
pub const CHANNEL_BINDING_NAMESPACE: &str = "urn:xmpp:sasl-cb:0";
/// The namespace of `<fast/>`, `<request-token/>` and `<token/>` (XEP-0484).
pub const FAST_NAMESPACE: &str = "urn:xmpp:fast:0";
/// The namespace of `<upgrade/>` (XEP-0480).
pub const UPGRADE_NAMESPACE: &str = "urn:xmpp:sasl:upgrade:0";
/// The namespace of `<salt/>` and `<hash/>` (XEP-0480 section 3).
pub const SCRAM_UPGRADE_NAMESPACE: &str = "urn:xmpp:scram-upgrade:0";
