//! vCards as XMPP has always had them: XEP-0054.

mod parts;

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

pub use parts::{
    Address, Agent, Categories, Classification, Email, Key, Label, Logo, Name, Organisation, Photo,
    Position, Sound, Telephone,
};

/// Who somebody is. An empty one asks for it, in an iq of type `get`.
///
/// The order of its children means nothing. What most cards have once, but may
/// have more often, is a list.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "vCard", section = "XEP-0054, 3")]
#[non_exhaustive]
pub struct VCard<'a> {
    /// The version of vCard: 2.0 or 3.0, if it is said.
    #[xml(leaf = "VERSION")]
    pub version: Option<Cow<'a, str>>,
    /// The name, as one writes it.
    #[xml(leaf = "FN")]
    pub full_name: Option<Cow<'a, str>>,
    /// The name, by its parts.
    #[xml(child)]
    pub name: Option<Name<'a>>,
    /// Nicknames; one may be several with commas between.
    #[xml(leaf = "NICKNAME")]
    pub nicknames: Vec<Cow<'a, str>>,
    /// Photographs.
    #[xml(child)]
    pub photos: Vec<Photo<'a>>,
    /// The birthday: a date of XEP-0082, or what somebody wrote.
    #[xml(leaf = "BDAY")]
    pub birthday: Option<Cow<'a, str>>,
    /// Postal addresses.
    #[xml(child)]
    pub addresses: Vec<Address<'a>>,
    /// Postal addresses, as they are printed.
    #[xml(child)]
    pub labels: Vec<Label<'a>>,
    /// Telephone numbers.
    #[xml(child)]
    pub telephones: Vec<Telephone<'a>>,
    /// Addresses of e-mail.
    #[xml(child)]
    pub emails: Vec<Email<'a>>,
    /// Addresses of XMPP, as they are written there.
    #[xml(leaf = "JABBERID")]
    pub jabber_ids: Vec<Cow<'a, str>>,
    /// The program for e-mail.
    #[xml(leaf = "MAILER")]
    pub mailer: Option<Cow<'a, str>>,
    /// The time zone.
    #[xml(leaf = "TZ")]
    pub time_zone: Option<Cow<'a, str>>,
    /// The place on earth.
    #[xml(child)]
    pub position: Option<Position<'a>>,
    /// What one is in the organisation.
    #[xml(leaf = "TITLE")]
    pub titles: Vec<Cow<'a, str>>,
    /// What one does there.
    #[xml(leaf = "ROLE")]
    pub roles: Vec<Cow<'a, str>>,
    /// The organisation's logo.
    #[xml(child)]
    pub logo: Option<Logo<'a>>,
    /// Somebody who acts for one.
    #[xml(child)]
    pub agent: Option<Agent<'a>>,
    /// Organisations.
    #[xml(child)]
    pub organisations: Vec<Organisation<'a>>,
    /// Categories.
    #[xml(child)]
    pub categories: Option<Categories<'a>>,
    /// Remarks.
    #[xml(leaf = "NOTE")]
    pub notes: Vec<Cow<'a, str>>,
    /// The program that made it.
    #[xml(leaf = "PRODID")]
    pub product: Option<Cow<'a, str>>,
    /// When it was changed last.
    #[xml(leaf = "REV")]
    pub revised: Option<Cow<'a, str>>,
    /// How the name is sorted.
    #[xml(leaf = "SORT-STRING")]
    pub sort_as: Option<Cow<'a, str>>,
    /// How the name is spoken.
    #[xml(child)]
    pub sound: Option<Sound<'a>>,
    /// What tells it from others.
    #[xml(leaf = "UID")]
    pub uid: Option<Cow<'a, str>>,
    /// Pages of the web.
    #[xml(leaf = "URL")]
    pub urls: Vec<Cow<'a, str>>,
    /// Whom the card is for.
    #[xml(child)]
    pub classification: Option<Classification<'a>>,
    /// Public keys.
    #[xml(child)]
    pub keys: Vec<Key<'a>>,
    /// What one says of oneself.
    #[xml(leaf = "DESC")]
    pub descriptions: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
