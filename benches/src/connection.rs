//! Connections: bytes that an idle one holds, time and allocations for a stanza
//! and for coming to terms. There is no peer to run beside it: other libraries
//! do not come without their sockets and tasks.

mod ends;
mod idle;
mod login;
mod work;

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{measure, report};

/// Connections: idle bytes, stanzas in and on, negotiation.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Milliseconds.
    #[arg(long, default_value_t = 6000)]
    budget: u64,
}

pub(crate) fn run(args: &Args, json: bool) {
    heading(json, "Bytes that one end holds, established and idle");
    report::print(&idle::rows(), json);
    let mut works = work::all();
    let mut runs: Vec<&mut dyn FnMut() -> u64> =
        works.iter_mut().map(|work| &mut *work.run as &mut dyn FnMut() -> u64).collect();
    let costs = measure::compare(&mut runs, Duration::from_millis(args.budget / 2));
    let rows: Vec<_> = works
        .iter()
        .zip(costs)
        .map(|(work, cost)| {
            let each = |total: f64| round(total / work.stanzas as f64);
            Map::from_iter([
                ("work".into(), Value::from(work.name)),
                ("ns_a_stanza".into(), each(cost.time.as_nanos() as f64)),
                ("allocations_a_stanza".into(), each(cost.allocations as f64)),
                ("mb_per_s".into(), round(work.bytes as f64 / cost.time.as_secs_f64() / 1e6)),
            ])
        })
        .collect();
    heading(json, "Stanzas of the chat corpus");
    report::print(&rows, json);
    let mut works = work::negotiations();
    let mut runs: Vec<&mut dyn FnMut() -> u64> =
        works.iter_mut().map(|work| &mut *work.run as &mut dyn FnMut() -> u64).collect();
    let costs = measure::compare(&mut runs, Duration::from_millis(args.budget / 2));
    let rows: Vec<_> = works
        .iter()
        .zip(costs)
        .map(|(work, cost)| {
            Map::from_iter([
                ("negotiation".into(), Value::from(work.name)),
                ("us".into(), round(cost.time.as_nanos() as f64 / 1e3)),
                ("allocations".into(), Value::from(cost.allocations)),
                ("flights".into(), Value::from(work.flights)),
            ])
        })
        .collect();
    heading(json, "Negotiation, both ends");
    report::print(&rows, json);
    let mut logins = login::all();
    let mut runs: Vec<&mut dyn FnMut() -> u64> =
        logins.iter_mut().map(|login| &mut *login.run as &mut dyn FnMut() -> u64).collect();
    let costs = measure::compare(&mut runs, Duration::from_millis(args.budget / 2));
    let rows: Vec<_> = logins
        .iter()
        .zip(costs)
        .map(|(login, cost)| {
            Map::from_iter([
                ("login".into(), Value::from(login.name)),
                ("flights".into(), Value::from(login.cost.flights)),
                ("bytes_client".into(), Value::from(login.cost.from_client)),
                ("bytes_server".into(), Value::from(login.cost.from_server)),
                ("us".into(), round(cost.time.as_nanos() as f64 / 1e3)),
                ("allocations".into(), Value::from(cost.allocations)),
            ])
        })
        .collect();
    heading(json, "Logins behind TLS: SASL2, Bind 2 and FAST beside RFC 6120");
    report::print(&rows, json);
}

fn round(x: f64) -> Value {
    Value::from((x * 100.0).round() / 100.0)
}

fn heading(json: bool, text: &str) {
    if !json {
        println!("\n{text}\n");
    }
}
