//! The answers to what a server is asked about a client.

use alloc::{boxed::Box, sync::Arc};
use core::mem;

use xmpp_jid::FullJid;
use xmpp_sasl::server::Answer;
use xmpp_stanza::{Iq, StanzaCondition, StanzaError, StreamError};
use xmpp_xml::SendBuffer;

use super::{State, Step, judge, respond, take_verdict};
use crate::config::HostConfig;
use crate::connection::Connection;
use crate::connection::machine::Outcome;
use crate::error::{Error, Misuse};
use crate::event::Event;
#[cfg(doc)]
use crate::event::ServerEvent;
use crate::negotiation::bind;
use crate::negotiation::sasl::Receiving;
use crate::query::{BindQuery, CredentialsQuery, HostQuery};
use crate::role::ServerFromClient;

impl Connection<ServerFromClient> {
    /// Answers [`ServerEvent::HostWanted`]: response header and features are in `tx`.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn choose_host(
        &mut self,
        query: HostQuery,
        host: Arc<HostConfig>,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        self.state.take_host(&query)?;
        self.state.host = Some(host);
        respond(&mut self.core, &mut self.state, tx);
        Ok(())
    }

    /// Answers [`ServerEvent::HostWanted`] with a stream error: mostly
    /// `host-unknown`, else `host-gone`, or
    /// [`StreamError::see_other_host`], which belongs behind TLS.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn refuse_host(
        &mut self,
        query: HostQuery,
        error: StreamError,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        self.state.take_host(&query)?;
        self.fail(Error::Closed(error), tx);
        Ok(())
    }

    /// Answers [`ServerEvent::CredentialsWanted`].
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn provide_credentials(
        &mut self,
        query: CredentialsQuery,
        answer: Answer,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let state = &mut self.state;
        let (Some(host), Step::Sasl) = (&state.host, &state.step) else {
            return Err(Misuse::StaleQuery);
        };
        let judge = judge(host, &state.config, &state.bindings, state.tls);
        let verdict = state.sasl.provide(&mut self.core, &query, answer, &judge, tx)?;
        let outcome = verdict.and_then(|verdict| take_verdict(&mut self.core, state, verdict, tx));
        self.settle(outcome, tx);
        Ok(())
    }

    /// Answers [`ServerEvent::BindWanted`] with the client's full address, which
    /// need not have the resource that the client asked for.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one;
    /// [`Misuse::WrongAccount`] if `jid` belongs to another account. The client
    /// is then told `internal-server-error`, since its query is used up.
    pub fn bind(
        &mut self,
        query: BindQuery,
        jid: FullJid,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        if jid.to_bare() != query.account {
            let error = StanzaError::new(StanzaCondition::InternalServerError);
            self.refuse_bind(query, error, tx)?;
            return Err(Misuse::WrongAccount);
        }
        let iq = self.state.take_bind(&query)?;
        bind::accept(&mut self.core, &iq, &jid, tx);
        self.state.established(jid.clone());
        self.core.established();
        self.queued = Some(Box::new(Event::Established { jid, resumed: false }));
        Ok(())
    }

    /// Answers [`ServerEvent::BindWanted`] with a stanza error (RFC 6120 section
    /// 7.6.2): `resource-constraint`, `conflict`, `not-allowed`. The client may
    /// try again, five times.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn refuse_bind(
        &mut self,
        query: BindQuery,
        error: StanzaError,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        let iq = self.state.take_bind(&query)?;
        let refused = self.state.bind.refuse(&mut self.core, &iq, error, tx);
        self.settle(refused.map(|()| Outcome::CONSUMED), tx);
        Ok(())
    }
}

impl State {
    /// What only the negotiation needed is not kept for as long as the stream lasts.
    fn established(&mut self, bound: FullJid) {
        self.step = Step::Open;
        self.bound = Some(bound);
        self.peer = None;
        self.sasl = Receiving::default();
    }

    fn take_host(&self, query: &HostQuery) -> Result<(), Misuse> {
        match self.step {
            Step::Host { serial } if serial == query.serial => Ok(()),
            _ => Err(Misuse::StaleQuery),
        }
    }

    fn take_bind(&mut self, query: &BindQuery) -> Result<Iq, Misuse> {
        match mem::replace(&mut self.step, Step::Bind) {
            Step::BindAnswer { serial, iq } if serial == query.serial => Ok(*iq),
            step => {
                self.step = step;
                Err(Misuse::StaleQuery)
            }
        }
    }
}
