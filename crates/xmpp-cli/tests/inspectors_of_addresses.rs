//! The vectors of `conformance/vectors/`, through the pipe: a vector is an
//! answer with its request, so that a program in any language can do the same.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, thread};

use serde_json::Value;

/// Sends each line of each file in a folder of vectors, and returns the vectors
/// with the answers.
fn through_the_pipe(command: &str, folder: &str) -> Vec<(Value, Value)> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/vectors").join(folder);
    let requests: String = fs::read_dir(folder)
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let mut program = Command::new(env!("CARGO_BIN_EXE_xmpp"))
        .args([command, "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = program.stdin.take().unwrap();
    let sent = requests.clone();
    let feeder = thread::spawn(move || stdin.write_all(sent.as_bytes()));
    let output = program.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).unwrap();
    let parse = |line| serde_json::from_str::<Value>(line).unwrap();
    let pairs: Vec<_> = requests.lines().map(parse).zip(answers.lines().map(parse)).collect();
    assert_eq!(pairs.len(), requests.lines().count());
    pairs
}

#[test]
fn jid_answers_what_the_vectors_say() {
    for (vector, answer) in through_the_pipe("jid", "jid") {
        for key in ["ok", "jid", "local", "domain", "resource", "part", "error"] {
            assert_eq!(answer[key], vector[key], "{vector} {answer}");
        }
    }
}

#[test]
fn precis_answers_what_the_vectors_say() {
    for (vector, answer) in through_the_pipe("precis", "precis") {
        for key in ["ok", "output", "error", "equal"] {
            assert_eq!(answer[key], vector[key], "{vector} {answer}");
        }
    }
}
