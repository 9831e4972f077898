//! What an idle connection holds. It is dropped, and what the heap is smaller by
//! was its own; configurations are shared and not counted.

use core::time::Duration;

use serde_json::{Map, Value};
use xmpp_core::config::TlsMode;
use xmpp_core::role::Role;
use xmpp_core::stanza::{Message, MessageType};
use xmpp_core::time::Instant;
use xmpp_core::{Client, Endpoint, Event, Output, Server};

use super::ends::{Shared, T0, carry};
use crate::measure::live_bytes;

/// Bytes of message bodies each way.
const BURST: usize = 1 << 20;

pub(crate) fn rows() -> Vec<Map<String, Value>> {
    let plain = Shared::new(TlsMode::DangerousPlaintext);
    let tls = Shared::new(TlsMode::StartTls);
    let mut pair = plain.engines();
    pair.initiating.release();
    pair.receiving.release();
    let mut rows = vec![
        row("engine: ClientToServer", 2048, pair.initiating),
        row("engine: ServerFromClient", 2048, pair.receiving),
    ];
    let mut pair = plain.component_engines();
    pair.initiating.release();
    pair.receiving.release();
    rows.push(row("engine: ComponentToServer", 2048, pair.initiating));
    rows.push(row("engine: ServerFromComponent", 2048, pair.receiving));
    let mut pair = plain.peer_engines(false);
    pair.initiating.release();
    pair.receiving.release();
    rows.push(row("engine: ServerToServer", 2048, pair.initiating));
    rows.push(row("engine: ServerFromServer", 2048, pair.receiving));
    for (name, burst) in [("before a burst", false), ("after a burst", true)] {
        let pair = tls.endpoints();
        let (mut client, mut server, mut now) = (pair.initiating, pair.receiving, T0);
        if burst {
            exchange(&mut client, &mut server);
        }
        // One quiet period.
        now = now.saturating_add(Duration::from_secs(10));
        settle(&mut client, now);
        settle(&mut server, now);
        rows.push(row(&format!("endpoint under TLS, {name}: client"), 10_240, client));
        rows.push(row(&format!("endpoint under TLS, {name}: server"), 10_240, server));
    }
    let pair = tls.peers();
    let (mut out, mut inn) = (pair.initiating, pair.receiving);
    let now = T0.saturating_add(Duration::from_secs(10));
    settle(&mut out, now);
    settle(&mut inn, now);
    rows.push(row("endpoint under TLS: outbound peer", 10_240, out));
    rows.push(row("endpoint under TLS: inbound peer", 10_240, inn));
    let (client, server) = tls.sessions();
    rows.push(row("of these rustls: client", 10_240, client));
    rows.push(row("of these rustls: server", 10_240, server));
    let pair = plain.component_endpoints();
    let (mut component, mut server) = (pair.initiating, pair.receiving);
    let now = T0.saturating_add(Duration::from_secs(10));
    settle(&mut component, now);
    settle(&mut server, now);
    rows.push(row("endpoint: component", 2048, component));
    rows.push(row("endpoint: server of a component", 2048, server));
    rows
}

fn row<T>(name: &str, aim: u64, one: T) -> Map<String, Value> {
    let own = size_of::<T>() as u64;
    let before = live_bytes();
    drop(one);
    let heap = before.wrapping_sub(live_bytes());
    Map::from_iter([
        ("end".into(), Value::from(name)),
        ("own".into(), Value::from(own)),
        ("heap".into(), Value::from(heap)),
        ("bytes".into(), Value::from(own + heap)),
        ("aim".into(), Value::from(aim)),
        ("met".into(), Value::from(own + heap <= aim)),
    ])
}

/// 1 MiB each way, in messages of 1 KiB.
fn exchange(client: &mut Client, server: &mut Server) {
    let message = Message::builder(MessageType::Chat).with_body("x".repeat(1024));
    let (mut sent, mut seen) = (0, [0; 2]);
    while seen[0] < BURST || seen[1] < BURST {
        while sent < BURST && client.backlog() < 128 << 10 {
            client.send(&message).unwrap();
            server.send(&message).unwrap();
            sent += 1024;
        }
        carry(client, server, T0, |_, event| {
            seen[0] += if matches!(event, Event::Stanza(_)) { 1024 } else { 0 };
        });
        carry(server, client, T0, |_, event| {
            seen[1] += if matches!(event, Event::Stanza(_)) { 1024 } else { 0 };
        });
    }
}

/// A driver that has nothing to read.
fn settle<R: Role>(endpoint: &mut Endpoint<R>, now: Instant) {
    loop {
        match endpoint.poll(now).unwrap() {
            Output::Event(_) | Output::Shutdown => {}
            Output::Transmit(bytes) => {
                let n = bytes.len();
                endpoint.transmitted(n);
            }
            Output::Wait(_) | Output::Closed => return,
        }
    }
}
