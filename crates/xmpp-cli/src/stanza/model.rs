//! The typed model as JSON.

use serde_json::{Map, Value, json};
use xmpp_stanza::bind::Bind;
use xmpp_stanza::features::{Features, Mechanisms};
use xmpp_stanza::ping::Ping;
use xmpp_stanza::session::Session;
use xmpp_stanza::tls::{self, Proceed, StartTls};
use xmpp_stanza::{
    Address, AddressRef, Invalid, Iq, LangText, Message, Payload, Presence, Stanza, StanzaError,
    StreamError, StreamHeader, disco, roster, sasl,
};
use xmpp_xml::{Attr, Element, ElementRef, Node, Ns, WriteXml, Writer, ns};

use super::{object, shape};

/// A first-level element: a stanza, or something else.
pub(super) fn element(element: ElementRef<'_>, roundtrip: bool) -> Map<String, Value> {
    let mut model = Model { map: Map::new(), unmodelled: Vec::new() };
    let xml = match model.read(element) {
        Ok(value) => value,
        Err(invalid) => return wrong(element, &invalid),
    };
    model.map.insert("unmodelled".into(), Value::Array(model.unmodelled));
    if roundtrip {
        model.map.insert("xml".into(), xml.map_or(Value::Null, Value::String));
    }
    model.map
}

/// The header of a stream.
pub(super) fn header(element: ElementRef<'_>) -> Map<String, Value> {
    match StreamHeader::parse(element) {
        Err(invalid) => {
            let mut map = wrong(element, &invalid);
            map.insert("error".into(), invalid.stream_condition().as_str().into());
            map
        }
        Ok(header) => object(json!({
            "ok": true,
            "kind": "stream",
            "content": header.content,
            "to": address(&header.to),
            "from": address(&header.from),
            "id": header.id,
            "version": header.version.map(|version| version.to_string()),
            "lang": header.lang,
        })),
    }
}

fn wrong(element: ElementRef<'_>, invalid: &Invalid) -> Map<String, Value> {
    object(json!({
        "ok": false,
        "kind": element.name(),
        "error": invalid.condition().as_str(),
        "element": invalid.element(),
        "attribute": invalid.attribute(),
        "section": invalid.section(),
        "message": invalid.to_string(),
    }))
}

struct Model {
    map: Map<String, Value>,
    unmodelled: Vec<Value>,
}

impl Model {
    /// Reads the element into `self`, and gives it as the model writes it.
    fn read(&mut self, element: ElementRef<'_>) -> Result<Option<String>, Invalid> {
        self.map.insert("ok".into(), true.into());
        match Stanza::parse(element) {
            Ok(stanza) => {
                self.stanza(&stanza, element);
                Ok(written(&stanza))
            }
            Err(invalid) if is_stanza(element) => Err(invalid),
            Err(_) => self.nonza(element),
        }
    }

