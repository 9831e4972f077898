//! RFC 3923.

use serde_json::{Value, json};
use xmpp_e2e::{
    Case, Certificate, Identity, MemoryStore, Opener, Policy, PrivateKey, Receiver, Timestamp,
    TrustStore,
};
use xmpp_stanza::StanzaRef;
use xmpp_xml::Element;

use super::{Refusal, base64, octets, text};

/// `{"object":…,"form":…,"policy":…,"at":…,"ca":…,"key":…,"certificate":…}`: whether the
/// object can be opened, and of an entity what was in it.
pub(super) fn open(request: &Value) -> Result<Value, Refusal> {
    let mut trust = TrustStore::new();
    for authority in certificates(request, "ca")? {
        trust.add_anchor(&authority).map_err(Refusal::bad_request)?;
    }
    let policy = match text(request, "policy")? {
        "modern" => Policy::modern(),
        "legacy" => Policy::legacy(),
        other => return Err(Refusal::bad_request(format!("no policy {other}"))),
    };
    let mut keys = Vec::new();
    if request["key"].is_string() {
        let key = PrivateKey::from_pem(&octets(request, "key")?).map_err(Refusal::bad_request)?;
        let identity = Identity::new(key, certificates(request, "certificate")?);
        keys.push(identity.map_err(Refusal::bad_request)?);
    }
    let at = text(request, "at")?.parse().map_err(Refusal::bad_request)?;
    let now = Timestamp::from_date_time(at).ok_or_else(|| Refusal::bad_request("before 1970"))?;
    let object = octets(request, "object")?;
    if text(request, "form")? == "entity" {
        let opened = Opener::new(&keys, &trust, &policy).open(&object, now);
        let opened = opened.map_err(|error| Refusal::new(word(error.case()), error))?;
        return Ok(json!({"ok": true, "content": base64(opened.entity)}));
    }
    let element = Element::parse(object.trim_ascii()).map_err(Refusal::bad_request)?;
    let stanza = StanzaRef::new(element.as_ref());
    let stanza = stanza.ok_or_else(|| Refusal::bad_request("the object is no stanza"))?;
    let to = stanza.to();
    let account = to.jid().ok_or_else(|| Refusal::bad_request("the stanza is for nobody"))?;
    let account = account.to_bare().into_owned();
    let mut receiver = Receiver::new(account, keys, trust, MemoryStore::new()).with_policy(policy);
    match receiver.open(stanza, now) {
        Some(Ok(_)) => Ok(json!({"ok": true})),
        Some(Err(why)) => Err(Refusal::new(why.case().map_or("bad-request", word), why)),
        None => Err(Refusal::bad_request("the stanza has no <e2e/>")),
    }
}

fn certificates(request: &Value, key: &str) -> Result<Vec<Certificate>, Refusal> {
    Certificate::from_pem(&octets(request, key)?).map_err(Refusal::bad_request)
}

/// The cases of RFC 3923 section 7.
const fn word(case: Case) -> &'static str {
    match case {
        Case::BadTimestamp => "bad-timestamp",
        Case::UnverifiedSignature => "unverified-signature",
        Case::DecryptionFailed => "decryption-failed",
    }
}
