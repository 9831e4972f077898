//! What the program says where it cannot begin.

use std::net::TcpListener;
use std::process::{Command, Output};
use std::thread;

/// An address where nothing listens any more.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn suite(options: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_xmpp-conformance");
    Command::new(program).args(["server", "--domain", "x.test"]).args(options).output().unwrap()
}

fn refused(output: &Output, option: &str, address: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(output.stdout, b"", "cases were run");
    assert!(said.starts_with(&format!("xmpp-conformance: {option} {address}: ")), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_server_that_is_not_there_is_one_message() {
    let address = nowhere();
    refused(&suite(&["--target", &address]), "--target", &address);
}

#[test]
fn a_port_of_it_that_is_not_there_is_one_message() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let there = listener.local_addr().unwrap().to_string();
    let address = nowhere();
    for option in ["--direct-tls", "--s2s-target"] {
        refused(&suite(&["--target", &there, option, &address]), option, &address);
    }
    let component = format!("{address},echo.x.test,secret");
    refused(&suite(&["--target", &there, "--component", &component]), "--component", &address);
}

#[test]
fn a_name_that_does_not_exist_is_one_message() {
    refused(&suite(&["--target", "nowhere.invalid:5222"]), "--target", "nowhere.invalid:5222");
}

#[test]
fn an_address_without_a_port_is_one_message() {
    refused(&suite(&["--target", "x.test"]), "--target", "x.test");
}

/// Whoever limits connections a second closes them: that is one thing to say, not a hundred.
#[test]
fn an_error_that_many_cases_have_is_said_once_more_behind_the_totals() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || listener.incoming().for_each(drop));
    let accounts = ["--account", "a@x.test:secret", "--account", "b@x.test:secret"];
    let output = suite(&[&["--target", &address, "--case", "XEP-0199/*"], &accounts[..]].concat());
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let behind = said.split(" cases, 0 passed, ").nth(1).unwrap_or_default();
    assert!(
        behind.contains(" cases ended with one and the same error: opening a stream: "),
        "{said}"
    );
}
