//! The half that judges clients, against clients that are known to be wrong.

use std::path::Path;
use std::process::Command;

/// Runs some cases against a command, and gives the verdict of each.
fn verdicts(cases: &str, command: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let out = Command::new(env!("CARGO_BIN_EXE_xmpp-conformance"))
        .args(["client", "--json", "--fail-on", "never", "--wait", "2", "--case", cases])
        .args(["--authority", &folder.join("authority").to_string_lossy(), "--command", command])
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines
        .filter_map(|line| {
            let word = |name: &str| line.get(name)?.as_str().map(str::to_owned);
            Some((word("id")?, word("verdict")?))
        })
        .collect()
}

/// A client that cannot log in refuses a wrong certificate, too. Nothing is learned of it.
#[test]
fn who_cannot_log_in_passes_nothing() {
    for (id, verdict) in verdicts("6120/13.7.2/*", "true") {
        assert_eq!(verdict, "error", "{id}");
    }
}
