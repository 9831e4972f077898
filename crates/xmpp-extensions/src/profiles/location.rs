//! User location: XEP-0080.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{DateTime, Payload, Rest};

/// The namespace of these elements, and the node that they are published at.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/geoloc");

/// Where somebody is (XEP-0080, 3). An empty one says nothing any more.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "geoloc", section = "XEP-0080, 3")]
#[non_exhaustive]
pub struct Location<'a> {
    /// The language of the texts.
    #[xml(lang)]
    pub lang: Option<Cow<'a, str>>,
    /// How far off it may be, in metres.
    #[xml(leaf)]
    pub accuracy: Option<f64>,
    /// How high above the sea, in metres.
    #[xml(leaf = "alt")]
    pub altitude: Option<f64>,
    /// How far off the height may be, in metres.
    #[xml(leaf = "altaccuracy")]
    pub altitude_accuracy: Option<f64>,
    /// A name of the place, such as a campus.
    #[xml(leaf)]
    pub area: Option<Cow<'a, str>>,
    /// Which way one goes, in degrees from north.
    #[xml(leaf)]
    pub bearing: Option<f64>,
    /// The building.
    #[xml(leaf)]
    pub building: Option<Cow<'a, str>>,
    /// The country.
    #[xml(leaf)]
    pub country: Option<Cow<'a, str>>,
    /// The country: two letters of ISO 3166.
    #[xml(leaf = "countrycode")]
    pub country_code: Option<Cow<'a, str>>,
    /// The geodetic system; WGS84, if it is missing.
    #[xml(leaf)]
    pub datum: Option<Cow<'a, str>>,
    /// The place, in words.
    #[xml(leaf)]
    pub description: Option<Cow<'a, str>>,
    /// How far off it may be, in minutes of arc: an old form.
    #[xml(leaf)]
    pub error: Option<f64>,
    /// The floor.
    #[xml(leaf)]
    pub floor: Option<Cow<'a, str>>,
    /// In degrees; north is positive.
    #[xml(leaf = "lat")]
    pub latitude: Option<f64>,
    /// The town.
    #[xml(leaf)]
    pub locality: Option<Cow<'a, str>>,
    /// In degrees; east is positive.
    #[xml(leaf = "lon")]
    pub longitude: Option<f64>,
    /// The postal code.
    #[xml(leaf = "postalcode")]
    pub postal_code: Option<Cow<'a, str>>,
    /// The state or province.
    #[xml(leaf)]
    pub region: Option<Cow<'a, str>>,
    /// The state or province, by its code.
    #[xml(leaf = "regioncode")]
    pub region_code: Option<Cow<'a, str>>,
    /// The room.
    #[xml(leaf)]
    pub room: Option<Cow<'a, str>>,
    /// How fast one goes, in metres a second.
    #[xml(leaf)]
    pub speed: Option<f64>,
    /// The street and the number.
    #[xml(leaf)]
    pub street: Option<Cow<'a, str>>,
    /// What else there is to say.
    #[xml(leaf)]
    pub text: Option<Cow<'a, str>>,
    /// When one was there.
    #[xml(leaf)]
    pub timestamp: Option<DateTime>,
    /// The offset of the time zone from UTC, `-07:00`.
    #[xml(leaf = "tzo")]
    pub time_zone: Option<Cow<'a, str>>,
    /// A page of the web about the place.
    #[xml(leaf)]
    pub uri: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}
