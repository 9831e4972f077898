//! The answers to what a server is asked about a client.

use alloc::{boxed::Box, sync::Arc};
use core::mem;

use xmpp_jid::FullJid;
use xmpp_sasl::server::Answer;
use xmpp_stanza::sm::Failed;
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
use crate::negotiation::{bind, sm};
use crate::negotiation::sasl::Receiving;
use crate::query::{BindQuery, CredentialsQuery, HostQuery, ResumeQuery};
use crate::role::ServerFromClient;
use crate::stream_management::{Resumption, StreamManagement};

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

    /// Answers [`ServerEvent::ResumeWanted`]: the stream that `resumption` was taken
    /// from goes on over this connection. What the client has not handled is in
    /// `tx` again.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one;
    /// [`Misuse::WrongResumption`] if the resumption is not the one that the query
    /// names, or is of another account than the client has authenticated as. The
    /// client is then told `item-not-found`, since its query is used up.
    pub fn accept_resumption(
        &mut self,
        query: ResumeQuery,
        resumption: Resumption,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        self.state.take_resume(&query)?;
        let host = self.state.host.as_ref();
        let config = host.and_then(|host| host.stream_management.clone());
        let config = config.unwrap_or(StreamManagement::of_server());
        let resumption = resumption.framed(tx.framing());
        match sm::accept_resume(&mut self.core, &config, &query, resumption) {
            Ok(Ok((resumed, jid))) => {
                self.core.write(&resumed, tx);
                self.state.established(jid.clone());
                self.core.established();
                sm::resend(&mut self.core, tx);
                self.queued = Some(Box::new(Event::Established { jid, resumed: true }));
                Ok(())
            }
            Ok(Err(fault)) => {
                self.fail(fault.into(), tx);
                Ok(())
            }
            Err(misuse) => {
                self.tell_not_resumed(None, tx);
                Err(misuse)
            }
        }
    }

    /// Answers [`ServerEvent::ResumeWanted`]: there is no such stream (any more).
    /// `h` is how many of its stanzas had been handled, if that is still known. The
    /// client may bind a resource, or ask for another stream; after five refusals it
    /// loses the connection.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleQuery`] if the query is not the open one.
    pub fn refuse_resumption(
        &mut self,
        query: ResumeQuery,
        h: Option<u32>,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        if !self.is_answerable()? {
            return Ok(());
        }
        self.state.take_resume(&query)?;
        self.tell_not_resumed(h, tx);
        Ok(())
    }

    fn tell_not_resumed(&mut self, h: Option<u32>, tx: &mut SendBuffer) {
        let failed = Failed::new(StanzaCondition::ItemNotFound).with_h(h);
        let refused = sm::refuse(&mut self.core, &failed, tx);
        self.settle(refused.map(|()| Outcome::CONSUMED), tx);
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

    fn take_resume(&mut self, query: &ResumeQuery) -> Result<(), Misuse> {
        match self.step {
            Step::ResumeAnswer { serial } if serial == query.serial => {
                self.step = Step::Bind;
                Ok(())
            }
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
