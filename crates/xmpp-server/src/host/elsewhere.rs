//! What comes from other domains: from components and from other servers.

use xmpp_im::routing::{self, Domain, Kind, Origin, Route};
use xmpp_jid::DomainpartRef;
use xmpp_stanza::{AddressRef, StanzaCondition, StanzaRef, StreamCondition};
use xmpp_xml::ElementRef;

use super::passed::Passed;
use super::{HandleError, Host};
use crate::outbox::{DomainPair, Outbox};
use crate::time::UnixTime;

impl Host {
    /// A component serves that domain (XEP-0114), connected or not: other servers may send
    /// to it through this host, and may not speak for it. The host's own domain is none.
    ///
    /// Listing it for clients is for [`add_item`](Self::add_item).
    pub fn add_component(&mut self, domain: DomainpartRef<'_>) {
        if domain != self.domain.domainpart() {
            self.components.insert(domain.into_owned());
        }
    }

    /// Takes a stanza that came from a component (XEP-0114). It may be for an entity here or
    /// elsewhere: then it is passed on to the [`route`](Outbox::route) of that domain.
    ///
    /// Whatever is wrong with the stanza, its sender gets a stanza error for it.
    ///
    /// # Errors
    ///
    /// The element is no stanza, or its addresses are not those of a stanza between domains;
    /// nothing has happened then.
    ///
    /// # Security
    ///
    /// The driver has to know that the stream may speak for the domain in 'from'
    /// (RFC 6120 §8.1.2.2). A [`ComponentServer`] of `xmpp-core` sees to that.
    ///
    /// [`ComponentServer`]: https://docs.rs/xmpp-core/latest/xmpp_core/type.ComponentServer.html
    pub fn handle_routed(
        &mut self,
        now: UnixTime,
        stanza: ElementRef<'_>,
        out: &mut impl Outbox,
    ) -> Result<(), HandleError> {
        let is_theirs = |host: &Self, domain: &str| domain != host.domain.as_str();
        let handled = self.handle_foreign(now, Origin::Component, stanza, is_theirs, out);
        handled.map_err(|error| match error {
            HandleError::InvalidFrom => HandleError::ImproperAddressing,
            other => other,
        })
    }

    /// Takes a stanza that came from another server: for a user of this host, for the host
    /// itself, or for one of its [components](Self::add_component). It is handled as if its
    /// sender were a user of this host, except that it is not relayed to a third domain.
    ///
    /// Whatever else is wrong with the stanza, its sender gets a stanza error for it.
    ///
    /// # Errors
    ///
    /// The element is no stanza, or its addresses are not those of a stanza from another
    /// server; nothing has happened then. The stream that it came on is to be ended.
    ///
    /// # Security
    ///
    /// The driver has to know that the stream may speak for the domain in 'from' to the domain
    /// in 'to' (RFC 6120 §8.1.2.2, XEP-0220). The host knows only which domains no other server
    /// may speak for, and does not rely on the driver for these.
    ///
    /// # Example
    ///
    /// ```
    /// # use xmpp_jid::{DomainpartRef, LocalpartRef};
    /// # use xmpp_server::{Config, HandleError, Host, Queue, UnixTime};
    /// # use xmpp_xml::Element;
    /// let mut host = Host::new(DomainpartRef::new("example.com")?, 1, Config::default());
    /// let (now, mut out) = (UnixTime::from_secs(0), Queue::new());
    /// let forged = Element::parse(
    ///     "<message xmlns='jabber:server' from='a@example.com' to='b@example.com'/>",
    /// )?;
    /// let handled = host.handle_remote(now, forged.as_ref(), &mut out);
    /// assert_eq!(handled, Err(HandleError::InvalidFrom));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn handle_remote(
        &mut self,
        now: UnixTime,
        stanza: ElementRef<'_>,
        out: &mut impl Outbox,
    ) -> Result<(), HandleError> {
        let is_theirs = |host: &Self, domain: &str| host.domain_of(domain) == Domain::Remote;
        self.handle_foreign(now, Origin::Server, stanza, is_theirs, out)
    }

    fn handle_foreign(
        &mut self,
        now: UnixTime,
        origin: Origin<'_>,
        stanza: ElementRef<'_>,
        is_theirs: impl FnOnce(&Self, &str) -> bool,
        out: &mut dyn Outbox,
    ) -> Result<(), HandleError> {
        let stanza = StanzaRef::new(stanza).ok_or(HandleError::NotAStanza)?;
        let from = stanza.from();
        let from = routing::judge_sender(&from, |domain| is_theirs(self, domain))
            .map_err(error_for)?
            .into_owned();
        if matches!(stanza.to(), AddressRef::Absent) {
            return Err(HandleError::ImproperAddressing);
        }
        let tidied = self.tidied(from.as_ref().to_bare(), stanza);
        let stanza = tidied.as_ref().and_then(|t| StanzaRef::new(t.as_ref())).unwrap_or(stanza);
        let (kind, address) = (Kind::of(stanza), stanza.to());
        let route = routing::route(origin, kind, &address, |domain| self.domain_of(domain));
        if let Route::EndStream(condition) = route {
            return Err(error_for(condition));
        }
        let Some(to) = address.jid() else {
            if route == Route::RefuseMalformed {
                self.refuse_malformed(&from, stanza, out);
            }
            return Ok(());
        };
        let passed = Passed { now, session: None, from: &from, to, kind, stanza };
        match route {
            Route::Refuse(condition) => self.refuse(&passed, condition, out),
            Route::Account { .. } | Route::Server => self.arrive(&passed, out),
            // RFC 6120 §10.4, §10.5: on to whom it is for.
            Route::Service { .. } | Route::Remote { .. } => {
                if let Err(error) = self.pass(&passed, out) {
                    self.refuse(&passed, error.condition(), out);
                }
            }
            // Without 'to' it has not come this far.
            Route::Broadcast(_) | Route::RefuseMalformed | Route::EndStream(_) | Route::Ignore => {}
        }
        self.hand_over(now, out);
        Ok(())
    }

    /// RFC 6120 §8.3.1: the answer is from the host's domain, not from an address that is
    /// none.
    fn refuse_malformed(&self, from: &xmpp_jid::Jid, stanza: StanzaRef<'_>, out: &mut dyn Outbox) {
        let Some(reply) = stanza.error_reply(StanzaCondition::JidMalformed) else { return };
        let reply = reply.with_to(from.clone()).with_from(self.domain.clone());
        let domains = DomainPair { from: self.domain.domainpart(), to: from.domainpart() };
        // What the other domain cannot be told is lost.
        let _ = out.route(domains, &reply);
    }
}

const fn error_for(condition: StreamCondition) -> HandleError {
    match condition {
        StreamCondition::InvalidFrom => HandleError::InvalidFrom,
        StreamCondition::HostUnknown => HandleError::HostUnknown,
        _ => HandleError::ImproperAddressing,
    }
}
