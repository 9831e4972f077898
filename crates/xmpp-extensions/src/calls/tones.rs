//! The keys of a telephone: XEP-0181.

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{Payload, Rest, Word};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:jingle:dtmf:0");

/// A key was pressed during a call (XEP-0181, 2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "dtmf", section = "XEP-0181, 2")]
#[non_exhaustive]
pub struct Tone<'a> {
    /// The key.
    #[xml(attr)]
    pub code: Key,
    /// For how many milliseconds; 100, if it does not say.
    #[xml(attr)]
    pub duration: Option<u32>,
    /// How loud: from 0 to 63, which is decibels below the loudest.
    #[xml(attr)]
    pub volume: Option<u8>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A key of a telephone.
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// `#`.
    #[word("#")]
    Hash,
    /// `*`.
    #[word("*")]
    Star,
    /// `0`.
    #[word("0")]
    Zero,
    /// `1`.
    #[word("1")]
    One,
    /// `2`.
    #[word("2")]
    Two,
    /// `3`.
    #[word("3")]
    Three,
    /// `4`.
    #[word("4")]
    Four,
    /// `5`.
    #[word("5")]
    Five,
    /// `6`.
    #[word("6")]
    Six,
    /// `7`.
    #[word("7")]
    Seven,
    /// `8`.
    #[word("8")]
    Eight,
    /// `9`.
    #[word("9")]
    Nine,
    /// `A`.
    #[word("A")]
    A,
    /// `B`.
    #[word("B")]
    B,
    /// `C`.
    #[word("C")]
    C,
    /// `D`.
    #[word("D")]
    D,
}
