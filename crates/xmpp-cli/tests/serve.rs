//! `xmpp serve` as its operator starts it.

#![cfg(target_os = "linux")]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Whoever starts it has a limit of 200 open files, and may have more: all of the
/// connections that are configured fit.
#[test]
fn the_limit_of_open_files_is_raised() {
    let mut server = Command::new("sh")
        .args(["-c", "ulimit -Sn 200; exec \"$0\" \"$@\"", common::XMPP, "serve"])
        .args(["--domain", "x.test", "--listen", "127.0.0.1:0", "--max-connections", "400"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(ready.starts_with("serving x.test"), "{ready}");
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let mut limits = files.split_whitespace().filter_map(|word| word.parse::<u64>().ok());
    let (soft, hard) = (limits.next().unwrap(), limits.next().unwrap_or(u64::MAX));
    assert!(soft >= 464.min(hard), "{files}");
}
