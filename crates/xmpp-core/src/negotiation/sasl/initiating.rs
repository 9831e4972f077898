//! The initiating side: RFC 6120 sections 6.4.1 to 6.4.6, and the same exchange in
//! the elements of XEP-0388.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::mem;

use xmpp_jid::BareJid;
use xmpp_sasl::client::{
    Authenticated, Credentials, Exchange, Offer, Pending, Policy, Step, Tried,
};
use xmpp_sasl::sasl2::{Continued, TaskError};
use xmpp_sasl::{ChannelBindings, FailureReason, Mechanism, Nonce, ScramKeys, Secret};
use xmpp_stanza::features::FeaturesRef;
use xmpp_stanza::sasl::{Auth, Failure, SaslCondition, Success};
use xmpp_stanza::{Payload, sasl2 as nonza};
use xmpp_xml::{ElementRef, SendBuffer, ns};

use super::profile::{Profile, decoded, strs};
use crate::config::{KeyDerivation, Sasl2Client};
use crate::connection::core::{Core, unexpected};
use crate::error::{Error, Misuse, PeerIncompatible, PeerMisbehaved};
use crate::negotiation::sasl2::{self, Asked, Offered, Succeeded, Task, TaskProgress};
use crate::query::{KeysQuery, TaskChoice, TaskDataQuery, TaskQuery, TaskReply, UpgradeQuery};
use crate::stream_management::StreamManagement;

/// What the client authenticates with.
pub(crate) struct Means<'a> {
    pub(crate) account: &'a BareJid,
    pub(crate) policy: &'a Policy,
    pub(crate) credentials: &'a Credentials,
    pub(crate) sasl2: &'a Sasl2Client,
    /// What is wanted of stream management.
    pub(crate) management: Option<&'a StreamManagement>,
    /// Whether a resource may be bound inline.
    pub(crate) binds_inline: bool,
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
    /// What else it offered, if the profile is XEP-0388's.
    offered: Option<Offered>,
    asked: Asked,
    tried: Tried,
    state: State,
}

enum State {
    Idle,
    /// Boxed, since it is large and short-lived; so are the next.
    Exchange(Box<Exchange>),
    Keys {
        serial: u32,
        pending: Box<Pending>,
    },
    /// XEP-0388, "Continue". The mechanism is that of the exchange before.
    Task(Box<Task>, Mechanism),
}

/// What came of an element or an answer.
pub(crate) enum Progress {
    /// Something was sent.
    Sent,
    KeysWanted(KeysQuery),
    UpgradeWanted(UpgradeQuery),
    TaskWanted(TaskQuery),
    TaskDataReceived(TaskDataQuery),
    /// The server refused one attempt, and another has begun.
    Retried(Mechanism, Failure),
    Authenticated(Box<Authenticated>),
    /// The exchange has succeeded in XEP-0388's profile.
    Succeeded(Box<Succeeded>),
}

