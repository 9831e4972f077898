//! Stream management: the nonzas of XEP-0198.
//!
//! The stream feature is
//! [`features::StreamManagement`](crate::features::StreamManagement). What is
//! sent when, and what the numbers mean, is the business of `xmpp-core`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use xmpp_xml::{ElementRef, Ns, WriteXml, Writer, ns};

use crate::envelope::{self, boolean, trimmed};
use crate::invalid::Rule;
use crate::{Invalid, LangText, Payload, StanzaCondition};

crate::stream::tls::empty! {
    /// `<r/>`: how many stanzas have you handled (XEP-0198, section 4)?
    Request => ns::SM, "r", "XEP-0198, 4";
}

/// `<a/>`: how many stanzas have been handled (XEP-0198, section 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ack {
    /// How many, modulo 2^32.
    pub h: u32,
}

impl Ack {
    /// `h` stanzas have been handled.
    #[must_use]
    pub const fn new(h: u32) -> Self {
        Self { h }
    }
}

impl Payload<'_> for Ack {
    const NS: Ns<'static> = ns::SM;
    const NAME: &'static str = "a";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        Ok(Self { h: required_number(element, Self::NAME, "XEP-0198, 4")? })
    }
}

impl WriteXml for Ack {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        number(w, "h", self.h).end();
    }
}

/// `<enable/>`: a client asks for stream management (XEP-0198, section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Enable {
    /// Whether the stream is to be resumable.
    pub resume: bool,
    /// For how many seconds after a disconnection the client would like it to be.
    pub max: Option<u32>,
}

impl Enable {
    /// A request for acknowledgements alone.
    #[must_use]
    pub const fn new() -> Self {
        Self { resume: false, max: None }
    }

    /// Returns this request, for a stream that can be resumed.
    #[must_use]
    pub const fn resumable(mut self) -> Self {
        self.resume = true;
        self
    }

    /// Returns this value with the time that the client would like, in seconds.
    #[must_use]
    pub const fn with_max(mut self, seconds: Option<u32>) -> Self {
        self.max = seconds;
        self
    }
}

impl Payload<'_> for Enable {
    const NS: Ns<'static> = ns::SM;
    const NAME: &'static str = "enable";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        Ok(Self { resume: flag(element, Self::NAME)?, max: seconds(element) })
    }
}

impl WriteXml for Enable {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        if let Some(max) = self.max {
            number(w, "max", max);
        }
        if self.resume {
            w.attr("resume", "true");
        }
        w.end();
    }
}

/// `<enabled/>`: stream management is on (XEP-0198, section 3).
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Enabled {
    /// Whether the stream can be resumed.
    pub resume: bool,
    /// The identifier to resume it by. Whoever has it and the account's
    /// credentials can: it does not show in `Debug`.
    pub id: Option<String>,
    /// Where the server would like the client to connect to for that:
    /// `domainpart:port` as in RFC 6120, section 4.9.3.19.
    pub location: Option<String>,
    /// For how many seconds after a disconnection the server keeps the session.
    pub max: Option<u32>,
}

impl Enabled {
    /// Stream management without resumption.
    #[must_use]
    pub const fn new() -> Self {
        Self { resume: false, id: None, location: None, max: None }
    }

    /// Stream management with resumption by that identifier.
    #[must_use]
    pub fn resumable(id: impl Into<String>) -> Self {
        Self { resume: true, id: Some(id.into()), ..Self::new() }
    }
}

impl Payload<'_> for Enabled {
    const NS: Ns<'static> = ns::SM;
    const NAME: &'static str = "enabled";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let own = |name| element.attr(name).map(alloc::borrow::Cow::into_owned);
        let (resume, id) = (flag(element, Self::NAME)?, own("id"));
        if resume && id.is_none() {
            return Err(missing(Self::NAME, "id", "XEP-0198, 5"));
        }
        Ok(Self { resume, id, location: own("location"), max: seconds(element) })
    }
}

impl WriteXml for Enabled {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        w.attr_opt("id", self.id.as_deref());
        w.attr_opt("location", self.location.as_deref());
        if let Some(max) = self.max {
            number(w, "max", max);
        }
        if self.resume {
            w.attr("resume", "true");
        }
        w.end();
    }
}

impl fmt::Debug for Enabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enabled")
            .field("resume", &self.resume)
            .field("id", &self.id.as_ref().map(|_| "[secret]"))
            .field("location", &self.location)
            .field("max", &self.max)
            .finish()
    }
}

/// Makes the two elements that name an earlier stream and a count.
macro_rules! of_former {
    ($( $(#[$meta:meta])* $name:ident => $local:literal; )+) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            /// The identifier of the earlier stream. It does not show in `Debug`.
            pub previd: String,
            /// How many stanzas of it the sender has handled, modulo 2^32.
            pub h: u32,
        }

        impl $name {
            /// Of the stream `previd`, `h` stanzas have been handled.
            #[must_use]
            pub fn new(previd: impl Into<String>, h: u32) -> Self {
                Self { previd: previd.into(), h }
            }
        }

        impl Payload<'_> for $name {
            const NS: Ns<'static> = ns::SM;
            const NAME: &'static str = $local;

            fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
                Self::check(element)?;
                let Some(previd) = element.attr("previd") else {
                    return Err(missing(Self::NAME, "previd", "XEP-0198, 5"));
                };
                let h = required_number(element, Self::NAME, "XEP-0198, 5")?;
                Ok(Self { previd: previd.into_owned(), h })
            }
        }

        impl WriteXml for $name {
            fn write_xml(&self, w: &mut Writer<'_>) {
                w.start(Self::NS, Self::NAME);
                number(w, "h", self.h).attr("previd", &self.previd).end();
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("h", &self.h).finish_non_exhaustive()
            }
        }
    )+};
}

