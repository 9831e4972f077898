//! Stanza content encryption: XEP-0420. What is encrypted, and the rules of it
//! that need no cryptography.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use xmpp_jid::BareJidRef;
use xmpp_stanza::xml::{ElementRef, Ns, ns};
use xmpp_stanza::{AnyElement, DateTime, JidCow, Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:sce:1");

/// What an encrypted stanza says, and what ties it to the stanza
/// (XEP-0420, 4). Without encryption around it, it is to be dropped
/// (XEP-0420, 10).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "envelope", section = "XEP-0420, 4")]
#[non_exhaustive]
pub struct Envelope<'a> {
    /// What the stanza says.
    #[xml(child)]
    pub content: Content<'a>,
    /// A text of random length ([`padding`]).
    #[xml(leaf)]
    pub rpad: Option<Cow<'a, str>>,
    /// When it was encrypted.
    #[xml(child)]
    pub time: Option<Time<'a>>,
    /// To whom.
    #[xml(child)]
    pub to: Option<To<'a>>,
    /// From whom.
    #[xml(child)]
    pub from: Option<From<'a>>,
    /// What else is in it: affix elements of the encryption.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an encrypted stanza says (XEP-0420, 7).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "content", section = "XEP-0420, 7")]
#[non_exhaustive]
pub struct Content<'a> {
    /// Its elements, each with a namespace of its own. [`permitted`](Self::permitted)
    /// has those that may be processed.
    #[xml(any)]
    pub elements: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// When a stanza was encrypted (XEP-0420, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "time", section = "XEP-0420, 4")]
#[non_exhaustive]
pub struct Time<'a> {
    /// The moment.
    #[xml(attr)]
    pub stamp: DateTime,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// To whom a stanza was encrypted (XEP-0420, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "to", section = "XEP-0420, 4")]
#[non_exhaustive]
pub struct To<'a> {
    /// A bare address; of a message in a room, the room's.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Who has encrypted a stanza (XEP-0420, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "from", section = "XEP-0420, 4")]
#[non_exhaustive]
pub struct From<'a> {
    /// A bare address.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Which affix elements an encryption wants in an [`Envelope`] (XEP-0420, 12.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// Whether padding has to be there.
    pub rpad: bool,
    /// Whether the time has to be there.
    pub time: bool,
    /// Whether the sender has to be there.
    pub from: bool,
    /// Whether the recipient has to be there.
    pub to: bool,
}

impl Profile {
    /// Nothing has to be there.
    pub const NONE: Self = Self { rpad: false, time: false, from: false, to: false };
    /// Of OMEMO, between two accounts (XEP-0384, 5.5.1).
    pub const OMEMO: Self = Self { rpad: true, ..Self::NONE };
    /// Of OMEMO, in a room (XEP-0384, 5.5.1).
    pub const OMEMO_GROUP: Self = Self { rpad: true, to: true, ..Self::NONE };
    /// Of trust messages (XEP-0434, 5.2.1).
    pub const TRUST_MESSAGE: Self = Self { rpad: true, time: true, ..Self::NONE };

    /// What both want.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            rpad: self.rpad || other.rpad,
            time: self.time || other.time,
            from: self.from || other.from,
            to: self.to || other.to,
        }
    }
}

/// What the stanza around an encrypted one says.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "each of them has to be said")]
pub struct Outer<'s> {
    /// Who has sent it: an account; in a room, whose occupant it is.
    pub from: BareJidRef<'s>,
    /// To whom it was sent: an account or a room.
    pub to: BareJidRef<'s>,
    /// When it was sent: as its `<delay/>` says, else now.
    pub sent: DateTime,
    /// How many seconds the time within may be off.
    pub margin: u32,
}

