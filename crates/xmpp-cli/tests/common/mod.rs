//! Runs the program.

#![allow(dead_code, reason = "each test file uses some of it")]

pub(crate) mod server;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub(crate) const XMPP: &str = env!("CARGO_BIN_EXE_xmpp");

/// Runs it with these arguments and this standard input.
pub(crate) fn xmpp(arguments: &[&str], input: &str) -> Output {
    let mut program = Command::new(XMPP)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that reads nothing has closed it already.
    let _ = program.stdin.take().unwrap().write_all(input.as_bytes());
    program.wait_with_output().unwrap()
}

pub(crate) fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

pub(crate) fn stderr(output: &Output) -> &str {
    str::from_utf8(&output.stderr).unwrap()
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_str(stdout(output)).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}
