//! The properties of a vCard (RFC 6350, 6; RFC 6351, appendix A).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::{Payload, Rest};

use super::NS;

/// What is said of a property (RFC 6350, 5).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "parameters", section = "XEP-0292, 3")]
#[non_exhaustive]
pub struct Parameters<'a> {
    /// What it is used for: `home`, `work`, `cell` and others.
    #[xml(child)]
    pub types: Option<Types<'a>>,
    /// How it compares with others of the kind.
    #[xml(child)]
    pub preference: Option<Preference<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a property is used for (RFC 6350, 5.6).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "type", section = "XEP-0292, 3")]
#[non_exhaustive]
pub struct Types<'a> {
    /// A word each.
    #[xml(leaf = "text")]
    pub texts: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How a property compares with others of the kind: from 1, the most preferred,
/// to 100 (RFC 6350, 5.3). RFC 6351 has the number in another element within it,
/// some cards of XEP-0292 in the element itself.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "pref", section = "XEP-0292, 3")]
#[non_exhaustive]
pub struct Preference<'a> {
    /// The number, in another element.
    #[xml(leaf)]
    pub integer: Option<u8>,
    /// The number, in the element itself.
    #[xml(text)]
    pub number: Option<u8>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Properties whose value is a text or a URI.
macro_rules! properties {
    ($($(#[$doc:meta])* $property:ident = $name:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Payload, Clone, Debug, Default, PartialEq)]
            #[xml(ns = NS, name = $name, section = "XEP-0292, 3")]
            #[non_exhaustive]
            pub struct $property<'a> {
                /// What is said of it.
                #[xml(child)]
                pub parameters: Option<Parameters<'a>>,
                /// Its value as a text, or as several.
                #[xml(leaf = "text")]
                pub texts: Vec<Cow<'a, str>>,
                /// Its value as a URI.
                #[xml(leaf)]
                pub uri: Option<Cow<'a, str>>,
                /// What else is in it.
                #[xml(rest)]
                pub rest: Rest<'a>,
            }
        )+
    };
}
properties! {
    /// What kind of thing the card is about (RFC 6350, 6.1.4).
    Kind = "kind";
    /// The name, as one writes it (RFC 6350, 6.2.1).
    FullName = "fn";
    /// A nickname (RFC 6350, 6.2.3).
    Nickname = "nickname";
    /// A photograph (RFC 6350, 6.2.4).
    Photo = "photo";
    /// A telephone number (RFC 6350, 6.4.1).
    Telephone = "tel";
    /// An address of e-mail (RFC 6350, 6.4.2).
    Email = "email";
    /// An address of instant messaging (RFC 6350, 6.4.3).
    Impp = "impp";
    /// A time zone (RFC 6350, 6.5.1).
    TimeZone = "tz";
    /// A place on earth (RFC 6350, 6.5.2).
    Position = "geo";
    /// What one is in an organisation (RFC 6350, 6.6.1).
    Title = "title";
    /// What one does there (RFC 6350, 6.6.2).
    Role = "role";
    /// A logo (RFC 6350, 6.6.3).
    Logo = "logo";
    /// An organisation (RFC 6350, 6.6.4).
    Organisation = "org";
    /// A member of a group (RFC 6350, 6.6.5).
    Member = "member";
    /// Somebody one has to do with (RFC 6350, 6.6.6).
    Related = "related";
    /// Categories (RFC 6350, 6.7.1).
    Categories = "categories";
    /// A remark (RFC 6350, 6.7.2).
    Note = "note";
    /// The program that made the card (RFC 6350, 6.7.3).
    Product = "prodid";
    /// How the name is spoken (RFC 6350, 6.7.5).
    Sound = "sound";
    /// What tells the card from others (RFC 6350, 6.7.6).
    Uid = "uid";
    /// A page of the web (RFC 6350, 6.7.8).
    Url = "url";
    /// A public key (RFC 6350, 6.8.1).
    Key = "key";
}

