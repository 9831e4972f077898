//! The answers to what a server is asked about a client.

use alloc::{boxed::Box, sync::Arc};
use core::mem;

use xmpp_jid::FullJid;
use xmpp_sasl::server::Answer;
use xmpp_stanza::{StanzaCondition, StanzaError, StreamError};
use xmpp_xml::{Element, SendBuffer};

use super::{BindFor, State, Step, judge, respond, sasl2, take_verdict};
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
        self.bind_with(query, jid, &[], tx)
    }

    /// The same, with results for a client that has asked
    /// [inline](BindQuery::is_inline), which go into `<bound/>` (XEP-0386): the state
    /// of its archive, what has come of [`BindQuery::inline`]. One that has not is not
    /// told them.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub fn bind_with(
        &mut self,
        query: BindQuery,
        jid: FullJid,
        results: &[Element],
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
        match self.state.take_bind(&query)? {
            BindFor::Iq(iq) => bind::accept(&mut self.core, &iq, &jid, tx),
            BindFor::Inline(mut login) => {
                let bound = Some((&jid, results));
                sasl2::finish(&mut self.core, &mut self.state, &mut login, bound, tx);
            }
        }
        self.state.established(jid.clone());
        self.core.established();
        self.queued = Some(Box::new(Event::Established { jid, resumed: false }));
        Ok(())
    }

    /// Answers [`ServerEvent::BindWanted`] with a stanza error (RFC 6120 section
    /// 7.6.2): `resource-constraint`, `conflict`, `not-allowed`. The client may
    /// try again, five times. One that has asked inline (XEP-0386, which has no word
    /// for it) is told that it has authenticated and is not bound, and has to ask
    /// again as RFC 6120 has it.
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
        match self.state.take_bind(&query)? {
            BindFor::Iq(iq) => {
                let refused = self.state.bind.refuse(&mut self.core, &iq, error, tx);
                self.settle(refused.map(|()| Outcome::CONSUMED), tx);
            }
            BindFor::Inline(mut login) => {
                sasl2::finish(&mut self.core, &mut self.state, &mut login, None, tx);
            }
        }
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

    fn take_bind(&mut self, query: &BindQuery) -> Result<BindFor, Misuse> {
        match mem::replace(&mut self.step, Step::Bind) {
            Step::BindAnswer { serial, to } if serial == query.serial => Ok(to),
            step => {
                self.step = step;
                Err(Misuse::StaleQuery)
            }
        }
    }
}
