//! `cargo bench -p xmpp-bench --bench xml`: the subjects of ours that
//! `xmpp-bench -- xml` measures beside peers, a corpus a group, and sending.

#[path = "../src/xml/ours.rs"]
#[expect(dead_code, reason = "the other half is for callgrind")]
mod ours;
#[path = "../src/subject.rs"]
mod subject;

use std::fs;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use subject::Subject;
use xmpp_xml::{Framing, SendBuffer};

fn corpus(name: &str) -> String {
    let path = format!("{}/corpora/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn corpora(c: &mut Criterion) {
    for name in ["chat", "xep-stanzas", "bodies"] {
        let text = corpus(name);
        let mut group = c.benchmark_group(format!("xml/{name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        for Subject { name, mode, mut run } in ours::subjects(&text) {
            debug_assert_eq!(name, ours::NAME);
            group.bench_function(mode, |b| b.iter(&mut run));
        }
    }
}

/// Stanzas written, and sent a full segment at a time.
fn sending(c: &mut Criterion) {
    let stanzas = ours::stanzas(corpus("chat").as_bytes());
    let bytes: usize = stanzas.iter().map(|stanza| stanza.source().len()).sum();
    let mut group = c.benchmark_group("xml/send");
    group.throughput(Throughput::Bytes(bytes as u64));
    for (name, framing) in [("stream", Framing::Stream), ("websocket", Framing::WebSocket)] {
        let mut tx = SendBuffer::new(framing);
        group.bench_function(name, |b| {
            b.iter(|| {
                for stanza in &stanzas {
                    tx.write(stanza).expect("what was read");
                    if tx.len() > 1460 {
                        tx.sent(1460);
                    }
                }
                tx.len()
            });
        });
    }
}

fn brief() -> Criterion {
    Criterion::default()
        .sample_size(40)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = xml;
    config = brief();
    targets = corpora, sending
}
criterion_main!(xml);
