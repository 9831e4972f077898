//! vCard-based avatars: XEP-0153.

use alloc::borrow::Cow;

use xmpp_stanza::xml::ns;
use xmpp_stanza::{Payload, Rest};

/// In a presence: which image the photograph of the vCard is (XEP-0153, 4.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::VCARD_UPDATE, name = "x", section = "XEP-0153, 4.1")]
#[non_exhaustive]
pub struct Update<'a> {
    /// The SHA-1 of the image, in hexadecimal digits; empty, if there is none.
    /// Without it the sender does not know yet. [`avatar`](Self::avatar) tells
    /// these apart.
    #[xml(leaf)]
    pub photo: Option<Cow<'a, str>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a presence says of the avatar (XEP-0153, 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth case")]
pub enum Avatar<'u> {
    /// The sender does not know yet: what is known stays.
    NotReady,
    /// There is none.
    None,
    /// The image with this SHA-1, in hexadecimal digits.
    Sha1(&'u str),
}

impl Update<'_> {
    /// What it says.
    ///
    /// ```
    /// use xmpp_extensions::profiles::vcard_avatar::{Avatar, Update};
    ///
    /// assert_eq!(Update::new().avatar(), Avatar::NotReady);
    /// assert_eq!(Update::new().with_photo("").avatar(), Avatar::None);
    /// ```
    #[must_use]
    pub fn avatar(&self) -> Avatar<'_> {
        match self.photo.as_deref().map(str::trim) {
            None => Avatar::NotReady,
            Some("") => Avatar::None,
            Some(hash) => Avatar::Sha1(hash),
        }
    }
}
