//! RFC 4616, RFC 7628, XEP-0474, XEP-0484.

use core::num::NonZeroU32;

use serde_json::{Value, json};
use xmpp_sasl::client::{self, Credentials, Policy, Token};
use xmpp_sasl::crypto::{self, Hash};
use xmpp_sasl::server::{
    AccountKeys, Answer, AuthorizationRule, Config, Exchange, FakeSalt, Offer, Query, Step,
};
use xmpp_sasl::{ChannelBindings, Mechanism, Nonce, ScramKeys};

use super::{Refusal, base64, octets, text, texts};

const ROUNDS: NonZeroU32 = NonZeroU32::new(4096).unwrap();

/// What is asked is what the message says, and not who may act for whom.
#[derive(Debug)]
struct Anybody;

impl AuthorizationRule for Anybody {
    fn permits(&self, _: &str, _: &str) -> bool {
        true
    }
}

fn config() -> Config {
    let keys = AccountKeys::new(FakeSalt::new([1; 32]), Hash::Sha256, ROUNDS);
    let keys = keys.and(Hash::Sha1, ROUNDS).and(Hash::Sha512, ROUNDS);
    Config::new().account_keys(keys).authorization(Anybody)
}

fn failed(why: impl core::fmt::Debug) -> Refusal {
    Refusal::new("malformed", format!("{why:?}"))
}

/// A server of that mechanism, and what it makes of the first message.
fn respond(mechanism: &str, bindings: &ChannelBindings, message: &[u8]) -> Result<Step, Refusal> {
    let offer = Offer::new([mechanism], []);
    Exchange::start(mechanism, &config(), &offer, bindings, nonce()?)
        .map_err(failed)?
        .respond(Some(message))
        .map_err(failed)
}

fn nonce() -> Result<Nonce, Refusal> {
    Nonce::from_text("abc").ok_or_else(|| Refusal::bad_request("a nonce"))
}

/// `{"message":…}` in base64
pub(super) fn plain(request: &Value) -> Result<Value, Refusal> {
    let message = octets(request, "message")?;
    let step = respond("PLAIN", &ChannelBindings::over_tls(), &message)?;
    let Step::CredentialsWanted { query, pending } = step else { return Err(failed(step)) };
    let Query::Password { username, password, .. } = query else { return Err(failed(query)) };
    let step = pending.provide(Answer::password_checked(true)).map_err(failed)?;
    let Step::Success { authenticated, .. } = step else { return Err(failed(step)) };
    Ok(json!({
        "ok": true,
        "authzid": authenticated.authzid(),
        "authcid": username,
        "password": String::from_utf8_lossy(password.expose()),
    }))
}

/// `{"message":…}` in base64
pub(super) fn oauthbearer(request: &Value) -> Result<Value, Refusal> {
    let message = octets(request, "message")?;
    let step = respond("OAUTHBEARER", &ChannelBindings::over_tls(), &message)?;
    let Step::CredentialsWanted { query, pending } = step else { return Err(failed(step)) };
    let Query::BearerToken { token, host, port, .. } = query else { return Err(failed(query)) };
    let step = pending.provide(Answer::identity("somebody")).map_err(failed)?;
    let Step::Success { authenticated, .. } = step else { return Err(failed(step)) };
    Ok(json!({
        "ok": true,
        "authzid": authenticated.authzid(),
        "host": host,
        "port": port,
        "token": String::from_utf8_lossy(token.expose()),
    }))
}

/// `{"hash":…,"mechanisms":[…],"channel_bindings":[…] or null}`: what a server says in `h`.
pub(super) fn downgrade(request: &Value) -> Result<Value, Refusal> {
    let hash = Hash::from_name(text(request, "hash")?)
        .ok_or_else(|| Refusal::new("hash", "there is no such hash function"))?;
    let offer = Offer::new(texts(request, "mechanisms"), texts(request, "channel_bindings"));
    let name = format!("SCRAM-{}", hash.as_str());
    let tls = ChannelBindings::over_tls();
    let step = Exchange::start(&name, &config(), &offer, &tls, nonce()?)
        .map_err(failed)?
        .respond(Some(b"n,,n=user,r=abc"))
        .map_err(failed)?;
    let Step::CredentialsWanted { pending, .. } = step else { return Err(failed(step)) };
    let keys = ScramKeys::derive(crypto::provider(), hash, b"pencil", b"salt", ROUNDS);
    let step = pending.provide(Answer::keys(keys.to_stored())).map_err(failed)?;
    let Step::Challenge { data, .. } = step else { return Err(failed(step)) };
    let first = String::from_utf8_lossy(&data).into_owned();
    let h = first.split(',').find_map(|attribute| attribute.strip_prefix("h="));
    Ok(json!({"ok": true, "h": h}))
}

/// `{"mechanism":…,"user":…,"token":…,"binding":…}`: what a client says, and what the server
/// adds to success.
pub(super) fn hashed_token(request: &Value) -> Result<Value, Refusal> {
    let name = text(request, "mechanism")?;
    let mechanism = Mechanism::from_name(name)
        .ok_or_else(|| Refusal::new("mechanism", "there is no such mechanism"))?;
    let data = octets(request, "binding")?;
    let bindings = ChannelBindings::over_tls();
    let bindings = match name.rsplit('-').next() {
        Some("EXPR") => bindings.with_tls_exporter(data),
        Some("UNIQ") => bindings.with_tls_unique(data),
        Some("ENDP") => bindings.with_tls_server_end_point(data),
        _ => bindings,
    };
    let token = text(request, "token")?;
    let credentials =
        Credentials::new(text(request, "user")?).with_token(Token::new(mechanism, token));
    let start = Policy::default()
        .choose(&client::Offer::new(&[]).with_token_mechanisms(&[name]), &bindings, &credentials)
        .map_err(failed)?
        .start(nonce()?);
    let message = start.initial_response.unwrap_or_default();
    let step = respond(name, &bindings, &message)?;
    let Step::CredentialsWanted { pending, .. } = step else { return Err(failed(step)) };
    let step = pending.provide(Answer::tokens(vec![token.into()])).map_err(failed)?;
    let Step::Success { additional_data, .. } = step else { return Err(failed(step)) };
    let data = additional_data.unwrap_or_default();
    start.exchange.success(Some(&data)).map_err(failed)?;
    Ok(json!({
        "ok": true,
        "initial_response": base64(&message),
        "additional_data": base64(&data),
    }))
}
