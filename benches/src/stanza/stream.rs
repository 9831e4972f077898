//! tokio-xmpp's stream, over memory: the pipe that its client and its components are
//! made of.

use std::io;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{BufReader, Join, join};
use tokio::runtime::{Builder, Runtime};
use tokio_xmpp::xmlstream::{StreamHeader, Timeouts, XmlStream, initiate_stream};
use xmpp_parsers::stanza::Stanza;

use super::corpus::{Corpus, Seen};
use super::parsers;
use crate::subject::Subject;

const NAME: &str = "tokio-xmpp";

type Memory<'m> = Join<&'m [u8], &'m mut Vec<u8>>;

pub(super) fn read(corpus: &Corpus) -> Subject<'_> {
    let runtime = runtime();
    Subject::new(NAME, "stream to values", move || {
        each(&runtime, corpus, |stanza| parsers::look(&stanza).sum())
    })
}

pub(super) fn read_payloads(corpus: &Corpus) -> Subject<'_> {
    let runtime = runtime();
    Subject::new(NAME, "stream to values and payloads", move || {
        each(&runtime, corpus, |stanza| {
            let seen: Seen = parsers::look(&stanza);
            seen.sum() + parsers::payloads(stanza).expect("payloads")
        })
    })
}

pub(super) fn write(corpus: &Corpus) -> Subject<'_> {
    let runtime = runtime();
    let mut out = Vec::new();
    Subject::new(NAME, "values into its stream", move || {
        out.clear();
        runtime.block_on(async {
            let mut stream = open(&corpus.stream, &mut out).await.expect("a header");
            for stanza in &corpus.parsers {
                stream.feed(stanza).await.expect("to memory");
            }
            SinkExt::<&Stanza>::flush(&mut stream).await.expect("to memory");
        });
        out.len() as u64
    })
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

async fn open<'m>(
    bytes: &'m [u8],
    out: &'m mut Vec<u8>,
) -> io::Result<XmlStream<BufReader<Memory<'m>>, Stanza>> {
    let header = StreamHeader::default();
    let io = BufReader::new(join(bytes, out));
    Ok(initiate_stream(io, "jabber:client", header, Timeouts::default()).await?.skip_features())
}

fn each(runtime: &Runtime, corpus: &Corpus, mut each: impl FnMut(Stanza) -> u64) -> u64 {
    runtime.block_on(async {
        let mut out = Vec::new();
        let mut stream = open(&corpus.stream, &mut out).await.expect("a header");
        let mut sum = 0;
        for _ in 0..corpus.len() {
            sum += each(stream.next().await.expect("a stanza").expect("a stanza"));
        }
        sum
    })
}
