//! Routing: ns and allocations for a stanza through the host, from the borrowed element to
//! the bytes for each recipient. There is no peer to run beside it: other servers do not
//! come without their sockets.

use std::time::Duration;

use serde_json::{Map, Value};
use xmpp_jid::{BareJid, DomainpartRef, LocalpartRef};
use xmpp_server::{Config, Host, Outbox, SessionId, UnixTime};
use xmpp_stanza::StreamCondition;
use xmpp_xml::{Element, WriteXml, Writer, ns};

use crate::{measure, report};

/// Routing: messages, presence and iq through the host.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Contacts of the user, each with one resource.
    #[arg(long, default_value_t = 100)]
    contacts: usize,
    /// Milliseconds.
    #[arg(long, default_value_t = 3000)]
    budget: u64,
}

/// Stanzas in a run.
const STANZAS: usize = 1000;

pub(crate) fn run(args: &Args, json: bool) {
    let cases = [
        (
            "message to a full JID",
            "<message to='c0@example.com/r' type='chat' id='m1'><body>Wherefore art thou?</body>\
             <active xmlns='http://jabber.org/protocol/chatstates'/></message>",
        ),
        (
            "message to a bare JID",
            "<message to='c0@example.com' type='chat' id='m1'><body>Wherefore art thou?</body>\
             <active xmlns='http://jabber.org/protocol/chatstates'/></message>",
        ),
        (
            "ping to the server",
            "<iq to='example.com' id='p1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
        ),
        ("presence broadcast", "<presence><show>away</show><status>back soon</status></presence>"),
    ];
    let mut rows = Vec::new();
    for (name, stanza) in cases {
        let mut host = host(args.contacts);
        let stream =
            Element::parse(format!("<stream xmlns='jabber:client'>{stanza}</stream>")).unwrap();
        let mut wire = Wire::default();
        let mut work = || {
            let stanza = stream.children().next().unwrap();
            for _ in 0..STANZAS {
                wire.bytes.clear();
                host.handle_stanza(UnixTime::default(), SENDER, stanza, &mut wire).unwrap();
            }
            wire.bytes.len() as u64
        };
        let budget = Duration::from_millis(args.budget / cases.len() as u64);
        let cost = measure::compare(&mut [&mut work], budget)[0];
        let round = |x: f64| (x * 100.0).round() / 100.0;
        rows.push(Map::from_iter([
            ("stanza".into(), Value::from(name)),
            ("contacts".into(), Value::from(args.contacts)),
            ("ns".into(), Value::from(round(cost.time.as_nanos() as f64 / STANZAS as f64))),
            ("allocations".into(), Value::from(round(cost.allocations as f64 / STANZAS as f64))),
        ]));
    }
    report::print(&rows, json);
}

const SENDER: SessionId = SessionId(u64::MAX);

/// A user whose contacts are all subscribed and available.
fn host(contacts: usize) -> Host {
    let mut host = Host::new(DomainpartRef::new("example.com").unwrap(), 1, Config::default());
    let mut wire = Wire::default();
    let bind = |host: &mut Host, id, name: &str| -> BareJid {
        let account = host.add_account(LocalpartRef::new(name).unwrap());
        let now = UnixTime::default();
        host.session_bound(now, id, &account, Some("r"), [0; 16], &mut Wire::default()).unwrap();
        account
    };
    bind(&mut host, SENDER, "user");
    let mut send = |host: &mut Host, id, stanza: &str| {
        let stream =
            Element::parse(format!("<stream xmlns='jabber:client'>{stanza}</stream>")).unwrap();
        let stanza = stream.children().next().unwrap();
        host.handle_stanza(UnixTime::default(), id, stanza, &mut wire).unwrap();
    };
    send(&mut host, SENDER, "<presence/>");
    for n in 0..contacts {
        let id = SessionId(n as u64);
        let contact = bind(&mut host, id, &format!("c{n}"));
        send(&mut host, id, "<presence/>");
        send(&mut host, id, "<presence to='user@example.com' type='subscribe'/>");
        send(&mut host, SENDER, &format!("<presence to='{contact}' type='subscribed'/>"));
    }
    host
}

/// All streams in one buffer.
#[derive(Default)]
struct Wire {
    bytes: Vec<u8>,
}

impl Outbox for Wire {
    fn send(&mut self, _: SessionId, stanza: &dyn WriteXml) {
        let mut writer = Writer::in_stream(&mut self.bytes, ns::CLIENT);
        stanza.write_xml(&mut writer);
        writer.finish().unwrap();
    }

    fn close(&mut self, _: SessionId, _: StreamCondition) {}
}