/// Properties whose value is a date, or a text.
macro_rules! dates {
    ($($(#[$doc:meta])* $property:ident = $name:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Payload, Clone, Debug, Default, PartialEq)]
            #[xml(ns = NS, name = $name, section = "XEP-0292, 3")]
            #[non_exhaustive]
            pub struct $property<'a> {
                /// What is said of it.
                #[xml(child)]
                pub parameters: Option<Parameters<'a>>,
                /// A date, of which parts may be missing (RFC 6350, 4.3.1).
                #[xml(leaf)]
                pub date: Option<Cow<'a, str>>,
                /// A date and a time (RFC 6350, 4.3.3).
                #[xml(leaf)]
                pub date_time: Option<Cow<'a, str>>,
                /// A date in words.
                #[xml(leaf)]
                pub text: Option<Cow<'a, str>>,
                /// What else is in it.
                #[xml(rest)]
                pub rest: Rest<'a>,
            }
        )+
    };
}
dates! {
    /// The birthday (RFC 6350, 6.2.5).
    Birthday = "bday";
    /// The day of the wedding (RFC 6350, 6.2.6).
    Anniversary = "anniversary";
}

/// The name, by its parts (RFC 6350, 6.2.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "n", section = "XEP-0292, 3")]
#[non_exhaustive]
pub struct Name<'a> {
    /// What is said of it.
    #[xml(child)]
    pub parameters: Option<Parameters<'a>>,
    /// Family names.
    #[xml(leaf = "surname")]
    pub surnames: Vec<Cow<'a, str>>,
    /// Given names.
    #[xml(leaf = "given")]
    pub given: Vec<Cow<'a, str>>,
    /// Further names.
    #[xml(leaf)]
    pub additional: Vec<Cow<'a, str>>,
    /// What stands before it.
    #[xml(leaf = "prefix")]
    pub prefixes: Vec<Cow<'a, str>>,
    /// What stands behind it.
    #[xml(leaf = "suffix")]
    pub suffixes: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The gender (RFC 6350, 6.2.7).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "gender", section = "XEP-0292, 3")]
#[non_exhaustive]
pub struct Gender<'a> {
    /// A letter.
    #[xml(child)]
    pub sex: Option<Sex<'a>>,
    /// In words.
    #[xml(leaf)]
    pub identity: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The sex: `M`, `F`, `O`, `N` or `U` (RFC 6350, 6.2.7). RFC 6351 has the letter
/// in the element itself, XEP-0292 in another one within it.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "sex", section = "XEP-0292, 3")]
#[non_exhaustive]
pub struct Sex<'a> {
    /// The letter, in the element itself.
    #[xml(text)]
    pub letter: Option<Cow<'a, str>>,
    /// The letter, in another element.
    #[xml(leaf)]
    pub text: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A postal address (RFC 6350, 6.3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "adr", section = "XEP-0292, 3")]
#[non_exhaustive]
pub struct Address<'a> {
    /// What is said of it.
    #[xml(child)]
    pub parameters: Option<Parameters<'a>>,
    /// Post office boxes.
    #[xml(leaf = "pobox")]
    pub post_office_boxes: Vec<Cow<'a, str>>,
    /// What else tells the place, such as a suite.
    #[xml(leaf = "ext")]
    pub extended: Vec<Cow<'a, str>>,
    /// The street and the number.
    #[xml(leaf = "street")]
    pub streets: Vec<Cow<'a, str>>,
    /// The town.
    #[xml(leaf = "locality")]
    pub localities: Vec<Cow<'a, str>>,
    /// The state or province.
    #[xml(leaf = "region")]
    pub regions: Vec<Cow<'a, str>>,
    /// The postal code.
    #[xml(leaf = "code")]
    pub postal_codes: Vec<Cow<'a, str>>,
    /// The country.
    #[xml(leaf = "country")]
    pub countries: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A language (RFC 6350, 6.4.4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "lang", section = "XEP-0292, 3")]
#[non_exhaustive]
pub struct Language<'a> {
    /// What is said of it.
    #[xml(child)]
    pub parameters: Option<Parameters<'a>>,
    /// The language, as RFC 5646 has it.
    #[xml(leaf = "language-tag")]
    pub tag: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// When the card was changed last (RFC 6350, 6.7.4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "rev", section = "XEP-0292, 3")]
#[non_exhaustive]
pub struct Revised<'a> {
    /// The moment, in the basic format of ISO 8601: `20260629T120000Z`.
    #[xml(leaf)]
    pub timestamp: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
