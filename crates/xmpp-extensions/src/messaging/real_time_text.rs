//! In-band real time text: XEP-0301.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Word};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:rtt:0");

/// What has been written since the last one (XEP-0301, 4.1).
///
/// [`Screen`] applies them.
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "rtt", section = "XEP-0301, 4.1")]
#[non_exhaustive]
pub struct RealTimeText<'a> {
    /// Its number: one more than the last one's (XEP-0301, 4.2.1).
    #[xml(attr)]
    pub seq: u32,
    /// What it begins.
    #[xml(attr, default)]
    pub event: Event,
    /// The message that is being corrected (XEP-0301, 4.2.3).
    #[xml(attr)]
    pub id: Option<Cow<'a, str>>,
    /// What was done, in order.
    #[xml(child)]
    pub actions: Vec<Action<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a [`RealTimeText`] begins (XEP-0301, 4.2.2).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// A new message.
    New,
    /// The message as it is so far, again.
    Reset,
    /// It goes on.
    #[default]
    Edit,
    /// Real time text will follow.
    Init,
    /// No more real time text will follow.
    Cancel,
}

/// What the writer did (XEP-0301, 4.6). Positions and lengths count characters
/// (Unicode code points).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0301, 4.6")]
#[non_exhaustive]
pub enum Action<'a> {
    /// Inserted text.
    Insert(Insert<'a>),
    /// Erased text.
    Erase(Erase<'a>),
    /// Waited.
    Wait(Wait<'a>),
}

/// Inserts text (XEP-0301, 4.6.3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "t", section = "XEP-0301, 4.6.3.1")]
#[non_exhaustive]
pub struct Insert<'a> {
    /// Where; at the end, if it is missing.
    #[xml(attr)]
    pub p: Option<i64>,
    /// The text.
    #[xml(text)]
    pub text: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Erases text before a position (XEP-0301, 4.6.3.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "e", section = "XEP-0301, 4.6.3.2")]
#[non_exhaustive]
pub struct Erase<'a> {
    /// Before which position; the end, if it is missing.
    #[xml(attr)]
    pub p: Option<i64>,
    /// How many characters; one, if it is missing.
    #[xml(attr)]
    pub n: Option<i64>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// Waits (XEP-0301, 4.6.3.3).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "w", section = "XEP-0301, 4.6.3.3")]
#[non_exhaustive]
pub struct Wait<'a> {
    /// How long, in milliseconds.
    #[xml(attr)]
    pub n: i64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A message while it is being written, at the reader's.
///
/// ```
/// use xmpp_extensions::messaging::real_time_text::{RealTimeText, Screen};
/// use xmpp_stanza::Payload;
/// use xmpp_stanza::xml::Element;
///
/// let rtt = Element::parse(
///     "<rtt xmlns='urn:xmpp:rtt:0' seq='123001' event='new'><t>HLL</t><e/><e/><t>ELLO</t></rtt>",
/// )?;
/// let mut screen = Screen::new(10_000);
/// assert!(screen.receive(&RealTimeText::parse(rtt.as_ref())?));
/// assert_eq!(screen.text(), "HELLO");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Screen {
    text: Vec<char>,
    most: usize,
    /// The number that the next one has, while in synchrony.
    next: Option<u32>,
}

impl Screen {
    /// An empty one that holds at most so many characters. Every edit costs as
    /// much as there are; a message has some thousands.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Self { text: Vec::new(), most, next: None }
    }

    /// The message so far.
    #[must_use]
    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// Whether nothing has been missed since the message was begun or sent
    /// again (XEP-0301, 4.7.1).
    #[must_use]
    pub const fn is_in_synchrony(&self) -> bool {
        self.next.is_some()
    }

    /// Applies what has been done, and says whether it was applied: not if
    /// something before it is missing or if the message gets too long. Then
    /// nothing more is applied until the next [`Event::New`] or
    /// [`Event::Reset`] (XEP-0301, 4.7.2).
    ///
    /// Pauses are passed over; who shows them applies action by action
    /// ([`apply`](Self::apply)).
    pub fn receive(&mut self, rtt: &RealTimeText<'_>) -> bool {
        match rtt.event {
            Event::New | Event::Reset => self.text.clear(),
            Event::Edit if self.next == Some(rtt.seq) => {}
            Event::Edit => {
                self.next = None;
                return false;
            }
            Event::Init => return true,
            Event::Cancel => {
                *self = Self::new(self.most);
                return true;
            }
        }
        // The number is the sender's to choose, so it can be the largest one.
        self.next = Some(rtt.seq.wrapping_add(1));
        let fits = rtt.actions.iter().all(|action| self.apply(action));
        if !fits {
            self.next = None;
        }
        fits
    }

    /// Applies one action; false if the message would get too long. Positions
    /// and lengths that are negative or too large are clipped (XEP-0301, 4.6.2).
    pub fn apply(&mut self, action: &Action<'_>) -> bool {
        match action {
            Action::Insert(insert) => {
                let at = self.clip(insert.p);
                if insert.text.chars().count() > self.most.saturating_sub(self.text.len()) {
                    return false;
                }
                self.text.splice(at..at, insert.text.chars());
            }
            Action::Erase(erase) => {
                let end = self.clip(erase.p);
                let n = usize::try_from(erase.n.unwrap_or(1).max(0)).unwrap_or(usize::MAX);
                self.text.drain(end.saturating_sub(n)..end);
            }
            Action::Wait(_) => {}
        }
        true
    }

    fn clip(&self, position: Option<i64>) -> usize {
        let len = self.text.len();
        position.map_or(len, |p| usize::try_from(p.max(0)).unwrap_or(usize::MAX).min(len))
    }
}