    fn stanza(&mut self, stanza: &Stanza<'_>, element: ElementRef<'_>) {
        match stanza {
            Stanza::Message(message) => self.message(message),
            Stanza::Presence(presence) => self.presence(presence),
            Stanza::Iq(iq) => self.iq(iq),
        }
        for text in element.texts() {
            let text = text.value();
            if !text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
                self.unmodelled.push(json!({"text": text}));
            }
        }
    }

    fn message(&mut self, message: &Message<'_>) {
        self.common("message", message.message_type().as_str(), message.to(), message.from());
        self.insert("id", message.id());
        self.insert("lang", message.lang());
        self.insert("subjects", texts(message.subjects()));
        self.insert("bodies", texts(message.bodies()));
        let thread = message.thread().map(|t| json!({"id": t.id, "parent": t.parent}));
        self.insert("thread", thread);
        self.insert("error", message.error().as_ref().map(stanza_error));
        self.payloads(message.payloads());
        self.attributes(message.attributes());
    }

    fn presence(&mut self, presence: &Presence<'_>) {
        let presence_type = presence.presence_type().as_str();
        self.common("presence", presence_type, presence.to(), presence.from());
        self.insert("id", presence.id());
        self.insert("lang", presence.lang());
        self.insert("show", presence.show().map(|show| show.as_str()));
        self.insert("statuses", texts(presence.statuses()));
        self.insert("priority", presence.priority());
        self.insert("error", presence.error().as_ref().map(stanza_error));
        self.payloads(presence.payloads());
        self.attributes(presence.attributes());
    }

    fn iq(&mut self, iq: &Iq<'_>) {
        self.common("iq", iq.iq_type().as_str(), iq.to(), iq.from());
        self.insert("id", iq.id());
        self.insert("lang", iq.lang());
        if let Some(error) = iq.error() {
            self.insert("error", stanza_error(&error));
        }
        self.payloads(iq.payload_element().into_iter());
        self.attributes(iq.attributes());
    }

    fn common(&mut self, kind: &str, stanza_type: &str, to: AddressRef<'_>, from: AddressRef<'_>) {
        self.insert("kind", kind);
        self.insert("type", stanza_type);
        self.insert("to", address(&to.into_owned()));
        self.insert("from", address(&from.into_owned()));
    }

    fn insert(&mut self, key: &str, value: impl Into<Value>) {
        self.map.insert(key.into(), value.into());
    }

    fn payloads<'e>(&mut self, payloads: impl Iterator<Item = ElementRef<'e>>) {
        let models: Vec<_> = payloads
            .map(|payload| {
                let (model, complete, findings) = match known(payload) {
                    (Value::Null, _) => match shape::model(payload) {
                        // What is unknown in it is told, and written again.
                        Some((model, told)) => (model, told.is_empty(), told),
                        None => (Value::Null, false, Vec::new()),
                    },
                    (model, complete) => (model, complete, Vec::new()),
                };
                if !complete {
                    self.unmodelled(payload);
                }
                let mut value = json!({"ns": payload.ns(), "name": payload.name(), "model": model});
                if !findings.is_empty() {
                    value["findings"] = findings.into();
                }
                value
            })
            .collect();
        self.insert("payloads", models);
    }

    fn unmodelled(&mut self, element: ElementRef<'_>) {
        let xml = written(&element);
        self.unmodelled.push(json!({"ns": element.ns(), "name": element.name(), "xml": xml}));
    }

    fn attributes<'e>(&mut self, attributes: impl Iterator<Item = Attr<'e>>) {
        for attr in attributes {
            let (ns, name, value) = (attr.ns(), attr.name(), attr.value());
            self.unmodelled.push(json!({"ns": ns, "attribute": name, "value": value}));
        }
    }

    fn nonza(&mut self, element: ElementRef<'_>) -> Result<Option<String>, Invalid> {
        self.insert("kind", element.name());
        self.insert("ns", element.ns());
        if element.is(ns::STREAM, "features") {
            let features = Features::parse(element)?;
            let models: Vec<_> = features
                .elements
                .iter()
                .map(|feature| {
                    let feature = feature.as_ref();
                    let (model, complete) = known(feature);
                    if !complete {
                        self.unmodelled(feature);
                    }
                    json!({"ns": feature.ns(), "name": feature.name(), "model": model})
                })
                .collect();
            self.insert("features", models);
            return Ok(written(&features));
        }
        if element.is(ns::STREAM, "error") {
            let error = StreamError::parse(element)?;
            self.insert("condition", error.condition.as_str());
            self.insert("see_other_host", error.see_other_host.clone());
            self.insert("texts", texts(error.texts.iter().cloned()));
            for extension in &error.extensions {
                self.unmodelled(extension.as_ref());
            }
            return Ok(written(&error));
        }
        let (model, complete) = known(element);
        if let Value::Object(model) = model {
            self.map.extend(model);
        }
        if !complete {
            self.unmodelled(element);
        }
        Ok(written(&element))
    }
}

fn is_stanza(element: ElementRef<'_>) -> bool {
    xmpp_stanza::StanzaRef::new(element).is_some()
}

fn address(address: &Address) -> Value {
    match address {
        Address::Absent => Value::Null,
        Address::Jid(jid) => jid.as_str().into(),
        Address::Malformed(malformed) => json!({
            "malformed": malformed.raw,
            "part": malformed.error.part().as_str(),
            "error": malformed.error.as_str(),
        }),
    }
}

fn texts<'t>(texts: impl Iterator<Item = LangText<'t>>) -> Value {
    texts.map(|text| json!({"lang": text.lang, "text": text.text})).collect()
}

fn stanza_error(error: &StanzaError) -> Value {
    let extensions: Vec<_> = error.extensions.iter().map(written).collect();
    let mut value = json!({
        "type": error.error_type.as_str(),
        "condition": error.condition.as_str(),
        "new_address": error.new_address,
        "by": address(&error.by),
        "texts": texts(error.texts.iter().cloned()),
        "extensions": extensions,
    });
    // Only where there is one, which is rare.
    if let Some(code) = error.code {
        value["code"] = code.into();
    }
    value
}