impl Initiating {
    /// Section 6.4.1: reads the offer, picks a mechanism and begins.
    pub(crate) fn begin(
        core: &mut Core,
        features: FeaturesRef<'_>,
        means: &Means<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Self, Error> {
        let mut offered = None;
        if means.sasl2.enabled {
            offered = Offered::read(features).map_err(PeerMisbehaved::Malformed)?;
        }
        // XEP-0474 hashes the list of the profile that is used.
        let mechanisms = match &mut offered {
            Some(offered) => mem::take(&mut offered.mechanisms),
            None => {
                let names = features.mechanisms().ok_or(PeerIncompatible::NoAuthentication)?;
                names.map(|name| name.into_owned()).collect()
            }
        };
        // XEP-0440: which channel bindings the server knows.
        let bindings = features
            .element()
            .child(ns::SASL_CHANNEL_BINDING, "sasl-channel-binding")
            .map(|element| element.children().filter_map(|child| child.attr("type")));
        let mut this = Self {
            mechanisms,
            bindings: bindings.map(|types| types.map(|kind| kind.into_owned()).collect()),
            offered,
            asked: Asked::default(),
            tried: Tried::default(),
            state: State::Idle,
        };
        this.start(core, means, tx)?;
        Ok(this)
    }

    pub(crate) const fn profile(&self) -> Profile {
        if self.offered.is_some() { Profile::Sasl2 } else { Profile::Rfc6120 }
    }

    /// Section 6.4.2: begins with the best mechanism that is left.
    fn start(
        &mut self,
        core: &mut Core,
        means: &Means<'_>,
        tx: &mut SendBuffer,
    ) -> Result<(), PeerIncompatible> {
        let names = strs(&self.mechanisms);
        let types = self.bindings.as_deref().map(strs);
        let tokens = match &self.offered {
            Some(offered) if sasl2::may_use_tokens(means.sasl2) => strs(&offered.token_mechanisms),
            _ => Vec::new(),
        };
        let offer = if self.offered.is_some() { Offer::sasl2(&names) } else { Offer::new(&names) };
        let mut offer = offer.with_token_mechanisms(&tokens).after(&self.tried);
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
        match &self.offered {
            None => {
                let response = start.initial_response.as_deref();
                core.write(&Auth::new(start.mechanism.name(), response), tx);
            }
            Some(offered) => {
                self.asked = Asked::of(offered, start.mechanism, means, &core.management);
                sasl2::write_authenticate(core, &start, (offered, &self.asked), means, tx);
            }
        }
        self.state = State::Exchange(Box::new(start.exchange));
        Ok(())
    }

    /// Whether it waits for the server.
    pub(crate) const fn wants_input(&self) -> bool {
        match &self.state {
            State::Keys { .. } => false,
            State::Task(task, _) => task.wants_input(),
            State::Idle | State::Exchange(_) => true,
        }
    }

    pub(crate) fn handle_element(
        &mut self,
        core: &mut Core,
        element: ElementRef<'_>,
        means: &Means<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Progress, Error> {
        let profile = self.profile();
        let malformed = PeerMisbehaved::Malformed;
        let exchange = match mem::replace(&mut self.state, State::Idle) {
            State::Exchange(exchange) => exchange,
            State::Task(task, mechanism) => {
                return self.handle_task(core, *task, mechanism, element, means, tx);
            }
            State::Idle | State::Keys { .. } => return Err(unexpected(element, EXPECTED).into()),
        };
        if profile.has(element, "challenge") {
            let data = profile.data(element).map_err(malformed)?;
            let step = exchange
                .challenge(data.as_ref())
                .map_err(|error| profile.abort(core, error, tx))?;
            return self.take_step(core, step, means.key_derivation, tx);
        }
        if profile.has(element, "failure") {
            let failure = profile.failure(element).map_err(malformed)?;
            return self.retry(core, exchange.mechanism(), failure, means, tx);
        }
        // The proof that the server knows our credentials, as far as the mechanism has
        // one: nothing else makes this value.
        let prove = |exchange: Exchange, data: Option<&[u8]>| {
            exchange.success(data).map_err(Error::ServerNotAuthenticated)
        };
        match profile {
            Profile::Rfc6120 if profile.has(element, "success") => {
                let success = Success::parse(element).map_err(malformed)?;
                let data = success.data.decode().map_err(malformed)?;
                Ok(Progress::Authenticated(Box::new(prove(*exchange, decoded(data.as_ref()))?)))
            }
            Profile::Sasl2 if profile.has(element, "success") => {
                let success = nonza::Success::parse(element).map_err(malformed)?;
                let data = success.additional_data.as_ref().map(nonza::Data::decode);
                let data = data.transpose().map_err(malformed)?;
                let proof = prove(*exchange, decoded(data.as_ref()))?;
                self.succeed(&success, proof, means)
            }
            Profile::Sasl2 if profile.has(element, "continue") => {
                let next = nonza::Continue::parse(element).map_err(malformed)?;
                let data = next.additional_data.as_ref().map(nonza::Data::decode);
                let data = data.transpose().map_err(malformed)?;
                let mechanism = exchange.mechanism();
                let continued = Continued::after(*exchange, decoded(data.as_ref()), next.tasks);
                let continued = continued.map_err(|error| match error {
                    TaskError::Exchange(error) => Error::ServerNotAuthenticated(error),
                    _ => PeerIncompatible::UnknownTasks(Vec::new()).into(),
                })?;
                let asked = (&self.asked, means);
                let begun = sasl2::begin_task(core, continued, next.text, asked, tx)?;
                Ok(self.take_task(begun, mechanism))
            }
            _ => Err(unexpected(element, EXPECTED).into()),
        }
    }

    /// XEP-0388, "Continue": each task ends with `<failure/>`, `<continue/>` or
    /// `<success/>`.
    fn handle_task(
        &mut self,
        core: &mut Core,
        task: Task,
        mechanism: Mechanism,
        element: ElementRef<'_>,
        means: &Means<'_>,
        tx: &mut SendBuffer,
    ) -> Result<Progress, Error> {
        let malformed = PeerMisbehaved::Malformed;
        let profile = Profile::Sasl2;
        if profile.has(element, "task-data") {
            let told = task.handle_data(core, element, means, tx)?;
            Ok(self.take_task(told, mechanism))
        } else if profile.has(element, "continue") {
            let told = task.proceed(core, element, (&self.asked, means), tx)?;
            Ok(self.take_task(told, mechanism))
        } else if profile.has(element, "success") {
            let success = nonza::Success::parse(element).map_err(malformed)?;
            self.succeed(&success, task.success(element)?, means)
        } else if profile.has(element, "failure") {
            let failure = profile.failure(element).map_err(malformed)?;
            self.retry(core, mechanism, failure, means, tx)
        } else {
            Err(unexpected(element, "<task-data/>, <continue/>, <success/> or <failure/>").into())
        }
    }

    fn take_task(&mut self, told: (TaskProgress, Task), mechanism: Mechanism) -> Progress {
        let (progress, task) = told;
        self.state = State::Task(Box::new(task), mechanism);
        match progress {
            TaskProgress::Sent => Progress::Sent,
            TaskProgress::UpgradeWanted(query) => Progress::UpgradeWanted(query),
            TaskProgress::TaskWanted(query) => Progress::TaskWanted(query),
            TaskProgress::DataReceived(query) => Progress::TaskDataReceived(query),
        }
    }

    fn succeed(
        &self,
        success: &nonza::Success,
        proof: Authenticated,
        means: &Means<'_>,
    ) -> Result<Progress, Error> {
        let succeeded = sasl2::read_success(success, proof, &self.asked, means.account)?;
        Ok(Progress::Succeeded(Box::new(succeeded)))
    }

    /// Section 6.4.5: another mechanism, if the failure leaves one. After a token comes
    /// the password (XEP-0484 section 5.1).
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
        Ok(Progress::Retried(mechanism, failure))
    }

    fn take_step(
        &mut self,
        core: &mut Core,
        step: Step,
        key_derivation: KeyDerivation,
        tx: &mut SendBuffer,
    ) -> Result<Progress, Error> {
        let profile = self.profile();
        match step {
            Step::Response { response, exchange } => {
                profile.write_response(core, &response, tx);
                self.state = State::Exchange(Box::new(exchange));
                Ok(Progress::Sent)
            }
            Step::KeysWanted { query, pending } => match key_derivation {
                KeyDerivation::InPlace => {
                    let step = pending
                        .provide(query.derive())
                        .map_err(|error| profile.abort(core, error, tx))?;
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
        let profile = self.profile();
        match mem::replace(&mut self.state, State::Idle) {
            State::Keys { serial, pending } if serial == query.serial => {
                if !pending.fits(&keys) {
                    self.state = State::Keys { serial, pending };
                    return Err(Misuse::WrongKeys);
                }
                Ok(pending
                    .provide(keys)
                    .map_err(|error| profile.abort(core, error, tx))
                    .and_then(|step| self.take_step(core, step, KeyDerivation::Queried, tx)))
            }
            state => {
                self.state = state;
                Err(Misuse::StaleQuery)
            }
        }
    }

    /// The salted password that was asked for.
    pub(crate) fn provide_salted_password(
        &mut self,
        core: &mut Core,
        query: &UpgradeQuery,
        salted_password: &Secret,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        match &mut self.state {
            State::Task(task, _) => task.provide_salted_password(core, query, salted_password, tx),
            _ => Err(Misuse::StaleQuery),
        }
    }

    /// The task that the driver has picked. One that it was not offered ends the
    /// attempt as well, since the query is used up.
    pub(crate) fn begin_task(
        &mut self,
        core: &mut Core,
        query: &TaskQuery,
        choice: TaskChoice,
        tx: &mut SendBuffer,
    ) -> (Result<(), Misuse>, Result<(), Error>) {
        match mem::replace(&mut self.state, State::Idle) {
            State::Task(task, mechanism) if task.awaits_choice(query.serial) => {
                match task.choose(core, query, choice, tx) {
                    Ok(Ok(task)) => {
                        self.state = State::Task(Box::new(task), mechanism);
                        (Ok(()), Ok(()))
                    }
                    Ok(Err(error)) => (Ok(()), Err(error)),
                    Err(misuse) => (Err(misuse), Err(sasl2::declined(core, tx))),
                }
            }
            state => {
                self.state = state;
                (Err(Misuse::StaleQuery), Ok(()))
            }
        }
    }

    /// What the driver has to say in the task.
    pub(crate) fn reply_in_task(
        &mut self,
        core: &mut Core,
        query: &TaskDataQuery,
        reply: TaskReply,
        tx: &mut SendBuffer,
    ) -> Result<Result<(), Error>, Misuse> {
        match &mut self.state {
            State::Task(task, _) if task.awaits_reply(query.serial) => {
                Ok(task.reply(core, reply, tx))
            }
            _ => Err(Misuse::StaleQuery),
        }
    }
}

const EXPECTED: &str = "a SASL challenge, success or failure";

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

#[cfg(test)]
mod tests {
    use super::{FailureReason, SaslCondition as Is, reason};

    /// RFC 6120 section 6.5, in the words of SASL at large.
    #[test]
    fn each_condition_has_its_reason() {
        for (condition, expected) in [
            (Is::Aborted, FailureReason::Aborted),
            (Is::AccountDisabled, FailureReason::AccountDisabled),
            (Is::CredentialsExpired, FailureReason::CredentialsExpired),
            (Is::EncryptionRequired, FailureReason::EncryptionRequired),
            (Is::IncorrectEncoding, FailureReason::IncorrectEncoding),
            (Is::InvalidAuthzid, FailureReason::AuthorizationDenied),
            (Is::InvalidMechanism, FailureReason::MechanismUnavailable),
            (Is::MalformedRequest, FailureReason::Malformed),
            (Is::MechanismTooWeak, FailureReason::MechanismTooWeak),
            (Is::NotAuthorized, FailureReason::CredentialsRejected),
            (Is::TemporaryAuthFailure, FailureReason::Temporary),
        ] {
            assert_eq!(reason(condition), expected, "{condition:?}");
        }
    }
}
