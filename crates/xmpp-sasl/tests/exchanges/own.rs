//! Mechanisms that are not in the crate, on both sides.

use std::sync::Arc;

use crate::pair::{Failed, PASSWORD, Pair, account, tls};
use xmpp_sasl::client::{self, Credentials, Error, Policy};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::server::{self, Answer, Cause, Config, OwnStep, Query};
use xmpp_sasl::{
    ChannelBindingType, ChannelBindings, FailureReason, Mechanism, Nonce, Own, Secret, Strength,
};

/// X-SUM: the server sends its nonce; the client answers with its name and an
/// HMAC over nonce and tls-exporter; the server proves the same in return.
const X_SUM: Own = Own::new("X-SUM", Strength::Token).unwrap().bound().mutual().without_password();

fn sum(key: &[u8], label: &str, nonce: &[u8], binding: &[u8]) -> Vec<u8> {
    let sum = crypto::provider().hmac(Hash::Sha256, key, &[label.as_bytes(), nonce, binding]);
    sum.as_ref().to_vec()
}

#[derive(Debug)]
struct Client(&'static str);

struct ClientExchange {
    key: &'static str,
    user: String,
    binding: Vec<u8>,
    expected: Option<Vec<u8>>,
}

impl client::OwnMechanism for Client {
    fn describe(&self) -> Own {
        X_SUM
    }
    fn prepare(
        &self,
        credentials: &Credentials,
        bindings: &ChannelBindings,
    ) -> Result<Box<dyn client::OwnExchange>, client::Refusal> {
        let binding = bindings.data(ChannelBindingType::TlsExporter);
        Ok(Box::new(ClientExchange {
            key: self.0,
            user: credentials.username().into(),
            binding: binding.ok_or(client::Refusal::NoChannelBinding)?.into(),
            expected: None,
        }))
    }
}

impl client::OwnExchange for ClientExchange {
    fn channel_binding(&self) -> Option<ChannelBindingType> {
        Some(ChannelBindingType::TlsExporter)
    }
    fn start(&mut self, _: Nonce) -> Option<Vec<u8>> {
        None
    }
    fn challenge(&mut self, nonce: &[u8]) -> Result<Vec<u8>, Error> {
        self.expected = Some(sum(self.key.as_bytes(), "server", nonce, &self.binding));
        let mine = sum(self.key.as_bytes(), "client", nonce, &self.binding);
        Ok([self.user.as_bytes(), b"\0", &mine].concat())
    }
    fn success(self: Box<Self>, data: Option<&[u8]>) -> Result<(), Error> {
        match (self.expected, data) {
            (Some(expected), Some(data)) if expected == data => Ok(()),
            (Some(_), Some(_)) => Err(Error::ServerSignature),
            _ => Err(Error::SuccessWithoutProof),
        }
    }
}

#[derive(Debug)]
struct Server;

struct ServerExchange {
    binding: Vec<u8>,
    given: Option<(String, Vec<u8>)>,
}

impl server::OwnMechanism for Server {
    fn describe(&self) -> Own {
        X_SUM
    }
    fn start(&self, bindings: &ChannelBindings, _: Nonce) -> Box<dyn server::OwnExchange> {
        let binding = bindings.data(ChannelBindingType::TlsExporter).unwrap_or_default().into();
        Box::new(ServerExchange { binding, given: None })
    }
}

impl server::OwnExchange for ServerExchange {
    fn channel_binding(&self) -> Option<ChannelBindingType> {
        Some(ChannelBindingType::TlsExporter)
    }
    fn respond(&mut self, response: Option<&[u8]>) -> Result<OwnStep, FailureReason> {
        let Some(response) = response else { return Ok(OwnStep::Challenge(b"nonce".to_vec())) };
        let nul = response.iter().position(|byte| *byte == 0).ok_or(FailureReason::Malformed)?;
        let user =
            String::from_utf8(response[..nul].into()).map_err(|_| FailureReason::Malformed)?;
        self.given = Some((user.clone(), response[nul + 1..].into()));
        Ok(OwnStep::Lookup { username: user })
    }
    fn provide(&mut self, found: Option<Secret>) -> Result<OwnStep, FailureReason> {
        let (authcid, given) = self.given.take().ok_or(FailureReason::Malformed)?;
        let key = found.as_ref().map_or(&b"made up"[..], Secret::expose);
        if sum(key, "client", b"nonce", &self.binding) != given || found.is_none() {
            return Err(FailureReason::CredentialsRejected);
        }
        let additional_data = Some(sum(key, "server", b"nonce", &self.binding));
        Ok(OwnStep::Success { authcid, authzid: None, additional_data })
    }
}

fn pair(key: &'static str) -> Pair {
    let mut pair = Pair::new();
    pair.policy = pair.policy.with_mechanism(Arc::new(Client(key)));
    pair.config = pair.config.with_mechanism(Arc::new(Server));
    pair
}

fn key(query: &Query) -> Answer {
    match query {
        Query::Own { mechanism, username, .. } if username == "user" && *mechanism == X_SUM => {
            Answer::own(Secret::from("key"))
        }
        _ => Answer::unknown_user(),
    }
}

/// It is offered and chosen by what it is worth, and its proof bears its name.
#[test]
fn an_own_mechanism_on_both_sides() {
    let done = pair("key").run(key).unwrap();
    assert_eq!(done.client.mechanism(), Mechanism::Own(X_SUM));
    assert_eq!(done.server.mechanism(), Mechanism::Own(X_SUM));
    assert_eq!(done.server.authcid(), "user");
    assert!(done.client.is_mutual());
    assert_eq!(done.client.channel_binding(), Some(ChannelBindingType::TlsExporter));
    assert_eq!(done.server.channel_binding(), Some(ChannelBindingType::TlsExporter));
    assert!(done.client.pin().is_none() && done.client.scram_keys().is_none());

    let forbidden = pair("key").policy.forbid(Mechanism::Own(X_SUM));
    let done = Pair { policy: forbidden, ..pair("key") }.run(account).unwrap();
    assert_eq!(done.client.mechanism().name(), "SCRAM-SHA-512-PLUS");
}

/// What it refuses is refused, and what is decided for all is decided for it.
#[test]
fn an_own_mechanism_fails_like_any_other() {
    let failed = |pair: &Pair, answer: &dyn Fn(&Query) -> Answer| match pair.run(answer) {
        Err(Failed::Server(failure)) => (failure.reason(), failure.cause().clone()),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("not refused"),
    };
    let rejected = FailureReason::CredentialsRejected;
    assert_eq!(failed(&pair("wrong"), &key), (rejected, Cause::Own(rejected)));
    let unknown = |_: &Query| Answer::unknown_user();
    assert_eq!(failed(&pair("key"), &unknown), (rejected, Cause::Own(rejected)));
    let misfit = |_: &Query| Answer::identity("user");
    assert_eq!(failed(&pair("key"), &misfit), (FailureReason::Temporary, Cause::WrongAnswer));
    let disabled = FailureReason::AccountDisabled;
    let barred = |query: &Query| key(query).barred(disabled);
    assert_eq!(failed(&pair("key"), &barred), (disabled, Cause::Barred(disabled)));
    // Only who has the key is told that the account is disabled.
    assert_eq!(failed(&pair("wrong"), &barred), (rejected, Cause::Own(rejected)));
    // Another connection's binding.
    let mut relayed = pair("key");
    relayed.server_bindings = ChannelBindings::over_tls().with_tls_exporter([8; 32]);
    relayed.client_bindings = ChannelBindings::over_tls().with_tls_exporter([1; 32]);
    assert_eq!(failed(&relayed, &key).0, rejected);
}

/// A server that proves nothing is not taken for one that did.
#[test]
fn its_client_checks_the_server() {
    let exchange = || {
        Policy::default()
            .with_mechanism(Arc::new(Client("key")))
            .choose(
                &client::Offer::new(&["X-SUM"]).with_channel_bindings(&["tls-exporter"]),
                &tls(),
                &Credentials::new("user").with_password(PASSWORD),
            )
            .unwrap()
            .start(crate::pair::nonce("abc"))
    };
    assert_eq!(exchange().initial_response, None);
    assert_eq!(exchange().exchange.success(None).unwrap_err(), Error::SuccessWithoutProof);
    let (_, challenged) = exchange().exchange.challenge_in_place(b"nonce").unwrap();
    assert_eq!(challenged.success(Some(b"x")).unwrap_err(), Error::ServerSignature);
}

/// Policies go by its description, on both sides.
#[test]
fn policies_treat_it_by_its_description() {
    let config = Config::new().with_mechanism(Arc::new(Server));
    let offered = |policy: server::Policy, bindings: &ChannelBindings| {
        policy.judge(Mechanism::Own(X_SUM), &config, bindings)
    };
    let policy = server::Policy::default();
    assert_eq!(offered(policy, &tls()), Ok(()));
    let unbound = ChannelBindings::over_tls();
    assert_eq!(offered(policy, &unbound), Err(server::Refusal::NoChannelBinding));
    let clear = ChannelBindings::without_tls();
    assert_eq!(offered(policy, &clear), Err(server::Refusal::NeedsTls));
    let floor = policy.floor(Strength::Certificate);
    assert_eq!(offered(floor, &tls()), Err(server::Refusal::BelowFloor));
    let other = policy.judge(Mechanism::Own(X_SUM), &Config::new(), &tls());
    assert_eq!(other, Err(server::Refusal::NotAllowed));

    let refusal = |policy: Policy, bindings: &ChannelBindings| {
        let offer = client::Offer::new(&["X-SUM"]);
        let none = policy.choose(&offer, bindings, &Credentials::new("user"));
        none.err().and_then(|none| none.verdicts()[0].refusal)
    };
    let policy = Policy::default().with_mechanism(Arc::new(Client("key")));
    assert_eq!(refusal(policy.clone(), &tls()), None);
    assert_eq!(refusal(Policy::default(), &tls()), Some(client::Refusal::Unknown));
    assert_eq!(refusal(policy.clone(), &clear), Some(client::Refusal::NeedsTls));
    assert_eq!(refusal(policy.clone(), &unbound), Some(client::Refusal::NoChannelBinding));
    let floor = policy.floor(Strength::Certificate);
    assert_eq!(refusal(floor, &tls()), Some(client::Refusal::BelowFloor));
}