/// What the model knows of the element, and whether that is all there is in it.
fn known(element: ElementRef<'_>) -> (Value, bool) {
    None.or_else(|| try_as::<Bind>(element, bind))
        .or_else(|| try_as::<Ping>(element, |_| json!({})))
        .or_else(|| try_as::<Session>(element, |s| json!({"optional": s.optional})))
        .or_else(|| try_as::<roster::Query>(element, roster_query))
        .or_else(|| try_as::<disco::Info>(element, disco_info))
        .or_else(|| try_as::<disco::Items>(element, disco_items))
        .or_else(|| try_as::<StartTls>(element, |tls| json!({"required": tls.required})))
        .or_else(|| try_as::<Proceed>(element, |_| json!({})))
        .or_else(|| try_as::<tls::Failure>(element, |_| json!({})))
        .or_else(|| try_as::<Mechanisms>(element, |m| json!({"mechanisms": m.names})))
        .or_else(|| try_as::<sasl::Auth>(element, |auth| {
            json!({"mechanism": auth.mechanism, "base64": auth.initial_response.as_base64()})
        }))
        .or_else(|| try_as::<sasl::Challenge>(element, |c| json!({"base64": c.data.as_base64()})))
        .or_else(|| try_as::<sasl::Response>(element, |r| json!({"base64": r.data.as_base64()})))
        .or_else(|| try_as::<sasl::Success>(element, |s| json!({"base64": s.data.as_base64()})))
        .or_else(|| try_as::<sasl::Abort>(element, |_| json!({})))
        .or_else(|| try_as::<sasl::Failure>(element, |failure| {
            json!({
                "condition": failure.condition.as_str(),
                "texts": texts(failure.texts.iter().cloned()),
            })
        }))
        .unwrap_or((Value::Null, false))
}

/// The element as a `T`, in JSON, and whether `T` holds all of it.
fn try_as<'a, T: Payload<'a>>(
    element: ElementRef<'a>,
    model: impl FnOnce(&T) -> Value,
) -> Option<(Value, bool)> {
    if !T::matches(element) {
        return None;
    }
    match T::parse(element) {
        Ok(value) => {
            let again = value.to_element().ok();
            let complete = again.is_some_and(|again| stripped(again.as_ref()) == stripped(element));
            Some((model(&value), complete))
        }
        Err(invalid) => Some((json!({"invalid": invalid.to_string()}), false)),
    }
}

fn bind(bind: &Bind) -> Value {
    match bind {
        Bind::Any => json!({}),
        Bind::Resource(resource) => json!({"resource": resource}),
        Bind::Jid(jid) => json!({"jid": jid.as_str()}),
    }
}

fn roster_query(query: &roster::Query) -> Value {
    let items: Vec<_> = query
        .items
        .iter()
        .map(|item| {
            json!({
                "jid": item.jid.as_str(),
                "name": item.name,
                "subscription": item.subscription.map(|subscription| subscription.as_str()),
                "ask": item.ask,
                "approved": item.approved,
                "groups": item.groups,
            })
        })
        .collect();
    let malformed: Vec<_> = query.malformed.iter().map(|(_, why)| why.to_string()).collect();
    json!({"ver": query.ver, "items": items, "malformed": malformed})
}

fn disco_info(info: &disco::Info) -> Value {
    let identities: Vec<_> = info
        .identities
        .iter()
        .map(|identity| {
            json!({
                "category": identity.category,
                "type": identity.identity_type,
                "name": identity.name,
                "lang": identity.lang,
            })
        })
        .collect();
    json!({"node": info.node, "identities": identities, "features": info.features})
}

fn disco_items(items: &disco::Items) -> Value {
    let all: Vec<_> = items
        .items
        .iter()
        .map(|item| json!({"jid": item.jid.as_str(), "node": item.node, "name": item.name}))
        .collect();
    json!({"node": items.node, "items": all})
}

/// As it would stand on a client's stream.
fn written(value: &(impl WriteXml + ?Sized)) -> Option<String> {
    let mut xml = Vec::new();
    let mut w = Writer::in_stream(&mut xml, ns::CLIENT);
    w.write(value);
    w.finish().ok()?;
    String::from_utf8(xml).ok()
}

/// A copy without the white space that only makes it pretty.
fn stripped(element: ElementRef<'_>) -> Option<Element> {
    let mut builder = Element::builder(Ns::new(element.ns()), element.name());
    let mut open = vec![(element, element.nodes())];
    for attr in element.attrs() {
        builder = builder.attr_ns(Ns::new(attr.ns()), attr.name(), &attr.value());
    }
    while let Some((parent, nodes)) = open.last_mut() {
        match nodes.next() {
            Some(Node::Text(text)) => {
                let text = text.value();
                let blank = text.trim_matches([' ', '\t', '\r', '\n']).is_empty();
                if !(blank && parent.children().next().is_some()) {
                    builder = builder.text(&text);
                }
            }
            Some(Node::Element(child)) => {
                builder = builder.open(Ns::new(child.ns()), child.name());
                for attr in child.attrs() {
                    builder = builder.attr_ns(Ns::new(attr.ns()), attr.name(), &attr.value());
                }
                open.push((child, child.nodes()));
            }
            None => {
                open.pop();
                if !open.is_empty() {
                    builder = builder.close();
                }
            }
        }
    }
    builder.build().ok()
}