/// What a writer did to a text, from how it was and how it is: at most one
/// [`Erase`] and one [`Insert`] (XEP-0301, 7.3.1).
#[must_use]
pub fn changes<'a>(before: &str, after: &'a str) -> Vec<Action<'a>> {
    let same = |(a, b): &(char, char)| a == b;
    let ahead: Vec<char> =
        before.chars().zip(after.chars()).take_while(same).map(|(c, _)| c).collect();
    let ahead_len: usize = ahead.iter().map(|c| c.len_utf8()).sum();
    let (old, new) = (before.get(ahead_len..), after.get(ahead_len..));
    let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
    let behind: usize = {
        let equal = old.chars().rev().zip(new.chars().rev()).take_while(same);
        equal.map(|(c, _)| c.len_utf8()).sum()
    };
    let erased = old.get(..old.len() - behind).unwrap_or_default().chars().count();
    let inserted = new.get(..new.len() - behind).unwrap_or_default();
    let mut actions = Vec::new();
    let position = |characters: usize| i64::try_from(characters).unwrap_or(i64::MAX);
    let at_end = behind == 0;
    if erased > 0 {
        let mut erase = Erase::new();
        erase.p = (!at_end).then(|| position(ahead.len() + erased));
        erase.n = (erased > 1).then(|| position(erased));
        actions.push(Action::Erase(erase));
    }
    if !inserted.is_empty() {
        let mut insert = Insert::new(inserted);
        insert.p = (!at_end).then(|| position(ahead.len()));
        actions.push(Action::Insert(insert));
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use xmpp_stanza::xml::Element;

    fn shown(rtts: &[&str]) -> Option<String> {
        let mut screen = Screen::new(100);
        let mut all = true;
        for rtt in rtts {
            let rtt =
                Element::parse(alloc::format!("<rtt xmlns='urn:xmpp:rtt:0' {rtt}</rtt>")).unwrap();
            all = screen.receive(&RealTimeText::parse(rtt.as_ref()).unwrap());
        }
        all.then(|| screen.text())
    }

    /// XEP-0301, 8.1 and 8.3.
    #[test]
    fn the_examples() {
        let hello = Some("HELLO");
        let cases: [(&[&str], _); _] = [
            (&["seq='1' event='new'><t>Hel</t>", "seq='2'><t>lo</t>"], Some("Hello")),
            (&["seq='1' event='new'><t>HLL</t><e n='2'/><t>ELLO</t>"], hello),
            (&["seq='1' event='new'><t>HLL</t>", "seq='2'><e/><e/>", "seq='3'><t>ELLO</t>"], hello),
            (
                &["seq='1' event='new'><t>Hello Bob, this is Alice!</t><e n='4' p='9'/>"],
                Some("Hello, this is Alice!"),
            ),
            (
                &["seq='1' event='new'><t>Hello, this is Alice!</t><t p='5'> Bob</t>"],
                Some("Hello Bob, this is Alice!"),
            ),
            (
                &[
                    "seq='1' event='new'><t>Hello Bob, tihsd is Alice!</t><e p='16' n='5'/><t p='11'>this</t>",
                ],
                Some("Hello Bob, this is Alice!"),
            ),
        ];
        for (rtts, text) in cases {
            assert_eq!(shown(rtts).as_deref(), text, "{rtts:?}");
        }
    }

    #[test]
    fn what_is_missed_is_not_guessed() {
        assert_eq!(shown(&["seq='1' event='new'><t>a</t>", "seq='3'><t>c</t>"]), None);
        assert_eq!(shown(&["seq='1'><t>a</t>"]), None);
        let again = [
            "seq='1' event='new'><t>a</t>",
            "seq='3'><t>c</t>",
            "seq='9' event='reset'><t>abc</t>",
        ];
        assert_eq!(shown(&again).as_deref(), Some("abc"));
        assert_eq!(
            shown(&["seq='4294967295' event='new'><t>a</t>", "seq='0'><t>b</t>"]).as_deref(),
            Some("ab")
        );
    }

    #[test]
    fn positions_are_clipped_and_texts_bounded() {
        let edit = |actions| shown(&[&alloc::format!("seq='1' event='new'><t>abc</t>{actions}")]);
        assert_eq!(edit("<t p='-5'>x</t>").as_deref(), Some("xabc"));
        assert_eq!(edit("<t p='99'>x</t>").as_deref(), Some("abcx"));
        assert_eq!(edit("<e p='-1'/><e n='-3'/>").as_deref(), Some("abc"));
        assert_eq!(edit("<e n='4294967295'/>").as_deref(), Some(""));
        assert_eq!(edit(&alloc::format!("<t>{}</t>", "x".repeat(98))), None);
    }

    #[test]
    fn changes_lead_from_one_text_to_the_other() {
        let texts = [
            "",
            "a",
            "Hello Bob",
            "Hello, Bob",
            "Hell",
            "aXa",
            "aa",
            "éa\u{301}\u{1F600}",
            "\u{1F600}\u{1F601}",
            "\u{1F601}",
        ];
        for before in texts {
            for after in texts {
                let mut screen = Screen::new(100);
                screen.apply(&Action::Insert(Insert::new(before)));
                for action in changes(before, after) {
                    assert!(screen.apply(&action));
                }
                assert_eq!(screen.text(), after, "from {before}");
            }
        }
    }
}
