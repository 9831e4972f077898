//! XEP-0106, RFC 5122, and the keys of XEP-0185.

use serde_json::{Value, json};
use xmpp_core::dialback::key;
use xmpp_core::sasl::Secret;
use xmpp_jid::{BareJid, Domainpart, Jid, Query, XmppUri, escape as escaped, unescape};

use super::{Refusal, text};

/// `{"escape":…}` or `{"unescape":…}`
pub(super) fn escape(request: &Value) -> Result<Value, Refusal> {
    if request["unescape"].is_string() {
        return Ok(json!({"ok": true, "output": unescape(text(request, "unescape")?)}));
    }
    let output = escaped(text(request, "escape")?)
        .map_err(|violation| Refusal::new(violation.as_str(), violation))?;
    Ok(json!({"ok": true, "output": output}))
}

/// `{"uri":…}`
pub(super) fn uri(request: &Value) -> Result<Value, Refusal> {
    let uri = XmppUri::new(text(request, "uri")?).map_err(|error| Refusal::new("uri", error))?;
    let mut answer = json!({
        "ok": true,
        "jid": uri.jid().map(Jid::as_str),
        "authority": uri.authority().map(BareJid::as_str),
        "fragment": uri.fragment(),
        "kind": uri.query().map(Query::kind),
        "iri": uri.to_iri(),
    });
    if let Some(query) = uri.query() {
        answer["pairs"] = query.pairs().map(|(name, value)| json!([name, value])).collect();
    }
    Ok(answer)
}

/// `{"secret":…,"receiving":…,"originating":…,"stream_id":…}`
pub(super) fn dialback(request: &Value) -> Result<Value, Refusal> {
    let domain = |key: &str| {
        Domainpart::new(text(request, key)?).map_err(|error| Refusal::new(error.as_str(), error))
    };
    let (receiving, originating) = (domain("receiving")?, domain("originating")?);
    let secret = Secret::from(text(request, "secret")?);
    let id = text(request, "stream_id")?;
    Ok(json!({"ok": true, "key": key(&secret, receiving.as_ref(), originating.as_ref(), id)}))
}
