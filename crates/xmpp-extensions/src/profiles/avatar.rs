//! User avatar: XEP-0084, and its conversion by servers: XEP-0398.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use sha1::{Digest as _, Sha1};
use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Base64, Payload, Rest};

/// Of the image, and the node it is published at.
pub const NS_DATA: Ns<'static> = Ns::new("urn:xmpp:avatar:data");
/// Of what is said of it, and the node it is published at.
pub const NS_METADATA: Ns<'static> = Ns::new("urn:xmpp:avatar:metadata");
/// The feature of servers that keep it and the photograph of the vCard the
/// same (XEP-0398, 3).
pub const CONVERSION: &str = "urn:xmpp:pep-vcard-conversion:0";

/// The image (XEP-0084, 4.1). The id of the item is its [`id`](Self::id).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS_DATA, name = "data", section = "XEP-0084, 4.1")]
#[non_exhaustive]
pub struct Data<'a> {
    /// Its bytes.
    #[xml(text)]
    pub image: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Which images there are (XEP-0084, 4.2): one, in several forms. An empty one
/// says that there is none.
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS_METADATA, name = "metadata", section = "XEP-0084, 4.2")]
#[non_exhaustive]
pub struct Metadata<'a> {
    /// The forms; one of them is PNG.
    #[xml(child)]
    pub infos: Vec<Info<'a>>,
    /// Images that are elsewhere.
    #[xml(child)]
    pub pointers: Vec<Pointer<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An image (XEP-0084, 4.2.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS_METADATA, name = "info", section = "XEP-0084, 4.2.1")]
#[non_exhaustive]
pub struct Info<'a> {
    /// How many bytes it has.
    #[xml(attr)]
    pub bytes: u32,
    /// How high it is, in pixels.
    #[xml(attr)]
    pub height: Option<u16>,
    /// The SHA-1 of its bytes, in hexadecimal digits.
    #[xml(attr)]
    pub id: Cow<'a, str>,
    /// Its media type.
    #[xml(attr = "type")]
    pub kind: Cow<'a, str>,
    /// Where it is, if it is not published.
    #[xml(attr)]
    pub url: Option<Cow<'a, str>>,
    /// How wide it is, in pixels.
    #[xml(attr)]
    pub width: Option<u16>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An image that is elsewhere (XEP-0084, 4.2.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS_METADATA, name = "pointer", section = "XEP-0084, 4.2.2")]
#[non_exhaustive]
pub struct Pointer<'a> {
    /// How many bytes it has.
    #[xml(attr)]
    pub bytes: Option<u32>,
    /// How high it is, in pixels.
    #[xml(attr)]
    pub height: Option<u16>,
    /// The SHA-1 of its bytes, in hexadecimal digits.
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// Its media type.
    #[xml(attr = "type")]
    pub kind: Option<Cow<'a, str>>,
    /// How wide it is, in pixels.
    #[xml(attr)]
    pub width: Option<u16>,
    /// Where it is, in terms of the application.
    #[xml(any)]
    pub place: Option<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The id of an image: the SHA-1 of its bytes, in hexadecimal digits of lower
/// case (XEP-0084, 4.2.1; XEP-0153, 3.1).
///
/// ```
/// use xmpp_extensions::profiles::avatar::id_of;
///
/// assert_eq!(id_of(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
/// ```
#[must_use]
pub fn id_of(image: &[u8]) -> String {
    let hash: [u8; 20] = Sha1::digest(image).into();
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

impl Data<'_> {
    /// The id of the image.
    #[must_use]
    pub fn id(&self) -> String {
        id_of(&self.image.0)
    }
}

impl Info<'_> {
    /// Whether it is about this image: the number of bytes and the id are right.
    /// What a peer has published has to be looked at (XEP-0084, 3.4).
    #[must_use]
    pub fn is_of(&self, image: &[u8]) -> bool {
        u32::try_from(image.len()) == Ok(self.bytes) && id_of(image).eq_ignore_ascii_case(&self.id)
    }
}
