//! For which chats to notify: XEP-0492, in a bookmark (XEP-0402).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest};

/// The namespace of XEP-0492.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:notification-settings:1");

/// When to notify for a chat (XEP-0492, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "notify", section = "XEP-0492, 2")]
#[non_exhaustive]
pub struct Notify<'a> {
    /// The settings, each for other clients; [`of`](Self::of) finds the one.
    #[xml(child)]
    pub settings: Vec<Setting<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// When to notify (XEP-0492, 2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(section = "XEP-0492, 2")]
#[expect(clippy::exhaustive_enums, reason = "the schema has them all")]
pub enum Setting<'a> {
    /// For every message.
    Always(Always<'a>),
    /// If one is mentioned.
    OnMention(OnMention<'a>),
    /// Never.
    Never(Never<'a>),
}

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident = $element:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Payload, Clone, Debug, Default, PartialEq)]
        #[xml(ns = NS, name = $element, section = "XEP-0492, 2")]
        #[non_exhaustive]
        pub struct $name<'a> {
            /// For clients of that category of service discovery; for all, if
            /// it is not there.
            #[xml(attr)]
            pub identity_category: Option<Cow<'a, str>>,
            /// For clients of that type of service discovery; for all of the
            /// category, if it is not there.
            #[xml(attr)]
            pub identity_type: Option<Cow<'a, str>>,
            /// What some clients know beyond it.
            #[xml(child)]
            pub advanced: Option<Advanced<'a>>,
            /// What else is in it.
            #[xml(rest)]
            pub rest: Rest<'a>,
        }
    )*};
}
settings! {
    /// Notify for every message (XEP-0492, 2).
    Always = "always";
    /// Notify if one is mentioned (XEP-0492, 2).
    OnMention = "on-mention";
    /// Never notify (XEP-0492, 2).
    Never = "never";
}

/// What some clients know beyond a setting (XEP-0492, 2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "advanced", section = "XEP-0492, 2")]
#[non_exhaustive]
pub struct Advanced<'a> {
    /// Elements of any kind.
    #[xml(any)]
    pub elements: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl Setting<'_> {
    fn identity(&self) -> (Option<&str>, Option<&str>) {
        let (category, kind) = match self {
            Self::Always(Always { identity_category, identity_type, .. })
            | Self::OnMention(OnMention { identity_category, identity_type, .. })
            | Self::Never(Never { identity_category, identity_type, .. }) => {
                (identity_category, identity_type)
            }
        };
        (category.as_deref(), kind.as_deref())
    }
}

impl<'a> Notify<'a> {
    /// The setting for a client of that category and type: the one that fits
    /// most closely (XEP-0492, 2).
    ///
    /// ```
    /// use xmpp_extensions::accounts::notification_settings::{Always, Never, Notify, Setting};
    ///
    /// let notify = Notify::new().with_settings([
    ///     Setting::Never(Never::new().with_identity_category("client").with_identity_type("pc")),
    ///     Setting::Always(Always::new()),
    /// ]);
    /// assert!(matches!(notify.of("client", "pc"), Some(Setting::Never(_))));
    /// assert!(matches!(notify.of("client", "phone"), Some(Setting::Always(_))));
    /// ```
    #[must_use]
    pub fn of(&self, category: &str, kind: &str) -> Option<&Setting<'a>> {
        let fits = |setting: &&Setting<'a>| {
            let (its_category, its_kind) = setting.identity();
            its_category.is_none_or(|its| its == category) && its_kind.is_none_or(|its| its == kind)
        };
        let closeness = |setting: &&Setting<'a>| {
            let (its_category, its_kind) = setting.identity();
            (its_category.is_some(), its_kind.is_some())
        };
        self.settings.iter().filter(fits).max_by_key(closeness)
    }
}
