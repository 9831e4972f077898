//! `cargo bench -p xmpp-bench --bench jid`: making addresses of their texts, by
//! what the texts need.

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use xmpp_jid::{Jid, JidRef};

fn lines(name: &str) -> Vec<String> {
    let path = format!("{}/corpora/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.split('\n').filter(|line| !line.is_empty()).map(Into::into).collect()
}

fn addresses(c: &mut Criterion) {
    let (ascii, other): (Vec<_>, Vec<_>) = lines("jids").into_iter().partition(|l| l.is_ascii());
    let (canonical, mapped): (Vec<_>, Vec<_>) =
        ascii.into_iter().partition(|line| JidRef::new(line).is_ok());
    let invalid = lines("jids-invalid");
    let invalid = invalid.iter().filter_map(|line| Some(line.split_once('\t')?.1.into())).collect();
    for (class, lines) in [
        ("canonical", canonical),
        ("case to map", mapped),
        ("beyond ASCII", other),
        ("invalid", invalid),
    ] {
        let mut group = c.benchmark_group(format!("jid/{class}"));
        group.throughput(Throughput::Elements(lines.len() as u64));
        group.bench_function("owned", |b| {
            b.iter(|| lines.iter().filter(|line| Jid::new(black_box(line)).is_ok()).count());
        });
        group.bench_function("borrowed", |b| {
            b.iter(|| lines.iter().filter(|line| JidRef::new(black_box(line)).is_ok()).count());
        });
        let jids: Vec<Jid> = lines.iter().filter_map(|line| Jid::new(line).ok()).collect();
        if !jids.is_empty() {
            group.bench_function("clone", |b| {
                b.iter(|| jids.iter().filter(|jid| !(*jid).clone().as_str().is_empty()).count());
            });
        }
    }
}

fn brief() -> Criterion {
    Criterion::default()
        .sample_size(40)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = jid;
    config = brief();
    targets = addresses
}
criterion_main!(jid);
