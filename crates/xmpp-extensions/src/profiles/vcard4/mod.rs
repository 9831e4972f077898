//! vCard 4 as XML: XEP-0292, which takes RFC 6351.

mod properties;

use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Payload, Rest};

pub use properties::*;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:ietf:params:xml:ns:vcard-4.0");
/// The node that one's own is published at (XEP-0292, 4.1).
pub const NODE: &str = "urn:xmpp:vcard4";

/// Who somebody is (XEP-0292, 3; RFC 6351, 5).
///
/// Its properties are as RFC 6350 has them; the order between those of
/// different names means nothing.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "vcard", section = "XEP-0292, 3")]
#[non_exhaustive]
pub struct VCard<'a> {
    /// What kind of thing it is; an individual, if it is missing.
    #[xml(child)]
    pub kind: Option<Kind<'a>>,
    /// The name, as one writes it.
    #[xml(child)]
    pub full_names: Vec<FullName<'a>>,
    /// The name, by its parts.
    #[xml(child)]
    pub name: Option<Name<'a>>,
    /// Nicknames.
    #[xml(child)]
    pub nicknames: Vec<Nickname<'a>>,
    /// Photographs.
    #[xml(child)]
    pub photos: Vec<Photo<'a>>,
    /// The birthday.
    #[xml(child)]
    pub birthday: Option<Birthday<'a>>,
    /// The day of the wedding.
    #[xml(child)]
    pub anniversary: Option<Anniversary<'a>>,
    /// The gender.
    #[xml(child)]
    pub gender: Option<Gender<'a>>,
    /// Postal addresses.
    #[xml(child)]
    pub addresses: Vec<Address<'a>>,
    /// Telephone numbers.
    #[xml(child)]
    pub telephones: Vec<Telephone<'a>>,
    /// Addresses of e-mail.
    #[xml(child)]
    pub emails: Vec<Email<'a>>,
    /// Addresses of instant messaging, as URIs.
    #[xml(child)]
    pub impp: Vec<Impp<'a>>,
    /// Languages.
    #[xml(child)]
    pub languages: Vec<Language<'a>>,
    /// Time zones.
    #[xml(child)]
    pub time_zones: Vec<TimeZone<'a>>,
    /// Places on earth, as URIs.
    #[xml(child)]
    pub positions: Vec<Position<'a>>,
    /// What one is in an organisation.
    #[xml(child)]
    pub titles: Vec<Title<'a>>,
    /// What one does there.
    #[xml(child)]
    pub roles: Vec<Role<'a>>,
    /// Logos.
    #[xml(child)]
    pub logos: Vec<Logo<'a>>,
    /// Organisations: a name, and the units within it.
    #[xml(child)]
    pub organisations: Vec<Organisation<'a>>,
    /// Members of a group.
    #[xml(child)]
    pub members: Vec<Member<'a>>,
    /// Others one has to do with.
    #[xml(child)]
    pub related: Vec<Related<'a>>,
    /// Categories.
    #[xml(child)]
    pub categories: Vec<Categories<'a>>,
    /// Remarks.
    #[xml(child)]
    pub notes: Vec<Note<'a>>,
    /// The program that made it.
    #[xml(child)]
    pub product: Option<Product<'a>>,
    /// When it was changed last.
    #[xml(child)]
    pub revised: Option<Revised<'a>>,
    /// How the name is spoken.
    #[xml(child)]
    pub sounds: Vec<Sound<'a>>,
    /// What tells it from others.
    #[xml(child)]
    pub uid: Option<Uid<'a>>,
    /// Pages of the web.
    #[xml(child)]
    pub urls: Vec<Url<'a>>,
    /// Public keys.
    #[xml(child)]
    pub keys: Vec<Key<'a>>,
    /// Other properties, and groups.
    #[xml(any)]
    pub others: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
