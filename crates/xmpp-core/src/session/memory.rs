//! What a session keeps from one connection for the next.

use alloc::vec::Vec;

use xmpp_sasl::Mechanism;
use xmpp_sasl::ScramKeys;
use xmpp_sasl::client::{Authenticated, Pin, Token};
use xmpp_stanza::StreamError;
use xmpp_stanza::sasl::{Failure, SaslCondition};
use xmpp_xml::Element;

use super::config::SessionConfig;
use super::discovery::{Host, Place};
use crate::config::{ClientConfig, TlsMode};
use crate::query::IssuedToken;
use crate::requests::Requests;
use crate::stream_management::Resumption;

/// Which token there is (XEP-0484).
#[derive(Default)]
enum Held {
    /// That of the configuration, if it has one.
    #[default]
    Given,
    /// One that the server has issued since.
    Issued(Token),
    /// None: the server does not take it any more.
    Refused,
}

#[derive(Default)]
pub(super) struct Memory {
    /// Keys that stand for the password, one for each hash: the next exchange needs no
    /// PBKDF2.
    keys: Vec<ScramKeys>,
    token: Held,
    /// Attempts with that token.
    attempts: u32,
    /// What was used to authenticate.
    pin: Option<Pin>,
    /// What the next stream is resumed from (XEP-0198).
    pub(super) resumption: Option<Resumption>,
    /// Requests that wait for their answers on the stream that is to be resumed.
    pub(super) requests: Requests,
    /// How TLS came about where the last stream was.
    pub(super) tls: TlsMode,
    /// Messages that are sent again once a stream is there.
    pub(super) resend: Vec<Element>,
    /// The resource was taken by somebody else: another one is asked for
    /// (`6120-4.9.3.3-01`).
    pub(super) resource_is_taken: bool,
}

impl Memory {
    /// What the next connection is made with.
    pub(super) fn client_config(&mut self, config: &SessionConfig, tls: TlsMode) -> ClientConfig {
        let mut client = config.client.clone();
        client.tls = tls;
        for keys in &self.keys {
            client.credentials = client.credentials.with_scram_keys(keys.clone());
        }
        match &self.token {
            Held::Given => {}
            Held::Issued(token) => {
                client.credentials = client.credentials.with_token(token.clone())
            }
            Held::Refused => client.credentials = client.credentials.without_token(),
        }
        if let Some(count) = &mut client.sasl2.token_use.count {
            // XEP-0484 section 4: one more at each attempt with a token.
            let given = if let Held::Given = self.token { *count } else { 1 };
            *count = given.saturating_add(self.attempts);
            self.attempts = self.attempts.saturating_add(1);
        }
        if let (Some(pin), Some(pinning)) = (self.pin, config.pinning) {
            client.sasl = client.sasl.pin(pin, pinning);
        }
        if self.resource_is_taken {
            client.resource = None;
        }
        client
    }

    /// Where the server would like the stream to be resumed.
    pub(super) fn location(&self) -> Option<Place> {
        let location = self.resumption.as_ref()?.location()?;
        // In the form of `see-other-host`.
        let other = StreamError::see_other_host(location).other_host().ok()??;
        let port = other.port.unwrap_or_else(|| Place::default_port(self.tls));
        Some(Place::new(Host::of_domain(other.host.as_ref()), port, self.tls))
    }

    pub(super) fn authenticated(&mut self, proof: &Authenticated, token: Option<&IssuedToken>) {
        if let Some(issued) = token {
            self.token = Held::Issued(issued.token.clone());
            self.attempts = 0;
        }
        if let Some(keys) = proof.scram_keys() {
            self.keys.retain(|other| other.hash() != keys.hash());
            self.keys.push(keys.clone());
        }
        self.pin = proof.pin().or(self.pin);
    }

    /// XEP-0484 section 5.1: a token that was refused is thrown away; the password is
    /// tried next, on the same stream.
    pub(super) fn not_authenticated(&mut self, mechanism: Mechanism, failure: &Failure) {
        let lasting = failure.condition != SaslCondition::TemporaryAuthFailure;
        if lasting && matches!(mechanism, Mechanism::HashedToken(_)) {
            self.token = Held::Refused;
        }
    }
}

#[cfg(test)]
mod tests {
    use xmpp_sasl::TokenBinding;

    use super::*;

    /// XEP-0484 section 5.1; RFC 6120 section 6.5.10: a temporary failure says nothing of
    /// the token.
    #[test]
    fn a_token_is_forgotten_once_it_is_refused_for_good() {
        let token = Mechanism::HashedToken(TokenBinding::Exporter);
        let password = Mechanism::from_name("SCRAM-SHA-256-PLUS").unwrap();
        for (mechanism, condition, forgotten) in [
            (token, SaslCondition::NotAuthorized, true),
            (token, SaslCondition::CredentialsExpired, true),
            (token, SaslCondition::TemporaryAuthFailure, false),
            (password, SaslCondition::NotAuthorized, false),
            (password, SaslCondition::TemporaryAuthFailure, false),
        ] {
            let issued = Held::Issued(Token::new(token, "a token"));
            let mut memory = Memory { token: issued, ..Memory::default() };
            memory.not_authenticated(mechanism, &Failure::new(condition));
            let refused = matches!(memory.token, Held::Refused);
            assert_eq!(refused, forgotten, "{mechanism:?}: {condition:?}");
        }
    }
}
