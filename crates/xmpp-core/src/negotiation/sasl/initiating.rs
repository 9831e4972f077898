//! The initiating side: RFC 6120 sections 6.4.1 to 6.4.6.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::mem;

use xmpp_sasl::client::{
    Authenticated, Credentials, Error as SaslError, Exchange, Offer, Pending, Policy, Step, Tried,
};
use xmpp_sasl::{ChannelBindings, FailureReason, Mechanism, Nonce, ScramKeys};
use xmpp_stanza::Payload;
use xmpp_stanza::features::FeaturesRef;
use xmpp_stanza::sasl::{Abort, Auth, Challenge, Failure, Response, SaslCondition, Success};
use xmpp_xml::{ElementRef, SendBuffer, ns};

use crate::config::KeyDerivation;
use crate::connection::core::{Core, is, unexpected};
use crate::error::{Error, Misuse, PeerIncompatible, PeerMisbehaved};
use crate::query::KeysQuery;

/// What the client authenticates with.
pub(crate) struct Means<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) credentials: &'a Credentials,
    pub(crate) bindings: &'a ChannelBindings,
    /// Whether the connection never has TLS, by the caller's will.
    pub(crate) plaintext: bool,
    pub(crate) key_derivation: KeyDerivation,
    /// How many attempts may fail.
    pub(crate) max_failed: usize,
}

/// Attempts to authenticate on one stream.
pub(crate) struct Initiating {
    /// The names that the server offered, and the channel bindings that it knows.
    mechanisms: Vec<String>,
    bindings: Option<Vec<String>>,
    tried: Tried,
    state: State,
}

enum State {
    Idle,
    /// Boxed, since it is large and short-lived; so is the next.
    Exchange(Box<Exchange>),
    Keys {
        serial: u32,
        pending: Box<Pending>,
    },
}

/// What came of an element or an answer.
pub(crate) enum Progress {
    /// Something was sent.
    Sent,
    KeysWanted(KeysQuery),
    /// The server refused one attempt, and another has begun.
    Retried(Failure),
    Authenticated(Box<Authenticated>),
}

