//! One address: a connection, TLS, and what is offered before and after.

use core::net::SocketAddr;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use xmpp_core::config::TlsMode;
use xmpp_core::federation::AddressPolicy;
use xmpp_core::session::discovery::Place;

use super::certificate::server_name;
use super::search::mode;
use super::stream::Stream;
use super::{Kind, Probe};
use crate::out;

/// Visits it, and says what there was, and whether it would be taken.
pub(super) async fn visit(probe: &Probe, kind: Kind, place: &Place, address: SocketAddr) -> Value {
    let mut seen = json!({
        "kind": "visit", "service": kind.name(),
        "place": out::message(&place.to_string()), "address": address.to_string(),
        "public": AddressPolicy::public().check(address.ip()).is_ok(),
        "tls": mode(place.tls),
        "connected_ms": null, "before_tls": null, "handshake": null, "certificate": null,
        "after_tls": null,
    });
    let outcome = negotiate(probe, kind, place, address, &mut seen).await;
    seen["verdict"] = if outcome.is_ok() { "taken" } else { "refused" }.into();
    seen["why"] = outcome.err().map(|why| out::message(&why)).into();
    seen
}

async fn negotiate(
    probe: &Probe,
    kind: Kind,
    place: &Place,
    address: SocketAddr,
    seen: &mut Value,
) -> Result<(), String> {
    let begun = Instant::now();
    let socket = match tokio::time::timeout(probe.patience, TcpStream::connect(address)).await {
        Err(_) => return Err("no connection in time".into()),
        Ok(socket) => socket.map_err(|error| format!("cannot connect: {error}"))?,
    };
    seen["connected_ms"] = (begun.elapsed().as_secs_f64() * 1000.0).into();
    let from = probe.from.as_ref();
    let socket = if place.tls == TlsMode::Direct {
        socket
    } else {
        let mut stream = Stream::new(socket, probe.patience);
        let offered = stream
            .open(kind, &probe.domain, from)
            .await
            .map_err(|error| format!("before TLS: {error}"))?;
        seen["before_tls"] = offered.shown;
        if !offered.starttls {
            stream.close().await;
            return Err("TLS is not offered".into());
        }
        stream.start_tls().await?
    };
    let tls = handshake(probe, kind, place, socket).await?;
    let problem = {
        let (_, connection) = tls.get_ref();
        seen["handshake"] = json!({
            "version": connection.protocol_version().map(|version| format!("{version:?}")),
            "cipher": connection
                .negotiated_cipher_suite()
                .map(|suite| format!("{:?}", suite.suite())),
            "alpn": connection.alpn_protocol().map(|name| {
                out::message(&String::from_utf8_lossy(name))
            }),
        });
        let chain = connection.peer_certificates().unwrap_or_default();
        let judged = probe.trust.judge(chain, &probe.domain, kind);
        seen["certificate"] = judged.shown;
        judged.problem
    };
    let mut stream = Stream::new(tls, probe.patience);
    let offered = stream.open(kind, &probe.domain, from).await;
    stream.close().await;
    let authentication = match offered {
        Ok(offered) => {
            seen["after_tls"] = offered.shown;
            offered.authentication
        }
        Err(error) if problem.is_none() => return Err(format!("after TLS: {error}")),
        Err(_) => true,
    };
    match problem {
        Some(problem) => Err(problem),
        None if !authentication => Err("there is no way to authenticate".into()),
        None => Ok(()),
    }
}

async fn handshake(
    probe: &Probe,
    kind: Kind,
    place: &Place,
    socket: TcpStream,
) -> Result<TlsStream<TcpStream>, String> {
    let alpn = match kind {
        Kind::Client => "xmpp-client",
        Kind::Server => "xmpp-server",
    };
    let config = probe.trust.tls((place.tls == TlsMode::Direct).then_some(alpn));
    let name = server_name(&probe.domain)?;
    let shaking = TlsConnector::from(config).connect(name, socket);
    match tokio::time::timeout(probe.patience, shaking).await {
        Err(_) => Err("no TLS in time".into()),
        Ok(done) => done.map_err(|error| format!("TLS: {error}")),
    }
}
