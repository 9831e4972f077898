//! The one gate: what becomes of an item that was read, by the phase that the
//! connection is in.

use alloc::boxed::Box;

use xmpp_stanza::{AddressRef, StanzaRef, StreamError, StreamHeader};
use xmpp_xml::{ElementRef, Item, Ns, RecvBuffer, SendBuffer, ns};

use super::core::{Core, TransportEnd, unexpected};
use super::machine::{Lend, Outcome};
use super::{Connection, Phase};
use crate::error::{Error, PeerMisbehaved};
use crate::negotiation::sm;
use crate::role::Role;

impl<R: Role> Connection<R> {
    /// Reads the next item and does what it calls for. `None`: there is none.
    pub(super) fn step(
        &mut self,
        rx: &mut RecvBuffer,
        tx: &mut SendBuffer,
    ) -> Result<Option<Outcome<R>>, Error> {
        // What was read is given out by a borrow that has to end here, since the
        // caller's is to outlive this call; `rx` keeps it.
        let kind = match self.core.reader.poll(rx)? {
            None => return Ok(None),
            Some(Item::Header(_)) => Kind::Header,
            Some(Item::Closed) => Kind::Closed,
            Some(_) => Kind::Element,
        };
        let unread = self.unread(rx);
        let element = rx.element();
        let Some(element) = element.filter(|_| !matches!(kind, Kind::Closed)) else {
            let elsewhere = element.and_then(|close| self.see_other_uri(close));
            self.core.peer_closed = true;
            self.core.peer_said_so = true;
            if let Some(fault) = self.core.header_fault.take() {
                return Err((*fault).into());
            }
            self.core.write_end(None, tx);
            self.core.end(None);
            return Ok(Some(elsewhere.map_or(Outcome::CONSUMED, Outcome::event)));
        };
        let outcome = match (kind, self.core.phase) {
            // RFC 6120 section 4.9: in any phase, and before anything that is
            // wrong with the header in front of it.
            (Kind::Element, _) if element.is(ns::STREAM, "error") => {
                self.core.peer_closed = true;
                self.core.header_fault = None;
                return Err(match StreamError::parse(element) {
                    Ok(error) => R::told(&self.state, error),
                    Err(invalid) => PeerMisbehaved::Malformed(invalid).into(),
                });
            }
            (Kind::Header, Phase::Negotiating) => self.handle_header(element, tx)?,
            (_, Phase::Negotiating) => {
                if let Some(fault) = self.core.header_fault.take() {
                    return Err((*fault).into());
                }
                R::handle_element(&mut self.core, &mut self.state, element, unread, tx)?
            }
            (_, Phase::Established)
                if element.is(ns::STREAM, "features")
                    && R::takes_late_features(&mut self.state) =>
            {
                Outcome::lend(Lend::Role)
            }
            (_, Phase::Established) if R::handles(&self.state, element) => {
                R::handle_element(&mut self.core, &mut self.state, element, unread, tx)?
            }
            (_, Phase::Established) if self.is_management(element) => {
                R::handle_management(&mut self.core, &mut self.state, element, tx)?
            }
            (_, Phase::Established) => match self.classify(element)? {
                Lend::Stanza => {
                    self.core.management.handle();
                    self.take_stanza(element, tx)
                }
                lend => Outcome::lend(lend),
            },
            // 6120-4.4-01: what the peer sends until it closes is still processed,
            // as far as it carries stanzas. Nothing of a negotiation is: its
            // answers would stand behind our closing tag.
            (_, Phase::Closing) if self.core.was_established => match self.classify(element) {
                Ok(Lend::Stanza) => {
                    self.core.management.handle();
                    self.take_stanza(element, tx)
                }
                // What is still acknowledged need not be handed back.
                _ if element.is(ns::SM, "a") => {
                    _ = sm::handle(&mut self.core, element);
                    Outcome::CONSUMED
                }
                _ => Outcome::CONSUMED,
            },
            (_, Phase::Closing | Phase::Closed) => Outcome::CONSUMED,
        };
        Ok(Some(outcome))
    }

