//! A server's tokens for one installation of a client (XEP-0484).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::mechanism::Mechanism;
use crate::reason::FailureReason;
use crate::secret::Secret;
use crate::server::Answer;

/// The attributes of `<fast/>` in `<authenticate/>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fast {
    /// How often the client has tried with this token; 0-RTT data needs it.
    pub count: Option<u32>,
    /// The client is done with the token.
    pub invalidate: bool,
}

/// The two slots of XEP-0484 section 6.1: the token in use, and the one that
/// was issued to follow it. A plain value, one a user and client installation,
/// to be kept in the database.
///
/// Times are seconds of the caller's clock.
///
/// ```
/// use xmpp_sasl::sasl2::{Fast, TokenSlots};
/// use xmpp_sasl::{Mechanism, Secret, TokenBinding};
///
/// let mechanism = Mechanism::HashedToken(TokenBinding::Exporter);
/// let mut slots = TokenSlots::default();
/// slots.issue(mechanism, Secret::from("a random string"), 1_000);
/// // A query for tokens is answered with slots.answer(mechanism, now);
/// // success with a token is
/// let token = Secret::from("a random string");
/// slots.used(&token, mechanism, 500, Fast::default(), false).unwrap();
/// // To the database and back.
/// let text = slots.to_text();
/// assert_eq!(text, "current HT-SHA-256-EXPR 1000 - YSByYW5kb20gc3RyaW5n");
/// assert_eq!(TokenSlots::from_text(&text), Some(slots));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenSlots {
    current: Option<Slot>,
    new: Option<Slot>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Slot {
    mechanism: Mechanism,
    token: Secret,
    expires: u64,
    count: Option<u32>,
}

impl TokenSlots {
    /// Takes a token for an HT- mechanism that is about to be sent to the client.
    /// The one before it
    /// stays good until this one is used, lest the client never gets it; an
    /// unused one is replaced.
    pub fn issue(&mut self, mechanism: Mechanism, token: Secret, expires: u64) {
        self.new = Some(Slot { mechanism, token, expires, count: None });
    }

    /// The answer to [`Query::Tokens`](crate::server::Query::Tokens): the
    /// tokens that are good for this mechanism now. If all of them have
    /// expired, the client is told so, provided that it has one of them.
    pub fn answer(&self, mechanism: Mechanism, now: u64) -> Answer {
        let tokens = |good: bool| -> Vec<Secret> {
            let slots = self.slots(mechanism).filter(|(_, slot)| (now < slot.expires) == good);
            slots.map(|(_, slot)| slot.token.clone()).collect()
        };
        match tokens(true) {
            good if !good.is_empty() => Answer::tokens(good),
            _ => Answer::tokens(tokens(false)).barred(FailureReason::CredentialsExpired),
        }
    }

    /// Takes note that the client authenticated with this token
    /// ([`Authenticated::token`](crate::server::Authenticated::token)) and
    /// mechanism. `early_data` says whether `<authenticate/>` came as TLS 0-RTT data.
    ///
    /// # Errors
    ///
    /// The authentication has been seen before, or could have been; or the token
    /// is not good any more, because another connection has used its successor
    /// meanwhile: fail it with not-authorized.
    pub fn used(
        &mut self,
        token: &Secret,
        mechanism: Mechanism,
        now: u64,
        fast: Fast,
        early_data: bool,
    ) -> Result<(), Replayed> {
        let mut good = self.slots(mechanism).filter(|(_, slot)| now < slot.expires);
        let found = good.find(|(_, slot)| slot.token == *token);
        let (is_new, slot) = found.map(|(new, slot)| (new, slot.clone())).ok_or(Replayed)?;
        drop(good);
        match (fast.count, slot.count) {
            (None, _) if early_data => return Err(Replayed),
            (Some(count), Some(last)) if count <= last => return Err(Replayed),
            _ => {}
        }
        let slot = Slot { count: fast.count.or(slot.count), ..slot };
        if fast.invalidate {
            *self = Self::default();
            return Ok(());
        }
        if is_new {
            self.new = None;
        }
        // If it was the new one, the one before it is no good any more.
        self.current = Some(slot);
        Ok(())
    }

    /// When the token in use expires, or the one that was issued if none is in use
    /// yet: what a server goes by that rotates tokens in time.
    pub fn expires(&self) -> Option<u64> {
        self.current.as_ref().or(self.new.as_ref()).map(|slot| slot.expires)
    }

    /// Whether nothing in it is good any more.
    pub fn is_over(&self, now: u64) -> bool {
        self.current.iter().chain(&self.new).all(|slot| slot.expires <= now)
    }

    /// A stable text form, to be kept in a database:
    ///
    /// ```text
    /// slots = [current] [";"] [new]        ; the semicolon between two
    /// current = "current " slot
    /// new = "new " slot
    /// slot = mechanism " " expires " " count " " token
    /// ```
    ///
    /// `mechanism` is the name, `expires` the seconds in decimal, `count` the
    /// last count seen in decimal or `-` if none was, `token` base64. No slot at
    /// all is the empty text.
    ///
    /// # Security
    ///
    /// It holds the tokens: whoever reads it can log in until they expire.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (label, slot) in [("current", &self.current), ("new", &self.new)] {
            let Some(Slot { mechanism, token, expires, count }) = slot else { continue };
            if !text.is_empty() {
                text.push(';');
            }
            text.push_str(&alloc::format!("{label} {mechanism} {expires} "));
            match count {
                Some(count) => text.push_str(&alloc::format!("{count} ")),
                None => text.push_str("- "),
            }
            STANDARD.encode_string(token.expose(), &mut text);
        }
        text
    }

    /// Reads what [`TokenSlots::to_text`] wrote; `None` if it is anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut slots = Self::default();
        for part in text.split(';').filter(|_| !text.is_empty()) {
            let (label, rest) = part.split_once(' ')?;
            let slot = Some(Slot::from_text(rest)?);
            match label {
                "current" => slots.current = slot,
                "new" => slots.new = slot,
                _ => return None,
            }
        }
        // One way to write it: no slot twice, no leading zeros, no other order.
        (slots.to_text() == text).then_some(slots)
    }

    /// The slots for a mechanism, the new one first; a token is good for the
    /// mechanism it was requested for and no other.
    fn slots(&self, mechanism: Mechanism) -> impl Iterator<Item = (bool, &Slot)> {
        let new = self.new.iter().map(|slot| (true, slot));
        let current = self.current.iter().map(|slot| (false, slot));
        new.chain(current).filter(move |(_, slot)| slot.mechanism == mechanism)
    }
}

impl Slot {
    fn from_text(text: &str) -> Option<Self> {
        let mut fields = text.split(' ');
        let mechanism = Mechanism::from_name(fields.next()?)?;
        let expires = fields.next()?.parse().ok()?;
        let count = match fields.next()? {
            "-" => None,
            count => Some(count.parse().ok()?),
        };
        let token = Secret::new(STANDARD.decode(fields.next()?).ok()?);
        fields.next().is_none().then_some(Self { mechanism, token, expires, count })
    }
}

/// An authentication that was, or could have been, sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed;

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the count is missing or has been seen (XEP-0484 section 4.4)")
    }
}

impl core::error::Error for Replayed {}
