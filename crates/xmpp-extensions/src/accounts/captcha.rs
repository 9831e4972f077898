//! CAPTCHA forms: XEP-0158.

use alloc::borrow::Cow;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest};

use crate::base::forms::{Form, form_fields};

/// The namespace of XEP-0158.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:captcha");

/// Challenges of which a human can answer some, or the answers (XEP-0158, 3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "captcha", section = "XEP-0158, 3")]
#[non_exhaustive]
pub struct Captcha<'a> {
    /// The form; see [`CaptchaFields`].
    #[xml(child)]
    pub form: Form<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

form_fields! {
    /// The fields of challenges, or the answers (XEP-0158, 12.2.1).
    CaptchaFields = "urn:xmpp:captcha";
    /// How many have to be answered; one, if it is not there.
    answers: one u8 = "answers",
    /// The id of the challenge.
    challenge: one Cow<'a, str> = "challenge",
    /// To whom the stanza went that is challenged.
    from: one JidCow<'a> = "from",
    /// The id of that stanza.
    sid: one Cow<'a, str> = "sid",
    /// The text that a sound holds.
    audio_recog: one Cow<'a, str> = "audio_recog",
    /// The letters in a picture.
    ocr: one Cow<'a, str> = "ocr",
    /// The answer to a question about a picture.
    picture_q: one Cow<'a, str> = "picture_q",
    /// What a picture shows.
    picture_recog: one Cow<'a, str> = "picture_recog",
    /// The answer to a question.
    qa: one Cow<'a, str> = "qa",
    /// A text whose hash ends as the label says.
    sha_256: one Cow<'a, str> = "SHA-256",
    /// The answer to a question that is spoken.
    speech_q: one Cow<'a, str> = "speech_q",
    /// The words that are spoken.
    speech_recog: one Cow<'a, str> = "speech_recog",
    /// The answer to a question about a film.
    video_q: one Cow<'a, str> = "video_q",
    /// What a film shows.
    video_recog: one Cow<'a, str> = "video_recog",
}