/// Why an [`Envelope`] does not belong to the stanza that it came in
/// (XEP-0420, 4). The stanza is to be rejected, or its reader warned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mismatch {
    /// There is no padding.
    NoPadding,
    /// There is no time.
    NoTime,
    /// There is no sender.
    NoFrom,
    /// There is no recipient.
    NoTo,
    /// It was encrypted at another time than the stanza was sent.
    Time,
    /// It was encrypted by somebody else.
    From,
    /// It was encrypted to somebody else.
    To,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPadding => "the envelope has no padding",
            Self::NoTime => "the envelope does not say when it was encrypted",
            Self::NoFrom => "the envelope does not say by whom it was encrypted",
            Self::NoTo => "the envelope does not say to whom it was encrypted",
            Self::Time => "the envelope was encrypted at another time than the stanza was sent",
            Self::From => "the envelope was encrypted by somebody else",
            Self::To => "the envelope was encrypted to somebody else",
        })
    }
}

impl core::error::Error for Mismatch {}

impl Envelope<'_> {
    /// Whether it belongs to the stanza that it came in (XEP-0420, 4): what the
    /// profile wants is there, and whatever is there is right. Resources are not
    /// compared, and padding may have any length.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    pub fn check(&self, profile: Profile, outer: &Outer<'_>) -> Result<(), Mismatch> {
        if profile.rpad && self.rpad.is_none() {
            return Err(Mismatch::NoPadding);
        }
        match &self.time {
            None if profile.time => return Err(Mismatch::NoTime),
            Some(time) => {
                let apart = time.stamp.unix_seconds().abs_diff(outer.sent.unix_seconds());
                if apart > u64::from(outer.margin) {
                    return Err(Mismatch::Time);
                }
            }
            None => {}
        }
        let is = |jid: &JidCow<'_>, outer: BareJidRef<'_>| {
            jid.as_ref().to_bare().as_str() == outer.as_str()
        };
        match &self.from {
            None if profile.from => return Err(Mismatch::NoFrom),
            Some(from) if !is(&from.jid, outer.from) => return Err(Mismatch::From),
            _ => {}
        }
        match &self.to {
            None if profile.to => return Err(Mismatch::NoTo),
            Some(to) if !is(&to.jid, outer.to) => return Err(Mismatch::To),
            _ => {}
        }
        Ok(())
    }
}

impl Content<'_> {
    /// The elements that may be processed; the others are for servers, and are
    /// to be dropped (XEP-0420, 8 to 10).
    pub fn permitted(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.elements.iter().map(AnyElement::as_ref).filter(|element| !is_for_servers(*element))
    }
}

/// Whether an element has to be outside of an envelope, where servers see it
/// (XEP-0420, 9): hints (XEP-0334), stanza ids (XEP-0359), addresses
/// (XEP-0033), and the kind of encryption (XEP-0380).
#[must_use]
pub fn is_for_servers(element: ElementRef<'_>) -> bool {
    const ADDRESSES: Ns<'static> = Ns::new("http://jabber.org/protocol/address");
    [ns::HINTS, ns::STANZA_ID, ADDRESSES, ns::EME].into_iter().any(|ns| element.has_ns(ns))
}

