//! Users who are to be found under another address: RFC 6121 §4.3.2, RFC 6120 §8.3.3.5,
//! §8.3.3.14.

use alloc::string::String;

use xmpp_im::routing::Kind;
use xmpp_jid::{BareJid, LocalpartRef, XmppUri};
use xmpp_stanza::{IqType, MessageType, PresenceType, StanzaError};

use super::Host;
use super::passed::Passed;

/// Where a user is to be found instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6121 §4.3.2: one of these two")]
pub enum Moved {
    /// For good: the stanza error is `gone`.
    Permanently(BareJid),
    /// For a while: the stanza error is `redirect`.
    Temporarily(BareJid),
}

impl Moved {
    fn error(&self) -> StanzaError {
        let uri = |address: &BareJid| -> Option<String> {
            Some(XmppUri::of(address.clone().into()).to_iri())
        };
        match self {
            Self::Permanently(address) => StanzaError::gone(uri(address)),
            Self::Temporarily(address) => StanzaError::redirect(uri(address)),
        }
    }
}

impl Host {
    /// Says where a user is to be found instead, whether or not the account is still there;
    /// `None`: at the account again.
    ///
    /// Who wants something of the user is answered with a stanza error that names the other
    /// address: messages but headlines, requests, and requests for a subscription, whoever
    /// sends them; probes of those who may know the user's presence (RFC 6121 §4.3.2). The rest
    /// goes on as before, so does what the user's own clients send.
    ///
    /// ```
    /// # use xmpp_jid::{BareJid, DomainpartRef, LocalpartRef};
    /// # use xmpp_server::{Config, Host};
    /// use xmpp_server::Moved;
    ///
    /// let mut host = Host::new(DomainpartRef::new("example.com")?, 1, Config::default());
    /// let mercutio = LocalpartRef::new("mercutio")?;
    /// host.set_moved(mercutio, Some(Moved::Permanently(BareJid::new("la-mer@example.com")?)));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn set_moved(&mut self, local: LocalpartRef<'_>, moved: Option<Moved>) {
        let jid = BareJid::from_parts(Some(local), self.domain.domainpart());
        match moved {
            Some(moved) => self.moved.insert(jid, moved),
            None => self.moved.remove(jid.as_str()),
        };
    }

    /// The error for what asks something of a user who has moved.
    pub(super) fn error_if_moved(&self, passed: &Passed<'_>) -> Option<StanzaError> {
        if self.moved.is_empty() {
            return None;
        }
        let account = passed.account();
        let moved = self.moved.get(account.as_str())?;
        if passed.from.to_bare() == account {
            return None;
        }
        let asks = match passed.kind {
            Kind::Message(kind) => !matches!(kind, MessageType::Headline | MessageType::Error),
            Kind::Iq(kind) => matches!(kind, IqType::Get | IqType::Set),
            Kind::Presence(PresenceType::Subscribe) => true,
            Kind::Presence(PresenceType::Probe) => {
                self.is_subscriber(account.as_str(), passed.from.as_ref())
            }
            Kind::Presence(_) | Kind::Invalid => false,
        };
        asks.then(|| moved.error())
    }
}