    /// Whether it is of stream management, which the connection deals with itself
    /// unless the caller wants to.
    fn is_management(&self, element: ElementRef<'_>) -> bool {
        element.has_ns(ns::SM) && !self.core.nonzas.contains(&ns::SM)
    }

    /// How much lies behind an item that would count if TLS began there.
    pub(super) fn unread(&self, rx: &RecvBuffer) -> usize {
        if self.core.drops_space && rx.unread_is_space() { 0 } else { rx.unread() }
    }

    fn handle_header(
        &mut self,
        element: ElementRef<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Outcome<R>, Error> {
        self.core.peer_has_version = element.attr("version").is_some();
        let from = AddressRef::from_attribute(element.attr("from"));
        let from = from.jid().map(|jid| jid.to_bare().into_owned());
        R::note_peer(&mut self.state, from);
        let judged = StreamHeader::parse(element)
            .map_err(PeerMisbehaved::Malformed)
            .and_then(|header| R::judge_header(&self.state, &header).map(|()| header));
        match judged {
            Ok(header) => R::handle_header(&mut self.core, &mut self.state, header, tx),
            // Of a server of old nothing would come: it waits for us, and has no features.
            Err(PeerMisbehaved::UnsupportedVersion) if R::RELAYS => {
                Err(PeerMisbehaved::UnsupportedVersion.into())
            }
            Err(fault) if R::INITIATES => {
                self.core.header_fault = Some(Box::new(fault));
                Ok(Outcome::lend(Lend::Header))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// What a first-level element is to a stream that is established.
    fn classify(&self, element: ElementRef<'_>) -> Result<Lend, PeerMisbehaved> {
        match classify(&self.core, element, R::CONTENT)? {
            Lend::Stanza => {
                // 6120-4.8.5-04: a server must not pass on what has a prefix for the
                // content namespace anywhere in it. A client, to whom a lenient
                // server may pass it on from anybody, loses no stream over it.
                if R::RELAYS && element.has_prefixed(R::CONTENT) {
                    return Err(PeerMisbehaved::PrefixedStanza);
                }
                if let Some(stanza) = StanzaRef::new(element) {
                    R::judge_stanza(&self.state, stanza)?;
                }
                Ok(Lend::Stanza)
            }
            lend => Ok(lend),
        }
    }

    /// The transport has ended, and all that it brought has been looked at.
    pub(super) fn end_of_transport(&mut self, end: TransportEnd) {
        let fault = self.core.header_fault.take();
        let error = match (end, self.core.phase) {
            // We have said our last word, and nobody says otherwise.
            (TransportEnd::Eof, Phase::Closing) => None,
            (TransportEnd::Eof, _) => {
                Some(fault.map_or(Error::UncleanEof, |fault| Error::Peer(*fault)))
            }
            (TransportEnd::Failed(error), _) => Some(*error),
        };
        self.core.peer_closed = true;
        self.core.end(error);
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Header,
    Element,
    Closed,
}

/// What a first-level element is, by its name and namespace.
pub(crate) fn classify(
    core: &Core,
    element: ElementRef<'_>,
    content: Ns<'static>,
) -> Result<Lend, PeerMisbehaved> {
    let is_stanza = matches!(element.name(), "message" | "presence" | "iq");
    if is_stanza && element.has_ns(content) {
        // 6120-4.8.5-04: no prefix for the content namespace.
        return if element.prefix().is_empty() {
            Ok(Lend::Stanza)
        } else {
            Err(PeerMisbehaved::PrefixedStanza)
        };
    }
    if core.nonzas.iter().any(|namespace| element.has_ns(*namespace)) {
        return Ok(Lend::Nonza);
    }
    // 6120-4.8.3-04: a stanza of another content namespace.
    if is_stanza {
        return Err(PeerMisbehaved::WrongNamespace);
    }
    Err(unexpected(element, "a stanza"))
}
