//! Extended stanza addressing: XEP-0033.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_stanza::xml::Ns;
use xmpp_stanza::{JidCow, Payload, Rest, Word};

/// The namespace of XEP-0033.
pub const NS: Ns<'static> = Ns::new("http://jabber.org/protocol/address");

/// To whom a stanza goes, beside its `to` (XEP-0033, 4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "addresses", section = "XEP-0033, 4")]
#[non_exhaustive]
pub struct Addresses<'a> {
    /// The addresses.
    #[xml(child)]
    pub addresses: Vec<Address<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// An address and what it is for (XEP-0033, 4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "address", section = "XEP-0033, 4")]
#[non_exhaustive]
pub struct Address<'a> {
    /// What it is for.
    #[xml(attr = "type")]
    pub kind: AddressKind,
    /// An address of XMPP. A multicast service delivers to `to`, `cc` and
    /// `bcc` addresses that have one.
    #[xml(attr)]
    pub jid: Option<JidCow<'a>>,
    /// The node at that address.
    #[xml(attr)]
    pub node: Option<Cow<'a, str>>,
    /// An address of another system, in place of `jid`.
    #[xml(attr)]
    pub uri: Option<Cow<'a, str>>,
    /// A description, for people.
    #[xml(attr)]
    pub desc: Option<Cow<'a, str>>,
    /// Whether the stanza was sent there already: nobody sends it there again.
    #[xml(attr)]
    pub delivered: Option<bool>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an address is for (XEP-0033, 4.6).
#[derive(Word, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressKind {
    /// A recipient.
    To,
    /// Somebody who gets a copy.
    Cc,
    /// Somebody who gets a copy that the others do not hear of.
    Bcc,
    /// Where answers go.
    #[word("replyto")]
    ReplyTo,
    /// The room where answers go.
    #[word("replyroom")]
    ReplyRoom,
    /// No answers are wanted.
    #[word("noreply")]
    NoReply,
    /// Who sent it originally.
    #[word("ofrom")]
    OriginalFrom,
}
