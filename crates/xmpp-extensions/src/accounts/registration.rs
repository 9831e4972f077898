//! In-band registration: XEP-0077, with XEP-0445.

use alloc::borrow::Cow;

use xmpp_stanza::xml::{Ns, ns};
use xmpp_stanza::{Payload, Rest, Secret};

use crate::base::forms::Form;

/// The namespace of the feature of XEP-0445.
pub const TOKEN_NS: Ns<'static> = Ns::new("urn:xmpp:ibr-token:0");
/// The `FORM_TYPE` of forms for registration (XEP-0077, 13.4.1).
pub const FORM_TYPE: &str = "jabber:iq:register";

/// Registers an account, changes its password, or ends it (XEP-0077, 3). In an
/// answer the fields that are there, mostly empty, are those to be filled in;
/// if there is a form, it counts instead (6).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::REGISTER, name = "query", section = "XEP-0077, 3")]
#[non_exhaustive]
pub struct Registration<'a> {
    /// Whether one is registered already.
    #[xml(flag)]
    pub registered: bool,
    /// What to do, for people.
    #[xml(leaf)]
    pub instructions: Option<Cow<'a, str>>,
    /// The name of the account: the localpart of its address.
    #[xml(leaf)]
    pub username: Option<Cow<'a, str>>,
    /// A familiar name.
    #[xml(leaf)]
    pub nick: Option<Cow<'a, str>>,
    /// The password.
    #[xml(leaf)]
    pub password: Option<Secret<'a>>,
    /// The full name.
    #[xml(leaf)]
    pub name: Option<Cow<'a, str>>,
    /// The given name.
    #[xml(leaf)]
    pub first: Option<Cow<'a, str>>,
    /// The family name.
    #[xml(leaf)]
    pub last: Option<Cow<'a, str>>,
    /// The mail address.
    #[xml(leaf)]
    pub email: Option<Cow<'a, str>>,
    /// The street of an address.
    #[xml(leaf)]
    pub address: Option<Cow<'a, str>>,
    /// The town of an address.
    #[xml(leaf)]
    pub city: Option<Cow<'a, str>>,
    /// The region of an address.
    #[xml(leaf)]
    pub state: Option<Cow<'a, str>>,
    /// The code of an address.
    #[xml(leaf)]
    pub zip: Option<Cow<'a, str>>,
    /// The telephone number.
    #[xml(leaf)]
    pub phone: Option<Cow<'a, str>>,
    /// A page of one's own.
    #[xml(leaf)]
    pub url: Option<Cow<'a, str>>,
    /// Some date, such as that of birth.
    #[xml(leaf)]
    pub date: Option<Cow<'a, str>>,
    /// Something else (obsolete).
    #[xml(leaf)]
    pub misc: Option<Cow<'a, str>>,
    /// Something else (obsolete).
    #[xml(leaf)]
    pub text: Option<Cow<'a, str>>,
    /// A key to be given back (7; obsolete).
    #[xml(leaf)]
    pub key: Option<Secret<'a>>,
    /// Whether the account is to end.
    #[xml(flag)]
    pub remove: bool,
    /// A form.
    #[xml(child)]
    pub form: Option<Form<'a>>,
    /// Another place to register at.
    #[xml(child)]
    pub redirect: Option<RegisterElsewhere<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Another place to register at (XEP-0077, 5).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::OOB, name = "x", section = "XEP-0077, 5")]
#[non_exhaustive]
pub struct RegisterElsewhere<'a> {
    /// The page, as a URL.
    #[xml(leaf)]
    pub url: Cow<'a, str>,
    /// What is there, for people.
    #[xml(leaf)]
    pub desc: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The stream feature of servers where one can register (XEP-0077, 8).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::REGISTER_FEATURE, name = "register", section = "XEP-0077, 8")]
#[non_exhaustive]
pub struct RegisterFeature<'a> {
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The stream feature of servers where one can register with a token
/// (XEP-0445, 3). The token is sent in a
/// [`PreAuth`](super::subscription_tokens::PreAuth) before.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = TOKEN_NS, name = "register", section = "XEP-0445, 3")]
#[non_exhaustive]
pub struct TokenRegisterFeature<'a> {
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl<'a> Registration<'a> {
    /// Registers an account of that name (XEP-0077, 3.1), or changes its
    /// password (3.3).
    #[must_use]
    pub fn of(username: impl Into<Cow<'a, str>>, password: impl Into<Secret<'a>>) -> Self {
        Self::new().with_username(username).with_password(password)
    }

    /// Ends one's account (XEP-0077, 3.2).
    #[must_use]
    pub fn removal() -> Self {
        Self::new().with_remove()
    }
}
