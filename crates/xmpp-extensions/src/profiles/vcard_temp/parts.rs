//! The parts of a vCard that have parts.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{AnyElement, Base64, Payload, Rest};

/// A name, by its parts.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "N", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Name<'a> {
    /// The family name.
    #[xml(leaf = "FAMILY")]
    pub family: Option<Cow<'a, str>>,
    /// The given name.
    #[xml(leaf = "GIVEN")]
    pub given: Option<Cow<'a, str>>,
    /// Further given names.
    #[xml(leaf = "MIDDLE")]
    pub middle: Option<Cow<'a, str>>,
    /// What stands before it: a title.
    #[xml(leaf = "PREFIX")]
    pub prefix: Option<Cow<'a, str>>,
    /// What stands behind it.
    #[xml(leaf = "SUFFIX")]
    pub suffix: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A photograph: of many clients the avatar (XEP-0153).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "PHOTO", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Photo<'a> {
    /// The media type.
    #[xml(leaf = "TYPE")]
    pub kind: Option<Cow<'a, str>>,
    /// The bytes.
    #[xml(leaf = "BINVAL")]
    pub data: Option<Base64>,
    /// Where it is, if the bytes are not here.
    #[xml(leaf = "EXTVAL")]
    pub uri: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An organisation's logo.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "LOGO", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Logo<'a> {
    /// The media type.
    #[xml(leaf = "TYPE")]
    pub kind: Option<Cow<'a, str>>,
    /// The bytes.
    #[xml(leaf = "BINVAL")]
    pub data: Option<Base64>,
    /// Where it is, if the bytes are not here.
    #[xml(leaf = "EXTVAL")]
    pub uri: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A postal address, by its parts.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "ADR", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Address<'a> {
    /// At home.
    #[xml(flag = "HOME")]
    pub home: bool,
    /// At work.
    #[xml(flag = "WORK")]
    pub work: bool,
    /// For letters.
    #[xml(flag = "POSTAL")]
    pub postal: bool,
    /// For parcels.
    #[xml(flag = "PARCEL")]
    pub parcel: bool,
    /// Within the country.
    #[xml(flag = "DOM")]
    pub domestic: bool,
    /// From abroad.
    #[xml(flag = "INTL")]
    pub international: bool,
    /// Preferred to the others.
    #[xml(flag = "PREF")]
    pub preferred: bool,
    /// The post office box.
    #[xml(leaf = "POBOX")]
    pub post_office_box: Option<Cow<'a, str>>,
    /// What else tells the place, such as a suite.
    #[xml(leaf = "EXTADD")]
    pub extended: Option<Cow<'a, str>>,
    /// The street and the number.
    #[xml(leaf = "STREET")]
    pub street: Option<Cow<'a, str>>,
    /// The town.
    #[xml(leaf = "LOCALITY")]
    pub locality: Option<Cow<'a, str>>,
    /// The state or province.
    #[xml(leaf = "REGION")]
    pub region: Option<Cow<'a, str>>,
    /// The postal code.
    #[xml(leaf = "PCODE")]
    pub postal_code: Option<Cow<'a, str>>,
    /// The country.
    #[xml(leaf = "CTRY")]
    pub country: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A postal address, as it is printed.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "LABEL", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Label<'a> {
    /// At home.
    #[xml(flag = "HOME")]
    pub home: bool,
    /// At work.
    #[xml(flag = "WORK")]
    pub work: bool,
    /// For letters.
    #[xml(flag = "POSTAL")]
    pub postal: bool,
    /// For parcels.
    #[xml(flag = "PARCEL")]
    pub parcel: bool,
    /// Within the country.
    #[xml(flag = "DOM")]
    pub domestic: bool,
    /// From abroad.
    #[xml(flag = "INTL")]
    pub international: bool,
    /// Preferred to the others.
    #[xml(flag = "PREF")]
    pub preferred: bool,
    /// Its lines.
    #[xml(leaf = "LINE")]
    pub lines: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A telephone number.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "TEL", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Telephone<'a> {
    /// At home.
    #[xml(flag = "HOME")]
    pub home: bool,
    /// At work.
    #[xml(flag = "WORK")]
    pub work: bool,
    /// For speech.
    #[xml(flag = "VOICE")]
    pub voice: bool,
    /// For fax.
    #[xml(flag = "FAX")]
    pub fax: bool,
    /// Of a pager.
    #[xml(flag = "PAGER")]
    pub pager: bool,
    /// Of an answering machine.
    #[xml(flag = "MSG")]
    pub messages: bool,
    /// Of a mobile telephone.
    #[xml(flag = "CELL")]
    pub cell: bool,
    /// For video.
    #[xml(flag = "VIDEO")]
    pub video: bool,
    /// Of a bulletin board.
    #[xml(flag = "BBS")]
    pub bbs: bool,
    /// Of a modem.
    #[xml(flag = "MODEM")]
    pub modem: bool,
    /// Of ISDN.
    #[xml(flag = "ISDN")]
    pub isdn: bool,
    /// Of a personal communication service.
    #[xml(flag = "PCS")]
    pub pcs: bool,
    /// Preferred to the others.
    #[xml(flag = "PREF")]
    pub preferred: bool,
    /// The number. Some clients write entries without one.
    #[xml(leaf = "NUMBER")]
    pub number: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An address of e-mail.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "EMAIL", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Email<'a> {
    /// At home.
    #[xml(flag = "HOME")]
    pub home: bool,
    /// At work.
    #[xml(flag = "WORK")]
    pub work: bool,
    /// An address of the Internet.
    #[xml(flag = "INTERNET")]
    pub internet: bool,
    /// Preferred to the others.
    #[xml(flag = "PREF")]
    pub preferred: bool,
    /// An address of X.400.
    #[xml(flag = "X400")]
    pub x400: bool,
    /// The address.
    #[xml(leaf = "USERID")]
    pub address: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A place on earth, in degrees.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "GEO", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Position<'a> {
    /// North is positive.
    #[xml(leaf = "LAT")]
    pub latitude: Option<f64>,
    /// East is positive.
    #[xml(leaf = "LON")]
    pub longitude: Option<f64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An organisation.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "ORG", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Organisation<'a> {
    /// Its name.
    #[xml(leaf = "ORGNAME")]
    pub name: Option<Cow<'a, str>>,
    /// The units within it, the largest first.
    #[xml(leaf = "ORGUNIT")]
    pub units: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Categories.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "CATEGORIES", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Categories<'a> {
    /// A word each.
    #[xml(leaf = "KEYWORD")]
    pub keywords: Vec<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// How the name is spoken.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "SOUND", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Sound<'a> {
    /// In signs.
    #[xml(leaf = "PHONETIC")]
    pub phonetic: Option<Cow<'a, str>>,
    /// As bytes.
    #[xml(leaf = "BINVAL")]
    pub data: Option<Base64>,
    /// Where it is, if the bytes are not here.
    #[xml(leaf = "EXTVAL")]
    pub uri: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A public key.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "KEY", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Key<'a> {
    /// What kind of key it is.
    #[xml(leaf = "TYPE")]
    pub kind: Option<Cow<'a, str>>,
    /// The key.
    #[xml(leaf = "CRED")]
    pub credential: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Whom the card is for.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "CLASS", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Classification<'a> {
    /// Everybody.
    #[xml(flag = "PUBLIC")]
    pub public: bool,
    /// Nobody.
    #[xml(flag = "PRIVATE")]
    pub private: bool,
    /// Some.
    #[xml(flag = "CONFIDENTIAL")]
    pub confidential: bool,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Somebody who acts for one.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD, name = "AGENT", section = "XEP-0054, 9")]
#[non_exhaustive]
pub struct Agent<'a> {
    /// Where the card is, if it is not here.
    #[xml(leaf = "EXTVAL")]
    pub uri: Option<Cow<'a, str>>,
    /// The card: a `<vCard/>`.
    #[xml(any)]
    pub card: Option<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