impl Initiating {
    /// Section 6.4.1: reads the offer, picks a mechanism and begins.
    pub(crate) fn begin(
        core: &mut Core,
        features: FeaturesRef<'_>,
        means: &Means<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Self, Error> {
        let mechanisms = features.mechanisms().ok_or(PeerIncompatible::NoAuthentication)?;
        // XEP-0440: which channel bindings the server knows.
        let bindings = features
            .element()
            .child(ns::SASL_CHANNEL_BINDING, "sasl-channel-binding")
            .map(|element| element.children().filter_map(|child| child.attr("type")));
        let mut this = Self {
            mechanisms: mechanisms.map(|name| name.into_owned()).collect(),
            bindings: bindings.map(|types| types.map(|kind| kind.into_owned()).collect()),
            tried: Tried::default(),
            state: State::Idle,
        };
        this.start(core, means, tx)?;
        Ok(this)
    }

    /// Section 6.4.2: `<auth/>` with the best mechanism that is left.
    fn start(
        &mut self,
        core: &mut Core,
        means: &Means<'_>,
        tx: &mut SendBuffer,
    ) -> Result<(), PeerIncompatible> {
        let names: Vec<&str> = self.mechanisms.iter().map(String::as_str).collect();
        let types: Option<Vec<&str>> =
            self.bindings.as_ref().map(|types| types.iter().map(String::as_str).collect());
        let mut offer = Offer::new(&names).after(&self.tried);
        if let Some(types) = &types {
            offer = offer.with_channel_bindings(types);
        }
        let without_tls;
        let policy = if means.plaintext {
            without_tls = means.policy.clone().allow_without_tls();
            &without_tls
        } else {
            means.policy
        };
        let choice = policy
            .choose(&offer, means.bindings, means.credentials)
            .map_err(PeerIncompatible::NoMechanism)?;
        let mut random = [0; Nonce::RANDOM_BYTES];
        core.fill_random(&mut random);
        let start = choice.start(Nonce::from_random(random));
        core.write(&Auth::new(start.mechanism.name(), start.initial_response.as_deref()), tx);
        self.state = State::Exchange(Box::new(start.exchange));
        Ok(())
    }

    /// Whether it waits for the server.
    pub(crate) const fn wants_input(&self) -> bool {
        !matches!(self.state, State::Keys { .. })
    }

    pub(crate) fn handle_element(
        &mut self,
        core: &mut Core,
        element: ElementRef<'_>,
        means: &Means<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Progress, Error> {
        const EXPECTED: &str = "a SASL challenge, success or failure";
        let State::Exchange(exchange) = mem::replace(&mut self.state, State::Idle) else {
            return Err(unexpected(element, EXPECTED).into());
        };
        let malformed = PeerMisbehaved::Malformed;
        if is::<Challenge>(element) {
            let challenge = Challenge::parse(element).map_err(malformed)?;
            let data = challenge.data.decode().map_err(malformed)?.unwrap_or_default();
            let step = exchange.challenge(&data).map_err(|error| abort(core, error, tx))?;
            return self.take_step(core, step, means.key_derivation, tx);
        }
        if is::<Success>(element) {
            let success = Success::parse(element).map_err(malformed)?;
            let data = success.data.decode().map_err(malformed)?;
            // The proof that the server knows our credentials, as far as the
            // mechanism has one: nothing else makes this value.
            let proof = exchange
                .success(data.as_ref().map(|data| data.as_slice()))
                .map_err(Error::ServerNotAuthenticated)?;
            return Ok(Progress::Authenticated(Box::new(proof)));
        }
        if is::<Failure>(element) {
            let failure = Failure::parse(element).map_err(malformed)?;
            return self.retry(core, exchange.mechanism(), failure, means, tx);
        }
        Err(unexpected(element, EXPECTED).into())
    }

    /// Section 6.4.5: another mechanism, if the failure leaves one.
    fn retry(
        &mut self,
        core: &mut Core,
        mechanism: Mechanism,
        failure: Failure,
        means: &Means<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Progress, Error> {
        self.tried.failed(mechanism, reason(failure.condition));
        let bound = means.max_failed.min(MAX_ATTEMPTS);
        if self.tried.count() >= bound || self.start(core, means, tx).is_err() {
            return Err(Error::NotAuthenticated(failure));
        }
        Ok(Progress::Retried(failure))
    }

    fn take_step(
        &mut self,
        core: &mut Core,
        step: Step,
        key_derivation: KeyDerivation,
        tx: &mut SendBuffer,
    ) -> Result<Progress, Error> {
        match step {
            Step::Response { response, exchange } => {
                // Section 6.4.3: a response of no length is an empty element.
                let response = Some(&*response).filter(|response| !response.is_empty());
                core.write(&Response::new(response), tx);
                self.state = State::Exchange(Box::new(exchange));
                Ok(Progress::Sent)
            }
            Step::KeysWanted { query, pending } => match key_derivation {
                KeyDerivation::InPlace => {
                    let step =
                        pending.provide(query.derive()).map_err(|error| abort(core, error, tx))?;
                    self.take_step(core, step, KeyDerivation::Queried, tx)
                }
                KeyDerivation::Queried => {
                    let serial = core.next_serial();
                    self.state = State::Keys { serial, pending: Box::new(pending) };
                    Ok(Progress::KeysWanted(KeysQuery { serial, query }))
                }
            },
        }
    }

    /// The keys that were asked for.
    pub(crate) fn provide_keys(
        &mut self,
        core: &mut Core,
        query: &KeysQuery,
        keys: ScramKeys,
        tx: &mut SendBuffer,
    ) -> Result<Result<Progress, Error>, Misuse> {
        match mem::replace(&mut self.state, State::Idle) {
            State::Keys { serial, pending } if serial == query.serial => {
                if !pending.fits(&keys) {
                    self.state = State::Keys { serial, pending };
                    return Err(Misuse::WrongKeys);
                }
                Ok(pending
                    .provide(keys)
                    .map_err(|error| abort(core, error, tx))
                    .and_then(|step| self.take_step(core, step, KeyDerivation::Queried, tx)))
            }
            state => {
                self.state = state;
                Err(Misuse::StaleQuery)
            }
        }
    }
}

/// What the server said, in the words of SASL at large. What is not known is taken
/// for the worst.
const fn reason(condition: SaslCondition) -> FailureReason {
    match condition {
        SaslCondition::Aborted => FailureReason::Aborted,
        SaslCondition::AccountDisabled => FailureReason::AccountDisabled,
        SaslCondition::CredentialsExpired => FailureReason::CredentialsExpired,
        SaslCondition::EncryptionRequired => FailureReason::EncryptionRequired,
        SaslCondition::IncorrectEncoding => FailureReason::IncorrectEncoding,
        SaslCondition::InvalidAuthzid => FailureReason::AuthorizationDenied,
        SaslCondition::InvalidMechanism => FailureReason::MechanismUnavailable,
        SaslCondition::MalformedRequest => FailureReason::Malformed,
        SaslCondition::MechanismTooWeak => FailureReason::MechanismTooWeak,
        SaslCondition::TemporaryAuthFailure => FailureReason::Temporary,
        _ => FailureReason::CredentialsRejected,
    }
}

/// Whatever the configuration says: a server that fails every attempt is left.
const MAX_ATTEMPTS: usize = 10;

/// Section 6.4.4: tells the server that the exchange is off; the stream ends
/// after it.
fn abort(core: &mut Core, error: SaslError, tx: &mut SendBuffer) -> Error {
    core.write(&Abort, tx);
    Error::ServerNotAuthenticated(error)
}
