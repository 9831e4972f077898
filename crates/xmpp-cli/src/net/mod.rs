//! Sockets, names and certificates: what the blocks leave to the program.

pub(crate) mod bound;
pub(crate) mod certificates;
pub(crate) mod client;
pub(crate) mod link;
pub(crate) mod names;
pub(crate) mod online;
pub(crate) mod place;
pub(crate) mod requests;
pub(crate) mod tokens;
mod transport;
pub(crate) mod websocket;

use std::process::ExitCode;

use serde_json::Value;

use self::client::Failure;
use crate::out;

/// 32 bytes from the system's generator: the seed of a connection.
pub(crate) fn seed() -> [u8; 32] {
    random()
}

/// Bytes from the system's generator.
///
/// # Panics
///
/// If the operating system has no randomness to give; nothing secure can be done then.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Runs a command that needs sockets.
///
/// # Panics
///
/// If the operating system has no threads to give.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the operating system gives threads")
        .block_on(work)
}

/// Prints what became of a client's command, for people or for programs.
pub(crate) fn report(
    command: &str,
    json: bool,
    outcome: Result<(Value, String), Failure>,
) -> ExitCode {
    let who = format!("xmpp {command}");
    let (value, status) = match outcome {
        Ok((value, text)) => {
            let good = value["ok"] == true;
            let status = ExitCode::from(u8::from(!good));
            if !json && good {
                return out::ended(&who, out::line(out::shown(&text)), status);
            }
            if !json {
                out::error(&who, text);
                return status;
            }
            (value, status)
        }
        Err(failure) => {
            let status = ExitCode::from(if failure.error == "usage" { 2 } else { 1 });
            if !json {
                out::error(&who, format!("{}: {}", failure.error, failure.message));
                return status;
            }
            (failure.to_json(), status)
        }
    };
    out::ended(&who, out::line(out::json(&value)), status)
}