of_former! {
    /// `<resume/>`: a client wants an earlier stream to go on (XEP-0198, section 5).
    Resume => "resume";
    /// `<resumed/>`: the earlier stream goes on (XEP-0198, section 5).
    Resumed => "resumed";
}

/// `<failed/>`: stream management or the resumption does not come about
/// (XEP-0198, sections 5 and 6).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Failed {
    /// How many stanzas of the earlier stream had been handled, modulo 2^32, if
    /// the server still knows.
    pub h: Option<u32>,
    /// Why. `None` if nothing is said that RFC 6120 defines.
    pub condition: Option<StanzaCondition>,
    /// Descriptions, one a language.
    pub texts: Vec<LangText<'static>>,
}

impl Failed {
    /// For that reason.
    #[must_use]
    pub const fn new(condition: StanzaCondition) -> Self {
        Self { h: None, condition: Some(condition), texts: Vec::new() }
    }

    /// Returns this value with how many stanzas of the earlier stream had been handled.
    #[must_use]
    pub const fn with_h(mut self, h: Option<u32>) -> Self {
        self.h = h;
        self
    }
}

impl Payload<'_> for Failed {
    const NS: Ns<'static> = ns::SM;
    const NAME: &'static str = "failed";

    /// Reads the element. Nothing but its name can be wrong with it: whatever it
    /// says, it means that there is no stream management. A count that is none is
    /// taken to be absent.
    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let h = element.attr("h").and_then(|h| trimmed(&h).parse().ok());
        let mut failed = Self { h, ..Self::default() };
        // Some servers put the condition into an `<error/>`, as in a stanza.
        let nested = element.children().find(|child| child.name() == "error");
        for child in nested.unwrap_or(element).children() {
            if !child.has_ns(ns::STANZAS_ERR) {
                continue;
            }
            match StanzaCondition::from_name(child.name()) {
                Some(found) => {
                    failed.condition.get_or_insert(found);
                }
                None if child.name() == "text" => {
                    failed.texts.push(LangText::of(child).into_owned())
                }
                None => {}
            }
        }
        Ok(failed)
    }
}

impl WriteXml for Failed {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        if let Some(h) = self.h {
            number(w, "h", h);
        }
        if let Some(condition) = self.condition {
            w.start(ns::STANZAS_ERR, condition.as_str()).end();
        }
        for text in &self.texts {
            envelope::write_lang_text(w, ns::STANZAS_ERR, "text", text);
        }
        w.end();
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.condition.map_or("no reason given", StanzaCondition::as_str))?;
        self.texts.first().map_or(Ok(()), |text| write!(f, ": {}", text.text))
    }
}

/// `<handled-count-too-high/>`: what goes with the stream error for an
/// acknowledgement of more than was sent (XEP-0198, section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandledCountTooHigh {
    /// The count that was acknowledged.
    pub h: Option<u32>,
    /// The count of what was sent.
    pub send_count: Option<u32>,
}

impl HandledCountTooHigh {
    /// `h` was acknowledged where only `send_count` had been sent.
    #[must_use]
    pub const fn new(h: u32, send_count: u32) -> Self {
        Self { h: Some(h), send_count: Some(send_count) }
    }
}

impl Payload<'_> for HandledCountTooHigh {
    const NS: Ns<'static> = ns::SM;
    const NAME: &'static str = "handled-count-too-high";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let count = |name| element.attr(name).and_then(|count| trimmed(&count).parse().ok());
        Ok(Self { h: count("h"), send_count: count("send-count") })
    }
}

impl WriteXml for HandledCountTooHigh {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        for (name, count) in [("h", self.h), ("send-count", self.send_count)] {
            if let Some(count) = count {
                number(w, name, count);
            }
        }
        w.end();
    }
}

fn missing(element: &'static str, attribute: &'static str, section: &'static str) -> Invalid {
    Invalid::new(element, Rule::MissingAttribute, section).in_attribute(attribute)
}

fn required_number(
    element: ElementRef<'_>,
    name: &'static str,
    section: &'static str,
) -> Result<u32, Invalid> {
    let Some(h) = element.attr("h") else { return Err(missing(name, "h", section)) };
    trimmed(&h).parse().map_err(|_| {
        let range = Rule::NotInRange(0, u32::MAX.into());
        Invalid::new(name, range, section).in_attribute("h").found(&h)
    })
}

fn flag(element: ElementRef<'_>, name: &'static str) -> Result<bool, Invalid> {
    let Some(resume) = element.attr("resume") else { return Ok(false) };
    boolean(&resume).ok_or_else(|| {
        let unknown = Invalid::new(name, Rule::UnknownValue, "XEP-0198, 3");
        unknown.in_attribute("resume").found(&resume)
    })
}

/// A wish that cannot be read is none; one beyond 2^32 seconds is that long.
fn seconds(element: ElementRef<'_>) -> Option<u32> {
    let max = element.attr("max")?;
    let max: u64 = trimmed(&max).parse().ok()?;
    (max > 0).then(|| u32::try_from(max).unwrap_or(u32::MAX))
}

/// Writes a number as an attribute, without an allocation.
fn number<'w, 'o>(w: &'w mut Writer<'o>, name: &str, value: u32) -> &'w mut Writer<'o> {
    let mut digits = [0; 10];
    let mut at = digits.len();
    let mut rest = value;
    loop {
        at -= 1;
        // At most nine; the place is within the ten that a u32 has.
        if let Some(digit) = digits.get_mut(at) {
            *digit = b'0' + (rest % 10) as u8;
        }
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    let digits = digits.get(at..).unwrap_or_default();
    w.attr(name, core::str::from_utf8(digits).unwrap_or_default())
}