/// How many characters of padding to put into an envelope that has `len` bytes
/// without it: so many that it has `least`, and `more` on top, a random number
/// from 0 to 200 (XEP-0420, 4). A larger one is taken for 200.
///
/// ```
/// use xmpp_extensions::encryption::stanza_content::padding;
///
/// assert_eq!(padding(100, 256, 0), 156);
/// assert_eq!(padding(300, 256, 17), 17);
/// ```
#[must_use]
pub fn padding(len: usize, least: usize, more: u8) -> usize {
    least.saturating_sub(len).saturating_add(usize::from(more.min(200)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use xmpp_stanza::xml::Element;

    fn envelope(affixes: &str) -> Element {
        Element::parse(alloc::format!(
            "<envelope xmlns='urn:xmpp:sce:1'><content><body xmlns='jabber:client'>hi</body>\
             <store xmlns='urn:xmpp:hints'/><stanza-id xmlns='urn:xmpp:sid:0' id='1' by='a'/>\
             <addresses xmlns='http://jabber.org/protocol/address'/>\
             <encryption xmlns='urn:xmpp:eme:0' namespace='x'/></content>{affixes}</envelope>"
        ))
        .unwrap()
    }

    fn check(affixes: &str, profile: Profile) -> Result<(), Mismatch> {
        let outer = Outer {
            from: BareJidRef::new("opportunity@mars.planet").unwrap(),
            to: BareJidRef::new("missioncontrol@houston.nasa.gov").unwrap(),
            sent: "2004-01-25T05:05:30Z".parse().unwrap(),
            margin: 60,
        };
        Envelope::parse(envelope(affixes).as_ref()).unwrap().check(profile, &outer)
    }

    /// XEP-0420, 4: its example, and what does not belong to the stanza.
    #[test]
    fn affixes_are_compared_with_the_stanza() {
        let time = "<time stamp='2004-01-25T06:05:00+01:00'/>";
        let to = "<to jid='missioncontrol@houston.nasa.gov'/>";
        let from = "<from jid='opportunity@mars.planet/rover'/>";
        let pad = "<rpad>C1DHN9HK-9A25tSmwK4hU!Jji9%GKYK^syIlHJT9TnI4</rpad>";
        let all = Profile { rpad: true, time: true, from: true, to: true };
        let whole = [time, to, from, pad];
        assert_eq!(check(&whole.concat(), all), Ok(()));
        for (without, mismatch) in
            [Mismatch::NoTime, Mismatch::NoTo, Mismatch::NoFrom, Mismatch::NoPadding]
                .into_iter()
                .enumerate()
        {
            let mut affixes = whole;
            affixes[without] = "";
            assert_eq!(check(&affixes.concat(), all), Err(mismatch));
            assert_eq!(check(&affixes.concat(), Profile::NONE), Ok(()));
        }
        // What is there has to be right, wanted or not.
        for (wrong, mismatch) in [
            ("<time stamp='2004-01-25T05:03:00Z'/>", Mismatch::Time),
            ("<time stamp='2004-01-25T05:08:00Z'/>", Mismatch::Time),
            ("<time stamp='2004-01-25T05:04:29Z'/>", Mismatch::Time),
            ("<time stamp='2004-01-25T05:06:31Z'/>", Mismatch::Time),
            ("<to jid='houston.nasa.gov'/>", Mismatch::To),
            ("<from jid='spirit@mars.planet'/>", Mismatch::From),
        ] {
            assert_eq!(check(wrong, Profile::NONE), Err(mismatch), "{wrong}");
        }
    }

    #[test]
    fn the_margin_is_within() {
        for time in ["05:04:30", "05:06:30"] {
            let time = alloc::format!("<time stamp='2004-01-25T{time}Z'/>");
            assert_eq!(check(&time, Profile::NONE), Ok(()));
        }
    }

    /// XEP-0384, 5.5.1, and XEP-0434, 5.2.1.
    #[test]
    fn profiles() {
        assert_eq!(check("<rpad/>", Profile::OMEMO), Ok(()));
        assert_eq!(check("", Profile::OMEMO), Err(Mismatch::NoPadding));
        assert_eq!(check("<rpad/>", Profile::OMEMO_GROUP), Err(Mismatch::NoTo));
        assert_eq!(check("<rpad/>", Profile::TRUST_MESSAGE), Err(Mismatch::NoTime));
        let both = Profile::OMEMO_GROUP.and(Profile::TRUST_MESSAGE);
        assert_eq!(both, Profile { rpad: true, time: true, from: false, to: true });
    }

    /// XEP-0420, 9: each of them is dropped.
    #[test]
    fn what_is_for_servers_is_dropped() {
        let element = envelope("");
        let envelope = Envelope::parse(element.as_ref()).unwrap();
        assert_eq!(envelope.content.elements.len(), 5);
        let names: Vec<_> = envelope.content.permitted().map(ElementRef::name).collect();
        assert_eq!(names, vec!["body"]);
    }

    #[test]
    fn padding_has_bounds() {
        assert_eq!(padding(0, 256, 255), 456);
        assert_eq!(padding(usize::MAX, 0, 3), 3);
        assert_eq!(padding(0, usize::MAX, 200), usize::MAX);
    }
}
