//! `cargo bench -p xmpp-bench --bench connection`: taking stanzas in, handing them
//! on, sending, and whole negotiations.

#[path = "../src/connection/ends.rs"]
#[expect(dead_code, reason = "the other half is for what idle connections hold")]
mod ends;
#[path = "../src/connection/work.rs"]
#[expect(dead_code, reason = "the other half is for the table")]
mod work;

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn stanzas(c: &mut Criterion) {
    let mut group = c.benchmark_group("connection/stanzas");
    for mut work in work::all() {
        group.throughput(Throughput::ElementsAndBytes {
            elements: work.stanzas as u64,
            bytes: work.bytes as u64,
        });
        group.bench_function(work.name, |b| b.iter(&mut work.run));
    }
}

fn negotiations(c: &mut Criterion) {
    let mut group = c.benchmark_group("connection/negotiation");
    for mut work in work::negotiations() {
        group.bench_function(work.name, |b| b.iter(&mut work.run));
    }
}

fn brief() -> Criterion {
    Criterion::default()
        .sample_size(40)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = connection;
    config = brief();
    targets = stanzas, negotiations
}
criterion_main!(connection);
