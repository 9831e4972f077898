//! The answers to what a server is asked about a client.

use alloc::{boxed::Box, sync::Arc};
use core::mem;

use xmpp_jid::FullJid;
use xmpp_sasl::server::Answer;
use xmpp_stanza::sm::Failed;
use xmpp_stanza::{StanzaCondition, StanzaError, StreamError};
use xmpp_xml::{Element, SendBuffer};

use super::response::respond;
use super::{BindFor, State, Step, judge, sasl2, take_verdict};
use crate::config::HostConfig;
use crate::connection::Connection;
use crate::connection::machine::Outcome;
use crate::error::{Error, Misuse};
use crate::event::Event;
#[cfg(doc)]
use crate::event::ServerEvent;
use crate::negotiation::sasl2::Login;
use crate::negotiation::{bind, sm};
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
        let sasl = state.sasl.get_or_insert_default();
        let verdict = sasl.provide(&mut self.core, &query, answer, &judge, tx)?;
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

    /// Returns this value with results for a client that has asked
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
        self.core.has_more = self.state.news.is_some();
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
        let login = self.state.take_resume(&query)?;
        let host = self.state.host.as_ref();
        let config = host.and_then(|host| host.stream_management.clone());
        let config = config.unwrap_or(StreamManagement::of_server());
        let resumption = resumption.framed(tx.framing());
        match sm::accept_resume(&mut self.core, &config, &query, resumption) {
            Ok(Ok((resumed, jid))) => {
                match login {
                    Some(mut login) => {
                        sasl2::resume(&mut self.core, &mut login, &jid, &resumed, tx);
                    }
                    None => self.core.write(&resumed, tx),
                }
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
                self.tell_not_resumed(login, None, tx);
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
        let login = self.state.take_resume(&query)?;
        self.tell_not_resumed(login, h, tx);
        Ok(())
    }

    fn tell_not_resumed(&mut self, login: Option<Box<Login>>, h: Option<u32>, tx: &mut SendBuffer) {
        let failed = Failed::new(StanzaCondition::ItemNotFound).with_h(h);
        if let Some(mut login) = login {
            // XEP-0198 section 9.2.1: told with success; the resource comes next.
            login.not_resumed = Some(failed);
            self.state.step = Step::Authenticated(login);
            self.core.has_more = true;
            return;
        }
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
        self.sasl = None;
    }

    fn take_host(&self, query: &HostQuery) -> Result<(), Misuse> {
        match self.step {
            Step::Host { serial } if serial == query.serial => Ok(()),
            _ => Err(Misuse::StaleQuery),
        }
    }

    fn take_resume(&mut self, query: &ResumeQuery) -> Result<Option<Box<Login>>, Misuse> {
        match mem::replace(&mut self.step, Step::Bind) {
            Step::ResumeAnswer { serial, login } if serial == query.serial => Ok(login),
            step => {
                self.step = step;
                Err(Misuse::StaleQuery)
            }
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
